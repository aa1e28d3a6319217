//! Reading a value of a study, or telling what was expected of it.

use super::mistake::{Mistake, Span};
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// A value with the place it stands at.
pub(super) type Value<'a> = Spanned<DeValue<'a>>;

pub(super) fn text(value: Value) -> Result<String, Mistake> {
    String::deserialize(ValueDeserializer::from(value)).map_err(|error| Mistake::from_toml(&error, None))
}

pub(super) fn table<'a>(value: Value<'a>, expected: &str) -> Result<DeTable<'a>, Mistake> {
    let span = value.span();
    match value.into_inner() {
        DeValue::Table(table) => Ok(table),
        _ => Err(Mistake::at(span, expected)),
    }
}

pub(super) fn list<'a>(value: Value<'a>, mistake: impl FnOnce(Span) -> Mistake) -> Result<Vec<Value<'a>>, Mistake> {
    let span = value.span();
    match value.into_inner() {
        DeValue::Array(values) => Ok(values.into_iter().collect()),
        _ => Err(mistake(span)),
    }
}

pub(super) fn whole(value: &Value) -> Result<u64, Mistake> {
    u64::deserialize(ValueDeserializer::from(value.clone()))
        .map_err(|_| Mistake::at(value.span(), "expected a whole number, 0 or above"))
}

/// A number, but neither NaN nor infinite.
pub(super) fn finite(value: &Value) -> Result<f64, Mistake> {
    match f64::deserialize(ValueDeserializer::from(value.clone())) {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(number) => Err(Mistake::at(value.span(), format!("{number} is out of range: expected a finite number"))),
        Err(error) => Err(Mistake::from_toml(&error, Some(value.span()))),
    }
}

/// What stands in the file, as JSON.
pub(super) fn json(value: &Value) -> serde_json::Value {
    serde_json::Value::deserialize(ValueDeserializer::from(value.clone())).unwrap_or_default()
}
