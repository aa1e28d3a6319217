//! The frame of a plot: axes with ticks and labels, and the position of values in it.

use super::drawing::{Anchor, Drawing, Rect, Xy, shorten, text_width};
use super::style::{AXIS, GUIDE, TEXT};
use crate::show::figure::Axis;

/// The height of the tick labels and the label of x below a plot.
pub const BELOW: f64 = 44.0;
/// Pixels from one tick to the next, at least: (x, y).
const TICK: (f64, f64) = (80.0, 48.0);

/// The width of the tick labels and the label of y at the left of a plot.
pub fn left(y: &Axis, height: f64) -> f64 {
    let widest = ticks_y(y, height).iter().map(|(_, text)| text_width(text, TEXT)).fold(0.0, f64::max);
    widest + 8.0 + 1.8 * TEXT
}

fn ticks_y(y: &Axis, height: f64) -> Vec<(f64, String)> {
    y.ticks((height / TICK.1) as usize)
}

/// The position of a point, which may be outside of the area. `None` if it has no place on an axis.
pub fn place(area: Rect, (x_axis, y_axis): (&Axis, &Axis), (x, y): (f64, f64)) -> Option<Xy> {
    let (x, y) = (x_axis.place(x)?, y_axis.place(y)?);
    Some((area.x + x * area.width, area.bottom() - y * area.height))
}

pub fn draw(area: Rect, (x, y): (&Axis, &Axis), with_guides: bool, out: &mut Drawing) {
    let ticks_x = x.ticks((area.width / TICK.0) as usize);
    let ticks_x = ticks_x.iter().filter_map(|(tick, text)| Some((area.x + x.place(*tick)? * area.width, text)));
    let ticks_y = ticks_y(y, area.height);
    let ticks_y = ticks_y.iter().filter_map(|(tick, text)| Some((area.bottom() - y.place(*tick)? * area.height, text)));
    for (height, text) in ticks_y {
        if with_guides {
            out.line((area.x, height), (area.right(), height), GUIDE);
        }
        out.line((area.x - 4.0, height), (area.x, height), AXIS);
        out.text((area.x - 7.0, height + 0.35 * TEXT), Anchor::End, TEXT, text, "");
    }
    for (across, text) in ticks_x {
        out.line((across, area.bottom()), (across, area.bottom() + 4.0), AXIS);
        out.text((across, area.bottom() + 6.0 + TEXT), Anchor::Middle, TEXT, text, "");
    }
    out.rect(area, &format!("fill=\"none\" {AXIS}"));
    let below = (area.x + area.width / 2.0, area.bottom() + BELOW - 6.0);
    out.text(below, Anchor::Middle, TEXT, &x.label, "");
    let beside = (TEXT, area.y + area.height / 2.0);
    out.turned_text(beside, -90.0, Anchor::Middle, TEXT, &shorten(&y.label, TEXT, area.height + area.y), "");
}
