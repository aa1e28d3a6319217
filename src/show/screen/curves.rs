//! The curves of one trial, or of the marked trials in comparison.

use super::plot::plot;
use super::shared::Shared;
use crate::plan::Problem;
use crate::show::figure::{self, Figure};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget};
use unicode_width::UnicodeWidthStr;

/// Draws the first two figures of a trial side by side or one above the other, or the one that matters most where there is
/// room for no more; with the legend of a comparison below.
pub fn charts(shared: &Shared, trial: usize, area: Rect, buf: &mut Buffer) {
    let figures = figure::of_trial(&shared.board, trial, &shared.marks);
    let draw = |figure: &Figure, area, buf: &mut Buffer| plot(&figure.plot, shared.theme, area, buf);
    let compares = shared.marks.iter().any(|&marked| marked != trial);
    let legend = if compares { legend(shared, area.width) } else { Vec::new() };
    let lines = (legend.len() as u16).min(area.height.saturating_sub(6));
    let area = Rect { height: area.height - lines, ..area };
    Paragraph::new(legend).render(Rect { y: area.bottom(), height: lines, ..area }, buf);
    let is_network = shared.board.plan.problem_of(shared.board.cell(trial)) == Problem::Network;
    match &figures[..] {
        [] => {}
        [alone] => draw(alone, area, buf),
        [first, second, ..] if area.width >= 70 && area.width > area.height * 3 => {
            let width = area.width.saturating_sub(2) / 2;
            draw(first, Rect { width, ..area }, buf);
            draw(second, Rect { x: area.x + width + 2, width, ..area }, buf);
        }
        [first, second, ..] if area.height >= 12 => {
            let air = u16::from(area.height >= 20);
            let height = (area.height - air) / 2;
            draw(first, Rect { height, ..area }, buf);
            draw(second, Rect { y: area.y + height + air, height, ..area }, buf);
        }
        // Of a network, the accuracy stands behind the loss.
        [first, second, ..] => draw(if is_network { second } else { first }, area, buf),
    }
}

/// Which trial each letter stands for, as many on a line as there is room for.
fn legend<'a>(shared: &Shared, width: u16) -> Vec<Line<'a>> {
    let mut lines: Vec<Line> = Vec::new();
    for &marked in &shared.marks {
        let name = shared.trial_name(marked, width.saturating_sub(2));
        let (letter, style) = shared.mark(marked);
        let entry = [Span::styled(letter, style), Span::raw(format!(" {name}"))];
        let wide = 2 + name.width();
        match lines.last_mut() {
            Some(line) if line.width() + 3 + wide <= width.into() => {
                line.push_span("   ");
                line.spans.extend(entry);
            }
            _ => lines.push(Line::from_iter(entry)),
        }
    }
    lines
}
