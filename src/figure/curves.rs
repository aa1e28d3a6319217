//! A metric along the training: the mean over the seeds of each cell, with its 95 % interval.

use super::{Axis, Figure, Hue, Lines, Plot, Series, Way};
use crate::board::Board;
use crate::config::DataSource;
use crate::metric::Metric;
use crate::stats::Summary;
use crate::study::{Cell, param_text};
use std::collections::BTreeMap;

/// The metrics that can be drawn: what is always measured where there are images, and what was asked for.
pub fn metrics(board: &Board) -> Vec<Metric> {
    let on_surface = board.plan.cells.iter().all(|cell| cell.config.data == DataSource::Surface);
    let always = Metric::ALWAYS.into_iter().filter(|&metric| !on_surface || metric == Metric::TrainLoss);
    let measured = Metric::ASKED_FOR
        .into_iter()
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
    let way = Way::of(config);
    let mut values: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    let trials = board.plan.trials.iter().zip(&board.trials).filter(|(trial, _)| trial.cell == cell);
    for (_, state) in trials {
        for point in (0..state.curve.len()).map(|index| state.curve.point(index)) {
            if let Some(value) = metric.of(&point, config).filter(|value| value.is_finite()) {
                values.entry(point.step).or_default().push(value);
            }
        }
    }
    let summaries: Vec<(f64, Summary)> =
        values.iter().filter_map(|(&step, values)| Some((way.at(step), Summary::of(values)?))).collect();
    Series {
        name: name(&board.plan.cells[cell], &board.plan.axes),
        hue: Hue::nth(cell),
        dotted: cell % 2 == 1,
        points: summaries.iter().map(|(x, summary)| (*x, summary.mean)).collect(),
        band: summaries.iter().filter_map(|(x, summary)| summary.ci95.map(|(low, high)| (*x, low, high))).collect(),
    }
}

/// An arm's own name, else the value of each axis.
pub(super) fn name(cell: &Cell, axes: &[String]) -> String {
    let values = axes.iter().filter_map(|axis| cell.params.get(axis)).map(param_text);
    cell.arm.clone().unwrap_or_else(|| values.collect::<Vec<_>>().join(" · "))
}
