//! Two results, or two runs of one study, cell by cell: B minus A, judged like the rows of a table.
//!
//! Where two cells share five seeds or more they are compared seed by seed, else as two samples by Welch's t test. If the number of seeds
//! of either result was not fixed beforehand, pairs are judged by evidence that holds at any number of them, in the order in which they
//! were first planned; samples without pairs are then described and not tested. The family that Holm's correction is over are all cells
//! that are tested: test accuracy and gap of networks, every compared metric of other problems.

mod matching;
#[cfg(test)]
mod tests;

pub use matching::{By, Change};

use crate::judge::claim::{self, Judgement, SINGLE_PRECISION};
use crate::judge::report::{Compared, Differences, RowVerdict, correct, planned_trials, trials_of, undecided, versus};
use crate::judge::sequence::{FIXED_LEVEL, Sequence};
use crate::judge::stats::{Difference, Direction, Inference, PAIRS_FOR_A_VERDICT, Summary, holm, unpaired};
use crate::plan::config::DataSource;
use crate::plan::metric::Metric;
use crate::plan::{Asked, Cell, Plan, Problem, Provenance, trial_id};
use crate::record::board::{Board, Diverged, TrialState};
use crate::record::event::Point;
use matching::Pair;
use std::collections::HashMap;
use std::fmt;

/// What B's results are minus A's.
#[derive(Clone, Debug, PartialEq)]
pub struct Diff {
    /// A, then B.
    pub sides: [Side; 2],
    /// What the trials of both do.
    pub problem: Problem,
    /// The metrics that are compared: those of the problem that both have.
    pub metrics: Vec<Metric>,
    /// Metrics that only another program's trials of A measure, and only those of B.
    pub other_metrics: [Vec<Metric>; 2],
    /// Cells that belong together, in the order of A.
    pub cells: Vec<Matched>,
    /// The cells of A and of B without a partner.
    pub alone: [Vec<Cell>; 2],
    /// Whether the samples are others though both name the same data sets.
    pub has_other_samples: bool,
    /// The claims that both make about such cells, as A and as B has them judged.
    pub claims: Vec<[Judgement; 2]>,
    /// Whether the results of both can be judged: a fixed number of seeds once all trials have a result. Without that nothing is compared.
    pub is_judged: bool,
    /// Which tests and intervals hold for pairs.
    pub inference: Inference,
    /// A p below this decides, after correction.
    pub level: f64,
    /// Number of comparisons that p is corrected for.
    pub family: usize,
}

/// One of the two results.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// What its user calls it.
    pub name: String,
    /// The study's name.
    pub study: String,
    /// Number of seeds of its plan.
    pub seeds: usize,
    /// Number of planned trials.
    pub trials: usize,
    /// Number of these that completed or diverged.
    pub with_result: usize,
    /// Which intervals hold for its own means.
    pub inference: Inference,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// A cell of A and one of B that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Matched {
    /// The cell of A and that of B.
    pub cells: [Cell; 2],
    /// By what they belong together.
    pub by: By,
    /// What differs between their configurations.
    pub changed: Vec<Change>,
    /// Whether they are compared seed by seed.
    pub is_paired: bool,
    /// Number of completed trials of each that are compared; the number of pairs twice if they are paired.
    pub n: [usize; 2],
    /// How many trials of each diverged.
    pub diverged: [Option<Diverged>; 2],
    /// How many completed trials of each ended with a higher training loss than they began with.
    pub ended_higher: [usize; 2],
    /// Whether trials that should be the same are; `None` if the cells train differently or share no seed, and for other programs.
    pub repeated: Option<Repeated>,
    /// The comparison in each metric that both measured.
    pub changes: Vec<MetricChange>,
    /// `None` while nothing can be judged, and where one side has no completed trial.
    pub verdict: Option<Verdict>,
}

/// Trials of equal configuration and seed, which have to have the same bits.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeated {
    /// Number of seeds of which both have a result.
    pub seeds: usize,
    /// The seeds of which the trials have one id, and other results.
    pub differing: Vec<u64>,
    /// The seeds of which the trials have other ids and other results: those of a version that computes otherwise.
    pub of_other_version: Vec<u64>,
}

/// The comparison of two cells in one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricChange {
    /// What is compared.
    pub metric: Metric,
    /// The values of A and of B that are compared.
    pub sides: [Summary; 2],
    /// B minus A.
    pub difference: Difference,
    /// p after the correction; `None` if it is not tested.
    pub p_holm: Option<f64>,
    /// What was found, for problems without a verdict over several metrics; `None` if the difference is only described.
    pub finding: Option<Finding>,
}

/// What was found of one metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Its change was detected at the level.
    Changed(Direction),
    /// No change was detected.
    Undetected,
    /// The same difference in all pairs, which is not 0: compared and not tested.
    Constant,
    /// No difference in any pair: compared and not tested.
    Equal,
    /// On a surface, the same difference for all seeds, which decides by itself.
    Exact(Direction),
}

/// The verdict on two cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They train alike and share seeds, so their trials are compared bit by bit (see [`Matched::repeated`]) and not tested.
    Repeated,
    /// Trials of either diverged. Those that are left are no fair sample, so they are described.
    Diverged,
    /// Of networks: what changed, as in a table.
    Row(RowVerdict),
    /// Of other problems: each metric has its own finding.
    EachMetric,
    /// Fewer than [`PAIRS_FOR_A_VERDICT`] pairs, or values on one side: described.
    Few,
    /// They share too few seeds, and the number of seeds of either result was not fixed beforehand: described.
    OpenEnded,
}

/// Why two results cannot be compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Incomparable {
    /// Their trials solve other problems.
    Problems([Problem; 2]),
    /// They have no metric in common; those of A and of B.
    Metrics([Vec<Metric>; 2]),
    /// A metric of one name, of which they do not agree which way is better.
    Meaning(Metric),
}

impl fmt::Display for Incomparable {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let names = |metrics: &[Metric]| metrics.iter().map(|metric| metric.name()).collect::<Vec<_>>().join(", ");
        match self {
            Incomparable::Problems([a, b]) => {
                let does = |problem: &Problem| match problem {
                    Problem::Network => "trains networks",
                    Problem::Surface => "descends surfaces",
                    Problem::Program(_) => "is of another program",
                };
                write!(f, "the first {}, the second {}: what they measure is not the same", does(a), does(b))
            }
            Incomparable::Metrics([a, b]) => {
                write!(f, "they have no metric in common: the first has {}, the second {}", names(a), names(b))
            }
            Incomparable::Meaning(metric) => {
                write!(f, "they do not agree on which way {} is better, so it is not the same metric", metric.name())
            }
        }
    }
}

impl Diff {
    /// Compares two results, each with the name that its user calls it by: B minus A. Fails if they have nothing to be compared in.
    pub fn new(results: [(&str, &Board); 2]) -> Result<Diff, Incomparable> {
        let boards = results.map(|(_, board)| board);
        let plans = boards.map(|board| &board.plan);
        let problem = plans[0].problem();
        let metrics = metrics(plans)?;
        let other_metrics = [0, 1].map(|side| match plans[side].problem() {
            Problem::Program(own) => own.into_iter().filter(|metric| !metrics.contains(metric)).collect(),
            Problem::Network | Problem::Surface => Vec::new(),
        });
        let sequences = boards.map(Sequence::of);
        let both = match &sequences {
            [Some(a), Some(b)] => Some(Both::new(boards, [a, b])),
            _ => None,
        };
        let pairs = matching::pairs(plans);
        let mut cells: Vec<Matched> =
            pairs.iter().map(|pair| matched(plans, *pair, both.as_ref(), &problem, &metrics)).collect();
        let inference = if sides_are_fixed(boards) { Inference::Fixed } else { Inference::Anytime };
        let levels = sequences.iter().flatten().map(|sequence| sequence.level);
        let level = levels.fold(None, |lowest: Option<f64>, level| Some(lowest.map_or(level, |l| l.min(level))));
        let level = level.unwrap_or(FIXED_LEVEL);
        let family = match problem {
            Problem::Network => judge_rows(&mut cells, (inference, level)),
            Problem::Surface | Problem::Program(_) => judge_metrics(&mut cells, level),
        };
        let alone = |side: usize| {
            let has_partner = |cell: usize| pairs.iter().any(|pair| pair.cells[side] == cell);
            let cells = plans[side].cells.iter().enumerate();
            cells.filter(|(place, _)| !has_partner(*place)).map(|(_, cell)| cell.clone()).collect()
        };
        Ok(Diff {
            sides: results.map(|(name, board)| Side::new(name, board)),
            problem,
            metrics,
            other_metrics,
            cells,
            alone: [alone(0), alone(1)],
            has_other_samples: have_other_samples(plans),
            claims: claims(boards, &pairs),
            is_judged: both.is_some(),
            inference,
            level,
            family,
        })
    }

    /// The cells whose trials have to have the same bits, and do not.
    pub fn broken(&self) -> impl Iterator<Item = (&Matched, &Repeated)> {
        let repeated = self.cells.iter().filter_map(|cell| Some((cell, cell.repeated.as_ref()?)));
        repeated.filter(|(_, repeated)| !repeated.differing.is_empty())
    }
}

impl Side {
    fn new(name: &str, board: &Board) -> Side {
        Side {
            name: name.into(),
            study: board.plan.study.clone(),
            seeds: board.plan.seeds.len(),
            trials: board.trials.len(),
            with_result: board.tally().with_result(),
            inference: Sequence::inference(board),
            provenance: board.plan.provenance.clone(),
        }
    }

    /// Whether every trial has completed or diverged.
    pub fn is_complete(&self) -> bool {
        self.with_result == self.trials
    }
}

impl Matched {
    /// Whether the two differ in the data, and not in techniques alone.
    pub fn is_of_other_data(&self) -> bool {
        self.changed.iter().any(Change::is_of_data)
    }

    fn differences(&self) -> Differences {
        self.changes.iter().map(|change| (change.metric, change.difference)).collect()
    }

    /// Whether its differences may be tested.
    fn is_open_to_a_test(&self) -> bool {
        !self.changes.is_empty() && self.verdict.is_none()
    }
}

/// Whether two plans name the same data sets, and had other samples.
fn have_other_samples([a, b]: [&Plan; 2]) -> bool {
    let names = |plan: &Plan, of: &Plan| {
        of.cells.iter().all(|cell| plan.cells.iter().any(|other| other.config.data == cell.config.data))
    };
    let [of_a, of_b] = [a, b].map(|plan| &plan.provenance.data_sha256);
    a.problem() == Problem::Network
        && names(a, b)
        && names(b, a)
        && !of_a.is_empty()
        && !of_b.is_empty()
        && of_a != of_b
}

fn sides_are_fixed(boards: [&Board; 2]) -> bool {
    boards.iter().all(|board| Sequence::inference(board) == Inference::Fixed)
}

/// The metrics that both plans compare.
fn metrics(plans: [&Plan; 2]) -> Result<Vec<Metric>, Incomparable> {
    let problems = plans.map(Plan::problem);
    match &problems {
        [Problem::Network, Problem::Network] => Ok(Problem::Network.compared().to_vec()),
        [Problem::Surface, Problem::Surface] => Ok(Problem::Surface.always().to_vec()),
        [Problem::Program(a), Problem::Program(b)] => {
            let mut both = Vec::new();
            for &metric in a {
                let Some(same) = b.iter().find(|other| **other == metric) else { continue };
                if same.better() != metric.better() {
                    return Err(Incomparable::Meaning(metric));
                }
                both.push(metric);
            }
            if both.is_empty() { Err(Incomparable::Metrics([a.clone(), b.clone()])) } else { Ok(both) }
        }
        _ => Err(Incomparable::Problems(problems)),
    }
}

/// Two results that can both be judged.
struct Both<'a> {
    boards: [&'a Board; 2],
    sequences: [&'a Sequence; 2],
    /// Index of the trial of a cell with a seed.
    planned: [HashMap<(usize, u64), usize>; 2],
    /// The seeds of both, in the order in which their pairs count.
    shared: Vec<u64>,
}

impl<'a> Both<'a> {
    fn new(boards: [&'a Board; 2], sequences: [&'a Sequence; 2]) -> Both<'a> {
        Both { boards, sequences, planned: boards.map(planned_trials), shared: shared(boards, sequences) }
    }

    /// The trials of a cell that have a result, with their seeds.
    fn trials(&self, side: usize, cell: usize) -> Vec<(u64, &TrialState)> {
        trials_of(self.boards[side], &self.planned[side], self.sequences[side], cell).collect()
    }

    fn has_fixed_seeds(&self) -> bool {
        self.sequences.iter().all(|sequence| sequence.inference == Inference::Fixed)
    }

    fn inference(&self) -> Inference {
        if self.has_fixed_seeds() { Inference::Fixed } else { Inference::Anytime }
    }

    fn repeated(
        &self,
        cells: [usize; 2],
        trials: &[Vec<(u64, &TrialState)>; 2],
        metrics: &[Metric],
    ) -> Option<Repeated> {
        let mut repeated = Repeated { seeds: 0, differing: Vec::new(), of_other_version: Vec::new() };
        let config = |side: usize| &self.boards[side].plan.cells[cells[side]].config;
        for &(seed, a) in &trials[0] {
            let Some((_, b)) = trials[1].iter().find(|(other, _)| *other == seed) else { continue };
            repeated.seeds += 1;
            let values = |side: usize, state: &TrialState| {
                let last = state.curve.last().filter(|_| state.status.has_completed());
                metrics.iter().map(|&metric| last.as_ref()?.value(metric, config(side))).collect::<Vec<_>>()
            };
            if a.status == b.status && values(0, a) == values(1, b) {
                continue;
            }
            let id = |side: usize| match self.planned[side].get(&(cells[side], seed)) {
                Some(&trial) => self.boards[side].plan.trials[trial].id,
                None => trial_id(config(side), seed),
            };
            if id(0) == id(1) { &mut repeated.differing } else { &mut repeated.of_other_version }.push(seed);
        }
        (repeated.seeds > 0).then_some(repeated)
    }
}

/// The seeds of both in the order in which they were first planned in the result whose number of seeds was not fixed, or else in A. They
/// end where the other one has planned a seed and has no result yet.
fn shared(boards: [&Board; 2], [a, b]: [&Sequence; 2]) -> Vec<u64> {
    let a_leads = a.inference == Inference::Anytime || b.inference == Inference::Fixed;
    let (lead, other, board) = if a_leads { (a, b, boards[1]) } else { (b, a, boards[0]) };
    let is_open = |seed: &u64| {
        other.inference == Inference::Anytime && !other.seeds.contains(seed) && board.history().seeds.contains(seed)
    };
    let closed = lead.seeds.iter().take_while(|seed| !is_open(seed));
    closed.filter(|seed| other.seeds.contains(seed)).copied().collect()
}

/// What is known of two cells before anything is corrected. Its verdict is given where nothing is to be tested.
fn matched(plans: [&Plan; 2], pair: Pair, both: Option<&Both>, problem: &Problem, metrics: &[Metric]) -> Matched {
    let Pair { cells, by } = pair;
    let of_plan = [0, 1].map(|side| &plans[side].cells[cells[side]]);
    let mut matched = Matched {
        cells: of_plan.map(Cell::clone),
        by,
        changed: matching::changes(of_plan),
        is_paired: false,
        n: [0, 0],
        diverged: [None, None],
        ended_higher: [0, 0],
        repeated: None,
        changes: Vec::new(),
        verdict: None,
    };
    let Some(both) = both else { return matched };
    let trials = [0, 1].map(|side| both.trials(side, cells[side]));
    matched.diverged = trials.each_ref().map(|trials| {
        let steps: Vec<u32> = trials.iter().filter_map(|(_, state)| state.status.diverged_at()).collect();
        Diverged::new(&steps, trials.len())
    });
    matched.ended_higher =
        [0, 1].map(|side| trials[side].iter().filter(|(_, state)| state.ended_higher(&of_plan[side].config)).count());
    if by == By::Configuration && !matches!(problem, Problem::Program(_)) {
        matched.repeated = both.repeated(cells, &trials, metrics);
    }
    let has = |side: usize, seed: u64| trials[side].iter().any(|(other, _)| *other == seed);
    let shared: Vec<u64> = both.shared.iter().copied().filter(|&seed| has(0, seed) && has(1, seed)).collect();
    let enough_alone = trials.iter().all(|trials| trials.len() >= PAIRS_FOR_A_VERDICT);
    matched.is_paired = shared.len() >= PAIRS_FOR_A_VERDICT || !(shared.is_empty() || enough_alone);
    let completed = [0, 1].map(|side| completed(&trials[side], matched.is_paired.then_some(&shared)));
    let points = match matched.is_paired {
        true => of_both(completed),
        false => completed,
    };
    matched.n = points.each_ref().map(Vec::len);
    matched.changes = changes(both, of_plan, &points, &matched, metrics);
    let has_diverged = matched.diverged.iter().any(Option::is_some);
    matched.verdict = match &matched.repeated {
        Some(repeated) if repeated.of_other_version.is_empty() => Some(Verdict::Repeated),
        _ if has_diverged => Some(Verdict::Diverged),
        _ if matched.changes.is_empty() => None,
        _ if matched.n.iter().any(|&n| n < PAIRS_FOR_A_VERDICT) => Some(Verdict::Few),
        _ if !matched.is_paired && !both.has_fixed_seeds() => Some(Verdict::OpenEnded),
        _ => None,
    };
    matched
}

/// The last evaluations of the trials that completed: of these seeds in their order, or of all.
fn completed(trials: &[(u64, &TrialState)], seeds: Option<&Vec<u64>>) -> Vec<(u64, Point)> {
    let last = |&(seed, state): &(u64, &TrialState)| {
        let point = state.curve.last().filter(|_| state.status.has_completed())?;
        Some((seed, point))
    };
    match seeds {
        None => trials.iter().filter_map(last).collect(),
        Some(seeds) => {
            let of_seed = |seed: &u64| trials.iter().find(|(other, _)| other == seed).and_then(last);
            seeds.iter().filter_map(of_seed).collect()
        }
    }
}

/// Those of seeds that completed on both sides.
fn of_both([a, b]: [Vec<(u64, Point)>; 2]) -> [Vec<(u64, Point)>; 2] {
    let seeds = |points: &[(u64, Point)]| points.iter().map(|(seed, _)| *seed).collect::<Vec<_>>();
    let (of_a, of_b) = (seeds(&a), seeds(&b));
    let keep = |points: Vec<(u64, Point)>, other: &[u64]| {
        points.into_iter().filter(|(seed, _)| other.contains(seed)).collect::<Vec<_>>()
    };
    [keep(a, &of_b), keep(b, &of_a)]
}

/// B minus A in each metric that both measured.
fn changes(
    both: &Both,
    cells: [&Cell; 2],
    points: &[Vec<(u64, Point)>; 2],
    matched: &Matched,
    metrics: &[Metric],
) -> Vec<MetricChange> {
    let configs = cells.map(|cell| &cell.config);
    let pairs = versus(metrics, (configs[1], &points[1]), (configs[0], &points[0]));
    let change = |&metric: &Metric| {
        let values = [0, 1].map(|side| {
            let value = |(_, point): &(u64, Point)| point.value(metric, configs[side]);
            points[side].iter().filter_map(value).collect::<Vec<f64>>()
        });
        let difference = match matched.is_paired {
            true => Difference::of(pairs.get(&metric)?, both.inference())?,
            false if both.has_fixed_seeds() => unpaired(&values[1], &values[0])?,
            false => Difference { ci95: None, p: None, ..unpaired(&values[1], &values[0])? },
        };
        let on_surface = cells.iter().all(|cell| cell.config.data == DataSource::Surface);
        let exact = exact_side(pairs.get(&metric).filter(|_| matched.is_paired && on_surface), &values);
        let inferences = both.sequences.map(|sequence| sequence.inference);
        let [a, b] = [0, 1].map(|side| Summary::of(&values[side], inferences[side]));
        Some(MetricChange { metric, sides: [a?, b?], difference, p_holm: None, finding: exact.map(Finding::Exact) })
    };
    metrics.iter().filter_map(change).collect()
}

/// Where the difference is, if it is the same for all seeds of a surface but for single precision. A seed changes the start alone, and
/// what does not depend on the start is no sample: it decides by itself.
fn exact_side(differences: Option<&Vec<f64>>, values: &[Vec<f64>; 2]) -> Option<Direction> {
    let differences = differences.filter(|differences| differences.len() >= PAIRS_FOR_A_VERDICT)?;
    let largest = values.iter().flatten().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let (first, rounding) = (*differences.first()?, SINGLE_PRECISION * largest);
    let same = differences.iter().all(|difference| (difference - first).abs() <= rounding);
    (same && first.abs() > rounding).then(|| Direction::of(first))
}

/// Gives the verdicts of networks. Returns the number of comparisons in the family.
fn judge_rows(cells: &mut [Matched], (inference, level): (Inference, f64)) -> usize {
    let differences: Vec<Differences> = cells.iter().map(Matched::differences).collect();
    let row = |(place, cell): (usize, &Matched)| {
        let [a, b] = cell.diverged.map(|diverged| diverged.filter(|_| cell.verdict == Some(Verdict::Diverged)));
        let versus = cell.is_open_to_a_test().then_some(&differences[place]);
        Compared { diverged: b, baseline_diverged: a, is_of_other_data: false, versus }
    };
    let compared: Vec<Compared> = cells.iter().enumerate().map(row).collect();
    let corrected = correct(&compared, 0);
    let open = undecided(&corrected, level);
    for ((cell, compared), corrected) in cells.iter_mut().zip(&compared).zip(&corrected) {
        if !cell.is_open_to_a_test() {
            continue;
        }
        for change in &mut cell.changes {
            let p = corrected.as_ref().and_then(|corrected| corrected.of(change.metric));
            change.p_holm = p.filter(|_| change.difference.p.is_some());
        }
        cell.verdict = Some(compared.verdict(*corrected, (inference, level), open).map_or(Verdict::Few, Verdict::Row));
    }
    2 * corrected.iter().flatten().count()
}

/// Gives the findings of each metric of other problems. Returns the number of comparisons in the family.
fn judge_metrics(cells: &mut [Matched], level: f64) -> usize {
    let is_counted = |cell: &Matched| cell.is_open_to_a_test() || cell.verdict == Some(Verdict::Diverged);
    let p = |cell: &Matched, change: &MetricChange| match change.finding {
        None if cell.is_open_to_a_test() => change.difference.p.unwrap_or(1.0),
        _ => 1.0,
    };
    let counted = cells.iter().filter(|cell| is_counted(cell));
    let ps: Vec<f64> = counted.flat_map(|cell| cell.changes.iter().map(move |change| p(cell, change))).collect();
    let mut corrected = holm(&ps).into_iter();
    for cell in cells.iter_mut().filter(|cell| is_counted(cell)) {
        let is_tested = cell.is_open_to_a_test();
        for (change, p) in cell.changes.iter_mut().zip(corrected.by_ref()) {
            let few = change.difference.n < PAIRS_FOR_A_VERDICT;
            if is_tested && change.finding.is_none() && !few {
                change.p_holm = change.difference.p.map(|_| p);
                change.finding = Some(match change.p_holm {
                    Some(p) if p < level => Finding::Changed(change.difference.side),
                    Some(_) => Finding::Undetected,
                    None if change.difference.mean == 0.0 => Finding::Equal,
                    None => Finding::Constant,
                });
            }
        }
        if is_tested {
            let is_described = cell.changes.iter().all(|change| change.finding.is_none());
            cell.verdict = Some(if is_described { Verdict::Few } else { Verdict::EachMetric });
        }
    }
    ps.len()
}

/// The claims that ask the same of cells that belong together.
fn claims(boards: [&Board; 2], pairs: &[Pair]) -> Vec<[Judgement; 2]> {
    let plans = boards.map(|board| &board.plan);
    if plans.iter().any(|plan| plan.claims.is_empty()) {
        return Vec::new();
    }
    // The cells of A as they are in B.
    let mut partners = plans[0].cells.clone();
    for pair in pairs {
        partners[pair.cells[0]] = plans[1].cells[pair.cells[1]].clone();
    }
    let is_program = matches!(plans[0].problem(), Problem::Program(_));
    let [of_a, of_b] = boards.map(claim::judge);
    let mut left: Vec<Judgement> = of_b;
    let mut both = Vec::new();
    for judged in of_a {
        let asked = Asked::new(&judged.claim, &partners);
        // The configurations of another program's cells tell nothing.
        let words = is_program.then(|| judged.claim.in_words(&partners));
        let is_same = |other: &Judgement| {
            Asked::new(&other.claim, &plans[1].cells) == asked
                && words.as_ref().is_none_or(|words| *words == other.compared)
        };
        if let Some(place) = left.iter().position(is_same) {
            both.push([judged, left.remove(place)]);
        }
    }
    both
}
