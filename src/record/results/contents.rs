//! What the journal of a result folder comes to: the board, and what of the journal is damaged.

use crate::error::{Error, Result};
use crate::plan::TrialId;
use crate::plan::metric::Metric;
use crate::printable;
use crate::record::board::{Board, TrialState, Unplanned};
use crate::record::event::{Counts, Event, Outcome};
use crate::record::journal::{self, Damage, Entry, Reader, Recorded};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// What a journal comes to. All that is whole is in it, whatever else is damaged.
#[derive(Default)]
pub struct Contents {
    /// `None` if no plan is left, or none was ever written.
    pub board: Option<Board>,
    /// What was trained for a plan that is lost, while there is no board.
    pub unplanned: Unplanned,
    /// Whether a program was writing the journal when reading began: if not, what was read is complete.
    pub being_written: bool,
    /// The damaged lines, in the order in which they were read.
    pub damage: Vec<Damage>,
    /// Last lines that have no end, although nobody writes any more: a power cut or a full disk leaves them.
    pub broken_off: Vec<Damage>,
    /// Trials that ended with a result which lacks a part.
    pub incomplete: BTreeSet<TrialId>,
    ledger: Ledger,
    /// The numbers of the files whose lines have no checksums.
    unguarded: BTreeSet<u32>,
    /// The numbers of the files with damaged lines.
    damaged: BTreeSet<u32>,
}

impl Contents {
    /// Reads the journal of a folder.
    ///
    /// Errors: those of [`Reader::read_new`] and of [`Ledger::enter`].
    pub fn read(folder: &Path) -> Result<Contents> {
        let mut contents = Contents { being_written: journal::is_being_written(folder), ..Contents::default() };
        let mut reader = Reader::open(folder)?;
        reader.read_new(&mut |entry| contents.apply(entry))?;
        if !contents.being_written {
            contents.broken_off = reader.broken_off();
        }
        Ok(contents)
    }

    /// The board, with running trials marked as cut off unless a program is writing the journal.
    ///
    /// Errors: there is no board. The message says why, and what to do.
    pub fn board_now(self, folder: &Path) -> Result<Board> {
        let Contents { board, unplanned, being_written, damage, broken_off, .. } = self;
        let shown = printable::path(folder);
        let Some(mut board) = board else {
            return Err(Error::Usage(match (damage.iter().chain(&broken_off).next(), unplanned.results()) {
                (None, 0) => format!("{shown}: nothing was trained here yet: run the study again"),
                (None, kept) => {
                    format!("{shown}: the plan of this result is missing, without which {kept} trials wait: {AGAIN}")
                }
                (Some(damage), kept) => {
                    format!(
                        "{damage}\n  {shown} has no other plan; {kept} finished trials are kept, which need one: {AGAIN}"
                    )
                }
            }));
        };
        if !being_written {
            board.cut_off_running();
        }
        Ok(board)
    }

    fn apply(&mut self, entry: Entry) -> Result<()> {
        self.ledger.enter(&entry)?;
        if !entry.has_checksum {
            self.unguarded.insert(entry.file);
        }
        let Entry { path, line, content, .. } = entry;
        let content = content.and_then(|event| match self.impossible(&event) {
            Some((trial, problem)) => {
                Err(Damage { path: path.to_owned(), line, problem, recorded: Recorded::Measured(trial) })
            }
            None => Ok(event),
        });
        match content {
            Ok(event) => self.apply_event(event, entry.has_checksum),
            Err(damage) => {
                if !entry.has_checksum {
                    // Such files do not say how much a trial has: of those that are running, a part may be lost.
                    self.fold(&Event::StudyFinished);
                }
                self.damaged.insert(entry.file);
                self.damage.push(damage);
            }
        }
        Ok(())
    }

    /// The trial and what cannot be, in an event of which the plan says otherwise.
    fn impossible(&self, event: &Event) -> Option<(TrialId, String)> {
        let Event::Evaluated { trial, curve } = event else { return None };
        let board = self.board.as_ref()?;
        let config = &board.cell(*board.find(trial).first()?).config;
        config.data.set()?;
        let images = [
            (Metric::TRAIN_ACCURACY, config.trained_on().len()),
            (Metric::VALIDATION_ACCURACY, config.validation_samples.get()),
            (Metric::TEST_ACCURACY, config.test_samples()),
        ];
        let (metric, images) = images
            .into_iter()
            .find(|&(metric, images)| curve.most(metric).is_some_and(|right| right as usize > images))?;
        Some((*trial, format!("its {} counts more images than the {images} there are", metric.title())))
    }

    fn apply_event(&mut self, mut event: Event, has_checksum: bool) {
        if let Event::TrialFinished { trial, outcome, counts: counts @ None, .. } = &mut event
            && !has_checksum
        {
            *counts = self.expected(*trial, outcome);
        }
        self.fold(&event);
        if let Event::TrialFinished { trial, outcome, .. } = &event {
            let is_whole = self.state(*trial).is_none_or(|state| state.status.has_result());
            match is_whole || !outcome.is_result() {
                true => self.incomplete.remove(trial),
                false => self.incomplete.insert(*trial),
            };
        }
    }

    fn fold(&mut self, event: &Event) {
        match (&mut self.board, event) {
            (Some(board), event) => board.apply(event),
            (None, Event::StudyStarted(plan)) => {
                self.board = Some(Board::with(plan.clone(), std::mem::take(&mut self.unplanned)));
            }
            (None, event) => self.unplanned.apply(event),
        }
    }

    fn state(&self, trial: TrialId) -> Option<&TrialState> {
        let board = self.board.as_ref()?;
        board.find(&trial).first().map(|&place| &board.trials[place])
    }

    /// How much a completed trial of a file without counts should have; `None` if that is not known.
    fn expected(&self, trial: TrialId, outcome: &Outcome) -> Option<Counts> {
        let state = self.state(trial).filter(|state| state.status.is_running())?;
        let board = self.board.as_ref()?;
        let config = &board.cell(*board.find(&trial).first()?).config;
        let all = || 1 + config.total_steps().div_ceil(config.evaluation_steps());
        // A training that may stop early has any number of evaluations.
        let is_known = matches!(outcome, Outcome::Completed { .. }) && config.patience.get() == 0;
        let evaluations = is_known.then(all);
        let counts = state.counts();
        Some(Counts { evaluations: evaluations.unwrap_or(counts.evaluations), ..counts })
    }

    /// The trials whose results stand in files that are damaged, or that have no checksums by which damage would be noticed.
    pub fn suspects(&self) -> BTreeSet<TrialId> {
        let is_suspect = |file: &u32| self.damaged.contains(file) || self.unguarded.contains(file);
        let results = self.ledger.results.iter().filter(|(_, found)| is_suspect(&found.file));
        results.map(|(&trial, _)| trial).collect()
    }
}

const AGAIN: &str = "run the study again, which trains only what is missing";

/// Where the result of each trial stands.
#[derive(Default)]
pub struct Ledger {
    results: HashMap<TrialId, Found>,
    /// The files by their numbers.
    paths: HashMap<u32, PathBuf>,
}

struct Found {
    file: u32,
    line: usize,
    outcome: Outcome,
}

impl Ledger {
    /// Notes the result of a trial.
    ///
    /// Errors: the trial has another result already. The message names both, and says what to do.
    pub fn enter(&mut self, entry: &Entry) -> Result<()> {
        let Ok(Event::TrialFinished { trial, outcome, .. }) = &entry.content else { return Ok(()) };
        if !outcome.is_result() {
            return Ok(());
        }
        self.paths.entry(entry.file).or_insert_with(|| entry.path.to_owned());
        let found = Found { file: entry.file, line: entry.line, outcome: outcome.clone() };
        match self.results.get(trial) {
            Some(before) if before.outcome != found.outcome => {
                Err(Error::Usage(self.contradiction(*trial, before, &found)))
            }
            Some(_) => Ok(()),
            None => {
                self.results.insert(*trial, found);
                Ok(())
            }
        }
    }

    fn contradiction(&self, trial: TrialId, one: &Found, other: &Found) -> String {
        let told = |found: &Found| {
            let path = self.paths.get(&found.file).map(printable::path).unwrap_or_default();
            format!("{path}:{}: {}", found.line, found.outcome)
        };
        format!(
            "trial {trial} has two results, of which one at most is right:\n  {}\n  {}\n  to mend it: delete both lines, and the \
             trial is trained again; or, if you know which one is right, the other",
            told(one),
            told(other)
        )
    }
}
