//! Takes the terminal over when the screen opens, and gives it back on every exit and whenever the program is stopped.

use super::job;
use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use nix::libc::{O_NOCTTY, O_NONBLOCK};
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};
use nix::unistd::{dup2_stdin, ttyname, write};
use ratatui::Terminal;
use ratatui::backend::{Backend, CrosstermBackend};
use std::fs::File;
use std::io::{self, BufWriter, Stdout, Write, stdout};
use std::mem::ManuallyDrop;
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::panic::{self, PanicHookInfo};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once};
use std::thread;
use std::time::Duration;

type Hook = dyn Fn(&PanicHookInfo<'_>) + Send + Sync;

/// Whether the screen holds the terminal, so that giving it back twice does no harm.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal's mode before it was taken for the first time.
static MODE: Mutex<Option<Termios>> = Mutex::new(None);

/// Whether the terminal was found closed.
static GONE: AtomicBool = AtomicBool::new(false);

/// Holds the terminal in raw mode, on its alternate screen, until dropped; while the program is in the background, not at all.
///
/// The mouse is left to the terminal, so that text can still be selected; most send the wheel as arrow keys.
pub struct Fullscreen {
    /// Never dropped: that would print to stderr, and panic where stderr is a terminal that is gone.
    pub terminal: ManuallyDrop<Terminal<CrosstermBackend<BufWriter<Stdout>>>>,
    previous_hook: Arc<Hook>,
    /// Whether another program uses, or may have used, the terminal.
    away: bool,
}

/// Whether the screen holds the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// As before.
    Kept,
    /// Taken again: nothing is left of what was drawn.
    Regained,
    /// Another program uses it: it must not be drawn on or read from.
    Away,
    /// It was closed.
    Gone,
}

impl Fullscreen {
    /// Takes the terminal; if the program is in the background, later, when it comes to the foreground.
    pub fn open() -> io::Result<Fullscreen> {
        static READING: Once = Once::new();
        READING.call_once(read_without_waiting);
        // From here on every failure has to undo this.
        let previous_hook = hook_panics();
        let away = !job::in_foreground();
        let opened = if away { Ok(()) } else { take() };
        match opened.and_then(|()| Terminal::new(CrosstermBackend::new(BufWriter::new(stdout())))) {
            Ok(terminal) => Ok(Fullscreen { terminal: ManuallyDrop::new(terminal), previous_hook, away }),
            Err(error) => {
                give_back();
                unhook_panics(previous_hook);
                Err(error)
            }
        }
    }

    /// Has to be called every turn: stops the program if it has to stop, and takes the terminal again in the foreground.
    pub fn attend(&mut self) -> io::Result<Hold> {
        if job::has_to_stop() {
            give_back();
            job::stop();
            self.away = true;
        }
        wait(Duration::ZERO);
        if is_gone() {
            return Ok(Hold::Gone);
        }
        // While the program was stopped, another one may have used the terminal.
        self.away |= job::was_continued();
        if !self.away {
            return Ok(Hold::Kept);
        }
        if !job::in_foreground() {
            return Ok(Hold::Away);
        }
        // SIGSTOP stops the program without giving it a chance to give the terminal back.
        give_back();
        take()?;
        // Not by `Terminal::clear`, which asks for the position of the cursor: not every terminal answers.
        self.terminal.backend_mut().clear()?;
        self.terminal.swap_buffers();
        self.away = false;
        Ok(Hold::Regained)
    }
}

impl Drop for Fullscreen {
    fn drop(&mut self) {
        give_back();
        // The hook cannot be changed in mid-panic; then the program ends anyway.
        if !thread::panicking() {
            unhook_panics(self.previous_hook.clone());
        }
    }
}

/// Opens the terminal again, by its name, for reads that never block. A key such as an arrow arrives as several bytes. With
/// blocking reads, crossterm would wait for the rest of them, and nothing would be drawn or stored until they came.
fn read_without_waiting() {
    let flags = O_NONBLOCK | O_NOCTTY;
    let anew = |name| File::options().read(true).write(true).custom_flags(flags).open(name);
    // A terminal that cannot be opened by its name is read with blocking reads.
    if let Some(terminal) = ttyname(io::stdin()).ok().and_then(|name| anew(name).ok()) {
        let _ = dup2_stdin(terminal);
    }
}

fn take() -> io::Result<()> {
    // Crossterm does nothing if it believes that raw mode is on, but a shell may have turned it off.
    disable_raw_mode()?;
    if let Ok(mut mode) = MODE.try_lock() {
        *mode = mode.take().or_else(|| tcgetattr(io::stdin()).ok());
    }
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)
}

/// Waits at most `patience` for something to read, and finds out whether the terminal was closed: crossterm would read from a
/// closed one for ever.
pub fn wait(patience: Duration) {
    let stdin = io::stdin();
    let mut terminal = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
    // In milliseconds, rounded up so that short waits do not become 0. A signal may end the wait early.
    let millis = u16::try_from(patience.as_micros().div_ceil(1000)).unwrap_or(u16::MAX);
    let _ = poll(&mut terminal, millis);
    let closed = PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL;
    if terminal[0].revents().is_some_and(|found| found.intersects(closed)) {
        GONE.store(true, Ordering::SeqCst);
    }
}

/// What was done with the terminal; `gone` if that failed because the terminal was closed, which may happen at any moment.
pub fn unless_gone<T>(done: io::Result<T>, gone: T) -> io::Result<T> {
    done.or_else(|problem| {
        wait(Duration::ZERO);
        if is_gone() { Ok(gone) } else { Err(problem) }
    })
}

/// Whether the terminal that a screen was open on was found closed.
pub fn is_gone() -> bool {
    GONE.load(Ordering::SeqCst)
}

/// Prepares for being stopped and continued. Has to be called before other threads are started.
///
/// Errors: the system does not let the signals be handled.
pub fn listen_for_stops() -> io::Result<()> {
    job::listen(|| TAKEN.load(Ordering::SeqCst))
}

/// Restores the terminal if a screen is open; also for exits that run no destructors.
pub fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // Failures are ignored, as they mean that the terminal is gone. In the background the shell has set its mode.
        if job::in_foreground() {
            let _ = disable_raw_mode();
        }
        let _ = execute!(stdout(), DisableBracketedPaste, LeaveAlternateScreen, Show);
        let _ = stdout().flush();
    }
}

/// As [`give_back`], but without asking for memory and without waiting for a thread that may never go on.
pub fn give_back_without_memory() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        if job::in_foreground()
            && let Ok(mode) = MODE.try_lock()
            && let Some(mode) = &*mode
        {
            let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, mode);
        }
        // The commands of `give_back`.
        let _ = write(stdout().as_fd(), b"\x1b[?2004l\x1b[?1049l\x1b[?25h");
    }
}

/// Makes a panic of this thread give the terminal back before it is reported. Panics of other threads become outcomes of their
/// trials; reporting them would only write over the screen.
fn hook_panics() -> Arc<Hook> {
    let previous: Arc<Hook> = Arc::from(panic::take_hook());
    let (report, screen_thread) = (previous.clone(), thread::current().id());
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == screen_thread {
            give_back();
            report(info);
        }
    }));
    previous
}

fn unhook_panics(previous: Arc<Hook>) {
    panic::set_hook(Box::new(move |info| previous(info)));
}
