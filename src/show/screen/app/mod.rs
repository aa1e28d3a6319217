//! The state of the screens: what events, keys and time change. Pure: nothing here reads a clock, a file or a terminal.

mod draw;
mod press;

use super::effects::EffectsView;
use super::gallery::Gallery;
use super::keys::Screen;
use super::labels::Labels;
use super::order::Order;
use super::progress::Pace;
use super::save::Document;
use super::table::TableView;
use super::theme::Theme;
use crate::error::{Error, Result};
use crate::record::board::Board;
use crate::record::event::Event;
use crate::show::export::{self, Format};
use crate::show::figure::{self, Figure};
use std::time::Duration;

/// How long a question is in view before it takes an answer.
const READING: Duration = Duration::from_millis(500);

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
    /// Stop the program until its shell continues it.
    Suspend,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quitting {
    No,
    Asking(Question),
    Stopping,
}

/// Whether to stop the training. It takes no answer from keys that were on their way before it could be read: what is pasted
/// into a terminal that does not say so comes as keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// Since when it has been in view and no key was pressed.
    since: Option<Duration>,
    /// Whether it takes an answer.
    open: bool,
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
        if !training && matches!(self.quitting, Quitting::Asking(_)) {
            self.quitting = Quitting::No;
        }
        std::mem::replace(&mut self.training, training) != training
    }

    /// Lets what is played go on to `elapsed` since the screen opened. Returns whether there is something new to draw.
    pub fn tick(&mut self, elapsed: Duration) -> bool {
        self.screen == Screen::Pictures && self.gallery.tick(elapsed)
    }

    /// To be told when no key is waiting: a question that has been in view for a while takes answers from then on. Returns
    /// whether there is something new to draw.
    pub fn settle(&mut self, elapsed: Duration) -> bool {
        let Quitting::Asking(question) = &mut self.quitting else { return false };
        let was_read = question.since.is_some_and(|since| elapsed.saturating_sub(since) >= READING);
        let opens = was_read && !question.open;
        question.open |= opens;
        opens
    }

    /// To be told when the screen was another program's meanwhile: nobody has read the question yet.
    pub fn ask_again(&mut self) {
        if let Quitting::Asking(question) = &mut self.quitting {
            *question = Question::default();
        }
    }

    pub fn stopping(&mut self) {
        self.quitting = Quitting::Stopping;
    }

    /// Brings up to date what the screen in view is made of.
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
}
