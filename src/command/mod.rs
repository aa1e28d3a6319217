//! What each command does, one file a command.

mod check;
mod completions;
mod estimate;
mod export;
mod follow;
mod list;
mod live;
pub mod print;
mod run;
mod show;

pub use check::check;
pub use completions::completions;
pub use export::export;
pub use list::list;
pub use run::run;
pub use show::show;

use std::process::ExitCode;

/// How a command ended, as its exit status says it; the worst comes last. An [`Error`](crate::error::Error) is a
/// mistake, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    Done,
    /// A trial failed.
    Failed,
    /// The user's: file, key, value, data.
    Mistake,
    Interrupted,
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
