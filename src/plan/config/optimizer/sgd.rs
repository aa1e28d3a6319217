use super::{Divisor, Float, Positive, Rule, Velocity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Stochastic gradient descent (Robbins & Monro 1951).
///
/// W ← W − α g
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Sgd {
    pub(super) learning_rate: Option<Positive>,
}

impl Rule for Sgd {
    const LEARNING_RATE: f64 = 0.01;
    type State<F: Float> = [F; 0];
    type Progress = ();

    fn step<F: Float>(&self, (): &(), learning_rate: F) -> impl Fn(&mut F, F, &mut [F; 0]) {
        move |w, g, []| *w = *w - learning_rate * g
    }

    fn divisor<F: Float>(&self, (): &()) -> Option<Divisor<[F; 0], F>> {
        None
    }

    fn velocity<F: Float>(&self, (): &(), _learning_rate: f64) -> Option<Velocity<[F; 0], F>> {
        None
    }

    /// |1 − αλ| ≤ 1
    fn stability(&self) -> Option<f64> {
        Some(2.0)
    }

    fn gradient(&self, displacement: f64, _velocity: &mut f64, learning_rate: f64) -> Option<f64> {
        Some(-displacement / learning_rate)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::weights_are;
    use super::Sgd;

    #[test]
    fn steps_by_hand() {
        // 1 − .1·.5, −2 + .1·4; then − .1·.25, − .1·3
        weights_are(Sgd::default(), [[0.95, -1.6], [0.925, -1.9]]);
    }
}
