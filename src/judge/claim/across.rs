//! The claims of several studies together.

use super::{Judgement, Verdict};
use crate::judge::stats::holm;

/// What the claims of several studies come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// All claims.
    pub claims: usize,
    /// Those that their own study supports.
    pub supported: usize,
    /// Those that it refutes.
    pub refuted: usize,
    /// Of both, those that are decided by what is exact, or whose p is still below the level of their study after a correction over all
    /// claims.
    pub decided_over_all: usize,
    /// Those that stood in a plan only after some of their trials had been trained.
    pub stated_after: usize,
}

/// The p-values of claims of several studies after Holm's correction over all of them, and over the claims that only earlier plans of
/// their studies had; `None` for claims that are not tested. They are conservative in the same way as those of one study: a claim that is
/// not tested counts with p = 1.
pub fn over_all(studies: &[&[Judgement]]) -> Vec<Vec<Option<f64>>> {
    let mut ps: Vec<f64> =
        studies.iter().flat_map(|claims| claims.iter()).map(|judged| judged.finding.p.unwrap_or(1.0)).collect();
    let deleted = |claims: &&[Judgement]| claims.first().map_or(0, |judged| judged.family.saturating_sub(claims.len()));
    ps.extend(std::iter::repeat_n(1.0, studies.iter().map(deleted).sum()));
    let mut adjusted = holm(&ps).into_iter();
    let of_study = |claims: &&[Judgement]| -> Vec<Option<f64>> {
        let adjusted: Vec<f64> = adjusted.by_ref().take(claims.len()).collect();
        claims.iter().zip(adjusted).map(|(judged, p)| judged.finding.p.map(|_| p)).collect()
    };
    studies.iter().map(of_study).collect()
}

/// Counts the claims of several studies; `levels` has the level at which each study decides.
pub fn summary(studies: &[&[Judgement]], levels: &[f64]) -> Summary {
    let mut summary = Summary::default();
    for ((claims, ps), level) in studies.iter().zip(over_all(studies)).zip(levels) {
        for (judged, p) in claims.iter().zip(ps) {
            let verdict = judged.finding.verdict;
            summary.claims += 1;
            summary.supported += usize::from(verdict == Verdict::Supported);
            summary.refuted += usize::from(verdict == Verdict::Refuted);
            summary.decided_over_all +=
                usize::from(verdict.is_decided() && (judged.finding.exact || p.is_some_and(|p| p < *level)));
            summary.stated_after += usize::from(judged.stated_before == Some(false));
        }
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::claim::judge;
    use crate::record::board::samples;

    #[test]
    fn claims_are_corrected_over_all_studies() {
        let judged = judge(&samples::claims());
        let alone = over_all(&[&judged]);
        assert_eq!(alone[0], judged.iter().map(|judged| judged.finding.p_holm).collect::<Vec<_>>());
        // The smallest p of a study is multiplied by the number of claims of all studies.
        let twice = over_all(&[&judged, &judged]);
        let smallest = judged.iter().filter_map(|judged| judged.finding.p).fold(1.0, f64::min);
        let first = judged.iter().position(|judged| judged.finding.p == Some(smallest)).unwrap();
        assert_eq!(twice[0][first], Some((2 * judged.len()) as f64 * smallest));
        let count = |is: fn(Verdict) -> bool| judged.iter().filter(|judged| is(judged.finding.verdict)).count();
        let summed = summary(&[&judged], &[0.04]);
        assert_eq!((summed.claims, summed.supported), (judged.len(), count(|verdict| verdict == Verdict::Supported)));
        assert_eq!(summed.decided_over_all, count(Verdict::is_decided));
    }
}
