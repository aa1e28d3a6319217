//! Two results, cell by cell.

use super::{Claim, Difference, Summary};
use crate::judge::diff::{self, Diff};
use crate::judge::stats::Inference;
use crate::plan::{self, Params, Provenance};
use crate::record::board;
use crate::show::words::diff as words;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What the results of B are minus those of A.
#[derive(Serialize)]
pub struct Document<'a> {
    a: Side<'a>,
    b: Side<'a>,
    /// Whether both can be judged, without which nothing is compared.
    compared: bool,
    /// `fixed` or `anytime`: which tests and intervals hold for pairs.
    seeds_planned: &'static str,
    /// A corrected p below this decides.
    level: f64,
    /// Number of comparisons that `p_holm` is corrected for.
    family: usize,
    metrics: Vec<&'static str>,
    /// Whether the samples are others though both name the same data sets.
    other_samples: bool,
    cells: Vec<Matched<'a>>,
    only_in_a: Vec<Cell<'a>>,
    only_in_b: Vec<Cell<'a>>,
    claims: Vec<Claims<'a>>,
}

#[derive(Serialize)]
struct Side<'a> {
    name: &'a str,
    study: &'a str,
    complete: bool,
    trials_planned: usize,
    trials_with_result: usize,
    seeds: usize,
    seeds_planned: &'static str,
    provenance: &'a Provenance,
}

#[derive(Serialize)]
struct Cell<'a> {
    arm: Option<&'a str>,
    params: &'a Params,
}

#[derive(Serialize)]
struct Each<T> {
    a: T,
    b: T,
}

#[derive(Serialize)]
struct Matched<'a> {
    a: Cell<'a>,
    b: Cell<'a>,
    /// `configuration`, `arm` or `axes`.
    matched_by: &'static str,
    /// By key.
    changed: BTreeMap<&'a str, Each<&'a Value>>,
    /// Whether one of these is about the data, so that this is no comparison of techniques alone.
    other_data: bool,
    /// Whether it is compared seed by seed.
    paired: bool,
    n: Each<usize>,
    diverged: Each<Option<Diverged>>,
    /// Completed trials that ended with a higher training loss than they began with.
    ended_higher: Each<usize>,
    /// Of cells that train alike: whether their trials have the same bits.
    same_trials: Option<SameTrials<'a>>,
    /// By metric.
    differences: BTreeMap<&'static str, Change>,
    /// As in Markdown; `None` while nothing is compared.
    verdict: Option<String>,
}

#[derive(Serialize)]
struct Diverged {
    trials: usize,
    of: usize,
    /// The fewest and the most updates before it.
    steps: (u32, u32),
}

#[derive(Serialize)]
struct SameTrials<'a> {
    seeds: usize,
    differing: &'a [u64],
    of_other_version: &'a [u64],
}

#[derive(Serialize)]
struct Change {
    a: Summary,
    b: Summary,
    #[serde(flatten)]
    difference: Difference,
    p_holm: Option<f64>,
    /// Of problems other than networks.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<String>,
}

#[derive(Serialize)]
struct Claims<'a> {
    says: &'a str,
    a: Claim<'a>,
    b: Claim<'a>,
}

impl<'a> Document<'a> {
    pub fn new(diff: &'a Diff) -> Document<'a> {
        let [a, b] = &diff.sides;
        let [only_in_a, only_in_b] = diff.alone.each_ref().map(|alone| alone.iter().map(Cell::new).collect());
        Document {
            a: Side::new(a),
            b: Side::new(b),
            compared: diff.is_judged,
            seeds_planned: planned(diff.inference),
            level: diff.level,
            family: diff.family,
            metrics: diff.metrics.iter().map(|metric| metric.name()).collect(),
            other_samples: diff.has_other_samples,
            cells: diff.cells.iter().map(|matched| Matched::new(diff, matched)).collect(),
            only_in_a,
            only_in_b,
            claims: diff
                .claims
                .iter()
                .map(|[a, b]| Claims { says: &a.claim.says, a: Claim::new(a), b: Claim::new(b) })
                .collect(),
        }
    }
}

impl<'a> Side<'a> {
    fn new(side: &'a diff::Side) -> Side<'a> {
        Side {
            name: &side.name,
            study: &side.study,
            complete: side.is_complete(),
            trials_planned: side.trials,
            trials_with_result: side.with_result,
            seeds: side.seeds,
            seeds_planned: planned(side.inference),
            provenance: &side.provenance,
        }
    }
}

impl<'a> Cell<'a> {
    fn new(cell: &'a plan::Cell) -> Cell<'a> {
        Cell { arm: cell.arm.as_deref(), params: &cell.params }
    }
}

impl<'a> Matched<'a> {
    fn new(diff: &Diff, matched: &'a diff::Matched) -> Matched<'a> {
        let [a, b] = &matched.cells;
        let [n_a, n_b] = matched.n;
        let [higher_a, higher_b] = matched.ended_higher;
        let [diverged_a, diverged_b] = matched.diverged.map(|diverged| diverged.map(Diverged::new));
        let change = |change: &diff::MetricChange| Change {
            a: Summary::new(&change.sides[0]),
            b: Summary::new(&change.sides[1]),
            difference: Difference::new(&change.difference),
            p_holm: change.p_holm,
            verdict: change.finding.map(|finding| words::finding(change.metric, finding)),
        };
        Matched {
            a: Cell::new(a),
            b: Cell::new(b),
            matched_by: match matched.by {
                diff::By::Configuration => "configuration",
                diff::By::Arm => "arm",
                diff::By::Axes => "axes",
            },
            changed: matched
                .changed
                .iter()
                .map(|diff::Change { key, values: [a, b] }| (key.as_str(), Each { a, b }))
                .collect(),
            other_data: matched.is_of_other_data(),
            paired: matched.is_paired,
            n: Each { a: n_a, b: n_b },
            diverged: Each { a: diverged_a, b: diverged_b },
            ended_higher: Each { a: higher_a, b: higher_b },
            same_trials: matched.repeated.as_ref().map(|repeated| SameTrials {
                seeds: repeated.seeds,
                differing: &repeated.differing,
                of_other_version: &repeated.of_other_version,
            }),
            differences: matched.changes.iter().map(|one| (one.metric.name(), change(one))).collect(),
            verdict: matched.verdict.map(|_| words::verdict(diff, matched)),
        }
    }
}

impl Diverged {
    fn new(diverged: board::Diverged) -> Diverged {
        let board::Diverged { trials, of, steps } = diverged;
        Diverged { trials, of, steps }
    }
}

fn planned(inference: Inference) -> &'static str {
    match inference {
        Inference::Fixed => "fixed",
        Inference::Anytime => "anytime",
    }
}
