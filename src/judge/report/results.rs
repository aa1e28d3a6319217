//! What the trials of each cell came to, over the seeds of a sequence.

use crate::judge::sequence::Sequence;
use crate::judge::stats::{Inference, Summary};
use crate::plan::metric::Metric;
use crate::plan::{Cell, Plan};
use crate::record::board::{Board, Diverged, TrialState};
use crate::record::event::Point;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The completed trials of one cell, in the order of the seeds.
#[derive(Default)]
pub(super) struct CellResult {
    /// Seed and last evaluation.
    pub(super) completed: Vec<(u64, Point)>,
    /// Seed and best evaluation of those that measured the validation accuracy.
    pub(super) best: Vec<(u64, Point)>,
    /// Number of trials with a result, also those that diverged.
    pub(super) ended: usize,
}

/// The trials of a cell with the seeds of a sequence that have a result. Where the number of seeds was not fixed, up to the first one
/// that has none.
pub(in crate::judge) fn trials_of<'a>(
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
pub(in crate::judge) fn planned_trials(board: &Board) -> HashMap<(usize, u64), usize> {
    board.plan.trials.iter().enumerate().map(|(index, trial)| ((trial.cell, trial.seed), index)).collect()
}

/// How many trials of each cell diverged, of those with the seeds of a sequence.
pub(super) fn diverged_by_cell(board: &Board, sequence: &Sequence) -> Vec<Option<Diverged>> {
    let planned = planned_trials(board);
    (0..board.plan.cells.len()).map(|cell| diverged_in(board, &planned, sequence, (cell, usize::MAX))).collect()
}

/// How many trials of a cell diverged, of those with the first so many seeds of a sequence.
pub(super) fn diverged_in(
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

pub(super) fn results_by_cell(board: &Board, sequence: &Sequence) -> Vec<CellResult> {
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
pub(super) fn common_seeds(results: &[CellResult]) -> Vec<u64> {
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
pub(super) fn ranks(plan: &Plan, cell: &Cell, completed: &[(u64, Point)], common: &[u64]) -> BTreeMap<Metric, f64> {
    let common: HashSet<u64> = common.iter().copied().collect();
    let is_common = |seed: &u64| common.is_empty() || common.contains(seed);
    let rank = |metric: Metric| {
        let points = completed.iter().filter(|(seed, _)| is_common(seed));
        let values: Vec<f64> = points.filter_map(|(_, point)| point.value(metric, &cell.config)).collect();
        Some((metric, Summary::of(&values, Inference::Fixed)?.mean))
    };
    plan.problem_of(cell).metrics().filter_map(rank).collect()
}

pub(super) fn summaries(
    plan: &Plan,
    cell: &Cell,
    completed: &[(u64, Point)],
    inference: Inference,
) -> BTreeMap<Metric, Summary> {
    let summary = |metric: Metric| {
        let values: Vec<f64> = completed.iter().filter_map(|(_, point)| point.value(metric, &cell.config)).collect();
        Some((metric, Summary::of(&values, inference)?))
    };
    plan.problem_of(cell).metrics().filter_map(summary).collect()
}
