use super::{
    Divisor, Float, NonNegative, Positive, Rule, Share, Velocity,
    ramp::{self, Ramp},
};
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
    /// Epochs, or a fraction of one (steps, on a surface), over which m goes in a straight line from `momentum_start` to its
    /// value (Hinton et al. 2012, arXiv:1207.0580, appendix A.1). If it is left out, there is no ramp.
    #[serde(skip_serializing_if = "ramp::is_none")]
    #[schemars(example = 10.0)]
    momentum_ramp: NonNegative,
    /// m at the first update, where there is a ramp. 0.5 if it is left out.
    #[serde(skip_serializing_if = "ramp::is_usual")]
    momentum_start: Share,
}

impl Default for Momentum {
    fn default() -> Self {
        Momentum {
            learning_rate: None,
            momentum: Share(0.9),
            momentum_ramp: Ramp::NONE.length,
            momentum_start: Ramp::NONE.start,
        }
    }
}

impl Momentum {
    pub(super) fn ramp(&self) -> Ramp {
        Ramp { start: self.momentum_start, length: self.momentum_ramp }
    }

    /// The same without a ramp that changes nothing.
    pub(super) fn without_idle_ramp(self) -> Momentum {
        match self.momentum_start == self.momentum {
            true => Momentum { momentum_ramp: Ramp::NONE.length, momentum_start: Ramp::NONE.start, ..self },
            false => self,
        }
    }

    fn momentum_after(&self, epoch: f64) -> Share {
        self.ramp().momentum(self.momentum, epoch)
    }
}

impl Rule for Momentum {
    const LEARNING_RATE: f64 = 0.01;
    /// V
    type State<F: Float> = [F; 1];
    type Progress = ();

    fn at(&self, now: f64, _next: f64) -> Momentum {
        Momentum { momentum: self.momentum_after(now), momentum_ramp: Ramp::NONE.length, ..*self }
    }

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
    use super::*;

    #[test]
    fn steps_by_hand() {
        // V = −.05, .4; then .9·−.05 − .1·.25 = −.07 and .9·.4 − .1·3 = .06
        weights_are(Momentum::default(), [[0.95, -1.6], [0.88, -1.54]]);
        velocities_are(Momentum::default(), [-0.07, 0.06]);
    }

    #[test]
    fn the_momentum_goes_straight_to_its_value() {
        let rule: Momentum = serde_json::from_value(serde_json::json!({ "momentum_ramp": 4 })).unwrap();
        let at = |epoch: f64| rule.at(epoch, epoch).momentum.get();
        let expected = [(0.0, 0.5), (1.0, 0.6), (2.5, 0.75), (4.0, 0.9), (9.0, 0.9)];
        assert!(expected.iter().all(|&(epoch, m)| (at(epoch) - m).abs() < 1e-12), "{:?}", expected.map(|(e, _)| at(e)));
        assert_eq!(at(4.0), 0.9);
        assert_eq!(serde_json::to_value(Momentum::default()).unwrap().as_object().unwrap().len(), 2, "as ever");
    }
}
