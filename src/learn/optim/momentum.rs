//! A velocity V that sums past gradients, each weighing less by the factor m a step.

use super::{Optimizer, Velocity, zeros};
use crate::learn::kernel::vectorised;

/// V ← m V − α g; W ← W + V (Polyak 1964).
pub struct Momentum {
    momentum: f32,
    velocity: Vec<Vec<f32>>,
}

/// V ← m V − α g; W ← W + m V − α g: the gradient is taken where the velocity is about to lead (Nesterov 1983, in the
/// form of Bengio et al. 2013, where W stands for the look-ahead point).
pub struct Nesterov {
    momentum: f32,
    velocity: Vec<Vec<f32>>,
}

impl Momentum {
    pub fn new(momentum: f64, lengths: &[usize]) -> Momentum {
        Momentum { momentum: momentum as f32, velocity: zeros(lengths) }
    }
}

impl Nesterov {
    pub fn new(momentum: f64, lengths: &[usize]) -> Nesterov {
        Nesterov { momentum: momentum as f32, velocity: zeros(lengths) }
    }
}

impl Optimizer for Momentum {
    fn update(&mut self, index: usize, value: &mut [f32], gradient: &[f32], learning_rate: f32) {
        momentum_step(value, gradient, &mut self.velocity[index], self.momentum, learning_rate);
    }

    fn velocity(&self, index: usize, _learning_rate: f64) -> Option<Velocity<'_>> {
        Some(Velocity { scale: 1.0, values: &self.velocity[index] })
    }
}

impl Optimizer for Nesterov {
    fn update(&mut self, index: usize, value: &mut [f32], gradient: &[f32], learning_rate: f32) {
        nesterov_step(value, gradient, &mut self.velocity[index], self.momentum, learning_rate);
    }

    fn velocity(&self, index: usize, _learning_rate: f64) -> Option<Velocity<'_>> {
        Some(Velocity { scale: 1.0, values: &self.velocity[index] })
    }
}

vectorised! {
    fn momentum_step(value: &mut [f32], gradient: &[f32], velocity: &mut [f32], momentum: f32, learning_rate: f32) {
        for ((w, g), v) in value.iter_mut().zip(gradient).zip(velocity) {
            *v = momentum * *v - learning_rate * g;
            *w += *v;
        }
    }

    fn nesterov_step(value: &mut [f32], gradient: &[f32], velocity: &mut [f32], momentum: f32, learning_rate: f32) {
        for ((w, g), v) in value.iter_mut().zip(gradient).zip(velocity) {
            *v = momentum * *v - learning_rate * g;
            *w += momentum * *v - learning_rate * g;
        }
    }
}
