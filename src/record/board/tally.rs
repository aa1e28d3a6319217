//! How many trials have which status: the one count of outcomes.

use super::{Board, Diverged, Status, TrialState};
use crate::plan::config::Config;
use crate::record::event::Outcome;

/// Number of trials by their status. Each planned trial is in at most one of the other counts; the remaining ones are
/// waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All trials.
    pub planned: usize,
    /// Begun, and not ended yet.
    pub running: usize,
    /// Went through all their steps, or stopped early as they were to.
    pub completed: usize,
    /// Their loss stopped being finite.
    pub diverged: usize,
    /// Of these, the fewest and the most updates before that.
    diverged_at: Option<(u32, u32)>,
    /// Of the completed ones, those that ended with a higher training loss than they began with.
    pub ended_higher: usize,
    /// Panicked.
    pub failed: usize,
    /// Stopped by the user before their end.
    pub cancelled: usize,
    /// Not recorded to their end: see [`Status::CutOff`].
    pub cut_off: usize,
}

impl Tally {
    fn add(&mut self, state: &TrialState, config: &Config) {
        self.planned += 1;
        self.ended_higher += usize::from(state.ended_higher(config));
        if let Some(step) = state.status.diverged_at() {
            self.diverged_at =
                Some(self.diverged_at.map_or((step, step), |(first, last)| (first.min(step), last.max(step))));
        }
        match &state.status {
            Status::Waiting => {}
            Status::Running => self.running += 1,
            Status::Finished(Outcome::Completed { .. }) => self.completed += 1,
            Status::Finished(Outcome::Diverged { .. }) => self.diverged += 1,
            Status::Finished(Outcome::Failed { .. }) => self.failed += 1,
            Status::Finished(Outcome::Cancelled) => self.cancelled += 1,
            Status::CutOff => self.cut_off += 1,
        }
    }

    /// Completed or diverged.
    pub fn with_result(self) -> usize {
        self.completed + self.diverged
    }

    /// Completed, diverged or failed.
    pub fn ended(self) -> usize {
        self.with_result() + self.failed
    }

    /// Cancelled or cut off.
    pub fn stopped(self) -> usize {
        self.cancelled + self.cut_off
    }

    /// How many of the planned trials diverged; `None` if none did.
    pub fn divergence(self) -> Option<Diverged> {
        self.diverged_at.map(|steps| Diverged { trials: self.diverged, of: self.planned, steps })
    }
}

impl Board {
    /// Counts all planned trials.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        let trials = self.trials.iter().enumerate();
        trials.for_each(|(index, state)| tally.add(state, &self.cell(index).config));
        tally
    }

    /// Counts the trials of each cell, in the order of the plan's cells.
    pub fn tally_by_cell(&self) -> Vec<Tally> {
        let mut cells = vec![Tally::default(); self.plan.cells.len()];
        for (trial, state) in self.plan.trials.iter().zip(&self.trials) {
            cells[trial.cell].add(state, &self.plan.cells[trial.cell].config);
        }
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::board::samples::{completed, overfit_plan, point, trial};
    use crate::record::event::Event;

    #[test]
    fn every_trial_is_counted_once_by_its_status() {
        let mut board = Board::new(overfit_plan());
        let ends = [
            completed(1),
            Outcome::Diverged { step: 7 },
            Outcome::Failed { message: "a bug".into() },
            Outcome::Cancelled,
        ];
        for (outcome, id) in ends.into_iter().zip(1..) {
            trial(&mut board, id, point(300, 7000), outcome);
        }
        board.trials[4].status = Status::CutOff;
        board.apply(&Event::TrialStarted { trial: board.plan.trials[5].id });
        let all = board.tally();
        let counts = [all.completed, all.diverged, all.failed, all.cancelled, all.cut_off, all.running];
        assert_eq!((counts, all.planned), ([1; 6], 20));
        assert_eq!((all.with_result(), all.ended(), all.stopped()), (2, 3, 2));
        assert_eq!(all.planned - all.with_result(), board.missing().len());
        let cells = board.tally_by_cell();
        assert_eq!(cells[0], Tally { planned: 5, running: 0, ..all });
        assert_eq!(cells[1], Tally { planned: 5, running: 1, ..Tally::default() });
        assert_eq!(cells[0].divergence().unwrap().to_string(), "1 of 5 diverged, at step 7");
        assert_eq!(cells[1].divergence(), None);
    }
}
