//! Trials that no plan asks for.

use super::{Status, TrialState};
use crate::plan::{Problem, TrialId};
use crate::record::event::Event;
use std::collections::HashMap;

/// What is known of trials that no plan asks for: of an earlier plan, or of one that was lost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unplanned(pub(super) HashMap<TrialId, TrialState>);

impl Unplanned {
    /// Folds one event into the state. Events of trials that already have a result are ignored.
    pub fn apply(&mut self, event: &Event) {
        match event.trial() {
            Some(trial) => self.0.entry(trial).or_insert_with(|| TrialState::new(Status::Waiting)).apply(event),
            None => self.0.values_mut().for_each(TrialState::cut_off),
        }
    }

    /// Number of trials that have a result.
    pub fn results(&self) -> usize {
        self.0.values().filter(|state| state.status.has_result()).count()
    }

    /// Takes out what is known of a trial, if that is a result.
    pub(super) fn take(&mut self, id: TrialId, problem: &Problem) -> Option<TrialState> {
        let mut state = self.0.remove(&id).filter(|state| state.status.has_result())?;
        state.curve.keep(|metric| problem.has(metric));
        Some(state)
    }
}
