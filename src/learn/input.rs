//! What a network is given of a batch while it trains: the samples as they are, or changed anew each time they are drawn.
//! Whatever is evaluated or probed is given as it is.

use crate::data::InputNoise;
use crate::kernel::{Batch, Rows};
use crate::learn::model::Stream;
use crate::plan::config::Config;

/// Prepares the inputs of each batch. Memory is taken once.
pub struct Input {
    /// `None` without noise.
    noise: Option<InputNoise>,
}

impl Input {
    /// What a configuration asks for, with this trial's own random numbers.
    pub fn new(config: &Config, seed: u64) -> Input {
        let sd = config.input_noise.get();
        let noise = || InputNoise::new(sd, config.data.pixels(), Stream::InputNoise.rng(seed));
        Input { noise: (sd > 0.0).then(noise) }
    }

    /// Whether a training with this configuration is given other inputs than its samples.
    pub fn is_changed(config: &Config) -> bool {
        config.input_noise.get() > 0.0
    }

    /// `batch` becomes the samples that `indices` name, as they are trained on.
    pub fn fill(&mut self, batch: &mut Batch, samples: &Rows, indices: &[u32]) {
        batch.gather(samples, indices.iter().map(|&index| index as usize));
        if let Some(noise) = &mut self.noise {
            batch.change(|row| noise.add(row));
        }
    }
}
