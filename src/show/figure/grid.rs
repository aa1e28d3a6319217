//! A heat map of the final values of a metric in the cells of a grid.

use super::cells::{differing, value_name};
use super::metric::{capitalised, name, text};
use super::problem::is_problem;
use super::shades::{Shades, Values};
use super::{Figure, Grid, Plot, curves};
use crate::judge::sequence::Sequence;
use crate::judge::stats::{Inference, Summary};
use crate::plan::metric::{Better, Metric};
use crate::plan::{Cell, param_text};
use crate::record::board::{Board, Tally};
use serde_json::Value;

/// At most so many values of a single axis stand side by side; more stand one below the other.
const BESIDE: usize = 8;

/// The most cells that a heat map can have and still be read.
const MOST: usize = 400;

/// The metrics with a heat map. Empty unless the study has a grid of all combinations.
pub fn metrics(board: &Board) -> Vec<Metric> {
    let readable = board.plan.cells.len() <= MOST;
    match readable && board.plan.design.is_factorial() && !differing(board).is_empty() {
        true => curves::metrics(board),
        false => Vec::new(),
    }
}

/// The last axis makes the columns, all others together make the rows.
pub fn figure(board: &Board, metric: Metric) -> Figure {
    let mut axes = differing(board);
    // Each problem has rows of its own, since values on different problems cannot be compared.
    axes.sort_by_key(|axis| !is_problem(axis));
    let grid: Vec<usize> = (0..board.plan.cells.len()).filter(|&cell| board.plan.cells[cell].arm.is_none()).collect();
    let (row_axes, column_axes) = axes.split_at(axes.len().saturating_sub(1));
    let (mut rows, mut columns) = (Vec::new(), Vec::new());
    for &cell in &grid {
        add_new(&mut rows, values(&board.plan.cells[cell], row_axes));
        add_new(&mut columns, values(&board.plan.cells[cell], column_axes));
    }
    let (mut row_axes, mut column_axes) = (row_axes, column_axes);
    if row_axes.is_empty() && (columns.len() > BESIDE || column_axes.iter().any(|axis| is_problem(axis))) {
        (rows, columns) = (columns, rows);
        (row_axes, column_axes) = (column_axes, row_axes);
    }
    let ends = ends(board, metric);
    let mut means = vec![vec![None; columns.len()]; rows.len()];
    let mut texts = vec![vec![String::new(); columns.len()]; rows.len()];
    let mut whole = Vec::new();
    let problem = |row: &Vec<&Value>| {
        let named = row_axes.iter().zip(row).filter(|(axis, _)| is_problem(axis));
        named.map(|(_, &value)| param_text(value)).collect::<Vec<_>>()
    };
    let problems: Vec<Vec<String>> = rows.iter().map(problem).collect();
    let mut scales: Vec<(&Vec<String>, Values)> = Vec::new();
    for problem in &problems {
        if !scales.iter().any(|scale| scale.0 == problem) {
            scales.push((problem, Values::new()));
        }
    }
    for &cell in &grid {
        let of = &board.plan.cells[cell];
        let row = rows.iter().position(|row| *row == values(of, row_axes));
        let column = columns.iter().position(|column| *column == values(of, column_axes));
        let Some((row, column)) = row.zip(column) else { continue };
        means[row][column] = ends[cell].mean();
        let scale = scales.iter_mut().find(|scale| *scale.0 == problems[row]);
        scale.into_iter().for_each(|scale| scale.1.extend(ends[cell].summary().map(with_half_width)));
        texts[row][column] = ends[cell].text(metric);
        whole.extend(ends[cell].mean().filter(|_| ends[cell].is_whole()).map(|mean| (mean, (row, column))));
    }
    let shades: Vec<(&Vec<String>, Shades)> =
        scales.iter().map(|(problem, values)| (*problem, Shades::of(values))).collect();
    let of_row = |row: usize| shades.iter().find(|scale| *scale.0 == problems[row]).map(|scale| &scale.1);
    let share = |row: usize, mean: &Option<f64>| of_row(row)?.share((*mean)?);
    let shares = means.iter().enumerate().map(|(row, means)| means.iter().map(|mean| share(row, mean)).collect());
    // There is no best cell across problems.
    // Nor is there one where some cells have fewer seeds than others.
    let comparable = grid.windows(2).all(|pair| ends[pair[0]].tally.planned == ends[pair[1]].tally.planned);
    let best = if board.complete() && shades.len() == 1 && comparable { best(metric, &whole) } else { None };
    let names = |axes: &[&String]| axes.iter().map(|axis| axis.as_str()).collect::<Vec<_>>().join(" · ");
    let titles = |values: &[Vec<&Value>], axes: &[&String]| values.iter().map(|values| title(values, axes)).collect();
    Figure {
        title: format!("{} at the end, by cell", capitalised(name(board, metric))),
        moment: None,
        caption: caption(board, metric, &grid, &ends, best.is_some()) + &shades_note(&shades),
        plot: Plot::Grid(Grid {
            row_axis: names(row_axes),
            column_axis: names(column_axes),
            rows: titles(&rows, row_axes),
            columns: titles(&columns, column_axes),
            shares: shares.collect(),
            texts,
            brief: Vec::new(),
            best,
        }),
    }
}

/// (mean, half-width of its interval, 0 if it has none).
fn with_half_width(summary: Summary) -> (f64, f64) {
    (summary.mean, summary.half_width().unwrap_or(0.0))
}

/// Sentences on how to read the shades, each with a blank before it.
fn shades_note(shades: &[(&Vec<String>, Shades)]) -> String {
    let mut told = String::new();
    let names = |which: fn(&Shades) -> bool| -> Vec<String> {
        shades.iter().filter(|scale| which(&scale.1)).map(|scale| scale.0.join(" · ")).collect()
    };
    if shades.len() > 1 {
        told += " Each problem has shades of its own, from its lowest mean to its highest.";
    }
    let of = |names: Vec<String>| if shades.len() > 1 { format!(" ({})", names.join(", ")) } else { String::new() };
    let (logarithmic, noise) = (names(Shades::is_logarithmic), names(|shades| shades.is_within_noise));
    if !logarithmic.is_empty() {
        told += &format!(" Shades are logarithmic where means span more than two powers of ten{}.", of(logarithmic));
    }
    if !noise.is_empty() {
        told += &format!(
            " The means lie no further apart than an interval typically reaches{}: what differs in shade need not \
             differ.",
            of(noise)
        );
    }
    told
}

fn add_new<T: PartialEq>(to: &mut Vec<T>, value: T) {
    if !to.contains(&value) {
        to.push(value);
    }
}

fn values<'a>(cell: &'a Cell, axes: &[&String]) -> Vec<&'a Value> {
    axes.iter().map(|axis| cell.params.get(axis.as_str()).unwrap_or(&Value::Null)).collect()
}

/// The title of a row or a column. With several axes, truth values name theirs.
fn title(values: &[&Value], axes: &[&String]) -> String {
    let one = |(axis, value): (&&String, &&Value)| match axes.len() {
        1 => param_text(value),
        _ => value_name(axis, value),
    };
    axes.iter().zip(values).map(one).collect::<Vec<_>>().join(" · ")
}

/// The outcomes and final values of the trials of a cell.
struct Ends {
    tally: Tally,
    /// The final values of the completed trials, if finite.
    values: Vec<f64>,
    inference: Inference,
}

impl Ends {
    /// The number of completed trials without a finite final value.
    fn unmeasured(&self) -> usize {
        self.tally.completed - self.values.len()
    }

    fn summary(&self) -> Option<Summary> {
        Summary::of(&self.values, self.inference)
    }

    fn mean(&self) -> Option<f64> {
        self.summary().map(|summary| summary.mean)
    }

    fn is_whole(&self) -> bool {
        self.tally.completed == self.tally.planned
    }

    fn text(&self, metric: Metric) -> String {
        match self.mean() {
            Some(mean) if self.is_whole() => text(metric, mean),
            Some(mean) => format!("{}*", text(metric, mean)),
            None if self.unmeasured() > 0 => "–".into(),
            None if self.tally.ended() < self.tally.planned => "…".into(),
            None if self.tally.diverged > 0 => "diverged".into(),
            None => "failed".into(),
        }
    }
}

/// The ends of each cell.
fn ends(board: &Board, metric: Metric) -> Vec<Ends> {
    let inference = Sequence::inference(board);
    let mut ends: Vec<Ends> =
        board.tally_by_cell().into_iter().map(|tally| Ends { tally, values: Vec::new(), inference }).collect();
    let trials = board.plan.trials.iter().zip(&board.trials);
    for (trial, state) in trials.filter(|(_, state)| state.status.has_completed()) {
        let value = state.curve.last_value(metric, &board.plan.cells[trial.cell].config);
        ends[trial.cell].values.extend(value.filter(|value| value.is_finite()));
    }
    ends
}

/// The (row, column) of the best mean, the first of equals.
fn best(metric: Metric, means: &[(f64, (usize, usize))]) -> Option<(usize, usize)> {
    let sign = match metric.better()? {
        Better::Higher => -1.0,
        Better::Lower => 1.0,
    };
    let best = means.iter().min_by(|a, b| (sign * a.0).total_cmp(&(sign * b.0)));
    best.map(|&(_, place)| place)
}

fn caption(board: &Board, metric: Metric, grid: &[usize], ends: &[Ends], has_best: bool) -> String {
    let seeds = board.plan.seeds.len();
    let mut said = vec![match seeds {
        1 => "At the last evaluation, of one seed.".into(),
        _ => format!("Mean over {seeds} seeds at the last evaluation."),
    }];
    let word = if metric.better() == Some(Better::Higher) { "highest" } else { "lowest" };
    said.extend(has_best.then(|| format!("The {word} mean is marked; it need not differ detectably from the next.")));
    let sum = |count: fn(&Ends) -> usize| grid.iter().map(|&cell| count(&ends[cell])).sum::<usize>();
    let planned = sum(|of| of.tally.planned);
    let lost = [
        (sum(|of| of.tally.diverged), "diverged"),
        (sum(|of| of.tally.failed), "failed"),
        (sum(|of| of.tally.planned - of.tally.ended()), "have not ended"),
        (sum(Ends::unmeasured), "have no value of it at the end"),
    ];
    let lost: Vec<String> = (lost.iter())
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} of {planned} trials {what}"))
        .collect();
    if !lost.is_empty() {
        let partly = grid.iter().any(|&cell| !ends[cell].is_whole() && ends[cell].mean().is_some());
        let star = if partly { ": * is a mean over the seeds that completed." } else { "." };
        said.push(format!("{}{star}", lost.join(", ")));
    }
    if grid.len() < board.plan.cells.len() {
        said.push("Arms are not part of the grid.".into());
    }
    said.join(" ")
}
