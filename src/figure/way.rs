//! What a training is counted in.

use crate::config::Config;

/// What a trial's way is counted in: updates if its length is given in updates, else epochs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Way {
    pub unit: &'static str,
    steps_per_unit: f64,
    pub length: f64,
}

impl Way {
    pub fn of(config: &Config) -> Way {
        let (unit, steps_per_unit) =
            if config.steps.is_some() { ("step", 1.0) } else { ("epoch", config.steps_per_epoch() as f64) };
        Way { unit, steps_per_unit, length: config.total_steps() as f64 / steps_per_unit }
    }

    /// Where on its way a trial is after `step` updates.
    pub fn at(&self, step: u32) -> f64 {
        f64::from(step) / self.steps_per_unit
    }
}
