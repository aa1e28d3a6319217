//! What lies over a screen: the keys, and the question before quitting.

use super::app::Scene;
use super::keys::BINDINGS;
use super::numbers;
use super::progress::Tally;
use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Padding, Paragraph, Widget};

/// All keys; from line `top` on where they do not fit.
pub fn keys(scene: &Scene, top: usize, area: Rect, buf: &mut Buffer) {
    let theme = scene.theme;
    let names = BINDINGS.iter().map(|binding| binding.names().chars().count()).max().unwrap_or(0);
    let top = top.min(BINDINGS.len().saturating_sub(area.height as usize));
    let top = if usize::from(area.height) >= BINDINGS.len() + 2 { 0 } else { top };
    let lines = BINDINGS.iter().skip(top).map(|binding| {
        let name = Span::styled(format!("{:>names$}", binding.names()), theme.title());
        Line::from(vec![name, "  ".into(), binding.does.into()])
    });
    overlay(scene, " keys ", lines.collect(), area, buf);
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
    overlay(scene, " stop training? ", lines, area, buf);
}

pub fn stopping(scene: &Scene, area: Rect, buf: &mut Buffer) {
    let lines = vec![
        Line::from("waiting for running trials to stop"),
        Line::from(vec![Span::styled("ctrl-c", scene.theme.title()), "  leave at once".into()]),
    ];
    overlay(scene, " stopping ", lines, area, buf);
}

/// A box in the middle, as large as its lines; without its frame where there is no room for one.
fn overlay(scene: &Scene, title: &str, lines: Vec<Line>, area: Rect, buf: &mut Buffer) {
    let width = lines.iter().map(Line::width).max().unwrap_or(0) as u16;
    let height = lines.len() as u16;
    let framed = area.width >= width + 6 && area.height >= height + 2;
    let (wide, high) = if framed { (width + 6, height + 2) } else { (area.width, height.min(area.height)) };
    let place =
        Rect { x: area.x + (area.width - wide) / 2, y: area.y + (area.height - high) / 2, width: wide, height: high };
    Clear.render(place, buf);
    let text = Paragraph::new(lines);
    if framed {
        let block = Block::bordered().border_type(BorderType::Rounded).border_style(scene.theme.faint());
        let block = block.title(Span::styled(title, scene.theme.title())).padding(Padding::horizontal(2));
        text.block(block).render(place, buf);
    } else {
        text.render(place.inner(Margin::new(u16::from(place.width > 20), 0)), buf);
    }
}
