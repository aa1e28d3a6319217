//! An optimizer on a function of two variables, in double precision: the shape of its way.

mod eigenvalues;
mod function;
mod rule;

use crate::config::{Config, Surface};
use crate::event::{Measured, Observation, Outcome, Point};
use crate::metric::Metric;
use crate::model::Stream;
use crate::optim;
use eigenvalues::Watch;
use function::{gradient, start, value};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use rule::Rule;
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicBool, Ordering};

/// Goes down step by step; `emit` gets the start and then every `evaluate_every` steps and the last one. The losses of a
/// point are f, its weight norm the distance from the origin. Diverged is what leaves the range of single precision.
pub fn descend(config: &Config, seed: u64, cancel: &AtomicBool, emit: &mut dyn FnMut(Observation)) -> Outcome {
    let mut path = Path::new(config, seed);
    let total_steps = config.total_steps();
    for step in 0..=total_steps {
        if cancel.load(Ordering::Relaxed) {
            return Outcome::Cancelled;
        }
        if step > 0 {
            path.step(config);
        }
        if !(path.f as f32).is_finite() || !path.place.iter().all(|x| x.is_finite()) {
            return Outcome::Diverged { step: step as u32 };
        }
        if config.evaluates(step) {
            emit(Observation::Evaluated(path.point()));
        }
    }
    let bytes = path.place.map(f64::to_le_bytes);
    let digest = Sha256::digest(bytes.as_flattened());
    Outcome::Completed { weights_digest: digest[..16].iter().map(|byte| format!("{byte:02x}")).collect() }
}

/// Where an optimizer is, and what its way was like so far.
struct Path {
    surface: Surface,
    rule: Rule,
    watch: Watch,
    start: [f64; 2],
    place: [f64; 2],
    gradient: [f64; 2],
    /// f at `place`.
    f: f64,
    steps: usize,
    length: f64,
    overshoots: u32,
    /// Σ|Δ| and Σ learning_rate·|∂f| of either coordinate.
    moved: [f64; 2],
    sgd: [f64; 2],
}

impl Path {
    fn new(config: &Config, seed: u64) -> Path {
        let mut rng = Stream::Weights.rng(seed);
        let spread = config.start_spread.get();
        let start = start(config.surface).map(|x| x + spread * (2.0 * unit(&mut rng) - 1.0));
        Path {
            surface: config.surface,
            rule: Rule::new(config.optimizer),
            watch: Watch::new(config.optimizer),
            start,
            place: start,
            gradient: gradient(config.surface, start),
            f: value(config.surface, start),
            steps: 0,
            length: 0.0,
            overshoots: 0,
            moved: [0.0; 2],
            sgd: [0.0; 2],
        }
    }

    fn step(&mut self, config: &Config) {
        let factor = optim::factor(&config.schedule, self.steps as f64, config.total_steps() as f64);
        let learning_rate = config.learning_rate() * factor;
        let (place, slope) = (self.place, self.gradient);
        self.rule.step(&mut self.place, slope, learning_rate);
        self.watch.step([self.place[0] - place[0], self.place[1] - place[1]], learning_rate);
        self.gradient = gradient(self.surface, self.place);
        self.f = value(self.surface, self.place);
        self.steps += 1;
        for axis in 0..2 {
            self.moved[axis] += (self.place[axis] - place[axis]).abs();
            self.sgd[axis] += learning_rate * slope[axis].abs();
            self.overshoots += u32::from(slope[axis] * self.gradient[axis] < 0.0);
        }
        self.length += distance(self.place, place);
    }

    fn point(&self) -> Point {
        let mut measured = Measured::default();
        let gain = |axis: usize| if self.sgd[axis] > 0.0 { self.moved[axis] / self.sgd[axis] } else { 1.0 };
        let straightness = if self.length > 0.0 { distance(self.place, self.start) / self.length } else { 1.0 };
        let values = [
            (Metric::PathLength, self.length),
            (Metric::Straightness, straightness),
            (Metric::Overshoots, self.overshoots.into()),
            (Metric::StepGainX, gain(0)),
            (Metric::StepGainY, gain(1)),
        ];
        let eigenvalues = self.watch.eigenvalues();
        let eigenvalues = eigenvalues.map(|(high, low)| [(Metric::EigenvalueHigh, high), (Metric::EigenvalueLow, low)]);
        for (metric, value) in values.into_iter().chain(eigenvalues.into_iter().flatten()) {
            measured.set(metric, value.clamp(f32::MIN.into(), f32::MAX.into()) as f32);
        }
        let (f, norm) = (self.f as f32, distance(self.place, [0.0; 2]).min(f32::MAX.into()) as f32);
        Point {
            step: self.steps as u32,
            train_loss: f,
            train_correct: 0,
            test_loss: f,
            test_correct: 0,
            weight_norm: norm,
            measured,
        }
    }
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    libm::hypot(a[0] - b[0], a[1] - b[1])
}

/// In [0, 1), from the upper 53 bits.
fn unit(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn descent(settings: serde_json::Value, seed: u64) -> (Outcome, Vec<Point>) {
        let mut settings = settings;
        settings["data"] = json!("surface");
        let config: Config = serde_json::from_value(settings).unwrap();
        config.check().unwrap();
        let mut points = Vec::new();
        let outcome = descend(&config, seed, &AtomicBool::new(false), &mut |seen| points.extend(seen.point()));
        (outcome, points)
    }

    #[test]
    fn sgd_zigzags_on_the_bowl_as_by_hand() {
        // (x, y) ← (x (1 − .95/10), y (1 − .95·2)) = (.905 x, −.9 y) from (−7, 2).
        let (_, points) = descent(json!({ "learning_rate": 0.95, "steps": 30 }), 0);
        assert_eq!(points.len(), 31);
        let f = |n: i32| (7.0 * 0.905f64.powi(n)).powi(2) / 20.0 + (2.0 * 0.9f64.powi(n)).powi(2);
        for (n, point) in points.iter().enumerate() {
            assert!((f64::from(point.train_loss) - f(n as i32)).abs() < 1e-6, "{n}");
        }
        let last = points.last().unwrap().measured;
        assert_eq!(last.get(Metric::Overshoots), Some(30.0));
        assert_eq!(last.get(Metric::StepGainX), Some(1.0));
        assert!(last.get(Metric::Straightness).unwrap() < 0.5);
    }

    #[test]
    fn a_velocity_grows_along_a_steady_slope_and_cancels_across_a_zigzag() {
        let gain = |momentum: &str, metric| {
            let optimizer = json!({ "name": momentum, "learning_rate": 0.001 });
            let quadratic = json!({ "name": "quadratic", "condition": 1900.0 });
            let (_, points) = descent(json!({ "optimizer": optimizer, "surface": quadratic, "steps": 100 }), 0);
            points.last().unwrap().measured.get(metric).unwrap()
        };
        // Along x the slope hardly changes in 100 steps of a thousandth, so V is nearly the geometric series 1/(1 − .9).
        assert!((8.0..10.0).contains(&gain("momentum", Metric::StepGainX)));
        // Across y each step overshoots (1.9 of 2), so successive gradients point opposite ways.
        assert!(gain("momentum", Metric::StepGainY) < 1.0);
        assert_eq!(gain("sgd", Metric::StepGainY), 1.0);
    }

    #[test]
    fn what_leaves_for_infinity_diverges_and_a_seed_moves_the_start() {
        // y ← −5 y, so f ≈ 4·25ⁿ, which is beyond f32's 3.4·10³⁸ from n = 28 on.
        let (outcome, points) = descent(json!({ "learning_rate": 3.0, "steps": 1000 }), 0);
        assert_eq!(outcome, Outcome::Diverged { step: 28 });
        assert!(points.iter().all(|point| point.train_loss.is_finite()));
        let start = |seed, spread: f64| descent(json!({ "start_spread": spread, "steps": 1 }), seed).1[0].train_loss;
        assert_eq!(start(1, 0.0), start(2, 0.0));
        assert_ne!(start(1, 0.5), start(2, 0.5));
    }
}
