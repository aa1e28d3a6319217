//! JSON for scripts: every cell, every claim and every trial that has ended, in the order of the study.
//!
//! Trials are serialized in blocks, so that thousands of curves need little more memory than their text.

mod diff;
mod effects;
mod trial;

use crate::error::{Error, Result};
use crate::judge::claim::{self, Bound, Judgement, across};
use crate::judge::diff::Diff;
use crate::judge::report::{self, Classes, OfClass, Row, Table};
use crate::judge::stats::{self, Inference};
use crate::plan::config::data::Declaration;
use crate::plan::config::{Config, DataSource, Positive};
use crate::plan::metric::Metric;
use crate::plan::{Design, Expect, Measure, Params, Provenance, Stopping};
use crate::printable::is_unprintable;
use crate::record::board::Board;
use crate::show::words::data;
use effects::Effects;
use serde::Serialize;
use std::collections::BTreeMap;
use trial::Trials;

/// About the most bytes of text that one evaluation takes.
const BYTES_A_POINT: usize = 72;
/// About the most bytes of text that one place of a trajectory takes.
const BYTES_A_PLACE: usize = 120;

pub fn render(table: &Table, board: &Board) -> Result<String> {
    let mut rows: Vec<&Row> = table.rows.iter().collect();
    rows.sort_by_key(|row| row.cell);
    let study = Study {
        study: &table.study,
        question: table.question.as_deref(),
        complete: table.complete(),
        trials_planned: table.trials_planned,
        provenance: &table.provenance,
        data: DataSet::of(&table.data, &table.provenance),
        axes: &table.axes,
        design: table.design,
        seeds_planned: match table.inference {
            Inference::Fixed => "fixed",
            Inference::Anytime => "anytime",
        },
        level: table.sequence.as_ref().map(|sequence| sequence.level),
        row_family: table.row_family,
        stopping: table.stopping,
        judged_seeds: table.sequence.as_ref().map(|sequence| &sequence.seeds[..]),
        cells: rows
            .into_iter()
            .map(|row| Cell::new(row, &board.plan.cells[row.cell].config, Classes::new(board, row.cell)))
            .collect(),
        effects: report::Effects::new(board).map(Effects::from),
        claims: table.claims.iter().map(Claim::new).collect(),
        trials: Trials(board),
    };
    let points: usize = board.trials.iter().map(|trial| trial.curve.len()).sum();
    let places: usize = board.trials.iter().map(|trial| trial.trajectory.len()).sum();
    let size = 4096 + 512 * board.trials.len() + BYTES_A_POINT * points + BYTES_A_PLACE * places;
    let mut text = Vec::with_capacity(size);
    serde_json::to_writer(&mut text, &study).map_err(unwritable)?;
    let text = String::from_utf8(text).map_err(unwritable)?;
    Ok(escaped(text) + "\n")
}

/// The claims of several studies, with what they come to together.
pub fn claims(tables: &[Table]) -> Result<String> {
    #[derive(Serialize)]
    struct OfStudy<'a> {
        study: &'a str,
        data: Vec<DataSet<'a>>,
        /// A corrected p below this decides.
        alpha: f64,
        /// p after a correction over the claims of all studies; `None` if the claim is not tested.
        p_over_all: Option<f64>,
        #[serde(flatten)]
        claim: Claim<'a>,
    }
    #[derive(Serialize)]
    struct All<'a> {
        claims: Vec<OfStudy<'a>>,
        supported: usize,
        refuted: usize,
        /// Of both, those that are still decided after a correction over the claims of all studies.
        decided_over_all: usize,
    }
    let studies: Vec<&[Judgement]> = tables.iter().map(|table| table.claims.as_slice()).collect();
    let levels: Vec<f64> = tables.iter().map(Table::level).collect();
    let summary = across::summary(&studies, &levels);
    let mut claims = Vec::new();
    for (table, ps) in tables.iter().zip(across::over_all(&studies)) {
        claims.extend(table.claims.iter().zip(ps).map(|(judged, p_over_all)| OfStudy {
            study: &table.study,
            data: DataSet::of(&table.data, &table.provenance),
            alpha: table.level(),
            p_over_all,
            claim: Claim::new(judged),
        }));
    }
    let all = All {
        claims,
        supported: summary.supported,
        refuted: summary.refuted,
        decided_over_all: summary.decided_over_all,
    };
    json_text(&all)
}

/// A value as a line of JSON without letters that steer a terminal.
///
/// Errors: it cannot be written as JSON.
pub fn json_text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map(|text| escaped(text) + "\n").map_err(unwritable)
}

/// Two results, cell by cell.
pub fn diff(diff: &Diff) -> Result<String> {
    Ok(escaped(serde_json::to_string(&diff::Document::new(diff)).map_err(unwritable)?) + "\n")
}

/// Escapes what JSON allows in a string but steers a terminal, as `\u009b`; parsers read the same text.
fn escaped(text: String) -> String {
    if !text.contains(is_unprintable) {
        return text;
    }
    let mut safe = String::with_capacity(text.len() + 64);
    for c in text.chars() {
        match is_unprintable(c) {
            true => safe.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}"))),
            false => safe.push(c),
        }
    }
    safe
}

fn unwritable(problem: impl std::fmt::Display) -> Error {
    Error::Usage(format!("cannot write the results as JSON: {problem}"))
}

#[derive(Serialize)]
struct Study<'a> {
    study: &'a str,
    question: Option<&'a str>,
    complete: bool,
    trials_planned: usize,
    provenance: &'a Provenance,
    /// The data sets, in the order of their fingerprints in the provenance.
    data: Vec<DataSet<'a>>,
    axes: &'a [String],
    design: Design,
    /// `fixed` or `anytime`: whether the number of seeds was fixed before the first trial.
    seeds_planned: &'static str,
    /// A corrected p below this decides; `None` while nothing can be judged.
    level: Option<f64>,
    /// Number of comparisons that the verdicts of the rows are corrected for.
    row_family: usize,
    /// When a study without a fixed number of seeds takes no more of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    stopping: Option<Stopping>,
    /// The seeds that verdicts rest on, in the order in which they count; `None` while nothing can be judged.
    judged_seeds: Option<&'a [u64]>,
    cells: Vec<Cell<'a>>,
    /// `None` while the study is unfinished, and without a full grid of two axes or more.
    effects: Option<Effects>,
    claims: Vec<Claim<'a>>,
    trials: Trials<'a>,
}

/// A data set that cells learn from.
#[derive(Serialize)]
struct DataSet<'a> {
    name: &'a str,
    train: usize,
    test: usize,
    /// The shape of a sample.
    shape: &'a [usize],
    /// The name of each class, in the order of the labels.
    classes: &'a [&'a str],
    /// Of all its samples; `None` if the results do not tell.
    sha256: Option<&'a str>,
}

impl<'a> DataSet<'a> {
    fn of(sources: &[DataSource], provenance: &'a Provenance) -> Vec<DataSet<'a>> {
        let known = data::fingerprints(sources, &provenance.data_sha256);
        let one = |(place, source): (usize, &DataSource)| {
            let &Declaration { name, train, test, shape, classes, .. } = source.set()?;
            Some(DataSet { name, train, test, shape, classes, sha256: known.get(place).copied() })
        };
        sources.iter().enumerate().filter_map(one).collect()
    }
}

#[derive(Serialize)]
struct Cell<'a> {
    arm: Option<&'a str>,
    params: &'a Params,
    /// Every hyper-parameter, with defaults filled in; `learning_rate` is the one that is used.
    config: Config,
    seeds: usize,
    completed: usize,
    diverged: usize,
    /// The fewest and the most updates before it.
    diverged_at_steps: Option<(u32, u32)>,
    /// Completed trials that ended with a higher training loss than they began with.
    ended_higher: usize,
    failed: usize,
    /// The seed that makes most of the spread, for each metric in which one does.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    outliers: BTreeMap<&'static str, u64>,
    train_accuracy: Option<Summary>,
    test_accuracy: Option<Summary>,
    gap: Option<Summary>,
    train_loss: Option<Summary>,
    test_loss: Option<Summary>,
    weight_norm: Option<Summary>,
    /// The metrics that were asked for, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    measured: BTreeMap<&'static str, Summary>,
    /// What was found of each class, in the order of the labels, if that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    classes: Vec<Class>,
    /// Numbers of test samples over all seeds by true class and predicted class, if they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    confusion: Vec<Vec<u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps_to_goal: Option<StepsToGoal>,
    best: Option<Best>,
    versus_baseline: Option<VersusBaseline>,
}

impl<'a> Cell<'a> {
    fn new(row: &'a Row, config: &'a Config, classes: Option<Classes>) -> Cell<'a> {
        let summary = |metric: Metric| row.summary(metric).map(Summary::new);
        Cell {
            arm: row.arm.as_deref(),
            params: &row.params,
            config: Config { learning_rate: Positive::try_from(config.learning_rate()).ok(), ..config.clone() },
            seeds: row.planned,
            completed: row.completed,
            diverged: row.diverged,
            diverged_at_steps: row.divergence().map(|diverged| diverged.steps),
            ended_higher: row.ended_higher,
            failed: row.failed,
            outliers: row.outliers().map(|(metric, seed)| (metric.name(), seed)).collect(),
            train_accuracy: summary(Metric::TRAIN_ACCURACY),
            test_accuracy: summary(Metric::TEST_ACCURACY),
            gap: summary(Metric::GAP),
            train_loss: summary(Metric::TRAIN_LOSS),
            test_loss: summary(Metric::TEST_LOSS),
            weight_norm: summary(Metric::WEIGHT_NORM),
            measured: row
                .measured_beside(&trial::NAMED)
                .map(|(metric, summary)| (metric.name(), Summary::new(summary)))
                .collect(),
            classes: classes.iter().flat_map(|classes| &classes.of_each).map(Class::new).collect(),
            confusion: classes.map(|classes| classes.counts).unwrap_or_default(),
            steps_to_goal: row
                .steps_to_goal
                .as_ref()
                .map(|steps| StepsToGoal { reached: steps.reached.as_ref().map(Summary::new), never: steps.never }),
            best: row.best.as_ref().map(Best::new),
            versus_baseline: row.versus_baseline.as_ref().map(|versus| VersusBaseline {
                differences: versus.iter().map(|(&metric, difference)| (metric, Difference::new(difference))).collect(),
                verdict: row.verdict.map(|verdict| verdict.to_string()),
                p_corrected: row.corrected.map(|corrected| OfRow { test_accuracy: corrected.test, gap: corrected.gap }),
                progress: row.progress.map(Progress::from),
                earlier: row.earlier.map(|(verdict, seeds)| EarlierRow { verdict: verdict.to_string(), seeds }),
            }),
        }
    }
}

/// The test samples of one class.
#[derive(Serialize)]
struct Class {
    class: &'static str,
    samples: u64,
    /// The share that is classified correctly, over the seeds.
    accuracy: Option<Summary>,
    /// The interval of the mean accuracy as a share of so many samples.
    wilson95: Option<(f64, f64)>,
}

impl Class {
    fn new(of: &OfClass) -> Class {
        let accuracy = of.accuracy.as_ref().map(Summary::new);
        Class { class: of.name, samples: of.samples, accuracy, wilson95: of.wilson }
    }
}

#[derive(Serialize)]
struct Summary {
    mean: f64,
    median: f64,
    sd: Option<f64>,
    ci95: Option<(f64, f64)>,
}

impl Summary {
    fn new(&stats::Summary { mean, median, sd, ci95, .. }: &stats::Summary) -> Summary {
        Summary { mean, median, sd, ci95 }
    }
}

/// The steps over the completed trials that reached the goal, and the number of those that did not.
#[derive(Serialize)]
struct StepsToGoal {
    reached: Option<Summary>,
    never: usize,
}

/// Summaries over each trial's evaluation with the highest validation accuracy.
#[derive(Serialize)]
struct Best {
    epoch: Summary,
    validation_accuracy: Option<Summary>,
    train_accuracy: Option<Summary>,
    test_accuracy: Option<Summary>,
    gap: Option<Summary>,
    validation_loss: Option<Summary>,
    train_loss: Option<Summary>,
    test_loss: Option<Summary>,
    /// Whether no cell has a detectably higher validation accuracy; null if that cannot be told.
    tied: Option<bool>,
}

impl Best {
    fn new(best: &report::Best) -> Best {
        let summary = |metric| best.summary(metric).map(Summary::new);
        Best {
            epoch: Summary::new(&best.epoch),
            validation_accuracy: summary(Metric::VALIDATION_ACCURACY),
            train_accuracy: summary(Metric::TRAIN_ACCURACY),
            test_accuracy: summary(Metric::TEST_ACCURACY),
            gap: summary(Metric::GAP),
            validation_loss: summary(Metric::VALIDATION_LOSS),
            train_loss: summary(Metric::TRAIN_LOSS),
            test_loss: summary(Metric::TEST_LOSS),
            tied: best.tied,
        }
    }
}

#[derive(Serialize)]
struct VersusBaseline {
    /// By metric: `train_accuracy`, `test_accuracy` and `gap` for networks.
    #[serde(flatten)]
    differences: BTreeMap<Metric, Difference>,
    /// The verdict as in the table, or what diverged; `None` with too few pairs.
    verdict: Option<String>,
    /// The p-values that decide, after their correction over the table; of networks alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    p_corrected: Option<OfRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<Progress>,
    /// The verdict when the number of seeds was still the one fixed at first.
    #[serde(skip_serializing_if = "Option::is_none")]
    earlier: Option<EarlierRow>,
}

#[derive(Serialize)]
struct OfRow {
    test_accuracy: f64,
    gap: f64,
}

impl From<claim::Progress> for Progress {
    fn from(progress: claim::Progress) -> Progress {
        Progress {
            decided_after: progress.decided_after,
            hopeless: progress.is_hopeless,
            most_seeds: progress.most_seeds,
        }
    }
}

#[derive(Serialize)]
struct EarlierRow {
    verdict: String,
    seeds: usize,
}

/// What was found when the number of seeds was still the one fixed at first.
#[derive(Serialize)]
struct EarlierClaim {
    verdict: &'static str,
    p_holm: Option<f64>,
    seeds: usize,
}

/// How far a claim of a study that takes seeds until its claims are decided is.
#[derive(Serialize)]
struct Progress {
    decided_after: Option<usize>,
    hopeless: bool,
    most_seeds: usize,
}

#[derive(Serialize)]
struct Difference {
    n: usize,
    diff: f64,
    median: f64,
    ci95: Option<(f64, f64)>,
    p: Option<f64>,
    p_sign_flip: Option<f64>,
    improved: f64,
}

impl Difference {
    fn new(difference: &stats::Difference) -> Difference {
        let &stats::Difference { n, mean, median, ci95, p, p_signs, improved, .. } = difference;
        Difference { n, diff: mean, median, ci95, p, p_sign_flip: p_signs, improved }
    }
}

#[derive(Serialize)]
struct Claim<'a> {
    says: &'a str,
    note: Option<&'a str>,
    /// `steps_to`, or the metric's name.
    metric: &'static str,
    /// The layer, counted from 1, if the metric is that of one layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<usize>,
    /// For `steps_to`: the metric with the level that it has to reach.
    level: Option<Params>,
    expect: &'static str,
    within: Option<f64>,
    /// What was compared with what, in words.
    compared: &'a str,
    /// What was chosen, if the claim takes the best along an axis.
    #[serde(skip_serializing_if = "Option::is_none")]
    chosen: Option<&'a str>,
    /// `None` if there are too few pairs or not all trials have ended.
    verdict: Option<&'static str>,
    /// The axis on all values of which the claim is to hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    on_all: Option<&'a str>,
    /// Each of these values with what was found there, in the same form.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    on_each: Vec<OnEach<'a>>,
    effect: Option<f64>,
    /// Where the effect is only a bound: `at_least`, `at_most`, or `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    effect_is: Option<&'static str>,
    median: Option<f64>,
    /// The seed whose difference makes most of the spread.
    #[serde(skip_serializing_if = "Option::is_none")]
    outlier: Option<u64>,
    ci95: Option<(f64, f64)>,
    p: Option<f64>,
    p_holm: Option<f64>,
    p_sign_flip: Option<f64>,
    n: usize,
    /// Whether the effect is the same for all seeds, so that nothing was tested.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    exact: bool,
    left_out: LeftOut,
    /// The trials of each side that never reached the level; `None` for all metrics except `steps_to`.
    never: Option<Never>,
    /// The cells of the claim in which trials diverged.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    diverged: Vec<DivergedCell<'a>>,
    /// The value that diverged trials count as; `None` if they are left out.
    diverged_as: Option<f64>,
    counted_diverged: usize,
    more_seeds: Option<usize>,
    /// Number of claims that p is corrected for.
    family: usize,
    /// Whether it stood in a plan before any of its trials had a result; null if no plan tells.
    stated_before: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    earlier: Option<EarlierClaim>,
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<Progress>,
}

#[derive(Serialize)]
struct OnEach<'a> {
    value: &'a str,
    #[serde(flatten)]
    claim: Claim<'a>,
}

#[derive(Serialize)]
struct DivergedCell<'a> {
    cell: &'a str,
    trials: usize,
    of: usize,
    /// The fewest and the most updates before it.
    steps: (u32, u32),
}

/// The numbers of pairs without a value, by reason.
#[derive(Serialize)]
struct LeftOut {
    diverged: usize,
    not_measured: usize,
}

#[derive(Serialize)]
struct Never {
    arm: usize,
    versus: usize,
    /// Updates that both sides had: steps are compared up to here.
    horizon: usize,
}

impl<'a> Claim<'a> {
    fn new(judged: &'a Judgement) -> Claim<'a> {
        let Judgement { claim, compared, finding, chosen, left_out, never, diverged, more_seeds, .. } = judged;
        let (metric, level) = match claim.measure {
            Measure::Metric(metric) | Measure::Layer { metric, .. } => (metric.name(), None),
            Measure::StepsTo { metric, level } => {
                ("steps_to", Some(Params::from_iter([(metric.name().to_owned(), level.into())])))
            }
        };
        let (expect, within) = match claim.expect {
            Expect::Lower => ("lower", None),
            Expect::Higher => ("higher", None),
            Expect::Same { within } => ("same", Some(within)),
        };
        Claim {
            says: &claim.says,
            note: claim.note.as_deref(),
            metric,
            layer: match claim.measure {
                Measure::Layer { layer, .. } => Some(layer),
                _ => None,
            },
            level,
            expect,
            within,
            compared,
            chosen: chosen.as_deref(),
            verdict: finding.verdict.is_given().then(|| finding.verdict.name()),
            on_all: claim.on_all.as_deref(),
            on_each: judged.parts.iter().map(|(value, part)| OnEach { value, claim: Claim::new(part) }).collect(),
            effect: finding.difference.map(|difference| difference.mean),
            effect_is: finding.bound.map(|bound| match bound {
                Bound::AtLeast => "at_least",
                Bound::AtMost => "at_most",
                Bound::Unknown => "unknown",
            }),
            median: finding.difference.map(|difference| difference.median),
            outlier: judged.outlier,
            ci95: finding.difference.and_then(|difference| difference.ci95),
            p: finding.p,
            p_holm: finding.p_holm,
            p_sign_flip: finding.p_signs,
            n: finding.difference.map_or(0, |difference| difference.n),
            exact: finding.exact,
            left_out: LeftOut { diverged: left_out.diverged, not_measured: left_out.unmeasured },
            diverged: diverged
                .iter()
                .map(|(cell, diverged)| DivergedCell {
                    cell,
                    trials: diverged.trials,
                    of: diverged.of,
                    steps: diverged.steps,
                })
                .collect(),
            diverged_as: claim.diverged_as,
            counted_diverged: judged.counted_diverged(),
            never: never.map(|never| Never { arm: never.arm, versus: never.versus, horizon: never.horizon }),
            more_seeds: *more_seeds,
            family: judged.family,
            stated_before: judged.stated_before,
            earlier: judged.earlier.as_ref().map(|earlier| EarlierClaim {
                verdict: earlier.finding.verdict.name(),
                p_holm: earlier.finding.p_holm,
                seeds: earlier.seeds,
            }),
            progress: judged.progress.map(Progress::from),
        }
    }
}
