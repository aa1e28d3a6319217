//! A point or a direction in the space of all parameters.

use crate::kernel::Matrix;
use crate::learn::nn::{Network, sum_of_squares};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A matrix for each parameter of a network in which only affine layers have parameters, in the network's order: W
/// [fan_in, fan_out] and b [1, fan_out] of each affine layer. The padding is zero.
#[derive(Clone)]
pub struct Direction(pub Vec<Matrix>);

impl Direction {
    /// All weights and biases of a network.
    pub fn weights(network: &Network) -> Direction {
        Direction(network.tensors().into_iter().map(|(_, tensor)| tensor.clone()).collect())
    }

    /// Zeros for affine layers of these (fan_in, fan_out).
    pub fn zeros(shapes: &[(usize, usize)]) -> Direction {
        let of_layer =
            |&(fan_in, fan_out): &(usize, usize)| [Matrix::zeros(fan_in, fan_out), Matrix::zeros(1, fan_out)];
        Direction(shapes.iter().flat_map(of_layer).collect())
    }

    /// Numbers in [−1, 1), always the same ones.
    pub fn scattered(shapes: &[(usize, usize)]) -> Direction {
        let mut rng = ChaCha8Rng::from_seed([0; 32]);
        let mut direction = Direction::zeros(shapes);
        for part in &mut direction.0 {
            for row in 0..part.rows() {
                let draw = |value: &mut f32| *value = (rng.next_u32() >> 8) as f32 / (1 << 23) as f32 - 1.0;
                part.row_mut(row).iter_mut().for_each(draw);
            }
        }
        direction
    }

    /// Its Euclidean length, in double precision.
    pub fn norm(&self) -> f64 {
        self.0.iter().map(|part| sum_of_squares(part.padded())).sum::<f64>().sqrt()
    }

    /// The inner product, in sixteen partial sums a parameter, added up in order.
    pub fn dot(&self, other: &Direction) -> f64 {
        let product = |(a, b): (&Matrix, &Matrix)| {
            let mut sums = [0.0; 16];
            for (a, b) in a.padded().as_chunks::<16>().0.iter().zip(b.padded().as_chunks::<16>().0) {
                for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
                    *sum += f64::from(a) * f64::from(b);
                }
            }
            sums.iter().sum::<f64>()
        };
        self.0.iter().zip(&other.0).map(product).sum()
    }

    /// self + factor · other
    pub fn plus(mut self, factor: f64, other: &Direction) -> Direction {
        self.change(other, |a, b| a + factor as f32 * b);
        self
    }

    /// Element by element.
    pub fn times(mut self, other: &Direction) -> Direction {
        self.change(other, |a, b| a * b);
        self
    }

    /// With length 1; `None` for zero, which has no direction.
    pub fn unit(&self) -> Option<Direction> {
        let norm = self.norm();
        let length = |value: &mut f32| *value = (f64::from(*value) / norm) as f32;
        let mut unit = self.clone();
        unit.0.iter_mut().flat_map(Matrix::padded_mut).for_each(length);
        (norm > 0.0 && norm.is_finite()).then_some(unit)
    }

    fn change(&mut self, other: &Direction, of: impl Fn(f32, f32) -> f32) {
        for (part, other) in self.0.iter_mut().zip(&other.0) {
            part.padded_mut().iter_mut().zip(other.padded()).for_each(|(a, &b)| *a = of(*a, b));
        }
    }
}
