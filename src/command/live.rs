//! The events of a run: from the threads that train to the journal, and from there to the screen or the progress lines.

use super::blocks::Blocks;
use crate::error::{Error, Result};
use crate::learn::train::Control;
use crate::printable;
use crate::record::board::Board;
use crate::record::event::Event;
use crate::record::journal::{self, Harm, Journal};
use crate::record::results;
use crate::run::Job;
use crate::show::screen::Feed;
use crate::show::words::count;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::time::{Duration, Instant};

/// How often the journal is checked for damage.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The feed of a run: events from the workers are written to the journal before they are shown.
pub struct Live {
    /// From the workers, until the last of them has ended.
    pub events: Receiver<Result<Event>>,
    /// Where each event is written.
    pub journal: Journal,
    /// The result folder, which holds the journal and the text of the study.
    pub folder: PathBuf,
    /// The text of the study.
    pub study: String,
    /// Stops the trials that are running.
    pub control: Arc<Control>,
    /// Set when the program was asked to stop.
    pub interrupted: Arc<AtomicBool>,
    /// What trials are waiting for before the first one starts, e.g. `reading MNIST`.
    pub waiting_for: Option<String>,
    /// Whether the channel is still open. When it closes, the journal's lock is released, and others may write to the folder.
    pub training: bool,
    /// Of a study without a fixed number of seeds, its blocks.
    pub blocks: Option<Blocks>,
    /// Where the jobs of a block are sent; `None` once there are no more.
    pub lists: Option<Sender<Vec<Job>>>,
    /// Whether the newest block has ended, and nothing was decided about the next.
    pub block_ended: bool,
    /// Whether the end of a trial has been written, so that the journal has to be kept.
    pub worth_keeping: bool,
    /// When the journal was last checked for damage.
    pub looked: Instant,
    /// What happened to the journal, to be printed when no screen is open.
    pub remarks: Vec<String>,
    /// The journals of the studies that this run has finished before.
    pub done: Vec<Journal>,
}

impl Feed for Live {
    /// Returns only events that have been written to the journal.
    fn poll(&mut self, board: &Board) -> Result<Vec<Event>> {
        if std::mem::take(&mut self.block_ended)
            && let Some(started) = self.next_block(board)?
        {
            return Ok(vec![started]);
        }
        let was_training = self.training;
        let mut events = Vec::new();
        while self.training && !self.block_ended {
            match self.events.try_recv() {
                Ok(event) => {
                    let event = event?;
                    self.block_ended = event == Event::StudyFinished;
                    events.push(event);
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => self.training = false,
            }
        }
        self.write(&events, board).inspect_err(|_| self.cancel())?;
        if was_training && !self.training {
            self.journal.finish().map_err(stopped)?;
        }
        Ok(events)
    }

    fn is_training(&self) -> bool {
        self.training
    }

    fn note(&self) -> Option<String> {
        let harmed = || (!self.remarks.is_empty()).then(|| "the journal was lost and is written anew".to_owned());
        self.waiting_for.clone().or_else(harmed)
    }

    fn cancel(&mut self) {
        self.control.cancel.store(true, Relaxed);
    }

    fn interrupted(&self) -> bool {
        self.interrupted.load(Relaxed)
    }
}

impl Live {
    /// Begins the next block, of which it returns the plan; `None` if there is no other. `board` holds all events of the last block.
    fn next_block(&mut self, board: &Board) -> Result<Option<Event>> {
        let cancelled = self.control.cancel.load(Relaxed);
        let plan = self.blocks.as_mut().filter(|_| !cancelled).and_then(|blocks| blocks.next(board));
        let Some(mut plan) = plan else {
            self.lists = None;
            return Ok(None);
        };
        plan.reuse(board.results());
        let started = Event::StudyStarted(plan);
        self.journal.append(&started).map_err(stopped).inspect_err(|_| self.control.cancel.store(true, Relaxed))?;
        let mut next = board.clone();
        next.apply(&started);
        // Nothing receives it if training has ended early, of which the events tell.
        self.lists.iter().for_each(|lists| drop(lists.send(Job::of_plan(&next.plan, &next.missing()))));
        Ok(Some(started))
    }

    /// Appends events to the journal, and checks the journals now and then. `board` holds all events that were written before.
    fn write(&mut self, events: &[Event], board: &Board) -> Result<()> {
        if !events.is_empty() {
            self.waiting_for = None;
            for event in events {
                self.journal.append(event).map_err(stopped)?;
                self.worth_keeping |= matches!(event, Event::TrialFinished { .. });
            }
        }
        if self.training && self.looked.elapsed() >= LOOK_EVERY {
            self.looked = Instant::now();
            still_stored(&self.done)?;
            if let Some(harm) = self.journal.harm() {
                let mut board = board.clone();
                events.iter().for_each(|event| board.apply(event));
                self.write_anew(harm, &board)?;
            }
        }
        Ok(())
    }

    /// Checks the journal once training has ended, and repairs it. Errors: what the board holds is not on the disk.
    pub fn settle(&mut self, board: &Board) -> Result<()> {
        match self.journal.harm_in_any_byte() {
            None => Ok(()),
            Some(harm) if harm.was_set_aside() => {
                let path = printable::path(&harm.path);
                self.remarks.push(format!("{path} {harm}: another program has begun a new result there"));
                Ok(())
            }
            Some(harm) => self.write_anew(harm, board),
        }
    }

    /// Writes all that the board holds where the journal was. What is left of the old journal is set aside, unless another
    /// program writes to it: then the new journal goes to a folder beside it, and training stops.
    fn write_anew(&mut self, harm: Harm, board: &Board) -> Result<()> {
        let happened = format!("{} {harm} while its study was trained", printable::path(&harm.path));
        let fail = |error: Error| {
            let lost = if harm.is_elsewhere() { "is where the file is now" } else { "is lost" };
            let trials = count(board.tally().with_result(), "finished trial");
            Error::NotStored(format!(
                "{happened}, and it could not be written anew:\n  {error}\n  training has stopped; what was trained \
                 ({trials}) {lost}"
            ))
        };
        // Releases our own lock, so that it is not taken for another writer's. What is not flushed yet is on the board.
        let _ = self.journal.finish();
        let _lock = results::Lock::take(&self.folder);
        let others = journal::is_being_written(&self.folder);
        let mut old = None;
        if others {
            self.folder = results::place_aside(&self.folder);
        } else if journal::files(&self.folder).is_ok_and(|files| !files.is_empty()) {
            old = results::set_aside(&self.folder).map_err(fail)?;
        }
        self.journal = results::write_anew(&self.folder, &self.study, board).map_err(fail)?;
        self.worth_keeping = true;
        let anew = printable::path(&self.folder);
        if others {
            return Err(Error::NotStored(format!(
                "{happened}, and another program trains this study there now\n  training has stopped; all that was \
                 trained is written anew in {anew}"
            )));
        }
        let left = old.map(|old| format!("; what was left is in {}", printable::path(&old))).unwrap_or_default();
        self.remarks.push(format!("{happened}: nothing of it is lost, all is written anew in {anew}{left}"));
        if !self.training {
            self.journal.finish().map_err(fail)?;
        }
        Ok(())
    }
}

/// Errors: the journal of a finished study no longer holds what was trained.
pub fn still_stored(done: &[Journal]) -> Result<()> {
    let harmed = |journal: &Journal| journal.harm().filter(|harm| !harm.is_elsewhere());
    match done.iter().find_map(harmed) {
        None => Ok(()),
        Some(harm) => Err(Error::NotStored(format!(
            "{} {harm} after its study was trained: what was trained of that study is lost\n  what this run has trained of \
             others is kept: give the same command again, which trains what is missing",
            printable::path(&harm.path)
        ))),
    }
}

fn stopped(error: Error) -> Error {
    Error::NotStored(format!(
        "{error}\n  training has stopped; every trial that had ended before is kept: \
         mend this and give the same command again, which trains only what is missing"
    ))
}
