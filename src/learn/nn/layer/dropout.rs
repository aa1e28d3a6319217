//! Dropout (Srivastava et al. 2014).

use super::{Elementwise, Layer, Statistic};
use crate::learn::kernel::Matrix;
use crate::learn::nn::Param;
use crate::plan::config::DropoutScaling;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Drops each unit with probability p while training. So that the next layer sees the same mean in training and in
/// evaluation, what stays is divided by 1 − p while training, or everything is multiplied by 1 − p in evaluation.
pub struct Dropout {
    rate: f64,
    scaling: DropoutScaling,
    rng: ChaCha8Rng,
    /// What each unit of the current batch is multiplied by: 0 if it is dropped, [batch, width].
    factors: Matrix,
    /// Two random bytes for each unit of a row.
    bytes: Vec<u8>,
}

impl Dropout {
    /// `rate`: p, the share dropped, in [0, 1), rounded to the nearest 1/65536. `rng`: this layer's own stream.
    pub fn new(batch: usize, width: usize, rate: f64, scaling: DropoutScaling, rng: ChaCha8Rng) -> Dropout {
        Dropout { rate, scaling, rng, factors: Matrix::zeros(batch, width), bytes: vec![0; 2 * width] }
    }

    fn factor_in_evaluation(&self) -> f32 {
        let factor = match self.scaling {
            DropoutScaling::Train => 1.0,
            DropoutScaling::Test => 1.0 - self.rate,
            DropoutScaling::DeleteRatio => self.rate,
        };
        factor as f32
    }

    fn draw(&mut self) {
        let below = (self.rate * 65536.0).round() as u32;
        let kept = match self.scaling {
            DropoutScaling::Train => (1.0 / (1.0 - self.rate)) as f32,
            DropoutScaling::Test | DropoutScaling::DeleteRatio => 1.0,
        };
        for row in 0..self.factors.rows() {
            self.rng.fill_bytes(&mut self.bytes);
            let draws = self.bytes.as_chunks::<2>().0.iter().map(|&pair| u16::from_le_bytes(pair));
            for (factor, draw) in self.factors.row_mut(row).iter_mut().zip(draws) {
                *factor = if u32::from(draw) < below { 0.0 } else { kept };
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
