//! A function of two variables as bands of shade between its contours, with paths in braille on top.

use super::lines::{axis_x, axis_y, line};
use crate::show::figure::{Axis, Field, Path};
use crate::show::screen::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// The glyphs for bands without colours, from low to high. What is not finite is blank.
const SHADES: [&str; 5] = ["·", "░", "▒", "▓", "█"];
/// The width of the legend beside the picture.
const LEGEND: u16 = 17;

/// The first row holds the labels of the axes. With little room it also holds the legend, with only the lowest and the highest
/// band.
pub fn heat(plot: &Field, theme: Theme, area: Rect, buf: &mut Buffer) {
    let fewer = theme.grey(0.0).is_none() && plot.contours.len() >= SHADES.len();
    let thinned = fewer.then(|| with_fewer_bands(plot));
    let plot = thinned.as_ref().unwrap_or(plot);
    let bands = plot.contours.len() as u16 + 1;
    let ticks_y = plot.y.ticks((area.height.saturating_sub(3) as usize / 2).clamp(2, 6));
    let left = ticks_y.iter().map(|(_, text)| text.chars().count()).max().unwrap_or(0) as u16 + 1;
    if area.width < left + 8 || area.height < 5 {
        return;
    }
    let beside = area.width >= left + 30 + LEGEND && area.height >= bands + 4;
    let room = area.width - left - if beside { LEGEND + 2 } else { 0 };
    let height = area.height - 3;
    // At most about 1.5 times as wide as high: a character is about half as wide as high.
    let inner = Rect { x: area.x + left, y: area.y + 1, width: room.min(height.saturating_mul(3).max(28)), height };
    let by = format!("{} by {}", plot.y.label, plot.x.label);
    buf.set_stringn(area.x, area.y, &by, area.width.into(), theme.title());
    axis_y(&ticks_y, &plot.y, theme, inner, buf);
    axis_x(&plot.x, theme, inner, buf);
    shades(plot, theme, inner, buf);
    plot.paths.iter().for_each(|path| draw_path(path, plot, theme, inner, buf));
    marks(plot, theme, inner, buf);
    let free = Rect { x: area.x + by.width() as u16 + 2, height: 1, ..area };
    let free = Rect { width: area.right().saturating_sub(free.x), ..free };
    match beside {
        true => legend(plot, theme, Rect { x: inner.right() + 2, width: LEGEND, ..inner }, buf),
        false => ends(plot, theme, free, buf),
    }
}

/// The plot with only every second, third, … contour, so that there are no more bands than glyphs.
fn with_fewer_bands(plot: &Field) -> Field {
    let every = plot.contours.len().div_ceil(SHADES.len() - 1);
    let first = (plot.contours.len() - 1) % every / 2;
    let contours = plot.contours.iter().skip(first).step_by(every).copied().collect();
    Field { contours, ..plot.clone() }
}

/// Draws the bands: with colours, the upper and the lower half of each character; without, one glyph in each.
fn shades(plot: &Field, theme: Theme, inner: Rect, buf: &mut Buffer) {
    for row in 0..inner.height {
        for column in 0..inner.width {
            let across = (f64::from(column) + 0.5) / f64::from(inner.width);
            let band_at = |down: f64| {
                let height = sample(&plot.heights, across, 1.0 - (f64::from(row) + down) / f64::from(inner.height));
                height.map(|height| band(plot, height))
            };
            let cell = &mut buf[(inner.x + column, inner.y + row)];
            match theme.grey(0.0) {
                Some(_) => {
                    let colour = |band: Option<usize>| {
                        band.and_then(|band| theme.grey(share(plot, band))).unwrap_or(Color::Reset)
                    };
                    let (upper, lower) = (colour(band_at(0.25)), colour(band_at(0.75)));
                    match (upper, lower) {
                        (Color::Reset, Color::Reset) => {}
                        // The half without a colour shows the background of the terminal.
                        (Color::Reset, lower) => {
                            cell.set_symbol("▄").set_style(Style::new().fg(lower));
                        }
                        (upper, lower) => {
                            cell.set_symbol("▀").set_style(Style::new().fg(upper).bg(lower));
                        }
                    }
                }
                None => {
                    cell.set_symbol(band_at(0.5).map_or(" ", |band| glyph(plot, band)));
                }
            }
        }
    }
}

/// The number of contours at or below a height.
fn band(plot: &Field, height: f64) -> usize {
    plot.contours.iter().filter(|&&contour| contour <= height).count()
}

/// The place of a band among all: 0 for the lowest, 1 for the highest.
fn share(plot: &Field, band: usize) -> f64 {
    band as f64 / plot.contours.len().max(1) as f64
}

fn glyph(plot: &Field, band: usize) -> &'static str {
    SHADES[(share(plot, band) * (SHADES.len() - 1) as f64).round() as usize]
}

/// The height at a place, given as shares of the width and, from below, of the height: interpolated between the four nearest
/// grid points, or that of the nearest one if not all are finite.
fn sample(heights: &[Vec<f64>], across: f64, up: f64) -> Option<f64> {
    let (rows, columns) = (heights.len(), heights.first()?.len());
    let place = |share: f64, count: usize| (share * count as f64 - 0.5).clamp(0.0, count.saturating_sub(1) as f64);
    let (x, y) = (place(across, columns), place(up, rows));
    let at = |x: f64, y: f64| heights.get(y as usize)?.get(x as usize).copied().filter(|height| height.is_finite());
    let around = |y: f64| Some((at(x.floor(), y)?, at(x.ceil(), y)?)).map(|(a, b)| a + (b - a) * x.fract());
    let smooth = (around(y.floor()), around(y.ceil()));
    match (at(x.round(), y.round()), smooth) {
        (Some(_), (Some(a), Some(b))) => Some(a + (b - a) * y.fract()),
        (nearest, _) => nearest,
    }
}

/// Draws a path as braille dots in its hue over the shades, with gaps where it leaves the picture.
fn draw_path(path: &Path, plot: &Field, theme: Theme, inner: Rect, buf: &mut Buffer) {
    let (width, height) = (usize::from(inner.width) * 2, usize::from(inner.height) * 4);
    let mut dots = vec![0u8; usize::from(inner.width) * usize::from(inner.height)];
    let mut paint = |x: usize, y: usize| {
        const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
        dots[y / 4 * usize::from(inner.width) + x / 2] |= BITS[y % 4][x % 2];
    };
    let places: Vec<Option<(usize, usize)>> = path
        .points
        .iter()
        .map(|&point| {
            let dot = |axis: &Axis, value: f64, dots: usize| {
                let place = axis.place(value).filter(|place| (0.0..=1.0).contains(place))?;
                Some((place * (dots - 1) as f64).round() as usize)
            };
            Some((dot(&plot.x, point.0, width)?, height - 1 - dot(&plot.y, point.1, height)?))
        })
        .collect();
    for (index, place) in places.iter().enumerate() {
        let Some(place) = *place else { continue };
        line(place, places.get(index + 1).copied().flatten().unwrap_or(place), &mut paint);
    }
    for (index, bits) in dots.into_iter().enumerate().filter(|(_, bits)| *bits > 0) {
        let (column, row) = (index % usize::from(inner.width), index / usize::from(inner.width));
        let cell = &mut buf[(inner.x + column as u16, inner.y + row as u16)];
        let behind = cell.fg;
        cell.set_char(char::from_u32(0x2800 + u32::from(bits)).unwrap_or('•')).set_style(theme.hue(path.hue));
        if theme.grey(0.0).is_some() {
            cell.set_bg(behind);
        }
    }
}

/// Draws a dot and a name at each mark.
fn marks(plot: &Field, theme: Theme, inner: Rect, buf: &mut Buffer) {
    for (name, (x, y)) in &plot.marks {
        let inside = |axis: &Axis, value: f64| axis.place(value).filter(|place| (0.0..=1.0).contains(place));
        let (Some(across), Some(up)) = (inside(&plot.x, *x), inside(&plot.y, *y)) else { continue };
        let column = inner.x + (across * f64::from(inner.width - 1)).round() as u16;
        let row = inner.y + ((1.0 - up) * f64::from(inner.height - 1)).round() as u16;
        let before = name.width() as u16 + 1 > inner.right() - column - 1;
        let (text, start) = match before {
            true => (format!("{name} ●"), column.saturating_sub(name.width() as u16 + 1).max(inner.x)),
            false => (format!("● {name}"), column),
        };
        let room = inner.right() - start;
        let plain = Style::reset().patch(theme.title());
        buf.set_stringn(start, row, text, room.into(), plain);
    }
}

/// Draws each band with its bounds, the highest on top.
fn legend(plot: &Field, theme: Theme, area: Rect, buf: &mut Buffer) {
    buf.set_stringn(area.x, area.y.saturating_sub(1), &plot.height, area.width.into(), theme.faint());
    let bands = plot.contours.len();
    for (band, y) in (0..=bands).rev().zip(area.y..area.bottom()) {
        let text = match (band.checked_sub(1).map(|below| plot.contours[below]), plot.contours.get(band)) {
            (Some(low), Some(high)) => format!("{} – {}", number(low), number(*high)),
            (Some(low), None) => format!("> {}", number(low)),
            (None, Some(high)) => format!("< {}", number(*high)),
            (None, None) => String::new(),
        };
        buf.set_line(
            area.x,
            y,
            &Line::from(vec![swatch(plot, theme, band), Span::raw(" "), Span::raw(text)]),
            area.width,
        );
    }
}

/// Draws a legend of only the lowest and the highest band.
fn ends(plot: &Field, theme: Theme, area: Rect, buf: &mut Buffer) {
    let (Some(low), Some(high)) = (plot.contours.first(), plot.contours.last()) else { return };
    let text = |text: String| Span::styled(text, theme.faint());
    let spans = vec![
        swatch(plot, theme, 0),
        text(format!(" < {}  ", number(*low))),
        swatch(plot, theme, plot.contours.len()),
        text(format!(" > {} {}", number(*high), plot.height)),
    ];
    buf.set_line(area.x, area.y, &Line::from(spans), area.width);
}

fn swatch(plot: &Field, theme: Theme, band: usize) -> Span<'static> {
    match theme.grey(share(plot, band)) {
        Some(colour) => Span::styled("██", Style::new().fg(colour)),
        None => Span::raw(glyph(plot, band).repeat(2)),
    }
}

/// The height of a contour in at most three significant digits, without trailing zeros.
fn number(level: f64) -> String {
    match level.abs() {
        0.0 => "0".into(),
        size if !(1e-3..1e5).contains(&size) => format!("{level:.0e}"),
        _ => {
            let text = format!("{level:.4}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::figure::Axis;

    #[test]
    fn without_colours_every_band_has_a_glyph_of_its_own() {
        for count in 1..=12 {
            let axis = || Axis::linear("", 0.0, 1.0);
            let contours = (0..count).map(f64::from).collect();
            let (paths, marks) = (Vec::new(), Vec::new());
            let plot = Field {
                x: axis(),
                y: axis(),
                height: String::new(),
                heights: Vec::new(),
                contours,
                shaded: true,
                paths,
                marks,
            };
            let plot = if count as usize >= SHADES.len() { with_fewer_bands(&plot) } else { plot };
            let glyphs: std::collections::HashSet<_> =
                (0..=plot.contours.len()).map(|band| glyph(&plot, band)).collect();
            assert_eq!(glyphs.len(), plot.contours.len() + 1, "{count} contours");
            assert!(plot.contours.len() >= 3.min(count as usize), "{:?}", plot.contours);
        }
    }
}
