//! The loss of networks around trained ones: on lines between two of them, and on planes through one.

mod directions;
mod line;
mod path;
mod plane;

pub use line::line;
pub use path::Snapshots;
pub use plane::{on_path, on_random};

use crate::data::Dataset;
use crate::learn::nn::Network;
use crate::plan::config::Config;
use std::sync::atomic::AtomicBool;

/// What is needed to evaluate networks around a trained one.
pub struct View<'a> {
    /// How the network was trained.
    pub config: &'a Config,
    /// The trial's seed.
    pub seed: u64,
    /// The data that these are in.
    pub data: &'a Dataset,
    /// The training images that it was trained on.
    pub trained_on: &'a [u32],
    /// The test images that it is tested with.
    pub tested_with: &'a [u32],
    /// Set to stop.
    pub cancel: &'a AtomicBool,
    /// Cores are idle. Changes no bit.
    pub spare_cores: &'a AtomicBool,
}

/// The parameters of a network, or a direction among them: one after the other in the network's order, each flat with
/// its padding of zeros.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights(Vec<Vec<f32>>);

impl Weights {
    /// The current parameters of a network.
    pub fn of(network: &mut Network) -> Weights {
        let mut values = Vec::new();
        network.parameters(&mut |param| values.push(param.value.padded().to_vec()));
        Weights(values)
    }
}

/// Gives a network the sum of these weights, each times its factor, in double precision. Leaves running statistics alone.
fn combine(network: &mut Network, parts: &[(f64, &Weights)]) {
    let mut index = 0;
    network.parameters(&mut |param| {
        for (place, value) in param.value.padded_mut().iter_mut().enumerate() {
            let sum: f64 = parts.iter().map(|(factor, weights)| factor * f64::from(weights.0[index][place])).sum();
            *value = sum as f32;
        }
        index += 1;
    });
}

/// The loss as the journal has it: `None` if it is not finite.
fn finite(loss: f64) -> Option<f32> {
    Some(loss as f32).filter(|loss| loss.is_finite())
}
