//! SIGINT and SIGTERM: the first asks for an orderly end, a second one ends at once.

use crate::error::{Error, Result};
use crate::ui;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

/// The flag is set at the first signal.
pub fn listen() -> Result<Arc<AtomicBool>> {
    let mut signals = Signals::new([SIGINT, SIGTERM])
        .map_err(|problem| Error::Usage(format!("cannot listen to SIGINT and SIGTERM: {problem}")))?;
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    thread::spawn(move || {
        for _ in signals.forever() {
            if flag.swap(true, Relaxed) {
                ui::restore_terminal();
                process::exit(130);
            }
        }
    });
    Ok(interrupted)
}
