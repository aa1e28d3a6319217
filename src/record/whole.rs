//! Atomic writes: a file is written completely or not at all.

use crate::record::journal::sync_folder;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Writes a temporary file in the same folder and renames it to `path`, so that nobody ever reads half of it, not even after a
/// power cut. It gets the permissions of any new file. The folder has to exist. A file that has this name is replaced.
pub fn write(path: &Path, contents: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (temporary, mut file) = temporary_file(folder)?;
    let written = file.write_all(contents).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&temporary, path));
    written.inspect_err(|_| drop(fs::remove_file(&temporary)))?;
    sync_folder(folder)
}

/// A new file `.ablate-1.part`, or with the next free number: one that a program left as it was killed stays as it is.
fn temporary_file(folder: &Path) -> io::Result<(PathBuf, File)> {
    let mut number = 1_u32;
    loop {
        let path = folder.join(format!(".ablate-{number}.part"));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(problem) if problem.kind() == ErrorKind::AlreadyExists && number < u32::MAX => number += 1,
            Err(problem) => return Err(problem),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_file_is_replaced_by_one_with_default_permissions() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let folder = tempfile::tempdir().unwrap();
        let (path, plain) = (folder.path().join("whole"), folder.path().join("plain"));
        fs::write(&plain, "one").unwrap();
        write(&path, b"one").unwrap();
        let (first, mode) = (fs::metadata(&path).unwrap(), |path| fs::metadata(path).unwrap().permissions().mode());
        assert_eq!(mode(&path), mode(&plain));
        // A process that has opened the old file goes on reading it: it is not overwritten.
        write(&path, b"two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_ne!(fs::metadata(&path).unwrap().ino(), first.ino());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside it");
    }

    #[test]
    fn what_a_killed_program_left_stays_and_disturbs_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(".ablate-1.part");
        fs::write(&left, "half").unwrap();
        write(&folder.path().join("whole"), b"all of it").unwrap();
        assert_eq!(fs::read_to_string(&left).unwrap(), "half");
        // A folder cannot be replaced by a file: nothing is left of the attempt.
        fs::create_dir(folder.path().join("taken")).unwrap();
        assert!(write(&folder.path().join("taken"), b"all of it").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
