//! What lies over a screen: the keys, and the question before quitting.

use super::app::Scene;
use super::grid::wrap;
use super::keys::BINDINGS;
use super::numbers;
use super::progress::Tally;
use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Padding, Paragraph, Widget};
use unicode_width::UnicodeWidthStr;

/// All keys; from line `top` on where they do not fit. Returns the line it really begins with.
pub fn keys(scene: &Scene, top: usize, area: Rect, buf: &mut Buffer) -> usize {
    let names = BINDINGS.iter().map(|binding| binding.names().chars().count()).max().unwrap_or(0);
    let room = usize::from(area.width).saturating_sub(names + 2 + 4).max(8);
    let mut lines: Vec<Line> = Vec::new();
    // The box keeps its width while its lines scroll.
    let widest =
        BINDINGS.iter().flat_map(|binding| wrap(binding.does, room)).map(|part| part.width()).max().unwrap_or(0);
    for binding in BINDINGS {
        for (place, part) in wrap(binding.does, room).into_iter().enumerate() {
            let name = if place == 0 { binding.names() } else { String::new() };
            let name = Span::styled(format!("{name:>names$}"), scene.theme.title());
            lines.push(Line::from(vec![name, "  ".into(), format!("{part:widest$}").into()]));
        }
    }
    let count = lines.len();
    let page = usize::from(area.height).saturating_sub(2).max(1);
    let top = top.min(count.saturating_sub(page));
    let lines: Vec<Line> = lines.into_iter().skip(top).take(page).collect();
    let (title, ways) = match count > page {
        true => (format!(" keys, {}–{} of {count} ", top + 1, top + lines.len()), " j k scroll, ? closes "),
        false => (" keys ".into(), " ? closes "),
    };
    overlay(scene, &title, ways, lines, area, buf);
    top
}

pub fn quit(scene: &Scene, area: Rect, buf: &mut Buffer) {
    let tally = Tally::of(scene.board);
    let theme = scene.theme;
    let choice = |key: &'static str, text: &'static str| {
        Line::from(vec![Span::styled(format!(" {key} "), theme.title()), " ".into(), text.into()])
    };
    let left = numbers::count(tally.total - tally.ended(), "trial");
    let lines = vec![
        Line::from(format!("{left} left, {} of them running.", tally.running)),
        Line::default(),
        choice("y", "stop now; finished trials are kept,"),
        Line::from("    the same command goes on from here"),
        choice("n", "keep training"),
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
fn overlay(scene: &Scene, title: &str, ways: &str, lines: Vec<Line>, area: Rect, buf: &mut Buffer) {
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
        let block = block.title(Span::styled(title, scene.theme.title())).padding(Padding::horizontal(air));
        let block = block.title_bottom(Line::styled(ways, scene.theme.faint()).right_aligned());
        text.block(block).render(place, buf);
    } else {
        text.render(place.inner(Margin::new(u16::from(place.width > 20), 0)), buf);
    }
}
