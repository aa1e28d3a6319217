//! The events of a run: from the threads that train to the journal, then on to whoever shows them.

use crate::error::{Error, Result};
use crate::learn::train::Control;
use crate::record::event::Event;
use crate::record::journal::Journal;
use crate::show::screen::Feed;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, TryRecvError};

pub struct Live {
    pub events: Receiver<Result<Event>>,
    /// Closed as soon as training has ended: from then on others may write to the folder.
    pub journal: Option<Journal>,
    pub control: Arc<Control>,
    pub interrupted: Arc<AtomicBool>,
    /// What keeps the trials from starting, until the first of them does.
    pub waiting_for: Option<String>,
    /// Whether the channel is still open.
    pub training: bool,
    /// Whether anything was heard of a trial.
    pub told: bool,
}

impl Feed for Live {
    /// Nothing is shown that is not on the disk.
    fn poll(&mut self) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        while self.training {
            match self.events.try_recv() {
                Ok(event) => events.push(event?),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => self.training = false,
            }
        }
        if !events.is_empty() {
            self.waiting_for = None;
            self.told = true;
            self.write(&events).inspect_err(|_| self.cancel())?;
        }
        if !self.training {
            self.journal = None;
        }
        Ok(events)
    }

    fn is_training(&self) -> bool {
        self.training
    }

    fn note(&self) -> Option<String> {
        self.waiting_for.clone()
    }

    fn cancel(&mut self) {
        self.control.cancel.store(true, Relaxed);
    }

    fn interrupted(&self) -> bool {
        self.interrupted.load(Relaxed)
    }
}

impl Live {
    fn write(&mut self, events: &[Event]) -> Result<()> {
        let Some(journal) = &mut self.journal else { return Ok(()) };
        let written = events.iter().try_for_each(|event| journal.append(event));
        written.map_err(|error| {
            Error::Usage(format!(
                "{error}\n  training has stopped; all that was written before is kept: \
                 mend this and give the same command again, which trains only what is missing"
            ))
        })
    }
}
