//! The distribution of the activations of each hidden layer, as they reach the next layer.

use super::{BATCH, IMAGES, finite};
use crate::data::Samples;
use crate::kernel::Matrix;
use crate::learn::nn::Network;
use crate::plan::config::{Activation, ActivationFacts, Config, Outputs};
use crate::plan::metric::Metric;
use crate::record::event::{BINS, Layers, Measured};

/// Share of the activations that may lie beyond the ends of a histogram of an unbounded range, where they are counted
/// in the last bins, so that a few outliers do not stretch the range.
const BEYOND: f64 = 1e-3;

/// Measures the first of the images that are `trained_on`, with no unit dropped; nothing without hidden layers.
pub fn activations(
    network: &Network,
    config: &Config,
    train: &Samples,
    trained_on: &[u32],
    measured: &mut Measured,
    layers: &mut Layers,
) {
    let images = &trained_on[..trained_on.len().min(IMAGES)];
    let mut scratch = network.scratch(BATCH.min(images.len()));
    let mut seen: Vec<Seen> = config.hidden.iter().map(|width| Seen::new(config.activation, width.get())).collect();
    for batch in images.chunks(BATCH) {
        let outputs = network.infer(&train.pixels, batch.iter().map(|&image| image as usize), &mut scratch);
        seen.iter_mut().zip(outputs).for_each(|(layer, output)| layer.add(output, batch.len()));
    }
    let (Some(first), Some(last)) = (seen.first(), seen.last()) else { return };
    let (first_sd, last_sd) = (first.deviation(), last.deviation());
    measured.set(Metric::FIRST_ACTIVATION_SD, finite(first_sd));
    measured.set(Metric::LAST_ACTIVATION_SD, finite(last_sd));
    measured.set(Metric::ACTIVATION_SD_RATIO, if first_sd > 0.0 { finite(last_sd / first_sd) } else { 0.0 });
    last.saturated().into_iter().for_each(|share| measured.set(Metric::SATURATED, share));
    for layer in &seen {
        let (high, bins) = layer.histogram();
        layers.low.push(layer.low(high));
        layers.high.push(high);
        layers.bins.push(bins);
        layers.mean.push(finite(layer.mean()));
        layers.sd.push(finite(layer.deviation()));
        layers.saturated.extend(layer.saturated());
        layers.dead.extend(layer.dead());
    }
}

/// What is counted of one layer.
struct Seen {
    facts: ActivationFacts,
    count: f64,
    sum: f64,
    squares: f64,
    at_an_end: u64,
    /// Whether each unit has been above 0.
    alive: Vec<bool>,
    /// Histograms of what lies nearer to 0 than 1, then from 1 to 2, from 2 to 4, …, each with bins up to its end.
    bins: Vec<[u32; BINS]>,
}

impl Seen {
    fn new(activation: Activation, width: usize) -> Seen {
        Seen {
            facts: activation.facts(),
            count: 0.0,
            sum: 0.0,
            squares: 0.0,
            at_an_end: 0,
            alive: vec![false; width],
            bins: vec![[0; BINS]],
        }
    }

    fn add(&mut self, outputs: &Matrix, rows: usize) {
        for row in (0..rows).map(|row| outputs.row(row)) {
            for (unit, &y) in row.iter().enumerate() {
                self.alive[unit] |= y > 0.0;
                let value = f64::from(y);
                self.count += 1.0;
                self.sum += value;
                self.squares += value * value;
                self.at_an_end += u64::from(self.facts.saturation.as_ref().is_some_and(|ends| (ends.contains)(y)));
                self.count_in_bin(value);
            }
        }
    }

    fn count_in_bin(&mut self, value: f64) {
        let (mut high, mut range) = (1.0, 0);
        if let Outputs::Between(_, end) = self.facts.outputs {
            high = end;
        } else {
            while value.abs() >= high && value.is_finite() {
                (high, range) = (2.0 * high, range + 1);
            }
        }
        if self.bins.len() <= range {
            self.bins.resize(range + 1, [0; BINS]);
        }
        let low = self.low(high);
        let place = (value - low) * BINS as f64 / (high - low);
        self.bins[range][(place as usize).min(BINS - 1)] += 1;
    }

    /// Where a histogram with this end begins.
    fn low(&self, high: f64) -> f64 {
        match self.facts.outputs {
            Outputs::Between(low, _) => low,
            Outputs::FromZero => 0.0,
            Outputs::Anywhere => -high,
        }
    }

    /// The bin of a histogram over twice the range that this bin lies in.
    fn in_twice_the_range(&self, bin: usize) -> usize {
        match self.facts.outputs {
            Outputs::Anywhere => (bin + BINS / 2) / 2,
            Outputs::Between(..) | Outputs::FromZero => bin / 2,
        }
    }

    /// Where the histogram ends, and its bins. Twice the range takes two bins into one, so each count stays in one bin.
    fn histogram(&self) -> (f64, [u32; BINS]) {
        let beyond = |range: usize| self.bins[range + 1..].iter().flatten().map(|&count| f64::from(count)).sum::<f64>();
        let range = (0..self.bins.len()).find(|&range| beyond(range) <= self.count * BEYOND).unwrap_or(0);
        let mut bins = [0; BINS];
        for (own_range, own_bins) in self.bins.iter().enumerate() {
            for (bin, count) in own_bins.iter().enumerate() {
                let place = match range.checked_sub(own_range) {
                    Some(doublings) => (0..doublings).fold(bin, |bin, _| self.in_twice_the_range(bin)),
                    None if self.facts.outputs == Outputs::Anywhere && bin < BINS / 2 => 0,
                    None => BINS - 1,
                };
                bins[place] += count;
            }
        }
        let high = match self.facts.outputs {
            Outputs::Between(_, high) => high,
            Outputs::FromZero | Outputs::Anywhere => (0..range).fold(1.0, |high, _| 2.0 * high),
        };
        (high, bins)
    }

    fn mean(&self) -> f64 {
        self.sum / self.count
    }

    fn deviation(&self) -> f64 {
        let mean = self.mean();
        (self.squares / self.count - mean * mean).max(0.0).sqrt()
    }

    fn saturated(&self) -> Option<f32> {
        self.facts.saturation.as_ref().map(|_| (self.at_an_end as f64 / self.count) as f32)
    }

    fn dead(&self) -> Option<f32> {
        let dead = self.alive.iter().filter(|alive| !**alive).count();
        self.facts.dies.then(|| dead as f32 / self.alive.len() as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{data, learn::model};
    use serde_json::json;

    fn layer(activation: Activation, outputs: &[&[f32]]) -> Seen {
        let mut matrix = Matrix::zeros(outputs.len(), outputs[0].len());
        outputs.iter().enumerate().for_each(|(row, values)| matrix.row_mut(row).copy_from_slice(values));
        let mut seen = Seen::new(activation, outputs[0].len());
        seen.add(&matrix, outputs.len());
        seen
    }

    fn filled(seen: &Seen) -> Vec<(usize, u32)> {
        seen.histogram().1.into_iter().enumerate().filter(|(_, count)| *count > 0).collect()
    }

    /// Four units on two images. Bins by hand: ⌊30·y/4⌋ of ReLU, as 4 is the first power of two above 3.5; ⌊30·y⌋ of a
    /// sigmoid, whose 1 belongs to the last bin; ⌊15·(y + 1)⌋ of tanh.
    #[test]
    fn histograms_by_hand() {
        let relu = layer(Activation::Relu {}, &[&[0.0, 0.5, 3.5, 0.0], &[0.0, 0.0, 1.0, 2.0]]);
        let expected = vec![(0, 4), (3, 1), (7, 1), (15, 1), (26, 1)];
        assert_eq!((relu.low(4.0), relu.histogram().0, filled(&relu)), (0.0, 4.0, expected));
        assert_eq!(
            (relu.saturated(), relu.dead()),
            (Some(0.5), Some(0.25)),
            "half of all are 0, one unit of four always"
        );
        // 7/8, and √(17.5/8 − 49/64).
        assert!((relu.mean() - 0.875).abs() < 1e-12 && (relu.deviation() - 1.421_875f64.sqrt()).abs() < 1e-12);

        let sigmoid = layer(Activation::Sigmoid {}, &[&[0.0, 0.04, 0.5, 0.75], &[1.0, 0.96, 0.5, 0.25]]);
        let expected = vec![(0, 1), (1, 1), (7, 1), (15, 2), (22, 1), (28, 1), (29, 1)];
        assert_eq!((sigmoid.histogram().0, filled(&sigmoid), sigmoid.saturated()), (1.0, expected, Some(0.5)));
        assert_eq!(sigmoid.dead(), None);

        let tanh = layer(Activation::Tanh {}, &[&[-1.0, 0.0, 0.5, 1.0]]);
        assert_eq!((tanh.low(1.0), filled(&tanh)), (-1.0, vec![(0, 1), (15, 1), (22, 1), (29, 1)]));

        // ⌊30·(y + 4)/8⌋, to either side up to the first power of two above 3.5.
        let leaky = layer(leaky_relu(), &[&[-0.5, 0.5, 3.5, -1.5]]);
        assert_eq!((leaky.low(4.0), leaky.histogram().0), (-4.0, 4.0));
        assert_eq!(filled(&leaky), vec![(9, 1), (13, 1), (16, 1), (28, 1)]);
        assert_eq!((leaky.saturated(), leaky.dead()), (None, None));
    }

    fn leaky_relu() -> Activation {
        Activation::LeakyRelu { slope: 0.01.try_into().unwrap() }
    }

    #[test]
    fn a_few_large_activations_stretch_no_range() {
        let mut outputs = vec![0.6f32; 2000];
        (outputs[0], outputs[1], outputs[2]) = (700.0, 5.0, 1.5);
        // Two of 2,000 may lie beyond the end: 0.6 in bin ⌊30·0.6/2⌋, 1.5 in bin ⌊30·1.5/2⌋.
        let mut seen = layer(Activation::Relu {}, &[&outputs]);
        assert_eq!((seen.histogram().0, filled(&seen)), (2.0, vec![(9, 1997), (22, 1), (29, 2)]));
        // Three may not.
        seen.add(&layer_of(3.0), 1);
        assert_eq!((seen.histogram().0, filled(&seen)), (4.0, vec![(4, 1997), (11, 1), (22, 1), (29, 2)]));
        // To either side: 0.6 in bin ⌊15·1.6⌋.
        (outputs[0], outputs[1], outputs[2]) = (700.0, -5.0, 0.6);
        let leaky = layer(leaky_relu(), &[&outputs]);
        assert_eq!((leaky.histogram().0, filled(&leaky)), (1.0, vec![(0, 1), (24, 1998), (29, 1)]));
        // The largest number there is has a bin as well.
        let largest = layer(Activation::Relu {}, &[&[f32::MAX, 0.0]]);
        assert_eq!((largest.histogram().0, filled(&largest)), (2f64.powi(128), vec![(0, 1), (29, 1)]));
    }

    fn layer_of(output: f32) -> Matrix {
        let mut matrix = Matrix::zeros(1, 1);
        matrix.row_mut(0)[0] = output;
        matrix
    }

    /// Of five hidden layers fed with standard normal numbers, as in the chapter.
    fn spread(activation: &str, init: serde_json::Value) -> impl Fn(Metric) -> f64 {
        let settings =
            json!({ "data": "gaussian", "hidden": [100, 100, 100, 100, 100], "activation": activation, "init": init });
        let config: Config = serde_json::from_value(settings).unwrap();
        let data = data::load(config.data, None, 1000, 1000).unwrap();
        let (mut measured, mut layers) = (Measured::default(), Layers::default());
        let images: Vec<u32> = (0..1000).collect();
        activations(&model::build(&config, 1), &config, &data.train, &images, &mut measured, &mut layers);
        // The metrics of the last layer are those of the last of the layers.
        assert_eq!(layers.of(Metric::ACTIVATION_SD, 5), measured.number(Metric::LAST_ACTIVATION_SD));
        assert_eq!(layers.bins.iter().map(|bins| bins.iter().sum()).collect::<Vec<u32>>(), [100_000; 5]);
        move |metric| measured.number(metric).unwrap()
    }

    #[test]
    fn initial_weights_decide_the_spread_as_in_the_textbook() {
        // σ = 1 sums 100 terms of variance ¼ or more, far into a sigmoid's saturation; σ = .01 leaves it at ½.
        assert!(spread("sigmoid", json!({ "normal": 1.0 }))(Metric::SATURATED) > 0.5);
        let narrow = spread("sigmoid", json!({ "normal": 0.01 }));
        assert!(narrow(Metric::SATURATED) == 0.0 && narrow(Metric::LAST_ACTIVATION_SD) < 0.03);
        // He et al. 2015, section 2.2: with √(2/n) E[y²] stays; with √(1/n) each of the four layers between halves it.
        let ratio = |init| spread("relu", init)(Metric::ACTIVATION_SD_RATIO);
        assert!((0.7..1.4).contains(&ratio(json!("he"))));
        assert!((ratio(json!("xavier")) / ratio(json!("he")) - 0.25).abs() < 0.01);
        // ReLU leaves about half of the units at 0.
        assert!((0.3..0.7).contains(&spread("relu", json!("he"))(Metric::SATURATED)));
    }
}
