//! Opens files and folders that a user names. Whatever a name leads to, opening it does not wait, and reading it ends.

use std::fs::{self, File, FileType, Metadata};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

/// Opens a regular file for reading. Without delay: a pipe that nobody writes to would be waited for, and a device may never end.
///
/// Errors: it cannot be opened, or is no regular file, and then the message says what it is.
pub fn open(path: &Path) -> io::Result<File> {
    // Before it is opened, as opening some devices does something.
    has_to_be_regular(&path.metadata().map_err(|problem| leads_nowhere(path, problem))?)?;
    let file = File::options().read(true).custom_flags(nix::libc::O_NONBLOCK | nix::libc::O_NOCTTY).open(path)?;
    // Another file may have taken its name meanwhile.
    regular(file)
}

/// What was opened without delay, if it is a regular file. Errors: it is not, and the message says what it is.
pub fn regular(file: File) -> io::Result<File> {
    has_to_be_regular(&file.metadata()?)?;
    Ok(file)
}

/// What is wrong with a path, for the person who reads it: a link that leads nowhere is there, for all that the system says.
pub fn leads_nowhere(path: &Path, problem: io::Error) -> io::Error {
    match problem.kind() == ErrorKind::NotFound && path.is_symlink() {
        true => io::Error::other("it is a link that leads nowhere"),
        false => problem,
    }
}

/// Reads a regular file of at most `most` bytes. Of a larger one no more than that is ever in memory.
///
/// Errors: as [`open`], or it cannot be read, or is larger ([`ErrorKind::FileTooLarge`]).
pub fn read(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut file = open(path)?;
    let too_large = || io::Error::new(ErrorKind::FileTooLarge, format!("it is larger than {most} bytes"));
    // The size in the folder is only a hint: files of /proc have none.
    if file.metadata()?.len() > most as u64 {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    file.by_ref().take(most as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > most { Err(too_large()) } else { Ok(bytes) }
}

/// Creates a folder and all above it; nothing happens if there is one.
///
/// Errors: it cannot be created. If something else has its name, the message says what that is.
pub fn create_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path).map_err(|problem| match (path.symlink_metadata(), path.metadata()) {
        (Ok(_), Err(_)) => io::Error::other("it is a link that leads nowhere"),
        (_, Ok(_)) => has_to_be_a_folder(path).err().unwrap_or(problem),
        _ => problem,
    })
}

/// Errors: there is nothing, or something else than a folder, and the message says what it is.
pub fn has_to_be_a_folder(path: &Path) -> io::Result<()> {
    let found = path.metadata().map_err(|problem| leads_nowhere(path, problem))?;
    match found.is_dir() {
        true => Ok(()),
        false => Err(io::Error::other(format!("it is {}, not a folder", name(found.file_type())))),
    }
}

fn has_to_be_regular(found: &Metadata) -> io::Result<()> {
    match found.is_file() {
        true => Ok(()),
        false => Err(io::Error::other(format!("it is {}, not a file", name(found.file_type())))),
    }
}

/// What something of this kind is called.
fn name(kind: FileType) -> &'static str {
    if kind.is_file() {
        "a file"
    } else if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::stat::Mode;
    use std::os::unix::net::UnixListener;
    use std::path::PathBuf;

    #[test]
    fn only_regular_files_are_opened_and_others_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link, pipe, socket] = ["file", "link", "pipe", "socket"].map(|name| folder.path().join(name));
        fs::write(&file, "text").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        nix::unistd::mkfifo(&pipe, Mode::S_IRWXU).unwrap();
        let _listener = UnixListener::bind(&socket).unwrap();
        assert_eq!((read(&file, 4).unwrap(), read(&link, 4).unwrap()), (b"text".to_vec(), b"text".to_vec()));
        for (path, expected) in [
            (pipe.as_path(), "it is a pipe, not a file"),
            (&socket, "it is a socket, not a file"),
            (folder.path(), "it is a folder, not a file"),
            (Path::new("/dev/zero"), "it is a device, not a file"),
        ] {
            assert_eq!(open(path).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn what_stands_in_the_way_of_a_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link, new] = ["file", "link", "new/folder"].map(|name| folder.path().join(name));
        fs::write(&file, "text").unwrap();
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        let message = |path: &PathBuf| create_folder(path).unwrap_err().to_string();
        assert_eq!([&file, &link].map(message), ["it is a file, not a folder", "it is a link that leads nowhere"]);
        assert!(create_folder(&new).is_ok() && create_folder(&new).is_ok() && new.is_dir());
    }

    #[test]
    fn no_more_is_read_than_was_asked_for() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(5 << 30).unwrap();
        assert_eq!(read(file.path(), 1 << 20).unwrap_err().kind(), ErrorKind::FileTooLarge);
        // It has a size of 0 by its folder.
        assert_eq!(read(Path::new("/proc/self/status"), 9).unwrap_err().kind(), ErrorKind::FileTooLarge);
    }
}
