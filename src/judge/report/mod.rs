//! Board → table: one row per cell, with means and intervals over seeds.

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
use crate::plan::config::{Config, these_images};
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
    /// The images that all seeds train on in cells in which they are the same though the data set has more (see
    /// [`these_images`]).
    pub these_images: Option<String>,
    /// One for each cell of the plan; in the order of the design at first, see [`Table::sort`].
    pub rows: Vec<Row>,
    /// The study's claims with their verdicts, in the order of the study.
    pub claims: Vec<Judgement>,
    /// Number of seeds that every cell is trained with.
    pub seeds: usize,
    /// Number of trials in the plan: each cell with each seed.
    pub trials_planned: usize,
    /// Number of these that completed or diverged.
    pub trials_with_result: usize,
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
    /// Whether the other rows are compared with this one.
    pub is_baseline: bool,
    /// Number of planned trials: one for each seed. Those in none of the next three counts are waiting, running or stopped.
    pub planned: usize,
    /// Number of trials that went through all their steps.
    pub completed: usize,
    /// Number of trials whose loss stopped being finite.
    pub diverged: usize,
    /// Number of trials that panicked.
    pub failed: usize,
    /// Each measured metric at the last evaluation, over the completed trials.
    summaries: BTreeMap<Metric, Summary>,
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

/// What the trials of one cell came to.
#[derive(Default)]
struct CellResult {
    tally: Tally,
    /// Seed and last evaluation of the completed trials, in the order of the plan.
    completed: Vec<(u64, Point)>,
    /// Seed and best evaluation of those that measured the validation accuracy.
    best: Vec<(u64, Point)>,
}

impl Table {
    /// The table of what is known so far. It takes a pass over all trials and, once the study is complete, a sign-flip test of
    /// each compared metric in each row: build a new table only when the board has changed.
    pub fn new(board: &Board) -> Table {
        let plan = &board.plan;
        let results = results_by_cell(board);
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
            best::mark_ties(&mut rows);
        }
        let mut table = Table {
            study: plan.study.clone(),
            question: plan.question.clone(),
            axes: plan.axes.clone(),
            design: plan.design,
            problem,
            has_arms: plan.cells.iter().any(|cell| cell.arm.is_some()),
            shared: shared::values(&plan.cells),
            these_images: these_images(plan.cells.iter().map(|cell| &cell.config)),
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
        Diverged::new(self.diverged, self.planned)
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

/// The cell minus the baseline; `None` without any pair.
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

fn results_by_cell(board: &Board) -> Vec<CellResult> {
    let with_tally = |tally: Tally| CellResult { tally, ..CellResult::default() };
    let mut cells: Vec<CellResult> = board.tally_by_cell().into_iter().map(with_tally).collect();
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
