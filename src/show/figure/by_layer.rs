//! A metric over the layers: how a signal fades or grows on its way through the network. A curve for each cell with its
//! 95 % interval over seeds, a frame for each evaluation.

use super::cells::{Names, differing, value_name};
use super::curves::{caption, choose, end_at_zero, mean_and_band};
use super::height::{axis, cut_bands_note, within};
use super::layers::{METRICS, is_probed, trials, value};
use super::metric::{capitalised, label, name};
use super::{Axis, Figure, Hue, Lines, Picture, Plot, Series, Subject, Timeline};
use crate::judge::sequence::Sequence;
use crate::plan::metric::Metric;
use crate::record::board::{Board, TrialState};
use crate::record::event::Layers;
use serde_json::Value;

const ACTIVATION: &str = "activation";

/// A picture for each metric; or for each metric and activation function, if the study varies it and something else.
pub fn pictures(board: &Board) -> Vec<Picture> {
    let mut pictures = Vec::new();
    for metric in METRICS {
        let deep = |cell: &usize| board.plan.cells[*cell].config.hidden.len() > 1 && is_probed(board, metric, *cell);
        let cells: Vec<usize> = (0..board.plan.cells.len()).filter(deep).collect();
        for (activation, cells) in groups(board, cells) {
            let activation = activation.map(|activation| format!("/{}", value_name(ACTIVATION, activation)));
            pictures.push(Picture {
                name: format!("by_layer/{}{}", metric.name(), activation.unwrap_or_default()),
                frames: moments(board, &cells).len(),
                subject: Subject::ByLayer(metric, cells),
            });
        }
    }
    pictures
}

/// The cells that share a picture, with their activation function if each has pictures of its own.
fn groups(board: &Board, cells: Vec<usize>) -> Vec<(Option<&Value>, Vec<usize>)> {
    let axes = differing(board);
    let split = axes.len() > 1 && axes.iter().any(|axis| *axis == ACTIVATION);
    let mut groups: Vec<(Option<&Value>, Vec<usize>)> = Vec::new();
    for cell in cells {
        let activation = board.plan.cells[cell].params.get(ACTIVATION).filter(|_| split);
        match groups.iter_mut().find(|(of, _)| *of == activation) {
            Some((_, group)) => group.push(cell),
            None => groups.push((activation, vec![cell])),
        }
    }
    groups
}

/// The times of the frames, in units of the timelines: those at which any of these cells was probed.
fn moments(board: &Board, cells: &[usize]) -> Vec<f64> {
    let mut places = Vec::new();
    for (&cell, timeline) in cells.iter().zip(timelines(board, cells)) {
        for state in trials(board, cell) {
            places.extend(state.layers.iter().map(|layers| timeline.at(layers.step)));
        }
    }
    places.sort_by(f64::total_cmp);
    places.dedup();
    places
}

fn timelines(board: &Board, cells: &[usize]) -> Vec<Timeline> {
    Timeline::shared(cells.iter().map(|&cell| &board.plan.cells[cell].config))
}

pub fn figure(board: &Board, metric: Metric, cells: &[usize], frame: usize) -> Figure {
    let config = |cell: usize| &board.plan.cells[cell].config;
    let depth = cells.iter().map(|&cell| config(cell).hidden.len()).max().unwrap_or(0);
    let depth = depth + usize::from(metric == Metric::LAYER_WEIGHT_NORM);
    let of_layers = |cell: usize, layers: &Layers| -> Vec<(u32, f64)> {
        let values = (1..=depth).map(|layer| (layer as u32, value(config(cell), layers, metric, layer)));
        values.filter_map(|(layer, value)| Some((layer, value?))).collect()
    };
    let last = |cell: usize, state: &TrialState| Some(of_layers(cell, state.layers.last()?).last()?.1);
    let drawn = choose(board, cells, last);
    // The same axis at all moments.
    let all = drawn.iter().flat_map(|&cell| {
        let layers = trials(board, cell).flat_map(|state| &state.layers);
        layers.flat_map(move |layers| of_layers(cell, layers)).map(|(_, value)| value)
    });
    let all: Vec<f64> = all.collect();
    let y = axis(&label(board, metric), metric, all.iter().copied());

    let moments = moments(board, cells);
    let moment = moments.get(frame.min(moments.len().saturating_sub(1))).copied().unwrap_or(0.0);
    let timelines = timelines(board, cells);
    let place = |cell: usize, layers: &Layers| {
        let timeline = cells.iter().zip(&timelines).find(|(of, _)| **of == cell);
        timeline.map_or(f64::NAN, |(_, timeline)| timeline.at(layers.step))
    };
    let grouped = groups(board, (0..board.plan.cells.len()).collect()).len() > 1;
    let names = if grouped { Names::without(board, &[ACTIVATION]) } else { Names::of(board) };
    let curve = |(nth, &cell): (usize, &usize)| {
        let by_then = |layers: &&Layers| place(cell, layers) <= moment;
        // A trial that has ended, or is not there yet, keeps its last values.
        let seen = trials(board, cell).filter_map(|state| state.layers.iter().rfind(by_then));
        let (points, mut band) = mean_and_band(
            seen.flat_map(|layers| of_layers(cell, layers)).collect(),
            Sequence::inference(board),
            f64::from,
        );
        end_at_zero(board, metric, &mut band);
        Series { name: names.names[cell].clone(), hue: Hue::nth(nth), dotted: nth % 2 == 1, points, band }
    };
    let series: Vec<Series> = drawn.iter().enumerate().map(curve).collect();
    let is_behind =
        |cell: usize, state: &TrialState| state.layers.last().is_some_and(|last| place(cell, last) < moment);
    let behind = match drawn.iter().any(|&cell| trials(board, cell).any(|state| is_behind(cell, state))) {
        true => " What has ended, or has not come so far, stays as it was last seen.",
        false => "",
    };
    let told = caption(board, &names, (&drawn, cells), &y) + behind + &cut_bands_note(&y, metric, &series);
    let activation = cells.first().and_then(|&cell| board.plan.cells[cell].params.get(ACTIVATION));
    let activation = activation.map(|activation| value_name(ACTIVATION, activation)).filter(|_| grouped);
    let longest = timelines.iter().max_by(|a, b| a.length.total_cmp(&b.length));
    Figure {
        title: match activation {
            Some(activation) => format!("{} by layer, {activation}", capitalised(name(board, metric))),
            None => format!("{} by layer", capitalised(name(board, metric))),
        },
        moment: longest.map(|timeline| timeline.moment_at(moment)),
        caption: format!("{} {told}", what_to_see(board, metric, cells)),
        plot: Plot::Lines(Lines { x: Axis::whole("layer", 1, depth), series: within(&y, series), y }),
    }
}

fn what_to_see(board: &Board, metric: Metric, cells: &[usize]) -> String {
    if metric == Metric::SATURATED {
        let functions = cells.iter().map(|&cell| board.plan.cells[cell].config.activation.facts());
        let shown = functions.filter(|facts| !facts.dies).filter_map(|facts| facts.saturation);
        let mut ends: Vec<&str> = shown.map(|saturation| saturation.words).collect();
        ends.sort_unstable();
        ends.dedup();
        return format!(
            "Share of activations at the ends of their range, where no gradient passes: {}.",
            ends.join(", ")
        );
    }
    let words = if metric == Metric::DEAD {
        "Share of units that are 0 on every image looked at: no gradient can wake them."
    } else if metric == Metric::LAYER_WEIGHT_NORM {
        "How long each layer's weights are; the last layer is the output."
    } else {
        "The standard deviation of each hidden layer's activations, from the first to the last: where a curve falls \
             the signal fades with depth, where it rises it explodes."
    };
    words.to_owned()
}
