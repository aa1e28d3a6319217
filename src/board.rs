//! The state of a study at a moment: a fold of its events, the same live as in a replay.

use crate::event::{Curve, Event, Outcome, Plan, TrialId};
use crate::study::Cell;
use std::collections::HashMap;

/// All a screen, a table or an export can show of a study.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    pub plan: Plan,
    /// In the order of `plan.trials`.
    pub trials: Vec<TrialState>,
    index: HashMap<TrialId, usize>,
    /// Results that the plan does not ask for (any more): a later plan may.
    unplanned: HashMap<TrialId, TrialState>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TrialState {
    pub status: Status,
    pub curve: Curve,
    /// Seconds of training; 0 until it ends.
    pub seconds: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    Waiting,
    Running,
    Finished(Outcome),
    /// It was running when its program ended without a word.
    CutOff,
}

impl Board {
    pub fn new(plan: Plan) -> Board {
        let index = plan.trials.iter().enumerate().map(|(place, trial)| (trial.id, place)).collect();
        let trials = plan
            .trials
            .iter()
            .map(|_| TrialState { status: Status::Waiting, curve: Curve::default(), seconds: 0.0 })
            .collect();
        Board { plan, trials, index, unplanned: HashMap::new() }
    }

    /// Folds one event into the state. Events of trials that the plan does not hold are passed over.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::StudyStarted(plan) => self.replan(plan.clone()),
            Event::TrialStarted { trial } => {
                if let Some(state) = self.open_trial(trial) {
                    *state = TrialState { status: Status::Running, curve: Curve::default(), seconds: 0.0 };
                }
            }
            Event::Evaluated { trial, curve } => {
                if let Some(state) = self.open_trial(trial) {
                    state.curve.extend(curve);
                }
            }
            Event::TrialFinished { trial, outcome, seconds } => {
                if let Some(state) = self.open_trial(trial) {
                    state.status = Status::Finished(outcome.clone());
                    state.seconds = *seconds;
                }
            }
            Event::StudyFinished => self.cut_off_running(),
        }
    }

    /// What still runs when nobody is left to run it was cut off.
    pub fn cut_off_running(&mut self) {
        for state in &mut self.trials {
            if state.status == Status::Running {
                state.status = Status::CutOff;
            }
        }
    }

    /// Index of a planned trial.
    pub fn find(&self, id: &TrialId) -> Option<usize> {
        self.index.get(id).copied()
    }

    pub fn cell(&self, trial: usize) -> &Cell {
        &self.plan.cells[self.plan.trials[trial].cell]
    }

    /// Whether every trial has a result: completed or diverged.
    pub fn complete(&self) -> bool {
        self.trials.iter().all(|state| state.status.has_result())
    }

    /// Trials that have to be trained (again) for the study to be complete, by index.
    pub fn missing(&self) -> Vec<usize> {
        (0..self.trials.len()).filter(|&trial| !self.trials[trial].status.has_result()).collect()
    }

    /// Takes over a new plan; whatever has a result and is planned, now or later, keeps it.
    fn replan(&mut self, plan: Plan) {
        let old = std::mem::replace(self, Board::new(plan));
        let planned = old.plan.trials.iter().map(|trial| trial.id).zip(old.trials);
        self.unplanned = old.unplanned;
        self.unplanned.extend(planned.filter(|(_, state)| state.status.has_result()));
        for (id, &place) in &self.index {
            if let Some(result) = self.unplanned.remove(id) {
                self.trials[place] = result;
            }
        }
    }

    /// The state of a planned trial that has no result yet: a first result is never replaced.
    fn open_trial(&mut self, id: &TrialId) -> Option<&mut TrialState> {
        let place = self.find(id)?;
        Some(&mut self.trials[place]).filter(|state| !state.status.has_result())
    }
}

impl Status {
    /// Completed and diverged trials have a result; all others are trained when the study is run again.
    pub fn has_result(&self) -> bool {
        matches!(self, Status::Finished(Outcome::Completed { .. } | Outcome::Diverged { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::event::{Provenance, Trial};
    use crate::study::Params;

    fn plan(seeds: &[u64]) -> Plan {
        let trial = |&seed: &u64| Trial { id: TrialId(seed), cell: 0, seed };
        Plan {
            study: "test".into(),
            question: None,
            axes: Vec::new(),
            baseline: None,
            cells: vec![Cell { arm: None, params: Params::new(), config: Config::default() }],
            seeds: seeds.to_vec(),
            trials: seeds.iter().map(trial).collect(),
            provenance: Provenance {
                ablate: String::new(),
                study_sha256: String::new(),
                data_sha256: String::new(),
                command: String::new(),
            },
        }
    }

    fn finished(seed: u64, outcome: Outcome) -> Event {
        Event::TrialFinished { trial: TrialId(seed), outcome, seconds: 1.0 }
    }

    #[test]
    fn a_result_outlives_a_plan_that_does_not_ask_for_it() {
        let mut board = Board::new(plan(&[1, 2, 3]));
        let outcomes = [Outcome::Diverged { step: 7 }, Outcome::Cancelled, Outcome::Diverged { step: 9 }];
        for (seed, outcome) in (1..).zip(outcomes) {
            board.apply(&finished(seed, outcome));
        }
        board.apply(&Event::StudyStarted(plan(&[1])));
        assert!(board.complete());
        board.apply(&Event::StudyStarted(plan(&[3, 2, 1])));
        assert_eq!(board.missing(), [1], "the cancelled trial is all that has to be trained");
        assert_eq!(board.trials[0].status, Status::Finished(Outcome::Diverged { step: 9 }));
    }
}
