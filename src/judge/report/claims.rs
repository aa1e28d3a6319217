//! The words and digits of the claims: what Markdown, LaTeX and the screen show alike.

use super::text::{difference, diverged};
use super::{Entry, Estimate, Table};
use crate::judge::claim::{Judgement, Verdict};
use crate::judge::stats::PAIRS_FOR_A_VERDICT;
use crate::plan::metric::Kind;
use crate::plan::{Expect, Measure};
use crate::record::board::Diverged;

/// A column of the claims' table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimColumn {
    Verdict,
    Claim,
    Effect,
    P,
    SignFlip,
    Pairs,
}

impl ClaimColumn {
    /// From left to right.
    pub const ALL: [ClaimColumn; 6] = [
        ClaimColumn::Claim,
        ClaimColumn::Verdict,
        ClaimColumn::Effect,
        ClaimColumn::P,
        ClaimColumn::SignFlip,
        ClaimColumn::Pairs,
    ];

    pub fn header(self) -> &'static str {
        match self {
            ClaimColumn::Verdict => "verdict",
            ClaimColumn::Claim => "claim",
            ClaimColumn::Effect => "effect",
            ClaimColumn::P => "p (Holm)",
            ClaimColumn::SignFlip => "p (sign flip)",
            ClaimColumn::Pairs => "n",
        }
    }

    /// Whether it holds numbers, which stand at the right.
    pub fn is_numeric(self) -> bool {
        !matches!(self, ClaimColumn::Verdict | ClaimColumn::Claim)
    }
}

impl Judgement {
    /// What stands in a column of the claim's row.
    pub fn entry(&self, column: ClaimColumn) -> Entry {
        let finding = &self.finding;
        let effect = finding.difference.as_ref();
        match column {
            ClaimColumn::Verdict => {
                Entry::ClaimVerdict(finding.verdict, Diverged::new(self.left_out.diverged, self.pairs))
            }
            ClaimColumn::Claim => Entry::Words(match &self.claim.note {
                Some(note) => format!("{} ({note})", self.claim.says),
                None => self.claim.says.clone(),
            }),
            ClaimColumn::Effect if self.nobody_got_there() => Entry::NeverThere,
            ClaimColumn::P | ClaimColumn::SignFlip if self.nobody_got_there() => Entry::Nothing,
            ClaimColumn::Effect => effect.map_or(Entry::Nothing, |effect| {
                let of_accuracies = matches!(self.claim.measure, Measure::Metric(metric) if metric.is_accuracy());
                let kind = if of_accuracies { Kind::AccuracyDifference } else { Kind::Quantity };
                Entry::Change(Estimate::of_difference(effect, kind))
            }),
            ClaimColumn::P | ClaimColumn::SignFlip if finding.exact => Entry::Exact,
            ClaimColumn::P => Entry::p(finding.p_holm),
            ClaimColumn::SignFlip => Entry::p(finding.p_sign_flip),
            ClaimColumn::Pairs => effect.map_or(Entry::Nothing, |effect| Entry::Count(effect.n)),
        }
    }

    /// What stands in a column of the claim's row; `–` for what there is not.
    pub fn text(&self, column: ClaimColumn) -> String {
        let finding = &self.finding;
        let text = match column {
            ClaimColumn::Verdict => Some(match Diverged::new(self.left_out.diverged, self.pairs) {
                Some(lost) => format!("{}: {lost}", finding.verdict.name()),
                None => finding.verdict.name().into(),
            }),
            ClaimColumn::Claim => Some(match &self.claim.note {
                Some(note) => format!("{} ({note})", self.claim.says),
                None => self.claim.says.clone(),
            }),
            ClaimColumn::Effect if self.nobody_got_there() => Some("never there".into()),
            ClaimColumn::P | ClaimColumn::SignFlip if self.nobody_got_there() => None,
            ClaimColumn::Effect => finding.difference.map(|effect| {
                let share = matches!(self.claim.measure, Measure::Metric(metric) if metric.is_accuracy());
                difference(&effect, share)
            }),
            ClaimColumn::P | ClaimColumn::SignFlip if finding.exact => Some("exact".into()),
            ClaimColumn::P => finding.p_holm.map(p_text),
            ClaimColumn::SignFlip => finding.p_sign_flip.map(p_text),
            ClaimColumn::Pairs => finding.difference.map(|effect| effect.n.to_string()),
        };
        text.unwrap_or_else(|| "–".into())
    }

    /// What was held against what, what was left out of it, and what would help.
    pub fn remarks(&self) -> String {
        let mut text = format!("{}.", self.compared);
        text.extend(self.chosen.as_ref().map(|chosen| format!(" Chosen: {chosen}.")));
        if self.finding.exact {
            text += " Exact: the same for all seeds, so there is nothing to test.";
        }
        text.extend(self.left_out_text());
        text.extend(self.never_text());
        text.extend(self.diverged_text());
        text.extend(
            self.more_seeds.map(|more| format!(" About {more} more {} would decide it.", plural(more, "seed"))),
        );
        text
    }

    fn left_out_text(&self) -> Option<String> {
        let left_out = self.left_out;
        let reasons = [(left_out.diverged, "diverged"), (left_out.unmeasured, "not measured")];
        let reasons: Vec<String> = match reasons.iter().filter(|(count, _)| *count > 0).count() {
            0 => return None,
            1 => reasons.iter().filter(|(count, _)| *count > 0).map(|(_, reason)| reason.to_string()).collect(),
            _ => reasons.iter().map(|(count, reason)| format!("{count} {reason}")).collect(),
        };
        Some(format!(" {} of {} pairs left out: {}.", left_out.count(), self.pairs, reasons.join(", ")))
    }

    fn diverged_text(&self) -> Option<String> {
        let counted = self.counted_diverged();
        match self.claim.diverged_as.filter(|_| counted > 0) {
            Some(value) => {
                let verb = if counted == 1 { "counts" } else { "count" };
                Some(format!(" {counted} {} diverged and {verb} as {value}.", plural(counted, "trial")))
            }
            None => {
                let cells = diverged(&self.diverged)?;
                let never =
                    if self.claim.best_over.is_some() { "Never chosen, since trials diverged" } else { "Diverged" };
                Some(format!(" {never}: {cells}."))
            }
        }
    }

    fn nobody_got_there(&self) -> bool {
        self.never.is_some_and(|never| never.all)
    }

    fn never_text(&self) -> Option<String> {
        let never = self.never?;
        if self.nobody_got_there() {
            return Some(" Neither side ever reached the level: there are no steps to compare.".into());
        }
        let sides = [(never.arm, "of the arm"), (never.versus, "of the other side")];
        let sides: Vec<String> = sides
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, side)| format!("{count} {} {side}", plural(*count, "trial")))
            .collect();
        let verb = if never.arm + never.versus == 1 { "counts" } else { "count" };
        (!sides.is_empty()).then(|| {
            let steps = never.counts_as;
            format!(" {} never got there and {verb} as {steps} steps, the longest training.", sides.join(" and "))
        })
    }
}

impl Table {
    /// How the claims were judged; empty if none was.
    pub fn claims_reading(&self) -> String {
        let mut text = String::new();
        if self.claims.iter().any(|judged| judged.finding.verdict == Verdict::Unfinished) {
            return "Claims are judged when all trials have ended.".into();
        }
        if self.claims.iter().any(|judged| judged.finding.verdict.is_given()) {
            let count = self.claims.len();
            let holm =
                if count == 1 { String::new() } else { format!(", after Holm's correction over the {count} claims,") };
            text = format!(
                "Effect: mean difference of the two sides, paired by seed, ± half-width of its 95 % interval. A claim is \
                 supported or refuted where the p of its two-sided paired t test{holm} is below .05, else inconclusive. The \
                 sign-flip p, uncorrected, assumes no distribution."
            );
            if self.claims.iter().any(|judged| matches!(judged.claim.expect, Expect::Same { .. })) {
                text += " \"Within\" is tested against both ends of its margin; p is the larger of the two.";
            }
            if self.claims.iter().any(|judged| judged.more_seeds.is_some()) {
                text += " More seeds: for 80 % power, should effect and spread stay as they are.";
            }
        }
        if self.claims.iter().any(|judged| judged.left_out.diverged > 0) {
            let space = if text.is_empty() { "" } else { " " };
            text += &format!(
                "{space}A claim that lost pairs to divergence is not tested, and counts among the others: the pairs that are \
                 left are those that did not diverge."
            );
        }
        if self.claims.iter().any(|judged| judged.finding.verdict == Verdict::DescriptiveOnly) {
            let space = if text.is_empty() { "" } else { " " };
            text += &format!(
                "{space}Claims with fewer than {PAIRS_FOR_A_VERDICT} pairs are descriptive only and get no verdict."
            );
        }
        text
    }
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { noun.into() } else { format!("{noun}s") }
}

/// `0.032`; below that in two digits with an exponent: `3.1e-7`.
fn p_text(p: f64) -> String {
    match p {
        0.0 => "0".into(),
        p if p >= 0.001 => format!("{p:.3}"),
        p => format!("{p:.1e}"),
    }
}
