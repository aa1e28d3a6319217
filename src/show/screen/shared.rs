//! The state that all screens share: the board and what is computed from it, which trials are shown and marked, which picture
//! is in view.

use super::gallery::Gallery;
use super::keys::Binding;
use super::labels::Labels;
use super::order::Order;
use super::progress::{Pace, State};
use super::screens::About;
use super::text::shorten;
use super::theme::Theme;
use crate::judge::report::Table;
use crate::plan::Trial;
use crate::record::board::Board;
use crate::record::event::Event;
use crate::show::figure;
use ratatui::style::Style;
use std::cell::OnceCell;
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

/// After so long in view without a key pressed, a screen counts as read.
const READING: Duration = Duration::from_millis(500);
/// The most trials that can be marked: there are so many colours for them.
const MARKS: usize = 6;

/// Which part of the board an event changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The cells and trials.
    Plan,
    /// The status of a trial.
    Outcomes,
    /// The measurements of a running trial.
    Measures,
}

pub struct Shared {
    pub board: Board,
    pub labels: Labels,
    pub pace: Pace,
    pub theme: Theme,
    /// The trials that are shown, and the one that is selected.
    pub trials: Order,
    /// The pictures, and the one in view.
    pub gallery: Gallery,
    /// Marked trials; the n-th has the n-th letter.
    pub marks: Vec<usize>,
    /// The table of the whole board, in the order of the design. Computed once for each change, since its statistics are too
    /// expensive for every drawing.
    table: OnceCell<Table>,
    /// The keys of each screen.
    pub keys: Vec<(About, Vec<Binding>)>,
    /// The screen in view, whatever lies over it: an index into `keys`.
    pub in_view: usize,
    /// The number of rows in view when last drawn: the length of a page.
    pub page: usize,
    /// Whether this program is training trials.
    pub training: bool,
    /// Whether the trials were asked to stop.
    pub stopping: bool,
    /// What is going on beside the trials.
    pub note: Option<String>,
    /// The time since the screen opened.
    pub elapsed: Duration,
    message: Option<String>,
    /// Since when the screen has been in view and no key was pressed.
    untouched_since: Option<Duration>,
    was_read: bool,
}

impl Shared {
    pub fn new(board: Board, theme: Theme) -> Shared {
        Shared {
            labels: Labels::new(&board.plan),
            pace: Pace::new(&board, Duration::ZERO),
            theme,
            trials: Order::default(),
            gallery: Gallery::default(),
            marks: Vec::new(),
            table: OnceCell::new(),
            keys: Vec::new(),
            in_view: 0,
            page: 1,
            training: false,
            stopping: false,
            note: None,
            elapsed: Duration::ZERO,
            message: None,
            untouched_since: None,
            was_read: false,
            board,
        }
    }

    pub fn apply(&mut self, event: &Event) -> Change {
        let change = match event {
            Event::StudyStarted(_) => Change::Plan,
            Event::Evaluated { .. }
            | Event::Sliced { .. }
            | Event::Classified { .. }
            | Event::Moved { .. }
            | Event::LayersProbed { .. } => Change::Measures,
            Event::TrialStarted { .. } | Event::TrialFinished { .. } | Event::StudyFinished => Change::Outcomes,
        };
        // Trials with one id are told apart by their order.
        let nth = |(place, trial): (usize, &Trial)| {
            (trial.id, self.board.find(&trial.id).iter().position(|&other| other == place))
        };
        let ids: Vec<_> = match change {
            Change::Plan => self.board.plan.trials.iter().enumerate().map(nth).collect(),
            _ => Vec::new(),
        };
        self.board.apply(event);
        self.gallery.invalidate();
        if change != Change::Measures {
            self.table.take();
        }
        if change == Change::Plan {
            let now_at = |before: usize| {
                let (id, nth) = ids[before];
                self.board.find(&id).get(nth?).copied()
            };
            self.marks = self.marks.iter().filter_map(|&marked| now_at(marked)).collect();
            self.trials.replan(now_at);
            self.labels = Labels::new(&self.board.plan);
            self.pace = Pace::new(&self.board, self.elapsed);
        } else {
            self.trials.invalidate(change == Change::Outcomes);
        }
        change
    }

    /// Brings up to date which trials are shown.
    pub fn refresh(&mut self) {
        self.trials.refresh(&self.board, &self.labels);
    }

    pub fn table(&self) -> &Table {
        self.table.get_or_init(|| Table::new(&self.board))
    }

    /// Shows a message in place of the footer, until a key is pressed.
    pub fn say(&mut self, message: impl Into<String>) {
        self.message = Some(message.into());
    }

    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Has to be called when a key was pressed, or another program used the screen: what is on it has not been read.
    pub fn touch(&mut self) {
        (self.untouched_since, self.was_read) = (None, false);
    }

    /// Removes the message.
    pub fn forget_message(&mut self) {
        self.message = None;
    }

    /// Has to be called when the screen was drawn.
    pub fn drawn(&mut self) {
        self.untouched_since.get_or_insert(self.elapsed);
    }

    /// Has to be called when no key is waiting. Returns whether the screen counts as read only from now on.
    pub fn settle(&mut self, elapsed: Duration) -> bool {
        let is_read = self.untouched_since.is_some_and(|since| elapsed.saturating_sub(since) >= READING);
        is_read && !std::mem::replace(&mut self.was_read, true)
    }

    /// Whether users had time to read the screen before they pressed a key. Terminals that do not mark pasted text send it as
    /// keys in quick succession.
    pub fn was_read(&self) -> bool {
        self.was_read
    }

    /// Marks the selected trial for comparison, or removes its mark.
    pub fn toggle_mark(&mut self) {
        let Some(trial) = self.trials.selected() else { return };
        match self.marks.iter().position(|&marked| marked == trial) {
            Some(place) => drop(self.marks.remove(place)),
            None if self.marks.len() == MARKS => self.say(format!("{MARKS} trials are marked: lift a mark first")),
            None => self.marks.push(trial),
        }
    }

    /// The letter and the style of a marked trial; an empty text for others.
    pub fn mark(&self, trial: usize) -> (String, Style) {
        match self.marks.iter().position(|&marked| marked == trial) {
            Some(place) => (figure::mark(place).0, self.theme.mark(place)),
            None => (String::new(), Style::new()),
        }
    }

    /// Cell and seed in at most `width` columns, without the names of parameters if there is no room for them.
    pub fn trial_name(&self, trial: usize, width: u16) -> String {
        let planned = &self.board.plan.trials[trial];
        let with = |cell: &str| format!("{cell} · seed {}", planned.seed);
        let (whole, width) = (with(&self.labels.cells[planned.cell]), usize::from(width));
        if whole.width() <= width { whole } else { shorten(&with(&self.labels.short[planned.cell]), width) }
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
