//! The update rules of `optim` for two numbers in double precision; the formulas stand there.

use crate::plan::config::Optimizer;

/// A rule with its state.
pub struct Rule {
    optimizer: Optimizer,
    /// V, or Adam's m.
    first: [f64; 2],
    /// h, or Adam's v.
    second: [f64; 2],
    /// Adam's β₁ᵗ and β₂ᵗ after t steps.
    powers: [f64; 2],
}

impl Rule {
    pub fn new(optimizer: Optimizer) -> Rule {
        Rule { optimizer, first: [0.0; 2], second: [0.0; 2], powers: [1.0; 2] }
    }

    pub fn step(&mut self, place: &mut [f64; 2], gradient: [f64; 2], learning_rate: f64) {
        if let Optimizer::Adam { beta_1, beta_2, .. } = self.optimizer {
            self.powers[0] *= beta_1.get();
            self.powers[1] *= beta_2.get();
        }
        for axis in 0..2 {
            let (w, g) = (&mut place[axis], gradient[axis]);
            let (first, second) = (&mut self.first[axis], &mut self.second[axis]);
            match self.optimizer {
                Optimizer::Sgd { .. } => *w -= learning_rate * g,
                Optimizer::Momentum { momentum, .. } => {
                    *first = momentum.get() * *first - learning_rate * g;
                    *w += *first;
                }
                Optimizer::Nesterov { momentum, .. } => {
                    *first = momentum.get() * *first - learning_rate * g;
                    *w += momentum.get() * *first - learning_rate * g;
                }
                Optimizer::Adagrad { epsilon, .. } => {
                    *second += g * g;
                    *w -= learning_rate * g / (second.sqrt() + epsilon.get());
                }
                Optimizer::Rmsprop { decay, epsilon, .. } => {
                    *second = decay.get() * *second + (1.0 - decay.get()) * g * g;
                    *w -= learning_rate * g / (second.sqrt() + epsilon.get());
                }
                Optimizer::Adam { beta_1, beta_2, epsilon, .. } => {
                    *first = beta_1.get() * *first + (1.0 - beta_1.get()) * g;
                    *second = beta_2.get() * *second + (1.0 - beta_2.get()) * g * g;
                    let m = *first / (1.0 - self.powers[0]);
                    let v = *second / (1.0 - self.powers[1]);
                    *w -= learning_rate * m / (v.sqrt() + epsilon.get());
                }
            }
        }
    }

    /// V, where the rule has one.
    pub fn velocity(&self) -> Option<[f64; 2]> {
        matches!(self.optimizer, Optimizer::Momentum { .. } | Optimizer::Nesterov { .. }).then_some(self.first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::optim;

    #[test]
    fn rules_agree_with_those_for_networks() {
        for name in ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"] {
            let optimizer: Optimizer = serde_json::from_value(serde_json::json!({ "name": name })).unwrap();
            let (mut rule, mut single) = (Rule::new(optimizer), optim::build(&optimizer, &[2]));
            let (mut place, mut weights) = ([1.0, -2.0], [1.0f32, -2.0]);
            for step in 0..50 {
                let gradient = [0.5 - 0.03 * f64::from(step), 2.0 * place[1]];
                rule.step(&mut place, gradient, 0.02);
                single.begin_step();
                single.update(0, &mut weights, &gradient.map(|g| g as f32), 0.02);
            }
            for (double, single) in place.iter().zip(weights) {
                assert!((double - f64::from(single)).abs() < 1e-4, "{name}: {place:?} and {weights:?}");
            }
        }
    }
}
