//! Atomic writes: a file is written completely or not at all.

use crate::record::journal::sync_folder;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Writes a temporary file in the same folder and renames it to `path`, so that nobody ever reads half of it, not even after a power cut. It gets the
/// permissions of any new file. The folder has to exist. A file that has this name is replaced.
pub fn write(path: &Path, contents: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Only the kind of the error is kept: its text names the temporary file.
    let mut file = temporary_file(folder).map_err(|problem| io::Error::from(problem.kind()))?;
    // Through the file itself: errors of the temporary file would name it.
    file.as_file_mut().write_all(contents)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|failed| failed.error)?;
    sync_folder(folder)
}

/// A temporary file with the permissions of any new file, where `tempfile` would make it private.
fn temporary_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.prefix(".ablate-").tempfile_in(folder)
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
}
