//! The Hessian's eigenvalues on a surface, computed from nothing but the path of SGD, Momentum or Nesterov.
//!
//! A displacement d = w′ − w determines the gradient that caused it, as the rule is known: g = −d/α for SGD. On a
//! quadratic with the Hessian H the gradient changes by H d along d, so that the gradients at three places give the
//! products of H with two displacements, and with that H itself: H = [H d₁, H d₂] [d₁, d₂]⁻¹. For SGD at a constant
//! rate this is the same as finding the matrix I − αH that takes each displacement to the next. Neither f nor its
//! gradient nor the axes are used.

use crate::plan::config::Optimizer;

/// Two displacements whose directions differ by less than this (as a sine) do not determine a second direction: what is
/// left of it is rounding. Where the path is straight, or has become so, there are no eigenvalues.
const LEAST_SINE: f64 = 1e-6;

/// Observes the displacements of an optimizer; it begins before the first.
#[derive(Default)]
pub struct Watch {
    /// V, computed from the displacements alone.
    velocity: [f64; 2],
    /// The last displacement, with the gradient at the place it began.
    last: Option<([f64; 2], [f64; 2])>,
    /// (d, H d) of the last two displacements that have a successor, the newer one last.
    images: [Option<([f64; 2], [f64; 2])>; 2],
}

impl Watch {
    /// Takes note of a step by `displacement` that the optimizer, as it was at this step, made at this learning rate.
    pub fn step(&mut self, optimizer: &Optimizer, displacement: [f64; 2], learning_rate: f64) {
        let Some(gradient) = self.gradient(optimizer, displacement, learning_rate) else { return };
        if let Some((last, before)) = self.last.replace((displacement, gradient)) {
            self.images = [self.images[1], Some((last, minus(gradient, before)))];
        }
    }

    /// The gradient at the start of a displacement; `None` where the rule does not determine it.
    fn gradient(&mut self, optimizer: &Optimizer, displacement: [f64; 2], learning_rate: f64) -> Option<[f64; 2]> {
        let [x, y] = &mut self.velocity;
        let x = optimizer.gradient(displacement[0], x, learning_rate);
        let y = optimizer.gradient(displacement[1], y, learning_rate);
        x.zip(y).map(<[f64; 2]>::from)
    }

    /// The larger and the smaller eigenvalue of the Hessian, made symmetric. `None` before the third step, and where
    /// the last displacements are nearly parallel.
    pub fn eigenvalues(&self) -> Option<(f64, f64)> {
        let [Some((d, hd)), Some((e, he))] = self.images else { return None };
        let determinant = cross(d, e);
        if determinant.abs() <= LEAST_SINE * length(d) * length(e) {
            return None;
        }
        // [hd, he] times the inverse of [d, e]
        let xx = (hd[0] * e[1] - he[0] * d[1]) / determinant;
        let xy = (he[0] * d[0] - hd[0] * e[0]) / determinant;
        let yx = (hd[1] * e[1] - he[1] * d[1]) / determinant;
        let yy = (he[1] * d[0] - hd[1] * e[0]) / determinant;
        let (middle, half) = ((xx + yy) / 2.0, libm::hypot((xx - yy) / 2.0, (xy + yx) / 2.0));
        Some((middle + half, middle - half)).filter(|(high, low)| high.is_finite() && low.is_finite())
    }
}

fn minus(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] - b[0], a[1] - b[1]]
}

fn cross(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

fn length(a: [f64; 2]) -> f64 {
    libm::hypot(a[0], a[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::optim;
    use crate::plan::config::Surface;
    use crate::surface::{gradient, start};
    use serde_json::{Value, json};

    /// The eigenvalues computed from the last three of `steps` steps.
    fn recovered(optimizer: Value, surface: Value, steps: usize) -> Option<(f64, f64)> {
        let optimizer: Optimizer = serde_json::from_value(optimizer).unwrap();
        let surface: Surface = serde_json::from_value(surface).unwrap();
        let mut rule = optim::build::<f64>(&optimizer, &[2]);
        let (mut watch, mut place) = (Watch::default(), start(surface));
        for step in 0..steps {
            let (before, rate) = (place, 0.02 / (1.0 + step as f64 / 10.0));
            let (now, next) = (step as f64, step as f64 + 1.0);
            rule.begin_step(now, next);
            rule.update(0, &mut place, &gradient(surface, before), rate);
            watch.step(&optimizer.at(now, next), minus(place, before), rate);
        }
        watch.eigenvalues()
    }

    #[test]
    fn motion_tells_the_eigenvalues_of_a_quadratic_however_it_is_turned() {
        for name in ["sgd", "momentum", "nesterov"] {
            for angle in [0.0, 30.0, 45.0, 137.0] {
                for steps in [3, 4, 8] {
                    let quadratic = json!({ "name": "quadratic", "condition": 30.0, "angle": angle });
                    let (high, low) = recovered(json!({ "name": name }), quadratic, steps).unwrap();
                    assert!((high - 30.0).abs() < 1e-9 && (low - 1.0).abs() < 1e-9, "{name} {angle}: {high} {low}");
                }
            }
        }
        for name in ["momentum", "nesterov"] {
            let ramped = json!({ "name": name, "momentum_ramp": 10 });
            let (high, low) = recovered(ramped, json!({ "name": "quadratic", "condition": 30.0 }), 8).unwrap();
            assert!((high - 30.0).abs() < 1e-9 && (low - 1.0).abs() < 1e-9, "{name}: {high} {low}");
        }
        // x² − y² has the eigenvalues 2 and −2.
        let (high, low) = recovered(json!({ "name": "sgd" }), json!({ "name": "saddle" }), 5).unwrap();
        assert!((high - 2.0).abs() < 1e-9 && (low + 2.0).abs() < 1e-9);
    }

    #[test]
    fn there_are_none_where_the_motion_has_one_direction_or_a_rate_for_each_coordinate() {
        let quadratic = |condition: f64| json!({ "name": "quadratic", "condition": condition });
        let sgd = || json!({ "name": "sgd" });
        assert_eq!(recovered(sgd(), quadratic(30.0), 2), None, "two displacements show one change of the gradient");
        assert_eq!(recovered(sgd(), quadratic(1.0), 20), None, "a round bowl is gone down straight");
        // 1 − 45·.02 = .1: the motion along the steep direction ends within a few steps.
        assert_eq!(recovered(sgd(), quadratic(45.0), 30), None);
        assert_eq!(recovered(json!({ "name": "adam" }), quadratic(30.0), 8), None);
    }
}
