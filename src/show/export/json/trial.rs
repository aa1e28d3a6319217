//! Every trial that ended, with all that was seen of it.

use crate::plan::config::Config;
use crate::plan::metric::Metric;
use crate::plan::{Params, Problem};
use crate::record::board::{Board, Status, TrialState};
use crate::record::event::{Layers, Outcome, Slice, Trajectory};
use rayon::prelude::*;
use serde::ser::{Error as _, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::value::to_raw_value;
use std::collections::BTreeMap;

/// Trials that all cores turn into text together.
const BLOCK: usize = 64;

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
    /// The last evaluation's numbers; null unless the trial completed, all but the train loss also on a surface.
    train_accuracy: Option<f64>,
    test_accuracy: Option<f64>,
    gap: Option<f64>,
    train_loss: Option<f32>,
    test_loss: Option<f32>,
    weight_norm: Option<f32>,
    /// The evaluation with the highest validation accuracy; null also where none was measured.
    best_epoch: Option<f64>,
    weights_digest: Option<&'a str>,
    seconds: f64,
    curve: Curve<'a>,
    /// What was seen of the layers, evaluation by evaluation; only where it was asked for.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    layers: &'a [Layers],
    /// The loss around the trained network, if that was asked for.
    #[serde(skip_serializing_if = "<[Slice]>::is_empty")]
    slices: &'a [Slice],
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
        // A surface has no images to be right about.
        let classified = last.filter(|_| cell.config.problem() == Problem::Network);
        Trial {
            arm: cell.arm.as_deref(),
            params: &cell.params,
            seed: board.plan.trials[place].seed,
            outcome,
            train_accuracy: classified.map(|point| point.train_accuracy(&cell.config)),
            test_accuracy: classified.map(|point| point.test_accuracy(&cell.config)),
            gap: classified.map(|point| point.gap(&cell.config)),
            train_loss: last.map(|point| point.train_loss),
            test_loss: classified.map(|point| point.test_loss),
            weight_norm: classified.map(|point| point.weight_norm),
            best_epoch: state.curve.best().filter(|_| weights_digest.is_some()).map(|best| best.epoch(&cell.config)),
            weights_digest,
            seconds: state.seconds,
            curve: Curve::new(state, &cell.config),
            layers: &state.layers,
            slices: &state.slices,
            trajectory: Some(&state.trajectory).filter(|trajectory| !trajectory.is_empty()),
        }
    }
}

#[derive(Serialize)]
struct Curve<'a> {
    epoch: Vec<f64>,
    train_loss: &'a [f32],
    /// Null on a surface, and so are the next three.
    test_loss: Option<&'a [f32]>,
    train_accuracy: Option<Vec<f64>>,
    test_accuracy: Option<Vec<f64>>,
    weight_norm: Option<&'a [f32]>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    validation_accuracy: Vec<f64>,
    /// What was asked for, by name; null where an evaluation had no value of it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    measured: &'a BTreeMap<Metric, Vec<Option<f32>>>,
}

impl<'a> Curve<'a> {
    fn new(state: &'a TrialState, config: &Config) -> Curve<'a> {
        let curve = &state.curve;
        let is_network = config.problem() == Problem::Network;
        let classified = |counts: &[u32], share: fn(&Config, u32) -> f64| {
            is_network.then(|| counts.iter().map(|&correct| share(config, correct)).collect())
        };
        Curve {
            epoch: curve.step.iter().map(|&step| config.epoch(step)).collect(),
            train_loss: &curve.train_loss,
            test_loss: is_network.then_some(curve.test_loss.as_slice()),
            train_accuracy: classified(&curve.train_correct, Config::train_accuracy),
            test_accuracy: classified(&curve.test_correct, Config::test_accuracy),
            weight_norm: is_network.then_some(curve.weight_norm.as_slice()),
            validation_accuracy: (0..curve.len())
                .filter_map(|index| curve.point(index).value(Metric::VALIDATION_ACCURACY, config))
                .collect(),
            measured: &curve.measured,
        }
    }
}
