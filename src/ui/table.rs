//! The final table: one row a cell, with means and intervals over seeds.

use super::app::Scene;
use super::grid::{self, Cell, Grid, Heading};
use super::numbers;
use crate::board::Board;
use crate::report::{Column, Metric, Row, Table, Verdict};
use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Widget, Wrap};
use unicode_width::UnicodeWidthStr;

/// The table as it was last made, sorted, and which row is selected.
#[derive(Clone, Debug, Default)]
pub struct TableView {
    table: Option<Table>,
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
    pub fn refresh(&mut self, board: &Board) {
        if self.table.is_none() {
            self.table = Some(Table::new(board));
            self.sort();
        }
    }

    fn rows(&self) -> &[Row] {
        self.table.as_ref().map_or(&[], |table| &table.rows)
    }

    fn sort(&mut self) {
        let Some(table) = &mut self.table else { return };
        match self.column {
            Some(column) => table.sort(column, self.reversed),
            None => table.rows.sort_by_key(|row| row.cell),
        }
    }

    /// The selected cell.
    pub fn selected(&self) -> Option<usize> {
        self.selected.or_else(|| self.rows().first().map(|row| row.cell))
    }

    fn position(&self) -> usize {
        self.rows().iter().position(|row| Some(row.cell) == self.selected()).unwrap_or(0)
    }

    pub fn move_by(&mut self, rows: isize) {
        let row = self.position().saturating_add_signed(rows).min(self.rows().len().saturating_sub(1));
        self.selected = self.rows().get(row).map(|row| row.cell);
    }

    /// The columns in turn, then the order of the study again.
    pub fn sort_by_next(&mut self) {
        let columns = self.table.as_ref().map(Table::columns).unwrap_or_default();
        let next =
            self.column.and_then(|now| columns.iter().position(|&column| column == now)).map_or(0, |now| now + 1);
        self.column = columns.get(next).copied();
        self.reversed = false;
        self.sort();
    }

    pub fn reverse(&mut self) {
        self.reversed = !self.reversed;
        self.sort();
    }
}

/// How much of each row there is room for.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Detail {
    losses: bool,
    changes: bool,
    /// Titles of parameters may be cut to so many columns.
    titles: usize,
    verdict: bool,
    intervals: bool,
    merged: bool,
}

const FULL: Detail =
    Detail { losses: true, changes: true, titles: usize::MAX, verdict: true, intervals: true, merged: false };
const SHORT: Detail = Detail { losses: false, changes: false, ..FULL };

/// From the richest to the barest: the three measures stay.
const DETAILS: [Detail; 9] = [
    FULL,
    Detail { losses: false, ..FULL },
    Detail { losses: false, titles: 8, ..FULL },
    SHORT,
    Detail { titles: 8, ..SHORT },
    Detail { titles: 4, ..SHORT },
    Detail { titles: 4, verdict: false, ..SHORT },
    Detail { titles: 4, verdict: false, intervals: false, ..SHORT },
    Detail { titles: 4, verdict: false, intervals: false, merged: true, ..SHORT },
];

pub fn draw(scene: &Scene, view: &mut TableView, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let page = area.height.saturating_sub(4).max(1) as usize;
    let position = view.position();
    view.top = grid::scroll(view.top, position, page, view.rows().len());
    let Some(table) = &view.table else { return };
    let (columns, grid, detail) = layout(scene, view, table, area.width);
    grid.header(area, buf);
    let shown = table.rows.iter().enumerate().skip(view.top).take(page);
    let mut line = Rect { height: 1.min(area.height), ..area };
    for (place, row) in shown {
        line.y += 1;
        if line.y >= area.bottom() {
            return;
        }
        let mark = if row.is_baseline { ("*".into(), scene.theme.title()) } else { (String::new(), Style::new()) };
        let cells = columns.iter().map(|&column| cell(scene, table, row, column, detail)).collect();
        grid.row(mark, cells, place == position, line, buf);
    }
    let below = Rect { y: line.bottom(), height: area.bottom() - line.bottom(), ..area };
    notes(scene, table, below, buf);
}

fn layout(scene: &Scene, view: &TableView, table: &Table, width: u16) -> (Vec<Column>, Grid, Detail) {
    let build = |detail: Detail| {
        let mut columns = table.columns();
        columns.retain(|column| match column {
            Column::Axis(_) => !detail.merged,
            Column::Metric(metric) => detail.losses || metric.is_accuracy(),
            Column::Change(_) => detail.changes,
            Column::Verdict => detail.verdict,
            Column::Outcomes => detail.intervals,
            Column::Arm | Column::Completed => true,
        });
        if detail.merged && !columns.contains(&Column::Arm) {
            columns.insert(0, Column::Arm);
        }
        let headings = columns.iter().map(|&column| heading(scene, view, table, column, detail)).collect();
        (columns, Grid { headings, space: if width < 60 { 1 } else { 2 }, theme: scene.theme }, detail)
    };
    let detail = DETAILS.into_iter().find(|&detail| build(detail).1.width() <= width);
    let (columns, mut grid, detail) = build(detail.unwrap_or(DETAILS[DETAILS.len() - 1]));
    // At its barest, the first column gets what the measures leave.
    let excess = grid.width().saturating_sub(width);
    if excess > 0
        && let Some(first) = grid.headings.first_mut()
    {
        first.width = first.width.saturating_sub(excess).max(3);
    }
    (columns, grid, detail)
}

/// As wide as its title and its widest cell.
fn heading(scene: &Scene, view: &TableView, table: &Table, column: Column, detail: Detail) -> Heading {
    let sorted = match (view.column == Some(column), view.reversed) {
        (false, _) => "",
        (true, false) => "▲",
        (true, true) => "▼",
    };
    let title = if detail.merged && column == Column::Arm { "cell".into() } else { table.header(column) };
    let title = format!("{title}{sorted}");
    let cells = table.rows.iter().map(|row| cell(scene, table, row, column, detail).0.width());
    let titles = if matches!(column, Column::Axis(_)) { detail.titles } else { usize::MAX };
    let width = cells.max().unwrap_or(0).max(title.width().min(titles));
    Heading { title: grid::shorten(&title, width), width: width as u16, right: table.is_numeric(column) }
}

fn cell(scene: &Scene, table: &Table, row: &Row, column: Column, detail: Detail) -> Cell {
    let theme = scene.theme;
    let style = match column {
        Column::Metric(metric) => metric_style(scene, metric),
        Column::Change(metric) => metric_style(scene, metric),
        Column::Outcomes if row.diverged + row.failed > 0 => theme.trouble(),
        Column::Completed | Column::Outcomes => theme.faint(),
        Column::Verdict => verdict_style(scene, row),
        Column::Arm | Column::Axis(_) => Style::new(),
    };
    let text = match column {
        Column::Arm if detail.merged => scene.labels.short[row.cell].clone(),
        Column::Metric(metric) if !detail.intervals => {
            row.summary(metric).map_or("–".into(), |summary| brief(metric, summary.mean))
        }
        _ => table.text(row, column),
    };
    (text, style)
}

fn brief(metric: Metric, mean: f64) -> String {
    if metric == Metric::Gap { numbers::difference(mean) } else { numbers::share(mean) }
}

fn metric_style(scene: &Scene, metric: Metric) -> Style {
    match metric {
        Metric::TrainAccuracy => scene.theme.train(),
        Metric::TestAccuracy => scene.theme.test(),
        Metric::Gap => scene.theme.gap(),
        Metric::TrainLoss | Metric::TestLoss | Metric::WeightNorm => Style::new(),
    }
}

fn verdict_style(scene: &Scene, row: &Row) -> Style {
    match row.versus_baseline.as_ref().and_then(|versus| versus.verdict) {
        Some(Verdict::Regularised | Verdict::Improved) => scene.theme.done(),
        Some(Verdict::Underfit | Verdict::OverfitMore) => scene.theme.trouble(),
        Some(Verdict::Traded) => Style::new(),
        Some(Verdict::NoDetectableEffect) | None => scene.theme.faint(),
    }
}

/// What all rows share, how to read the numbers, and what has to be said of them: as in the exported table.
fn notes(scene: &Scene, table: &Table, area: Rect, buf: &mut Buffer) {
    let faint = scene.theme.faint();
    let (shared, mut notes) = (table.shared_text(), table.notes());
    let reading = table.reading();
    let texts = [shared, reading].into_iter().filter(|text| !text.is_empty()).chain(notes.drain(..));
    let lines: Vec<Line> = texts.map(|text| Line::styled(text, faint)).collect();
    let area = Rect { y: area.y + 1.min(area.height), height: area.height.saturating_sub(1), ..area };
    Paragraph::new(lines).wrap(Wrap { trim: true }).render(area.inner(Margin::new(1, 0)), buf);
}
