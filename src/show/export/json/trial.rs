//! Every trial that has ended, with all its measurements.

use crate::plan::Params;
use crate::plan::config::Config;
use crate::plan::metric::Metric;
use crate::record::board::{Board, Status, TrialState};
use crate::record::event::{Confusion, Layers, Measurement, Measurements, Outcome, Slice, Trajectory};
use rayon::prelude::*;
use serde::ser::{Error as _, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::value::to_raw_value;
use std::collections::BTreeMap;

/// The number of trials that are serialized in parallel.
const BLOCK: usize = 64;

/// The metrics with fields of their own.
pub const NAMED: [Metric; 6] = [
    Metric::TRAIN_ACCURACY,
    Metric::TEST_ACCURACY,
    Metric::GAP,
    Metric::TRAIN_LOSS,
    Metric::TEST_LOSS,
    Metric::WEIGHT_NORM,
];

pub struct Trials<'a>(pub &'a Board);

impl Serialize for Trials<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let Trials(board) = self;
        let ended = board.trials.iter().enumerate().filter_map(|(place, state)| match &state.status {
            Status::Finished(outcome) => Some((place, state, outcome)),
            Status::Waiting | Status::Running | Status::CutOff => None,
        });
        let ended: Vec<_> = ended.collect();
        let text = |&(place, state, outcome)| to_raw_value(&Trial::new(board, place, state, outcome));
        let mut list = serializer.serialize_seq(Some(ended.len()))?;
        for block in ended.chunks(BLOCK) {
            let texts: Vec<_> = block.par_iter().map(text).collect();
            for text in texts {
                list.serialize_element(&text.map_err(S::Error::custom)?)?;
            }
        }
        list.end()
    }
}

#[derive(Serialize)]
struct Trial<'a> {
    arm: Option<&'a str>,
    params: &'a Params,
    seed: u64,
    outcome: &'static str,
    /// Values at the last evaluation; null unless the trial completed and measured them.
    train_accuracy: Option<f64>,
    test_accuracy: Option<f64>,
    gap: Option<f64>,
    train_loss: Option<Measurement>,
    test_loss: Option<Measurement>,
    weight_norm: Option<Measurement>,
    /// The epoch with the highest validation accuracy; null unless the trial completed and measured it.
    best_epoch: Option<f64>,
    weights_digest: Option<&'a str>,
    seconds: f64,
    curve: Curve<'a>,
    /// What was measured of the layers at each evaluation, if it was asked for.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    layers: &'a [Layers],
    /// The loss around the trained network, if that was asked for.
    #[serde(skip_serializing_if = "<[Slice]>::is_empty")]
    slices: &'a [Slice],
    /// True and predicted classes of the test samples after the last step, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    confusion: Option<&'a Confusion>,
    /// On surfaces, every step in double precision.
    #[serde(skip_serializing_if = "Option::is_none")]
    trajectory: Option<&'a Trajectory>,
}

impl<'a> Trial<'a> {
    fn new(board: &'a Board, place: usize, state: &'a TrialState, outcome: &'a Outcome) -> Trial<'a> {
        let cell = board.cell(place);
        let (outcome, weights_digest) = match outcome {
            Outcome::Completed { weights_digest } => ("completed", Some(weights_digest.as_str())),
            Outcome::Diverged { .. } => ("diverged", None),
            Outcome::Failed { .. } => ("failed", None),
            Outcome::Cancelled => ("cancelled", None),
        };
        let last = state.curve.last().filter(|_| weights_digest.is_some());
        let value = |metric: Metric| last.as_ref()?.value(metric, &cell.config);
        let measured = |metric: Metric| last.as_ref()?.measured.get(metric);
        let best = state.curve.best().filter(|_| weights_digest.is_some());
        Trial {
            arm: cell.arm.as_deref(),
            params: &cell.params,
            seed: board.plan.trials[place].seed,
            outcome,
            train_accuracy: value(Metric::TRAIN_ACCURACY),
            test_accuracy: value(Metric::TEST_ACCURACY),
            gap: value(Metric::GAP),
            train_loss: measured(Metric::TRAIN_LOSS),
            test_loss: measured(Metric::TEST_LOSS),
            weight_norm: measured(Metric::WEIGHT_NORM),
            best_epoch: best.map(|best| cell.config.epoch(state.curve.step[best])),
            weights_digest,
            seconds: state.seconds,
            curve: Curve::new(state, &cell.config),
            layers: &state.layers,
            slices: &state.slices,
            confusion: state.confusions.first(),
            trajectory: Some(&state.trajectory).filter(|trajectory| !trajectory.is_empty()),
        }
    }
}

#[derive(Serialize)]
struct Curve<'a> {
    epoch: Vec<f64>,
    /// A value for each epoch, or null if it was never measured; the same for the next four.
    train_loss: Option<&'a Measurements>,
    test_loss: Option<&'a Measurements>,
    train_accuracy: Option<Vec<Option<f64>>>,
    test_accuracy: Option<Vec<Option<f64>>>,
    weight_norm: Option<&'a Measurements>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    validation_accuracy: Vec<f64>,
    /// The metrics that were asked for, by name; null where an evaluation has no value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    measured: BTreeMap<Metric, &'a Measurements>,
}

impl<'a> Curve<'a> {
    fn new(state: &'a TrialState, config: &Config) -> Curve<'a> {
        let curve = &state.curve;
        let columns: BTreeMap<Metric, &Measurements> = curve.columns().collect();
        let column = |metric: Metric| columns.get(&metric).copied();
        let values = |metric: Metric| {
            let values = (0..curve.len()).map(|index| curve.value(index, metric, config));
            curve.has(metric).then(|| values.collect())
        };
        Curve {
            epoch: curve.step.iter().map(|&step| config.epoch(step)).collect(),
            train_loss: column(Metric::TRAIN_LOSS),
            test_loss: column(Metric::TEST_LOSS),
            train_accuracy: values(Metric::TRAIN_ACCURACY),
            test_accuracy: values(Metric::TEST_ACCURACY),
            weight_norm: column(Metric::WEIGHT_NORM),
            validation_accuracy: curve.values(Metric::VALIDATION_ACCURACY, config).map(|(_, value)| value).collect(),
            measured: curve.columns().filter(|(metric, _)| !NAMED.contains(metric)).collect(),
        }
    }
}
