//! The live screen and plain progress: views of a [`Board`].
//!
//! [`watch`] is the loop. `app` passes keys, events and time on to the screens, each of which is a file of `screens`; the state
//! that they share is in `shared`. Screens are made of `columns` for lists, `plot` for figures, `overlay` for boxes and `keys`
//! for key bindings; `frame` draws header and footer around them.

mod app;
mod columns;
mod curves;
#[cfg(test)]
mod example;
mod frame;
mod gallery;
mod input;
mod job;
mod keys;
mod labels;
mod numbers;
mod order;
mod overlay;
mod page;
pub mod plain;
mod plot;
mod progress;
mod save;
mod screens;
mod shared;
mod sparkline;
mod terminal;
#[cfg(test)]
mod tests;
mod text;
mod theme;

use crate::error::{Error, Result};
use crate::record::board::Board;
use crate::record::event::Event;
use app::{App, Request};
use crossterm::event::{self, KeyEventKind};
pub use labels::cell_name;
pub use page::table_text;
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};
use terminal::{Fullscreen, Hold};
pub use terminal::{
    give_back as restore_terminal, give_back_without_memory as restore_terminal_without_memory,
    is_gone as terminal_is_gone, listen_for_stops,
};
use theme::Theme;

/// The time between two drawings, and between two polls of the feed.
const TURN: Duration = Duration::from_millis(50);
/// The time until the next drawing after a key was pressed, so that users see its effect at once.
const KEY_TURN: Duration = Duration::from_millis(15);
/// The most keys that are read in one turn.
const KEYS: usize = 256;

/// The source of the screen's events: a run, or a result folder that is being followed.
pub trait Feed {
    /// The events since the last call; never blocks. `board` holds those of all calls before.
    ///
    /// Errors: the events cannot be read, or cannot be stored.
    fn poll(&mut self, board: &Board) -> Result<Vec<Event>>;

    /// Whether this program is training trials, so that quitting has to be confirmed.
    fn is_training(&self) -> bool;

    /// What is going on beside the trials, for the header: `reading MNIST`.
    fn note(&self) -> Option<String>;

    /// Asks running trials to stop, which then end as cancelled; no others are started.
    fn cancel(&mut self);

    /// Whether a signal has asked the program to end.
    fn interrupted(&self) -> bool;
}

/// Why [`watch`] returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Training has ended, and the screen was not to stay.
    Finished,
    /// The user left when nothing was being trained.
    Quit,
    /// The user stopped the training.
    Cancelled,
    /// A signal stopped the program.
    Interrupted,
}

/// Shows the board, kept up to date from `feed`, until the user quits or a signal arrives; unless `stay` is set, also until
/// training has ended. The export key writes tables and pictures to `export_folder`. Returns the final board.
///
/// Errors: there is no terminal, or those of `feed`. The terminal is restored in any case.
pub fn watch(board: Board, feed: &mut dyn Feed, export_folder: &Path, stay: bool) -> Result<(Board, End)> {
    let failed = || Error::io("show a screen", Path::new("the terminal"));
    let mut screen = Fullscreen::open().map_err(failed())?;
    let mut app = App::new(board, Theme::from_environment());
    let start = Instant::now();
    let mut drawn: Option<Instant> = None;
    let mut changed = true;
    let mut pressed = false;
    let mut end = None;
    loop {
        let hold = terminal::unless_gone(screen.attend(), Hold::Gone).map_err(failed())?;
        if hold == Hold::Regained {
            changed = true;
            app.shared.touch();
        }
        let training = feed.is_training();
        let events = feed.poll(&app.shared.board)?;
        events.iter().for_each(|event| app.apply(event));
        let note = feed.note();
        changed |= app.train(training)
            || !events.is_empty()
            || note != app.shared.note
            || app.shared.elapsed.as_secs() != start.elapsed().as_secs();
        app.shared.note = note;
        changed |= pressed;
        changed |= app.tick(start.elapsed());
        if end.is_none() && (feed.interrupted() || hold == Hold::Gone) {
            feed.cancel();
            app.stopping();
            end = Some(End::Interrupted);
        }
        // `training` was asked before the poll, so that all events of the training are on the board by now.
        if !training && (end.is_some() || !stay) {
            return Ok((app.shared.board, end.unwrap_or(End::Finished)));
        }
        if matches!(hold, Hold::Away | Hold::Gone) {
            thread::sleep(TURN);
            continue;
        }
        let turn = if pressed { KEY_TURN } else { TURN };
        let due = drawn.is_none_or(|drawn| drawn.elapsed() >= turn);
        if changed && due {
            app.shared.elapsed = start.elapsed();
            let drawing = screen.terminal.draw(|frame| app.draw(frame.area(), frame.buffer_mut()));
            if !terminal::unless_gone(drawing.map(|_| true), false).map_err(failed())? {
                continue;
            }
            drawn = Some(Instant::now());
            (changed, pressed) = (false, false);
        }
        let patience = drawn.map_or(Duration::ZERO, |drawn| turn.saturating_sub(drawn.elapsed()));
        let patience = if changed { patience } else { TURN };
        let requests = requests(&mut app, patience, &mut pressed);
        for request in terminal::unless_gone(requests, Vec::new()).map_err(failed())? {
            match request {
                Request::Quit => return Ok((app.shared.board, end.unwrap_or(End::Quit))),
                Request::Abandon => return Ok((app.shared.board, end.unwrap_or(End::Cancelled))),
                Request::Cancel => {
                    feed.cancel();
                    end = Some(End::Cancelled);
                }
                Request::Suspend => job::ask_to_stop(),
                Request::Export => {
                    let said = app.documents().and_then(|documents| save::save(&documents, export_folder));
                    app.shared.say(said.unwrap_or_else(|error| error.to_string()));
                }
            }
        }
        changed |= app.shared.settle(start.elapsed());
    }
}

/// Waits at most `patience` for a key, then passes all keys that were pressed to `app`. Sets `pressed` if there were any.
fn requests(app: &mut App, patience: Duration, pressed: &mut bool) -> io::Result<Vec<Request>> {
    let mut requests = Vec::new();
    terminal::wait(patience);
    let mut left = KEYS;
    // The program may have been stopped and continued in the background, where reading would stop it again.
    while left > 0 && !terminal_is_gone() && job::in_foreground() && event::poll(Duration::ZERO)? {
        left -= 1;
        *pressed = true;
        match event::read()? {
            // Some terminals also report when a key is released.
            event::Event::Key(key) if key.kind != KeyEventKind::Release => requests.extend(app.press(key)),
            event::Event::Paste(text) => app.paste(&text),
            _ => {}
        }
    }
    // Exports only once: text that is pasted into a terminal that does not mark it may hold the key many times.
    let mut exported = false;
    requests.retain(|request| *request != Request::Export || !std::mem::replace(&mut exported, true));
    Ok(requests)
}
