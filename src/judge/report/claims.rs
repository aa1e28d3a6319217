//! The claims as a table.

use super::{Entry, Estimate};
use crate::judge::claim::{Bound, Judgement};
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
    /// p of a test that assumes no distribution, uncorrected.
    Signs,
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
        ClaimColumn::Signs,
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
            ClaimColumn::Verdict if self.is_open() => self.progress.map_or(Entry::Nothing, Entry::Open),
            ClaimColumn::Verdict => Entry::ClaimVerdict(finding.verdict, self.lost()),
            ClaimColumn::Claim => Entry::Words(match &self.claim.note {
                Some(note) => format!("{} ({note})", self.claim.says),
                None => self.claim.says.clone(),
            }),
            ClaimColumn::Effect if self.no_trial_reached_the_level() => Entry::NeverThere,
            ClaimColumn::P | ClaimColumn::Signs if self.no_trial_reached_the_level() => Entry::Nothing,
            ClaimColumn::Effect if finding.bound == Some(Bound::Unknown) => Entry::Nothing,
            ClaimColumn::Effect => effect.map_or(Entry::Nothing, |effect| match self.claim.measure {
                Measure::Metric(metric) => Entry::change(metric, effect),
                Measure::Layer { .. } | Measure::StepsTo { .. } => {
                    let estimate = Estimate::of_difference(effect, Kind::Quantity);
                    match finding.bound {
                        Some(bound) => Entry::Bounded(bound, estimate),
                        None => Entry::Change(estimate),
                    }
                }
            }),
            ClaimColumn::P | ClaimColumn::Signs if finding.exact => Entry::Exact,
            ClaimColumn::P => Entry::p(finding.p_holm),
            ClaimColumn::Signs => Entry::p(finding.p_signs),
            ClaimColumn::Pairs => effect.map_or(Entry::Nothing, |effect| Entry::Count(effect.n)),
        }
    }

    /// How many of its pairs it lost to divergence, and when that was; `None` if it lost none.
    fn lost(&self) -> Option<Diverged> {
        let all = self.diverged.iter().map(|(_, diverged)| *diverged).reduce(Diverged::and)?;
        let lost = Diverged { trials: self.left_out.diverged, of: self.pairs, ..all };
        (lost.trials > 0).then_some(lost)
    }

    /// Whether it takes more seeds.
    pub fn is_open(&self) -> bool {
        self.progress.is_some_and(|progress| progress.is_open())
    }

    fn no_trial_reached_the_level(&self) -> bool {
        self.finding.bound.is_some() && self.finding.difference.is_none()
    }
}
