//! Brings what is written to the disk, so that a power cut loses a second of work at most.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

/// The least time between two syncs of a file.
const SYNC_EVERY: Duration = Duration::from_secs(1);
/// How often the file's time of writing is renewed where it cannot be locked, see [`super::process`].
const SIGN_OF_LIFE_EVERY: Duration = Duration::from_secs(10);

/// Syncs a file on a thread of its own, which waits for the disk so that its writer need not.
pub struct Disk {
    file: File,
    shared: Arc<Shared>,
    /// `None` if no thread could be started: then everything is synced at the end alone.
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Whether something was written since the last sync.
    dirty: bool,
    ending: bool,
    /// Why a sync failed.
    failed: Option<io::Error>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Disk {
    /// Starts to sync a file whenever it was written to. Fails if the file's handle cannot be copied.
    pub fn new(file: &File, is_locked: bool) -> io::Result<Disk> {
        let (shared, file) = (Arc::<Shared>::default(), file.try_clone()?);
        let (own, copy) = (Arc::clone(&shared), file.try_clone()?);
        let thread = thread::Builder::new().name("disk".into()).spawn(move || keep_synced(&copy, &own, is_locked)).ok();
        Ok(Disk { file, shared, thread })
    }

    /// To be called after each write.
    ///
    /// Errors: an earlier sync has failed, so that what was written may not be on the disk.
    pub fn written(&self) -> io::Result<()> {
        let mut state = self.shared.lock();
        state.dirty = true;
        self.shared.changed.notify_all();
        state.failed.take().map_or(Ok(()), Err)
    }

    /// Syncs all that was written, and returns once it is on the disk.
    ///
    /// Errors: this sync or an earlier one has failed.
    pub fn finish(&mut self) -> io::Result<()> {
        self.shared.lock().ending = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // It does not panic.
            let _ = thread.join();
        }
        let earlier = self.shared.lock().failed.take();
        sync(&self.file).and(earlier.map_or(Ok(()), Err))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.thread.is_some() {
            let _ = self.finish();
        }
    }
}

fn keep_synced(file: &File, shared: &Shared, is_locked: bool) {
    let wait = |least: Duration, until: &dyn Fn(&State) -> bool| {
        let waited = shared.changed.wait_timeout_while(shared.lock(), least, |state| !until(state));
        waited.unwrap_or_else(PoisonError::into_inner).0
    };
    loop {
        let mut state = wait(SIGN_OF_LIFE_EVERY, &|state| state.dirty || state.ending);
        if state.ending {
            return;
        }
        let dirty = std::mem::take(&mut state.dirty);
        drop(state);
        if dirty {
            if let Err(error) = sync(file) {
                shared.lock().failed = Some(error);
            }
        } else if !is_locked {
            let _ = file.set_modified(SystemTime::now());
        }
        drop(wait(SYNC_EVERY, &|state| state.ending));
    }
}

fn sync(file: &File) -> io::Result<()> {
    supported(file.sync_data())
}

/// Brings the names of a folder's files to the disk. To be called when a file was made or renamed in it.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    match File::open(folder) {
        Ok(folder) => supported(folder.sync_all()),
        // A folder may be written to and not be read.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
        Err(error) => Err(error),
    }
}

/// Some file systems do not know the call, and have no better way.
fn supported(synced: io::Result<()>) -> io::Result<()> {
    match synced {
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}
