//! The words around the table: titles of columns, how to read it, and the notes below it.

use super::number::count;
use super::{cells, entry, progress};
use crate::judge::report::{Entry, Row, RowVerdict, Table, TableColumn};
use crate::judge::stats::{Inference, PAIRS_FOR_A_VERDICT};
use crate::plan::metric::Metric;
use crate::plan::{Design, Problem, assignments};
use std::path::Path;

const CHANGES: &str = "Δ: mean difference to the baseline, paired by seed, ± half-width of its 95 % interval.";
const TO_GOAL: &str =
    "Steps to goal: until f is first at or below the goal; paths that never get there are counted and not averaged.";
const LOSS: &str = "Where the loss is told, test accuracy and test loss disagree: both are up, or both are down.";
const EQUAL: &str = "Rows that equal the baseline in every seed are compared, not tested.";
const TOO_FEW: &str = "Where seeds are too few to tell, evidence that holds at any number of seeds could not be strong enough for so \
    many comparisons, whatever the trials had come to.";
const OTHER_DATA: &str =
    "Rows with other training images than the baseline are not judged: there is no baseline with theirs.";
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
        (_, true) => {
            let (interval, ends) = match table.inference {
                Inference::Fixed => ("(Student's t over seeds)", ""),
                Inference::Anytime => {
                    ("that holds at any number of seeds", ", or [its ends] where the mean is not its middle")
                }
            };
            format!("{seeds}; mean ± half-width of the 95 % interval {interval}{ends}.")
        }
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
    let ended_higher = sum(|row| row.ended_higher);
    if ended_higher > 0 {
        let trials = count(ended_higher, "trial");
        notes.push(format!("{trials} ended with a higher training loss than before the first update."));
    }
    notes.extend(outliers(table, columns));
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
    notes.extend(seeds_taken(table));
    notes
}

/// A sentence on the trials that make most of the spread of a mean in these columns, with the median; `None` if there are none.
fn outliers(table: &Table, columns: &[TableColumn]) -> Option<String> {
    let metrics: Vec<Metric> = columns.iter().filter_map(|column| column.metric()).collect();
    let of_row = |row: &Row| {
        let mut seeds: Vec<(u64, Vec<String>)> = Vec::new();
        for &metric in &metrics {
            let Some((seed, summary)) = row.outlier(metric).zip(row.summary(metric)) else { continue };
            let text = entry::text(&Entry::mean(metric, &summary.at_median()));
            let text = format!("median {} {text}", table.problem.declared(metric).label());
            match seeds.iter_mut().find(|(other, _)| *other == seed) {
                Some((_, texts)) => texts.push(text),
                None => seeds.push((seed, vec![text])),
            }
        }
        let name = cells::name(row);
        seeds
            .into_iter()
            .map(move |(seed, texts)| format!("seed {seed} of {name} ({})", texts.join(", ")))
            .collect::<Vec<_>>()
    };
    let all: Vec<String> = table.rows.iter().flat_map(of_row).collect();
    match all.len() {
        0 => None,
        1..=MOST_OUTLIERS => Some(format!("One trial makes most of a spread: {}.", all.join("; "))),
        many => Some(format!("In {many} places one trial makes most of a spread: see the medians of the JSON export.")),
    }
}

/// More outliers than this are counted rather than named.
const MOST_OUTLIERS: usize = 6;

/// Sentences on the images that the findings are about; `None` without images.
fn about_which_images(table: &Table) -> Option<String> {
    let tested = match table.data.len() {
        0 | 1 => "All trials are tested with the same images: what is found is about these test images.",
        _ => "All trials on one data set are tested with the same samples: what is found is about these.",
    };
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
    table.sequence.is_some().then(|| format!("{note}{arms}{last}"))
}

/// Sentences on the verdicts in the table and on rows without one.
fn verdicts(table: &Table) -> Vec<String> {
    let verdicts: Vec<RowVerdict> = table.rows.iter().filter_map(|row| row.verdict).collect();
    let is = |is: fn(&RowVerdict) -> bool| verdicts.iter().any(is);
    let has_few_pairs = |row: &Row| row.versus_baseline.is_some() && row.verdict.is_none();
    let mut said = Vec::new();
    said.extend(is(|verdict| matches!(verdict, RowVerdict::Given { .. })).then(|| how_judged(table)));
    said.extend(
        is(|verdict| matches!(verdict, RowVerdict::Given { disagreeing_loss: Some(_), .. })).then(|| LOSS.into()),
    );
    said.extend(is(|verdict| matches!(verdict, RowVerdict::Equal(_))).then(|| EQUAL.into()));
    said.extend(is(|verdict| matches!(verdict, RowVerdict::TooFewSeeds(_))).then(|| TOO_FEW.into()));
    said.extend(is(|verdict| *verdict == RowVerdict::OfOtherData).then(|| OTHER_DATA.into()));
    said.extend(
        is(|verdict| matches!(verdict, RowVerdict::Diverged(_) | RowVerdict::BaselineDiverged(_)))
            .then(|| DIVERGED.into()),
    );
    said.extend(table.rows.iter().any(has_few_pairs).then(|| few_pairs("Rows")));
    said.extend(earlier(table));
    said.extend(stopped(table));
    said
}

/// A sentence on cells in which seeds that were planned first have no result; `None` if there are none.
fn stopped(table: &Table) -> Option<String> {
    let rows: Vec<(&Row, u64)> = table.rows.iter().filter_map(|row| Some((row, row.stops_at?))).collect();
    let (_, seed) = rows.first()?;
    let names: Vec<String> = rows.iter().map(|(row, _)| cells::name(row)).collect();
    Some(format!(
        "Nothing after seed {seed} counts in {}: it was planned before others that were trained, is not in the study now, and has no result \
         there. Put it back among the seeds to train it.",
        names.join("; ")
    ))
}

/// What the words of the verdicts mean, and when a change is one.
fn how_judged(table: &Table) -> String {
    let p = match table.inference {
        Inference::Fixed => "of the paired t test",
        Inference::Anytime => "of evidence that holds at any number of seeds",
    };
    let level = table.level();
    let (family, rows) = (table.row_family, count(table.row_family / 2, "row"));
    format!(
        "Verdict: what changed against the baseline, test accuracy first. Better, worse: test accuracy is up, down; on both: train \
         accuracy too; gap: train minus test accuracy. A change is told where its p, {p}, is below {level} after Holm's correction \
         over {family} comparisons, test accuracy and gap of {rows}; train accuracy only helps to name it, and may have changed where \
         there is no detectable effect on these two."
    )
}

/// Sentences on when a study without a fixed number of seeds takes no more of them, and on how far its rows are; `None` for others.
fn seeds_taken(table: &Table) -> Option<String> {
    let stopping = table.stopping?;
    let most = count(stopping.most_seeds, "seed");
    if !stopping.until_decided {
        return Some(format!("Seeds were taken in whole blocks, at most {most}."));
    }
    let what = if table.claims.is_empty() { "row" } else { "claim" };
    let taken =
        format!("Seeds are taken until every {what} is decided or hopeless, at most {most}; each row has its own n.");
    if !table.claims.is_empty() {
        return Some(taken);
    }
    let row = |row: &Row| {
        let progress = row.progress?;
        let far = match progress.decided_after {
            Some(seeds) => format!("decided after {}", count(seeds, "seed")),
            None if progress.is_hopeless => "hopeless".into(),
            None if progress.is_used_up => "not decided".into(),
            None => format!("{} not decided yet", progress::bar(progress)),
        };
        Some(format!("{}: {far}", cells::name(row)))
    };
    let rows: Vec<String> = table.rows.iter().filter_map(row).collect();
    Some(if rows.is_empty() { taken } else { format!("{taken} {}.", rows.join("; ")) })
}

/// A sentence on what was found when the number of seeds was still the one fixed at first; `None` if nothing was.
fn earlier(table: &Table) -> Option<String> {
    let rows: Vec<_> = table.rows.iter().filter_map(|row| Some((row, row.earlier?))).collect();
    let seeds = rows.first()?.1.1;
    let each = rows.iter().map(|(row, (verdict, _))| format!("{}: {verdict}", cells::name(row)));
    let seeds = count(seeds, "seed");
    Some(format!("With the {seeds} that were fixed at first: {}.", each.collect::<Vec<_>>().join("; ")))
}

/// A sentence on rows, or claims, with too few pairs for a verdict. `which` is the capitalised plural.
pub fn few_pairs(which: &str) -> String {
    format!("{which} with fewer than {PAIRS_FOR_A_VERDICT} pairs are descriptive only and get no verdict.")
}
