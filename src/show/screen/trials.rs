//! The list of trials.

use super::columns::{Column, GUTTER, Layout};
use super::numbers;
use super::order::{Order, TrialColumn};
use super::progress::State;
use super::scene::Scene;
use super::sparkline::sparkline;
use super::text::wrap;
use crate::record::board::{Status, TrialState};
use crate::record::event::Outcome;
use crate::show::figure::Way;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Widget};
use unicode_width::UnicodeWidthStr;

// Which columns get room first. Accuracies and seeds are always there.
const PROGRESS: u8 = 1;
const NAMES: u8 = 2;
/// The state in words, beside its glyph.
const WORDS: u8 = 3;
const LOSS: u8 = 4;
const AIRY: u8 = 5;
const BAR: u8 = 6;

/// Draws the header and as many rows as there is room for, from row `top` on.
pub fn draw(scene: &Scene, order: &Order, top: usize, area: Rect, buf: &mut Buffer) {
    let room = area.width.saturating_sub(GUTTER);
    let separate = columns(scene, order, false);
    let merged = Layout::least_width(&separate.1) > room;
    let (shown, columns) = if merged { columns(scene, order, true) } else { separate };
    let layout = Layout::new(columns, AIRY, room);
    layout.draw_titles(scene.theme, area, buf);
    if order.rows().is_empty() {
        return nothing(scene, area, buf);
    }
    let rows = order.rows().iter().enumerate().skip(top).take(area.height.saturating_sub(1) as usize);
    let selected = order.position();
    for (line, (row, &trial)) in rows.enumerate() {
        let cells = layout.shown.iter().map(|&(place, _, width)| cell(scene, trial, shown[place], width));
        let area = Rect { y: area.y + 1 + line as u16, height: 1, ..area };
        let bar = (row == selected).then(|| scene.theme.selected());
        layout.draw_row(scene.mark(trial), cells.collect(), bar, area, buf);
    }
}

/// The width at which no title of a parameter needs to be cut.
pub fn wanted_width(scene: &Scene, order: &Order) -> u16 {
    GUTTER + Layout::airy_width(&columns(scene, order, false).1, AIRY)
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

/// What a row shows, and what each column of it needs; with all parameters in one column if `merged`.
fn columns(scene: &Scene, order: &Order, merged: bool) -> (Vec<TrialColumn>, Vec<Column>) {
    let mut columns = TrialColumn::sortable(scene.labels, scene.board.plan.problem());
    if merged {
        columns.retain(|column| !matches!(column, TrialColumn::Arm | TrialColumn::Axis(_)));
        columns.insert(1, TrialColumn::Cell);
    }
    let progress = columns.iter().position(|column| *column == TrialColumn::Progress);
    columns.insert(progress.unwrap_or(columns.len()), TrialColumn::Bar);
    let needs = columns.iter().map(|&column| needs(scene, order, column)).collect();
    (columns, needs)
}

fn needs(scene: &Scene, order: &Order, column: TrialColumn) -> Column {
    let labels = scene.labels;
    let widest = |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| text.width()).max().unwrap_or(0);
    let titled = |title: &str, widest: usize, priority: u8| {
        Column::new(format!("{title}{}", order.arrow(column)), widest, priority)
    };
    match column {
        TrialColumn::State => titled("", 11, WORDS).always().at_least(1).whole(),
        TrialColumn::Cell => titled("cell", widest(&mut labels.short.iter()), NAMES).always().at_least(3),
        TrialColumn::Arm => {
            let widest = widest(&mut labels.arms.iter().flatten()).min(24);
            titled("arm", widest, NAMES).always().at_least(12)
        }
        TrialColumn::Axis(axis) => {
            let widest = widest(&mut labels.values.iter().map(|values| &values[axis])).min(20);
            titled(&labels.axes[axis], widest, NAMES)
                .always()
                .ideally(widest.max(14))
                .at_least(widest.max(4))
                .right(true)
        }
        TrialColumn::Seed => titled("seed", widest(&mut labels.seeds.iter()), 0).always().right(true),
        TrialColumn::Bar => Column::new("", 10, BAR).at_least(6),
        TrialColumn::Progress => titled("progress", progress_width(scene), PROGRESS).right(true),
        TrialColumn::Loss => titled("loss", 40, LOSS).ideally(4),
        TrialColumn::Metric(metric) => {
            titled(metric.label(), numbers::brief(metric, 0.0).width(), 0).always().right(true)
        }
    }
}

/// Times from a minute on take more room than anything else: `12 min 05 s`.
fn progress_width(scene: &Scene) -> usize {
    let minutes = scene.board.trials.iter().any(|trial| trial.seconds >= 59.95);
    if minutes { 11 } else { 9 }
}

fn cell(scene: &Scene, trial: usize, column: TrialColumn, width: u16) -> (String, Style) {
    let (planned, state) = (&scene.board.plan.trials[trial], &scene.board.trials[trial]);
    let config = &scene.board.plan.cells[planned.cell].config;
    let (labels, theme) = (scene.labels, scene.theme);
    let quiet = if state.status == Status::Waiting { theme.faint() } else { Style::new() };
    match column {
        TrialColumn::State => {
            let state = State::of(&state.status);
            let text = format!("{} {}", state.glyph(), state.word());
            (if width > 1 { text } else { state.glyph().into() }, scene.style(state))
        }
        TrialColumn::Cell => (labels.short[planned.cell].clone(), quiet),
        TrialColumn::Arm => (labels.arms.as_ref().map_or("", |arms| &arms[planned.cell]).into(), quiet),
        TrialColumn::Axis(axis) => (labels.values[planned.cell][axis].clone(), quiet),
        TrialColumn::Seed => (labels.seeds[trial].clone(), quiet),
        TrialColumn::Bar => (bar(state, Way::of(config), width.into()), theme.running()),
        TrialColumn::Progress => progress(scene, state, Way::of(config)),
        TrialColumn::Loss => (sparkline(&state.curve.train_loss, width.into()), theme.train()),
        TrialColumn::Metric(metric) => {
            let last = state.curve.last().and_then(|point| point.value(metric, config));
            (last.map(|value| numbers::brief(metric, value)).unwrap_or_default(), theme.metric(metric))
        }
    }
}

/// How far a running trial is, how long a finished one took, where a diverged one ended.
fn progress(scene: &Scene, state: &TrialState, way: Way) -> (String, Style) {
    let of = |step: u32| format!("{:.0}/{:.0}", way.at(step).floor(), way.length.ceil());
    let last = state.curve.step.last().copied().unwrap_or(0);
    let theme = scene.theme;
    match &state.status {
        Status::Waiting => (String::new(), theme.faint()),
        Status::Running => (of(last), theme.running()),
        Status::Finished(Outcome::Diverged { step }) => (format!("at {}", of(*step)), theme.trouble()),
        Status::Finished(_) => (numbers::seconds(state.seconds), theme.faint()),
        Status::CutOff => (of(last), theme.faint()),
    }
}

/// Of a running trial, as wide as all of its way.
fn bar(state: &TrialState, way: Way, width: usize) -> String {
    if state.status != Status::Running {
        return String::new();
    }
    let share = way.at(state.curve.step.last().copied().unwrap_or(0)) / way.length;
    let filled = (share * width as f64).round().clamp(0.0, width as f64) as usize;
    "━".repeat(filled) + &"─".repeat(width - filled)
}
