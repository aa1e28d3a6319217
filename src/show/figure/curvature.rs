//! The curvature of the loss over the course of training, by the Hessian and by the motion, against the bound of stability.

use super::cells::{self, Names};
use super::curves::{lost_trials, over_seeds};
use super::height::within;
use super::{Axis, Figure, Hue, Lines, Picture, Plot, Series, Subject, Timeline};
use crate::plan::config::Config;
use crate::plan::metric::Metric;
use crate::record::board::Board;
use crate::record::event::Curve;

/// If curvatures were measured: a picture of all cells, then one of each.
pub fn pictures(board: &Board) -> Vec<Picture> {
    let measured = |cell: &usize| {
        let trials = board.plan.trials.iter().zip(&board.trials).filter(|(trial, _)| trial.cell == *cell);
        trials.into_iter().any(|(_, state)| state.curve.has(Metric::SHARPNESS))
    };
    let cells: Vec<usize> = (0..board.plan.cells.len()).filter(measured).collect();
    let picture = |name: String, cell| Picture { name, frames: 1, subject: Subject::Curvature(cell) };
    let of_all = (!cells.is_empty()).then(|| picture("curvature".into(), None));
    let slugs = cells::slugs(board);
    let of_each = cells.into_iter().map(|cell| picture(format!("curvature/{}", slugs[cell]), Some(cell)));
    of_all.into_iter().chain(of_each).collect()
}

/// One cell: the curvature by the Hessian, by the motion, and the bound.
pub fn of_cell(board: &Board, cell: usize) -> Figure {
    let config = &board.plan.cells[cell].config;
    let curve = |name: &str, metric: Metric, hue, dotted| {
        let (points, band) =
            over_seeds(board, cell, &Timeline::of(config), |curve, index, config| curve.value(index, metric, config));
        Series { name: name.into(), hue, dotted, points, band }
    };
    let mut series = vec![
        curve("sharpness", Metric::SHARPNESS, Hue::Blue, false),
        curve("by the motion", Metric::MOTION_CURVATURE, Hue::Orange, false),
        Series { band: Vec::new(), ..curve("bound", Metric::STABILITY_BOUND, Hue::Grey, true) },
    ];
    if config.optimizer.divides() {
        series.insert(1, curve("preconditioned", Metric::PRECONDITIONED_SHARPNESS, Hue::Green, false));
    }
    let held = if config.optimizer.divides() { "the preconditioned sharpness" } else { "the sharpness" };
    let caption = format!(
        "The sharpness is the largest eigenvalue of the Hessian of the loss; the curvature by the motion tells how the \
         full-batch gradient changes along the last step. Were the loss a quadratic, steps would grow for ever once \
         {held} is above the dotted bound. Mean over the seeds, with its 95 % interval; what is not above 0 leaves a gap.{}",
        lost_note(board, &[cell])
    );
    figure(format!("Curvature of {}", cells::title(board, cell)), Timeline::of(config), series, "curvature", caption)
}

/// All cells: the sharpness that decides about stability, divided by the bound of each cell.
pub fn of_all(board: &Board) -> Figure {
    let timelines = Timeline::shared(board.plan.cells.iter().map(|cell| &cell.config));
    let share = |curve: &Curve, index: usize, config: &Config| {
        let sharpness = curve.value(index, Metric::PRECONDITIONED_SHARPNESS, config)?;
        Some(sharpness / curve.value(index, Metric::STABILITY_BOUND, config)?)
    };
    let mut series: Vec<Series> = (0..board.plan.cells.len())
        .map(|cell| {
            let (points, band) = over_seeds(board, cell, &timelines[cell], share);
            let name = cells::name(board, cell);
            Series { name, hue: Hue::nth(cell), dotted: cell % 2 == 1, points, band }
        })
        // Optimizers without a bound have no such quotient.
        .filter(|series| !series.points.is_empty())
        .collect();
    let timeline = timelines.into_iter().reduce(|a, b| if b.length > a.length { b } else { a });
    let timeline = timeline.unwrap_or_else(|| Timeline::of(&Config::default()));
    let edge = vec![(0.0, 1.0), (timeline.length, 1.0)];
    series.push(Series { name: "edge".into(), hue: Hue::Grey, dotted: true, points: edge, band: Vec::new() });
    let caption = format!(
        "The sharpness (preconditioned where the optimizer divides each gradient) divided by the bound of its own optimizer and \
         rate: at 1 a training is at the edge of stability. Mean over the seeds, with its 95 % interval.{}",
        lost_note(board, &(0..board.plan.cells.len()).collect::<Vec<_>>())
    );
    figure("Sharpness against the bound of stability".into(), timeline, series, "sharpness / bound", caption)
}

fn figure(title: String, timeline: Timeline, series: Vec<Series>, label: &str, caption: String) -> Figure {
    let heights = || series.iter().flat_map(|series| series.points.iter().map(|point| point.1));
    let y = Axis::logarithmic(label, heights()).unwrap_or_else(|| Axis::from_zero(label, heights()));
    Figure {
        title,
        moment: None,
        plot: Plot::Lines(Lines {
            x: Axis::linear(timeline.unit, 0.0, timeline.length),
            series: within(&y, series),
            y,
        }),
        caption,
    }
}

/// A sentence on trials that diverged, with a blank before it; empty if none did.
fn lost_note(board: &Board, cells: &[usize]) -> String {
    lost_trials(board, &Names::of(board), (cells, cells)).map_or_else(String::new, |said| format!(" {said}"))
}
