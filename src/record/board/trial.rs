//! What is known of one trial: a fold of its own events.

use crate::plan::TrialId;
use crate::plan::config::Config;
use crate::plan::metric::Metric;
use crate::record::event::{Confusion, Counts, Curve, Event, Layers, Outcome, Slice, Trajectory};

/// What is known of one trial.
#[derive(Clone, Debug, PartialEq)]
pub struct TrialState {
    /// How far the trial is.
    pub status: Status,
    /// Its evaluations so far.
    pub curve: Curve,
    /// The loss around the trained network; empty unless a probe asks for it.
    pub slices: Vec<Slice>,
    /// How the trained network classifies the test samples; empty unless a probe asks for it, else one.
    pub confusions: Vec<Confusion>,
    /// What was measured of the layers, one entry per evaluation; empty unless a probe asks for it.
    pub layers: Vec<Layers>,
    /// The optimizer's path on a surface; empty for other problems.
    pub trajectory: Trajectory,
    /// Seconds of training; 0 until it ends.
    pub seconds: f64,
}

/// How far a trial is.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// Not begun yet.
    Waiting,
    /// Begun, and not ended yet.
    Running,
    /// Ended, with or without a result.
    Finished(Outcome),
    /// Its program ended before the trial did and recorded no outcome, or the journal lacks some of the trial's events.
    CutOff,
}

impl TrialState {
    /// A trial of which nothing was measured yet.
    pub(super) fn new(status: Status) -> TrialState {
        TrialState {
            status,
            curve: Curve::default(),
            slices: Vec::new(),
            confusions: Vec::new(),
            layers: Vec::new(),
            trajectory: Trajectory::default(),
            seconds: 0.0,
        }
    }

    /// Folds one event of the trial into the state. Once it has ended, only another start counts, and with a result, nothing: a
    /// first result is never replaced.
    pub(super) fn apply(&mut self, event: &Event) {
        let has_ended = matches!(self.status, Status::Finished(_));
        if self.status.has_result() || has_ended && !matches!(event, Event::TrialStarted { .. }) {
            return;
        }
        if self.status == Status::Waiting {
            self.status = Status::Running;
        }
        match event {
            Event::TrialStarted { .. } => *self = TrialState::new(Status::Running),
            Event::Evaluated { curve, .. } => self.curve.extend(curve),
            Event::Sliced { slice, .. } => self.slices.push(slice.clone()),
            Event::Classified { confusion, .. } => self.confusions.push(confusion.clone()),
            Event::LayersProbed { layers, .. } => self.layers.push(layers.clone()),
            Event::Moved { trajectory, .. } => self.trajectory.extend(trajectory),
            Event::TrialFinished { outcome, seconds, counts, .. } => {
                // Without counts, all is there unless the journal was damaged since the start.
                let all = counts.map_or(self.status == Status::Running, |counts| counts == self.counts());
                (self.status, self.seconds) = match all && self.is_in_order() {
                    true => (Status::Finished(outcome.clone()), *seconds),
                    false => (Status::CutOff, 0.0),
                };
                self.curve.shrink();
                self.trajectory.shrink();
            }
            Event::StudyStarted(_) | Event::StudyFinished => {}
        }
    }

    /// Whether evaluations, layers and places came in the order of their steps.
    pub(super) fn is_in_order(&self) -> bool {
        let layers = self.layers.iter().map(|layers| layers.step);
        self.curve.step.is_sorted_by(|a, b| a < b)
            && self.trajectory.step.is_sorted_by(|a, b| a < b)
            && layers.is_sorted_by(|a, b| a < b)
    }

    /// Marks it as cut off if it is running.
    pub(super) fn cut_off(&mut self) {
        if self.status == Status::Running {
            self.status = Status::CutOff;
        }
    }

    /// Whether it completed and ended with a higher training loss than it began with.
    pub fn ended_higher(&self, config: &Config) -> bool {
        let loss = |index: usize| self.curve.value(index, Metric::TRAIN_LOSS, config);
        let last = self.curve.len().saturating_sub(1);
        self.status.has_completed() && loss(0).zip(loss(last)).is_some_and(|(first, last)| last > first)
    }

    /// How much was recorded of it.
    pub fn counts(&self) -> Counts {
        Counts {
            evaluations: self.curve.len(),
            layers: self.layers.len(),
            slices: self.slices.len(),
            confusions: self.confusions.len(),
            places: self.trajectory.len(),
        }
    }

    /// Events that lead from a waiting trial to this state. One that was cut off also needs the end of the run.
    pub(super) fn events(&self, trial: TrialId) -> impl Iterator<Item = Event> {
        let started = (self.status != Status::Waiting).then_some(Event::TrialStarted { trial });
        let curve = (!self.curve.is_empty()).then(|| Event::Evaluated { trial, curve: self.curve.clone() });
        let layers = self.layers.iter().map(move |layers| Event::LayersProbed { trial, layers: layers.clone() });
        let slices = self.slices.iter().map(move |slice| Event::Sliced { trial, slice: slice.clone() });
        let classified = self.confusions.iter();
        let classified = classified.map(move |confusion| Event::Classified { trial, confusion: confusion.clone() });
        let moved = (!self.trajectory.is_empty()).then(|| Event::Moved { trial, trajectory: self.trajectory.clone() });
        let finished = match &self.status {
            Status::Finished(outcome) => Some(Event::TrialFinished {
                trial,
                outcome: outcome.clone(),
                seconds: self.seconds,
                counts: Some(self.counts()),
            }),
            _ => None,
        };
        started.into_iter().chain(curve).chain(layers).chain(slices).chain(classified).chain(moved).chain(finished)
    }
}

impl Status {
    /// Whether it has begun and not ended.
    pub fn is_running(&self) -> bool {
        *self == Status::Running
    }

    /// Completed and diverged trials have a result; all others are trained when the study is run again.
    pub fn has_result(&self) -> bool {
        matches!(self, Status::Finished(outcome) if outcome.is_result())
    }

    /// Whether it went through all its steps, or stopped early as it was to.
    pub fn has_completed(&self) -> bool {
        matches!(self, Status::Finished(Outcome::Completed { .. }))
    }

    /// Whether its loss stopped being finite.
    pub fn has_diverged(&self) -> bool {
        self.diverged_at().is_some()
    }

    /// Updates before the first loss that was not finite; `None` if there was none.
    pub fn diverged_at(&self) -> Option<u32> {
        match self {
            Status::Finished(Outcome::Diverged { step }) => Some(*step),
            _ => None,
        }
    }
}
