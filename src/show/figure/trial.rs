//! The curves of one trial, or of several in comparison.

use super::cells::Names;
use super::metric::capitalised;
use super::{Axis, Figure, Hue, Lines, Plot, Scale, Series, Timeline};
use crate::plan::Problem;
use crate::plan::metric::Metric;
use crate::record::board::Board;

/// The figures of a trial: loss and accuracy of a network, else each metric that the problem always measures. If `marked`
/// names other trials, in the order of their marks, a figure compares them all by the problem's main metric instead.
pub fn of_trial(board: &Board, trial: usize, marked: &[usize]) -> Vec<Figure> {
    let others = marked.iter().any(|&marked| marked != trial);
    let problem = board.plan.problem_of(board.cell(trial));
    match &problem {
        Problem::Network => {}
        Problem::Program(_) if others => return vec![of_marked(board, trial, marked, problem.main())],
        Problem::Surface | Problem::Program(_) => {
            return problem.always().iter().map(|&metric| alone(board, trial, metric)).collect();
        }
    }
    let losses = own(board, trial, [Metric::TRAIN_LOSS, Metric::VALIDATION_LOSS, Metric::TEST_LOSS]);
    let loss = figure(board, "Loss", from_zero("loss (nats)", losses), &[trial]);
    if others {
        return vec![loss, of_marked(board, trial, marked, problem.main())];
    }
    let mut own = own(board, trial, [Metric::TRAIN_ACCURACY, Metric::VALIDATION_ACCURACY, Metric::TEST_ACCURACY]);
    let timeline = Timeline::of(&board.cell(trial).config);
    let against_truth = curve(board, trial, &timeline, Metric::TRUE_ACCURACY, "train, true labels", Hue::Sky);
    own.extend(Some(against_truth).filter(|series| !series.points.is_empty()));
    let accuracy = figure(board, "Accuracy", (Axis::linear("accuracy (share of images)", 0.0, 1.0), own), &[trial]);
    vec![loss, accuracy]
}

/// One metric of a trial.
fn alone(board: &Board, trial: usize, metric: Metric) -> Figure {
    let timeline = Timeline::of(&board.cell(trial).config);
    let series = curve(board, trial, &timeline, metric, metric.label(), Hue::Blue);
    let (y, told) = fitting(metric, &series);
    let figure = figure(board, &capitalised(metric.title()), (y, vec![series]), &[trial]);
    Figure { caption: format!("{}{told}", figure.caption), ..figure }
}

/// A figure that compares a metric of the marked trials and the trial itself.
fn of_marked(board: &Board, trial: usize, marked: &[usize], metric: Metric) -> Figure {
    let title = format!("{} of the marked trials", capitalised(metric.title()));
    let series = compared(board, trial, marked, metric);
    let y = match metric.is_accuracy() {
        true => Axis::linear(format!("{} (share of images)", title.to_lowercase()), 0.0, 1.0),
        false => {
            Axis::fitting(metric.along_axis(), series.iter().flat_map(|series| &series.points).map(|point| point.1))
        }
    };
    figure(board, &title, (y, series), &[marked, &[trial]].concat())
}

/// The letter and the hue of the n-th marked trial, counted from 0; hues repeat after the sixth.
pub fn mark(place: usize) -> (String, Hue) {
    let hues = [Hue::Green, Hue::Purple, Hue::Sky, Hue::Vermillion, Hue::Olive, Hue::Grey];
    (letter(place), hues[place % hues.len()])
}

/// The letter of the n-th of several, counted from 0: `a` to `z`, then from `a` again.
pub fn letter(place: usize) -> String {
    char::from(b'a' + (place % 26) as u8).to_string()
}

/// A figure over the timeline of the longest of these trials.
fn figure(board: &Board, title: &str, (y, series): (Axis, Vec<Series>), trials: &[usize]) -> Figure {
    let timelines = timelines(board, trials);
    let length = timelines.iter().map(|timeline| timeline.length).fold(0.0, f64::max);
    let unit = timelines.first().map_or("step", |timeline| timeline.unit);
    let names = Names::of(board).names;
    let name = |trial: usize| {
        let planned = &board.plan.trials[trial];
        format!("{}, seed {}", names[planned.cell], planned.seed)
    };
    let caption = match trials {
        [alone] => format!("One trial: {}.", name(*alone)),
        [marked @ .., own] => {
            let letters =
                marked.iter().enumerate().map(|(place, &trial)| format!("{}: {}", mark(place).0, name(trial)));
            let own =
                series.last().filter(|_| !marked.contains(own)).map(|last| format!("{}: {}", last.name, name(*own)));
            format!("{}.", letters.chain(own).collect::<Vec<_>>().join("; "))
        }
        [] => String::new(),
    };
    Figure {
        title: title.into(),
        moment: None,
        plot: Plot::Lines(Lines { x: Axis::linear(unit, 0.0, length), y, series }),
        caption,
    }
}

fn timelines(board: &Board, trials: &[usize]) -> Vec<Timeline> {
    Timeline::shared(trials.iter().map(|&trial| &board.cell(trial).config))
}

/// The axis for a metric, with a sentence on its scale if that is logarithmic.
fn fitting(metric: Metric, series: &Series) -> (Axis, String) {
    let values = || series.points.iter().map(|point| point.1);
    match Axis::fitting(metric.along_axis(), values()) {
        Axis { scale: Scale::Logarithmic, low, high, label } => {
            let axis = Axis { label: format!("{label} (logarithmic)"), scale: Scale::Logarithmic, low, high };
            let title = metric.title();
            let gap = format!(" The scale is logarithmic: where {title} is 0 to the last digit, the curve has a gap.");
            (axis, if values().any(|value| value == 0.0) { gap } else { " The scale is logarithmic.".into() })
        }
        axis => (axis, String::new()),
    }
}

/// Series with their axis, which starts at 0.
fn from_zero(label: &str, series: Vec<Series>) -> (Axis, Vec<Series>) {
    (Axis::from_zero(label, series.iter().flat_map(|series| &series.points).map(|point| point.1)), series)
}

/// The curves of a trial on train, validation (if images are held out) and test images.
fn own(board: &Board, trial: usize, [train, validation, test]: [Metric; 3]) -> Vec<Series> {
    let timeline = Timeline::of(&board.cell(trial).config);
    let curve = |metric, name, hue| curve(board, trial, &timeline, metric, name, hue);
    let held_out = curve(validation, "validation", Hue::Green);
    let held_out = Some(held_out).filter(|series| !series.points.is_empty());
    let train = curve(train, "train", Hue::Blue);
    let test = Series { dotted: true, ..curve(test, "test", Hue::Orange) };
    [Some(train), held_out, Some(test)].into_iter().flatten().collect()
}

/// The curves of the marked trials, named by letter, and of the trial itself unless it is marked.
fn compared(board: &Board, trial: usize, marked: &[usize], metric: Metric) -> Vec<Series> {
    let trials = [marked, &[trial]].concat();
    let timelines = timelines(board, &trials);
    let of_trial = |trial: usize, timeline, name: &str, hue| curve(board, trial, timeline, metric, name, hue);
    let of_marked = marked.iter().zip(&timelines).enumerate().map(|(place, (&trial, timeline))| {
        let (letter, hue) = mark(place);
        of_trial(trial, timeline, &letter, hue)
    });
    let own = timelines.last().filter(|_| !marked.contains(&trial));
    let own = own.map(|timeline| Series { dotted: true, ..of_trial(trial, timeline, metric.label(), Hue::Orange) });
    of_marked.chain(own).collect()
}

/// The curve of a metric of a trial; without points if it was not measured.
fn curve(board: &Board, trial: usize, timeline: &Timeline, metric: Metric, name: &str, hue: Hue) -> Series {
    let config = &board.cell(trial).config;
    let values = board.trials[trial].curve.values(metric, config);
    let points = values.map(|(step, value)| (timeline.at(step), value)).collect();
    Series { name: name.into(), hue, dotted: false, points, band: Vec::new() }
}
