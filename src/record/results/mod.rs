//! The folders of results, `results/<name>/`. They are found, read and created here, and never lost or overwritten.
//!
//! A folder holds the journal, from which everything is rebuilt, and `study.toml`, a copy of the study that was trained last
//! (`study-1.toml`, … are those before it).

mod contents;
mod exchange;
mod lock;
mod undo;

pub use contents::{Contents, Ledger};
pub use lock::Lock;
pub use undo::Undo;

use crate::error::{Error, Result};
use crate::file;
use crate::printable;
use crate::record::board::Board;
use crate::record::journal::{self, Journal, sync_folder};
use crate::record::whole;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The folders under `out` that hold a journal, or cannot be looked into, in the order of their names; empty if `out` does not
/// exist. Fails if `out` cannot be read.
pub fn all(out: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(out) {
        // A link that leads nowhere is there, however.
        Err(problem) if problem.kind() == ErrorKind::NotFound && !out.is_symlink() => return Ok(Vec::new()),
        entries => entries.map_err(|problem| file::leads_nowhere(out, problem)).map_err(Error::io("read", out))?,
    };
    let mut folders = Vec::new();
    for entry in entries {
        let folder = entry.map_err(Error::io("read", out))?.path();
        if may_be_a_result(&folder) {
            folders.push(folder);
        }
    }
    folders.sort();
    Ok(folders)
}

/// The result folder that a user names: by its path, or by its name under `out`. It may be one that cannot be looked into. Fails
/// if neither has a journal; the message lists the results under `out`.
pub fn find(given: &Path, out: &Path) -> Result<PathBuf> {
    let paths = [given.to_owned(), out.join(given)];
    let seen = |path: &&PathBuf| journals(path).is_ok_and(|files| !files.is_empty());
    match paths.iter().find(seen).or_else(|| paths.iter().find(|path| may_be_a_result(path))) {
        Some(folder) => Ok(folder.clone()),
        None => Err(Error::Usage(not_found(given, out, &all(out)?))),
    }
}

/// The folder under `out` whose journal was written last. Fails if there is none.
pub fn newest(out: &Path) -> Result<PathBuf> {
    let newest = all(out)?.into_iter().max_by_key(|folder| last_written(folder));
    newest.ok_or_else(|| Error::Usage(format!("there is no result in {} yet: {TRAIN_ONE}", printable::path(out))))
}

/// What the journal of a folder comes to; nothing without a journal. Errors: those of [`Contents::read`].
pub fn read(folder: &Path) -> Result<Contents> {
    match journals(folder)?.is_empty() {
        false => Contents::read(folder),
        true => Ok(Contents::default()),
    }
}

/// The board of a folder, to be shown to a user: trials that no program trains any more are marked as cut off.
///
/// Errors: those of [`Contents::read`], and if there is no board.
pub fn read_now(folder: &Path) -> Result<Board> {
    read(folder)?.board_now(folder)
}

/// Renames a folder to the next free name, `overfit.old-1`. Returns the new path, or `None` if the folder does not exist. Fails if
/// it cannot be renamed.
pub fn set_aside(folder: &Path) -> Result<Option<PathBuf>> {
    if !folder.exists() {
        return Ok(None);
    }
    let aside = place_aside(folder);
    fs::rename(folder, &aside).map_err(Error::io("rename", folder))?;
    sync_above(folder)?;
    Ok(Some(aside))
}

/// A result and the one beside it that is to take its place give each other their names, which is noted in `undo`. Fails if they
/// cannot be renamed.
pub fn exchange(result: &Path, aside: &Path, undo: &mut Undo) -> Result<()> {
    exchange::exchange(result, aside).map_err(Error::io("rename", result))?;
    undo.exchanged(result, aside);
    sync_above(result)
}

/// Brings the name of a folder to the disk.
fn sync_above(folder: &Path) -> Result<()> {
    let above = folder.parent().unwrap_or(Path::new("."));
    sync_folder(above).map_err(Error::io("write to", above))
}

/// The next free path of the form `overfit.old-1`, beside the folder.
pub fn place_aside(folder: &Path) -> PathBuf {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    next_free(|number| folder.with_file_name(format!("{name}.old-{number}")))
}

/// Whether a folder's name is one that [`place_aside`] gives.
pub fn was_set_aside(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    name.rsplit_once(".old-").is_some_and(|(_, number)| number.parse::<usize>().is_ok())
}

/// Writes the text of the study into its folder as `study.toml`, which is created if need be, and notes that in `undo`. If there
/// is another text, that is kept as `study-1.toml` or the next free name. Fails if a file cannot be read or written.
pub fn keep_study(folder: &Path, text: &str, undo: &mut Undo) -> Result<()> {
    let path = folder.join("study.toml");
    if path.exists() {
        if holds(&path, text).map_err(Error::io("read", &path))? {
            return Ok(());
        }
        let older = next_free(|number| folder.join(format!("study-{number}.toml")));
        fs::rename(&path, &older).map_err(Error::io("rename", &path))?;
        undo.moved(&path, &older);
    }
    if !folder.is_dir() {
        file::create_folder(folder).map_err(Error::io("create", folder))?;
        undo.made_folder(folder);
    }
    undo.wrote(&path, text);
    whole::write(&path, text.as_bytes()).map_err(Error::io("write", &path))
}

/// Whether a file holds this text and nothing else.
fn holds(path: &Path, text: &str) -> io::Result<bool> {
    match file::read(path, text.len()) {
        Err(problem) if problem.kind() == ErrorKind::FileTooLarge => Ok(false),
        bytes => Ok(bytes? == text.as_bytes()),
    }
}

/// Writes a study and all that a board knows into a folder that has no journal or does not exist. Returns the journal, to which
/// more can be appended. Fails if a file cannot be written.
pub fn write_anew(folder: &Path, study: &str, board: &Board) -> Result<Journal> {
    keep_study(folder, study, &mut Undo::default())?;
    let mut journal = Journal::create(folder)?;
    board.events().try_for_each(|event| journal.append(&event))?;
    journal.flush()?;
    Ok(journal)
}

/// The first path, by number from 1, that does not exist.
fn next_free(path: impl Fn(usize) -> PathBuf) -> PathBuf {
    let mut number = 1;
    while path(number).exists() {
        number += 1;
    }
    path(number)
}

/// When the journal of a folder was last written; `None` without a journal that can be seen.
fn last_written(folder: &Path) -> Option<SystemTime> {
    let written = |path: PathBuf| fs::metadata(path).ok()?.modified().ok();
    journals(folder).unwrap_or_default().into_iter().filter_map(written).max()
}

/// Whether a folder has a journal, or keeps it from being seen, of which reading it then tells.
fn may_be_a_result(folder: &Path) -> bool {
    journals(folder).map_or(true, |files| !files.is_empty())
}

/// The journal files of a folder; none if there is no such folder. Fails if it cannot be read.
fn journals(folder: &Path) -> Result<Vec<PathBuf>> {
    // Its files can be told from others only by who may enter it, which this asks.
    match fs::metadata(folder.join(".")) {
        Ok(_) => journal::files(folder),
        Err(_) if folder.is_symlink() && !folder.exists() => {
            Err(Error::io("read", folder)(io::Error::other("it is a link that leads nowhere")))
        }
        Err(problem) if problem.kind() == ErrorKind::PermissionDenied => Err(Error::io("read", folder)(problem)),
        _ => Ok(Vec::new()),
    }
}

const TRAIN_ONE: &str = "train one with `ablate run STUDY.toml`";

fn not_found(given: &Path, out: &Path, results: &[PathBuf]) -> String {
    let shown = printable::path(given);
    if given.extension().is_some_and(|extension| extension == "toml") {
        let name = printable::path(given.file_stem().unwrap_or_default());
        return format!("{shown} is a study, not a result: give the result's name, such as {name}");
    }
    let names: Vec<_> = results.iter().filter_map(|folder| folder.file_name()?.to_str()).collect();
    let there_are = match &names[..] {
        [] => format!("{} holds no result yet: {TRAIN_ONE}", printable::path(out)),
        names => format!("{} holds: {}", printable::path(out), printable::line(&names.join(", "))),
    };
    format!(
        "there is no result {shown}: neither {shown} nor {} has a journal\n  {there_are}",
        printable::path(out.join(given))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with a result of each name; the journal of the last one was written last.
    fn results(names: &[&str]) -> tempfile::TempDir {
        let out = tempfile::tempdir().unwrap();
        for (age, name) in names.iter().rev().enumerate() {
            fs::create_dir(out.path().join(name)).unwrap();
            let journal = fs::File::create(out.path().join(name).join("journal.jsonl")).unwrap();
            journal.set_modified(SystemTime::now() - std::time::Duration::from_secs(60 * age as u64)).unwrap();
        }
        out
    }

    #[test]
    fn a_result_is_found_by_name_by_path_or_as_the_newest() {
        let out = results(&["b", "c", "a"]);
        fs::create_dir(out.path().join("no journal")).unwrap();
        let folder = |name| out.path().join(name);
        assert_eq!(all(out.path()).unwrap(), [folder("a"), folder("b"), folder("c")]);
        assert_eq!(find(Path::new("b"), out.path()).unwrap(), folder("b"));
        assert_eq!(find(&folder("b"), Path::new("elsewhere")).unwrap(), folder("b"));
        assert_eq!(newest(out.path()).unwrap(), folder("a"));
    }

    #[test]
    fn an_error_lists_the_results_there_are() {
        let out = results(&["overfit", "init"]);
        let message = |given| find(Path::new(given), out.path()).unwrap_err().to_string();
        assert!(message("overfitt").ends_with("holds: init, overfit"), "{}", message("overfitt"));
        assert!(
            message("ablations/overfit.toml").ends_with("such as overfit"),
            "{}",
            message("ablations/overfit.toml")
        );
        assert!(newest(Path::new("nowhere")).unwrap_err().to_string().contains("ablate run"));
    }

    #[test]
    fn earlier_studies_and_folders_are_kept() {
        let out = tempfile::tempdir().unwrap();
        let folder = out.path().join("overfit");
        let keep_study = |text: &str| keep_study(&folder, text, &mut Undo::default()).unwrap();
        assert_eq!(set_aside(&folder).unwrap(), None);
        ["one", "two", "two", "three"].into_iter().for_each(keep_study);
        let text = |folder: &Path, name: &str| fs::read_to_string(folder.join(name)).unwrap();
        assert_eq!(
            ["study.toml", "study-1.toml", "study-2.toml"].map(|name| text(&folder, name)),
            ["three", "one", "two"]
        );
        assert_eq!(set_aside(&folder).unwrap(), Some(out.path().join("overfit.old-1")));
        assert!(was_set_aside(&out.path().join("overfit.old-1")) && !was_set_aside(&folder));
        keep_study("four");
        let second = set_aside(&folder).unwrap().unwrap();
        assert_eq!(text(&second, "study.toml"), "four");
        assert_eq!(text(&out.path().join("overfit.old-1"), "study.toml"), "three");
    }

    #[test]
    fn the_steps_to_begin_a_run_are_taken_back() {
        let out = tempfile::tempdir().unwrap();
        let folder = out.path().join("overfit");
        let text = |name: &str| fs::read_to_string(folder.join(name)).ok();
        keep_study(&folder, "one", &mut Undo::default()).unwrap();
        // Another text was written, and the earlier one renamed.
        let mut undo = Undo::default();
        keep_study(&folder, "two", &mut undo).unwrap();
        assert_eq!((text("study.toml"), text("study-1.toml")), (Some("two".into()), Some("one".into())));
        assert_eq!(undo.take_back(), [""; 0]);
        assert_eq!((text("study.toml"), text("study-1.toml")), (Some("one".into()), None));
        // A new result took its place.
        let begin = || {
            let (mut undo, beside) = (Undo::default(), place_aside(&folder));
            keep_study(&beside, "three", &mut undo).unwrap();
            exchange(&folder, &beside, &mut undo).unwrap();
            assert_eq!(undo.old_result(), Some((beside.as_path(), folder.as_path())));
            undo
        };
        let undo = begin();
        assert_eq!(text("study.toml"), Some("three".into()));
        let back = [format!("the old result is back in {}", printable::path(&folder))];
        assert_eq!(undo.take_back(), back);
        assert_eq!(text("study.toml"), Some("one".into()));
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1, "of the new one, nothing is left");
        // A file that another program put there meanwhile is kept.
        let undo = begin();
        fs::write(folder.join("notes"), "mine").unwrap();
        assert_eq!(undo.take_back(), back);
        assert_eq!(text("study.toml"), Some("one".into()));
        assert_eq!(fs::read_to_string(out.path().join("overfit.old-1/notes")).unwrap(), "mine");
    }
}
