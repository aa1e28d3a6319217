//! The largest eigenvalue of a symmetric matrix that is known by its products alone.

use super::direction::Direction;

/// It has been found when ‖A v − λ v‖ is at most this share of |λ|: some eigenvalue is then as near to λ, and as λ is a
/// Rayleigh quotient, its error is of the order of the share's square unless others lie as near.
const TOLERANCE: f64 = 0.02;
/// Products of one power iteration at most; what has been found by then is what there is.
const MOST_PRODUCTS: usize = 100;

/// By power iteration from `start`. That finds the eigenvalue of the largest magnitude; if it is negative, a second one
/// with the whole spectrum shifted up by it finds the largest. `None` if a product is not finite.
pub fn largest(apply: &mut dyn FnMut(&Direction) -> Direction, start: &Direction) -> Option<(f64, Direction)> {
    let (value, vector) = dominant(apply, start, 0.0)?;
    match value < 0.0 {
        true => dominant(apply, start, value),
        false => Some((value, vector)),
    }
}

/// The eigenvalue of A farthest from `shift`, and its eigenvector of length 1.
fn dominant(apply: &mut dyn FnMut(&Direction) -> Direction, start: &Direction, shift: f64) -> Option<(f64, Direction)> {
    let mut vector = start.unit()?;
    let mut value = 0.0;
    for _ in 0..MOST_PRODUCTS {
        let image = apply(&vector).plus(-shift, &vector);
        value = vector.dot(&image);
        if !value.is_finite() {
            return None;
        }
        let residual = image.clone().plus(-value, &vector).norm();
        if residual <= TOLERANCE * value.abs() {
            break;
        }
        match image.unit() {
            Some(unit) => vector = unit,
            None => break,
        }
    }
    Some((value + shift, vector))
}
