//! What is measured of a trial at each evaluation, by name.

use super::config::Probe;
use serde::{Deserialize, Serialize};

/// A number for each evaluation of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    TrainAccuracy,
    TestAccuracy,
    /// Train accuracy minus test accuracy.
    Gap,
    TrainLoss,
    TestLoss,
    WeightNorm,
    /// On the images that `validation_samples` holds out.
    ValidationAccuracy,
    ValidationLoss,
    /// ‖ΔW‖₂ of the update before the evaluation, over all weights, as every norm here; no value before the first.
    UpdateNorm,
    /// That norm over the weight norm after the update; no value before the first, nor where both are 0.
    UpdateRatio,
    /// ‖g‖₂ of the last step's batch, as the optimizer was given it: with λW where weight decay is coupled. No value before the
    /// first step.
    GradientNorm,
    /// ‖V‖₂ after the last step, of rules that have a velocity: V of Momentum and Nesterov; of Adam −α m̂, its first
    /// moment in units of a step. No value before the first step, nor of other rules.
    VelocityNorm,
    /// Angle between V and −g of the last step, in degrees: 0 where the velocity points down the slope, above 90 where
    /// it goes up again. No value before the first step; 0 where either is 0.
    VelocityAngle,
    /// Standard deviation of the activations of the first hidden layer, over units and images.
    FirstActivationSd,
    /// The same of the last hidden layer.
    LastActivationSd,
    /// That of the last hidden layer divided by that of the first: 1 if depth keeps the spread.
    ActivationSdRatio,
    /// Share of a hidden layer's activations at an end of their range: sigmoid below .05 or above .95, tanh beyond ±.95,
    /// ReLU 0.
    Saturated,
    /// Mean of a hidden layer's activations, over units and images, as they reach the next layer.
    ActivationMean,
    /// Their standard deviation.
    ActivationSd,
    /// Share of a hidden layer's ReLU units that are 0 on all images looked at; not measured of other activations.
    Dead,
    /// ‖W‖₂ of one affine layer; number 1 leads from the images into the first hidden layer.
    LayerWeightNorm,
    /// Test accuracy of the average of many dropped-out networks, where the test accuracy itself is that of the one
    /// network in which all units pass.
    EnsembleAccuracy,
    /// How far the one network's probabilities are from that average: half the sum of the absolute differences, mean over
    /// the images.
    EnsembleDistance,
    /// The same of a single dropped-out network, on average.
    SingleDistance,
    /// On the straight line to the trial's twin, the highest train loss minus the mean of the two networks'. After the last
    /// step alone.
    Barrier,
    /// On a random plane, the mean train loss within half the network's own length around it, minus its own. After the
    /// last step alone.
    Rise,
    /// On a surface, the length of the way so far.
    PathLength,
    /// Distance from the start in a straight line, divided by the length of the way; 1 before the first step.
    Straightness,
    /// How often the slope along x or along y has changed its sign: the path has crossed the valley.
    Overshoots,
    /// Σ|Δx| / Σ learning_rate·|∂f/∂x|: how many times longer than SGD's, taken at the same places, the steps along x are;
    /// 1 before the first step.
    StepGainX,
    /// The same along y.
    StepGainY,
    /// On a quadratic surface (bowl, quadratic, saddle), the larger eigenvalue of the Hessian as the last three steps of
    /// SGD, Momentum or Nesterov tell it. No value where the motion has one direction alone.
    EigenvalueHigh,
    /// The smaller one.
    EigenvalueLow,
    /// The largest eigenvalue of the Hessian of what is minimised: the mean cross-entropy of the first 1,000 images that
    /// are trained on, all units passing, with the penalty of coupled weight decay. No value where 60 products with the
    /// Hessian do not find it.
    Sharpness,
    /// That of P^(−½) H P^(−½), where P is what the optimizer divides each gradient by; the sharpness itself for SGD,
    /// Momentum and Nesterov. No value before the first step of the others.
    PreconditionedSharpness,
    /// ΔwᵀΔg / ‖Δw‖² of the last step, with the gradients of that loss at both ends: the mean curvature along it.
    MotionCurvature,
    /// ‖Δg‖ / ‖Δw‖ of the last step: no more than the largest |eigenvalue| on the way.
    MotionGain,
    /// The (preconditioned) sharpness above which the optimizer's steps on a quadratic grow for ever, at the learning rate
    /// of the last step: 2/α for SGD, and more with a velocity.
    StabilityBound,
}

impl Metric {
    /// Measured at every evaluation.
    pub const ALWAYS: [Metric; 6] = [
        Metric::TrainAccuracy,
        Metric::TestAccuracy,
        Metric::Gap,
        Metric::TrainLoss,
        Metric::TestLoss,
        Metric::WeightNorm,
    ];

    /// Measured only where a configuration asks for it, or on surfaces alone.
    pub const ASKED_FOR: [Metric; 28] = [
        Metric::ValidationAccuracy,
        Metric::ValidationLoss,
        Metric::UpdateNorm,
        Metric::UpdateRatio,
        Metric::GradientNorm,
        Metric::VelocityNorm,
        Metric::VelocityAngle,
        Metric::FirstActivationSd,
        Metric::LastActivationSd,
        Metric::ActivationSdRatio,
        Metric::Saturated,
        Metric::EnsembleAccuracy,
        Metric::EnsembleDistance,
        Metric::SingleDistance,
        Metric::Barrier,
        Metric::Rise,
        Metric::PathLength,
        Metric::Straightness,
        Metric::Overshoots,
        Metric::StepGainX,
        Metric::StepGainY,
        Metric::EigenvalueHigh,
        Metric::EigenvalueLow,
        Metric::Sharpness,
        Metric::PreconditionedSharpness,
        Metric::MotionCurvature,
        Metric::MotionGain,
        Metric::StabilityBound,
    ];

    /// Measured of each layer alone (see [`crate::record::event::Layers`]), where a configuration asks for it.
    pub const BY_LAYER: [Metric; 4] =
        [Metric::ActivationMean, Metric::ActivationSd, Metric::Dead, Metric::LayerWeightNorm];

    pub fn all() -> impl Iterator<Item = Metric> {
        Metric::ALWAYS.into_iter().chain(Metric::ASKED_FOR).chain(Metric::BY_LAYER)
    }

    /// Whether each layer has its own. Where none is named, the last hidden layer is meant.
    pub fn is_by_layer(self) -> bool {
        self == Metric::Saturated || Metric::BY_LAYER.contains(&self)
    }

    /// As in files: `train_accuracy`.
    pub fn name(self) -> &'static str {
        match self {
            Metric::TrainAccuracy => "train_accuracy",
            Metric::TestAccuracy => "test_accuracy",
            Metric::Gap => "gap",
            Metric::TrainLoss => "train_loss",
            Metric::TestLoss => "test_loss",
            Metric::WeightNorm => "weight_norm",
            Metric::ValidationAccuracy => "validation_accuracy",
            Metric::ValidationLoss => "validation_loss",
            Metric::UpdateNorm => "update_norm",
            Metric::UpdateRatio => "update_ratio",
            Metric::GradientNorm => "gradient_norm",
            Metric::VelocityNorm => "velocity_norm",
            Metric::VelocityAngle => "velocity_angle",
            Metric::FirstActivationSd => "first_activation_sd",
            Metric::LastActivationSd => "last_activation_sd",
            Metric::ActivationSdRatio => "activation_sd_ratio",
            Metric::Saturated => "saturated",
            Metric::ActivationMean => "activation_mean",
            Metric::ActivationSd => "activation_sd",
            Metric::Dead => "dead",
            Metric::LayerWeightNorm => "layer_weight_norm",
            Metric::EnsembleAccuracy => "ensemble_accuracy",
            Metric::EnsembleDistance => "ensemble_distance",
            Metric::SingleDistance => "single_distance",
            Metric::Barrier => "barrier",
            Metric::Rise => "rise",
            Metric::PathLength => "path_length",
            Metric::Straightness => "straightness",
            Metric::Overshoots => "overshoots",
            Metric::StepGainX => "step_gain_x",
            Metric::StepGainY => "step_gain_y",
            Metric::EigenvalueHigh => "eigenvalue_high",
            Metric::EigenvalueLow => "eigenvalue_low",
            Metric::Sharpness => "sharpness",
            Metric::PreconditionedSharpness => "preconditioned_sharpness",
            Metric::MotionCurvature => "motion_curvature",
            Metric::MotionGain => "motion_gain",
            Metric::StabilityBound => "stability_bound",
        }
    }

    /// As over a column: `train`.
    pub fn label(self) -> &'static str {
        match self {
            Metric::TrainAccuracy => "train",
            Metric::TestAccuracy => "test",
            Metric::Gap => "gap",
            Metric::TrainLoss => "train loss",
            Metric::TestLoss => "test loss",
            Metric::WeightNorm => "weight norm",
            Metric::ValidationAccuracy => "validation",
            Metric::ValidationLoss => "validation loss",
            Metric::UpdateNorm => "update norm",
            Metric::UpdateRatio => "update ratio",
            Metric::GradientNorm => "gradient norm",
            Metric::VelocityNorm => "velocity norm",
            Metric::VelocityAngle => "velocity angle (°)",
            Metric::FirstActivationSd => "first activation sd",
            Metric::LastActivationSd => "last activation sd",
            Metric::ActivationSdRatio => "activation sd ratio",
            Metric::Saturated => "saturated",
            Metric::ActivationMean => "activation mean",
            Metric::ActivationSd => "activation sd",
            Metric::Dead => "dead",
            Metric::LayerWeightNorm => "weight norm",
            Metric::EnsembleAccuracy => "ensemble",
            Metric::EnsembleDistance => "ensemble distance",
            Metric::SingleDistance => "single distance",
            Metric::Barrier => "barrier",
            Metric::Rise => "rise",
            Metric::PathLength => "path length",
            Metric::Straightness => "straightness",
            Metric::Overshoots => "overshoots",
            Metric::StepGainX => "step gain x",
            Metric::StepGainY => "step gain y",
            Metric::EigenvalueHigh => "eigenvalue high",
            Metric::EigenvalueLow => "eigenvalue low",
            Metric::Sharpness => "sharpness",
            Metric::PreconditionedSharpness => "preconditioned sharpness",
            Metric::MotionCurvature => "motion curvature",
            Metric::MotionGain => "motion gain",
            Metric::StabilityBound => "stability bound",
        }
    }

    /// Whether an optimizer on a surface has it, where f is the train loss.
    pub fn is_on_surfaces(self) -> bool {
        self == Metric::TrainLoss || self.is_on_surfaces_alone()
    }

    pub fn is_on_surfaces_alone(self) -> bool {
        use Metric::*;
        let ways = [PathLength, Straightness, Overshoots, StepGainX, StepGainY, EigenvalueHigh, EigenvalueLow];
        ways.contains(&self)
    }

    /// Whether it is a share of images (or a difference of two), and not a loss or a norm.
    pub fn is_accuracy(self) -> bool {
        use Metric::*;
        matches!(self, TrainAccuracy | TestAccuracy | Gap | ValidationAccuracy | EnsembleAccuracy)
    }

    /// Whether it is measured after the last step alone, so that it has no curve.
    pub fn is_of_the_end(self) -> bool {
        matches!(self, Metric::Barrier | Metric::Rise)
    }

    /// Which probe measures it, if one has to be asked for.
    pub fn probe(self) -> Option<Probe> {
        use Metric::*;
        match self {
            UpdateNorm | UpdateRatio => Some(Probe::Updates),
            GradientNorm => Some(Probe::Gradients),
            VelocityNorm | VelocityAngle => Some(Probe::Velocity),
            LayerWeightNorm => Some(Probe::Weights),
            FirstActivationSd | LastActivationSd | ActivationSdRatio | Saturated | ActivationMean | ActivationSd
            | Dead => Some(Probe::Activations),
            EnsembleAccuracy | EnsembleDistance | SingleDistance => Some(Probe::Ensemble),
            Barrier => Some(Probe::Line),
            Rise => Some(Probe::Plane),
            Sharpness | PreconditionedSharpness | MotionCurvature | MotionGain | StabilityBound => {
                Some(Probe::Curvature)
            }
            _ => None,
        }
    }
}
