//! Board → judgements: whether the trials support or refute each claim of a study.
//!
//! Claims are judged once, when every trial has a result. For each seed, the arm's value minus that of the other side is a
//! pair. A pair is left out, and counted with the reason, if a trial on either side has no value; a claim may name a value
//! that stands for trials that diverged. A claim that lost a pair to divergence is not tested and is inconclusive: the seeds
//! that are left are those in which training went well, which is no fair sample.

#[cfg(test)]
mod tests;
mod values;

use crate::judge::stats::{Difference, PAIRS_FOR_A_VERDICT, Summary, holm, margin_p, pairs_needed};
use crate::plan::config::DataSource;
use crate::plan::{Claim, Expect};
use crate::record::board::{Board, Diverged};
use values::{SideValue, Sides};

/// A claim is decided if its p, after Holm's correction, is below this.
const SIGNIFICANT: f64 = 0.05;
/// The rounding error of the difference of two values in single precision, relative to the larger one.
const SINGLE_PRECISION: f64 = 1e-6;
/// More pairs than this are never advised.
const MOST_PAIRS: usize = 10_000;

/// What the trials say about a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// p is below .05 after Holm's correction, and the mean difference is as expected; or every seed has the same
    /// difference, which is as expected (see [`Finding::exact`]).
    Supported,
    /// The same, with a mean difference that is not as expected.
    Refuted,
    /// p is not below .05 after Holm's correction, or a pair was lost to divergence.
    Inconclusive,
    /// Fewer than [`PAIRS_FOR_A_VERDICT`] pairs.
    DescriptiveOnly,
    /// Not every trial has a result.
    Unfinished,
}

impl Verdict {
    /// The verdict in words, as tables and exports have it: `descriptive only`.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Supported => "supported",
            Verdict::Refuted => "refuted",
            Verdict::Inconclusive => "inconclusive",
            Verdict::DescriptiveOnly => "descriptive only",
            Verdict::Unfinished => "unfinished",
        }
    }

    /// Whether the claim was decided or is inconclusive, and not merely described or unfinished.
    pub fn is_given(self) -> bool {
        matches!(self, Verdict::Supported | Verdict::Refuted | Verdict::Inconclusive)
    }
}

/// A claim, and what the trials say about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The claim as the plan has it.
    pub claim: Claim,
    /// What is compared with what, in words: `gap of (weight_decay = 0.1) lower than that of (weight_decay = 0)`.
    pub compared: String,
    /// Of a claim that takes the best cell along an axis, which value was chosen for each side: `learning_rate = 0.1 against
    /// 0.003`. `None` for other claims, and where no cell could be chosen.
    pub chosen: Option<String>,
    /// The verdict and the numbers it is based on.
    pub finding: Finding,
    /// Planned pairs: one for each seed.
    pub pairs: usize,
    /// How many of these pairs have no difference, and why.
    pub left_out: LeftOut,
    /// Of a claim about steps, how many trials never reached the level; `None` for other claims.
    pub never: Option<Never>,
    /// The name of each cell in which trials diverged, of those that the claim looks at, and how many did.
    pub diverged: Vec<(String, Diverged)>,
    /// Of an inconclusive claim, what [`more_seeds`] advises; `None` for others, and if a pair was lost to divergence.
    pub more_seeds: Option<usize>,
}

/// What paired differences say about a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Whether the differences decide the claim.
    pub verdict: Verdict,
    /// Arm minus versus, in the unit of the claim's measure; `None` without pairs.
    pub difference: Option<Difference>,
    /// Two-sided p of the paired t test against 0; of a claim that expects "same", [`margin_p`]. `None` if the claim is
    /// not tested.
    pub p: Option<f64>,
    /// `p` after Holm's correction over all claims of the study, which decides; `None` if the claim is not tested.
    pub p_holm: Option<f64>,
    /// The answer of the sign-flip test to the same question. It decides nothing, and is also given of claims that are not
    /// tested; `None` with fewer than 2 pairs, and if `exact`.
    pub p_sign_flip: Option<f64>,
    /// Whether the difference is the same for all seeds of a deterministic problem. Such a claim is decided by the difference
    /// alone: without randomness there is nothing to test.
    pub exact: bool,
}

/// Number of pairs without a value on one side, by the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Pairs in which a trial diverged.
    pub diverged: usize,
    /// Pairs in which no trial diverged, but one did not measure what the claim is about.
    pub unmeasured: usize,
}

impl Judgement {
    /// Number of trials that diverged and for which the claim's `diverged_as` stands; 0 if the claim takes the best cell along
    /// an axis, where cells with such trials are never chosen.
    pub fn counted_diverged(&self) -> usize {
        match (self.claim.diverged_as, &self.claim.best_over) {
            (Some(_), None) => self.diverged.iter().map(|(_, diverged)| diverged.trials).sum(),
            _ => 0,
        }
    }
}

impl LeftOut {
    /// Number of pairs that are left out, for whichever reason.
    pub fn count(self) -> usize {
        self.diverged + self.unmeasured
    }
}

/// How many trials never reached the level of a claim about steps, and the number of steps that stands for them. Trials that
/// diverged are not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Never {
    /// Trials of the arm.
    pub arm: usize,
    /// Trials of the other side; 0 if that is a bound.
    pub versus: usize,
    /// Updates of the longest training on either side: the number of steps that stands for a trial that never reached the
    /// level.
    pub counts_as: usize,
    /// Whether no trial of either side reached the level: then there are no steps to compare.
    pub all: bool,
}

/// Judges all claims of a study, in the study's order. While the study is not complete, each verdict is
/// [`Verdict::Unfinished`] and nothing is compared.
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

/// What the paired differences, arm minus versus, say about each claim of a study. A claim is decided if its p is below .05
/// after Holm's correction over all claims; where the mean lies says which way. Claims with fewer than
/// [`PAIRS_FOR_A_VERDICT`] pairs are not tested, but count in the correction with p = 1, which errs on the cautious side.
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
    let finding = |index: usize| {
        let (expect, differences) = claims[index];
        let p_holm = ps[index].map(|_| adjusted[index]);
        let verdict = verdict(expect, differences, p_holm);
        Finding {
            verdict,
            difference: Difference::of(differences),
            p: ps[index],
            p_holm,
            p_sign_flip: tested[index].map(|(_, sign_flip)| sign_flip),
            exact: false,
        }
    };
    (0..claims.len()).map(finding).collect()
}

/// Whether the seeds are no independent samples because all have the same difference. On a surface, a seed changes the start
/// alone, and what does not depend on the start differs by the single precision of metrics at most.
fn is_exact(board: &Board, claim: &Claim, pairs: &Pairs) -> bool {
    let on_surface = |cell: usize| board.plan.cells[cell].config.data == DataSource::Surface;
    let differences = &pairs.differences;
    let (Some(&first), true) = (differences.first(), claim.cells().all(on_surface)) else { return false };
    let rounding = SINGLE_PRECISION * pairs.largest;
    let same = |difference: &f64| (difference - first).abs() <= rounding;
    // A difference as small as the rounding error has no sign.
    let has_direction = matches!(claim.expect, Expect::Same { .. }) || first.abs() > rounding;
    differences.len() >= PAIRS_FOR_A_VERDICT && has_direction && differences.iter().all(same)
}

/// The finding of a claim that lost pairs to divergence: the differences that are left are described and not tested. It is
/// inconclusive however few they are, if enough pairs were `planned` for a verdict.
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

/// The finding of a claim with the same difference for all seeds: decided by that difference, without a test.
fn exact(expect: Expect, finding: Finding) -> Finding {
    let holds = finding.difference.is_some_and(|difference| as_expected(expect, difference.mean));
    let verdict = if holds { Verdict::Supported } else { Verdict::Refuted };
    Finding { verdict, p: None, p_holm: None, p_sign_flip: None, exact: true, ..finding }
}

/// (p of Student's t, p of the sign flips); `None` with fewer than 2 pairs.
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

/// About how many more seeds would decide a claim with a power of 80 %, if effect and spread stay as they are. `claims` is
/// the number of claims of the study, 1 or more: the level is .05/`claims`, the strictest of Holm's. `None` with fewer than
/// 2 pairs, if more than 10,000 pairs would be needed, and if the pairs should already be enough.
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

/// What was read from the trials of a claim, seed by seed.
#[derive(Default)]
struct Pairs {
    /// Arm minus versus, of the seeds that have a value on both sides.
    differences: Vec<f64>,
    /// The largest magnitude of a value on either side.
    largest: f64,
    left_out: LeftOut,
    never: Option<Never>,
    diverged: Vec<(String, Diverged)>,
    chosen: Option<String>,
}

impl Pairs {
    /// The differences to test: none if a pair was lost to divergence, so that the claim counts in Holm's correction with p = 1.
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
        // All differences are 0 then, but only because the same number stands for every trial.
        if pairs.never.is_some_and(|never| never.all) {
            pairs.differences.clear();
        }
        pairs
    }
}
