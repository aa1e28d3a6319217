//! The average of a network's parameters over its training (Polyak & Juditsky 1992), exponentially weighted.

use super::model;
use super::nn::Network;
use crate::data::Dataset;
use crate::kernel::vectorised;
use crate::plan::config::Config;

/// w̄ₜ = (1 − d)/(1 − dᵗ) · Σ dᵗ⁻ⁱ wᵢ over the updates i = 1 … t, for weights, biases, γ and β: an average of what the
/// training passed through, in which the initial weights have no part (the correction of Adam; Kingma & Ba 2015, section 7.2).
/// Before the first update it is the initial network.
pub struct WeightAverage {
    /// d
    decay: f64,
    /// dᵗ
    power: f64,
    /// Each parameter in the network's order, flat with its padding.
    values: Vec<Vec<f32>>,
}

impl WeightAverage {
    /// Of a network before its first update. `decay`: d, in (0, 1).
    pub fn new(decay: f64, network: &mut Network) -> WeightAverage {
        let mut values = Vec::new();
        network.parameters(&mut |param| values.push(param.value.padded().to_vec()));
        WeightAverage { decay, power: 1.0, values }
    }

    /// To be called after each update: w̄ ← w + k (w̄ − w) with k = 1 − (1 − d)/(1 − dᵗ), which is 0 at the first.
    /// Allocates nothing.
    pub fn follow(&mut self, network: &mut Network) {
        self.power *= self.decay;
        let kept = (1.0 - (1.0 - self.decay) / (1.0 - self.power)) as f32;
        let mut values = self.values.iter_mut();
        network.parameters(&mut |param| {
            values.next().into_iter().for_each(|average| follow(average, param.value.padded(), kept));
        });
    }

    /// What `look` makes of the network with the averages as its parameters. The network is as before afterwards.
    ///
    /// Running statistics of batch norm are those of other weights, and their average would be too: the averaged weights
    /// vary less from update to update. So a network that has such statistics takes new ones from its first training images,
    /// with units dropped as in training.
    pub fn look<T>(
        &mut self,
        network: &mut Network,
        config: &Config,
        seed: u64,
        data: &Dataset,
        trained_on: &[u32],
        look: impl FnOnce(&Network) -> T,
    ) -> T {
        self.exchange(network);
        let seen = match network.has_statistics() {
            false => look(network),
            true => {
                let images = &trained_on[..trained_on.len().min(model::STATISTICS_IMAGES)];
                let mut replica = model::replica(config, images.len(), seed);
                replica.copy_from(network);
                replica.take_statistics(&data.train.pixels, images);
                look(&replica)
            }
        };
        self.exchange(network);
        seen
    }

    fn exchange(&mut self, network: &mut Network) {
        let mut values = self.values.iter_mut();
        network.parameters(&mut |param| {
            values.next().into_iter().for_each(|average| param.value.padded_mut().swap_with_slice(average));
        });
    }
}

vectorised! {
    /// w̄ ← w + k (w̄ − w)
    fn follow(average: &mut [f32], values: &[f32], kept: f32) {
        average.iter_mut().zip(values).for_each(|(average, value)| *average = value + kept * (*average - value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data;
    use crate::learn::train::{Control, train};
    use crate::plan::metric::Metric;
    use crate::record::event::{Outcome, Point};
    use serde_json::json;

    fn points(settings: serde_json::Value) -> (Vec<Point>, Outcome) {
        let mut all = json!({ "data": "synthetic", "train_samples": 200, "test_samples": 300, "hidden": [20, 10],
                              "batch_size": 20, "epochs": 3, "learning_rate": 0.2, "input_dropout": 0.2, "dropout": 0.3 });
        all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        let config: Config = serde_json::from_value(all).unwrap();
        let data = data::load(config.data, None, 1000, 1000).unwrap();
        let mut points = Vec::new();
        let outcome = train(&config, 1, &data, &Control::default(), &mut |seen| points.extend(seen.point()));
        (points, outcome)
    }

    #[test]
    fn the_average_is_looked_at_and_the_training_goes_on_as_without_it() {
        for settings in [json!({}), json!({ "batch_norm": true })] {
            let mut with = settings.clone();
            with["weight_average"] = json!(0.9);
            let ((with, averaged), (without, plain)) = (points(with), points(settings));
            assert_eq!(averaged, plain, "the weights are the same to the last bit");
            for (with, without) in with.iter().zip(&without) {
                let of = |point: &Point, metric: Metric| point.measured.number(metric);
                assert_eq!(of(with, Metric::TEST_LOSS), of(without, Metric::TEST_LOSS));
                assert!(of(with, Metric::AVERAGED_TRAIN_LOSS).is_some());
                assert!(of(without, Metric::AVERAGED_TRAIN_LOSS).is_none());
            }
            let last = |metric| with[3].measured.number(metric).unwrap();
            assert_ne!(last(Metric::AVERAGED_TEST_LOSS), last(Metric::TEST_LOSS));
        }
    }

    /// With next to nothing kept of earlier weights, the average is the network; its statistics of batch norm are its own.
    #[test]
    fn an_average_of_the_last_weights_alone_is_the_network() {
        let (points, _) = points(json!({ "weight_average": 1e-9 }));
        for point in &points {
            let of = |metric| point.measured.number(metric).unwrap();
            assert_eq!(of(Metric::AVERAGED_TEST_LOSS), of(Metric::TEST_LOSS), "step {}", point.step);
            assert_eq!(of(Metric::AVERAGED_TRAIN_LOSS), of(Metric::TRAIN_LOSS), "step {}", point.step);
        }
    }

    /// A parameter that is 1, then 2, then 4, at d = ½: 1, then (1·½ + 2)/1.5, then (1·¼ + 2·½ + 4)/1.75.
    #[test]
    fn averages_by_hand() {
        let config: Config = serde_json::from_value(json!({ "data": "synthetic", "hidden": [3] })).unwrap();
        let mut network = model::build(&config, 1);
        let set = |network: &mut Network, value: f32| {
            network.parameters(&mut |param| param.value.row_mut(0).fill(value));
        };
        let mut average = WeightAverage::new(0.5, &mut network);
        for (value, expected) in [(1.0, 1.0), (2.0, 2.5 / 1.5), (4.0, 5.25 / 1.75)] {
            set(&mut network, value);
            average.follow(&mut network);
            let first = average.values.iter().map(|values| values[0]);
            assert!(first.clone().all(|found| (found - expected).abs() < 1e-6), "{:?}", first.collect::<Vec<_>>());
        }
    }
}
