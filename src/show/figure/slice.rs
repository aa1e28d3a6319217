//! The loss around trained networks: on lines, as the mean over a cell's seeds, and on planes, a frame for each seed.

use super::{Axis, Field, Figure, Hue, Lines, Path, Picture, Plot, Series, Subject, cells};
use crate::judge::sequence::Sequence;
use crate::judge::stats::{Inference, Summary};
use crate::record::board::{Board, Status, TrialState};
use crate::record::event::{self, Between, Line, Outcome, Plane, Spanned};

/// The most contours of a plane.
const CONTOURS: usize = 9;

/// The lines and planes that have been measured, kind by kind, cell by cell.
pub fn pictures(board: &Board) -> Vec<Picture> {
    let mut pictures: Vec<Picture> = Vec::new();
    for (cell, slug) in cells::slugs(board).iter().enumerate() {
        let mut add = |kind: &str, frames: usize, subject| {
            let name = format!("{kind}/{slug}");
            pictures.extend((frames > 0).then_some(Picture { name, frames, subject }));
        };
        for (kind, between) in [("line", Between::Twins), ("line_from_start", Between::Training)] {
            add(kind, lines(board, cell, between).len().min(1), Subject::Line { cell, between });
        }
        for (kind, spanned_by) in [("plane", Spanned::Random), ("path", Spanned::Path)] {
            add(kind, planes(board, cell, spanned_by).len(), Subject::Plane { cell, spanned_by });
        }
    }
    pictures.sort_by_key(|picture| match picture.subject {
        Subject::Line { between: Between::Twins, .. } => 0,
        Subject::Line { between: Between::Training, .. } => 1,
        Subject::Plane { spanned_by: Spanned::Random, .. } => 2,
        _ => 3,
    });
    pictures
}

/// (seed, trial) of each trial of a cell.
fn trials(board: &Board, cell: usize) -> impl Iterator<Item = (u64, &TrialState)> {
    let trials = board.plan.trials.iter().zip(&board.trials);
    trials.filter(move |(trial, _)| trial.cell == cell).map(|(trial, state)| (trial.seed, state))
}

fn lines(board: &Board, cell: usize, between: Between) -> Vec<&Line> {
    trials(board, cell)
        .flat_map(|(_, state)| state.slices.iter().filter_map(move |slice| slice.line(between)))
        .collect()
}

/// (seed, plane) of each plane that was measured of a cell.
fn planes(board: &Board, cell: usize, spanned_by: Spanned) -> Vec<(u64, &Plane)> {
    let mut planes = Vec::new();
    for (seed, state) in trials(board, cell) {
        planes.extend(state.slices.iter().filter_map(|slice| Some((seed, slice.plane(spanned_by)?))));
    }
    planes
}

/// Train and test loss along the line between two networks, each the mean over the seeds.
pub fn line(board: &Board, cell: usize, between: Between) -> Figure {
    let lines = lines(board, cell, between);
    let inference = Sequence::inference(board);
    let train = series("train loss", Hue::Blue, false, (&lines, inference), |line| &line.train_loss);
    let test = series("test loss", Hue::Orange, true, (&lines, inference), |line| &line.test_loss);
    let heights = [&train, &test].into_iter().flat_map(|series| {
        series.points.iter().map(|point| point.1).chain(series.band.iter().flat_map(|&(_, low, high)| [low, high]))
    });
    let y = Axis::from_zero("loss (nats)", heights);
    let (along, ends) = match between {
        Between::Twins => ("a network to its twin", "t = 0 is the trained network, t = 1 its twin from another seed."),
        Between::Training => ("the start to the end", "t = 0 is the network before training, t = 1 after it."),
    };
    let caption = [Some(ends.to_owned()), barrier(&lines, between, inference), missing_twins(board, cell, between)];
    Figure {
        title: format!("Along the line from {along}: {}", cells::title(board, cell)),
        moment: None,
        plot: Plot::Lines(Lines { x: Axis::linear("t", -0.25, 1.25), y, series: vec![train, test] }),
        caption: caption.into_iter().flatten().collect::<Vec<_>>().join(" "),
    }
}

/// The mean of the losses at each t; a gap where one of the lines has none.
fn series(
    name: &str,
    hue: Hue,
    dotted: bool,
    (lines, inference): (&[&Line], Inference),
    losses: fn(&Line) -> &[Option<f32>],
) -> Series {
    let places: &[f32] = lines.first().map_or(&[], |line| &line.t);
    let summaries = places.iter().enumerate().map(|(place, &t)| {
        let values: Option<Vec<f64>> =
            lines.iter().map(|line| losses(line).get(place).copied().flatten().map(f64::from)).collect();
        (f64::from(t), values.and_then(|values| Summary::of(&values, inference)))
    });
    let (mut points, mut band) = (Vec::new(), Vec::new());
    for (t, summary) in summaries {
        points.push((t, summary.as_ref().map_or(f64::NAN, |summary| summary.mean)));
        // No loss is below 0.
        let interval = summary.map_or(Some((f64::NAN, f64::NAN)), |summary| summary.ci95);
        band.extend(interval.map(|(low, high)| (t, if low < 0.0 { 0.0 } else { low }, high)));
    }
    Series { name: name.into(), hue, dotted, points, band }
}

/// A sentence on the barrier between the two networks; `None` if there are no barriers.
fn barrier(lines: &[&Line], between: Between, inference: Inference) -> Option<String> {
    let barriers: Vec<f64> = lines.iter().filter_map(|line| line.barrier()).collect();
    let summary = Summary::of(&barriers, inference).filter(|_| between == Between::Twins)?;
    let interval = summary.ci95.map_or(String::new(), |(low, high)| format!(" (95 % interval {low:.3} to {high:.3})"));
    let pairs = if barriers.len() == 1 { "1 pair".into() } else { format!("{} pairs", barriers.len()) };
    let mean = summary.mean;
    Some(format!(
        "The barrier, the highest train loss between them minus the mean of theirs, is {mean:.3} nats{interval}, mean of {pairs}."
    ))
}

fn missing_twins(board: &Board, cell: usize, between: Between) -> Option<String> {
    let completed = |state: &TrialState| matches!(state.status, Status::Finished(Outcome::Completed { .. }));
    let has_line = |state: &TrialState| state.slices.iter().any(|slice| slice.line(between).is_some());
    let all = trials(board, cell).filter(|(_, state)| completed(state)).count();
    let without = trials(board, cell).filter(|(_, state)| completed(state) && !has_line(state)).count();
    (without > 0).then(|| format!("Of {all} trials {without} have no line: the twin diverged."))
}

/// The plane of one seed: frame 0 is the first seed with a plane.
pub fn plane(board: &Board, cell: usize, spanned_by: Spanned, frame: usize) -> Figure {
    let planes = planes(board, cell, spanned_by);
    let title = cells::title(board, cell);
    let Some(&(seed, plane)) = planes.get(frame.min(planes.len().saturating_sub(1))) else {
        return Figure { title, moment: None, plot: Plot::Field(empty()), caption: String::new() };
    };
    let (title, plot, caption) = match &plane.path {
        Some(path) => (format!("The way of training: {title}"), on_path(plane, path), of_path(path)),
        None => (
            format!("Around the trained network: {title}"),
            field(
                plane,
                ["direction 1", "direction 2"].map(str::to_owned),
                Vec::new(),
                vec![("trained".into(), (0.0, 0.0))],
            ),
            "Two random directions; at 1 every unit's weights have been changed by as much as they are long, so that \
             planes of different networks can be compared (Li et al. 2018)."
                .into(),
        ),
    };
    let gaps = plane.train_loss.iter().filter(|loss| loss.is_none()).count();
    let gaps = if gaps > 0 { format!(" At {gaps} places the loss is not finite: blank.") } else { String::new() };
    Figure { title, moment: Some(format!("seed {seed}")), plot: Plot::Field(plot), caption: caption + &gaps }
}

fn on_path(plane: &Plane, path: &event::Path) -> Field {
    let points: Vec<(f64, f64)> = path.x.iter().zip(&path.y).map(|(&x, &y)| (x.into(), y.into())).collect();
    let ends = [("start", points.first()), ("end", points.last())];
    let marks = ends.into_iter().filter_map(|(name, place)| Some((name.to_owned(), *place?))).collect();
    let label = |number, share: f32| format!("direction {number} ({:.0} %)", share * 100.0);
    let labels = [label(1, path.shares[0]), label(2, path.shares[1])];
    let path = Path { name: "training".into(), hue: Hue::Orange, points, arrow: None };
    field(plane, labels, vec![path], marks)
}

fn of_path(path: &event::Path) -> String {
    let [x, y] = path.shares.map(|share| share * 100.0);
    format!(
        "The training at {} moments, on the plane of its two main directions, which hold {x:.0} % and {y:.0} % of its \
         squared distances to its end, and the train loss at each place of that plane. The path is a projection: its own \
         losses may be others.",
        path.step.len()
    )
}

fn field(plane: &Plane, labels: [String; 2], paths: Vec<Path>, marks: Vec<(String, (f64, f64))>) -> Field {
    let heights: Vec<Vec<f64>> = (plane.train_loss.chunks(plane.x.len()))
        .map(|row| row.iter().map(|loss| loss.map_or(f64::NAN, f64::from)).collect())
        .collect();
    let finite = || heights.iter().flatten().copied().filter(|height| height.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    let [across, up] = labels;
    let (x, y) = (axis(across, &plane.x), axis(up, &plane.y));
    Field { x, y, height: "train loss (nats)".into(), contours: levels(low, high), heights, shaded: true, paths, marks }
}

/// An axis that reaches half a grid cell beyond the first and the last place, which are centres.
fn axis(label: String, places: &[f32]) -> Axis {
    let [low, high] = [places.first(), places.last()].map(|place| place.map_or(0.0, |&place| f64::from(place)));
    let half = (high - low) / places.len().saturating_sub(1).max(1) as f64 / 2.0;
    Axis::linear(label, low - half, high + half)
}

/// The heights of contours between the lowest and the highest loss: 1, 2 and 5 times powers of ten, since losses grow by
/// factors away from a minimum. Fewer of each power if these are too many, evenly spaced ones if they are too few.
fn levels(low: f64, high: f64) -> Vec<f64> {
    let between = |level: &f64| low < *level && *level < high;
    let times = |factors: &'static [u32]| -> Vec<f64> {
        let powers = (-12..=12).flat_map(|power| factors.iter().map(move |factor| format!("{factor}e{power}")));
        powers.filter_map(|text| text.parse().ok()).filter(between).collect()
    };
    let choices = [times(&[1, 2, 5]), times(&[1, 3])];
    let found = choices.into_iter().find(|levels| levels.len() <= CONTOURS).unwrap_or_else(|| times(&[1]));
    if found.len() >= 4 || low.is_nan() || low >= high {
        return found;
    }
    Axis::linear("", low, high).ticks(CONTOURS - 2).into_iter().map(|(level, _)| level).filter(between).collect()
}

fn empty() -> Field {
    let axis = || Axis::linear("", 0.0, 1.0);
    let (height, heights, contours) = (String::new(), Vec::new(), Vec::new());
    Field { x: axis(), y: axis(), height, heights, contours, shaded: true, paths: Vec::new(), marks: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contours_are_round_numbers_that_grow_as_losses_do() {
        assert_eq!(levels(0.013, 3.0), [0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0]);
        assert_eq!(levels(0.0013, 22.0), [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]);
        assert_eq!(levels(1.1e-5, 3.0), [1e-4, 1e-3, 1e-2, 0.1, 1.0]);
        let even = levels(2.1, 2.9);
        assert!(even.len() >= 4 && even.iter().all(|level| (2.1..2.9).contains(level)), "{even:?}");
        assert!(levels(1.0, 1.0).is_empty() && levels(f64::INFINITY, f64::NEG_INFINITY).is_empty());
    }
}
