//! Evaluation of a network on many images.

use crate::learn::data::Samples;
use crate::learn::nn::{Network, Scratch};
use rayon::prelude::*;
use std::ops::Range;

/// Images evaluated at a time.
pub const BATCH: usize = 256;

/// (mean cross-entropy in nats, images classified correctly) of these `images`, computed in `scratch`, or without one
/// by all idle cores. Sums are taken within batches and then over batches, so the result does not depend on which core
/// evaluates which batch.
pub fn evaluate(network: &Network, set: &Samples, images: Range<usize>, scratch: Option<&mut Scratch>) -> (f64, u32) {
    let (first, samples) = (images.start, images.len());
    let labels = &set.labels[images];
    let evaluate = |scratch: &mut Scratch, (batch, labels): (usize, &[u8])| {
        network.evaluate(&set.pixels, labels, first + batch * BATCH, scratch)
    };
    let sums: Vec<(f64, usize)> = match scratch {
        Some(scratch) => labels.chunks(BATCH).enumerate().map(|batch| evaluate(scratch, batch)).collect(),
        None => {
            let scratch = || network.scratch(BATCH.min(samples));
            labels.par_chunks(BATCH).enumerate().map_init(scratch, evaluate).collect()
        }
    };
    let (loss, correct) = sums.iter().fold((0.0, 0), |(loss, correct), sum| (loss + sum.0, correct + sum.1));
    (loss / samples as f64, correct as u32)
}
