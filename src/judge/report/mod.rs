//! Board → table: one row per cell, with means and intervals over seeds.

mod baseline;
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

pub use baseline::{Baseline, baselines};
pub use best::{Best, METRICS as BEST_METRICS, Selection, Ties};
pub use claims::ClaimColumn;
pub use effects::{Effect, Effects, Share};
pub use entry::{Entry, Estimate};
pub use goal::StepsToGoal;
pub use recipe::name as recipe_name;
pub(super) use shared::as_written;
pub(super) use verdict::{Compared, correct, undecided};
pub use verdict::{Comparison, Corrected, RowVerdict, row_verdicts};

use crate::judge::claim::{self, Judgement, Progress};
use crate::judge::sequence::{FIXED_LEVEL, Sequence};
use crate::judge::stats::{Difference, Inference, Summary, without_rounding};
use crate::plan::config::{Config, these_images};
use crate::plan::metric::Metric;
use crate::plan::{Cell, Design, Params, Plan, Problem, Provenance, Stopping, TrialId, param_text, trial_id};
use crate::record::board::{Board, Diverged, TrialState};
use crate::record::event::Point;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};

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

/// The completed trials of one cell, in the order of the seeds.
#[derive(Default)]
struct CellResult {
    /// Seed and last evaluation.
    completed: Vec<(u64, Point)>,
    /// Seed and best evaluation of those that measured the validation accuracy.
    best: Vec<(u64, Point)>,
    /// Number of trials with a result, also those that diverged.
    ended: usize,
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

/// How the rows compare with their baselines, over the seeds of a sequence.
struct Verdicts {
    /// By cell.
    versus: Vec<Option<Differences>>,
    /// By cell.
    given: Vec<Option<RowVerdict>>,
    /// See [`Table::row_family`].
    family: usize,
    /// By cell.
    progress: Vec<Option<Progress>>,
    /// By cell.
    corrected: Vec<Option<Corrected>>,
}

impl Verdicts {
    /// Without anything that can be judged.
    fn none(plan: &Plan) -> Verdicts {
        let cells = plan.cells.len();
        Verdicts {
            versus: vec![None; cells],
            given: vec![None; cells],
            family: 0,
            progress: vec![None; cells],
            corrected: vec![None; cells],
        }
    }

    /// `dropped` is the number of cells that were compared and are not among these.
    fn new(
        board: &Board,
        sequence: &Sequence,
        baselines: &[Baseline],
        results: &[CellResult],
        dropped: usize,
    ) -> Verdicts {
        let plan = &board.plan;
        let problem = plan.problem();
        let baseline = |cell: usize| match baselines[cell] {
            Baseline::Cell(baseline) => Some(baseline),
            Baseline::None | Baseline::Itself | Baseline::OfOtherData => None,
        };
        let pairs = |cell: usize| {
            let with_config = |cell: usize| (&plan.cells[cell].config, results[cell].completed.as_slice());
            Some(versus(problem.compared(), with_config(cell), with_config(baseline(cell)?)))
        };
        let pairs: Vec<Option<BTreeMap<Metric, Vec<f64>>>> = (0..plan.cells.len()).map(pairs).collect();
        let versus = |pairs: &Option<BTreeMap<Metric, Vec<f64>>>| {
            let difference =
                |(&metric, pairs): (&Metric, &Vec<f64>)| Some((metric, Difference::of(pairs, sequence.inference)?));
            let differences: Differences = pairs.as_ref()?.iter().filter_map(difference).collect();
            (!differences.is_empty()).then_some(differences)
        };
        let versus: Vec<Option<Differences>> = pairs.iter().map(versus).collect();
        let whole = |cell: usize| results[cell].ended.max(1);
        let planned = planned_trials(board);
        let all = diverged_by_cell(board, sequence);
        let compared = |cell: usize| verdict::Compared {
            diverged: baseline(cell).and_then(|_| all[cell]),
            // Only with the seeds that this cell has: a verdict is not taken back by what came after it.
            baseline_diverged: baseline(cell).and_then(|baseline| match sequence.inference {
                Inference::Fixed => all[baseline],
                Inference::Anytime => diverged_in(board, &planned, sequence, (baseline, whole(cell))),
            }),
            is_of_other_data: baselines[cell] == Baseline::OfOtherData,
            versus: versus[cell].as_ref(),
        };
        let compared: Vec<verdict::Compared> = (0..plan.cells.len()).map(compared).collect();
        let corrected = verdict::correct(&compared, dropped);
        let family = 2 * (corrected.iter().flatten().count() + dropped);
        let progress = match plan.stopping {
            Some(stopping) => verdict::progress(&compared, &corrected, &pairs, sequence, stopping.most_seeds),
            None => vec![None; plan.cells.len()],
        };
        let open = verdict::undecided(&corrected, sequence.level) + 2 * dropped;
        let decides = (sequence.inference, sequence.level);
        let given = compared.iter().zip(&corrected).map(|(row, corrected)| row.verdict(*corrected, decides, open));
        Verdicts { given: given.collect(), family, progress, corrected, versus }
    }
}

/// The verdicts of the fixed plan that was judged before others were added, and its number of seeds. `None` if there was none, and where
/// not all of its cells are still there with all their results.
fn earlier_verdicts(board: &Board, baselines: &[Baseline]) -> Option<(Verdicts, usize)> {
    let sequence = Sequence::earlier(board)?;
    let fixed = board.history().fixed.as_ref()?;
    let ids: Vec<TrialId> = board.plan.cells.iter().map(|cell| trial_id(&cell.config, 0)).collect();
    let results = results_by_cell(board, &sequence);
    let is_here = |id: &TrialId| {
        let place = ids.iter().position(|other| other == id);
        place.is_some_and(|place| results[place].ended == sequence.seeds.len())
    };
    // Cells that came later were not in its table.
    let then =
        |(&baseline, id): (&Baseline, &TrialId)| if fixed.cells.contains(id) { baseline } else { Baseline::None };
    let baselines: Vec<Baseline> = baselines.iter().zip(&ids).map(then).collect();
    let all_here = fixed.cells.iter().all(is_here);
    all_here.then(|| (Verdicts::new(board, &sequence, &baselines, &results, 0), sequence.seeds.len()))
}

/// The seeds of the results that are shown while nothing can be judged.
fn shown_before_the_end(board: &Board) -> Sequence {
    Sequence { inference: Sequence::inference(board), ..Sequence::fixed(board.plan.seeds.clone()) }
}

/// The cell minus the baseline, pair by pair, in each metric that both have.
pub(super) fn versus(
    compared: &[Metric],
    cell: (&Config, &[(u64, Point)]),
    baseline: (&Config, &[(u64, Point)]),
) -> BTreeMap<Metric, Vec<f64>> {
    let of_baseline: HashMap<u64, &Point> = baseline.1.iter().map(|(seed, point)| (*seed, point)).collect();
    let pairs: Vec<_> = cell.1.iter().filter_map(|(seed, point)| Some((point, *of_baseline.get(seed)?))).collect();
    let difference = |&metric: &Metric| {
        let one = |&(a, b): &(&Point, &Point)| Some(a.value(metric, cell.0)? - b.value(metric, baseline.0)?);
        let differences: Vec<f64> = pairs.iter().filter_map(one).map(without_rounding).collect();
        (!differences.is_empty()).then_some((metric, differences))
    };
    compared.iter().filter_map(difference).collect()
}

/// The trials of a cell with the seeds of a sequence that have a result. Where the number of seeds was not fixed, up to the first one
/// that has none.
pub(super) fn trials_of<'a>(
    board: &'a Board,
    planned: &HashMap<(usize, u64), usize>,
    sequence: &'a Sequence,
    cell: usize,
) -> impl Iterator<Item = (u64, &'a TrialState)> {
    let state = move |seed: u64| {
        let own = planned.get(&(cell, seed)).map(|&trial| &board.trials[trial]);
        own.filter(|state| state.status.has_result()).or_else(|| match board.plan.seeds.contains(&seed) {
            true => None,
            false => board.result(&board.plan.cells[cell], seed),
        })
    };
    let all: Vec<(u64, Option<&TrialState>)> = sequence.seeds.iter().map(|&seed| (seed, state(seed))).collect();
    let fixed = sequence.inference == Inference::Fixed;
    let whole = all.into_iter().take_while(move |(_, state)| fixed || state.is_some());
    whole.filter_map(|(seed, state)| Some((seed, state?)))
}

/// Index of the trial of a cell with a seed.
pub(super) fn planned_trials(board: &Board) -> HashMap<(usize, u64), usize> {
    board.plan.trials.iter().enumerate().map(|(index, trial)| ((trial.cell, trial.seed), index)).collect()
}

/// How many trials of each cell diverged, of those with the seeds of a sequence.
fn diverged_by_cell(board: &Board, sequence: &Sequence) -> Vec<Option<Diverged>> {
    let planned = planned_trials(board);
    (0..board.plan.cells.len()).map(|cell| diverged_in(board, &planned, sequence, (cell, usize::MAX))).collect()
}

/// How many trials of a cell diverged, of those with the first so many seeds of a sequence.
fn diverged_in(
    board: &Board,
    planned: &HashMap<(usize, u64), usize>,
    sequence: &Sequence,
    (cell, seeds): (usize, usize),
) -> Option<Diverged> {
    let states: Vec<&TrialState> =
        trials_of(board, planned, sequence, cell).take(seeds).map(|(_, state)| state).collect();
    let steps: Vec<u32> = states.iter().filter_map(|state| state.status.diverged_at()).collect();
    Diverged::new(&steps, states.len())
}

fn results_by_cell(board: &Board, sequence: &Sequence) -> Vec<CellResult> {
    let planned = planned_trials(board);
    let result = |cell: usize| {
        let mut result =
            CellResult { ended: trials_of(board, &planned, sequence, cell).count(), ..CellResult::default() };
        for (seed, state) in
            trials_of(board, &planned, sequence, cell).filter(|(_, state)| state.status.has_completed())
        {
            result.completed.extend(state.curve.last().map(|point| (seed, point)));
            result.best.extend(state.curve.best().map(|best| (seed, state.curve.point(best))));
        }
        result
    };
    (0..board.plan.cells.len()).map(result).collect()
}

/// The seeds with which all cells have a completed trial, of those that have any.
fn common_seeds(results: &[CellResult]) -> Vec<u64> {
    let mut trained = results.iter().filter(|result| !result.completed.is_empty());
    let Some(first) = trained.next() else { return Vec::new() };
    let mut common: Vec<u64> = first.completed.iter().map(|(seed, _)| *seed).collect();
    for result in trained {
        let seeds: HashSet<u64> = result.completed.iter().map(|(seed, _)| *seed).collect();
        common.retain(|seed| seeds.contains(seed));
    }
    common
}

/// The mean of each metric over the common seeds; over all if there are none.
fn ranks(plan: &Plan, cell: &Cell, completed: &[(u64, Point)], common: &[u64]) -> BTreeMap<Metric, f64> {
    let common: HashSet<u64> = common.iter().copied().collect();
    let is_common = |seed: &u64| common.is_empty() || common.contains(seed);
    let rank = |metric: Metric| {
        let points = completed.iter().filter(|(seed, _)| is_common(seed));
        let values: Vec<f64> = points.filter_map(|(_, point)| point.value(metric, &cell.config)).collect();
        Some((metric, Summary::of(&values, Inference::Fixed)?.mean))
    };
    plan.problem_of(cell).metrics().filter_map(rank).collect()
}

fn summaries(plan: &Plan, cell: &Cell, completed: &[(u64, Point)], inference: Inference) -> BTreeMap<Metric, Summary> {
    let summary = |metric: Metric| {
        let values: Vec<f64> = completed.iter().filter_map(|(_, point)| point.value(metric, &cell.config)).collect();
        Some((metric, Summary::of(&values, inference)?))
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
