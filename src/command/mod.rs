//! What each command does, one file a command.

pub mod allocator;
mod blocks;
mod changed;
mod check;
mod claims;
mod completions;
mod damage;
mod diff;
mod export;
mod follow;
mod free_memory;
pub mod interrupt;
mod list;
mod live;
mod memory;
mod new;
mod out_of_memory;
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
pub use new::new;
pub use out_of_memory::Allocator;
pub use run::run;
pub use schema::schema;
pub use show::show;
pub use trace::trace;
pub use verify::verify;

use crate::error::{Error, Result};
use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use rayon::ThreadPoolBuilder;
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

/// Starts the threads among which commands share work. Errors: the system does not let the program have them.
pub fn start_threads() -> Result<()> {
    // They inherit what is blocked: only a thread that gives the terminal back first may stop the program, see `screen`.
    let before = SigSet::from(Signal::SIGTSTP).thread_swap_mask(SigmaskHow::SIG_BLOCK);
    let started = ThreadPoolBuilder::new().num_threads(cores()).build_global();
    let _ = before.map(|before| before.thread_set_mask());
    started.map_err(|problem| Error::Usage(format!("cannot start threads: {problem}\n  {NO_MORE_THREADS}")))
}

/// What keeps a program from having more threads.
const NO_MORE_THREADS: &str = "`ulimit -u`, `-v` or `-d`, a container or the machine allows no more threads";

/// The cores that this process may use: those that `taskset` and the control group's quota leave it.
fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}
