//! Update rules. To a rule a parameter is flat: a value, its gradient and as much state of its own.

mod adagrad;
mod adam;
mod momentum;
mod rmsprop;
mod schedule;
mod sgd;

pub use schedule::factor;

use crate::plan::config;

/// Turns gradients into updates.
pub trait Optimizer: Send {
    /// To be called once before the updates of each step.
    fn begin_step(&mut self) {}

    /// Updates parameter number `index`; its length must be the one the optimizer was made for.
    fn update(&mut self, index: usize, value: &mut [f32], gradient: &[f32], learning_rate: f32);

    /// The velocity of parameter number `index` after the last step, which was made at this rate; `None` of a rule that
    /// does not remember where it came from.
    fn velocity(&self, _index: usize, _learning_rate: f64) -> Option<Velocity<'_>> {
        None
    }

    /// What the last step divided each gradient of parameter number `index` by, before the learning rate; `None` for the
    /// rules that divide by nothing.
    fn preconditioner(&self, _index: usize) -> Option<Vec<f32>> {
        None
    }
}

/// A displacement: `scale` times `values`, which are as long as the parameter.
pub struct Velocity<'a> {
    pub scale: f64,
    pub values: &'a [f32],
}

/// The optimizer a configuration names, for parameters of the given lengths.
pub fn build(optimizer: &config::Optimizer, lengths: &[usize]) -> Box<dyn Optimizer> {
    use config::Optimizer::*;
    match *optimizer {
        Sgd { .. } => Box::new(sgd::Sgd),
        Momentum { momentum, .. } => Box::new(momentum::Momentum::new(momentum.get(), lengths)),
        Nesterov { momentum, .. } => Box::new(momentum::Nesterov::new(momentum.get(), lengths)),
        Adagrad { epsilon, .. } => Box::new(adagrad::AdaGrad::new(epsilon.get(), lengths)),
        Rmsprop { decay, epsilon, .. } => Box::new(rmsprop::RmsProp::new(decay.get(), epsilon.get(), lengths)),
        Adam { beta_1, beta_2, epsilon, .. } => {
            Box::new(adam::Adam::new(beta_1.get(), beta_2.get(), epsilon.get(), lengths))
        }
    }
}

/// State of the same length as each parameter, starting at zero.
fn zeros(lengths: &[usize]) -> Vec<Vec<f32>> {
    lengths.iter().map(|&length| vec![0.0; length]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::config::Config;

    fn named(name: &str) -> Box<dyn Optimizer> {
        let config: Config = serde_json::from_value(serde_json::json!({ "optimizer": name })).unwrap();
        build(&config.optimizer, &[2])
    }

    const NAMES: [&str; 6] = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"];

    /// Two steps from w = (1, -2) with gradients (0.5, -4) and (0.25, 3) at rate 0.1, worked out in f64 from the
    /// formulas in each rule's file.
    #[test]
    fn first_steps_by_hand() {
        for (name, first, second) in [
            ("sgd", [0.95, -1.6], [0.925, -1.9]),
            ("momentum", [0.95, -1.6], [0.88, -1.54]),
            ("nesterov", [0.905, -1.24], [0.817, -1.486]),
            ("adagrad", [0.900_000_020, -1.900_000_003], [0.855_278_668, -1.960_000_001]),
            ("rmsprop", [0.000_002_000, -1.000_000_250], [-0.449_010_449, -1.601_929_395]),
            ("adam", [0.900_000_020, -1.900_000_003], [0.806_782_080, -1.891_067_502]),
        ] {
            let mut optimizer = named(name);
            let mut w = [1.0, -2.0];
            for (gradient, expected) in [([0.5, -4.0], first), ([0.25, 3.0], second)] {
                optimizer.begin_step();
                optimizer.update(0, &mut w, &gradient, 0.1);
                for (found, expected) in w.iter().zip(expected) {
                    assert!((f64::from(*found) - expected).abs() < 2e-6, "{name}: {w:?}, expected {expected}");
                }
            }
        }
    }

    /// The two steps from above: V ← 0.9 V − 0.1 g, and −0.1 m/(1 − 0.9²) with m ← 0.9 m + 0.1 g.
    #[test]
    fn velocities_by_hand() {
        let two_steps = |name: &str| {
            let mut optimizer = named(name);
            let mut w = [1.0, -2.0];
            for gradient in [[0.5, -4.0], [0.25, 3.0]] {
                optimizer.begin_step();
                optimizer.update(0, &mut w, &gradient, 0.1);
            }
            let velocity = optimizer.velocity(0, 0.1)?;
            Some([0, 1].map(|place| velocity.scale * f64::from(velocity.values[place])))
        };
        let adam = [-0.1 * 0.07 / 0.19, 0.1 * 0.06 / 0.19];
        for (name, expected) in [("momentum", [-0.07, 0.06]), ("nesterov", [-0.07, 0.06]), ("adam", adam)] {
            let found = two_steps(name).unwrap();
            assert!(
                found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-7),
                "{name} {found:?}"
            );
            let start = named(name);
            let velocity = start.velocity(0, 0.1).unwrap();
            assert!(velocity.scale.is_finite() && velocity.values == [0.0, 0.0], "{name}");
        }
        assert!(["sgd", "adagrad", "rmsprop"].iter().all(|name| two_steps(name).is_none()));
    }

    #[test]
    fn every_rule_goes_down_a_bowl_and_leaves_a_flat_place_alone() {
        for name in NAMES {
            let mut optimizer = named(name);
            let mut w = [1.0f32, -1.0];
            for _ in 0..200 {
                let gradient = [w[0], 4.0 * w[1]];
                optimizer.begin_step();
                optimizer.update(0, &mut w, &gradient, 0.05);
            }
            assert!(w[0] * w[0] + 4.0 * w[1] * w[1] < 0.5, "{name} ended at {w:?}");

            let (mut optimizer, mut w) = (named(name), [3.0, 0.0]);
            optimizer.begin_step();
            optimizer.update(0, &mut w, &[0.0, 0.0], 0.1);
            assert_eq!(w, [3.0, 0.0], "{name}");
        }
    }
}
