//! Reuse of results: a study that measures less than before keeps the results it has.

use super::Plan;
use super::config::{Config, Probe};
use super::identity::Identity;
use super::trial::{Trial, TrialId};
use std::collections::{HashMap, HashSet};

/// A trial that has a result, and all that was measured of it.
struct Measured {
    id: TrialId,
    probes: Vec<Probe>,
}

impl Plan {
    /// A trial without a result becomes a trial with one that differs only in measuring more, if there is such a trial.
    /// `results` are the trials that have a result, each with the plan that asked for it.
    pub fn reuse<'a>(&mut self, results: impl Iterator<Item = (&'a Plan, &'a Trial)>) {
        let identity = Identity::default();
        let unprobed = |config: &Config| identity.canonical(&Config { probes: Vec::new(), ..config.clone() });
        let mut known: HashSet<TrialId> = self.trials.iter().map(|trial| trial.id).collect();
        let mut finished = HashSet::new();
        let mut others: HashMap<(String, u64), Vec<Measured>> = HashMap::new();
        for (plan, trial) in results {
            if !known.insert(trial.id) {
                finished.insert(trial.id);
                continue;
            }
            let config = trial.config(&plan.cells);
            // Results of another generation of the numerics are not mixed with these.
            if identity.names(trial.id, &config, trial.seed) {
                let same = others.entry((unprobed(&config), trial.seed)).or_default();
                same.push(Measured { id: trial.id, probes: config.normalised().probes });
            }
        }
        if others.is_empty() {
            return;
        }
        for trial in self.trials.iter_mut().filter(|trial| !finished.contains(&trial.id)) {
            let config = &self.cells[trial.cell].config;
            let Some(same) = others.get(&(unprobed(config), trial.seed)) else { continue };
            let fits = |other: &&Measured| {
                let probed = Config { probes: other.probes.clone(), ..config.clone() };
                config.probes.iter().all(|probe| other.probes.contains(probe) || !probe.measures(config))
                    && identity.names(other.id, &probed, trial.seed)
            };
            if let Some(Measured { id, probes }) = same.iter().find(fits) {
                let also = probes.iter().filter(|probe| !config.probes.contains(probe)).copied();
                (trial.id, trial.also_probes) = (*id, also.collect());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Provenance;
    use crate::study::{Changes, Study};
    use std::path::Path;

    #[test]
    fn results_with_former_ids_are_kept_where_the_study_says_the_same() {
        let plan = |text: &str| {
            let text = format!("seeds = 2\n[base]\ntrain_samples = 300\nbatch_size = 75\n{text}");
            Study::parse(&text, Path::new("a.toml"), &Changes::default()).unwrap().plan(&Provenance::default())
        };
        let identity = Identity::default();
        let mut old = plan("steps = 8\n[grid]\nbatch_norm_momentum = [0.9, 0.99]");
        old.trials.iter_mut().for_each(|trial| trial.id = identity.former(&old.cells[trial.cell].config, trial.seed));
        let ids = |plan: &Plan| plan.trials.iter().map(|trial| trial.id).collect::<Vec<_>>();
        let reused = |text: &str| {
            let mut plan = plan(text);
            plan.reuse(old.trials.iter().map(|trial| (&old, trial)));
            assert_eq!(plan.check(), Ok(()));
            ids(&plan)
        };
        assert_eq!(reused("steps = 8\n[grid]\nbatch_norm_momentum = [0.9, 0.99]"), ids(&old));
        // What is said in another way has an id of its own, which is that of the same training in every study.
        let again = plan("epochs = 2");
        assert_eq!(reused("epochs = 2\nbatch_norm_momentum = 0.5"), ids(&again));
    }
}
