//! The max-norm constraint (Srivastava et al. 2014, section 5.1).

use crate::kernel::{Matrix, vectorised};

/// ‖w‖₂ ≤ c for the weights w that come into each unit, those of hidden layers and those of the output alike: the columns
/// of a weight matrix.
pub struct MaxNorm {
    limit: f64,
    /// Of each unit, ‖w‖₂².
    squares: Vec<f64>,
    /// What each unit's weights are multiplied by.
    factors: Vec<f32>,
}

impl MaxNorm {
    /// `limit`: c, above 0. For layers of up to `widest` units.
    pub fn new(limit: f64, widest: usize) -> MaxNorm {
        let stride = Matrix::zeros(1, widest).stride();
        MaxNorm { limit, squares: vec![0.0; stride], factors: vec![1.0; stride] }
    }

    /// w ← w · min(1, c/‖w‖₂) for each unit of `weight`, [fan_in, fan_out]. Norms are in double precision, products in
    /// single, so that a norm may end a rounding above c. Allocates nothing.
    pub fn apply(&mut self, weight: &mut Matrix) {
        let stride = weight.stride();
        let (squares, factors) = (&mut self.squares[..stride], &mut self.factors[..stride]);
        squares.fill(0.0);
        add_squares(weight.padded(), squares);
        let mut is_exceeded = false;
        for (factor, squares) in factors.iter_mut().zip(squares) {
            let norm = squares.sqrt();
            *factor = if norm > self.limit { (self.limit / norm) as f32 } else { 1.0 };
            is_exceeded |= norm > self.limit;
        }
        if is_exceeded {
            multiply_columns(weight.padded_mut(), factors);
        }
    }
}

vectorised! {
    /// Adds the squares of each column of some rows to its sum.
    fn add_squares(rows: &[f32], sums: &mut [f64]) {
        for row in rows.chunks_exact(sums.len()) {
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value) * f64::from(*value));
        }
    }

    /// Multiplies each column of some rows by its factor.
    fn multiply_columns(rows: &mut [f32], factors: &[f32]) {
        for row in rows.chunks_exact_mut(factors.len()) {
            row.iter_mut().zip(factors).for_each(|(value, factor)| *value *= factor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three units with two inputs each: the norms of the columns are 5, 0 and 1, those of the rows no matter.
    #[test]
    fn columns_that_are_too_long_are_shortened_and_no_other() {
        let mut weight = Matrix::zeros(2, 3);
        weight.row_mut(0).copy_from_slice(&[3.0, 0.0, -1.0]);
        weight.row_mut(1).copy_from_slice(&[-4.0, 0.0, 0.0]);
        let mut constraint = MaxNorm::new(2.5, 3);
        constraint.apply(&mut weight);
        assert_eq!((weight.row(0), weight.row(1)), (&[1.5, 0.0, -1.0][..], &[-2.0, 0.0, 0.0][..]));
        let before = weight.clone();
        constraint.apply(&mut weight);
        assert_eq!(weight.view(), before.view(), "a norm of c is not too long");
    }
}
