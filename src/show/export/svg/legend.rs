//! The legend at the right side of a plot.

use super::drawing::{Anchor, Drawing, Rect, text_width, wrap};
use super::style::TEXT;

const SAMPLE: f64 = 26.0;
const LINE: f64 = 1.15 * TEXT;
/// The space between two names.
const SPACE: f64 = 0.25 * TEXT;
/// Names longer than this are broken into lines.
const LONGEST: f64 = 210.0;

pub struct LegendEntry<'a> {
    pub name: &'a str,
    pub stroke: &'a str,
    /// The y at which it should stand: that of the end of the curve.
    pub height: f64,
}

/// The width of a legend with these names, with the gap to the plot.
pub fn width<'a>(names: impl Iterator<Item = &'a str>) -> f64 {
    let lines = names.flat_map(|name| wrap(name, TEXT, LONGEST));
    let widest = lines.map(|line| text_width(&line, TEXT)).fold(0.0, f64::max);
    if widest == 0.0 { 0.0 } else { 8.0 + SAMPLE + 6.0 + widest }
}

/// Draws each entry as near to its height as the others allow. Returns the y below the last one.
pub fn draw(area: Rect, mut entries: Vec<LegendEntry>, out: &mut Drawing) -> f64 {
    entries.sort_by(|a, b| a.height.total_cmp(&b.height));
    let names: Vec<Vec<String>> = entries.iter().map(|entry| wrap(entry.name, TEXT, LONGEST)).collect();
    let room = |name: &Vec<String>| name.len() as f64 * LINE + SPACE;
    let mut below: f64 = names.iter().map(room).sum();
    let mut free = area.y;
    for (entry, name) in entries.iter().zip(&names) {
        let top = (entry.height - room(name) / 2.0).min(area.bottom() - below).max(free);
        (free, below) = (top + room(name), below - room(name));
        let x = area.right() + 8.0;
        let middle = top + room(name) / 2.0;
        out.line((x, middle), (x + SAMPLE, middle), entry.stroke);
        for (number, line) in name.iter().enumerate() {
            let height = top + SPACE / 2.0 + (number as f64 + 0.85) * LINE;
            out.text((x + SAMPLE + 6.0, height), Anchor::Start, TEXT, line, "");
        }
    }
    free
}
