//! How much was told of a trial.

use super::Observation;
use serde::{Deserialize, Serialize};

/// What was told of a trial from its start to its end. Where a journal holds anything else, it is not whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub evaluations: usize,
    /// Evaluations at which the layers were looked at.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub layers: usize,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub slices: usize,
    /// Places of the trajectory.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub places: usize,
}

impl Counts {
    pub fn add(&mut self, observation: &Observation) {
        match observation {
            Observation::Evaluated(_) => self.evaluations += 1,
            Observation::LayersProbed(_) => self.layers += 1,
            Observation::Sliced(_) => self.slices += 1,
            Observation::Moved(places) => self.places += places.len(),
        }
    }
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}
