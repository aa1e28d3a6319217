//! Means, intervals, paired differences and exact tests.
//!
//! Sums run in the order of the samples, and every function used gives the same bits on all machines, so the same results
//! give the same table, bit for bit.
//!
//! ```
//! use ablate::judge::stats::{Difference, Direction, Inference, Summary};
//!
//! // Test accuracies of two cells, trained with the same five seeds.
//! let baseline = [0.751, 0.760, 0.746, 0.758, 0.753];
//! let dropout = [0.762, 0.769, 0.760, 0.766, 0.764];
//!
//! let summary = Summary::of(&baseline, Inference::Fixed).expect("there are values");
//! assert!((summary.mean - 0.7536).abs() < 1e-12);
//! let (low, high) = summary.ci95.expect("there are two values or more");
//! assert!(low < 0.7536 && 0.7536 < high);
//!
//! // Paired by seed: what both cells owe to the seed cancels out.
//! let by_seed: Vec<f64> = dropout.iter().zip(&baseline).map(|(arm, versus)| arm - versus).collect();
//! let difference = Difference::of(&by_seed, Inference::Fixed).expect("there are pairs");
//! assert_eq!(difference.n, 5);
//! assert!((difference.mean - 0.0106).abs() < 1e-12);
//! assert_eq!(difference.side, Direction::Up);
//! assert!(difference.p.is_some_and(|p| p < 0.05));
//! // All five pairs have the same sign: 2 of the 2⁵ ways to set the signs are as extreme.
//! assert_eq!(difference.p_signs, Some(2.0 / 32.0));
//! ```

mod anytime;
mod chance;
mod family;
mod proportion;
mod signs;
mod student;
mod welch;

pub use anytime::{Evidence, Moments, critical_t, evidence, evidence_of_signs, interval_95};
pub use chance::{chance_by_signs, chance_to_decide};
pub use family::{Margin, holm, pairs_needed};
pub use proportion::wilson_95;
pub use signs::{sign_flip_p, sign_test_p};
pub use student::quantile;
pub use welch::unpaired;

/// The least number of pairs for a verdict: what fewer pairs show is only described.
pub const PAIRS_FOR_A_VERDICT: usize = 5;

/// Which tests and intervals hold, by how the number of seeds was decided on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inference {
    /// The number was fixed before the first trial: Student's t.
    #[default]
    Fixed,
    /// What was seen may have had a say in it: evidence that holds at any number of values. The values have to stand in the order in
    /// which their seeds were planned.
    Anytime,
}

/// Mean and spread of a sample, in the unit of its values.
///
/// ```
/// use ablate::judge::stats::{Inference, Summary};
///
/// let summary = Summary::of(&[1.0, 2.0, 6.0], Inference::Fixed).expect("there are values");
/// assert_eq!((summary.n, summary.mean, summary.median), (3, 3.0, 2.0));
/// let summary = Summary::of(&[1.0, 2.0, 3.0], Inference::Fixed).expect("there are values");
/// assert_eq!((summary.mean, summary.sd), (2.0, Some(1.0)));
/// // Student's t with 2 degrees of freedom: 4.303 standard errors on either side.
/// let (low, high) = summary.ci95.expect("there are two values or more");
/// assert!((low - (2.0 - 4.303 / 3f64.sqrt())).abs() < 1e-3);
/// assert!((high - (2.0 + 4.303 / 3f64.sqrt())).abs() < 1e-3);
///
/// assert_eq!(Summary::of(&[], Inference::Fixed), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Number of values, 1 or more.
    pub n: usize,
    /// Arithmetic mean, never outside the range of the values.
    pub mean: f64,
    /// The middle value, or the mean of the two in the middle.
    pub median: f64,
    /// Sample standard deviation (divisor n − 1); `None` for n < 2.
    pub sd: Option<f64>,
    /// (low, high) of the 95 % interval of the mean: Student's t, or [`interval_95`]. `None` for n < 2, and while that interval
    /// excludes nothing.
    pub ci95: Option<(f64, f64)>,
    /// The place of the one value that makes most of the spread: without it, the standard deviation is less than half of what it is, and
    /// among normal values one as far from the others would be found in 1 % of samples at most (Grubbs 1969). `None` if there is no such
    /// value, and for n < 5.
    pub outlier: Option<usize>,
}

impl Summary {
    /// Summarises a sample; `None` for an empty one. The values have to be finite.
    pub fn of(values: &[f64], inference: Inference) -> Option<Summary> {
        let n = values.len();
        let (first, rest) = values.split_first()?;
        let (min, max) = rest.iter().fold((*first, *first), |(min, max), &x| (min.min(x), max.max(x)));
        // Rounding may move the mean of equal values away from their value; clamped, the standard deviation is exactly 0.
        let mean = (values.iter().sum::<f64>() / n as f64).clamp(min, max);
        let median = median(values);
        if n < 2 {
            return Some(Summary { n, mean, median, sd: None, ci95: None, outlier: None });
        }
        let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
        let sd = (squares / (n - 1) as f64).sqrt();
        let half = student::quantile_95(n - 1) * sd / (n as f64).sqrt();
        let ci95 = match inference {
            Inference::Fixed => Some((mean - half, mean + half)),
            Inference::Anytime => interval_95(values),
        };
        Some(Summary { n, mean, median, sd: Some(sd), ci95, outlier: outlier(values, mean, squares) })
    }

    /// Half the width of [`ci95`](Self::ci95): the number behind ±.
    pub fn half_width(&self) -> Option<f64> {
        self.ci95.map(|(low, high)| (high - low) / 2.0)
    }

    /// The median in place of the mean, without an interval.
    pub fn at_median(self) -> Summary {
        Summary { mean: self.median, ci95: None, ..self }
    }
}

/// The fewest values of which one can be said to make most of the spread.
const VALUES_FOR_AN_OUTLIER: usize = 5;

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { sorted[middle - 1].midpoint(sorted[middle]) }
}

/// In how many samples of normal values one may be called an outlier.
const FALSE_OUTLIERS: f64 = 0.01;

/// The place of the value without which the standard deviation is less than half of that of all, if that is no accident.
fn outlier(values: &[f64], mean: f64, squares: f64) -> Option<usize> {
    let n = values.len() as f64;
    if values.len() < VALUES_FOR_AN_OUTLIER || is_constant(values) {
        return None;
    }
    // Without x, the sum of squares about the mean of the others is smaller by n/(n − 1) (x − x̄)².
    let left = |x: f64| squares - n / (n - 1.0) * (x - mean) * (x - mean);
    // The distance from the mean of the others in standard errors has Student's t distribution with n − 2 degrees of freedom.
    let t = |x: f64| (n / (n - 1.0) * (x - mean) * (x - mean) / (left(x).max(0.0) / (n - 2.0))).sqrt();
    let makes_most = |&x: &f64| {
        left(x) / (n - 2.0) < squares / (n - 1.0) / 4.0 && n * student::two_sided_tail(t(x), n - 2.0) < FALSE_OUTLIERS
    };
    values.iter().position(makes_most)
}

/// Mean of paired differences with its interval and tests, in the unit of the differences; or of two samples, see [`unpaired`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Number of pairs, 1 or more; of two samples that are not paired, the size of the smaller.
    pub n: usize,
    /// Arithmetic mean of the differences.
    pub mean: f64,
    /// The middle difference.
    pub median: f64,
    /// (low, high) of the 95 % interval of the mean difference: Student's t, or [`interval_95`]. `None` for n < 2, and while that
    /// interval excludes nothing.
    pub ci95: Option<(f64, f64)>,
    /// Two-sided p of the paired t test, or of [`evidence`]. `None` for n < 2, and if all differences are equal: without a spread there
    /// is nothing to test, the differences are only compared.
    pub p: Option<f64>,
    /// Two-sided p of a test that assumes no distribution: [`sign_flip_p`], or [`evidence_of_signs`]; `None` for n < 2.
    pub p_signs: Option<f64>,
    /// On which side of 0 the mean is; with evidence that grows, where it was when that was strongest. It says which way a small p
    /// points, and nothing without one.
    pub side: Direction,
    /// Share of the pairs, in [0, 1], with a difference above 0.
    pub improved: f64,
}

/// A change, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Below 0.
    Down,
    /// Neither.
    Neither,
    /// Above 0.
    Up,
}

impl Direction {
    /// The sign of a number.
    pub fn of(number: f64) -> Direction {
        match number {
            _ if number > 0.0 => Direction::Up,
            _ if number < 0.0 => Direction::Down,
            _ => Direction::Neither,
        }
    }
}

impl Difference {
    /// Summarises and tests paired differences, one a pair; `None` without pairs. The differences have to be finite.
    pub fn of(differences: &[f64], inference: Inference) -> Option<Difference> {
        let Summary { n, mean, median, sd, ci95, .. } = Summary::of(differences, inference)?;
        let improved = differences.iter().filter(|&&d| d > 0.0).count() as f64 / n as f64;
        let (p, side, p_signs) = match inference {
            Inference::Fixed => (sd.map(|sd| t_test_p(mean, sd, n)), Direction::of(mean), sign_flip_p(differences)),
            Inference::Anytime => {
                let strongest = evidence(differences, 0.0);
                let signs = differences.iter().map(|&difference| Direction::of(difference));
                (Some(strongest.p), strongest.side, evidence_of_signs(signs).p)
            }
        };
        let p = p.filter(|_| n >= 2 && !is_constant(differences));
        let p_signs = Some(p_signs).filter(|_| n >= 2);
        Some(Difference { n, mean, median, ci95, p, p_signs, side, improved })
    }

    /// Half the width of [`ci95`](Self::ci95): the number behind ±.
    pub fn half_width(&self) -> Option<f64> {
        self.ci95.map(|(low, high)| (high - low) / 2.0)
    }

    /// The median in place of the mean, without an interval.
    pub fn at_median(self) -> Difference {
        Difference { mean: self.median, ci95: None, ..self }
    }

    /// Whether there are several pairs, which all have the same difference.
    pub fn is_constant(&self) -> bool {
        self.n >= 2 && self.p.is_none()
    }
}

/// Whether all values are equal but for the rounding of a subtraction.
pub fn is_constant(values: &[f64]) -> bool {
    let (min, max) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), &x| (min.min(x), max.max(x)));
    max - min <= ROUNDING * min.abs().max(max.abs()).max(1.0)
}

/// What the rounding of a subtraction of numbers near 1 may come to.
const ROUNDING: f64 = 1e-12;

/// The difference, or 0 if it is below 10⁻¹² in magnitude: that is the rounding of a subtraction, and must not look like
/// an effect that all seeds agree on. Shares of at most 60,000 and of at most 10,000 images differ by 1/(6 · 10⁸) or more.
pub fn without_rounding(difference: f64) -> f64 {
    if difference.abs() < ROUNDING { 0.0 } else { difference }
}

/// Two-sided p of Student's t test of a mean against 0, for values that are not all equal.
fn t_test_p(mean: f64, sd: f64, n: usize) -> f64 {
    if mean == 0.0 { 1.0 } else { student::two_sided_tail((mean / sd).abs() * (n as f64).sqrt(), (n - 1) as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64, tolerance: f64) {
        assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{a} is not near {b}");
    }

    #[test]
    fn a_summary_agrees_with_numpy_and_scipy() {
        // numpy 2 and scipy 1.17.1: mean, median, std(ddof=1), t.interval(0.95, 4, mean, sd/sqrt(5)).
        let summary = Summary::of(&[0.7412, 0.7533, 0.7391, 0.7467, 0.7580], Inference::Fixed).unwrap();
        near(summary.mean, 0.74766, 1e-14);
        assert_eq!(summary.median, 0.7467);
        near(summary.sd.unwrap(), 0.007978909699952753, 1e-14);
        near(summary.ci95.unwrap().0, 0.7377528750806499, 1e-13);
        near(summary.ci95.unwrap().1, 0.7575671249193501, 1e-13);
    }

    #[test]
    fn small_and_constant_samples_have_no_false_precision() {
        for inference in [Inference::Fixed, Inference::Anytime] {
            assert_eq!(Summary::of(&[], inference), None);
            let one = Summary::of(&[0.1], inference).unwrap();
            assert_eq!((one.n, one.mean, one.median, one.sd, one.ci95, one.outlier), (1, 0.1, 0.1, None, None, None));
            assert_eq!(Difference::of(&[], inference), None);
            let one = Difference::of(&[0.1], inference).unwrap();
            assert_eq!((one.n, one.ci95, one.p, one.p_signs, one.improved), (1, None, None, None, 1.0));
            // Five equal differences are no certainty: they are compared and not tested.
            for equal in [0.0, 0.1] {
                let equal = Difference::of(&[equal; 5], inference).unwrap();
                assert!(equal.is_constant() && equal.p.is_none());
            }
            assert!(!Difference::of(&[0.1, 0.2], inference).unwrap().is_constant());
        }
        let constant = Summary::of(&[0.1; 3], Inference::Fixed).unwrap();
        assert_eq!((constant.mean, constant.sd, constant.ci95), (0.1, Some(0.0), Some((0.1, 0.1))));
        let rounded = [0.3 - 0.2, 0.2 - 0.1, 0.9 - 0.8, 0.6 - 0.5, 0.7 - 0.6];
        assert!(Difference::of(&rounded, Inference::Fixed).unwrap().is_constant());
    }

    #[test]
    fn the_value_that_makes_most_of_the_spread_is_found() {
        let outlier = |values: &[f64]| Summary::of(values, Inference::Fixed).unwrap().outlier;
        // numpy 2: the standard deviation is .0289, without the fourth value .0027.
        assert_eq!(outlier(&[0.751, 0.752, 0.749, 0.680, 0.754, 0.747]), Some(3));
        assert_eq!(outlier(&[0.751, 0.760, 0.746, 0.738, 0.753, 0.741]), None);
        // scipy 1.17.1: 6 · 2 · t.sf(4.865, 4) = .049: the standard deviation is less than half without the fifth, and it may be chance.
        assert_eq!(outlier(&[0.751, 0.752, 0.749, 0.754, 0.765, 0.747]), None);
        assert_eq!(outlier(&[0.1, 0.1, 0.1, 0.1]), None);
        assert_eq!(outlier(&[0.1, 0.1, 0.1, 0.1, 0.1, 0.2]), Some(5));
        assert_eq!(outlier(&[0.1, 0.1, 0.9]), None, "of three values, one is always far from the others");
    }

    #[test]
    fn a_difference_knows_its_side() {
        let up = Difference::of(&[0.031, 0.012, -0.004, 0.027, 0.019, 0.008], Inference::Fixed).unwrap();
        assert_eq!(up.side, Direction::Up);
        near(up.ci95.unwrap().0, 0.0019504893980363588, 1e-13);
        near(up.improved, 5.0 / 6.0, 1e-15);
    }
}
