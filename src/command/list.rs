use super::{Exit, print};
use crate::error::{Error, Result};
use crate::printable;
use crate::record::{journal, results};
use crate::show::words::count;
use crate::study::{Changes, Study};
use std::fs;
use std::path::{Path, PathBuf};
use unicode_width::UnicodeWidthStr;

const STUDIES: &str = "ablations";

/// Lists the studies in `ablations/` and the results in `out`.
pub fn list(out: &Path) -> Result<Exit> {
    let mut text = String::new();
    text += &section(&format!("Studies in {STUDIES}/"), &studies(Path::new(STUDIES))?);
    text += "\n";
    text += &section(&format!("Results in {}/", printable::path(out)), &results(out)?);
    print::result(&text)?;
    Ok(Exit::Done)
}

/// A heading, and a line for each (name, description).
fn section(heading: &str, lines: &[(String, String)]) -> String {
    let width = lines.iter().map(|(name, _)| printable::line(name).width()).max().unwrap_or(0);
    let line = |(name, about): &(String, String)| {
        let (name, about) = (printable::line(name), printable::line(about));
        let gap = " ".repeat(width - name.width());
        format!("  {name}{gap}  {about}").trim_end().to_owned() + "\n"
    };
    let lines: String = lines.iter().map(line).collect();
    format!("{heading}\n{}", if lines.is_empty() { "  none yet\n" } else { &lines })
}

/// (file, question) of each study.
fn studies(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
            let path: PathBuf = entry.map_err(Error::io("read", folder))?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                files.push(path);
            }
        }
    }
    files.sort();
    let about = |path: PathBuf| {
        let shown = printable::path(&path);
        let question = match Study::load(&path, &Changes::default()) {
            Ok(study) => study.question.unwrap_or_default(),
            Err(_) => format!("has a mistake: `ablate check {shown}` shows it"),
        };
        (shown, question)
    };
    Ok(files.into_iter().map(about).collect())
}

/// (name, progress) of each result.
fn results(out: &Path) -> Result<Vec<(String, String)>> {
    let state = |folder: PathBuf| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Only the first line: commands that need the result tell what to do about it.
        let problem =
            |error: Error| format!("cannot be read: {}", error.to_string().lines().next().unwrap_or_default());
        (name, state(&folder).unwrap_or_else(problem))
    };
    Ok(results::all(out)?.into_iter().map(state).collect())
}

fn state(folder: &Path) -> Result<String> {
    let Some(board) = results::read(folder)? else { return Ok("nothing yet".into()) };
    let tally = board.tally();
    let far = match board.complete() {
        true => format!("complete: {}", count(tally.planned, "trial")),
        false => format!("{} of {} trials", tally.with_result(), tally.planned),
    };
    Ok(if journal::is_being_written(folder) { far + ", running" } else { far })
}
