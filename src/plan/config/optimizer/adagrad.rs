use super::{Divisor, Epsilon, Float, Positive, Rule, Velocity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A learning rate for each weight, which only falls (Duchi et al. 2011).
///
/// h ← h + g²; W ← W − α g / (√h + ε)
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Adagrad {
    pub(super) learning_rate: Option<Positive>,
    /// ε, added outside the root.
    epsilon: Epsilon,
}

impl Default for Adagrad {
    fn default() -> Self {
        Adagrad { learning_rate: None, epsilon: Epsilon(1e-7) }
    }
}

impl Rule for Adagrad {
    const LEARNING_RATE: f64 = 0.01;
    /// h, the sum of all squared gradients.
    type State<F: Float> = [F; 1];
    type Progress = ();

    fn step<F: Float>(&self, (): &(), learning_rate: F) -> impl Fn(&mut F, F, &mut [F; 1]) {
        let epsilon = F::of(self.epsilon.get());
        move |w, g, [h]| {
            *h = *h + g * g;
            *w = *w - learning_rate * g / (h.sqrt() + epsilon);
        }
    }

    fn divisor<F: Float>(&self, (): &()) -> Option<Divisor<[F; 1], F>> {
        let epsilon = F::of(self.epsilon.get());
        Some(Box::new(move |[h]| h.sqrt() + epsilon))
    }

    fn velocity<F: Float>(&self, (): &(), _learning_rate: f64) -> Option<Velocity<[F; 1], F>> {
        None
    }

    /// The bound of SGD.
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
    use super::Adagrad;

    #[test]
    fn steps_by_hand() {
        // In Python, from the formulas above: √h is .5 and 4, then √.3125 and 5.
        let first = [0.900_000_019_999_996, -1.900_000_002_5];
        weights_are(Adagrad::default(), [first, [0.855_278_668_450_017_3, -1.960_000_001_3]]);
        divisors_are(Adagrad::default(), [0.559_017_094_374_947_4, 5.000_000_1]);
    }
}
