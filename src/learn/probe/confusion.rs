//! Which classes the network takes for which.

use super::finite;
use crate::data::Samples;
use crate::learn::evaluate::BATCH;
use crate::learn::nn::{Network, Scratch, largest};
use crate::plan::metric::Metric;
use crate::record::event::{Confusion, Measured};

/// How the network classifies the test samples at these indices, computed in `scratch` as an evaluation is.
pub fn confusion(
    network: &Network,
    test: &Samples,
    images: &[u32],
    classes: usize,
    scratch: &mut Scratch,
    measured: &mut Measured,
) -> Confusion {
    let mut predicted = Vec::with_capacity(images.len());
    for batch in images.chunks(BATCH) {
        let rows = batch.iter().map(|&row| row as usize);
        let logits = network.infer(&test.pixels, rows, scratch).last();
        // There are at most 256 classes.
        predicted
            .extend(logits.into_iter().flat_map(|logits| (0..batch.len()).map(|row| largest(logits.row(row)) as u8)));
    }
    let labels = images.iter().map(|&row| test.labels[row as usize]);
    let confusion = Confusion::of(classes, labels.zip(predicted));
    let accuracies: Vec<f64> = confusion.accuracies().into_iter().flatten().collect();
    let mean = accuracies.iter().sum::<f64>() / accuracies.len() as f64;
    measured.set(Metric::BALANCED_ACCURACY, finite(mean));
    measured.set(Metric::WORST_CLASS_ACCURACY, finite(accuracies.into_iter().fold(1.0, f64::min)));
    confusion
}

#[cfg(test)]
mod tests {
    use crate::data;
    use crate::learn::train::{Control, train};
    use crate::plan::config::Config;
    use crate::plan::metric::Metric;
    use crate::record::event::{Confusion, Observation, Point};
    use serde_json::json;

    #[test]
    fn the_diagonal_is_what_the_last_evaluation_found_correct() {
        let config: Config = serde_json::from_value(json!({
            "data": "synthetic", "hidden": [20], "batch_size": 20, "epochs": 2, "test_samples": 600,
            "probes": ["confusion"],
        }))
        .unwrap();
        let data = data::load(config.data, None, 1000, 600).unwrap();
        let (mut found, mut points): (Vec<Confusion>, Vec<Point>) = (Vec::new(), Vec::new());
        train(&config, 0, &data, &Control::default(), &mut |observation| match observation {
            Observation::Classified(confusion) => found.push(confusion),
            other => points.extend(other.point()),
        });
        let [confusion] = &found[..] else { panic!("one, after the last step: {found:?}") };
        let correct: u32 = confusion.counts().filter(|(class, predicted, _)| class == predicted).map(|of| of.2).sum();
        let last = points.last().unwrap();
        let value = |metric: Metric| last.value(metric, &config).unwrap();
        assert_eq!(f64::from(correct) / 600.0, value(Metric::TEST_ACCURACY));
        assert_eq!(confusion.counts().map(|(.., count)| count).sum::<u32>(), 600);
        let accuracies: Vec<f64> = confusion.accuracies().into_iter().flatten().collect();
        let (mean, least) = (accuracies.iter().sum::<f64>() / 10.0, accuracies.iter().copied().fold(1.0, f64::min));
        assert!((value(Metric::BALANCED_ACCURACY) - mean).abs() < 1e-7 && mean > least);
        assert!((value(Metric::WORST_CLASS_ACCURACY) - least).abs() < 1e-7);
        assert_eq!(points[0].value(Metric::BALANCED_ACCURACY, &config), None);
    }
}
