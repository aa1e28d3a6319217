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
}

pub struct Binding {
    pub action: Action,
    keys: &'static [(KeyCode, KeyModifiers)],
    /// What it does, for the help.
    pub does: &'static str,
    /// What it does in a word, if the footer shows it.
    pub hint: Option<&'static str>,
    screens: &'static [Screen],
}

const EVERYWHERE: &[Screen] =
    &[Screen::Trials, Screen::Detail, Screen::Table, Screen::Effects, Screen::Claims, Screen::Pictures];
const PAGES: &[Screen] = &[Screen::Trials, Screen::Detail, Screen::Table, Screen::Effects, Screen::Claims];
const PICTURES: &[Screen] = &[Screen::Pictures];
const LISTS: &[Screen] = &[Screen::Trials, Screen::Table];
const TABLE: &[Screen] = &[Screen::Table];
const EFFECTS: &[Screen] = &[Screen::Table, Screen::Effects];
const TRIALS: &[Screen] = &[Screen::Trials, Screen::Detail];

const fn key(character: char) -> (KeyCode, KeyModifiers) {
    (KeyCode::Char(character), KeyModifiers::NONE)
}
const fn ctrl(character: char) -> (KeyCode, KeyModifiers) {
    (KeyCode::Char(character), KeyModifiers::CONTROL)
}
const fn named(code: KeyCode) -> (KeyCode, KeyModifiers) {
    (code, KeyModifiers::NONE)
}

/// In the order of footer and help.
#[rustfmt::skip]
pub const BINDINGS: &[Binding] = {
    use Action::*;
    use KeyCode as Code;
    &[
        Binding { action: Down, keys: &[key('j'), named(Code::Down)], does: "next row or trial", hint: None, screens: PAGES },
        Binding { action: Up, keys: &[key('k'), named(Code::Up)], does: "previous row or trial", hint: None, screens: PAGES },
        Binding { action: HalfPageDown, keys: &[ctrl('d')], does: "half a page down", hint: None, screens: EVERYWHERE },
        Binding { action: HalfPageUp, keys: &[ctrl('u')], does: "half a page up", hint: None, screens: EVERYWHERE },
        Binding { action: PageDown, keys: &[named(Code::PageDown), ctrl('f')], does: "a page down", hint: None, screens: EVERYWHERE },
        Binding { action: PageUp, keys: &[named(Code::PageUp), ctrl('b')], does: "a page up", hint: None, screens: EVERYWHERE },
        Binding { action: First, keys: &[key('g'), named(Code::Home)], does: "first row", hint: None, screens: EVERYWHERE },
        Binding { action: Last, keys: &[key('G'), named(Code::End)], does: "last row", hint: None, screens: EVERYWHERE },
        Binding { action: Back, keys: &[named(Code::Esc)], does: "one level back; lift the filter", hint: None, screens: EVERYWHERE },
        Binding { action: Back, keys: &[key('h'), named(Code::Left)], does: "one level back, but for pictures", hint: None, screens: PAGES },
        Binding { action: Quit, keys: &[key('q')], does: "quit; asks while trials run", hint: Some("quit"), screens: EVERYWHERE },
        Binding { action: Help, keys: &[key('?'), named(Code::F(1))], does: "show or hide these keys", hint: Some("keys"), screens: EVERYWHERE },
        Binding { action: Play, keys: &[key(' ')], does: "play the picture's moments, or stop", hint: Some("play"), screens: PICTURES },
        Binding { action: StepForward, keys: &[named(Code::Right), key('l')], does: "the picture's next moment", hint: Some("step"), screens: PICTURES },
        Binding { action: Down, keys: &[key('j'), named(Code::Down)], does: "the next picture", hint: Some("next"), screens: PICTURES },
        Binding { action: Up, keys: &[key('k'), named(Code::Up)], does: "the picture before", hint: Some("before"), screens: PICTURES },
        Binding { action: NextLine, keys: &[key('o')], does: "only one path or curve, the next, then all again", hint: Some("only one"), screens: PICTURES },
        Binding { action: PreviousLine, keys: &[key('O')], does: "the path or curve before", hint: None, screens: PICTURES },
        Binding { action: StepBack, keys: &[named(Code::Left), key('h')], does: "the moment before", hint: None, screens: PICTURES },
        Binding { action: LeapForward, keys: &[key(']')], does: "a tenth of the way on", hint: None, screens: PICTURES },
        Binding { action: LeapBack, keys: &[key('[')], does: "a tenth of the way back", hint: None, screens: PICTURES },
        Binding { action: Switch, keys: &[named(Code::Tab), named(Code::BackTab)], does: "from the trials to the table and back", hint: Some("trials/table"), screens: EVERYWHERE },
        Binding { action: Claims, keys: &[key('c')], does: "the claims and their verdicts, and back", hint: Some("claims"), screens: EVERYWHERE },
        Binding { action: Pictures, keys: &[key('p')], does: "the pictures, and back", hint: Some("pictures"), screens: EVERYWHERE },
        Binding { action: Open, keys: &[named(Code::Enter), key('l'), named(Code::Right)], does: "open the trial, or the trials of the cell", hint: Some("open"), screens: LISTS },
        Binding { action: Export, keys: &[key('e')], does: "write the picture, or the trial's curves, as SVG; else the table as Markdown", hint: Some("export"), screens: EVERYWHERE },
        Binding { action: Sort, keys: &[key('s')], does: "sort by the next column", hint: Some("sort"), screens: LISTS },
        Binding { action: Reverse, keys: &[key('S')], does: "turn the order round", hint: None, screens: LISTS },
        Binding { action: Best, keys: &[key('b')], does: "from last to best epochs and back", hint: Some("best"), screens: TABLE },
        Binding { action: Effects, keys: &[key('f')], does: "from the table to its effects and back", hint: Some("effects"), screens: EFFECTS },
        Binding { action: Filter, keys: &[key('/')], does: "show only trials with all these words", hint: Some("filter"), screens: TRIALS },
        Binding { action: NextMatch, keys: &[key('n')], does: "next match, round the end", hint: None, screens: TRIALS },
        Binding { action: PreviousMatch, keys: &[key('N')], does: "previous match, round the start", hint: None, screens: TRIALS },
        Binding { action: Mark, keys: &[key(' ')], does: "mark to compare test accuracies", hint: Some("compare"), screens: TRIALS },
        Binding { action: Interrupt, keys: &[ctrl('c')], does: "quit; pressed again it does not ask", hint: None, screens: EVERYWHERE },
    ]
};

/// What a key does on a screen.
pub fn action(screen: Screen, event: KeyEvent) -> Option<Action> {
    // Shift is already in the character, and terminals differ in whether they report it beside.
    let pressed = (event.code, event.modifiers - KeyModifiers::SHIFT);
    let binding = BINDINGS.iter().find(|binding| binding.valid_on(screen) && binding.keys.contains(&pressed));
    binding.map(|binding| binding.action)
}

impl Binding {
    pub fn valid_on(&self, screen: Screen) -> bool {
        self.screens.contains(&screen)
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
        for &screen in EVERYWHERE {
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
