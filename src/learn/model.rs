//! Configuration → network: an affine layer and [those that follow it](Config::layers) for each hidden layer, then an
//! affine one.

use crate::learn::nn::{Affine, InputDropout, Network, Stage, draw_weights, layers};
use crate::plan::config::Config;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Number of images from which a network of which no training kept running statistics takes them.
pub const STATISTICS_IMAGES: usize = 1000;

/// What a trial draws random numbers for; each purpose has a stream of its own, so that turning dropout on changes
/// neither the initial weights nor the batches.
#[derive(Clone, Copy)]
pub enum Stream {
    /// The initial weights.
    Weights,
    /// Which images make up each batch.
    Batches,
    /// Which images of the data set are trained on and held out.
    Images,
    /// Dropout after a hidden layer, counted from 1; 0 for that of the inputs.
    Dropout(u32),
    /// The same where a probe looks at a trained network with units dropped.
    ProbedDropout(u32),
    /// Random directions through a trained network.
    Directions,
    /// Which labels are replaced, and by which.
    Labels,
    /// By how much images are shifted.
    Shift,
    /// By which angles images are rotated.
    Rotation,
    /// How images are displaced elastically.
    Elastic,
    /// The noise that is added to inputs.
    InputNoise,
}

impl Stream {
    /// ChaCha8 with the trial's seed in the first eight bytes of its key.
    pub fn rng(self, seed: u64) -> ChaCha8Rng {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(match self {
            Stream::Weights => 0,
            Stream::Batches => 1,
            Stream::Dropout(layer) => 1 << 32 | u64::from(layer),
            Stream::ProbedDropout(layer) => 2 << 32 | u64::from(layer),
            Stream::Directions => 3 << 32,
            Stream::Images => 4 << 32,
            Stream::Labels => 5 << 32,
            Stream::InputNoise => 6 << 32,
            Stream::Shift => 7 << 32,
            Stream::Rotation => 8 << 32,
            Stream::Elastic => 9 << 32,
        });
        rng
    }
}

/// An untrained network.
pub fn build(config: &Config, seed: u64) -> Network {
    assemble(config, config.batch_size.get(), seed, Stream::Dropout)
}

/// A network of the same shape for batches of `batch`, for probes: its dropout uses random numbers that the training
/// does not use.
pub fn replica(config: &Config, batch: usize, seed: u64) -> Network {
    assemble(config, batch, seed, Stream::ProbedDropout)
}

fn assemble(config: &Config, batch: usize, seed: u64, dropout: fn(u32) -> Stream) -> Network {
    let mut weights = Stream::Weights.rng(seed);
    let shapes = config.affine_shapes();
    let stages = shapes.iter().zip(1..).map(|(&(fan_in, fan_out), number)| {
        let affine = Affine::new(draw_weights(config.init, fan_in, fan_out, &mut weights), batch);
        let is_output = number as usize == shapes.len();
        let rng = || dropout(number).rng(seed);
        let layers = if is_output { Vec::new() } else { layers(config, number as usize - 1, batch, fan_out, rng) };
        Stage::new(affine, layers, batch)
    });
    let network = Network::new(stages.collect(), config.label_smoothing.get() as f32);
    match config.input_dropout.get() {
        0.0 => network,
        rate => {
            let rng = dropout(0).rng(seed);
            network.with_input_dropout(InputDropout::new(config.data.pixels(), rate, config.dropout_scaling, rng))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;
    use std::collections::BTreeSet;

    #[test]
    fn every_purpose_has_random_numbers_of_its_own() {
        use Stream::*;
        let of_layers = [Dropout(1), ProbedDropout(1)];
        let of_data = [Batches, Images, Labels, Shift, Rotation, Elastic, InputNoise];
        let streams = [&[Weights, Directions][..], &of_layers, &of_data].concat();
        let first: BTreeSet<u64> = streams.iter().map(|stream| stream.rng(1).next_u64()).collect();
        assert_eq!(first.len(), streams.len());
    }
}
