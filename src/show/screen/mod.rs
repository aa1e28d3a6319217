//! The live screen and plain progress: views of a [`Board`].
//!
//! [`watch`] is the loop. `app` brings keys, events and time to the screens of `screens`, which are a file each; what they
//! share is in `shared`. The rest is what screens are made of: `columns` for lists, `plot` for figures, `overlay` for boxes,
//! `keys` for what keys do, `frame` around them all.

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
pub use terminal::{give_back as restore_terminal, is_gone as terminal_is_gone, listen_for_stops};
use theme::Theme;

/// The time between two drawings, and the longest the feed is left alone.
const TURN: Duration = Duration::from_millis(50);
/// Keys that are taken between two turns, at most.
const KEYS: usize = 256;
/// The same after a key, whose answer should not be waited for.
const KEY_TURN: Duration = Duration::from_millis(15);

/// Where the screen's events come from: a run, or a result folder that is being followed.
pub trait Feed {
    /// Events since the last call; never blocks. The board has those of all calls before.
    fn poll(&mut self, board: &Board) -> Result<Vec<Event>>;

    /// Whether trials are being trained by this very program: then quitting asks.
    fn is_training(&self) -> bool;

    /// What is going on beside the trials, e.g. "reading MNIST".
    fn note(&self) -> Option<String>;

    /// Asks running trials to stop and starts no more; they end as cancelled.
    fn cancel(&mut self);

    /// Whether the program was asked to end by a signal.
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

/// Shows the board, kept up to date from `feed`, until the user quits or a signal arrives; unless it is to `stay`, also
/// when training has ended. `export_folder` is where tables and pictures are written to when
/// asked for.
///
/// Errors: no terminal, or whatever `feed` reports. The terminal is given back in any case.
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
        let hold = screen.attend().map_err(failed())?;
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
        // Asked before the poll: what was told until training ended is on the board by now.
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
            if let Err(problem) = drawing {
                terminal::wait(Duration::ZERO);
                match terminal_is_gone() {
                    true => continue,
                    false => return Err(failed()(problem)),
                }
            }
            drawn = Some(Instant::now());
            (changed, pressed) = (false, false);
        }
        let patience = drawn.map_or(Duration::ZERO, |drawn| turn.saturating_sub(drawn.elapsed()));
        let patience = if changed { patience } else { TURN };
        for request in requests(&mut app, patience, &mut pressed).map_err(failed())? {
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

/// Waits at most `patience` for a key, then hands all that were pressed to `app`.
fn requests(app: &mut App, patience: Duration, pressed: &mut bool) -> io::Result<Vec<Request>> {
    let mut requests = Vec::new();
    terminal::wait(patience);
    let mut left = KEYS;
    // It may have been stopped and sent to the background meanwhile, where reading would stop it again.
    while left > 0 && !terminal_is_gone() && job::in_foreground() && event::poll(Duration::ZERO)? {
        left -= 1;
        *pressed = true;
        match event::read()? {
            // Some terminals also tell when a key is let go.
            event::Event::Key(key) if key.kind != KeyEventKind::Release => requests.extend(app.press(key)),
            event::Event::Paste(text) => app.paste(&text),
            _ => {}
        }
    }
    // However often it was asked for: a text that is pasted where nothing marks it may hold the key many times.
    let mut exported = false;
    requests.retain(|request| *request != Request::Export || !std::mem::replace(&mut exported, true));
    Ok(requests)
}
