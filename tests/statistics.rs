//! Whether the statistics keep their promises, on made-up trials whose true effects are known. Seeds are fixed; where a
//! tolerance is given, it is three standard errors of the simulation or more.

use ablate::judge::claim::{Verdict, findings, more_seeds};
use ablate::judge::sequence::{ANYTIME_LEVEL, FIXED_LEVEL};
use ablate::judge::stats::{Inference, Summary};
use ablate::plan::Expect;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, StandardNormal};

/// Draws a paired difference.
type Draw = fn(&mut ChaCha8Rng) -> f64;

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// A skewed number with mean 0 and standard deviation 1: most lie a little above, few far below, as accuracies do.
fn skewed(rng: &mut ChaCha8Rng) -> f64 {
    let sum: f64 = (0..4).map(|_| -> f64 { Exp1.sample(rng) }).sum();
    (4.0 - sum) / 2.0
}

/// The difference of two accuracies on 10,000 images; the true one is .02. Both share the effect of their seed.
fn accuracies(rng: &mut ChaCha8Rng) -> f64 {
    let of_seed = 0.004 * normal(rng);
    let mut accuracy = |mean: f64, sd: f64| (10_000.0 * (mean + of_seed + sd * skewed(rng))).round() / 10_000.0;
    accuracy(0.77, 0.009) - accuracy(0.75, 0.005)
}

#[test]
fn intervals_cover_the_truth_in_95_of_100_studies() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let studies = 10_000;
    let kinds: [(&str, f64, Draw); 2] = [("normal", 0.0, normal), ("accuracies", 0.02, accuracies)];
    for (kind, truth, draw) in kinds {
        for n in [3, 5, 10, 30] {
            let covered = (0..studies).filter(|_| {
                let differences: Vec<f64> = (0..n).map(|_| draw(&mut rng)).collect();
                let (low, high) = Summary::of(&differences, Inference::Fixed).unwrap().ci95.unwrap();
                (low..=high).contains(&truth)
            });
            let share = covered.count() as f64 / studies as f64;
            assert!((share - 0.95).abs() <= 0.015, "{kind}, {n} seeds: {share}");
        }
    }
}

/// The share of studies in which at least one claim is decided. The true effects are such that any decision is wrong.
fn wrongly_decided(rng: &mut ChaCha8Rng, claims: &[(Expect, f64)], shared: f64) -> f64 {
    const STUDIES: usize = 5_000;
    const SEEDS: usize = 10;
    let decided = (0..STUDIES).filter(|_| {
        let of_seed: [f64; SEEDS] = std::array::from_fn(|_| normal(rng));
        let differences: Vec<[f64; SEEDS]> = claims
            .iter()
            .map(|(_, truth)| of_seed.map(|seed| truth + shared * seed + (1.0 - shared * shared).sqrt() * normal(rng)))
            .collect();
        let tests: Vec<_> = claims.iter().zip(&differences).map(|((expect, _), d)| (*expect, d.as_slice())).collect();
        findings(&tests, Inference::Fixed, FIXED_LEVEL)
            .iter()
            .any(|finding| matches!(finding.verdict, Verdict::Supported | Verdict::Refuted))
    });
    decided.count() as f64 / STUDIES as f64
}

#[test]
fn at_most_5_of_100_studies_decide_a_claim_without_an_effect() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let same = |within| Expect::Same { within };
    let no_effect = [(Expect::Lower, 0.0), (Expect::Higher, 0.0), (Expect::Lower, 0.0), (Expect::Higher, 0.0)];
    // The true difference lies exactly on the margin: neither the same nor not.
    let on_the_margin = [(Expect::Lower, 0.0), (same(2.0), 2.0), (same(0.7), -0.7), (same(0.1), 0.1)];
    for claims in [no_effect, on_the_margin] {
        for shared in [0.0, 0.8] {
            let share = wrongly_decided(&mut rng, &claims, shared);
            // Three standard errors: 3 · √(.05 · .95 / 5,000) = .009.
            assert!(share <= 0.05 + 0.009, "{claims:?}, {shared} shared: {share}");
        }
    }
    let independent = wrongly_decided(&mut rng, &no_effect, 0.0);
    assert!(independent > 0.035, "and no more cautious than need be: 1 − .9875⁴ = .049, but {independent}");
}

/// Five differences with mean `mean` and standard deviation 1.
fn pilot(mean: f64) -> [f64; 5] {
    // Deviations with a sum of squares of 4.
    [-1.0, -1.0, 0.0, 1.0, 1.0].map(|deviation| mean + deviation)
}

/// The share of studies with the advised number of seeds that support a claim, if effect and spread are those of the
/// pilot.
fn power(rng: &mut ChaCha8Rng, expect: Expect, mean: f64) -> (usize, f64) {
    const STUDIES: usize = 4_000;
    let pilot = pilot(mean);
    assert_eq!(findings(&[(expect, &pilot)], Inference::Fixed, FIXED_LEVEL)[0].verdict, Verdict::Inconclusive);
    let n = pilot.len() + more_seeds(expect, &pilot, ANYTIME_LEVEL).unwrap();
    let supported = (0..STUDIES).filter(|_| {
        let differences: Vec<f64> = (0..n).map(|_| mean + normal(rng)).collect();
        findings(&[(expect, &differences)], Inference::Anytime, ANYTIME_LEVEL)[0].verdict == Verdict::Supported
    });
    (n, supported.count() as f64 / STUDIES as f64)
}

#[test]
fn as_many_seeds_as_advised_have_a_power_of_80_percent() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let cases = [
        (Expect::Higher, 0.7),
        (Expect::Lower, -1.0),
        (Expect::Same { within: 1.0 }, 0.0),
        (Expect::Same { within: 1.0 }, -0.2),
    ];
    for (expect, mean) in cases {
        let (n, share) = power(&mut rng, expect, mean);
        // Three standard errors are .019; a whole number of seeds is up to .04 above.
        assert!((0.78..=0.86).contains(&share), "{expect:?} at {mean}, {n} seeds: {share}");
    }
}
