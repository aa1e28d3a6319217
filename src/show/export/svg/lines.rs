//! Curves with their bands.

use super::axes;
use super::drawing::{Drawing, Rect, Size, Xy};
use super::legend::{self, LegendEntry};
use super::style::{colour, strokes};
use crate::show::figure::{Lines, Scale, Series};

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 300.0;

pub fn draw(plot: &Lines, out: &mut Drawing) -> Size {
    let area = Rect { x: axes::left(&plot.y, HEIGHT), y: 6.0, width: WIDTH, height: HEIGHT };
    let strokes = strokes(plot.series.iter().map(|series| (series.hue, series.dotted)));
    axes::draw(area, (&plot.x, &plot.y), true, out);
    let place = |point| axes::place(area, (&plot.x, &plot.y), point);
    out.clipped(area, |out| {
        plot.series.iter().for_each(|series| band(series, place, out));
        for (series, stroke) in plot.series.iter().zip(&strokes) {
            curve(series, stroke, place, out);
            // Between whole numbers there are no values, so points are what counts.
            if plot.x.scale == Scale::Whole || series.has_dots() {
                let dots = series.points.iter().filter_map(|&point| place(point));
                dots.for_each(|dot| out.circle(dot, 2.8, &format!("fill=\"{}\"", colour(series.hue))));
            }
        }
    });
    let end = |series: &Series| series.points.iter().rev().find_map(|&point| place(point)).map(|(_, height)| height);
    let drawn = plot.series.iter().zip(&strokes).filter_map(|(series, stroke)| {
        let height = end(series)?.clamp(area.y, area.bottom());
        Some(LegendEntry { name: &series.name, stroke, height })
    });
    let entries: Vec<LegendEntry> = drawn.collect();
    let right = legend::width(entries.iter().map(|entry| entry.name));
    let bottom = legend::draw(area, entries, out);
    Size { width: area.right() + right.max(16.0), height: bottom.max(area.bottom() + axes::BELOW) }
}

/// Draws a curve with gaps where values have no place. A point between two gaps becomes a dot.
fn curve(series: &Series, stroke: &str, place: impl Fn((f64, f64)) -> Option<Xy>, out: &mut Drawing) {
    let places: Vec<Option<Xy>> = series.points.iter().map(|&point| place(point)).collect();
    for run in places.split(Option::is_none) {
        let run: Vec<Xy> = run.iter().flatten().copied().collect();
        match run[..] {
            [] => {}
            [alone] => out.circle(alone, 2.5, &format!("fill=\"{}\"", colour(series.hue))),
            _ => out.polyline(&run, stroke),
        }
    }
}

fn band(series: &Series, place: impl Fn((f64, f64)) -> Option<Xy>, out: &mut Drawing) {
    let ends: Vec<Option<(Xy, Xy)>> =
        series.band.iter().map(|&(x, low, high)| place((x, low)).zip(place((x, high)))).collect();
    for run in ends.split(Option::is_none).filter(|run| run.len() > 1) {
        let low = run.iter().flatten().map(|&(low, _)| low);
        let high = run.iter().flatten().map(|&(_, high)| high);
        let edge: Vec<Xy> = low.chain(high.rev()).collect();
        out.polygon(&edge, &format!("fill=\"{}\" fill-opacity=\"0.18\"", colour(series.hue)));
    }
}
