//! Measurements inside a network at an evaluation, which change nothing in it.

mod activations;
mod confusion;
mod motion;

pub use activations::activations;
pub use confusion::confusion;
pub use motion::{gradients, updates, velocity, weights};

use crate::data::Samples;
use crate::kernel::Matrix;
use crate::learn::model;
use crate::learn::nn::{Network, Scratch, cross_entropy, largest};
use crate::plan::config::{Config, ENSEMBLE_MEMBERS as MEMBERS, PROBED_IMAGES as IMAGES, Probe};
use crate::plan::metric::Metric;
use crate::record::event::Measured;

/// Images taken through the network at a time.
const BATCH: usize = 100;

/// Measurements are finite: values beyond f32 become its largest number. NaN stays NaN and is not stored.
fn finite(value: f64) -> f32 {
    (value as f32).clamp(-f32::MAX, f32::MAX)
}

/// The network with no unit dropped, compared with the average of many with dropped units (Srivastava et al. 2014,
/// section 7.5), on test images. Measures nothing without dropout, or with a layer whose statistics would change with
/// units dropped.
pub fn ensemble(network: &Network, config: &Config, seed: u64, test: &Samples, measured: &mut Measured) {
    if !Probe::Ensemble.measures(config) {
        return;
    }
    let images = config.test_samples().min(IMAGES);
    let one = without_dropout(network, test, images);
    let mut replica = model::replica(config, BATCH.min(images), seed);
    replica.copy_from(network);
    let members: Vec<Vec<f32>> = (0..MEMBERS).map(|_| with_dropout(&mut replica, test, images)).collect();
    let mean: Vec<f32> = (0..one.len())
        .map(|place| members.iter().map(|member| f64::from(member[place])).sum::<f64>() / MEMBERS as f64)
        .map(|mean| mean as f32)
        .collect();
    let classes = one.len() / images;
    let right =
        mean.chunks_exact(classes).zip(&test.labels).filter(|(row, label)| largest(row) == usize::from(**label));
    measured.set(Metric::ENSEMBLE_ACCURACY, (right.count() as f64 / images as f64) as f32);
    measured.set(Metric::ENSEMBLE_DISTANCE, distance(&one, &mean, images) as f32);
    let single = members.iter().map(|member| distance(member, &mean, images)).sum::<f64>() / MEMBERS as f64;
    measured.set(Metric::SINGLE_DISTANCE, single as f32);
}

/// The probabilities of the first `images` images, image after image.
fn without_dropout(network: &Network, set: &Samples, images: usize) -> Vec<f32> {
    let mut scratch: Scratch = network.scratch(BATCH.min(images));
    let mut all = Vec::new();
    for first in (0..images).step_by(BATCH) {
        let rows = first..(first + BATCH).min(images);
        let labels = &set.labels[rows.clone()];
        if let Some(logits) = network.infer(&set.pixels, rows, &mut scratch).last_mut() {
            probabilities(logits, labels, &mut all);
        }
    }
    all
}

/// The same probabilities with units dropped.
fn with_dropout(replica: &mut Network, set: &Samples, images: usize) -> Vec<f32> {
    let mut all = Vec::new();
    for first in (0..images).step_by(BATCH) {
        let rows = first..(first + BATCH).min(images);
        let mut logits = replica.forward(&set.pixels, rows.clone()).clone();
        probabilities(&mut logits, &set.labels[rows], &mut all);
    }
    all
}

/// Softmax of the first rows, one a label, appended to `all`.
fn probabilities(logits: &mut Matrix, labels: &[u8], all: &mut Vec<f32>) {
    cross_entropy(logits, labels.iter().copied());
    for row in 0..labels.len() {
        let sum: f32 = logits.row(row).iter().sum();
        all.extend(logits.row(row).iter().map(|value| value / sum));
    }
}

/// Half the sum of the absolute differences of two distributions, averaged over the images: 0 if equal, 1 at most.
fn distance(a: &[f32], b: &[f32], images: usize) -> f64 {
    let sum: f64 = a.iter().zip(b).map(|(a, b)| f64::from((a - b).abs())).sum();
    sum / 2.0 / images as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data;
    use serde_json::json;

    fn probed(settings: serde_json::Value, look: fn(&Network, &Config, &data::Dataset, &mut Measured)) -> Measured {
        let config: Config = serde_json::from_value(settings).unwrap();
        let data = data::load(config.data, None, 1000, 1000).unwrap();
        let mut measured = Measured::default();
        look(&model::build(&config, 1), &config, &data, &mut measured);
        measured
    }

    #[test]
    fn the_ensemble_of_networks_that_drop_next_to_nothing_is_the_network() {
        let settings = |dropout: f64| json!({ "data": "synthetic", "hidden": [30], "dropout": dropout });
        let look = |network: &Network, config: &Config, data: &data::Dataset, measured: &mut Measured| {
            ensemble(network, config, 1, &data.test, measured);
        };
        let barely = probed(settings(1e-9), look);
        assert_eq!(barely.number(Metric::ENSEMBLE_DISTANCE), Some(0.0));
        assert_eq!(barely.number(Metric::SINGLE_DISTANCE), Some(0.0));
        let half = probed(settings(0.5), look);
        // The average is nearer to the network than its members are to it.
        assert!(half.number(Metric::ENSEMBLE_DISTANCE) < half.number(Metric::SINGLE_DISTANCE));
        assert_eq!(probed(settings(0.0), look), Measured::default());
    }
}
