//! The terminal: taken over on entry, given back on every way out.

use crossterm::cursor::Show;
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGQUIT};
use signal_hook::flag;
use signal_hook::low_level::unregister;
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
    ended: Arc<AtomicBool>,
    signals: Vec<SigId>,
}

impl Fullscreen {
    pub fn open() -> io::Result<Fullscreen> {
        let previous_hook = hook_panics();
        let opened = take().and_then(|()| Terminal::new(CrosstermBackend::new(BufWriter::new(stdout()))));
        match opened {
            Ok(terminal) => {
                let ended = Arc::new(AtomicBool::new(false));
                let signals = listen(&ended);
                Ok(Fullscreen { terminal, previous_hook, ended, signals })
            }
            Err(error) => {
                give_back();
                unhook_panics(previous_hook);
                Err(error)
            }
        }
    }
}

impl Fullscreen {
    /// Whether the terminal was closed (SIGHUP) or its quit key pressed elsewhere (SIGQUIT).
    pub fn ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }
}

/// Without a screen these signals keep their meaning, so that `nohup` works; with one, they must not leave it behind.
fn listen(ended: &Arc<AtomicBool>) -> Vec<SigId> {
    [SIGHUP, SIGQUIT].iter().filter_map(|&signal| flag::register(signal, Arc::clone(ended)).ok()).collect()
}

impl Drop for Fullscreen {
    fn drop(&mut self) {
        give_back();
        for signal in self.signals.drain(..) {
            unregister(signal);
        }
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
