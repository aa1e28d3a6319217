//! The lines of a plot with their names, at its right side.

use super::drawing::{Anchor, Drawing, Rect, shorten, text_width};
use super::style::TEXT;

const SAMPLE: f64 = 26.0;
const ROW: f64 = 1.4 * TEXT;
/// Names longer than this are cut.
const LONGEST: f64 = 300.0;

pub struct Entry<'a> {
    pub name: &'a str,
    pub stroke: &'a str,
    /// The height at which it would best stand: that of the curve's end.
    pub height: f64,
}

/// The room it takes, gap included.
pub fn width<'a>(names: impl Iterator<Item = &'a str>) -> f64 {
    let widest = names.map(|name| text_width(name, TEXT)).fold(0.0, f64::max);
    if widest == 0.0 { 0.0 } else { 8.0 + SAMPLE + 6.0 + widest.min(LONGEST) }
}

/// Each as near its height as the others let it.
pub fn draw(area: Rect, mut entries: Vec<Entry>, out: &mut Drawing) {
    entries.sort_by(|a, b| a.height.total_cmp(&b.height));
    let count = entries.len();
    let mut free = area.y + ROW / 2.0;
    for (place, entry) in entries.into_iter().enumerate() {
        let lowest = area.bottom() - ROW * ((count - place) as f64 - 0.5);
        let height = entry.height.min(lowest).max(free);
        free = height + ROW;
        let x = area.right() + 8.0;
        out.line((x, height), (x + SAMPLE, height), entry.stroke);
        let name = shorten(entry.name, TEXT, LONGEST);
        out.text((x + SAMPLE + 6.0, height + 0.35 * TEXT), Anchor::Start, TEXT, &name, "");
    }
}
