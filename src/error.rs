//! Every way `ablate` can fail, told to the person who has to mend it.
//!
//! A message names the file, the key or axis, the value, what was expected and what to do. A mistake in a study file is
//! rendered by [`crate::study`] with its line and a caret and arrives here as finished text.

use crate::printable;
use std::io;
use std::path::{Path, PathBuf};

/// What most functions of this program return.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong. Its text is the whole message that a person reads, but for `error: ` before it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A mistake in a study file or in `--set`: file, line, column, the line itself with a caret, and the mend.
    #[error("{0}")]
    Study(String),

    /// A data file that is missing, truncated, corrupted or another one than its name says.
    #[error("{}: {found}\n  expected: {expected}\n  to mend it: {mend}", printable::path(path))]
    Data {
        /// The file, or the folder that it is not in.
        path: PathBuf,
        /// What is wrong with it.
        found: String,
        /// What it should be.
        expected: String,
        /// What to do.
        mend: String,
    },

    /// A journal that cannot be read back.
    #[error("{}:{line}: {problem}", printable::path(path))]
    Journal {
        /// The journal.
        path: PathBuf,
        /// The line that is not understood, counted from 1.
        line: usize,
        /// Why it is not, and what to do.
        problem: String,
    },

    /// Any other mistake of the user's: what is wrong and what to do about it.
    #[error("{0}")]
    Usage(String),

    /// What was trained could not be kept on the disk: what happened and what is lost.
    #[error("{0}")]
    NotStored(String),

    /// A file or folder that the system did not let be read, written, created or renamed.
    #[error("{}: cannot {action}: {source}", printable::path(path))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried, as a verb: `read`.
        action: &'static str,
        /// What the system says.
        source: io::Error,
    },
}

impl Error {
    /// For `map_err`: `fs::read(path).map_err(Error::io("read", path))`.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::Io { path, action, source }
    }
}

/// The valid name that a typing slip could have turned into `name`.
pub fn nearest<'a>(name: &str, valid: &[&'a str]) -> Option<&'a str> {
    let name = name.to_lowercase().replace('-', "_");
    let distance = |other: &str| strsim::damerau_levenshtein(&name, other);
    let near = valid.iter().copied().min_by_key(|other| distance(other))?;
    (distance(near) <= near.len().div_ceil(4)).then_some(near)
}
