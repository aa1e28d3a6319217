//! Evaluations of a trial: one alone ([`Point`]), and all of them by column ([`Curve`]).

use crate::plan::config::Config;
use crate::plan::metric::Metric;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;

/// One evaluation of a trial. No value is NaN or infinite: a trial ends when it diverges.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Point {
    /// Updates so far; 0 for the untrained network.
    pub step: u32,
    /// The values of the metrics.
    pub measured: Measured,
}

/// What an evaluation measured of the whole trial: a value for each metric that it has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured(BTreeMap<Metric, Measurement>);

/// A value in the type in which it was measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Measurement {
    /// How many images are classified correctly: an accuracy as a number of training or test images.
    Count(u32),
    /// Of the metrics of this program, in the metric's unit.
    Single(f32),
    /// Of the metrics that a plan declares, in the metric's unit.
    Double(f64),
}

impl Measurement {
    /// The value as a number; a count is not divided by anything.
    pub fn number(self) -> f64 {
        match self {
            Measurement::Count(images) => images.into(),
            Measurement::Single(value) => value.into(),
            Measurement::Double(value) => value,
        }
    }
}

impl Measured {
    /// What every evaluation of a network measures. `train` and `test` are the mean cross-entropy in nats, without the penalty
    /// of weight decay, and the number of images that are classified correctly, on the training and on the test images.
    /// `weight_norm` is ‖W‖₂ over all weights.
    pub fn of_network(train: (f32, u32), test: (f32, u32), weight_norm: f32) -> Measured {
        let mut measured = Measured::default();
        measured.set(Metric::TRAIN_LOSS, train.0);
        measured.count(Metric::TRAIN_ACCURACY, train.1);
        measured.set(Metric::TEST_LOSS, test.0);
        measured.count(Metric::TEST_ACCURACY, test.1);
        measured.set(Metric::WEIGHT_NORM, weight_norm);
        measured
    }

    /// Sets a metric in single precision; does nothing if the value is NaN.
    pub fn set(&mut self, metric: Metric, value: f32) {
        if !value.is_nan() {
            self.0.insert(metric, Measurement::Single(value));
        }
    }

    /// Sets an accuracy to a number of images.
    fn count(&mut self, metric: Metric, images: u32) {
        self.0.insert(metric, Measurement::Count(images));
    }

    /// Sets a metric in double precision; does nothing if the value is NaN.
    pub fn set_double(&mut self, metric: Metric, value: f64) {
        if !value.is_nan() {
            self.0.insert(metric, Measurement::Double(value));
        }
    }

    /// The metric as it was measured: an accuracy may be a number of images. [`Point::value`] has the share.
    pub fn get(&self, metric: Metric) -> Option<Measurement> {
        self.0.get(&metric).copied()
    }

    /// [`Measurement::number`] of the metric.
    pub fn number(&self, metric: Metric) -> Option<f64> {
        self.get(metric).map(Measurement::number)
    }

    /// All measured metrics, in their declared order.
    pub fn iter(&self) -> impl Iterator<Item = (Metric, Measurement)> {
        self.0.iter().map(|(&metric, &value)| (metric, value))
    }
}

impl Point {
    /// The value of a metric in its unit, for a trial with this configuration. `None` if it was not measured, or only of each
    /// layer.
    pub fn value(&self, metric: Metric, config: &Config) -> Option<f64> {
        value(metric, config, &|metric| self.measured.get(metric))
    }

    /// Passes over the training images so far.
    pub fn epoch(&self, config: &Config) -> f64 {
        config.epoch(self.step)
    }

    /// The penalty of weight decay, ½λ‖W‖², which the reported losses do not include; `None` for trials without weights.
    pub fn penalty(&self, config: &Config) -> Option<f64> {
        let norm = self.value(Metric::WEIGHT_NORM, config)?;
        Some(0.5 * config.weight_decay.get() * norm.powi(2))
    }
}

/// The value of a metric in its unit: counts become shares, and the gap is computed from the accuracies.
fn value(metric: Metric, config: &Config, measured: &dyn Fn(Metric) -> Option<Measurement>) -> Option<f64> {
    match measured(metric) {
        Some(Measurement::Count(images)) if metric == Metric::TEST_ACCURACY => Some(config.test_accuracy(images)),
        Some(Measurement::Count(images)) => Some(config.train_accuracy(images)),
        // The share was rounded to single precision; it is one of a whole number of images.
        Some(Measurement::Single(share)) => match classified(metric, config) {
            Some(0) => None,
            Some(images) => Some((f64::from(share) * images as f64).round() / images as f64),
            None => Some(share.into()),
        },
        Some(value) => Some(value.number()),
        None if metric == Metric::GAP => {
            let accuracy = |metric| value(metric, config, measured);
            Some(accuracy(Metric::TRAIN_ACCURACY)? - accuracy(Metric::TEST_ACCURACY)?)
        }
        None => None,
    }
}

/// Of how many images an accuracy is that is kept as a share; `None` for all other metrics.
fn classified(metric: Metric, config: &Config) -> Option<usize> {
    let all = [
        (Metric::VALIDATION_ACCURACY, config.held_out().len()),
        (Metric::AVERAGED_TRAIN_ACCURACY, config.trained_on().len()),
        (Metric::AVERAGED_TEST_ACCURACY, config.test_samples()),
    ];
    all.into_iter().find(|(other, _)| *other == metric).map(|(_, images)| images)
}

/// Evaluations of one trial, by column. All columns have the same length.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "Written")]
pub struct Curve {
    /// Updates before each evaluation, strictly ascending.
    pub step: Vec<u32>,
    columns: BTreeMap<Metric, Measurements>,
}

/// A metric at each evaluation; `None` at those that did not measure it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Measurements {
    /// See [`Measurement::Count`].
    Counts(Vec<Option<u32>>),
    /// See [`Measurement::Single`].
    Single(Vec<Option<f32>>),
    /// See [`Measurement::Double`].
    Double(Vec<Option<f64>>),
}

impl Measurements {
    /// An empty column for values of this type.
    fn of(value: Measurement) -> Measurements {
        match value {
            Measurement::Count(_) => Measurements::Counts(Vec::new()),
            Measurement::Single(_) => Measurements::Single(Vec::new()),
            Measurement::Double(_) => Measurements::Double(Vec::new()),
        }
    }

    /// An empty column of the same type.
    fn of_same_type(&self) -> Measurements {
        match self {
            Measurements::Counts(_) => Measurements::Counts(Vec::new()),
            Measurements::Single(_) => Measurements::Single(Vec::new()),
            Measurements::Double(_) => Measurements::Double(Vec::new()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Measurements::Counts(values) => values.len(),
            Measurements::Single(values) => values.len(),
            Measurements::Double(values) => values.len(),
        }
    }

    fn get(&self, index: usize) -> Option<Measurement> {
        match self {
            Measurements::Counts(values) => values[index].map(Measurement::Count),
            Measurements::Single(values) => values[index].map(Measurement::Single),
            Measurements::Double(values) => values[index].map(Measurement::Double),
        }
    }

    fn shrink(&mut self) {
        match self {
            Measurements::Counts(values) => values.shrink_to_fit(),
            Measurements::Single(values) => values.shrink_to_fit(),
            Measurements::Double(values) => values.shrink_to_fit(),
        }
    }

    /// Appends `None` until the column has this length.
    fn lengthen(&mut self, length: usize) {
        match self {
            Measurements::Counts(values) => values.resize(length, None),
            Measurements::Single(values) => values.resize(length, None),
            Measurements::Double(values) => values.resize(length, None),
        }
    }

    /// Appends a value; one of another type becomes `None`.
    fn push(&mut self, value: Measurement) {
        match (self, value) {
            (Measurements::Counts(values), Measurement::Count(value)) => values.push(Some(value)),
            (Measurements::Single(values), Measurement::Single(value)) => values.push(Some(value)),
            (Measurements::Double(values), Measurement::Double(value)) => values.push(Some(value)),
            (column, _) => column.lengthen(column.len() + 1),
        }
    }

    /// Appends the values of another column; those of another type become `None`.
    fn extend(&mut self, other: &Measurements) {
        match (self, other) {
            (Measurements::Counts(values), Measurements::Counts(others)) => values.extend_from_slice(others),
            (Measurements::Single(values), Measurements::Single(others)) => values.extend_from_slice(others),
            (Measurements::Double(values), Measurements::Double(others)) => values.extend_from_slice(others),
            (column, other) => column.lengthen(column.len() + other.len()),
        }
    }
}

impl Curve {
    /// Number of evaluations.
    pub fn len(&self) -> usize {
        self.step.len()
    }

    /// Whether there is no evaluation.
    pub fn is_empty(&self) -> bool {
        self.step.is_empty()
    }

    pub(super) fn check(&self) -> Result<(), &'static str> {
        match self.columns.values().all(|column| column.len() == self.len()) {
            true if self.step.is_sorted_by(|before, after| before < after) => Ok(()),
            true => Err("its steps do not ascend"),
            false => Err("its columns are not of one length"),
        }
    }

    /// Appends an evaluation.
    pub fn push(&mut self, point: Point) {
        let length = self.len();
        self.step.push(point.step);
        for (metric, value) in point.measured.iter() {
            let column = self.columns.entry(metric).or_insert_with(|| Measurements::of(value));
            column.lengthen(length);
            column.push(value);
        }
        self.fill_gaps();
    }

    /// Appends the evaluations of another curve of the same trial.
    pub fn extend(&mut self, other: &Curve) {
        let length = self.len();
        self.step.extend_from_slice(&other.step);
        for (&metric, values) in &other.columns {
            match self.columns.get_mut(&metric) {
                Some(column) => column.extend(values),
                None => {
                    let mut column = values.of_same_type();
                    column.lengthen(length);
                    column.extend(values);
                    self.columns.insert(metric, column);
                }
            }
        }
        self.fill_gaps();
    }

    /// The largest count of a metric that is measured as one; `None` without any.
    pub fn most(&self, metric: Metric) -> Option<u32> {
        match self.columns.get(&metric)? {
            Measurements::Counts(counts) => counts.iter().flatten().copied().max(),
            _ => None,
        }
    }

    /// Gives back the memory that was set aside for more evaluations.
    pub fn shrink(&mut self) {
        self.step.shrink_to_fit();
        self.columns.values_mut().for_each(Measurements::shrink);
    }

    /// Appends `None` to the columns of metrics that the last evaluations did not measure.
    fn fill_gaps(&mut self) {
        let length = self.len();
        self.columns.values_mut().for_each(|column| column.lengthen(length));
    }

    /// The evaluation with this index. Panics unless `index < len()`.
    pub fn point(&self, index: usize) -> Point {
        let measured = self.columns.iter().filter_map(|(&metric, column)| Some((metric, column.get(index)?)));
        Point { step: self.step[index], measured: Measured(measured.collect()) }
    }

    /// The last evaluation; `None` if there is none.
    pub fn last(&self) -> Option<Point> {
        self.len().checked_sub(1).map(|last| self.point(last))
    }

    /// Removes the metrics for which `is_kept` is false.
    pub fn keep(&mut self, is_kept: impl Fn(Metric) -> bool) {
        self.columns.retain(|&metric, _| is_kept(metric));
    }

    /// Whether any evaluation measured the metric.
    pub fn has(&self, metric: Metric) -> bool {
        self.columns.contains_key(&metric)
    }

    /// Each measured metric with its values as they were measured, in the order of the metrics.
    pub fn columns(&self) -> impl Iterator<Item = (Metric, &Measurements)> {
        self.columns.iter().map(|(&metric, column)| (metric, column))
    }

    /// Replaces the value of a metric at one evaluation.
    #[cfg(test)]
    pub fn set(&mut self, index: usize, metric: Metric, value: Measurement) {
        let mut points: Vec<Point> = (0..self.len()).map(|index| self.point(index)).collect();
        points[index].measured.0.insert(metric, value);
        *self = Curve::default();
        points.into_iter().for_each(|point| self.push(point));
    }

    /// [`Point::value`] of an evaluation. Panics unless `index < len()`.
    pub fn value(&self, index: usize, metric: Metric, config: &Config) -> Option<f64> {
        value(metric, config, &|metric| self.columns.get(&metric)?.get(index))
    }

    /// (step, value) of each evaluation that has a value of the metric.
    pub fn values(&self, metric: Metric, config: &Config) -> impl Iterator<Item = (u32, f64)> {
        let steps = self.step.iter().enumerate();
        steps.filter_map(move |(index, &step)| Some((step, self.value(index, metric, config)?)))
    }

    /// [`Point::value`] of the last evaluation.
    pub fn last_value(&self, metric: Metric, config: &Config) -> Option<f64> {
        self.value(self.len().checked_sub(1)?, metric, config)
    }

    /// Index of the evaluation with the highest validation accuracy, the first of equals; `None` if none was measured.
    pub fn best(&self) -> Option<usize> {
        let validation = self.columns.get(&Metric::VALIDATION_ACCURACY)?;
        let validated = (0..self.len()).filter_map(|index| Some((index, validation.get(index)?.number())));
        let best = validated.reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map(|(index, _)| index)
    }
}

/// The columns that a journal does not put into `measured` or `declared`: name, metric, and whether they are counts.
const NAMED: [(&str, Metric, bool); 5] = [
    ("train_loss", Metric::TRAIN_LOSS, false),
    ("train_correct", Metric::TRAIN_ACCURACY, true),
    ("test_loss", Metric::TEST_LOSS, false),
    ("test_correct", Metric::TEST_ACCURACY, true),
    ("weight_norm", Metric::WEIGHT_NORM, false),
];

/// A curve as it is stored in journals: metrics of this program are counts or in single precision, those that a plan declares
/// are in double precision.
#[derive(Deserialize)]
struct Written {
    step: Vec<u32>,
    train_loss: Option<Vec<Option<f32>>>,
    train_correct: Option<Vec<Option<u32>>>,
    test_loss: Option<Vec<Option<f32>>>,
    test_correct: Option<Vec<Option<u32>>>,
    weight_norm: Option<Vec<Option<f32>>>,
    #[serde(default)]
    measured: BTreeMap<Metric, Vec<Option<f32>>>,
    #[serde(default)]
    declared: BTreeMap<Metric, Vec<Option<f64>>>,
}

impl From<Written> for Curve {
    fn from(written: Written) -> Curve {
        let Written { step, train_loss, train_correct, test_loss, test_correct, weight_norm, measured, declared } =
            written;
        let named = [
            train_loss.map(Measurements::Single),
            train_correct.map(Measurements::Counts),
            test_loss.map(Measurements::Single),
            test_correct.map(Measurements::Counts),
            weight_norm.map(Measurements::Single),
        ];
        let named = NAMED.into_iter().zip(named).filter_map(|((_, metric, _), column)| Some((metric, column?)));
        let measured = measured.into_iter().map(|(metric, values)| (metric, Measurements::Single(values)));
        let declared = declared.into_iter().map(|(metric, values)| (metric, Measurements::Double(values)));
        Curve { step, columns: named.chain(measured).chain(declared).collect() }
    }
}

impl Serialize for Curve {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut curve = serializer.serialize_map(None)?;
        curve.serialize_entry("step", &self.step)?;
        let is_named = |metric: Metric, column: &Measurements, (_, named, counts): (&str, Metric, bool)| match column {
            Measurements::Counts(_) => metric == named && counts,
            Measurements::Single(_) => metric == named && !counts,
            Measurements::Double(_) => false,
        };
        for named in NAMED {
            let column = self.columns.get(&named.1).filter(|column| is_named(named.1, column, named));
            column.map(|column| curve.serialize_entry(named.0, column)).transpose()?;
        }
        let others = self
            .columns
            .iter()
            .filter(|(metric, column)| !NAMED.iter().any(|&named| is_named(**metric, column, named)));
        let (declared, measured): (BTreeMap<_, _>, BTreeMap<_, _>) =
            others.partition(|(_, column)| matches!(column, Measurements::Double(_)));
        for (name, columns) in [("measured", measured), ("declared", declared)] {
            if !columns.is_empty() {
                curve.serialize_entry(name, &columns)?;
            }
        }
        curve.end()
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
        for point in &points {
            let mut one = Curve::default();
            one.push(point.clone());
            extended.extend(&one);
            pushed.push(point.clone());
        }
        assert_eq!(pushed, extended);
        assert_eq!((0..4).map(|index| pushed.point(index)).collect::<Vec<_>>(), points);
        let text = serde_json::to_string(&pushed).unwrap();
        assert!(text.contains("[null,2.5,null,3.5]"), "{text}");
        assert_eq!(serde_json::from_str::<Curve>(&text).unwrap(), pushed);
        assert!(pushed.check().is_ok());
    }

    #[test]
    fn a_curve_joined_from_lines_keeps_each_value_at_its_step() {
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
        let barrier: Vec<_> = joined.values(Metric::BARRIER, &Config::default()).collect();
        assert_eq!(barrier, [(9, 1.5)]);
        assert_eq!(joined.point(3), point(9));
        assert!(joined.check().is_ok());
    }

    #[test]
    fn the_best_evaluation_is_the_first_of_equals() {
        let mut curve = Curve::default();
        assert_eq!(curve.best(), None);
        for (step, validation) in [(0, 0.1), (3, 0.6), (6, 0.7), (9, 0.7), (12, 0.5)] {
            let mut point = crate::record::board::samples::point(10 * step, 100 * step);
            point.step = step;
            point.measured.set(Metric::VALIDATION_ACCURACY, validation);
            curve.push(point);
        }
        assert_eq!(curve.best(), Some(2));
    }
}
