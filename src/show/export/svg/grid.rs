//! A grid of shades, each with its number in it.

use super::drawing::{Anchor, Drawing, Rect, Size, shorten, text_width, wrap};
use super::style::{TEXT, shade};
use crate::show::figure::Grid;

/// The least height of a row.
const HEIGHT: f64 = 34.0;
const LINE: f64 = 1.15 * TEXT;
/// Of a grid with briefer texts, those stand in it from so many columns on, and none from so many.
const BRIEF: usize = 13;
const BARE: usize = 31;
/// The side of an entry without a text.
const SIDE: f64 = 9.0;
/// Names of rows and columns longer than this are broken into lines.
const LONGEST: f64 = 220.0;
const BOLD: &str = "font-weight=\"bold\"";

pub fn draw(plot: &Grid, out: &mut Drawing) -> Size {
    match plot.columns.len() {
        _ if plot.brief.is_empty() => draw_texts(plot, &plot.texts, 56.0, out),
        0..BRIEF => draw_texts(plot, &plot.texts, 56.0, out),
        BRIEF..BARE => draw_texts(plot, &plot.brief, 20.0, out),
        _ => draw_shades(plot, out),
    }
}

/// Draws shades alone, with the names of rows and columns in letters as small as their entries.
fn draw_shades(plot: &Grid, out: &mut Drawing) -> Size {
    let letters = SIDE - 1.0;
    let widest = |texts: &[String]| texts.iter().map(|text| text_width(text, letters)).fold(0.0, f64::max).min(LONGEST);
    let (left, top) =
        (widest(&plot.rows).max(text_width(&plot.row_axis, TEXT)) + 8.0, widest(&plot.columns) + 2.0 * TEXT + 8.0);
    let (right, bottom) = (left + SIDE * plot.columns.len() as f64, top + SIDE * plot.rows.len() as f64);
    out.text(((left + right) / 2.0, TEXT), Anchor::Middle, TEXT, &plot.column_axis, BOLD);
    out.text((left - 8.0, top - 0.6 * TEXT), Anchor::End, TEXT, &plot.row_axis, BOLD);
    for (column, name) in plot.columns.iter().enumerate() {
        let place = (left + (column as f64 + 0.8) * SIDE, top - 4.0);
        out.turned_text(place, -90.0, Anchor::Start, letters, &shorten(name, letters, LONGEST), "");
    }
    for (row, name) in plot.rows.iter().enumerate() {
        let y = top + (row as f64 + 0.8) * SIDE;
        out.text((left - 4.0, y), Anchor::End, letters, &shorten(name, letters, LONGEST), "");
        let shares = plot.shares.get(row).into_iter().flatten().enumerate();
        // What is nearly white is not drawn: a matrix of many classes has many zeros.
        for (column, share) in shares.filter_map(|(column, share)| Some((column, share.filter(|share| *share > 0.0)?)))
        {
            let area = Rect { x: left + column as f64 * SIDE, y: top + row as f64 * SIDE, width: SIDE, height: SIDE };
            out.rect(area, &format!("fill=\"{}\"", shade(share)));
        }
    }
    let frame = Rect { x: left, y: top, width: right - left, height: bottom - top };
    out.rect(frame, "fill=\"none\" stroke=\"#aaa\" stroke-width=\"1\"");
    Size { width: right + 2.0, height: bottom + 6.0 }
}

/// Draws shades with these texts in them, each at least so wide.
fn draw_texts(plot: &Grid, texts: &[Vec<String>], least: f64, out: &mut Drawing) -> Size {
    let widest =
        |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| text_width(text, TEXT)).fold(0.0, f64::max);
    let left = widest(&mut plot.rows.iter().chain([&plot.row_axis])).min(LONGEST) + 8.0;
    let width = widest(&mut plot.columns.iter().chain(texts.iter().flatten())).clamp(least, LONGEST) + 16.0;
    let columns: Vec<Vec<String>> = plot.columns.iter().map(|name| wrap(name, TEXT, width - 6.0)).collect();
    let rows: Vec<Vec<String>> = plot.rows.iter().map(|name| wrap(name, TEXT, LONGEST)).collect();
    let height = HEIGHT.max(rows.iter().map(Vec::len).max().unwrap_or(1) as f64 * LINE + 6.0);
    let lines = columns.iter().map(Vec::len).max().unwrap_or(1).max(1) as f64;
    let top = 2.0 * TEXT + lines * LINE;
    let right = left + width * plot.columns.len() as f64;
    out.text(((left + right) / 2.0, TEXT), Anchor::Middle, TEXT, &plot.column_axis, BOLD);
    out.text((left - 8.0, top - 0.6 * TEXT), Anchor::End, TEXT, &shorten(&plot.row_axis, TEXT, LONGEST), BOLD);
    for (column, name) in columns.iter().enumerate() {
        let middle = left + (column as f64 + 0.5) * width;
        for (number, line) in name.iter().rev().enumerate() {
            out.text((middle, top - 0.6 * TEXT - number as f64 * LINE), Anchor::Middle, TEXT, line, "");
        }
    }
    for (row, name) in rows.iter().enumerate() {
        let first = top + (row as f64 + 0.5) * height + 0.35 * TEXT - (name.len() as f64 - 1.0) / 2.0 * LINE;
        for (number, line) in name.iter().enumerate() {
            out.text((left - 8.0, first + number as f64 * LINE), Anchor::End, TEXT, line, "");
        }
    }
    let field = |(row, column): (usize, usize)| Rect {
        x: left + column as f64 * width,
        y: top + row as f64 * height,
        width,
        height,
    };
    for (row, texts) in texts.iter().enumerate() {
        for (column, text) in texts.iter().enumerate() {
            let share = plot.shares.get(row).and_then(|row| *row.get(column)?);
            let fill = share.map_or("#ffffff".into(), shade);
            let area = field((row, column));
            out.rect(area, &format!("fill=\"{fill}\" stroke=\"#fff\" stroke-width=\"1\""));
            let style = if plot.best == Some((row, column)) { BOLD } else { "" };
            let middle = (area.x + width / 2.0, area.y + height / 2.0 + 0.35 * TEXT);
            out.text(middle, Anchor::Middle, TEXT, text, style);
        }
    }
    if let Some(best) = plot.best {
        out.rect(field(best), "fill=\"none\" stroke=\"#222\" stroke-width=\"2\"");
    }
    Size { width: right + 2.0, height: top + height * plot.rows.len() as f64 + 6.0 }
}
