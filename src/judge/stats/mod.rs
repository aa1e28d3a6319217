//! Means, intervals, paired differences and exact tests.
//!
//! Sums run in the order of the samples, and every function used gives the same bits on all machines, so the same results
//! give the same table, bit for bit.
//!
//! ```
//! use ablate::judge::stats::{Difference, Direction, Summary};
//!
//! // Test accuracies of two cells, trained with the same five seeds.
//! let baseline = [0.751, 0.760, 0.746, 0.758, 0.753];
//! let dropout = [0.762, 0.769, 0.760, 0.766, 0.764];
//!
//! let summary = Summary::of(&baseline).expect("there are values");
//! assert!((summary.mean - 0.7536).abs() < 1e-12);
//! let (low, high) = summary.ci95.expect("there are two values or more");
//! assert!(low < 0.7536 && 0.7536 < high);
//!
//! // Paired by seed: what both cells owe to the seed cancels out.
//! let by_seed: Vec<f64> = dropout.iter().zip(&baseline).map(|(arm, versus)| arm - versus).collect();
//! let difference = Difference::of(&by_seed).expect("there are pairs");
//! assert_eq!(difference.n, 5);
//! assert!((difference.mean - 0.0106).abs() < 1e-12);
//! assert_eq!(difference.direction(), Direction::Up);
//! assert!(difference.p.is_some_and(|p| p < 0.05));
//! // All five pairs have the same sign: 2 of the 2⁵ ways to set the signs are as extreme.
//! assert_eq!(difference.p_sign_flip, Some(2.0 / 32.0));
//! ```

mod family;
mod student;

pub use family::{holm, margin_p, pairs_needed};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The least number of pairs for a verdict: what fewer pairs show is only described.
pub const PAIRS_FOR_A_VERDICT: usize = 5;

/// Mean and spread of a sample, in the unit of its values.
///
/// ```
/// use ablate::judge::stats::Summary;
///
/// let summary = Summary::of(&[1.0, 2.0, 3.0]).expect("there are values");
/// assert_eq!((summary.n, summary.mean, summary.sd), (3, 2.0, Some(1.0)));
/// // Student's t with 2 degrees of freedom: 4.303 standard errors on either side.
/// let (low, high) = summary.ci95.expect("there are two values or more");
/// assert!((low - (2.0 - 4.303 / 3f64.sqrt())).abs() < 1e-3);
/// assert!((high - (2.0 + 4.303 / 3f64.sqrt())).abs() < 1e-3);
///
/// assert_eq!(Summary::of(&[]), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Number of values, 1 or more.
    pub n: usize,
    /// Arithmetic mean, never outside the range of the values.
    pub mean: f64,
    /// Sample standard deviation (divisor n − 1); `None` for n < 2.
    pub sd: Option<f64>,
    /// (low, high) of the 95 % interval of the mean (Student's t); `None` for n < 2.
    pub ci95: Option<(f64, f64)>,
}

impl Summary {
    /// Summarises a sample; `None` for an empty one. The values have to be finite.
    pub fn of(values: &[f64]) -> Option<Summary> {
        let n = values.len();
        let (first, rest) = values.split_first()?;
        let (min, max) = rest.iter().fold((*first, *first), |(min, max), &x| (min.min(x), max.max(x)));
        // Rounding may move the mean of equal values away from their value; clamped, the standard deviation is exactly 0.
        let mean = (values.iter().sum::<f64>() / n as f64).clamp(min, max);
        if n < 2 {
            return Some(Summary { n, mean, sd: None, ci95: None });
        }
        let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
        let sd = (squares / (n - 1) as f64).sqrt();
        let half = student::quantile_95(n - 1) * sd / (n as f64).sqrt();
        Some(Summary { n, mean, sd: Some(sd), ci95: Some((mean - half, mean + half)) })
    }

    /// Half the width of [`ci95`](Self::ci95): the number behind ±.
    pub fn half_width(&self) -> Option<f64> {
        self.ci95.map(|(low, high)| (high - low) / 2.0)
    }
}

/// Mean of paired differences with its interval and tests, in the unit of the differences.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Number of pairs, 1 or more.
    pub n: usize,
    /// Arithmetic mean of the differences.
    pub mean: f64,
    /// (low, high) of the 95 % interval of the mean difference (Student's t); `None` for n < 2.
    pub ci95: Option<(f64, f64)>,
    /// Two-sided p of the paired t test, which is below .05 exactly where the interval excludes 0; `None` for n < 2.
    pub p: Option<f64>,
    /// Two-sided p of [`sign_flip_p`], which assumes no distribution; `None` for n < 2.
    pub p_sign_flip: Option<f64>,
    /// Share of the pairs, in [0, 1], with a difference above 0.
    pub improved: f64,
}

/// The sign of a mean difference, as far as its 95 % interval shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The whole interval is below 0.
    Down,
    /// The interval contains 0, or there is none.
    Neither,
    /// The whole interval is above 0.
    Up,
}

impl Difference {
    /// Summarises and tests paired differences, one a pair; `None` without pairs. The differences have to be finite.
    pub fn of(differences: &[f64]) -> Option<Difference> {
        let Summary { n, mean, sd, ci95 } = Summary::of(differences)?;
        let improved = differences.iter().filter(|&&d| d > 0.0).count() as f64 / n as f64;
        let p = sd.map(|sd| t_test_p(mean, sd, n));
        let p_sign_flip = (n >= 2).then(|| sign_flip_p(differences));
        Some(Difference { n, mean, ci95, p, p_sign_flip, improved })
    }

    /// Half the width of [`ci95`](Self::ci95): the number behind ±.
    pub fn half_width(&self) -> Option<f64> {
        self.ci95.map(|(low, high)| (high - low) / 2.0)
    }

    /// On which side of 0 the whole interval lies.
    pub fn direction(&self) -> Direction {
        match self.ci95 {
            Some((low, _)) if low > 0.0 => Direction::Up,
            Some((_, high)) if high < 0.0 => Direction::Down,
            _ => Direction::Neither,
        }
    }
}

/// The difference, or 0 if it is below 10⁻¹² in magnitude: that is the rounding of a subtraction, and must not look like
/// an effect that all seeds agree on. Shares of at most 60,000 and of at most 10,000 images differ by 1/(6 · 10⁸) or more.
pub fn without_rounding(difference: f64) -> f64 {
    if difference.abs() < 1e-12 { 0.0 } else { difference }
}

/// The largest number of pairs for which all 2ⁿ ways to set the signs are counted.
const EXACT_PAIRS: usize = 20;
/// The number of random ways to set the signs that are drawn with more pairs; at p = .05 the standard error is .002.
const DRAWS: usize = 10_000;

/// Two-sided p of Fisher's sign-flip test (The Design of Experiments, 1935, section 21), in (0, 1]. If neither side were
/// better, each difference could as well have had the other sign; so p is the share of all 2ⁿ ways to set the signs whose
/// mean is at least as far from 0 as the observed one. The differences have to be finite; 1 without any.
///
/// The smallest p that n pairs can give is 2/2ⁿ: five pairs cannot go below .0625, nor six below .03125. Exact up to
/// 20 pairs; with more, an estimate from 10,000 random draws, the same in every call, with the observed signs counted among
/// them.
pub fn sign_flip_p(differences: &[f64]) -> f64 {
    let observed: f64 = differences.iter().sum();
    let size: f64 = differences.iter().map(|d| d.abs()).sum();
    // Sums that are equal but for rounding have to count as equal.
    let threshold = observed.abs() - 1e-12 * size;
    if threshold <= 0.0 {
        return 1.0;
    }
    if differences.len() > EXACT_PAIRS {
        return sampled_p(differences, threshold);
    }
    // Each half of the differences has few sums; the sums of all differences are those of every pair of them. Turning all
    // signs round turns a sum round, so both tails are equally heavy and the upper one is half of p.
    let (left, right) = differences.split_at(differences.len() / 2);
    let mut right = flipped_sums(right);
    right.sort_by(f64::total_cmp);
    let reaching = |a: &f64| right.len() - right.partition_point(|b| a + b < threshold);
    let upper: usize = flipped_sums(left).iter().map(reaching).sum();
    2.0 * upper as f64 / (1u64 << differences.len()) as f64
}

/// The sums under each of the 2ⁿ ways to set the signs.
fn flipped_sums(differences: &[f64]) -> Vec<f64> {
    differences.iter().fold(vec![0.0], |sums, d| sums.iter().flat_map(|sum| [sum - d, sum + d]).collect())
}

/// An estimate of the share of ways to set the signs whose sum is at least `threshold` from 0.
fn sampled_p(differences: &[f64], threshold: f64) -> f64 {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut flipped_sum = || -> f64 {
        let signed = differences.chunks(64).map(|chunk| {
            let signs = rng.next_u64();
            let with_sign = |(bit, d): (usize, &f64)| if signs >> bit & 1 == 1 { *d } else { -d };
            chunk.iter().enumerate().map(with_sign).sum::<f64>()
        });
        signed.sum()
    };
    let reaching = (0..DRAWS).filter(|_| flipped_sum().abs() >= threshold).count();
    (1 + reaching) as f64 / (1 + DRAWS) as f64
}

/// Two-sided p of Student's t test of a mean against 0: 0 for equal values that are not 0.
fn t_test_p(mean: f64, sd: f64, n: usize) -> f64 {
    match (mean == 0.0, sd == 0.0) {
        (true, _) => 1.0,
        (false, true) => 0.0,
        (false, false) => student::two_sided_tail((mean / sd).abs() * (n as f64).sqrt(), (n - 1) as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64, tolerance: f64) {
        assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{a} is not near {b}");
    }

    #[test]
    fn a_summary_agrees_with_numpy_and_scipy() {
        // numpy 2 and scipy 1.17.1: mean, std(ddof=1), t.interval(0.95, 4, mean, sd/sqrt(5)).
        let summary = Summary::of(&[0.7412, 0.7533, 0.7391, 0.7467, 0.7580]).unwrap();
        near(summary.mean, 0.74766, 1e-14);
        near(summary.sd.unwrap(), 0.007978909699952753, 1e-14);
        near(summary.ci95.unwrap().0, 0.7377528750806499, 1e-13);
        near(summary.ci95.unwrap().1, 0.7575671249193501, 1e-13);
    }

    #[test]
    fn small_and_constant_samples_have_no_false_precision() {
        assert_eq!(Summary::of(&[]), None);
        assert_eq!(Summary::of(&[0.1]), Some(Summary { n: 1, mean: 0.1, sd: None, ci95: None }));
        let constant = Summary::of(&[0.1; 3]).unwrap();
        assert_eq!((constant.mean, constant.sd, constant.ci95), (0.1, Some(0.0), Some((0.1, 0.1))));

        assert_eq!(Difference::of(&[]), None);
        let single = Difference { n: 1, mean: 0.1, ci95: None, p: None, p_sign_flip: None, improved: 1.0 };
        assert_eq!(Difference::of(&[0.1]), Some(single));
        let none =
            Difference { n: 4, mean: 0.0, ci95: Some((0.0, 0.0)), p: Some(1.0), p_sign_flip: Some(1.0), improved: 0.0 };
        assert_eq!(Difference::of(&[0.0; 4]), Some(none));
        assert_eq!(none.direction(), Direction::Neither);
    }

    #[test]
    fn flips_are_counted_exactly() {
        // scipy 1.17.1: permutation_test((d,), sum, permutation_type="samples", n_resamples=inf).
        assert_eq!(sign_flip_p(&[0.031, 0.012, -0.004, 0.027, 0.019, 0.008]), 0.0625);
        assert_eq!(sign_flip_p(&[0.02, -0.01, 0.03, 0.01, -0.02, 0.04, 0.015, 0.005, -0.003, 0.011]), 0.125);
        assert_eq!(sign_flip_p(&[0.01, -0.01, 0.02, -0.02]), 1.0);
        // Five pairs that all agree: the two extremes of 32 ways.
        assert_eq!(sign_flip_p(&[0.1, 0.2, 0.3, 0.4, 0.5]), 0.0625);
        // Pairs that all agree, as many as are still counted exactly.
        assert_eq!(sign_flip_p(&[0.1; 20]), 2.0 / (1 << 20) as f64);
    }

    #[test]
    fn many_pairs_are_sampled_close_to_the_t_test() {
        let differences: Vec<f64> = (0..30).map(|i| (37 * i % 23 - 8) as f64 / 100.0).collect();
        // scipy 1.17.1: ttest_1samp(d, 0).pvalue; four standard errors of the sampling.
        assert!((sign_flip_p(&differences) - 0.0486887794).abs() < 0.009);
        assert_eq!(sign_flip_p(&[0.1; 21]), 1.0 / 10_001.0);
    }

    #[test]
    fn a_difference_knows_its_direction() {
        let up = Difference::of(&[0.031, 0.012, -0.004, 0.027, 0.019, 0.008]).unwrap();
        assert_eq!(up.direction(), Direction::Up);
        near(up.ci95.unwrap().0, 0.0019504893980363588, 1e-13);
        near(up.improved, 5.0 / 6.0, 1e-15);
    }
}
