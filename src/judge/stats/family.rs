//! Tests of several claims at once, of equivalence, and how many pairs a test needs.

use super::{Difference, Direction, Inference, student, without_rounding};

/// The p-values of a family of tests after Holm's correction (Holm 1979), in the order given: if every test is called
/// significant whose corrected p is below .05, the chance of one or more false positives among all of them is at most 5 %,
/// however the tests depend on each other. The p-values have to be in [0, 1].
pub fn holm(ps: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..ps.len()).collect();
    order.sort_by(|&a, &b| ps[a].total_cmp(&ps[b]));
    let mut adjusted = vec![1.0; ps.len()];
    let mut largest: f64 = 0.0;
    for (rank, index) in order.into_iter().enumerate() {
        largest = largest.max((ps.len() - rank) as f64 * ps[index]).min(1.0);
        adjusted[index] = largest;
    }
    adjusted
}

/// Whether the mean of paired differences lies within ±`within` or beyond.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margin {
    /// The larger of the two-sided p-values against either end: below α exactly where the interval of level 1 − α contains neither.
    /// `None` with fewer than 2 pairs and if all differences are equal.
    pub p: Option<f64>,
    /// The same of a test that assumes no distribution.
    pub p_signs: Option<f64>,
    /// Whether a small p says that the mean lies within.
    pub is_within: bool,
}

impl Margin {
    /// Tests the differences against both ends; `None` without pairs. `within` has to be above 0, in the unit of the differences.
    ///
    /// Where the mean lies within, half of p is that of the two one-sided tests (Schuirmann 1987); where it lies beyond, that
    /// of the one-sided test against the nearer end. p is twice that because either decision is possible: with the true mean
    /// exactly on an end, either is wrong, and both together have probability α at most.
    pub fn of(differences: &[f64], within: f64, inference: Inference) -> Option<Margin> {
        let against = |end: f64| {
            let shifted: Vec<f64> = differences.iter().map(|d| without_rounding(d - end)).collect();
            Difference::of(&shifted, inference)
        };
        let (low, high) = (against(-within)?, against(within)?);
        let larger = |a: Option<f64>, b: Option<f64>| Some(a?.max(b?));
        Some(Margin {
            p: larger(low.p, high.p),
            p_signs: larger(low.p_signs, high.p_signs),
            is_within: low.side == Direction::Up && high.side == Direction::Down,
        })
    }
}

/// The chance that a test with enough pairs is significant if there is an effect.
const POWER: f64 = 0.8;

/// How many pairs a two-sided test needs for a power of 80 % if the differences have the standard deviation `sd`. `critical` gives
/// the |t| that is significant with so many pairs, `None` if none is. `distances` says how far their mean lies from each value that
/// the test has to exclude: |mean| for a difference from 0, the distance to both ends of a margin for equivalence. `sd` and
/// `distances` are in the unit of the differences.
///
/// Computed from the shifted t distribution. For a single distance and Student's t, that is n ≥ ((t₁₋α⸝₂ + t.₈)·sd/distance)² with
/// n − 1 degrees of freedom (Chow, Shao & Wang 2008, 3.1). `None` if that is more than `most`, and unless `sd` is above 0.
pub fn pairs_needed(distances: &[f64], sd: f64, critical: impl Fn(usize) -> Option<f64>, most: usize) -> Option<usize> {
    let suffice = |n: usize| {
        let Some(critical) = critical(n) else { return false };
        let miss = |distance: &f64| student::upper_tail(distance * (n as f64).sqrt() / sd - critical, n - 1);
        distances.iter().map(miss).sum::<f64>() <= 1.0 - POWER
    };
    if !(sd > 0.0 && most >= 2 && suffice(most)) {
        return None;
    }
    let (mut too_few, mut enough) = (1, most);
    while enough - too_few > 1 {
        let middle = too_few.midpoint(enough);
        if suffice(middle) { enough = middle } else { too_few = middle }
    }
    Some(enough)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-10 * b.abs().max(1e-3), "{a} is not near {b}");
    }

    const DIFFERENCES: [f64; 10] = [0.02, -0.01, 0.03, 0.01, -0.02, 0.04, 0.015, 0.005, -0.003, 0.011];

    #[test]
    fn holm_agrees_with_statsmodels() {
        // statsmodels 0.15: multipletests(p, method="holm")[1]; by hand: 4·.005, 3·.01 = 2·.015 = .03, then .04.
        let adjusted = holm(&[0.01, 0.04, 0.005, 0.015]);
        for (a, b) in adjusted.iter().zip([0.03, 0.04, 0.02, 0.03]) {
            near(*a, b);
        }
        assert_eq!(holm(&[0.6, 0.5]), [1.0, 1.0]);
        assert_eq!(holm(&[]), [0.0; 0]);
    }

    #[test]
    fn the_margin_is_tested_from_both_sides() {
        // Mean .0098. scipy 1.17.1: ttest_1samp(d, 0.03).pvalue; statsmodels 0.15: 2 * ttost_paired(d, 0, -.03, .03)[0] is
        // the same. Sign-flip: permutation_test((d - .03,), sum, permutation_type="samples", n_resamples=inf).
        let margin = |differences: &[f64], within| Margin::of(differences, within, Inference::Fixed).unwrap();
        let near_0 = margin(&DIFFERENCES, 0.03);
        near(near_0.p.unwrap(), 0.0062492046745120915);
        assert_eq!((near_0.p_signs, near_0.is_within), (Some(0.01171875), true));
        near(margin(&DIFFERENCES, 0.012).p.unwrap(), 0.7082753993700099);
        // Mean .0598, beyond: ttest_1samp(d, 0.03), of one side twice.
        let beyond = DIFFERENCES.map(|d| d + 0.05);
        for beyond in [beyond, beyond.map(|d| -d)] {
            near(margin(&beyond, 0.03).p.unwrap(), 0.0005404159616277228);
            assert!(!margin(&beyond, 0.03).is_within);
        }
        // Equal differences are not tested; signs that all agree have the smallest p that five pairs can have.
        assert_eq!(margin(&[0.01; 5], 0.02), Margin { p: None, p_signs: Some(0.0625), is_within: true });
        assert_eq!(margin(&[0.03 - 0.01; 5], 0.02).p_signs, Some(1.0));
        assert_eq!(Margin::of(&[], 0.02, Inference::Fixed), None);
        assert_eq!(margin(&[0.01], 0.02).p, None);
    }

    #[test]
    fn pairs_needed_agree_with_statsmodels() {
        // statsmodels 0.15: TTestPower().solve_power(effect, power=0.8, alpha=alpha), which uses the noncentral t: 4.22,
        // 9.94, 33.37, 198.15, 8722.88; 14.37, 281.90 at .0125. The shifted t is at most one pair above, rounded up.
        let needed =
            |effect: f64, alpha: f64| pairs_needed(&[effect], 1.0, |n| Some(student::quantile(alpha, n - 1)), 10_000);
        let expected = [(2.0, 5), (1.0, 10), (0.5, 34), (0.2, 199), (0.03, 8723)];
        for (effect, pairs) in expected {
            assert_eq!(needed(effect, 0.05), Some(pairs), "{effect}");
        }
        assert_eq!((needed(1.0, 0.0125), needed(0.2, 0.0125)), (Some(15), Some(282)));
        assert_eq!((needed(0.03, 0.0125), needed(0.0, 0.05)), (None, None));
        // Two ends equally far: each may be missed in 10 % only, so t.9 in place of t.8: (2.179 + 1.356)² = 12.5 < 13.
        let both = pairs_needed(&[1.0, 1.0], 1.0, |n| Some(student::quantile(0.05, n - 1)), 10_000);
        assert_eq!(both, Some(13));
    }
}
