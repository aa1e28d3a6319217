//! Passes keys, events and time on to the screens, of which it knows only the list. Nothing here reads a clock, a file or a
//! terminal, so that tests can drive it.

use super::frame;
use super::keys::{self, Binding};
use super::save::Document;
use super::screens::{self, About, Next, Screen};
use super::shared::Shared;
use super::theme::Theme;
use crate::error::Result;
use crate::printable;
use crate::record::board::Board;
use crate::record::event::Event;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::time::Duration;

/// What a key asks of the loop in [`super::watch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Nothing is being trained: leave.
    Quit,
    /// Stop training, then leave.
    Cancel,
    /// Leave without waiting for trials that are about to stop.
    Abandon,
    /// Write [`App::documents`].
    Export,
    /// Stop the program until its shell continues it.
    Suspend,
}

pub struct App {
    pub shared: Shared,
    screens: Vec<Box<dyn Screen>>,
    /// The open screens, as indices into `screens`: each one leads back to the one before it. Keys go to the last.
    path: Vec<usize>,
}

impl App {
    pub fn new(board: Board, theme: Theme) -> App {
        App::with(screens::all(), board, theme)
    }

    pub(super) fn with(screens: Vec<Box<dyn Screen>>, board: Board, theme: Theme) -> App {
        let first = screens::first(&board);
        let mut app = App { shared: Shared::new(board, theme), screens, path: vec![0] };
        let openers: Vec<Binding> = app.screens.iter().filter_map(|screen| screen.about().opener).collect();
        app.shared.keys = app.screens.iter().map(|screen| keys_of(screen.as_ref(), &openers)).collect();
        app.open(first);
        app
    }

    pub fn apply(&mut self, event: &Event) {
        let change = self.shared.apply(event);
        self.screens.iter_mut().for_each(|screen| screen.changed(change));
    }

    /// What the export key writes from the screen in view.
    pub fn documents(&mut self) -> Result<Vec<Document>> {
        self.refresh();
        self.screens[self.shared.in_view].documents(&mut self.shared)
    }

    /// Sets whether trials are being trained. Returns whether that has changed.
    pub fn train(&mut self, training: bool) -> bool {
        std::mem::replace(&mut self.shared.training, training) != training
    }

    /// Continues what is playing, `elapsed` after the screen opened. Returns whether there is something new to draw.
    pub fn tick(&mut self, elapsed: Duration) -> bool {
        self.screens[self.shared.in_view].tick(elapsed, &mut self.shared)
    }

    /// Shows that trials were asked to stop by something other than a key.
    pub fn stopping(&mut self) {
        self.shared.stopping = true;
        self.open(screens::QUIT.name);
    }

    /// Draws everything, into an area of any size.
    pub fn draw(&mut self, area: Rect, buf: &mut Buffer) {
        self.refresh();
        let parts = frame::split(area);
        self.shared.page = parts.body.height.saturating_sub(1).max(1).into();
        let subject = self.screens[self.shared.in_view].subject(&self.shared);
        frame::header(&self.shared, &self.tabs(), subject.as_deref(), parts.header, buf);
        frame::footer(&self.shared, &self.offered(), self.is_typing(), parts.footer, buf);
        let whole = self.path.iter().rposition(|&screen| !self.screens[screen].about().lies_over).unwrap_or(0);
        for &screen in &self.path[whole..] {
            let screen = &mut self.screens[screen];
            let area = if screen.about().tab.is_some() { parts.body } else { area };
            screen.draw(&mut self.shared, area, buf);
        }
        // Whatever drew it, nothing on the screen steers the terminal.
        for cell in buf.content.iter_mut().filter(|cell| cell.symbol().contains(printable::is_unprintable)) {
            cell.set_char(char::REPLACEMENT_CHARACTER);
        }
        self.shared.drawn();
    }

    /// Acts on a pressed key.
    pub fn press(&mut self, key: KeyEvent) -> Option<Request> {
        self.shared.forget_message();
        self.refresh();
        if keys::SUSPEND.has(key) {
            return Some(Request::Suspend);
        }
        let last = self.last();
        let screen = &mut self.screens[last];
        let takes_text = screen.takes_text(&self.shared);
        let binding = self.shared.keys[last].1.iter().copied().find(|binding| binding.has(key));
        let next = match binding.filter(|&binding| !takes_text || binding == keys::INTERRUPT) {
            Some(binding) => {
                let own = screen.press(binding, &mut self.shared);
                own.unwrap_or_else(|| self.press_common(binding))
            }
            None if takes_text => screen.type_key(key, &mut self.shared),
            None => Next::Stay,
        };
        self.shared.touch();
        match next {
            Next::Stay => None,
            Next::Open(name) => {
                self.open(name);
                None
            }
            Next::Back => {
                self.back();
                None
            }
            Next::Ask(request) => Some(request),
        }
    }

    /// Acts on a key that means the same on several screens.
    fn press_common(&mut self, binding: Binding) -> Next {
        let opens = |about: &About| about.opener == Some(binding);
        match binding {
            keys::HELP => Next::Open(screens::HELP.name),
            keys::QUIT | keys::INTERRUPT if self.shared.training => Next::Open(screens::QUIT.name),
            keys::QUIT | keys::INTERRUPT => Next::Ask(Request::Quit),
            keys::EXPORT => Next::Ask(Request::Export),
            keys::BACK | keys::LEFT => Next::Back,
            _ => {
                if let Some(rows) = keys::rows(binding, self.shared.page) {
                    let last = self.last();
                    self.screens[last].move_by(rows, &mut self.shared);
                }
                let opened = self.screens.iter().map(|screen| screen.about()).find(opens);
                opened.map_or(Next::Stay, |about| Next::Open(about.name))
            }
        }
    }

    /// Passes pasted text to a screen on which text is being typed; otherwise ignores it.
    pub fn paste(&mut self, text: &str) {
        self.shared.forget_message();
        self.shared.touch();
        let last = self.last();
        match self.screens[last].takes_text(&self.shared) {
            true => self.screens[last].paste(text, &mut self.shared),
            false => self.shared.say("pasted text is not taken for keys"),
        }
    }

    fn open(&mut self, name: &str) {
        let Some(screen) = self.find(name) else { return };
        if let Some(why) = self.screens[screen].absent(&self.shared) {
            return self.shared.say(why);
        }
        // A box without a tab replaces any such box that is open.
        self.path.retain(|&other| self.screens[other].about().tab.is_some());
        if self.screens[screen].about().tab.is_some() {
            self.path = self.way_to(screen);
        } else {
            self.path.push(screen);
        }
        self.update_in_view();
        self.screens[screen].open(&mut self.shared);
    }

    fn back(&mut self) {
        if self.path.len() > 1 {
            self.path.pop();
            self.update_in_view();
        }
    }

    /// The screens on the way from the first screen to this one, by their parents.
    fn way_to(&self, screen: usize) -> Vec<usize> {
        let parent = |&screen: &usize| self.find(self.screens[screen].about().parent?);
        let mut way: Vec<usize> = std::iter::successors(Some(screen), parent).take(self.screens.len()).collect();
        way.reverse();
        way
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.screens.iter().position(|screen| screen.about().name == name)
    }

    /// The screen that keys go to.
    fn last(&self) -> usize {
        self.path.last().copied().unwrap_or(0)
    }

    /// Sets which screen is in view.
    fn update_in_view(&mut self) {
        let has_tab = |&&screen: &&usize| self.screens[screen].about().tab.is_some();
        self.shared.in_view = self.path.iter().rev().find(has_tab).copied().unwrap_or(0);
    }

    /// Brings the open screens up to date, and closes those that no longer have anything to show.
    fn refresh(&mut self) {
        self.shared.refresh();
        while self.path.len() > 1 && self.screens[self.last()].absent(&self.shared).is_some() {
            self.back();
        }
        for &screen in &self.path {
            self.screens[screen].refresh(&mut self.shared);
        }
    }

    fn is_typing(&self) -> bool {
        self.screens[self.shared.in_view].takes_text(&self.shared)
    }

    /// (tab, whether it is that of the screen in view), from left to right.
    fn tabs(&self) -> Vec<(&'static str, bool)> {
        let current = self.shared.keys[self.shared.in_view].0.tab;
        let mut tabs: Vec<(&'static str, bool)> = Vec::new();
        for screen in self.screens.iter().filter(|screen| screen.absent(&self.shared).is_none()) {
            if let Some(tab) = screen.about().tab.filter(|tab| tabs.iter().all(|(other, _)| other != tab)) {
                tabs.push((tab, Some(tab) == current));
            }
        }
        tabs
    }

    /// The keys of the screen in view that have an effect now.
    fn offered(&self) -> Vec<Binding> {
        let in_view = self.shared.in_view;
        let opened = |binding: Binding| self.screens.iter().find(|screen| screen.about().opener == Some(binding));
        let useful = |&&binding: &&Binding| {
            let leads_nowhere = opened(binding).is_some_and(|screen| screen.absent(&self.shared).is_some());
            !leads_nowhere && self.screens[in_view].is_useful(binding, &self.shared)
        };
        self.shared.keys[in_view].1.iter().filter(useful).copied().collect()
    }
}

/// What a screen is, and all its keys.
fn keys_of(screen: &dyn Screen, openers: &[Binding]) -> (About, Vec<Binding>) {
    let (about, own) = (screen.about(), screen.keys(openers));
    match about.tab {
        Some(_) => (about, [keys::FIRST, &own, keys::LAST].concat()),
        None => (about, own),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::screen::example;
    use std::collections::HashSet;

    #[test]
    fn no_key_means_two_things_on_one_screen() {
        let app = App::new(example::board(&[]), Theme::new(false));
        for (about, bindings) in &app.shared.keys {
            let mut seen = HashSet::new();
            for key in bindings.iter().flat_map(|binding| binding.keys) {
                assert!(seen.insert(format!("{key:?}")), "{key:?} on {}", about.name);
            }
        }
    }

    #[test]
    fn every_key_does_something() {
        let mut app = App::new(example::board(&example::running()), Theme::new(false));
        app.refresh();
        let common = [keys::HELP, keys::QUIT, keys::BACK, keys::LEFT, keys::EXPORT, keys::SUSPEND, keys::INTERRUPT];
        let openers: Vec<Binding> = app.screens.iter().filter_map(|screen| screen.about().opener).collect();
        for (screen, (about, bindings)) in app.shared.keys.clone().into_iter().enumerate() {
            for binding in bindings {
                let is_common = common.contains(&binding) || keys::rows(binding, 10).is_some();
                let acts = app.screens[screen].press(binding, &mut app.shared).is_some();
                assert!(acts || is_common || openers.contains(&binding), "{} on {}", binding.name(), about.name);
            }
        }
    }

    #[test]
    fn every_screen_has_a_name_of_its_own_and_leads_back_to_the_first() {
        let app = App::new(example::board(&[]), Theme::new(false));
        for (screen, (about, _)) in app.shared.keys.iter().enumerate() {
            assert_eq!(app.find(about.name), Some(screen));
            let way = app.way_to(screen);
            assert!(about.tab.is_none() || (way[0] == 0 && way.len() < app.screens.len()), "{}", about.name);
        }
    }
}
