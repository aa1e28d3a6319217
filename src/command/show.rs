use super::follow::Follow;
use super::{Exit, damage, print};
use crate::cli::Show;
use crate::command::interrupt;
use crate::error::Result;
use crate::record::results;
use crate::show::screen::{self, End};
use std::path::{Path, PathBuf};

/// Opens a result on the screen, or prints its table.
pub fn show(args: &Show, out: &Path) -> Result<Exit> {
    let folder = match &args.result {
        Some(given) => results::find(given, out)?,
        None => results::newest(out)?,
    };
    let board = damage::read_now(&folder)?;
    if !print::has_screen() {
        print::table(&board)?;
        return Ok(Exit::Done);
    }
    let mut feed = Follow::new(folder.clone(), interrupt::listen(true)?)?;
    let (board, end) = screen::watch(board, &mut feed, &parent_of(&folder), true)?;
    print::summary(&board, &folder)?;
    Ok(if end == End::Interrupted { Exit::Interrupted } else { Exit::Done })
}

/// The folder that contains `folder`.
fn parent_of(folder: &Path) -> PathBuf {
    match (folder.file_name(), folder.parent()) {
        (Some(_), Some(parent)) => parent.into(),
        // The path `.` or `..` does not name its parent.
        _ => folder.join(".."),
    }
}
