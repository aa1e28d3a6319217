//! The screens: each is a file with its state, its keys, how it is drawn and what is exported from it.

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

/// All screens, in the order of their tabs. All others lead back to the first one.
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

/// The name of the screen that is shown first.
pub fn first(board: &Board) -> &'static str {
    if board.complete() { table::ABOUT.name } else { trials::ABOUT.name }
}

/// What the app has to know about a screen.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its unique name, by which others open it.
    pub name: &'static str,
    /// The tab of the header that it belongs to. If `None`, it is a box that may lie over any screen, with its header and footer,
    /// and [`Screen::keys`] are all the keys that work in it.
    pub tab: Option<&'static str>,
    /// The name of the screen that it leads back to.
    pub parent: Option<&'static str>,
    /// The keys that open it from any other screen.
    pub opener: Option<Binding>,
    /// Whether the screen behind it is still drawn.
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

/// What happens after a screen has acted on a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The screen stays open and is drawn again.
    Stay,
    /// The screen of this name is opened.
    Open(&'static str),
    /// The screen is closed.
    Back,
    /// The loop around the screens has to do something.
    Ask(Request),
}

/// A screen, or a box that lies over one.
pub trait Screen {
    fn about(&self) -> About;

    /// Its keys, the most important first: the footer shows as many as there is room for, the help shows all, and
    /// [`Screen::press`] is called for those that were pressed. `openers` are the keys that open other screens. The keys that
    /// work on every screen are added by the app.
    fn keys(&self, openers: &[Binding]) -> Vec<Binding>;

    fn draw(&mut self, shared: &mut Shared, area: Rect, buf: &mut Buffer);

    /// Acts on one of its keys. `None` leaves the key to the app, which opens and closes screens, exports and moves.
    fn press(&mut self, _key: Binding, _shared: &mut Shared) -> Option<Next> {
        None
    }

    /// Moves the selection, or what is in view, down by so many rows; `isize::MIN` means to the top, `isize::MAX` to the end.
    fn move_by(&mut self, _rows: isize, _shared: &mut Shared) {}

    /// Why it has nothing to show, for a message. It is then neither offered nor opened; `None` if it has something to show.
    fn absent(&self, _shared: &Shared) -> Option<&'static str> {
        None
    }

    /// Is called when it comes into view.
    fn open(&mut self, _shared: &mut Shared) {}

    /// Is called when the board has changed; what was computed from it has to be computed again when it is next needed.
    fn changed(&mut self, _change: Change) {}

    /// Is called before it acts on keys, is drawn or exports.
    fn refresh(&mut self, _shared: &mut Shared) {}

    /// Is called regularly while it is in view. Returns whether there is something new to draw.
    fn tick(&mut self, _elapsed: Duration, _shared: &mut Shared) -> bool {
        false
    }

    /// Whether one of its keys has an effect now; the footer does not show others.
    fn is_useful(&self, _key: Binding, _shared: &Shared) -> bool {
        true
    }

    /// Which of many things is in view, for the header.
    fn subject(&self, _shared: &Shared) -> Option<String> {
        None
    }

    /// Whether text or an answer is being typed. All keys except `ctrl-c` and `ctrl-z` then go to [`Screen::type_key`].
    fn takes_text(&self, _shared: &Shared) -> bool {
        false
    }

    fn type_key(&mut self, _key: KeyEvent, _shared: &mut Shared) -> Next {
        Next::Stay
    }

    /// Adds text that was pasted while it [takes text](Screen::takes_text).
    fn paste(&mut self, _text: &str, _shared: &mut Shared) {}

    /// The files that the export key writes: by default the table.
    fn documents(&mut self, shared: &mut Shared) -> Result<Vec<Document>> {
        Ok(vec![Document::table(&shared.board)?])
    }
}
