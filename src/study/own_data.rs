//! Data sets of one's own files: looked at before anything else of the study is checked.

use super::mistake::{Mistake, Mistakes, Span};
use super::outline::Outline;
use super::read::{self, Value};
use crate::data;
use crate::error::Error;
use crate::plan::config::DataSource;
use crate::plan::config::data::{BUILT_IN, Files};
use crate::printable;
use std::collections::BTreeMap;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

const KEY: &str = "data";

/// The sets that were looked at, by name.
type Sets = BTreeMap<String, DataSource>;

/// Puts what the files hold in the place of each table that names some. Where a set has another place in the study, as in
/// claims, its name alone will do. `given` and `study` as for [`data::look`]. A table that is a mistake is taken out, so that what
/// else is wrong can be told.
pub(super) fn look(outline: &mut Outline, given: Option<&Path>, study: &Path, mistakes: &mut Mistakes) {
    let mut sets = Sets::new();
    let mut is_fine = |value: &mut Value| mistakes.keep(look_at(value, given, study, &mut sets)).is_some();
    for axis in outline.grid.iter_mut().filter(|axis| axis.key.get_ref() == KEY) {
        axis.values.retain_mut(&mut is_fine);
    }
    let arms = outline.arms.iter_mut().map(|arm| &mut arm.set);
    let claimed = outline.claims.iter_mut().flat_map(|claim| std::iter::once(&mut claim.arm).chain(&mut claim.versus));
    let cells = outline.baseline.iter_mut().chain(claimed).chain(&mut outline.sides).filter_map(as_table);
    for table in std::iter::once(&mut outline.base).chain(arms).chain(cells) {
        if table.get_mut(KEY).is_some_and(|value| !is_fine(value)) {
            table.remove(KEY);
        }
    }
}

fn as_table<'v, 'a>(value: &'v mut Value<'a>) -> Option<&'v mut DeTable<'a>> {
    match value.get_mut() {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

fn look_at(value: &mut Value, given: Option<&Path>, study: &Path, sets: &mut Sets) -> Result<(), Mistake> {
    let span = value.span();
    let set = match value.get_ref() {
        DeValue::Table(table) => {
            let files: Files = read::entries(table)?;
            if let Some((key, contradiction)) = files.contradiction() {
                let span = table.get_key_value(key).map_or(span, |(key, _)| key.span());
                return Err(Mistake::at(span, contradiction));
            }
            let set = data::look(&files, given, study).map_err(|error| mistake(error, span.clone()))?;
            let name = set.name();
            if BUILT_IN.iter().any(|built_in| built_in.name == name) || DataSource::Surface.name() == name {
                let message = format!("\"{name}\" is the name of another data set");
                return Err(Mistake::at(span, message).help(format!("give this one its own: name = \"my {name}\"")));
            }
            if sets.insert(name.to_owned(), set).is_some_and(|other| other != set) {
                let message = format!("there is another data set of the name \"{name}\"");
                return Err(Mistake::at(span, message).help("give one of them its own: name = \"…\""));
            }
            set
        }
        DeValue::String(name) => match sets.get(name.as_ref()) {
            Some(set) => *set,
            None => return Ok(()),
        },
        _ => return Ok(()),
    };
    let found = set.set().and_then(|set| set.as_toml()).and_then(|text| DeValue::parse(text).ok());
    if let Some(found) = found {
        *value = placed(found, &span);
    }
    Ok(())
}

/// A value all parts of which stand at one place.
fn placed<'a>(value: Value<'a>, span: &Span) -> Value<'a> {
    let value = match value.into_inner() {
        DeValue::Array(values) => DeValue::Array(values.into_iter().map(|value| placed(value, span)).collect()),
        DeValue::Table(table) => DeValue::Table(
            table
                .into_iter()
                .map(|(key, value)| (Spanned::new(span.clone(), key.into_inner()), placed(value, span)))
                .collect::<DeTable>(),
        ),
        other => other,
    };
    Spanned::new(span.clone(), value)
}

fn mistake(error: Error, span: Span) -> Mistake {
    match error {
        Error::Data { path, found, expected, mend } => Mistake::at(span, format!("{}: {found}", printable::path(path)))
            .help(format!("expected {expected}; {mend}")),
        other => Mistake::at(span, other.to_string()),
    }
}
