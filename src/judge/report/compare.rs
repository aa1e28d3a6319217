//! Each cell minus its baseline, seed by seed, and the verdicts on all rows together.

use super::Differences;
use super::baseline::Baseline;
use super::results::{CellResult, diverged_by_cell, diverged_in, planned_trials, results_by_cell};
use super::verdict::{self, Corrected, RowVerdict};
use crate::judge::claim::Progress;
use crate::judge::sequence::Sequence;
use crate::judge::stats::{Difference, Inference, without_rounding};
use crate::plan::config::Config;
use crate::plan::metric::Metric;
use crate::plan::{Plan, TrialId, trial_id};
use crate::record::board::Board;
use crate::record::event::Point;
use std::collections::{BTreeMap, HashMap};

/// How the rows compare with their baselines, over the seeds of a sequence.
pub(super) struct Verdicts {
    /// By cell.
    pub(super) versus: Vec<Option<Differences>>,
    /// By cell.
    pub(super) given: Vec<Option<RowVerdict>>,
    /// See [`Table::row_family`](super::Table::row_family).
    pub(super) family: usize,
    /// By cell.
    pub(super) progress: Vec<Option<Progress>>,
    /// By cell.
    pub(super) corrected: Vec<Option<Corrected>>,
}

impl Verdicts {
    /// Without anything that can be judged.
    pub(super) fn none(plan: &Plan) -> Verdicts {
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
    pub(super) fn new(
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
pub(super) fn earlier_verdicts(board: &Board, baselines: &[Baseline]) -> Option<(Verdicts, usize)> {
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

/// The cell minus the baseline, pair by pair, in each metric that both have.
pub(in crate::judge) fn versus(
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
