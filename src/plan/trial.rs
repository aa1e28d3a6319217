//! A trial, and the name that says what decides its result.

use super::cell::Cell;
use super::config::{Config, Probe};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A cell with a seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// What decides its result, as a name.
    pub id: TrialId,
    /// Index into the plan's cells.
    pub cell: usize,
    /// What its random numbers come from.
    pub seed: u64,
    /// What it measures beside what its cell asks for: its result is from before that was taken out of the study.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_probes: Vec<Probe>,
}

impl Trial {
    /// The trial of cell number `cell`, which measures what that asks for.
    pub fn new(id: TrialId, cell: usize, seed: u64) -> Trial {
        Trial { id, cell, seed, also_probes: Vec::new() }
    }

    /// That of its cell, and whatever else it measures: what its id names.
    pub fn config(&self, cells: &[Cell]) -> Config {
        let mut config = cells[self.cell].config.clone();
        config.probes.extend(&self.also_probes);
        config
    }
}

/// Names a trial by what decides its result: configuration and seed. The same in every run of every study.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TrialId(pub u64);

impl fmt::Display for TrialId {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for TrialId {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl From<TrialId> for String {
    fn from(id: TrialId) -> String {
        id.to_string()
    }
}

impl TryFrom<String> for TrialId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        u64::from_str_radix(&text, 16).map(TrialId).map_err(|_| format!("{text:?} is not a trial's id"))
    }
}
