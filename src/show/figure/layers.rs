//! A metric of each layer over the course of training, a picture for each cell: the mean over the seeds with its 95 %
//! interval.

use super::curves::{end_at_zero, mean_and_band};
use super::height::{cut_bands_note, height, scale_note, within};
use super::metric::{capitalised, label, name};
use super::{Axis, Figure, Hue, Lines, Picture, Plot, Series, Subject, Timeline, cells};
use crate::judge::sequence::Sequence;
use crate::plan::config::Config;
use crate::plan::metric::Metric;
use crate::record::board::{Board, TrialState};
use crate::record::event::Layers;

/// The metrics of layers that have pictures.
pub const METRICS: [Metric; 4] = [Metric::ACTIVATION_SD, Metric::SATURATED, Metric::DEAD, Metric::LAYER_WEIGHT_NORM];

pub fn pictures(board: &Board) -> Vec<Picture> {
    let slugs = cells::slugs(board);
    let of_cell = |metric: Metric, cell: usize| {
        is_probed(board, metric, cell).then(|| Picture {
            name: format!("layers/{}/{}", metric.name(), slugs[cell]),
            frames: 1,
            subject: Subject::Layers(metric, cell),
        })
    };
    let cells = 0..board.plan.cells.len();
    METRICS.into_iter().flat_map(|metric| cells.clone().filter_map(move |cell| of_cell(metric, cell))).collect()
}

/// Whether a metric has been measured of a cell's layers.
pub fn is_probed(board: &Board, metric: Metric, cell: usize) -> bool {
    let config = &board.plan.cells[cell].config;
    trials(board, cell).any(|state| state.layers.iter().any(|layers| value(config, layers, metric, 1).is_some()))
}

/// A metric of one layer, counted from 1. Activation functions whose units can die have no saturation: half of the
/// activations of a healthy ReLU are 0.
pub fn value(config: &Config, layers: &Layers, metric: Metric, layer: usize) -> Option<f64> {
    layers.of(metric, layer).filter(|_| metric != Metric::SATURATED || !config.activation.facts().dies)
}

pub fn trials(board: &Board, cell: usize) -> impl Iterator<Item = &TrialState> {
    board.plan.trials.iter().zip(&board.trials).filter(move |(trial, _)| trial.cell == cell).map(|(_, state)| state)
}

pub fn figure(board: &Board, metric: Metric, cell: usize) -> Figure {
    let config = &board.plan.cells[cell].config;
    let (timeline, hidden) = (Timeline::of(config), config.hidden.len());
    let series: Vec<Series> = (1..=hidden + 1).filter_map(|layer| of_layer(board, metric, cell, layer)).collect();
    let y = height(&label(board, metric), metric, &series);
    let seeds = trials(board, cell).filter(|state| !state.layers.is_empty()).count();
    let told = format!("{}{}", scale_note(&y), cut_bands_note(&y, metric, &series));
    Figure {
        title: format!("{} by {} of {}", capitalised(name(board, metric)), timeline.unit, cells::title(board, cell)),
        moment: None,
        plot: Plot::Lines(Lines {
            x: Axis::linear(timeline.unit, 0.0, timeline.length),
            series: within(&y, series),
            y,
        }),
        caption: format!("{} Mean over {seeds} of {} seeds.{told}", what_to_see(metric), board.plan.seeds.len()),
    }
}

fn what_to_see(metric: Metric) -> &'static str {
    if metric == Metric::SATURATED {
        "Share of activations at the ends of their range, where no gradient passes: a curve that rises is a layer that \
             ceases to learn."
    } else if metric == Metric::DEAD {
        "Share of units that are 0 on every image looked at: a curve that rises and stays is a layer dying."
    } else if metric == Metric::LAYER_WEIGHT_NORM {
        "Which layers' weights grow, and which are held down."
    } else {
        "The standard deviation of each layer's activations: curves that lie apart are a signal that fades, or grows, from layer to layer."
    }
}

/// The curve of one layer, counted from 1, where the one after the last hidden layer is the output. `None` if nothing was
/// measured.
fn of_layer(board: &Board, metric: Metric, cell: usize, layer: usize) -> Option<Series> {
    let config = &board.plan.cells[cell].config;
    let of_trial = |state: &TrialState| -> Vec<(u32, f64)> {
        let values = state.layers.iter().map(|layers| (layers.step, value(config, layers, metric, layer)));
        values.filter_map(|(step, value)| Some((step, value?))).collect()
    };
    let name = if layer > config.hidden.len() { "output".into() } else { format!("layer {layer}") };
    let timeline = Timeline::of(config);
    let (points, mut band) =
        mean_and_band(trials(board, cell).flat_map(of_trial).collect(), Sequence::inference(board), |step| {
            timeline.at(step)
        });
    end_at_zero(board, metric, &mut band);
    let place = layer - 1;
    Some(Series { name, hue: Hue::nth(place), dotted: place % 2 == 1, points, band })
        .filter(|series| !series.points.is_empty())
}
