//! A line of a journal that is not as it was written, and what it recorded as far as it still says.

use crate::plan::TrialId;
use crate::printable;
use std::fmt;
use std::path::PathBuf;

/// A line that cannot be read as it was written. `Display` names file, line, what is wrong and what the line recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
    /// What it recorded.
    pub recorded: Recorded,
}

/// What a damaged line recorded. It is what the line itself says, and so a guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// The version of the file's format.
    Header,
    /// The plan of a run.
    Plan,
    /// The end of a run.
    End,
    /// That the training of a trial began.
    Start(TrialId),
    /// A part of what was measured of a trial.
    Measured(TrialId),
    /// How a trial ended.
    Outcome(TrialId),
    /// Nothing that can be made out.
    Unknown,
}

impl Recorded {
    /// What a line that is not a file's first recorded.
    pub(super) fn by(line: &[u8]) -> Recorded {
        let text = String::from_utf8_lossy(&line[..line.len().min(80)]);
        let mut words = text.split('"').skip(1);
        let kind = words.next().unwrap_or_default();
        let id = words.skip_while(|&word| word != "trial").nth(2);
        let trial = id.filter(|id| id.len() == 16).and_then(|id| TrialId::try_from(id.to_owned()).ok());
        match (kind, trial) {
            ("journal", _) => Recorded::Header,
            ("study_started", _) => Recorded::Plan,
            ("study_finished", _) => Recorded::End,
            ("trial_started", Some(trial)) => Recorded::Start(trial),
            ("trial_finished", Some(trial)) => Recorded::Outcome(trial),
            ("evaluated" | "layers_probed" | "sliced" | "classified" | "moved", Some(trial)) => {
                Recorded::Measured(trial)
            }
            _ => Recorded::Unknown,
        }
    }

    /// The trial that it was about.
    pub fn trial(self) -> Option<TrialId> {
        match self {
            Recorded::Start(trial) | Recorded::Measured(trial) | Recorded::Outcome(trial) => Some(trial),
            Recorded::Header | Recorded::Plan | Recorded::End | Recorded::Unknown => None,
        }
    }
}

impl fmt::Display for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Recorded::Header => f.write_str("it told the format of the file"),
            Recorded::Plan => f.write_str("it held the plan of a run"),
            Recorded::End => f.write_str("it told that a run ended"),
            Recorded::Start(trial) => write!(f, "it told that trial {trial} began"),
            Recorded::Measured(trial) => write!(f, "it held a part of what was measured of trial {trial}"),
            Recorded::Outcome(trial) => write!(f, "it told how trial {trial} ended"),
            Recorded::Unknown => f.write_str("what it recorded cannot be made out"),
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Damage { path, line, problem, recorded } = self;
        let damage = format!("{}:{line} is damaged: {problem}; {recorded}", printable::path(path));
        f.write_str(&printable::message(&printable::line(&damage)))
    }
}
