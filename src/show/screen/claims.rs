//! The claims with their verdicts: in a line each below the table, and in full on a screen of their own.

use super::grid::{self, Cell, Grid, Heading};
use super::scene::Scene;
use crate::judge::claim::{Judgement, Verdict};
use crate::judge::report::{ClaimColumn, Table};
use crate::show::words::{self, count, entry};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Columns beside the verdict and the claim itself, which stays; from the fullest to the barest.
const COLUMNS: [&[ClaimColumn]; 4] = [
    &[ClaimColumn::Effect, ClaimColumn::P, ClaimColumn::SignFlip, ClaimColumn::Pairs],
    &[ClaimColumn::Effect, ClaimColumn::P, ClaimColumn::Pairs],
    &[ClaimColumn::Effect],
    &[],
];
/// A claim is not cut to fewer columns than this while others can go.
const LEAST_CLAIM: u16 = 40;

/// Lines that [`below`] takes where there is room for them all: a blank one, the header and one a claim.
pub fn height(table: &Table) -> u16 {
    match table.claims.len() {
        0 => 0,
        count => u16::try_from(count + 2).unwrap_or(u16::MAX),
    }
}

/// Draws a line for each claim at the top of an area, or, where not all fit, how to see them. Returns the lines taken.
pub fn below(scene: &Scene, table: &Table, area: Rect, buf: &mut Buffer) -> u16 {
    if table.claims.is_empty() || area.height < 2 {
        return 0;
    }
    if height(table) > area.height {
        let text = format!("{}: press c", count(table.claims.len(), "claim"));
        buf.set_stringn(area.x + 1, area.y + 1, text, area.width.saturating_sub(1).into(), scene.theme.title());
        return 2;
    }
    let (columns, grid) = layout(scene, table, area.width);
    let mut line = Rect { y: area.y + 1, height: 1, ..area };
    grid.header(line, buf);
    for judged in &table.claims {
        line.y += 1;
        let verdict = judged.finding.verdict;
        let mark = (glyph(verdict).to_owned(), style(scene, verdict));
        let cells = columns.iter().map(|&column| cell(scene, judged, column)).collect();
        grid.row(mark, cells, false, line, buf);
    }
    height(table)
}

/// As many columns as leave the claim enough room; it takes what is left.
fn layout(scene: &Scene, table: &Table, width: u16) -> (Vec<ClaimColumn>, Grid) {
    let layouts = COLUMNS.map(|others| {
        let columns: Vec<_> = [ClaimColumn::Verdict, ClaimColumn::Claim].iter().chain(others).copied().collect();
        let headings: Vec<_> = columns.iter().map(|&column| heading(table, column)).collect();
        (columns, Grid { headings, space: 2, theme: scene.theme })
    });
    let fixed = |grid: &Grid| grid.width() - grid.headings[1].width;
    let wanted = |grid: &Grid| fixed(grid) + grid.headings[1].width.min(LEAST_CLAIM);
    let [.., barest] = &layouts;
    let (columns, grid) = layouts.iter().find(|(_, grid)| wanted(grid) <= width).unwrap_or(barest);
    let mut headings = grid.headings.clone();
    headings[1].width = headings[1].width.min(width.saturating_sub(fixed(grid)));
    (columns.clone(), Grid { headings, ..*grid })
}

fn heading(table: &Table, column: ClaimColumn) -> Heading {
    let title = words::claims::header(column);
    let widest = table.claims.iter().map(|judged| text(judged, column).width()).max().unwrap_or(0);
    // Sentences can be as long as one likes.
    let width = widest.max(title.width()).min(1000) as u16;
    Heading { title: title.into(), width, right: column.is_numeric() }
}

fn cell(scene: &Scene, judged: &Judgement, column: ClaimColumn) -> Cell {
    let style = match column {
        ClaimColumn::Verdict => style(scene, judged.finding.verdict),
        _ => Style::new(),
    };
    (text(judged, column), style)
}

fn text(judged: &Judgement, column: ClaimColumn) -> String {
    entry::text(&judged.entry(column))
}

/// All that is known of every claim; from line `top` on where it does not fit. Returns the line it really begins with.
pub fn draw(scene: &Scene, table: Option<&Table>, top: usize, area: Rect, buf: &mut Buffer) -> usize {
    let Some(table) = table else { return 0 };
    let room = usize::from(area.width).saturating_sub(2).max(1);
    let faint = scene.theme.faint();
    let mut lines: Vec<Line> = Vec::new();
    let mut paragraph = |indent: &'static str, text: &str, style: Style| {
        let wrapped = grid::wrap(text, room.saturating_sub(indent.len()).max(1));
        lines.extend(wrapped.into_iter().map(|line| Line::from(vec![indent.into(), Span::styled(line, style)])));
    };
    for judged in &table.claims {
        let verdict = judged.finding.verdict;
        let named = format!("{} {}", glyph(verdict), text(judged, ClaimColumn::Verdict));
        paragraph("", &named, style(scene, verdict));
        paragraph("  ", &text(judged, ClaimColumn::Claim), scene.theme.title());
        let numbers = [ClaimColumn::Effect, ClaimColumn::P, ClaimColumn::SignFlip, ClaimColumn::Pairs];
        if judged.finding.difference.is_some() {
            let numbers = numbers.map(|column| format!("{} {}", words::claims::header(column), text(judged, column)));
            paragraph("  ", &numbers.join(", "), Style::new());
        }
        paragraph("  ", &words::claims::remarks(judged), faint);
    }
    paragraph("", &words::claims::reading(table), faint);
    let page = usize::from(area.height);
    let top = top.min(lines.len().saturating_sub(page));
    for (y, line) in lines.iter().skip(top).take(page).enumerate() {
        buf.set_line(area.x + 1, area.y + y as u16, line, area.width.saturating_sub(1));
    }
    top
}

fn glyph(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Supported => "✓",
        Verdict::Refuted => "✗",
        Verdict::Inconclusive => "?",
        Verdict::DescriptiveOnly => "–",
        Verdict::Unfinished => "·",
    }
}

fn style(scene: &Scene, verdict: Verdict) -> Style {
    match verdict {
        Verdict::Supported => scene.theme.done(),
        Verdict::Refuted => scene.theme.trouble(),
        Verdict::Inconclusive => Style::new(),
        Verdict::DescriptiveOnly | Verdict::Unfinished => scene.theme.faint(),
    }
}
