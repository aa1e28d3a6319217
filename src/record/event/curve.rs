//! Evaluations of a trial, one by one and by column.

use crate::plan::config::Config;
use crate::plan::metric::Metric;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One evaluation on the whole training and test sets, after `step` updates (0: untrained). Losses are the mean
/// cross-entropy in nats without the penalty. Never NaN or infinite: a trial that diverges ends instead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub step: u32,
    pub train_loss: f32,
    /// Images that are trained on classified rightly.
    pub train_correct: u32,
    pub test_loss: f32,
    /// Test images classified rightly.
    pub test_correct: u32,
    /// ‖W‖₂ over all weights, without biases, γ and β.
    pub weight_norm: f32,
    pub measured: Measured,
}

/// What an evaluation holds beside what is always there: the metrics that were asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured([Option<f32>; Metric::ALL.len()]);

impl Measured {
    pub fn get(&self, metric: Metric) -> Option<f32> {
        self.0[metric.place()]
    }

    /// Keeps a value; NaN is passed over.
    pub fn set(&mut self, metric: Metric, value: f32) {
        if !value.is_nan() {
            self.0[metric.place()] = Some(value);
        }
    }

    /// All that was measured.
    pub fn iter(&self) -> impl Iterator<Item = (Metric, f32)> {
        Metric::ALL.iter().copied().zip(self.0).filter_map(|(metric, value)| Some((metric, value?)))
    }
}

impl Default for Measured {
    fn default() -> Measured {
        Measured([None; Metric::ALL.len()])
    }
}

/// Evaluations of one trial, by column; all columns have the same length.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    pub step: Vec<u32>,
    pub train_loss: Vec<f32>,
    pub train_correct: Vec<u32>,
    pub test_loss: Vec<f32>,
    pub test_correct: Vec<u32>,
    pub weight_norm: Vec<f32>,
    /// A column for each metric that was asked for; `None` at evaluations that did not measure it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub measured: BTreeMap<Metric, Vec<Option<f32>>>,
}

impl Curve {
    pub fn len(&self) -> usize {
        self.step.len()
    }

    pub fn is_empty(&self) -> bool {
        self.step.is_empty()
    }

    pub(super) fn check(&self) -> Result<(), &'static str> {
        let counts = [&self.step, &self.train_correct, &self.test_correct].map(Vec::len);
        let measures = [&self.train_loss, &self.test_loss, &self.weight_norm].map(Vec::len);
        let asked_for = self.measured.values().map(Vec::len);
        match counts.into_iter().chain(measures).chain(asked_for).all(|length| length == self.len()) {
            true if self.step.is_sorted_by(|before, after| before < after) => Ok(()),
            true => Err("its steps do not ascend"),
            false => Err("its columns are not of one length"),
        }
    }

    pub fn push(&mut self, point: Point) {
        self.step.push(point.step);
        self.train_loss.push(point.train_loss);
        self.train_correct.push(point.train_correct);
        self.test_loss.push(point.test_loss);
        self.test_correct.push(point.test_correct);
        self.weight_norm.push(point.weight_norm);
        for (metric, value) in point.measured.iter() {
            let column = self.measured.entry(metric).or_default();
            column.resize(self.step.len() - 1, None);
            column.push(Some(value));
        }
        self.fill_gaps();
    }

    pub fn extend(&mut self, other: &Curve) {
        let length = self.len();
        self.step.extend_from_slice(&other.step);
        self.train_loss.extend_from_slice(&other.train_loss);
        self.train_correct.extend_from_slice(&other.train_correct);
        self.test_loss.extend_from_slice(&other.test_loss);
        self.test_correct.extend_from_slice(&other.test_correct);
        self.weight_norm.extend_from_slice(&other.weight_norm);
        for (&metric, values) in &other.measured {
            let column = self.measured.entry(metric).or_default();
            column.resize(length, None);
            column.extend_from_slice(values);
        }
        self.fill_gaps();
    }

    /// Lengthens the columns of what the last evaluations did not measure.
    fn fill_gaps(&mut self) {
        self.measured.values_mut().for_each(|column| column.resize(self.step.len(), None));
    }

    /// Panics unless `index < len()`.
    pub fn point(&self, index: usize) -> Point {
        let mut measured = Measured::default();
        for (&metric, values) in &self.measured {
            values[index].into_iter().for_each(|value| measured.set(metric, value));
        }
        Point {
            step: self.step[index],
            train_loss: self.train_loss[index],
            train_correct: self.train_correct[index],
            test_loss: self.test_loss[index],
            test_correct: self.test_correct[index],
            weight_norm: self.weight_norm[index],
            measured,
        }
    }

    pub fn last(&self) -> Option<Point> {
        self.len().checked_sub(1).map(|last| self.point(last))
    }

    /// The evaluation with the highest validation accuracy, the first of equals; `None` where none was measured.
    pub fn best(&self) -> Option<Point> {
        let validated = self.measured.get(&Metric::VALIDATION_ACCURACY)?.iter().take(self.len()).enumerate();
        let validated = validated.filter_map(|(index, accuracy)| Some((index, (*accuracy)?)));
        let higher = |best: Option<(usize, f32)>, (index, accuracy): (usize, f32)| match best {
            Some((_, highest)) if highest >= accuracy => best,
            _ => Some((index, accuracy)),
        };
        validated.fold(None, higher).map(|(index, _)| self.point(index))
    }
}

impl Point {
    /// The value of a metric, of a trial with this configuration; `None` if it was not measured, or of each layer alone.
    pub fn value(&self, metric: Metric, config: &Config) -> Option<f64> {
        let images = config.held_out().len() as f64;
        let always = [
            (Metric::TRAIN_ACCURACY, self.train_accuracy(config)),
            (Metric::TEST_ACCURACY, self.test_accuracy(config)),
            (Metric::GAP, self.gap(config)),
            (Metric::TRAIN_LOSS, self.train_loss.into()),
            (Metric::TEST_LOSS, self.test_loss.into()),
            (Metric::WEIGHT_NORM, self.weight_norm.into()),
        ];
        match always.into_iter().find(|(of, _)| *of == metric) {
            Some((_, value)) => Some(value),
            // The share of whole images that its single precision stands for.
            None if metric == Metric::VALIDATION_ACCURACY => {
                let share = self.measured.get(metric).filter(|_| images > 0.0);
                share.map(|share| (f64::from(share) * images).round() / images)
            }
            None => self.measured.get(metric).map(f64::from),
        }
    }

    /// Share in [0, 1], of the images that are trained on.
    pub fn train_accuracy(&self, config: &Config) -> f64 {
        config.train_accuracy(self.train_correct)
    }

    /// Share in [0, 1].
    pub fn test_accuracy(&self, config: &Config) -> f64 {
        config.test_accuracy(self.test_correct)
    }

    /// Train accuracy minus test accuracy: how much the network overfits.
    pub fn gap(&self, config: &Config) -> f64 {
        self.train_accuracy(config) - self.test_accuracy(config)
    }

    /// Passes over the training images so far.
    pub fn epoch(&self, config: &Config) -> f64 {
        config.epoch(self.step)
    }

    /// ½λ‖W‖², which the reported losses leave out.
    pub fn penalty(&self, config: &Config) -> f64 {
        0.5 * config.weight_decay.get() * (self.weight_norm as f64).powi(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_evaluation_did_not_measure_leaves_a_gap() {
        let point = |step, value: Option<f32>| {
            let mut point = crate::record::board::samples::point(10, 100);
            point.step = step;
            value.into_iter().for_each(|value| point.measured.set(Metric::UPDATE_NORM, value));
            point
        };
        let points = [point(0, None), point(1, Some(2.5)), point(2, None), point(3, Some(3.5))];
        let (mut pushed, mut extended) = (Curve::default(), Curve::default());
        for &point in &points {
            let mut one = Curve::default();
            one.push(point);
            extended.extend(&one);
            pushed.push(point);
        }
        assert_eq!(pushed, extended);
        assert_eq!((0..4).map(|index| pushed.point(index)).collect::<Vec<_>>(), points);
        let text = serde_json::to_string(&pushed).unwrap();
        assert!(text.contains("[null,2.5,null,3.5]"), "{text}");
        assert_eq!(serde_json::from_str::<Curve>(&text).unwrap(), pushed);
        assert!(pushed.check().is_ok());
    }

    /// However a journal cuts the curve into lines.
    #[test]
    fn what_was_measured_only_at_the_end_stays_at_the_end() {
        let point = |step| {
            let mut point = crate::record::board::samples::point(10, 10);
            point.step = step;
            if step == 9 {
                point.measured.set(Metric::BARRIER, 1.5);
            }
            point
        };
        let curve = |steps: &[u32]| {
            let mut curve = Curve::default();
            steps.iter().for_each(|&step| curve.push(point(step)));
            curve
        };
        let mut joined = curve(&[0, 3]);
        joined.extend(&curve(&[6, 9]));
        joined.extend(&curve(&[12]));
        assert_eq!(joined, curve(&[0, 3, 6, 9, 12]));
        assert_eq!(joined.measured[&Metric::BARRIER], [None, None, None, Some(1.5), None]);
        assert_eq!(joined.point(3), point(9));
        assert!(joined.check().is_ok());
    }

    #[test]
    fn the_best_of_a_curve_is_the_first_of_equals() {
        let mut curve = Curve::default();
        assert_eq!(curve.best(), None);
        for (step, validation) in [(0, 0.1), (3, 0.6), (6, 0.7), (9, 0.7), (12, 0.5)] {
            let mut point = crate::record::board::samples::point(10 * step, 100 * step);
            point.step = step;
            point.measured.set(Metric::VALIDATION_ACCURACY, validation);
            curve.push(point);
        }
        assert_eq!(curve.best(), Some(curve.point(2)));
    }
}
