//! A trial with all that is needed to train it.

use crate::learn::data::Dataset;
use crate::learn::train::{self, Control};
use crate::plan::config::{Config, DataSource};
use crate::plan::{Plan, TrialId};
use crate::record::event::{Observation, Outcome};
use crate::surface::descent;
use std::collections::BTreeMap;

/// A trial that can be trained on its own.
#[derive(Clone, Debug)]
pub struct Job {
    /// Whose result it will be.
    pub trial: TrialId,
    /// What its random numbers come from.
    pub seed: u64,
    /// How it is trained.
    pub config: Config,
}

impl Job {
    /// The trials of a plan with these indices.
    pub fn of_plan(plan: &Plan, trials: &[usize]) -> Vec<Job> {
        let job = |&index: &usize| {
            let trial = &plan.trials[index];
            Job { trial: trial.id, seed: trial.seed, config: trial.config(&plan.cells) }
        };
        trials.iter().map(job).collect()
    }

    /// Trains it from start to finish, as its kind of problem does.
    pub(super) fn train(
        &self,
        sets: &BTreeMap<DataSource, Dataset>,
        control: &Control,
        emit: &mut dyn FnMut(Observation),
    ) -> Outcome {
        match self.config.data {
            DataSource::Set(_) => train::train(&self.config, self.seed, &sets[&self.config.data], control, emit),
            DataSource::Surface => descent::descend(&self.config, self.seed, &control.cancel, emit),
            DataSource::Program => {
                Outcome::Failed { message: "trials of another program are trained by that program alone".into() }
            }
        }
    }
}
