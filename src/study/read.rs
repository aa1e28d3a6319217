//! Reading values of a study into any type that serde can make, with the position of whatever is wrong.
//!
//! The type that is read says what it expected; the innermost value or key that it rejected says where.

use super::mistake::{Mistake, without_quotes};
use super::schema;
use crate::plan::config::Config;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;
use toml::Spanned;
use toml::de::{DeFloat, DeInteger, DeString, DeTable, DeValue};

/// A value with the place it stands at.
pub(super) type Value<'a> = Spanned<DeValue<'a>>;

type Result<T> = std::result::Result<T, Mistake>;

/// Reads a value.
pub(super) fn value<'de, T: Deserialize<'de>>(value: &Value) -> Result<T> {
    T::deserialize(ValueReader(value))
}

/// Reads the keys and values of a table. A mistake in a value says which key it belongs to.
pub(super) fn entries<'de, T: Deserialize<'de>>(table: &DeTable) -> Result<T> {
    T::deserialize(MapAccessDeserializer::new(TableReader::new(table))).map_err(Mistake::with_path)
}

/// Reads one key of a configuration with its value: no other key has a say in whether it can be read.
pub(super) fn alone<'a>(key: &Spanned<DeString<'a>>, value: &Value<'a>) -> Result<Config> {
    entries(&DeTable::from_iter([(key.clone(), value.clone())]))
}

struct ValueReader<'r, 'a>(&'r Value<'a>);

impl ValueReader<'_, '_> {
    fn wrong(&self, expected: &str) -> Mistake {
        let mistake = Mistake::at(self.0.span(), format!("expected {expected}, found {}", found(self.0)));
        match self.0.get_ref().as_str().and_then(without_quotes) {
            Some(help) => mistake.help(help),
            None => mistake,
        }
    }

    /// Shows the whole form of a choice in which something is missing.
    fn with_form(&self, mut mistake: Mistake) -> Mistake {
        let Some(missing) = mistake.take_missing() else { return mistake };
        let form = match self.0.get_ref() {
            DeValue::String(name) => schema::form(Some(name), &[missing]),
            DeValue::Table(table) => {
                let keys: Vec<&str> = table.keys().map(|key| key.get_ref().as_ref()).collect();
                match table.get("name").and_then(|name| name.get_ref().as_str()) {
                    Some(name) => schema::form(Some(name), &[missing]),
                    None => schema::form(None, &keys).or_else(|| schema::form(keys.first().copied(), &[])),
                }
            }
            _ => None,
        };
        match form {
            Some(form) => mistake.help(format!("write it as {form}")),
            None => mistake,
        }
    }

    /// Of a choice that has no `name`, a table with one.
    fn named(&self, table: &DeTable) -> Option<Mistake> {
        let name = table.get("name")?.get_ref().as_str()?.to_owned();
        let (message, help) = match table.len() {
            1 => ("here the name stands alone", format!("write \"{name}\"")),
            _ => ("here the name is the key of its value", format!("write {{ {name} = 0.01 }}")),
        };
        Some(Mistake::at(self.0.span(), message).help(help))
    }

    fn too_large(&self) -> Mistake {
        Mistake::at(self.0.span(), "this number is too large")
    }
}

/// A value as a message calls it.
fn found(value: &Value) -> String {
    match value.get_ref() {
        DeValue::String(text) => format!("the text {text:?}"),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(_) => "a date or a time".into(),
        DeValue::Array(_) => "a list".into(),
        DeValue::Table(_) => "a table".into(),
    }
}

fn integer<'de, V: Visitor<'de>>(number: &DeInteger, visitor: V) -> Option<Result<V::Value>> {
    let (text, radix) = (number.as_str(), number.radix());
    if let Ok(number) = i64::from_str_radix(text, radix) {
        return Some(visitor.visit_i64(number));
    }
    u64::from_str_radix(text, radix).ok().map(|number| visitor.visit_u64(number))
}

/// `None` where a finite number is too large to be one.
fn float(number: &DeFloat) -> Option<f64> {
    let text = number.as_str();
    text.parse().ok().filter(|number: &f64| !number.is_infinite() || text.contains("inf"))
}

impl<'de> Deserializer<'de> for ValueReader<'_, '_> {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let read = match self.0.get_ref() {
            DeValue::String(text) => visitor.visit_str(text),
            DeValue::Integer(number) => integer(number, visitor).unwrap_or_else(|| Err(self.too_large())),
            DeValue::Float(number) => float(number).map_or_else(|| Err(self.too_large()), |f| visitor.visit_f64(f)),
            DeValue::Boolean(value) => visitor.visit_bool(*value),
            DeValue::Datetime(_) => Err(Mistake::at(self.0.span(), "a study has no use for a date or a time")),
            DeValue::Array(values) => visitor.visit_seq(ListReader(values.iter())),
            DeValue::Table(table) => visitor.visit_map(TableReader::new(table)),
        };
        read.map_err(|mistake| self.with_form(mistake).within(self.0.span()))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0.get_ref() {
            DeValue::Boolean(_) | DeValue::Datetime(_) => self.deserialize_any(visitor),
            _ => Err(self.wrong("true or false")),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0.get_ref() {
            DeValue::String(_) | DeValue::Datetime(_) => self.deserialize_any(visitor),
            _ => Err(self.wrong("a text, in quotes")),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0.get_ref() {
            DeValue::Array(_) | DeValue::Datetime(_) => self.deserialize_any(visitor),
            DeValue::Integer(_) | DeValue::Float(_) => {
                Err(self.wrong("a list").help(format!("write [{}]", found(self.0))))
            }
            DeValue::String(text) if !text.contains(',') => Err(self.wrong("a list").help(format!("write [{text:?}]"))),
            _ => Err(self.wrong("a list")),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0.get_ref() {
            DeValue::String(_) | DeValue::Datetime(_) => self.deserialize_any(visitor),
            _ => Err(self.wrong("a name, in quotes")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let span = self.0.span();
        let read = match self.0.get_ref() {
            DeValue::String(_) => visitor.visit_enum(Variant::Name(self.0)),
            DeValue::Table(table) => {
                let mut entries = table.iter();
                match (entries.next(), entries.next()) {
                    _ if table.contains_key("name") => Err(self.named(table).unwrap_or_else(|| self.wrong("a name"))),
                    (Some((key, value)), None) => visitor.visit_enum(Variant::Entry(key, value)),
                    _ => Err(Mistake::at(span.clone(), "expected one key with its value, as { normal = 0.01 }")),
                }
            }
            DeValue::Datetime(_) => self.deserialize_any(visitor),
            _ => Err(Mistake::at(span.clone(), "expected a name, in quotes")),
        };
        read.map_err(|mistake| mistake.within(span))
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str bytes byte_buf unit unit_struct tuple tuple_struct map
        struct ignored_any
    }
}

/// A key, or the name of a variant.
struct Key<'r, 'a>(&'r Spanned<DeString<'a>>);

impl<'de> Deserializer<'de> for Key<'_, '_> {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_str(self.0.get_ref()).map_err(|mistake: Mistake| mistake.within(self.0.span()))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct ListReader<I>(I);

impl<'de, 'r, 'a: 'r, I: Iterator<Item = &'r Value<'a>>> SeqAccess<'de> for ListReader<I> {
    type Error = Mistake;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        self.0.next().map(|value| seed.deserialize(ValueReader(value))).transpose()
    }
}

/// The entries of a table, the one called `name` first: it says how to read the others.
struct TableReader<'r, 'a> {
    left: std::vec::IntoIter<(&'r Spanned<DeString<'a>>, &'r Value<'a>)>,
    current: Option<(&'r Spanned<DeString<'a>>, &'r Value<'a>)>,
}

impl<'r, 'a> TableReader<'r, 'a> {
    fn new(table: &'r DeTable<'a>) -> TableReader<'r, 'a> {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.get_ref() != "name");
        TableReader { left: entries.into_iter(), current: None }
    }
}

impl<'de> MapAccess<'de> for TableReader<'_, '_> {
    type Error = Mistake;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        self.current = self.left.next();
        self.current.map(|(key, _)| seed.deserialize(Key(key))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        match self.current.take() {
            Some((key, value)) => seed.deserialize(ValueReader(value)).map_err(|mistake| mistake.inside(key.get_ref())),
            None => Err(Mistake::anywhere("a value was asked for before its key")),
        }
    }
}

/// A name alone, or the one key of a table with its value.
enum Variant<'r, 'a> {
    Name(&'r Value<'a>),
    Entry(&'r Spanned<DeString<'a>>, &'r Value<'a>),
}

impl<'de> EnumAccess<'de> for Variant<'_, '_> {
    type Error = Mistake;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let name = match &self {
            Variant::Name(name) => seed.deserialize(ValueReader(name)),
            Variant::Entry(key, _) => seed.deserialize(Key(key)),
        };
        Ok((name?, self))
    }
}

impl Variant<'_, '_> {
    fn needs_value(self) -> Mistake {
        match self {
            Variant::Name(name) => {
                let example = format!("as in {{ {} = 0.01 }}", name.get_ref().as_str().unwrap_or_default());
                Mistake::at(name.span(), "this name needs a value").help(example)
            }
            Variant::Entry(_, value) => Mistake::at(value.span(), "this is no value of that name"),
        }
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_> {
    type Error = Mistake;

    fn unit_variant(self) -> Result<()> {
        match self {
            Variant::Entry(_, value) if !value.get_ref().as_table().is_some_and(DeTable::is_empty) => {
                Err(Mistake::at(value.span(), "this name takes no value: write it alone, in quotes"))
            }
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        match self {
            Variant::Entry(key, value) => {
                seed.deserialize(ValueReader(value)).map_err(|mistake| mistake.inside(key.get_ref()))
            }
            Variant::Name(_) => Err(self.needs_value()),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value> {
        Err(self.needs_value())
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value> {
        Err(self.needs_value())
    }
}
