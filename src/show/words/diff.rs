//! The words in which two results are compared.

use super::number::{count, plural};
use super::sections::{Section, Sheet};
use super::{cells, claims};
use crate::judge::claim::Judgement;
use crate::judge::diff::{By, Change, Diff, Finding, Matched, MetricChange, Repeated, Side, Verdict};
use crate::judge::report::{ClaimColumn, Entry, RowVerdict};
use crate::judge::stats::{Direction, Inference, PAIRS_FOR_A_VERDICT};
use crate::plan::metric::{Better, Metric};
use crate::plan::{Problem, param_text};

/// At most so many metrics have a column of their own beside the verdict; all are in the section below.
const COLUMNS: usize = 4;
/// More cells than this are counted rather than named; JSON has all.
const NAMED: usize = 12;

/// `overfit.old-1 → overfit`.
pub fn title(diff: &Diff) -> String {
    diff.sides.each_ref().map(|side| side.name.as_str()).join(" → ")
}

/// What has to be read before anything else: trials that should be the same and are not. `None` if there are none.
pub fn alarm(diff: &Diff) -> Option<String> {
    let one = |(cell, repeated): (&Matched, &Repeated)| format!("{} of {}", seeds(&repeated.differing), name(cell));
    let all: Vec<String> = diff.broken().map(one).collect();
    let [a, b] = diff.sides.each_ref().map(|side| &side.name);
    let why = match diff.has_other_samples {
        true => "They were trained on other samples, as the fingerprints of the data say.".to_owned(),
        false => format!(
            "The same trial always has the same bits, so one of the results was changed, or was trained by a program or on data that \
             are not what they say. `ablate verify {a}` and `ablate verify {b}` tell which."
        ),
    };
    (!all.is_empty()).then(|| format!("TRIALS OF ONE ID HAVE OTHER BITS: {}. {why}", list(all)))
}

/// What is compared, and why nothing is if nothing is.
pub fn opening(diff: &Diff) -> Vec<String> {
    let [a, b] = &diff.sides;
    let mut said = vec![format!("B minus A. A: {}. B: {}.", side(a), side(b))];
    if diff.has_other_samples {
        said.push(
            "The samples of A and of B are not the same, though both name the same data: their fingerprints differ."
                .into(),
        );
    }
    if !diff.is_judged {
        let missing = |side: &&Side| !side.is_complete();
        let far = |side: &Side| format!("{} has {} of {}", side.name, side.with_result, side.trials);
        let missing: Vec<String> = diff.sides.iter().filter(missing).map(far).collect();
        said.push(format!(
            "Nothing is compared yet: {}. A fixed number of seeds is compared once all trials have a result, any other once every \
             cell has one of the first seed.",
            missing.join("; ")
        ));
    }
    let shared: Vec<String> = shared_changes(diff).iter().map(|change| changed(change)).collect();
    if !shared.is_empty() {
        said.push(format!("All cells: {}.", shared.join(", ")));
    }
    said
}

fn side(side: &Side) -> String {
    let study = if side.name == side.study { String::new() } else { format!(" (study {})", side.study) };
    let trials = match side.is_complete() {
        true => count(side.trials, "trial"),
        false => format!("{} of {} so far", side.with_result, count(side.trials, "trial")),
    };
    format!("{}{study}, {}, {trials}", side.name, count(side.seeds, "seed"))
}

/// The changes that all cells have, if there are several cells.
fn shared_changes(diff: &Diff) -> Vec<&Change> {
    let Some((first, rest)) = diff.cells.split_first().filter(|(_, rest)| !rest.is_empty()) else { return Vec::new() };
    first.changed.iter().filter(|change| rest.iter().all(|cell| cell.changed.contains(change))).collect()
}

/// `learning_rate 0.1 → 0.3`
fn changed(change: &Change) -> String {
    let [a, b] = change.values.each_ref().map(param_text);
    format!("{} {a} → {b}", change.key)
}

/// The name of two cells; of both if they are named in other ways.
pub fn name(matched: &Matched) -> String {
    let [a, b] = matched.cells.each_ref().map(cells::name_of);
    if a == b || matched.by == By::Axes { a } else { format!("{a} → {b}") }
}

/// The cells that belong together, with the verdict on each.
pub fn sheet(diff: &Diff) -> Sheet {
    let shared = shared_changes(diff);
    let own = |matched: &Matched| {
        let own = matched.changed.iter().filter(|change| !shared.contains(change));
        own.map(changed).collect::<Vec<_>>().join(", ")
    };
    let with_changes = diff.cells.iter().any(|matched| !own(matched).is_empty());
    let metrics: Vec<Metric> = diff.metrics.iter().copied().take(COLUMNS).collect();
    let mut columns = vec![("cell".to_owned(), false)];
    columns.extend(with_changes.then(|| ("changed".into(), false)));
    columns.push(("n".into(), false));
    columns.extend(metrics.iter().map(|metric| (format!("Δ {}", metric.label()), true)));
    columns.push(("verdict".into(), false));
    let row = |matched: &Matched| {
        let mut entries = vec![Entry::Words(name(matched))];
        entries.extend(with_changes.then(|| words(own(matched))));
        entries.push(words(pairs(matched)));
        entries.extend(metrics.iter().map(|&metric| {
            let change = matched.changes.iter().find(|change| change.metric == metric);
            change.map_or(Entry::Nothing, |change| Entry::change(metric, &change.difference))
        }));
        entries.push(words(verdict(diff, matched)));
        entries
    };
    Sheet { essential: columns.len(), columns, rows: diff.cells.iter().map(row).collect() }
}

/// The names of cells, or their number if there are many.
fn list(names: Vec<String>) -> String {
    if names.len() <= NAMED { names.join("; ") } else { count(names.len(), "cell") }
}

/// Text, or the sign for nothing if it is empty.
fn words(text: String) -> Entry {
    if text.is_empty() { Entry::Nothing } else { Entry::Words(text) }
}

/// `5 pairs`, or `5 and 8` for samples without pairs.
fn pairs(matched: &Matched) -> String {
    let [a, b] = matched.n;
    match matched.is_paired {
        true => count(a, "pair"),
        false if a + b == 0 => String::new(),
        false => format!("{a} and {b}"),
    }
}

/// The verdict on two cells in words, as Markdown and JSON have it; empty without one.
pub fn verdict(diff: &Diff, matched: &Matched) -> String {
    match matched.verdict {
        None => String::new(),
        Some(Verdict::Repeated) => matched.repeated.as_ref().map(|same| repeated(matched, same)).unwrap_or_default(),
        Some(Verdict::Diverged) => diverged(matched),
        Some(Verdict::Row(verdict)) => verdict.to_string(),
        Some(Verdict::EachMetric) => {
            let one = |change: &MetricChange| {
                let label = diff.problem.declared(change.metric).label();
                Some(format!("{label} {}", finding(change.metric, change.finding?)))
            };
            matched.changes.iter().filter_map(one).collect::<Vec<_>>().join(", ")
        }
        Some(Verdict::Few | Verdict::OpenEnded) => "descriptive only".into(),
    }
}

fn repeated(matched: &Matched, repeated: &Repeated) -> String {
    let seeds = repeated.seeds;
    if !repeated.differing.is_empty() {
        return format!("OTHER BITS in {} of {}", repeated.differing.len(), count(seeds, "seed"));
    }
    let equal = match seeds {
        1 => "equal in its seed, bit by bit".to_owned(),
        seeds => format!("equal in all {seeds} seeds, bit by bit"),
    };
    match diverged(matched) {
        diverged if diverged.is_empty() => equal,
        diverged => format!("{equal}; {diverged}"),
    }
}

/// `A: 12 of 20 diverged, at step 7; B: 1 of 20 diverged, at step 9`; empty if none did.
fn diverged(matched: &Matched) -> String {
    let sides = ["A", "B"].iter().zip(&matched.diverged);
    let of_side = sides.filter_map(|(side, diverged)| Some(format!("{side}: {}", diverged.as_ref()?)));
    of_side.collect::<Vec<_>>().join("; ")
}

/// What was found of one metric.
pub fn finding(metric: Metric, finding: Finding) -> String {
    let side = |side: Direction| match (side, metric.better()) {
        (Direction::Up, Some(Better::Higher)) | (Direction::Down, Some(Better::Lower)) => "better",
        (Direction::Down, Some(Better::Higher)) | (Direction::Up, Some(Better::Lower)) => "worse",
        (Direction::Up, None) => "higher",
        (Direction::Down, None) => "lower",
        (Direction::Neither, _) => "equal",
    };
    match finding {
        Finding::Changed(direction) => side(direction).into(),
        Finding::Exact(direction) => format!("{}, exactly", side(direction)),
        Finding::Undetected => "no detectable effect".into(),
        Finding::Constant => "the same difference in every seed".into(),
        Finding::Equal => "equal in every seed".into(),
    }
}

/// Sentences on how to read the cells, and on what stands alone.
pub fn notes(diff: &Diff) -> Vec<String> {
    let mut said = Vec::new();
    if diff.is_judged && !diff.cells.is_empty() {
        said.push(how_compared(diff));
        said.extend(how_judged(diff));
        said.extend(remarks(diff));
    }
    said.extend(other_data(diff));
    said.extend(other_version(diff));
    for (side, (letter, alone)) in diff.sides.iter().zip(["A", "B"].iter().zip(&diff.alone)) {
        let names: Vec<String> = alone.iter().map(cells::name_of).collect();
        said.extend((!alone.is_empty()).then(|| format!("Only in {letter} ({}): {}.", side.name, list(names))));
    }
    if diff.cells.is_empty() {
        said.push(
            "No cell of one belongs to a cell of the other: by configuration, by name, or by the values of their axes."
                .into(),
        );
    }
    for (letter, metrics) in ["A", "B"].iter().zip(&diff.other_metrics) {
        let names: Vec<&str> = metrics.iter().map(|metric| metric.name()).collect();
        said.extend((!names.is_empty()).then(|| format!("Only {letter} measures: {}.", names.join(", "))));
    }
    said
}

fn how_compared(diff: &Diff) -> String {
    let open: Vec<&str> =
        diff.sides.iter().filter(|side| side.inference == Inference::Anytime).map(|side| &*side.name).collect();
    let mut said = vec!["Δ: mean of B minus mean of A, ± half-width of its 95 % interval.".to_owned()];
    let has = |is_paired: bool| {
        diff.cells.iter().any(|cell| cell.is_paired == is_paired && !cell.changes.is_empty() && !is_same(cell))
    };
    if has(true) {
        said.push(match diff.inference {
            Inference::Fixed => "Cells with pairs are compared seed by seed, by the paired t test.".into(),
            Inference::Anytime => format!(
                "The number of seeds of {} was not fixed beforehand: pairs are judged by evidence that holds at any number of them, if \
                 the differences are near normal, in the order in which their seeds were first planned.",
                open.join(" and of ")
            ),
        });
    }
    if has(false) {
        let few = format!(
            "Cells that share fewer than {PAIRS_FOR_A_VERDICT} seeds are compared as two samples, of A and of B"
        );
        said.push(match diff.inference {
            Inference::Fixed => format!("{few}, by Welch's t test."),
            Inference::Anytime => format!(
                "{few}: described and not tested, as the number of seeds of {} was not fixed beforehand.",
                open.join(" and of ")
            ),
        });
    }
    said.join(" ")
}

/// What the words of the verdicts mean, and when a change is one; `None` if there are none.
fn how_judged(diff: &Diff) -> Option<String> {
    let has = |is: fn(&Verdict) -> bool| diff.cells.iter().filter_map(|cell| cell.verdict.as_ref()).any(is);
    let (family, level) = (diff.family, diff.level);
    match diff.problem {
        Problem::Network => has(|verdict| matches!(verdict, Verdict::Row(RowVerdict::Given { .. }))).then(|| {
            format!(
                "Verdict: what changed from A to B, test accuracy first. Better, worse: test accuracy is up, down; on both: train accuracy \
                 too; gap: train minus test accuracy. A change is told where its p is below {level} after Holm's correction over {family} \
                 comparisons, test accuracy and gap of {}; train accuracy only helps to name it.",
                count(family / 2, "cell")
            )
        }),
        Problem::Surface | Problem::Program(_) => has(|verdict| *verdict == Verdict::EachMetric).then(|| {
            format!(
                "Verdict: what changed from A to B; higher, lower: of metrics that are better neither way. A change is told where its p is \
                 below {level} after Holm's correction over {family} comparisons, each metric of each cell."
            )
        }),
    }
}

/// Sentences on cells with verdicts of other kinds.
fn remarks(diff: &Diff) -> Vec<String> {
    let has = |is: fn(&Verdict) -> bool| diff.cells.iter().filter_map(|cell| cell.verdict.as_ref()).any(is);
    let mut said = Vec::new();
    if has(|verdict| *verdict == Verdict::Repeated) {
        said.push(
            "Cells that train alike have the same trials: their results are compared bit by bit, and not tested."
                .into(),
        );
    }
    if has(|verdict| matches!(verdict, Verdict::Row(RowVerdict::Given { disagreeing_loss: Some(_), .. }))) {
        said.push(
            "Where the loss is told, test accuracy and test loss disagree: both are up, or both are down.".into(),
        );
    }
    if has(|verdict| matches!(verdict, Verdict::Row(RowVerdict::Equal(_)))) {
        said.push("Cells that are equal in every seed are compared, not tested.".into());
    }
    if has(|verdict| *verdict == Verdict::Diverged) {
        said.push(
            "Cells with diverged trials get no verdict: the trials that are left are those that did not diverge."
                .into(),
        );
    }
    let is_exact = |change: &MetricChange| matches!(change.finding, Some(Finding::Exact(_)));
    if diff.cells.iter().flat_map(|cell| &cell.changes).any(is_exact) {
        said.push("Exactly: on a surface, the same difference for all seeds decides by itself, without a test.".into());
    }
    said.extend(ended_higher(diff));
    if has(|verdict| *verdict == Verdict::Few) {
        said.push(super::table::few_pairs("Cells"));
    }
    said
}

/// A sentence on trials that ended worse than they began; `None` if there are none.
fn ended_higher(diff: &Diff) -> Option<String> {
    let of_side = |side: usize| diff.cells.iter().map(|cell| cell.ended_higher[side]).sum::<usize>();
    let sides = ["A", "B"].iter().zip([of_side(0), of_side(1)]).filter(|(_, trials)| *trials > 0);
    let sides: Vec<String> = sides.map(|(side, trials)| format!("{} of {side}", count(trials, "trial"))).collect();
    let all = sides.join(" and ");
    (!sides.is_empty()).then(|| format!("{all} ended with a higher training loss than before the first update."))
}

/// A sentence on cells that differ in their data; `None` if there are none.
fn other_data(diff: &Diff) -> Option<String> {
    let cells: Vec<&Matched> = diff.cells.iter().filter(|cell| cell.is_of_other_data()).collect();
    let mut keys: Vec<&str> = Vec::new();
    for change in cells.iter().flat_map(|cell| &cell.changed).filter(|change| change.is_of_data()) {
        if !keys.contains(&change.key.as_str()) {
            keys.push(&change.key);
        }
    }
    let which = match cells.len() == diff.cells.len() {
        true => String::new(),
        false => list(cells.iter().map(|cell| name(cell)).collect()) + ": ",
    };
    (!cells.is_empty()).then(|| {
        format!(
            "{which}A and B differ in their data ({}), so this is no comparison of techniques alone.",
            keys.join(", ")
        )
    })
}

/// A sentence on trials of equal configuration that versions with other numerics trained; `None` if there are none.
fn other_version(diff: &Diff) -> Option<String> {
    let repeated = diff.cells.iter().filter_map(|cell| Some((cell, cell.repeated.as_ref()?)));
    let others = repeated.filter(|(_, repeated)| !repeated.of_other_version.is_empty());
    let names: Vec<String> =
        others.map(|(cell, repeated)| format!("{} of {}", seeds(&repeated.of_other_version), name(cell))).collect();
    let [a, b] = diff.sides.each_ref().map(|side| &side.provenance.ablate);
    let any = !names.is_empty();
    any.then(|| {
        format!(
            "Of equal configuration, but with other ids and other bits: {}. They were trained by versions that compute otherwise \
             (ablate {a} and {b}).",
            list(names)
        )
    })
}

/// `seed 3`, or `seeds 3, 4`.
fn seeds(seeds: &[u64]) -> String {
    let list: Vec<String> = seeds.iter().map(u64::to_string).collect();
    format!("{} {}", plural(seeds.len(), "seed"), list.join(", "))
}

/// The sections below: every metric of every cell, and the claims that both make.
pub fn sections(diff: &Diff) -> Vec<Section> {
    each_metric(diff).into_iter().chain(of_claims(diff)).collect()
}

fn each_metric(diff: &Diff) -> Option<Section> {
    let with_findings = diff.problem != Problem::Network;
    let columns = [
        ("cell", false),
        ("metric", false),
        ("A", true),
        ("B", true),
        ("B − A", true),
        ("p", true),
        ("p (Holm)", true),
    ];
    let mut columns: Vec<(String, bool)> = columns.map(|(title, numeric)| (title.to_owned(), numeric)).into();
    columns.push(("n".into(), false));
    columns.extend(with_findings.then(|| ("found".into(), false)));
    let row = |matched: &Matched, change: &MetricChange| {
        let metric = diff.problem.declared(change.metric);
        let is_exact = matches!(change.finding, Some(Finding::Exact(_)));
        let p = |p: Option<f64>| if is_exact { Entry::Exact } else { Entry::p(p) };
        let mut entries = vec![Entry::Words(name(matched)), Entry::Words(metric.label().into())];
        entries.extend(change.sides.iter().map(|summary| Entry::mean(metric, summary)));
        entries.push(Entry::change(metric, &change.difference));
        entries.extend([p(change.difference.p), p(change.p_holm), words(pairs(matched))]);
        let found = || words(change.finding.map(|found| finding(metric, found)).unwrap_or_default());
        entries.extend(with_findings.then(found));
        entries
    };
    let others = diff.cells.iter().filter(|matched| !is_same(matched));
    let rows = others.flat_map(|matched| matched.changes.iter().map(move |change| (matched, change)));
    let rows: Vec<Vec<Entry>> = rows.map(|(matched, change)| row(matched, change)).collect();
    (!rows.is_empty()).then(|| Section {
        title: "Each metric",
        sheets: vec![Sheet { essential: columns.len(), columns, rows }],
        notes: vec![format!(
            "A, B: mean ± half-width of its 95 % interval, over what is compared. {}",
            corrected(diff)
        )],
    })
}

/// What the p-values of each metric are corrected over.
fn corrected(diff: &Diff) -> &'static str {
    match diff.problem {
        Problem::Network => {
            "p (Holm): of test accuracy and gap over both of all cells; of train accuracy, and of the test loss, over the cells."
        }
        Problem::Surface | Problem::Program(_) => "p (Holm): over all metrics of all cells.",
    }
}

/// Whether its trials are those of the other result, bit by bit, so that there are no changes.
fn is_same(matched: &Matched) -> bool {
    matched.verdict == Some(Verdict::Repeated)
        && matched.repeated.as_ref().is_some_and(|repeated| repeated.differing.is_empty())
}

fn of_claims(diff: &Diff) -> Option<Section> {
    const OF_EACH: [ClaimColumn; 4] = [ClaimColumn::Verdict, ClaimColumn::Effect, ClaimColumn::P, ClaimColumn::Pairs];
    let of_side =
        |side: &str| OF_EACH.map(|column| (format!("{side}: {}", claims::header(column)), column.is_numeric()));
    let mut columns = vec![("claim".to_owned(), false)];
    columns.extend(of_side("A").into_iter().chain(of_side("B")));
    let row = |[a, b]: &[Judgement; 2]| {
        let mut entries = vec![a.entry(ClaimColumn::Claim)];
        entries.extend([a, b].into_iter().flat_map(|judged| OF_EACH.map(|column| judged.entry(column))));
        entries
    };
    (!diff.claims.is_empty()).then(|| Section {
        title: "Claims of both",
        sheets: vec![Sheet { essential: columns.len(), columns, rows: diff.claims.iter().map(row).collect() }],
        notes: vec![
            "Claims that ask the same of cells that belong together, each as its own result has it judged.".into(),
        ],
    })
}
