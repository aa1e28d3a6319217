//! Every way in which `ablate` can fail, with messages for the person who has to mend it.
//!
//! A message names the file, the key or axis, the value, what was expected and what to do. Mistakes in study files are
//! rendered by [`crate::study`], with the line and a caret, and are kept here as finished text.

use crate::printable;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The result of functions that can fail with an [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong. Its `Display` is the whole message for the user, without the `error: ` before it: of a length that can be
/// read, and without characters that steer a terminal, whatever it quotes.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Mistakes in a study file or in `--set`, each with file, line, column, the line itself with a caret, and what to do.
    #[error("{}", .0.iter().map(|one| printable::message(one)).collect::<Vec<_>>().join("\n\n"))]
    Study(Vec<String>),

    /// A data file that is missing, truncated or corrupted, or whose contents are not what its name says.
    #[error("{}", in_full(path, format_args!("{found}\n  expected: {expected}\n  to mend it: {mend}")))]
    Data {
        /// The file, or the folder in which it is missing.
        path: PathBuf,
        /// What is wrong with it.
        found: String,
        /// What it should be.
        expected: String,
        /// What to do.
        mend: String,
    },

    /// A journal that cannot be read back.
    #[error("{}", printable::message(&format!("{}:{line}: {problem}", printable::path(path))))]
    Journal {
        /// The journal.
        path: PathBuf,
        /// The number of the line that cannot be read, counted from 1.
        line: usize,
        /// Why it cannot be read, and what to do.
        problem: String,
    },

    /// Any other mistake of the user: what is wrong and what to do about it.
    #[error("{}", printable::message(.0))]
    Usage(String),

    /// Results that could not be stored on the disk: what happened and what is lost.
    #[error("{}", printable::message(.0))]
    NotStored(String),

    /// A file or folder that the system refused to read, write, create or rename.
    #[error("{}", in_full(path, format_args!("cannot {action}: {source}")))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was attempted, as a verb: `read`.
        action: &'static str,
        /// The error of the system.
        source: io::Error,
    },
}

impl Error {
    /// Makes an [`Error::Io`], for use with `map_err`: `fs::read(path).map_err(Error::io("read", path))`.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::Io { path, action, source }
    }
}

fn in_full(path: &Path, problem: fmt::Arguments) -> String {
    printable::message(&format!("{}: {problem}", printable::path(path))).into_owned()
}

/// The valid name that is most similar to `name`, by edit distance; `None` if none is similar enough to be a typing mistake.
pub fn nearest<'a>(name: &str, valid: &[&'a str]) -> Option<&'a str> {
    let name = name.to_lowercase().replace('-', "_");
    let distance = |other: &str| strsim::damerau_levenshtein(&name, other);
    let allowed = |other: &str| other.len().div_ceil(4);
    // The distance is no less than that of the lengths, and takes long for a long name.
    let likely = valid.iter().copied().filter(|other| other.len().abs_diff(name.len()) <= 4 * allowed(other));
    let near = likely.min_by_key(|other| distance(other))?;
    (distance(near) <= allowed(near)).then_some(near)
}
