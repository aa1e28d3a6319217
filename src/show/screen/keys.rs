//! Key bindings, with the words of help and footer for what they do. Those that several screens share are defined here.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// One key, with or without ctrl.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Plain(KeyCode),
    Ctrl(char),
}

/// Keys that do the same, and what they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    pub keys: &'static [Key],
    /// The heading of the help under which it stands: where it works, or on what. It has to stay true when a screen is added.
    pub heading: &'static str,
    /// What it does, for the help.
    pub does: &'static str,
    /// What it does, in a word for the footer; `None` if the footer does not show it.
    pub hint: Option<&'static str>,
}

impl Binding {
    pub const fn new(keys: &'static [Key], heading: &'static str, does: &'static str) -> Binding {
        Binding { keys, heading, does, hint: None }
    }

    pub const fn hint(self, hint: &'static str) -> Binding {
        Binding { hint: Some(hint), ..self }
    }

    /// The first key's name: `enter`, `ctrl-d`, `s`.
    pub fn name(&self) -> String {
        self.keys.first().map(Key::name).unwrap_or_default()
    }

    /// All keys' names: `j ↓`.
    pub fn names(&self) -> String {
        let named = self.keys.iter().filter(|key| **key != code(KeyCode::BackTab));
        named.map(Key::name).collect::<Vec<_>>().join(" ")
    }

    pub fn has(&self, event: KeyEvent) -> bool {
        // The character tells whether shift was held, and not all terminals report shift as a modifier as well.
        let modifiers = event.modifiers - KeyModifiers::SHIFT;
        self.keys.iter().any(|key| match (*key, event.code) {
            (Key::Plain(own), pressed) => own == pressed && modifiers.is_empty(),
            (Key::Ctrl(own), KeyCode::Char(pressed)) => own == pressed && modifiers == KeyModifiers::CONTROL,
            (Key::Ctrl(_), _) => false,
        })
    }
}

impl Key {
    fn name(&self) -> String {
        match self {
            Key::Ctrl(character) => format!("ctrl-{character}"),
            Key::Plain(code) => match code {
                KeyCode::Char(' ') => "space".into(),
                KeyCode::Char(character) => character.to_string(),
                KeyCode::Up => "↑".into(),
                KeyCode::Down => "↓".into(),
                KeyCode::Left => "←".into(),
                KeyCode::Right => "→".into(),
                KeyCode::PageUp => "PgUp".into(),
                KeyCode::PageDown => "PgDn".into(),
                KeyCode::F(number) => format!("F{number}"),
                other => format!("{other:?}").to_lowercase(),
            },
        }
    }
}

pub const fn key(character: char) -> Key {
    Key::Plain(KeyCode::Char(character))
}
pub const fn ctrl(character: char) -> Key {
    Key::Ctrl(character)
}
pub const fn code(code: KeyCode) -> Key {
    Key::Plain(code)
}

const EVERYWHERE: &str = "everywhere";
pub const HELP: Binding =
    Binding::new(&[key('?'), code(KeyCode::F(1))], EVERYWHERE, "show or hide these keys").hint("help");
pub const QUIT: Binding = Binding::new(&[key('q')], EVERYWHERE, "quit; asks while trials run").hint("quit");
pub const BACK: Binding = Binding::new(&[code(KeyCode::Esc)], EVERYWHERE, "one level back; lift the filter");
const HALF_PAGE_DOWN: Binding = Binding::new(&[ctrl('d')], EVERYWHERE, "half a page down");
const HALF_PAGE_UP: Binding = Binding::new(&[ctrl('u')], EVERYWHERE, "half a page up");
const PAGE_DOWN: Binding = Binding::new(&[code(KeyCode::PageDown), ctrl('f')], EVERYWHERE, "a page down");
const PAGE_UP: Binding = Binding::new(&[code(KeyCode::PageUp), ctrl('b')], EVERYWHERE, "a page up");
const TOP: Binding = Binding::new(&[key('g'), code(KeyCode::Home)], EVERYWHERE, "first row or picture");
const BOTTOM: Binding = Binding::new(&[key('G'), code(KeyCode::End)], EVERYWHERE, "last row or picture");
pub const SUSPEND: Binding = Binding::new(&[ctrl('z')], EVERYWHERE, "stop the program until `fg`");
pub const INTERRUPT: Binding = Binding::new(&[ctrl('c')], EVERYWHERE, "quit; pressed again it does not ask");

/// The keys of every screen that the footer shows before the screen's own.
pub const FIRST: &[Binding] = &[HELP, QUIT];
/// The keys of every screen that come after the screen's own.
pub const LAST: &[Binding] = &[BACK, HALF_PAGE_DOWN, HALF_PAGE_UP, PAGE_DOWN, PAGE_UP, TOP, BOTTOM, SUSPEND, INTERRUPT];

const DOWN: Binding = Binding::new(&[key('j'), code(KeyCode::Down)], "rows", "next row or trial");
const UP: Binding = Binding::new(&[key('k'), code(KeyCode::Up)], "rows", "previous row or trial");
pub const ROWS: &[Binding] = &[DOWN, UP];

const LISTS: &str = "lists";
pub const OPEN: Binding = Binding::new(
    &[code(KeyCode::Enter), key('l'), code(KeyCode::Right)],
    LISTS,
    "open the trial, or the trials of the cell",
)
.hint("open");
pub const SORT: Binding = Binding::new(&[key('s')], LISTS, "sort by the next column").hint("sort");
pub const REVERSE: Binding = Binding::new(&[key('S')], LISTS, "turn the order round");

const MOST_SCREENS: &str = "most screens";
pub const LEFT: Binding = Binding::new(&[key('h'), code(KeyCode::Left)], MOST_SCREENS, "one level back");
pub const EXPORT: Binding =
    Binding::new(&[key('e')], MOST_SCREENS, "write the trial's curves as SVG, else the table as Markdown")
        .hint("export");

/// The keys that close a box over a screen.
pub const CLOSING: &[Binding] = &[HELP, QUIT, BACK, LEFT];
/// The keys for which [`rows`] returns a distance.
pub const MOVING: &[Binding] = &[DOWN, UP, HALF_PAGE_DOWN, HALF_PAGE_UP, PAGE_DOWN, PAGE_UP, TOP, BOTTOM];

/// By how many rows a key moves down (negative: up) when `page` rows are in view; `None` if it moves nothing.
pub fn rows(binding: Binding, page: usize) -> Option<isize> {
    let page = isize::try_from(page).unwrap_or(isize::MAX);
    Some(match binding {
        DOWN => 1,
        UP => -1,
        HALF_PAGE_DOWN => page / 2,
        HALF_PAGE_UP => -(page / 2),
        PAGE_DOWN => page,
        PAGE_UP => -page,
        TOP => isize::MIN,
        BOTTOM => isize::MAX,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shift_does_not_hide_a_capital_and_control_is_another_key() {
        let event = |character, modifiers| KeyEvent::new(KeyCode::Char(character), modifiers);
        assert!(BOTTOM.has(event('G', KeyModifiers::SHIFT)));
        assert!(PAGE_UP.has(event('b', KeyModifiers::CONTROL)) && !PAGE_UP.has(event('b', KeyModifiers::NONE)));
        assert!(!BOTTOM.has(event('G', KeyModifiers::CONTROL)));
        assert_eq!((OPEN.name(), DOWN.names()), ("enter".into(), "j ↓".into()));
    }
}
