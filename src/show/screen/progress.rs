//! Progress: the state of each trial, and the time that is left.

use crate::record::board::{Board, Status};
use crate::record::event::Outcome;
use std::time::Duration;

/// The state of a trial as users see it, the most interesting first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Running,
    Failed,
    Diverged,
    Done,
    Cancelled,
    CutOff,
    Waiting,
}

impl State {
    pub fn of(status: &Status) -> State {
        match status {
            Status::Waiting => State::Waiting,
            Status::Running => State::Running,
            Status::CutOff => State::CutOff,
            Status::Finished(Outcome::Completed { .. }) => State::Done,
            Status::Finished(Outcome::Diverged { .. }) => State::Diverged,
            Status::Finished(Outcome::Failed { .. }) => State::Failed,
            Status::Finished(Outcome::Cancelled) => State::Cancelled,
        }
    }

    pub fn glyph(self) -> &'static str {
        match self {
            State::Running => "▶",
            State::Failed => "!",
            State::Diverged => "✗",
            State::Done => "✓",
            State::Cancelled | State::CutOff => "◌",
            State::Waiting => "·",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            State::Running => "running",
            State::Failed => "failed",
            State::Diverged => "diverged",
            State::Done => "done",
            State::Cancelled => "cancelled",
            State::CutOff => "cut off",
            State::Waiting => "waiting",
        }
    }
}

/// Measures which share of the work is done and how long the rest will take, with trials weighted by their cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Pace {
    /// (cost of a trial, its number of steps) by cell.
    cells: Vec<(f64, f64)>,
    /// Index of one trial for each training.
    trainings: Vec<usize>,
    total: f64,
    /// (work that was done, time) when measuring started.
    start: (f64, Duration),
}

impl Pace {
    /// Starts measuring now: what earlier runs trained says nothing about the speed of this one.
    pub fn new(board: &Board, elapsed: Duration) -> Pace {
        let cells: Vec<(f64, f64)> =
            board.plan.cells.iter().map(|cell| (cell.config.cost(), cell.config.total_steps() as f64)).collect();
        let trainings: Vec<usize> = board.trainings().collect();
        let total = trainings.iter().map(|&trial| cells[board.plan.trials[trial].cell].0).sum();
        let mut pace = Pace { cells, trainings, total, start: (0.0, elapsed) };
        pace.start.0 = pace.work(board);
        pace
    }

    fn work(&self, board: &Board) -> f64 {
        let of = |&trial: &usize| {
            let state = &board.trials[trial];
            let (cost, steps) = self.cells[board.plan.trials[trial].cell];
            match state.status {
                Status::Waiting | Status::CutOff => 0.0,
                Status::Running => {
                    cost * state.curve.step.last().map_or(0.0, |&step| (f64::from(step) / steps).min(1.0))
                }
                Status::Finished(_) => cost,
            }
        };
        self.trainings.iter().map(of).sum()
    }

    /// The share of all work that is done, in [0, 1].
    pub fn share(&self, board: &Board) -> f64 {
        if self.total > 0.0 { (self.work(board) / self.total).clamp(0.0, 1.0) } else { 1.0 }
    }

    /// The time until the last trial ends, at the speed since the start; `None` while there was no progress.
    pub fn left(&self, board: &Board, elapsed: Duration) -> Option<Duration> {
        let work = self.work(board);
        let moved = work - self.start.0;
        let seconds = elapsed.saturating_sub(self.start.1).as_secs_f64() * (self.total - work) / moved;
        (moved > 0.0 && seconds >= 0.0).then(|| Duration::from_secs_f64(seconds.min(1e9)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::screen::example;

    #[test]
    fn time_left_leaves_out_what_earlier_runs_did() {
        let mut board = example::board(&[]);
        let end = |trial: usize| example::completed(trial);
        for event in (0..20).map(end) {
            board.apply(&event);
        }
        let pace = Pace::new(&board, Duration::ZERO);
        assert_eq!(pace.left(&board, Duration::from_secs(5)), None);
        board.apply(&end(20));
        // One of the 20 that were left took 10 s.
        assert_eq!(pace.left(&board, Duration::from_secs(10)), Some(Duration::from_secs(190)));
        assert_eq!(pace.share(&board), 21.0 / 40.0);
    }

    #[test]
    fn what_is_trained_once_counts_once() {
        let mut plan = example::plan();
        plan.trials[1].id = plan.trials[0].id;
        let mut board = Board::new(plan);
        let pace = Pace::new(&board, Duration::ZERO);
        board.apply(&example::completed(0));
        assert_eq!(pace.share(&board), 1.0 / 39.0);
    }
}
