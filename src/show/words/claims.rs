//! The words around claims: titles of columns, remarks on each claim, and how claims are judged.

use super::number::{count, plural};
use super::{cells, table};
use crate::judge::claim::{Judgement, Verdict};
use crate::judge::report::{ClaimColumn, Table};
use crate::plan::Expect;

/// The title of a column, without a unit.
pub fn header(column: ClaimColumn) -> &'static str {
    match column {
        ClaimColumn::Verdict => "verdict",
        ClaimColumn::Claim => "claim",
        ClaimColumn::Effect => "effect",
        ClaimColumn::P => "p (Holm)",
        ClaimColumn::SignFlip => "p (sign flip)",
        ClaimColumn::Pairs => "n",
    }
}

/// The notes below the claims: remarks on each, then how they were judged.
pub fn notes(table: &Table) -> Vec<String> {
    let of_each = table.claims.iter().map(|judged| format!("{}: {}", judged.claim.says, remarks(judged)));
    of_each.chain(Some(how_judged(table)).filter(|text| !text.is_empty())).collect()
}

/// Sentences on one claim: what was compared, which pairs were left out and why, and how many more seeds would help.
pub fn remarks(judged: &Judgement) -> String {
    let mut said = vec![format!("{}.", judged.compared)];
    said.extend(judged.chosen.as_ref().map(|chosen| format!("Chosen: {chosen}.")));
    if judged.finding.exact {
        said.push("Exact: the same for all seeds, so there is nothing to test.".into());
    }
    said.extend(left_out(judged));
    said.extend(never_there(judged));
    said.extend(diverged(judged));
    said.extend(judged.more_seeds.map(|more| format!("About {more} more {} would decide it.", plural(more, "seed"))));
    said.join(" ")
}

fn left_out(judged: &Judgement) -> Option<String> {
    let left_out = judged.left_out;
    let reasons = match (left_out.diverged, left_out.unmeasured) {
        (0, 0) => return None,
        (_, 0) => "diverged".into(),
        (0, _) => "not measured".into(),
        (diverged, unmeasured) => format!("{diverged} diverged, {unmeasured} not measured"),
    };
    Some(format!("{} of {} pairs left out: {reasons}.", left_out.count(), judged.pairs))
}

fn diverged(judged: &Judgement) -> Option<String> {
    let counted = judged.counted_diverged();
    match judged.claim.diverged_as.filter(|_| counted > 0) {
        Some(value) => Some(format!("{} diverged and {} as {value}.", count(counted, "trial"), counts(counted))),
        None => {
            let cells = cells::diverged(&judged.diverged)?;
            let never = match judged.claim.best_over {
                Some(_) => "Never chosen, since trials diverged",
                None => "Diverged",
            };
            Some(format!("{never}: {cells}."))
        }
    }
}

fn never_there(judged: &Judgement) -> Option<String> {
    let never = judged.never?;
    if never.all {
        return Some("Neither side ever reached the level: there are no steps to compare.".into());
    }
    let sides = [(never.arm, "of the arm"), (never.versus, "of the other side")];
    let sides = sides.iter().filter(|(number, _)| *number > 0);
    let sides: Vec<String> = sides.map(|(number, side)| format!("{} {side}", count(*number, "trial"))).collect();
    (!sides.is_empty()).then(|| {
        let (sides, verb, steps) = (sides.join(" and "), counts(never.arm + never.versus), never.counts_as);
        format!("{sides} never got there and {verb} as {steps} steps, the longest training.")
    })
}

/// The verb for so many trials.
fn counts(trials: usize) -> &'static str {
    if trials == 1 { "counts" } else { "count" }
}

/// Sentences on how to read the verdicts; empty if there are no claims.
pub fn how_judged(table: &Table) -> String {
    let any = |is: &dyn Fn(&Judgement) -> bool| table.claims.iter().any(is);
    if any(&|judged| judged.finding.verdict == Verdict::Unfinished) {
        return "Claims are judged when all trials have ended.".into();
    }
    let mut said = Vec::new();
    if any(&|judged| judged.finding.verdict.is_given()) {
        let holm = match table.claims.len() {
            1 => String::new(),
            claims => format!(", after Holm's correction over the {claims} claims,"),
        };
        said.push(format!(
            "Effect: mean difference of the two sides, paired by seed, ± half-width of its 95 % interval. A claim is \
             supported or refuted where the p of its two-sided paired t test{holm} is below .05, else inconclusive. The \
             sign-flip p, uncorrected, assumes no distribution."
        ));
        if any(&|judged| matches!(judged.claim.expect, Expect::Same { .. })) {
            said.push("\"Within\" is tested against both ends of its margin; p is the larger of the two.".into());
        }
        if any(&|judged| judged.more_seeds.is_some()) {
            said.push("More seeds: for 80 % power, should effect and spread stay as they are.".into());
        }
    }
    if any(&|judged| judged.left_out.diverged > 0) {
        said.push(
            "A claim that lost pairs to divergence is not tested, and counts among the others: the pairs that are left are \
             those that did not diverge."
                .into(),
        );
    }
    if any(&|judged| judged.finding.verdict == Verdict::DescriptiveOnly) {
        said.push(table::few_pairs("Claims"));
    }
    said.join(" ")
}
