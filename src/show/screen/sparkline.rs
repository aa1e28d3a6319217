//! A series as a line of bars.

/// One bar for each value, scaled from 0 to the largest finite value. Longer series are averaged into `width` parts. Values
/// that are not finite leave a gap.
pub fn sparkline(values: &[f64], width: usize) -> String {
    let parts = values.len().min(width);
    let means: Vec<f64> =
        (0..parts).map(|part| mean(&values[part * values.len() / parts..(part + 1) * values.len() / parts])).collect();
    let top = means.iter().copied().filter(|mean| mean.is_finite()).fold(0.0, f64::max);
    means.into_iter().map(|mean| bar(mean, top)).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn bar(value: f64, top: f64) -> char {
    // No bar is as high as the row: it would touch the row above.
    const BARS: [char; 7] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇'];
    match (value / top * 6.0).round() {
        _ if !value.is_finite() => ' ',
        // 0/0: all values are zero.
        height if height.is_nan() => BARS[0],
        height => BARS[(height as usize).min(6)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_follow_the_values() {
        assert_eq!(sparkline(&[0.0, 1.0, 2.0, 3.0, 6.0], 10), "▁▂▃▄▇");
        assert_eq!(sparkline(&[0.0, 2.0, 6.0, 6.0], 2), "▂▇");
        assert_eq!(sparkline(&[1.0, f64::NAN, f64::INFINITY, 0.5], 9), "▇  ▄");
        assert_eq!(sparkline(&[0.0, 0.0], 5), "▁▁");
        assert_eq!(sparkline(&[], 5), "");
        assert_eq!(sparkline(&[1.0], 0), "");
        assert_eq!(sparkline(&[f64::MAX, f64::MIN_POSITIVE], 2), "▇▁");
    }
}
