//! The final table: one row a cell, with means and intervals over seeds.

use super::claims;
use super::grid::{self, Cell, Grid, Heading};
use super::scene::Scene;
use crate::judge::report::{Column, Row, RowVerdict, Table, Verdict};
use crate::plan::Problem;
use crate::plan::metric::Metric;
use crate::record::board::Board;
use crate::show::words::{self, entry};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

/// The table as it was last made, sorted, and which row is selected.
#[derive(Clone, Debug, Default)]
pub struct TableView {
    table: Option<Table>,
    /// `None`: the order of the study and its design.
    column: Option<Column>,
    reversed: bool,
    /// A cell of the plan; `None` until a key moves it.
    selected: Option<usize>,
    top: usize,
    /// Whether it shows the best epochs instead of the last ones, where they are known.
    best: bool,
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

    pub fn table(&self) -> Option<&Table> {
        self.table.as_ref()
    }

    fn rows(&self) -> &[Row] {
        self.table.as_ref().map_or(&[], |table| &table.rows)
    }

    fn sort(&mut self) {
        let Some(table) = &mut self.table else { return };
        match self.column {
            Some(column) => table.sort(column, self.reversed),
            None => table.sort_by_design(),
        }
    }

    /// From the last epochs to the best ones and back. Returns whether there are any.
    pub fn toggle_best(&mut self) -> bool {
        let there = self.table.as_ref().is_some_and(Table::has_best);
        self.best = there && !self.best;
        self.column = None;
        self.sort();
        there
    }

    /// All columns of what is shown.
    fn columns(&self, table: &Table) -> Vec<Column> {
        if self.best && table.has_best() { table.best_columns() } else { table.columns() }
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
        let columns = self.table.as_ref().map(|table| self.columns(table)).unwrap_or_default();
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
    outcomes: bool,
    intervals: bool,
    /// Titles of parameters may be cut to so many columns,
    titles: usize,
    /// names of arms and values of parameters to so many,
    names: usize,
    /// and verdicts to so many; none at all for 0.
    verdict: usize,
    /// All parameters in one column.
    merged: bool,
    /// Blank columns between two.
    space: u16,
}

const ALL: usize = usize::MAX;
const FULL: Detail = Detail {
    losses: true,
    changes: true,
    outcomes: true,
    intervals: true,
    titles: ALL,
    names: ALL,
    verdict: ALL,
    merged: false,
    space: 2,
};
const COMPARED: Detail = Detail { losses: false, ..FULL };
const SHORT: Detail = Detail { changes: false, ..COMPARED };
const TIGHT: Detail = Detail { outcomes: false, titles: 4, names: 6, verdict: 11, space: 1, ..SHORT };
const MERGED: Detail = Detail { merged: true, names: 12, ..TIGHT };
const BRIEF: Detail = Detail { intervals: false, ..TIGHT };

/// From the richest to the barest. Names are cut before a measure goes, intervals and verdicts outlast parameters, and
/// the three means stay.
const DETAILS: [Detail; 20] = [
    FULL,
    COMPARED,
    Detail { space: 1, ..COMPARED },
    Detail { titles: 8, ..COMPARED },
    Detail { titles: 8, names: 24, ..COMPARED },
    Detail { titles: 8, names: 14, ..COMPARED },
    SHORT,
    Detail { space: 1, ..SHORT },
    Detail { titles: 8, ..SHORT },
    Detail { titles: 8, names: 24, ..SHORT },
    Detail { titles: 6, names: 14, verdict: 12, ..SHORT },
    Detail { titles: 4, names: 10, verdict: 12, ..SHORT },
    TIGHT,
    MERGED,
    BRIEF,
    Detail { titles: 3, names: 4, ..BRIEF },
    Detail { intervals: false, names: 8, ..MERGED },
    Detail { verdict: 0, ..BRIEF },
    Detail { verdict: 0, titles: 3, names: 4, ..BRIEF },
    Detail { intervals: false, verdict: 0, names: 3, ..MERGED },
];

pub fn draw(scene: &Scene, view: &mut TableView, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    // The rows come first; where they have to be scrolled on a large screen, some of the notes stay in view.
    let room = usize::from(area.height - 1);
    let page = if room >= view.rows().len() || area.height < 16 { room } else { room - 4 }.max(1);
    let position = view.position();
    view.top = grid::scroll(view.top, position, page, view.rows().len());
    let Some(table) = &view.table else { return };
    let (columns, grid, detail) = layout(scene, view, table, area.width);
    grid.header(area, buf);
    let shown = table.rows.iter().enumerate().skip(view.top).take(page);
    let mut line = Rect { height: 1, ..area };
    for (place, row) in shown {
        line.y += 1;
        if line.y >= area.bottom() {
            return;
        }
        let mark = if row.is_baseline { ("*".into(), scene.theme.title()) } else { (String::new(), Style::new()) };
        let cells = columns.iter().map(|&column| cell(scene, table, row, column, detail)).collect();
        grid.row(mark, cells, place == position, line, buf);
    }
    line.y +=
        claims::below(scene, table, Rect { y: line.bottom(), height: area.bottom() - line.bottom(), ..area }, buf);
    let free = usize::from(area.bottom() - line.bottom());
    let notes = notes(table, &columns, detail, area.width).into_iter();
    for text in notes.scan(1, |lines, note| fits(lines, note, free)).flatten() {
        line.y += 1;
        buf.set_string(area.x + 1, line.y + 1, text, scene.theme.faint());
    }
}

/// A note as long as it fits whole into what those before it, of so many `lines`, leave of the free ones.
fn fits(lines: &mut usize, note: Vec<String>, free: usize) -> Option<Vec<String>> {
    *lines += note.len();
    (*lines <= free).then_some(note)
}

/// The height that the whole table takes at a width, with all its notes.
pub fn height(scene: &Scene, view: &TableView, width: u16) -> u16 {
    let Some(table) = &view.table else { return 0 };
    let (columns, _, detail) = layout(scene, view, table, width);
    let notes: usize = notes(table, &columns, detail, width).iter().map(Vec::len).sum();
    let claims = usize::from(claims::height(table));
    u16::try_from(table.rows.len() + claims + notes + 2).unwrap_or(u16::MAX)
}

/// The columns that fit into `width`; what is left over goes back to what was cut.
fn layout(scene: &Scene, view: &TableView, table: &Table, width: u16) -> (Vec<Column>, Grid, Detail) {
    let fits = |detail: &Detail| layout_of(scene, view, table, *detail).1.width() <= width;
    let detail = DETAILS.into_iter().find(fits).unwrap_or(DETAILS[DETAILS.len() - 1]);
    let (columns, mut grid) = layout_of(scene, view, table, detail);
    let whole = layout_of(scene, view, table, Detail { titles: ALL, names: ALL, verdict: ALL, ..detail });
    let mut spare = width.saturating_sub(grid.width());
    for (column, wanted) in whole.0.iter().zip(&whole.1.headings) {
        let place = columns.iter().position(|other| other == column);
        if let Some(heading) = place.and_then(|place| grid.headings.get_mut(place)) {
            let more = wanted.width.saturating_sub(heading.width).min(spare);
            heading.width += more;
            spare -= more;
        }
    }
    (columns, grid, detail)
}

/// f stays, and the way's shape goes last.
fn on_surface(metric: Metric, detail: Detail) -> bool {
    if metric == Metric::HEIGHT {
        true
    } else if [Metric::PATH_LENGTH, Metric::OVERSHOOTS].contains(&metric) {
        detail.changes || detail.outcomes
    } else if metric == Metric::STRAIGHTNESS {
        detail.changes
    } else {
        detail.losses
    }
}

fn layout_of(scene: &Scene, view: &TableView, table: &Table, detail: Detail) -> (Vec<Column>, Grid) {
    let mut columns = view.columns(table);
    columns.retain(|column| match column {
        Column::Axis(_) => !detail.merged,
        Column::Metric(metric) if table.problem == Problem::Surface => on_surface(*metric, detail),
        Column::Metric(metric) => detail.losses || metric.is_accuracy(),
        Column::StepsToGoal => true,
        Column::BestEpoch => detail.outcomes,
        Column::Best(_) => true,
        Column::Change(_) => detail.changes,
        Column::Verdict => detail.verdict > 0,
        Column::Outcomes => detail.outcomes,
        Column::Arm | Column::Completed => true,
    });
    if detail.merged && !columns.contains(&Column::Arm) {
        columns.insert(0, Column::Arm);
    }
    let headings = columns.iter().map(|&column| heading(scene, view, table, column, detail)).collect();
    (columns, Grid { headings, space: detail.space, theme: scene.theme })
}

/// As wide as its title and its widest cell, as far as these may not be cut.
fn heading(scene: &Scene, view: &TableView, table: &Table, column: Column, detail: Detail) -> Heading {
    let sorted = match (view.column == Some(column), view.reversed) {
        (false, _) => "",
        (true, false) => "▲",
        (true, true) => "▼",
    };
    let title =
        if detail.merged && column == Column::Arm { "cell".into() } else { words::table::header(table, column) };
    let title = format!("{title}{sorted}");
    let cells = table.rows.iter().map(|row| cell(scene, table, row, column, detail).0.width());
    let (titles, texts) = match column {
        Column::Axis(_) => (detail.titles, detail.names),
        Column::Arm => (ALL, detail.names),
        Column::Verdict => (ALL, detail.verdict),
        _ => (ALL, ALL),
    };
    let width = cells.max().unwrap_or(0).min(texts).max(title.width().min(titles)) as u16;
    Heading { title, width, right: table.is_numeric(column) }
}

fn cell(scene: &Scene, table: &Table, row: &Row, column: Column, detail: Detail) -> Cell {
    let theme = scene.theme;
    let style = match column {
        Column::Metric(metric) | Column::Change(metric) | Column::Best(metric) => metric_style(scene, metric),
        Column::BestEpoch => theme.faint(),
        Column::Outcomes if row.diverged + row.failed > 0 => theme.trouble(),
        Column::Completed | Column::Outcomes => theme.faint(),
        Column::StepsToGoal => Style::new(),
        Column::Verdict => verdict_style(scene, row),
        Column::Arm | Column::Axis(_) => Style::new(),
    };
    let text = match column {
        Column::Arm if detail.merged => row.name().unwrap_or(&scene.labels.short[row.cell]).to_owned(),
        _ if detail.intervals => entry::text(&table.entry(row, column)),
        _ => entry::brief(&table.entry(row, column)),
    };
    (text, style)
}

fn metric_style(scene: &Scene, metric: Metric) -> Style {
    let styles = [
        (Metric::TRAIN_ACCURACY, scene.theme.train()),
        (Metric::TEST_ACCURACY, scene.theme.test()),
        (Metric::GAP, scene.theme.gap()),
        (Metric::VALIDATION_ACCURACY, scene.theme.validation()),
    ];
    styles.into_iter().find(|(of, _)| *of == metric).map_or(Style::new(), |(_, style)| style)
}

fn verdict_style(scene: &Scene, row: &Row) -> Style {
    let given = match row.verdict {
        Some(RowVerdict::Given(verdict)) => verdict,
        Some(RowVerdict::Diverged(_) | RowVerdict::BaselineDiverged(_)) => return scene.theme.trouble(),
        None => return scene.theme.faint(),
    };
    match given {
        Verdict::Regularised | Verdict::Improved | Verdict::LearnedMore => scene.theme.done(),
        Verdict::OverfitMore | Verdict::Underfit | Verdict::Worse => scene.theme.trouble(),
        Verdict::Traded | Verdict::TrainDown | Verdict::TrainUp => Style::new(),
        Verdict::NoDetectableEffect => scene.theme.faint(),
    }
}

/// What all rows share, how to read the numbers, and what has to be said of them: as in the exported table, but for what
/// is not shown. Each note in lines for an area of this width.
fn notes(table: &Table, columns: &[Column], detail: Detail, width: u16) -> Vec<Vec<String>> {
    let best = columns.iter().any(|column| matches!(column, Column::Best(_)));
    let choice = words::selection::sentence(table).map(|choice| format!(" {choice}")).unwrap_or_default();
    let at_best = best.then(|| format!("{}.{choice}", words::selection::TITLE));
    let how_to_read = [table.shared_text(), words::table::reading(table, detail.intervals)];
    let texts = at_best.into_iter().chain(how_to_read).chain(words::table::notes(table, columns));
    let texts = texts.chain(words::claims::notes(table));
    let lines = texts.map(|text| grid::wrap(&text, width.saturating_sub(2).into()));
    lines.filter(|lines| !lines.is_empty()).collect()
}
