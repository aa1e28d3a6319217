//! Keys that contradict each other.

use super::{Config, DataSource, Probe};

/// Keys that contradict each other, and why.
#[derive(Debug, PartialEq)]
pub struct Contradiction {
    /// The likeliest culprit first. Some may stand at their defaults.
    pub keys: &'static [&'static str],
    pub message: String,
}

impl Config {
    /// What no single key can know to be wrong.
    pub fn check(&self) -> Result<(), Contradiction> {
        let fail = |keys, message| Err(Contradiction { keys, message });
        if let Some(keys) = self.without_use() {
            let message = match self.data {
                DataSource::Surface => format!("{} has no meaning on a surface: there is no network there", keys[0]),
                _ => format!("{} is for data = \"surface\" alone", keys[0]),
            };
            return fail(keys, message);
        }
        if self.data != DataSource::Surface {
            self.check_network()?;
        }
        if self.epochs.is_some() && self.steps.is_some() {
            return fail(&["steps", "epochs"], "epochs and steps are both given: keep one of them".into());
        }
        if self.total_steps() > u32::MAX as usize {
            return fail(
                &["steps", "epochs"],
                format!("{} updates are more than a trial can count", self.total_steps()),
            );
        }
        if self.warmup_steps() > self.total_steps() {
            return fail(
                &["warmup", "steps", "epochs"],
                format!(
                    "the learning rate would rise for {} updates, and the training has {}: lower warmup, or raise epochs \
                     or steps",
                    self.warmup_steps(),
                    self.total_steps()
                ),
            );
        }
        if self.learning_rate.is_some() && self.optimizer.learning_rate().0.is_some() {
            return fail(
                &["learning_rate", "optimizer"],
                "learning_rate is given twice, alone and in the optimizer's table: keep one of them".into(),
            );
        }
        Ok(())
    }

    fn check_network(&self) -> Result<(), Contradiction> {
        let fail = |keys, message| Err(Contradiction { keys, message });
        let (train, test) = self.data.samples();
        if self.train_samples() > train {
            return fail(
                &["train_samples", "data"],
                format!("there are only {train} training images in this data set"),
            );
        }
        if self.test_samples() > test {
            return fail(&["test_samples", "data"], format!("there are only {test} test images in this data set"));
        }
        let (held_out, trained_on) = (self.validation_samples.get(), self.trained_on().len());
        if trained_on == 0 {
            let all = self.train_samples();
            let message = format!("holding out {held_out} of {all} training images leaves none to train on");
            return fail(&["validation_samples", "train_samples"], message);
        }
        if self.batch_size.get() > trained_on {
            let batch = self.batch_size.get();
            let message = match held_out {
                0 => format!(
                    "a batch of {batch} is larger than the training set of {trained_on}: lower batch_size or raise \
                     train_samples"
                ),
                _ => format!(
                    "a batch of {batch} is larger than the {trained_on} training images that are left when {held_out} \
                     are held out: lower batch_size or validation_samples, or raise train_samples"
                ),
            };
            return fail(&["batch_size", "validation_samples", "train_samples", "data"], message);
        }
        let widest = self.hidden.iter().map(|width| width.get()).max().unwrap_or(0);
        if widest.saturating_mul(self.batch_size.get().max(1000)) > 1 << 31 {
            let message = format!("a layer of {widest} units is more than can be trained with such a batch");
            return fail(&["hidden", "batch_size"], message);
        }
        if self.batch_norm && self.batch_size.get() < 2 {
            return fail(
                &["batch_size", "batch_norm"],
                "batch norm needs batches of 2 or more: one image has no variance".into(),
            );
        }
        if self.batch_norm && self.probes.contains(&Probe::Curvature) {
            return fail(
                &["probes", "batch_norm"],
                "the probe \"curvature\" cannot look at a network with batch norm, in which each image's loss depends on \
                 the rest of its batch: leave one of them out"
                    .into(),
            );
        }
        Ok(())
    }

    /// A key that is not at its default and that this data source has no use for.
    fn without_use(&self) -> Option<&'static [&'static str]> {
        let default = Config::default();
        let of_networks: [(bool, &[&str]); 14] = [
            (self.train_samples != default.train_samples, &["train_samples"]),
            (self.validation_samples != default.validation_samples, &["validation_samples"]),
            (self.test_samples != default.test_samples, &["test_samples"]),
            (self.sampling != default.sampling, &["sampling"]),
            (self.hidden != default.hidden, &["hidden"]),
            (self.activation != default.activation, &["activation"]),
            (self.init != default.init, &["init"]),
            (self.batch_norm, &["batch_norm"]),
            (self.dropout != default.dropout, &["dropout"]),
            (self.dropout_scaling != default.dropout_scaling, &["dropout_scaling"]),
            (self.weight_decay != default.weight_decay, &["weight_decay"]),
            (self.weight_decay_mode != default.weight_decay_mode, &["weight_decay_mode"]),
            (self.batch_size != default.batch_size, &["batch_size"]),
            (!self.probes.is_empty(), &["probes"]),
        ];
        let of_surfaces: [(bool, &[&str]); 3] = [
            (self.surface != default.surface, &["surface"]),
            (self.start_spread != default.start_spread, &["start_spread"]),
            (self.goal != default.goal, &["goal"]),
        ];
        let keys: &[(bool, &[&str])] = if self.data == DataSource::Surface { &of_networks } else { &of_surfaces };
        keys.iter().find(|(set, _)| *set).map(|(_, keys)| *keys)
    }
}
