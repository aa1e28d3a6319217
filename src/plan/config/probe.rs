//! What can be looked at inside a training.

use super::{Config, Optimizer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something to look at inside a training. What each one measures is told in [`crate::plan::metric::Metric`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Probe {
    /// How the activations of each hidden layer are spread, on the first 1,000 training images, all units passing.
    Activations,
    /// The size of the update before each evaluation, also as a share of the weights.
    Updates,
    /// The average of 50 dropped-out networks on the first 1,000 test images.
    Ensemble,
    /// In the end, the loss on the straight line to the trial's twin, trained with the same settings from the next seed
    /// (its initial weights and its batches), and on the line from the untrained network. Costs the training of the twin.
    Line,
    /// In the end, the loss on a random plane through the trained network and on the plane of the training's two main
    /// directions, at 25 × 25 places each, on the first 1,000 images that are trained on.
    Plane,
    /// The size of the gradient of the last step's batch.
    Gradients,
    /// The size of each layer's weights.
    Weights,
    /// The velocity of a rule that has one, and its angle to the way down.
    Velocity,
    /// How sharply the loss bends, by the Hessian and by the motion, on the first 1,000 images that are trained on. Costs
    /// as much as some tens of gradients of those at each evaluation; not with layers that are not differentiated twice.
    Curvature,
}

impl Probe {
    /// As in files: `activations`.
    pub fn name(self) -> &'static str {
        match self {
            Probe::Activations => "activations",
            Probe::Updates => "updates",
            Probe::Ensemble => "ensemble",
            Probe::Gradients => "gradients",
            Probe::Weights => "weights",
            Probe::Velocity => "velocity",
            Probe::Line => "line",
            Probe::Plane => "plane",
            Probe::Curvature => "curvature",
        }
    }

    /// Whether it finds anything to measure in such a training.
    pub fn measures(self, config: &Config) -> bool {
        match self {
            Probe::Activations => !config.hidden.is_empty(),
            Probe::Ensemble => config.dropout.get() > 0.0 && !config.mixes_images(),
            Probe::Velocity => config.optimizer.has_velocity(),
            _ => true,
        }
    }

    /// What it needs for that; empty if it needs nothing.
    pub fn needs(self) -> String {
        match self {
            Probe::Activations => "a hidden layer".into(),
            Probe::Ensemble => "dropout, and no batch norm".into(),
            Probe::Velocity => {
                let names: Vec<_> = Optimizer::all().filter(Optimizer::has_velocity).map(|rule| rule.name()).collect();
                let [others @ .., last] = &names[..] else { return "an optimizer with a velocity".into() };
                format!("an optimizer with a velocity: {} or {last}", others.join(", "))
            }
            _ => String::new(),
        }
    }
}
