//! The words that pictures use for a metric: its name, its label along an axis, and its values.

use crate::plan::metric::Metric;
use crate::record::board::Board;
use crate::show::words::{quantity, share};

/// The title of a metric, such as `test accuracy`; on a surface, `f`.
pub fn name(board: &Board, metric: Metric) -> &'static str {
    board.plan.problem().declared(metric).title()
}

/// Whether a metric has no values below 0, so that its intervals have to end at 0.
pub fn is_never_negative(board: &Board, metric: Metric) -> bool {
    !board.plan.problem().declared(metric).is_signed()
}

/// The title of a metric with its unit: `test accuracy (share of images)`.
pub fn label(board: &Board, metric: Metric) -> String {
    board.plan.problem().declared(metric).along_axis()
}

/// A value of a metric in at most seven characters: accuracies with three decimals, anything else with three or four
/// significant digits.
pub fn text(metric: Metric, value: f64) -> String {
    let text = if metric.is_accuracy() { share(value) } else { quantity(value) };
    text.replace('-', "−")
}

/// `text` with a capital first letter, for the start of a title. A single letter stays as it is.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        // A symbol such as f or ‖W‖ stays as it is.
        Some(first) if text.chars().count() > 1 => first.to_uppercase().chain(letters).collect(),
        _ => text.into(),
    }
}
