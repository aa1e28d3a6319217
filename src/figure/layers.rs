//! A metric of each layer along the training, cell by cell: the mean over the seeds with its 95 % interval.

use super::cells;
use super::curves::mean_and_band;
use super::quantity::capitalised;
use super::{Axis, Figure, Hue, Lines, Picture, Plot, Series, Subject, Way};
use crate::board::{Board, TrialState};
use crate::metric::Metric;

/// The pictures there are, by metric.
const METRICS: [Metric; 3] = [Metric::ActivationSd, Metric::Dead, Metric::LayerWeightNorm];
/// From this on, the largest over the smallest value, a logarithmic axis shows more.
const WIDE: f64 = 1000.0;

pub fn pictures(board: &Board) -> Vec<Picture> {
    let slugs = cells::slugs(board);
    let of_cell = |metric: Metric, cell: usize| {
        let measured =
            trials(board, cell).any(|state| state.layers.iter().any(|layers| layers.of(metric, 1).is_some()));
        measured.then(|| Picture {
            name: format!("layers/{}/{}", metric.name(), slugs[cell]),
            frames: 1,
            subject: Subject::Layers(metric, cell),
        })
    };
    let cells = 0..board.plan.cells.len();
    METRICS.into_iter().flat_map(|metric| cells.clone().filter_map(move |cell| of_cell(metric, cell))).collect()
}

fn trials(board: &Board, cell: usize) -> impl Iterator<Item = &TrialState> {
    board.plan.trials.iter().zip(&board.trials).filter(move |(trial, _)| trial.cell == cell).map(|(_, state)| state)
}

pub fn figure(board: &Board, metric: Metric, cell: usize) -> Figure {
    let config = &board.plan.cells[cell].config;
    let (way, hidden) = (Way::of(config), config.hidden.len());
    let series: Vec<Series> = (1..=hidden + 1).filter_map(|layer| of_layer(board, metric, cell, layer)).collect();
    let values = || series.iter().flat_map(|series| series.points.iter().map(|point| point.1));
    let positive = || values().filter(|value| *value > 0.0);
    let is_wide = positive().fold(0.0, f64::max) > WIDE * positive().fold(f64::INFINITY, f64::min);
    let bands = series.iter().flat_map(|series| series.band.iter().map(|&(_, _, high)| high));
    let y = match Axis::logarithmic(metric.label(), values()).filter(|_| is_wide) {
        Some(axis) => axis,
        None => Axis::from_zero(metric.label(), values().chain(bands)),
    };
    let seeds = trials(board, cell).filter(|state| !state.layers.is_empty()).count();
    Figure {
        title: format!("{} by layer of {}", capitalised(metric.label()), cells::title(board, cell)),
        moment: None,
        plot: Plot::Lines(Lines { x: Axis::linear(way.unit, 0.0, way.length), y, series }),
        caption: format!("{} Mean over {seeds} of {} seeds.", what_to_see(metric), board.plan.seeds.len()),
    }
}

fn what_to_see(metric: Metric) -> &'static str {
    match metric {
        Metric::Dead => {
            "Share of units that are 0 on every image looked at: a curve that rises and stays is a layer dying."
        }
        Metric::LayerWeightNorm => "Which layers' weights grow, and which are held down.",
        _ => "Curves that lie apart are a signal that fades, or grows, from layer to layer.",
    }
}

/// `None` where it was not measured. Layer behind the last hidden one is the output.
fn of_layer(board: &Board, metric: Metric, cell: usize, layer: usize) -> Option<Series> {
    let config = &board.plan.cells[cell].config;
    let of_trial = |state: &TrialState| -> Vec<(u32, f64)> {
        state.layers.iter().filter_map(|layers| Some((layers.step, layers.of(metric, layer)?))).collect()
    };
    let name = if layer > config.hidden.len() { "output".into() } else { format!("layer {layer}") };
    let (points, band) = mean_and_band(trials(board, cell).flat_map(of_trial).collect(), &Way::of(config));
    let place = layer - 1;
    Some(Series { name, hue: Hue::nth(place), dotted: place % 2 == 1, points, band })
        .filter(|series| !series.points.is_empty())
}
