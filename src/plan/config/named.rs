//! Choices with constants of their own: a name, or a table of the name and the constants that differ from their defaults.

use super::range::{Finite, Positive};
use schemars::{JsonSchema, Schema};
use serde::de::value::{EnumAccessDeserializer, MapAccessDeserializer, MapDeserializer};
use serde::de::{self, DeserializeSeed, Deserializer, EnumAccess, MapAccess, VariantAccess, Visitor};
use serde::ser::{self, SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// A function f of two variables to minimise, each from its own start.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(remote = "Surface", rename_all = "snake_case", deny_unknown_fields)]
#[schemars(tag = "name", transform = or_name_alone)]
pub enum Surface {
    /// x²/20 + y² from (−7, 2): the chapter's stretched bowl.
    Bowl {},
    /// (x² + condition·y²)/2 from (−7, 2), turned anticlockwise by an angle (the start stays).
    Quadratic {
        /// How many times as curved along y as along x.
        #[schemars(example = 20.0)]
        condition: Positive,
        /// In degrees; 0 if it is left out.
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

    /// An angle of 0 is left out of files, so that trials from before there was an angle keep their ids.
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

/// A choice, read and written as serde derives it: `{ adam = { beta_1 = 0.5 } }`.
pub(super) trait Choice: Sized {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

/// Lets a choice be read by [`name_or_table`] and written by the function that is given. Its derived `deserialize` and
/// `serialize` have to be its own, as `#[serde(remote = "…")]` makes them.
macro_rules! by_name {
    ($Choice:ident, $written:path) => {
        impl $crate::plan::config::named::Choice for $Choice {
            fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $Choice::deserialize(deserializer)
            }

            fn write<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $Choice::serialize(self, serializer)
            }
        }

        impl serde::Serialize for $Choice {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $written(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $Choice {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::plan::config::named::name_or_table(deserializer)
            }
        }
    };
}
pub(super) use by_name;

by_name!(Surface, as_table);

/// Writes a choice as a table of its name and its constants.
pub(super) fn as_table<T: Choice, S: Serializer>(choice: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let (name, constants) = parts(choice)?;
    let mut table = serializer.serialize_map(Some(1 + constants.len()))?;
    table.serialize_entry("name", &name)?;
    for (key, value) in &constants {
        // `None`, not null: TOML leaves it out.
        table.serialize_entry(key, &(!value.is_null()).then_some(value))?;
    }
    table.end()
}

/// Writes a choice without constants as its name alone, and any other as a table.
pub(super) fn as_name_or_table<T: Choice, S: Serializer>(choice: &T, serializer: S) -> Result<S::Ok, S::Error> {
    match parts(choice)? {
        (name, constants) if constants.is_empty() => name.serialize(serializer),
        _ => as_table(choice, serializer),
    }
}

/// The name of a choice, and its constants.
fn parts<T: Choice, E: ser::Error>(choice: &T) -> Result<(String, Map<String, Value>), E> {
    let variant = choice.write(serde_json::value::Serializer).and_then(serde_json::from_value).map_err(E::custom)?;
    let variant: BTreeMap<String, Map<String, Value>> = variant;
    variant.into_iter().next().ok_or_else(|| E::custom("no choice is made"))
}

/// Reads `"adam"` as well as `{ name = "adam", beta_1 = 0.5 }`. The name has to be the first key, which it is in all
/// that this program writes and in whatever `study` hands over: so no constant has to be buffered until its type is
/// known, and a mistake in one is reported at its own position.
pub(super) fn name_or_table<'de, T: Choice, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct NameOrTable<T>(PhantomData<T>);

    impl<'de, T: Choice> Visitor<'de> for NameOrTable<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("a name, or a table with a name")
        }

        fn visit_str<E: de::Error>(self, name: &str) -> Result<T, E> {
            self.visit_map(MapDeserializer::new(std::iter::once(("name", name))))
        }

        fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<T, A::Error> {
            match table.next_key::<String>()?.as_deref() {
                Some("name") => T::read(EnumAccessDeserializer::new(Named(table))),
                _ => Err(de::Error::missing_field("name")),
            }
        }
    }
    deserializer.deserialize_any(NameOrTable(PhantomData))
}

/// A table whose first value, its name, decides the types of the others.
struct Named<A>(A);

impl<'de, A: MapAccess<'de>> EnumAccess<'de> for Named<A> {
    type Error = A::Error;
    type Variant = Named<A>;

    fn variant_seed<V: DeserializeSeed<'de>>(mut self, seed: V) -> Result<(V::Value, Named<A>), A::Error> {
        Ok((self.0.next_value_seed(seed)?, self))
    }
}

impl<'de, A: MapAccess<'de>> VariantAccess<'de> for Named<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        <()>::deserialize(MapAccessDeserializer::new(self.0))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        seed.deserialize(MapAccessDeserializer::new(self.0))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_map(self.0)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_map(self.0)
    }
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
