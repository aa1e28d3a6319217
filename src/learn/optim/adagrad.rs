//! h ← h + g²; W ← W − α g / (√h + ε)

use super::{Optimizer, zeros};
use crate::learn::kernel::vectorised;

/// A learning rate for each weight, which only falls (Duchi et al. 2011).
pub struct AdaGrad {
    epsilon: f32,
    /// h, the sum of all squared gradients.
    squares: Vec<Vec<f32>>,
}

impl AdaGrad {
    pub fn new(epsilon: f64, lengths: &[usize]) -> AdaGrad {
        AdaGrad { epsilon: epsilon as f32, squares: zeros(lengths) }
    }
}

impl Optimizer for AdaGrad {
    fn update(&mut self, index: usize, value: &mut [f32], gradient: &[f32], learning_rate: f32) {
        step(value, gradient, &mut self.squares[index], self.epsilon, learning_rate);
    }

    fn preconditioner(&self, index: usize) -> Option<Vec<f32>> {
        Some(self.squares[index].iter().map(|h| h.sqrt() + self.epsilon).collect())
    }
}

vectorised! {
    fn step(value: &mut [f32], gradient: &[f32], squares: &mut [f32], epsilon: f32, learning_rate: f32) {
        for ((w, g), h) in value.iter_mut().zip(gradient).zip(squares) {
            *h += g * g;
            *w -= learning_rate * g / (h.sqrt() + epsilon);
        }
    }
}
