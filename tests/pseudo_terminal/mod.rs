//! A pseudo-terminal with a program in it, for tests of what a person sees and types. Tests wait for what must appear.

use nix::poll::{PollFd, PollFlags, poll};
use nix::unistd::Pid;
use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use vt100::Parser;

/// The size of the terminal that the parser assumes.
const LINES: u16 = 24;
const COLUMNS: u16 = 80;
/// How long the reader waits, in milliseconds, before it checks whether the window is to be closed.
const TURN: u16 = 20;
/// Far longer than anything takes, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Terminal {
    pty: Option<Arc<Pty>>,
    reader: Option<JoinHandle<()>>,
    closed: Arc<AtomicBool>,
    screen: Arc<Mutex<Parser>>,
    child: Child,
}

impl Terminal {
    /// Runs a script in bash as a person would type it: with jobs, each in a group of its own.
    pub fn shell(folder: &Path, script: &str) -> Terminal {
        let command = Command::new("bash").args(["--norc", "--noprofile", "-i"]).env("PS1", "ready> ");
        let mut terminal = Terminal::start(folder, command);
        terminal.wait_for("a prompt", |screen| screen.contents().contains("ready>"));
        terminal.send(&format!("{script}\r"));
        terminal
    }

    /// The program alone, as the leader of its session.
    pub fn program(folder: &Path, program: &str, args: &[&str]) -> Terminal {
        Terminal::start(folder, Command::new(program).args(args))
    }

    fn start(folder: &Path, command: Command) -> Terminal {
        let (pty, pts) = open().unwrap();
        pty.resize(Size::new(LINES, COLUMNS)).unwrap();
        let command = command.current_dir(folder).env("TERM", "xterm-256color").env("HISTFILE", "/dev/null");
        let child = command.env_remove("ABLATE_DATA").spawn(pts).unwrap();
        let (pty, screen) = (Arc::new(pty), Arc::new(Mutex::new(Parser::default())));
        let closed = Arc::new(AtomicBool::new(false));
        let (reading, shown, end) = (Arc::clone(&pty), Arc::clone(&screen), Arc::clone(&closed));
        let reader = thread::spawn(move || {
            let mut bytes = [0; 4096];
            while !end.load(Relaxed) {
                if poll(&mut [PollFd::new(reading.as_fd(), PollFlags::POLLIN)], TURN).unwrap() == 0 {
                    continue;
                }
                // Ends with an error when no program has the terminal open any more.
                let Ok(count @ 1..) = (&*reading).read(&mut bytes) else { return };
                shown.lock().unwrap().process(&bytes[..count]);
            }
        });
        Terminal { pty: Some(pty), reader: Some(reader), closed, screen, child }
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id() as i32)
    }

    /// Types, all at once.
    pub fn send(&mut self, keys: &str) {
        self.pty.as_deref().unwrap().write_all(keys.as_bytes()).unwrap();
    }

    /// As a terminal pastes into a program that has asked to be told.
    pub fn paste(&mut self, text: &str) {
        assert!(self.screen.lock().unwrap().screen().bracketed_paste(), "not asked to tell of pasted text");
        self.send(&format!("\u{1b}[200~{text}\u{1b}[201~"));
    }

    /// Closes the window.
    pub fn close(&mut self) {
        self.closed.store(true, Relaxed);
        self.reader.take().unwrap().join().unwrap();
        self.pty = None;
    }

    pub fn wait_for(&mut self, what: &str, is_there: impl Fn(&vt100::Screen) -> bool) {
        let start = Instant::now();
        while !is_there(self.screen.lock().unwrap().screen()) {
            assert!(start.elapsed() < PATIENCE, "no {what} on this screen:\n{}", self.text());
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn wait_for_text(&mut self, text: &str) {
        self.wait_for(&format!("{text:?}"), |screen| screen.contents().contains(text));
    }

    pub fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Waits until no full-screen program shows its screen any more.
    pub fn wait_for_its_own_screen(&mut self) {
        self.wait_for("screen of its own", |screen| !screen.alternate_screen());
    }

    pub fn wait_for_end(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "the program does not end:\n{}", self.text());
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Terminal {
    /// Whatever still runs in it gets a hang-up as its shell ends.
    fn drop(&mut self) {
        self.closed.store(true, Relaxed);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
