//! Measurements of the last step: its gradient, the weights after it, and the velocity after it.

use super::finite;
use crate::learn::nn::{Network, Param, dot, sum_of_squares};
use crate::learn::optim::Stepper;
use crate::plan::metric::Metric;
use crate::record::event::{Layers, Measured};

/// The norm of an update, by itself and divided by that of the weights after it.
pub fn updates(update_norm: f64, weight_norm: f32, measured: &mut Measured) {
    let ratio = update_norm / f64::from(weight_norm);
    measured.set(Metric::UPDATE_NORM, finite(update_norm));
    measured.set(Metric::UPDATE_RATIO, finite(ratio));
}

/// The norm of the gradient that the network holds.
pub fn gradients(network: &mut Network, measured: &mut Measured) {
    let mut squares = 0.0;
    network.parameters(&mut |param: &mut Param| {
        if param.decays {
            squares += sum_of_squares(param.gradient.padded());
        }
    });
    measured.set(Metric::GRADIENT_NORM, finite(squares.sqrt()));
}

/// The norm of each affine layer's weights.
pub fn weights(network: &Network, layers: &mut Layers) {
    layers.weight_norm = network.weight_norms().map(finite).collect();
}

/// The velocity after a step at this rate, against the gradient that the network holds; nothing for an optimizer
/// without one.
pub fn velocity(network: &mut Network, optimizer: &dyn Stepper<f32>, learning_rate: f64, measured: &mut Measured) {
    let (mut velocity_squares, mut gradient_squares, mut down_the_slope) = (0.0, 0.0, 0.0);
    let (mut index, mut has_velocity) = (0, false);
    network.parameters(&mut |param: &mut Param| {
        if let Some(velocity) = param.decays.then(|| optimizer.velocity(index, learning_rate)).flatten() {
            let gradient = param.gradient.padded();
            velocity_squares += velocity.scale * velocity.scale * sum_of_squares(&velocity.values);
            gradient_squares += sum_of_squares(gradient);
            down_the_slope -= velocity.scale * dot(&velocity.values, gradient);
            has_velocity = true;
        }
        index += 1;
    });
    if has_velocity {
        measured.set(Metric::VELOCITY_NORM, finite(velocity_squares.sqrt()));
        measured.set(Metric::VELOCITY_ANGLE, finite(angle(down_the_slope, velocity_squares, gradient_squares)));
    }
}

/// In degrees, from a·b, ‖a‖² and ‖b‖²; 0 where one of them is 0.
fn angle(product: f64, a_squares: f64, b_squares: f64) -> f64 {
    match a_squares.sqrt() * b_squares.sqrt() {
        0.0 => 0.0,
        lengths => libm::acos((product / lengths).clamp(-1.0, 1.0)).to_degrees(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data;
    use crate::learn::train::{Control, Training, train};
    use crate::plan::config::Config;
    use crate::record::event::Point;
    use serde_json::json;

    #[test]
    fn angles_by_hand() {
        // (1, 0) and (1, 1); (3, 4) and (−3, −4); (2, 0) and (0, 5); nothing.
        let found = [angle(1.0, 1.0, 2.0), angle(-25.0, 25.0, 25.0), angle(0.0, 4.0, 25.0), angle(0.0, 0.0, 1.0)];
        assert!(
            found.iter().zip([45.0, 180.0, 90.0, 0.0]).all(|(found, right)| (found - right).abs() < 1e-9),
            "{found:?}"
        );
    }

    fn points(mut settings: serde_json::Value) -> Vec<Point> {
        settings["data"] = json!("synthetic");
        settings["hidden"] = json!([20]);
        settings["probes"] = json!(["updates", "gradients", "weights", "velocity"]);
        let config: Config = serde_json::from_value(settings).unwrap();
        let data = data::load(config.data, None, 1000, 1000).unwrap();
        let mut points = Vec::new();
        train(&config, 1, &data, &Control::default(), &mut |seen| points.extend(seen.point()));
        points
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-5 * a.abs().max(b.abs())
    }

    /// SGD's update is α times its gradient; Momentum's is its velocity, which begins as the negative gradient.
    #[test]
    fn the_norms_of_a_step_fit_together() {
        let every_step = |optimizer: &str| {
            let points =
                points(json!({ "optimizer": optimizer, "learning_rate": 0.05, "steps": 3, "evaluate_every": 0.1 }));
            assert_eq!(points.iter().map(|point| point.step).collect::<Vec<_>>(), [0, 1, 2, 3]);
            move |step: usize, metric: Metric| points[step].measured.number(metric)
        };
        let sgd = every_step("sgd");
        for metric in [Metric::UPDATE_NORM, Metric::UPDATE_RATIO, Metric::GRADIENT_NORM] {
            assert_eq!(sgd(0, metric), None, "there is no step yet");
        }
        for step in 1..=3 {
            let (update, gradient) =
                (sgd(step, Metric::UPDATE_NORM).unwrap(), sgd(step, Metric::GRADIENT_NORM).unwrap());
            assert!(near(update, 0.05 * gradient), "{update} {gradient}");
            assert_eq!((sgd(step, Metric::VELOCITY_NORM), sgd(step, Metric::VELOCITY_ANGLE)), (None, None));
        }
        let momentum = every_step("momentum");
        assert_eq!((momentum(0, Metric::VELOCITY_NORM), momentum(0, Metric::VELOCITY_ANGLE)), (None, None));
        assert!(momentum(1, Metric::VELOCITY_ANGLE).unwrap() < 1e-3);
        for step in 1..=3 {
            let [update, velocity] =
                [Metric::UPDATE_NORM, Metric::VELOCITY_NORM].map(|metric| momentum(step, metric).unwrap());
            assert!(near(update, velocity), "{update} {velocity}");
        }
        assert!(momentum(3, Metric::VELOCITY_ANGLE).unwrap() > 1.0, "another batch has another gradient");
        let adam = every_step("adam");
        // At the first step, m̂ is the gradient.
        assert!(near(adam(1, Metric::VELOCITY_NORM).unwrap(), 0.05 * adam(1, Metric::GRADIENT_NORM).unwrap()));
    }

    /// The rate that Adam's first moment is multiplied by is the scheduled one of the last step.
    #[test]
    fn the_update_ratio_is_the_update_over_the_weights() {
        let settings = json!({ "optimizer": "adam", "steps": 4, "evaluate_every": 0.1, "schedule": { "name": "step", "every": 0.2, "factor": 0.5 } });
        let points = points(settings);
        for point in &points[1..] {
            let [update, ratio, weights] = [Metric::UPDATE_NORM, Metric::UPDATE_RATIO, Metric::WEIGHT_NORM]
                .map(|metric| point.measured.number(metric).unwrap());
            assert!(near(ratio, update / weights));
        }
        assert!(points[1..].iter().all(|point| point.measured.number(Metric::VELOCITY_NORM).unwrap() > 0.0));
    }

    #[test]
    fn layers_weigh_together_what_the_network_weighs() {
        let config: Config = serde_json::from_value(json!({ "data": "synthetic", "hidden": [20, 10] })).unwrap();
        let data = data::load(config.data, None, 1000, 1000).unwrap();
        let training = Training::new(&config, 1, &data);
        let mut layers = Layers::default();
        weights(training.network(), &mut layers);
        let together = layers.weight_norm.iter().map(|norm| f64::from(*norm).powi(2)).sum::<f64>().sqrt();
        assert_eq!(layers.weight_norm.len(), 3);
        assert!((together - training.network().weight_norm()).abs() < 1e-4);
    }
}
