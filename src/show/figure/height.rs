//! The vertical axis of a metric, chosen so that its curves can be told apart.

use super::{Axis, Scale, Series};
use crate::plan::metric::{Kind, Metric};

/// If most curves stay below this share of a linear axis, the axis becomes logarithmic.
const LOW: f64 = 0.2;

/// The axis for values of a metric: from 0 to 1 for accuracies, from 0 for other shares, [`Axis::fitting`] for anything else.
pub fn axis(label: &str, metric: Metric, values: impl Iterator<Item = f64> + Clone) -> Axis {
    match metric.kind() {
        Kind::Accuracy => Axis::linear(label, 0.0, 1.0),
        Kind::AccuracyDifference | Kind::Share => Axis::from_zero(label, values),
        Kind::Quantity => Axis::fitting(label, values),
    }
}

/// The axis for curves. It is also logarithmic if a few curves would press the others to the floor. A linear axis makes room
/// for the bands too, up to as much as the means take; a logarithmic one does not, as intervals often reach 0.
pub fn height(label: &str, metric: Metric, series: &[Series]) -> Axis {
    let means = series.iter().flat_map(|series| &series.points).map(|point| point.1);
    let of_means = axis(label, metric, means.clone());
    if of_means.scale == Scale::Logarithmic || metric.kind() == Kind::Accuracy {
        return of_means;
    }
    if metric.kind() == Kind::Quantity
        && means.clone().all(|mean| mean.is_nan() || mean > 0.0)
        && most_are_low(&of_means, series)
    {
        return Axis::logarithmic(label, means).unwrap_or(of_means);
    }
    let bands = series.iter().flat_map(|series| &series.band).flat_map(|&(_, low, high)| [low, high]);
    let room = of_means.high - of_means.low;
    let bands = bands.map(|end| end.clamp(of_means.low - room, of_means.high + room));
    Axis::from_zero(label, means.chain(bands))
}

fn most_are_low(axis: &Axis, series: &[Series]) -> bool {
    let highest = |series: &Series| series.points.iter().filter_map(|point| axis.place(point.1)).reduce(f64::max);
    let highest: Vec<f64> = series.iter().filter_map(highest).collect();
    2 * highest.iter().filter(|place| **place < LOW).count() > highest.len()
}

/// Cuts bands off at the lower end of a logarithmic axis, which has no place for 0.
pub fn within(axis: &Axis, mut series: Vec<Series>) -> Vec<Series> {
    if axis.scale == Scale::Logarithmic {
        for series in &mut series {
            series.band.retain(|&(_, _, high)| high.is_nan() || high > axis.low);
            series.band.iter_mut().for_each(|(_, low, _)| *low = if *low < axis.low { axis.low } else { *low });
        }
    }
    series
}

/// A sentence on a logarithmic scale, with a blank before it; empty for other scales.
pub fn scale_note(axis: &Axis) -> &'static str {
    match axis.scale {
        Scale::Logarithmic => " The scale is logarithmic: 0 has no place on it.",
        _ => "",
    }
}

/// A sentence, with a blank before it, that names the curves whose bands reach beyond the axis; empty if there are none.
pub fn cut_bands_note(axis: &Axis, metric: Metric, series: &[Series]) -> String {
    let leaves = |&(_, low, high): &(f64, f64, f64)| {
        // Accuracies lie within 0 and 1. That a logarithmic axis does not reach 0 is said by `scale_note`.
        metric.kind() != Kind::Accuracy && (high > axis.high || low < axis.low && axis.scale == Scale::Linear)
    };
    let cut: Vec<&str> = series.iter().filter(|s| s.band.iter().any(leaves)).map(|s| s.name.as_str()).collect();
    match cut.len() {
        0 => String::new(),
        _ => format!(" Intervals are cut off at the frame, to leave room for the curves: {}.", cut.join(", ")),
    }
}
