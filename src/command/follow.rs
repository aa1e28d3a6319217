//! Follows the journals of a result folder.

use crate::error::Result;
use crate::printable;
use crate::record::board::Board;
use crate::record::event::Event;
use crate::record::journal::{self, Content, Reader};
use crate::record::results::Ledger;
use crate::show::screen::Feed;
use crate::show::words::count;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// How often the folder is read.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// The feed of the screen of `ablate show`: the events of a result folder that another program may still be writing to.
pub struct Follow {
    folder: PathBuf,
    reader: Reader,
    ledger: Ledger,
    /// Number of damaged lines.
    damaged: usize,
    looked: Option<Instant>,
    being_written: bool,
    interrupted: Arc<AtomicBool>,
}

impl Follow {
    /// Opens the journals of a folder. `interrupted` is set when the program was asked to stop.
    pub fn new(folder: PathBuf, interrupted: Arc<AtomicBool>) -> Result<Follow> {
        let reader = Reader::open(&folder)?;
        Ok(Follow {
            folder,
            reader,
            ledger: Ledger::default(),
            damaged: 0,
            looked: None,
            being_written: true,
            interrupted,
        })
    }
}

impl Feed for Follow {
    fn poll(&mut self, _: &Board) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        if self.looked.is_some_and(|looked| looked.elapsed() < LOOK_EVERY) {
            return Ok(events);
        }
        self.looked = Some(Instant::now());
        // Asked before reading: if nobody writes any more, what is read is complete.
        let being_written = journal::is_being_written(&self.folder);
        let Follow { reader, ledger, damaged, .. } = self;
        reader.read_new(&mut |entry| {
            ledger.enter(&entry)?;
            match entry.content {
                Content::Event(event) => events.push(event),
                Content::Damage(_) => *damaged += 1,
            }
            Ok(())
        })?;
        if self.being_written && !being_written {
            // Its writer may have been killed before it could write this event.
            events.push(Event::StudyFinished);
        }
        self.being_written = being_written;
        Ok(events)
    }

    fn is_training(&self) -> bool {
        false
    }

    fn note(&self) -> Option<String> {
        let following = || format!("following {}, where another program is training", printable::path(&self.folder));
        let damaged = || format!("{} of the journal: leave to read which", count(self.damaged, "damaged line"));
        self.being_written.then(following).or_else(|| (self.damaged > 0).then(damaged))
    }

    fn cancel(&mut self) {}

    fn interrupted(&self) -> bool {
        self.interrupted.load(Relaxed)
    }
}
