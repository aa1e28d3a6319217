//! Choices with constants of their own: a name, or a table of the name and the constants that differ from their defaults.

use super::range::{Finite, Positive};
use schemars::{JsonSchema, Schema};
use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{self, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::ser::{self, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;
use std::marker::PhantomData;

/// A function f of two variables to go down on, each from its own start.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
#[schemars(transform = or_name_alone)]
pub enum Surface {
    /// x²/20 + y² from (−7, 2): the chapter's stretched bowl.
    Bowl {},
    /// (x² + condition·y²)/2 from (−7, 2), turned anticlockwise by so many degrees (the start stays).
    Quadratic {
        /// How many times as steep along y as along x.
        condition: Positive,
        /// In degrees.
        #[serde(default = "Surface::upright", skip_serializing_if = "Surface::is_upright")]
        angle: Finite,
    },
    /// (1 − x)² + 100(y − x²)² from (−1.2, 1): a bent valley (Rosenbrock 1960).
    Rosenbrock {},
    /// (1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)² from (1, 1) (Beale 1958).
    Beale {},
    /// (x² + y − 11)² + (x + y² − 7)² from (0, 0): four minima (Himmelblau 1972).
    Himmelblau {},
    /// x² − y² from (−2, 0.01): no minimum.
    Saddle {},
    /// 20 + x² − 10 cos 2πx + y² − 10 cos 2πy from (2.3, −1.7): many minima (Rastrigin 1974).
    Rastrigin {},
}

impl Surface {
    fn upright() -> Finite {
        Finite(0.0)
    }

    /// Left out of files, so that it is the same surface as before there was an angle.
    fn is_upright(angle: &Finite) -> bool {
        angle.get() == 0.0
    }
}

impl Surface {
    /// Whether its Hessian is the same everywhere.
    pub fn is_quadratic(self) -> bool {
        matches!(self, Surface::Bowl {} | Surface::Quadratic { .. } | Surface::Saddle {})
    }
}

/// Writes what has no constants as its name alone, and all else as a table.
pub(super) fn as_name_or_table<T: Serialize, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let table = serde_json::to_value(value).map_err(ser::Error::custom)?;
    match table.as_object() {
        Some(constants) if constants.len() == 1 => constants.get("name").serialize(serializer),
        _ => table.serialize(serializer),
    }
}

/// Reads `"adam"` as well as `{ name = "adam", beta_1 = 0.5 }` into a type that is tagged by `name`.
pub(super) fn name_or_table<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct NameOrTable<T>(PhantomData<T>);

    impl<'de, T: DeserializeOwned> Visitor<'de> for NameOrTable<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("a name, or a table with a name")
        }

        fn visit_str<E: de::Error>(self, name: &str) -> Result<T, E> {
            T::deserialize(MapDeserializer::new([("name", name)].into_iter()))
        }

        fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(table))
        }
    }
    deserializer.deserialize_any(NameOrTable(PhantomData))
}

/// Lets the schema of a type that is tagged by `name` take a name alone wherever no other constant is required.
pub(super) fn or_name_alone(schema: &mut Schema) {
    let Some(Value::Array(tables)) = schema.get_mut("oneOf") else { return };
    let alone = |table: &Value| {
        let name = table.pointer("/properties/name/const")?;
        let needs_more = table["required"].as_array()?.len() > 1;
        (!needs_more).then(|| json!({ "type": "string", "const": name, "description": table["description"] }))
    };
    let names: Vec<Value> = tables.iter().filter_map(alone).collect();
    tables.splice(0..0, names);
}
