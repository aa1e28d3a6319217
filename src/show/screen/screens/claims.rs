//! The claims with their verdicts: in full on a screen of their own, and one line each below the table.

use super::{About, Next, Screen, table};
use crate::judge::claim::{Judgement, Verdict};
use crate::judge::report::{ClaimColumn, Table};
use crate::show::screen::columns::{Column, GUTTER, Layout};
use crate::show::screen::keys::{self, Binding, EXPORT, LEFT, key};
use crate::show::screen::overlay::Scrolled;
use crate::show::screen::shared::Shared;
use crate::show::screen::text::wrap;
use crate::show::screen::theme::Theme;
use crate::show::words::{self, entry};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

pub const ABOUT: About = About::page("claims", "Claims").below(table::ABOUT.name).opened_by(OPENER);
const OPENER: Binding =
    Binding::new(&[key('c')], "from screen to screen", "the claims and their verdicts, and back").hint("claims");

/// The columns below the table, from left to right.
const COLUMNS: [ClaimColumn; 6] = [
    ClaimColumn::Verdict,
    ClaimColumn::Claim,
    ClaimColumn::Effect,
    ClaimColumn::P,
    ClaimColumn::Signs,
    ClaimColumn::Pairs,
];
/// Claims are cut to fewer columns than this only when other columns are no longer shown.
const LEAST_CLAIM: usize = 40;

#[derive(Default)]
pub struct Claims {
    scrolled: Scrolled,
}

impl Screen for Claims {
    fn about(&self) -> About {
        ABOUT
    }

    fn keys(&self, openers: &[Binding]) -> Vec<Binding> {
        [keys::ROWS, openers, &[LEFT, EXPORT]].concat()
    }

    fn absent(&self, shared: &Shared) -> Option<&'static str> {
        shared.board.plan.claims.is_empty().then_some("this study has no claims")
    }

    fn open(&mut self, _shared: &mut Shared) {
        self.scrolled = Scrolled::default();
    }

    fn press(&mut self, key: Binding, _shared: &mut Shared) -> Option<Next> {
        (key == OPENER).then_some(Next::Back)
    }

    fn move_by(&mut self, lines: isize, _shared: &mut Shared) {
        self.scrolled.move_by(lines);
    }

    fn draw(&mut self, shared: &mut Shared, area: Rect, buf: &mut Buffer) {
        let lines = lines(shared.table(), shared.theme, usize::from(area.width).saturating_sub(2).max(1));
        let (_, shown) = self.scrolled.view(&lines, area.height.into());
        for (y, line) in (area.y..).zip(shown) {
            buf.set_line(area.x + 1, y, line, area.width.saturating_sub(1));
        }
    }
}

/// Everything about each claim, then how claims are judged.
fn lines(table: &Table, theme: Theme, room: usize) -> Vec<Line<'static>> {
    let faint = theme.faint();
    let mut lines: Vec<Line> = Vec::new();
    let mut paragraph = |indent: &'static str, text: &str, style: Style| {
        let wrapped = wrap(text, room.saturating_sub(indent.len()).max(1));
        lines.extend(wrapped.into_iter().map(|line| Line::from(vec![indent.into(), Span::styled(line, style)])));
    };
    for judged in &table.claims {
        let verdict = judged.finding.verdict;
        let word = text(judged, ClaimColumn::Verdict);
        let (glyph, style) =
            if judged.is_open() { ("▸", Style::new()) } else { (glyph(verdict), style(theme, verdict)) };
        paragraph("", &format!("{glyph} {word}"), style);
        paragraph("  ", &text(judged, ClaimColumn::Claim), theme.title());
        let numbers = [ClaimColumn::Effect, ClaimColumn::P, ClaimColumn::Signs, ClaimColumn::Pairs];
        if judged.finding.difference.is_some() {
            let numbers = numbers.map(|column| format!("{} {}", words::claims::header(column), text(judged, column)));
            paragraph("  ", &numbers.join(", "), Style::new());
        }
        paragraph("  ", &words::claims::remarks(judged), faint);
    }
    paragraph("", &words::claims::how_judged(table), faint);
    lines
}

/// The lines that [`below`] takes if there is enough room: a blank one, the header and one for each claim.
pub fn height(table: &Table) -> u16 {
    match table.claims.len() {
        0 => 0,
        count => u16::try_from(count + 2).unwrap_or(u16::MAX),
    }
}

/// Draws a line for each claim at the top of an area or, if not all fit, which key shows them. Returns how many lines it took.
pub fn below(theme: Theme, table: &Table, area: Rect, buf: &mut Buffer) -> u16 {
    if table.claims.is_empty() || area.height < 2 {
        return 0;
    }
    if height(table) > area.height {
        let count = table.claims.len();
        let text = format!("{count} claim{}: press c", if count == 1 { "" } else { "s" });
        buf.set_stringn(area.x + 1, area.y + 1, text, area.width.saturating_sub(1).into(), theme.title());
        return 2;
    }
    let needs = COLUMNS.iter().map(|&column| needs(table, column)).collect();
    let layout = Layout::new(needs, 0, area.width.saturating_sub(GUTTER));
    let mut line = Rect { y: area.y + 1, height: 1, ..area };
    layout.draw_titles(theme, line, buf);
    for judged in &table.claims {
        line.y += 1;
        let verdict = judged.finding.verdict;
        let mark = match judged.is_open() {
            true => ("▸".to_owned(), Style::new()),
            false => (glyph(verdict).to_owned(), style(theme, verdict)),
        };
        let cell = |&column| {
            let style = if column == ClaimColumn::Verdict { mark.1 } else { Style::new() };
            (text(judged, column), style)
        };
        let cells = layout.shown.iter().map(|&(place, ..)| cell(&COLUMNS[place])).collect();
        layout.draw_row(mark.clone(), cells, None, line, buf);
    }
    height(table)
}

fn needs(table: &Table, column: ClaimColumn) -> Column {
    let widest = table.claims.iter().map(|judged| text(judged, column).width()).max().unwrap_or(0);
    let needs = |priority: u8| Column::new(words::claims::header(column), widest, priority).right(column.is_numeric());
    match column {
        ClaimColumn::Verdict => needs(0).always(),
        // It gets what the others leave.
        ClaimColumn::Claim => needs(0).always().ideally(LEAST_CLAIM),
        ClaimColumn::Effect => needs(1),
        ClaimColumn::P => needs(2),
        ClaimColumn::Pairs => needs(3),
        ClaimColumn::Signs => needs(4),
    }
}

fn text(judged: &Judgement, column: ClaimColumn) -> String {
    entry::text(&judged.entry(column))
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

fn style(theme: Theme, verdict: Verdict) -> Style {
    match verdict {
        Verdict::Supported => theme.done(),
        Verdict::Refuted => theme.trouble(),
        Verdict::Inconclusive => Style::new(),
        Verdict::DescriptiveOnly | Verdict::Unfinished => theme.faint(),
    }
}
