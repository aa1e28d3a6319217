use super::{Divisor, Epsilon, Float, Positive, Rule, Share, Velocity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// AdaGrad with a moving average in place of the sum (Tieleman & Hinton 2012).
///
/// h ← ρ h + (1 − ρ) g²; W ← W − α g / (√h + ε)
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rmsprop {
    pub(super) learning_rate: Option<Positive>,
    /// ρ, the share of h kept at each step.
    decay: Share,
    /// ε, added outside the root.
    epsilon: Epsilon,
}

impl Default for Rmsprop {
    fn default() -> Self {
        Rmsprop { learning_rate: None, decay: Share(0.99), epsilon: Epsilon(1e-7) }
    }
}

impl Rule for Rmsprop {
    const LEARNING_RATE: f64 = 0.01;
    /// h, the moving average of the squared gradients.
    type State<F: Float> = [F; 1];
    type Progress = ();

    fn step<F: Float>(&self, (): &(), learning_rate: F) -> impl Fn(&mut F, F, &mut [F; 1]) {
        let rho = self.decay.get();
        // 1 − ρ is taken in f64: in f32 the difference would lose digits.
        let (rho, new, epsilon) = (F::of(rho), F::of(1.0 - rho), F::of(self.epsilon.get()));
        move |w, g, [h]| {
            *h = rho * *h + new * g * g;
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
    use super::Rmsprop;

    #[test]
    fn steps_by_hand() {
        // In Python, from the formulas above: h is .0025 and .16, then .0031 and .2484.
        let first = [1.999996000034976e-06, -1.0000002499999376];
        weights_are(Rmsprop::default(), [first, [-0.4490104486207727, -1.601929394655861]]);
        divisors_are(Rmsprop::default(), [0.055677743628300226, 0.4983975317750845]);
    }
}
