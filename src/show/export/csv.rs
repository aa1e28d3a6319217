//! CSV: a line for each cell in the order of the study, numbers in full precision. All studies of one kind of problem have the
//! same columns, except for their axes and, at the end, the metrics that were asked for.

use crate::error::{Error, Result};
use crate::judge::report::{BEST_METRICS, Classes, Row, Table, pairs};
use crate::judge::stats::{Difference, Summary};
use crate::plan::Problem;
use crate::plan::metric::Metric;
use crate::printable;
use crate::record::board::Board;
use crate::show::words::data;
use serde_json::Value;
use std::collections::BTreeSet;

pub fn render(table: &Table) -> Result<String> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record(header(table)).map_err(unwritable)?;
    let mut rows: Vec<&Row> = table.rows.iter().collect();
    rows.sort_by_key(|row| row.cell);
    for row in rows {
        writer.write_record(record(table, row)).map_err(unwritable)?;
    }
    let bytes = writer.into_inner().map_err(|failed| unwritable(failed.into_error()))?;
    String::from_utf8(bytes).map_err(unwritable)
}

/// A line for each pair of classes of each cell of which one is taken for the other, and for each class and itself: how many test
/// samples that were, over all seeds.
pub fn classes(table: &Table, board: &Board) -> Result<String> {
    let mut rows: Vec<&Row> = table.rows.iter().collect();
    rows.sort_by_key(|row| row.cell);
    let found: Vec<(&Row, Classes)> =
        rows.into_iter().filter_map(|row| Some((row, Classes::new(board, row.cell)?))).collect();
    if found.is_empty() {
        return Err(Error::Usage(format!(
            "{}: no trial has measured its classes\n  to mend it: add probes = [\"confusion\"] below [base] of the study, and run it",
            printable::line(&table.study)
        )));
    }
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let mut header = vec!["arm".to_owned()];
    header.extend(table.axes.iter().map(|axis| text_field(axis)));
    header.extend(
        ["data_name", "true_class", "predicted_class", "samples", "share_of_class", "trials"].map(String::from),
    );
    writer.write_record(&header).map_err(unwritable)?;
    for (row, classes) in &found {
        let named = |class: usize| text_field(classes.of_each[class].name);
        for (class, counts) in classes.counts.iter().enumerate() {
            for (predicted, count) in
                counts.iter().enumerate().filter(|&(predicted, &count)| count > 0 || class == predicted)
            {
                let mut record = vec![text_field(row.arm.as_deref().unwrap_or_default())];
                record.extend(table.axes.iter().map(|axis| row.params.get(axis).map_or_else(String::new, value)));
                record.extend([text_field(row.data.name()), named(class), named(predicted), count.to_string()]);
                record.extend([number(classes.share(class, predicted)), classes.trials.to_string()]);
                writer.write_record(&record).map_err(unwritable)?;
            }
        }
    }
    let bytes = writer.into_inner().map_err(|failed| unwritable(failed.into_error()))?;
    String::from_utf8(bytes).map_err(unwritable)
}

pub(super) fn unwritable(problem: impl std::fmt::Display) -> Error {
    Error::Usage(format!("cannot write the results as CSV: {problem}"))
}

fn header(table: &Table) -> Vec<String> {
    let mut header = vec!["arm".to_owned()];
    header.extend(table.axes.iter().map(|axis| text_field(axis)));
    header.extend(
        [
            "is_baseline",
            "planned",
            "completed",
            "diverged",
            "failed",
            "ended_higher",
            "first_diverged_step",
            "last_diverged_step",
        ]
        .map(String::from),
    );
    for metric in table.problem.always() {
        header.extend(["mean", "sd", "ci_low", "ci_high"].map(|part| text_field(&format!("{}_{part}", metric.name()))));
    }
    header.push("pairs".into());
    for metric in table.problem.compared() {
        let parts = ["diff", "diff_ci_low", "diff_ci_high", "diff_p", "diff_p_sign_flip", "diff_improved"];
        header.extend(parts.map(|part| text_field(&format!("{}_{part}", metric.name()))));
    }
    if has_best(table) {
        header.extend(["test_accuracy_p_corrected", "gap_p_corrected"].map(String::from));
        header.push("verdict".into());
        for name in std::iter::once("epoch").chain(BEST_METRICS.map(Metric::name)) {
            header.extend(["mean", "sd", "ci_low", "ci_high"].map(|part| format!("best_{name}_{part}")));
        }
    }
    if table.problem == Problem::Network {
        header.extend(OF_DATA.map(String::from));
    }
    for metric in asked_for(table) {
        header.extend(["mean", "sd", "ci_low", "ci_high"].map(|part| text_field(&format!("{}_{part}", metric.name()))));
    }
    header
}

/// What is known of a cell's data set: its name, numbers of samples, shape (`28x28`) and number of classes, and the SHA-256 of its
/// samples.
const OF_DATA: [&str; 6] = ["data_name", "data_train", "data_test", "data_shape", "data_classes", "data_sha256"];

fn of_data(table: &Table, row: &Row) -> [String; 6] {
    let Some(set) = row.data.set() else { return Default::default() };
    let sha256 = data::fingerprints(&table.data, &table.provenance.data_sha256);
    let place = table.data.iter().position(|source| *source == row.data);
    let sha256 = place.and_then(|place| sha256.get(place)).copied().unwrap_or_default();
    let [train, test, classes] = [set.train, set.test, set.classes.len()].map(|count| count.to_string());
    let shape = set.shape.iter().map(usize::to_string).collect::<Vec<_>>().join("x");
    [text_field(set.name), train, test, shape, classes, text_field(sha256)]
}

/// The metrics of some row that studies of this kind of problem do not always have.
fn asked_for(table: &Table) -> BTreeSet<Metric> {
    let always = table.problem.always();
    table.rows.iter().flat_map(|row| row.measured_beside(always).map(|(metric, _)| metric)).collect()
}

/// Whether verdicts and best epochs have columns: in all studies of networks, with validation images or without.
fn has_best(table: &Table) -> bool {
    table.problem == Problem::Network
}

fn record(table: &Table, row: &Row) -> Vec<String> {
    let mut record = vec![text_field(row.arm.as_deref().unwrap_or_default())];
    record.extend(table.axes.iter().map(|axis| row.params.get(axis).map_or_else(String::new, value)));
    record.push(row.is_baseline.to_string());
    record.extend(
        [row.planned, row.completed, row.diverged, row.failed, row.ended_higher].map(|count| count.to_string()),
    );
    let steps = row.divergence().map(|diverged| diverged.steps);
    record.extend(
        [steps.map(|(first, _)| first), steps.map(|(_, last)| last)]
            .map(|step| step.map_or_else(String::new, |step| step.to_string())),
    );
    for &metric in table.problem.always() {
        record.extend(summary(row.summary(metric)));
    }
    record.push(row.versus_baseline.as_ref().map_or_else(String::new, |versus| pairs(versus).to_string()));
    for &metric in table.problem.compared() {
        record.extend(difference(row.change(metric)));
    }
    if has_best(table) {
        record.extend([row.corrected.map(|p| p.test), row.corrected.map(|p| p.gap)].map(number));
        record.push(row.verdict.map_or_else(String::new, |verdict| verdict.to_string()));
        let best = row.best.as_ref();
        record.extend(summary(best.map(|best| &best.epoch)));
        for metric in BEST_METRICS {
            record.extend(summary(best.and_then(|best| best.summary(metric))));
        }
    }
    if table.problem == Problem::Network {
        record.extend(of_data(table, row));
    }
    for metric in asked_for(table) {
        record.extend(summary(row.summary(metric)));
    }
    record
}

fn summary(summary: Option<&Summary>) -> [String; 4] {
    let ci95 = summary.and_then(|summary| summary.ci95);
    [summary.map(|summary| summary.mean), summary.and_then(|summary| summary.sd), ci95.map(low), ci95.map(high)]
        .map(number)
}

fn difference(difference: Option<&Difference>) -> [String; 6] {
    let ci95 = difference.and_then(|difference| difference.ci95);
    let mean = difference.map(|difference| difference.mean);
    let p = difference.and_then(|difference| difference.p);
    let p_sign_flip = difference.and_then(|difference| difference.p_signs);
    let improved = difference.map(|difference| difference.improved);
    [mean, ci95.map(low), ci95.map(high), p, p_sign_flip, improved].map(number)
}

fn low((low, _): (f64, f64)) -> f64 {
    low
}

fn high((_, high): (f64, f64)) -> f64 {
    high
}

/// The shortest digits that read back to the same number; empty if there is none.
fn number(number: Option<f64>) -> String {
    number.map_or_else(String::new, |number| format!("{number:?}"))
}

/// A parameter's value: words without quotes, numbers as they are written, lists and tables as JSON.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::String(text) => text_field(text),
        other => text_field(&other.to_string()),
    }
}

/// Text on one line, so that each record is a line, without control characters, which CSV cannot escape. Text that a
/// spreadsheet would take for a formula begins with an apostrophe, which spreadsheets take for the sign of a text.
pub(super) fn text_field(text: &str) -> String {
    let line = printable::line(text);
    match line.trim_start().starts_with(FORMULA) && line.trim().parse::<f64>().is_err() {
        true => format!("'{line}"),
        false => line.into_owned(),
    }
}

/// What a formula may begin with, also in the wide letters of East Asian keyboards. Tabs and line breaks, after which some
/// programs look for one too, are blanks by then.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
