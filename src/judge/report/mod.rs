//! Board → table: one row per cell, with means and intervals over seeds.

mod baseline;
mod best;
mod claims;
mod classes;
mod columns;
mod compare;
mod effects;
mod entry;
mod factorial;
mod goal;
mod recipe;
mod results;
mod shared;
#[cfg(test)]
mod tests;
mod verdict;

pub use baseline::{Baseline, baselines};
pub use best::{Best, METRICS as BEST_METRICS, Selection, Ties};
pub use claims::ClaimColumn;
pub use classes::{Classes, Confused, OfClass};
pub(super) use compare::versus;
pub use effects::{Effect, Effects, Share};
pub use entry::{Entry, Estimate};
pub use goal::StepsToGoal;
pub use recipe::name as recipe_name;
pub(super) use results::{planned_trials, trials_of};
pub(super) use shared::as_written;
pub(super) use verdict::{Compared, correct, undecided};
pub use verdict::{Comparison, Corrected, RowVerdict, row_verdicts};

use crate::judge::claim::{self, Judgement, Progress};
use crate::judge::sequence::{FIXED_LEVEL, Sequence};
use crate::judge::stats::{Difference, Inference, Summary};
use crate::plan::config::{DataSource, these_images};
use crate::plan::metric::Metric;
use crate::plan::{Cell, Design, Params, Problem, Provenance, Stopping, param_text, sources};
use crate::record::board::{Board, Diverged};
use compare::{Verdicts, earlier_verdicts};
use results::{common_seeds, ranks, results_by_cell, summaries};
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A study's result as every exporter and the table screen show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Name of the study, which is also that of its result folder.
    pub study: String,
    /// The question that the study is to answer, in its author's words.
    pub question: Option<String>,
    /// Keys of the grid, in the order of the columns.
    pub axes: Vec<String>,
    /// How the cells follow from the grid. It decides how rows are named and ordered.
    pub design: Design,
    /// What the trials do, which says which metrics the table has.
    pub problem: Problem,
    /// Whether some rows are named arms.
    pub has_arms: bool,
    /// Hyper-parameters that are the same in all cells, as far as they differ from the defaults or are always shown: the
    /// line above the table.
    pub shared: Params,
    /// The data sources, in the order of their fingerprints in the provenance.
    pub data: Vec<DataSource>,
    /// The images that all seeds train on in cells in which they are the same though the data set has more (see
    /// [`these_images`]).
    pub these_images: Option<String>,
    /// One for each cell of the plan; in the order of the design at first, see [`Table::sort`].
    pub rows: Vec<Row>,
    /// The study's claims with their verdicts, in the order of the study.
    pub claims: Vec<Judgement>,
    /// Number of seeds of the plan, or of all plans where earlier ones count.
    pub seeds: usize,
    /// What the verdicts rest on; `None` while nothing can be judged.
    pub sequence: Option<Sequence>,
    /// Which intervals are shown.
    pub inference: Inference,
    /// Number of comparisons that the verdicts of the rows are corrected for: test accuracy and gap of each row that is compared, and
    /// of cells that earlier plans had.
    pub row_family: usize,
    /// Number of trials in the plan: each cell with each seed.
    pub trials_planned: usize,
    /// Number of these that completed or diverged.
    pub trials_with_result: usize,
    /// When a study without a fixed number of seeds takes no more of them.
    pub stopping: Option<Stopping>,
    /// Program, study, data and command that the result comes from.
    pub provenance: Provenance,
    /// Which of the measured metrics get a column; `None` for all but the weight norm.
    pub chosen: Option<Vec<Metric>>,
}

/// The result of one cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Index into the plan's cells.
    pub cell: usize,
    /// The arm's name; `None` for a point of the grid.
    pub arm: Option<String>,
    /// Of a design that changes one recipe: what this cell changes in it, e.g. `batch_norm = false`, or the name of the
    /// unchanged recipe. `None` for arms and with other designs.
    pub recipe: Option<String>,
    /// The hyper-parameters that the study sets in this cell.
    pub params: Params,
    /// What its trials learn from.
    pub data: DataSource,
    /// Whether other rows are compared with this one.
    pub is_baseline: bool,
    /// What the row is compared with.
    pub baseline: Baseline,
    /// Number of planned trials: one for each seed; also those of earlier plans, where they count. Those in none of the next three counts
    /// are waiting, running or stopped.
    pub planned: usize,
    /// Where seeds that were planned first have no result in this cell, so that nothing can be inferred of it: the first of these.
    pub stops_at: Option<u64>,
    /// Number of trials that went through all their steps.
    pub completed: usize,
    /// Number of trials whose loss stopped being finite.
    pub diverged: usize,
    /// When these diverged; `None` if none did.
    divergence: Option<Diverged>,
    /// Number of completed trials that ended with a higher training loss than they began with.
    pub ended_higher: usize,
    /// Number of trials that panicked.
    pub failed: usize,
    /// The seed of a trial that makes most of the spread of a metric, for each metric that has one.
    outliers: BTreeMap<Metric, u64>,
    /// Each measured metric at the last evaluation, over the completed trials.
    summaries: BTreeMap<Metric, Summary>,
    /// The means by which rows are ranked: over the seeds that all rows have, where some have fewer.
    ranks: BTreeMap<Metric, f64>,
    /// When trials on a surface get down to the goal; `None` where no goal is set.
    pub steps_to_goal: Option<StepsToGoal>,
    /// The trials at their best epochs; `None` where no validation accuracy was measured.
    pub best: Option<Best>,
    /// `None` for the baseline itself, without a baseline, while the study is unfinished, and where no seed has
    /// completed both here and in the baseline.
    pub versus_baseline: Option<Differences>,
    /// `None` for the baseline itself, without a baseline, while the study is unfinished, and with fewer pairs than
    /// [`PAIRS_FOR_A_VERDICT`](crate::judge::stats::PAIRS_FOR_A_VERDICT).
    pub verdict: Option<RowVerdict>,
    /// What its verdict is read from; `None` where nothing is compared, and for other problems than networks.
    pub corrected: Option<Corrected>,
    /// The verdict, and the number of seeds it rests on, when that number was still the one that was fixed at first; `None` if it was
    /// never changed after that.
    pub earlier: Option<(RowVerdict, usize)>,
    /// Of a study that takes seeds until it is decided, how far the row is; `None` for other studies and without a comparison.
    pub progress: Option<Progress>,
}

/// A cell minus the baseline in each metric that its problem [compares](Problem::compared), paired by the seeds that
/// completed in both; in the unit of the metric.
pub type Differences = BTreeMap<Metric, Difference>;

/// A column of the table, which is also what its rows can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableColumn {
    /// The name of an arm, or of a recipe.
    Arm,
    /// Index into the table's `axes`.
    Axis(usize),
    /// Number of completed trials.
    Completed,
    /// Numbers of completed, diverged and failed trials, where not all have completed.
    Outcomes,
    /// Mean of a metric at the last evaluation.
    Metric(Metric),
    /// Updates until f first is at or below the goal.
    StepsToGoal,
    /// Mean difference to the baseline in a metric that the problem [compares](Problem::compared).
    Change(Metric),
    /// The comparison with the baseline in a word.
    Verdict,
    /// Mean of the epochs with the highest validation accuracy.
    BestEpoch,
    /// Mean of a metric at that epoch.
    Best(Metric),
}

impl TableColumn {
    /// The metric whose mean it shows, at the last evaluation.
    pub fn metric(&self) -> Option<Metric> {
        match self {
            TableColumn::Metric(metric) => Some(*metric),
            _ => None,
        }
    }
}

impl Table {
    /// The table of what is known so far. It takes a pass over all trials and, once the study is complete, a sign-flip test of
    /// each compared metric in each row: build a new table only when the board has changed.
    pub fn new(board: &Board) -> Table {
        let plan = &board.plan;
        let sequence = Sequence::of(board);
        let problem = plan.problem();
        let shown = sequence.clone().unwrap_or_else(|| shown_before_the_end(board));
        let results = results_by_cell(board, &shown);
        let tallies = board.tally_by_cell();
        let baselines = baselines(plan);
        let dropped = board.history().dropped_cells;
        let compared = match &sequence {
            Some(sequence) => Verdicts::new(board, sequence, &baselines, &results, dropped),
            None => Verdicts::none(plan),
        };
        let earlier = earlier_verdicts(board, &baselines);
        let existing = match shown.inference {
            Inference::Fixed => None,
            Inference::Anytime => Some(results_by_cell(board, &Sequence::fixed(plan.seeds.clone()))),
        };
        let common = common_seeds(&results);
        let row = |(cell, versus_baseline): (usize, Option<Differences>)| {
            let Cell { arm, params, config } = &plan.cells[cell];
            let (tally, result) = (tallies[cell], &results[cell]);
            let stops_at = shown.stops_at(board, &plan.cells[cell]);
            let mut summaries = summaries(plan, &plan.cells[cell], &result.completed, shown.inference);
            // Means are of all trials that there are, also where nothing can be inferred from them.
            if let Some(existing) = existing.as_ref().filter(|_| stops_at.is_some()) {
                let mean = |summary: Summary| Summary { ci95: None, outlier: None, ..summary };
                let all = self::summaries(plan, &plan.cells[cell], &existing[cell].completed, Inference::Fixed);
                summaries = all.into_iter().map(|(metric, summary)| (metric, mean(summary))).collect();
            }
            let outlier =
                |(metric, summary): (&Metric, &Summary)| Some((*metric, result.completed.get(summary.outlier?)?.0));
            let earlier = earlier.as_ref().and_then(|(verdicts, seeds)| Some((verdicts.given[cell]?, *seeds)));
            Row {
                cell,
                arm: arm.clone(),
                recipe: recipe::name(plan, cell),
                params: params.clone(),
                data: config.data,
                is_baseline: baselines[cell] == Baseline::Itself,
                baseline: baselines[cell],
                planned: tally.planned.max(result.ended),
                completed: tally.completed.max(result.completed.len()),
                stops_at,
                diverged: tally.diverged,
                divergence: tally.divergence(),
                ended_higher: tally.ended_higher,
                failed: tally.failed,
                outliers: summaries.iter().filter_map(outlier).collect(),
                ranks: ranks(plan, &plan.cells[cell], &result.completed, &common),
                summaries,
                steps_to_goal: StepsToGoal::new(board, cell, shown.inference),
                best: Best::new(config, &result.best, shown.inference),
                versus_baseline,
                verdict: compared.given[cell],
                corrected: compared.corrected[cell].filter(|_| problem == Problem::Network),
                earlier,
                progress: compared.progress[cell],
            }
        };
        let mut rows: Vec<Row> = compared.versus.into_iter().enumerate().map(row).collect();
        if sequence.is_some() {
            best::mark_ties(&mut rows, shown.inference);
        }
        let mut table = Table {
            study: plan.study.clone(),
            question: plan.question.clone(),
            axes: plan.axes.clone(),
            design: plan.design,
            problem,
            has_arms: plan.cells.iter().any(|cell| cell.arm.is_some()),
            shared: shared::values(&plan.cells),
            data: sources(&plan.cells).into_iter().collect(),
            these_images: these_images(plan.cells.iter().map(|cell| &cell.config)),
            rows,
            claims: claim::judge(board),
            seeds: results.iter().map(|result| result.ended).max().unwrap_or(0).max(plan.seeds.len()),
            sequence,
            row_family: compared.family,
            inference: shown.inference,
            trials_planned: board.trials.len(),
            trials_with_result: board.tally().with_result(),
            stopping: plan.stopping,
            provenance: plan.provenance.clone(),
            chosen: None,
        };
        table.sort_by_design();
        table
    }

    /// The level at which its verdicts are decided; that of a fixed plan while nothing can be judged.
    pub fn level(&self) -> f64 {
        self.sequence.as_ref().map_or(FIXED_LEVEL, |sequence| sequence.level)
    }

    /// Whether every trial has completed or diverged.
    pub fn complete(&self) -> bool {
        self.trials_with_result == self.trials_planned
    }

    /// Sorts the rows by a column. Rows without a value come last in both directions; rows with equal values stay in the
    /// order of the study.
    pub fn sort(&mut self, by: TableColumn, descending: bool) {
        let Table { rows, axes, .. } = self;
        rows.sort_by(|a, b| {
            let order = match (sort_key(axes, a, by), sort_key(axes, b, by)) {
                (Some(a), Some(b)) if descending => compare(&b, &a),
                (Some(a), Some(b)) => compare(&a, &b),
                (a, b) => b.is_some().cmp(&a.is_some()),
            };
            order.then(a.cell.cmp(&b.cell))
        });
    }
}

impl Row {
    /// The name of the arm, or of the recipe; `None` for a point of a grid.
    pub fn name(&self) -> Option<&str> {
        self.arm.as_deref().or(self.recipe.as_deref())
    }

    /// How many of its trials diverged; `None` if none did.
    pub fn divergence(&self) -> Option<Diverged> {
        self.divergence
    }

    /// The metrics of which one trial makes most of the spread, each with the seed of that trial.
    pub fn outliers(&self) -> impl Iterator<Item = (Metric, u64)> {
        self.outliers.iter().map(|(&metric, &seed)| (metric, seed))
    }

    /// The seed of the trial that makes most of the spread of a metric; `None` if there is none.
    pub fn outlier(&self, metric: Metric) -> Option<u64> {
        self.outliers.get(&metric).copied()
    }

    /// The metric at the last evaluation, over the completed trials; `None` if it was not measured or none completed.
    pub fn summary(&self, metric: Metric) -> Option<&Summary> {
        self.summaries.get(&metric)
    }

    /// The measured metrics that are not in `metrics`, in the order of the columns.
    pub fn measured_beside(&self, metrics: &[Metric]) -> impl Iterator<Item = (Metric, &Summary)> {
        let others = self.summaries.iter().filter(|(metric, _)| !metrics.contains(metric));
        others.map(|(&metric, summary)| (metric, summary))
    }

    /// The difference to the baseline; `None` where there is no comparison, see [`Row::versus_baseline`], and for metrics that
    /// are not compared.
    pub fn change(&self, metric: Metric) -> Option<&Difference> {
        self.versus_baseline.as_ref()?.get(&metric)
    }
}

/// Number of pairs of a comparison: the largest of its metrics.
pub fn pairs(versus: &Differences) -> usize {
    versus.values().map(|difference| difference.n).max().unwrap_or(0)
}

/// The seeds of the results that are shown while nothing can be judged.
fn shown_before_the_end(board: &Board) -> Sequence {
    Sequence { inference: Sequence::inference(board), ..Sequence::fixed(board.plan.seeds.clone()) }
}

enum SortKey<'a> {
    Number(f64),
    Text(&'a str),
    Other(String),
}

fn sort_key<'a>(axes: &[String], row: &'a Row, by: TableColumn) -> Option<SortKey<'a>> {
    match by {
        TableColumn::Arm => row.name().map(SortKey::Text),
        TableColumn::Axis(axis) => row.params.get(axes.get(axis)?).map(|value| match value {
            Value::Number(number) => SortKey::Number(number.as_f64().unwrap_or(0.0)),
            Value::String(text) => SortKey::Text(text),
            other => SortKey::Other(param_text(other)),
        }),
        TableColumn::Completed => Some(SortKey::Number(row.completed as f64)),
        TableColumn::Outcomes => Some(SortKey::Number((row.planned - row.completed) as f64)),
        TableColumn::Metric(metric) => row.ranks.get(&metric).map(|&mean| SortKey::Number(mean)),
        TableColumn::StepsToGoal => {
            row.steps_to_goal.as_ref()?.reached.as_ref().map(|reached| SortKey::Number(reached.mean))
        }
        TableColumn::Change(metric) => row.change(metric).map(|change| SortKey::Number(change.mean)),
        TableColumn::Verdict => row.verdict.map(|verdict| SortKey::Other(verdict.to_string())),
        TableColumn::BestEpoch => row.best.as_ref().map(|best| SortKey::Number(best.epoch.mean)),
        TableColumn::Best(metric) => row.best.as_ref()?.summary(metric).map(|summary| SortKey::Number(summary.mean)),
    }
}

/// Numbers by size, before texts; texts alphabetically.
fn compare(a: &SortKey, b: &SortKey) -> Ordering {
    fn split<'a>(key: &'a SortKey) -> (f64, &'a str) {
        match key {
            SortKey::Number(number) => (*number, ""),
            SortKey::Text(text) => (f64::INFINITY, text),
            SortKey::Other(text) => (f64::INFINITY, text),
        }
    }
    let (a, b) = (split(a), split(b));
    a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1))
}
