//! Looks at every key and every value of a study by itself, so that all mistakes in them are told at once.

use super::expand::said;
use super::mistake::{Mistake, Mistakes};
use super::outline::{Axis, Outline, may_be_list};
use super::range::is_range;
use super::read::alone;
use super::value::Value;
use crate::plan::config::Config;
use crate::plan::{fields, param_text};
use std::collections::HashSet;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// In a longer list or table only the first mistake is told.
const MOST_PARTS: usize = 100;

type Key<'a> = Spanned<DeString<'a>>;

/// The mistakes in the values of the base, of axes and arms, and of the cells that the baseline and claims name.
pub(super) fn values(outline: &Outline, mistakes: &mut Mistakes) {
    cell(&outline.base, "several values are an axis: put the list below [grid]", mistakes);
    for axis in &outline.grid {
        check_axis(axis, mistakes);
    }
    for arm in &outline.arms {
        cell(
            &arm.set,
            "an arm has one value of each key: give each value an arm, or put the list below [grid]",
            mistakes,
        );
    }
    for table in outline.sides.iter().filter_map(|side| side.get_ref().as_table()) {
        cell(table, "a cell has one value of each key", mistakes);
    }
}

/// The values of one cell. `one`: what to do with a list of them.
fn cell(table: &DeTable, one: &str, mistakes: &mut Mistakes) {
    for (key, value) in table {
        let one =
            if is_range(value) { "a range is for an axis: put it below [grid], with design = \"random\"" } else { one };
        mistakes.add(match is_several(key, value) {
            true => Mistake::at(value.span(), format!("`{}` takes one value here", key.get_ref())).help(one).into(),
            false => in_value(key, value),
        });
    }
}

/// Whether this is what an axis of this key has: a list of values, or a range.
fn is_several(key: &Key, value: &Value) -> bool {
    let is_axis = match value.get_ref() {
        DeValue::Array(values) => !may_be_list(key) || values.iter().any(|value| value.get_ref().is_array()),
        _ => is_range(value),
    };
    is_axis && fields(&Config::default()).contains_key(key.get_ref().as_ref())
}

/// Every value of an axis, or both ends of its range, are valid and none stands there twice.
fn check_axis(axis: &Axis, mistakes: &mut Mistakes) {
    let mut seen = HashSet::new();
    for value in axis.values.iter().chain(axis.range.iter().flat_map(|range| &range.ends)) {
        let Ok(config) = alone(&axis.key, value) else {
            mistakes.add(in_value(&axis.key, value));
            continue;
        };
        if !seen.insert(fields(&config).remove(axis.key.get_ref().as_ref()).unwrap_or_default()) {
            let message = format!(
                "`{}` has the value {} twice",
                axis.key.get_ref(),
                param_text(&said(axis.key.get_ref(), value))
            );
            mistakes.add(Mistake::at(value.span(), message));
        }
    }
}

/// The mistakes in a value: those in the parts of a list or of a table with a name, or the one in all of it.
fn in_value(key: &Key, value: &Value) -> Mistakes {
    let Err(whole) = alone(key, value) else { return Mistakes::default() };
    let parts: Vec<Mistake> = match value.get_ref() {
        DeValue::Array(values) if values.len() <= MOST_PARTS => values
            .iter()
            .filter_map(|part| {
                alone(key, &Spanned::new(value.span(), DeValue::Array([part.clone()].into_iter().collect()))).err()
            })
            .collect(),
        DeValue::Table(table) if table.len() <= MOST_PARTS => in_constants(key, table, value),
        _ => Vec::new(),
    };
    if parts.is_empty() { whole.into() } else { parts.into() }
}

/// The mistakes in the constants of a choice that is made by its name, each read beside the name alone.
fn in_constants(key: &Key, table: &DeTable, value: &Value) -> Vec<Mistake> {
    let Some((name, choice)) = table.get_key_value("name") else { return Vec::new() };
    let constants = table.iter().filter(|(constant, _)| *constant != name);
    let read = |(constant, given): (&Key, &Value)| {
        let table = [(name.clone(), choice.clone()), (constant.clone(), given.clone())].into_iter().collect();
        let mistake = alone(key, &Spanned::new(value.span(), DeValue::Table(table))).err()?;
        // Otherwise what is wrong is that another constant is missing.
        let is_own = mistake.span().is_some_and(|span| *span == constant.span() || *span == given.span());
        is_own.then_some(mistake)
    };
    constants.filter_map(read).collect()
}
