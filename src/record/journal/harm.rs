//! Notices what other programs do to a journal while it is being written.

use super::{Journal, files};
use crate::file;
use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A journal file that another program moved, removed or changed. `Display` says how: `was removed`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Harm {
    /// The name that the file had.
    pub path: PathBuf,
    change: Change,
    /// Whether the file is whole under another name.
    elsewhere: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// No file has its name any more.
    Gone,
    /// Another file has its name.
    Replaced,
    /// It is shorter than it was.
    CutOff,
    /// Another program wrote to it.
    WrittenTo,
}

/// A journal file of an earlier run. Its events are on the board, which is the only copy once the file is gone.
pub struct Earlier {
    path: PathBuf,
    device: u64,
    inode: u64,
    length: u64,
}

impl Earlier {
    /// All files of a folder's journal.
    pub fn of(folder: &Path) -> Vec<Earlier> {
        let earlier = |path: PathBuf| {
            let found = fs::metadata(&path).ok()?;
            Some(Earlier { path, device: found.dev(), inode: found.ino(), length: found.len() })
        };
        files(folder).unwrap_or_default().into_iter().filter_map(earlier).collect()
    }

    /// A longer file is no harm: its writer may still be at work.
    fn harm(&self) -> Option<Harm> {
        let is_same = |found: &Metadata| (found.dev(), found.ino()) == (self.device, self.inode);
        let change = change(&self.path, is_same, |found| (found.len() < self.length).then_some(Change::CutOff))?;
        Some(Harm { path: self.path.clone(), change, elsewhere: false })
    }
}

impl Journal {
    /// The first file of the journal that was moved, removed, replaced or has another length than expected; `None` if all are
    /// as they were. A file that cannot be examined is taken for unharmed: writing to it will fail if it is not.
    pub fn harm(&self) -> Option<Harm> {
        self.own_harm().or_else(|| self.earlier.iter().find_map(Earlier::harm))
    }

    /// The same, but also compares the checksum of this writer's own file, so that overwritten bytes are noticed.
    pub fn harm_in_any_byte(&self) -> Option<Harm> {
        self.harm().or_else(|| {
            let differs = checksum(&self.path).is_ok_and(|sum| sum != self.sum.clone().finalize());
            differs.then(|| Harm { path: self.path.clone(), change: Change::WrittenTo, elsewhere: false })
        })
    }

    fn own_harm(&self) -> Option<Harm> {
        let own = self.file.metadata().ok()?;
        let other_length = |own: &Metadata| match own.len() {
            length if length < self.length => Some(Change::CutOff),
            length if length > self.length => Some(Change::WrittenTo),
            _ => None,
        };
        let is_same = |found: &Metadata| (found.dev(), found.ino()) == (own.dev(), own.ino());
        let change = change(&self.path, is_same, |_| other_length(&own))?;
        let is_whole = own.nlink() > 0 && other_length(&own).is_none();
        Some(Harm { path: self.path.clone(), change, elsewhere: is_whole })
    }
}

/// CRC-32 of a file's bytes.
fn checksum(path: &Path) -> io::Result<u32> {
    let (mut file, mut sum) = (BufReader::new(file::open(path)?), crc32fast::Hasher::new());
    loop {
        let bytes = file.fill_buf()?;
        if bytes.is_empty() {
            return Ok(sum.finalize());
        }
        sum.update(bytes);
        let count = bytes.len();
        file.consume(count);
    }
}

/// What happened to the file of this name, if anything did. `is_same` says whether the file that has the name now is the one
/// that had it, `other_length` how its length has changed.
fn change(
    path: &Path,
    is_same: impl Fn(&Metadata) -> bool,
    other_length: impl Fn(&Metadata) -> Option<Change>,
) -> Option<Change> {
    match fs::metadata(path) {
        Ok(found) if !is_same(&found) => Some(Change::Replaced),
        Ok(found) => other_length(&found),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Some(Change::Gone),
        Err(_) => None,
    }
}

impl Harm {
    /// Whether all that this run has written is still in the file, under another name.
    pub fn is_elsewhere(&self) -> bool {
        self.elsewhere
    }

    /// Whether another program moved the whole file away and created a new one, so that nothing is lost.
    pub fn was_set_aside(&self) -> bool {
        self.change == Change::Replaced && self.elsewhere
    }
}

impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match (self.change, self.elsewhere) {
            (Change::Gone, false) => "was removed",
            (Change::Gone, true) => "was moved or renamed",
            (Change::Replaced, false) => "was replaced by another file",
            (Change::Replaced, true) => "was moved, and another file has its name",
            (Change::CutOff, _) => "was cut off",
            (Change::WrittenTo, _) => "was written to by another program",
        })
    }
}

/// Whether `path` is a name of this open file.
pub fn leads_to(path: &Path, file: &File) -> bool {
    let (Ok(found), Ok(own)) = (fs::metadata(path), file.metadata()) else { return false };
    (found.dev(), found.ino()) == (own.dev(), own.ino())
}
