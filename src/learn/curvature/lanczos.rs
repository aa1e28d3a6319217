//! The largest eigenvalue of a symmetric matrix of which only products are available, by the Lanczos method (Golub &
//! Van Loan 2013, section 10.1).
//!
//! After k products with A there are orthonormal v₁ … vₖ that span v₁, A v₁, …, Aᵏ⁻¹v₁, and A restricted to that space:
//! a tridiagonal T of α = vᵢ·A vᵢ and β, the length of the part of A vᵢ orthogonal to v₁ … vᵢ. The largest eigenvalue θ
//! of T is the largest Rayleigh quotient there is in that space, whatever lies at the other end of the spectrum; with T
//! s = θ s, its vector y = Σ sᵢ vᵢ leaves ‖A y − θ y‖ = βₖ |sₖ|.

use super::direction::Direction;

/// θ has been found when ‖A y − θ y‖ is at most this share of |θ|: some eigenvalue is then as near to θ, and as θ is a
/// Rayleigh quotient, its error is of the order of the share's square unless others lie as near.
const TOLERANCE: f64 = 0.01;
/// The least number of products: an eigenvector of which `start` contains only a thousandth does not show in the
/// residual before.
const LEAST_PRODUCTS: usize = 12;
/// The largest number of products; an eigenvalue not found by then has no value. This many vectors are kept.
pub const MOST_PRODUCTS: usize = 60;
/// A β that is this share of T is rounding of single precision: the space holds all that `start` is made of.
const ROUNDING: f64 = 1e-6;

/// The eigenvalue, and its eigenvector of length 1. `None` if it was not found or a product is not finite.
pub fn largest(apply: &mut dyn FnMut(&Direction) -> Direction, start: &Direction) -> Option<(f64, Direction)> {
    let mut next = start.unit()?;
    let mut basis: Vec<Direction> = Vec::new();
    let mut tridiagonal = Tridiagonal { alphas: Vec::new(), betas: Vec::new() };
    for products in 1..=MOST_PRODUCTS {
        let mut rest = apply(&next);
        let alpha = next.dot(&rest);
        tridiagonal.alphas.push(alpha);
        basis.push(next);
        // In exact arithmetic the last two vectors and one round would be enough.
        for vector in basis.iter().chain(&basis) {
            let share = vector.dot(&rest);
            rest = rest.plus(-share, vector);
        }
        let beta = rest.norm();
        if !(alpha + beta).is_finite() {
            return None;
        }
        let exhausted = beta <= ROUNDING * tridiagonal.scale();
        if exhausted || products >= LEAST_PRODUCTS {
            let (value, shares) = tridiagonal.largest();
            let residual = beta * shares[products - 1].abs();
            if exhausted || residual <= TOLERANCE * value.abs() {
                let nothing = basis[0].clone().plus(-1.0, &basis[0]);
                let sum = basis.iter().zip(&shares).fold(nothing, |sum, (vector, &share)| sum.plus(share, vector));
                return Some((value, sum.unit()?));
            }
        }
        tridiagonal.betas.push(beta);
        next = rest.unit()?;
    }
    None
}

/// Symmetric: `alphas` on the diagonal, `betas`, which are above 0 and one fewer, beside it.
struct Tridiagonal {
    alphas: Vec<f64>,
    betas: Vec<f64>,
}

impl Tridiagonal {
    /// The largest magnitude of an element.
    fn scale(&self) -> f64 {
        self.alphas.iter().chain(&self.betas).fold(0.0, |largest, value| largest.max(value.abs()))
    }

    /// β before and after each α; 0 beyond either end.
    fn rows(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        let beta = |index: Option<usize>| index.and_then(|index| self.betas.get(index)).copied().unwrap_or(0.0);
        self.alphas.iter().enumerate().map(move |(i, &alpha)| (beta(i.checked_sub(1)), alpha, beta(Some(i))))
    }

    /// The pivots of x − T; all are above 0 exactly if x is above all eigenvalues.
    fn pivots(&self, x: f64) -> Vec<f64> {
        let mut last = 1.0;
        let pivot = |(before, alpha, _): (f64, f64, f64)| {
            last = x - alpha - before * before / last;
            last
        };
        self.rows().map(pivot).collect()
    }

    /// The largest eigenvalue, by bisection, and its eigenvector of length 1, by inverse iteration.
    fn largest(&self) -> (f64, Vec<f64>) {
        let scale = self.scale();
        let margin = if scale > 0.0 { 1e-14 * scale } else { 1.0 };
        // A Rayleigh quotient, and Gershgorin's bound.
        let low = self.alphas.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let high = self.rows().map(|(before, alpha, after)| before + alpha + after).fold(low, f64::max) + margin;
        let (mut low, mut high) = (low, high);
        for _ in 0..60 {
            let middle = low + (high - low) / 2.0;
            let above = self.pivots(middle).iter().all(|&pivot| pivot > 0.0);
            *(if above { &mut high } else { &mut low }) = middle;
        }
        // The eigenvector has no change of sign, so this start contains a large part of it.
        let mut vector = vec![1.0; self.alphas.len()];
        let pivots = self.pivots(high);
        for _ in 0..3 {
            self.solve(&pivots, &mut vector);
            let norm = vector.iter().map(|share| share * share).sum::<f64>().sqrt();
            vector.iter_mut().for_each(|share| *share /= norm);
        }
        (low, vector)
    }

    /// (x − T)⁻¹ times a vector, in place, for the x of the pivots, which are above 0.
    fn solve(&self, pivots: &[f64], vector: &mut [f64]) {
        for (index, beta) in self.betas.iter().enumerate().take(vector.len() - 1) {
            vector[index + 1] += beta / pivots[index] * vector[index];
        }
        for index in (0..vector.len()).rev() {
            let next = vector.get(index + 1).map_or(0.0, |next| self.betas[index] * next);
            vector[index] = (vector[index] + next) / pivots[index];
        }
    }
}
