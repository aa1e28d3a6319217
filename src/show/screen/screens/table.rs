//! The table: a row for each cell, with means and intervals over seeds.

use super::{About, Next, Screen, claims, effects, trials};
use crate::judge::report::{Row, RowVerdict, Table, TableColumn};
use crate::judge::stats::Direction;
use crate::plan::metric::Metric;
use crate::show::screen::columns::{Column, GUTTER, Layout, scroll};
use crate::show::screen::keys::{self, Binding, EXPORT, LEFT, OPEN, REVERSE, SORT, key};
use crate::show::screen::labels::Labels;
use crate::show::screen::shared::{Change, Shared};
use crate::show::screen::text::wrap;
use crate::show::screen::theme::Theme;
use crate::show::words::{self, entry};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

pub const ABOUT: About = About::page("table", "Table").below(trials::ABOUT.name);

const BEST: Binding = Binding::new(&[key('b')], "table", "from last to best epochs and back").hint("best");

// The priorities of columns: lower numbers get room first. Names of cells and the main metrics are always shown: intervals are
// left out before these are, and names are cut before a metric is left out.
const VERDICT: u8 = 0;
/// The metrics whose intervals get room first, in this order.
const INTERVALS: [Metric; 4] =
    [Metric::VALIDATION_ACCURACY, Metric::TEST_ACCURACY, Metric::GAP, Metric::TRAIN_ACCURACY];
const NAMES: u8 = INTERVALS.len() as u8 + 1;
const OUTCOMES: u8 = NAMES + 1;
const CHANGES: u8 = OUTCOMES + 1;
const AIRY: u8 = CHANGES + 1;
const OTHERS: u8 = AIRY + 1;

/// The table as it was last made, sorted, and which row is selected.
#[derive(Default)]
pub struct TableScreen {
    table: Option<Table>,
    /// The column that rows are sorted by; `None` for the order of the design.
    column: Option<TableColumn>,
    reversed: bool,
    /// The index of the selected cell in the plan; `None` until a key moves the selection.
    selected: Option<usize>,
    top: usize,
    /// Whether it shows the best epochs instead of the last ones, if they are known.
    best: bool,
}

impl Screen for TableScreen {
    fn about(&self) -> About {
        ABOUT
    }

    fn keys(&self, openers: &[Binding]) -> Vec<Binding> {
        let own = [BEST, effects::EFFECTS, SORT, REVERSE, LEFT, EXPORT];
        [keys::ROWS, &[OPEN], openers, &own].concat()
    }

    fn changed(&mut self, change: Change) {
        match change {
            Change::Plan => *self = TableScreen::default(),
            Change::Outcomes => self.table = None,
            Change::Measures => {}
        }
    }

    fn refresh(&mut self, shared: &mut Shared) {
        if self.table.is_none() {
            self.table = Some(shared.table().clone());
            self.sort();
        }
    }

    fn press(&mut self, key: Binding, shared: &mut Shared) -> Option<Next> {
        match key {
            OPEN => {
                shared.trials.show_cell(self.selected());
                return Some(Next::Open(trials::ABOUT.name));
            }
            effects::EFFECTS => return Some(Next::Open(effects::ABOUT.name)),
            SORT => self.sort_by_next(),
            REVERSE => self.reverse(),
            BEST if !self.toggle_best() => {
                shared.say("no best epoch is known: a study holds images out with validation_samples");
            }
            BEST => {}
            _ => return None,
        }
        Some(Next::Stay)
    }

    fn move_by(&mut self, rows: isize, _shared: &mut Shared) {
        self.move_rows(rows);
    }

    fn is_useful(&self, key: Binding, shared: &Shared) -> bool {
        let holds_out = || shared.board.plan.cells.iter().any(|cell| cell.config.validation_samples.get() > 0);
        key != BEST || holds_out()
    }

    fn draw(&mut self, shared: &mut Shared, area: Rect, buf: &mut Buffer) {
        self.draw_all(&shared.labels, shared.theme, area, buf);
    }
}

impl TableScreen {
    pub fn new(table: Table) -> TableScreen {
        TableScreen { table: Some(table), ..TableScreen::default() }
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

    /// Switches between the last and the best epochs. Returns whether there are best ones.
    fn toggle_best(&mut self) -> bool {
        let there = self.table.as_ref().is_some_and(Table::has_best);
        self.best = there && !self.best;
        self.column = None;
        self.sort();
        there
    }

    /// All columns of what is shown.
    fn columns(&self, table: &Table) -> Vec<TableColumn> {
        if self.best && table.has_best() { table.best_columns() } else { table.columns() }
    }

    /// The selected cell.
    fn selected(&self) -> Option<usize> {
        self.selected.or_else(|| self.rows().first().map(|row| row.cell))
    }

    fn position(&self) -> usize {
        self.rows().iter().position(|row| Some(row.cell) == self.selected()).unwrap_or(0)
    }

    fn move_rows(&mut self, rows: isize) {
        let row = self.position().saturating_add_signed(rows).min(self.rows().len().saturating_sub(1));
        self.selected = self.rows().get(row).map(|row| row.cell);
    }

    /// Sorts by the next column; after the last one, by the design again.
    fn sort_by_next(&mut self) {
        let columns = self.table.as_ref().map(|table| self.columns(table)).unwrap_or_default();
        let next =
            self.column.and_then(|now| columns.iter().position(|&column| column == now)).map_or(0, |now| now + 1);
        self.column = columns.get(next).copied();
        self.reversed = false;
        self.sort();
    }

    fn reverse(&mut self) {
        self.reversed = !self.reversed;
        self.sort();
    }

    /// Draws rows, claims and notes, as far as there is room.
    pub fn draw_all(&mut self, labels: &Labels, theme: Theme, area: Rect, buf: &mut Buffer) {
        if area.is_empty() {
            return;
        }
        // Rows are more important than notes, but a large screen shows some notes even if the rows do not all fit.
        let room = usize::from(area.height - 1);
        let page = if room >= self.rows().len() || area.height < 16 { room } else { room - 4 }.max(1);
        let position = self.position();
        self.top = scroll(self.top, position, page, self.rows().len());
        let Some(table) = &self.table else { return };
        let layout = TableLayout::new(self, table, labels, area.width);
        layout.columns.draw_titles(theme, area, buf);
        let shown = table.rows.iter().enumerate().skip(self.top).take(page);
        let mut line = Rect { height: 1, ..area };
        for (place, row) in shown {
            line.y += 1;
            if line.y >= area.bottom() {
                return;
            }
            let mark = if row.is_baseline { ("*".into(), theme.title()) } else { (String::new(), Style::new()) };
            let bar = (place == position).then(|| theme.selected());
            layout.columns.draw_row(mark, layout.cells(table, row, labels, theme), bar, line, buf);
        }
        line.y +=
            claims::below(theme, table, Rect { y: line.bottom(), height: area.bottom() - line.bottom(), ..area }, buf);
        let free = usize::from(area.bottom() - line.bottom());
        let notes = notes(table, &layout, area.width).into_iter();
        for text in notes.scan(1, |lines, note| fits(lines, note, free)).flatten() {
            line.y += 1;
            buf.set_string(area.x + 1, line.y + 1, text, theme.faint());
        }
    }

    /// The height of the whole table with all its notes at a width.
    pub fn height(&self, labels: &Labels, width: u16) -> u16 {
        let Some(table) = &self.table else { return 0 };
        let layout = TableLayout::new(self, table, labels, width);
        let notes: usize = notes(table, &layout, width).iter().map(Vec::len).sum();
        let claims = usize::from(claims::height(table));
        u16::try_from(table.rows.len() + claims + notes + 2).unwrap_or(u16::MAX)
    }
}

/// The note if all its lines fit into the `free` ones after the `lines` of those before it; adds its own to `lines`.
fn fits(lines: &mut usize, note: Vec<String>, free: usize) -> Option<Vec<String>> {
    *lines += note.len();
    (*lines <= free).then_some(note)
}

/// Which columns of the table are shown, and how.
struct TableLayout {
    /// The columns that could be shown.
    candidates: Vec<Shown>,
    columns: Layout,
}

/// A column of the table as it is on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shown {
    /// All parameters together, if there is no room for a column each.
    Cell,
    Of(TableColumn),
}

impl TableLayout {
    fn new(view: &TableScreen, table: &Table, labels: &Labels, width: u16) -> TableLayout {
        let room = width.saturating_sub(GUTTER);
        let needs = |candidates: &[Shown]| -> Vec<Column> {
            candidates.iter().map(|&column| needs(view, table, labels, column)).collect()
        };
        let mut candidates: Vec<Shown> = view.columns(table).into_iter().map(Shown::Of).collect();
        if Layout::least_width(&needs(&candidates)) > room {
            candidates.retain(|column| !matches!(column, Shown::Of(TableColumn::Arm | TableColumn::Axis(_))));
            candidates.insert(0, Shown::Cell);
        }
        TableLayout { columns: Layout::new(needs(&candidates), AIRY, room), candidates }
    }

    /// The columns that are shown.
    fn shown(&self) -> Vec<TableColumn> {
        let of = |column: Shown| match column {
            Shown::Cell => None,
            Shown::Of(column) => Some(column),
        };
        self.columns.shown.iter().filter_map(|&(place, ..)| of(self.candidates[place])).collect()
    }

    fn has_intervals(&self) -> bool {
        let is_whole = |&(place, ref column, width): &(usize, Column, u16)| {
            matches!(self.candidates[place], Shown::Of(TableColumn::Metric(_) | TableColumn::Best(_)))
                && column.is_whole_at(width)
        };
        self.columns.shown.iter().any(is_whole)
    }

    fn cells(&self, table: &Table, row: &Row, labels: &Labels, theme: Theme) -> Vec<(String, Style)> {
        let cell = |(place, column, width): &(usize, Column, u16)| {
            let of = self.candidates[*place];
            let text = if column.is_whole_at(*width) { None } else { brief(table, row, of) };
            (text.unwrap_or_else(|| text_of(table, row, labels, of)), style(theme, row, of))
        };
        self.columns.shown.iter().map(cell).collect()
    }
}

/// What a column needs: its width, how far it may be cut, and its priority.
fn needs(view: &TableScreen, table: &Table, labels: &Labels, column: Shown) -> Column {
    let widest = |text: &dyn Fn(&Row) -> String| table.rows.iter().map(|row| text(row).width()).max().unwrap_or(0);
    let full = widest(&|row| text_of(table, row, labels, column));
    let Shown::Of(of) = column else { return Column::new("cell", full, NAMES).always().at_least(3) };
    let sorted = match (view.column == Some(of), view.reversed) {
        (false, _) => "",
        (true, false) => "▲",
        (true, true) => "▼",
    };
    let title = format!("{}{sorted}", words::table::header(table, of));
    let brief = widest(&|row| brief(table, row, column).unwrap_or_default()).max(title.width());
    let titled = |priority: u8| Column::new(title.clone(), full, priority).right(table.is_numeric(of));
    match of {
        TableColumn::Axis(_) => titled(NAMES).always().ideally(full.clamp(8, 14)).at_least(full.clamp(3, 6)),
        TableColumn::Arm => titled(NAMES).always().ideally(14).at_least(6),
        TableColumn::Verdict => titled(VERDICT).at_least(9),
        TableColumn::Completed | TableColumn::Outcomes | TableColumn::BestEpoch => titled(OUTCOMES),
        TableColumn::Change(metric) if metric == Metric::TEST_LOSS => titled(OTHERS),
        TableColumn::Change(_) => titled(CHANGES),
        TableColumn::StepsToGoal => titled(NAMES).always(),
        TableColumn::Metric(metric) | TableColumn::Best(metric) => {
            let is_essential = table.problem.essential().contains(&metric) || matches!(of, TableColumn::Best(_));
            let interval = INTERVALS.iter().position(|&other| other == metric).unwrap_or(INTERVALS.len());
            match metric {
                _ if is_essential => titled(1 + interval as u8).always().at_least(brief).whole(),
                _ if [Metric::PATH_LENGTH, Metric::OVERSHOOTS].contains(&metric) => titled(OUTCOMES),
                _ if metric == Metric::STRAIGHTNESS => titled(CHANGES),
                _ => titled(OTHERS),
            }
        }
    }
}

fn text_of(table: &Table, row: &Row, labels: &Labels, column: Shown) -> String {
    match column {
        Shown::Cell => row.name().unwrap_or(&labels.short[row.cell]).to_owned(),
        Shown::Of(column) => entry::text(&table.entry(row, column)),
    }
}

/// The mean of a metric without its interval; `None` for other columns.
fn brief(table: &Table, row: &Row, column: Shown) -> Option<String> {
    match column {
        Shown::Of(column @ (TableColumn::Metric(_) | TableColumn::Best(_))) => {
            Some(entry::brief(&table.entry(row, column)))
        }
        Shown::Of(_) | Shown::Cell => None,
    }
}

fn style(theme: Theme, row: &Row, column: Shown) -> Style {
    let Shown::Of(column) = column else { return Style::new() };
    match column {
        TableColumn::Metric(metric) | TableColumn::Change(metric) | TableColumn::Best(metric) => theme.metric(metric),
        TableColumn::Outcomes if row.diverged + row.failed + row.ended_higher > 0 => theme.trouble(),
        TableColumn::BestEpoch | TableColumn::Completed | TableColumn::Outcomes => theme.faint(),
        TableColumn::Verdict => verdict_style(theme, row),
        TableColumn::StepsToGoal | TableColumn::Arm | TableColumn::Axis(_) => Style::new(),
    }
}

fn verdict_style(theme: Theme, row: &Row) -> Style {
    let given = match row.verdict {
        Some(RowVerdict::Given { comparison, .. }) => comparison,
        Some(RowVerdict::Diverged(_) | RowVerdict::BaselineDiverged(_)) => return theme.trouble(),
        Some(RowVerdict::Equal(_) | RowVerdict::TooFewSeeds(_) | RowVerdict::OfOtherData) | None => {
            return theme.faint();
        }
    };
    match (given.test, given.gap) {
        (Direction::Up, _) => theme.done(),
        (Direction::Down, _) => theme.trouble(),
        (Direction::Neither, Direction::Neither) => theme.faint(),
        (Direction::Neither, Direction::Down | Direction::Up) => Style::new(),
    }
}

/// What all rows share, how to read the numbers, and the notes of the exported table on columns that are shown. Each as lines
/// for an area of this width.
fn notes(table: &Table, layout: &TableLayout, width: u16) -> Vec<Vec<String>> {
    let columns = layout.shown();
    let best = columns.iter().any(|column| matches!(column, TableColumn::Best(_)));
    let choice = words::selection::sentence(table).map(|choice| format!(" {choice}")).unwrap_or_default();
    let at_best = best.then(|| format!("{}.{choice}", words::selection::TITLE));
    let how_to_read = [table.shared_text(), words::table::how_to_read(table, layout.has_intervals())];
    let texts = at_best.into_iter().chain(how_to_read).chain(words::table::notes(table, &columns));
    let texts = texts.chain(words::claims::notes(table));
    let lines = texts.map(|text| wrap(&text, width.saturating_sub(2).into()));
    lines.filter(|lines| !lines.is_empty()).collect()
}
