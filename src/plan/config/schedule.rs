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
    /// factor^⌊e/every⌋
    Step {
        /// Epochs between two steps; may be a fraction.
        every: Positive,
        /// What each step multiplies the rate by.
        #[serde(default = "Schedule::step_factor")]
        factor: Positive,
    },
    /// factor^e
    Exponential {
        /// What each epoch multiplies the rate by.
        factor: Positive,
    },
    /// 1 / (1 + rate·e)
    InverseTime {
        /// How fast it falls: to half in 1/rate epochs.
        rate: NonNegative,
    },
    /// 1 / √(1 + rate·e): with `warmup = w` and `rate = 1/w` that of Vaswani et al. 2017, §5.3, who count from the beginning
    InverseSqrt {
        /// How fast it falls: to half in 3/rate epochs.
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

    /// What the learning rate is multiplied by at `epoch` (a fraction within an epoch) of `epochs`.
    pub fn factor(&self, epoch: f64, epochs: f64) -> f64 {
        match *self {
            Schedule::Constant {} => 1.0,
            Schedule::Step { every, factor } => libm::pow(factor.get(), (epoch / every.get()).floor()),
            Schedule::Exponential { factor } => libm::pow(factor.get(), epoch),
            Schedule::InverseTime { rate } => 1.0 / (1.0 + rate.get() * epoch),
            Schedule::InverseSqrt { rate } => 1.0 / (1.0 + rate.get() * epoch).sqrt(),
            Schedule::Cosine { floor } => {
                let wave = (1.0 + libm::cos(std::f64::consts::PI * epoch / epochs)) / 2.0;
                floor.get() + (1.0 - floor.get()) * wave
            }
        }
    }
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
            for (epoch, expected) in [0.0, 5.0, 10.0].into_iter().zip(expected) {
                let found = schedule(table).factor(epoch, 10.0);
                assert!((found - expected).abs() < 1e-12, "{table} at {epoch}: {found}");
            }
        }
    }
}
