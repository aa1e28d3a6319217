//! Histograms side by side, with one vertical scale for all.

use super::axes;
use super::drawing::{Anchor, Drawing, Rect, Size, shorten, text_width};
use super::style::{AXIS, SOFT, TEXT, colour};
use crate::show::figure::{Axis, Histogram, Histograms, Hue};

const HEIGHT: f64 = 150.0;
const SPACE: f64 = 14.0;
/// The most panels in a row.
const ROW: usize = 6;
/// The font size of the notes below a panel.
const NOTE: f64 = 10.0;

pub fn draw(plot: &Histograms, out: &mut Drawing) -> Size {
    let y = Axis::from_zero("share", [plot.full_height()]);
    let left = axes::left(&y, HEIGHT);
    let notes = plot.panels.iter().flat_map(|panel| &panel.notes).map(|note| text_width(note, NOTE));
    let width = notes.fold(92.0, f64::max).min(150.0);
    let lines = plot.panels.iter().map(|panel| panel.notes.len()).max().unwrap_or(0) as f64;
    let row_height = 1.6 * TEXT + HEIGHT + 2.0 * TEXT + lines * 1.3 * NOTE + 8.0;
    let columns = plot.panels.len().clamp(1, ROW);
    let rows = plot.panels.len().div_ceil(columns).max(1);
    for (index, panel) in plot.panels.iter().enumerate() {
        let (row, column) = (index / columns, index % columns);
        let area = Rect {
            x: left + column as f64 * (width + SPACE),
            y: row as f64 * row_height + 1.6 * TEXT,
            width,
            height: HEIGHT,
        };
        if column == 0 {
            heights(&y, area, out);
        }
        draw_panel(panel, &y, area, out);
    }
    let right = left + columns as f64 * (width + SPACE);
    let bottom = rows as f64 * row_height;
    out.text(((left + right - SPACE) / 2.0, bottom + TEXT), Anchor::Middle, TEXT, &plot.x_label, "");
    Size { width: right, height: bottom + 1.6 * TEXT }
}

/// The vertical axis of a row, at the left of its first panel.
fn heights(y: &Axis, area: Rect, out: &mut Drawing) {
    for (tick, text) in y.ticks(3) {
        let Some(place) = y.place(tick) else { continue };
        let height = area.bottom() - place * area.height;
        out.line((area.x - 4.0, height), (area.x, height), AXIS);
        out.text((area.x - 7.0, height + 0.35 * TEXT), Anchor::End, TEXT, &text, "");
    }
    let beside = (TEXT, area.y + area.height / 2.0);
    out.turned_text(beside, -90.0, Anchor::Middle, TEXT, &y.label, "");
}

fn draw_panel(panel: &Histogram, y: &Axis, area: Rect, out: &mut Drawing) {
    let middle = area.x + area.width / 2.0;
    let name = shorten(&panel.name, TEXT, area.width);
    out.text((middle, area.y - 6.0), Anchor::Middle, TEXT, &name, "font-weight=\"bold\"");
    let bin = area.width / panel.shares.len().max(1) as f64;
    let fill = format!("fill=\"{}\"", colour(Hue::Blue));
    out.clipped(area, |out| {
        for (place, &share) in panel.shares.iter().enumerate() {
            let Some(height) = y.place(share).filter(|&height| height > 0.0) else { continue };
            let height = height * area.height;
            let bar = Rect { x: area.x + place as f64 * bin, y: area.bottom() - height, width: bin, height };
            out.rect(bar, &fill);
        }
    });
    // Bars that are cut off have their share written beside them.
    for (place, &share) in panel.shares.iter().enumerate().filter(|&(_, &share)| share > y.high) {
        let text = format!("↑{:.0} %", 100.0 * share);
        let left = area.x + place as f64 * bin;
        let (across, anchor) = match 2 * place < panel.shares.len() {
            true => (left + bin + 2.0, Anchor::Start),
            false => (left - 2.0, Anchor::End),
        };
        out.text((across, area.y + 1.2 * NOTE), anchor, NOTE, &text, SOFT);
    }
    out.rect(area, &format!("fill=\"none\" {AXIS}"));
    let x = Axis::linear("", panel.low, panel.high);
    for (tick, text) in x.ticks(2) {
        let Some(place) = x.place(tick) else { continue };
        let across = area.x + place * area.width;
        out.line((across, area.bottom()), (across, area.bottom() + 4.0), AXIS);
        let half = text_width(&text, NOTE) / 2.0;
        let across = across.clamp(area.x + half, (area.right() - half).max(area.x + half));
        out.text((across, area.bottom() + 4.0 + NOTE), Anchor::Middle, NOTE, &text, "");
    }
    for (line, note) in panel.notes.iter().enumerate() {
        let height = area.bottom() + 2.0 * TEXT + (line as f64 + 0.6) * 1.3 * NOTE;
        out.text((middle, height), Anchor::Middle, NOTE, note, SOFT);
    }
}
