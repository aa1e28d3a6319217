//! All effects of the factors of a grid, in full precision.

use super::Difference;
use crate::judge::report;
use crate::plan::metric::Metric;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Serialize)]
pub struct Effects {
    /// The number of seeds that completed in every cell of the grid.
    seeds: usize,
    seeds_left_out: usize,
    /// The largest share first.
    factors: Vec<Factor>,
    rest_of_variance: f64,
    /// The share of the variance that the noise of the seeds alone is expected to make.
    noise_of_variance: Option<f64>,
    main: Vec<Main>,
    interactions: Vec<Interaction>,
}

#[derive(Serialize)]
struct Factor {
    axes: Vec<String>,
    share_of_variance: f64,
}

#[derive(Serialize)]
struct Main {
    axis: String,
    value: Value,
    reference: Value,
    #[serde(flatten)]
    on: Metrics,
}

#[derive(Serialize)]
struct Interaction {
    axes: Vec<String>,
    values: Vec<Value>,
    references: Vec<Value>,
    #[serde(flatten)]
    on: Metrics,
}

/// By what is compared: of networks `train_accuracy`, `test_accuracy` and `gap`.
type Metrics = BTreeMap<Metric, Difference>;

impl From<report::Effects> for Effects {
    fn from(effects: report::Effects) -> Effects {
        let factor = |share: report::Share| Factor { axes: share.axes, share_of_variance: share.of_variance };
        Effects {
            seeds: effects.seeds,
            seeds_left_out: effects.seeds_left_out,
            factors: effects.shares.into_iter().map(factor).collect(),
            rest_of_variance: effects.rest,
            noise_of_variance: effects.noise,
            main: effects.main.iter().flat_map(Main::new).collect(),
            interactions: effects.interactions.into_iter().map(Interaction::new).collect(),
        }
    }
}

impl Main {
    /// Never `None`, since every main effect has an axis.
    fn new(effect: &report::Effect) -> Option<Main> {
        let (axis, value, reference) = (effect.axes.first()?, effect.values.first()?, effect.references.first()?);
        let (axis, value, reference) = (axis.clone(), value.clone(), reference.clone());
        Some(Main { axis, value, reference, on: metrics(effect) })
    }
}

impl Interaction {
    fn new(effect: report::Effect) -> Interaction {
        let on = metrics(&effect);
        Interaction { axes: effect.axes, values: effect.values, references: effect.references, on }
    }
}

fn metrics(effect: &report::Effect) -> Metrics {
    effect.differences.iter().map(|(&metric, difference)| (metric, Difference::new(difference))).collect()
}
