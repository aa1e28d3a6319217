//! The entries of tables, as values: exporters and screens decide how to write them.

use super::{Row, RowVerdict, Table, TableColumn};
use crate::judge::claim::{self, Bound};
use crate::judge::stats::{Difference, Summary};
use crate::plan::metric::{Kind, Metric};
use crate::record::board::Diverged;
use serde_json::Value;

/// What a column of a row holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// There is no value.
    Nothing,
    /// A name, or the words of a study's author.
    Words(String),
    /// The value of a hyper-parameter.
    Param(Value),
    /// A number of trials or pairs.
    Count(usize),
    /// The mean of a metric.
    Mean(Estimate),
    /// A mean difference, which is written with its sign.
    Change(Estimate),
    /// A mean difference of which only a bound is known.
    Bounded(Bound, Estimate),
    /// The mean of epochs.
    Epoch(Estimate),
    /// A share in [0, 1], written in per cent.
    Share(f64),
    /// A p-value in [0, 1].
    P(f64),
    /// In place of a p-value: the difference is the same for all seeds and was not tested.
    Exact,
    /// Numbers of a cell's trials.
    Outcomes {
        /// One for each seed.
        planned: usize,
        /// Those that went through all their steps.
        completed: usize,
        /// Those whose loss stopped being finite, and when it did.
        diverged: Option<Diverged>,
        /// Of the completed ones, those that ended with a higher training loss than they began with.
        ended_higher: usize,
        /// Those that panicked.
        failed: usize,
    },
    /// When a cell's completed trials got down to the goal.
    StepsToGoal {
        /// Mean of the updates until then, over the trials that got there; `None` if none did.
        reached: Option<Estimate>,
        /// Number of trials that never got there.
        never: usize,
    },
    /// In place of an effect: no trial of either side of a claim ever reached the level.
    NeverThere,
    /// In place of a verdict: the row is the baseline. How many of its trials diverged, if any did.
    Baseline(Option<Diverged>),
    /// The comparison of a row with the baseline.
    RowVerdict(RowVerdict),
    /// The verdict on a claim, and how many pairs it lost to divergence, if any.
    ClaimVerdict(claim::Verdict, Option<Diverged>),
    /// In place of a verdict: how far a claim is that takes more seeds.
    Open(claim::Progress),
    /// Several entries of one kind: one for each metric that is compared.
    OfEach(Vec<Entry>),
}

/// A mean with its 95 % interval, in the unit of its values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Arithmetic mean.
    pub mean: f64,
    /// Half the width of the 95 % interval; `None` for the mean of a single value.
    pub half_width: Option<f64>,
    /// (low, high) of the interval, if the mean is not its middle: evidence that grew over several looks excludes more on one side.
    pub ends: Option<(f64, f64)>,
    /// What kind of number it is, which decides how it is written.
    pub kind: Kind,
}

impl Estimate {
    /// The mean of a sample.
    pub fn new(summary: &Summary, kind: Kind) -> Estimate {
        let ends = summary.ci95.filter(|&ends| is_off_centre(summary.mean, ends));
        Estimate { mean: summary.mean, half_width: summary.half_width(), ends, kind }
    }

    /// The mean of paired differences.
    pub fn of_difference(difference: &Difference, kind: Kind) -> Estimate {
        let ends = difference.ci95.filter(|&ends| is_off_centre(difference.mean, ends));
        Estimate { mean: difference.mean, half_width: difference.half_width(), ends, kind }
    }
}

/// Whether a mean lies further from the middle of its interval than half a digit of ± would tell.
fn is_off_centre(mean: f64, (low, high): (f64, f64)) -> bool {
    (low.midpoint(high) - mean).abs() > 0.02 * (high - low)
}

impl Entry {
    /// The mean of a metric, written as values of this metric are.
    pub fn mean(metric: Metric, summary: &Summary) -> Entry {
        Entry::Mean(Estimate::new(summary, metric.kind()))
    }

    /// The mean difference in a metric, written as differences of this metric are.
    pub fn change(metric: Metric, difference: &Difference) -> Entry {
        let kind = if metric.is_accuracy() { Kind::AccuracyDifference } else { metric.kind() };
        Entry::Change(Estimate::of_difference(difference, kind))
    }

    /// A p-value; [`Entry::Nothing`] for `None`.
    pub fn p(p: Option<f64>) -> Entry {
        p.map_or(Entry::Nothing, Entry::P)
    }
}

impl Table {
    /// What a column of a row holds; [`Entry::Nothing`] if the row has no such value.
    pub fn entry(&self, row: &Row, column: TableColumn) -> Entry {
        let best = row.best.as_ref();
        let entry = match column {
            TableColumn::Arm => row.name().map(|name| Entry::Words(name.into())),
            TableColumn::Axis(_) => self.param(row, column).cloned().map(Entry::Param),
            TableColumn::Completed => Some(Entry::Count(row.completed)),
            TableColumn::Outcomes => {
                let Row { planned, completed, ended_higher, failed, .. } = *row;
                Some(Entry::Outcomes { planned, completed, diverged: row.divergence(), ended_higher, failed })
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
