//! One claim made of each value of an axis: what the tests on all of them say together.
//!
//! That it holds on all of them is supported if each test supports it: p is the largest of theirs, and needs no correction
//! for their number (the intersection–union test, Berger 1982, "Multiparameter hypothesis testing and acceptance sampling").
//! It is refuted if one test refutes it. For that any of them will do, so p is the smallest of those against it, times the
//! number of values (Bonferroni). Each of both decisions is wrong in half of the level at most, as the p-values are two-sided.

use super::pairs::Pairs;
use super::progress::pairs_to_come;
use super::test::Test;
use super::{Finding, Verdict};
use crate::judge::stats::Inference;
use crate::plan::Expect;

/// The test of a claim: the only one, or of a claim on all values of an axis, what those on each value say together. There is
/// one at least.
pub(super) fn test(expect: Expect, mut tests: Vec<Test>) -> Test {
    match tests.len() {
        1 => tests.remove(0),
        _ => together(expect, &tests),
    }
}

/// What it says of the effect is
/// what the test with the smallest effect says. If pairs were lost to divergence on a value, or most were not known, nothing is
/// tested.
fn together(expect: Expect, tests: &[Test]) -> Test {
    let smallest = &tests[smallest(expect, tests)];
    let effect = Finding { p: None, p_signs: None, ..smallest.finding.clone() };
    let verdict = |verdict| Finding { verdict, exact: false, ..effect.clone() };
    if let Some(against) = tests.iter().find(|test| test.finding.exact && test.finding.verdict == Verdict::Refuted) {
        return against.clone();
    }
    if tests.iter().all(|test| test.finding.exact) {
        return smallest.clone();
    }
    if tests.iter().any(|test| test.finding.verdict == Verdict::Inconclusive) {
        return Test { finding: verdict(Verdict::Inconclusive), is_as_expected: false };
    }
    let finding = verdict(Verdict::DescriptiveOnly);
    let (p_signs, _) = combined(tests, |finding| finding.p_signs);
    if tests.iter().all(|test| test.finding.p.is_none() && !test.finding.exact) {
        return Test { finding: Finding { p_signs, ..finding }, is_as_expected: false };
    }
    let (p, is_as_expected) = combined(tests, |finding| finding.p);
    Test { finding: Finding { p, p_signs, ..finding }, is_as_expected }
}

/// The p that decides, and whether it is for the claim. A value without a p supports nothing, unless its effect is exact.
fn combined(tests: &[Test], p: impl Fn(&Finding) -> Option<f64>) -> (Option<f64>, bool) {
    let own = |test: &Test| if test.finding.exact { 0.0 } else { p(&test.finding).unwrap_or(1.0) };
    let supports = |test: &Test| if test.is_as_expected { own(test) } else { 1.0 };
    let all_support = tests.iter().map(supports).fold(0.0, f64::max);
    let any_refutes = tests.iter().map(|test| against(test, own(test), tests.len())).fold(1.0, f64::min);
    (Some(all_support.min(any_refutes)), all_support <= any_refutes && tests.iter().all(|test| test.is_as_expected))
}

/// The p of a test of one of so many values against the claim on all of them.
fn against(test: &Test, p: f64, values: usize) -> f64 {
    if test.is_as_expected { 1.0 } else { (values as f64 * p).min(1.0) }
}

/// What the test on each value says within the whole, which was decided at this level: supported where it supports the whole,
/// refuted where it refutes it alone.
pub(super) fn apart(whole: &Finding, tests: Vec<Test>, level: f64) -> Vec<Finding> {
    let values = tests.len();
    // What the whole is corrected by for the other claims. Nothing is lost where it is not known: p is 0 or 1 then.
    let correction = match (whole.p, whole.p_holm) {
        (Some(p), Some(p_holm)) if p > 0.0 => p_holm / p,
        _ => 1.0,
    };
    let finding = |test: Test| {
        let Some(p) = test.finding.p.filter(|_| whole.p.is_some()) else { return test.finding };
        let p = if test.is_as_expected { p } else { against(&test, p, values) };
        let p_holm = (correction * p).min(1.0);
        let verdict = match (p_holm < level, test.is_as_expected) {
            (false, _) => Verdict::Inconclusive,
            (true, true) => Verdict::Supported,
            (true, false) => Verdict::Refuted,
        };
        Finding { p_holm: Some(p_holm), verdict, ..test.finding }
    };
    tests.into_iter().map(finding).collect()
}

/// The chance that the claim is decided at this level: that every value comes to support it, or that one of those that are
/// against it comes to refute it. `alone` is the chance of one value at a level.
pub(super) fn chance(expect: Expect, pairs: &[Pairs], level: f64, alone: impl Fn(&Pairs, f64) -> f64) -> f64 {
    let all_support = pairs.iter().map(|pairs| alone(pairs, level)).fold(1.0, f64::min);
    let refuting = those_against(expect, pairs).map(|against| alone(against, level / pairs.len() as f64));
    refuting.fold(all_support, f64::max)
}

/// About how many more seeds would decide the claim: as many as every value needs to support it, or, where some are against it,
/// as the first of them needs to refute it. See [`super::more_seeds`].
pub(super) fn more_seeds(expect: Expect, pairs: &[Pairs], level: f64) -> Option<usize> {
    let more = |pairs: &Pairs, level: f64| pairs_to_come(expect, &pairs.known()?, level);
    let refuting: Vec<&Pairs> = those_against(expect, pairs).collect();
    let needed = match refuting.is_empty() {
        true => pairs.iter().map(|pairs| more(pairs, level)).collect::<Option<Vec<usize>>>()?.into_iter().max(),
        false => refuting.into_iter().filter_map(|against| more(against, level / pairs.len() as f64)).min(),
    };
    needed.filter(|&more| more > 0)
}

/// The values whose differences do not lean to where the claim expects them.
fn those_against(expect: Expect, pairs: &[Pairs]) -> impl Iterator<Item = &Pairs> {
    pairs.iter().filter(move |pairs| {
        let test = Test::of(expect, pairs, pairs.differences.len(), Inference::Fixed);
        test.finding.difference.is_some() && !test.is_as_expected
    })
}

/// The place of the test whose mean difference is least as the claim expects it.
fn smallest(expect: Expect, tests: &[Test]) -> usize {
    let support = |test: &Test| match test.finding.difference {
        Some(difference) => match expect {
            Expect::Higher => difference.mean,
            Expect::Lower => -difference.mean,
            Expect::Same { .. } => -difference.mean.abs(),
        },
        None => f64::NEG_INFINITY,
    };
    let places = 0..tests.len();
    places.reduce(|least, next| if support(&tests[next]) < support(&tests[least]) { next } else { least }).unwrap_or(0)
}
