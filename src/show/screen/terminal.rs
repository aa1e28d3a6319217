//! The terminal: taken over on entry, given back on every way out.

use crossterm::cursor::Show;
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, BufWriter, Stdout, Write, stdout};
use std::panic::{self, PanicHookInfo};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

type Hook = dyn Fn(&PanicHookInfo<'_>) + Send + Sync;

/// Whether the terminal is ours; so that giving it back twice does no harm.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The whole terminal in raw mode, on its alternate screen, until dropped.
///
/// The mouse is left to the terminal, so that text can still be selected; most send the wheel as arrow keys.
pub struct Fullscreen {
    pub terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    previous_hook: Arc<Hook>,
}

impl Fullscreen {
    pub fn open() -> io::Result<Fullscreen> {
        // Dropped on every failure from here on.
        let previous_hook = hook_panics();
        let opened = take().and_then(|()| Terminal::new(CrosstermBackend::new(BufWriter::new(stdout()))));
        match opened {
            Ok(terminal) => Ok(Fullscreen { terminal, previous_hook }),
            Err(error) => {
                give_back();
                unhook_panics(previous_hook);
                Err(error)
            }
        }
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

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(stdout(), EnterAlternateScreen)
}

/// Leaves the terminal as it was before the screen opened, if one is open: for ends that run no destructors.
pub fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // Nobody is left to tell of a failure: the terminal itself is gone.
        let _ = disable_raw_mode();
        let _ = execute!(stdout(), LeaveAlternateScreen, Show);
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
