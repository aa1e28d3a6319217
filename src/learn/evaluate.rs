//! Evaluation of a network on many images.

use crate::data::Samples;
use crate::learn::nn::{Network, Scratch};
use rayon::prelude::*;

/// Images evaluated at a time.
pub const BATCH: usize = 256;

/// (mean cross-entropy in nats, images classified correctly) of the images of `set` at these indices, computed in
/// `scratch`, or without one by all idle cores. Sums are taken within batches and then over batches, so the result does not depend on which core
/// evaluates which batch.
pub fn evaluate(network: &Network, set: &Samples, images: &[u32], scratch: Option<&mut Scratch>) -> (f64, u32) {
    let evaluate = |scratch: &mut Scratch, batch: &[u32]| network.evaluate(&set.pixels, &set.labels, batch, scratch);
    let sums: Vec<(f64, usize)> = match scratch {
        Some(scratch) => images.chunks(BATCH).map(|batch| evaluate(scratch, batch)).collect(),
        None => {
            let scratch = || network.scratch(BATCH.min(images.len()));
            images.par_chunks(BATCH).map_init(scratch, evaluate).collect()
        }
    };
    let (loss, correct) = sums.iter().fold((0.0, 0), |(loss, correct), sum| (loss + sum.0, correct + sum.1));
    (loss / images.len() as f64, correct as u32)
}
