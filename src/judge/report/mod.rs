//! Board → table: one row a cell, with means and intervals over seeds.

mod best;
mod claims;
mod columns;
mod effects;
mod entry;
mod factorial;
mod goal;
mod recipe;
mod shared;
#[cfg(test)]
mod tests;
mod verdict;

pub use best::{Best, METRICS as BEST_METRICS, Selection, Ties};
pub use claims::ClaimColumn;
pub use effects::{Effect, Effects, Share};
pub use entry::{Entry, Estimate};
pub use goal::StepsToGoal;
pub use recipe::name as recipe_name;
pub use verdict::{Comparison, RowVerdict};

use crate::judge::claim::{self, Judgement};
use crate::judge::stats::{Difference, Summary, without_rounding};
use crate::plan::config::Config;
use crate::plan::metric::Metric;
use crate::plan::{Cell, Design, Params, Plan, Problem, Provenance, param_text};
use crate::record::board::{Board, Diverged, Tally};
use crate::record::event::Point;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

/// A study's result as every exporter and the table screen show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub study: String,
    pub question: Option<String>,
    /// Keys of the grid, in the order of the columns.
    pub axes: Vec<String>,
    pub design: Design,
    pub problem: Problem,
    /// Whether some rows are named arms.
    pub has_arms: bool,
    /// What all cells share and what differs from the defaults: the line above the table.
    pub shared: Params,
    pub rows: Vec<Row>,
    /// In the order of the study.
    pub claims: Vec<Judgement>,
    /// Number of seeds that every cell is trained with.
    pub seeds: usize,
    pub trials_planned: usize,
    /// Completed or diverged.
    pub trials_with_result: usize,
    pub provenance: Provenance,
    /// Metrics to have columns, of those that were measured; `None` for all but the weight norm.
    pub chosen: Option<Vec<Metric>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Index into the plan's cells.
    pub cell: usize,
    pub arm: Option<String>,
    /// What this recipe changes in the one that the design starts from, or that one's name; `None` with other designs.
    pub recipe: Option<String>,
    pub params: Params,
    pub is_baseline: bool,
    /// Trials by outcome; all the others of `planned` have no result yet.
    pub planned: usize,
    pub completed: usize,
    pub diverged: usize,
    pub failed: usize,
    /// Over the completed trials, of all that was measured.
    summaries: BTreeMap<Metric, Summary>,
    /// `None` where no goal is set.
    pub steps_to_goal: Option<StepsToGoal>,
    /// `None` where no validation accuracy was measured.
    pub best: Option<Best>,
    /// `None` for the baseline itself, without a baseline, while the study is unfinished, and where no seed has
    /// completed both here and in the baseline.
    pub versus_baseline: Option<Differences>,
    /// `None` for the baseline itself, without a baseline, while the study is unfinished, and with few pairs.
    pub verdict: Option<RowVerdict>,
}

/// A cell minus the baseline in each metric that its problem [compares](Problem::compared), paired by the seeds that
/// completed in both.
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
    /// What became of the trials, where not all have completed.
    Outcomes,
    Metric(Metric),
    /// Steps until f is down at the goal.
    StepsToGoal,
    /// Difference to the baseline, of train accuracy, test accuracy or gap.
    Change(Metric),
    Verdict,
    /// The epoch with the highest validation accuracy, and what was measured then.
    BestEpoch,
    Best(Metric),
}

/// The trials of one cell, as its row counts them.
#[derive(Default)]
struct Completed {
    tally: Tally,
    /// Seed and last evaluation of the completed trials, in the order of the plan.
    completed: Vec<(u64, Point)>,
    /// Seed and best evaluation of those in which validation was measured.
    best: Vec<(u64, Point)>,
}

impl Table {
    /// The table of what is known so far. Its cost is that of one look at each trial and, once the study is complete,
    /// of an exact test of three differences for each row: make it anew only when the board has changed.
    pub fn new(board: &Board) -> Table {
        let plan = &board.plan;
        let results = completed_by_cell(board);
        let complete = board.complete();
        let problem = plan.problem();
        let baseline = plan.baseline.filter(|_| complete);
        let row = |cell: usize| {
            let baseline = baseline.filter(|&baseline| baseline != cell);
            let versus_baseline = baseline.and_then(|baseline| {
                let with_config = |cell: usize| (&plan.cells[cell].config, results[cell].completed.as_slice());
                versus(problem.compared(), with_config(cell), with_config(baseline))
            });
            let diverged = |cell: usize| results[cell].tally.divergence();
            let verdict = baseline
                .and_then(|baseline| RowVerdict::new(diverged(cell), diverged(baseline), versus_baseline.as_ref()));
            let tally = results[cell].tally;
            Row {
                cell,
                arm: plan.cells[cell].arm.clone(),
                recipe: recipe::name(plan, cell),
                params: plan.cells[cell].params.clone(),
                is_baseline: plan.baseline == Some(cell),
                planned: tally.planned,
                completed: tally.completed,
                diverged: tally.diverged,
                failed: tally.failed,
                summaries: summaries(plan, &plan.cells[cell], &results[cell].completed),
                steps_to_goal: StepsToGoal::new(board, cell),
                best: Best::new(&plan.cells[cell].config, &results[cell].best),
                versus_baseline,
                verdict,
            }
        };
        let mut rows: Vec<Row> = (0..plan.cells.len()).map(row).collect();
        if complete {
            best::choose(&mut rows);
        }
        let mut table = Table {
            study: plan.study.clone(),
            question: plan.question.clone(),
            axes: plan.axes.clone(),
            design: plan.design,
            problem,
            has_arms: plan.cells.iter().any(|cell| cell.arm.is_some()),
            shared: shared::values(&plan.cells),
            rows,
            claims: claim::judge(board),
            seeds: plan.seeds.len(),
            trials_planned: board.trials.len(),
            trials_with_result: board.tally().with_result(),
            provenance: plan.provenance.clone(),
            chosen: None,
        };
        table.sort_by_design();
        table
    }

    /// Whether every trial has completed or diverged.
    pub fn complete(&self) -> bool {
        self.trials_with_result == self.trials_planned
    }

    /// Sorts the rows by a column. Rows without a value there come last either way; equal ones stay in the order of
    /// the study.
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
    /// The arm's or the recipe's.
    pub fn name(&self) -> Option<&str> {
        self.arm.as_deref().or(self.recipe.as_deref())
    }

    /// `None` if none of its trials did.
    pub fn divergence(&self) -> Option<Diverged> {
        Diverged::new(self.diverged, self.planned)
    }

    pub fn summary(&self, metric: Metric) -> Option<&Summary> {
        self.summaries.get(&metric)
    }

    /// What was measured beside these, in the order of the columns.
    pub fn measured_beside(&self, metrics: &[Metric]) -> impl Iterator<Item = (Metric, &Summary)> {
        let others = self.summaries.iter().filter(|(metric, _)| !metrics.contains(metric));
        others.map(|(&metric, summary)| (metric, summary))
    }

    /// `None` also for the metrics that are not compared.
    pub fn change(&self, metric: Metric) -> Option<&Difference> {
        self.versus_baseline.as_ref()?.get(&metric)
    }
}

/// Number of pairs that a comparison rests on.
pub fn pairs(versus: &Differences) -> usize {
    versus.values().map(|difference| difference.n).max().unwrap_or(0)
}

/// `None` without any pair.
fn versus(
    compared: &[Metric],
    cell: (&Config, &[(u64, Point)]),
    baseline: (&Config, &[(u64, Point)]),
) -> Option<Differences> {
    let of_baseline: HashMap<u64, &Point> = baseline.1.iter().map(|(seed, point)| (*seed, point)).collect();
    let pairs: Vec<_> = cell.1.iter().filter_map(|(seed, point)| Some((point, *of_baseline.get(seed)?))).collect();
    let difference = |&metric: &Metric| {
        let one = |&(a, b): &(&Point, &Point)| Some(a.value(metric, cell.0)? - b.value(metric, baseline.0)?);
        let differences: Vec<f64> = pairs.iter().filter_map(one).map(without_rounding).collect();
        Some((metric, Difference::of(&differences)?))
    };
    Some(compared.iter().filter_map(difference).collect()).filter(|versus: &Differences| !versus.is_empty())
}

fn completed_by_cell(board: &Board) -> Vec<Completed> {
    let with_tally = |tally: Tally| Completed { tally, ..Completed::default() };
    let mut cells: Vec<Completed> = board.tally_by_cell().into_iter().map(with_tally).collect();
    for (trial, state) in board.plan.trials.iter().zip(&board.trials) {
        if state.status.has_completed() {
            let cell = &mut cells[trial.cell];
            cell.completed.extend(state.curve.last().map(|point| (trial.seed, point)));
            cell.best.extend(state.curve.best().map(|best| (trial.seed, state.curve.point(best))));
        }
    }
    cells
}

fn summaries(plan: &Plan, cell: &Cell, completed: &[(u64, Point)]) -> BTreeMap<Metric, Summary> {
    let summary = |metric: Metric| {
        let values: Vec<f64> = completed.iter().filter_map(|(_, point)| point.value(metric, &cell.config)).collect();
        Some((metric, Summary::of(&values)?))
    };
    plan.problem_of(cell).metrics().filter_map(summary).collect()
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
        TableColumn::Metric(metric) => row.summary(metric).map(|summary| SortKey::Number(summary.mean)),
        TableColumn::StepsToGoal => {
            row.steps_to_goal.as_ref()?.reached.as_ref().map(|reached| SortKey::Number(reached.mean))
        }
        TableColumn::Change(metric) => row.change(metric).map(|change| SortKey::Number(change.mean)),
        TableColumn::Verdict => row.verdict.map(|verdict| SortKey::Other(verdict.to_string())),
        TableColumn::BestEpoch => row.best.as_ref().map(|best| SortKey::Number(best.epoch.mean)),
        TableColumn::Best(metric) => row.best.as_ref()?.summary(metric).map(|summary| SortKey::Number(summary.mean)),
    }
}

/// Numbers by size and before words; words by their letters.
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
