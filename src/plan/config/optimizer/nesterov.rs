use super::{
    Divisor, Float, NonNegative, Positive, Rule, Share, Velocity,
    ramp::{self, Ramp},
};
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
    /// Epochs, or a fraction of one (steps, on a surface), over which m goes in a straight line from `momentum_start` to its
    /// value (Hinton et al. 2012, arXiv:1207.0580, appendix A.1); the look-ahead is by the m of the next update, from whose
    /// point its gradient is taken (Bengio et al. 2013). If it is left out, there is no ramp.
    #[serde(skip_serializing_if = "ramp::is_none")]
    #[schemars(example = 10.0)]
    momentum_ramp: NonNegative,
    /// m at the first update, where there is a ramp. 0.5 if it is left out.
    #[serde(skip_serializing_if = "ramp::is_usual")]
    momentum_start: Share,
    /// m of the next update, if it is another one.
    #[serde(skip)]
    next_momentum: Option<Share>,
}

impl Default for Nesterov {
    fn default() -> Self {
        Nesterov {
            learning_rate: None,
            momentum: Share(0.9),
            momentum_ramp: Ramp::NONE.length,
            momentum_start: Ramp::NONE.start,
            next_momentum: None,
        }
    }
}

impl Nesterov {
    pub(super) fn ramp(&self) -> Ramp {
        Ramp { start: self.momentum_start, length: self.momentum_ramp }
    }

    /// The same without a ramp that changes nothing.
    pub(super) fn without_idle_ramp(self) -> Nesterov {
        match self.momentum_start == self.momentum {
            true => Nesterov { momentum_ramp: Ramp::NONE.length, momentum_start: Ramp::NONE.start, ..self },
            false => self,
        }
    }

    fn momentum_after(&self, epoch: f64) -> Share {
        self.ramp().momentum(self.momentum, epoch)
    }

    /// m′, by which the look-ahead point is ahead.
    fn next_momentum(&self) -> f64 {
        self.next_momentum.unwrap_or(self.momentum).get()
    }
}

impl Rule for Nesterov {
    const LEARNING_RATE: f64 = 0.01;
    /// V
    type State<F: Float> = [F; 1];
    type Progress = ();

    fn at(&self, now: f64, next: f64) -> Nesterov {
        Nesterov {
            momentum: self.momentum_after(now),
            momentum_ramp: Ramp::NONE.length,
            next_momentum: Some(self.momentum_after(next)),
            ..*self
        }
    }

    fn step<F: Float>(&self, (): &(), learning_rate: F) -> impl Fn(&mut F, F, &mut [F; 1]) {
        let (m, next_m) = (F::of(self.momentum.get()), F::of(self.next_momentum()));
        move |w, g, [v]| {
            *v = m * *v - learning_rate * g;
            *w = *w + (next_m * *v - learning_rate * g);
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

    /// The displacement is d = m′ V′ − α g with V′ = m V − α g.
    fn gradient(&self, displacement: f64, velocity: &mut f64, learning_rate: f64) -> Option<f64> {
        let (m, next_m) = (self.momentum.get(), self.next_momentum());
        let gradient = (next_m * m * *velocity - displacement) / ((1.0 + next_m) * learning_rate);
        *velocity = m * *velocity - learning_rate * gradient;
        Some(gradient)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{velocities_are, weights_are};
    use super::*;

    #[test]
    fn steps_by_hand() {
        // V is that of Momentum: −.05, .4, then −.07, .06. The steps are .9·−.05 − .05 = −.095 and .9·.4 + .4 = .76,
        // then .9·−.07 − .025 = −.088 and .9·.06 − .3 = −.246
        weights_are(Nesterov::default(), [[0.905, -1.24], [0.817, -1.486]]);
        velocities_are(Nesterov::default(), [-0.07, 0.06]);
    }

    /// In terms of θ, from which the gradient is taken at θ + m V: V ← m V − α g, θ ← θ + V (Sutskever et al. 2013, equations
    /// 3 and 4).
    #[test]
    fn on_a_ramp_it_is_the_rule_of_the_look_ahead() {
        let rule = Nesterov { momentum_ramp: NonNegative(4.0), momentum_start: Share(0.1), ..Nesterov::default() };
        let m = |step: usize| (0.1 + 0.8 * step as f64 / 4.0).min(0.9);
        let slope = |w: f64| 3.0 * w - 1.0;
        let (mut w, mut state) = (2.0f64, [0.0f64]);
        let (mut theta, mut v) = (2.0f64, 0.0f64);
        for step in 0..7 {
            assert!((w - (theta + m(step) * v)).abs() < 1e-12, "step {step}: {w}");
            let g = slope(w);
            rule.at(step as f64, step as f64 + 1.0).step(&(), 0.1)(&mut w, g, &mut state);
            v = m(step) * v - 0.1 * slope(theta + m(step) * v);
            theta += v;
        }
    }
}
