use super::{Divisor, Epsilon, Float, Positive, Rule, Share, Velocity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Momentum and a learning rate for each weight (Kingma & Ba 2015, algorithm 1).
///
/// m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; W ← W − α m̂ / (√v̂ + ε), with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ)
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Adam {
    pub(super) learning_rate: Option<Positive>,
    /// The share of m kept at each step.
    beta_1: Share,
    /// The share of v kept at each step.
    beta_2: Share,
    /// ε, added outside the root.
    epsilon: Epsilon,
}

impl Default for Adam {
    fn default() -> Self {
        Adam { learning_rate: None, beta_1: Share(0.9), beta_2: Share(0.999), epsilon: Epsilon(1e-7) }
    }
}

/// β₁ᵗ and β₂ᵗ after t steps.
#[derive(Clone, Copy)]
pub struct Powers {
    beta_1: f64,
    beta_2: f64,
}

impl Default for Powers {
    fn default() -> Self {
        Powers { beta_1: 1.0, beta_2: 1.0 }
    }
}

impl Rule for Adam {
    const LEARNING_RATE: f64 = 0.001;
    /// m and v
    type State<F: Float> = [F; 2];
    type Progress = Powers;

    fn advance(&self, powers: &mut Powers) {
        powers.beta_1 *= self.beta_1.get();
        powers.beta_2 *= self.beta_2.get();
    }

    fn step<F: Float>(&self, powers: &Powers, learning_rate: F) -> impl Fn(&mut F, F, &mut [F; 2]) {
        let (beta_1, beta_2) = (self.beta_1.get(), self.beta_2.get());
        // 1 − β is taken in f64: in f32 the difference would lose digits.
        let (beta_1, new_1) = (F::of(beta_1), F::of(1.0 - beta_1));
        let (beta_2, new_2) = (F::of(beta_2), F::of(1.0 - beta_2));
        let epsilon = F::of(self.epsilon.get());
        let (first, second) = (1.0 - powers.beta_1, 1.0 - powers.beta_2);
        // Networks have many weights: both bias corrections are folded into α and ε, in f64, instead of dividing each m
        // and v.
        let drawn_rate = F::of(learning_rate.double() * second.sqrt() / first);
        let drawn_epsilon = F::of(epsilon.double() * second.sqrt());
        let (first, second) = (F::of(first), F::of(second));
        move |w, g, [m, v]| {
            *m = beta_1 * *m + new_1 * g;
            *v = beta_2 * *v + new_2 * g * g;
            let change = match F::IS_SINGLE {
                true => drawn_rate * *m / (v.sqrt() + drawn_epsilon),
                false => learning_rate * (*m / first) / ((*v / second).sqrt() + epsilon),
            };
            *w = *w - change;
        }
    }

    /// (1 − β₁ᵗ)(√v̂ + ε), so that the numerator is m itself.
    fn divisor<F: Float>(&self, powers: &Powers) -> Option<Divisor<[F; 2], F>> {
        let (first, second) = (1.0 - powers.beta_1, 1.0 - powers.beta_2);
        let epsilon = F::of(self.epsilon.get()).double();
        Some(Box::new(move |[_, v]| F::of(first * ((v.double() / second).sqrt() + epsilon))))
    }

    /// −α m̂, not divided by √v̂.
    fn velocity<F: Float>(&self, powers: &Powers, learning_rate: f64) -> Option<Velocity<[F; 2], F>> {
        let correction = 1.0 - powers.beta_1;
        let scale = if correction > 0.0 { -learning_rate / correction } else { 0.0 };
        Some(Velocity { scale, of: |&[m, _]| m, kept: self.beta_1.get() })
    }

    /// The bound of Momentum, for a first moment that is an average (Cohen et al. 2022).
    fn stability(&self) -> Option<f64> {
        let beta_1 = self.beta_1.get();
        Some((2.0 + 2.0 * beta_1) / (1.0 - beta_1))
    }

    /// The divisor cannot be recovered from a displacement.
    fn gradient(&self, _displacement: f64, _velocity: &mut f64, _learning_rate: f64) -> Option<f64> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{divisors_are, velocities_are, weights_are};
    use super::*;

    #[test]
    fn steps_by_hand() {
        // In Python, from algorithm 1 as it stands above: m is .05 and −.4, then .07 and −.06.
        weights_are(Adam::default(), [[0.9000000199999959, -1.9000000025], [0.8067820797048764, -1.8910675020121357]]);
        velocities_are(Adam::default(), [-0.1 * 0.07 / 0.19, 0.1 * 0.06 / 0.19]);
        divisors_are(Adam::default(), [0.07509284133331669, 0.6717044133556601]);
    }

    #[test]
    fn before_the_first_step_the_velocity_is_nothing() {
        let velocity = Adam::default().velocity::<f64>(&Powers::default(), 0.1).unwrap();
        assert_eq!(velocity.scale * (velocity.of)(&[0.0; 2]), 0.0);
    }
}
