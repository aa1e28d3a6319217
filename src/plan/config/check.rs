//! Keys that contradict each other.

use super::data::Declaration;
use super::{ClassWeights, Config, DataSource, Ramp, Subset};
use serde_json::Value;

/// Keys that contradict each other, and why.
#[derive(Debug, PartialEq)]
pub struct Contradiction {
    /// The likeliest cause first. Some may be at their defaults.
    pub keys: Vec<String>,
    /// Why they do not go together and what to do, in a sentence.
    pub message: String,
}

impl Contradiction {
    pub(super) fn new(keys: &[&str], message: String) -> Contradiction {
        Contradiction { keys: keys.iter().map(|&key| key.to_owned()).collect(), message }
    }
}

/// `1 share`, `2 shares`
pub(super) fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

impl Config {
    /// Checks what no single key can check by itself.
    pub fn check(&self) -> Result<(), Contradiction> {
        let fail = |keys: &[&str], message| Err(Contradiction::new(keys, message));
        if let Some(key) = self.unused_key() {
            let message = match self.data {
                DataSource::Set(_) => format!("{key} is for data = \"surface\" alone"),
                DataSource::Surface => format!("{key} has no meaning on a surface: there is no network there"),
                DataSource::Program => format!("{key} has no meaning for the trials of another program"),
            };
            return fail(&[&key], message);
        }
        match self.data {
            DataSource::Set(set) => self.check_network(set)?,
            DataSource::Surface => {}
            DataSource::Program if self.steps.is_some() => {}
            DataSource::Program => {
                return fail(
                    &["steps", "data"],
                    "steps is missing: how many steps a trial of another program has".into(),
                );
            }
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
        self.check_momentum()?;
        if self.learning_rate.is_some() && self.optimizer.learning_rate().0.is_some() {
            return fail(
                &["learning_rate", "optimizer"],
                "learning_rate is given twice, alone and in the optimizer's table: keep one of them".into(),
            );
        }
        Ok(())
    }

    /// The ramp of the momentum, if the optimizer has one, ends within the training.
    fn check_momentum(&self) -> Result<(), Contradiction> {
        let Some(ramp) = self.optimizer.ramp() else { return Ok(()) };
        let updates = self.updates(ramp.length.get());
        let message = if !ramp.is_there() && ramp != Ramp::NONE {
            "momentum_start is where a ramp of the momentum begins, and there is no ramp: give its length in epochs as \
             momentum_ramp, or leave momentum_start out"
                .to_owned()
        } else if updates > self.total_steps() {
            format!(
                "the momentum would change for {updates} updates, and the training has {}: lower momentum_ramp, or raise \
                 epochs or steps",
                self.total_steps()
            )
        } else {
            return Ok(());
        };
        Err(Contradiction::new(&["optimizer", "steps", "epochs"], message))
    }

    fn check_network(&self, set: &Declaration) -> Result<(), Contradiction> {
        let fail = |keys: &[&str], message| Err(Contradiction::new(keys, message));
        let Declaration { train, test, samples, .. } = *set;
        if self.train_samples() > train {
            let message = format!("there are only {train} training {samples} in this data set");
            return fail(&["train_samples", "data"], message);
        }
        if self.test_samples() > test {
            let message = format!("there are only {test} test {samples} in this data set");
            return fail(&["test_samples", "data"], message);
        }
        let (held_out, trained_on) = (self.validation_samples.get(), self.trained_on().len());
        if trained_on == 0 {
            let all = self.train_samples();
            let message = format!("holding out {held_out} of {all} training {samples} leaves none to train on");
            return fail(&["validation_samples", "train_samples"], message);
        }
        if self.patience.get() > 0 && held_out == 0 {
            let message = format!(
                "patience stops training by the loss of the {samples} that are held out, and there are none: add \
                 validation_samples = {}, or leave patience out",
                (self.train_samples() / 10).max(1)
            );
            return fail(&["patience", "validation_samples"], message);
        }
        if self.batch_size.get() > trained_on {
            let batch = self.batch_size.get();
            let message = match held_out {
                0 => format!(
                    "a batch of {batch} is larger than the training set of {trained_on}: lower batch_size or raise \
                     train_samples"
                ),
                _ => format!(
                    "a batch of {batch} is larger than the {trained_on} training {samples} that are left when {held_out} \
                     are held out: lower batch_size or validation_samples, or raise train_samples"
                ),
            };
            return fail(&["batch_size", "validation_samples", "train_samples", "data"], message);
        }
        self.check_distortions(set)?;
        if let ClassWeights::Each(weights) = &self.class_weights {
            if weights.len() != set.classes.len() {
                let message = format!(
                    "class_weights lists {}, and this data set has {}: give one weight for each class",
                    counted(weights.len(), "weight", "weights"),
                    counted(set.classes.len(), "class", "classes")
                );
                return fail(&["class_weights", "data"], message);
            }
            if weights.iter().all(|weight| weight.get() == 0.0) {
                return fail(&["class_weights"], "class_weights are all 0: nothing would be learned".into());
            }
        }
        let widest = self.hidden.iter().map(|width| width.get()).max().unwrap_or(0);
        if widest.saturating_mul(self.batch_size.get().max(1000)) > 1 << 31 {
            let message = format!("a layer of {widest} units is more than can be trained with such a batch");
            return fail(&["hidden", "batch_size"], message);
        }
        self.check_layers()
    }

    /// Only images can be distorted, and by no more than they are large.
    fn check_distortions(&self, set: &Declaration) -> Result<(), Contradiction> {
        let Some(key) = self.distortions().next() else { return Ok(()) };
        let fail = |message| Err(Contradiction::new(&[key, "data"], message));
        let Declaration { title, shape, .. } = *set;
        let &[height, width, ref channels @ ..] = shape else {
            let numbers = set.pixels();
            return fail(format!("{key} is for images, and a sample of {title} is {numbers} numbers: leave {key} out"));
        };
        if channels.len() > 1 {
            return fail(format!(
                "{key} is for images of height × width or height × width × channels, and those of {title} have the shape \
                 {shape:?}"
            ));
        }
        if !set.bytes {
            return fail(format!(
                "{key} puts the background, which is 0, where an image ends; those of {title} are not kept as bytes, so that their \
                 background is unknown: read images of bytes, with scale = \"unit\" or scale = \"none\""
            ));
        }
        let (smaller, larger) = (height.min(width), height.max(width));
        if self.shift.get() >= smaller {
            let shift = self.shift.get();
            return Err(Contradiction::new(
                &["shift", "data"],
                format!("a shift of {shift} pixels can leave nothing of images of {height} × {width}: lower it"),
            ));
        }
        let sigma = self.elastic.sigma.get();
        if self.elastic.alpha.get() > 0.0 && sigma > larger as f64 {
            return Err(Contradiction::new(
                &["elastic", "data"],
                format!(
                    "a sigma of {sigma} pixels smooths displacements over more than an image of {height} × {width}: lower it, or \
                     use shift, which moves all pixels alike"
                ),
            ));
        }
        Ok(())
    }

    /// A key that is not at its default although this data source does not use it.
    fn unused_key(&self) -> Option<String> {
        let default = Config::default();
        let used = match self.data {
            DataSource::Surface => Config {
                data: self.data,
                // A study that is told to draw may have surfaces too.
                subset: if self.subset == Subset::Balanced { default.subset } else { self.subset },
                optimizer: self.optimizer,
                learning_rate: self.learning_rate,
                schedule: self.schedule,
                warmup: self.warmup,
                clip_gradient_norm: self.clip_gradient_norm,
                epochs: self.epochs,
                steps: self.steps,
                evaluate_every: self.evaluate_every,
                surface: self.surface,
                start_spread: self.start_spread,
                goal: self.goal,
                ..default
            },
            DataSource::Program => Config { data: self.data, steps: self.steps, ..default },
            DataSource::Set(_) => Config {
                surface: default.surface,
                start_spread: default.start_spread,
                goal: default.goal,
                ..self.clone()
            },
        };
        if *self == used {
            return None;
        }
        let fields = |config: &Config| serde_json::to_value(config).unwrap_or_default();
        let (own, used) = (fields(self), fields(&used));
        let is_unused = |(key, value): &(&String, &Value)| used.get(key.as_str()) != Some(value);
        own.as_object()?.iter().find(is_unused).map(|(key, _)| key.clone())
    }
}
