//! Pure data: what a study plans to do. The other modules use it, and it uses none of them but `error` and `printable`.

mod cell;
mod claim;
pub mod config;
mod design;
mod history;
mod identity;
mod measured;
pub mod metric;
mod problem;
mod reuse;
mod trial;

pub use cell::{Cell, Params, assignments, param_text, sources};
pub use claim::{At, Claim, Expect, Measure, Side, Versus};
pub use design::Design;
pub use history::{Asked, FixedPlan, History, Known, Statement};
pub use identity::{GENERATION, Identity, changed_keys, fields, trial_id};
pub use problem::Problem;
pub use trial::{Trial, TrialId};

use config::{Config, Contradiction, DataSource, Probe};
use identity::Names;
use metric::Metric;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// Everything that a run plans to do. The journal holds it, so that it can be read without any other file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The study's name, which is also that of its result folder.
    pub study: String,
    /// The question that the study is to answer.
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
    /// What trials of another program measure, which only the plan knows. Empty for all other trials.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "metric::declarations")]
    pub metrics: Vec<Metric>,
    /// What is tested once all trials have ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    /// Distinct; at least one.
    pub seeds: Vec<u64>,
    /// When a plan that began without a fixed number of seeds takes no more of them; `None` for a fixed number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopping: Option<Stopping>,
    /// What came before this plan, if the journal does not tell it: of a result that was set aside, or of a journal that was written
    /// anew. This plan is included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<Box<History>>,
    /// Cells in order, seeds within a cell: every cell with every seed, unless cells that no open claim needs were left out of later
    /// seeds. Those that are the same training have the same id, and are trained once.
    pub trials: Vec<Trial>,
    /// Where the results come from.
    pub provenance: Provenance,
}

/// More seeds than this are taken for a mistake.
pub const MOST_SEEDS: usize = 100_000;

/// When a plan without a fixed number of seeds takes no more of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stopping {
    /// Whether it also stops once every claim is decided, or cannot be any more; without claims, every row.
    pub until_decided: bool,
    /// The largest number of seeds.
    pub most_seeds: usize,
}

/// Where results come from. A text is empty if it is not known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// Version of the program.
    pub ablate: String,
    /// The commit that the program was built from, with `-dirty` behind it if files had been changed since.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub commit: String,
    /// Operating system of the machine that trained, with its version.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub os: String,
    /// Model of its processor.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cpu: String,
    /// SHA-256 of the study's text and of what the command line changed in it, as 64 hexadecimal digits.
    pub study_sha256: String,
    /// SHA-256 of all samples, see [`config::data::Declaration::sha256`].
    pub data_sha256: String,
    /// The command as it was typed.
    pub command: String,
}

impl Plan {
    /// Gives the claims, which were read with the names of their metrics alone, the declarations of the plan's problem.
    pub fn look_up_metrics(&mut self) {
        let problem = self.problem();
        let earlier = self.history.iter_mut().flat_map(|history| &mut history.claims);
        let claims = self.claims.iter_mut().chain(earlier.map(|statement| &mut statement.claim));
        let metrics = claims.flat_map(Claim::metrics_mut);
        metrics.for_each(|metric| *metric = problem.declared(*metric));
    }

    /// Checks that its parts fit together. Configurations have to pass the checks that those of a study do.
    pub fn check(&self) -> Result<(), String> {
        let cells = self.cells.len();
        if self.trials.iter().any(|trial| trial.cell >= cells) || self.baseline.is_some_and(|cell| cell >= cells) {
            return Err("it names a cell that the plan does not have".into());
        }
        if self.claims.iter().flat_map(Claim::cells).any(|cell| cell >= cells) {
            return Err("a claim names a cell that the plan does not have".into());
        }
        self.check_ids()?;
        self.metrics.iter().try_for_each(|metric| metric.check())?;
        if self.metrics.iter().collect::<HashSet<_>>().len() != self.metrics.len() {
            return Err("two of its metrics have the same name".into());
        }
        let programs = self.cells.iter().filter(|cell| cell.config.data == DataSource::Program).count();
        if programs > 0 && (programs < cells || self.metrics.is_empty()) {
            return Err("trials of another program stand alone in their plan, which declares what they measure".into());
        }
        if programs == 0 && !self.metrics.is_empty() {
            return Err("it declares metrics, and has no trials of another program that could measure them".into());
        }
        if programs > 0 && self.claims.iter().any(Claim::needs_network) {
            return Err(
                "a claim looks at an epoch or at what is best by validation, which trials of another program do not have"
                    .into(),
            );
        }
        let statements = || self.history.iter().flat_map(|history| &history.claims);
        let claims = || self.claims.iter().chain(statements().map(|statement| &statement.claim));
        let has_cells = self.claims.iter().all(|claim| claim.has_cells(&self.cells))
            && statements().all(|statement| statement.claim.has_cells(&statement.cells));
        if !has_cells {
            return Err("a side of a claim has no cell".into());
        }
        if self.seeds.is_empty() || self.seeds.iter().collect::<HashSet<_>>().len() != self.seeds.len() {
            return Err("its seeds are not distinct, or there is none".into());
        }
        if self.stopping.is_some_and(|stopping| stopping.most_seeds > MOST_SEEDS) {
            return Err(format!("it may take more than {MOST_SEEDS} seeds"));
        }
        let known = if programs > 0 { &self.metrics } else { Metric::ALL };
        let is_known = |metric: &Metric| known.contains(metric);
        if let Some(unknown) = claims().flat_map(Claim::metrics).find(|metric| !is_known(metric)) {
            return Err(format!("a claim is about the metric {:?}, which nothing declares", unknown.name()));
        }
        self.history.iter().try_for_each(|history| history.check(self))?;
        let check = |cell: &Cell, config: &Config| {
            let wrong =
                |contradiction: Contradiction| format!("{}, in the cell {}", contradiction.message, cell.title());
            config.check().map_err(wrong)
        };
        self.cells.iter().try_for_each(|cell| check(cell, &cell.config))?;
        if programs == 0 {
            self.check_params()?;
        }
        let mut probed = self.trials.iter().filter(|trial| !trial.also_probes.is_empty());
        probed.try_for_each(|trial| check(&self.cells[trial.cell], &trial.config(&self.cells)))
    }

    /// Checks that the values by which cells are named are those of their configurations, and that the columns are theirs.
    fn check_params(&self) -> Result<(), String> {
        // Many cells share few values.
        let mut read: HashMap<String, Value> = HashMap::new();
        for cell in &self.cells {
            if let Some(axis) = self.axes.iter().find(|axis| cell.arm.is_none() && !cell.params.contains_key(*axis)) {
                return Err(format!("the cell {} has no value of `{axis}`", cell.title()));
            }
            let has = fields(&cell.config);
            for (key, value) in &cell.params {
                let is_own = key == "data" && value.as_str() == Some(cell.config.data.name());
                let said = read.entry(format!("{key}={value}")).or_insert_with(|| {
                    let config = serde_json::from_value::<Config>(json!({ key: value })).ok();
                    config.and_then(|config| fields(&config).remove(key)).unwrap_or_default()
                });
                if !is_own && has.get(key) != Some(said) {
                    let other = has.get(key).map(param_text).unwrap_or_default();
                    return Err(format!("the configuration of the cell {} has {key} = {other}", cell.title()));
                }
            }
        }
        Ok(())
    }

    /// Checks that the id of each trial follows from its configuration and seed. Another program gives its trials ids of its own.
    pub fn check_names(&self) -> Result<(), String> {
        let identity = Identity::default();
        // Of the trial before: most trials follow others of their cell.
        let mut last: Option<(usize, &[Probe], Names)> = None;
        for trial in self.trials.iter().filter(|trial| self.cells[trial.cell].config.data != DataSource::Program) {
            let same = last.take_if(|(cell, probes, _)| (*cell, *probes) == (trial.cell, &trial.also_probes[..]));
            let names = same.map_or_else(|| identity.names_of(&trial.config(&self.cells)), |(.., names)| names);
            let fits = names.fit(trial.id, trial.seed);
            last = Some((trial.cell, &trial.also_probes, names));
            if !fits {
                let cell = self.cells[trial.cell].title();
                return Err(format!(
                    "the configuration of trial {}, {cell}, seed {}, is not the one that its id was made of",
                    trial.id, trial.seed
                ));
            }
        }
        Ok(())
    }

    /// Only trainings that are equal may share an id. Of another program's, the plan does not tell which those are.
    fn check_ids(&self) -> Result<(), String> {
        let mut first: HashMap<TrialId, &Trial> = HashMap::new();
        for trial in &self.trials {
            let Some(other) = first.insert(trial.id, trial) else { continue };
            let [config, other_config] = [trial, other].map(|trial| trial.config(&self.cells));
            let alike = trial.seed == other.seed && config.normalised() == other_config.normalised();
            if !alike || config.data == DataSource::Program {
                return Err("two of its trials have the same id and are not the same training".into());
            }
        }
        Ok(())
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
