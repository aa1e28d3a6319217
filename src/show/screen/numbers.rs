//! Numbers and durations as the screens and the progress lines show them.

pub(super) use crate::show::words::{count, difference, share};

use crate::plan::metric::{Kind, Metric};
use crate::show::words::quantity;
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

/// A value of a metric without its unit, at most [`width`] columns wide.
pub fn measured(metric: Metric, value: f64) -> String {
    match metric.kind() {
        Kind::Accuracy => share(value),
        Kind::AccuracyDifference => difference(value),
        Kind::Share | Kind::Quantity => quantity(value),
    }
}

/// The width of the widest value of a metric, in columns of the terminal.
pub fn width(metric: Metric) -> usize {
    match metric.kind() {
        Kind::Accuracy => share(0.0).width(),
        Kind::AccuracyDifference => difference(0.0).width(),
        Kind::Share | Kind::Quantity => 7,
    }
}

/// Seconds of training: `1.9 s`, `2 min 05 s`.
pub fn seconds(value: f64) -> String {
    if value < 59.95 { format!("{:.1} s", value.max(0.0)) } else { duration(Duration::from_secs_f64(value.min(1e9))) }
}

/// `42 s`, `2 min 05 s`, `3 h 07 min`, `2 d 04 h`.
pub fn duration(value: Duration) -> String {
    let seconds = value.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} d {:02} h", seconds / 86_400, seconds / 3600 % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_show_two_units() {
        let texts = [0, 59, 60, 3599, 3600, 86_399, 90_000].map(|s| duration(Duration::from_secs(s)));
        assert_eq!(texts, ["0 s", "59 s", "1 min 00 s", "59 min 59 s", "1 h 00 min", "23 h 59 min", "1 d 01 h"]);
        assert_eq!((seconds(1.94), seconds(59.97)), ("1.9 s".into(), "59 s".into()));
    }
}
