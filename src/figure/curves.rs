//! A metric along the training: the mean over the seeds of each cell, with its 95 % interval.

use super::names::cell_name;
use super::{Axis, Figure, Hue, Lines, Plot, Series, Way};
use crate::board::Board;
use crate::config::DataSource;
use crate::metric::Metric;
use crate::stats::Summary;
use std::collections::BTreeMap;

/// The metrics that can be drawn: what is always measured where there are images, and what was asked for.
pub fn metrics(board: &Board) -> Vec<Metric> {
    let on_surface = board.plan.cells.iter().all(|cell| cell.config.data == DataSource::Surface);
    let always = Metric::ALWAYS.into_iter().filter(|&metric| !on_surface || metric == Metric::TrainLoss);
    let measured = Metric::ASKED_FOR
        .into_iter()
        .filter(|metric| !metric.is_of_the_end())
        .filter(|metric| board.trials.iter().any(|trial| trial.curve.measured.contains_key(metric)));
    always.chain(measured).collect()
}

pub fn figure(board: &Board, metric: Metric) -> Figure {
    let way = Way::of(&board.plan.cells[0].config);
    let series: Vec<Series> = (0..board.plan.cells.len()).map(|cell| of_cell(board, cell, metric)).collect();
    let heights = series.iter().flat_map(|series| {
        series.points.iter().map(|point| point.1).chain(series.band.iter().flat_map(|&(_, low, high)| [low, high]))
    });
    let y = match metric.is_accuracy() && metric != Metric::Gap {
        true => Axis::linear(metric.label(), 0.0, 1.0),
        false => Axis::from_zero(metric.label(), heights),
    };
    Figure {
        title: format!("{} by {}", metric.label(), way.unit),
        moment: None,
        plot: Plot::Lines(Lines { x: Axis::linear(way.unit, 0.0, way.length), y, series }),
        caption: "Mean over the seeds, with its 95 % interval.".into(),
    }
}

fn of_cell(board: &Board, cell: usize, metric: Metric) -> Series {
    let config = &board.plan.cells[cell].config;
    let trials = board.plan.trials.iter().zip(&board.trials).filter(|(trial, _)| trial.cell == cell);
    let values = trials.flat_map(|(_, state)| {
        let points = (0..state.curve.len()).map(|index| state.curve.point(index));
        points.filter_map(|point| Some((point.step, metric.of(&point, config)?)))
    });
    over_seeds(cell_name(&board.plan.cells[cell], &board.plan.axes), cell, Way::of(config), values)
}

/// The mean of what was measured after so many steps, with its interval. `place` is that among the picture's curves.
pub(super) fn over_seeds(name: String, place: usize, way: Way, measured: impl Iterator<Item = (u32, f64)>) -> Series {
    let mut values: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for (step, value) in measured.filter(|(_, value)| value.is_finite()) {
        values.entry(step).or_default().push(value);
    }
    let summaries: Vec<(f64, Summary)> =
        values.iter().filter_map(|(&step, values)| Some((way.at(step), Summary::of(values)?))).collect();
    Series {
        name,
        hue: Hue::nth(place),
        dotted: place % 2 == 1,
        points: summaries.iter().map(|(x, summary)| (*x, summary.mean)).collect(),
        band: summaries.iter().filter_map(|(x, summary)| summary.ci95.map(|(low, high)| (*x, low, high))).collect(),
    }
}
