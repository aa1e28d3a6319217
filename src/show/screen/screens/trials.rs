//! The list of trials, with the curves of the selected one beside it if there is room.

use super::trial::preview;
use super::{About, Next, Screen, table, trial};
use crate::record::board::{Status, TrialState};
use crate::record::event::Outcome;
use crate::show::figure::Timeline;
use crate::show::screen::columns::{Column, GUTTER, Layout, scroll};
use crate::show::screen::input::Typed;
use crate::show::screen::keys::{self, BACK, Binding, EXPORT, LEFT, OPEN, REVERSE, SORT, code, key};
use crate::show::screen::numbers;
use crate::show::screen::order::TrialColumn;
use crate::show::screen::progress::State;
use crate::show::screen::shared::Shared;
use crate::show::screen::sparkline::sparkline;
use crate::show::screen::text::wrap;
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget};
use unicode_width::UnicodeWidthStr;

pub const ABOUT: About = About::page("trials", "Trials").opened_by(SWITCH);
const SWITCH: Binding = Binding::new(
    &[code(KeyCode::Tab), code(KeyCode::BackTab)],
    "from screen to screen",
    "from the trials to the table and back",
)
.hint("trials/table");

// These keys also work on the screen of a single trial.
pub const FILTER: Binding = Binding::new(&[key('/')], "trials", "show only trials with all these words").hint("filter");
pub const MARK: Binding = Binding::new(&[key(' ')], "trials", "mark to compare test accuracies").hint("compare");
pub const NEXT_MATCH: Binding = Binding::new(&[key('n')], "trials", "next match, round the end");
pub const PREVIOUS_MATCH: Binding = Binding::new(&[key('N')], "trials", "previous match, round the start");

// The priorities of columns: lower numbers get room first. Seeds and the main metrics are always shown.
const METRICS: u8 = 1;
const PROGRESS: u8 = 1;
const NAMES: u8 = 2;
/// The state in words, beside its glyph.
const WORDS: u8 = 3;
const CURVE: u8 = 4;
const AIRY: u8 = 5;
const BAR: u8 = 6;

#[derive(Default)]
pub struct Trials {
    /// The first row in view.
    top: usize,
}

impl Screen for Trials {
    fn about(&self) -> About {
        ABOUT
    }

    fn keys(&self, openers: &[Binding]) -> Vec<Binding> {
        let own = [MARK, SORT, REVERSE, LEFT, EXPORT, NEXT_MATCH, PREVIOUS_MATCH];
        [keys::ROWS, &[OPEN, FILTER], openers, &own].concat()
    }

    fn press(&mut self, key: Binding, shared: &mut Shared) -> Option<Next> {
        match key {
            OPEN => return Some(Next::Open(trial::ABOUT.name)),
            BACK | LEFT if shared.trials.filter().is_shown() => shared.trials.edit_filter().clear(),
            BACK | LEFT if shared.trials.cell().is_some() => {
                shared.trials.show_cell(None);
                return Some(Next::Open(table::ABOUT.name));
            }
            SORT => shared.trials.sort_by_next(&shared.board, &shared.labels),
            REVERSE => shared.trials.reverse(),
            _ => return press(key, shared),
        }
        Some(Next::Stay)
    }

    fn move_by(&mut self, rows: isize, shared: &mut Shared) {
        shared.trials.move_by(rows);
    }

    fn takes_text(&self, shared: &Shared) -> bool {
        shared.trials.filter().is_typing()
    }

    fn type_key(&mut self, key: KeyEvent, shared: &mut Shared) -> Next {
        if let Typed::Moved(rows) = shared.trials.edit_filter().type_key(key) {
            shared.trials.move_by(rows);
        }
        Next::Stay
    }

    fn paste(&mut self, text: &str, shared: &mut Shared) {
        shared.trials.edit_filter().paste(text);
    }

    fn draw(&mut self, shared: &mut Shared, area: Rect, buf: &mut Buffer) {
        let is_narrowed = shared.trials.filter().is_shown() || shared.trials.cell().is_some();
        let line = u16::from(is_narrowed && area.height >= 3);
        draw_filter(shared, Rect { height: line, ..area }, buf);
        let area = Rect { y: area.y + line, height: area.height - line, ..area };
        let (list, beside) = split(area, wanted_width(shared));
        let page = list.height.saturating_sub(1).max(1).into();
        self.top = scroll(self.top, shared.trials.position(), page, shared.trials.rows().len());
        draw_list(shared, self.top, list, buf);
        if let Some(trial) = shared.trials.selected() {
            preview(shared, trial, beside, buf);
        }
    }
}

/// Acts on the keys that also work on the screen of a single trial.
pub fn press(key: Binding, shared: &mut Shared) -> Option<Next> {
    match key {
        SWITCH => return Some(Next::Open(table::ABOUT.name)),
        FILTER => {
            shared.trials.edit_filter().start();
            return Some(Next::Open(ABOUT.name));
        }
        MARK => shared.toggle_mark(),
        NEXT_MATCH => shared.trials.cycle(true),
        PREVIOUS_MATCH => shared.trials.cycle(false),
        _ => return None,
    }
    Some(Next::Stay)
}

/// (list, preview). The preview is empty unless the screen is wide. The list gets the width it wants if that leaves enough.
fn split(area: Rect, wanted: u16) -> (Rect, Rect) {
    if area.width < 116 || area.height < 14 {
        return (area, Rect { width: 0, ..area });
    }
    let list = (area.width * 13 / 20).max(wanted).min(area.width - 3 - 34);
    (Rect { width: list, ..area }, Rect { x: area.x + list + 3, width: area.width - list - 3, ..area })
}

/// Draws what the list is filtered by, and how many trials are shown.
fn draw_filter(shared: &Shared, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let (theme, trials) = (shared.theme, &shared.trials);
    let mut spans = vec![" ".into()];
    if let Some(cell) = trials.cell() {
        spans.push(Span::styled(format!("only {} ", shared.labels.cells[cell]), theme.title()));
    }
    if trials.filter().is_shown() {
        spans.extend(trials.filter().spans(theme));
    }
    let count = format!(" {} of {}", trials.rows().len(), shared.board.trials.len());
    spans.push(Span::styled(format!("{count}  (esc: all)"), theme.faint()));
    buf.set_line(area.x, area.y, &Line::from(spans), area.width);
}

/// Draws the header and as many rows as there is room for, from row `top` on.
fn draw_list(shared: &Shared, top: usize, area: Rect, buf: &mut Buffer) {
    let room = area.width.saturating_sub(GUTTER);
    let separate = candidates(shared, false);
    let merged = Layout::least_width(&separate.1) > room;
    let (candidates, columns) = if merged { candidates(shared, true) } else { separate };
    let layout = Layout::new(columns, AIRY, room);
    layout.draw_titles(shared.theme, area, buf);
    if shared.trials.rows().is_empty() {
        return nothing(shared, area, buf);
    }
    let rows = shared.trials.rows().iter().enumerate().skip(top).take(area.height.saturating_sub(1) as usize);
    let selected = shared.trials.position();
    for (line, (row, &trial)) in rows.enumerate() {
        let cells = layout.shown.iter().map(|&(place, _, width)| cell(shared, trial, candidates[place], width));
        let area = Rect { y: area.y + 1 + line as u16, height: 1, ..area };
        let bar = (row == selected).then(|| shared.theme.selected());
        layout.draw_row(shared.mark(trial), cells.collect(), bar, area, buf);
    }
}

/// The width at which no parameter has to be cut.
fn wanted_width(shared: &Shared) -> u16 {
    GUTTER + Layout::airy_width(&candidates(shared, false).1, AIRY)
}

/// Draws how to lift the filter, in the middle of a list without trials.
fn nothing(shared: &Shared, area: Rect, buf: &mut Buffer) {
    let lines = wrap("no trial has all these words; esc lifts the filter", area.width.saturating_sub(2).into());
    let height = lines.len() as u16;
    if area.height <= height {
        return;
    }
    let middle = Rect { y: area.y + 1 + (area.height - 1 - height) / 2, height, ..area };
    let lines: Vec<Line> = lines.into_iter().map(Line::from).collect();
    Paragraph::new(lines).style(shared.theme.faint()).centered().render(middle, buf);
}

/// The columns that could be shown, and what each needs; with all parameters in one column if `merged`.
fn candidates(shared: &Shared, merged: bool) -> (Vec<TrialColumn>, Vec<Column>) {
    let mut columns = TrialColumn::sortable(&shared.labels, shared.board.plan.problem());
    if merged {
        columns.retain(|column| !matches!(column, TrialColumn::Arm | TrialColumn::Axis(_)));
        columns.insert(1, TrialColumn::Cell);
    }
    let progress = columns.iter().position(|column| *column == TrialColumn::Progress);
    columns.insert(progress.unwrap_or(columns.len()), TrialColumn::Bar);
    let needs = columns.iter().map(|&column| needs(shared, column)).collect();
    (columns, needs)
}

fn needs(shared: &Shared, column: TrialColumn) -> Column {
    let labels = &shared.labels;
    let widest = |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| text.width()).max().unwrap_or(0);
    let titled = |title: &str, widest: usize, priority: u8| {
        Column::new(format!("{title}{}", shared.trials.arrow(column)), widest, priority)
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
        TrialColumn::Progress => titled("progress", progress_width(shared), PROGRESS).right(true),
        TrialColumn::Curve(metric) => {
            let title = metric.label().trim_start_matches("train ");
            titled(title, 40, CURVE).ideally(title.width().max(4))
        }
        TrialColumn::Metric(metric) => {
            let column = |priority: u8| titled(metric.label(), numbers::width(metric), priority).right(true);
            let is_main = metric.is_accuracy() || metric == shared.board.plan.problem().main();
            if is_main { column(0).always() } else { column(METRICS) }
        }
    }
}

/// The width of the progress: times of a minute or more take the most room, as in `12 min 05 s`.
fn progress_width(shared: &Shared) -> usize {
    let minutes = shared.board.trials.iter().any(|trial| trial.seconds >= 59.95);
    if minutes { 11 } else { 9 }
}

fn cell(shared: &Shared, trial: usize, column: TrialColumn, width: u16) -> (String, Style) {
    let (planned, state) = (&shared.board.plan.trials[trial], &shared.board.trials[trial]);
    let config = &shared.board.plan.cells[planned.cell].config;
    let (labels, theme) = (&shared.labels, shared.theme);
    let quiet = if state.status == Status::Waiting { theme.faint() } else { Style::new() };
    match column {
        TrialColumn::State => {
            let state = State::of(&state.status);
            let text = format!("{} {}", state.glyph(), state.word());
            (if width > 1 { text } else { state.glyph().into() }, shared.style(state))
        }
        TrialColumn::Cell => (labels.short[planned.cell].clone(), quiet),
        TrialColumn::Arm => (labels.arms.as_ref().map_or("", |arms| &arms[planned.cell]).into(), quiet),
        TrialColumn::Axis(axis) => (labels.values[planned.cell][axis].clone(), quiet),
        TrialColumn::Seed => (labels.seeds[trial].clone(), quiet),
        TrialColumn::Bar => (bar(state, Timeline::of(config), width.into()), theme.running()),
        TrialColumn::Progress => progress(shared, state, Timeline::of(config)),
        TrialColumn::Curve(metric) => {
            let values: Vec<f64> = state.curve.values(metric, config).map(|(_, value)| value).collect();
            (sparkline(&values, width.into()), theme.train())
        }
        TrialColumn::Metric(metric) => {
            let last = state.curve.last_value(metric, config);
            (last.map(|value| numbers::measured(metric, value)).unwrap_or_default(), theme.metric(metric))
        }
    }
}

/// How far a running trial is, how long a finished one took, or when a diverged one ended.
fn progress(shared: &Shared, state: &TrialState, timeline: Timeline) -> (String, Style) {
    let of = |step: u32| format!("{:.0}/{:.0}", timeline.at(step).floor(), timeline.length.ceil());
    let last = state.curve.step.last().copied().unwrap_or(0);
    let theme = shared.theme;
    match &state.status {
        Status::Waiting => (String::new(), theme.faint()),
        Status::Running => (of(last), theme.running()),
        Status::Finished(Outcome::Diverged { step }) => (format!("at {}", of(*step)), theme.trouble()),
        Status::Finished(_) => (numbers::seconds(state.seconds), theme.faint()),
        Status::CutOff => (of(last), theme.faint()),
    }
}

/// The progress bar of a running trial; empty for others.
fn bar(state: &TrialState, timeline: Timeline, width: usize) -> String {
    if state.status != Status::Running {
        return String::new();
    }
    let share = timeline.at(state.curve.step.last().copied().unwrap_or(0)) / timeline.length;
    let filled = (share * width as f64).round().clamp(0.0, width as f64) as usize;
    "━".repeat(filled) + &"─".repeat(width - filled)
}
