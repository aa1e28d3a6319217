//! Tests that assume no distribution of the differences.

use super::Direction;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

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

/// Two-sided p of the sign test (Fisher 1925; Conover, Practical Nonparametric Statistics, 3.4), in (0, 1]: if both signs were equally
/// likely, how often the rarer one would be as rare. Values without a sign are passed over. It uses nothing but order, so it also tests
/// differences of which only the sign is known.
pub fn sign_test_p(signs: impl Iterator<Item = Direction>) -> f64 {
    let (mut up, mut down) = (0usize, 0usize);
    for sign in signs {
        match sign {
            Direction::Up => up += 1,
            Direction::Down => down += 1,
            Direction::Neither => {}
        }
    }
    let n = up + down;
    let ln_choose = |k: usize| {
        let ln_factorial = |n: usize| libm::lgamma(n as f64 + 1.0);
        ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
    };
    let share = |k: usize| libm::exp(ln_choose(k) - n as f64 * std::f64::consts::LN_2);
    (2.0 * (0..=up.min(down)).map(share).sum::<f64>()).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_test_agrees_with_scipy() {
        let p = |up: usize, down: usize, ties: usize| {
            let signs = [(Direction::Up, up), (Direction::Down, down), (Direction::Neither, ties)];
            sign_test_p(signs.into_iter().flat_map(|(sign, count)| std::iter::repeat_n(sign, count)))
        };
        // scipy 1.17.1: binomtest(k, n).pvalue.
        let expected =
            [((5, 0, 0), 0.0625), ((8, 2, 3), 0.109375), ((17, 3, 0), 0.0025768280029296875), ((4, 4, 0), 1.0)];
        for ((up, down, ties), expected) in expected {
            assert!((p(up, down, ties) - expected).abs() < 1e-12, "{up}, {down}: {}", p(up, down, ties));
        }
        assert_eq!(p(0, 0, 9), 1.0);
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
}
