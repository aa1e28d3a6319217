//! Configuration → network. The order of the layers is decided here and nowhere else:
//! (affine → batch norm → activation → dropout) for each hidden layer, then affine.

use crate::learn::nn::{Affine, BatchNorm, Dropout, Layer, Network, Stage, draw_weights};
use crate::plan::config::Config;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What a trial draws random numbers for; each purpose has a stream of its own, so that turning dropout on changes
/// neither the initial weights nor the batches.
#[derive(Clone, Copy)]
pub enum Stream {
    Weights,
    Batches,
    /// Dropout behind a hidden layer, counted from 1.
    Dropout(u32),
    /// The same where a trained network is looked at with units dropped.
    ProbedDropout(u32),
    /// Random directions through a trained network.
    Directions,
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
        });
        rng
    }
}

/// An untrained network.
pub fn build(config: &Config, seed: u64) -> Network {
    assemble(config, config.batch_size.get(), seed, Stream::Dropout)
}

/// A network of the same shape for batches of `batch`, whose dropout draws nothing that the training draws.
pub fn twin(config: &Config, batch: usize, seed: u64) -> Network {
    assemble(config, batch, seed, Stream::ProbedDropout)
}

fn assemble(config: &Config, batch: usize, seed: u64, dropout: fn(u32) -> Stream) -> Network {
    let mut weights = Stream::Weights.rng(seed);
    let shapes = config.affine_shapes();
    let stages = shapes.iter().zip(1..).map(|(&(fan_in, fan_out), number)| {
        let affine = Affine::new(draw_weights(config.init, fan_in, fan_out, &mut weights), batch);
        let is_output = number as usize == shapes.len();
        let rng = || dropout(number).rng(seed);
        let layers = if is_output { Vec::new() } else { hidden_layers(config, batch, fan_out, rng) };
        Stage::new(affine, layers, batch)
    });
    Network::new(stages.collect())
}

/// What follows the affine layer of a hidden layer; `rng` is for its dropout.
fn hidden_layers(config: &Config, batch: usize, width: usize, rng: impl Fn() -> ChaCha8Rng) -> Vec<Box<dyn Layer>> {
    let mut layers: Vec<Box<dyn Layer>> = Vec::new();
    if config.batch_norm {
        let (momentum, epsilon) = (config.batch_norm_momentum.get() as f32, config.batch_norm_epsilon.get() as f32);
        layers.push(Box::new(BatchNorm::new(batch, width, momentum, epsilon)));
    }
    layers.push(Box::new(config.activation));
    if config.dropout.get() > 0.0 {
        layers.push(Box::new(Dropout::new(batch, width, config.dropout.get(), config.dropout_scaling, rng())));
    }
    layers
}
