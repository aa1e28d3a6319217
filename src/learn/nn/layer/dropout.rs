//! Dropout (Srivastava et al. 2014).

use super::{Elementwise, Layer, Statistic};
use crate::kernel::Matrix;
use crate::learn::nn::Param;
use crate::plan::config::{DropoutScaling, dropout_bits, dropped_below};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Drops each unit with probability p while training. So that the next layer sees the same mean in training and in
/// evaluation, what stays is divided by 1 − p while training, or everything is multiplied by 1 − p in evaluation.
pub struct Dropout {
    rate: f64,
    /// Random bits for each unit, 16 or 32.
    bits: u32,
    scaling: DropoutScaling,
    rng: ChaCha8Rng,
    /// What each unit of the current batch is multiplied by: 0 if it is dropped, [batch, width].
    factors: Matrix,
    /// So many random bits for each unit of a row.
    bytes: Vec<u8>,
}

impl Dropout {
    /// `rate`: p, the share dropped, in [0, 1), in the steps that [`dropout_bits`] tells of. `rng`: this layer's own stream.
    pub fn new(batch: usize, width: usize, rate: f64, scaling: DropoutScaling, rng: ChaCha8Rng) -> Dropout {
        let bits = dropout_bits(rate).unwrap_or(32);
        let bytes = vec![0; bits as usize / 8 * width];
        Dropout { rate, bits, scaling, rng, factors: Matrix::zeros(batch, width), bytes }
    }

    fn factor_in_evaluation(&self) -> f32 {
        self.scaling.in_evaluation(self.rate)
    }

    fn draw(&mut self) {
        let below = dropped_below(self.rate, self.bits);
        let kept = self.scaling.in_training(self.rate);
        for row in 0..self.factors.rows() {
            self.rng.fill_bytes(&mut self.bytes);
            let factors = self.factors.row_mut(row).iter_mut();
            let factor = |draw: u32| if draw < below { 0.0 } else { kept };
            match self.bits {
                16 => factors
                    .zip(self.bytes.as_chunks::<2>().0)
                    .for_each(|(place, &bytes)| *place = factor(u16::from_le_bytes(bytes).into())),
                _ => factors
                    .zip(self.bytes.as_chunks::<4>().0)
                    .for_each(|(place, &bytes)| *place = factor(u32::from_le_bytes(bytes))),
            }
        }
    }
}

impl Elementwise for Dropout {
    fn differentiate(&self, x: &mut [f32], first: &mut [f32], second: &mut [f32]) {
        let factor = self.factor_in_evaluation();
        for values in [x, first, second] {
            values.iter_mut().for_each(|value| *value *= factor);
        }
    }
}

impl Layer for Dropout {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn forward(&mut self, x: &mut Matrix, y: &mut Matrix) {
        self.draw();
        for ((y, x), factor) in y.padded_mut().iter_mut().zip(x.padded()).zip(self.factors.padded()) {
            *y = x * factor;
        }
    }

    fn backward(&mut self, _x: &Matrix, _y: &Matrix, gradient: &mut Matrix) {
        gradient.padded_mut().iter_mut().zip(self.factors.padded()).for_each(|(gradient, factor)| *gradient *= factor);
    }

    fn evaluate(&self, x: &mut Matrix) {
        let factor = self.factor_in_evaluation();
        if factor != 1.0 {
            x.padded_mut().iter_mut().for_each(|x| *x *= factor);
        }
    }

    fn state(&self) -> (&[Param], &[Statistic]) {
        (&[], &[])
    }

    fn state_mut(&mut self) -> (&mut [Param], &mut [Statistic]) {
        (&mut [], &mut [])
    }

    fn as_elementwise(&self) -> Option<&dyn Elementwise> {
        Some(self)
    }

    fn dropout_factors(&self) -> Option<&Matrix> {
        Some(&self.factors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    /// Of four million draws, within four standard deviations. 16 bits would make 1e-6 into 0.
    #[test]
    fn rates_near_0_and_1_are_drawn_as_they_are() {
        for (rate, dropped_is_rare) in [(1e-6, true), (1.0 - 1e-6, false), (2.52e-4, true), (1.0 - 2.52e-4, false)] {
            let rng = ChaCha8Rng::seed_from_u64(3);
            let mut layer = Dropout::new(4000, 1000, rate, DropoutScaling::Test, rng);
            assert_eq!(layer.bits, 32);
            layer.draw();
            let dropped = layer.factors.view().iter().filter(|&&factor| factor == 0.0).count() as f64;
            let rare = if dropped_is_rare { dropped } else { 4e6 - dropped };
            let expected = 4e6 * rate.min(1.0 - rate);
            assert!((rare - expected).abs() <= 4.0 * expected.sqrt(), "{rate}: {rare}, expected {expected}");
        }
    }
}
