//! A metric in words with its unit, as it stands along an axis.

use crate::plan::metric::Metric;
use crate::record::board::Board;

/// `test accuracy`, or on a surface `f`.
pub fn name(board: &Board, metric: Metric) -> &'static str {
    board.plan.problem().declared(metric).title()
}

/// Whether no value is below 0: then an interval that is calculated to reach below it ends there.
pub fn is_never_negative(board: &Board, metric: Metric) -> bool {
    !board.plan.problem().declared(metric).is_signed()
}

/// `test accuracy (share of images)`
pub fn label(board: &Board, metric: Metric) -> String {
    board.plan.problem().declared(metric).along_axis()
}

/// A value of a metric in at most seven characters: shares with three digits, anything else with three or four that count.
pub fn text(metric: Metric, value: f64) -> String {
    let text = if metric.is_accuracy() { format!("{value:.3}") } else { quantity(value) };
    text.replace('-', "−")
}

/// A loss or a norm in at most seven characters: `2.303`, `41.25`, `1.2e-5`.
pub fn quantity(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        size if !(1e-3..1e5).contains(&size) => format!("{value:.1e}"),
        size if size < 10.0 => format!("{value:.3}"),
        size if size < 100.0 => format!("{value:.2}"),
        size if size < 1000.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// With a capital, as a title begins.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        // A symbol such as f or ‖W‖ stays as it is.
        Some(first) if text.chars().count() > 1 => first.to_uppercase().chain(letters).collect(),
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_stay_short() {
        let values = [0.0, 1e-30, 4.2e-4, 0.05, 2.3031, 41.25, 512.0, 9999.9, 99_999.9, 3.4e38];
        let texts: Vec<_> = values.map(quantity).into_iter().collect();
        assert_eq!(texts, ["0", "1.0e-30", "4.2e-4", "0.050", "2.303", "41.25", "512.0", "10000", "100000", "3.4e38"]);
    }
}
