//! Boxes that lie over a screen.

use super::keys::{self, Binding};
use super::screens::Next;
use super::text::shorten;
use super::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Padding, Paragraph, Widget};

/// The position in a text that is longer than its box.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scrolled {
    /// The first line in view.
    top: usize,
}

impl Scrolled {
    /// Scrolls down by so many lines. Their number is known, and the position limited, only when they are drawn.
    pub fn move_by(&mut self, lines: isize) {
        self.top = self.top.saturating_add_signed(lines);
    }

    /// (index of the first line in view, the lines in view) for so many rows.
    pub fn view<'a, T>(&mut self, lines: &'a [T], rows: usize) -> (usize, &'a [T]) {
        self.top = self.top.min(lines.len().saturating_sub(rows));
        (self.top, &lines[self.top..(self.top + rows).min(lines.len())])
    }

    /// Draws a box of the lines that fit; `closes` is the name of the key that closes it.
    pub fn draw_box(&mut self, theme: Theme, name: &str, closes: &str, lines: Vec<Line>, area: Rect, buf: &mut Buffer) {
        let rows = usize::from(area.height).saturating_sub(2).max(1);
        let (top, shown) = self.view(&lines, rows);
        let count = lines.len();
        let (title, hints) = match count > rows {
            true => (
                format!(" {name}, {}–{} of {count} ", top + 1, top + shown.len()),
                format!(" j k scroll, {closes} closes "),
            ),
            false => (format!(" {name} "), format!(" {closes} closes ")),
        };
        draw_box(theme, &title, &hints, shown.to_vec(), area, buf);
    }
}

/// The keys of a box that can be scrolled.
pub fn keys() -> Vec<Binding> {
    [keys::CLOSING, keys::MOVING, &[keys::INTERRUPT]].concat()
}

/// Acts on a key of such a box: closes it, or leaves moving to the app.
pub fn press(key: Binding) -> Option<Next> {
    keys::CLOSING.contains(&key).then_some(Next::Back)
}

/// Draws a box in the middle, as large as its lines, with `hints` on its keys in the lower border. Without room for a border it
/// has none.
pub fn draw_box(theme: Theme, title: &str, hints: &str, lines: Vec<Line>, area: Rect, buf: &mut Buffer) {
    let width = lines.iter().map(Line::width).max().unwrap_or(0) as u16;
    let height = lines.len() as u16;
    let framed = area.width >= width + 4 && area.height >= height + 2;
    let air = if area.width >= width + 6 { 2 } else { 1 };
    let (wide, high) = match framed {
        true => (width + 2 + 2 * air, height + 2),
        false => (area.width, height.min(area.height)),
    };
    let place =
        Rect { x: area.x + (area.width - wide) / 2, y: area.y + (area.height - high) / 2, width: wide, height: high };
    Clear.render(place, buf);
    let text = Paragraph::new(lines);
    if framed {
        let block = Block::bordered().border_type(BorderType::Rounded).border_style(theme.faint());
        let title = shorten(title, usize::from(wide).saturating_sub(2));
        let block = block.title(Span::styled(title, theme.title())).padding(Padding::horizontal(air));
        let block = block.title_bottom(Line::styled(hints.to_owned(), theme.faint()).right_aligned());
        text.block(block).render(place, buf);
    } else {
        text.render(place.inner(Margin::new(u16::from(place.width > 20), 0)), buf);
    }
}
