//! A function of two variables seen from above: shades with their scale, contours, paths, marks.

use super::axes;
use super::drawing::{Anchor, Drawing, Rect, Size, Xy, text_width};
use super::legend::{self, LegendEntry};
use super::style::{AXIS, TEXT, colour, shade, strokes};
use crate::show::figure::{Axis, Field, Path, above, contour};

const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 340.0;
const BAR: f64 = 14.0;
/// Paths of at most so many points have a dot at each.
const DOTS: usize = 150;
const HALO: &str = "stroke=\"#fff\" stroke-width=\"4\" stroke-opacity=\"0.75\"";

pub fn draw(plot: &Field, out: &mut Drawing) -> Size {
    let area = Rect { x: axes::left(&plot.y, HEIGHT), y: 6.0, width: WIDTH, height: HEIGHT };
    let place = |point| axes::place(area, (&plot.x, &plot.y), point);
    let scale = Shades::of(plot).filter(|_| plot.shaded);
    // Every other path counts as dotted, so that paths differ in more than their hue.
    let strokes = strokes(plot.paths.iter().enumerate().map(|(nth, path)| (path.hue, nth % 2 == 1)));
    out.clipped(area, |out| {
        if let Some(scale) = &scale {
            shades(plot, scale, area, out);
        }
        contours(plot, area, out);
        for (path, stroke) in plot.paths.iter().zip(&strokes) {
            draw_path(path, stroke, place, out);
        }
    });
    marks(plot, area, place, out);
    axes::draw(area, (&plot.x, &plot.y), false, out);
    let (mut right, mut bottom) = (area.right() + 16.0, area.bottom() + axes::BELOW);
    if !plot.paths.is_empty() {
        let paths = plot.paths.iter().zip(&strokes);
        let entries: Vec<LegendEntry> =
            paths.map(|(path, stroke)| LegendEntry { name: &path.name, stroke, height: area.y }).collect();
        right = area.right() + legend::width(entries.iter().map(|entry| entry.name)) + 12.0;
        bottom = bottom.max(legend::draw(area, entries, out));
    }
    if let Some(scale) = &scale {
        right = scale.bar(Rect { x: right, width: BAR, ..area }, &plot.height, out);
    }
    Size { width: right, height: bottom }
}

/// The shades of heights: one between each two contours; without contours, many levels at even distances.
struct Shades {
    levels: Vec<f64>,
    low: f64,
    high: f64,
}

/// The number of shades if there are no contours.
const SMOOTH: usize = 32;

impl Shades {
    /// `None` if no height is finite.
    fn of(plot: &Field) -> Option<Shades> {
        let finite = || plot.heights.iter().flatten().copied().filter(|height| height.is_finite());
        let (low, high) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), h| (low.min(h), high.max(h)));
        if low > high {
            return None;
        }
        let evenly = (1..SMOOTH).map(|n| low + (high - low) * n as f64 / SMOOTH as f64);
        let levels = if plot.contours.is_empty() { evenly.collect() } else { plot.contours.clone() };
        Some(Shades { levels, low, high })
    }

    fn count(&self) -> usize {
        self.levels.len() + 1
    }

    fn colour(&self, number: usize) -> String {
        shade(number as f64 / (self.count() - 1).max(1) as f64)
    }

    /// The scale beside the plot; returns where it ends at the right.
    fn bar(&self, area: Rect, label: &str, out: &mut Drawing) -> f64 {
        let step = area.height / self.count() as f64;
        for number in 0..self.count() {
            let y = area.bottom() - (number + 1) as f64 * step;
            // Overlaps the next one a little, so that no gap shows between them.
            let field = Rect { y, height: step + if number == 0 { 0.0 } else { 0.5 }, ..area };
            out.rect(field, &format!("fill=\"{}\"", self.colour(number)));
        }
        out.rect(area, &format!("fill=\"none\" {AXIS}"));
        let mut widest: f64 = 0.0;
        for (share, text) in self.ticks(area.height) {
            let height = area.bottom() - share * area.height;
            out.line((area.right(), height), (area.right() + 4.0, height), AXIS);
            out.text((area.right() + 7.0, height + 0.35 * TEXT), Anchor::Start, TEXT, &text, "");
            widest = widest.max(text_width(&text, TEXT));
        }
        let beside = (area.right() + 7.0 + widest + TEXT, area.y + area.height / 2.0);
        out.turned_text(beside, -90.0, Anchor::Middle, TEXT, label, "");
        beside.0 + 0.5 * TEXT
    }

    /// (position on the bar in [0, 1], text): the contours between shades, or round numbers without contours.
    fn ticks(&self, height: f64) -> Vec<(f64, String)> {
        if self.levels.len() + 1 == SMOOTH {
            let axis = Axis::linear("", self.low, self.high);
            return axis.ticks(5).into_iter().filter_map(|(tick, text)| Some((axis.place(tick)?, text))).collect();
        }
        let every = (self.count() as f64 * 1.3 * TEXT / height).ceil().max(1.0) as usize;
        let place = |number: usize| (number + 1) as f64 / self.count() as f64;
        let levels = self.levels.iter().enumerate().step_by(every);
        levels.map(|(number, level)| (place(number), level_text(*level))).collect()
    }
}

/// A level in three significant digits.
fn level_text(level: f64) -> String {
    let text = match level.abs() {
        0.0 => "0".into(),
        size if !(1e-3..1e5).contains(&size) => format!("{level:.1e}"),
        size => {
            let digits = (2 - libm::log10(size).floor() as i32).max(0) as usize;
            let text = format!("{level:.digits$}");
            if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
        }
    };
    text.replace('-', "−")
}

/// Paints the shades from the lowest to the highest, each over the area at or above its level.
fn shades(plot: &Field, scale: &Shades, area: Rect, out: &mut Drawing) {
    let place = |(x, y): (f64, f64)| (area.x + x * area.width, area.bottom() - y * area.height);
    let levels = std::iter::once(f64::NEG_INFINITY).chain(scale.levels.iter().copied());
    for (number, level) in levels.enumerate() {
        let polygons: Vec<Vec<Xy>> =
            above(&plot.heights, level).into_iter().map(|polygon| polygon.into_iter().map(place).collect()).collect();
        let colour = scale.colour(number);
        // The stroke makes areas overlap a little, so that no gaps show between them.
        out.areas(&polygons, &format!("fill=\"{colour}\" stroke=\"{colour}\" stroke-width=\"0.5\""));
    }
}

fn contours(plot: &Field, area: Rect, out: &mut Drawing) {
    let stroke = "stroke=\"#556\" stroke-width=\"0.7\" stroke-opacity=\"0.6\"";
    let place = |(x, y): (f64, f64)| (area.x + x * area.width, area.bottom() - y * area.height);
    for &level in &plot.contours {
        let segments = contour(&plot.heights, level);
        let segments: Vec<(Xy, Xy)> = segments.into_iter().map(|(from, to)| (place(from), place(to))).collect();
        out.segments(&segments, stroke);
    }
}

/// A disc at the start, a dot at each step, an arrow head at the end, and the arrow of the velocity.
fn draw_path(path: &Path, stroke: &str, place: impl Fn((f64, f64)) -> Option<Xy>, out: &mut Drawing) {
    let fill = format!("fill=\"{}\"", colour(path.hue));
    let places: Vec<Option<Xy>> = path.points.iter().map(|&point| place(point)).collect();
    for run in places.split(Option::is_none) {
        let run: Vec<Xy> = run.iter().flatten().copied().collect();
        if run.len() > 1 {
            out.polyline(&run, HALO);
            out.polyline(&run, stroke);
        }
    }
    if path.points.len() <= DOTS {
        places.iter().flatten().for_each(|&dot| out.circle(dot, 1.8, &fill));
    }
    if let Some(&Some(start)) = places.first() {
        out.circle(start, 4.0, &format!("fill=\"#fff\" stroke=\"{}\" stroke-width=\"1.8\"", colour(path.hue)));
    }
    let mut distinct: Vec<Xy> = places.iter().flatten().copied().collect();
    distinct.dedup();
    if let [.., from, to] = distinct[..] {
        head(from, to, 9.0, &fill, out);
    }
    let velocity = path.arrow.zip(path.points.last());
    let tip = velocity.and_then(|((dx, dy), &(x, y))| place((x + dx, y + dy)));
    if let Some((from, to)) = distinct.last().copied().zip(tip).filter(|(from, to)| from != to) {
        out.line(from, to, "stroke=\"#222\" stroke-width=\"1.6\"");
        head(from, to, 8.0, "fill=\"#222\"", out);
    }
}

/// A triangle with its tip at `to`.
fn head(from: Xy, to: Xy, length: f64, style: &str, out: &mut Drawing) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let distance = libm::hypot(dx, dy);
    if distance > 0.0 && distance.is_finite() {
        let (dx, dy) = (dx / distance * length, dy / distance * length);
        let side = |turn: f64| (to.0 - dx + turn * dy * 0.45, to.1 - dy - turn * dx * 0.45);
        out.polygon(&[to, side(1.0), side(-1.0)], style);
    }
}

/// Crosses with names for the marks within the plot.
fn marks(plot: &Field, area: Rect, place: impl Fn((f64, f64)) -> Option<Xy>, out: &mut Drawing) {
    for (name, at) in &plot.marks {
        let Some((x, y)) = place(*at) else { continue };
        if x < area.x || x > area.right() || y < area.y || y > area.bottom() {
            continue;
        }
        let arms = [((x - 4.0, y), (x + 4.0, y)), ((x, y - 4.0), (x, y + 4.0))];
        out.segments(&arms, "stroke=\"#fff\" stroke-width=\"4\"");
        out.segments(&arms, "stroke=\"#222\" stroke-width=\"1.6\"");
        let (at, anchor) = match x + text_width(name, TEXT) + 8.0 > area.right() {
            true => (x - 7.0, Anchor::End),
            false => (x + 7.0, Anchor::Start),
        };
        out.text((at, (y - 5.0).max(area.y + TEXT)), anchor, TEXT, name, "");
    }
}
