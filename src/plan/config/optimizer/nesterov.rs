use super::{Divisor, Float, Positive, Rule, Share, Velocity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Momentum with the gradient taken at the point that the velocity is about to reach (Nesterov 1983; Sutskever et al.
/// 2013), in the form of Bengio et al. 2013, where W stands for the look-ahead point.
///
/// V ← m V − α g; W ← W + m V − α g
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Nesterov {
    pub(super) learning_rate: Option<Positive>,
    /// m, the share of V that a step keeps.
    momentum: Share,
}

impl Default for Nesterov {
    fn default() -> Self {
        Nesterov { learning_rate: None, momentum: Share(0.9) }
    }
}

impl Rule for Nesterov {
    const LEARNING_RATE: f64 = 0.01;
    /// V
    type State<F: Float> = [F; 1];
    type Progress = ();

    fn step<F: Float>(&self, (): &(), learning_rate: F) -> impl Fn(&mut F, F, &mut [F; 1]) {
        let m = F::of(self.momentum.get());
        move |w, g, [v]| {
            *v = m * *v - learning_rate * g;
            *w = *w + (m * *v - learning_rate * g);
        }
    }

    fn divisor<F: Float>(&self, (): &()) -> Option<Divisor<[F; 1], F>> {
        None
    }

    fn velocity<F: Float>(&self, (): &(), _learning_rate: f64) -> Option<Velocity<[F; 1], F>> {
        Some(Velocity { scale: 1.0, of: |&[v]| v, kept: self.momentum.get() })
    }

    /// Cohen et al. 2021, equation 1.
    fn stability(&self) -> Option<f64> {
        let m = self.momentum.get();
        Some((2.0 + 2.0 * m) / (1.0 + 2.0 * m))
    }

    /// The displacement is d = m V′ − α g with V′ = m V − α g.
    fn gradient(&self, displacement: f64, velocity: &mut f64, learning_rate: f64) -> Option<f64> {
        let m = self.momentum.get();
        let gradient = (m * m * *velocity - displacement) / ((1.0 + m) * learning_rate);
        *velocity = m * *velocity - learning_rate * gradient;
        Some(gradient)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{velocities_are, weights_are};
    use super::Nesterov;

    #[test]
    fn steps_by_hand() {
        // V is that of Momentum: −.05, .4, then −.07, .06. The steps are .9·−.05 − .05 = −.095 and .9·.4 + .4 = .76,
        // then .9·−.07 − .025 = −.088 and .9·.06 − .3 = −.246
        weights_are(Nesterov::default(), [[0.905, -1.24], [0.817, -1.486]]);
        velocities_are(Nesterov::default(), [-0.07, 0.06]);
    }
}
