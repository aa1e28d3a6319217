//! Curves with axes, in braille, with the name of each at its end.

use crate::show::figure::{Axis, Hue, Lines, Series};
use crate::show::screen::text::shorten;
use crate::show::screen::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use ratatui::widgets::canvas::{Canvas, Painter, Shape};
use std::cmp::Ordering;
use unicode_width::UnicodeWidthStr;

/// With fewer rows there are no interval bars, as they would hide the curves.
const BARS_FROM: u16 = 8;
/// Braille dots from one interval bar of a curve to the next.
const BAR_EVERY: usize = 18;

/// The first row holds the label of y, and the names of the curves if there is no room for them at their ends.
pub fn lines(plot: &Lines, theme: Theme, area: Rect, buf: &mut Buffer) {
    let ticks_y = plot.y.ticks((area.height.saturating_sub(3) as usize / 2).clamp(2, 6));
    let left = ticks_y.iter().map(|(_, text)| text.chars().count()).max().unwrap_or(0) as u16 + 1;
    let names = plot.series.iter().map(|series| series.name.width()).max().unwrap_or(0).min(28) as u16 + 1;
    let right = if area.width > left + names + 20 { names } else { 0 };
    if area.width < left + right + 4 || area.height < 5 {
        return;
    }
    let inner = Rect { x: area.x + left, y: area.y + 1, width: area.width - left - right, height: area.height - 3 };
    heading(plot, right == 0, theme, area, buf);
    axis_y(&ticks_y, &plot.y, theme, inner, buf);
    axis_x(&plot.x, theme, inner, buf);
    curves(plot, theme, inner, buf);
    if right > 0 {
        end_names(plot, theme, inner, right - 1, buf);
    }
}

fn heading(plot: &Lines, with_names: bool, theme: Theme, area: Rect, buf: &mut Buffer) {
    let names: usize = plot.series.iter().filter(|_| with_names).map(|series| series.name.width() + 4).sum();
    // Without its unit if the room is needed for names.
    let fits = plot.y.label.width() + names <= area.width.into();
    let short = plot.y.label.split(" (").next().unwrap_or_default();
    let mut spans = vec![Span::styled(if fits { plot.y.label.as_str() } else { short }, theme.title())];
    let by = Span::styled(format!(" by {}", plot.x.label), theme.faint());
    if spans[0].width() + by.width() + names <= area.width.into() {
        spans.push(by);
    }
    // Grey curves come last: if a curve is drawn alone, its name is first.
    let mut series: Vec<&Series> = plot.series.iter().filter(|_| with_names).collect();
    series.sort_by_key(|series| series.hue == Hue::Grey);
    let mut room = usize::from(area.width).saturating_sub(spans.iter().map(Span::width).sum());
    for series in series {
        let name = shorten(&format!("  {} {}", dash(series), series.name), room);
        room = room.saturating_sub(name.width());
        spans.push(Span::styled(name, theme.hue(series.hue)));
    }
    buf.set_line(area.x, area.y, &Line::from(spans), area.width);
}

/// What a curve looks like, for legends.
pub fn dash(series: &Series) -> &'static str {
    if series.dotted { "┅" } else { "━" }
}

pub(super) fn axis_y(ticks: &[(f64, String)], axis: &Axis, theme: Theme, inner: Rect, buf: &mut Buffer) {
    for y in inner.top()..inner.bottom() {
        buf.set_string(inner.x - 1, y, "│", theme.faint());
    }
    for (tick, text) in ticks {
        let Some(row) = axis.place(*tick).map(|place| row(place, inner.height)) else { continue };
        let x = (inner.x - 1).saturating_sub(text.chars().count() as u16);
        buf.set_string(x, inner.y + row, text, theme.faint());
        buf.set_string(inner.x - 1, inner.y + row, "┤", theme.faint());
    }
}

pub(super) fn axis_x(axis: &Axis, theme: Theme, inner: Rect, buf: &mut Buffer) {
    let y = inner.bottom();
    buf.set_string(inner.x - 1, y, "└", theme.faint());
    buf.set_string(inner.x, y, "─".repeat(inner.width as usize), theme.faint());
    let mut free_from = inner.x.saturating_sub(1);
    for (tick, text) in axis.ticks(inner.width as usize / 8) {
        let Some(place) = axis.place(tick) else { continue };
        let x = inner.x + (place * f64::from(inner.width - 1)).round() as u16;
        let width = text.chars().count() as u16;
        let start = (x.saturating_sub(width / 2)).min(inner.right().saturating_sub(width)).max(inner.x - 1);
        if start >= free_from {
            buf.set_string(x, y, "┬", theme.faint());
            buf.set_string(start, y + 1, text, theme.faint());
            free_from = start + width + 1;
        }
    }
}

fn curves(plot: &Lines, theme: Theme, inner: Rect, buf: &mut Buffer) {
    Canvas::default()
        .marker(Marker::Braille)
        .x_bounds([0.0, 1.0])
        .y_bounds([0.0, 1.0])
        .paint(|context| {
            for (nth, series) in plot.series.iter().enumerate().filter(|_| inner.height >= BARS_FROM) {
                let colour = theme.hue(series.hue).fg.unwrap_or(Color::Reset);
                context.draw(&Bars { series, plot, nth, colour });
            }
            for series in &plot.series {
                context.draw(&Curve { series, plot, colour: theme.hue(series.hue).fg.unwrap_or(Color::Reset) });
            }
        })
        .render(inner, buf);
}

/// Draws the name of each curve beside its last point. Names that would share a row are moved, with an arrow to the end.
fn end_names(plot: &Lines, theme: Theme, inner: Rect, width: u16, buf: &mut Buffer) {
    let end = |series: &Series| series.points.iter().rev().find_map(|point| plot.y.place(point.1));
    let mut names: Vec<(f64, &Series)> =
        plot.series.iter().filter_map(|series| Some((end(series)?.clamp(0.0, 1.0), series))).collect();
    names.sort_by(|a, b| b.0.total_cmp(&a.0));
    let ends: Vec<u16> = names.iter().map(|&(place, _)| row(place, inner.height)).collect();
    for ((row, end), (_, series)) in apart(&ends, inner.height).into_iter().zip(ends).zip(names) {
        if row < inner.height {
            let style: Style = theme.hue(series.hue);
            let arrow = match end.cmp(&row) {
                Ordering::Less => "↑",
                Ordering::Equal => " ",
                Ordering::Greater => "↓",
            };
            buf.set_string(inner.right(), inner.y + row, arrow, style);
            buf.set_string(inner.right() + 1, inner.y + row, shorten(&series.name, width.into()), style);
        }
    }
}

/// A row for each name, all different, as near as possible to the `wanted` rows, which ascend, by least squares. Rows from
/// `height` on are outside the picture.
fn apart(wanted: &[u16], height: u16) -> Vec<u16> {
    // The pool-adjacent-violators algorithm on each wanted row minus its index: (sum, count) of the names that move together.
    let mut pools: Vec<(i32, i32)> = Vec::new();
    for (place, &row) in wanted.iter().enumerate() {
        pools.push((i32::from(row) - place as i32, 1));
        while let [.., (a, m), (b, n)] = pools[..]
            && a * n > b * m
        {
            pools.pop();
            pools.pop();
            pools.push((a + b, m + n));
        }
    }
    let moved = pools.iter().flat_map(|&(sum, count)| std::iter::repeat_n(sum.div_euclid(count), count as usize));
    let lowest = i32::from(height) - wanted.len() as i32;
    moved.zip(0..).map(|(moved, place)| (moved.min(lowest).max(0) + place) as u16).collect()
}

/// A curve in braille dots, with gaps where values have no place.
struct Curve<'a> {
    series: &'a Series,
    plot: &'a Lines,
    colour: Color,
}

impl Shape for Curve<'_> {
    fn draw(&self, painter: &mut Painter) {
        let dots: Vec<Option<(usize, usize)>> = (self.series.points.iter())
            .map(|&(x, y)| painter.get_point(self.plot.x.place(x)?, self.plot.y.place(y)?))
            .collect();
        let last = painter.get_point(1.0, 0.0);
        for (index, dot) in dots.iter().enumerate() {
            let Some((x, y)) = *dot else { continue };
            match dots.get(index + 1).copied().flatten() {
                Some(next) => line((x, y), next, |x, y| {
                    if !self.series.dotted || x % 4 < 2 {
                        painter.paint(x, y, self.colour);
                    }
                }),
                None => painter.paint(x, y, self.colour),
            }
            if self.series.has_dots() {
                let around = [(x.saturating_sub(1), y), (x + 1, y), (x, y.saturating_sub(1)), (x, y + 1)];
                // The canvas would draw dots beyond the last column in the next row.
                let inside =
                    around.into_iter().filter(|dot| last.is_some_and(|last| dot.0 <= last.0 && dot.1 <= last.1));
                inside.for_each(|(x, y)| painter.paint(x, y, self.colour));
            }
        }
    }
}

/// The interval around a curve as vertical bars, at different places for each curve. A filled band would hide the curves.
struct Bars<'a> {
    series: &'a Series,
    plot: &'a Lines,
    nth: usize,
    colour: Color,
}

impl Shape for Bars<'_> {
    fn draw(&self, painter: &mut Painter) {
        let dots = |painter: &Painter, &(x, low, high): &(f64, f64, f64)| {
            let place = |y: f64| Some(self.plot.y.place(y)?.clamp(0.0, 1.0));
            let x = self.plot.x.place(x)?;
            Some((painter.get_point(x, place(low)?)?, painter.get_point(x, place(high)?)?))
        };
        let mut next = BAR_EVERY / 2 + self.nth * 2;
        let ends: Vec<_> = self.series.band.iter().filter_map(|end| dots(painter, end)).collect();
        for ((x, bottom), (_, top)) in ends {
            if x >= next {
                (top..=bottom).for_each(|y| painter.paint(x, y, self.colour));
                next += BAR_EVERY * ((x - next) / BAR_EVERY + 1);
            }
        }
    }
}

/// Paints the dots from one to another, both included.
pub(super) fn line(
    (from_x, from_y): (usize, usize),
    (to_x, to_y): (usize, usize),
    mut paint: impl FnMut(usize, usize),
) {
    let length = from_x.abs_diff(to_x).max(from_y.abs_diff(to_y)).max(1);
    for step in 0..=length {
        let between = |from: usize, to: usize| {
            (from as f64 + (to as f64 - from as f64) * step as f64 / length as f64).round() as usize
        };
        paint(between(from_x, to_x), between(from_y, to_y));
    }
}

/// The row, from the top, in which the canvas draws a place in [0, 1].
fn row(place: f64, height: u16) -> u16 {
    let dots = f64::from(height) * 4.0 - 1.0;
    ((1.0 - place) * dots).round() as u16 / 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_near_the_ends_of_their_curves() {
        assert_eq!(apart(&[1, 4, 8], 10), [1, 4, 8]);
        // Three that want row 5 lie around it, and take the one at 6 along.
        assert_eq!(apart(&[5, 5, 5], 10), [4, 5, 6]);
        assert_eq!(apart(&[5, 5, 5, 6], 10), [3, 4, 5, 6]);
        assert_eq!(apart(&[9, 9], 10), [8, 9]);
        assert_eq!(apart(&[0, 0, 0], 2), [0, 1, 2]);
    }
}
