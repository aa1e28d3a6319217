//! The curvature of the loss at the weights of a training: from the Hessian, and from the motion of the weights alone.
//!
//! Gradient descent on a quadratic with the largest eigenvalue λ diverges if λ > 2/α. On networks, full-batch gradient
//! descent makes λ (the sharpness) rise to 2/α and hover there, "at the edge of stability" (Cohen et al. 2021,
//! arXiv:2103.00065); optimizers that divide each gradient do so with the preconditioned Hessian (Cohen et al. 2022,
//! arXiv:2207.14484).
//!
//! The loss is what the optimizer minimises: the mean cross-entropy of the first images that are trained on with their
//! targets, smoothed and weighted by class as in training, with no unit or input dropped, plus ½λ‖W‖² where weight decay is coupled, and plus λ‖W‖₁ of `l1`.
//!
//! The largest eigenvalue is found by the Lanczos method, or not at all: then the metric has no value there. An
//! evaluation costs two gradients of those images and 12 to 60 products with the Hessian, each worth about two
//! gradients; twice as many products for optimizers that divide each gradient, which have a preconditioned sharpness of
//! their own.

mod direction;
mod lanczos;
mod objective;
#[cfg(test)]
mod tests;

use crate::data::Samples;
use crate::learn::model;
use crate::learn::nn::Network;
use crate::learn::optim::Stepper;
use crate::plan::config::{Config, PROBED_IMAGES as IMAGES, WeightDecayMode};
use crate::plan::metric::Metric;
use crate::record::event::Measured;
use direction::Direction;
use lanczos::{MOST_PRODUCTS, largest};
use objective::Objective;

/// Observes a network in training without changing it.
pub struct Curvature {
    objective: Objective,
    /// The weights before the last step, if they were kept.
    before: Option<Direction>,
    /// The eigenvectors found last, for the Hessian itself and for the preconditioned one: the next search starts there.
    sharpest: [Option<Direction>; 2],
}

impl Curvature {
    /// On the first of the images that are `trained_on`. `None` for networks with a layer that is not twice
    /// differentiable; `Config::check` refuses them by name.
    pub fn new(config: &Config, train: &Samples, trained_on: &[u32]) -> Option<Curvature> {
        let images = &trained_on[..trained_on.len().min(IMAGES)];
        let labels = trained_on.iter().map(|&image| train.labels[image as usize]);
        let class_weights = config.class_weights.of(config.data.classes(), labels);
        let network = model::replica(config, 1, 0).with_class_weights(class_weights);
        let penalty = match config.weight_decay_mode {
            WeightDecayMode::Coupled => config.weight_decay.get(),
            WeightDecayMode::Decoupled => 0.0,
        };
        network.is_twice_differentiable().then(|| {
            let objective = Objective::new(train, images, network, penalty as f32, config.l1.get() as f32);
            Curvature { objective, before: None, sharpest: [None, None] }
        })
    }

    /// Approximate bytes that a search takes in a network with these numbers of weights and units.
    pub fn bytes(config: &Config, weights: f64, units: f64) -> f64 {
        let images = config.trained_on().len().min(IMAGES) as f64;
        4.0 * (MOST_PRODUCTS as f64 * weights + images * (8.0 * units + config.data.pixels() as f64))
    }

    /// To be called before the last step ahead of an evaluation.
    pub fn remember(&mut self, network: &Network) {
        self.before = Some(Direction::weights(network));
    }

    /// After that step, or before the first; `bound` is the optimizer's bound of stability at the rate of the step.
    pub fn measure(
        &mut self,
        network: &Network,
        optimizer: &dyn Stepper<f32>,
        bound: Option<f64>,
        measured: &mut Measured,
    ) {
        let mut set = |metric, value: f64| {
            if (value as f32).is_finite() {
                measured.set(metric, value as f32);
            }
        };
        bound.into_iter().for_each(|bound| set(Metric::STABILITY_BOUND, bound));
        let weights = Direction::weights(network);
        let before = self.before.take();
        let gradient_before = before.as_ref().map(|before| self.objective.gradient(before));
        let gradient = self.objective.gradient(&weights);
        if let (Some(before), Some(gradient_before)) = (&before, &gradient_before) {
            let (step, change) = (weights.plus(-1.0, before), gradient.clone().plus(-1.0, gradient_before));
            set(Metric::MOTION_CURVATURE, step.dot(&change) / step.dot(&step));
            set(Metric::MOTION_GAIN, change.norm() / step.norm());
        }
        let sharpness = self.sharpness(&gradient, None);
        sharpness.into_iter().for_each(|value| set(Metric::SHARPNESS, value));
        let divisors: Option<Vec<Vec<f32>>> = (0..gradient.0.len()).map(|index| optimizer.divisors(index)).collect();
        let preconditioned = match divisors {
            None => sharpness,
            Some(_) if before.is_none() => None,
            Some(divisors) => self.sharpness(&gradient, Some(root_inverse(&gradient, &divisors))),
        };
        preconditioned.into_iter().for_each(|value| set(Metric::PRECONDITIONED_SHARPNESS, value));
    }

    /// The largest eigenvalue of H, or of S H S for a diagonal S. The search starts at the eigenvector that was found
    /// last, mixed with the gradient and with every direction, in case another eigenvalue has become larger.
    fn sharpness(&mut self, gradient: &Direction, scale: Option<Direction>) -> Option<f64> {
        let Curvature { objective, sharpest, .. } = self;
        let last = &mut sharpest[usize::from(scale.is_some())];
        let scattered = Direction::scattered(objective.shapes()).unit()?;
        let start = [gradient.unit(), last.take()]
            .into_iter()
            .flatten()
            .fold(scattered, |sum, direction| sum.plus(2.0, &direction));
        let mut apply = |direction: &Direction| match &scale {
            None => objective.hessian_times(direction),
            Some(scale) => objective.hessian_times(&direction.clone().times(scale)).times(scale),
        };
        let (value, vector) = largest(&mut apply, &start)?;
        *last = Some(vector);
        Some(value)
    }
}

/// 1/√p for what each gradient is divided by; `like` has the shapes.
fn root_inverse(like: &Direction, divisors: &[Vec<f32>]) -> Direction {
    let mut scale = like.clone();
    for (part, divisors) in scale.0.iter_mut().zip(divisors) {
        part.padded_mut().iter_mut().zip(divisors).for_each(|(scale, divisor)| *scale = 1.0 / divisor.sqrt());
    }
    scale
}
