//! Student's t distribution. `freedom` is the number of degrees of freedom, 1 or more.

use std::sync::OnceLock;

/// The 97.5 % quantile: a mean ± this many standard errors covers 95 %.
pub fn quantile_95(freedom: usize) -> f64 {
    // One table needs the same few quantiles many times.
    static KNOWN: [OnceLock<f64>; 128] = [const { OnceLock::new() }; 128];
    match KNOWN.get(freedom) {
        Some(known) => *known.get_or_init(|| quantile(0.05, freedom)),
        None => quantile(0.05, freedom),
    }
}

/// The t that |T| exceeds with probability `alpha`, which is in (0, 1).
pub fn quantile(alpha: f64, freedom: usize) -> f64 {
    quantile_of(alpha, freedom as f64)
}

/// The same, where `freedom` is no whole number.
pub fn quantile_of(alpha: f64, freedom: f64) -> f64 {
    let exceeded = |t: f64| two_sided_tail(t, freedom) > alpha;
    let mut high = 1.0;
    while exceeded(high) && high < 1e15 {
        high *= 2.0;
    }
    let mut low = if high > 1.0 { high / 2.0 } else { 0.0 };
    for _ in 0..56 {
        let middle = (low + high) / 2.0;
        if exceeded(middle) { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

/// P(T > t).
pub fn upper_tail(t: f64, freedom: usize) -> f64 {
    let half = two_sided_tail(t, freedom as f64) / 2.0;
    if t >= 0.0 { half } else { 1.0 - half }
}

/// P(|T| > |t|) (Abramowitz & Stegun 26.7.1 with 26.5.2).
pub fn two_sided_tail(t: f64, freedom: f64) -> f64 {
    incomplete_beta(freedom / (freedom + t * t), freedom / 2.0, 0.5)
}

/// The regularised incomplete beta function I_x(a, b), for x in (0, 1).
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    // The fraction converges fast for small x only; large x follow from I_x(a, b) = 1 − I_{1−x}(b, a).
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(1.0 - x, b, a);
    }
    let ln_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    libm::exp(a * libm::log(x) + b * libm::log(1.0 - x) - ln_beta) / a / beta_fraction(x, a, b)
}

/// The continued fraction 1 + d₁/(1 + d₂/(1 + …)) of the incomplete beta function (Abramowitz & Stegun 26.5.8, from
/// its reciprocal), evaluated from the front as a product of ratios (Lentz 1976).
fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    let (mut value, mut c, mut d) = (1.0, 1.0, 0.0);
    for i in 1..100_000 {
        let m = (i / 2) as f64;
        let numerator = match i % 2 {
            0 => m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
            _ => -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        };
        c = 1.0 + numerator / c;
        d = 1.0 / (1.0 + numerator * d);
        value *= c * d;
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64, tolerance: f64) {
        assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{a} is not near {b}");
    }

    #[test]
    fn t_quantiles_are_the_published_ones() {
        // scipy 1.17.1: scipy.stats.t.ppf(0.975, freedom); the first four digits are in every printed table, e.g.
        // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2.
        let expected = [
            (1, 12.7062047361747),
            (2, 4.30265272974946),
            (3, 3.18244630528371),
            (4, 2.77644510519780),
            (5, 2.57058183563631),
            (9, 2.26215716279821),
            (19, 2.09302405440831),
            (99, 1.98421695158642),
            (127, 1.97881953470285),
            (128, 1.97867084983784),
            (1_000_000, 1.95996635681411),
        ];
        for (freedom, quantile) in expected {
            near(quantile_95(freedom), quantile, 1e-10);
        }
    }

    #[test]
    fn tails_and_other_quantiles_agree_with_scipy() {
        // scipy 1.17.1: t.sf(t, freedom), t.ppf(1 - alpha / 2, freedom).
        near(upper_tail(-1.3, 4), 0.868274201764388, 1e-13);
        near(upper_tail(2.5, 9), 0.016930913841492867, 1e-13);
        assert_eq!(upper_tail(0.0, 3), 0.5);
        near(quantile(0.0125, 4), 4.314656048886743, 1e-10);
        near(quantile(0.0005, 1), 1273.2392829359044, 1e-10);
        near(quantile(0.2, 30), 1.3104150253913955, 1e-10);
    }
}
