//! Which cells of two plans belong together, and what differs between them.

use crate::judge::report::as_written;
use crate::plan::config::{Config, Count, DataSource, Positive};
use crate::plan::{Cell, Identity, Plan, changed_keys, fields};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Keys by which two cells train on other samples, or are tested on other ones, or minimise another function.
const OF_DATA: [&str; 6] = ["data", "train_samples", "subset", "validation_samples", "test_samples", "surface"];

/// By what two cells were found to belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// They have equal configurations: they train alike. Of another program, of which this is not known, equal values.
    Configuration,
    /// They are arms of the same name.
    Arm,
    /// They have the same values along the axes.
    Axes,
}

/// A key that two cells have different values of.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// A hyper-parameter, or what another program calls its own.
    pub key: String,
    /// Its value in the cell of A and in that of B, as a study would have it; null where there is none.
    pub values: [Value; 2],
}

impl Change {
    /// Whether it is about the data, so that the two cells differ in more than technique.
    pub fn is_of_data(&self) -> bool {
        OF_DATA.contains(&self.key.as_str())
    }
}

/// Two cells that belong together, by their indices into the two plans.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pair {
    pub cells: [usize; 2],
    pub by: By,
}

/// What a cell goes by in the search for its partner, from its side and its index; `None` if it has nothing of the kind.
type Key<'a> = &'a dyn Fn(usize, usize) -> Option<String>;

/// The cells of A in their order, each with its partner in B: one with an equal configuration, else the arm of the same name, else the one
/// with the same values along the axes of both, or along those that both have. A cell that could have several partners has none.
pub(super) fn pairs(plans: [&Plan; 2]) -> Vec<Pair> {
    let mut left: [Vec<usize>; 2] = plans.map(|plan| (0..plan.cells.len()).collect());
    let trains_as = plans.map(trains_as);
    let [all_axes, shared_axes] = axes(plans);
    let cell = |side: usize, cell: usize| &plans[side].cells[cell];
    let named = |side: usize, place: usize| {
        let Cell { arm, params, .. } = cell(side, place);
        Some(format!("{} {arm:?} {}", trains_as[side][place], Value::Object(params.clone())))
    };
    let alike = |side: usize, place: usize| match cell(side, place).config.data {
        DataSource::Program => None,
        _ => Some(trains_as[side][place].clone()),
    };
    let arm = |side: usize, place: usize| {
        let cell = cell(side, place);
        Some(format!("{} {}", kind(cell), cell.arm.as_ref()?))
    };
    let along = |axes: &[String], side: usize, place: usize| {
        let cell = cell(side, place);
        cell.arm.is_none().then(|| format!("{} {:?}", kind(cell), values(cell, axes)))
    };
    // Without a common axis there is nothing to go by, but that a study without axes is the base alone.
    let has_shared = !shared_axes.is_empty() || all_axes.is_empty();
    let along_shared = |side: usize, place: usize| along(&shared_axes, side, place).filter(|_| has_shared);
    let steps: [(By, Key); 5] = [
        (By::Configuration, &named),
        (By::Configuration, &alike),
        (By::Arm, &arm),
        (By::Axes, &|side, place| along(&all_axes, side, place).filter(|_| has_shared)),
        (By::Axes, &along_shared),
    ];
    let mut pairs = Vec::new();
    for (by, key) in steps {
        pairs.extend(of_equal_keys(&mut left, key).into_iter().map(|cells| Pair { cells, by }));
    }
    pairs.sort_by_key(|pair| pair.cells);
    pairs
}

/// Takes the cells out of `left` that alone on their side have a key, and alone on the other side have the same.
fn of_equal_keys(left: &mut [Vec<usize>; 2], key: Key) -> Vec<[usize; 2]> {
    let mut by_key: HashMap<String, [Vec<usize>; 2]> = HashMap::new();
    for (side, cells) in left.iter().enumerate() {
        for &cell in cells {
            if let Some(key) = key(side, cell) {
                by_key.entry(key).or_default()[side].push(cell);
            }
        }
    }
    let alone = |cells: [Vec<usize>; 2]| match (&cells[0][..], &cells[1][..]) {
        (&[a], &[b]) => Some([a, b]),
        _ => None,
    };
    let pairs: Vec<[usize; 2]> = by_key.into_values().filter_map(alone).collect();
    for (side, cells) in left.iter_mut().enumerate() {
        cells.retain(|cell| !pairs.iter().any(|pair| pair[side] == *cell));
    }
    pairs
}

/// For each cell a text that is equal where cells train alike.
fn trains_as(plan: &Plan) -> Vec<String> {
    let identity = Identity::default();
    let text = |cell: &Cell| identity.canonical(&Config { probes: Vec::new(), ..cell.config.clone() });
    plan.cells.iter().map(text).collect()
}

/// The axes of either plan, and those of both.
fn axes([a, b]: [&Plan; 2]) -> [Vec<String>; 2] {
    let only_b = b.axes.iter().filter(|axis| !a.axes.contains(axis));
    let all = a.axes.iter().chain(only_b).cloned().collect();
    [all, a.axes.iter().filter(|axis| b.axes.contains(axis)).cloned().collect()]
}

fn values(cell: &Cell, axes: &[String]) -> Vec<Option<Value>> {
    let of = match cell.config.data {
        DataSource::Program => cell.params.clone(),
        DataSource::Set(_) | DataSource::Surface => resolved(&cell.config),
    };
    axes.iter().map(|axis| of.get(axis).cloned()).collect()
}

fn kind(cell: &Cell) -> &'static str {
    match cell.config.data {
        DataSource::Set(_) => "network",
        DataSource::Surface => "surface",
        DataSource::Program => "program",
    }
}

/// What differs between two cells, but for what is measured of them.
pub(super) fn changes([a, b]: [&Cell; 2]) -> Vec<Change> {
    if a.config.data == DataSource::Program {
        let only_b = b.params.keys().filter(|key| !a.params.contains_key(*key));
        let keys = a.params.keys().chain(only_b).cloned();
        return between(keys, [&a.params, &b.params]);
    }
    let keys = changed_keys(&a.config, &b.config).into_iter().filter(|key| key != "probes");
    between(keys, [&resolved(&a.config), &resolved(&b.config)])
}

fn between(keys: impl Iterator<Item = String>, of: [&Map<String, Value>; 2]) -> Vec<Change> {
    let change = |key: String| {
        let values = of.map(|of| as_written(&key, of.get(&key).cloned().unwrap_or_default()));
        (values[0] != values[1]).then_some(Change { key, values })
    };
    keys.filter_map(change).collect()
}

/// The fields of a configuration, with what a default amounts to in place of the default.
fn resolved(config: &Config) -> Map<String, Value> {
    let mut shown = Config { learning_rate: Positive::try_from(config.learning_rate()).ok(), ..config.clone() };
    if matches!(config.data, DataSource::Set(_)) {
        let count = |number: usize| Count::try_from(number as f64).ok();
        (shown.train_samples, shown.test_samples) = (count(config.train_samples()), count(config.test_samples()));
    }
    fields(&shown)
}
