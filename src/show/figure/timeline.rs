//! The time axis of a training, counted in steps or in epochs.

use super::axis::thousands;
use crate::plan::config::Config;

/// The length of a trial and the unit it is counted in: steps (updates) if the study gives it in steps, else epochs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timeline {
    /// `step` or `epoch`.
    pub unit: &'static str,
    steps_per_unit: f64,
    /// The length of the whole training, in units.
    pub length: f64,
}

impl Timeline {
    /// The timeline of a trial with this configuration.
    pub fn of(config: &Config) -> Timeline {
        match config.steps {
            Some(_) => Timeline::in_steps(config),
            None => {
                let steps_per_unit = config.steps_per_epoch() as f64;
                Timeline { unit: "epoch", steps_per_unit, length: config.total_steps() as f64 / steps_per_unit }
            }
        }
    }

    fn in_steps(config: &Config) -> Timeline {
        Timeline { unit: "step", steps_per_unit: 1.0, length: config.total_steps() as f64 }
    }

    /// The timelines of several trials that share an axis: all are counted in steps if one of them is.
    pub fn shared<'a>(configs: impl Iterator<Item = &'a Config> + Clone) -> Vec<Timeline> {
        let in_steps = configs.clone().any(|config| config.steps.is_some());
        configs.map(|config| if in_steps { Timeline::in_steps(config) } else { Timeline::of(config) }).collect()
    }

    /// How far a trial is after `step` steps, in units.
    pub fn at(&self, step: u32) -> f64 {
        f64::from(step) / self.steps_per_unit
    }

    /// A point in time in words: `untrained`, `after 120 of 2,000 steps`, `after 2.5 of 20 epochs`.
    pub fn moment(&self, step: u32) -> String {
        self.moment_at(self.at(step))
    }

    /// The same for a time in units, as [`Timeline::at`] returns it.
    pub fn moment_at(&self, place: f64) -> String {
        if place == 0.0 {
            return "untrained".into();
        }
        let number = |value: f64| match value.fract() {
            0.0 => thousands(value),
            _ => format!("{value:.2}").trim_end_matches('0').to_owned(),
        };
        format!("after {} of {} {}s", number(place), number(self.length), self.unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_in_the_unit_of_the_training() {
        let moment = |settings: &str, step| Timeline::of(&toml::from_str(settings).unwrap()).moment(step);
        assert_eq!(moment("steps = 2000", 0), "untrained");
        assert_eq!(moment("steps = 2000", 120), "after 120 of 2,000 steps");
        assert_eq!(moment("train_samples = 1000", 25), "after 2.5 of 20 epochs");
    }
}
