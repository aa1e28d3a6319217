//! The nouns, pure data: what a study sets out to do. All other rooms speak of them, and they know of none.

mod cell;
mod claim;
pub mod config;
mod design;
mod identity;
pub mod metric;
mod problem;
mod reuse;
mod trial;

pub use cell::{Cell, Params, assignments, param_text};
pub use claim::{At, Claim, Expect, Measure, Side, Versus};
pub use design::Design;
pub use identity::{GENERATION, Identity, changed_keys, fields, trial_id};
pub use problem::Problem;
pub use trial::{Trial, TrialId};

use config::{Config, Contradiction, DataSource};
use metric::Metric;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Everything a run sets out to do. The journal needs no other file to be understood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The study's name, which is also that of its result folder.
    pub study: String,
    /// What it is to answer.
    pub question: Option<String>,
    /// Keys of the grid, in the order of the columns.
    pub axes: Vec<String>,
    /// How the cells follow from the grid.
    #[serde(default, skip_serializing_if = "Design::is_factorial")]
    pub design: Design,
    /// Index into `cells`.
    pub baseline: Option<usize>,
    /// Points of the grid, then the arms.
    pub cells: Vec<Cell>,
    /// What trials of another program measure: only the plan knows it. Empty for all others.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "metric::declarations")]
    pub metrics: Vec<Metric>,
    /// What is tested once all trials have ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    /// Distinct, one at least.
    pub seeds: Vec<u64>,
    /// Every cell with every seed: cells in order, seeds within a cell.
    pub trials: Vec<Trial>,
    /// Where the results come from.
    pub provenance: Provenance,
}

/// Where results come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// Version of the program.
    pub ablate: String,
    /// Of the study's text and of what the command line changed in it, as 64 hexadecimal digits.
    pub study_sha256: String,
    /// Of all samples, see [`config::data::Declaration::sha256`].
    pub data_sha256: String,
    /// The command as it was typed.
    pub command: String,
}

impl Plan {
    /// Its claims, which know their metrics by name alone, take the declarations of its problem.
    pub fn look_up_metrics(&mut self) {
        let problem = self.problem();
        let metrics = self.claims.iter_mut().flat_map(Claim::metrics_mut);
        metrics.for_each(|metric| *metric = problem.declared(*metric));
    }

    /// Whether its parts fit together, which no type can say. Configurations are held to what a study's are.
    pub fn check(&self) -> Result<(), String> {
        let cells = self.cells.len();
        if self.trials.iter().any(|trial| trial.cell >= cells) || self.baseline.is_some_and(|cell| cell >= cells) {
            return Err("it names a cell that the plan does not have".into());
        }
        if self.claims.iter().flat_map(Claim::cells).any(|cell| cell >= cells) {
            return Err("a claim names a cell that the plan does not have".into());
        }
        if self.trials.iter().map(|trial| trial.id).collect::<HashSet<_>>().len() != self.trials.len() {
            return Err("two of its trials have the same id".into());
        }
        self.metrics.iter().try_for_each(|metric| metric.check())?;
        let programs = self.cells.iter().filter(|cell| cell.config.data == DataSource::Program).count();
        if programs > 0 && (programs < cells || self.metrics.is_empty()) {
            return Err("trials of another program stand alone in their plan, which declares what they measure".into());
        }
        if programs == 0 && !self.metrics.is_empty() {
            return Err("it declares metrics, and has no trials of another program that could measure them".into());
        }
        let is_known = |metric: &Metric| self.metrics.contains(metric) || Metric::ALL.contains(metric);
        if let Some(unknown) = self.claims.iter().flat_map(Claim::metrics).find(|metric| !is_known(metric)) {
            return Err(format!("a claim is about the metric {:?}, which nothing declares", unknown.name()));
        }
        let check = |cell: &Cell, config: &Config| {
            let wrong =
                |contradiction: Contradiction| format!("{}, in the cell {}", contradiction.message, cell.title());
            config.check().map_err(wrong)
        };
        self.cells.iter().try_for_each(|cell| check(cell, &cell.config))?;
        let mut probed = self.trials.iter().filter(|trial| !trial.also_probes.is_empty());
        probed.try_for_each(|trial| check(&self.cells[trial.cell], &trial.config(&self.cells)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_from_before_there_were_designs_is_factorial() {
        let plan = crate::record::board::samples::overfit_plan();
        let text = serde_json::to_string(&plan).unwrap();
        assert!(!text.contains("design"));
        assert_eq!(serde_json::from_str::<Plan>(&text.replace("\"validation_samples\":0,", "")).unwrap(), plan);
    }
}
