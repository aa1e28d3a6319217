//! The paths of optimizers down a surface, seen from above: contours of f, a path for each cell, a frame for each step.

use super::cells::{self, Names};
use super::{Axis, Field, Figure, Hue, Path, Plot};
use crate::plan::config::{DataSource, Surface};
use crate::record::board::{Board, Status, TrialState};
use crate::record::event::{Outcome, Place};
use crate::surface;

/// The most paths that share a picture; with more cells, each has a picture of its own.
const TOGETHER: usize = 7;
/// The grid of heights: cells along x and along y.
const GRID: [usize; 2] = [160, 100];
const CONTOURS: i32 = 8;
/// Factors by which velocities may be enlarged.
const ENLARGED: [f64; 10] = [1000.0, 500.0, 200.0, 100.0, 50.0, 20.0, 10.0, 5.0, 2.0, 1.0];

/// The name and the cells of each picture, surface by surface.
pub fn groups(board: &Board) -> Vec<(String, Vec<usize>)> {
    let (slugs, surfaces) = (cells::slugs(board), by_surface(board));
    let several = surfaces.len() > 1;
    let mut pictures = Vec::new();
    for (surface, group) in surfaces {
        let path = if several { format!("paths/{}", surface::name(surface)) } else { "paths".into() };
        match group.len() <= TOGETHER {
            true => pictures.push((path, group)),
            false => pictures.extend(group.into_iter().map(|cell| (format!("{path}/{}", slugs[cell]), vec![cell]))),
        }
    }
    pictures
}

/// The cells of each surface, in the order of the plan.
pub(super) fn by_surface(board: &Board) -> Vec<(Surface, Vec<usize>)> {
    let mut groups: Vec<(Surface, Vec<usize>)> = Vec::new();
    for (cell, config) in board.plan.cells.iter().map(|cell| &cell.config).enumerate() {
        if config.data == DataSource::Surface {
            match groups.iter_mut().find(|(surface, _)| *surface == config.surface) {
                Some((_, group)) => group.push(cell),
                None => groups.push((config.surface, vec![cell])),
            }
        }
    }
    groups
}

/// The names of the cells of a picture, without the surface, which they share, and without the constants of their optimizers
/// if the names stay unique.
pub(super) fn names(board: &Board, cells: &[usize]) -> Vec<String> {
    let names = Names::without(board, &["surface"]).shortened(cells).names;
    cells.iter().map(|&cell| names[cell].clone()).collect()
}

/// The number of frames: one for the start and one for each recorded step of the longest path.
pub fn frames(board: &Board, cells: &[usize]) -> usize {
    steps(board, cells).len().max(1)
}

/// The recorded steps of the longest path; none before one begins.
fn steps<'a>(board: &'a Board, cells: &[usize]) -> &'a [u32] {
    let paths = cells.iter().filter_map(|&cell| Some(&trial(board, cell)?.trajectory.step[..]));
    paths.max_by_key(|steps| steps.last().copied()).unwrap_or_default()
}

/// The trial of a cell's first seed, which is the one that is drawn.
pub(super) fn trial(board: &Board, cell: usize) -> Option<&TrialState> {
    let place = board.plan.trials.iter().position(|trial| trial.cell == cell)?;
    Some(&board.trials[place])
}

pub fn figure(board: &Board, cells: &[usize], frame: usize) -> Figure {
    let surface = board.plan.cells[cells[0]].config.surface;
    let names = names(board, cells).into_iter().zip(cells);
    let descents: Vec<Descent> = names.filter_map(|(name, &cell)| Descent::new(board, cell, name)).collect();
    let [x, y] = window(surface, &descents);
    let enlarged = enlarged(&x, &y, &descents);
    let heights = heights(surface, &x, &y);
    let total = cells.iter().map(|&cell| board.plan.cells[cell].config.total_steps()).max().unwrap_or(0);
    let step = steps(board, cells).iter().copied().take(frame.saturating_add(1)).next_back().unwrap_or(0);
    Figure {
        title: format!("f = {}", surface::formula(surface)),
        moment: Some(format!("after {step} of {total} steps")),
        caption: caption(board, &descents, enlarged, &x, &y),
        plot: Plot::Field(Field {
            contours: contours(surface, &heights),
            height: "f".into(),
            heights,
            shaded: false,
            paths: descents.iter().enumerate().map(|(nth, descent)| descent.path(nth, step, enlarged)).collect(),
            marks: surface::minima(surface).iter().map(|&[x, y]| ("minimum".into(), (x, y))).collect(),
            x,
            y,
        }),
    }
}

/// The descent of a cell in its first seed.
struct Descent<'a> {
    name: String,
    places: Vec<Place>,
    status: &'a Status,
}

impl Descent<'_> {
    fn new(board: &Board, cell: usize, name: String) -> Option<Descent<'_>> {
        let state = trial(board, cell)?;
        Some(Descent { name, places: state.trajectory.places().collect(), status: &state.status })
    }

    /// Up to this step.
    fn path(&self, nth: usize, step: u32, enlarged: f64) -> Path {
        let shown = &self.places[..self.places.partition_point(|place| place.step <= step)];
        let arrow = |place: &Place| {
            let [x, y] = place.velocity.map(|velocity| velocity * enlarged);
            (x != 0.0 || y != 0.0).then_some((x, y))
        };
        Path {
            name: self.name.clone(),
            hue: Hue::nth(nth),
            points: shown.iter().map(|place| (place.at[0], place.at[1])).collect(),
            arrow: shown.last().and_then(arrow),
        }
    }
}

/// The surface's own window, widened for points that lie less than half its size outside. Paths that diverge leave it.
fn window(surface: Surface, descents: &[Descent]) -> [Axis; 2] {
    let wider = |axis: usize| {
        let [low, high] = surface::window(surface)[axis];
        let margin = (high - low) / 2.0;
        let near = |x: &f64| (low - margin..=high + margin).contains(x);
        let places = descents.iter().flat_map(|descent| &descent.places).map(|place| place.at[axis]).filter(near);
        let (low, high) = places.fold((low, high), |(low, high), x| (low.min(x), high.max(x)));
        Axis::linear(["x", "y"][axis], low, high)
    };
    [wider(0), wider(1)]
}

fn heights(surface: Surface, x: &Axis, y: &Axis) -> Vec<Vec<f64>> {
    let middle = |axis: &Axis, field: usize, count: usize| {
        axis.low + (axis.high - axis.low) * (field as f64 + 0.5) / count as f64
    };
    let row = |row: usize| {
        let y = middle(y, row, GRID[1]);
        (0..GRID[0]).map(|column| surface::value(surface, [middle(x, column, GRID[0]), y])).collect()
    };
    (0..GRID[1]).map(row).collect()
}

/// Contours whose heights above the lowest point grow by equal factors, from the 2 % quantile of the picture to the 95 % one.
fn contours(surface: Surface, heights: &[Vec<f64>]) -> Vec<f64> {
    let mut sorted: Vec<f64> = heights.iter().flatten().copied().filter(|height| height.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let Some(&lowest) = sorted.first() else { return Vec::new() };
    let lowest = surface::minima(surface).iter().map(|&place| surface::value(surface, place)).fold(lowest, f64::min);
    let above = |share: f64| sorted[((sorted.len() - 1) as f64 * share) as usize] - lowest;
    let (first, last) = (above(0.02), above(0.95));
    if first <= 0.0 || last <= first {
        return Vec::new();
    }
    (0..CONTOURS)
        .map(|nth| lowest + first * libm::pow(last / first, f64::from(nth) / f64::from(CONTOURS - 1)))
        .collect()
}

/// The factor by which all velocities are enlarged: the largest with which nine of ten take at most a seventh of the picture.
fn enlarged(x: &Axis, y: &Axis, descents: &[Descent]) -> f64 {
    let length = |place: &Place| {
        let [dx, dy] = place.velocity;
        (dx / (x.high - x.low)).abs().max((dy / (y.high - y.low)).abs())
    };
    let mut lengths: Vec<f64> = descents.iter().flat_map(|descent| descent.places.iter().skip(1)).map(length).collect();
    lengths.sort_by(f64::total_cmp);
    let Some(&long) = lengths.get(lengths.len() * 9 / 10) else { return 1.0 };
    ENLARGED.into_iter().find(|times| times * long <= 1.0 / 7.0).unwrap_or(1.0)
}

fn caption(board: &Board, descents: &[Descent], enlarged: f64, x: &Axis, y: &Axis) -> String {
    let seeds = match board.plan.seeds[..] {
        [_] | [] => String::new(),
        [first, ..] => format!(" (seed {first} of {})", board.plan.seeds.len()),
    };
    let times = if enlarged == 1.0 { String::new() } else { format!(", drawn {enlarged} times as long") };
    let mut text = format!(
        "The way of each optimizer down f{seeds}. The gradient points straight across the contours; the arrow is the \
         velocity{times} (the last step, where an optimizer has no V): where momentum's differs from the gradient, past \
         gradients carry it on."
    );
    for descent in descents {
        let outside = |place: &&Place| {
            let inside = |axis: &Axis, x: f64| (axis.low..=axis.high).contains(&x);
            !inside(x, place.at[0]) || !inside(y, place.at[1])
        };
        let left =
            descent.places.iter().find(outside).map(|place| format!("leaves the picture at step {}", place.step));
        let back = left.is_some() && descent.places.last().is_some_and(|last| !outside(&last));
        let left = left.map(|left| if back { format!("{left} and comes back") } else { left });
        let diverged = match descent.status {
            Status::Finished(Outcome::Diverged { step }) => Some(format!("diverges at step {step}")),
            _ => None,
        };
        let told: Vec<String> = left.into_iter().chain(diverged).collect();
        if !told.is_empty() {
            text += &format!(" {} {}.", descent.name, told.join(" and "));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::board::samples::on_surface;
    use crate::show::figure::pictures;

    #[test]
    fn a_path_that_diverges_leaves_the_picture_and_the_caption_says_so() {
        let board = on_surface();
        let pictures = pictures(&board);
        assert_eq!((pictures[0].name.as_str(), pictures[0].frames), ("paths", 3));
        let figure = pictures[0].figure(&board, 2);
        assert_eq!(figure.moment.as_deref(), Some("after 2 of 2 steps"));
        assert!(figure.caption.ends_with("momentum leaves the picture at step 1 and diverges at step 2."));
        let Plot::Field(field) = figure.plot else { panic!("no field") };
        // The window is the bowl's own: −10¹⁷ is too far away to widen it.
        assert_eq!((field.x.low, field.x.high, field.y.low, field.y.high), (-8.0, 4.0, -3.0, 3.0));
        assert_eq!([field.paths[0].points.len(), field.paths[1].points.len()], [3, 2]);
        assert_eq!(field.marks, [("minimum".to_owned(), (0.0, 0.0))]);
        let rising = field.contours.windows(2).all(|pair| pair[0] < pair[1]);
        assert!(rising && field.contours.len() == 8 && field.contours[0] < 0.3, "{:?}", field.contours);
        // At its first moment all stand at the start, without a velocity.
        let Plot::Field(field) = pictures[0].figure(&board, 0).plot else { panic!("no field") };
        assert!(field.paths.iter().all(|path| path.points == [(-7.0, 2.0)] && path.arrow.is_none()));
    }

    #[test]
    fn every_surface_has_its_picture_and_so_has_every_cell_of_many() {
        let mut board = on_surface();
        board.plan.cells[1].config.surface = Surface::Beale {};
        let names = |board: &Board| groups(board).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(&board), ["paths/bowl", "paths/beale"]);
        board.plan.cells = (0..8)
            .map(|n| {
                let mut cell = board.plan.cells[0].clone();
                cell.params["optimizer"] = n.into();
                cell
            })
            .collect();
        assert_eq!(names(&board).len(), 8);
        assert_eq!(names(&board)[7], "paths/7");
    }
}
