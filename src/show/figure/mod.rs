//! Pictures of a result: what each shows, whoever draws it, the screen in braille or the SVG exporter in lines.
//!
//! A [`Picture`] is one entry of the gallery; [`Picture::figure`] makes a [`Figure`] of it at a moment of the training.

mod activations;
mod alone;
mod axis;
mod by_layer;
mod cells;
mod contour;
mod curvature;
mod curves;
mod grid;
mod height;
mod layers;
mod paths;
mod problem;
mod quantity;
mod shades;
mod slice;
#[cfg(test)]
mod tests;
mod trial;
mod velocity;
mod way;

pub use axis::{Axis, Scale};
pub use contour::{above, contour};
pub use quantity::quantity;
pub use trial::{letter, mark, of_trial};
pub use way::Way;

use crate::plan::Measure;
use crate::plan::metric::Metric;
use crate::record::board::Board;
use crate::record::event::{Between, Spanned};
use velocity::Direction;

/// A picture that a result has, in the order of the gallery.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// As on the command line: `curves/test_accuracy`. No two of a result have the same.
    pub name: String,
    /// Moments that can be stepped through; 1 if it does not move.
    pub frames: usize,
    subject: Subject,
}

#[derive(Clone, Debug, PartialEq)]
enum Subject {
    /// A metric along the training, a curve for each of these cells, which share a problem.
    Curves(Metric, Vec<usize>),
    /// A trial's activations, layer beside layer, evaluation by evaluation. An index into the board's trials.
    Activations(usize),
    /// A metric from layer to layer, a curve for each of these cells, evaluation by evaluation.
    ByLayer(Metric, Vec<usize>),
    /// A metric of a cell's layers along the training, a curve a layer.
    Layers(Metric, usize),
    /// The loss along the straight line between two networks, mean over a cell's seeds.
    Line { cell: usize, between: Between },
    /// The loss around a trained network of a cell, a seed a frame.
    Plane { cell: usize, spanned_by: Spanned },
    /// Where a metric came to in each cell of a grid.
    Grid(Metric),
    /// The ways of these cells, which share a surface.
    Paths(Vec<usize>),
    /// The lengths of these cells' steps along a valley or across it.
    Velocity(Vec<usize>, Direction),
    /// Curvatures and the bound of stability, of one cell; or of all cells, as shares of their bounds.
    Curvature(Option<usize>),
}

/// All pictures of a result, of a run that goes on as well.
pub fn pictures(board: &Board) -> Vec<Picture> {
    let paths = paths::groups(board).into_iter().map(|(name, cells)| Picture {
        name,
        frames: paths::frames(board, &cells),
        subject: Subject::Paths(cells),
    });
    let velocities = velocity::pictures(board).into_iter().map(|(name, cells, direction)| Picture {
        name,
        frames: 1,
        subject: Subject::Velocity(cells, direction),
    });
    let grids = grid::metrics(board).into_iter().map(|metric| Picture {
        name: format!("grid/{}", metric.name()),
        frames: 1,
        subject: Subject::Grid(metric),
    });
    paths
        .chain(velocities)
        .chain(curves::pictures(board))
        .chain(grids)
        .chain(by_layer::pictures(board))
        .chain(activations::pictures(board))
        .chain(layers::pictures(board))
        .chain(slice::pictures(board))
        .chain(curvature::pictures(board))
        .collect()
}

/// The picture that says most about the study: what only its probes or its surface could show, else the accuracy that its
/// first claim is about, else the test accuracy.
pub fn main(board: &Board) -> Option<Picture> {
    let metric = match board.plan.claims.first().map(|claim| claim.measure) {
        Some(Measure::Metric(metric) | Measure::StepsTo { metric, .. }) if metric.is_accuracy() => metric,
        _ => board.plan.problem().main(),
    };
    let mut pictures = pictures(board);
    let shown_first = |picture: &Picture| {
        use Subject::*;
        matches!(picture.subject, Paths(_) | Activations(_) | Line { .. } | Curvature(None))
    };
    let place = pictures.iter().position(shown_first);
    let is_of_metric = |picture: &Picture| matches!(picture.subject, Subject::Curves(of, _) if of == metric);
    let place = place.or_else(|| pictures.iter().position(is_of_metric)).unwrap_or(0);
    (!pictures.is_empty()).then(|| pictures.swap_remove(place))
}

impl Picture {
    /// At moment number `frame` (from 0; one beyond the last is the last).
    pub fn figure(&self, board: &Board, frame: usize) -> Figure {
        match &self.subject {
            Subject::Curves(metric, cells) => curves::figure(board, *metric, cells),
            Subject::Grid(metric) => grid::figure(board, *metric),
            Subject::Paths(cells) => paths::figure(board, cells, frame),
            Subject::Velocity(cells, direction) => velocity::figure(board, cells, *direction),
            Subject::Activations(trial) => activations::figure(board, *trial, frame),
            Subject::ByLayer(metric, cells) => by_layer::figure(board, *metric, cells, frame),
            Subject::Layers(metric, cell) => layers::figure(board, *metric, *cell),
            Subject::Line { cell, between } => slice::line(board, *cell, *between),
            Subject::Plane { cell, spanned_by } => slice::plane(board, *cell, *spanned_by, frame),
            Subject::Curvature(Some(cell)) => curvature::of_cell(board, *cell),
            Subject::Curvature(None) => curvature::of_all(board),
        }
    }
}

/// A drawing with the words around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    pub title: String,
    /// Which of its frames it is, if there are several: `after 120 of 2,000 steps`, `seed 3`.
    pub moment: Option<String>,
    pub plot: Plot,
    /// What is to be seen, and what is not: in whole sentences.
    pub caption: String,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Plot {
    Lines(Lines),
    Histograms(Histograms),
    Field(Field),
    Grid(Grid),
}

/// Curves over one axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Lines {
    pub x: Axis,
    pub y: Axis,
    pub series: Vec<Series>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub name: String,
    pub hue: Hue,
    /// Told apart from a solid one without colours.
    pub dotted: bool,
    /// In order of x. What is not finite is a gap.
    pub points: Vec<(f64, f64)>,
    /// (x, low, high), an interval around the curve; empty if there is none.
    pub band: Vec<(f64, f64, f64)>,
}

/// So few measured points are each drawn as one: the line between them is no measurement.
const FEW: usize = 12;

impl Series {
    /// Whether each point is drawn as a dot. Grey lines are no measurements but what these are compared with.
    pub fn has_dots(&self) -> bool {
        self.points.len() <= FEW && self.hue != Hue::Grey
    }
}

/// Distributions side by side, all over the same axis if they share it.
#[derive(Clone, Debug, PartialEq)]
pub struct Histograms {
    pub panels: Vec<Histogram>,
    pub x_label: String,
}

impl Histograms {
    /// The share that full height stands for: that of the tallest bin, unless it would flatten all others, as the many
    /// zeros of ReLU do. Then somewhat more than the tallest of the others; bins above it are cut off, one a panel at most
    /// but for ties, and their shares are to be written beside them.
    pub fn full_height(&self) -> f64 {
        let (mut tallest, mut second) = (0.0f64, 0.0f64);
        for panel in &self.panels {
            let mut shares: Vec<f64> = panel.shares.iter().copied().filter(|share| share.is_finite()).collect();
            shares.sort_by(|a, b| b.total_cmp(a));
            tallest = tallest.max(shares.first().copied().unwrap_or(0.0));
            second = second.max(shares.get(1).copied().unwrap_or(0.0));
        }
        // Where there is next to nothing beside it, there is nothing to make room for.
        match tallest > 2.0 * second && tallest < 50.0 * second {
            true => 1.25 * second,
            false => tallest,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    pub name: String,
    /// The ends of the first and of the last bin; all bins have the same width.
    pub low: f64,
    pub high: f64,
    /// Share of all in each bin.
    pub shares: Vec<f64>,
    /// A few words below it: `mean 0.50 · sd 0.02`.
    pub notes: Vec<String>,
}

/// A function of two variables from above, with paths on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub x: Axis,
    pub y: Axis,
    /// What the heights are, with the unit.
    pub height: String,
    /// Heights at the middles of a grid's fields: row by row from the lowest y, in each from the lowest x. What is not
    /// finite is a gap.
    pub heights: Vec<Vec<f64>>,
    /// Heights to draw a contour at, from low to high.
    pub contours: Vec<f64>,
    /// Whether the heights are shown as shades beside the contours.
    pub shaded: bool,
    pub paths: Vec<Path>,
    /// Places of interest, e.g. minima.
    pub marks: Vec<(String, (f64, f64))>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    pub name: String,
    pub hue: Hue,
    /// Up to the moment that is shown. What lies outside the axes leaves the picture.
    pub points: Vec<(f64, f64)>,
    /// From the last point, the way an arrow shows: the velocity.
    pub arrow: Option<(f64, f64)>,
}

/// A table of numbers as shades.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    pub row_axis: String,
    pub column_axis: String,
    pub rows: Vec<String>,
    pub columns: Vec<String>,
    /// Row by row, where each value stands on its scale, from 0, the lowest, to 1; `None` where there is nothing.
    pub shares: Vec<Vec<Option<f64>>>,
    /// The values as they are to be written into the fields.
    pub texts: Vec<Vec<String>>,
    /// Row and column of the field that is the best, if one of them is.
    pub best: Option<(usize, usize)>,
}

/// Okabe and Ito's palette for the colour-blind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hue {
    Blue,
    Orange,
    Green,
    Vermillion,
    Purple,
    Sky,
    Olive,
    Grey,
}

impl Hue {
    /// Of the n-th of several; they repeat after the seventh.
    pub fn nth(n: usize) -> Hue {
        use Hue::*;
        [Blue, Orange, Green, Vermillion, Purple, Sky, Olive][n % 7]
    }
}
