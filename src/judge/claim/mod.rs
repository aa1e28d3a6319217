//! Board → what became of the study's claims.
//!
//! Claims are judged once, when every trial has a result. A trial without a value for a claim takes its pair with it, and
//! each pair that is left out is counted with the reason; unless the claim names a value for trials that diverged. A claim
//! that lost a pair to divergence is open: the seeds that are left are those that went well.

#[cfg(test)]
mod tests;
mod values;

use crate::judge::stats::{Difference, PAIRS_FOR_A_VERDICT, Summary, holm, margin_p, pairs_needed};
use crate::plan::config::DataSource;
use crate::plan::{Claim, Expect};
use crate::record::board::{Board, Diverged};
use values::{SideValue, Sides};

/// Below this, after Holm's correction, a claim is decided.
const SIGNIFICANT: f64 = 0.05;
/// A difference of two numbers of 24 bits, about as large as they are, is good to so much of itself.
const SINGLE_PRECISION: f64 = 1e-6;
/// More pairs than this are nothing to advise.
const MOST_PAIRS: usize = 10_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Supported,
    /// The opposite of what was expected.
    Refuted,
    Inconclusive,
    /// Fewer than [`PAIRS_FOR_A_VERDICT`] pairs.
    DescriptiveOnly,
    /// Not every trial has a result.
    Unfinished,
}

impl Verdict {
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Supported => "supported",
            Verdict::Refuted => "refuted",
            Verdict::Inconclusive => "inconclusive",
            Verdict::DescriptiveOnly => "descriptive only",
            Verdict::Unfinished => "unfinished",
        }
    }

    /// Whether it was tested.
    pub fn is_given(self) -> bool {
        matches!(self, Verdict::Supported | Verdict::Refuted | Verdict::Inconclusive)
    }
}

/// A claim with what the trials say to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    pub claim: Claim,
    /// What was held against what, in words.
    pub compared: String,
    /// Of a claim that takes the best along an axis, what was chosen.
    pub chosen: Option<String>,
    pub finding: Finding,
    /// Pairs that were planned: one for each seed.
    pub pairs: usize,
    pub left_out: LeftOut,
    /// Of a claim about steps, what never reached the level.
    pub never: Option<Never>,
    /// The cells it looks at in which trials diverged, by name.
    pub diverged: Vec<(String, Diverged)>,
    /// If it was tested and is inconclusive, what [`more_seeds`] advises.
    pub more_seeds: Option<usize>,
}

/// What paired differences say to a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub verdict: Verdict,
    /// Arm minus versus; `None` without pairs.
    pub difference: Option<Difference>,
    /// What the verdict is based on: two-sided against 0, or of "same" against either end of its margin (see
    /// [`margin_p`]). `None` unless a verdict is given, and so for the next two.
    pub p: Option<f64>,
    /// After Holm's correction over all claims of the study.
    pub p_holm: Option<f64>,
    /// The same question as that of `p`, by exact sign flips. `None` with fewer than 2 pairs.
    pub p_sign_flip: Option<f64>,
    /// The difference is the same for all seeds, where nothing else is left to chance: it was compared and not tested.
    pub exact: bool,
}

/// Pairs without a value on one side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// A trial diverged.
    pub diverged: usize,
    /// A trial did not measure what the claim is about.
    pub unmeasured: usize,
}

impl Judgement {
    /// Trials that diverged and count as the claim's `diverged_as`; none where cells with such trials are not chosen.
    pub fn counted_diverged(&self) -> usize {
        match (self.claim.diverged_as, &self.claim.best_over) {
            (Some(_), None) => self.diverged.iter().map(|(_, diverged)| diverged.trials).sum(),
            _ => 0,
        }
    }
}

impl LeftOut {
    pub fn count(self) -> usize {
        self.diverged + self.unmeasured
    }
}

/// Trials that never reached the level, and what they count as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Never {
    pub arm: usize,
    pub versus: usize,
    /// Updates of the longest training of both sides.
    pub counts_as: usize,
    /// No trial of either side got there: there are no steps to compare.
    pub all: bool,
}

/// Judges all claims of a study, in its order.
pub fn judge(board: &Board) -> Vec<Judgement> {
    let plan = &board.plan;
    let complete = board.complete();
    let sides = Sides::new(board);
    let compared: Vec<Pairs> = match complete {
        true => plan.claims.iter().map(|claim| Pairs::read(&sides, claim, &plan.seeds)).collect(),
        false => plan.claims.iter().map(|_| Pairs::default()).collect(),
    };
    let tests: Vec<_> =
        plan.claims.iter().zip(&compared).map(|(claim, pairs)| (claim.expect, pairs.testable())).collect();
    let findings = findings(&tests);
    let judgement = |((claim, pairs), finding): ((&Claim, Pairs), Finding)| {
        let finding = match () {
            _ if pairs.left_out.diverged > 0 => untestable(claim.expect, &pairs.differences, plan.seeds.len()),
            _ if is_exact(board, claim, &pairs) => exact(claim.expect, finding),
            _ => finding,
        };
        let more_seeds = match finding.verdict {
            Verdict::Inconclusive => more_seeds(claim.expect, pairs.testable(), plan.claims.len()),
            _ => None,
        };
        Judgement {
            claim: claim.clone(),
            compared: claim.in_words(&plan.cells),
            chosen: pairs.chosen,
            finding: if complete { finding } else { Finding { verdict: Verdict::Unfinished, ..finding } },
            pairs: plan.seeds.len(),
            left_out: pairs.left_out,
            never: pairs.never,
            diverged: pairs.diverged,
            more_seeds,
        }
    };
    plan.claims.iter().zip(compared).zip(findings).map(judgement).collect()
}

/// What the differences, arm minus versus, say to each claim of a study. A verdict needs p < .05 after Holm's correction
/// over all of them, and then goes by where the mean lies. The more claims cannot be tested for want of pairs, the more
/// cautious this is: they count as part of the family.
pub fn findings(claims: &[(Expect, &[f64])]) -> Vec<Finding> {
    let tested: Vec<Option<(f64, f64)>> =
        claims.iter().map(|&(expect, differences)| p_values(expect, differences)).collect();
    let enough = |differences: &[f64]| differences.len() >= PAIRS_FOR_A_VERDICT;
    let ps: Vec<Option<f64>> = tested
        .iter()
        .zip(claims)
        .map(|(p, (_, differences))| Some(p.as_ref()?.0).filter(|_| enough(differences)))
        .collect();
    let adjusted = holm(&ps.iter().map(|p| p.unwrap_or(1.0)).collect::<Vec<_>>());
    let finding = |place: usize| {
        let (expect, differences) = claims[place];
        let p_holm = ps[place].map(|_| adjusted[place]);
        let verdict = verdict(expect, differences, p_holm);
        Finding {
            verdict,
            difference: Difference::of(differences),
            p: ps[place],
            p_holm,
            p_sign_flip: tested[place].map(|(_, sign_flip)| sign_flip),
            exact: false,
        }
    };
    (0..claims.len()).map(finding).collect()
}

/// Whether ten seeds are one tale told ten times: on a surface a seed moves the start alone, and what does not depend on it
/// is the same but for the single precision of metrics.
fn is_exact(board: &Board, claim: &Claim, pairs: &Pairs) -> bool {
    let on_surface = |cell: usize| board.plan.cells[cell].config.data == DataSource::Surface;
    let differences = &pairs.differences;
    let (Some(&first), true) = (differences.first(), claim.cells().all(on_surface)) else { return false };
    let rounding = SINGLE_PRECISION * pairs.largest;
    let same = |difference: &f64| (difference - first).abs() <= rounding;
    // A difference that is rounding alone is none, and has no direction.
    let has_direction = matches!(claim.expect, Expect::Same { .. }) || first.abs() > rounding;
    differences.len() >= PAIRS_FOR_A_VERDICT && has_direction && differences.iter().all(same)
}

/// What is left when trials diverged is no fair sample: it is described and not tested. However few pairs that are, the
/// claim is open: it was planned with enough of them.
fn untestable(expect: Expect, differences: &[f64], planned: usize) -> Finding {
    let verdict = if planned < PAIRS_FOR_A_VERDICT { Verdict::DescriptiveOnly } else { Verdict::Inconclusive };
    Finding {
        verdict,
        difference: Difference::of(differences),
        p: None,
        p_holm: None,
        p_sign_flip: p_values(expect, differences).map(|(_, sign_flip)| sign_flip),
        exact: false,
    }
}

/// Compared instead of tested.
fn exact(expect: Expect, finding: Finding) -> Finding {
    let holds = finding.difference.is_some_and(|difference| as_expected(expect, difference.mean));
    let verdict = if holds { Verdict::Supported } else { Verdict::Refuted };
    Finding { verdict, p: None, p_holm: None, p_sign_flip: None, exact: true, ..finding }
}

fn p_values(expect: Expect, differences: &[f64]) -> Option<(f64, f64)> {
    match expect {
        Expect::Lower | Expect::Higher => {
            let difference = Difference::of(differences)?;
            Some((difference.p?, difference.p_sign_flip?))
        }
        Expect::Same { within } => margin_p(differences, within),
    }
}

fn verdict(expect: Expect, differences: &[f64], p_holm: Option<f64>) -> Verdict {
    let (Some(p), Some(Summary { mean, .. })) = (p_holm, Summary::of(differences)) else {
        return Verdict::DescriptiveOnly;
    };
    match (p < SIGNIFICANT, as_expected(expect, mean)) {
        (false, _) => Verdict::Inconclusive,
        (true, true) => Verdict::Supported,
        (true, false) => Verdict::Refuted,
    }
}

fn as_expected(expect: Expect, mean: f64) -> bool {
    match expect {
        Expect::Lower => mean < 0.0,
        Expect::Higher => mean > 0.0,
        Expect::Same { within } => mean.abs() < within,
    }
}

/// About how many seeds more would decide one of so many claims with 80 % power, should effect and spread stay as they
/// are. At the strictest of Holm's levels, that of the smallest p. `None` if no number up to 10,000 would.
pub fn more_seeds(expect: Expect, differences: &[f64], claims: usize) -> Option<usize> {
    let Summary { n, mean, sd, .. } = Summary::of(differences)?;
    let distances = match expect {
        Expect::Lower | Expect::Higher => vec![mean.abs()],
        Expect::Same { within } if mean.abs() < within => vec![within - mean.abs(), within + mean.abs()],
        Expect::Same { within } => vec![mean.abs() - within],
    };
    let needed = pairs_needed(&distances, sd?, SIGNIFICANT / claims as f64, MOST_PAIRS)?;
    needed.checked_sub(n).filter(|&more| more > 0)
}

/// What the trials of a claim's two sides come to, seed by seed.
#[derive(Default)]
struct Pairs {
    differences: Vec<f64>,
    /// The largest magnitude on either side.
    largest: f64,
    left_out: LeftOut,
    never: Option<Never>,
    diverged: Vec<(String, Diverged)>,
    chosen: Option<String>,
}

impl Pairs {
    /// The differences, unless a pair was lost to divergence: such a claim counts in the family as one that shows nothing.
    fn testable(&self) -> &[f64] {
        if self.left_out.diverged > 0 { &[] } else { &self.differences }
    }

    fn read(sides: &Sides, claim: &Claim, seeds: &[u64]) -> Pairs {
        let mut pairs = Pairs {
            never: sides.never(claim),
            diverged: sides.diverged(claim),
            chosen: sides.chosen(claim),
            ..Pairs::default()
        };
        for &seed in seeds {
            let (difference, largest) = sides.difference(claim, seed);
            pairs.largest = pairs.largest.max(largest);
            match difference {
                SideValue::Number(difference) => pairs.differences.push(difference),
                SideValue::Diverged => pairs.left_out.diverged += 1,
                SideValue::Unmeasured => pairs.left_out.unmeasured += 1,
            }
        }
        // All differences are 0 then, which says nothing.
        if pairs.never.is_some_and(|never| never.all) {
            pairs.differences.clear();
        }
        pairs
    }
}
