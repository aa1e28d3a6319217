//! The words and digits of the table: what Markdown, LaTeX and the screen show alike.

use super::{Column, Row, RowVerdict, StepsToGoal, Table, Verdict};
use crate::judge::stats::{Difference, Summary};
use crate::plan::metric::Metric;
use crate::plan::{Problem, assignments, param_text};
use crate::record::board::Diverged;
use serde_json::Value;
use std::path::Path;

const CHANGES: &str = "Δ: mean difference to the baseline, paired by seed, ± half-width of its 95 % interval; up or down \
    where that excludes 0.";
const VERDICTS: &str = "Verdict, by the 95 % intervals of differences to the baseline, paired by seed: ";
const TO_GOAL: &str =
    "Steps to goal: until f is first at or below the goal; paths that never get there are counted and not averaged.";
const DIVERGED: &str = "Cells with diverged trials, and all cells if the baseline has some, get no verdict: the trials that are \
    left are those that did not diverge.";
/// More cells than this are counted instead of named.
const NAMED: usize = 12;
const FEW_PAIRS: &str = "Rows with fewer than 5 pairs are descriptive only and get no verdict.";

impl Table {
    /// The columns to show, from left to right; losses and what was asked for come behind what the study is about.
    pub fn columns(&self) -> Vec<Column> {
        let mut columns = self.cell_columns();
        columns.extend(self.outcome_columns());
        let metrics = self.measured_metrics();
        let chosen = |metric: &Metric| match &self.chosen {
            Some(chosen) => chosen.contains(metric),
            None => *metric != Metric::WEIGHT_NORM,
        };
        columns.extend(metrics.into_iter().filter(chosen).map(Column::Metric));
        if let Some(f) = columns.iter().position(|&column| column == Column::Metric(Metric::TRAIN_LOSS))
            && self.rows.iter().any(|row| row.steps_to_goal.is_some())
        {
            columns.insert(f + 1, Column::StepsToGoal);
        }
        if self.rows.iter().any(|row| row.versus_baseline.is_some()) {
            columns.extend([Metric::TEST_ACCURACY, Metric::GAP].map(Column::Change));
        }
        let judged = self.problem == Problem::Network && self.rows.iter().any(|row| row.is_baseline);
        columns.extend(judged.then_some(Column::Verdict));
        columns
    }

    /// What the study is about: accuracies and gap, or f, and what its claims are about. Fits on a page.
    pub fn essential_metrics(&self) -> Vec<Metric> {
        let claimed = self.claims.iter().flat_map(|judged| judged.claim.metrics());
        self.problem.essential().iter().copied().chain(claimed).collect()
    }

    /// What can be told of each row; the weight norm is told where it is chosen. Validation has a table of its own, at the
    /// best epoch.
    pub fn measured_metrics(&self) -> Vec<Metric> {
        let told = |metric: &Metric| ![Metric::VALIDATION_ACCURACY, Metric::VALIDATION_LOSS].contains(metric);
        let measured = |metric: &Metric| told(metric) && self.rows.iter().any(|row| row.summary(*metric).is_some());
        self.problem.always().iter().copied().chain(self.problem.sometimes().filter(measured)).collect()
    }

    /// The columns of the table at the best epoch.
    pub fn best_columns(&self) -> Vec<Column> {
        let mut columns = self.cell_columns();
        columns.extend(self.outcome_columns());
        columns.push(Column::BestEpoch);
        columns.extend(super::BEST_METRICS.into_iter().filter(|metric| metric.is_accuracy()).map(Column::Best));
        columns
    }

    /// What sets the rows apart.
    pub fn cell_columns(&self) -> Vec<Column> {
        let named = self.rows.iter().any(|row| row.name().is_some());
        named.then_some(Column::Arm).into_iter().chain((0..self.axes.len()).map(Column::Axis)).collect()
    }

    /// What became of the trials, unless all have completed.
    fn outcome_columns(&self) -> Vec<Column> {
        match self.rows.iter().all(|row| row.completed == row.planned) {
            true => Vec::new(),
            false => vec![Column::Completed, Column::Outcomes],
        }
    }

    pub fn header(&self, column: Column) -> String {
        match column {
            Column::Arm if self.design.start().is_some() => "recipe".into(),
            Column::Arm => "arm".into(),
            Column::Axis(axis) => self.axes.get(axis).cloned().unwrap_or_default(),
            Column::Completed => "n".into(),
            Column::Outcomes => "outcomes".into(),
            Column::Metric(metric) | Column::Best(metric) => self.problem.declared(metric).label().into(),
            Column::StepsToGoal => "steps to goal".into(),
            Column::BestEpoch => "epoch".into(),
            Column::Change(metric) => format!("Δ {}", metric.label()),
            Column::Verdict => "verdict".into(),
        }
    }

    /// Whether the column holds numbers, which stand at the right.
    pub fn is_numeric(&self, column: Column) -> bool {
        match column {
            Column::Axis(_) => self.rows.iter().all(|row| self.param(row, column).is_some_and(Value::is_number)),
            Column::Completed | Column::Metric(_) | Column::StepsToGoal | Column::Change(_) => true,
            Column::BestEpoch | Column::Best(_) => true,
            Column::Arm | Column::Outcomes | Column::Verdict => false,
        }
    }

    /// What stands in a column of a row; `–` for what there is not.
    pub fn text(&self, row: &Row, column: Column) -> String {
        let text = match column {
            Column::Arm => row.name().map(String::from),
            Column::Axis(_) => self.param(row, column).map(param_text),
            Column::Completed => Some(row.completed.to_string()),
            Column::Outcomes => Some(outcomes(row)),
            Column::Metric(metric) => row.summary(metric).map(|summary| mean(metric, summary)),
            Column::StepsToGoal => row.steps_to_goal.as_ref().map(steps_to_goal),
            Column::Change(metric) => row.change(metric).map(change),
            Column::BestEpoch => row.best.as_ref().map(|best| epochs(&best.epoch)),
            Column::Best(metric) => row.best.as_ref().and_then(|best| Some(mean(metric, best.summary(metric)?))),
            Column::Verdict if row.is_baseline => Some(match row.divergence() {
                Some(diverged) => format!("baseline, {diverged}"),
                None => "baseline".into(),
            }),
            Column::Verdict => row.verdict.map(|verdict| verdict.to_string()),
        };
        text.unwrap_or_else(|| "–".into())
    }

    /// What was typed, without the other studies that it named: their results are not here.
    pub fn command(&self) -> String {
        let words: Vec<&str> = self.provenance.command.split(' ').collect();
        let is_study = |word: &&str| word.ends_with(".toml");
        let stem = |word: &str| Path::new(word).file_stem().is_some_and(|stem| *stem == *self.study);
        let own = words.iter().filter(|word| is_study(word)).filter(|word| stem(word)).count();
        match own {
            1 => words.into_iter().filter(|word| !is_study(word) || stem(word)).collect::<Vec<_>>().join(" "),
            _ => self.provenance.command.clone(),
        }
    }

    /// The line above the table, e.g. `train_samples = 300, hidden = 6 × 100`; empty if all is as by default.
    pub fn shared_text(&self) -> String {
        assignments(&self.shared)
    }

    /// How to read the numbers of the table.
    pub fn reading(&self) -> String {
        match self.seeds {
            1 => "1 seed.".into(),
            seeds => format!("{seeds} seeds; mean ± half-width of the 95 % interval (Student's t over seeds)."),
        }
    }

    /// What has to be said below a table of these columns, a sentence or two each: what is missing, what did not complete,
    /// how the comparison was made and how far it can be trusted.
    pub fn notes(&self, columns: &[Column]) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.complete() {
            let (done, planned) = (self.trials_with_result, self.trials_planned);
            notes.push(format!("Unfinished: {done} of {planned} trials so far."));
        }
        let (diverged, failed) = self.rows.iter().fold((0, 0), |(d, f), row| (d + row.diverged, f + row.failed));
        if diverged > 0 {
            notes.push(format!(
                "{} diverged: the loss stopped being finite. Means are over the n trials that completed.",
                count(diverged, "trial")
            ));
        }
        if failed > 0 {
            notes.push(format!(
                "{} failed by a fault of the program and will be trained again.",
                count(failed, "trial")
            ));
        }
        if columns.contains(&Column::StepsToGoal) {
            notes.push(TO_GOAL.into());
        }
        notes.extend(self.order_note());
        if columns.iter().any(|column| matches!(column, Column::Change(_))) {
            notes.push(CHANGES.into());
        }
        if columns.contains(&Column::Verdict) {
            notes.extend(self.verdicts_reading());
        }
        notes
    }

    /// What the verdicts that stand in the table mean, and why a row has none.
    fn verdicts_reading(&self) -> Vec<String> {
        let given = |verdict: &Verdict| self.rows.iter().any(|row| row.verdict == Some(RowVerdict::Given(*verdict)));
        let words: Vec<String> = Verdict::ALL
            .into_iter()
            .filter(given)
            .map(|verdict| format!("{} ({})", verdict.name(), verdict.meaning()))
            .collect();
        let diverged =
            |row: &Row| matches!(row.verdict, Some(RowVerdict::Diverged(_) | RowVerdict::BaselineDiverged(_)));
        let has_few_pairs = |row: &Row| row.versus_baseline.is_some() && row.verdict.is_none();
        let mut said = Vec::new();
        said.extend((!words.is_empty()).then(|| format!("{VERDICTS}{}.", words.join(", "))));
        said.extend(self.rows.iter().any(diverged).then(|| DIVERGED.into()));
        said.extend(self.rows.iter().any(has_few_pairs).then(|| FEW_PAIRS.into()));
        said
    }

    /// What each arm sets apart from the columns, e.g. (`plain`, `batch_norm = false`); arms that set nothing are left
    /// out.
    pub fn arms(&self) -> Vec<(&str, String)> {
        let sets = |row: &Row| -> String {
            let own = row.params.iter().filter(|(key, _)| !self.axes.contains(key));
            assignments(&own.map(|(key, value)| (key.clone(), value.clone())).collect())
        };
        let arms = self.rows.iter().filter_map(|row| Some((row.arm.as_deref()?, sets(row))));
        arms.filter(|(_, sets)| !sets.is_empty()).collect()
    }

    /// The cells in which trials diverged, e.g. `dropout = 0.2 (12 of 20 diverged)`; `None` if there are none.
    pub(super) fn diverged(&self) -> Option<String> {
        let cells: Vec<_> = self.rows.iter().filter_map(|row| Some((self.name(row), row.divergence()?))).collect();
        diverged(&cells)
    }

    /// What a row's cell is called in a sentence.
    pub(super) fn name(&self, row: &Row) -> String {
        match row.name() {
            Some(name) => name.to_owned(),
            None if row.params.is_empty() => "the base".into(),
            None => assignments(&row.params),
        }
    }

    pub(super) fn param<'a>(&self, row: &'a Row, column: Column) -> Option<&'a Value> {
        let Column::Axis(axis) = column else { return None };
        row.params.get(self.axes.get(axis)?)
    }
}

/// Cells by name, with what diverged in them; `None` if there are none.
pub(super) fn diverged(cells: &[(String, Diverged)]) -> Option<String> {
    let all = cells.iter().fold(Diverged { trials: 0, of: 0 }, |all, (_, cell)| Diverged {
        trials: all.trials + cell.trials,
        of: all.of + cell.of,
    });
    match cells.len() {
        0 => None,
        1..=NAMED => Some(cells.iter().map(|(name, cell)| format!("{name} ({cell})")).collect::<Vec<_>>().join("; ")),
        many => Some(format!("{many} cells ({all})")),
    }
}

/// `1 trial`, `2 trials`.
pub(super) fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// E.g. `7/10 done, 1 failed`; empty if all trials completed.
fn outcomes(row: &Row) -> String {
    let Row { planned, completed, diverged, failed, .. } = *row;
    let mut parts = Vec::new();
    if completed + diverged + failed < planned {
        parts.push(format!("{}/{planned} done", completed + diverged));
    }
    if diverged > 0 {
        parts.push(format!("{diverged}/{planned} diverged"));
    }
    if failed > 0 {
        parts.push(format!("{failed} failed"));
    }
    parts.join(", ")
}

/// `23.4 ± 1.2, 3 never`.
fn steps_to_goal(steps: &StepsToGoal) -> String {
    let reached = steps.reached.as_ref().map(|reached| mean(Metric::PATH_LENGTH, reached));
    match (reached, steps.never) {
        (None, _) => "never".into(),
        (Some(reached), 0) => reached,
        (Some(reached), never) => format!("{reached}, {never} never"),
    }
}

/// A mean with its interval, in as many digits as the interval supports; a mean of one has no interval.
pub(super) fn mean(metric: Metric, summary: &Summary) -> String {
    let digits = if metric.is_accuracy() { accuracy_digits } else { magnitude_digits };
    plus_minus(summary.mean, summary.half_width(), digits)
}

/// Epochs to a tenth.
fn epochs(summary: &Summary) -> String {
    plus_minus(summary.mean, summary.half_width(), |_, _| Some(1))
}

pub(super) fn change(change: &Difference) -> String {
    difference(change, true)
}

/// A mean difference with its sign and interval, of shares of images or of anything else.
pub(super) fn difference(difference: &Difference, of_shares: bool) -> String {
    let digits = if of_shares { accuracy_digits } else { magnitude_digits };
    let text = plus_minus(difference.mean, difference.half_width(), digits);
    if difference.mean > 0.0 { format!("+{text}") } else { text }
}

fn plus_minus(mean: f64, half_width: Option<f64>, digits: fn(f64, Option<f64>) -> Option<usize>) -> String {
    let digits = digits(mean, half_width);
    let number = |x: f64| match digits {
        Some(decimals) => format!("{x:.decimals$}"),
        None if x == 0.0 => "0".into(),
        None => format!("{x:.2e}"),
    };
    // Without the sign of a zero that stands for a small negative number.
    let mut text = number(mean);
    if let Some(unsigned) = text.strip_prefix('-') {
        let is_zero = unsigned.chars().all(|c| matches!(c, '0' | '.'));
        text = if is_zero { unsigned.into() } else { format!("−{unsigned}") };
    }
    match half_width {
        Some(half_width) => format!("{text} ± {}", number(half_width)),
        None => text,
    }
}

/// Decimals that show two digits of the interval, but three at least, and four at most: one of 10,000 images.
fn accuracy_digits(_: f64, half_width: Option<f64>) -> Option<usize> {
    let wanted = half_width.filter(|&h| h > 0.0).map_or(4, |half_width| 1 - exponent(half_width, 2));
    Some(wanted.clamp(3, 4) as usize)
}

/// Decimals that show two digits of the interval, but not more than four of the mean; `None` where only an exponent
/// can show a number so small or so large.
fn magnitude_digits(mean: f64, half_width: Option<f64>) -> Option<usize> {
    if mean != 0.0 && !(1e-4..1e6).contains(&mean.abs()) {
        return None;
    }
    let of_mean = 3 - exponent(mean, 4);
    let wanted = half_width.filter(|&h| h > 0.0).map_or(of_mean, |half_width| of_mean.min(1 - exponent(half_width, 2)));
    Some(wanted.max(0) as usize)
}

/// The power of ten of the first digit of a number rounded to so many: −3 for 0.0031; for 0.00996, whose two digits
/// are 0.010, −2. 0 for 0.
fn exponent(x: f64, digits: usize) -> i32 {
    let text = format!("{x:.*e}", digits - 1);
    text.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0)
}
