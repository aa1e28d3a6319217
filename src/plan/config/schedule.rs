//! How the learning rate changes while training.

use super::named::{as_table, by_name, or_name_alone};
use super::range::{NonNegative, Positive};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Factor on the learning rate at epoch e (a fraction between epochs) of E.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(remote = "Schedule", rename_all = "snake_case", deny_unknown_fields)]
#[schemars(tag = "name", transform = or_name_alone)]
pub enum Schedule {
    /// 1
    Constant {},
    /// factor^⌊e/every⌋, counted in updates
    Step {
        /// Epochs between two steps; may be a fraction, which is rounded to whole updates, one at least.
        #[schemars(example = 5.0)]
        every: Positive,
        /// What each step multiplies the rate by.
        #[serde(default = "Schedule::step_factor")]
        factor: Positive,
    },
    /// factor^e
    Exponential {
        /// What each epoch multiplies the rate by.
        #[schemars(example = 0.95)]
        factor: Positive,
    },
    /// 1 / (1 + rate·e)
    InverseTime {
        /// How fast it falls: to half in 1/rate epochs.
        #[schemars(example = 0.1)]
        rate: NonNegative,
    },
    /// 1 / √(1 + rate·e): with `warmup = w` and `rate = 1/w` that of Vaswani et al. 2017, §5.3, who count from the beginning
    InverseSqrt {
        /// How fast it falls: to half in 3/rate epochs.
        #[schemars(example = 1.0)]
        rate: NonNegative,
    },
    /// floor + (1 − floor)·(1 + cos(π e/E))/2 (Loshchilov & Hutter 2017, without restarts)
    Cosine {
        /// The factor that it ends at.
        #[serde(default = "Schedule::cosine_floor")]
        floor: NonNegative,
    },
}

by_name!(Schedule, as_table);

impl Schedule {
    fn step_factor() -> Positive {
        Positive(0.1)
    }
    fn cosine_floor() -> NonNegative {
        NonNegative(0.0)
    }

    /// What the learning rate of the update that follows `step` of `steps` others is multiplied by.
    pub fn factor(&self, step: usize, steps: usize, steps_per_epoch: usize) -> f64 {
        let [epoch, epochs] = [step, steps].map(|steps| steps as f64 / steps_per_epoch as f64);
        match *self {
            Schedule::Constant {} => 1.0,
            Schedule::Step { every, factor } => {
                libm::pow(factor.get(), (step / updates_between(every, steps_per_epoch)) as f64)
            }
            Schedule::Exponential { factor } => libm::pow(factor.get(), epoch),
            Schedule::InverseTime { rate } => 1.0 / (1.0 + rate.get() * epoch),
            Schedule::InverseSqrt { rate } => 1.0 / (1.0 + rate.get() * epoch).sqrt(),
            Schedule::Cosine { floor } => {
                let wave = (1.0 + libm::cos(std::f64::consts::PI * epoch / epochs)) / 2.0;
                floor.get() + (1.0 - floor.get()) * wave
            }
        }
    }

    /// Whether it drops, in so many updates, after others than it did while drops were counted in fractions of epochs. Their
    /// quotients were rounded: of 0.3 epochs, every 0.1, it had dropped ⌊0.3 / 0.1⌋ = 2 times.
    pub(super) fn drops_elsewhere_than_before(&self, steps: usize, steps_per_epoch: usize) -> bool {
        let Schedule::Step { every, factor } = *self else { return false };
        let before = |step: usize| (step as f64 / steps_per_epoch as f64 / every.get()).floor();
        let between = updates_between(every, steps_per_epoch);
        // Drops only ever become more, so that the first and the last update between two of them tell of all others. Once
        // the rate is 0, or infinite, further drops change nothing.
        let matters = |drops: usize| {
            let by_then = libm::pow(factor.get(), drops as f64);
            factor.get() != 1.0 && by_then > 0.0 && by_then.is_finite()
        };
        (0..steps).step_by(between).enumerate().take_while(|&(drops, _)| matters(drops)).any(|(drops, first)| {
            [first, (first + between).min(steps) - 1].iter().any(|&step| before(step) != drops as f64)
        })
    }
}

/// Updates between two drops.
fn updates_between(every: Positive, steps_per_epoch: usize) -> usize {
    ((every.get() * steps_per_epoch as f64).round() as usize).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schedule_at_start_middle_and_end() {
        let schedule = |table: &str| serde_json::from_str::<Schedule>(table).unwrap();
        for (table, expected) in [
            (r#"{"name":"constant"}"#, [1.0, 1.0, 1.0]),
            (r#"{"name":"step","every":5,"factor":0.5}"#, [1.0, 0.5, 0.25]),
            (r#"{"name":"exponential","factor":0.9}"#, [1.0, 0.590_49, 0.348_678_440_1]),
            (r#"{"name":"inverse_time","rate":0.2}"#, [1.0, 0.5, 1.0 / 3.0]),
            (r#"{"name":"inverse_sqrt","rate":0.6}"#, [1.0, 0.5, 1.0 / 7f64.sqrt()]),
            (r#"{"name":"cosine","floor":0.1}"#, [1.0, 0.55, 0.1]),
        ] {
            for (epoch, expected) in [0, 5, 10].into_iter().zip(expected) {
                let found = schedule(table).factor(epoch, 10, 1);
                assert!((found - expected).abs() < 1e-12, "{table} at {epoch}: {found}");
            }
        }
    }

    fn step(every: f64, factor: f64) -> Schedule {
        Schedule::Step { every: Positive(every), factor: Positive(factor) }
    }

    #[test]
    fn a_step_drops_after_whole_updates() {
        // Ten updates an epoch: every 0.1 of one is every update, of which ⌊0.3 / 0.1⌋ would leave out one.
        let factors = |every: f64| (0..8).map(|update| step(every, 0.5).factor(update, 8, 10)).collect::<Vec<_>>();
        assert_eq!(factors(0.1), (0..8).map(|drops| 0.5f64.powi(drops)).collect::<Vec<_>>());
        assert_eq!(factors(0.3), [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25]);
        // 2.6 updates are 3, and 0.4 are 1.
        assert_eq!(factors(0.26), factors(0.3));
        assert_eq!(factors(0.04), factors(0.1));
        // A distance that no training reaches is no drop.
        assert_eq!(factors(1e300), [1.0; 8]);
    }

    #[test]
    fn only_drops_that_moved_are_told_from_those_before() {
        let moved = |every: f64, steps: usize, steps_per_epoch: usize| {
            step(every, 0.1).drops_elsewhere_than_before(steps, steps_per_epoch)
        };
        // ⌊0.3 / 0.1⌋ is 2: the fourth update is the first that differs.
        assert!(!moved(0.1, 3, 10) && moved(0.1, 4, 10));
        // 2.6 updates became 3: three drops were due after 7.8 updates, so that the ninth saw them, and now are after 9.
        assert!(!moved(0.26, 8, 10) && moved(0.26, 9, 10));
        // Whole epochs, and fractions without rounding, are where they were.
        assert!(!moved(5.0, 10_000, 600) && !moved(0.5, 10_000, 10) && !moved(0.25, 10_000, 12));
        assert!(!moved(1e300, 10_000, 10));
        // Factors that change nothing, and schedules without drops, move none.
        assert!(!step(0.1, 1.0).drops_elsewhere_than_before(100, 10));
        assert!(!Schedule::Constant {}.drops_elsewhere_than_before(100, 10));
    }
}
