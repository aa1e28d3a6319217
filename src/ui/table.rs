//! The final table: one row a cell, with means and intervals over seeds.

use super::app::Scene;
use super::grid::{self, Cell, Grid, Heading};
use super::labels::Labels;
use super::numbers;
use super::progress::State;
use crate::board::Board;
use crate::report::{Metric, Row, Table, Verdict};
use crate::stats::Summary;
use crate::study;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Widget, Wrap};
use unicode_width::UnicodeWidthStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Arm,
    Axis(usize),
    Trials,
    Measure(Metric),
    Verdict,
}

/// The table as it was last made, the order of its rows, and which one is selected.
#[derive(Clone, Debug, Default)]
pub struct TableView {
    table: Option<Table>,
    /// Places in `table.rows`, in order.
    order: Vec<usize>,
    /// `None`: the order of the study.
    column: Option<Column>,
    reversed: bool,
    /// A cell of the plan; `None` until a key moves it.
    selected: Option<usize>,
    top: usize,
}

impl TableView {
    /// The board has changed: the table is made anew when it is next looked at.
    pub fn invalidate(&mut self) {
        self.table = None;
    }

    /// Makes the table if need be: its statistics are too dear for every drawing.
    pub fn refresh(&mut self, board: &Board, labels: &Labels) {
        if self.table.is_none() {
            self.table = Some(Table::new(board));
            self.sort(labels);
        }
    }

    fn rows(&self) -> &[Row] {
        self.table.as_ref().map_or(&[], |table| &table.rows)
    }

    fn sort(&mut self, labels: &Labels) {
        let key = |row: &Row| match self.column {
            Some(Column::Axis(axis)) => labels.ranks[row.cell][axis],
            Some(Column::Trials) => row.completed as f64,
            Some(Column::Measure(metric)) => row.summary(metric).map_or(f64::NAN, |summary| summary.mean),
            None | Some(Column::Arm | Column::Verdict) => row.cell as f64,
        };
        let keys: Vec<f64> = self.rows().iter().map(key).collect();
        self.order = (0..keys.len()).collect();
        // Rows without a value stay last in both directions.
        self.order.sort_by(|&a, &b| match self.reversed && !keys[a].is_nan() && !keys[b].is_nan() {
            true => keys[b].total_cmp(&keys[a]),
            false => keys[a].total_cmp(&keys[b]),
        });
    }

    /// The selected cell.
    pub fn selected(&self) -> Option<usize> {
        self.selected.or_else(|| self.order.first().map(|&row| self.rows()[row].cell))
    }

    fn position(&self) -> usize {
        let rows = self.rows();
        self.selected().and_then(|cell| self.order.iter().position(|&row| rows[row].cell == cell)).unwrap_or(0)
    }

    pub fn move_by(&mut self, rows: isize) {
        let last = self.order.len().saturating_sub(1);
        let row = self.position().saturating_add_signed(rows).min(last);
        self.selected = self.order.get(row).map(|&row| self.rows()[row].cell);
    }

    pub fn sort_by_next(&mut self, labels: &Labels) {
        let columns = columns(self, labels);
        let sortable: Vec<Column> = columns.into_iter().filter(|column| *column != Column::Verdict).collect();
        let next = self.column.and_then(|now| sortable.iter().position(|&column| column == now)).map_or(0, |now| now + 1);
        self.column = sortable.get(next).copied();
        self.reversed = false;
        self.sort(labels);
    }

    pub fn reverse(&mut self, labels: &Labels) {
        self.reversed = !self.reversed;
        self.sort(labels);
    }
}

fn columns(view: &TableView, labels: &Labels) -> Vec<Column> {
    let arm = labels.arms.as_ref().map(|_| Column::Arm);
    let axes = (0..labels.axes.len()).map(Column::Axis);
    let measures = [Metric::TrainAccuracy, Metric::TestAccuracy, Metric::Gap].map(Column::Measure);
    let judged = view.rows().iter().any(|row| row.versus_baseline.is_some());
    arm.into_iter()
        .chain(axes)
        .chain([Column::Trials])
        .chain(measures)
        .chain(judged.then_some(Column::Verdict))
        .collect()
}

/// How much of each row there is room for.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Detail {
    whole_titles: bool,
    intervals: bool,
    verdict: bool,
    merged: bool,
}

const FULL: Detail = Detail { whole_titles: true, intervals: true, verdict: true, merged: false };

/// From the richest to the barest: parameters shrink first, the three measures stay.
const DETAILS: [Detail; 6] = [
    FULL,
    Detail { whole_titles: false, ..FULL },
    Detail { whole_titles: false, verdict: false, ..FULL },
    Detail { whole_titles: false, intervals: false, ..FULL },
    Detail { whole_titles: false, intervals: false, verdict: false, merged: false },
    Detail { whole_titles: false, intervals: false, verdict: false, merged: true },
];

pub fn draw(scene: &Scene, view: &mut TableView, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let page = area.height.saturating_sub(4).max(1) as usize;
    let position = view.position();
    view.top = grid::scroll(view.top, position, page, view.order.len());
    let Some(table) = &view.table else { return };
    let (columns, grid, detail) = layout(scene, view, area.width);
    grid.header(area, buf);
    let shown = view.order.iter().map(|&row| &table.rows[row]).enumerate().skip(view.top).take(page);
    let mut line = Rect { height: 1.min(area.height), ..area };
    for (place, row) in shown {
        line.y += 1;
        if line.y >= area.bottom() {
            return;
        }
        let mark = if row.is_baseline { ("*".into(), scene.theme.title()) } else { (String::new(), Style::new()) };
        let cells = columns.iter().map(|&column| cell(scene, row, column, detail)).collect();
        grid.row(mark, cells, place == position, line, buf);
    }
    let below = Rect { y: line.bottom(), height: area.bottom() - line.bottom(), ..area };
    notes(scene, table, below, buf);
}

fn layout(scene: &Scene, view: &TableView, width: u16) -> (Vec<Column>, Grid, Detail) {
    let build = |detail: Detail| {
        let mut columns = columns(view, scene.labels);
        columns.retain(|column| match column {
            Column::Axis(_) => !detail.merged,
            Column::Verdict => detail.verdict,
            _ => true,
        });
        if detail.merged && !columns.contains(&Column::Arm) {
            columns.insert(0, Column::Arm);
        }
        let headings = columns.iter().map(|&column| heading(scene, view, column, detail)).collect();
        (columns, Grid { headings, space: if width < 60 { 1 } else { 2 }, theme: scene.theme }, detail)
    };
    let detail = DETAILS.into_iter().find(|&detail| build(detail).1.width() <= width);
    let (columns, mut grid, detail) = build(detail.unwrap_or(DETAILS[DETAILS.len() - 1]));
    let excess = grid.width().saturating_sub(width);
    if excess > 0
        && let Some(first) = grid.headings.first_mut()
    {
        first.width = first.width.saturating_sub(excess).max(3);
    }
    (columns, grid, detail)
}

/// As wide as its title and its widest cell.
fn heading(scene: &Scene, view: &TableView, column: Column, detail: Detail) -> Heading {
    let title = match column {
        Column::Arm if detail.merged => "cell",
        Column::Arm => "arm",
        Column::Axis(axis) => &scene.labels.axes[axis],
        Column::Trials => "n",
        Column::Measure(Metric::TrainAccuracy) => "train",
        Column::Measure(Metric::TestAccuracy) => "test",
        Column::Measure(_) => "gap",
        Column::Verdict => "against the baseline",
    };
    let sorted = match (view.column == Some(column), view.reversed) {
        (false, _) => "",
        (true, false) => "▲",
        (true, true) => "▼",
    };
    let title = format!("{title}{sorted}");
    let widest = view.rows().iter().map(|row| cell(scene, row, column, detail).0.width()).max().unwrap_or(0);
    let may_be_cut = matches!(column, Column::Axis(_) | Column::Verdict) && !detail.whole_titles;
    let width = if may_be_cut { widest.max(4) } else { widest.max(title.width()) };
    let right = !matches!(column, Column::Arm | Column::Verdict);
    Heading { title: grid::shorten(&title, width), width: width as u16, right }
}

fn cell(scene: &Scene, row: &Row, column: Column, detail: Detail) -> Cell {
    let theme = scene.theme;
    match column {
        Column::Arm if detail.merged => (scene.labels.short[row.cell].clone(), Style::new()),
        Column::Arm => (row.arm.clone().unwrap_or_default(), Style::new()),
        Column::Axis(axis) => (scene.labels.values[row.cell][axis].clone(), Style::new()),
        Column::Trials => (trials(row), if row.completed < row.planned { theme.trouble() } else { theme.faint() }),
        Column::Measure(metric) => {
            let style = match metric {
                Metric::TrainAccuracy => theme.train(),
                Metric::TestAccuracy => theme.test(),
                _ => theme.gap(),
            };
            (row.summary(metric).map(|summary| measure(metric, summary, detail.intervals)).unwrap_or_default(), style)
        }
        Column::Verdict => verdict(scene, row),
    }
}

/// `10`, or `7/10 2✗ 1!` where trials are missing, diverged or failed.
fn trials(row: &Row) -> String {
    if row.completed == row.planned {
        return row.completed.to_string();
    }
    let count = |number: usize, state: State| match number {
        0 => String::new(),
        _ => format!(" {number}{}", state.glyph()),
    };
    let (diverged, failed) = (count(row.diverged, State::Diverged), count(row.failed, State::Failed));
    format!("{}/{}{diverged}{failed}", row.completed, row.planned)
}

fn measure(metric: Metric, summary: &Summary, interval: bool) -> String {
    let mean = if metric == Metric::Gap { numbers::difference(summary.mean) } else { numbers::share(summary.mean) };
    match summary.ci95.filter(|_| interval) {
        Some((low, high)) => format!("{mean} ± {:.3}", (high - low) / 2.0),
        None => mean,
    }
}

fn verdict(scene: &Scene, row: &Row) -> Cell {
    let theme = scene.theme;
    let Some(versus) = &row.versus_baseline else {
        return (if row.is_baseline { "baseline".into() } else { String::new() }, theme.faint());
    };
    match versus.verdict {
        Verdict::Regularised => ("✓ regularised".into(), theme.done()),
        Verdict::Traded => ("~ traded".into(), Style::new()),
        Verdict::Underfit => ("✗ underfit".into(), theme.trouble()),
        Verdict::OverfitMore => ("✗ overfit more".into(), theme.trouble()),
        Verdict::NoDetectableEffect => ("no effect seen".into(), theme.faint()),
    }
}

/// What the columns mean, what all rows share, and what is still missing.
fn notes(scene: &Scene, table: &Table, area: Rect, buf: &mut Buffer) {
    let faint = scene.theme.faint();
    let mut lines = vec![Line::default()];
    let missing = table.trials_planned - table.trials_with_result.min(table.trials_planned);
    if missing > 0 {
        let text = format!(" unfinished: {} of {} trials have a result", table.trials_with_result, table.trials_planned);
        lines.push(Line::styled(text, scene.theme.running()));
    }
    let baseline = if table.rows.iter().any(|row| row.is_baseline) { " · * baseline" } else { "" };
    lines.push(Line::styled(format!(" mean over n seeds ± 95 % interval · gap = train − test{baseline}"), faint));
    let shared: Vec<String> = table.shared.iter().map(|(key, value)| format!("{key} {}", study::label(value))).collect();
    if !shared.is_empty() {
        lines.push(Line::styled(format!(" {}", shared.join(" · ")), faint));
    }
    Paragraph::new(lines).wrap(Wrap { trim: false }).render(area, buf);
}
