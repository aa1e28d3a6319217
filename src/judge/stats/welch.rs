//! The difference of two samples that share no seeds.

use super::{Difference, Direction, Inference, Summary, is_constant, student};

/// The mean of `b` minus that of `a`, by Welch's t test (Welch 1947), which assumes neither pairs nor equal spreads:
///
/// t = (b̄ − ā)/√(s_b²/n_b + s_a²/n_a), with ν = (s_b²/n_b + s_a²/n_a)² / ((s_b²/n_b)²/(n_b − 1) + (s_a²/n_a)²/(n_a − 1))
///
/// degrees of freedom (Satterthwaite 1946). The number of values has to have been fixed beforehand. `None` if a sample is empty; no
/// interval and no p if one has a single value, and no p if each sample has no spread. The values have to be finite.
///
/// `n` is the size of the smaller sample, `median` the difference of the medians, and `improved` the share of all n_a·n_b pairs in which
/// the value of `b` is above that of `a`.
///
/// ```
/// use ablate::judge::stats::{Direction, unpaired};
///
/// let difference = unpaired(&[0.762, 0.769, 0.760, 0.766, 0.764, 0.771], &[0.751, 0.760, 0.746, 0.758, 0.753]).expect("values");
/// assert_eq!((difference.n, difference.side), (5, Direction::Up));
/// assert!(difference.p.is_some_and(|p| p < 0.01));
/// ```
pub fn unpaired(b: &[f64], a: &[f64]) -> Option<Difference> {
    let [of_b, of_a] = [b, a].map(|values| Summary::of(values, Inference::Fixed));
    let (of_b, of_a) = (of_b?, of_a?);
    let mean = of_b.mean - of_a.mean;
    let above = b.iter().map(|b| a.iter().filter(|a| b > *a).count()).sum::<usize>();
    let tested = of_b.sd.zip(of_a.sd).map(|(sd_b, sd_a)| {
        let [var_b, var_a] = [sd_b * sd_b / of_b.n as f64, sd_a * sd_a / of_a.n as f64];
        let error = (var_b + var_a).sqrt();
        if error == 0.0 || (is_constant(b) && is_constant(a)) {
            return ((mean, mean), None);
        }
        // Both sides of the fraction divided by (s_b²/n_b + s_a²/n_a)², which may be too small to be squared.
        let [share_b, share_a] = [var_b, var_a].map(|var| var / (var_b + var_a));
        let freedom = 1.0 / (share_b * share_b / (of_b.n - 1) as f64 + share_a * share_a / (of_a.n - 1) as f64);
        let half = student::quantile_of(0.05, freedom) * error;
        let p = if mean == 0.0 { 1.0 } else { student::two_sided_tail(mean / error, freedom) };
        ((mean - half, mean + half), Some(p))
    });
    Some(Difference {
        n: of_b.n.min(of_a.n),
        mean,
        median: of_b.median - of_a.median,
        ci95: tested.map(|(interval, _)| interval),
        p: tested.and_then(|(_, p)| p),
        p_signs: None,
        side: Direction::of(mean),
        improved: above as f64 / (b.len() * a.len()) as f64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-10 * b.abs().max(1e-3), "{a} is not near {b}");
    }

    const A: [f64; 5] = [0.7512, 0.7604, 0.7455, 0.7580, 0.7533];

    #[test]
    fn it_agrees_with_scipy() {
        // scipy 1.17.1: r = ttest_ind(b, a, equal_var=False); r.pvalue, r.confidence_interval(0.95).
        let b = [0.7603, 0.7711, 0.7560, 0.7668, 0.7630, 0.7901, 0.7422];
        let difference = unpaired(&b, &A).unwrap();
        near(difference.mean, 0.010534285714285607);
        near(difference.p.unwrap(), 0.12272527070418346);
        let (low, high) = difference.ci95.unwrap();
        near(low, -0.003511281983432769);
        near(high, 0.024579853412003985);
        // By hand: 35 pairs, of which b is above a in 27; medians .7630 and .7533.
        near(difference.improved, 27.0 / 35.0);
        near(difference.median, 0.0097);
        assert_eq!(difference.n, 5);
        // The other way round it is the same with the other sign, and one sample may have no spread.
        let back = unpaired(&A, &b).unwrap();
        assert_eq!((back.mean, back.p, back.side), (-difference.mean, difference.p, Direction::Down));
        near(unpaired(&[0.76; 6], &A).unwrap().p.unwrap(), 0.073197216840759);
    }

    #[test]
    fn without_any_spread_there_is_nothing_to_test() {
        let equal = unpaired(&[0.1135; 6], &[0.1135; 5]).unwrap();
        assert!(equal.is_constant() && equal.mean == 0.0);
        assert_eq!(unpaired(&[0.3; 6], &[0.1; 5]).unwrap().p, None);
        let single = unpaired(&[0.3], &A).unwrap();
        assert_eq!((single.n, single.ci95, single.p), (1, None, None));
        assert_eq!(unpaired(&[], &A), None);
    }
}
