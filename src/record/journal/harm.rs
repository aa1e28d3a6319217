//! What somebody else did to a journal file while it was written.

use super::Journal;
use std::fmt;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Harm {
    kind: Kind,
    elsewhere: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nothing has its name any more.
    Gone,
    /// Another file has its name.
    Replaced,
    CutOff,
}

impl Journal {
    /// What happened to the file, if its name no longer leads to all that was written. What cannot be found out is taken
    /// for no harm: writing will tell.
    pub fn harm(&self) -> Option<Harm> {
        let own = self.file.metadata().ok()?;
        let is_cut_off = own.len() < self.length;
        let kind = match fs::metadata(&self.path) {
            Ok(found) if (found.dev(), found.ino()) != (own.dev(), own.ino()) => Kind::Replaced,
            Ok(_) if is_cut_off => Kind::CutOff,
            Ok(_) => return None,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Kind::Gone,
            Err(_) => return None,
        };
        Some(Harm { kind, elsewhere: kind != Kind::CutOff && own.nlink() > 0 && !is_cut_off })
    }
}

impl Harm {
    /// Whether the file is still whole, under another name.
    pub fn is_elsewhere(self) -> bool {
        self.elsewhere
    }

    /// Whether nothing is lost: another program set the whole file aside and began a new one.
    pub fn was_set_aside(self) -> bool {
        self.kind == Kind::Replaced && self.elsewhere
    }
}

impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match (self.kind, self.elsewhere) {
            (Kind::Gone, false) => "was removed",
            (Kind::Gone, true) => "was moved or renamed",
            (Kind::Replaced, false) => "was replaced by another file",
            (Kind::Replaced, true) => "was moved, and another file has its name",
            (Kind::CutOff, _) => "was cut off",
        })
    }
}

/// Whether a name leads to this very file.
pub fn leads_to(path: &Path, file: &File) -> bool {
    let (Ok(found), Ok(own)) = (fs::metadata(path), file.metadata()) else { return false };
    (found.dev(), found.ino()) == (own.dev(), own.ino())
}
