//! The screens: each a file that holds its state, its keys, how it is drawn and what is exported from it.

mod caption;
mod claims;
mod effects;
mod help;
mod picture_list;
mod pictures;
mod quit;
pub mod table;
mod trial;
mod trials;

pub use effects::lines as effect_lines;
pub use help::ABOUT as HELP;
pub use quit::ABOUT as QUIT;

use super::app::Request;
use super::keys::Binding;
use super::save::Document;
use super::shared::{Change, Shared};
use crate::error::Result;
use crate::record::board::Board;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::time::Duration;

/// All screens, in the order of their tabs. The first is the one that all others lead back to.
pub fn all() -> Vec<Box<dyn Screen>> {
    vec![
        Box::new(trials::Trials::default()),
        Box::new(trial::TrialScreen),
        Box::new(table::TableScreen::default()),
        Box::new(effects::EffectsScreen::default()),
        Box::new(claims::Claims::default()),
        Box::new(pictures::Pictures),
        Box::new(picture_list::PictureList::default()),
        Box::new(help::Help::default()),
        Box::new(caption::Caption::default()),
        Box::new(quit::Quit),
    ]
}

/// The name of the screen that is shown at first.
pub fn first(board: &Board) -> &'static str {
    if board.complete() { table::ABOUT.name } else { trials::ABOUT.name }
}

/// What the app has to know of a screen to show it among the others.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// By which others call it.
    pub name: &'static str,
    /// The tab of the header that it belongs to. What has none tells its own keys and may lie over any screen, also over
    /// the header and the footer of the one that stays in view.
    pub tab: Option<&'static str>,
    /// The name of the screen one level up, to which it leads back.
    pub parent: Option<&'static str>,
    /// The keys that open it from any other screen.
    pub opener: Option<Binding>,
    /// Whether its parent is still seen behind it.
    pub lies_over: bool,
}

impl About {
    pub const fn page(name: &'static str, tab: &'static str) -> About {
        About { name, tab: Some(tab), parent: None, opener: None, lies_over: false }
    }

    pub const fn overlay(name: &'static str) -> About {
        About { name, tab: None, parent: None, opener: None, lies_over: true }
    }

    pub const fn below(self, parent: &'static str) -> About {
        About { parent: Some(parent), ..self }
    }

    pub const fn opened_by(self, opener: Binding) -> About {
        About { opener: Some(opener), ..self }
    }
}

/// What a screen asks for when a key was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing but to be drawn again.
    Stay,
    /// The screen of this name.
    Open(&'static str),
    /// One level back.
    Back,
    /// Something that only the loop around the screens can do.
    Ask(Request),
}

/// One screen, or what lies over one.
pub trait Screen {
    fn about(&self) -> About;

    /// Its keys, what matters most first: the footer shows as many as there is room for, the help has them all, and
    /// [`Screen::press`] gets what was pressed of them. `openers` are those that lead to other screens. What works on every
    /// screen is not among them.
    fn keys(&self, openers: &[Binding]) -> Vec<Binding>;

    fn draw(&mut self, shared: &mut Shared, area: Rect, buf: &mut Buffer);

    /// Acts on one of its keys. `None` leaves it to the app, which opens and leaves screens, exports and moves.
    fn press(&mut self, _key: Binding, _shared: &mut Shared) -> Option<Next> {
        None
    }

    /// Moves the selection, or what is in view, by so many rows; from `isize::MIN` to `isize::MAX`.
    fn move_by(&mut self, _rows: isize, _shared: &mut Shared) {}

    /// Why there is nothing that it could show, if so: then it is neither offered nor opened.
    fn absent(&self, _shared: &Shared) -> Option<&'static str> {
        None
    }

    /// It comes into view.
    fn open(&mut self, _shared: &mut Shared) {}

    /// The board has changed. Whatever was made from it is made anew when it is next looked at.
    fn changed(&mut self, _change: Change) {}

    /// To be called before it acts on keys, is drawn or exports.
    fn refresh(&mut self, _shared: &mut Shared) {}

    /// Time goes on, while it is in view. Returns whether there is something new to draw.
    fn tick(&mut self, _elapsed: Duration, _shared: &mut Shared) -> bool {
        false
    }

    /// Whether one of its keys does anything now; the footer shows no other.
    fn is_useful(&self, _key: Binding, _shared: &Shared) -> bool {
        true
    }

    /// What of many is in view, for the header.
    fn subject(&self, _shared: &Shared) -> Option<String> {
        None
    }

    /// Whether text is typed into it, or an answer: then all keys but `ctrl-c` and `ctrl-z` go to [`Screen::type_key`].
    fn takes_text(&self, _shared: &Shared) -> bool {
        false
    }

    fn type_key(&mut self, _key: KeyEvent, _shared: &mut Shared) -> Next {
        Next::Stay
    }

    /// Text that was pasted while it [takes text](Screen::takes_text).
    fn paste(&mut self, _text: &str, _shared: &mut Shared) {}

    /// What the export key writes: the table, unless there is something better.
    fn documents(&mut self, shared: &mut Shared) -> Result<Vec<Document>> {
        Ok(vec![Document::table(&shared.board)?])
    }
}
