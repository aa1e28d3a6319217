//! The help: all keys by where they work, those of the screen in view first.

use super::{About, Next, Screen};
use crate::show::screen::keys::Binding;
use crate::show::screen::overlay::{self, Scrolled};
use crate::show::screen::shared::Shared;
use crate::show::screen::text::wrap;
use crate::show::screen::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

pub const ABOUT: About = About::overlay("keys");

/// The blanks between two columns of keys.
const GAP: usize = 3;
/// The least width of a column of keys.
const NARROWEST: u16 = 52;

#[derive(Default)]
pub struct Help {
    scrolled: Scrolled,
}

impl Screen for Help {
    fn about(&self) -> About {
        ABOUT
    }

    fn keys(&self, _openers: &[Binding]) -> Vec<Binding> {
        overlay::keys()
    }

    fn open(&mut self, _shared: &mut Shared) {
        self.scrolled = Scrolled::default();
    }

    fn press(&mut self, key: Binding, _shared: &mut Shared) -> Option<Next> {
        overlay::press(key)
    }

    fn move_by(&mut self, lines: isize, _shared: &mut Shared) {
        self.scrolled.move_by(lines);
    }

    fn draw(&mut self, shared: &mut Shared, area: Rect, buf: &mut Buffer) {
        let lines = lines(&groups(shared), shared.theme, area.width);
        self.scrolled.draw_box(shared.theme, "keys", "?", lines, area, buf);
    }
}

/// The bindings under one heading.
struct Group {
    heading: &'static str,
    bindings: Vec<Binding>,
    /// Whether the screen in view has any of them.
    in_view: bool,
    /// How many screens have any of them.
    screens: usize,
}

/// All groups, those of the screen in view first, and among these and the others those of the fewest screens first.
fn groups(shared: &Shared) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (screen, (_, bindings)) in shared.keys.iter().enumerate().filter(|(_, (about, _))| about.tab.is_some()) {
        for binding in bindings {
            let place = groups.iter().position(|group| group.heading == binding.heading).unwrap_or_else(|| {
                groups.push(Group { heading: binding.heading, bindings: Vec::new(), in_view: false, screens: 0 });
                groups.len() - 1
            });
            let group = &mut groups[place];
            if !group.bindings.contains(binding) {
                group.bindings.push(*binding);
            }
            group.in_view |= screen == shared.in_view;
        }
        for group in &mut groups {
            group.screens += usize::from(bindings.iter().any(|binding| binding.heading == group.heading));
        }
    }
    groups.sort_by_key(|group| (!group.in_view, group.screens));
    groups
}

/// The lines of the help, in as many columns as there is room for.
fn lines(groups: &[Group], theme: Theme, width: u16) -> Vec<Line<'static>> {
    let columns = usize::from((width / NARROWEST).clamp(1, 3));
    let room = (usize::from(width).saturating_sub(6 + GAP * (columns - 1)) / columns).max(20);
    let groups: Vec<Vec<Line>> = groups.iter().map(|group| group_lines(group, theme, room)).collect();
    let widest = groups.iter().flatten().map(Line::width).max().unwrap_or(0);
    let height = groups.iter().map(Vec::len).sum::<usize>().div_ceil(columns);
    let mut stacks: Vec<Vec<Line>> = vec![Vec::new()];
    for group in groups {
        // Groups are not split, so a column ends when more than half of the next group would not fit.
        if stacks.len() < columns && stacks.last().is_some_and(|stack| stack.len() + group.len() / 2 > height) {
            stacks.push(Vec::new());
        }
        stacks.last_mut().into_iter().for_each(|stack| stack.extend(group.iter().cloned()));
    }
    let beside = |row: usize| {
        let mut line = Line::default();
        for (column, stack) in stacks.iter().enumerate() {
            // The box keeps its width while its lines scroll.
            line.push_span(" ".repeat(column * (widest + GAP) - line.width()));
            line.spans.extend(stack.get(row).map(|line| line.spans.clone()).unwrap_or_default());
        }
        line.push_span(" ".repeat((stacks.len() * (widest + GAP) - GAP).saturating_sub(line.width())));
        line
    };
    (0..stacks.iter().map(Vec::len).max().unwrap_or(0)).map(beside).collect()
}

fn group_lines(group: &Group, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let names = group.bindings.iter().map(|binding| binding.names().width()).max().unwrap_or(0);
    let heading = if group.in_view { theme.title() } else { theme.faint() };
    let mut lines = vec![Span::styled(group.heading, heading.add_modifier(Modifier::UNDERLINED)).into()];
    for binding in &group.bindings {
        for (nth, part) in wrap(binding.does, width.saturating_sub(names + 2).max(8)).into_iter().enumerate() {
            let name = if nth == 0 { binding.names() } else { String::new() };
            let name = Span::styled(format!("{name:>names$}"), theme.title());
            lines.push(Line::from(vec![name, "  ".into(), part.into()]));
        }
    }
    lines
}
