use super::{Divisor, Float, Positive, Rule, Share, Velocity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A velocity that sums past gradients, each multiplied by a further factor m at every step (Polyak 1964).
///
/// V ← m V − α g; W ← W + V
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Momentum {
    pub(super) learning_rate: Option<Positive>,
    /// m, the share of V that a step keeps.
    momentum: Share,
}

impl Default for Momentum {
    fn default() -> Self {
        Momentum { learning_rate: None, momentum: Share(0.9) }
    }
}

impl Rule for Momentum {
    const LEARNING_RATE: f64 = 0.01;
    /// V
    type State<F: Float> = [F; 1];
    type Progress = ();

    fn step<F: Float>(&self, (): &(), learning_rate: F) -> impl Fn(&mut F, F, &mut [F; 1]) {
        let m = F::of(self.momentum.get());
        move |w, g, [v]| {
            *v = m * *v - learning_rate * g;
            *w = *w + *v;
        }
    }

    fn divisor<F: Float>(&self, (): &()) -> Option<Divisor<[F; 1], F>> {
        None
    }

    fn velocity<F: Float>(&self, (): &(), _learning_rate: f64) -> Option<Velocity<[F; 1], F>> {
        Some(Velocity { scale: 1.0, of: |&[v]| v, kept: self.momentum.get() })
    }

    /// The bound of the heavy-ball method (Cohen et al. 2021, equation 1).
    fn stability(&self) -> Option<f64> {
        Some(2.0 + 2.0 * self.momentum.get())
    }

    fn gradient(&self, displacement: f64, velocity: &mut f64, learning_rate: f64) -> Option<f64> {
        let gradient = (self.momentum.get() * *velocity - displacement) / learning_rate;
        *velocity = displacement;
        Some(gradient)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{velocities_are, weights_are};
    use super::Momentum;

    #[test]
    fn steps_by_hand() {
        // V = −.05, .4; then .9·−.05 − .1·.25 = −.07 and .9·.4 − .1·3 = .06
        weights_are(Momentum::default(), [[0.95, -1.6], [0.88, -1.54]]);
        velocities_are(Momentum::default(), [-0.07, 0.06]);
    }
}
