//! How far a claim is on its way to a decision, and how many seeds it would still take.

use super::pairs::Pairs;
use super::test::Test;
use super::{Finding, on_all};
use crate::judge::stats::{Direction, Inference, Summary, chance_by_signs, chance_to_decide, critical_t, pairs_needed};
use crate::plan::{Claim, Expect};

/// More pairs than this are never advised.
const MOST_PAIRS: usize = 10_000;
/// A claim is hopeless if the chance that it will be decided is below this.
pub const HOPELESS: f64 = 0.05;

/// How far a claim is on its way to a decision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// The number of seeds after which it was decided; `None` if it is not.
    pub decided_after: Option<usize>,
    /// Whether it has less than 5 % chance to be decided with the largest number of seeds.
    pub is_hopeless: bool,
    /// Whether it has the largest number of seeds.
    pub is_used_up: bool,
    /// The largest number of seeds.
    pub most_seeds: usize,
    /// In [0, 1], 1 where it is decided: the logarithm of the evidence, over that of what decides.
    pub certainty: f64,
}

impl Progress {
    /// Whether more seeds could still decide it.
    pub fn is_open(self) -> bool {
        self.decided_after.is_none() && !self.is_hopeless && !self.is_used_up
    }
}

/// The means that a claim is tested against.
fn nulls(expect: Expect) -> Vec<f64> {
    match expect {
        Expect::Lower | Expect::Higher => vec![0.0],
        Expect::Same { within } => vec![-within, within],
    }
}

/// How far a claim is, from its pairs: of one on all values of an axis, those of each value. `level` is (the level that decides, the
/// number of claims that are not decided), so that the chance is that under the mildest correction that can still come.
pub(super) fn progress(
    claim: &Claim,
    pairs: &[Pairs],
    finding: &Finding,
    (level, open): (f64, usize),
    most_seeds: usize,
) -> Progress {
    let is_decided = finding.verdict.is_decided();
    let is_used_up = pairs.iter().all(|pairs| pairs.seeds >= most_seeds);
    let alone = |pairs: &Pairs, level: f64| {
        // A claim that takes the best cell has a pair less than it has seeds.
        let most_pairs = most_seeds.saturating_sub(pairs.seeds - pairs.planned);
        match pairs.known() {
            Some(differences) if !pairs.by_order => {
                chance_to_decide(&differences, &nulls(claim.expect), level, most_pairs)
            }
            _ => {
                let signs: Vec<Direction> = pairs.differences.iter().map(|range| range.side_of(0.0)).collect();
                chance_by_signs(&signs, level, most_pairs)
            }
        }
    };
    let chance = || match pairs {
        _ if pairs.iter().any(|pairs| pairs.left_out.diverged > 0) => 0.0,
        [one] => alone(one, level / open as f64),
        several => on_all::chance(claim.expect, several, level / open as f64, alone),
    };
    let certainty = match finding.p_holm {
        Some(p) if !is_decided => (libm::log(p) / libm::log(level)).clamp(0.0, 1.0),
        _ => f64::from(u8::from(is_decided)),
    };
    Progress {
        decided_after: is_decided.then(|| decided_after(claim.expect, pairs, finding, level)),
        is_hopeless: !is_decided && !is_used_up && chance() < HOPELESS,
        is_used_up,
        most_seeds,
        certainty,
    }
}

/// The number of seeds at which the evidence was first as strong as the correction asks for now.
fn decided_after(expect: Expect, pairs: &[Pairs], finding: &Finding, level: f64) -> usize {
    let correction = finding.p_holm.zip(finding.p).map_or(1.0, |(p_holm, p)| p_holm / p);
    let decides = |&n: &usize| {
        let of_first = |pairs: &Pairs| Test::of(expect, pairs, n.min(pairs.differences.len()), Inference::Anytime);
        let test = on_all::test(expect, pairs.iter().map(of_first).collect());
        test.finding.p.is_some_and(|p| p * correction < level)
    };
    let differences = pairs.iter().map(|pairs| pairs.differences.len()).max().unwrap_or(0);
    let first = (1..=differences).find(decides).unwrap_or(differences);
    // A claim that takes the best cell has a seed more than it has pairs.
    first + pairs.iter().map(|pairs| pairs.seeds - pairs.planned).max().unwrap_or(0)
}

/// About how many more seeds would decide a claim with a power of 80 %, if effect and spread stay as they are, by evidence at this
/// level: seeds that are added once results are known leave no other way. For a claim of several, the level is the strictest of Holm's.
/// `None` with fewer than 2 pairs, if more than 10,000 pairs would be needed, and if the pairs should already be enough.
pub fn more_seeds(expect: Expect, differences: &[f64], level: f64) -> Option<usize> {
    pairs_to_come(expect, differences, level).filter(|&more| more > 0)
}

/// The same, 0 if the pairs should already be enough.
pub(super) fn pairs_to_come(expect: Expect, differences: &[f64], level: f64) -> Option<usize> {
    let Summary { n, mean, sd, .. } = Summary::of(differences, Inference::Fixed)?;
    let distances: Vec<f64> = match expect {
        Expect::Same { within } if mean.abs() >= within => vec![mean.abs() - within],
        _ => nulls(expect).into_iter().map(|null| (mean - null).abs()).collect(),
    };
    let needed = pairs_needed(&distances, sd?, |n| critical_t(level, n), MOST_PAIRS)?;
    Some(needed.saturating_sub(n))
}
