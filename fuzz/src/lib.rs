//! What several fuzz targets share: what every error message has to be, and looking at a result from all sides.

use ablate::error::Result;
use ablate::judge::diff::Diff;
use ablate::judge::report::Table;
use ablate::printable;
use ablate::record::board::Board;
use ablate::record::results;
use ablate::show::export::{self, Format, Moment};
use ablate::show::screen;
use std::path::Path;
use tempfile::TempDir;

/// A folder in memory, where there is one: each execution writes its files into a new one.
pub fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    folder.expect("a folder for temporary files")
}

/// Demands of a message that a terminal shows all of it, and that a person can read it.
pub fn check_message(message: &str) {
    assert_eq!(printable::text(message), message);
    assert!(message.chars().count() <= printable::LONGEST_MESSAGE, "{} bytes: {message}", message.len());
}

/// Makes one of the things that can be made from a result folder, as `export`, `show`, `claims` and `diff` do. Which one
/// `input`, the bytes that the target was given, decides: all in turn would be most of an execution's time.
///
/// Errors: the folder holds no result, or it cannot be read. The message is as it should be.
pub fn look(folder: &Path, input: &[u8]) -> Result<()> {
    let turn = input.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    let looked = results::read_now(folder).and_then(|board| look_at(&board, turn));
    looked.inspect_err(|error| check_message(&error.to_string()))
}

fn look_at(board: &Board, turn: u8) -> Result<()> {
    match turn % 10 {
        0 => drop(export::claims(&[Table::new(board)])),
        1 => drop(export::claims_as_json(&[Table::new(board)])?),
        2 => drop(export::render(Format::Md, board)?),
        3 => drop(export::render(Format::Csv, board)?),
        4 => drop(export::render(Format::Json, board)?),
        5 => drop(export::render(Format::Tex, board)?),
        6 => drop(export::tex(board, &["all".into()])?),
        7 => drop([0, 80].map(|width| screen::table_text(board, width))),
        8 => {
            // Drawing takes the longest, so that one moment is drawn.
            let moment = if turn < 128 { Moment::Last } else { Moment::Frame(1) };
            for (name, _) in export::all_pictures(board, moment, export::svg).unwrap_or_default() {
                assert!(!name.contains('/') && !name.starts_with('.') && name.len() < 200, "{name}");
            }
        }
        _ => {
            // A result can be compared with itself, and has the same bits.
            if let Ok(diff) = Diff::new([("a", board), ("b", board)]) {
                export::diff(&diff);
                export::diff_as_json(&diff)?;
            }
            // What a run writes into a new journal makes the same board.
            let mut again = Board::new(board.plan.clone());
            board.events().for_each(|event| again.apply(&event));
        }
    }
    Ok(())
}
