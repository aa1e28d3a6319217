//! Files that are written whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Writes a file beside its place and renames it, so that nobody ever reads half of it. It gets the permissions of any
/// new file. Its folder has to be there.
pub fn write(path: &Path, contents: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // The kind of problem alone: the rest of the message would tell of the file beside it.
    let mut file = beside(folder).map_err(|problem| io::Error::from(problem.kind()))?;
    file.write_all(contents)?;
    file.persist(path).map_err(|failed| failed.error)?;
    Ok(())
}

/// A new file that others may read as they may any other, where temporary files are private.
fn beside(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
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
    fn a_file_takes_the_place_of_another_with_the_permissions_of_any() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let folder = tempfile::tempdir().unwrap();
        let (path, plain) = (folder.path().join("whole"), folder.path().join("plain"));
        fs::write(&plain, "one").unwrap();
        write(&path, b"one").unwrap();
        let (first, mode) = (fs::metadata(&path).unwrap(), |path| fs::metadata(path).unwrap().permissions().mode());
        assert_eq!(mode(&path), mode(&plain));
        // Who has opened the old file goes on reading that: it is not written over.
        write(&path, b"two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_ne!(fs::metadata(&path).unwrap().ino(), first.ino());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside it");
    }
}
