//! Curves over a trial's way, with axes and with each curve's name at its end.

use super::numbers;
use super::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use ratatui::widgets::canvas::{Canvas, Painter, Shape};

pub struct Series<'a> {
    pub name: String,
    pub style: Style,
    /// Told apart from a solid one without colours.
    pub dotted: bool,
    /// In order of x. What is not finite is left out.
    pub points: &'a [(f64, f64)],
}

pub struct Chart<'a> {
    pub title: &'a str,
    /// The unit of x, which goes from 0 to `length`.
    pub unit: &'a str,
    pub length: f64,
    /// The highest y; otherwise as high as the curves. The lowest is 0.
    pub top: Option<f64>,
    pub series: Vec<Series<'a>>,
    pub theme: Theme,
}

impl Widget for Chart<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let highest = self.series.iter().flat_map(|series| series.points).map(|point| point.1);
        let highest = self.top.unwrap_or_else(|| highest.filter(|y| y.is_finite()).fold(0.0, f64::max));
        let ticks_y = ticks(highest, (area.height.saturating_sub(3) as usize / 2).clamp(2, 6));
        let labels: Vec<String> = ticks_y.iter().map(|&tick| tick_label(tick, &ticks_y)).collect();
        let left = labels.iter().map(|label| label.chars().count()).max().unwrap_or(0) as u16 + 1;
        let names = self.series.iter().map(|series| series.name.chars().count()).max().unwrap_or(0) as u16 + 1;
        let right = if area.width > left + names + 20 { names } else { 0 };
        if area.width < left + right + 4 || area.height < 5 {
            return;
        }
        let plot = Rect { x: area.x + left, y: area.y + 1, width: area.width - left - right, height: area.height - 3 };
        let top = ticks_y.last().copied().unwrap_or(1.0);
        self.title(area, right == 0, buf);
        self.axis_y(plot, top, &ticks_y, &labels, buf);
        self.axis_x(plot, buf);
        self.curves(plot, top, buf);
        if right > 0 {
            self.names(plot, top, buf);
        }
    }
}

impl Chart<'_> {
    /// The title, with the names behind it where they have no room at the curves' ends.
    fn title(&self, area: Rect, with_names: bool, buf: &mut Buffer) {
        let by = Span::styled(format!(" by {}", self.unit), self.theme.faint());
        let mut spans = vec![Span::styled(self.title, self.theme.title())];
        if spans[0].width() + by.width() <= area.width.into() {
            spans.push(by);
        }
        for series in self.series.iter().filter(|_| with_names) {
            let line = if series.dotted { "┅" } else { "━" };
            spans.push(Span::styled(format!("  {line} {}", series.name), series.style));
        }
        buf.set_line(area.x, area.y, &Line::from(spans), area.width);
    }

    fn axis_y(&self, plot: Rect, top: f64, ticks: &[f64], labels: &[String], buf: &mut Buffer) {
        let faint = self.theme.faint();
        for y in plot.top()..plot.bottom() {
            buf.set_string(plot.x - 1, y, "│", faint);
        }
        for (&tick, label) in ticks.iter().zip(labels) {
            let y = plot.y + row(tick, top, plot.height);
            let x = (plot.x - 1).saturating_sub(label.chars().count() as u16);
            buf.set_string(x, y, label, faint);
            buf.set_string(plot.x - 1, y, "┤", faint);
        }
    }

    fn axis_x(&self, plot: Rect, buf: &mut Buffer) {
        let faint = self.theme.faint();
        let y = plot.bottom();
        buf.set_string(plot.x - 1, y, "└", faint);
        buf.set_string(plot.x, y, "─".repeat(plot.width as usize), faint);
        let ticks = ticks_within(self.length, plot.width as usize / 8);
        let mut free_from = plot.x.saturating_sub(1);
        for &tick in &ticks {
            let x = plot.x + (tick / self.length * f64::from(plot.width - 1)).round() as u16;
            let label = tick_label(tick, &ticks);
            let width = label.chars().count() as u16;
            let start =
                (x.saturating_sub(width / 2)).clamp(plot.x.saturating_sub(1), plot.right().saturating_sub(width));
            if start >= free_from {
                buf.set_string(x, y, "┬", faint);
                buf.set_string(start, y + 1, label, faint);
                free_from = start + width + 1;
            }
        }
    }

    fn curves(&self, plot: Rect, top: f64, buf: &mut Buffer) {
        Canvas::default()
            .marker(Marker::Braille)
            .x_bounds([0.0, self.length])
            .y_bounds([0.0, top])
            .paint(|context| self.series.iter().for_each(|series| context.draw(&Curve(series))))
            .render(plot, buf);
    }

    /// Each curve's name beside its last point, moved where two would share a row.
    fn names(&self, plot: Rect, top: f64, buf: &mut Buffer) {
        let end = |series: &Series| series.points.iter().rev().map(|point| point.1).find(|y| y.is_finite());
        let mut names: Vec<(u16, &Series)> = (self.series.iter())
            .filter_map(|series| end(series).map(|y| (row(y.min(top), top, plot.height), series)))
            .collect();
        names.sort_by_key(|&(row, _)| row);
        let below_last = names.len() as u16;
        let mut free = 0;
        for (place, (row, series)) in names.into_iter().enumerate() {
            let lowest = (plot.height + place as u16).saturating_sub(below_last);
            let row = row.min(lowest).max(free);
            free = row + 1;
            if row < plot.height {
                buf.set_string(plot.right() + 1, plot.y + row, &series.name, series.style);
            }
        }
    }
}

/// A curve in braille dots.
struct Curve<'a, 'b>(&'a Series<'b>);

impl Shape for Curve<'_, '_> {
    fn draw(&self, painter: &mut Painter) {
        let color = self.0.style.fg.unwrap_or(Color::Reset);
        let dots = self.0.points.iter().filter_map(|&(x, y)| painter.get_point(x, y));
        let dots: Vec<(usize, usize)> = dots.collect();
        if let [only] = dots[..] {
            painter.paint(only.0, only.1, color);
        }
        for pair in dots.windows(2) {
            let ((from_x, from_y), (to_x, to_y)) = (pair[0], pair[1]);
            let length = from_x.abs_diff(to_x).max(from_y.abs_diff(to_y)).max(1);
            for step in 0..=length {
                let between = |from: usize, to: usize| {
                    (from as f64 + (to as f64 - from as f64) * step as f64 / length as f64).round() as usize
                };
                let (x, y) = (between(from_x, to_x), between(from_y, to_y));
                if !self.0.dotted || x % 4 < 2 {
                    painter.paint(x, y, color);
                }
            }
        }
    }
}

/// The row from the top in which the canvas draws y.
fn row(y: f64, top: f64, height: u16) -> u16 {
    let dots = f64::from(height) * 4.0 - 1.0;
    ((top - y.max(0.0)) / top * dots).round() as u16 / 4
}

/// Round numbers from 0 to `highest` or just above, `count` steps at most.
fn ticks(highest: f64, count: usize) -> Vec<f64> {
    let highest = if highest > 0.0 && highest.is_finite() { highest } else { 1.0 };
    let step = round_step(highest, count.max(1));
    let steps = (highest / step - 1e-9).ceil().max(1.0) as usize;
    (0..=steps).map(|tick| tick as f64 * step).collect()
}

/// Round numbers from 0 to `highest` at most.
fn ticks_within(highest: f64, count: usize) -> Vec<f64> {
    let mut ticks = ticks(highest, count);
    ticks.retain(|&tick| tick <= highest);
    ticks
}

/// The smallest of 1, 2, 5 times a power of ten of which `count` reach `length`.
fn round_step(length: f64, count: usize) -> f64 {
    let raw = length / count as f64;
    let power = 10f64.powf(raw.log10().floor());
    let factors = [1.0, 2.0, 5.0, 10.0];
    factors.into_iter().map(|factor| factor * power).find(|&step| step >= raw * (1.0 - 1e-9)).unwrap_or(raw)
}

/// As many digits as it takes to tell the ticks apart.
fn tick_label(tick: f64, ticks: &[f64]) -> String {
    let step = ticks.get(1).copied().unwrap_or(1.0);
    if tick == 0.0 {
        "0".into()
    } else if step < 1e-3 || tick >= 1e6 {
        format!("{tick:.0e}")
    } else if step < 1.0 {
        format!("{tick:.*}", (-step.log10() - 1e-9).ceil() as usize)
    } else {
        numbers::whole(tick)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(ticks(2.3, 5), [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]);
        assert_eq!(ticks(1.0, 2), [0.0, 0.5, 1.0]);
        assert_eq!(ticks(0.0, 1), [0.0, 1.0]);
        assert_eq!(ticks(f64::NAN, 0), [0.0, 1.0]);
        assert_eq!(ticks_within(201.0, 5), [0.0, 50.0, 100.0, 150.0, 200.0]);
        let label =
            |highest: f64| ticks(highest, 2).iter().map(|&t| tick_label(t, &ticks(highest, 2))).collect::<Vec<_>>();
        assert_eq!(label(1.0), ["0", "0.5", "1.0"]);
        assert_eq!(label(3e38), ["0", "2e38", "4e38"]);
        assert_eq!(label(3e-9), ["0", "2e-9", "4e-9"]);
        assert_eq!(label(1800.0), ["0", "1,000", "2,000"]);
    }
}
