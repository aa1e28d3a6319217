//! A surface seen from above: contours, paths with their letters and arrows, and marks.

use super::lines::{axis_x, axis_y};
use super::raster::Raster;
use crate::show::figure::{Field, Hue, Path, contour, letter};
use crate::show::screen::text::shorten;
use crate::show::screen::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// The most lines of the legend above the drawing.
const LEGEND: usize = 2;
/// The entry of the legend for characters in which several paths end.
const SEVERAL: &str = "  ● several ends";
/// The largest share of characters that contours may cover.
const CROWDED: f64 = 0.35;

pub fn field(plot: &Field, theme: Theme, area: Rect, buf: &mut Buffer) {
    let legend = legend(plot, theme, area.width);
    let above = legend.len() as u16;
    let ticks_y = plot.y.ticks((area.height.saturating_sub(3) as usize / 2).clamp(2, 6));
    let left = ticks_y.iter().map(|(_, text)| text.chars().count()).max().unwrap_or(0) as u16 + 1;
    if area.width < left + 4 || area.height < above + 4 {
        return;
    }
    let inner = Rect { x: area.x + left, y: area.y + above, width: area.width - left, height: area.height - above - 2 };
    axis_y(&ticks_y, &plot.y, theme, inner, buf);
    axis_x(&plot.x, theme, inner, buf);
    contours(plot, theme, inner, buf);
    paths(plot, theme, inner, buf);
    marks(plot, theme, inner, buf);
    let several = heads(plot, theme, inner, buf);
    for (mut line, y) in legend.into_iter().zip(area.y..) {
        if y + 1 == inner.y && several && line.width() + SEVERAL.width() <= area.width.into() {
            line.push_span(Span::styled(SEVERAL, theme.faint()));
        }
        buf.set_line(area.x, y, &line, area.width);
    }
}

/// The letters of paths with their names, and the names of marks, as far as there is room.
fn legend<'a>(plot: &Field, theme: Theme, width: u16) -> Vec<Line<'a>> {
    let axes = format!("{} by {}", plot.y.label, plot.x.label);
    let mut entries = vec![vec![Span::styled(axes, theme.faint())]];
    for (nth, path) in plot.paths.iter().enumerate() {
        let letter = Span::styled(letter(nth), lettering(path, theme));
        let name = shorten(&path.name, usize::from(width).saturating_sub(4));
        entries.push(vec![letter, Span::styled(format!(" {name}"), theme.hue(path.hue))]);
    }
    let mut marks: Vec<&str> = plot.marks.iter().map(|(name, _)| name.as_str()).collect();
    marks.dedup();
    entries.extend(marks.into_iter().map(|name| vec![Span::styled("+", theme.title()), Span::raw(format!(" {name}"))]));
    let mut lines: Vec<Line> = Vec::new();
    for entry in entries {
        let wide: usize = entry.iter().map(Span::width).sum();
        let full = lines.len() == LEGEND;
        match lines.last_mut() {
            Some(line) if line.width() + 2 + wide <= width.into() => {
                line.push_span("  ");
                line.spans.extend(entry);
            }
            _ if full => return lines,
            _ => lines.push(Line::from(entry)),
        }
    }
    lines
}

/// Draws contours as sparse dots, so that none can be taken for a path. If they are too dense, only every second, third, …
fn contours(plot: &Field, theme: Theme, inner: Rect, buf: &mut Buffer) {
    let segments: Vec<_> = plot.contours.iter().map(|&level| contour(&plot.heights, level)).collect();
    for every in 1..=segments.len() {
        let mut raster = Raster::new(inner);
        for &(from, to) in segments.iter().rev().step_by(every).flatten() {
            raster.sparse_line([from, to], theme.ground());
        }
        if raster.covered() <= CROWDED || every == segments.len() {
            return raster.render(buf);
        }
    }
}

/// Draws all paths, then their arrows. If two share a character, it has the colour of the later one.
fn paths(plot: &Field, theme: Theme, inner: Rect, buf: &mut Buffer) {
    let mut raster = Raster::new(inner);
    let is_alone = plot.paths.iter().filter(|path| path.points.len() > 1).count() == 1;
    for (nth, path) in plot.paths.iter().enumerate() {
        let mut dots = 0;
        for pair in path.points.windows(2) {
            let Some(ends) = place(plot, pair[0]).zip(place(plot, pair[1])) else { continue };
            dots += raster.line(ends.into(), theme.hue(path.hue), dots, |dot| is_alone || is_shown(nth, dot));
        }
    }
    for path in &plot.paths {
        if let Some(ends) = arrow(plot, path) {
            raster.line(ends, theme.hue(path.hue), 0, |_| true);
        }
    }
    raster.render(buf);
}

/// Whether a dot of the n-th path is drawn: paths are solid, dashed and dotted in turn.
fn is_shown(nth: usize, dot: usize) -> bool {
    match nth % 3 {
        0 => true,
        1 => dot % 6 < 4,
        _ => dot.is_multiple_of(2),
    }
}

fn marks(plot: &Field, theme: Theme, inner: Rect, buf: &mut Buffer) {
    let raster = Raster::new(inner);
    for &(_, at) in &plot.marks {
        if let Some(at) = place(plot, at).and_then(|at| raster.character(at)) {
            put(buf, at, "+", theme.title());
        }
    }
}

/// Draws the letter of each path at its last point, and the head of its arrow. Where several paths end in one character, draws
/// a dot with their letters beside it. Returns whether there is such a dot.
fn heads(plot: &Field, theme: Theme, inner: Rect, buf: &mut Buffer) -> bool {
    let raster = Raster::new(inner);
    for path in &plot.paths {
        let head = arrow(plot, path).and_then(|[from, to]| Some((direction(from, to, inner), raster.character(to)?)));
        if let Some((head, at)) = head {
            put(buf, at, head, theme.hue(path.hue));
        }
    }
    let last = |path: &Path| path.points.last().and_then(|&last| raster.character(place(plot, last)?));
    let ends: Vec<Option<(u16, u16)>> = plot.paths.iter().map(last).collect();
    let mut taken: Vec<(u16, u16)> = ends.iter().flatten().copied().collect();
    for (nth, (path, end)) in plot.paths.iter().zip(&ends).enumerate() {
        let Some((x, y)) = *end else { continue };
        let style = lettering(path, theme);
        if ends.iter().filter(|other| *other == end).count() == 1 {
            put(buf, (x, y), &letter(nth), style);
            continue;
        }
        put(buf, (x, y), "●", theme.title());
        let free = |at: &(u16, u16)| !taken.contains(at);
        let beside = (x + 1..inner.right()).chain((inner.x..x).rev()).map(|x| (x, y)).find(free);
        if let Some(at) = beside {
            put(buf, at, &letter(nth), style);
            taken.push(at);
        }
    }
    ends.iter().flatten().enumerate().any(|(nth, end)| ends.iter().flatten().skip(nth + 1).any(|other| other == end))
}

/// The style of a letter: bold, unless only the end of its path is shown.
fn lettering(path: &Path, theme: Theme) -> Style {
    let style = theme.hue(path.hue);
    if path.hue == Hue::Grey { style } else { style.patch(theme.title()) }
}

/// A point in the unit square, or outside of it if it is beyond the axes. `None` if it has no place on an axis.
fn place(plot: &Field, (x, y): (f64, f64)) -> Option<(f64, f64)> {
    Some((plot.x.place(x)?, plot.y.place(y)?))
}

fn arrow(plot: &Field, path: &Path) -> Option<[(f64, f64); 2]> {
    let (&(x, y), (dx, dy)) = (path.points.last()?, path.arrow?);
    Some([place(plot, (x, y))?, place(plot, (x + dx, y + dy))?])
}

/// The nearest of eight arrows, with characters about twice as high as wide.
fn direction(from: (f64, f64), to: (f64, f64), inner: Rect) -> &'static str {
    let right = (to.0 - from.0) * f64::from(inner.width);
    let up = (to.1 - from.1) * f64::from(inner.height) * 2.0;
    let eighth = (up.atan2(right) / std::f64::consts::FRAC_PI_4).round() as i32;
    ["→", "↗", "↑", "↖", "←", "↙", "↓", "↘"][eighth.rem_euclid(8) as usize]
}

fn put(buf: &mut Buffer, at: (u16, u16), symbol: &str, style: Style) {
    if let Some(cell) = buf.cell_mut(at) {
        cell.reset();
        cell.set_symbol(symbol).set_style(style);
    }
}
