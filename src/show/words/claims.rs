//! The words around claims: titles of columns, remarks on each claim, and how claims are judged.

use super::number::{count, plural};
use super::{cells, entry, table};
use crate::judge::claim::{Bound, Earlier, Judgement, Progress, Verdict};
use crate::judge::report::{ClaimColumn, Entry, Estimate, Table};
use crate::judge::stats::{Inference, PAIRS_FOR_A_VERDICT, critical_t};
use crate::plan::metric::Kind;
use crate::plan::{Expect, Measure};

/// The title of a column, without a unit.
pub fn header(column: ClaimColumn) -> &'static str {
    match column {
        ClaimColumn::Verdict => "verdict",
        ClaimColumn::Claim => "claim",
        ClaimColumn::Effect => "effect",
        ClaimColumn::P => "p (Holm)",
        ClaimColumn::Signs => "p (signs)",
        ClaimColumn::Pairs => "n",
    }
}

/// The notes below the claims: remarks on each, then how they were judged.
pub fn notes(table: &Table) -> Vec<String> {
    let of_each = table.claims.iter().map(|judged| format!("{}: {}", judged.claim.says, remarks(judged)));
    of_each.chain(Some(how_judged(table)).filter(|text| !text.is_empty())).collect()
}

/// Sentences on one claim: what was compared, when it was stated, how far it is, which pairs were left out and why, what was found when
/// the number of seeds was still fixed, and how many more seeds would help.
pub fn remarks(judged: &Judgement) -> String {
    let mut said = vec![format!("{}.", judged.compared)];
    said.extend(on_each(judged));
    said.extend(judged.stated_before.map(|before| match before {
        true => "Stated before its trials were trained.".into(),
        false => "Stated after looking: some of its trials were trained before it stood in a plan.".into(),
    }));
    said.extend(judged.chosen.as_ref().map(|chosen| format!("Chosen: {chosen}.")));
    let is_one = judged.parts.is_empty();
    said.extend(without_spread(judged).filter(|_| is_one));
    said.extend(judged.progress.map(progress));
    said.extend(outlier(judged).filter(|_| is_one));
    said.extend(too_few(judged));
    said.extend(left_out(judged).filter(|_| is_one));
    said.extend(never_there(judged).filter(|_| is_one));
    said.extend(diverged(judged));
    said.extend(judged.earlier.as_ref().map(earlier));
    said.extend(judged.more_seeds.map(|more| format!("About {more} more {} would decide it.", plural(more, "seed"))));
    said.join(" ")
}

/// What was found on each value of the axis on all of which a claim is to hold.
fn on_each(judged: &Judgement) -> Vec<String> {
    let found = |(value, part): &(String, Judgement)| {
        let effect = entry::text(&part.entry(ClaimColumn::Effect));
        match part.finding.p_holm {
            Some(p) => format!("{value}: {effect} (p {})", entry::text(&Entry::P(p))),
            None => format!("{value}: {effect}"),
        }
    };
    if judged.parts.is_empty() {
        return Vec::new();
    }
    let all = judged.parts.iter().map(found).collect::<Vec<_>>().join("; ");
    let remarks = judged.parts.iter().flat_map(|(value, part)| {
        let of_part = [without_spread(part), outlier(part), left_out(part), never_there(part)];
        let chosen = part.chosen.as_ref().map(|chosen| format!("Chosen: {chosen}."));
        let all: Vec<String> = chosen.into_iter().chain(of_part.into_iter().flatten()).collect();
        (!all.is_empty()).then(|| format!("On {value}: {}", all.join(" ")))
    });
    std::iter::once(format!("On each, {all}.")).chain(remarks).collect()
}

/// A sentence on differences that are the same for all seeds.
fn without_spread(judged: &Judgement) -> Option<String> {
    if judged.finding.exact {
        return Some("Exact: the same for all seeds, so there is nothing to test.".into());
    }
    let difference = judged.finding.difference.filter(|difference| difference.is_constant())?;
    let n = difference.n;
    (judged.finding.bound.is_none()).then(|| match difference.mean == 0.0 {
        true => format!("Equal in all {n} seeds: compared, not tested."),
        false => format!("The same difference in all {n} seeds: compared, not tested."),
    })
}

fn progress(progress: Progress) -> String {
    let most = progress.most_seeds;
    match progress.decided_after {
        Some(seeds) => {
            format!("Decided after {seeds} of at most {} seeds, valid at any look.", most.max(seeds))
        }
        None if progress.is_used_up => format!("Not decided with the {most} seeds that there are at most."),
        None if progress.is_hopeless => format!("Hopeless: the chance that {most} seeds decide it is below 5 %."),
        None => format!("Not decided yet, of at most {most} seeds."),
    }
}

/// How far the claims of a study without a fixed number of seeds are: `2 of 5 claims decided, 1 hopeless`; without claims, its rows.
/// `None` for other studies.
pub fn how_far(table: &Table) -> Option<String> {
    let (what, all): (_, Vec<Progress>) = match table.claims.is_empty() {
        false => ("claims", table.claims.iter().filter_map(|judged| judged.progress).collect()),
        true => ("rows", table.rows.iter().filter_map(|row| row.progress).collect()),
    };
    let decided = all.iter().filter(|progress| progress.decided_after.is_some()).count();
    let hopeless = match all.iter().filter(|progress| progress.is_hopeless).count() {
        0 => String::new(),
        hopeless => format!(", {hopeless} hopeless"),
    };
    (!all.is_empty()).then(|| format!("{decided} of {} {what} decided{hopeless}", all.len()))
}

/// A sentence on claims that evidence from so few pairs cannot decide, whatever it is.
fn too_few(judged: &Judgement) -> Option<String> {
    let (n, level) = (judged.finding.difference?.n, judged.decides_below?);
    let cannot = judged.finding.p.is_some() && critical_t(level / judged.family.max(1) as f64, n).is_none();
    (cannot && !judged.finding.verdict.is_decided()).then(|| format!("With {n} pairs nothing could be decided yet."))
}

fn outlier(judged: &Judgement) -> Option<String> {
    let (seed, difference) = (judged.outlier?, judged.finding.difference?);
    let median = match judged.claim.measure {
        Measure::Metric(metric) => Entry::change(metric, &difference.at_median()),
        Measure::Layer { .. } | Measure::StepsTo { .. } => {
            Entry::Change(Estimate::of_difference(&difference.at_median(), Kind::Quantity))
        }
    };
    Some(format!("Seed {seed} makes most of the spread; the median is {}.", entry::text(&median)))
}

fn earlier(earlier: &Earlier) -> String {
    let p = earlier.finding.p_holm.map(|p| format!(" (p {})", entry::text(&Entry::P(p)))).unwrap_or_default();
    let seeds = count(earlier.seeds, "seed");
    format!("With the {seeds} that were fixed at first: {}{p}.", earlier.finding.verdict.name())
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
    let sides = [(never.arm, "of the arm"), (never.versus, "of the other side")];
    let sides = sides.iter().filter(|(number, _)| *number > 0);
    let sides: Vec<String> = sides.map(|(number, side)| format!("{} {side}", count(*number, "trial"))).collect();
    let horizon = never.horizon;
    match judged.finding.bound? {
        _ if judged.finding.difference.is_none() => {
            Some(format!("Neither side reached the level within {horizon} steps: there are no steps to compare."))
        }
        bound => {
            let effect = match bound {
                Bound::AtLeast | Bound::AtMost => "so the effect is a bound",
                Bound::Unknown => "so the size of the effect is unknown",
            };
            let sides = sides.join(" and ");
            Some(format!(
                "{sides} did not get there within the {horizon} steps that both sides had, {effect}, and the test uses only which \
                 side was first."
            ))
        }
    }
}

/// The verb for so many trials.
fn counts(trials: usize) -> &'static str {
    if trials == 1 { "counts" } else { "count" }
}

fn how_tested(table: &Table, holm: &str) -> String {
    let level = table.level();
    let effect = "Effect: mean difference of the two sides, paired by seed, ± half-width of its 95 % interval";
    match table.inference {
        Inference::Fixed => format!(
            "{effect}. A claim is supported or refuted where the p of its two-sided paired t test{holm} is below {level}, else \
             inconclusive; what is left of 5 % is kept for seeds that may be added later. The p of signs is that of the sign-flip \
             test, uncorrected; it assumes no distribution."
        ),
        Inference::Anytime => format!(
            "{effect}, which holds at any number of seeds. The number of seeds was not fixed before all trials, so p is that of \
             evidence which may be looked at at any time, if the differences are near normal: a claim is supported or refuted where \
             it{holm} is below {level}, else inconclusive. The p of signs, uncorrected, is that of the evidence in their signs alone; \
             it assumes no distribution."
        ),
    }
}

/// Sentences on how to read the verdicts; empty if there are no claims.
pub fn how_judged(table: &Table) -> String {
    let any = |is: &dyn Fn(&Judgement) -> bool| table.claims.iter().any(is);
    if any(&|judged| judged.finding.verdict == Verdict::Unfinished) {
        return match table.inference {
            Inference::Fixed => "Claims are judged when all trials have ended.".into(),
            Inference::Anytime => "Claims are judged once a block, every cell with a seed, has ended.".into(),
        };
    }
    let mut said = Vec::new();
    if any(&|judged| judged.finding.verdict.is_given()) {
        let family = table.claims.iter().map(|judged| judged.family).max().unwrap_or(0);
        let holm = match family.saturating_sub(table.claims.len()) {
            _ if family == 1 => String::new(),
            0 => format!(", after Holm's correction over the {family} claims,"),
            earlier => format!(
                ", after Holm's correction over {family} claims, {earlier} of which only earlier plans of the study had,"
            ),
        };
        said.push(how_tested(table, &holm));
        if any(&|judged| matches!(judged.claim.expect, Expect::Same { .. })) {
            said.push("\"Within\" is tested against both ends of its margin; p is the larger of the two.".into());
        }
        if any(&|judged| judged.claim.on_all.is_some()) {
            said.push(
                "A claim on all values of an axis is supported if each value supports it: p is the largest of theirs. It is \
                 refuted if one of them refutes it: p is then the smallest of those against it, times the number of values. Its \
                 effect is the one of them that is least as expected."
                    .into(),
            );
        }
        if any(&|judged| judged.more_seeds.is_some()) {
            said.push(
                "More seeds: for 80 % power, should effect and spread stay as they are. Seeds that are added are judged by evidence \
                 that holds at any number of them."
                    .into(),
            );
        }
    }
    if any(&|judged| judged.left_out.diverged > 0) {
        said.push(
            "A claim that lost pairs to divergence is not tested, and counts among the others: the pairs that are left are \
             those that did not diverge."
                .into(),
        );
    }
    let has_few_pairs = |judged: &Judgement| {
        let has_few = judged.finding.difference.is_none_or(|difference| difference.n < PAIRS_FOR_A_VERDICT);
        judged.finding.verdict == Verdict::DescriptiveOnly && has_few
    };
    if any(&has_few_pairs) {
        said.push(table::few_pairs("Claims"));
    }
    said.join(" ")
}
