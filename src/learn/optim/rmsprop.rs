//! h ← ρ h + (1 − ρ) g²; W ← W − α g / (√h + ε)

use super::{Optimizer, zeros};
use crate::learn::kernel::vectorised;

/// AdaGrad that forgets the far past (Tieleman & Hinton 2012).
pub struct RmsProp {
    /// ρ, the share of h kept at each step.
    decay: f32,
    /// 1 − ρ, taken in f64: in f32 the difference would lose digits.
    new: f32,
    epsilon: f32,
    /// h, the moving average of the squared gradients.
    squares: Vec<Vec<f32>>,
}

impl RmsProp {
    pub fn new(decay: f64, epsilon: f64, lengths: &[usize]) -> RmsProp {
        RmsProp { decay: decay as f32, new: (1.0 - decay) as f32, epsilon: epsilon as f32, squares: zeros(lengths) }
    }
}

impl Optimizer for RmsProp {
    fn update(&mut self, index: usize, value: &mut [f32], gradient: &[f32], learning_rate: f32) {
        step(value, gradient, &mut self.squares[index], [self.decay, self.new, self.epsilon], learning_rate);
    }

    fn preconditioner(&self, index: usize) -> Option<Vec<f32>> {
        Some(self.squares[index].iter().map(|h| h.sqrt() + self.epsilon).collect())
    }
}

vectorised! {
    fn step(value: &mut [f32], gradient: &[f32], squares: &mut [f32], constants: [f32; 3], learning_rate: f32) {
        let [decay, new, epsilon] = constants;
        for ((w, g), h) in value.iter_mut().zip(gradient).zip(squares) {
            *h = decay * *h + new * g * g;
            *w -= learning_rate * g / (h.sqrt() + epsilon);
        }
    }
}
