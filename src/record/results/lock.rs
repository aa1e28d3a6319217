//! One program at a time looks at a study's folder and decides what to do there.

use crate::printable;
use crate::record::journal::leads_to;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// No look takes as long.
const LONG: Duration = Duration::from_secs(5);
/// How long to wait before the next try.
const PATIENCE: Duration = Duration::from_millis(10);

/// Held from the first look at a study's folder until the journal that is to be written is locked itself, so that of two
/// programs started at one instant the second sees the first. It lies beside the folder, as `.overfit.lock`: renaming the
/// folder does not carry it away. It is gone when nobody holds it, and says nothing where a killed program left it.
pub struct Lock {
    held: Option<(PathBuf, File)>,
    problem: Option<String>,
}

impl Lock {
    /// `None` while another program holds it. The folder above has to exist.
    pub fn try_take(folder: &Path) -> Option<Lock> {
        // One folder has one lock, whatever links lead to it.
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

    /// Waits for its holder, who needs it for a look only; for one that was stopped in mid-look not for ever.
    pub fn take(folder: &Path) -> Lock {
        let start = Instant::now();
        loop {
            match Lock::try_take(folder) {
                Some(lock) => return lock,
                None if start.elapsed() > LONG => return Lock { held: None, problem: None },
                None => thread::sleep(PATIENCE),
            }
        }
    }

    /// Why nothing is locked, where files cannot be locked or made.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some((path, file)) = self.held.take().filter(|(path, file)| leads_to(path, file)) {
            // While it is locked: whoever opened it meanwhile sees that the name leads elsewhere, and opens it anew.
            let _ = fs::remove_file(path);
            drop(file);
        }
    }
}

fn lock(path: &Path) -> Result<File, TryLockError> {
    loop {
        let file =
            OpenOptions::new().write(true).create(true).truncate(false).open(path).map_err(TryLockError::Error)?;
        match file.try_lock() {
            // Else its holder removed it when letting go.
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
    fn it_has_one_holder_however_many_want_it() {
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
    fn renaming_the_folder_does_not_carry_it_away() {
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
    fn where_nothing_can_be_locked_it_says_so() {
        let lock = Lock::try_take(Path::new("/nowhere/overfit")).unwrap();
        assert!(lock.problem().unwrap().starts_with("/nowhere/.overfit.lock: cannot be locked: No such file"));
    }
}
