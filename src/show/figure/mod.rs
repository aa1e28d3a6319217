//! Pictures of a result, independent of how they are drawn: the screen draws them in braille, the SVG exporter in lines.
//!
//! A [`Picture`] is one entry of the gallery. [`Picture::figure`] computes the [`Figure`] that it shows at one of its frames.

mod activations;
mod alone;
mod axis;
mod by_layer;
mod cells;
mod confusion;
mod contour;
mod curvature;
mod curves;
mod grid;
mod height;
mod layers;
mod metric;
mod paths;
mod problem;
mod shades;
mod slice;
#[cfg(test)]
mod tests;
mod timeline;
mod trial;
mod velocity;

pub use axis::{Axis, Scale};
pub use contour::{above, contour};
pub use timeline::Timeline;
pub use trial::{letter, mark, of_trial};

use crate::plan::config::DataSource;
use crate::plan::metric::Metric;
use crate::plan::{Measure, sources};
use crate::record::board::Board;
use crate::record::event::{Between, Spanned};
use crate::show::words::data;
use velocity::Direction;

/// A picture that a result has, in the order of the gallery.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// As on the command line: `curves/test_accuracy`. Unique among the pictures of a result.
    pub name: String,
    /// How many frames can be stepped through, at least 1.
    pub frames: usize,
    subject: Subject,
}

#[derive(Clone, Debug, PartialEq)]
enum Subject {
    /// A metric over the course of training, a curve for each of these cells, which share a problem.
    Curves(Metric, Vec<usize>),
    /// Histograms of a trial's activations, a panel for each layer and a frame for each evaluation. An index into the board's
    /// trials.
    Activations(usize),
    /// A metric over the layers, a curve for each of these cells and a frame for each evaluation.
    ByLayer(Metric, Vec<usize>),
    /// A metric of a cell's layers over the course of training, a curve for each layer.
    Layers(Metric, usize),
    /// The loss along the straight line between two networks, the mean over a cell's seeds.
    Line { cell: usize, between: Between },
    /// The loss on a plane through a trained network of a cell, a frame for each seed.
    Plane { cell: usize, spanned_by: Spanned },
    /// The final value of a metric in each cell of a grid.
    Grid(Metric),
    /// The paths of the optimizers of these cells, which share a surface.
    Paths(Vec<usize>),
    /// The step lengths of these cells along a valley or across it.
    Velocity(Vec<usize>, Direction),
    /// Which classes the trained networks of a cell take for which.
    Confusion(usize),
    /// Curvatures and the bound of stability of one cell; if `None`, the sharpness of all cells as shares of their bounds.
    Curvature(Option<usize>),
}

/// All pictures of a result, which may still be running. Empty as long as nothing has been measured.
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
        .chain(confusion::pictures(board))
        .chain(slice::pictures(board))
        .chain(curvature::pictures(board))
        .collect()
}

/// The picture to show first: one that only the study's probes or surface make possible, else the curves of the accuracy
/// that its first claim is about, else those of the problem's main metric. `None` if there are no pictures.
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
    /// The figure at frame number `frame`, counted from 0; a number beyond the last frame means the last.
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
            Subject::Confusion(cell) => confusion::figure(board, *cell),
            Subject::Curvature(Some(cell)) => curvature::of_cell(board, *cell),
            Subject::Curvature(None) => curvature::of_all(board),
        }
    }
}

/// A plot with the words around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Without the moment.
    pub title: String,
    /// What the frame shows, if there are several: `after 120 of 2,000 steps`, `seed 3`.
    pub moment: Option<String>,
    pub plot: Plot,
    /// What the plot shows, and what it leaves out, in whole sentences.
    pub caption: String,
}

impl Figure {
    /// The same with the result's data named at the end of the caption, for files: what leaves its result has to say what it is
    /// about.
    pub fn with_data(mut self, board: &Board) -> Figure {
        let sources: Vec<DataSource> = sources(&board.plan.cells).into_iter().collect();
        let data = data::sentence(&sources, &board.plan.provenance.data_sha256);
        self.caption.extend(data.map(|data| format!(" {data}")));
        self
    }
}

/// The kinds of plots; the screen and the SVG exporter draw each in a file of its own.
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
    /// In the order in which they are drawn and named.
    pub series: Vec<Series>,
}

/// One curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// For the legend; may be long.
    pub name: String,
    pub hue: Hue,
    /// Whether it is drawn dotted, which tells it apart without colours.
    pub dotted: bool,
    /// (x, y) in ascending order of x. A y that is not finite leaves a gap.
    pub points: Vec<(f64, f64)>,
    /// (x, low, high): an interval around the curve, in ascending order of x; empty if there is none.
    pub band: Vec<(f64, f64, f64)>,
}

/// Curves with at most so many points have a dot at each: the line between two of them is no measurement.
const FEW: usize = 12;

impl Series {
    /// Whether each point is drawn as a dot. Grey lines are references, not measurements, and have no dots.
    pub fn has_dots(&self) -> bool {
        self.points.len() <= FEW && self.hue != Hue::Grey
    }
}

/// Histograms side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Histograms {
    pub panels: Vec<Histogram>,
    /// What all panels show the distribution of, with its unit if it has one.
    pub x_label: String,
}

impl Histograms {
    /// The share, in [0, 1], that the full height of a panel stands for: that of the tallest bin, unless it would flatten all
    /// others, as the many zeros of ReLU do. Then somewhat more than the second tallest bins of all panels; whoever draws
    /// cuts off the bins above it, at most one in each panel except for ties, and writes their shares beside them.
    pub fn full_height(&self) -> f64 {
        let (mut tallest, mut second) = (0.0f64, 0.0f64);
        for panel in &self.panels {
            let mut shares: Vec<f64> = panel.shares.iter().copied().filter(|share| share.is_finite()).collect();
            shares.sort_by(|a, b| b.total_cmp(a));
            tallest = tallest.max(shares.first().copied().unwrap_or(0.0));
            second = second.max(shares.get(1).copied().unwrap_or(0.0));
        }
        // If the other bins hold next to nothing, they need no room.
        match tallest > 2.0 * second && tallest < 50.0 * second {
            true => 1.25 * second,
            false => tallest,
        }
    }
}

/// The histogram in one panel.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// The title of the panel: `layer 1`.
    pub name: String,
    /// The lower end of the first bin; all bins have the same width.
    pub low: f64,
    /// The upper end of the last bin.
    pub high: f64,
    /// The share of all values in each bin, in [0, 1].
    pub shares: Vec<f64>,
    /// Lines of a few words below the panel: `mean 0.50`, `sd 0.02`.
    pub notes: Vec<String>,
}

/// A function of two variables seen from above, with paths on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub x: Axis,
    pub y: Axis,
    /// The label of the heights, with the unit.
    pub height: String,
    /// The function at the centres of a regular grid that fills both axes: a row for each y from the lowest on, in each row
    /// an entry for each x from the lowest on. What is not finite is a gap.
    pub heights: Vec<Vec<f64>>,
    /// The heights of the contours, in ascending order.
    pub contours: Vec<f64>,
    /// Whether heights are also shown as shades.
    pub shaded: bool,
    pub paths: Vec<Path>,
    /// Names and coordinates of points of interest, e.g. minima.
    pub marks: Vec<(String, (f64, f64))>,
}

/// The path of an optimizer across a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    pub name: String,
    pub hue: Hue,
    /// (x, y) from the start to the moment that is shown. Points outside the axes are not drawn.
    pub points: Vec<(f64, f64)>,
    /// The arrow that starts at the last point, as (Δx, Δy) along the axes: the velocity.
    pub arrow: Option<(f64, f64)>,
}

/// A table of numbers as shades.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// What the rows differ in.
    pub row_axis: String,
    /// What the columns differ in.
    pub column_axis: String,
    /// The title of each row, from the top.
    pub rows: Vec<String>,
    /// The title of each column, from the left.
    pub columns: Vec<String>,
    /// The shade of each entry, row by row: from 0, the lowest value, to 1, the highest; `None` where there is no value.
    pub shares: Vec<Vec<Option<f64>>>,
    /// The text of each entry, row by row.
    pub texts: Vec<Vec<String>>,
    /// What stands in place of the texts if there is no room for them; empty if they are always shown.
    pub brief: Vec<Vec<String>>,
    /// (row, column) of the best entry, if the metric has a better direction.
    pub best: Option<(usize, usize)>,
}

/// The palette of Okabe and Ito (2008) for the colour-blind; the screen and the SVG exporter choose a shade for each hue.
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
    /// The hue of the n-th curve, counted from 0; never grey. Hues repeat after the seventh.
    pub fn nth(n: usize) -> Hue {
        use Hue::*;
        [Blue, Orange, Green, Vermillion, Purple, Sky, Olive][n % 7]
    }
}
