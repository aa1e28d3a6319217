//! Output: results go to stdout, everything else to stderr.

use crate::error::{Error, Result};
use crate::printable;
use crate::record::board::Board;
use crate::show::export::{self, Format};
use crate::show::screen;
use nix::libc;
use nix::sys::stat::fstat;
use std::env;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::Path;

/// Writes to stdout. It is no error if the reader has closed its end, as `head` does, or the terminal was closed.
///
/// Errors: any other failure to write.
pub fn result(text: &str) -> Result<()> {
    on_stdout(|| io::stdout().write_all(printable::text(text).as_bytes()))
}

/// Writes the help that was asked for to stdout. Errors: as [`result`].
pub fn help(help: &clap::Error) -> Result<()> {
    on_stdout(|| help.print())
}

fn on_stdout(write: impl FnOnce() -> io::Result<()>) -> Result<()> {
    match write().and_then(|()| io::stdout().flush()) {
        Err(problem) if problem.kind() != ErrorKind::BrokenPipe && !is_hung_up(&problem) => {
            Err(Error::NotStored(format!("stdout: cannot write: {problem}")))
        }
        _ => Ok(()),
    }
}

/// Whether stdout is a terminal that was closed.
fn is_hung_up(problem: &io::Error) -> bool {
    // A file on a broken disk fails in the same way.
    let is_device = || fstat(io::stdout()).is_ok_and(|found| found.st_mode & libc::S_IFMT == libc::S_IFCHR);
    screen::terminal_is_gone() || problem.raw_os_error() == Some(libc::EIO) && is_device()
}

/// Writes the table as Markdown to stdout.
pub fn table(board: &Board) -> Result<()> {
    result(&export::render(Format::Md, board)?)
}

/// Prints the table, as wide as the terminal, and where the results are, after the screen has closed.
pub fn summary(board: &Board, folder: &Path) -> Result<()> {
    let width = crossterm::terminal::size().map_or(80, |(width, _)| width);
    result(&screen::table_text(board, width))?;
    note(&format!("\n{}", location(board, folder)));
    Ok(())
}

/// How many trials have results and where, e.g. `12 of 40 trials have results in results/overfit; a new run goes on from there`.
fn location(board: &Board, folder: &Path) -> String {
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

/// Writes a line to stderr. Failures are ignored, as there is nowhere to report them.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{}", printable::text(text));
}

/// Writes why a command failed to stderr.
pub fn error(error: &Error) {
    note(&format!("error: {error}"));
}
