//! What somebody else did to the journal of a folder while it was written.

use super::{Journal, files};
use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file of the journal that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Harm {
    pub path: PathBuf,
    kind: Change,
    elsewhere: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// Nothing has its name any more.
    Gone,
    /// Another file has its name.
    Replaced,
    CutOff,
    /// Something was written to it that is not ours.
    WrittenTo,
}

/// A file of the journal that an earlier run has written: what it held is on the board, and nowhere but there once it is gone.
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

    /// Another writer may go on writing to it.
    fn harm(&self) -> Option<Harm> {
        let is_same = |found: &Metadata| (found.dev(), found.ino()) == (self.device, self.inode);
        let kind = kind(&self.path, is_same, |found| (found.len() < self.length).then_some(Change::CutOff))?;
        Some(Harm { path: self.path.clone(), kind, elsewhere: false })
    }
}

impl Journal {
    /// What happened to the journal, if its files' names no longer lead to all that was read and written, and to nothing
    /// else. What cannot be found out is taken for no harm: writing will tell.
    pub fn harm(&self) -> Option<Harm> {
        self.own_harm().or_else(|| self.earlier.iter().find_map(Earlier::harm))
    }

    /// The same after a look at every byte, so that also what was written over is seen.
    pub fn harm_in_any_byte(&self) -> Option<Harm> {
        self.harm().or_else(|| {
            let differs = checksum(&self.path).is_ok_and(|sum| sum != self.sum.clone().finalize());
            differs.then(|| Harm { path: self.path.clone(), kind: Change::WrittenTo, elsewhere: false })
        })
    }

    fn own_harm(&self) -> Option<Harm> {
        let own = self.file.metadata().ok()?;
        let changed = |own: &Metadata| match own.len() {
            length if length < self.length => Some(Change::CutOff),
            length if length > self.length => Some(Change::WrittenTo),
            _ => None,
        };
        let is_same = |found: &Metadata| (found.dev(), found.ino()) == (own.dev(), own.ino());
        let kind = kind(&self.path, is_same, |_| changed(&own))?;
        let is_whole = own.nlink() > 0 && changed(&own).is_none();
        Some(Harm { path: self.path.clone(), kind, elsewhere: is_whole })
    }
}

fn checksum(path: &Path) -> io::Result<u32> {
    let (mut file, mut sum) = (BufReader::new(File::open(path)?), crc32fast::Hasher::new());
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

/// What happened to the file of this name, if anything did.
fn kind(
    path: &Path,
    is_same: impl Fn(&Metadata) -> bool,
    changed: impl Fn(&Metadata) -> Option<Change>,
) -> Option<Change> {
    match fs::metadata(path) {
        Ok(found) if !is_same(&found) => Some(Change::Replaced),
        Ok(found) => changed(&found),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Some(Change::Gone),
        Err(_) => None,
    }
}

impl Harm {
    /// Whether what this run has written is still whole, in a file of another name.
    pub fn is_elsewhere(&self) -> bool {
        self.elsewhere
    }

    /// Whether nothing is lost: another program set the whole file aside and began a new one.
    pub fn was_set_aside(&self) -> bool {
        self.kind == Change::Replaced && self.elsewhere
    }
}

impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match (self.kind, self.elsewhere) {
            (Change::Gone, false) => "was removed",
            (Change::Gone, true) => "was moved or renamed",
            (Change::Replaced, false) => "was replaced by another file",
            (Change::Replaced, true) => "was moved, and another file has its name",
            (Change::CutOff, _) => "was cut off",
            (Change::WrittenTo, _) => "was written to by another program",
        })
    }
}

/// Whether a name leads to this very file.
pub fn leads_to(path: &Path, file: &File) -> bool {
    let (Ok(found), Ok(own)) = (fs::metadata(path), file.metadata()) else { return false };
    (found.dev(), found.ino()) == (own.dev(), own.ino())
}
