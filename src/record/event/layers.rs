//! What is measured of a network's layers at an evaluation.

use crate::plan::metric::Metric;
use serde::{Deserialize, Serialize};

/// Number of bins of each histogram.
pub const BINS: usize = 30;

/// Statistics of the layers at one evaluation, by column. Each column has one entry per layer, the layer next to the input
/// first. All columns but `weight_norm` are about the activations of the hidden layers, over units and images. A column that
/// was not asked for is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layers {
    /// Updates before the evaluation.
    pub step: u32,
    /// The lower end of each histogram: that of the activation function's range, or −`high` if the range has none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub low: Vec<f64>,
    /// The upper end of each histogram: that of the activation function's range, or, if the range has none, the smallest power
    /// of two, 1 or more, that is above 999 of 1,000 activations in magnitude.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub high: Vec<f64>,
    /// The number of activations in each bin. All bins of a layer have the same width; the first and the last one also hold
    /// the activations beyond `low` and `high`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bins: Vec<[u32; BINS]>,
    /// Mean of the activations, finite.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mean: Vec<f32>,
    /// Standard deviation of the activations, 0 or more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sd: Vec<f32>,
    /// [`Metric::SATURATED`], a share in [0, 1]; empty if the activation function does not saturate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub saturated: Vec<f32>,
    /// [`Metric::DEAD`], a share in [0, 1]; empty if units of the activation function cannot die.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dead: Vec<f32>,
    /// ‖W‖₂ of each affine layer, the output layer last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weight_norm: Vec<f32>,
}

impl Layers {
    /// Whether nothing was measured.
    pub fn is_empty(&self) -> bool {
        self.bins.is_empty() && self.weight_norm.is_empty()
    }

    /// A metric of one layer, counted from 1; `None` if it was not measured, is not one of the columns, or there is no such
    /// layer.
    pub fn of(&self, metric: Metric, layer: usize) -> Option<f64> {
        let columns = [
            (Metric::ACTIVATION_MEAN, &self.mean),
            (Metric::ACTIVATION_SD, &self.sd),
            (Metric::SATURATED, &self.saturated),
            (Metric::DEAD, &self.dead),
            (Metric::LAYER_WEIGHT_NORM, &self.weight_norm),
        ];
        let (_, column) = columns.into_iter().find(|(of, _)| *of == metric)?;
        column.get(layer.checked_sub(1)?).map(|&value| value.into())
    }

    pub(super) fn check(&self) -> Result<(), &'static str> {
        let layers = self.bins.len();
        let of_each = [self.low.len(), self.high.len(), self.mean.len(), self.sd.len()];
        let of_some = [self.saturated.len(), self.dead.len()];
        if of_each.iter().any(|&length| length != layers) || of_some.iter().any(|length| ![0, layers].contains(length))
        {
            return Err("its layers' columns are not of one length");
        }
        let ranges = || self.low.iter().zip(&self.high);
        let measured = [&self.mean, &self.sd, &self.saturated, &self.dead, &self.weight_norm];
        let finite = measured.into_iter().flatten().all(|value| value.is_finite());
        match finite && ranges().all(|(low, high)| low < high && (high - low).is_finite()) {
            true => Ok(()),
            false => Err("a layer's histogram has no range, or a number is infinite"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::TrialId;
    use crate::record::event::Event;

    fn two_layers() -> Layers {
        let mut bins = [[0; BINS]; 2];
        (bins[0][0], bins[0][29], bins[1][14]) = (3, 1, 4);
        Layers {
            step: 3,
            low: vec![0.0; 2],
            high: vec![1.0, 4.0],
            bins: bins.into(),
            mean: vec![0.25, 1.9],
            sd: vec![0.4, 0.0],
            saturated: vec![0.75, 0.0],
            dead: vec![0.5, 0.0],
            weight_norm: vec![2.5, 3.5, 4.5],
        }
    }

    #[test]
    fn layers_survive_their_journal_and_are_checked() {
        let event = Event::LayersProbed { trial: TrialId(1), layers: two_layers() };
        let line = serde_json::to_string(&event).unwrap();
        assert!(line.len() < 500 && event.clone().checked().is_ok(), "{line}");
        assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event);
        for (whole, broken) in [
            (r#""mean":[0.25,1.9]"#, r#""mean":[0.25]"#),
            (r#""dead":[0.5,0.0]"#, r#""dead":[0.5]"#),
            (r#""high":[1.0,4.0]"#, r#""high":[0.0,4.0]"#),
            (r#""sd":[0.4,0.0]"#, r#""sd":[1e99,0.0]"#),
        ] {
            assert!(line.contains(whole), "{line}");
            let edited = serde_json::from_str::<Event>(&line.replace(whole, broken));
            assert!(edited.is_err() || edited.unwrap().checked().is_err(), "{broken}");
        }
        let weights_alone = Layers { weight_norm: vec![1.0], ..Layers::default() };
        assert!(weights_alone.check().is_ok() && !weights_alone.is_empty() && Layers::default().is_empty());
    }

    #[test]
    fn a_metric_is_that_of_the_given_layer() {
        let layers = two_layers();
        assert_eq!(layers.of(Metric::SATURATED, 1), Some(0.75));
        assert_eq!(layers.of(Metric::LAYER_WEIGHT_NORM, 3), Some(4.5));
        assert_eq!(
            (layers.of(Metric::DEAD, 3), layers.of(Metric::DEAD, 0), layers.of(Metric::GAP, 1)),
            (None, None, None)
        );
    }
}
