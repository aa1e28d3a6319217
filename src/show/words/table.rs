//! The words around the table: titles of columns, how to read it, and the notes below it.

use super::number::count;
use crate::judge::report::{Comparison, Row, RowVerdict, Table, TableColumn};
use crate::judge::stats::PAIRS_FOR_A_VERDICT;
use crate::plan::{Design, Problem, assignments};
use std::path::Path;

const CHANGES: &str = "Δ: mean difference to the baseline, paired by seed, ± half-width of its 95 % interval; up or down \
    where that excludes 0.";
const VERDICTS: &str = "Verdict, by the 95 % intervals of differences to the baseline, paired by seed: ";
const TO_GOAL: &str =
    "Steps to goal: until f is first at or below the goal; paths that never get there are counted and not averaged.";
const DIVERGED: &str = "Cells with diverged trials, and all cells if the baseline has some, get no verdict: the trials that are \
    left are those that did not diverge.";

/// The title of a column, without a unit.
pub fn header(table: &Table, column: TableColumn) -> String {
    match column {
        TableColumn::Arm if table.design.start().is_some() => "recipe".into(),
        TableColumn::Arm => "arm".into(),
        TableColumn::Axis(axis) => table.axes.get(axis).cloned().unwrap_or_default(),
        TableColumn::Completed => "n".into(),
        TableColumn::Outcomes => "outcomes".into(),
        TableColumn::Metric(metric) | TableColumn::Best(metric) => table.problem.declared(metric).label().into(),
        TableColumn::StepsToGoal => "steps to goal".into(),
        TableColumn::BestEpoch => "epoch".into(),
        TableColumn::Change(metric) => format!("Δ {}", metric.label()),
        TableColumn::Verdict => "verdict".into(),
    }
}

/// What was typed, without the other studies that it named: their results are not here.
pub fn command(table: &Table) -> String {
    let words: Vec<&str> = table.provenance.command.split(' ').collect();
    let is_study = |word: &&str| word.ends_with(".toml");
    let stem = |word: &str| Path::new(word).file_stem().is_some_and(|stem| *stem == *table.study);
    let own = words.iter().filter(|word| is_study(word)).filter(|word| stem(word)).count();
    match own {
        1 => words.into_iter().filter(|word| !is_study(word) || stem(word)).collect::<Vec<_>>().join(" "),
        _ => table.provenance.command.clone(),
    }
}

/// How to read the numbers, with their intervals or without them.
pub fn how_to_read(table: &Table, intervals: bool) -> String {
    // Where each cell has its own way to choose images, no images are those of all.
    let of_all = table.these_images.as_ref().filter(|_| table.shared.contains_key("subset"));
    let on_these = of_all.map(|images| format!(" on {images}")).unwrap_or_default();
    let seeds = count(table.seeds, "seed") + &on_these;
    match (table.seeds, intervals) {
        (_, false) => format!("{seeds}; means."),
        (1, true) => format!("{seeds}."),
        (_, true) => format!("{seeds}; mean ± half-width of the 95 % interval (Student's t over seeds)."),
    }
}

/// What each arm sets beside the columns, e.g. (`plain`, `batch_norm = false`). Arms that set nothing else are left out.
pub fn arms(table: &Table) -> Vec<(&str, String)> {
    let sets = |row: &Row| {
        let own = row.params.iter().filter(|(key, _)| !table.axes.contains(key));
        assignments(&own.map(|(key, value)| (key.clone(), value.clone())).collect())
    };
    let arms = table.rows.iter().filter_map(|row| Some((row.arm.as_deref()?, sets(row))));
    arms.filter(|(_, sets)| !sets.is_empty()).collect()
}

/// The notes below a table of these columns, a sentence or two each: which trials are missing or did not complete, how
/// cells are compared, and how far the comparison can be trusted.
pub fn notes(table: &Table, columns: &[TableColumn]) -> Vec<String> {
    let mut notes = Vec::new();
    let is_program = matches!(table.problem, Problem::Program(_));
    if !table.complete() {
        notes.push(format!("Unfinished: {} of {} trials so far.", table.trials_with_result, table.trials_planned));
    }
    let sum = |of: fn(&Row) -> usize| table.rows.iter().map(of).sum();
    let (diverged, failed) = (sum(|row| row.diverged), sum(|row| row.failed));
    if diverged > 0 {
        let trials = count(diverged, "trial");
        let why = if is_program { "" } else { ": the loss stopped being finite" };
        notes.push(format!("{trials} diverged{why}. Means are over the n trials that completed."));
    }
    if failed > 0 {
        let trials = count(failed, "trial");
        let what_next = if is_program { "" } else { " by a fault of the program and will be trained again" };
        notes.push(format!("{trials} failed{what_next}."));
    }
    if columns.contains(&TableColumn::StepsToGoal) {
        notes.push(TO_GOAL.into());
    }
    notes.extend(about_which_images(table));
    notes.extend(order(table));
    if columns.iter().any(|column| matches!(column, TableColumn::Change(_))) {
        notes.push(CHANGES.into());
    }
    if columns.contains(&TableColumn::Verdict) {
        notes.extend(verdicts(table));
    }
    notes
}

/// Sentences on the images that the findings are about; `None` without images.
fn about_which_images(table: &Table) -> Option<String> {
    let tested = "All trials are tested with the same images: what is found is about these test images.";
    let trained = table.these_images.as_ref().map(|images| {
        format!(
            " With subset = first all seeds train on the first of the data set: what is found there is about {images}."
        )
    });
    (table.problem == Problem::Network).then(|| tested.to_owned() + &trained.unwrap_or_default())
}

/// A sentence on the order of the rows; `None` if it has no meaning, or trials are missing.
fn order(table: &Table) -> Option<String> {
    let note = match table.design {
        Design::LeaveOneOut => {
            "Each row leaves one part out of the full recipe; the one that costs most test accuracy comes first."
        }
        Design::OneAtATime => {
            "Each row adds one thing to the plain recipe; the one that brings most test accuracy comes first."
        }
        Design::Factorial | Design::Random => return None,
    };
    let arms = if table.has_arms { " Arms, which change the base, stand among them." } else { "" };
    let is_last = |row: &Row| !row.is_baseline && row.diverged > 0;
    let last = if table.rows.iter().any(is_last) { " Rows with diverged trials come last." } else { "" };
    table.complete().then(|| format!("{note}{arms}{last}"))
}

/// Sentences on the verdicts in the table and on rows without one.
fn verdicts(table: &Table) -> Vec<String> {
    let given = |verdict: &Comparison| table.rows.iter().any(|row| row.verdict == Some(RowVerdict::Given(*verdict)));
    let words: Vec<String> = Comparison::ALL
        .into_iter()
        .filter(given)
        .map(|verdict| format!("{} ({})", verdict.name(), meaning(verdict)))
        .collect();
    let diverged = |row: &Row| matches!(row.verdict, Some(RowVerdict::Diverged(_) | RowVerdict::BaselineDiverged(_)));
    let has_few_pairs = |row: &Row| row.versus_baseline.is_some() && row.verdict.is_none();
    let mut said = Vec::new();
    said.extend((!words.is_empty()).then(|| format!("{VERDICTS}{}.", words.join(", "))));
    said.extend(table.rows.iter().any(diverged).then(|| DIVERGED.into()));
    said.extend(table.rows.iter().any(has_few_pairs).then(|| few_pairs("Rows")));
    said
}

/// A sentence on rows, or claims, with too few pairs for a verdict. `which` is the capitalised plural.
pub fn few_pairs(which: &str) -> String {
    format!("{which} with fewer than {PAIRS_FOR_A_VERDICT} pairs are descriptive only and get no verdict.")
}

/// The meaning of a verdict, in a few words.
fn meaning(verdict: Comparison) -> &'static str {
    match verdict {
        Comparison::Regularised => "test up, gap down",
        Comparison::Improved => "test up, gap not detectably changed",
        Comparison::LearnedMore => "test up, gap up",
        Comparison::Traded => "gap down, test not detectably changed",
        Comparison::TrainDown => "train down, test not detectably changed, gap not down",
        Comparison::NoDetectableEffect => "none of test, gap and train detectably changed",
        Comparison::TrainUp => "train up, neither test nor gap detectably changed",
        Comparison::OverfitMore => "gap up, test not up, train not down",
        Comparison::Underfit => "test down, train down",
        Comparison::Worse => "test down, neither train down nor gap up",
    }
}
