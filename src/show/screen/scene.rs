//! What the views look at while they draw.

use super::labels::Labels;
use super::progress::{Pace, State};
use super::text::shorten;
use super::theme::Theme;
use crate::record::board::Board;
use crate::show::figure;
use ratatui::style::Style;
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

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
    pub fn mark(&self, trial: usize) -> (String, Style) {
        match self.marks.iter().position(|&marked| marked == trial) {
            Some(place) => (figure::mark(place).0, self.theme.mark(place)),
            None => (String::new(), Style::new()),
        }
    }

    /// Cell and seed in at most `width` columns: without the names of the parameters where there is no room for them.
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
