//! Job control: the program is stopped by ctrl-z or by another program, and goes on in the foreground or the background.

use nix::sys::signal::{SigSet, Signal, kill, raise};
use nix::unistd::{Pid, getpgrp, tcgetpgrp};
use signal_hook::consts::SIGCONT;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, LazyLock};
use std::thread;

/// Whether the screen's thread is to give the terminal back and to stop the program.
static STOP: AtomicBool = AtomicBool::new(false);

/// Whether the program has been continued.
static CONTINUED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Makes SIGTSTP wait until the terminal has been given back, if it `is_taken`, and takes notice of SIGCONT. To be called
/// before other threads are started: they inherit that the signal waits.
pub fn listen(is_taken: fn() -> bool) -> io::Result<()> {
    signal_hook::flag::register(SIGCONT, Arc::clone(&CONTINUED))?;
    let signal = SigSet::from(Signal::SIGTSTP);
    signal.thread_block()?;
    thread::spawn(move || {
        while signal.wait().is_ok() {
            if is_taken() { STOP.store(true, SeqCst) } else { stop() }
        }
    });
    Ok(())
}

/// What ctrl-z does where a terminal takes it for itself: all programs of this command line are asked to stop.
pub fn ask_to_stop() {
    // A signal to one's own group is always allowed.
    let _ = kill(Pid::from_raw(0), Signal::SIGTSTP);
}

/// Whether the program has to stop now.
pub fn has_to_stop() -> bool {
    STOP.swap(false, SeqCst)
}

/// Whether the program was stopped and continued since the last call.
pub fn was_continued() -> bool {
    CONTINUED.swap(false, SeqCst)
}

/// Stops the program and returns when it is continued: at once if there is no shell that could do that.
pub fn stop() {
    let signal = SigSet::from(Signal::SIGTSTP);
    // By the signal's own action: other than SIGSTOP it does nothing where nobody could ever continue us.
    let _ = signal.thread_unblock();
    let _ = raise(Signal::SIGTSTP);
    let _ = signal.thread_block();
}

/// Whether the terminal listens to this program; in the background its shell does. A terminal that tells of no foreground
/// has no jobs.
pub fn in_foreground() -> bool {
    tcgetpgrp(io::stdin()).map_or(true, |group| group == getpgrp())
}
