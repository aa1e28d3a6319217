//! What surrounds every screen: header, filter and footer.

use super::keys::{Action, BINDINGS, Binding, Screen};
use super::numbers;
use super::order::Order;
use super::progress::{State, Tally};
use super::scene::Scene;
use super::text::shorten;
use crate::printable;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Margin, bar and count of the trials.
const COUNTED: usize = 4;
/// The footer says less of each key in fewer columns than this.
const NARROW: u16 = 50;

pub struct Parts {
    pub header: Rect,
    pub filter: Rect,
    pub body: Rect,
    pub footer: Rect,
}

/// Shares out the rows: the body first, then footer, header and the air between.
pub fn split(area: Rect, filtered: bool) -> Parts {
    let footer = u16::from(area.height >= 4);
    let header = match area.height {
        0..6 => 0,
        6..9 => 1,
        9..20 => 2,
        _ => 3,
    };
    let filter = u16::from(filtered && area.height >= 4);
    let body = area.height - header - filter - footer;
    let mut y = area.y;
    let mut take = |height: u16| {
        let part = Rect { y, height, ..area };
        y += height;
        part
    };
    Parts { header: take(header), filter: take(filter), body: take(body), footer: take(footer) }
}

/// (list, preview): a wide screen has room for both. The list gets the width it wants, unless that leaves too little.
pub fn split_wide(area: Rect, wanted: u16) -> (Rect, Rect) {
    if area.width < 116 || area.height < 14 {
        return (area, Rect { width: 0, ..area });
    }
    let list = (area.width * 13 / 20).max(wanted).min(area.width - 3 - 34);
    (Rect { width: list, ..area }, Rect { x: area.x + list + 3, width: area.width - list - 3, ..area })
}

/// Study and question, then the overall progress.
pub fn header(scene: &Scene, screen: Screen, area: Rect, buf: &mut Buffer) {
    if area.height >= 2 {
        title(scene, screen, Rect { height: 1, ..area }, buf);
        overall(scene, Rect { y: area.y + 1, height: 1, ..area }, buf);
    } else if area.height == 1 {
        overall(scene, area, buf);
    }
}

fn title(scene: &Scene, screen: Screen, area: Rect, buf: &mut Buffer) {
    let theme = scene.theme;
    let tab = |name: &'static str, current: bool| {
        let style = if current { theme.title().add_modifier(Modifier::UNDERLINED) } else { theme.faint() };
        Span::styled(name, style)
    };
    let plan = &scene.board.plan;
    let mut tabs = vec![
        tab("Trials", matches!(screen, Screen::Trials | Screen::Detail)),
        "  ".into(),
        tab("Table", matches!(screen, Screen::Table | Screen::Effects)),
    ];
    if !plan.claims.is_empty() {
        tabs.extend(["  ".into(), tab("Claims", screen == Screen::Claims)]);
    }
    tabs.extend(["  ".into(), tab("Pictures", matches!(screen, Screen::Pictures | Screen::List))]);
    let mut tabs = Line::from(tabs);
    if area.width < tabs.width() as u16 + 13 {
        tabs.spans.retain(|tab| tab.style == theme.title().add_modifier(Modifier::UNDERLINED));
    }
    let room = (area.width as usize).saturating_sub(tabs.width() + 4);
    let study = shorten(&plan.study, room);
    let mut spans = vec![" ".into(), Span::styled(study, theme.title())];
    if let Some(question) = &plan.question {
        let room = room.saturating_sub(Line::from(spans.clone()).width() + 2);
        // A few words of a question say nothing.
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

/// A bar, trials that ended and of how many, what went wrong, time gone and time left.
fn overall(scene: &Scene, area: Rect, buf: &mut Buffer) {
    let theme = scene.theme;
    let tally = Tally::of(scene.board);
    let bar = (area.width / 4).clamp(6, 40) as usize;
    let filled = (scene.pace.share(scene.board) * bar as f64).floor() as usize;
    let whole = if tally.ended() == tally.total { theme.done() } else { theme.running() };
    let mut spans = vec![
        " ".into(),
        Span::styled("━".repeat(filled), whole),
        Span::styled("─".repeat(bar.saturating_sub(filled)), theme.faint()),
        Span::styled(format!(" {}/{}", tally.ended(), tally.total), theme.title()),
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
        add(format!("{} {count} {}", state.glyph(), state.word()), scene.style(state));
    }
    if tally.stopped > 0 {
        add(format!("◌ {} stopped", tally.stopped), theme.faint());
    }
    if let Some(note) = scene.note {
        add(printable::line(note).into_owned(), theme.running());
    }
    if tally.running > 0 {
        if let Some(left) = scene.pace.left(scene.board, scene.elapsed) {
            add(format!("{} left", numbers::duration(left)), Style::new());
        }
        add(format!("after {}", numbers::duration(scene.elapsed)), theme.faint());
    } else if tally.ended() == tally.total {
        add("all trials ended".into(), theme.done());
    }
    let place = scene.picture.map(|(name, place)| format!("{name} {place}")).unwrap_or_default();
    // The picture's name matters more than how the trials go; bar and count stay.
    let taken = |spans: &[Span]| spans.iter().map(Span::width).sum::<usize>() + 3;
    while spans.len() > COUNTED && taken(&spans) + place.width() > area.width.into() {
        spans.pop();
    }
    let place = shorten(&place, usize::from(area.width).saturating_sub(taken(&spans)));
    buf.set_line(area.x, area.y, &Line::from(spans), area.width);
    if !place.is_empty() {
        let x = area.right() - 1 - place.width() as u16;
        buf.set_string(x, area.y, place, theme.faint());
    }
}

/// What the list is narrowed to, and how many trials that leaves.
pub fn filter(scene: &Scene, order: &Order, typing: bool, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let theme = scene.theme;
    let mut spans = vec![" ".into()];
    if let Some(cell) = order.cell() {
        spans.push(Span::styled(format!("only {} ", scene.labels.cells[cell]), theme.title()));
    }
    if typing || !order.filter().is_empty() {
        spans.push(Span::styled(format!("/{}", order.filter()), theme.title()));
        spans.push(Span::styled(if typing { "▏" } else { " " }, theme.running()));
    }
    let count = format!(" {} of {}", order.rows().len(), scene.board.trials.len());
    spans.push(Span::styled(format!("{count}  (esc: all)"), theme.faint()));
    buf.set_line(area.x, area.y, &Line::from(spans), area.width);
}

/// A message, or as many keys as there is room for, what matters most before the others.
pub fn footer(scene: &Scene, screen: Screen, message: Option<&str>, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    if let Some(message) = message {
        let text = shorten(&format!(" {message}"), area.width as usize);
        buf.set_string(area.x, area.y, text, scene.theme.title());
        return;
    }
    let mut line = Line::default();
    let useful = |binding: &&Binding| match binding.action {
        Action::Claims => !scene.board.plan.claims.is_empty(),
        Action::Play | Action::StepForward => scene.moves,
        Action::NextLine => scene.has_lines,
        Action::Best => scene.board.plan.cells.iter().any(|cell| cell.config.validation_samples.get() > 0),
        _ => true,
    };
    for binding in BINDINGS.iter().filter(|binding| binding.valid_on(screen)).filter(useful) {
        let Some(hint) = binding.hint else { continue };
        // What q does is known: where there is little room, the others need it more.
        let hint = if area.width < NARROW && binding.action == Action::Quit { "" } else { hint };
        let name = Span::styled(format!(" {}", binding.name()), scene.theme.title());
        let hint = Span::styled(format!(" {hint}").trim_end().to_owned() + " ", scene.theme.faint());
        // One after it may be shorter.
        if line.width() + name.width() + hint.width() <= area.width.into() {
            line.spans.extend([name, hint]);
        }
    }
    buf.set_line(area.x, area.y, &line, area.width);
}
