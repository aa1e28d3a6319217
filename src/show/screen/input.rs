//! A line of words that is typed.

use super::theme::Theme;
use crate::printable;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::text::Span;

/// How many characters it holds.
const LENGTH: usize = 200;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Input {
    text: String,
    typing: bool,
}

/// What a key did to the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    Text,
    /// The line is as it should be.
    Entered,
    /// The line is empty again, and not typed any more.
    Left,
    /// Another row is to be selected, so many rows on.
    Moved(isize),
}

impl Input {
    /// The words in it, in small letters.
    pub fn words(&self) -> Vec<String> {
        self.text.split_whitespace().map(str::to_lowercase).collect()
    }

    pub fn is_typing(&self) -> bool {
        self.typing
    }

    /// Whether there is something to show.
    pub fn is_there(&self) -> bool {
        self.typing || !self.text.is_empty()
    }

    pub fn start(&mut self) {
        self.typing = true;
    }

    pub fn clear(&mut self) {
        *self = Input::default();
    }

    pub fn type_key(&mut self, key: KeyEvent) -> Typed {
        match key.code {
            KeyCode::Enter => {
                self.typing = false;
                return Typed::Entered;
            }
            KeyCode::Esc => {
                self.clear();
                return Typed::Left;
            }
            KeyCode::Down => return Typed::Moved(1),
            KeyCode::Up => return Typed::Moved(-1),
            KeyCode::Backspace => self.typing = self.text.pop().is_some(),
            KeyCode::Char('u' | 'w') if key.modifiers.contains(KeyModifiers::CONTROL) => self.text.clear(),
            KeyCode::Char(character) if (key.modifiers - KeyModifiers::SHIFT).is_empty() => {
                self.text.extend(Some(character).filter(|_| self.text.chars().count() < LENGTH));
            }
            _ => {}
        }
        Typed::Text
    }

    /// Adds the first line of a text that is not empty.
    pub fn paste(&mut self, text: &str) {
        let line = text.split(['\n', '\r']).map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        self.text.extend(printable::line(line).chars().take(LENGTH));
    }

    /// With a cursor while it is typed.
    pub fn spans(&self, theme: Theme) -> [Span<'static>; 2] {
        let cursor = if self.typing { "▏" } else { " " };
        [Span::styled(format!("/{}", self.text), theme.title()), Span::styled(cursor, theme.running())]
    }
}
