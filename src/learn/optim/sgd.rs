//! W ← W − α g

use super::Optimizer;
use crate::learn::kernel::vectorised;

/// Stochastic gradient descent (Robbins & Monro 1951).
pub struct Sgd;

impl Optimizer for Sgd {
    fn update(&mut self, _index: usize, value: &mut [f32], gradient: &[f32], learning_rate: f32) {
        step(value, gradient, learning_rate);
    }
}

vectorised! {
    fn step(value: &mut [f32], gradient: &[f32], learning_rate: f32) {
        for (w, g) in value.iter_mut().zip(gradient) {
            *w -= learning_rate * g;
        }
    }
}
