//! What stands in a column of a row, as it was found: how it is written is for whoever shows it.

use super::{Row, RowVerdict, Table, TableColumn};
use crate::judge::claim;
use crate::judge::stats::{Difference, Summary};
use crate::plan::metric::{Kind, Metric};
use crate::record::board::Diverged;
use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// There is none.
    Nothing,
    /// A name, or what a study's author says.
    Words(String),
    /// The value of a hyper-parameter.
    Param(Value),
    Count(usize),
    Mean(Estimate),
    /// A mean difference, which is told with its sign.
    Change(Estimate),
    /// The mean of epochs.
    Epoch(Estimate),
    /// A share in [0, 1], told in per cent.
    Share(f64),
    P(f64),
    /// In place of a p: what is the same for all seeds is compared and not tested.
    Exact,
    /// What became of a cell's trials.
    Outcomes {
        planned: usize,
        completed: usize,
        diverged: usize,
        failed: usize,
    },
    /// Mean over the trials that got there, `None` if none did, and how many never did.
    StepsToGoal {
        reached: Option<Estimate>,
        never: usize,
    },
    /// In place of an effect: no trial of either side of a claim ever got to the level.
    NeverThere,
    /// The row is the baseline's, with what diverged of it.
    Baseline(Option<Diverged>),
    RowVerdict(RowVerdict),
    /// Of a claim, with the pairs that it lost to divergence.
    ClaimVerdict(claim::Verdict, Option<Diverged>),
    /// The same of each metric that is compared.
    OfEach(Vec<Entry>),
}

/// A mean with its interval, and what its numbers count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub mean: f64,
    /// Of the 95 % interval; `None` for a mean of one.
    pub half_width: Option<f64>,
    pub kind: Kind,
}

impl Estimate {
    pub fn new(summary: &Summary, kind: Kind) -> Estimate {
        Estimate { mean: summary.mean, half_width: summary.half_width(), kind }
    }

    pub fn of_difference(difference: &Difference, kind: Kind) -> Estimate {
        Estimate { mean: difference.mean, half_width: difference.half_width(), kind }
    }
}

impl Entry {
    pub fn mean(metric: Metric, summary: &Summary) -> Entry {
        Entry::Mean(Estimate::new(summary, metric.kind()))
    }

    pub fn change(metric: Metric, difference: &Difference) -> Entry {
        let kind = if metric.is_accuracy() { Kind::AccuracyDifference } else { metric.kind() };
        Entry::Change(Estimate::of_difference(difference, kind))
    }

    pub fn p(p: Option<f64>) -> Entry {
        p.map_or(Entry::Nothing, Entry::P)
    }
}

impl Table {
    /// What stands in a column of a row.
    pub fn entry(&self, row: &Row, column: TableColumn) -> Entry {
        let best = row.best.as_ref();
        let entry = match column {
            TableColumn::Arm => row.name().map(|name| Entry::Words(name.into())),
            TableColumn::Axis(_) => self.param(row, column).cloned().map(Entry::Param),
            TableColumn::Completed => Some(Entry::Count(row.completed)),
            TableColumn::Outcomes => {
                let Row { planned, completed, diverged, failed, .. } = *row;
                Some(Entry::Outcomes { planned, completed, diverged, failed })
            }
            TableColumn::Metric(metric) => row.summary(metric).map(|summary| Entry::mean(metric, summary)),
            TableColumn::StepsToGoal => row.steps_to_goal.as_ref().map(|steps| Entry::StepsToGoal {
                reached: steps.reached.as_ref().map(|reached| Estimate::new(reached, Kind::Quantity)),
                never: steps.never,
            }),
            TableColumn::Change(metric) => row.change(metric).map(|change| Entry::change(metric, change)),
            TableColumn::BestEpoch => best.map(|best| Entry::Epoch(Estimate::new(&best.epoch, Kind::Quantity))),
            TableColumn::Best(metric) => best.and_then(|best| Some(Entry::mean(metric, best.summary(metric)?))),
            TableColumn::Verdict if row.is_baseline => Some(Entry::Baseline(row.divergence())),
            TableColumn::Verdict => row.verdict.map(Entry::RowVerdict),
        };
        entry.unwrap_or(Entry::Nothing)
    }
}
