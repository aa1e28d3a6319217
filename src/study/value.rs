//! Reading a value of a study, or saying what was expected instead.

use super::mistake::{Mistake, Span, without_quotes};
use super::read;
pub(super) use super::read::Value;
use crate::plan::config::{Finite, Whole};
use toml::de::{DeTable, DeValue};

pub(super) fn text(value: Value) -> Result<String, Mistake> {
    read::value(&value)
}

pub(super) fn table<'a>(value: Value<'a>, expected: &str) -> Result<DeTable<'a>, Mistake> {
    let span = value.span();
    match value.into_inner() {
        DeValue::Table(table) => Ok(table),
        DeValue::Array(_) if expected.starts_with('[') => {
            Err(Mistake::at(span, expected).help("write one pair of brackets around its name"))
        }
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
    // 3.0 is a whole number too.
    let written_as_float = |_| read::value::<Whole>(value).map(|whole| whole.get() as u64);
    read::value(value).or_else(written_as_float).map_err(|_| {
        let mistake = Mistake::at(value.span(), "expected a whole number, 0 or above");
        match value.get_ref().as_str().and_then(without_quotes) {
            Some(help) => mistake.help(help),
            None => mistake,
        }
    })
}

/// A number, but neither NaN nor infinite.
pub(super) fn finite(value: &Value) -> Result<f64, Mistake> {
    read::value::<Finite>(value).map(Finite::get)
}

/// What stands in the file, as JSON.
pub(super) fn json(value: &Value) -> serde_json::Value {
    read::value(value).unwrap_or_default()
}
