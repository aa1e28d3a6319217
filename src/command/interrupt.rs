//! Signals: the first asks for an orderly end, a second one ends the program at once.

use super::NO_MORE_THREADS;
use crate::error::{Error, Result};

use crate::show::screen;
use nix::libc::{EMFILE, ENFILE};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXCPU, SIGXFSZ};
use signal_hook::iterator::Signals;
use std::io;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

/// Makes writes beyond the limit of `ulimit -f` fail, as on a full disk, instead of killing the program while a screen is open.
pub fn outlive_file_size_limit() {
    // If it fails, the program is killed, as it would be without this.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
}

/// How long an orderly end may take once the terminal has hung up: reading keys from it may never return.
const HANG_UP: Duration = Duration::from_secs(2);

/// Returns a flag that is set at the first signal. SIGHUP and SIGQUIT are handled only if a screen is open, which would be
/// left behind; otherwise they keep their meaning, so that `nohup` works.
///
/// Errors: the system does not let signals be handled.
pub fn listen(screen: bool) -> Result<Arc<AtomicBool>> {
    let wanted: &[i32] = match screen {
        true => &[SIGINT, SIGTERM, SIGXCPU, SIGHUP, SIGQUIT],
        false => &[SIGINT, SIGTERM, SIGXCPU],
    };
    let cannot = |problem: io::Error| {
        let limit = match problem.raw_os_error() {
            Some(EMFILE | ENFILE) => "`ulimit -n` or the machine allows no more open files",
            _ => NO_MORE_THREADS,
        };
        Error::Usage(format!("cannot listen to signals: {problem}\n  {limit}"))
    };
    if screen {
        screen::listen_for_stops().map_err(cannot)?;
    }
    let mut signals = Signals::new(wanted).map_err(cannot)?;
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    let attend = move || {
        for signal in signals.forever() {
            let again = flag.swap(true, Relaxed);
            if signal == SIGHUP {
                thread::sleep(HANG_UP);
            }
            if again || signal == SIGHUP {
                screen::restore_terminal();
                process::exit(130);
            }
        }
    };
    thread::Builder::new().name("signals".into()).spawn(attend).map_err(cannot)?;
    Ok(interrupted)
}
