//! Events: the one type that trials send between threads, that the journal stores, and from which the board is built.

mod confusion;
mod counts;
mod curve;
mod layers;
mod slice;
mod trajectory;

pub use confusion::Confusion;
pub use counts::Counts;
pub use curve::{Curve, Measured, Measurement, Measurements, Point};
pub use layers::{BINS, Layers};
pub use slice::{Between, Line, Path, Plane, Slice, Spanned};
pub use trajectory::{Place, Trajectory};

use crate::plan::{Plan, TrialId};
use crate::printable;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Serialize, de};
use std::fmt;

/// A line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A run begins, for the first time or again, with the plan of what it is about to train. The newest plan of a journal is
    /// the one that counts.
    StudyStarted(Plan),
    /// Training of a trial begins, or begins again: earlier events of the trial without a result are void.
    TrialStarted {
        /// One of the plan's.
        trial: TrialId,
    },
    /// Evaluations of a running trial, in the order of their steps.
    Evaluated {
        /// One of the plan's.
        trial: TrialId,
        /// One or more evaluations, which follow those of earlier events.
        curve: Curve,
    },
    /// What a probe measured of the layers at one evaluation.
    LayersProbed {
        /// One of the plan's.
        trial: TrialId,
        /// Statistics of the activations, norms of the weights, or both.
        layers: Layers,
    },
    /// What a probe measured of the loss around the trained network.
    Sliced {
        /// One of the plan's.
        trial: TrialId,
        /// The losses on a line or a plane in weight space.
        slice: Slice,
    },
    /// What a probe found of the classes after the last step.
    Classified {
        /// One of the plan's.
        trial: TrialId,
        /// True and predicted classes of the test samples.
        confusion: Confusion,
    },
    /// A part of the path of a running trial on a surface, in the order of its steps.
    Moved {
        /// One of the plan's.
        trial: TrialId,
        /// Usually many places, which follow those of earlier events.
        trajectory: Trajectory,
    },
    /// Training of a trial ended.
    TrialFinished {
        /// One of the plan's.
        trial: TrialId,
        /// How it ended.
        outcome: Outcome,
        /// Seconds of training, 0 or more.
        seconds: f64,
        /// How much was recorded of the trial; `None` from a journal of format 1, which does not have it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counts: Option<Counts>,
    },
    /// The run ended by itself, or was stopped by its user.
    StudyFinished,
}

/// What a trial reports while it trains.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// One evaluation of the whole trial.
    Evaluated(Point),
    /// What a probe measured of the layers at one evaluation.
    LayersProbed(Layers),
    /// What a probe measured of the loss around the trained network.
    Sliced(Slice),
    /// What a probe found of the classes after the last step.
    Classified(Confusion),
    /// The places on a surface since the last report.
    Moved(Trajectory),
}

impl Observation {
    /// The evaluation; `None` for other observations.
    pub fn point(self) -> Option<Point> {
        match self {
            Observation::Evaluated(point) => Some(point),
            Observation::LayersProbed(_) => None,
            Observation::Sliced(_) => None,
            Observation::Classified(_) => None,
            Observation::Moved(_) => None,
        }
    }
}

impl Event {
    /// The event that records an observation of a trial.
    pub fn seen(trial: TrialId, observation: Observation) -> Event {
        match observation {
            Observation::Evaluated(point) => {
                let mut curve = Curve::default();
                curve.push(point);
                Event::Evaluated { trial, curve }
            }
            Observation::LayersProbed(layers) => Event::LayersProbed { trial, layers },
            Observation::Sliced(slice) => Event::Sliced { trial, slice },
            Observation::Classified(confusion) => Event::Classified { trial, confusion },
            Observation::Moved(trajectory) => Event::Moved { trial, trajectory },
        }
    }

    /// The trial that it is about; `None` if it is about the whole run.
    pub fn trial(&self) -> Option<TrialId> {
        match *self {
            Event::TrialStarted { trial }
            | Event::Evaluated { trial, .. }
            | Event::LayersProbed { trial, .. }
            | Event::Sliced { trial, .. }
            | Event::Classified { trial, .. }
            | Event::Moved { trial, .. }
            | Event::TrialFinished { trial, .. } => Some(trial),
            Event::StudyStarted(_) | Event::StudyFinished => None,
        }
    }

    /// The names of all kinds of events in a journal: `trial_started`, …
    pub fn names() -> &'static [&'static str] {
        match Event::deserialize(StrDeserializer::new("")) {
            Err(Names(names)) => names,
            Ok(_) => &[],
        }
    }

    /// Checks what the types cannot express, such as columns of equal length, and looks up the metrics of a plan's claims.
    /// Returns the event, or a message for the person who reads the journal.
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
            Event::Classified { confusion, .. } => confusion.check(),
            Event::Moved { trajectory, .. } => trajectory.check(),
            _ => Ok(()),
        };
        parts.map(|()| self).map_err(str::to_owned)
    }
}

/// The names of an enum's variants, which serde passes to the error for an unknown variant.
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
    /// It went through all its steps, or stopped early as its configuration asks for.
    Completed {
        /// The first 16 bytes of the SHA-256 of all parameters' bytes, as 32 hexadecimal digits.
        weights_digest: String,
    },
    /// A loss stopped being finite. That is a result, which the table shows.
    Diverged {
        /// Updates before the loss that is not finite.
        step: u32,
    },
    /// The trial panicked, which is a bug.
    Failed {
        /// The panic's message.
        message: String,
    },
    /// The user stopped it before its end.
    Cancelled,
}

impl Outcome {
    /// Whether it is a result: completed or diverged. All others are trained again.
    pub fn is_result(&self) -> bool {
        matches!(self, Outcome::Completed { .. } | Outcome::Diverged { .. })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Outcome::Completed { weights_digest } => write!(f, "weights {}", printable::line(weights_digest)),
            Outcome::Diverged { step } => write!(f, "diverged after {step} steps"),
            Outcome::Failed { message } => write!(f, "failed ({})", printable::line(message)),
            Outcome::Cancelled => f.write_str("cancelled"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_different_lengths_are_refused() {
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
