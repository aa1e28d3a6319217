//! A metric along the training: the mean over the seeds of each cell, with its 95 % interval.

use super::{Axis, Figure, Hue, Lines, Plot, Series, Way};
use crate::board::Board;
use crate::config::{Config, DataSource};
use crate::event::Point;
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
    let (points, band) = over_seeds(board, cell, |point, config| metric.of(point, config));
    let name = name(&board.plan.cells[cell], &board.plan.axes);
    Series { name, hue: Hue::nth(cell), dotted: cell % 2 == 1, points, band }
}

/// A curve, (x, mean), and the band around it, (x, low, high).
pub type MeanAndBand = (Vec<(f64, f64)>, Vec<(f64, f64, f64)>);

/// The mean of a value over the seeds of a cell at each evaluation that has one, with its 95 % interval.
pub fn over_seeds(board: &Board, cell: usize, value: impl Fn(&Point, &Config) -> Option<f64>) -> MeanAndBand {
    let config = &board.plan.cells[cell].config;
    let way = Way::of(config);
    let mut values: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    let trials = board.plan.trials.iter().zip(&board.trials).filter(|(trial, _)| trial.cell == cell);
    for (_, state) in trials {
        for point in (0..state.curve.len()).map(|index| state.curve.point(index)) {
            if let Some(value) = value(&point, config).filter(|value| value.is_finite()) {
                values.entry(point.step).or_default().push(value);
            }
        }
    }
    let summaries: Vec<(f64, Summary)> =
        values.iter().filter_map(|(&step, values)| Some((way.at(step), Summary::of(values)?))).collect();
    let points = summaries.iter().map(|(x, summary)| (*x, summary.mean)).collect();
    let band = summaries.iter().filter_map(|(x, summary)| summary.ci95.map(|(low, high)| (*x, low, high))).collect();
    (points, band)
}

/// An arm's own name, else the value of each axis.
pub fn name(cell: &Cell, axes: &[String]) -> String {
    let values = axes.iter().filter_map(|axis| cell.params.get(axis)).map(param_text);
    cell.arm.clone().unwrap_or_else(|| values.collect::<Vec<_>>().join(" · "))
}
