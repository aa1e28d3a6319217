//! Board → judgements: whether the trials support or refute each claim of a study.
//!
//! With a fixed number of seeds, claims are judged once, when every trial has a result. Where the number of seeds was not fixed, they
//! are judged at every whole block, by evidence that holds at any time (see [`Sequence`]). For each seed, the arm's value minus that of
//! the other side is a pair. A pair is left out, and counted with the reason, if a trial on either side has no value; a claim may name a
//! value that stands for trials that diverged. A claim that lost a pair to divergence is not tested and is inconclusive: the seeds that
//! are left are those in which training went well, which is no fair sample.
//!
//! The family that Holm's correction is over are the claims of all plans of the study, also of those that came before: who deletes the
//! claims that failed does not make the others more certain.

pub mod across;
mod on_all;
mod pairs;
mod progress;
mod test;
#[cfg(test)]
mod tests;
mod values;

pub use pairs::Never;
pub use progress::{HOPELESS, Progress, more_seeds};
pub(super) use test::SINGLE_PRECISION;
pub use test::findings;

use crate::judge::sequence::{AFTER_FIXED_LEVEL, Sequence};
use crate::judge::stats::{Difference, Inference};
use crate::plan::{Asked, Cell, Claim};
use crate::record::board::{Board, Diverged};
use pairs::Pairs;
use progress::progress;
use test::{Test, decide, is_exact};
use values::Sides;

/// What the trials say about a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// p after Holm's correction is below the level, and the mean difference is as expected; or every seed has the same
    /// difference, which is as expected (see [`Finding::exact`]).
    Supported,
    /// The same, with a mean difference that is not as expected.
    Refuted,
    /// p after Holm's correction is not below the level, a pair was lost to divergence, or most trials of both sides never got to the
    /// level of a claim about steps.
    Inconclusive,
    /// Fewer than [`PAIRS_FOR_A_VERDICT`](crate::judge::stats::PAIRS_FOR_A_VERDICT) pairs, or the same difference in all of them.
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
        self.is_decided() || self == Verdict::Inconclusive
    }

    /// Whether the claim is supported or refuted.
    pub fn is_decided(self) -> bool {
        matches!(self, Verdict::Supported | Verdict::Refuted)
    }
}

/// A claim, and what the trials say about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The claim as the plan has it.
    pub claim: Claim,
    /// What is compared with what, in words: `gap of (weight_decay = 0.1) lower than that of (weight_decay = 0)`.
    pub compared: String,
    /// Of a claim that takes the best cell along an axis, which values were chosen for each side: `learning_rate = 0.1 against
    /// 0.003`. `None` for other claims, and where no cell could be chosen.
    pub chosen: Option<String>,
    /// The verdict and the numbers it is based on.
    pub finding: Finding,
    /// Of a claim on all values of an axis, each value with what its trials say: a verdict there is that value's own say in the
    /// verdict of the whole. Empty for other claims. The whole has their pairs together, and the effect that is smallest.
    pub parts: Vec<(String, Judgement)>,
    /// Number of claims that p is corrected for: those of all plans of the study.
    pub family: usize,
    /// The level below which evidence that holds at any number of seeds decides; `None` where another test does.
    pub decides_below: Option<f64>,
    /// Pairs that there should be: one for each seed that is judged; without a seed that only helps to choose the best cell.
    pub pairs: usize,
    /// How many of these pairs have no difference, and why.
    pub left_out: LeftOut,
    /// Of a claim about steps, how many trials did not get to the level in time; `None` for other claims.
    pub never: Option<Never>,
    /// The seed whose difference makes most of the spread; `None` if there is none.
    pub outlier: Option<u64>,
    /// The name of each cell in which trials diverged, of those that the claim looks at, and how many did.
    pub diverged: Vec<(String, Diverged)>,
    /// Of an inconclusive claim, what [`more_seeds`] advises; `None` for others, and if a pair was lost to divergence.
    pub more_seeds: Option<usize>,
    /// Whether it stood in a plan before any of its trials had a result; `None` if no plan tells.
    pub stated_before: Option<bool>,
    /// What was found when the number of seeds was still the one that was fixed at first; `None` if it was never changed after that.
    pub earlier: Option<Earlier>,
    /// Of a study that takes seeds until its claims are decided, how far this one is; `None` for other studies.
    pub progress: Option<Progress>,
}

/// The verdict at the end of a plan with a fixed number of seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Earlier {
    /// The verdict and its numbers.
    pub finding: Finding,
    /// Number of seeds of that plan.
    pub seeds: usize,
}

/// What paired differences say about a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Whether the differences decide the claim.
    pub verdict: Verdict,
    /// Arm minus versus, in the unit of the claim's measure; `None` without pairs.
    pub difference: Option<Difference>,
    /// Whether the mean difference is only a bound, as of steps to a level that some trials did not reach; `None` if it is known.
    pub bound: Option<Bound>,
    /// Two-sided p of the paired t test against 0, or of the evidence for a difference; of a claim that expects "same", [`Margin::p`](crate::judge::stats::Margin::p).
    /// Where only bounds are known, of a test that uses nothing but order. `None` if the claim is not tested.
    pub p: Option<f64>,
    /// `p` after Holm's correction over all claims of the study, which decides; `None` if the claim is not tested.
    pub p_holm: Option<f64>,
    /// The answer of a test that assumes no distribution to the same question. It decides nothing, and is also given of claims that are
    /// not tested; `None` with fewer than 2 pairs, and if `exact`.
    pub p_signs: Option<f64>,
    /// Whether the difference is the same for all seeds of a deterministic problem. Such a claim is decided by the difference
    /// alone: without randomness there is nothing to test.
    pub exact: bool,
}

/// What is known of a mean of which some numbers are only known to be beyond something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// It is this number or more.
    AtLeast,
    /// It is this number or less.
    AtMost,
    /// Nothing.
    Unknown,
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

/// Judges all claims of a study, in the study's order. While nothing can be judged, each verdict is [`Verdict::Unfinished`] and nothing
/// is compared.
pub fn judge(board: &Board) -> Vec<Judgement> {
    let plan = &board.plan;
    let asked: Vec<Asked> = plan.claims.iter().map(|claim| Asked::new(claim, &plan.cells)).collect();
    let Some(sequence) = Sequence::of(board) else {
        return plan.claims.iter().zip(&asked).map(|(claim, asked)| unfinished(board, claim, asked)).collect();
    };
    let judged = Judged::over(board, &sequence, &asked, board.history().claims.len());
    let earlier = Sequence::earlier(board);
    let earlier = earlier.zip(board.history().fixed.as_ref()).map(|(sequence, plan)| {
        let claims = Judged::over(board, &sequence, &asked, plan.claims);
        let was_there =
            |asked: &&Asked| board.history().claims.iter().take(plan.claims).any(|claim| claim.asks() == **asked);
        let place = |index: usize| asked[..index].iter().filter(was_there).count();
        let findings = (0..asked.len())
            .map(|index| was_there(&&asked[index]).then(|| claims.findings[place(index)].clone()))
            .collect::<Vec<Option<Finding>>>();
        (findings, sequence.seeds.len())
    });
    let family = judged.family;
    let open = judged.findings.iter().filter(|finding| !finding.verdict.is_decided()).count();
    let level = if sequence.inference == Inference::Anytime { sequence.level } else { AFTER_FIXED_LEVEL };
    // Of a claim with these pairs, or of one of its values, without what is known of the whole alone.
    let of_pairs = |claim: &Claim, pairs: &[Pairs], finding: &Finding| {
        let lost = |of: fn(&LeftOut) -> usize| pairs.iter().map(|pairs| of(&pairs.left_out)).sum();
        let left_out = LeftOut { diverged: lost(|left| left.diverged), unmeasured: lost(|left| left.unmeasured) };
        let more_seeds = match pairs {
            _ if finding.verdict != Verdict::Inconclusive || left_out.diverged > 0 => None,
            [one] => one.known().and_then(|known| more_seeds(claim.expect, &known, level / family as f64)),
            several => on_all::more_seeds(claim.expect, several, level / family as f64),
        };
        let one = match pairs {
            [one] => Some(one),
            _ => None,
        };
        let by_order = pairs.iter().any(|pairs| pairs.by_order);
        Judgement {
            claim: claim.clone(),
            compared: claim.in_words(&plan.cells),
            chosen: one.and_then(|pairs| pairs.chosen.clone()),
            finding: finding.clone(),
            parts: Vec::new(),
            family,
            decides_below: Some(sequence.level).filter(|_| sequence.inference == Inference::Anytime && !by_order),
            pairs: pairs.iter().map(|pairs| pairs.planned).sum(),
            left_out,
            never: one.and_then(|pairs| pairs.never),
            outlier: one.and_then(Pairs::outlier),
            diverged: pairs.iter().flat_map(|pairs| pairs.diverged.clone()).collect(),
            more_seeds,
            stated_before: None,
            earlier: None,
            progress: None,
        }
    };
    let judgement = |(index, claim): (usize, &Claim)| {
        let pairs = &judged.pairs[index];
        let finding = &judged.findings[index];
        let parts = claim.parts(&plan.cells).into_iter().zip(pairs).zip(&judged.parts[index]);
        let statement = board.history().claims.iter().find(|statement| statement.asks() == asked[index]);
        Judgement {
            parts: parts
                .map(|(((value, part), pairs), finding)| (value, of_pairs(&part, std::slice::from_ref(pairs), finding)))
                .collect(),
            stated_before: statement.map(|statement| statement.before_data),
            earlier: earlier
                .as_ref()
                .and_then(|(findings, seeds)| Some(Earlier { finding: findings[index].clone()?, seeds: *seeds })),
            progress: plan
                .stopping
                .map(|stopping| progress(claim, pairs, finding, (sequence.level, open.max(1)), stopping.most_seeds)),
            ..of_pairs(claim, pairs, finding)
        }
    };
    plan.claims.iter().enumerate().map(judgement).collect()
}

fn unfinished(board: &Board, claim: &Claim, asked: &Asked) -> Judgement {
    let statement = board.history().claims.iter().find(|statement| statement.asks() == *asked);
    let finding = Finding {
        verdict: Verdict::Unfinished,
        difference: None,
        bound: None,
        p: None,
        p_holm: None,
        p_signs: None,
        exact: false,
    };
    Judgement {
        claim: claim.clone(),
        compared: claim.in_words(&board.plan.cells),
        chosen: None,
        finding,
        parts: Vec::new(),
        family: board.plan.claims.len(),
        decides_below: None,
        pairs: board.plan.seeds.len(),
        left_out: LeftOut::default(),
        never: None,
        outlier: None,
        diverged: {
            let planned = Sequence::fixed(board.plan.seeds.clone());
            Sides::of_plan(board, &planned).diverged(claim, planned.seeds.len())
        },
        more_seeds: None,
        stated_before: statement.map(|statement| statement.before_data),
        earlier: None,
        progress: None,
    }
}

/// The family of a study's claims over the same seeds: those of the newest plan in their order, then those that only earlier plans had.
struct Judged {
    /// Of each claim: one, or that of each value of the axis on all of which it is to hold.
    pairs: Vec<Vec<Pairs>>,
    findings: Vec<Finding>,
    /// Of each claim on all values of an axis, what is found on each value; as many as it has pairs.
    parts: Vec<Vec<Finding>>,
    /// Number of claims; those that ask the same are one.
    family: usize,
}

impl Judged {
    /// `asked` is what the claims of the newest plan ask. Only the first `stated` claims of the history belong to the family; those of the
    /// newest plan that came later are left out.
    fn over(board: &Board, sequence: &Sequence, asked: &[Asked], stated: usize) -> Judged {
        let plan = &board.plan;
        let sides = Sides::of_plan(board, sequence);
        let mut pairs: Vec<Vec<Pairs>> = Vec::new();
        let mut claims: Vec<(&Claim, &[Cell])> = Vec::new();
        let read = |sides: &Sides, claim: &Claim, cells: &[Cell]| -> Vec<Pairs> {
            each(claim, cells).iter().map(|part| Pairs::read(sides, part, sequence)).collect()
        };
        // The place of the first claim that asks the same.
        let mut firsts: Vec<usize> = Vec::new();
        let known = &board.history().claims[..stated.min(board.history().claims.len())];
        let all = known.len() == board.history().claims.len();
        for (claim, asked) in plan.claims.iter().zip(asked) {
            if all || known.iter().any(|known| known.asks() == *asked) {
                let is_same = |(other, cells): &(&Claim, &[Cell])| Asked::new(other, cells) == *asked;
                firsts.push(claims.iter().position(is_same).unwrap_or(claims.len()));
                pairs.push(read(&sides, claim, &plan.cells));
                claims.push((claim, &plan.cells));
            }
        }
        for earlier in known.iter().filter(|claim| !asked.contains(&claim.asks())) {
            let sides = Sides::of_cells(board, &earlier.cells, sequence);
            firsts.push(claims.len());
            pairs.push(read(&sides, &earlier.claim, &earlier.cells));
            claims.push((&earlier.claim, &earlier.cells));
        }
        let test = |claim: &Claim, cells: &[Cell], pairs: &Pairs| {
            let test = Test::of(claim.expect, pairs, pairs.differences.len(), sequence.inference);
            match () {
                _ if pairs.left_out.diverged > 0 => test.untestable(pairs.planned),
                _ if is_exact(claim, cells, pairs) => test.exact(claim.expect),
                _ => test,
            }
        };
        let of_claim = |((claim, cells), pairs): (&(&Claim, &[Cell]), &Vec<Pairs>)| -> Vec<Test> {
            each(claim, cells).iter().zip(pairs).map(|(part, pairs)| test(part, cells, pairs)).collect()
        };
        let tests: Vec<Vec<Test>> = claims.iter().zip(&pairs).map(of_claim).collect();
        let (mut places, mut unique) = (Vec::new(), Vec::new());
        for (place, tests) in tests.iter().enumerate() {
            let first = firsts[place];
            places.push(if first == place { unique.len() } else { places[first] });
            unique.extend((first == place).then(|| on_all::test(claims[place].0.expect, tests.clone())));
        }
        let family = unique.len();
        let decided = decide(unique, sequence.level);
        let findings: Vec<Finding> = places.into_iter().map(|place| decided[place].clone()).collect();
        let parts =
            findings.iter().zip(tests).map(|(whole, tests)| on_all::apart(whole, tests, sequence.level)).collect();
        Judged { findings, parts, pairs, family }
    }
}

/// The claim of each value of the axis on all of which it is to hold; of another claim, itself.
fn each(claim: &Claim, cells: &[Cell]) -> Vec<Claim> {
    match &claim.on_all {
        Some(_) => claim.parts(cells).into_iter().map(|(_, part)| part).collect(),
        None => vec![claim.clone()],
    }
}
