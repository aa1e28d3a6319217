//! Which configurations train alike, to the last bit: keys whose values change nothing, and different ways to say the
//! same.

use super::{Config, Count, DEFAULT_EPOCHS, DataSource, Elastic, Finite, Init, NonNegative, Positive, Schedule};

/// A key whose value changes nothing in some configurations.
struct Idle {
    key: &'static str,
    /// Why not, in a sentence without its end.
    why: &'static str,
    is_idle: fn(&Config) -> bool,
    reset: fn(&mut Config, &Config),
}

/// Declares [`IDLE`]. A key comes after those that its condition reads: they may be idle themselves.
macro_rules! idle {
    ($($key:ident: $why:literal, $is_idle:expr;)*) => {
        const IDLE: &[Idle] = &[$(Idle {
            key: stringify!($key),
            why: $why,
            is_idle: $is_idle,
            reset: |config, default| config.$key.clone_from(&default.$key),
        }),*];
    };
}

idle! {
    activation: "there is no hidden layer", |config| config.hidden.is_empty();
    batch_norm: "there is no hidden layer", |config| config.hidden.is_empty();
    layer_norm: "there is no hidden layer", |config| config.hidden.is_empty();
    dropout: "there is no hidden layer", |config| config.hidden.is_empty();
    batch_norm_momentum: "there is no batch norm", |config| !config.batch_norm;
    batch_norm_epsilon: "there is no batch norm", |config| !config.batch_norm;
    layer_norm_epsilon: "there is no layer norm", |config| !config.layer_norm;
    dropout_scaling: "neither inputs nor units are dropped", |config| !config.drops_units();
    weight_decay_mode: "there is no weight decay", |config| config.weight_decay.get() == 0.0;
    warmup: "it is shorter than half an update", |config| config.warmup.get() > 0.0 && config.warmup_steps() == 0;
    elastic: "its alpha is 0", |config| config.elastic.alpha.get() == 0.0 && config.elastic != Elastic::default();
    schedule: "it never changes the learning rate", |config| config.has_idle_schedule();
}

impl Config {
    /// Keys that decide only what is measured and shown, and nothing of what is trained; but with `patience`, `evaluate_every`
    /// decides when training stops.
    pub const MEASURING: [&str; 4] = ["test_samples", "evaluate_every", "goal", "probes"];

    /// The keys whose values change nothing here, each with the reason in words, as in "there is no batch norm".
    pub fn idle_keys(&self) -> Vec<(&'static str, &'static str)> {
        self.clone().reset_idle_keys()
    }

    /// Sets the keys that change nothing to their defaults, and returns them with the reasons.
    fn reset_idle_keys(&mut self) -> Vec<(&'static str, &'static str)> {
        let default = Config::default();
        let reset = |idle: &Idle| {
            let is_idle = (idle.is_idle)(self);
            if is_idle {
                (idle.reset)(self, &default);
            }
            is_idle.then_some((idle.key, idle.why))
        };
        IDLE.iter().filter_map(reset).collect()
    }

    /// The one configuration of all those that train and measure exactly the same: equal trainings have equal ones.
    pub fn normalised(&self) -> Config {
        let mut config = self.clone();
        config.reset_idle_keys();
        if config.init == Init::Constant(Finite(0.0)) {
            config.init = Init::Zeros;
        }
        config.dropout = config.dropout.normalised();
        config.class_weights = config.class_weights.normalised();
        config.optimizer = config.optimizer.without_idle_ramp();
        if let Some(rate) = config.optimizer.take_learning_rate() {
            config.learning_rate = Some(rate);
        }
        self.normalise_times(&mut config);
        config.spelled_out()
    }

    /// The same with what the default would also come to left at the default. Ids were once made from this.
    pub(in crate::plan) fn spelled_out(&self) -> Config {
        let default = Config::default();
        let (train, test) = self.data.samples();
        let mut config = self.clone();
        if self.train_samples() == train {
            config.train_samples = default.train_samples;
        }
        config.subset = self.subset_in_use().unwrap_or(default.subset);
        if self.test_samples() == test {
            config.test_samples = default.test_samples;
        }
        if self.learning_rate.map(Positive::get) == Some(self.optimizer.learning_rate().1) {
            config.learning_rate = default.learning_rate;
        }
        if self.epochs.map(Count::get) == Some(DEFAULT_EPOCHS) {
            config.epochs = default.epochs;
        }
        config.goal = None;
        config.probes.sort();
        config.probes.dedup();
        config
    }

    /// What trains the same network, whatever is measured of it and shown.
    pub fn unmeasured(&self) -> Config {
        let default = Config::default();
        // Evaluations that may stop the training are more than measuring.
        let evaluate_every = if self.patience.get() > 0 { self.evaluate_every } else { default.evaluate_every };
        let test_samples = default.test_samples;
        Config { test_samples, evaluate_every, goal: None, probes: Vec::new(), ..self.clone() }.normalised()
    }

    /// Lengths of time are counted in whole updates. Here they are said in epochs where there are whole ones, and on
    /// surfaces, where there are no epochs, in steps.
    fn normalise_times(&self, config: &mut Config) {
        let (total, epoch) = (self.total_steps(), self.steps_per_epoch());
        let in_epochs = |steps: usize| steps as f64 / epoch as f64;
        let on_network = matches!(self.data, DataSource::Set(_));
        (config.steps, config.epochs) = match on_network && total.is_multiple_of(epoch) {
            true => (None, Some(Count(total / epoch))),
            false if !on_network && total == DEFAULT_EPOCHS * epoch => (None, None),
            false => (Some(Count(total)), None),
        };
        config.warmup = NonNegative(in_epochs(self.warmup_steps()));
        config.evaluate_every = match self.evaluation_steps() {
            between if between < total => Positive(in_epochs(between)),
            // Only the start and the end are evaluated.
            _ if epoch >= total => Config::default().evaluate_every,
            _ => Positive(in_epochs(total)),
        };
    }

    /// Whether the factor of a schedule is 1 at all updates. It is 1 at the first, and goes one way from there.
    fn has_idle_schedule(&self) -> bool {
        let scheduled = self.total_steps().saturating_sub(self.warmup_steps()).max(1);
        let last = self.schedule.factor(scheduled - 1, scheduled, self.steps_per_epoch());
        self.schedule != (Schedule::Constant {}) && last == 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 300 images in batches of 75: four updates an epoch.
    fn config(text: &str) -> Config {
        let config: Config = toml::from_str(&format!("train_samples = 300\nbatch_size = 75\n{text}")).unwrap();
        config.check().unwrap();
        config
    }

    #[test]
    fn what_trains_alike_is_normalised_alike() {
        for (one, other) in [
            ("batch_norm_momentum = 0.5\nbatch_norm_epsilon = 0.1", ""),
            ("layer_norm_epsilon = 0.1", ""),
            ("dropout_scaling = 'test'", "dropout_scaling = 'delete_ratio'"),
            ("dropout = [0.5, 0.5, 0.5, 0.5]", "dropout = 0.5"),
            ("dropout = [0, 0, 0, 0]\ndropout_scaling = 'test'", ""),
            ("hidden = []\ndropout = []", "hidden = []"),
            ("class_weights = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]", ""),
            ("weight_decay_mode = 'decoupled'", ""),
            ("hidden = []\nbatch_norm = true\nbatch_norm_momentum = 0.5", "hidden = []\ndropout = 0.5"),
            ("hidden = []\nactivation = 'tanh'", "hidden = []\nlayer_norm = true\nlayer_norm_epsilon = 0.1"),
            ("epochs = 2", "steps = 8"),
            ("epochs = 20", "steps = 80"),
            ("evaluate_every = 0.25", "evaluate_every = 0.01"),
            ("epochs = 2\nevaluate_every = 3", "steps = 8\nevaluate_every = 2"),
            ("warmup = 0.1", ""),
            ("elastic = { alpha = 0, sigma = 2 }", ""),
            ("elastic = { alpha = 3 }", "elastic = { alpha = 3, sigma = 4 }"),
            ("optimizer = { name = 'adam', learning_rate = 0.5 }", "optimizer = 'adam'\nlearning_rate = 0.5"),
            ("optimizer = { name = 'adam', learning_rate = 0.001 }", "optimizer = 'adam'"),
            ("optimizer = { name = 'nesterov', momentum_ramp = 3, momentum_start = 0.9 }", "optimizer = 'nesterov'"),
            ("init = { constant = 0.0 }", "init = 'zeros'"),
            ("schedule = { name = 'step', every = 30 }", "schedule = { name = 'exponential', factor = 1 }"),
            ("steps = 1\nschedule = 'cosine'", "steps = 1"),
        ] {
            assert_eq!(config(one).normalised(), config(other).normalised(), "{one}\n--\n{other}");
        }
        for (one, other) in [
            ("batch_norm = true\nbatch_norm_momentum = 0.5", "batch_norm = true"),
            ("layer_norm = true\nlayer_norm_epsilon = 0.1", "layer_norm = true"),
            ("dropout = 0.5\ndropout_scaling = 'test'", "dropout = 0.5"),
            ("dropout = [0.5, 0.5, 0.5, 0.0]", "dropout = 0.5"),
            ("input_dropout = 0.2\ndropout_scaling = 'test'", "input_dropout = 0.2"),
            ("hidden = []\ninput_dropout = 0.2", "hidden = []"),
            ("class_weights = [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]", ""),
            ("class_weights = 'balanced'", ""),
            ("dropout = [0.0, 0.5]\nhidden = [9, 9]", "dropout = [0.5, 0.0]\nhidden = [9, 9]"),
            ("weight_decay = 0.1\nweight_decay_mode = 'decoupled'", "weight_decay = 0.1"),
            ("optimizer = { name = 'momentum', momentum_ramp = 3 }", "optimizer = 'momentum'"),
            ("epochs = 2", "steps = 9"),
            ("epochs = 4\nevaluate_every = 3", "epochs = 4\nevaluate_every = 2"),
            ("evaluate_every = 3", ""),
            ("elastic = { alpha = 3, sigma = 2 }", "elastic = { alpha = 3 }"),
            ("warmup = 0.25", ""),
            ("schedule = { name = 'step', every = 19 }", ""),
            ("steps = 2\nschedule = 'cosine'", "steps = 2"),
            ("probes = ['updates']", ""),
        ] {
            assert_ne!(config(one).normalised(), config(other).normalised(), "{one}\n--\n{other}");
        }
        assert_eq!(config("evaluate_every = 3\nprobes = ['updates']").unmeasured(), config("").normalised());
        let patient = |text: &str| config(&format!("validation_samples = 50\npatience = 3\n{text}")).unmeasured();
        assert_ne!(patient("evaluate_every = 3"), patient(""));
        assert_eq!(patient("test_samples = 10"), patient(""));
        let surface = |text: &str| toml::from_str::<Config>(&format!("data = 'surface'\n{text}")).unwrap().normalised();
        assert_eq!(surface("epochs = 7\nevaluate_every = 1.2\ngoal = 1.0"), surface("steps = 7"));
        assert_eq!(surface("steps = 20"), surface(""));
    }

    #[test]
    fn keys_that_change_nothing_are_named_with_the_reason() {
        let keys = |text: &str| config(text).idle_keys().into_iter().map(|(key, _)| key).collect::<Vec<_>>();
        let always = ["batch_norm_momentum", "batch_norm_epsilon", "layer_norm_epsilon", "dropout_scaling"];
        assert_eq!(keys(""), [&always[..], &["weight_decay_mode"]].concat());
        assert_eq!(
            keys("batch_norm = true\ndropout = 0.5\nweight_decay = 0.1\nschedule = 'cosine'"),
            ["layer_norm_epsilon"]
        );
        let linear = keys("hidden = []\nbatch_norm = true\ndropout = 0.5");
        assert_eq!(linear[..4], ["activation", "batch_norm", "layer_norm", "dropout"]);
        assert_eq!(linear[4..8], always);
        assert_eq!(keys("warmup = 0.1\nschedule = { name = 'step', every = 30 }")[5..], ["warmup", "schedule"]);
    }
}
