//! What each command does, one file a command.

mod changed;
mod check;
mod claims;
mod completions;
mod estimate;
mod export;
mod follow;
pub mod interrupt;
mod list;
mod live;
pub mod print;
mod run;
mod show;
mod trace;
mod verify;

pub use check::check;
pub use claims::claims;
pub use completions::completions;
pub use export::export;
pub use list::list;
pub use run::run;
pub use show::show;
pub use trace::trace;
pub use verify::verify;

use crate::error::Error;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::thread;

/// How a command ended, as its exit status says it; the worst comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    Done,
    /// A trial failed, was not the same again, or could not be stored.
    Failed,
    /// The user's: file, key, value, data.
    Mistake,
    Interrupted,
}

impl From<&Error> for Status {
    fn from(error: &Error) -> Status {
        match error {
            Error::NotStored(_) => Status::Failed,
            _ => Status::Mistake,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(match status {
            Status::Done => 0,
            Status::Failed => 1,
            Status::Mistake => 2,
            Status::Interrupted => 130,
        })
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}
