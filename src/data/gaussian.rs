//! Numbers of a standard normal distribution, as the chapter feeds them to networks with different initial weights.

use super::batches::below;
use super::{Dataset, Samples};
use crate::kernel::{Rows, Scale, SparseRows};
use crate::plan::config::data::GAUSSIAN;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

/// Numbers are kept in bytes: in steps of 1/32, up to 3.97 to either side.
const SCALE: Scale = Scale { zero: 128.0, one: 32.0 };

/// The first samples of the set, always the same. Any change to what is generated needs a new version in the
/// declaration.
pub(super) fn generate(train_samples: usize, test_samples: usize) -> Dataset {
    Dataset { train: samples(1, GAUSSIAN.train, train_samples), test: samples(2, GAUSSIAN.test, test_samples) }
}

/// The first `count` of `all`. The labels are drawn behind the numbers of all samples, so that a sample has the same label
/// however many are asked for.
fn samples(seed: u64, all: usize, count: usize) -> Samples {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (width, classes) = (GAUSSIAN.pixels(), GAUSSIAN.classes.len() as u32);
    let bytes: Vec<u8> = (0..all * width).map(|_| byte(StandardNormal.sample(&mut rng))).collect();
    let labels = (0..count).map(|_| below(classes, &mut rng) as u8).collect();
    Samples::new(Rows::Bytes(SparseRows::from_bytes(&bytes[..count * width], width, SCALE)), labels)
}

fn byte(value: f64) -> u8 {
    (value * f64::from(SCALE.one) + f64::from(SCALE.zero)).round().clamp(1.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Batch;

    #[test]
    fn fewer_samples_are_the_first_of_all() {
        let (few, all) = (generate(10, 20), generate(1000, 1000));
        assert_eq!((few.train.pixels.rows(), few.test.pixels.rows()), (10, 20));
        assert_eq!((&few.train.labels[..], &few.test.labels[..]), (&all.train.labels[..10], &all.test.labels[..20]));
    }

    #[test]
    fn mean_and_deviation_are_those_of_the_distribution() {
        let mut images = Batch::new(1000, 100);
        images.gather(&generate(1000, 1).train.pixels, 0..1000);
        let values = images.to_matrix();
        let (sum, squares) = values
            .view()
            .iter()
            .map(|&x| f64::from(x))
            .fold((0.0, 0.0), |(sum, squares), x| (sum + x, squares + x * x));
        // 100,000 numbers: standard errors of .003 and .002; rounding to 1/32 adds 1/32²/12 = .00008 to the variance.
        assert!((sum / 1e5).abs() < 0.01);
        assert!((squares / 1e5 - 1.0).abs() < 0.015);
    }
}
