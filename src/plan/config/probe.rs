//! What can be measured inside a training.

use super::{Config, Optimizer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A measurement inside a training. [`crate::plan::metric::Metric`] says what each one measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Probe {
    /// The distribution of each hidden layer's activations, on the first 1,000 images that are trained on, with no unit
    /// dropped.
    Activations,
    /// The size of the update before each evaluation, also as a share of the weights.
    Updates,
    /// The average of 50 networks with dropped units on the first 1,000 test images.
    Ensemble,
    /// After the last step, the loss on the straight line to the trial's twin, trained with the same settings on the
    /// same images from the next seed (its initial weights and its batches), and on the line from the untrained network.
    /// Costs the training of the twin.
    Line,
    /// After the last step, the loss on a random plane through the trained network and on the plane of the training's
    /// two main directions, at 25 × 25 places each, on the first 1,000 images that are trained on.
    Plane,
    /// After the last step, which classes are taken for which, of the test samples.
    Confusion,
    /// The size of the gradient of the last step's batch.
    Gradients,
    /// The size of each layer's weights.
    Weights,
    /// The velocity of an optimizer that has one, and its angle to the negative gradient.
    Velocity,
    /// The curvature of the loss, from the Hessian and from the motion of the weights, on the first 1,000 images that
    /// are trained on. At each evaluation it costs as much as some tens of gradients of those images. Not available
    /// with layers that cannot be differentiated twice, nor with a max-norm constraint.
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
            Probe::Confusion => "confusion",
            Probe::Curvature => "curvature",
        }
    }

    /// Whether it finds anything to measure in a training with this configuration.
    pub fn measures(self, config: &Config) -> bool {
        match self {
            Probe::Activations => !config.hidden.is_empty(),
            Probe::Ensemble => config.drops_units() && !config.mixes_images(),
            Probe::Velocity => config.optimizer.has_velocity(),
            _ => true,
        }
    }

    /// What it needs for that; empty if it needs nothing.
    pub fn needs(self) -> String {
        match self {
            Probe::Activations => "a hidden layer".into(),
            Probe::Ensemble => "dropout of hidden units or of inputs, and no batch norm".into(),
            Probe::Velocity => {
                let names: Vec<_> = Optimizer::all().filter(Optimizer::has_velocity).map(|rule| rule.name()).collect();
                let [others @ .., last] = &names[..] else { return "an optimizer with a velocity".into() };
                format!("an optimizer with a velocity: {} or {last}", others.join(", "))
            }
            _ => String::new(),
        }
    }
}
