//! What a network is given of a batch while it trains: the samples as they are, or changed anew each time they are drawn.
//! Whatever is evaluated or probed is given as it is.

use crate::data::{Distortion, InputNoise, Strengths};
use crate::kernel::{Batch, Rows};
use crate::learn::model::Stream;
use crate::plan::config::Config;

/// Prepares the inputs of each batch: distorts images first, and then adds noise. Memory is taken once.
pub struct Input {
    /// `None` where images are not distorted.
    distortion: Option<Distortion>,
    /// `None` without noise.
    noise: Option<InputNoise>,
}

impl Input {
    /// What a configuration asks for, with this trial's own random numbers.
    pub fn new(config: &Config, seed: u64) -> Input {
        let (sd, elastic) = (config.input_noise.get(), config.elastic);
        let (shift, rotation, alpha) = (config.shift.get(), config.rotation.get(), elastic.alpha.get());
        let strengths = Strengths {
            shift: (shift > 0).then(|| (shift, Stream::Shift.rng(seed))),
            rotation: (rotation > 0.0).then(|| (rotation, Stream::Rotation.rng(seed))),
            elastic: (alpha > 0.0).then(|| (alpha, elastic.sigma.get(), Stream::Elastic.rng(seed))),
        };
        let noise = || InputNoise::new(sd, config.data.pixels(), Stream::InputNoise.rng(seed));
        Input {
            distortion: config.data.set().and_then(|set| Distortion::new(set.shape, strengths)),
            noise: (sd > 0.0).then(noise),
        }
    }

    /// Whether a training with this configuration is given other inputs than its samples.
    pub fn is_changed(config: &Config) -> bool {
        config.input_noise.get() > 0.0 || config.distortions().next().is_some()
    }

    /// `batch` becomes the samples that `indices` name, as they are trained on.
    pub fn fill(&mut self, batch: &mut Batch, samples: &Rows, indices: &[u32]) {
        let indices = indices.iter().map(|&index| index as usize);
        match (&mut self.distortion, samples) {
            (Some(distortion), Rows::Bytes(images)) => {
                batch.gather_changed(images, indices, |image| distortion.distort(image));
            }
            // A checked configuration distorts bytes alone.
            (_, samples) => batch.gather(samples, indices),
        }
        if let Some(noise) = &mut self.noise {
            batch.change(|row| noise.add(row));
        }
    }
}
