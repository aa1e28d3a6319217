//! What lies over a screen: the keys, a caption, and the question before quitting.

use super::keys::{BINDINGS, Place, Screen};
use super::numbers;
use super::plot::dash;
use super::progress::Tally;
use super::scene::Scene;
use super::text::{shorten, wrap};
use crate::show::figure::{self, Figure, Plot};
use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Padding, Paragraph, Widget};
use unicode_width::UnicodeWidthStr;

/// Columns from one column of keys to the next.
const GAP: usize = 3;
/// A column of keys is at least so wide.
const NARROWEST: u16 = 52;

/// All keys by place, those of this screen first; from line `top` on where they do not fit. Returns the line it really
/// begins with.
pub fn keys(scene: &Scene, screen: Screen, top: usize, area: Rect, buf: &mut Buffer) -> usize {
    let columns = usize::from((area.width / NARROWEST).clamp(1, 3));
    let width = (usize::from(area.width).saturating_sub(6 + GAP * (columns - 1)) / columns).max(20);
    let groups: Vec<Vec<Line>> = places(screen).into_iter().map(|place| group(scene, place, screen, width)).collect();
    let widest = groups.iter().flatten().map(Line::width).max().unwrap_or(0);
    let height = groups.iter().map(Vec::len).sum::<usize>().div_ceil(columns);
    let mut stacks: Vec<Vec<Line>> = vec![Vec::new()];
    for group in groups {
        // No group is torn apart, so columns end where half of the next would be too much.
        if stacks.len() < columns && stacks.last().is_some_and(|stack| stack.len() + group.len() / 2 > height) {
            stacks.push(Vec::new());
        }
        stacks.last_mut().into_iter().for_each(|stack| stack.extend(group.iter().cloned()));
    }
    let beside = |row: usize| {
        let mut line = Line::default();
        for (column, stack) in stacks.iter().enumerate() {
            // The box keeps its width while its lines scroll.
            line.push_span(" ".repeat(column * (widest + GAP) - line.width()));
            line.spans.extend(stack.get(row).map(|line| line.spans.clone()).unwrap_or_default());
        }
        line.push_span(" ".repeat((stacks.len() * (widest + GAP) - GAP).saturating_sub(line.width())));
        line
    };
    let lines = (0..stacks.iter().map(Vec::len).max().unwrap_or(0)).map(beside).collect();
    scrolled(scene, "keys", "?", lines, top, area, buf)
}

/// In the order of the bindings, those of a screen before all others, and of these what is everywhere last.
fn places(screen: Screen) -> Vec<&'static Place> {
    let mut places: Vec<&Place> = Vec::new();
    for binding in BINDINGS {
        if !places.contains(&binding.place) {
            places.push(binding.place);
        }
    }
    places.sort_by_key(|place| (!place.has(screen), place.screen_count()));
    places
}

fn group<'a>(scene: &Scene, place: &Place, screen: Screen, width: usize) -> Vec<Line<'a>> {
    let bindings = || BINDINGS.iter().filter(|binding| binding.place == place);
    let names = bindings().map(|binding| binding.names().width()).max().unwrap_or(0);
    let heading = if place.has(screen) { scene.theme.title() } else { scene.theme.faint() };
    let mut lines = vec![Span::styled(place.name, heading.add_modifier(Modifier::UNDERLINED)).into()];
    for binding in bindings() {
        for (nth, part) in wrap(binding.does, width.saturating_sub(names + 2).max(8)).into_iter().enumerate() {
            let name = if nth == 0 { binding.names() } else { String::new() };
            let name = Span::styled(format!("{name:>names$}"), scene.theme.title());
            lines.push(Line::from(vec![name, "  ".into(), part.into()]));
        }
    }
    lines
}

/// The whole caption of a figure, with the names of its lines.
pub fn caption(scene: &Scene, name: &str, figure: &Figure, top: usize, area: Rect, buf: &mut Buffer) -> usize {
    let room = usize::from(area.width).saturating_sub(6).clamp(10, 76);
    let moment = figure.moment.as_ref().map(|moment| format!(", {moment}")).unwrap_or_default();
    let mut lines: Vec<Line> = Vec::new();
    let mut add = |text: &str, style: Style| {
        lines.extend(wrap(text, room).into_iter().map(|line| Line::styled(format!("{line:room$}"), style)));
    };
    add(&format!("{}{moment}", figure.title), scene.theme.title());
    add(&figure.caption, Style::new());
    match &figure.plot {
        Plot::Field(field) => (field.paths.iter().enumerate())
            .for_each(|(nth, path)| add(&format!("{} {}", figure::letter(nth), path.name), scene.theme.hue(path.hue))),
        Plot::Lines(lines) => (lines.series.iter())
            .for_each(|series| add(&format!("{} {}", dash(series), series.name), scene.theme.hue(series.hue))),
        Plot::Histograms(_) | Plot::Grid(_) => {}
    }
    scrolled(scene, name, "i", lines, top, area, buf)
}

/// A box of lines from `top` on, as many as fit. Returns the line it really begins with.
fn scrolled(
    scene: &Scene,
    name: &str,
    closes: &str,
    lines: Vec<Line>,
    top: usize,
    area: Rect,
    buf: &mut Buffer,
) -> usize {
    let count = lines.len();
    let page = usize::from(area.height).saturating_sub(2).max(1);
    let top = top.min(count.saturating_sub(page));
    let lines: Vec<Line> = lines.into_iter().skip(top).take(page).collect();
    let (title, ways) = match count > page {
        true => (
            format!(" {name}, {}–{} of {count} ", top + 1, top + lines.len()),
            format!(" j k scroll, {closes} closes "),
        ),
        false => (format!(" {name} "), format!(" {closes} closes ")),
    };
    overlay(scene, &title, &ways, lines, area, buf);
    top
}

/// What it takes no answer to yet is faint.
pub fn quit(scene: &Scene, open: bool, area: Rect, buf: &mut Buffer) {
    let tally = Tally::of(scene.board);
    let theme = scene.theme;
    let choice = |key: &'static str, text: &'static str, style: Style| {
        Line::from(vec![Span::styled(format!(" {key} "), style), " ".into(), text.into()])
    };
    let left = numbers::count(tally.total - tally.ended(), "trial");
    let lines = vec![
        Line::from(format!("{left} left, {} of them running.", tally.running)),
        Line::default(),
        choice("y", "stop now; finished trials are kept,", if open { theme.title() } else { theme.faint() }),
        Line::from("    the same command goes on from here"),
        choice("n", "keep training", theme.title()),
    ];
    overlay(scene, " stop training? ", "", lines, area, buf);
}

pub fn stopping(scene: &Scene, area: Rect, buf: &mut Buffer) {
    let lines = vec![
        Line::from("waiting for running trials to stop"),
        Line::from(vec![Span::styled("ctrl-c", scene.theme.title()), "  leave at once".into()]),
    ];
    overlay(scene, " stopping ", "", lines, area, buf);
}

/// A box in the middle, as large as its lines, with the keys that work in it, `ways`, in its frame; without frame where
/// there is no room for one.
pub fn overlay(scene: &Scene, title: &str, ways: &str, lines: Vec<Line>, area: Rect, buf: &mut Buffer) {
    let width = lines.iter().map(Line::width).max().unwrap_or(0) as u16;
    let height = lines.len() as u16;
    let framed = area.width >= width + 4 && area.height >= height + 2;
    let air = if area.width >= width + 6 { 2 } else { 1 };
    let (wide, high) = match framed {
        true => (width + 2 + 2 * air, height + 2),
        false => (area.width, height.min(area.height)),
    };
    let place =
        Rect { x: area.x + (area.width - wide) / 2, y: area.y + (area.height - high) / 2, width: wide, height: high };
    Clear.render(place, buf);
    let text = Paragraph::new(lines);
    if framed {
        let block = Block::bordered().border_type(BorderType::Rounded).border_style(scene.theme.faint());
        let title = shorten(title, usize::from(wide).saturating_sub(2));
        let block = block.title(Span::styled(title, scene.theme.title())).padding(Padding::horizontal(air));
        let block = block.title_bottom(Line::styled(ways.to_owned(), scene.theme.faint()).right_aligned());
        text.block(block).render(place, buf);
    } else {
        text.render(place.inner(Margin::new(u16::from(place.width > 20), 0)), buf);
    }
}
