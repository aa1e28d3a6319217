//! A trial and its id, which follows from what decides its result.

use super::cell::Cell;
use super::config::{Config, Probe};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A cell with a seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Its id.
    pub id: TrialId,
    /// Index into the plan's cells.
    pub cell: usize,
    /// The seed of its random numbers.
    pub seed: u64,
    /// Probes that it has besides those of its cell: its result is from before they were taken out of the study.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_probes: Vec<Probe>,
}

impl Trial {
    /// The trial of cell number `cell`, with the probes of that cell.
    pub fn new(id: TrialId, cell: usize, seed: u64) -> Trial {
        Trial { id, cell, seed, also_probes: Vec::new() }
    }

    /// The configuration of its cell with the trial's own probes added: what its id is computed from.
    pub fn config(&self, cells: &[Cell]) -> Config {
        let mut config = cells[self.cell].config.clone();
        config.probes.extend(&self.also_probes);
        config
    }
}

/// A trial's id, which follows from what decides its result: configuration and seed. The same in every run of every
/// study.
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
