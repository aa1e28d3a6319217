//! Keys that contradict each other.

use super::Config;

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
        if self.epochs.is_some() && self.steps.is_some() {
            return fail(&["steps", "epochs"], "epochs and steps are both given: keep one of them".into());
        }
        if self.total_steps() > u32::MAX as usize {
            return fail(
                &["steps", "epochs"],
                format!("{} updates are more than a trial can count", self.total_steps()),
            );
        }
        if self.learning_rate.is_some() && self.optimizer.learning_rate().0.is_some() {
            return fail(
                &["learning_rate", "optimizer"],
                "learning_rate is given twice, alone and in the optimizer's table: keep one of them".into(),
            );
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
        Ok(())
    }
}
