//! An optimizer on a function of two variables, in double precision, and the shape of its path.

mod eigenvalues;

use crate::learn::model::Stream;
use crate::learn::optim::{self, Stepper};
use crate::plan::config::{Config, Surface, is_recorded};
use crate::plan::metric::Metric;
use crate::record::event::{Measured, Observation, Outcome, Place, Point, Trajectory};
use crate::surface::{gradient, start, value};
use eigenvalues::Watch;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use sha2::{Digest, Sha256};
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};

/// Number of places that are emitted at a time: a line of the journal of about 30 kB.
const PLACES: usize = 256;

/// Runs the optimizer step by step; `emit` gets an evaluation of the start, then one every `evaluate_every` steps and
/// one of the last, and the places, `PLACES` at a time. An evaluation has f and the metrics of the path so far, of which every step is
/// a part. Of a long path not every step is evaluated and told: those that [`is_recorded`] says are, and the last. A trial diverges when it leaves the range of single precision.
pub fn descend(config: &Config, seed: u64, cancel: &AtomicBool, emit: &mut dyn FnMut(Observation)) -> Outcome {
    let mut path = Path::new(config, seed);
    let mut unsent = Trajectory::default();
    // Is told only if no other follows.
    let mut passed = None;
    let outcome = walk(config, &mut path, cancel, &mut |path, evaluate| {
        passed = match is_recorded(path.steps) {
            true => {
                unsent.push(path.place());
                None
            }
            false => Some(path.place()),
        };
        if unsent.len() == PLACES {
            emit(Observation::Moved(mem::take(&mut unsent)));
        }
        if evaluate {
            emit(Observation::Evaluated(path.point()));
        }
    });
    passed.into_iter().for_each(|place| unsent.push(place));
    if !unsent.is_empty() {
        emit(Observation::Moved(unsent));
    }
    outcome
}

/// `visit` sees every place, the start included, and whether it is to be evaluated.
fn walk(config: &Config, path: &mut Path, cancel: &AtomicBool, visit: &mut dyn FnMut(&Path, bool)) -> Outcome {
    let total_steps = config.total_steps();
    for step in 0..=total_steps {
        if cancel.load(Ordering::Relaxed) {
            return Outcome::Cancelled;
        }
        if step > 0 {
            path.step(config);
        }
        if !(path.f as f32).is_finite() || !path.at.iter().chain(&path.velocity).all(|x| x.is_finite()) {
            return Outcome::Diverged { step: step as u32 };
        }
        visit(path, config.is_evaluated_after(step));
    }
    let bytes = path.at.map(f64::to_le_bytes);
    let digest = Sha256::digest(bytes.as_flattened());
    Outcome::Completed { weights_digest: hex::encode(&digest[..16]) }
}

/// The position of an optimizer, and the shape of its path so far.
struct Path {
    surface: Surface,
    /// The largest norm of a gradient that the optimizer receives, or 0 for no limit.
    clip: f64,
    optimizer: Box<dyn Stepper<f64>>,
    /// Whether each step is the velocity itself.
    moves_by_velocity: bool,
    /// Present where the Hessian is the same everywhere.
    watch: Option<Watch>,
    start: [f64; 2],
    at: [f64; 2],
    gradient: [f64; 2],
    velocity: [f64; 2],
    /// f at its position.
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
        // The displacements determine the gradient that the optimizer receives, which is not the surface's own if it is
        // clipped.
        let has_one_hessian = config.surface.is_quadratic() && config.clip_gradient_norm.get() == 0.0;
        Path {
            surface: config.surface,
            clip: config.clip_gradient_norm.get(),
            optimizer: optim::build(&config.optimizer, &[2]),
            moves_by_velocity: config.optimizer.momentum().is_some(),
            watch: has_one_hessian.then(Watch::default),
            start,
            at: start,
            gradient: gradient(config.surface, start),
            velocity: [0.0; 2],
            f: value(config.surface, start),
            steps: 0,
            length: 0.0,
            overshoots: 0,
            moved: [0.0; 2],
            sgd: [0.0; 2],
        }
    }

    fn step(&mut self, config: &Config) {
        let learning_rate = config.learning_rate_after(self.steps);
        let (from, slope) = (self.at, self.gradient);
        self.optimizer.begin_step(self.steps as f64, self.steps as f64 + 1.0);
        let factor = optim::clip_factor(distance(slope, [0.0; 2]), self.clip);
        self.optimizer.update(0, &mut self.at, &slope.map(|g| factor * g), learning_rate);
        let displacement = [self.at[0] - from[0], self.at[1] - from[1]];
        if let Some(watch) = &mut self.watch {
            watch.step(&config.optimizer_after(self.steps), displacement, learning_rate);
        }
        let velocity = self.optimizer.velocity(0, learning_rate).filter(|_| self.moves_by_velocity);
        self.velocity = velocity.map_or(displacement, |v| [v.scale * v.values[0], v.scale * v.values[1]]);
        self.gradient = gradient(self.surface, self.at);
        self.f = value(self.surface, self.at);
        self.steps += 1;
        for axis in 0..2 {
            self.moved[axis] += (self.at[axis] - from[axis]).abs();
            self.sgd[axis] += learning_rate * slope[axis].abs();
            self.overshoots += u32::from(slope[axis] * self.gradient[axis] < 0.0);
        }
        self.length += distance(self.at, from);
    }

    fn place(&self) -> Place {
        Place { step: self.steps as u32, at: self.at, f: self.f, velocity: self.velocity }
    }

    fn point(&self) -> Point {
        let mut measured = Measured::default();
        let gain = |axis: usize| if self.sgd[axis] > 0.0 { self.moved[axis] / self.sgd[axis] } else { 1.0 };
        let straightness = if self.length > 0.0 { distance(self.at, self.start) / self.length } else { 1.0 };
        let values = [
            (Metric::PATH_LENGTH, self.length),
            (Metric::STRAIGHTNESS, straightness),
            (Metric::OVERSHOOTS, self.overshoots.into()),
            (Metric::STEP_GAIN_X, gain(0)),
            (Metric::STEP_GAIN_Y, gain(1)),
        ];
        let eigenvalues = self.watch.as_ref().and_then(Watch::eigenvalues);
        let eigenvalues =
            eigenvalues.map(|(high, low)| [(Metric::EIGENVALUE_HIGH, high), (Metric::EIGENVALUE_LOW, low)]);
        for (metric, value) in values.into_iter().chain(eigenvalues.into_iter().flatten()) {
            measured.set(metric, value.clamp(f32::MIN.into(), f32::MAX.into()) as f32);
        }
        measured.set(Metric::HEIGHT, self.f as f32);
        Point { step: self.steps as u32, measured }
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
    use crate::plan::config::Optimizer;
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

    fn f(point: &Point) -> f64 {
        point.measured.number(Metric::HEIGHT).unwrap()
    }

    #[test]
    fn sgd_zigzags_on_the_bowl_as_by_hand() {
        // (x, y) ← (x (1 − .95/10), y (1 − .95·2)) = (.905 x, −.9 y) from (−7, 2).
        let (_, points) = descent(json!({ "learning_rate": 0.95, "steps": 30 }), 0);
        assert_eq!(points.len(), 31);
        let f = |n: i32| (7.0 * 0.905f64.powi(n)).powi(2) / 20.0 + (2.0 * 0.9f64.powi(n)).powi(2);
        for (n, point) in points.iter().enumerate() {
            assert!((point.measured.number(Metric::HEIGHT).unwrap() - f(n as i32)).abs() < 1e-6, "{n}");
        }
        let last = &points.last().unwrap().measured;
        assert_eq!(last.number(Metric::OVERSHOOTS), Some(30.0));
        assert_eq!(last.number(Metric::STEP_GAIN_X), Some(1.0));
        assert!(last.number(Metric::STRAIGHTNESS).unwrap() < 0.5);
    }

    fn trajectory(settings: serde_json::Value) -> Trajectory {
        let mut settings = settings;
        settings["data"] = json!("surface");
        let config: Config = serde_json::from_value(settings).unwrap();
        let mut trajectory = Trajectory::default();
        descend(&config, 0, &AtomicBool::new(false), &mut |seen| {
            if let Observation::Moved(places) = seen {
                trajectory.extend(&places);
            }
        });
        trajectory
    }

    /// On the bowl the gradient is (x/10, 2y), from (−7, 2).
    #[test]
    fn three_steps_are_those_by_hand() {
        let by_hand = |optimizer: &str, places: [[f64; 2]; 4], velocities: [[f64; 2]; 3]| {
            let found = trajectory(json!({ "optimizer": optimizer, "learning_rate": 0.1, "steps": 3 }));
            assert_eq!(found.step, [0, 1, 2, 3]);
            let velocities = std::iter::once([0.0; 2]).chain(velocities);
            for ((place, at), velocity) in found.places().zip(places).zip(velocities) {
                let near = |found: [f64; 2], by_hand: [f64; 2]| distance(found, by_hand) < 1e-12;
                assert!(near(place.at, at) && near(place.velocity, velocity), "{optimizer}: {place:?}");
                assert!((place.f - (at[0] * at[0] / 20.0 + at[1] * at[1])).abs() < 1e-12, "{place:?}");
            }
        };
        // x ← .99 x, y ← .8 y; the velocity is the step.
        let sgd = [[-7.0, 2.0], [-6.93, 1.6], [-6.8607, 1.28], [-6.792093, 1.024]];
        by_hand("sgd", sgd, [[0.07, -0.4], [0.0693, -0.32], [0.068607, -0.256]]);
        // V ← .9 V − .1 (x/10, 2y): .9·.07 + .0693 = .1323, .9·−.4 − .32 = −.68, and so on.
        let momentum = [[-7.0, 2.0], [-6.93, 1.6], [-6.7977, 0.92], [-6.610653, 0.124]];
        by_hand("momentum", momentum, [[0.07, -0.4], [0.1323, -0.68], [0.187047, -0.796]]);
    }

    #[test]
    fn every_step_has_its_place_however_many_are_told_at_a_time_and_evaluated() {
        let long = trajectory(json!({ "learning_rate": 0.1, "steps": 1000, "evaluate_every": 300 }));
        assert!(long.step.iter().copied().eq(0..=1000));
        // f passes f32's range at step 28, as below: what came before is kept.
        let diverging = trajectory(json!({ "learning_rate": 3.0, "steps": 1000 }));
        assert!(diverging.step.iter().copied().eq(0..28));
    }

    #[test]
    fn a_long_path_is_told_in_parts_that_include_its_end() {
        let settings = |steps: usize| json!({ "learning_rate": 1e-4, "steps": steps });
        let (outcome, points) = descent(settings(50_001), 0);
        let path = trajectory(settings(50_001));
        assert!(matches!(outcome, Outcome::Completed { .. }));
        // 4,097 places, 2,048 in each octave up to 32,768, every 16th up to 50,000, and the last.
        let told: Vec<u32> =
            (0..=50_001).filter(|&step| is_recorded(step) || step == 50_001).map(|step| step as u32).collect();
        assert_eq!((told.len(), path.step.as_slice()), (4097 + 3 * 2048 + 1077 + 1, &told[..]));
        assert!(points.iter().map(|point| point.step).eq(told.iter().copied()));
        // A shorter path is the start of a longer one, and the length of both counts every step: x goes from −7 to
        // −7·(1 − 10⁻⁵)ⁿ, y from 2 to 2·(1 − 2·10⁻⁴)ⁿ, along a curve that is nearly two straight lines.
        let short = trajectory(settings(20_000));
        assert_eq!(short.step, path.step[..short.len()]);
        let length = points.last().unwrap().measured.number(Metric::PATH_LENGTH).unwrap();
        let (x, y) = (7.0 * (1.0 - (1.0 - 1e-5f64).powi(50_001)), 2.0);
        assert!((x.hypot(y)..x + y).contains(&length), "{length}");
    }

    #[test]
    fn a_velocity_grows_along_a_steady_slope_and_cancels_across_a_zigzag() {
        let gain = |momentum: &str, metric| {
            let optimizer = json!({ "name": momentum, "learning_rate": 0.001 });
            let quadratic = json!({ "name": "quadratic", "condition": 1900.0 });
            let (_, points) = descent(json!({ "optimizer": optimizer, "surface": quadratic, "steps": 100 }), 0);
            points.last().unwrap().measured.number(metric).unwrap()
        };
        // Along x the slope hardly changes in 100 steps of a thousandth, so V is nearly the geometric series 1/(1 − .9).
        assert!((8.0..10.0).contains(&gain("momentum", Metric::STEP_GAIN_X)));
        // Across y each step overshoots (1.9 of 2), so successive gradients have opposite signs.
        assert!(gain("momentum", Metric::STEP_GAIN_Y) < 1.0);
        assert_eq!(gain("sgd", Metric::STEP_GAIN_Y), 1.0);
    }

    #[test]
    fn a_clipped_gradient_keeps_its_direction() {
        // On the bowl at (−7, 2) the gradient is (−.7, 4), of the norm √16.49: clipped to 1, SGD at .1 moves by .1.
        let config = json!({ "learning_rate": 0.1, "steps": 1, "clip_gradient_norm": 1.0 });
        let place = trajectory(config).places().last().unwrap().at;
        let norm = 16.49f64.sqrt() + 1e-6;
        assert!(distance(place, [-7.0 + 0.07 / norm, 2.0 - 0.4 / norm]) < 1e-12, "{place:?}");
        // A gradient that is short enough is left as it is, to the last bit.
        let path = |clip: f64| trajectory(json!({ "learning_rate": 0.1, "steps": 9, "clip_gradient_norm": clip }));
        assert_eq!(path(5.0), path(0.0));
    }

    #[test]
    fn every_optimizer_goes_down_the_bowl() {
        for optimizer in Optimizer::all().map(|optimizer| optimizer.name()) {
            let (outcome, points) = descent(json!({ "optimizer": optimizer, "steps": 2000 }), 0);
            assert!(matches!(outcome, Outcome::Completed { .. }));
            assert!(f(points.last().unwrap()) < 0.95 * f(&points[0]), "{optimizer}");
        }
    }

    #[test]
    fn what_leaves_for_infinity_diverges_and_a_seed_moves_the_start() {
        // y ← −5 y, so f ≈ 4·25ⁿ, which is beyond f32's 3.4·10³⁸ from n = 28 on.
        let (outcome, points) = descent(json!({ "learning_rate": 3.0, "steps": 1000 }), 0);
        assert_eq!(outcome, Outcome::Diverged { step: 28 });
        assert!(points.iter().all(|point| f(point).is_finite()));
        let start = |seed, spread: f64| f(&descent(json!({ "start_spread": spread, "steps": 1 }), seed).1[0]);
        assert_eq!(start(1, 0.0), start(2, 0.0));
        assert_ne!(start(1, 0.5), start(2, 0.5));
    }
}
