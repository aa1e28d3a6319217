//! Functions of two variables to minimise: values, gradients, starts, minima and windows. [`Surface`] gives each one's
//! formula and source.

pub mod descent;

use crate::plan::config::Surface;
use libm::{cos, sin, sincos};
use std::f64::consts::TAU;

/// The point at which optimizers start.
pub fn start(surface: Surface) -> [f64; 2] {
    match surface {
        Surface::Bowl {} | Surface::Quadratic { .. } => [-7.0, 2.0],
        Surface::Rosenbrock {} => [-1.2, 1.0],
        Surface::Beale {} => [1.0, 1.0],
        Surface::Himmelblau {} => [0.0, 0.0],
        Surface::Saddle {} => [-2.0, 0.01],
        Surface::Rastrigin {} => [2.3, -1.7],
    }
}

/// Its formula, as printed.
pub fn formula(surface: Surface) -> String {
    match surface {
        Surface::Bowl {} => "x²/20 + y²".into(),
        Surface::Quadratic { condition, angle } => {
            let turned = if angle.get() == 0.0 { String::new() } else { format!(", turned by {}°", angle.get()) };
            format!("(x² + {} y²)/2{turned}", condition.get())
        }
        Surface::Rosenbrock {} => "(1 − x)² + 100(y − x²)²".into(),
        Surface::Beale {} => "(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²".into(),
        Surface::Himmelblau {} => "(x² + y − 11)² + (x + y² − 7)²".into(),
        Surface::Saddle {} => "x² − y²".into(),
        Surface::Rastrigin {} => "20 + x² − 10 cos 2πx + y² − 10 cos 2πy".into(),
    }
}

/// Its name in a study, followed by its constants: `quadratic-100`.
pub fn name(surface: Surface) -> String {
    match surface {
        Surface::Bowl {} => "bowl".into(),
        Surface::Quadratic { condition, angle } => {
            let turned = if angle.get() == 0.0 { String::new() } else { format!("-{}", angle.get()) };
            format!("quadratic-{}{turned}", condition.get())
        }
        Surface::Rosenbrock {} => "rosenbrock".into(),
        Surface::Beale {} => "beale".into(),
        Surface::Himmelblau {} => "himmelblau".into(),
        Surface::Saddle {} => "saddle".into(),
        Surface::Rastrigin {} => "rastrigin".into(),
    }
}

/// The global minima of f; a saddle has none.
pub fn minima(surface: Surface) -> &'static [[f64; 2]] {
    match surface {
        Surface::Bowl {} | Surface::Quadratic { .. } | Surface::Rastrigin {} => &[[0.0, 0.0]],
        Surface::Rosenbrock {} => &[[1.0, 1.0]],
        Surface::Beale {} => &[[3.0, 0.5]],
        Surface::Himmelblau {} => &[
            [3.0, 2.0],
            [-2.805118086952745, 3.131312518250573],
            [-3.779310253377747, -3.28318599128617],
            [3.584428340330492, -1.848126526964404],
        ],
        Surface::Saddle {} => &[],
    }
}

/// What a drawing should show at least: from and to along x, and along y.
pub fn window(surface: Surface) -> [[f64; 2]; 2] {
    match surface {
        Surface::Bowl {} | Surface::Quadratic { .. } => [[-8.0, 4.0], [-3.0, 3.0]],
        Surface::Rosenbrock {} => [[-2.0, 2.0], [-1.0, 3.0]],
        Surface::Beale {} => [[-0.5, 4.5], [-1.5, 2.0]],
        Surface::Himmelblau {} => [[-5.0, 5.0], [-5.0, 5.0]],
        Surface::Saddle {} => [[-2.5, 2.5], [-2.0, 2.0]],
        Surface::Rastrigin {} => [[-3.0, 3.0], [-3.0, 3.0]],
    }
}

/// f(x, y)
pub fn value(surface: Surface, [x, y]: [f64; 2]) -> f64 {
    match surface {
        Surface::Bowl {} => x * x / 20.0 + y * y,
        Surface::Quadratic { condition, angle } => {
            let [along, across] = turned([x, y], -angle.get());
            (along * along + condition.get() * across * across) / 2.0
        }
        Surface::Rosenbrock {} => square(1.0 - x) + 100.0 * square(y - x * x),
        Surface::Beale {} => beale_terms(x, y).map(square).iter().sum(),
        Surface::Himmelblau {} => square(x * x + y - 11.0) + square(x + y * y - 7.0),
        Surface::Saddle {} => x * x - y * y,
        Surface::Rastrigin {} => 20.0 + x * x - 10.0 * cos(TAU * x) + y * y - 10.0 * cos(TAU * y),
    }
}

/// (∂f/∂x, ∂f/∂y)
pub fn gradient(surface: Surface, [x, y]: [f64; 2]) -> [f64; 2] {
    match surface {
        Surface::Bowl {} => [x / 10.0, 2.0 * y],
        Surface::Quadratic { condition, angle } => {
            let [along, across] = turned([x, y], -angle.get());
            turned([along, condition.get() * across], angle.get())
        }
        Surface::Rosenbrock {} => [-2.0 * (1.0 - x) - 400.0 * x * (y - x * x), 200.0 * (y - x * x)],
        Surface::Beale {} => {
            let [a, b, c] = beale_terms(x, y);
            let along_x = 2.0 * (a * (y - 1.0) + b * (y * y - 1.0) + c * (y * y * y - 1.0));
            [along_x, 2.0 * (a * x + b * 2.0 * x * y + c * 3.0 * x * y * y)]
        }
        Surface::Himmelblau {} => {
            let (a, b) = (x * x + y - 11.0, x + y * y - 7.0);
            [4.0 * x * a + 2.0 * b, 2.0 * a + 4.0 * y * b]
        }
        Surface::Saddle {} => [2.0 * x, -2.0 * y],
        Surface::Rastrigin {} => [x, y].map(|x| 2.0 * x + 10.0 * TAU * sin(TAU * x)),
    }
}

/// Rotates anticlockwise by `degrees`.
fn turned([x, y]: [f64; 2], degrees: f64) -> [f64; 2] {
    let (sin, cos) = sincos(degrees.to_radians());
    [cos * x - sin * y, sin * x + cos * y]
}

fn beale_terms(x: f64, y: f64) -> [f64; 3] {
    [1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y]
}

fn square(x: f64) -> f64 {
    x * x
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Surface> {
        let names = ["bowl", "rosenbrock", "beale", "himmelblau", "saddle", "rastrigin"];
        let quadratic = serde_json::json!({ "name": "quadratic", "condition": 30.0 });
        let tables = names.map(|name| serde_json::json!({ "name": name })).into_iter().chain([quadratic]);
        tables.map(|table| serde_json::from_value(table).unwrap()).collect()
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        for surface in all() {
            for [x, y] in [start(surface), [0.7, -0.4], [-1.3, 2.1]] {
                let h = 1e-6;
                let along = |dx, dy| (value(surface, [x + dx, y + dy]) - value(surface, [x - dx, y - dy])) / (2.0 * h);
                for (found, expected) in gradient(surface, [x, y]).into_iter().zip([along(h, 0.0), along(0.0, h)]) {
                    assert!((found - expected).abs() < 1e-5 * (1.0 + expected.abs()), "{surface:?} at {x}, {y}");
                }
            }
        }
    }

    #[test]
    fn minima_are_where_the_books_have_them_and_in_the_window_with_the_start() {
        for surface in all() {
            for &place in minima(surface) {
                assert!(value(surface, place).abs() < 1e-24, "{surface:?} at {place:?}");
                assert!(gradient(surface, place).iter().all(|slope| slope.abs() < 1e-10));
            }
            for place in minima(surface).iter().chain([&start(surface)]) {
                assert!(place.iter().zip(window(surface)).all(|(x, [low, high])| (low..=high).contains(x)));
            }
            let named: serde_json::Value = serde_json::to_value(surface).unwrap();
            assert!(name(surface).starts_with(named["name"].as_str().unwrap()));
        }
        assert_eq!(minima(all()[3]).len(), 4, "Himmelblau's");
    }
}
