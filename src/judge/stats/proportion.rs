//! The interval of a share.

/// The 97.5 % quantile of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// (low, high) of the 95 % interval of a share of `n` independent things, `n` above 0 (Wilson 1927): those shares from which the one
/// that was found lies no further than 1.96 of their standard errors. Unlike mean ± 1.96 standard errors it stays in [0, 1], and has a
/// width where nothing or everything was found.
pub fn wilson_95(share: f64, n: f64) -> (f64, f64) {
    let z2 = Z * Z / n;
    let middle = (share + z2 / 2.0) / (1.0 + z2);
    let half = Z / (1.0 + z2) * (share * (1.0 - share) / n + z2 / (4.0 * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_agrees_with_published_intervals() {
        // Newcombe 1998, table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
        for (found, n, low, high) in [
            (81.0, 263.0, 0.2553, 0.3662),
            (15.0, 148.0, 0.0624, 0.1605),
            (0.0, 20.0, 0.0, 0.1611),
            (1.0, 29.0, 0.0061, 0.1718),
        ] {
            let interval = wilson_95(found / n, n);
            assert!(
                (interval.0 - low).abs() < 5e-5 && (interval.1 - high).abs() < 5e-5,
                "{found} of {n}: {interval:?}"
            );
        }
        assert_eq!(wilson_95(1.0, 20.0).1, 1.0);
    }
}
