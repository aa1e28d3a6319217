//! The two streams: results on stdout, all else on stderr.

use crate::error::{Error, Result};
use crate::printable;
use crate::record::board::Board;
use crate::show::export::{self, Format};
use crate::show::screen;
use std::env;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::Path;

/// Writes to stdout. A reader that has gone away, such as `head`, has seen enough: that is no error. Nor is
/// a terminal that was closed.
pub fn result(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(printable::text(text).as_bytes()).and_then(|()| stdout.flush()) {
        Err(problem) if problem.kind() != ErrorKind::BrokenPipe && !screen::terminal_is_gone() => {
            Err(Error::NotStored(format!("stdout: cannot write: {problem}")))
        }
        _ => Ok(()),
    }
}

/// Writes the table as Markdown to stdout.
pub fn table(board: &Board) -> Result<()> {
    result(&export::render(Format::Md, board)?)
}

/// What a person reads when the screen has closed: the table, as wide as the terminal, and where the results are.
pub fn summary(board: &Board, folder: &Path) -> Result<()> {
    let width = crossterm::terminal::size().map_or(80, |(width, _)| width);
    result(&screen::table_text(board, width))?;
    note(&format!("\n{}", whereabouts(board, folder)));
    Ok(())
}

/// E.g. `12 of 40 trials have results in results/overfit; a new run goes on from there`.
fn whereabouts(board: &Board, folder: &Path) -> String {
    let tally = board.tally();
    let place = printable::path(folder);
    if board.complete() {
        return format!("all trials have results in {place}");
    }
    let then = if tally.running > 0 { "training goes on" } else { "a new run goes on from there" };
    format!("{} of {} trials have results in {place}; {then}", tally.with_result(), tally.planned)
}

/// Whether there is a terminal to draw a screen on and to read keys from.
pub fn has_screen() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal() && env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Writes a line to stderr; if nobody can read it, there is nobody to tell.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{}", printable::text(text));
}

/// Writes why a command failed to stderr.
pub fn error(error: &Error) {
    note(&format!("error: {error}"));
}
