//! A grid of numbers on shades, the best in brackets.

use crate::show::figure::Grid;
use crate::show::screen::text::shorten;
use crate::show::screen::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr;

/// The columns around a number.
const AIR: usize = 2;
/// The most columns of an entry.
const WIDEST: usize = 16;

pub fn grid(plot: &Grid, theme: Theme, area: Rect, buf: &mut Buffer) {
    let widest = |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| text.width()).max().unwrap_or(0);
    let wanted = widest(&mut plot.rows.iter().chain([&plot.row_axis]));
    let left = wanted.min(usize::from(area.width) / 3) + 1;
    let room = usize::from(area.width).saturating_sub(left);
    let narrowest = widest(&mut plot.texts.iter().flatten()) + AIR;
    let width = (room / plot.columns.len().max(1)).clamp(narrowest, WIDEST.max(narrowest));
    let columns = plot.columns.len().min(room / width);
    if columns == 0 || area.height < 3 {
        return;
    }
    let left_end = area.x + left as u16;
    let across = |column: usize| left_end + (column * width) as u16;
    let hidden = plot.columns.len() - columns;
    let more = if hidden > 0 { format!(" (+ {hidden} to the right)") } else { String::new() };
    let axis = shorten(&format!("{}{more}", plot.column_axis), room);
    buf.set_string(left_end + (columns * width).saturating_sub(axis.width()) as u16 / 2, area.y, axis, theme.title());
    buf.set_string(area.x, area.y + 1, shorten(&plot.row_axis, left - 1), theme.title());
    for (column, name) in plot.columns.iter().take(columns).enumerate() {
        let name = centred(&shorten(name, width - 1), width);
        buf.set_string(across(column), area.y + 1, name, theme.faint());
    }
    let page = usize::from(area.height) - 2;
    let height = (page / plot.rows.len().max(1)).clamp(1, 3);
    let shown = if plot.rows.len() * height > page { page - 1 } else { plot.rows.len() };
    for (row, name) in plot.rows.iter().take(shown).enumerate() {
        let y = area.y + 2 + (row * height) as u16;
        let middle = y + (height as u16 - 1) / 2;
        buf.set_string(area.x, middle, shorten(name, left - 1), theme.faint());
        for column in 0..columns {
            let field = Rect { x: across(column), y, width: width as u16, height: height as u16 };
            draw_field(plot, (row, column), theme, field, buf);
        }
    }
    if shown < plot.rows.len() {
        let more = format!("+ {} rows", plot.rows.len() - shown);
        buf.set_stringn(area.x, area.bottom() - 1, more, area.width.into(), theme.faint());
    }
}

fn draw_field(plot: &Grid, (row, column): (usize, usize), theme: Theme, area: Rect, buf: &mut Buffer) {
    let share = plot.shares.get(row).and_then(|row| *row.get(column)?);
    let (style, glyph) = share.map_or((Style::new(), " "), |share| theme.shade(share));
    for y in area.top()..area.bottom() {
        buf.set_string(area.x, y, glyph.repeat(area.width.into()), style);
    }
    let Some(text) = plot.texts.get(row).and_then(|row| row.get(column)) else { return };
    let is_best = plot.best == Some((row, column));
    let text = if is_best { format!("[{text}]") } else { format!(" {text} ") };
    let style = if is_best { style.add_modifier(Modifier::BOLD) } else { style };
    let x = area.x + area.width.saturating_sub(text.width() as u16) / 2;
    buf.set_string(x, area.y + (area.height - 1) / 2, text, style);
}

fn centred(text: &str, width: usize) -> String {
    format!("{:space$}{text}", "", space = width.saturating_sub(text.width()) / 2)
}
