//! The one table of key bindings: it feeds dispatch, footer and help.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Down,
    Up,
    HalfPageDown,
    HalfPageUp,
    PageDown,
    PageUp,
    First,
    Last,
    Open,
    Back,
    Switch,
    Claims,
    Pictures,
    Play,
    StepForward,
    StepBack,
    LeapForward,
    LeapBack,
    NextLine,
    PreviousLine,
    Caption,
    Mark,
    Filter,
    NextMatch,
    PreviousMatch,
    Sort,
    Reverse,
    Best,
    Effects,
    Export,
    Help,
    Quit,
    Interrupt,
    Suspend,
}

/// The screens a binding can be valid on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    Trials,
    Detail,
    Table,
    Effects,
    Claims,
    Pictures,
    /// The list of pictures that lies over the picture.
    List,
}

/// Screens that share bindings.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    /// As the help calls them.
    pub name: &'static str,
    screens: &'static [Screen],
}

pub struct Binding {
    pub action: Action,
    keys: &'static [(KeyCode, KeyModifiers)],
    /// What it does, for the help.
    pub does: &'static str,
    /// What it does in a word, if the footer shows it.
    pub hint: Option<&'static str>,
    pub place: &'static Place,
}

use Screen::*;
const EVERYWHERE: &Place =
    &Place { name: "everywhere", screens: &[Trials, Detail, Table, Effects, Claims, Pictures, List] };
const SCREENS: &Place =
    &Place { name: "from screen to screen", screens: &[Trials, Detail, Table, Effects, Claims, Pictures] };
const ROWS: &Place = &Place { name: "rows", screens: &[Trials, Detail, Table, Effects, Claims, List] };
const PAGES: &Place = &Place { name: "all but pictures", screens: &[Trials, Detail, Table, Effects, Claims] };
const PICTURE: &Place = &Place { name: "pictures", screens: &[Pictures] };
const LIST: &Place = &Place { name: "list of pictures", screens: &[List] };
const LISTS: &Place = &Place { name: "trials and table", screens: &[Trials, Table] };
const TRIALS: &Place = &Place { name: "trials", screens: &[Trials, Detail] };
const TABLE: &Place = &Place { name: "table", screens: &[Table] };
const EFFECTS: &Place = &Place { name: "table and effects", screens: &[Table, Effects] };

const fn key(character: char) -> (KeyCode, KeyModifiers) {
    (KeyCode::Char(character), KeyModifiers::NONE)
}
const fn ctrl(character: char) -> (KeyCode, KeyModifiers) {
    (KeyCode::Char(character), KeyModifiers::CONTROL)
}
const fn named(code: KeyCode) -> (KeyCode, KeyModifiers) {
    (code, KeyModifiers::NONE)
}

/// In the order of the footer, what matters most on a screen first: where there is little room, the last ones go. The help
/// has the same order within each place.
#[rustfmt::skip]
pub const BINDINGS: &[Binding] = {
    use Action::*;
    use KeyCode as Code;
    &[
        Binding { action: Help, keys: &[key('?'), named(Code::F(1))], does: "show or hide these keys", hint: Some("help"), place: EVERYWHERE },
        Binding { action: Quit, keys: &[key('q')], does: "quit; asks while trials run", hint: Some("quit"), place: EVERYWHERE },
        Binding { action: Open, keys: &[named(Code::Enter)], does: "show this picture", hint: Some("show"), place: LIST },
        Binding { action: Back, keys: &[named(Code::Esc)], does: "one level back; lift the filter", hint: None, place: EVERYWHERE },
        Binding { action: Play, keys: &[key(' ')], does: "play its moments, or stop", hint: Some("play"), place: PICTURE },
        Binding { action: StepForward, keys: &[named(Code::Right), key('l')], does: "its next moment", hint: Some("step"), place: PICTURE },
        Binding { action: StepBack, keys: &[named(Code::Left), key('h')], does: "the moment before", hint: None, place: PICTURE },
        Binding { action: LeapForward, keys: &[key(']')], does: "a tenth of the way on", hint: None, place: PICTURE },
        Binding { action: LeapBack, keys: &[key('[')], does: "a tenth of the way back", hint: None, place: PICTURE },
        Binding { action: Filter, keys: &[key('/')], does: "find a picture by words of its name", hint: Some("list"), place: PICTURE },
        Binding { action: Open, keys: &[named(Code::Enter)], does: "list of all pictures", hint: None, place: PICTURE },
        Binding { action: NextLine, keys: &[key('o')], does: "only one path or curve, the next, then all", hint: Some("one"), place: PICTURE },
        Binding { action: PreviousLine, keys: &[key('O')], does: "the same, the other way round", hint: None, place: PICTURE },
        Binding { action: Caption, keys: &[key('i')], does: "its whole caption, and what letters stand for", hint: Some("caption"), place: PICTURE },
        Binding { action: Export, keys: &[key('e')], does: "write it as SVG", hint: Some("export"), place: PICTURE },
        Binding { action: Down, keys: &[key('j'), named(Code::Down)], does: "the next picture", hint: Some("next"), place: PICTURE },
        Binding { action: Up, keys: &[key('k'), named(Code::Up)], does: "the picture before", hint: None, place: PICTURE },
        Binding { action: Down, keys: &[key('j'), named(Code::Down)], does: "next row or trial", hint: None, place: ROWS },
        Binding { action: Up, keys: &[key('k'), named(Code::Up)], does: "previous row or trial", hint: None, place: ROWS },
        Binding { action: HalfPageDown, keys: &[ctrl('d')], does: "half a page down", hint: None, place: EVERYWHERE },
        Binding { action: HalfPageUp, keys: &[ctrl('u')], does: "half a page up", hint: None, place: EVERYWHERE },
        Binding { action: PageDown, keys: &[named(Code::PageDown), ctrl('f')], does: "a page down", hint: None, place: EVERYWHERE },
        Binding { action: PageUp, keys: &[named(Code::PageUp), ctrl('b')], does: "a page up", hint: None, place: EVERYWHERE },
        Binding { action: First, keys: &[key('g'), named(Code::Home)], does: "first row or picture", hint: None, place: EVERYWHERE },
        Binding { action: Last, keys: &[key('G'), named(Code::End)], does: "last row or picture", hint: None, place: EVERYWHERE },
        Binding { action: Back, keys: &[key('h'), named(Code::Left)], does: "one level back", hint: None, place: PAGES },
        Binding { action: Open, keys: &[named(Code::Enter), key('l'), named(Code::Right)], does: "open the trial, or the trials of the cell", hint: Some("open"), place: LISTS },
        Binding { action: Filter, keys: &[key('/')], does: "show only trials with all these words", hint: Some("filter"), place: TRIALS },
        Binding { action: Filter, keys: &[key('/')], does: "only names with all these words", hint: Some("find"), place: LIST },
        Binding { action: Switch, keys: &[named(Code::Tab), named(Code::BackTab)], does: "from the trials to the table and back", hint: Some("trials/table"), place: SCREENS },
        Binding { action: Claims, keys: &[key('c')], does: "the claims and their verdicts, and back", hint: Some("claims"), place: SCREENS },
        Binding { action: Pictures, keys: &[key('p')], does: "the pictures, and back", hint: Some("pictures"), place: SCREENS },
        Binding { action: Best, keys: &[key('b')], does: "from last to best epochs and back", hint: Some("best"), place: TABLE },
        Binding { action: Effects, keys: &[key('f')], does: "from the table to its effects and back", hint: Some("effects"), place: EFFECTS },
        Binding { action: Mark, keys: &[key(' ')], does: "mark to compare test accuracies", hint: Some("compare"), place: TRIALS },
        Binding { action: Sort, keys: &[key('s')], does: "sort by the next column", hint: Some("sort"), place: LISTS },
        Binding { action: Reverse, keys: &[key('S')], does: "turn the order round", hint: None, place: LISTS },
        Binding { action: Export, keys: &[key('e')], does: "write the trial's curves as SVG, else the table as Markdown", hint: Some("export"), place: PAGES },
        Binding { action: NextMatch, keys: &[key('n')], does: "next match, round the end", hint: None, place: TRIALS },
        Binding { action: PreviousMatch, keys: &[key('N')], does: "previous match, round the start", hint: None, place: TRIALS },
        Binding { action: Suspend, keys: &[ctrl('z')], does: "stop the program until `fg`", hint: None, place: EVERYWHERE },
        Binding { action: Interrupt, keys: &[ctrl('c')], does: "quit; pressed again it does not ask", hint: None, place: EVERYWHERE },
    ]
};

/// What a key does on a screen.
pub fn action(screen: Screen, event: KeyEvent) -> Option<Action> {
    // Shift is already in the character, and terminals differ in whether they report it beside.
    let pressed = (event.code, event.modifiers - KeyModifiers::SHIFT);
    let binding = BINDINGS.iter().find(|binding| binding.valid_on(screen) && binding.keys.contains(&pressed));
    binding.map(|binding| binding.action)
}

impl Place {
    pub fn has(&self, screen: Screen) -> bool {
        self.screens.contains(&screen)
    }

    pub fn screen_count(&self) -> usize {
        self.screens.len()
    }
}

impl Binding {
    pub fn valid_on(&self, screen: Screen) -> bool {
        self.place.has(screen)
    }

    /// The first key's name: `enter`, `ctrl-d`, `s`.
    pub fn name(&self) -> String {
        self.keys.first().map(name).unwrap_or_default()
    }

    /// All keys' names: `j ↓`.
    pub fn names(&self) -> String {
        self.keys.iter().filter(|key| key.0 != KeyCode::BackTab).map(name).collect::<Vec<_>>().join(" ")
    }
}

fn name(&(code, modifiers): &(KeyCode, KeyModifiers)) -> String {
    let key = match code {
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
    };
    if modifiers.contains(KeyModifiers::CONTROL) { format!("ctrl-{key}") } else { key }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_key_means_two_things_on_one_screen() {
        for &screen in EVERYWHERE.screens {
            let mut seen = HashSet::new();
            for binding in BINDINGS.iter().filter(|binding| binding.valid_on(screen)) {
                for key in binding.keys {
                    assert!(seen.insert(key), "{} on {screen:?}", name(key));
                }
            }
        }
    }

    #[test]
    fn shift_does_not_hide_a_capital() {
        let event = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(action(Screen::Trials, event), Some(Action::Last));
    }
}
