//! The page of effects: each cell against the baseline, and which factor matters.

use super::grid::{shorten, wrap};
use super::scene::Scene;
use super::theme::Theme;
use crate::judge::report::Table;
use crate::record::board::Board;
use crate::show::words::sections::comparisons;
use crate::show::words::{Section, Sheet, entry};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

/// Blank columns between two: from the widest to the narrowest.
const SPACES: [usize; 2] = [2, 1];
/// Names may be cut to so many columns before a row takes more than one line.
const NAME: usize = 12;

#[derive(Clone, Debug, Default)]
pub struct EffectsView {
    /// As they were last made.
    sections: Option<Vec<Section>>,
    /// The first line in view.
    top: usize,
}

impl EffectsView {
    /// The board has changed: the effects are found anew when they are next looked at.
    pub fn invalidate(&mut self) {
        self.sections = None;
    }

    pub fn refresh(&mut self, board: &Board) {
        if self.sections.is_none() {
            self.sections = Some(comparisons(board, &Table::new(board)));
        }
    }

    /// As far as there are lines: that is known when they are drawn.
    pub fn move_by(&mut self, lines: isize) {
        self.top = self.top.saturating_add_signed(lines);
    }
}

pub fn draw(scene: &Scene, view: &mut EffectsView, area: Rect, buf: &mut Buffer) {
    let sections = view.sections.as_deref().unwrap_or_default();
    let mut lines = lines(sections, scene.theme, usize::from(area.width).saturating_sub(2));
    if lines.is_empty() {
        let why = match scene.board.complete() {
            true => "No effects: there is no baseline, and no grid of two axes or more.",
            false => "Effects are shown once every trial has a result.",
        };
        let why = wrap(why, usize::from(area.width).saturating_sub(2));
        lines = why.into_iter().map(|line| (line, scene.theme.faint())).collect();
    }
    view.top = view.top.min(lines.len().saturating_sub(area.height.into()));
    for (y, (line, style)) in (area.y..area.bottom()).zip(&lines[view.top..]) {
        buf.set_stringn(area.x + 1, y, line, area.width.saturating_sub(1).into(), *style);
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

/// As many columns as there is room for; without room for the essential ones, a line for each column of each row.
fn sheet_lines(sheet: &Sheet, theme: Theme, width: usize) -> Vec<(String, Style)> {
    let Some((widths, space)) = layout(sheet, width) else { return records(sheet, theme, width) };
    let line = |cells: &mut dyn Iterator<Item = String>| {
        let cells = cells.zip(&sheet.columns).zip(&widths).map(|((text, (_, numeric)), &width)| {
            let text = shorten(&text, width);
            let blank = " ".repeat(width - text.width());
            if *numeric { blank + &text } else { text + &blank }
        });
        cells.collect::<Vec<_>>().join(&" ".repeat(space)).trim_end().to_owned()
    };
    let header = (line(&mut sheet.columns.iter().map(|(title, _)| title.clone())), theme.faint());
    let rows = sheet.rows.iter().map(|row| (line(&mut row.iter().map(entry::text)), Style::new()));
    std::iter::once(header).chain(rows).collect()
}

/// (width of each column that there is room for, blanks between two); `None` if an essential one does not fit.
fn layout(sheet: &Sheet, width: usize) -> Option<(Vec<usize>, usize)> {
    let mut widths: Vec<usize> = (0..sheet.columns.len()).map(|column| column_width(sheet, column)).collect();
    let needed = |widths: &[usize], space: usize| widths.iter().sum::<usize>() + space * (widths.len().max(1) - 1);
    for shown in (sheet.essential..=widths.len()).rev() {
        for space in SPACES {
            if needed(&widths[..shown], space) <= width {
                widths.truncate(shown);
                return Some((widths, space));
            }
        }
    }
    widths.truncate(sheet.essential);
    let excess = needed(&widths, SPACES[1]).saturating_sub(width);
    let (_, named) = sheet.columns.first().filter(|(_, numeric)| !numeric).zip(widths.first_mut())?;
    *named = named.checked_sub(excess).filter(|&cut| cut >= NAME)?;
    Some((widths, SPACES[1]))
}

fn column_width(sheet: &Sheet, column: usize) -> usize {
    let cells = sheet.rows.iter().map(|row| entry::text(&row[column]).width());
    cells.max().unwrap_or(0).max(sheet.columns[column].0.width())
}

fn records(sheet: &Sheet, theme: Theme, width: usize) -> Vec<(String, Style)> {
    let titles = sheet.columns.iter().map(|(title, _)| title.width()).max().unwrap_or(0).min(width / 2);
    let mut lines = Vec::new();
    for (place, row) in sheet.rows.iter().enumerate() {
        if place > 0 {
            lines.push((String::new(), Style::new()));
        }
        for (column, ((title, _), text)) in sheet.columns.iter().zip(row.iter().map(entry::text)).enumerate() {
            let title = shorten(title, titles);
            let space = " ".repeat(titles.saturating_sub(title.width()) + SPACES[0]);
            let style = if column == 0 { theme.title() } else { Style::new() };
            lines.push((shorten(&format!("{title}{space}{text}"), width), style));
        }
    }
    lines
}
