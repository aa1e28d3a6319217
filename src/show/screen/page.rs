//! The table as plain text, for a terminal on which no screen is open any more.

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

/// The study's name and question, all rows and notes of the table screen, and which factor matters, without colours. Lines
/// are at most `width` columns long and end in a line break each.
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
        // A wide character lies over the cell behind it, too.
        if covered == 0 {
            text.push_str(symbol);
            covered = symbol.width().max(1);
        }
        covered -= 1;
    }
    text
}
