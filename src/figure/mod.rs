//! Pictures of a result: what each shows, whoever draws it, the screen in braille or the SVG exporter in lines.
//!
//! A [`Picture`] is one entry of the gallery; [`Picture::figure`] makes a [`Figure`] of it at a moment of the training.

mod activations;
mod axis;
mod curves;
mod layers;
mod names;
mod way;

pub use axis::{Axis, Scale};
pub use way::Way;

use crate::board::Board;
use crate::metric::Metric;

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
    /// A metric along the training, a curve a cell.
    Curves(Metric),
    /// A trial's activations, layer beside layer, evaluation by evaluation. An index into the board's trials.
    Activations(usize),
    /// A metric of a cell's layers along the training, a curve a layer.
    Layers(Metric, usize),
}

/// All pictures of a result, of a run that goes on as well.
pub fn pictures(board: &Board) -> Vec<Picture> {
    let curves = curves::metrics(board).into_iter().map(|metric| Picture {
        name: format!("curves/{}", metric.name()),
        frames: 1,
        subject: Subject::Curves(metric),
    });
    curves.chain(activations::pictures(board)).chain(layers::pictures(board)).collect()
}

impl Picture {
    /// At moment number `frame` (from 0; one beyond the last is the last).
    pub fn figure(&self, board: &Board, frame: usize) -> Figure {
        match self.subject {
            Subject::Curves(metric) => curves::figure(board, metric),
            Subject::Activations(trial) => activations::figure(board, trial, frame),
            Subject::Layers(metric, cell) => layers::figure(board, metric, cell),
        }
    }
}

/// A drawing with the words around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    pub title: String,
    /// Where in the training it stands, if it moves: `after 120 of 2,000 steps`.
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
    /// Row by row; `None` where there is nothing.
    pub values: Vec<Vec<Option<f64>>>,
    /// The same as they are to be written into the fields.
    pub texts: Vec<Vec<String>>,
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
