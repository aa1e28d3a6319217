//! The terminal: taken over on entry, given back on every way out and whenever the program is stopped.

use super::job;
use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use nix::libc::{O_NOCTTY, O_NONBLOCK};
use nix::poll::{PollFd, PollFlags, poll};
use nix::unistd::{dup2_stdin, ttyname};
use ratatui::Terminal;
use ratatui::backend::{Backend, CrosstermBackend};
use std::fs::File;
use std::io::{self, BufWriter, Stdout, Write, stdout};
use std::mem::ManuallyDrop;
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::panic::{self, PanicHookInfo};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};
use std::thread;
use std::time::Duration;

type Hook = dyn Fn(&PanicHookInfo<'_>) + Send + Sync;

/// Whether the terminal is ours; so that giving it back twice does no harm.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Whether the terminal was found closed.
static GONE: AtomicBool = AtomicBool::new(false);

/// The whole terminal in raw mode, on its alternate screen, until dropped; in the background nothing of it.
///
/// The mouse is left to the terminal, so that text can still be selected; most send the wheel as arrow keys.
pub struct Fullscreen {
    /// Never dropped: that would print to stderr, and panic where stderr is a terminal that is gone.
    pub terminal: ManuallyDrop<Terminal<CrosstermBackend<BufWriter<Stdout>>>>,
    previous_hook: Arc<Hook>,
    /// Whether the terminal is, or may be, another program's.
    away: bool,
}

/// How the terminal stands with us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    Kept,
    /// Nothing is left of what was drawn.
    Regained,
    /// Another program's: neither to be drawn on nor to be read from.
    Away,
    /// Closed, by whoever sat before it.
    Gone,
}

impl Fullscreen {
    /// In the background the terminal is taken once it is our turn.
    pub fn open() -> io::Result<Fullscreen> {
        static READING: Once = Once::new();
        READING.call_once(read_without_waiting);
        // Dropped on every failure from here on.
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

    /// To be called every turn: stops the program if it has to stop, and takes the terminal again when it is our turn.
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
        // Whoever stopped us, another program may have used the terminal meanwhile.
        self.away |= job::was_continued();
        if !self.away {
            return Ok(Hold::Kept);
        }
        if !job::in_foreground() {
            return Ok(Hold::Away);
        }
        // After a stop without notice it was never given back.
        give_back();
        take()?;
        // Not by `Terminal::clear`: it asks where the cursor is, which not every terminal answers.
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

/// Opens the terminal anew, by its name, for reads that never wait. A key such as an arrow arrives as several bytes; in the
/// terminal as the shell handed it over, crossterm waits for the rest of what has begun, and until it came nothing would be
/// drawn or stored.
fn read_without_waiting() {
    let flags = O_NONBLOCK | O_NOCTTY;
    let anew = |name| File::options().read(true).write(true).custom_flags(flags).open(name);
    // A terminal that cannot be opened by its name is read as it is.
    if let Some(terminal) = ttyname(io::stdin()).ok().and_then(|name| anew(name).ok()) {
        let _ = dup2_stdin(terminal);
    }
}

fn take() -> io::Result<()> {
    // While crossterm believes that the mode is raw it sets nothing, but a shell may have set another one.
    disable_raw_mode()?;
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)
}

/// Waits at most so long for something to read, and finds out whether the terminal is closed: crossterm reads from such a
/// one for ever.
pub fn wait(patience: Duration) {
    let stdin = io::stdin();
    let mut terminal = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
    // Milliseconds, rounded up: a shorter wait would be none. A signal may end it early.
    let millis = u16::try_from(patience.as_micros().div_ceil(1000)).unwrap_or(u16::MAX);
    let _ = poll(&mut terminal, millis);
    let closed = PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL;
    if terminal[0].revents().is_some_and(|found| found.intersects(closed)) {
        GONE.store(true, Ordering::SeqCst);
    }
}

/// Whether the terminal that a screen was open on was found closed.
pub fn is_gone() -> bool {
    GONE.load(Ordering::SeqCst)
}

/// Prepares for being stopped and continued; to be called before other threads are started.
pub fn listen_for_stops() -> io::Result<()> {
    job::listen(|| TAKEN.load(Ordering::SeqCst))
}

/// Leaves the terminal as it was before the screen opened, if one is open: for ends that run no destructors.
pub fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // Nobody is left to tell of a failure: the terminal itself is gone. In the background its mode is the shell's.
        if job::in_foreground() {
            let _ = disable_raw_mode();
        }
        let _ = execute!(stdout(), DisableBracketedPaste, LeaveAlternateScreen, Show);
        let _ = stdout().flush();
    }
}

/// A panic of this thread gives the terminal back before it is reported. One of another thread is a trial's, which
/// becomes the outcome of that trial: reporting it would only write over the screen.
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
