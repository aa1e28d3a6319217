//! The effects: each cell against the baseline, and which factor matters.

use super::{About, Next, Screen, table};
use crate::show::screen::columns::{Column, Layout};
use crate::show::screen::keys::{self, Binding, EXPORT, LEFT, key};
use crate::show::screen::overlay::Scrolled;
use crate::show::screen::shared::{Change, Shared};
use crate::show::screen::text::{shorten, wrap};
use crate::show::screen::theme::Theme;
use crate::show::words::{Section, Sheet, entry, sections};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

pub const ABOUT: About = About::page("effects", "Table").below(table::ABOUT.name);
/// The key of the table that opens the effects, and of the effects that leads back.
pub const EFFECTS: Binding =
    Binding::new(&[key('f')], "table and effects", "from the table to its effects and back").hint("effects");

/// Blanks between the title of a column and its value, where each value has a line of its own.
const SPACE: usize = 2;
/// Names may be cut to so many columns before a row takes more than one line.
const NAME: usize = 12;

#[derive(Default)]
pub struct EffectsScreen {
    /// `None` if they have to be made anew.
    sections: Option<Vec<Section>>,
    scrolled: Scrolled,
}

impl Screen for EffectsScreen {
    fn about(&self) -> About {
        ABOUT
    }

    fn keys(&self, openers: &[Binding]) -> Vec<Binding> {
        [keys::ROWS, openers, &[EFFECTS, LEFT, EXPORT]].concat()
    }

    fn changed(&mut self, change: Change) {
        match change {
            Change::Plan => *self = EffectsScreen::default(),
            Change::Outcomes => self.sections = None,
            Change::Measures => {}
        }
    }

    fn refresh(&mut self, shared: &mut Shared) {
        self.sections.get_or_insert_with(|| sections::comparisons(&shared.board, shared.table()));
    }

    fn press(&mut self, key: Binding, _shared: &mut Shared) -> Option<Next> {
        (key == EFFECTS).then_some(Next::Back)
    }

    fn move_by(&mut self, lines: isize, _shared: &mut Shared) {
        self.scrolled.move_by(lines);
    }

    fn draw(&mut self, shared: &mut Shared, area: Rect, buf: &mut Buffer) {
        let (theme, room) = (shared.theme, usize::from(area.width).saturating_sub(2));
        let mut lines = lines(self.sections.as_deref().unwrap_or_default(), theme, room);
        if lines.is_empty() {
            let compares_nothing = shared.board.plan.problem().compared().is_empty();
            let why = match shared.board.complete() {
                _ if compares_nothing => "No effects: cells on surfaces are not compared with one another.",
                true => "No effects: there is no baseline, and no grid of two axes or more.",
                false => "Effects are shown once every trial has a result.",
            };
            lines = wrap(why, room).into_iter().map(|line| (line, theme.faint())).collect();
        }
        let (_, shown) = self.scrolled.view(&lines, area.height.into());
        for (y, (line, style)) in (area.y..).zip(shown) {
            buf.set_stringn(area.x + 1, y, line, area.width.saturating_sub(1).into(), *style);
        }
    }
}

/// Titles, tables and notes in lines of at most `width` columns.
pub fn lines(sections: &[Section], theme: Theme, width: usize) -> Vec<(String, Style)> {
    let mut lines = Vec::new();
    for section in sections {
        if !lines.is_empty() {
            lines.push((String::new(), Style::new()));
        }
        lines.push((shorten(section.title, width), theme.title()));
        for sheet in &section.sheets {
            lines.push((String::new(), Style::new()));
            lines.extend(sheet_lines(sheet, theme, width));
        }
        for note in &section.notes {
            lines.push((String::new(), Style::new()));
            lines.extend(wrap(note, width).into_iter().map(|line| (line, theme.faint())));
        }
    }
    lines
}

/// A sheet with as many columns as there is room for. Without room for the essential ones, a line for each value.
fn sheet_lines(sheet: &Sheet, theme: Theme, width: usize) -> Vec<(String, Style)> {
    let needs: Vec<Column> = (0..sheet.columns.len()).map(|column| needs(sheet, column)).collect();
    let room = u16::try_from(width).unwrap_or(u16::MAX);
    if Layout::least_width(&needs) > room {
        return records(sheet, theme, width);
    }
    let layout = Layout::new(needs, u8::MAX, room);
    let rows = sheet.rows.iter().map(|row| {
        let cells = layout.shown.iter().map(|&(place, ..)| (entry::text(&row[place]), Style::new()));
        (layout.line(cells), Style::new())
    });
    let lines = std::iter::once((layout.titles(theme), theme.faint())).chain(rows);
    lines.map(|(line, style)| (line.to_string().trim_end().to_owned(), style)).collect()
}

/// The needs of a column: essential ones are always shown, the others from left to right. Names may be cut.
fn needs(sheet: &Sheet, place: usize) -> Column {
    let (title, is_numeric) = &sheet.columns[place];
    let widest = sheet.rows.iter().map(|row| entry::text(&row[place]).width()).max().unwrap_or(0);
    let needs = Column::new(title, widest, place.min(254) as u8).right(*is_numeric);
    let needs = if place < sheet.essential { needs.always() } else { needs };
    if place == 0 && !is_numeric { needs.at_least(NAME) } else { needs }
}

fn records(sheet: &Sheet, theme: Theme, width: usize) -> Vec<(String, Style)> {
    let titles = sheet.columns.iter().map(|(title, _)| title.width()).max().unwrap_or(0).min(width / 2);
    let mut lines = Vec::new();
    for (place, row) in sheet.rows.iter().enumerate() {
        if place > 0 {
            lines.push((String::new(), Style::new()));
        }
        for (column, ((title, _), entry)) in sheet.columns.iter().zip(row).enumerate() {
            let text = entry::text(entry);
            let title = shorten(title, titles);
            let space = " ".repeat(titles.saturating_sub(title.width()) + SPACE);
            let style = if column == 0 { theme.title() } else { Style::new() };
            lines.push((shorten(&format!("{title}{space}{text}"), width), style));
        }
    }
    lines
}
