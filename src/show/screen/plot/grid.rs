//! A grid of numbers on shades, the best in brackets.

use crate::show::figure::Grid;
use crate::show::screen::text::shorten;
use crate::show::screen::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
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
    let share = room / plot.columns.len().max(1);
    let whole = widest(&mut plot.texts.iter().flatten()) + AIR;
    let brief = widest(&mut plot.brief.iter().flatten()) + 1;
    // Without room for the texts, the briefer ones, if there are some; else the shades alone.
    let (texts, narrowest) = match plot.brief.is_empty() {
        true => (Some(&plot.texts), whole),
        false if whole <= share => (Some(&plot.texts), whole),
        false if brief <= share => (Some(&plot.brief), brief),
        false => (None, 1),
    };
    let width = share.clamp(narrowest, WIDEST.max(narrowest));
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
    // A letter or two would be no names.
    for (column, name) in plot.columns.iter().take(columns).enumerate().filter(|_| width > 2) {
        let name = centred(&shorten(name, width - 1), width);
        buf.set_string(across(column), area.y + 1, name, theme.faint());
    }
    let page = usize::from(area.height) - 2;
    let below = Rect { y: area.y + 2, height: area.height - 2, ..area };
    if texts.is_none() && plot.rows.len() > page && theme.grey(0.0).is_some() {
        return halves(plot, theme, left, (width, columns), below, buf);
    }
    let height = (page / plot.rows.len().max(1)).clamp(1, 3);
    let shown = if plot.rows.len() * height > page { page - 1 } else { plot.rows.len() };
    for (row, name) in plot.rows.iter().take(shown).enumerate() {
        let y = area.y + 2 + (row * height) as u16;
        let middle = y + (height as u16 - 1) / 2;
        buf.set_string(area.x, middle, shorten(name, left - 1), theme.faint());
        for column in 0..columns {
            let field = Rect { x: across(column), y, width: width as u16, height: height as u16 };
            let text = texts.and_then(|texts| texts.get(row)?.get(column));
            draw_field(plot, (row, column), text, theme, field, buf);
        }
    }
    if shown < plot.rows.len() {
        let more = format!("+ {} rows", plot.rows.len() - shown);
        buf.set_stringn(area.x, area.bottom() - 1, more, area.width.into(), theme.faint());
    }
}

/// Draws two rows of shades a line, in the upper and the lower half of each character, with the name of the upper one.
fn halves(plot: &Grid, theme: Theme, left: usize, (width, columns): (usize, usize), area: Rect, buf: &mut Buffer) {
    let colour = |row: usize, column: usize| {
        let share = plot.shares.get(row).and_then(|row| *row.get(column)?);
        share.and_then(|share| theme.grey(share)).unwrap_or(Color::Reset)
    };
    let lines = plot.rows.len().div_ceil(2);
    let shown = if lines > usize::from(area.height) { usize::from(area.height) - 1 } else { lines };
    for line in 0..shown {
        let y = area.y + line as u16;
        buf.set_string(area.x, y, shorten(&plot.rows[2 * line], left - 1), theme.faint());
        for column in 0..columns {
            let style = Style::new().fg(colour(2 * line, column)).bg(colour(2 * line + 1, column));
            buf.set_string(area.x + (left + column * width) as u16, y, "▀".repeat(width), style);
        }
    }
    if shown < lines {
        let more = format!("+ {} rows", plot.rows.len() - 2 * shown);
        buf.set_stringn(area.x, area.bottom() - 1, more, area.width.into(), theme.faint());
    }
}

fn draw_field(
    plot: &Grid,
    (row, column): (usize, usize),
    text: Option<&String>,
    theme: Theme,
    area: Rect,
    buf: &mut Buffer,
) {
    let share = plot.shares.get(row).and_then(|row| *row.get(column)?);
    let (style, glyph) = share.map_or((Style::new(), " "), |share| theme.shade(share));
    for y in area.top()..area.bottom() {
        buf.set_string(area.x, y, glyph.repeat(area.width.into()), style);
    }
    let Some(text) = text else { return };
    let is_best = plot.best == Some((row, column));
    let text = match is_best {
        true => format!("[{text}]"),
        false if text.width() + AIR <= usize::from(area.width) => format!(" {text} "),
        false => text.clone(),
    };
    let style = if is_best { style.add_modifier(Modifier::BOLD) } else { style };
    let x = area.x + area.width.saturating_sub(text.width() as u16) / 2;
    buf.set_string(x, area.y + (area.height - 1) / 2, text, style);
}

fn centred(text: &str, width: usize) -> String {
    format!("{:space$}{text}", "", space = width.saturating_sub(text.width()) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each class is taken for the next in a tenth of its samples.
    fn confusion(classes: usize) -> Grid {
        let names: Vec<String> = (0..classes).map(|class| format!("class {class}")).collect();
        let of_pairs = |text: fn(usize) -> &'static str| -> Vec<Vec<String>> {
            (0..classes)
                .map(|row| (0..classes).map(|column| text((column + classes - row) % classes).into()).collect())
                .collect()
        };
        let share = |row: usize, column: usize| match (column + classes - row) % classes {
            0 => 0.9,
            1 => 0.1,
            _ => 0.0,
        };
        Grid {
            row_axis: "true class".into(),
            column_axis: "predicted class".into(),
            shares: (0..classes).map(|row| (0..classes).map(|column| Some(share(row, column))).collect()).collect(),
            texts: of_pairs(|of| ["90 % · 18", "10 % · 2", ""][of.min(2)]),
            brief: of_pairs(|of| ["90", "10", ""][of.min(2)]),
            rows: names.clone(),
            columns: names,
            best: None,
        }
    }

    fn drawn(classes: usize, (width, height): (u16, u16), coloured: bool) -> Vec<String> {
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        grid(&confusion(classes), Theme::new(coloured), area, &mut buf);
        let line = |y: u16| (0..width).map(|x| buf[(x, y)].symbol()).collect::<String>();
        (0..height).map(line).collect()
    }

    #[test]
    fn a_matrix_shows_as_much_of_its_numbers_as_there_is_room_for() {
        let wide = drawn(10, (140, 24), false);
        assert!(
            wide[2].contains("90 % · 18") && wide[2].contains("10 % · 2") && wide[1].contains("class 9"),
            "{wide:#?}"
        );
        let narrow = drawn(10, (80, 24), false);
        assert!(
            narrow[2].contains("90") && !narrow[2].contains('%') && !narrow[0].contains("to the right"),
            "{narrow:#?}"
        );
    }

    #[test]
    fn a_matrix_of_a_hundred_classes_is_shades_two_rows_a_line() {
        let large = drawn(100, (120, 52), true);
        assert!(large[51].starts_with("class 98   ▀") && !large.concat().contains('+'), "{large:#?}");
        assert_eq!(large[2].matches('▀').count(), 100);
        let small = drawn(100, (80, 24), true);
        assert!(small[0].contains("to the right") && small[23].starts_with("+ 58 rows"), "{small:#?}");
        let plain = drawn(100, (120, 52), false);
        assert!(plain[2].contains('▓') && plain[51].starts_with("+ 51 rows"), "{plain:#?}");
    }
}
