//! A lock by which one program at a time reads a study's folder and decides what to do there.

use crate::file;
use crate::printable;
use crate::record::journal::leads_to;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// How long to wait for another holder, which needs the lock for far less.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long to wait before the next try.
const INTERVAL: Duration = Duration::from_millis(10);

/// To be held from before a study's folder is read until the journal to be written is locked itself: of two programs that are
/// started at the same time, the second sees the first. The lock is a locked file beside the folder, `.overfit.lock`, so that
/// renaming the folder does not move it. It is removed when it is released; a file that a killed program left is not locked.
pub struct Lock {
    /// `None` if nothing could be locked.
    held: Option<(PathBuf, File)>,
    problem: Option<String>,
}

impl Lock {
    /// Takes the lock of a folder, which itself need not exist; `None` while another program holds it. Where files cannot be
    /// locked, [`problem`](Self::problem) says why.
    pub fn try_take(folder: &Path) -> Option<Lock> {
        // A folder has the same lock under all its symbolic links.
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let path = folder.with_file_name(format!(".{name}.lock"));
        match lock(&path) {
            Ok(file) => Some(Lock { held: Some((path, file)), problem: None }),
            Err(TryLockError::WouldBlock) => None,
            Err(TryLockError::Error(problem)) => Some(Lock {
                held: None,
                problem: Some(format!("{}: cannot be locked: {problem}", printable::path(&path))),
            }),
        }
    }

    /// Takes the lock of a folder, if need be after its holder. After 5 seconds it gives up and goes on without the lock: the
    /// holder was probably stopped.
    pub fn take(folder: &Path) -> Lock {
        let start = Instant::now();
        loop {
            match Lock::try_take(folder) {
                Some(lock) => return lock,
                None if start.elapsed() > TIMEOUT => return Lock { held: None, problem: None },
                None => thread::sleep(INTERVAL),
            }
        }
    }

    /// A message for the user why nothing is locked, if the file could not be created or locked.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some((path, file)) = self.held.take().filter(|(path, file)| leads_to(path, file)) {
            // It is removed while it is locked: a program that has opened it meanwhile will see that the file has lost its
            // name, and open a new one.
            let _ = fs::remove_file(path);
            drop(file);
        }
    }
}

/// Opens or creates the file and locks it; `WouldBlock` if another program holds the lock.
fn lock(path: &Path) -> Result<File, TryLockError> {
    loop {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false).custom_flags(nix::libc::O_NONBLOCK);
        let file = options.open(path).and_then(file::regular).map_err(TryLockError::Error)?;
        match file.try_lock() {
            // If the path leads elsewhere, the last holder has removed this file.
            Ok(()) if leads_to(path, &file) => return Ok(file),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(TryLockError::WouldBlock),
            Err(TryLockError::Error(problem)) => {
                let _ = fs::remove_file(path);
                return Err(TryLockError::Error(problem));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    #[test]
    fn one_thread_at_a_time_holds_the_lock() {
        let out = tempfile::tempdir().unwrap();
        let folder = out.path().join("overfit");
        let (holders, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while taken.load(SeqCst) < 2000 {
                        let Some(lock) = Lock::try_take(&folder) else { continue };
                        assert_eq!(holders.fetch_add(1, SeqCst), 0);
                        taken.fetch_add(1, SeqCst);
                        assert_eq!(holders.fetch_sub(1, SeqCst), 1);
                        drop(lock);
                    }
                });
            }
        });
        assert!(fs::read_dir(out.path()).unwrap().next().is_none(), "it is gone when nobody holds it");
    }

    #[test]
    fn renaming_the_folder_does_not_move_the_lock() {
        let out = tempfile::tempdir().unwrap();
        let folder = out.path().join("overfit");
        fs::create_dir(&folder).unwrap();
        let lock = Lock::try_take(&folder).unwrap();
        fs::rename(&folder, out.path().join("overfit.old-1")).unwrap();
        fs::create_dir(&folder).unwrap();
        assert!(lock.problem().is_none() && Lock::try_take(&folder).is_none());
        drop(lock);
        assert!(Lock::try_take(&folder).is_some());
    }

    #[test]
    fn a_lock_that_cannot_be_taken_says_why() {
        let lock = Lock::try_take(Path::new("/nowhere/overfit")).unwrap();
        assert!(lock.problem().unwrap().starts_with("/nowhere/.overfit.lock: cannot be locked: No such file"));
    }
}
