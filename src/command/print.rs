//! The two streams: results on stdout, all else on stderr.

use crate::board::Board;
use crate::error::{Error, Result};
use crate::export::{self, Format};
use std::env;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::Path;

/// Writes to stdout. A reader that has gone away, such as `head`, has seen enough: that is no error.
pub fn result(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(problem) if problem.kind() != ErrorKind::BrokenPipe => {
            Err(Error::io("write", Path::new("stdout"))(problem))
        }
        _ => Ok(()),
    }
}

/// Writes the table as Markdown to stdout.
pub fn table(board: &Board) -> Result<()> {
    result(&export::render(Format::Md, board)?)
}

/// Whether there is a terminal to draw a screen on and to read keys from.
pub fn has_screen() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal() && env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Writes a line to stderr; if nobody can read it, there is nobody to tell.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

pub fn error(error: &Error) {
    note(&format!("error: {error}"));
}
