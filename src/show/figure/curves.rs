//! A metric over the course of training: the mean over the seeds of each cell, with its 95 % interval.

use super::cells::Names;
use super::height::{cut_bands_note, height, scale_note, within};
use super::metric::{capitalised, is_never_negative, label, name};
use super::{Axis, Figure, Hue, Lines, Picture, Plot, Series, Subject, Timeline, problem};
use crate::judge::sequence::Sequence;
use crate::judge::stats::{Inference, Summary};
use crate::plan::config::Config;
use crate::plan::metric::{Metric, Scope};
use crate::record::board::{Board, TrialState};
use crate::record::event::Curve;
use std::collections::BTreeSet;

/// The most curves in a picture: the palette has as many colours.
const MOST: usize = 7;

/// Curves of cells with diverged trials are cut off if they rise above so many times the highest of the others.
const FAR: f64 = 10.0;

/// A picture for each metric and problem.
pub fn pictures(board: &Board) -> Vec<Picture> {
    let groups = problem::groups(board);
    let mut pictures = Vec::new();
    for metric in metrics(board) {
        for cells in groups.iter().filter(|cells| groups.len() == 1 || is_measured(board, metric, cells)) {
            let problem = if groups.len() > 1 { format!("/{}", problem_name(board, cells)) } else { String::new() };
            let name = format!("curves/{}{problem}", metric.name());
            pictures.push(Picture { name, frames: 1, subject: Subject::Curves(metric, cells.clone()) });
        }
    }
    pictures
}

/// Whether these cells have finite values of a metric: some metrics are not measured on every surface.
fn is_measured(board: &Board, metric: Metric, cells: &[usize]) -> bool {
    let trials = board.plan.trials.iter().zip(&board.trials).filter(|(trial, _)| cells.contains(&trial.cell));
    let mut values = trials.flat_map(|(trial, state)| {
        let config = &board.plan.cells[trial.cell].config;
        state.curve.values(metric, config)
    });
    values.any(|(_, value)| value.is_finite())
}

/// The name of the problem that these cells share.
fn problem_name(board: &Board, cells: &[usize]) -> String {
    cells.first().map(|&cell| problem::name(&board.plan.cells[cell].config)).unwrap_or_default()
}

/// The metrics that can be drawn: those that the problem always measures, and those that were asked for. Empty as long as
/// nothing has been measured.
pub fn metrics(board: &Board) -> Vec<Metric> {
    if board.trials.iter().all(|trial| trial.curve.is_empty()) {
        return Vec::new();
    }
    let problem = board.plan.problem();
    let measured = problem
        .sometimes()
        .filter(|metric| metric.scope() != Scope::End)
        .filter(|metric| board.trials.iter().any(|trial| trial.curve.has(*metric)));
    problem.always().iter().copied().chain(measured).collect()
}

pub fn figure(board: &Board, metric: Metric, cells: &[usize]) -> Figure {
    let is_part = cells.len() < board.plan.cells.len();
    let names = if is_part { Names::without(board, &problem::KEYS).shortened(cells) } else { Names::of(board) };
    let timelines = Timeline::shared(board.plan.cells.iter().map(|cell| &cell.config));
    let drawn = choose(board, cells, |cell, state| state.curve.last_value(metric, &board.plan.cells[cell].config));
    let curve = |(place, &cell): (usize, &usize)| {
        let (points, mut band) =
            over_seeds(board, cell, &timelines[cell], |curve, index, config| curve.value(index, metric, config));
        end_at_zero(board, metric, &mut band);
        Series { name: names.names[cell].clone(), hue: Hue::nth(place), dotted: place % 2 == 1, points, band }
    };
    let mut series: Vec<Series> = drawn.iter().enumerate().map(curve).collect();
    let length = drawn.iter().map(|&cell| timelines[cell].length).fold(0.0, f64::max);
    let unit = timelines.first().map_or("step", |timeline| timeline.unit);
    let cut = if metric.is_accuracy() { String::new() } else { cut_off_diverging(board, &drawn, &mut series) };
    let y = height(&label(board, metric), metric, &series);
    let problem = if is_part { format!(", {}", problem_name(board, cells)) } else { String::new() };
    Figure {
        title: format!("{} by {unit}{problem}", capitalised(name(board, metric))),
        moment: None,
        caption: caption(board, &names, (&drawn, cells), &y)
            + few_points(&series)
            + &cut
            + &cut_bands_note(&y, metric, &series),
        plot: Plot::Lines(Lines { x: Axis::linear(unit, 0.0, length), series: within(&y, series), y }),
    }
}

/// A warning about curves with only two points.
fn few_points(series: &[Series]) -> &'static str {
    match series.iter().any(|series| series.points.len() == 2) {
        true => " Of a curve with two points there are no more evaluations: the line between them is no measurement.",
        false => "",
    }
}

/// The cells to draw, in the order of the study. If there are too many: the baseline and, of the other cells with a final
/// value, those at even distances in their ranking, the highest and the lowest included. `end` is the final value of a trial
/// of a cell.
pub fn choose(board: &Board, cells: &[usize], end: impl Fn(usize, &TrialState) -> Option<f64>) -> Vec<usize> {
    if cells.len() <= MOST {
        return cells.to_vec();
    }
    let mut ends: Vec<Vec<f64>> = vec![Vec::new(); board.plan.cells.len()];
    for (trial, state) in board.plan.trials.iter().zip(&board.trials).filter(|(_, state)| !state.status.has_diverged())
    {
        ends[trial.cell].extend(end(trial.cell, state));
    }
    let mean = |cell: usize| Summary::of(&ends[cell], Inference::Fixed).map(|summary| summary.mean);
    let baseline = board.plan.baseline.filter(|baseline| cells.contains(baseline));
    let others = cells.iter().copied().filter(|&cell| Some(cell) != baseline);
    let mut ranked: Vec<(f64, usize)> = others.filter_map(|cell| Some((mean(cell)?, cell))).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let room = MOST - usize::from(baseline.is_some());
    let picked = room.min(ranked.len());
    // Ranks at even distances from the first to the last, rounded.
    let place = |n: usize| (n * (ranked.len() - 1) + (picked - 1) / 2) / (picked - 1).max(1);
    let evenly = (0..picked).map(|n| ranked[place(n)].1);
    let mut chosen: Vec<usize> = baseline.into_iter().chain(evenly).collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

/// Cuts off curves of cells with diverged trials that rise far above all others, at the highest value of those: otherwise
/// these would be pressed to the floor. Returns a sentence that names the curves, empty if there are none.
fn cut_off_diverging(board: &Board, drawn: &[usize], series: &mut [Series]) -> String {
    let tally = board.tally_by_cell();
    let diverges = |cell: usize| tally[cell].diverged > 0;
    let steady = series.iter().zip(drawn).filter(|(_, cell)| !diverges(**cell)).flat_map(|(series, _)| &series.points);
    let Some(top) = steady.map(|point| point.1).filter(|mean| mean.is_finite()).reduce(f64::max) else {
        return String::new();
    };
    let mut cut: Vec<&str> = Vec::new();
    let rises_far = |series: &Series| top > 0.0 && series.points.iter().any(|point| point.1 > FAR * top);
    for (series, _) in series.iter_mut().zip(drawn).filter(|(series, cell)| diverges(**cell) && rises_far(series)) {
        let above: Vec<bool> = series.points.iter().map(|point| point.1 > top).collect();
        for (place, point) in series.points.iter_mut().enumerate().filter(|(place, _)| above[*place]) {
            let leaves = place > 0 && !above[place - 1] || above.get(place + 1).is_some_and(|next| !next);
            point.1 = if leaves { top } else { f64::NAN };
        }
        series.band.retain(|&(_, _, high)| high <= top);
        cut.push(&series.name);
    }
    match cut.len() {
        0 => String::new(),
        _ => format!(" Cut off at the highest value of the others: {}.", cut.join(", ")),
    }
}

/// The points of a curve, (x, mean), and the band around it, (x, low, high); see [`Series`].
pub type MeanAndBand = (Vec<(f64, f64)>, Vec<(f64, f64, f64)>);

/// Cuts intervals off at 0 for metrics that are never negative.
pub fn end_at_zero(board: &Board, metric: Metric, band: &mut [(f64, f64, f64)]) {
    if is_never_negative(board, metric) {
        band.iter_mut().for_each(|(_, low, _)| *low = if *low < 0.0 { 0.0 } else { *low });
    }
}

/// The mean of a value at each evaluation, with its 95 % interval, over the seeds of a cell that have got that far. A training
/// that stopped early stays as it was: it counts with its last value wherever others of the cell have an evaluation.
pub fn over_seeds(
    board: &Board,
    cell: usize,
    timeline: &Timeline,
    value: impl Fn(&Curve, usize, &Config) -> Option<f64>,
) -> MeanAndBand {
    let config = &board.plan.cells[cell].config;
    let mut values: Vec<(u32, f64)> = Vec::new();
    let of_cell = || board.plan.trials.iter().zip(&board.trials).filter(|(trial, _)| trial.cell == cell);
    let evaluated: BTreeSet<u32> = match config.patience.get() {
        0 => BTreeSet::new(),
        _ => of_cell().flat_map(|(_, state)| &state.curve.step).copied().collect(),
    };
    for (_, state) in of_cell() {
        let curve = &state.curve;
        let at = |(index, &step): (usize, &u32)| (step, value(curve, index, config).unwrap_or(f64::NAN));
        let own = curve.step.iter().enumerate().map(at);
        values.extend(own.clone());
        if let Some((stopped, last)) = own.last().filter(|_| state.status.has_completed()) {
            values.extend(evaluated.range(stopped + 1..).map(|&step| (step, last)));
        }
    }
    mean_and_band(values, Sequence::inference(board), |step| timeline.at(step))
}

/// The mean of the values at each place, with its 95 % interval; a gap where none is finite.
pub fn mean_and_band(mut values: Vec<(u32, f64)>, inference: Inference, x: impl Fn(u32) -> f64) -> MeanAndBand {
    values.sort_by_key(|&(place, _)| place);
    let (mut points, mut band) = (Vec::new(), Vec::new());
    let mut there = Vec::new();
    for group in values.chunk_by(|a, b| a.0 == b.0) {
        there.clear();
        there.extend(group.iter().map(|&(_, value)| value).filter(|value| value.is_finite()));
        let (x, summary) = (x(group[0].0), Summary::of(&there, inference));
        let gap = (f64::NAN, f64::NAN);
        points.push((x, summary.map_or(f64::NAN, |summary| summary.mean)));
        let interval = summary.map_or(Some(gap), |summary| summary.ci95);
        band.extend(interval.map(|(low, high)| (x, low, high)));
    }
    (points, band)
}

/// `cells`: those of which some are drawn.
pub fn caption(board: &Board, names: &Names, (drawn, cells): (&[usize], &[usize]), y: &Axis) -> String {
    let plan = &board.plan;
    let mut said = vec![match plan.seeds.len() {
        1 => "One seed a cell, so there is no interval.".into(),
        seeds => match Sequence::inference(board) {
            Inference::Fixed => format!("Mean over {seeds} seeds, with its 95 % interval (Student's t)."),
            Inference::Anytime => {
                format!("Mean over {seeds} seeds, with its 95 % interval that holds at any number of seeds.")
            }
        },
    }];
    said.extend(names.key.as_ref().map(|key| format!("The names give the values of {key}.")));
    if drawn.len() < cells.len() {
        let has_baseline = plan.baseline.is_some_and(|baseline| cells.contains(&baseline));
        let (drawn, cells) = (drawn.len(), cells.len());
        let baseline = if has_baseline { "the baseline and, of the others, those" } else { "those" };
        said.push(format!(
            "Drawn are {drawn} of {cells} cells: {baseline} at even distances in the order of what they came to. All \
             others came to something between, diverged, or have no value."
        ));
    }
    if drawn.iter().any(|&cell| plan.cells[cell].config.patience.get() > 0) {
        said.push("A trial that stopped early counts with its last value from there on.".into());
    }
    said.extend(lost_trials(board, names, (drawn, cells)));
    let tally = board.tally();
    let unfinished = tally.planned - tally.ended();
    if unfinished > 0 {
        let trials = plan.trials.len();
        said.push(format!(
            "{unfinished} of {trials} trials have not ended: a mean is over the seeds that got that far."
        ));
    }
    said.join(" ") + scale_note(y)
}

/// A sentence on the cells in which trials diverged or failed, so that their means go on over fewer seeds; `None` if there
/// are none.
pub fn lost_trials(board: &Board, names: &Names, (drawn, cells): (&[usize], &[usize])) -> Option<String> {
    let counts: Vec<(usize, usize, usize)> =
        board.tally_by_cell().iter().map(|tally| (tally.planned, tally.diverged, tally.failed)).collect();
    let words = |(planned, diverged, failed): (usize, usize, usize)| match (diverged, failed) {
        (_, 0) => format!("{diverged} of {planned} diverged"),
        (0, _) => format!("{failed} of {planned} failed"),
        _ => format!("{diverged} of {planned} diverged, {failed} failed"),
    };
    let lost = |&cell: &usize| counts[cell].1 + counts[cell].2 > 0;
    let mut parts: Vec<String> = drawn
        .iter()
        .filter(|cell| lost(cell))
        .map(|&cell| format!("{} ({})", names.names[cell], words(counts[cell])))
        .collect();
    let hidden = cells.iter().filter(|cell| !drawn.contains(cell));
    let hidden = hidden.map(|&cell| counts[cell]).fold((0, 0, 0), |a, b| (a.0 + b.0, a.1 + b.1, a.2 + b.2));
    if hidden.1 + hidden.2 > 0 {
        parts.push(format!("the cells that are not drawn ({})", words(hidden)));
    }
    let how = "Where trials diverge or fail, a curve goes on over the seeds that are left, or ends";
    (!parts.is_empty()).then(|| format!("{how}: {}.", parts.join(", ")))
}
