//! Progress for logs and pipes: lines on stderr.

use super::labels::Labels;
use super::numbers;
use super::progress::Pace;
use crate::judge::claim::Progress;
use crate::judge::report::Table;
use crate::plan::{Problem, Stopping};
use crate::printable;
use crate::record::board::Board;
use crate::record::event::{Event, Outcome};
use crate::show::figure::Timeline;
use crate::show::words;
use std::io::{Stderr, Write, stderr};
use std::time::Duration;

/// The longest silence while trials run.
const SUMMARY_EVERY: Duration = Duration::from_secs(10);

/// Writes a line when a trial ends, and regularly how much is left.
pub struct Plain<W: Write = Stderr> {
    out: W,
    quiet: bool,
    labels: Labels,
    pace: Pace,
    ended: usize,
    last_line: Duration,
}

impl Plain {
    /// Progress on stderr; none at all if `quiet`.
    pub fn new(board: &Board, quiet: bool) -> Plain {
        Plain::to(stderr(), board, quiet)
    }
}

impl<W: Write> Plain<W> {
    fn to(out: W, board: &Board, quiet: bool) -> Plain<W> {
        let (labels, pace) = (Labels::new(&board.plan), Pace::new(board, Duration::ZERO));
        Plain { out, quiet, labels, pace, ended: board.tally().ended(), last_line: Duration::ZERO }
    }

    /// Reports an event, after it was applied to `board`. `elapsed` is the time since [`Plain::new`].
    pub fn tell(&mut self, board: &Board, event: &Event, elapsed: Duration) {
        match event {
            Event::StudyStarted(plan) => {
                self.labels = Labels::new(plan);
                self.pace = Pace::new(board, elapsed);
                self.ended = board.tally().ended();
                let trials = numbers::count(plan.trials.len(), "trial");
                let kept = if self.ended > 0 { format!(", {} of them done before", self.ended) } else { String::new() };
                match plan.stopping.filter(|_| self.ended > 0) {
                    Some(stopping) => self.tell_block(board, stopping, elapsed),
                    None => self.line(&format!("{}: {trials}{kept}", plan.study), elapsed),
                }
            }
            Event::TrialFinished { trial, outcome, seconds, .. } => {
                let places = board.find(trial);
                if let Some(&place) = places.first() {
                    self.ended += if *outcome == Outcome::Cancelled { 0 } else { places.len() };
                    let shared = match places.len() {
                        1 => String::new(),
                        cells => format!(", for {cells} cells"),
                    };
                    let text = self.ending(board, place, outcome, *seconds);
                    self.line(&(text + &shared), elapsed);
                }
            }
            Event::TrialStarted { .. }
            | Event::Evaluated { .. }
            | Event::LayersProbed { .. }
            | Event::Moved { .. }
            | Event::Sliced { .. }
            | Event::Classified { .. }
            | Event::StudyFinished => {}
        }
    }

    /// To be called once nothing more is trained: how far a study without a fixed number of seeds has come.
    pub fn end(&mut self, board: &Board, elapsed: Duration) {
        if let Some(stopping) = board.plan.stopping {
            self.tell_block(board, stopping, elapsed);
        }
    }

    /// How far each claim, or row, is when a block of seeds begins.
    fn tell_block(&mut self, board: &Board, stopping: Stopping, elapsed: Duration) {
        let table = Table::new(board);
        let judged = table.sequence.as_ref().map_or(0, |sequence| sequence.seeds.len());
        let far = words::claims::how_far(&table).map(|far| format!(": {far}")).unwrap_or_default();
        self.line(&format!("{judged} of at most {}{far}", numbers::count(stopping.most_seeds, "seed")), elapsed);
        let open =
            |progress: Option<Progress>| progress.filter(|progress| stopping.until_decided && progress.is_open());
        for judged in &table.claims {
            if let Some(progress) = open(judged.progress) {
                self.line(&format!("  {} {}", words::progress::bar(progress), judged.claim.says), elapsed);
            }
        }
        for row in table.rows.iter().filter(|_| table.claims.is_empty()) {
            if let Some(progress) = open(row.progress) {
                let name = &self.labels.cells[row.cell];
                self.line(&format!("  {} {name}", words::progress::bar(progress)), elapsed);
            }
        }
    }

    /// To be called every now and then: breaks a long silence with the time left.
    pub fn tick(&mut self, board: &Board, elapsed: Duration) {
        if elapsed.saturating_sub(self.last_line) < SUMMARY_EVERY {
            return;
        }
        let tally = board.tally();
        if tally.running == 0 {
            return;
        }
        let left = self.pace.left(board, elapsed).map(|left| format!(", {} left", numbers::duration(left)));
        let percent = 100.0 * self.pace.share(board);
        let text = format!("{percent:.0} % done, {} running{}", tally.running, left.unwrap_or_default());
        self.line(&text, elapsed);
    }

    fn ending(&self, board: &Board, place: usize, outcome: &Outcome, seconds: f64) -> String {
        let planned = &board.plan.trials[place];
        let config = &board.plan.cells[planned.cell].config;
        let timeline = Timeline::of(config);
        let end = match outcome {
            Outcome::Completed { .. } => {
                let problem = board.plan.problem_of(&board.plan.cells[planned.cell]);
                let curve = &board.trials[place].curve;
                let values = problem.essential().iter().filter_map(|&metric| {
                    let value = curve.last_value(metric, config)?;
                    Some(format!("{} {}", metric.label(), numbers::measured(metric, value)))
                });
                let values: Vec<String> = values.collect();
                match values.is_empty() {
                    true => "not evaluated".into(),
                    false if problem == Problem::Surface => values.join(" "),
                    false => format!("{} ({})", values.join(" "), numbers::seconds(seconds)),
                }
            }
            Outcome::Diverged { step } => format!("diverged at {} {:.0}", timeline.unit, timeline.at(*step).floor()),
            Outcome::Failed { message } => format!("failed: {message}"),
            Outcome::Cancelled => "cancelled".into(),
        };
        let total = board.trials.len();
        format!("[{}/{total}] {} seed {}: {end}", self.ended, self.labels.cells[planned.cell], planned.seed)
    }

    fn line(&mut self, text: &str, elapsed: Duration) {
        self.last_line = elapsed;
        if !self.quiet {
            // A closed stderr must not end a run.
            let _ = writeln!(self.out, "{}", printable::line(text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::screen::example;

    fn told(quiet: bool) -> String {
        let mut board = example::board(&[]);
        let mut plain = Plain::to(Vec::new(), &board, quiet);
        let events = [
            Event::StudyStarted(example::plan()),
            example::started(31),
            example::evaluated(31, 201),
            example::completed(31),
            example::finished(2, Outcome::Diverged { step: 7 }),
            example::finished(3, Outcome::Cancelled),
            example::started(4),
        ];
        for event in &events {
            board.apply(event);
            plain.tell(&board, event, Duration::from_secs(2));
        }
        for second in 3..25 {
            plain.tick(&board, Duration::from_secs(second));
        }
        String::from_utf8(plain.out).unwrap()
    }

    #[test]
    fn a_line_for_each_end_and_for_each_long_silence() {
        insta::assert_snapshot!(told(false), @r"
        overfit: 40 trials
        [1/40] dropout=0.2 weight_decay=0.1 seed 1: train 0.590 test 0.502 gap +0.088 (2.2 s)
        [2/40] dropout=0.0 weight_decay=0.0 seed 2: diverged at epoch 2
        [2/40] dropout=0.0 weight_decay=0.0 seed 3: cancelled
        8 % done, 1 running, 2 min 03 s left
        8 % done, 1 running, 4 min 06 s left
        ");
        assert_eq!(told(true), "");
    }
}
