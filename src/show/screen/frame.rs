//! The header and the footer around every screen.

use super::keys::{Binding, QUIT};
use super::numbers;
use super::progress::State;
use super::shared::Shared;
use super::text::shorten;
use crate::plan::sources;
use crate::printable;
use crate::show::words::data;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// The number of spans that always stay in the second line: margin, bar and count of the trials.
const COUNTED: usize = 4;
/// With fewer columns than this the footer shortens its hints.
const NARROW: u16 = 50;

pub struct Parts {
    pub header: Rect,
    pub body: Rect,
    pub footer: Rect,
}

/// Divides the rows of the screen. With few rows the header gets fewer, and the footer none.
pub fn split(area: Rect) -> Parts {
    let footer = u16::from(area.height >= 4);
    let header = match area.height {
        0..6 => 0,
        6..9 => 1,
        9..20 => 2,
        _ => 3,
    };
    let body = area.height - header - footer;
    Parts {
        header: Rect { height: header, ..area },
        body: Rect { y: area.y + header, height: body, ..area },
        footer: Rect { y: area.y + header + body, height: footer, ..area },
    }
}

/// Draws the study, its question and the tabs, then the overall progress. `tabs`: (name, whether it is in view). `subject`:
/// which of many things is in view, e.g. the name of a picture.
pub fn header(shared: &Shared, tabs: &[(&str, bool)], subject: Option<&str>, area: Rect, buf: &mut Buffer) {
    if area.height >= 2 {
        title(shared, tabs, Rect { height: 1, ..area }, buf);
        overall(shared, subject, Rect { y: area.y + 1, height: 1, ..area }, buf);
    } else if area.height == 1 {
        overall(shared, subject, area, buf);
    }
}

fn title(shared: &Shared, tabs: &[(&str, bool)], area: Rect, buf: &mut Buffer) {
    let theme = shared.theme;
    let plan = &shared.board.plan;
    let current = theme.title().add_modifier(Modifier::UNDERLINED);
    let mut spans: Vec<Span> = Vec::new();
    for &(name, is_current) in tabs {
        if !spans.is_empty() {
            spans.push("  ".into());
        }
        spans.push(Span::styled(name, if is_current { current } else { theme.faint() }));
    }
    let mut tabs = Line::from(spans);
    if area.width < tabs.width() as u16 + 13 {
        tabs.spans.retain(|tab| tab.style == current);
    }
    let room = (area.width as usize).saturating_sub(tabs.width() + 4);
    let study = shorten(&plan.study, room);
    let mut spans = vec![" ".into(), Span::styled(study, theme.title())];
    let data = data::brief(sources(&plan.cells));
    if !data.is_empty() && Line::from(spans.clone()).width() + 2 + data.width() <= room {
        spans.push(format!("  {}", printable::line(&data)).into());
    }
    if let Some(question) = &plan.question {
        let room = room.saturating_sub(Line::from(spans.clone()).width() + 2);
        // A few words of a question would tell nothing.
        if room >= 24 {
            spans.push(Span::styled(format!("  {}", shorten(question, room)), theme.faint()));
        }
    }
    buf.set_line(area.x, area.y, &Line::from(spans), area.width);
    let width = tabs.width() as u16 + 1;
    if area.width >= width + 12 {
        buf.set_line(area.right() - width, area.y, &tabs, width);
    }
}

/// Draws a bar, the number of trials that have ended, what went wrong, and the time spent and left.
fn overall(shared: &Shared, subject: Option<&str>, area: Rect, buf: &mut Buffer) {
    let theme = shared.theme;
    let tally = shared.board.tally();
    let bar = (area.width / 4).clamp(6, 40) as usize;
    let filled = (shared.pace.share(&shared.board) * bar as f64).floor() as usize;
    let whole = if tally.ended() == tally.planned { theme.done() } else { theme.running() };
    let mut spans = vec![
        " ".into(),
        Span::styled("━".repeat(filled), whole),
        Span::styled("─".repeat(bar.saturating_sub(filled)), theme.faint()),
        Span::styled(format!(" {}/{}", tally.ended(), tally.planned), theme.title()),
    ];
    let mut add = |text: String, style: Style| {
        let width: usize = spans.iter().map(Span::width).sum();
        let span = Span::styled(format!("  {text}"), style);
        if width + span.width() <= area.width as usize {
            spans.push(span);
        }
    };
    let counts = [(State::Running, tally.running), (State::Failed, tally.failed), (State::Diverged, tally.diverged)];
    for (state, count) in counts.into_iter().filter(|&(_, count)| count > 0) {
        add(format!("{} {count} {}", state.glyph(), state.word()), shared.style(state));
    }
    if tally.stopped() > 0 {
        add(format!("◌ {} stopped", tally.stopped()), theme.faint());
    }
    if let Some(note) = &shared.note {
        add(printable::line(note).into_owned(), theme.running());
    }
    if tally.running > 0 {
        if let Some(left) = shared.pace.left(&shared.board, shared.elapsed) {
            add(format!("{} left", numbers::duration(left)), Style::new());
        }
        add(format!("after {}", numbers::duration(shared.elapsed)), theme.faint());
    } else if tally.ended() == tally.planned {
        add("all trials ended".into(), theme.done());
    }
    let subject = subject.unwrap_or_default();
    // The subject is more important than the state of the trials, except for bar and count.
    let taken = |spans: &[Span]| spans.iter().map(Span::width).sum::<usize>() + 3;
    while spans.len() > COUNTED && taken(&spans) + subject.width() > area.width.into() {
        spans.pop();
    }
    let subject = shorten(subject, usize::from(area.width).saturating_sub(taken(&spans)));
    buf.set_line(area.x, area.y, &Line::from(spans), area.width);
    if !subject.is_empty() {
        let x = area.right() - 1 - subject.width() as u16;
        buf.set_string(x, area.y, subject, theme.faint());
    }
}

/// Draws a message, or as many keys as there is room for, the most important first; while text is typed, the keys that are
/// not typed.
pub fn footer(shared: &Shared, keys: &[Binding], is_typing: bool, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let typing = is_typing.then_some("type words · ↑ ↓ · enter · esc");
    if let Some(message) = shared.message().or(typing) {
        let text = shorten(&format!(" {message}"), area.width as usize);
        buf.set_string(area.x, area.y, text, shared.theme.title());
        return;
    }
    let mut line = Line::default();
    for binding in keys {
        let Some(hint) = binding.hint else { continue };
        // Users know what q does, so its hint is the first to go.
        let hint = if area.width < NARROW && *binding == QUIT { "" } else { hint };
        let name = Span::styled(format!(" {}", binding.name()), shared.theme.title());
        let hint = Span::styled(format!(" {hint}").trim_end().to_owned() + " ", shared.theme.faint());
        // No break: a later one may be shorter.
        if line.width() + name.width() + hint.width() <= area.width.into() {
            line.spans.extend([name, hint]);
        }
    }
    buf.set_line(area.x, area.y, &line, area.width);
}
