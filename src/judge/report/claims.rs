//! The claims as a table.

use super::{Entry, Estimate};
use crate::judge::claim::Judgement;
use crate::plan::Measure;
use crate::plan::metric::Kind;
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

    fn nobody_got_there(&self) -> bool {
        self.never.is_some_and(|never| never.all)
    }
}
