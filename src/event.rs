//! All that crosses a thread or reaches the disk: the one type of channel, journal and screen.

mod curve;
mod layers;
mod slice;
mod trajectory;

pub use curve::{Curve, Measured, Point};
pub use layers::{BINS, Layers};
pub use slice::{Between, Line, Path, Plane, Slice, Spanned};
pub use trajectory::{Place, Trajectory};

use crate::study::{Cell, Claim, Design};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt;

/// A line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A run begins (again): what it is about to train. The newest plan of a journal is the one that counts.
    StudyStarted(Plan),
    TrialStarted {
        trial: TrialId,
    },
    /// Evaluations of a running trial, in order of their steps; a line may carry several.
    Evaluated {
        trial: TrialId,
        curve: Curve,
    },
    /// What was seen of the layers at an evaluation, where that was asked for.
    LayersProbed {
        trial: TrialId,
        layers: Layers,
    },
    /// The loss around a network that has been trained.
    Sliced {
        trial: TrialId,
        slice: Slice,
    },
    /// The way of a running trial on a surface, in order of its steps; a line carries many of them.
    Moved {
        trial: TrialId,
        trajectory: Trajectory,
    },
    TrialFinished {
        trial: TrialId,
        outcome: Outcome,
        seconds: f64,
    },
    /// The run ended by itself, or was stopped by its user.
    StudyFinished,
}

/// What is seen of a trial while it trains.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    Evaluated(Point),
    LayersProbed(Layers),
    Sliced(Slice),
    /// The places since the last time.
    Moved(Trajectory),
}

impl Observation {
    /// The evaluation, if it is one.
    pub fn point(self) -> Option<Point> {
        match self {
            Observation::Evaluated(point) => Some(point),
            Observation::LayersProbed(_) => None,
            Observation::Sliced(_) => None,
            Observation::Moved(_) => None,
        }
    }
}

impl Event {
    /// What was seen of this trial.
    pub fn seen(trial: TrialId, observation: Observation) -> Event {
        match observation {
            Observation::Evaluated(point) => {
                let mut curve = Curve::default();
                curve.push(point);
                Event::Evaluated { trial, curve }
            }
            Observation::LayersProbed(layers) => Event::LayersProbed { trial, layers },
            Observation::Sliced(slice) => Event::Sliced { trial, slice },
            Observation::Moved(trajectory) => Event::Moved { trial, trajectory },
        }
    }

    /// Whether its parts fit together, which no type can say. The message is for the reader of a journal.
    pub fn check(&self) -> Result<(), &'static str> {
        match self {
            Event::StudyStarted(plan) => plan.check(),
            Event::Evaluated { curve, .. } => curve.check(),
            Event::LayersProbed { layers, .. } => layers.check(),
            Event::Sliced { slice, .. } => slice.check(),
            Event::Moved { trajectory, .. } => trajectory.check(),
            _ => Ok(()),
        }
    }
}

impl Plan {
    fn check(&self) -> Result<(), &'static str> {
        let cells = self.cells.len();
        if self.trials.iter().any(|trial| trial.cell >= cells) || self.baseline.is_some_and(|cell| cell >= cells) {
            return Err("it names a cell that the plan does not have");
        }
        if self.claims.iter().flat_map(Claim::cells).any(|cell| cell >= cells) {
            return Err("a claim names a cell that the plan does not have");
        }
        match self.trials.iter().map(|trial| trial.id).collect::<HashSet<_>>().len() == self.trials.len() {
            true => Ok(()),
            false => Err("two of its trials have the same id"),
        }
    }
}

/// Everything a run sets out to do. The journal needs no other file to be understood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub study: String,
    pub question: Option<String>,
    /// Keys of the grid, in the order of the columns.
    pub axes: Vec<String>,
    #[serde(default, skip_serializing_if = "Design::is_factorial")]
    pub design: Design,
    /// Index into `cells`.
    pub baseline: Option<usize>,
    pub cells: Vec<Cell>,
    /// What is tested once all trials have ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    pub seeds: Vec<u64>,
    /// Every cell with every seed: cells in order, seeds within a cell.
    pub trials: Vec<Trial>,
    pub provenance: Provenance,
}

/// A cell with a seed. Its configuration is that of the cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    pub id: TrialId,
    /// Index into the plan's cells.
    pub cell: usize,
    pub seed: u64,
}

/// Where results come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// Version of the program.
    pub ablate: String,
    pub study_sha256: String,
    pub data_sha256: String,
    /// The command as it was typed.
    pub command: String,
}

/// Names a trial by what decides its result: configuration and seed. The same in every run of every study.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TrialId(pub u64);

impl fmt::Display for TrialId {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for TrialId {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl From<TrialId> for String {
    fn from(id: TrialId) -> String {
        id.to_string()
    }
}

impl TryFrom<String> for TrialId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        u64::from_str_radix(&text, 16).map(TrialId).map_err(|_| format!("{text:?} is not a trial's id"))
    }
}

/// How a trial ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Went through all its steps. The digest is the start of the SHA-256 of all parameters' bytes.
    Completed { weights_digest: String },
    /// A loss stopped being finite after `step` updates. A result, and it stays in the table.
    Diverged { step: u32 },
    /// A bug: the trial panicked.
    Failed { message: String },
    /// Stopped by its user before its end.
    Cancelled,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_different_lengths_are_no_curve() {
        let line = r#"{"evaluated":{"trial":"0000000000000001","curve":{"step":[0,3],"train_loss":[2.3],"train_correct":[1,2],"test_loss":[2.3,2.2],"test_correct":[1,1],"weight_norm":[1.0,1.0]}}}"#;
        let event: Event = serde_json::from_str(line).unwrap();
        assert!(event.check().is_err());
        let whole: Event = serde_json::from_str(&line.replace("[2.3],", "[2.3,2.2],")).unwrap();
        assert!(whole.check().is_ok());
        let line = r#"{"moved":{"trial":"0000000000000001","trajectory":{"step":[0],"x":[1.0],"y":[],"f":[1.0],"velocity_x":[0.0],"velocity_y":[0.0]}}}"#;
        assert!(serde_json::from_str::<Event>(line).unwrap().check().is_err());
        assert!(serde_json::from_str::<Event>(&line.replace("[],", "[2.0],")).unwrap().check().is_ok());
    }

    #[test]
    fn a_plan_from_before_there_were_designs_is_factorial() {
        let plan = crate::board::samples::overfit_plan();
        let text = serde_json::to_string(&plan).unwrap();
        assert!(!text.contains("design"));
        assert_eq!(serde_json::from_str::<Plan>(&text.replace("\"validation_samples\":0,", "")).unwrap(), plan);
    }
}
