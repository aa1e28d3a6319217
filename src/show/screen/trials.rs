//! The list of trials.

use super::grid::{Cell, Grid, Heading, wrap};
use super::numbers;
use super::order::{Column, Order};
use super::progress::State;
use super::scene::Scene;
use super::sparkline::sparkline;
use crate::plan::Problem;
use crate::plan::metric::Metric;
use crate::record::board::{Status, TrialState};
use crate::record::event::Outcome;
use crate::show::figure::Way;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Widget};
use unicode_width::UnicodeWidthStr;

/// How much of each row there is room for.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Detail {
    sparkline: u16,
    bar: u16,
    /// The state in words, beside its glyph.
    words: bool,
    /// Titles of parameters may be cut to so many columns.
    titles: usize,
    progress: bool,
    /// All parameters in one column.
    merged: bool,
    /// Blank columns between two.
    space: u16,
}

const FULL: Detail =
    Detail { sparkline: 16, bar: 10, words: true, titles: usize::MAX, progress: true, merged: false, space: 2 };
/// As much as the list is given beside a preview, however small that gets.
const BESIDE_PREVIEW: Detail = Detail { sparkline: 4, bar: 0, titles: 14, ..FULL };
const SHORT: Detail = Detail { sparkline: 0, bar: 0, ..FULL };

/// From the richest to the barest.
const DETAILS: [Detail; 11] = [
    FULL,
    Detail { sparkline: 10, bar: 6, ..FULL },
    Detail { sparkline: 8, bar: 0, ..FULL },
    BESIDE_PREVIEW,
    Detail { space: 1, ..BESIDE_PREVIEW },
    Detail { titles: 12, space: 1, ..SHORT },
    Detail { titles: 8, space: 1, ..SHORT },
    Detail { titles: 6, space: 1, ..SHORT },
    Detail { titles: 6, words: false, space: 1, ..SHORT },
    Detail { titles: 4, words: false, space: 1, ..SHORT },
    Detail { titles: 4, words: false, progress: false, space: 1, ..SHORT },
];
const BAREST: Detail = Detail { titles: 4, words: false, progress: false, merged: true, space: 1, ..SHORT };

/// Draws the header and as many rows as there is room for, from row `top` on.
pub fn draw(scene: &Scene, order: &Order, top: usize, area: Rect, buf: &mut Buffer) {
    let (columns, grid, detail) = layout(scene, order, area.width);
    grid.header(area, buf);
    if order.rows().is_empty() {
        return nothing(scene, area, buf);
    }
    let rows = order.rows().iter().enumerate().skip(top).take(area.height.saturating_sub(1) as usize);
    let selected = order.position();
    for (line, (row, &trial)) in rows.enumerate() {
        let cells = columns
            .iter()
            .zip(&grid.headings)
            .map(|(&column, heading)| cell(scene, trial, column, heading.width, detail));
        let row_area = Rect { y: area.y + 1 + line as u16, height: 1, ..area };
        grid.row(scene.mark(trial), cells.collect(), row == selected, row_area, buf);
    }
}

/// The width at which no title of a parameter needs to be cut.
pub fn wanted_width(scene: &Scene, order: &Order) -> u16 {
    grid(scene, order, BESIDE_PREVIEW).1.width()
}

/// In the middle of a list that the filter has emptied.
fn nothing(scene: &Scene, area: Rect, buf: &mut Buffer) {
    let lines = wrap("no trial has all these words; esc lifts the filter", area.width.saturating_sub(2).into());
    let height = lines.len() as u16;
    if area.height <= height {
        return;
    }
    let middle = Rect { y: area.y + 1 + (area.height - 1 - height) / 2, height, ..area };
    let lines: Vec<Line> = lines.into_iter().map(Line::from).collect();
    Paragraph::new(lines).style(scene.theme.faint()).centered().render(middle, buf);
}

/// The columns that fit into `width`; what is left over goes to the sparkline.
fn layout(scene: &Scene, order: &Order, width: u16) -> (Vec<Column>, Grid, Detail) {
    let fits = |detail: &Detail| grid(scene, order, *detail).1.width() <= width;
    let detail = DETAILS.into_iter().find(fits).unwrap_or(BAREST);
    let (columns, mut grid) = grid(scene, order, detail);
    let spare = i32::from(width) - i32::from(grid.width());
    // At its barest, metrics go before parameters: these get what the others leave.
    let flexible = if detail.merged { Column::Arm } else { Column::Loss };
    let bounds = if detail.merged { (3, u16::MAX) } else { (0, 40) };
    if let Some(place) = columns.iter().position(|&column| column == flexible) {
        let wanted = i32::from(grid.headings[place].width) + if detail.merged { spare.min(0) } else { spare };
        grid.headings[place].width = (wanted.max(0) as u16).clamp(bounds.0, bounds.1);
    }
    (columns, grid, detail)
}

fn grid(scene: &Scene, order: &Order, detail: Detail) -> (Vec<Column>, Grid) {
    let columns = columns(scene, detail);
    let headings = columns.iter().map(|&column| heading(scene, order, column, detail)).collect();
    (columns, Grid { headings, space: detail.space, theme: scene.theme })
}

fn columns(scene: &Scene, detail: Detail) -> Vec<Column> {
    let mut columns = Column::all(scene.labels);
    let on_surface = scene.board.plan.problem() == Problem::Surface;
    columns.retain(|column| match column {
        Column::Train | Column::Test | Column::Gap => !on_surface,
        Column::Axis(_) => !detail.merged,
        Column::Progress => detail.progress,
        Column::Loss => detail.sparkline > 0,
        _ => true,
    });
    if detail.merged && !columns.contains(&Column::Arm) {
        columns.insert(1, Column::Arm);
    }
    columns
}

fn heading(scene: &Scene, order: &Order, column: Column, detail: Detail) -> Heading {
    let labels = scene.labels;
    let widest = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let (title, width, right) = match column {
        Column::State => ("", if detail.words { 11 } else { 1 }, false),
        Column::Arm if detail.merged => ("cell", widest(&mut labels.short.iter().map(|text| text.width())), false),
        Column::Arm => ("arm", widest(&mut labels.arms.iter().flatten().map(|text| text.width())).min(24), false),
        Column::Axis(axis) => {
            let width = widest(&mut labels.values.iter().map(|values| values[axis].width())).min(20);
            (labels.axes[axis].as_str(), width, true)
        }
        Column::Seed => ("seed", widest(&mut labels.seeds.iter().map(|seed| seed.len())), true),
        Column::Progress => ("progress", progress_width(scene, detail), true),
        Column::Loss => ("loss", detail.sparkline as usize, false),
        Column::Train => ("train", 5, true),
        Column::Test => ("test", 5, true),
        Column::Gap => ("gap", 6, true),
    };
    let sorted = if order.column != column || (column == Column::State && !order.reversed) {
        ""
    } else if order.reversed {
        "▼"
    } else {
        "▲"
    };
    let title = format!("{title}{sorted}");
    let titles = if matches!(column, Column::Axis(_)) { detail.titles } else { usize::MAX };
    let width = width.max(title.width().min(titles));
    Heading { title, width: width as u16, right }
}

/// Times from a minute on take more room than anything else: `12 min 05 s`.
fn progress_width(scene: &Scene, detail: Detail) -> usize {
    let minutes = scene.board.trials.iter().any(|trial| trial.seconds >= 59.95);
    let count = if minutes { 11 } else { 9 };
    if detail.bar > 0 { count.max(detail.bar as usize + 10) } else { count }
}

fn cell(scene: &Scene, trial: usize, column: Column, width: u16, detail: Detail) -> Cell {
    let (planned, state) = (&scene.board.plan.trials[trial], &scene.board.trials[trial]);
    let config = &scene.board.plan.cells[planned.cell].config;
    let theme = scene.theme;
    let waiting = state.status == Status::Waiting;
    let quiet = if waiting { theme.faint() } else { ratatui::style::Style::new() };
    let last = |metric: Metric| state.curve.last_value(metric, config);
    let share = |metric: Metric| last(metric).map(numbers::share).unwrap_or_default();
    match column {
        Column::State => {
            let state = State::of(&state.status);
            let word = if detail.words { format!("{} {}", state.glyph(), state.word()) } else { state.glyph().into() };
            (word, scene.style(state))
        }
        Column::Arm if detail.merged => (scene.labels.short[planned.cell].clone(), quiet),
        Column::Arm => (scene.labels.arms.as_ref().map_or("", |arms| &arms[planned.cell]).into(), quiet),
        Column::Axis(axis) => (scene.labels.values[planned.cell][axis].clone(), quiet),
        Column::Seed => (scene.labels.seeds[trial].clone(), quiet),
        Column::Progress => progress(scene, state, Way::of(config), detail.bar),
        Column::Loss => {
            let losses: Vec<f64> = state.curve.values(Metric::TRAIN_LOSS, config).map(|(_, loss)| loss).collect();
            (sparkline(&losses, width as usize), theme.train())
        }
        Column::Train => (share(Metric::TRAIN_ACCURACY), theme.train()),
        Column::Test => (share(Metric::TEST_ACCURACY), theme.test()),
        Column::Gap => (last(Metric::GAP).map(numbers::difference).unwrap_or_default(), theme.gap()),
    }
}

/// How far a running trial is, how long a finished one took, where a diverged one ended.
fn progress(scene: &Scene, state: &TrialState, way: Way, bar: u16) -> Cell {
    let step = state.curve.step.last().copied().unwrap_or(0);
    match &state.status {
        Status::Waiting => (String::new(), scene.theme.faint()),
        Status::Running => {
            let count = format!("{:.0}/{:.0}", way.at(step).floor(), way.length.ceil());
            let filled = (way.at(step) / way.length * f64::from(bar)).round().clamp(0.0, f64::from(bar)) as usize;
            let drawn = "━".repeat(filled) + &"─".repeat(bar as usize - filled);
            (if bar > 0 { format!("{drawn} {count:>9}") } else { count }, scene.theme.running())
        }
        Status::Finished(Outcome::Diverged { step }) => {
            (format!("at {:.0}/{:.0}", way.at(*step).floor(), way.length.ceil()), scene.theme.trouble())
        }
        Status::Finished(_) => (numbers::seconds(state.seconds), scene.theme.faint()),
        Status::CutOff => (format!("{:.0}/{:.0}", way.at(step).floor(), way.length.ceil()), scene.theme.faint()),
    }
}
