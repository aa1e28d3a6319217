//! Every hyper-parameter, once: its type carries its range, its doc its meaning and its source. The schema of study
//! files and `docs/keys.md` are made from them.
//!
//! Whatever is a field of [`Config`] can stand in a study's `[base]`, be an axis of its `[grid]` or be `set` by an arm:
//! there is no other list of them.

mod activation;
mod alike;
mod by_layer;
mod check;
mod class_weights;
mod cost;
pub mod data;
mod layer;
mod named;
mod optimizer;
mod precision;
mod probe;
mod range;
mod record;
mod schedule;
mod subset;

pub use activation::{Activation, ActivationFacts, Outputs, Saturation};
pub use by_layer::ByLayer;
pub use check::Contradiction;
pub use class_weights::ClassWeights;
pub use cost::{ENSEMBLE_MEMBERS, PLACES_ON_LINE, PROBED_IMAGES, SIDE_OF_PLANE};
pub use data::DataSource;
pub use layer::LayerFacts;
pub use layer::LayerKind;
pub use layer::NoCurvature;
pub use named::Surface;
pub use optimizer::Divisor;
pub use optimizer::Float;
pub use optimizer::Optimizer;
pub use optimizer::Ramp;
pub use optimizer::Rule;
pub use optimizer::Task;
pub use optimizer::Velocity;
pub use precision::{dropout_bits, dropped_below};
pub use probe::Probe;
pub use range::{Count, Epsilon, Finite, NonNegative, Positive, Share, Whole, between, of_percent};
pub use record::{ALL_RECORDED, is_recorded, recorded};
pub use schedule::Schedule;
pub use subset::{Subset, these_images};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Length of training where neither `epochs` nor `steps` is given.
const DEFAULT_EPOCHS: usize = 20;

/// Everything that decides how one network is trained, except the seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What is learned from.
    pub data: DataSource,
    /// How many training images are used. Default: all.
    pub train_samples: Option<Count>,
    /// Which training images those are, where not all of the data set's are trained on. The test images are the same for
    /// every seed.
    #[schemars(default = "Subset::in_studies")]
    pub subset: Subset,
    /// How many of those, the last ones, are held out: never trained on, but measured at each evaluation.
    pub validation_samples: Whole,
    /// How many test images are used, from the first on. Default: all.
    pub test_samples: Option<Count>,
    /// How the images of a batch are drawn.
    pub sampling: Sampling,
    /// Width of each hidden layer. Four of 100 are the chapter's network.
    pub hidden: Vec<Count>,
    /// The function after the affine layer of each hidden layer.
    pub activation: Activation,
    /// Distribution of the initial weights, normal with mean 0 unless stated otherwise; biases start at 0.
    pub init: Init,
    /// Batch normalisation before each activation (Ioffe & Szegedy 2015).
    pub batch_norm: bool,
    /// Layer normalisation before each activation (Ba et al. 2016), instead of batch norm.
    pub layer_norm: bool,
    /// Share of the units dropped after each activation (Srivastava et al. 2014), or a list of one for each hidden layer.
    /// In steps of 1/65536, or of 2⁻³² where that would change the share dropped, or the share kept, by more than 1 %.
    pub dropout: ByLayer,
    /// Share of the inputs dropped (Srivastava et al. 2014, who drop 0.2 of MNIST's), in the same steps and with the same
    /// `dropout_scaling`. Evaluation uses all inputs.
    pub input_dropout: Share,
    /// When dropout compensates for the units it drops.
    pub dropout_scaling: DropoutScaling,
    /// λ of ½λ‖W‖², on weights only, never on biases, γ or β.
    pub weight_decay: NonNegative,
    /// How weight decay is applied.
    pub weight_decay_mode: WeightDecayMode,
    /// λ of the penalty λ‖W‖₁ (Tibshirani 1996), on weights only: λ sign(W), with sign(0) = 0, is added to the gradient
    /// before the optimizer sees it.
    pub l1: NonNegative,
    /// c of ‖w‖₂ ≤ c, the max-norm constraint (Srivastava et al. 2014, section 5.1): after each update the weights that come
    /// into each unit, of hidden layers and of the output, are scaled down to that norm where they are longer. 0 means no
    /// constraint.
    pub max_norm: NonNegative,
    /// ε of the training targets: 1 − ε for the label, and ε/classes added for every class (Szegedy et al. 2016,
    /// section 7). Reported losses are those of the labels without smoothing.
    pub label_smoothing: Share,
    /// How much the loss of an image counts in training, by its class: `"none"` for all alike, a list of a weight for each
    /// class, or `"balanced"`, n/(k·n_c) where n_c of the n images trained on are of class c and k classes occur (as
    /// scikit-learn has it). A batch's weighted losses are divided by its number of images, not by the sum of their weights: what an image
    /// adds to a gradient then does not depend on the rest of its batch. Reported losses and accuracies count all alike.
    pub class_weights: ClassWeights,
    /// The rule that turns a gradient into an update.
    pub optimizer: Optimizer,
    /// The learning rate α. Default: the optimizer's own.
    pub learning_rate: Option<Positive>,
    /// How the learning rate changes while training: the factor on it at epoch e (a fraction between epochs) of E.
    pub schedule: Schedule,
    /// Epochs, or a fraction of one, rounded to whole updates, over which the learning rate rises in equal steps, one an
    /// update, to its full value; the schedule begins after them (Goyal et al. 2017, §2.2).
    pub warmup: NonNegative,
    /// Where the norm of the gradient of all parameters together is above this, the gradient is scaled down to it
    /// (Pascanu et al. 2013), before coupled weight decay and `l1` are added. 0 means never.
    pub clip_gradient_norm: NonNegative,
    /// d of an exponential average of the parameters, w̄ ← d w̄ + (1 − d) w after each update, divided by 1 − dᵗ so that the
    /// initial weights have no part in it (Polyak & Juditsky 1992). Changes nothing of the training: the averaged network is
    /// evaluated beside the trained one. 0 means no average.
    pub weight_average: Share,
    /// Length of training in passes over the training images. Default: 20, unless `steps` is given.
    pub epochs: Option<Count>,
    /// Length of training in updates, instead of `epochs`.
    pub steps: Option<Count>,
    /// Images in a batch. A last, smaller batch of an epoch is left out.
    pub batch_size: Count,
    /// Epochs between evaluations on all training and test images; may be a fraction, which is rounded to whole updates,
    /// one at least. The untrained network and the last step are always evaluated. On a surface with more than 4,096
    /// evaluations, only every second of the next 4,096 is made, every fourth of the 8,192 after them, and so on.
    pub evaluate_every: Positive,
    /// Share of the old value kept in batch norm's running mean and variance at each step.
    pub batch_norm_momentum: Share,
    /// ε under the square root in batch norm.
    pub batch_norm_epsilon: Epsilon,
    /// ε under the square root in layer norm.
    pub layer_norm_epsilon: Epsilon,
    /// With `data = "surface"`, the function of two variables to minimise.
    pub surface: Surface,
    /// On a surface, the seed moves each coordinate of the start by up to this much in either direction, all moves
    /// equally likely. With 0 every seed takes the same path.
    pub start_spread: NonNegative,
    /// On a surface, the value that f is to reach: the table shows after how many steps it did. Changes no result.
    pub goal: Option<Finite>,
    /// What to measure at each evaluation besides accuracies, losses and the weight norm; changes no result. Probes
    /// that a claim needs are switched on by the claim.
    pub probes: Vec<Probe>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            data: DataSource::Set(&data::MNIST),
            train_samples: None,
            subset: Subset::First,
            validation_samples: Whole(0),
            test_samples: None,
            sampling: Sampling::Shuffle,
            hidden: vec![Count(100); 4],
            activation: Activation::Relu {},
            init: Init::He,
            batch_norm: false,
            layer_norm: false,
            dropout: ByLayer::All(Share(0.0)),
            input_dropout: Share(0.0),
            dropout_scaling: DropoutScaling::Train,
            weight_decay: NonNegative(0.0),
            weight_decay_mode: WeightDecayMode::Coupled,
            l1: NonNegative(0.0),
            max_norm: NonNegative(0.0),
            label_smoothing: Share(0.0),
            class_weights: ClassWeights::None,
            optimizer: Optimizer::Sgd(Default::default()),
            learning_rate: None,
            schedule: Schedule::Constant {},
            warmup: NonNegative(0.0),
            clip_gradient_norm: NonNegative(0.0),
            weight_average: Share(0.0),
            epochs: None,
            steps: None,
            batch_size: Count(100),
            evaluate_every: Positive(1.0),
            batch_norm_momentum: Share(0.9),
            batch_norm_epsilon: Epsilon(1e-6),
            layer_norm_epsilon: Epsilon(1e-5),
            surface: Surface::Bowl {},
            start_spread: NonNegative(0.0),
            goal: None,
            probes: Vec::new(),
        }
    }
}

/// How the images of a batch are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sampling {
    /// Each epoch goes through a new permutation of the training images.
    Shuffle,
    /// Each image of each batch is drawn from all of them, as the chapter does.
    Replacement,
}

/// Distribution of the initial weights. All but the first two and those called uniform are normal with mean 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Init {
    /// Every weight 0.
    Zeros,
    /// Every weight the same.
    Constant(Finite),
    /// Standard deviation σ.
    Normal(NonNegative),
    /// Standard deviation √2/√fan_in, for ReLU (He et al. 2015).
    He,
    /// Standard deviation 1/√fan_in, which the notes and Caffe call Xavier's.
    Xavier,
    /// Standard deviation √(2/(fan_in + fan_out)) (Glorot & Bengio 2010, eq. 16, as a normal distribution).
    Glorot,
    /// Standard deviation gain/√fan_in.
    Gain(NonNegative),
    /// Evenly between ±1/√fan_in, the heuristic in common use before (Glorot & Bengio 2010, eq. 1).
    Uniform,
    /// Evenly between ±√6/√(fan_in + fan_out), their normalised initialisation (eq. 16): the same standard deviation as
    /// `glorot`.
    GlorotUniform,
}

/// When dropout compensates for the units it drops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DropoutScaling {
    /// "Inverted": divide by 1 − p while training.
    Train,
    /// Multiply by 1 − p at test time, as the original paper and the chapter do.
    Test,
    /// Multiply by p at test time, the notes' "delete ratio" read literally. Wrong; it is here so that studies can
    /// refute it.
    #[serde(rename = "delete_ratio")]
    DeleteRatio,
}

impl DropoutScaling {
    /// What a unit that stays is multiplied by while training, where this share is dropped.
    pub fn in_training(self, rate: f64) -> f32 {
        match self {
            DropoutScaling::Train => (1.0 / (1.0 - rate)) as f32,
            DropoutScaling::Test | DropoutScaling::DeleteRatio => 1.0,
        }
    }

    /// What every unit is multiplied by in evaluation.
    pub fn in_evaluation(self, rate: f64) -> f32 {
        let factor = match self {
            DropoutScaling::Train => 1.0,
            DropoutScaling::Test => 1.0 - rate,
            DropoutScaling::DeleteRatio => rate,
        };
        factor as f32
    }
}

/// How weight decay is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WeightDecayMode {
    /// λW is added to the gradient, before the optimizer sees it (L2 regularisation).
    Coupled,
    /// W ← W − learning_rate·λ·W apart from the optimizer's step (AdamW, Loshchilov & Hutter 2019).
    Decoupled,
}

impl Config {
    /// Number of training images, including those held out.
    pub fn train_samples(&self) -> usize {
        self.train_samples.map_or(self.data.samples().0, Count::get)
    }

    /// Which of a trial's training images, in their order, are trained on.
    pub fn trained_on(&self) -> Range<usize> {
        0..self.train_samples().saturating_sub(self.validation_samples.get())
    }

    /// Which of them are held out for validation: those after the others.
    pub fn held_out(&self) -> Range<usize> {
        self.trained_on().end..self.train_samples()
    }

    /// How the images that are trained on are chosen; `None` where there is nothing to choose: all of a data set are
    /// trained on, or there is none.
    pub fn subset_in_use(&self) -> Option<Subset> {
        self.data.set().filter(|set| self.trained_on().len() < set.train).map(|_| self.subset)
    }

    /// How many training images of the data set, from the first on, have to be there to choose from.
    pub fn train_samples_needed(&self) -> usize {
        match self.subset_in_use() {
            Some(Subset::Drawn | Subset::Balanced) => self.data.samples().0,
            Some(Subset::First) | None => self.train_samples(),
        }
    }

    /// Images that an epoch leaves out, other ones each time: too few for another batch. None where batches are drawn with
    /// replacement.
    pub fn left_out_of_an_epoch(&self) -> usize {
        match self.sampling {
            Sampling::Shuffle => self.trained_on().len() % self.batch_size.get(),
            Sampling::Replacement => 0,
        }
    }

    /// Number of test images.
    pub fn test_samples(&self) -> usize {
        self.test_samples.map_or(self.data.samples().1, Count::get)
    }

    /// Updates in an epoch. A last, smaller batch is left out.
    pub fn steps_per_epoch(&self) -> usize {
        (self.trained_on().len() / self.batch_size.get()).max(1)
    }

    /// Passes over the training images in `step` updates.
    pub fn epoch(&self, step: u32) -> f64 {
        f64::from(step) / self.steps_per_epoch() as f64
    }

    /// The accuracy, in [0, 1], of `correct` images among those trained on.
    pub fn train_accuracy(&self, correct: u32) -> f64 {
        f64::from(correct) / self.trained_on().len() as f64
    }

    /// The accuracy, in [0, 1], of `correct` images among the test images.
    pub fn test_accuracy(&self, correct: u32) -> f64 {
        f64::from(correct) / self.test_samples() as f64
    }

    /// Updates in the whole training.
    pub fn total_steps(&self) -> usize {
        match (self.steps, self.epochs) {
            (Some(steps), _) => steps.get(),
            (None, Some(epochs)) => epochs.get().saturating_mul(self.steps_per_epoch()),
            (None, None) => DEFAULT_EPOCHS * self.steps_per_epoch(),
        }
    }

    /// Updates between two evaluations.
    pub fn evaluation_steps(&self) -> usize {
        self.updates(self.evaluate_every.get()).max(1)
    }

    /// Whether there is an evaluation after `step` updates. On surfaces, long paths are not evaluated as often: see [`is_recorded`].
    pub fn is_evaluated_after(&self, step: usize) -> bool {
        let between = self.evaluation_steps();
        let regular = step.is_multiple_of(between);
        let skipped = self.data == DataSource::Surface && !is_recorded(step / between);
        regular && !skipped || step == self.total_steps()
    }

    /// How many evaluations there are at most, the first and the last included.
    pub fn evaluations(&self) -> usize {
        let whole = self.total_steps() / self.evaluation_steps();
        1 + if self.data == DataSource::Surface { recorded(whole) } else { 1 + whole }
    }

    /// The rate before any schedule: the one in the optimizer's table, else `learning_rate`, else the default.
    pub fn learning_rate(&self) -> f64 {
        let (own, default) = self.optimizer.learning_rate();
        own.or(self.learning_rate).map_or(default, Positive::get)
    }

    /// Updates over which the learning rate rises.
    pub fn warmup_steps(&self) -> usize {
        self.updates(self.warmup.get())
    }

    /// The whole number of updates that is nearest to so many epochs.
    fn updates(&self, epochs: f64) -> usize {
        (epochs * self.steps_per_epoch() as f64).round() as usize
    }

    /// The learning rate of the update that follows `steps` others.
    pub fn learning_rate_after(&self, steps: usize) -> f64 {
        let warmup = self.warmup_steps();
        let factor = match steps.checked_sub(warmup) {
            None => (steps + 1) as f64 / warmup as f64,
            Some(after) => self.schedule.factor(after, self.scheduled_steps(), self.steps_per_epoch()),
        };
        self.learning_rate() * factor
    }

    /// The optimizer of the update that follows `steps` others, with the momentum that it has then.
    pub fn optimizer_after(&self, steps: usize) -> Optimizer {
        self.optimizer.at(self.epoch(steps as u32), self.epoch(steps as u32 + 1))
    }

    /// Updates after the warmup.
    fn scheduled_steps(&self) -> usize {
        self.total_steps().saturating_sub(self.warmup_steps())
    }

    /// Keys by which it is trained in another way than such a configuration once was, each with the new way. A trial's id
    /// tells of them, so that results of both ways are not mixed.
    pub(super) fn renewed_keys(&self) -> Vec<(&'static str, &'static str)> {
        let drops = self.schedule.drops_elsewhere_than_before(self.scheduled_steps(), self.steps_per_epoch());
        let is_finer = |share: &Share| dropout_bits(share.get()) != Some(16);
        let finer = self.data.set().is_some() && self.dropout.shares().iter().any(is_finer);
        let renewed = [(finer, ("dropout", "by 32 bits")), (drops, ("schedule", "drops in whole updates"))];
        renewed.into_iter().filter(|(applies, _)| *applies).map(|(_, key)| key).collect()
    }

    /// Whether the learning rate is the same for all updates.
    pub fn has_constant_rate(&self) -> bool {
        matches!(self.schedule, Schedule::Constant {}) && self.warmup_steps() == 0
    }

    /// (fan_in, fan_out) of each affine layer, in order.
    pub fn affine_shapes(&self) -> Vec<(usize, usize)> {
        let mut widths = vec![self.data.pixels()];
        widths.extend(self.hidden.iter().map(|width| width.get()));
        widths.push(self.data.classes());
        widths.windows(2).map(|pair| (pair[0], pair[1])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warmup_rises_update_by_update_and_any_schedule_begins_behind_it() {
        // 300 images in batches of 10: 30 updates an epoch.
        let rates = |schedule: &str, warmup: f64| {
            let text = format!(
                "train_samples = 300\nbatch_size = 10\nepochs = 3\nlearning_rate = 8.0\nwarmup = {warmup:?}\n{schedule}"
            );
            let config: Config = toml::from_str(&text).unwrap();
            config.check().unwrap();
            (0..config.total_steps()).map(|steps| config.learning_rate_after(steps)).collect::<Vec<_>>()
        };
        let near =
            |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}, expected {expected}");
        for schedule in ["constant", "inverse_time", "inverse_sqrt", "exponential", "step", "cosine"] {
            let constants = match schedule {
                "inverse_time" | "inverse_sqrt" => ", rate = 0.5",
                "exponential" => ", factor = 0.5",
                "step" => ", every = 0.1, factor = 0.5",
                _ => "",
            };
            let schedule = format!("schedule = {{ name = \"{schedule}\"{constants} }}");
            // 0.1 of an epoch is three updates: at a third, two thirds and all of the rate.
            let with = rates(&schedule, 0.1);
            [8.0 / 3.0, 16.0 / 3.0, 8.0, 8.0].iter().zip(&with).for_each(|(&expected, &found)| near(found, expected));
            // After them it is the schedule of a training that is shorter by the warmup, to the last bit.
            if !schedule.contains("cosine") {
                assert_eq!(with[3..], rates(&schedule, 0.0)[..87], "{schedule}");
            }
        }
        // Of 87 updates, the 30th comes after a third of them: (1 + cos π/3)/2 = .75.
        near(rates("schedule = \"cosine\"", 0.1)[3 + 29], 6.0);
        // With rate = 1/warmup it is √(w/n) after n updates, as in Vaswani et al.: here w = 15.
        let vaswani = rates("schedule = { name = \"inverse_sqrt\", rate = 2.0 }", 0.5);
        near(vaswani[14], 8.0);
        near(vaswani[60], 8.0 * (15f64 / 60.0).sqrt());
    }
}
