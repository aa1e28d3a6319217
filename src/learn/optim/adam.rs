//! m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; W ← W − α m̂ / (√v̂ + ε), with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ)

use super::{Optimizer, Velocity, zeros};
use crate::learn::kernel::vectorised;

/// Momentum and a learning rate for each weight (Kingma & Ba 2015, algorithm 1).
pub struct Adam {
    beta_1: f64,
    beta_2: f64,
    epsilon: f32,
    /// β₁ᵗ and β₂ᵗ after t steps.
    beta_1_power: f64,
    beta_2_power: f64,
    /// m of each parameter.
    first_moment: Vec<Vec<f32>>,
    /// v of each parameter.
    second_moment: Vec<Vec<f32>>,
}

impl Adam {
    pub fn new(beta_1: f64, beta_2: f64, epsilon: f64, lengths: &[usize]) -> Adam {
        Adam {
            beta_1,
            beta_2,
            epsilon: epsilon as f32,
            beta_1_power: 1.0,
            beta_2_power: 1.0,
            first_moment: zeros(lengths),
            second_moment: zeros(lengths),
        }
    }
}

/// One step's constants, with the corrections of both moments drawn together:
/// α m̂ / (√v̂ + ε) = rate · m / (√v + epsilon)
#[derive(Clone, Copy)]
struct Step {
    beta_1: f32,
    /// 1 − β₁, taken in f64: in f32 the difference would lose digits.
    new_1: f32,
    beta_2: f32,
    new_2: f32,
    rate: f32,
    epsilon: f32,
}

impl Optimizer for Adam {
    fn begin_step(&mut self) {
        self.beta_1_power *= self.beta_1;
        self.beta_2_power *= self.beta_2;
    }

    fn update(&mut self, index: usize, value: &mut [f32], gradient: &[f32], learning_rate: f32) {
        let second_correction = (1.0 - self.beta_2_power).sqrt();
        let constants = Step {
            beta_1: self.beta_1 as f32,
            new_1: (1.0 - self.beta_1) as f32,
            beta_2: self.beta_2 as f32,
            new_2: (1.0 - self.beta_2) as f32,
            rate: (f64::from(learning_rate) * second_correction / (1.0 - self.beta_1_power)) as f32,
            epsilon: (f64::from(self.epsilon) * second_correction) as f32,
        };
        step(value, gradient, &mut self.first_moment[index], &mut self.second_moment[index], constants);
    }

    /// −α m̂, not divided by √v̂.
    fn velocity(&self, index: usize, learning_rate: f64) -> Option<Velocity<'_>> {
        let correction = 1.0 - self.beta_1_power;
        let scale = if correction > 0.0 { -learning_rate / correction } else { 0.0 };
        Some(Velocity { scale, values: &self.first_moment[index] })
    }

    /// (1 − β₁ᵗ)(√v̂ + ε), which leaves m itself above it.
    fn preconditioner(&self, index: usize) -> Option<Vec<f32>> {
        let (first, second) = (1.0 - self.beta_1_power, 1.0 - self.beta_2_power);
        let divisor = |&v: &f32| (first * ((f64::from(v) / second).sqrt() + f64::from(self.epsilon))) as f32;
        Some(self.second_moment[index].iter().map(divisor).collect())
    }
}

vectorised! {
    fn step(value: &mut [f32], gradient: &[f32], first: &mut [f32], second: &mut [f32], step: Step) {
        for (((w, g), m), v) in value.iter_mut().zip(gradient).zip(first).zip(second) {
            *m = step.beta_1 * *m + step.new_1 * g;
            *v = step.beta_2 * *v + step.new_2 * g * g;
            *w -= step.rate * *m / (v.sqrt() + step.epsilon);
        }
    }
}
