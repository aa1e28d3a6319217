//! The claims as a table.

use super::{Entry, Estimate};
use crate::judge::claim::Judgement;
use crate::plan::Measure;
use crate::plan::metric::Kind;
use crate::record::board::Diverged;

/// A column of the claims' table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimColumn {
    /// Whether the trials support or refute the claim.
    Verdict,
    /// The words of the study's author, with the note.
    Claim,
    /// Mean difference, arm minus versus, with its 95 % interval.
    Effect,
    /// p after Holm's correction over all claims.
    P,
    /// p of the sign-flip test, uncorrected.
    SignFlip,
    /// Number of pairs that have a difference.
    Pairs,
}

impl ClaimColumn {
    /// All columns, from left to right.
    pub const ALL: [ClaimColumn; 6] = [
        ClaimColumn::Claim,
        ClaimColumn::Verdict,
        ClaimColumn::Effect,
        ClaimColumn::P,
        ClaimColumn::SignFlip,
        ClaimColumn::Pairs,
    ];

    /// Whether it holds numbers, which are aligned to the right.
    pub fn is_numeric(self) -> bool {
        !matches!(self, ClaimColumn::Verdict | ClaimColumn::Claim)
    }
}

impl Judgement {
    /// What a column of the claim's row holds.
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
            ClaimColumn::Effect if self.no_trial_reached_the_level() => Entry::NeverThere,
            ClaimColumn::P | ClaimColumn::SignFlip if self.no_trial_reached_the_level() => Entry::Nothing,
            ClaimColumn::Effect => effect.map_or(Entry::Nothing, |effect| match self.claim.measure {
                Measure::Metric(metric) => Entry::change(metric, effect),
                Measure::Layer { .. } | Measure::StepsTo { .. } => {
                    Entry::Change(Estimate::of_difference(effect, Kind::Quantity))
                }
            }),
            ClaimColumn::P | ClaimColumn::SignFlip if finding.exact => Entry::Exact,
            ClaimColumn::P => Entry::p(finding.p_holm),
            ClaimColumn::SignFlip => Entry::p(finding.p_sign_flip),
            ClaimColumn::Pairs => effect.map_or(Entry::Nothing, |effect| Entry::Count(effect.n)),
        }
    }

    fn no_trial_reached_the_level(&self) -> bool {
        self.never.is_some_and(|never| never.all)
    }
}
