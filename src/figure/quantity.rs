//! A metric in words with its unit, as it stands along an axis.

use crate::board::Board;
use crate::config::DataSource;
use crate::metric::Metric;

/// Whether a study has no images: then the train loss is the height f of the surface.
pub fn on_surface(board: &Board) -> bool {
    board.plan.cells.iter().all(|cell| cell.config.data == DataSource::Surface)
}

/// `test accuracy`, or on a surface `f`.
pub fn name(board: &Board, metric: Metric) -> String {
    match metric {
        Metric::TrainLoss if on_surface(board) => "f".into(),
        Metric::WeightNorm => "weight norm ‖W‖₂".into(),
        Metric::UpdateNorm => "update norm ‖ΔW‖₂".into(),
        Metric::FirstActivationSd => "sd of the first layer's activations".into(),
        Metric::LastActivationSd => "sd of the last layer's activations".into(),
        Metric::Gap => "gap between train and test accuracy".into(),
        other => other.name().replace('_', " "),
    }
}

/// `test accuracy (share of images)`
pub fn label(board: &Board, metric: Metric) -> String {
    let unit = match metric {
        accuracy if accuracy.is_accuracy() => Some("share of images"),
        Metric::TrainLoss if on_surface(board) => None,
        Metric::TrainLoss | Metric::TestLoss | Metric::ValidationLoss => Some("nats"),
        Metric::Saturated => Some("share of activations"),
        Metric::EnsembleDistance | Metric::SingleDistance => Some("total variation"),
        _ => None,
    };
    let name = name(board, metric);
    unit.map_or_else(|| name.clone(), |unit| format!("{name} ({unit})"))
}

/// A value of it in at most seven characters: shares with three digits, anything else with three or four that count.
pub fn text(metric: Metric, value: f64) -> String {
    let text = match value.abs() {
        _ if metric.is_accuracy() => format!("{value:.3}"),
        0.0 => "0".into(),
        size if !(1e-3..1e5).contains(&size) => format!("{value:.1e}"),
        size if size < 10.0 => format!("{value:.3}"),
        size if size < 100.0 => format!("{value:.2}"),
        size if size < 1000.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    };
    text.replace('-', "−")
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
