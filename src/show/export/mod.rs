//! Exporters: tables as Markdown, CSV, JSON and LaTeX, pictures as SVG. Each is a function that returns text and escapes for
//! its own format.

mod csv;
mod diff;
mod greek;
mod json;
mod latex;
mod markdown;
mod overview;
mod picture;
mod svg;
mod trajectories;

pub use json::json_text;
pub use picture::{Draw, Moment, all_pictures, file_name, picture};
pub use svg::{bare as bare_svg, render as svg};

use crate::error::{Error, Result};
use crate::judge::diff::Diff;
use crate::judge::report::Table;
use crate::plan::Problem;
use crate::plan::metric::Metric;
use crate::printable;
use crate::record::board::Board;
use crate::record::whole;
use crate::show::words::sections;
use clap::ValueEnum;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

/// The format of a file that holds results; the docs of its variants are the help of `--format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Markdown: the table with all that is needed to read it
    Md,
    /// CSV: a line for each cell; of a study on surfaces, one for each step of each path. In full precision
    Csv,
    /// JSON: cells and every trial with its curve and, on a surface, its path step by step
    Json,
    /// LaTeX: a table for the packages booktabs and graphicx, no wider than the page
    Tex,
    /// SVG: a picture, fit for a paper
    Svg,
}

impl Format {
    /// The format that a file's ending stands for, in capital or small letters.
    ///
    /// Errors: the path has no ending, or one that no format has.
    pub fn from_path(path: &Path) -> Result<Format> {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
        Format::from_str(ending, true).map_err(|_| {
            let path = printable::path(path);
            Error::Usage(format!(
                "{path}: which format? End the name in .md, .csv, .json, .tex or .svg, or give --format"
            ))
        })
    }
}

/// What a line of CSV is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Rows {
    /// A cell
    #[default]
    Cells,
    /// A class of a cell, and what is taken for it: for studies with the probe "confusion"
    Classes,
}

/// The results of a study, finished or not, as the text of a file. SVG shows the main picture at its last frame.
///
/// Errors: nothing has been measured yet, so that there is no picture; or a value cannot be written in the format.
pub fn render(format: Format, board: &Board) -> Result<String> {
    let table = Table::new(board);
    match format {
        Format::Md => Ok(markdown::render(&table, &sections::all(board, &table))),
        Format::Csv if table.problem == Problem::Surface => trajectories::render(board),
        Format::Csv => csv::render(&table),
        Format::Json => json::render(&table, board),
        Format::Tex => {
            let essential = table.essential_metrics();
            Ok(latex(board, table, essential))
        }
        Format::Svg => picture(board, None, Moment::Last, svg),
    }
}

/// The classes of a study as CSV: which are taken for which, cell by cell.
///
/// Errors: no trial has measured them, or they cannot be written.
pub fn classes_as_csv(board: &Board) -> Result<String> {
    csv::classes(&Table::new(board), board)
}

/// A LaTeX table with a column for each of these metrics, by name. If `all` is among the names, every metric that was
/// measured has a column.
///
/// Errors: a name that is no metric of these results.
pub fn tex(board: &Board, metrics: &[String]) -> Result<String> {
    let table = Table::new(board);
    let measured = table.measured_metrics();
    if metrics.iter().any(|name| name == "all") {
        return Ok(latex(board, table, measured));
    }
    let by_name = |name: &String| {
        measured.iter().copied().find(|metric| metric.name() == name).ok_or_else(|| {
            let names: Vec<&str> = measured.iter().map(|metric| metric.name()).collect();
            let no_metric = format!("{} has no metric {name}", table.study);
            let no_metric = printable::line(&no_metric);
            Error::Usage(format!("{no_metric}\n  there are: {}; or give all", names.join(", ")))
        })
    };
    let chosen = metrics.iter().map(by_name).collect::<Result<Vec<_>>>()?;
    Ok(latex(board, table, chosen))
}

fn latex(board: &Board, table: Table, chosen: Vec<Metric>) -> String {
    let table = Table { chosen: Some(chosen), ..table };
    latex::render(&table, &sections::all(board, &table))
}

/// The claims of all these studies with their verdicts, as one Markdown table and a paragraph on all of them.
pub fn claims(tables: &[Table]) -> String {
    overview::render(tables)
}

/// The same for scripts, as JSON. Errors: a number cannot be written.
pub fn claims_as_json(tables: &[Table]) -> Result<String> {
    json::claims(tables)
}

/// Two results, cell by cell, as Markdown.
pub fn diff(diff: &Diff) -> String {
    diff::render(diff)
}

/// The same for scripts, as JSON. Errors: a number cannot be written.
pub fn diff_as_json(diff: &Diff) -> Result<String> {
    json::diff(diff)
}

/// Writes a file under a temporary name and renames it, so that nobody ever reads half of it. A file that may not be written to is
/// not replaced.
///
/// Errors: the folder does not exist, or the system refuses to write; [`Error::NotStored`] if that is for want of room.
pub fn write(path: &Path, contents: &[u8]) -> Result<()> {
    let failed = |problem: io::Error| match problem.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            Error::NotStored(format!("{}: cannot write: {problem}", printable::path(path)))
        }
        _ => Error::io("write", path)(problem),
    };
    // A link is followed to the file it points at. Pipes and devices cannot be replaced, so they are written to.
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    match fs::metadata(&place) {
        Ok(existing) if !existing.is_file() => return fs::write(&place, contents).map_err(failed),
        Ok(_) => drop(File::options().append(true).open(&place).map_err(failed)?),
        Err(_) => {}
    }
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if matches!(folder.try_exists(), Ok(false)) {
        let (path, folder) = (printable::path(path), printable::path(folder));
        return Err(Error::Usage(format!(
            "{path}: cannot write: there is no folder {folder}\n  to mend it: create it first"
        )));
    }
    whole::write(&place, contents).map_err(failed)
}

#[cfg(test)]
mod tests;
