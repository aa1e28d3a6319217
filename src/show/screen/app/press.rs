//! What a pressed key does.

use super::{App, Over, Question, Quitting, Request};
use crate::printable;
use crate::show::screen::keys::{self, Action, Screen};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// How many trials can be marked: as many as the theme has colours for.
const MARKS: usize = 6;
/// How many characters a line of typed or pasted words holds.
const TYPED: usize = 200;

impl App {
    /// Acts on a pressed key.
    pub fn press(&mut self, key: KeyEvent) -> Option<Request> {
        self.message = None;
        self.refresh();
        let action = keys::action(self.screen, key);
        if action == Some(Action::Suspend) {
            return Some(Request::Suspend);
        }
        match self.quitting {
            Quitting::Asking(question) => return self.answer(question, key, action),
            Quitting::Stopping => return (action == Some(Action::Interrupt)).then_some(Request::Abandon),
            Quitting::No => {}
        }
        if let Some((over, top)) = self.over {
            self.over = match action {
                Some(Action::Back | Action::Quit | Action::Help | Action::Caption) => None,
                // As far as there are lines: that is known when they are drawn.
                Some(Action::Down) => Some((over, top.saturating_add(1))),
                Some(Action::Up) => Some((over, top.saturating_sub(1))),
                Some(Action::HalfPageDown | Action::PageDown) => Some((over, top.saturating_add(self.page))),
                Some(Action::HalfPageUp | Action::PageUp) => Some((over, top.saturating_sub(self.page))),
                _ => Some((over, top)),
            };
            return if action == Some(Action::Interrupt) { self.quit() } else { None };
        }
        if self.typing && action != Some(Action::Interrupt) {
            self.type_key(key);
            return None;
        }
        self.act(action?)
    }

    fn quit(&mut self) -> Option<Request> {
        self.over = None;
        if !self.training {
            return Some(Request::Quit);
        }
        self.quitting = Quitting::Asking(Question::default());
        None
    }

    /// Any key that is no answer may be the first of many: it has to be quiet again before one counts.
    fn answer(&mut self, question: Question, key: KeyEvent, action: Option<Action>) -> Option<Request> {
        self.quitting = match key.code {
            _ if action == Some(Action::Interrupt) => Quitting::Stopping,
            KeyCode::Char('y') if question.open => Quitting::Stopping,
            KeyCode::Char('n') | KeyCode::Esc => Quitting::No,
            _ => Quitting::Asking(Question::default()),
        };
        (self.quitting == Quitting::Stopping).then_some(Request::Cancel)
    }

    /// Pasted text goes where text is typed, its first line; elsewhere it does nothing.
    pub fn paste(&mut self, text: &str) {
        self.message = None;
        if let Quitting::Asking(_) = self.quitting {
            self.quitting = Quitting::Asking(Question::default());
        } else if self.quitting == Quitting::No && self.typing && self.over.is_none() {
            let line = text.split(['\n', '\r']).map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
            let line: String = printable::line(line).chars().take(TYPED).collect();
            let words = self.words().to_owned() + &line;
            self.set_words(words);
        } else {
            self.say("pasted text is not taken for keys".into());
        }
    }

    fn words(&mut self) -> &str {
        match self.gallery.list() {
            Some(list) => list.words(),
            None => self.order.filter(),
        }
    }

    fn set_words(&mut self, words: String) {
        match self.gallery.list() {
            Some(list) => list.set_words(words),
            None => self.order.set_filter(words),
        }
    }

    fn type_key(&mut self, key: KeyEvent) {
        let mut words = self.words().to_owned();
        match key.code {
            KeyCode::Enter => {
                self.typing = false;
                // A picture that was found is shown at once.
                return if self.screen == Screen::List {
                    self.open()
                };
            }
            KeyCode::Down => return self.move_by(1),
            KeyCode::Up => return self.move_by(-1),
            KeyCode::Esc => {
                self.typing = false;
                words.clear();
            }
            KeyCode::Backspace => self.typing = words.pop().is_some(),
            KeyCode::Char('u' | 'w') if key.modifiers.contains(KeyModifiers::CONTROL) => words.clear(),
            KeyCode::Char(character) if (key.modifiers - KeyModifiers::SHIFT).is_empty() => {
                words.extend(Some(character).filter(|_| words.chars().count() < TYPED));
            }
            _ => {}
        }
        self.set_words(words);
    }

    fn act(&mut self, action: Action) -> Option<Request> {
        match action {
            Action::Quit | Action::Interrupt => return self.quit(),
            Action::Export => return Some(Request::Export),
            Action::Suspend => return Some(Request::Suspend),
            Action::Help => self.over = Some((Over::Keys, 0)),
            Action::Caption => self.over = Some((Over::Caption, 0)),
            Action::Down => self.move_by(1),
            Action::Up => self.move_by(-1),
            Action::HalfPageDown => self.move_by(self.page as isize / 2),
            Action::HalfPageUp => self.move_by(-(self.page as isize / 2)),
            Action::PageDown => self.move_by(self.page as isize),
            Action::PageUp => self.move_by(-(self.page as isize)),
            Action::First => self.move_by(isize::MIN),
            Action::Last => self.move_by(isize::MAX),
            Action::NextMatch => self.order.cycle(true),
            Action::PreviousMatch => self.order.cycle(false),
            Action::Open => self.open(),
            Action::Back => self.back(),
            Action::Switch => match self.screen {
                Screen::Trials | Screen::Detail => self.screen = Screen::Table,
                _ => self.screen = Screen::Trials,
            },
            Action::Effects if self.screen == Screen::Effects => self.screen = Screen::Table,
            Action::Effects => self.screen = Screen::Effects,
            Action::Claims => self.switch_claims(),
            Action::Pictures if self.screen == Screen::Pictures => self.screen = Screen::Table,
            Action::Pictures => self.screen = Screen::Pictures,
            Action::Play => self.gallery.play(),
            Action::StepForward => self.gallery.step_by(1),
            Action::StepBack => self.gallery.step_by(-1),
            Action::NextLine => self.gallery.show_next_line(true),
            Action::PreviousLine => self.gallery.show_next_line(false),
            Action::LeapForward => self.gallery.step_by(self.gallery.leap()),
            Action::LeapBack => self.gallery.step_by(-self.gallery.leap()),
            Action::Mark => self.mark(),
            Action::Filter => {
                self.typing = true;
                match self.screen {
                    Screen::Pictures => self.open(),
                    Screen::List => {}
                    _ => self.screen = Screen::Trials,
                }
            }
            Action::Sort if self.screen == Screen::Table => self.table.sort_by_next(),
            Action::Sort => self.order.sort_by_next(&self.board, &self.labels),
            Action::Best if !self.table.toggle_best() => {
                self.say("no best epoch is known: a study holds images out with validation_samples".into());
            }
            Action::Best => {}
            Action::Reverse if self.screen == Screen::Table => self.table.reverse(),
            Action::Reverse => self.order.reverse(),
        }
        None
    }

    fn move_by(&mut self, rows: isize) {
        match self.screen {
            Screen::Table => self.table.move_by(rows),
            Screen::Effects => self.effects.move_by(rows),
            Screen::Pictures | Screen::List => self.gallery.move_by(rows),
            // As far as there are lines: that is known when they are drawn.
            Screen::Claims => self.claims_top = self.claims_top.saturating_add_signed(rows),
            Screen::Trials | Screen::Detail => self.order.move_by(rows),
        }
    }

    fn open(&mut self) {
        match self.screen {
            Screen::Trials if self.order.selected().is_some() => {
                self.order.move_by(0);
                self.screen = Screen::Detail;
            }
            Screen::Table => {
                self.order.set_filter(String::new());
                self.order.set_cell(self.table.selected());
                self.screen = Screen::Trials;
            }
            Screen::Pictures => {
                self.gallery.open_list();
                self.screen = Screen::List;
            }
            Screen::List => {
                self.gallery.close_list(true);
                self.screen = Screen::Pictures;
            }
            _ => {}
        }
    }

    fn switch_claims(&mut self) {
        match self.screen {
            Screen::Claims => self.screen = Screen::Table,
            _ if self.board.plan.claims.is_empty() => self.say("this study has no claims".into()),
            _ => (self.screen, self.claims_top) = (Screen::Claims, 0),
        }
    }

    fn back(&mut self) {
        match self.screen {
            Screen::Detail => self.screen = Screen::Trials,
            Screen::Trials if !self.order.filter().is_empty() => self.order.set_filter(String::new()),
            Screen::Trials if self.order.cell().is_some() => {
                self.order.set_cell(None);
                self.screen = Screen::Table;
            }
            Screen::Trials => {}
            Screen::Table => self.screen = Screen::Trials,
            Screen::List if self.gallery.list().is_some_and(|list| !list.words().is_empty()) => {
                self.gallery.open_list();
            }
            Screen::List => {
                self.gallery.close_list(false);
                self.screen = Screen::Pictures;
            }
            Screen::Effects | Screen::Claims | Screen::Pictures => self.screen = Screen::Table,
        }
    }

    fn mark(&mut self) {
        let Some(trial) = self.order.selected() else { return };
        match self.marks.iter().position(|&marked| marked == trial) {
            Some(place) => drop(self.marks.remove(place)),
            None if self.marks.len() == MARKS => self.say(format!("{MARKS} trials are marked: lift a mark first")),
            None => self.marks.push(trial),
        }
    }
}
