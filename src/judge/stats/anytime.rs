//! Tests and intervals that hold however often one looks, and whatever decides when to stop.
//!
//! After n values with mean x̄ and standard deviation s, the evidence that their true mean is not μ is the scale-invariant Bayes
//! factor of t = √n (x̄ − μ)/s, with ν = n − 1 degrees of freedom and the standardised effect δ ~ N(0, g) under the alternative:
//!
//! eₙ = (1 + n g)^(−1/2) · [(1 + t²/ν) / (1 + t²/(ν (1 + n g)))]^((ν + 1)/2)
//!
//! If the values are normal with mean μ, it is 1 on average at every n, and the chance that it ever reaches 1/α is at most α (Ville
//! 1939; Grünwald, de Heide & Koolen, "Safe testing", 2024; Pérez-Ortiz et al., "E-statistics, group invariance and anytime-valid
//! testing", 2024). So p = 1 / (the largest e so far) can be read after any number of values. It holds if the values come in an
//! order that was fixed before they were known, and if none is left out.
//!
//! ```
//! use ablate::judge::stats::{Difference, Direction, Inference};
//!
//! let differences = [0.011, 0.009, 0.014, 0.010, 0.012, 0.008, 0.013];
//! let looked = Difference::of(&differences, Inference::Anytime).expect("there are pairs");
//! assert!(looked.p.is_some_and(|p| p < 0.01) && looked.side == Direction::Up);
//! // The freedom to stop at any time has a price: the interval is wider than one for a number of pairs fixed beforehand.
//! let fixed = Difference::of(&differences, Inference::Fixed).expect("there are pairs");
//! assert!(looked.half_width() > fixed.half_width());
//! // A later value never takes evidence back.
//! let more = Difference::of(&[&differences[..], &[-0.05]].concat(), Inference::Anytime).expect("there are pairs");
//! assert!(more.p <= looked.p);
//! ```

use super::{Direction, is_constant};

/// The variance g of the standardised effect under the alternative. With 1, the least number of values that can decide at level
/// .05, .01 and .005 is 5, 6 and 7.
const PRIOR: f64 = 1.0;

/// The strongest evidence, among all numbers of values so far, that a mean is not what it is tested against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// 1 / (the largest e), at most 1.
    pub p: f64,
    /// On which side the mean was when e was largest.
    pub side: Direction,
}

/// The running mean and sum of squares of a sequence (Welford 1962).
#[derive(Clone, Copy, Debug, Default)]
pub struct Moments {
    /// Number of values.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// The sum of their squared distances from the mean.
    pub squares: f64,
}

impl Moments {
    /// The moments with one more value.
    pub fn and(self, value: f64) -> Moments {
        let n = self.n + 1;
        let from_mean = value - self.mean;
        let mean = self.mean + from_mean / n as f64;
        Moments { n, mean, squares: self.squares + from_mean * (value - mean) }
    }

    /// ln e against a mean of `null`. 0, which is no evidence, with fewer than 2 values and for values without any spread.
    pub fn ln_e(self, null: f64) -> f64 {
        if self.n < 2 || self.squares <= 0.0 {
            return 0.0;
        }
        let n = self.n as f64;
        // t²/ν = n (x̄ − μ)² / Σ(x − x̄)².
        let ratio = n * (self.mean - null) * (self.mean - null) / self.squares;
        let inflation = 1.0 + n * PRIOR;
        0.5 * n * (libm::log1p(ratio) - libm::log1p(ratio / inflation)) - 0.5 * libm::log(inflation)
    }

    /// Half the width of the interval of all means that these values alone have less evidence against than 1/`alpha`: e solved for
    /// |x̄ − μ|. `None` if they cannot exclude any.
    fn half_width(self, alpha: f64) -> Option<f64> {
        let n = self.n as f64;
        let inflation = 1.0 + n * PRIOR;
        // (1 + r)/(1 + r/inflation) = bound, for r = t²/ν.
        let bound = libm::exp(2.0 / n * (0.5 * libm::log(inflation) - libm::log(alpha)));
        let ratio = (bound - 1.0) / (1.0 - bound / inflation);
        (self.n >= 2 && bound < inflation).then(|| (ratio * self.squares / n).sqrt())
    }
}

/// The moments after each value, leaving out those of values that are all equal: a spread of zero is no sample of a normal
/// distribution, and would count as certainty.
fn looks(values: &[f64]) -> impl Iterator<Item = Moments> + '_ {
    let start = (Moments::default(), (f64::INFINITY, f64::NEG_INFINITY));
    let running = values.iter().scan(start, |(moments, ends), &value| {
        *moments = moments.and(value);
        *ends = (ends.0.min(value), ends.1.max(value));
        Some((*moments, *ends))
    });
    running.filter(|&(_, ends)| !is_constant(&<[f64; 2]>::from(ends))).map(|(moments, _)| moments)
}

/// The evidence against a mean of `null` in values that stand in the order planned for them. The values have to be finite.
pub fn evidence(values: &[f64], null: f64) -> Evidence {
    let none = Evidence { p: 1.0, side: Direction::Neither };
    looks(values).fold(none, |strongest, moments| {
        let p = libm::exp(-moments.ln_e(null));
        if p < strongest.p { Evidence { p, side: Direction::of(moments.mean - null) } } else { strongest }
    })
}

/// (low, high): the means that no number of values so far has evidence of 1/.05 against. The chance that the true mean is ever
/// outside is at most 5 %. Where that leaves no mean, or not that of all values, it is what all values together say alone, which holds as
/// well. `None` while nothing can be
/// excluded.
pub fn interval_95(values: &[f64]) -> Option<(f64, f64)> {
    let mut interval: Option<(f64, f64)> = None;
    let mut newest = None;
    for moments in looks(values) {
        let Some(half) = moments.half_width(0.05) else { continue };
        let (low, high) = (moments.mean - half, moments.mean + half);
        newest = Some((moments.mean, (low, high)));
        interval = match interval {
            Some((lowest, highest)) if low.max(lowest) <= high.min(highest) => {
                Some((low.max(lowest), high.min(highest)))
            }
            _ => Some((low, high)),
        };
    }
    let (mean, alone) = newest?;
    interval.filter(|&(low, high)| low <= mean && mean <= high).or(Some(alone))
}

/// The evidence that one sign is more frequent than the other, which assumes nothing but that without an effect both are equally
/// likely: e = 2ⁿ B(k + 1, n − k + 1) of k positive among n signs, the mean likelihood over all frequencies. Values without a sign
/// ([`Direction::Neither`]) are passed over.
pub fn evidence_of_signs(signs: impl Iterator<Item = Direction>) -> Evidence {
    let (mut up, mut down) = (0.0, 0.0);
    let mut strongest = Evidence { p: 1.0, side: Direction::Neither };
    for sign in signs {
        match sign {
            Direction::Up => up += 1.0,
            Direction::Down => down += 1.0,
            Direction::Neither => continue,
        }
        let ln_beta = libm::lgamma(up + 1.0) + libm::lgamma(down + 1.0) - libm::lgamma(up + down + 2.0);
        let p = libm::exp(-((up + down) * std::f64::consts::LN_2 + ln_beta));
        if p < strongest.p {
            strongest = Evidence { p, side: Direction::of(up - down) };
        }
    }
    strongest
}

/// The |mean|/sd at which n values have evidence of 1/`alpha` against a mean of 0, as a multiple of 1/√n: the t that decides. `None`
/// if no t does.
pub fn critical_t(alpha: f64, n: usize) -> Option<f64> {
    let moments = Moments { n, mean: 0.0, squares: (n - 1) as f64 };
    Some(moments.half_width(alpha)? * (n as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64, tolerance: f64) {
        assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{a} is not near {b}");
    }

    const DIFFERENCES: [f64; 6] = [0.031, 0.012, -0.004, 0.027, 0.019, 0.008];

    #[test]
    fn e_is_the_bayes_factor_of_the_t_statistic() {
        // By numerical integration with scipy 1.17.1: the mean over δ ~ N(0, 1) of the noncentral t density of t at √n δ, divided by
        // the central one: quad(lambda d: norm.pdf(d) * nct.pdf(t, 5, d * sqrt(6)), -10, 10)[0] / t.pdf(t, 5), t = 2.8767....
        let moments = DIFFERENCES.iter().fold(Moments::default(), |moments, &value| moments.and(value));
        near(libm::exp(moments.ln_e(0.0)), 3.962882830370713, 1e-10);
        assert_eq!(Moments::default().and(0.3).ln_e(0.0), 0.0);
    }

    #[test]
    fn nothing_is_decidable_before_5_6_or_7_values() {
        // As t grows, e tends to (1 + n)^((n − 1)/2): 11 with 4 values, 36 with 5, 130 with 6, 512 with 7.
        let fewest = |level: f64| (2..).find(|&n| critical_t(level, n).is_some()).unwrap();
        assert_eq!([0.05, 0.01, 0.005].map(fewest), [5, 6, 7]);
    }

    #[test]
    fn the_interval_holds_what_the_evidence_does_not_exclude() {
        let (low, high) = interval_95(&[0.031, 0.012, 0.014, 0.027, 0.019, 0.018]).unwrap();
        let evidence = |null: f64| evidence(&[0.031, 0.012, 0.014, 0.027, 0.019, 0.018], null);
        for (end, side) in [(low, Direction::Up), (high, Direction::Down)] {
            near(evidence(end).p, 0.05, 1e-9);
            assert_eq!(evidence(end).side, side);
        }
        assert!(evidence(low - 1e-6).p < 0.05 && evidence(high + 1e-6).p < 0.05);
        assert!(evidence(low + 1e-6).p > 0.05 && evidence(high - 1e-6).p > 0.05);
        assert_eq!(interval_95(&[0.1, 0.2, 0.3, 0.4]), None, "four values exclude nothing at this level");
    }

    #[test]
    fn the_interval_holds_the_mean() {
        // Five values that happen to be close to each other exclude what the mean of all then is.
        let values = [0.500, 0.501, 0.499, 0.502, 0.498, 0.55, 0.56, 0.58, 0.54, 0.57, 0.55, 0.56];
        let (low, high) = interval_95(&values).unwrap();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        assert!(low < mean && mean < high && interval_95(&values[..5]).unwrap().1 < mean, "{low} {high}");
    }

    #[test]
    fn equal_values_are_no_evidence() {
        assert_eq!(evidence(&[0.01; 20], 0.0), Evidence { p: 1.0, side: Direction::Neither });
        // The same but for the rounding of a subtraction.
        assert_eq!(evidence(&[0.3 - 0.2, 0.2 - 0.1, 0.9 - 0.8, 0.6 - 0.5, 0.7 - 0.6, 0.5 - 0.4], 0.0).p, 1.0);
    }

    #[test]
    fn signs_are_weighed_by_their_number_alone() {
        let p = |up: usize, down: usize| {
            let signs = std::iter::repeat_n(Direction::Up, up).chain(std::iter::repeat_n(Direction::Down, down));
            evidence_of_signs(signs).p
        };
        // By hand: 2ⁿ k! (n − k)!/(n + 1)! = 32/6, 256/9 and, with one of nine down, 512 · 8!/10! = 512/90, less than before it.
        near(p(5, 0), 6.0 / 32.0, 1e-12);
        near(p(8, 0), 9.0 / 256.0, 1e-12);
        near(p(8, 1), 9.0 / 256.0, 1e-12);
        assert_eq!(evidence_of_signs([Direction::Neither; 9].into_iter()).p, 1.0);
    }
}
