//! Dropout of a network's inputs (Srivastava et al. 2014).

use crate::kernel::Batch;
use crate::plan::config::{DropoutScaling, dropout_bits, dropped_below};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Drops each input with probability p while training, scaled as dropout of hidden units is. An input that is 0 is the
/// same whether it is dropped or not, so that random numbers are drawn for the others alone: for a fifth of MNIST's.
pub struct InputDropout {
    rate: f64,
    /// Random bits for each input that is not zero, 16 or 32.
    bits: u32,
    scaling: DropoutScaling,
    rng: ChaCha8Rng,
    /// So many random bits for each input of an image.
    bytes: Vec<u8>,
}

impl InputDropout {
    /// `rate`: p, the share dropped, in [0, 1), in the steps that [`dropout_bits`] tells of. `inputs`: how many an image
    /// has. `rng`: a stream of its own.
    pub fn new(inputs: usize, rate: f64, scaling: DropoutScaling, rng: ChaCha8Rng) -> InputDropout {
        let bits = dropout_bits(rate).unwrap_or(32);
        InputDropout { rate, bits, scaling, rng, bytes: vec![0; bits as usize / 8 * inputs] }
    }

    /// Drops inputs of a batch that was just gathered: image after image, of each in the order of its inputs.
    pub fn forward(&mut self, images: &mut Batch) {
        let below = dropped_below(self.rate, self.bits);
        for words in images.nonzero_mut().rows_mut() {
            let count: usize = words.iter().map(|word| word.count_ones() as usize).sum();
            let bytes = &mut self.bytes[..count * self.bits as usize / 8];
            self.rng.fill_bytes(bytes);
            match self.bits {
                16 => thin(words, bytes.as_chunks().0.iter().map(|&draw| u32::from(u16::from_le_bytes(draw)) < below)),
                _ => thin(words, bytes.as_chunks().0.iter().map(|&draw| u32::from_le_bytes(draw) < below)),
            }
        }
        images.scale(self.scaling.in_training(self.rate));
    }

    /// Scales a batch that was just gathered as evaluation has it. Draws nothing.
    pub fn evaluate(&self, images: &mut Batch) {
        images.scale(self.scaling.in_evaluation(self.rate));
    }
}

/// Clears a bit that is set where its draw says so; there is a draw for each.
fn thin(words: &mut [u64], mut is_dropped: impl Iterator<Item = bool>) {
    for word in words {
        let (mut waiting, mut dropped) = (*word, 0);
        while waiting != 0 {
            let lowest = waiting & waiting.wrapping_neg();
            waiting ^= lowest;
            dropped |= if is_dropped.next() == Some(true) { lowest } else { 0 };
        }
        *word ^= dropped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Matrix, Rows, Scale, SparseRows};
    use rand_chacha::rand_core::SeedableRng;

    const COLS: usize = 150;

    /// 400 images, two thirds of whose inputs are not zero, as bytes and as the same numbers.
    fn images() -> [Rows; 2] {
        let bytes: Vec<u8> = (0..400 * COLS).map(|place| if place % 3 == 0 { 0 } else { 51 }).collect();
        let mut numbers = Matrix::zeros(400, COLS);
        for (row, bytes) in bytes.chunks_exact(COLS).enumerate() {
            numbers.row_mut(row).iter_mut().zip(bytes).for_each(|(value, &byte)| *value = f32::from(byte) / 255.0);
        }
        [Rows::Bytes(SparseRows::from_bytes(&bytes, COLS, Scale::PIXELS)), Rows::Numbers(numbers)]
    }

    fn dropped(rate: f64, rows: &Rows, scaling: DropoutScaling) -> (Batch, usize) {
        let mut dropout = InputDropout::new(COLS, rate, scaling, ChaCha8Rng::seed_from_u64(3));
        let mut batch = Batch::new(400, COLS);
        batch.gather(rows, 0..400);
        dropout.forward(&mut batch);
        let kept = batch.nonzero().iter().filter(|&kept| kept).count();
        (batch, kept)
    }

    #[test]
    fn the_share_of_inputs_is_dropped_of_bytes_and_of_numbers_alike() {
        for rate in [0.2, 1e-4] {
            let [bytes, numbers] = images().map(|rows| dropped(rate, &rows, DropoutScaling::Train));
            assert!(bytes.0.nonzero().iter().eq(numbers.0.nonzero().iter()));
            // Of 40,000 draws, within four standard deviations.
            let (lost, expected) = (40_000.0 - bytes.1 as f64, 40_000.0 * rate);
            assert!((lost - expected).abs() <= 4.0 * expected.sqrt(), "{rate}: {lost}");
        }
    }

    /// The product with a row of ones is the sum of what an image is for the network: 100 inputs of 1/5 each.
    #[test]
    fn the_mean_is_the_same_in_training_and_in_evaluation() {
        let sums = |batch: &Batch| {
            let (mut ones, mut sums) = (Matrix::zeros(COLS, 1), Matrix::zeros(400, 1));
            (0..COLS).for_each(|row| ones.row_mut(row)[0] = 1.0);
            batch.times(&ones, &Matrix::zeros(1, 1), &mut sums);
            sums.view().iter().map(|&sum| f64::from(sum)).sum::<f64>() / 400.0
        };
        for rows in images() {
            for (scaling, in_training, in_evaluation) in [
                (DropoutScaling::Train, 20.0, 20.0),
                (DropoutScaling::Test, 15.0, 15.0),
                (DropoutScaling::DeleteRatio, 15.0, 5.0),
            ] {
                let (batch, _) = dropped(0.25, &rows, scaling);
                // Each image's sum has a standard deviation of .2·√(100·.25·.75)/.75 at most, which is 1.15.
                assert!((sums(&batch) - in_training).abs() < 4.0 * 1.15 / 20.0, "{scaling:?}: {}", sums(&batch));
                let dropout = InputDropout::new(COLS, 0.25, scaling, ChaCha8Rng::seed_from_u64(3));
                let mut batch = Batch::new(400, COLS);
                batch.gather(&rows, 0..400);
                dropout.evaluate(&mut batch);
                assert!((sums(&batch) - in_evaluation).abs() < 1e-4, "{scaling:?}: {}", sums(&batch));
            }
        }
    }
}
