//! The functions with their gradients and starts; [`Surface`] gives each one's formula and source.

use crate::config::Surface;
use libm::{cos, sin, sincos};
use std::f64::consts::TAU;

/// Where the way down begins.
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

/// Anticlockwise by so many degrees.
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
        let quadratics =
            [0.0, 30.0].map(|angle| serde_json::json!({ "name": "quadratic", "condition": 30.0, "angle": angle }));
        let tables = names.map(|name| serde_json::json!({ "name": name })).into_iter().chain(quadratics);
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
    fn minima_are_where_the_books_have_them() {
        let minima = [([0.0, 0.0], 0), ([1.0, 1.0], 1), ([3.0, 0.5], 2), ([3.0, 2.0], 3), ([0.0, 0.0], 5)];
        for (place, surface) in minima {
            assert_eq!(value(all()[surface], place), 0.0);
            assert!(gradient(all()[surface], place).iter().all(|slope| slope.abs() < 1e-12));
        }
    }
}
