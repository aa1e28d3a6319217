//! What the screens show and how keys change it. Pure: nothing here reads a clock, a file or a terminal.

use super::effects::EffectsView;
use super::gallery::{self, Gallery};
use super::keys::{self, Action, Screen};
use super::labels::Labels;
use super::order::Order;
use super::progress::{Pace, State};
use super::save::Document;
use super::table::TableView;
use super::theme::Theme;
use super::{claims, detail, effects, frame, grid, help, table, trials};
use crate::board::Board;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::export::{self, Format};
use crate::figure::{self, Figure};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::time::Duration;

/// How many trials can be marked: as many as the theme has colours for.
const MARKS: usize = 6;

/// What a key asks of the loop around the state.
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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quitting {
    No,
    Asking,
    Stopping,
}

/// What a key lays over a screen until it is pressed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    Keys,
    Caption,
}

pub struct App {
    pub board: Board,
    labels: Labels,
    pace: Pace,
    order: Order,
    /// The first row in view.
    top: usize,
    /// Rows in view when last drawn: the length of a page.
    page: usize,
    table: TableView,
    effects: EffectsView,
    gallery: Gallery,
    /// The first line of the claims in view.
    claims_top: usize,
    screen: Screen,
    /// Marked trials; the n-th has the n-th letter.
    marks: Vec<usize>,
    /// What lies over the screen, and the first of its lines that is in view.
    over: Option<(Over, usize)>,
    typing: bool,
    quitting: Quitting,
    message: Option<String>,
    theme: Theme,
    /// Whether trials are being trained by this program, as the feed says.
    training: bool,
    pub note: Option<String>,
    /// Since the screen opened.
    pub elapsed: Duration,
}

/// All that a view may look at.
pub struct Scene<'a> {
    pub board: &'a Board,
    pub labels: &'a Labels,
    pub pace: &'a Pace,
    pub marks: &'a [usize],
    pub theme: Theme,
    pub elapsed: Duration,
    pub note: Option<&'a str>,
    /// Whether the picture in view has more moments than one,
    pub moves: bool,
    /// and more lines than one.
    pub has_lines: bool,
    /// Its name and its place among all, while pictures are in view: `3/21`.
    pub picture: Option<(&'a str, &'a str)>,
}

impl Scene<'_> {
    /// A marked trial's letter and colour.
    pub fn mark(&self, trial: usize) -> grid::Cell {
        match self.marks.iter().position(|&marked| marked == trial) {
            Some(place) => (figure::mark(place).0, self.theme.mark(place)),
            None => (String::new(), Style::new()),
        }
    }

    pub fn style(&self, state: State) -> Style {
        match state {
            State::Running => self.theme.running(),
            State::Done => self.theme.done(),
            State::Failed | State::Diverged => self.theme.trouble(),
            State::Cancelled | State::CutOff | State::Waiting => self.theme.faint(),
        }
    }
}

impl App {
    pub fn new(board: Board, theme: Theme) -> App {
        App {
            labels: Labels::new(&board.plan),
            pace: Pace::new(&board, Duration::ZERO),
            order: Order::default(),
            top: 0,
            page: 1,
            table: TableView::default(),
            effects: EffectsView::default(),
            gallery: Gallery::default(),
            claims_top: 0,
            screen: if board.complete() { Screen::Table } else { Screen::Trials },
            marks: Vec::new(),
            over: None,
            typing: false,
            quitting: Quitting::No,
            message: None,
            theme,
            training: false,
            note: None,
            elapsed: Duration::ZERO,
            board,
        }
    }

    pub fn apply(&mut self, event: &Event) {
        let ids: Vec<_> = match event {
            Event::StudyStarted(_) => self.board.plan.trials.iter().map(|trial| trial.id).collect(),
            _ => Vec::new(),
        };
        self.board.apply(event);
        self.gallery.invalidate();
        match event {
            Event::StudyStarted(_) => {
                let place = |old: usize| self.board.find(&ids[old]);
                self.marks = self.marks.iter().filter_map(|&marked| place(marked)).collect();
                self.order.replan(place);
                self.labels = Labels::new(&self.board.plan);
                self.pace = Pace::new(&self.board, self.elapsed);
                self.table = TableView::default();
                self.effects = EffectsView::default();
            }
            Event::Evaluated { .. } | Event::Sliced { .. } | Event::Moved { .. } => self.order.invalidate(false),
            Event::LayersProbed { .. } => {}
            _ => {
                self.order.invalidate(true);
                self.table.invalidate();
                self.effects.invalidate();
            }
        }
    }

    /// What the export key writes from the screen in view: the picture, the curves of the trial, or the table.
    pub fn documents(&mut self) -> Result<Vec<Document>> {
        self.refresh();
        let study = &self.board.plan.study;
        let svg = |name: String, figure: &Figure| Document {
            name: export::file_name(&format!("{study}-{name}")),
            ending: "svg",
            text: export::svg(figure),
        };
        match (self.screen, self.order.selected()) {
            (Screen::Pictures, _) => {
                let line = self.gallery.line().map(|line| format!("-{line}")).unwrap_or_default();
                let name = self.gallery.picture().map(|picture| format!("{}{line}", picture.name));
                let picture = name.zip(self.gallery.figure(&self.board));
                let none = || Error::Usage("nothing has been measured yet: there is no picture to write".into());
                Ok(vec![picture.map(|(name, figure)| svg(name, figure)).ok_or_else(none)?])
            }
            (Screen::Detail, Some(trial)) => {
                let planned = &self.board.plan.trials[trial];
                let cell = &self.labels.cells[planned.cell];
                let of = |figure: &Figure| {
                    svg(format!("{cell}-seed-{}-{}", planned.seed, figure.title.to_lowercase()), figure)
                };
                Ok(figure::of_trial(&self.board, trial, &self.marks).iter().map(of).collect())
            }
            _ => {
                let text = export::render(Format::Md, &self.board)?;
                Ok(vec![Document { name: study.clone(), ending: "md", text }])
            }
        }
    }

    pub fn say(&mut self, message: String) {
        self.message = Some(message);
    }

    /// Tells whether trials are being trained. Returns whether that is news. Once there is nothing left to stop, the
    /// question whether to stop is withdrawn.
    pub fn train(&mut self, training: bool) -> bool {
        if !training && self.quitting == Quitting::Asking {
            self.quitting = Quitting::No;
        }
        std::mem::replace(&mut self.training, training) != training
    }

    /// Lets what is played go on to `elapsed` since the screen opened. Returns whether there is something new to draw.
    pub fn tick(&mut self, elapsed: Duration) -> bool {
        self.screen == Screen::Pictures && self.gallery.tick(elapsed)
    }

    pub fn stopping(&mut self) {
        self.quitting = Quitting::Stopping;
    }

    /// Acts on a pressed key.
    pub fn press(&mut self, key: KeyEvent) -> Option<Request> {
        self.message = None;
        self.refresh();
        let action = keys::action(self.screen, key);
        match self.quitting {
            Quitting::Asking => return self.answer(key, action),
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

    fn refresh(&mut self) {
        self.order.refresh(&self.board, &self.labels);
        match self.screen {
            Screen::Table | Screen::Claims => self.table.refresh(&self.board),
            Screen::Effects => self.effects.refresh(&self.board),
            Screen::Pictures | Screen::List => {
                self.gallery.refresh(&self.board);
                self.gallery.figure(&self.board);
            }
            Screen::Trials | Screen::Detail => {}
        }
    }

    fn quit(&mut self) -> Option<Request> {
        self.over = None;
        if !self.training {
            return Some(Request::Quit);
        }
        self.quitting = Quitting::Asking;
        None
    }

    fn answer(&mut self, key: KeyEvent, action: Option<Action>) -> Option<Request> {
        let yes = key.code == KeyCode::Char('y') || action == Some(Action::Interrupt);
        if yes {
            self.quitting = Quitting::Stopping;
            return Some(Request::Cancel);
        }
        if matches!(key.code, KeyCode::Char('n') | KeyCode::Esc) {
            self.quitting = Quitting::No;
        }
        None
    }

    fn type_key(&mut self, key: KeyEvent) {
        let mut words = match self.gallery.list() {
            Some(list) => list.words().to_owned(),
            None => self.order.filter().to_owned(),
        };
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
            KeyCode::Char(character) if (key.modifiers - KeyModifiers::SHIFT).is_empty() => words.push(character),
            _ => {}
        }
        match self.gallery.list() {
            Some(list) => list.set_words(words),
            None => self.order.set_filter(words),
        }
    }

    fn act(&mut self, action: Action) -> Option<Request> {
        match action {
            Action::Quit | Action::Interrupt => return self.quit(),
            Action::Export => return Some(Request::Export),
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
            Action::Sort => self.order.sort_by_next(&self.labels),
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

    /// Draws everything; works for any area, also an empty one.
    pub fn draw(&mut self, area: Rect, buf: &mut Buffer) {
        self.refresh();
        let parts = frame::split(area, self.typing || !self.order.filter().is_empty() || self.order.cell().is_some());
        self.page = parts.body.height.saturating_sub(1).max(1) as usize;
        self.top = grid::scroll(self.top, self.order.position(), self.page, self.order.rows().len());
        let in_view = matches!(self.screen, Screen::Pictures | Screen::List);
        let picture = self.gallery.place().filter(|_| in_view);
        let scene = Scene {
            board: &self.board,
            labels: &self.labels,
            pace: &self.pace,
            marks: &self.marks,
            theme: self.theme,
            elapsed: self.elapsed,
            note: self.note.as_deref(),
            moves: self.gallery.moves(),
            has_lines: self.gallery.line_count() > 1,
            picture: picture.as_ref().map(|(name, place)| (name.as_str(), place.as_str())),
        };
        frame::header(&scene, self.screen, parts.header, buf);
        match (self.screen, self.order.selected()) {
            (Screen::Table, _) => table::draw(&scene, &mut self.table, parts.body, buf),
            (Screen::Effects, _) => effects::draw(&scene, &mut self.effects, parts.body, buf),
            (Screen::Pictures, _) => gallery::draw(&scene, &mut self.gallery, parts.body, buf),
            (Screen::List, _) => {
                gallery::draw(&scene, &mut self.gallery, parts.body, buf);
                gallery::draw_list(&scene, &mut self.gallery, self.typing, parts.body, buf);
            }
            (Screen::Claims, _) => {
                self.claims_top = claims::draw(&scene, self.table.table(), self.claims_top, parts.body, buf);
            }
            (Screen::Detail, Some(trial)) => detail::draw(&scene, trial, parts.body, buf),
            (Screen::Trials | Screen::Detail, selected) => {
                frame::filter(&scene, &self.order, self.typing, parts.filter, buf);
                let (list, preview) = frame::split_wide(parts.body, trials::wanted_width(&scene, &self.order));
                trials::draw(&scene, &self.order, self.top, list, buf);
                if let Some(trial) = selected {
                    detail::preview(&scene, trial, preview, buf);
                }
            }
        }
        let typing = (self.typing && self.screen == Screen::List).then_some("type words · ↑ ↓ · enter · esc");
        frame::footer(&scene, self.screen, self.message.as_deref().or(typing), parts.footer, buf);
        match (self.quitting, self.over) {
            (Quitting::No, Some((Over::Keys, top))) => {
                self.over = Some((Over::Keys, help::keys(&scene, self.screen, top, area, buf)));
            }
            (Quitting::No, Some((Over::Caption, top))) => {
                let name = self.gallery.picture().map(|picture| picture.name.clone()).unwrap_or_default();
                let figure = self.gallery.figure(&self.board);
                let top = figure.map(|figure| help::caption(&scene, &name, figure, top, area, buf));
                self.over = top.map(|top| (Over::Caption, top));
            }
            (Quitting::No, None) => {}
            (Quitting::Asking, _) => help::quit(&scene, area, buf),
            (Quitting::Stopping, _) => help::stopping(&scene, area, buf),
        }
    }
}
