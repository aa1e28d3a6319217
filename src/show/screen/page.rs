//! The table as plain text, printed after the screen has closed.

use super::labels::Labels;
use super::screens::effect_lines;
use super::screens::table::TableScreen;
use super::text::wrap;
use super::theme::Theme;
use crate::judge::report::Table;
use crate::record::board::Board;
use crate::show::words::sections::which_factor_matters;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// The name of the study and its question, all rows and notes of the table screen, and the section on which factor matters,
/// without colours. Each line is at most `width` columns wide and ends in a line break.
pub fn table_text(board: &Board, width: u16) -> String {
    let (labels, theme) = (Labels::new(&board.plan), Theme::new(false));
    let mut screen = TableScreen::new(Table::new(board));
    let area = Rect::new(0, 0, width, screen.height(&labels, width));
    let mut buffer = Buffer::empty(area);
    screen.draw_all(&labels, theme, area, &mut buffer);
    let question = board.plan.question.as_deref().unwrap_or_default();
    let mut lines = wrap(&format!("{}: {question}", board.plan.study), width.into());
    lines.push(String::new());
    lines.extend((0..area.height).map(|y| line(&buffer, y)));
    let factors: Vec<_> = which_factor_matters(board, &Table::new(board)).into_iter().collect();
    lines.extend(factors.first().map(|_| String::new()));
    let room = usize::from(width).saturating_sub(2);
    for (text, _) in effect_lines(&factors, theme, room) {
        lines.push(format!(" {text}"));
    }
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn line(buffer: &Buffer, y: u16) -> String {
    let mut text = String::new();
    let mut covered = 0;
    for x in 0..buffer.area.width {
        let symbol = buffer[(x, y)].symbol();
        // A wide character also covers the next cell.
        if covered == 0 {
            text.push_str(symbol);
            covered = symbol.width().max(1);
        }
        covered -= 1;
    }
    text
}
