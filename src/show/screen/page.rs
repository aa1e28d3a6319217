//! The table as plain text, for a terminal on which no screen is open any more.

use super::effects;
use super::labels::Labels;
use super::progress::Pace;
use super::scene::Scene;
use super::table::{self, TableView};
use super::text::wrap;
use super::theme::Theme;
use crate::judge::report::{Table, which_factor_matters};
use crate::record::board::Board;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

/// The study's name and question, all rows and notes of the table screen, and which factor matters, without colours. Lines
/// are at most `width` columns long and end in a line break each.
pub fn table_text(board: &Board, width: u16) -> String {
    let (labels, pace) = (Labels::new(&board.plan), Pace::new(board, Duration::ZERO));
    let theme = Theme::new(false);
    let scene = Scene {
        board,
        labels: &labels,
        pace: &pace,
        marks: &[],
        theme,
        elapsed: Duration::ZERO,
        note: None,
        moves: false,
        has_lines: false,
        picture: None,
    };
    let mut view = TableView::default();
    view.refresh(board);
    let area = Rect::new(0, 0, width, table::height(&scene, &view, width));
    let mut buffer = Buffer::empty(area);
    table::draw(&scene, &mut view, area, &mut buffer);
    let question = board.plan.question.as_deref().unwrap_or_default();
    let mut lines = wrap(&format!("{}: {question}", board.plan.study), width.into());
    lines.push(String::new());
    lines.extend((0..area.height).map(|y| line(&buffer, y)));
    let factors: Vec<_> = which_factor_matters(board, &Table::new(board)).into_iter().collect();
    lines.extend(factors.first().map(|_| String::new()));
    let room = usize::from(width).saturating_sub(2);
    for (text, _) in effects::lines(&factors, theme, room) {
        lines.push(format!(" {text}"));
    }
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn line(buffer: &Buffer, y: u16) -> String {
    let mut text = String::new();
    let mut covered = 0;
    for x in 0..buffer.area.width {
        let symbol = buffer[(x, y)].symbol();
        // A wide character lies over the cell behind it, too.
        if covered == 0 {
            text.push_str(symbol);
            covered = symbol.width().max(1);
        }
        covered -= 1;
    }
    text
}
