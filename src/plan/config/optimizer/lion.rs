use super::{Divisor, Float, Positive, Rule, Share, Velocity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Every weight moves by α, against the sign of an average of past gradients (Chen et al. 2023, algorithm 2).
///
/// α and both β are the defaults of the paper's own code. The paper's weight decay is `weight_decay_mode = "decoupled"`.
///
/// W ← W − α sign(β₁ m + (1 − β₁) g); m ← β₂ m + (1 − β₂) g
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Lion {
    pub(super) learning_rate: Option<Positive>,
    /// The share of m in the average whose sign is taken; g has the rest.
    beta_1: Share,
    /// The share of m kept at each step.
    beta_2: Share,
}

impl Default for Lion {
    fn default() -> Self {
        Lion { learning_rate: None, beta_1: Share(0.9), beta_2: Share(0.99) }
    }
}

/// 0 where x is 0, so that a weight without a gradient stays.
fn sign<F: Float>(x: F) -> F {
    let (zero, one) = (F::of(0.0), F::of(1.0));
    let is = |condition| if condition { one } else { zero };
    is(x > zero) - is(x < zero)
}

impl Rule for Lion {
    const LEARNING_RATE: f64 = 1e-4;
    /// m
    type State<F: Float> = [F; 1];
    type Progress = ();

    fn step<F: Float>(&self, (): &(), learning_rate: F) -> impl Fn(&mut F, F, &mut [F; 1]) {
        let (beta_1, beta_2) = (self.beta_1.get(), self.beta_2.get());
        // 1 − β is taken in f64: in f32 the difference would lose digits.
        let (beta_1, new_1) = (F::of(beta_1), F::of(1.0 - beta_1));
        let (beta_2, new_2) = (F::of(beta_2), F::of(1.0 - beta_2));
        move |w, g, [m]| {
            *w = *w - learning_rate * sign(beta_1 * *m + new_1 * g);
            *m = beta_2 * *m + new_2 * g;
        }
    }

    /// Taking the sign is not a division by a quantity that is the same for small and large gradients.
    fn divisor<F: Float>(&self, (): &()) -> Option<Divisor<[F; 1], F>> {
        None
    }

    /// m decides where a step goes and not how far: it is not a displacement.
    fn velocity<F: Float>(&self, (): &(), _learning_rate: f64) -> Option<Velocity<[F; 1], F>> {
        None
    }

    /// A step has the length α whatever the gradient: on a quadratic, however sharp, the steps end by alternating
    /// around the minimum and neither converge nor grow.
    fn stability(&self) -> Option<f64> {
        None
    }

    /// The displacement is ±α, which reveals only a sign.
    fn gradient(&self, _displacement: f64, _velocity: &mut f64, _learning_rate: f64) -> Option<f64> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::weights_are;
    use super::*;

    #[test]
    fn steps_by_hand() {
        // .1·.5 and .1·−4 at first, then with m = .005 and −.04: .9·.005 + .1·.25 = .0295 and −.036 + .3 = .264
        weights_are(Lion::default(), [[0.9, -1.9], [0.8, -2.0]]);
    }

    #[test]
    fn the_past_outvotes_a_small_gradient_and_nothing_moves_nothing() {
        let (lion, mut w, mut m) = (Lion::default(), 0.0, [0.0]);
        // m = .01·4 = .04, so that .9·.04 − .1·.35 = .001 keeps its sign, and m = .0396 − .0035 = .0361 after it.
        for (g, expected, mean) in [(4.0, -0.1, 0.04), (-0.35, -0.2, 0.0361)] {
            lion.step::<f64>(&(), 0.1)(&mut w, g, &mut m);
            assert!((w - expected).abs() < 1e-12 && (m[0] - mean).abs() < 1e-12, "{w} {m:?}");
        }
        let (mut w, mut m) = (3.0, [0.0]);
        lion.step::<f64>(&(), 0.1)(&mut w, 0.0, &mut m);
        assert_eq!(w, 3.0);
    }
}
