//! Job control: the program can be stopped by ctrl-z or by another program, and continued in the foreground or background.

use nix::sys::signal::{SigSet, Signal, kill, raise};
use nix::unistd::{Pid, getpgrp, tcgetpgrp};
use signal_hook::consts::SIGCONT;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, LazyLock};
use std::thread;

/// Whether the thread of the screen has to give the terminal back and stop the program.
static STOP: AtomicBool = AtomicBool::new(false);

/// Whether the program has been continued.
static CONTINUED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Delays SIGTSTP until the terminal has been given back, if it `is_taken`, and notes SIGCONT. Has to be called before other
/// threads are started, since they inherit the blocked signal.
///
/// Errors: the system does not let the signals be handled.
pub fn listen(is_taken: fn() -> bool) -> io::Result<()> {
    signal_hook::flag::register(SIGCONT, Arc::clone(&CONTINUED))?;
    let signal = SigSet::from(Signal::SIGTSTP);
    signal.thread_block()?;
    let attend = move || {
        while signal.wait().is_ok() {
            if is_taken() { STOP.store(true, SeqCst) } else { stop() }
        }
    };
    thread::Builder::new().name("stops".into()).spawn(attend)?;
    Ok(())
}

/// Asks all programs of this command line to stop, as a terminal does on ctrl-z when it is not in raw mode.
pub fn ask_to_stop() {
    // A signal to one's own group is always allowed.
    let _ = kill(Pid::from_raw(0), Signal::SIGTSTP);
}

/// Whether the program has to stop now. True only once for each signal.
pub fn has_to_stop() -> bool {
    STOP.swap(false, SeqCst)
}

/// Whether the program was stopped and continued since the last call.
pub fn was_continued() -> bool {
    CONTINUED.swap(false, SeqCst)
}

/// Stops the program and returns when it is continued; at once if there is no shell that could continue it.
pub fn stop() {
    let signal = SigSet::from(Signal::SIGTSTP);
    // SIGTSTP, unlike SIGSTOP, has no effect if no shell could ever continue the program.
    let _ = signal.thread_unblock();
    let _ = raise(Signal::SIGTSTP);
    let _ = signal.thread_block();
}

/// Whether the program is in the foreground of its terminal. Also true if the terminal does not tell, as it has no jobs then.
pub fn in_foreground() -> bool {
    tcgetpgrp(io::stdin()).map_or(true, |group| group == getpgrp())
}
