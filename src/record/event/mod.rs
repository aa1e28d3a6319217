//! All that crosses a thread or reaches the disk: the one type of channel, journal and screen.

mod counts;
mod curve;
mod layers;
mod slice;
mod trajectory;

pub use counts::Counts;
pub use curve::{Curve, Measured, Measurement, Measurements, Point};
pub use layers::{BINS, Layers};
pub use slice::{Between, Line, Path, Plane, Slice, Spanned};
pub use trajectory::{Place, Trajectory};

use crate::plan::{Plan, TrialId};
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Serialize, de};
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
        /// Of training.
        seconds: f64,
        /// `None` from a journal of format 1, which does not say it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counts: Option<Counts>,
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

    /// What each kind is called in a journal.
    pub fn names() -> &'static [&'static str] {
        match Event::deserialize(StrDeserializer::new("")) {
            Err(Names(names)) => names,
            Ok(_) => &[],
        }
    }

    /// As it was read, if its parts fit together, which no type can say. The message is for the reader of a journal.
    pub fn checked(mut self) -> Result<Event, String> {
        let parts = match &mut self {
            Event::StudyStarted(plan) => {
                plan.look_up_metrics();
                plan.check()?;
                Ok(())
            }
            Event::Evaluated { curve, .. } => curve.check(),
            Event::LayersProbed { layers, .. } => layers.check(),
            Event::Sliced { slice, .. } => slice.check(),
            Event::Moved { trajectory, .. } => trajectory.check(),
            _ => Ok(()),
        };
        parts.map(|()| self).map_err(str::to_owned)
    }
}

/// The names that serde knows of an enum: it tells them to those who ask for another.
#[derive(Debug)]
struct Names(&'static [&'static str]);

impl de::Error for Names {
    fn custom<T: fmt::Display>(_: T) -> Names {
        Names(&[])
    }

    fn unknown_variant(_: &str, names: &'static [&'static str]) -> Names {
        Names(names)
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

impl std::error::Error for Names {}

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
        assert!(event.checked().is_err());
        let whole: Event = serde_json::from_str(&line.replace("[2.3],", "[2.3,2.2],")).unwrap();
        assert!(whole.checked().is_ok());
        let line = r#"{"moved":{"trial":"0000000000000001","trajectory":{"step":[0],"x":[1.0],"y":[],"f":[1.0],"velocity_x":[0.0],"velocity_y":[0.0]}}}"#;
        assert!(serde_json::from_str::<Event>(line).unwrap().checked().is_err());
        assert!(serde_json::from_str::<Event>(&line.replace("[],", "[2.0],")).unwrap().checked().is_ok());
    }
}
