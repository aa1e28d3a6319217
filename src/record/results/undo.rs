//! Takes back the changes to result folders of a run that recorded nothing.

use super::exchange::exchange;
use crate::printable;
use std::fs;
use std::path::{Path, PathBuf};

/// The files and folders that were moved and created to begin a run, in that order.
#[derive(Default)]
pub struct Undo {
    steps: Vec<Step>,
}

enum Step {
    Moved {
        from: PathBuf,
        to: PathBuf,
    },
    /// Two folders have each other's names.
    Exchanged {
        result: PathBuf,
        aside: PathBuf,
    },
    MadeFolder(PathBuf),
    /// A file with this text.
    Wrote {
        path: PathBuf,
        text: String,
    },
}

impl Undo {
    pub(super) fn moved(&mut self, from: &Path, to: &Path) {
        self.steps.push(Step::Moved { from: from.into(), to: to.into() });
    }

    pub(super) fn exchanged(&mut self, result: &Path, aside: &Path) {
        self.steps.push(Step::Exchanged { result: result.into(), aside: aside.into() });
    }

    pub(super) fn made_folder(&mut self, folder: &Path) {
        self.steps.push(Step::MadeFolder(folder.into()));
    }

    pub(super) fn wrote(&mut self, path: &Path, text: &str) {
        self.steps.push(Step::Wrote { path: path.into(), text: text.into() });
    }

    /// (new path, old path) of the result folder whose place a new one has taken; `None` if none has.
    pub fn old_result(&self) -> Option<(&Path, &Path)> {
        self.steps.iter().find_map(|step| match step {
            Step::Exchanged { result, aside } => Some((aside.as_path(), result.as_path())),
            _ => None,
        })
    }

    /// Takes all steps back, the last one first. Files that another program has put there meanwhile stay; a step that they
    /// prevent is left out. Returns messages for the user.
    pub fn take_back(self) -> Vec<String> {
        self.steps.into_iter().rev().filter_map(Step::take_back).collect()
    }
}

impl Step {
    fn take_back(self) -> Option<String> {
        match self {
            Step::Wrote { path, text } => {
                if fs::read(&path).is_ok_and(|written| written == text.as_bytes()) {
                    let _ = fs::remove_file(&path);
                }
                None
            }
            Step::MadeFolder(folder) => {
                // Fails if it is not empty, and then it has to stay.
                let _ = fs::remove_dir(folder);
                None
            }
            Step::Exchanged { result, aside } => Some(match exchange(&result, &aside) {
                Ok(()) => format!("the old result is back in {}", printable::path(&result)),
                Err(problem) => {
                    format!("what was {} is now {}: {problem}", printable::path(&result), printable::path(&aside))
                }
            }),
            Step::Moved { from, to } => {
                let moved = match fs::symlink_metadata(&from) {
                    Ok(_) => Err("something else is there now".to_owned()),
                    Err(_) => fs::rename(&to, &from).map_err(|problem| problem.to_string()),
                };
                let told =
                    |problem| format!("what was {} is now {}: {problem}", printable::path(&from), printable::path(&to));
                moved.err().map(told)
            }
        }
    }
}
