//! How much was recorded of a trial.

use super::Observation;
use serde::{Deserialize, Serialize};

/// How much was recorded of a trial from its start to its end. If a journal has more or less, some of its events are missing
/// or not the trial's, and the trial has no result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Evaluations of the whole trial.
    pub evaluations: usize,
    /// Evaluations at which layers were probed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub layers: usize,
    /// Lines and planes on which the loss was measured.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub slices: usize,
    /// Confusions of classes: one after the last step, if a probe asks for it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub confusions: usize,
    /// Places of the trajectory on a surface.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub places: usize,
}

impl Counts {
    /// Counts what an observation holds.
    pub fn add(&mut self, observation: &Observation) {
        match observation {
            Observation::Evaluated(_) => self.evaluations += 1,
            Observation::LayersProbed(_) => self.layers += 1,
            Observation::Sliced(_) => self.slices += 1,
            Observation::Classified(_) => self.confusions += 1,
            Observation::Moved(places) => self.places += places.len(),
        }
    }
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}
