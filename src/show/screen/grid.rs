//! Rows under headed columns, of which one is selected.

use super::theme::Theme;
use crate::printable;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

#[derive(Clone, Debug, PartialEq)]
pub struct Heading {
    pub title: String,
    pub width: u16,
    pub right: bool,
}

/// A text and its style.
pub type Cell = (String, Style);

pub struct Grid {
    pub headings: Vec<Heading>,
    /// Blank columns between two.
    pub space: u16,
    pub theme: Theme,
}

/// Columns at the left edge for a row's mark.
pub const GUTTER: u16 = 2;

impl Grid {
    pub fn width(&self) -> u16 {
        let columns: u16 = self.headings.iter().map(|heading| heading.width).sum();
        GUTTER + columns + self.space * (self.headings.len() as u16).saturating_sub(1)
    }

    pub fn header(&self, area: Rect, buf: &mut Buffer) {
        let titles = self.headings.iter().map(|heading| (heading.title.clone(), self.theme.faint()));
        self.cells(titles, area, buf);
    }

    /// One row of height 1. The selected one is a bar in the terminal's own colours, so that it shows on all.
    pub fn row(&self, mark: Cell, cells: Vec<Cell>, selected: bool, area: Rect, buf: &mut Buffer) {
        if area.is_empty() {
            return;
        }
        buf.set_stringn(area.x, area.y, mark.0, area.width as usize, mark.1);
        self.cells(cells.into_iter(), area, buf);
        if selected {
            let bar = Rect { height: 1, ..area };
            buf.set_style(bar, Style::reset());
            buf.set_style(bar, self.theme.selected());
        }
    }

    fn cells(&self, cells: impl Iterator<Item = Cell>, area: Rect, buf: &mut Buffer) {
        let mut x = area.x.saturating_add(GUTTER);
        for (heading, (text, style)) in self.headings.iter().zip(cells) {
            let room = heading.width.min(area.right().saturating_sub(x));
            if room == 0 || area.height == 0 {
                return;
            }
            let text = shorten(&text, room as usize);
            let indent = if heading.right { room - text.width() as u16 } else { 0 };
            buf.set_string(x + indent, area.y, text, style);
            x += heading.width + self.space;
        }
    }
}

/// At most `width` columns, with an ellipsis where something was cut.
pub fn shorten(text: &str, width: usize) -> String {
    let text = printable::line(text);
    if text.width() <= width {
        return text.into_owned();
    }
    let mut short = String::new();
    for character in text.chars() {
        if short.width() + unicode_width::UnicodeWidthChar::width(character).unwrap_or(0) + 1 > width {
            break;
        }
        short.push(character);
    }
    if width > 0 {
        short.push('…');
    }
    short
}

/// Lines of at most `width` columns, broken between words; a longer word is cut.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&shorten(word, width));
    }
    lines.extend(Some(line).filter(|line| !line.is_empty()));
    lines
}

/// The first row to show, of `count`, so that row `selected` is in view; moves from `top` as little as need be.
pub fn scroll(top: usize, selected: usize, height: usize, count: usize) -> usize {
    let lowest = count.saturating_sub(height);
    top.min(selected).max((selected + 1).saturating_sub(height)).min(lowest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortening_counts_columns_not_characters() {
        assert_eq!(shorten("weight_decay", 6), "weigh…");
        assert_eq!(shorten("드롭아웃", 8), "드롭아웃");
        assert_eq!(shorten("드롭아웃", 6), "드롭…");
        assert_eq!(shorten("x", 0), "");
    }

    #[test]
    fn wrapping_keeps_words_whole_where_it_can() {
        assert_eq!(wrap("mean ± half-width, of 10 seeds", 10), ["mean ±", "half-widt…", "of 10", "seeds"]);
        assert_eq!(wrap("", 10), [""; 0]);
    }

    #[test]
    fn scrolling_moves_only_to_keep_the_selected_row_in_view() {
        assert_eq!(scroll(0, 9, 10, 40), 0);
        assert_eq!(scroll(0, 10, 10, 40), 1);
        assert_eq!(scroll(20, 15, 10, 40), 15);
        assert_eq!(scroll(35, 39, 10, 40), 30);
        assert_eq!(scroll(3, 0, 0, 0), 0);
    }
}
