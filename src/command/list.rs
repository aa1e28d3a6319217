use super::{Exit, print};
use crate::cli::{Form, List};
use crate::error::{Error, Result};
use crate::printable;
use crate::record::results;
use crate::show::export::json_text;
use crate::show::words::count;
use crate::study::{Changes, FOLDER, SHIPPED, Shipped, Study};
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};
use unicode_width::UnicodeWidthStr;

/// Lists the studies in `ablations/`, those in the program, and the results in `out`.
pub fn list(args: &List, out: &Path) -> Result<Exit> {
    let files = studies(Path::new(FOLDER))?;
    let shipped = shipped(&files);
    let listed = Listed { studies: files, shipped, results: results(out)? };
    if args.format == Form::Json {
        print::result(&json_text(&listed)?)?;
        return Ok(Exit::Done);
    }
    let lines = |studies: &[ListedStudy]| -> Vec<_> {
        studies.iter().map(|study| (study.path.clone(), study.about())).collect()
    };
    let results: Vec<_> = listed.results.iter().map(|result| (result.name.clone(), result.about())).collect();
    let mut sections = Vec::new();
    if !listed.studies.is_empty() {
        sections.push(section(&format!("Studies in {FOLDER}/"), &lines(&listed.studies)));
    }
    if !listed.shipped.is_empty() {
        sections.push(section("Studies in the program, which run in any folder", &lines(&listed.shipped)));
    }
    sections.push(section(&format!("Results in {}/", printable::path(out)), &results));
    print::result(&sections.join("\n"))?;
    Ok(Exit::Done)
}

/// What there is, as `--format json` has it.
#[derive(Serialize)]
struct Listed {
    studies: Vec<ListedStudy>,
    /// Those in the program that no file of `studies` has the name of.
    shipped: Vec<ListedStudy>,
    results: Vec<ListedResult>,
}

#[derive(Serialize)]
struct ListedStudy {
    /// What to call it in `ablate run`.
    path: String,
    /// The study's name, `None` if it has a mistake.
    name: Option<String>,
    question: Option<String>,
    /// What is wrong with it.
    mistake: Option<String>,
}

#[derive(Serialize)]
struct ListedResult {
    folder: String,
    name: String,
    /// What is known of it; `None` if nothing was trained yet or it cannot be read.
    #[serde(flatten)]
    state: Option<State>,
    /// Why it cannot be read.
    problem: Option<String>,
}

#[derive(Serialize)]
struct State {
    study: String,
    question: Option<String>,
    complete: bool,
    /// Whether a program trains it now.
    running: bool,
    cells: usize,
    trials: usize,
    completed: usize,
    diverged: usize,
    failed: usize,
    /// Lines of the journal that are not as they were written.
    damaged_lines: usize,
}

impl ListedStudy {
    fn about(&self) -> String {
        match &self.mistake {
            Some(_) => format!("has a mistake: `ablate check {}` shows it", self.path),
            None => self.question.clone().unwrap_or_default(),
        }
    }
}

impl ListedResult {
    fn about(&self) -> String {
        let far = match (&self.state, &self.problem) {
            (_, Some(problem)) => format!("cannot be read: {}", problem.lines().next().unwrap_or_default()),
            (None, None) => "nothing yet".into(),
            (Some(state), None) if state.complete => format!("complete: {}", count(state.trials, "trial")),
            (Some(state), None) => format!("{} of {} trials", state.completed + state.diverged, state.trials),
        };
        let running = if self.state.as_ref().is_some_and(|state| state.running) { ", running" } else { "" };
        let damaged = match self.state.as_ref().map_or(0, |state| state.damaged_lines) {
            0 => String::new(),
            lines => format!(", {}", count(lines, "damaged line")),
        };
        far + running + &damaged
    }
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

/// The studies of a folder, in the order of their files' names.
fn studies(folder: &Path) -> Result<Vec<ListedStudy>> {
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
    Ok(files.iter().map(|path| listed(path, Study::load(path, &Changes::default()))).collect())
}

/// The studies in the program, but for those that a file has the name of: that file is meant then.
fn shipped(files: &[ListedStudy]) -> Vec<ListedStudy> {
    let is_file = |name: &str| files.iter().any(|study| Path::new(&study.path).file_stem() == Some(name.as_ref()));
    let others = SHIPPED.iter().filter(|shipped| !is_file(shipped.name));
    others
        .map(|Shipped { name, text }| listed(Path::new(name), Study::parse(text, Path::new(name), &Changes::default())))
        .collect()
}

fn listed(path: &Path, study: Result<Study>) -> ListedStudy {
    let path = path.to_string_lossy().into_owned();
    match study {
        Ok(study) => ListedStudy { path, name: Some(study.name), question: study.question, mistake: None },
        Err(error) => ListedStudy { path, name: None, question: None, mistake: Some(error.to_string()) },
    }
}

/// The results in a folder, in the order of their names.
fn results(out: &Path) -> Result<Vec<ListedResult>> {
    let listed = |folder: PathBuf| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (state, problem) = match state(&folder) {
            Ok(state) => (state, None),
            Err(error) => (None, Some(error.to_string())),
        };
        ListedResult { folder: folder.to_string_lossy().into_owned(), name, state, problem }
    };
    Ok(results::all(out)?.into_iter().map(listed).collect())
}

fn state(folder: &Path) -> Result<Option<State>> {
    let contents = results::read(folder)?;
    let damaged_lines = contents.damage.len();
    if contents.board.is_none() && damaged_lines == 0 {
        return Ok(None);
    }
    let running = contents.being_written;
    let board = contents.board_now(folder)?;
    let tally = board.tally();
    Ok(Some(State {
        study: board.plan.study.clone(),
        question: board.plan.question.clone(),
        complete: board.complete(),
        running,
        cells: board.plan.cells.len(),
        trials: tally.planned,
        completed: tally.completed,
        diverged: tally.diverged,
        failed: tally.failed,
        damaged_lines,
    }))
}
