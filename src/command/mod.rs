//! What each command does, one file a command.

mod blocks;
mod changed;
mod check;
mod claims;
mod completions;
mod damage;
mod diff;
mod export;
mod follow;
pub mod interrupt;
mod list;
mod live;
mod memory;
pub mod print;
mod provenance;
mod run;
mod schema;
mod show;
mod speed;
mod trace;
mod verify;

pub use check::check;
pub use claims::claims;
pub use completions::completions;
pub use diff::diff;
pub use export::export;
pub use list::list;
pub use run::run;
pub use schema::schema;
pub use show::show;
pub use trace::trace;
pub use verify::verify;

use crate::error::Error;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::thread;

/// How a command ended, as its exit status tells. In ascending order of gravity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Everything was done and stored: 0.
    Done,
    /// A trial failed, was not reproduced, or could not be stored: 1.
    Failed,
    /// A mistake in the command, a study or the data: 2.
    Mistake,
    /// Stopped by Ctrl-C, a signal or the user at the screen: 130.
    Interrupted,
}

impl From<&Error> for Exit {
    fn from(error: &Error) -> Exit {
        match error {
            Error::NotStored(_) => Exit::Failed,
            _ => Exit::Mistake,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(status: Exit) -> ExitCode {
        ExitCode::from(match status {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Mistake => 2,
            Exit::Interrupted => 130,
        })
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}
