//! A line of text that the user types.

use super::theme::Theme;
use crate::printable;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::text::Span;

/// The most characters of a line.
const LENGTH: usize = 200;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Input {
    text: String,
    typing: bool,
}

/// What a key did to the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// The text may have changed.
    Text,
    /// Enter was pressed.
    Entered,
    /// Esc was pressed: the line is empty and no longer typed.
    Cancelled,
    /// Another row is to be selected, so many rows down.
    Moved(isize),
}

impl Input {
    /// The words of the line in small letters.
    pub fn words(&self) -> Vec<String> {
        self.text.split_whitespace().map(str::to_lowercase).collect()
    }

    pub fn is_typing(&self) -> bool {
        self.typing
    }

    /// Whether it has text or is being typed, so that it has to be shown.
    pub fn is_shown(&self) -> bool {
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
                return Typed::Cancelled;
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

    /// Adds the first line of `text` that is not empty.
    pub fn paste(&mut self, text: &str) {
        let line = text.split(['\n', '\r']).map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        self.text.extend(printable::line(line).chars().take(LENGTH));
    }

    /// The line, with a cursor while it is typed.
    pub fn spans(&self, theme: Theme) -> [Span<'static>; 2] {
        let cursor = if self.typing { "▏" } else { " " };
        [Span::styled(format!("/{}", self.text), theme.title()), Span::styled(cursor, theme.running())]
    }
}
