//! A trial with everything that is needed to train it.

use crate::data::Dataset;
use crate::learn::train::{self, Control};
use crate::plan::config::{Config, DataSource};
use crate::plan::{Plan, TrialId};
use crate::record::event::{Observation, Outcome};
use crate::surface::descent;
use std::collections::BTreeMap;

/// A trial that can be trained on its own.
#[derive(Clone, Debug)]
pub struct Job {
    /// The trial that the result belongs to.
    pub trial: TrialId,
    /// The seed of its random numbers.
    pub seed: u64,
    /// The place of the seed in the plan: trials of a block are trained before those of the next.
    pub block: usize,
    /// The configuration of its cell.
    pub config: Config,
}

impl Job {
    /// The jobs for the trials of a plan with these indices. Panics if an index is out of range.
    pub fn of_plan(plan: &Plan, trials: &[usize]) -> Vec<Job> {
        let block = |seed: u64| plan.seeds.iter().position(|&other| other == seed).unwrap_or(plan.seeds.len());
        let job = |&index: &usize| {
            let trial = &plan.trials[index];
            Job { trial: trial.id, seed: trial.seed, block: block(trial.seed), config: trial.config(&plan.cells) }
        };
        trials.iter().map(job).collect()
    }

    /// Trains the trial from start to end, on its kind of problem. Observations go to `emit` as they are made.
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
