use super::{Divisor, Epsilon, Float, Positive, Rule, Share, Velocity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Steps in the units of the weights, from the sizes of past steps and of past gradients (Zeiler 2012, algorithm 1).
///
/// The defaults are the paper's: its rule has no α, and its first figure has ρ = 0.95 and ε = 1e-6. PyTorch differs from
/// them in ρ = 0.9, Keras in ε = 1e-7 and α = 0.001.
///
/// v ← ρ v + (1 − ρ) g²; Δ = √(u + ε) / √(v + ε) · g; u ← ρ u + (1 − ρ) Δ²; W ← W − α Δ
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Adadelta {
    pub(super) learning_rate: Option<Positive>,
    /// ρ, the share of u and of v kept at each step.
    decay: Share,
    /// ε, added inside the roots. It decides how long the first steps are, as u begins at 0.
    epsilon: Epsilon,
}

impl Default for Adadelta {
    fn default() -> Self {
        Adadelta { learning_rate: None, decay: Share(0.95), epsilon: Epsilon(1e-6) }
    }
}

impl Rule for Adadelta {
    const LEARNING_RATE: f64 = 1.0;
    /// u and v, the moving averages of the squares of steps and of gradients.
    type State<F: Float> = [F; 2];
    type Progress = ();

    fn step<F: Float>(&self, (): &(), learning_rate: F) -> impl Fn(&mut F, F, &mut [F; 2]) {
        let rho = self.decay.get();
        // 1 − ρ is taken in f64: in f32 the difference would lose digits.
        let (rho, new, epsilon) = (F::of(rho), F::of(1.0 - rho), F::of(self.epsilon.get()));
        move |w, g, [u, v]| {
            *v = rho * *v + new * g * g;
            let delta = (*u + epsilon).sqrt() / (*v + epsilon).sqrt() * g;
            *u = rho * *u + new * delta * delta;
            *w = *w - learning_rate * delta;
        }
    }

    fn divisor<F: Float>(&self, (): &()) -> Option<Divisor<[F; 2], F>> {
        let epsilon = F::of(self.epsilon.get());
        Some(Box::new(move |&[u, v]| (v + epsilon).sqrt() / (u + epsilon).sqrt()))
    }

    fn velocity<F: Float>(&self, (): &(), _learning_rate: f64) -> Option<Velocity<[F; 2], F>> {
        None
    }

    /// The bound of SGD, as long as both averages change slowly.
    fn stability(&self) -> Option<f64> {
        Some(2.0)
    }

    /// The divisor cannot be recovered from a displacement.
    fn gradient(&self, _displacement: f64, _velocity: &mut f64, _learning_rate: f64) -> Option<f64> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{divisors_are, weights_are};
    use super::Adadelta;

    #[test]
    fn steps_by_hand() {
        // In Python, from the formulas above, and the same from torch.optim.Adadelta(lr=0.1, rho=0.95, eps=1e-6) in double
        // precision: v is .0125 and .8, so that Δ is .001/√.012501 · .5 and .001/√.800001 · −4 at first.
        let first = [0.9995528042919706, -1.9995527866840084];
        weights_are(Adadelta::default(), [first, [0.9992641445523053, -1.999938481012021]]);
        // By then v is .015 and 1.21, u 1.3665e-6 and 1.6938e-6.
        let [x, y] = [(0.015_f64, 1.3665462325976393e-6), (1.21, 1.693799385807377e-6)]
            .map(|(v, u): (f64, f64)| (v + 1e-6).sqrt() / (u + 1e-6).sqrt());
        divisors_are(Adadelta::default(), [x, y]);
    }

    #[test]
    fn steps_have_the_units_of_weights() {
        // With the loss in other units, every gradient is 1,000 times as large; the second step is the same except for
        // ε.
        let path = |unit: f64| {
            use super::super::Rule;
            let (rule, mut w, mut state) = (Adadelta::default(), 1.0, Default::default());
            (0..2).for_each(|_| rule.step::<f64>(&(), 1.0)(&mut w, 3.0 * unit, &mut state));
            w
        };
        assert!((path(1.0) - path(1000.0)).abs() < 1e-5 * (1.0 - path(1.0)), "{} {}", path(1.0), path(1000.0));
    }
}
