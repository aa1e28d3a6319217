//! Random directions in the space of a network's weights.

use super::Weights;
use crate::learn::model::Stream;
use crate::learn::nn::Network;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Two directions for a trial's seed.
pub(super) fn random(network: &mut Network, seed: u64) -> [Weights; 2] {
    let mut rng = Stream::Directions.rng(seed);
    [direction(network, &mut rng), direction(network, &mut rng)]
}

/// Normally distributed, with the weights into each unit (what a filter is to a convolution) scaled to the norm of the
/// network's own; 0 for biases, γ and β (Li et al. 2018, section 4). Such a step is as large a share of the weights in
/// every network, whatever the scale of the weights, which is arbitrary with ReLU and batch norm.
fn direction(network: &mut Network, rng: &mut ChaCha8Rng) -> Weights {
    let mut values = Vec::new();
    network.parameters(&mut |param| {
        let (rows, cols, stride) = (param.value.rows(), param.value.cols(), param.value.stride());
        let own = param.value.padded();
        let mut drawn = vec![0.0; own.len()];
        if param.decays {
            for row in drawn.chunks_exact_mut(stride) {
                row[..cols].fill_with(|| StandardNormal.sample(rng));
            }
            for unit in 0..cols {
                let norm = |values: &[f32]| {
                    let squares = (0..rows).map(|row| f64::from(values[row * stride + unit]).powi(2));
                    squares.sum::<f64>().sqrt()
                };
                let factor = norm(own) / norm(&drawn);
                for row in 0..rows {
                    let value = &mut drawn[row * stride + unit];
                    *value = (f64::from(*value) * factor) as f32;
                }
            }
        }
        values.push(drawn);
    });
    Weights(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::model;
    use crate::plan::config::Config;
    use serde_json::json;

    #[test]
    fn each_units_weights_are_as_long_as_the_networks_own() {
        let config = json!({ "data": "synthetic", "hidden": [20, 7], "batch_norm": true });
        let config: Config = serde_json::from_value(config).unwrap();
        let mut network = model::build(&config, 3);
        let directions = random(&mut network, 3);
        assert_ne!(directions[0], directions[1]);
        for direction in &directions {
            let mut values = direction.0.iter();
            network.parameters(&mut |param| {
                let (value, stride) = (values.next().unwrap(), param.value.stride());
                if !param.decays {
                    assert!(value.iter().all(|&value| value == 0.0), "biases, γ and β stay");
                    return;
                }
                for unit in 0..stride {
                    let squares = |values: &[f32]| -> f64 {
                        values.iter().skip(unit).step_by(stride).map(|&value| f64::from(value).powi(2)).sum()
                    };
                    let (own, drawn) = (squares(param.value.padded()), squares(value));
                    assert!((own - drawn).abs() <= 1e-6 * own, "unit {unit}: {own} and {drawn}");
                }
            });
        }
    }
}
