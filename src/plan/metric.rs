//! What is measured of a trial: each metric is declared once, here or by the plan that has trials of another program,
//! and all code that shows, judges, sorts or exports it asks its declaration.

use super::config::Probe;
use crate::printable;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Mutex;

/// A number for each evaluation of a trial. Two metrics of one name are the same metric.
#[derive(Clone, Copy)]
pub struct Metric(&'static Declaration);

/// Everything that is known of a metric.
#[derive(PartialEq)]
struct Declaration {
    /// Index among the metrics declared here; all others come after them.
    index: usize,
    /// As in files: `train_accuracy`.
    name: &'static str,
    /// Over a column: `train`.
    label: &'static str,
    /// In a sentence, and along an axis followed by its unit: `train accuracy`.
    title: &'static str,
    /// Along an axis, where title and unit would be too long.
    along_axis: Option<&'static str>,
    unit: Option<&'static str>,
    kind: Kind,
    /// `None` where neither is: a small gap may also mean that nothing was learned.
    better: Option<Better>,
    /// Whether a value may lie below 0.
    signed: bool,
    scope: Scope,
    /// Which probe measures it, if one has to be asked for.
    probe: Option<Probe>,
    /// Whether a claim may ask for the steps until it reaches a level.
    has_levels: bool,
    /// Whether it is of the last step, so that there is no value before the first.
    of_step: bool,
    /// What it means, in Markdown.
    meaning: &'static str,
}

/// What its numbers count, which decides how they are written and drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A share of images in [0, 1].
    Accuracy,
    /// A difference of two such shares.
    AccuracyDifference,
    /// A share of anything else in [0, 1], often small.
    Share,
    /// A loss, a norm, a count or any other number.
    Quantity,
}

/// Which of two values is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// The higher.
    Higher,
    /// The lower.
    Lower,
}

/// What has a value of this metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The whole trial, at each evaluation.
    Trial,
    /// The whole trial, only after its last step: there is no curve.
    End,
    /// Each layer, at each evaluation. Where none is named, the last hidden layer is meant.
    Layer,
    /// The whole trial and each layer.
    TrialAndLayer,
    /// An optimizer's path on a surface, at each evaluation; networks do not have it.
    Surface,
}

const QUANTITY: Declaration = Declaration {
    index: 0,
    name: "",
    label: "",
    title: "",
    along_axis: None,
    unit: None,
    kind: Kind::Quantity,
    better: None,
    signed: false,
    scope: Scope::Trial,
    probe: None,
    has_levels: false,
    of_step: false,
    meaning: "",
};
const ACCURACY: Declaration =
    Declaration { unit: Some("share of images"), kind: Kind::Accuracy, better: Some(Better::Higher), ..QUANTITY };
const LOSS: Declaration = Declaration { unit: Some("nats"), better: Some(Better::Lower), has_levels: true, ..QUANTITY };

/// Declares metrics, in the order of their columns; the doc comment of each is its meaning.
macro_rules! metrics {
    ($($(#[doc = $meaning:literal])* $constant:ident = $declaration:expr;)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "they are the names of the constants")]
        enum Index {
            $($constant),*
        }

        impl Metric {
            $($(#[doc = $meaning])*
            pub const $constant: Metric =
                Metric(&Declaration { index: Index::$constant as usize, meaning: concat!($($meaning, "\n"),*), ..$declaration });)*

            /// All metrics, in the order of their columns.
            pub const ALL: &[Metric] = &[$(Metric::$constant),*];
        }
    };
}

metrics! {
    /// Share of the images trained on that are classified correctly.
    TRAIN_ACCURACY =
        Declaration { name: "train_accuracy", label: "train", title: "train accuracy", has_levels: true, ..ACCURACY };
    /// Share of the test images that are classified correctly.
    TEST_ACCURACY =
        Declaration { name: "test_accuracy", label: "test", title: "test accuracy", has_levels: true, ..ACCURACY };
    /// Train accuracy minus test accuracy.
    GAP = Declaration {
        name: "gap",
        label: "gap",
        title: "gap between train and test accuracy",
        along_axis: Some("train − test accuracy (share of images)"),
        kind: Kind::AccuracyDifference,
        better: None,
        signed: true,
        has_levels: true,
        ..ACCURACY
    };
    /// Mean cross-entropy of the images trained on, without the penalties of weight decay and `l1`; on a surface, the height f.
    TRAIN_LOSS = Declaration { name: "train_loss", label: "train loss", title: "train loss", ..LOSS };
    /// Mean cross-entropy of the test images.
    TEST_LOSS = Declaration { name: "test_loss", label: "test loss", title: "test loss", ..LOSS };
    /// ‖W‖₂ over all weights, without biases, γ and β.
    WEIGHT_NORM =
        Declaration { name: "weight_norm", label: "weight norm", title: "weight norm ‖W‖₂", ..QUANTITY };
    /// Accuracy on the images that `validation_samples` holds out.
    VALIDATION_ACCURACY = Declaration {
        name: "validation_accuracy",
        label: "validation",
        title: "validation accuracy",
        has_levels: true,
        ..ACCURACY
    };
    /// Mean cross-entropy of the images that `validation_samples` holds out.
    VALIDATION_LOSS =
        Declaration { name: "validation_loss", label: "validation loss", title: "validation loss", ..LOSS };
    /// With `label_noise`, accuracy on the images trained on against their own labels, not those trained on.
    TRUE_ACCURACY = Declaration {
        name: "true_accuracy",
        label: "true",
        title: "train accuracy on true labels",
        has_levels: true,
        ..ACCURACY
    };
    /// Share of the images trained on that the network with averaged weights classifies correctly. Its statistics of batch
    /// norm are those of the first 1,000 of these images.
    AVERAGED_TRAIN_ACCURACY = Declaration {
        name: "averaged_train_accuracy",
        label: "averaged train",
        title: "train accuracy of the averaged weights",
        along_axis: Some("averaged train accuracy (share of images)"),
        has_levels: true,
        ..ACCURACY
    };
    /// Share of the test images that the network with averaged weights classifies correctly.
    AVERAGED_TEST_ACCURACY = Declaration {
        name: "averaged_test_accuracy",
        label: "averaged test",
        title: "test accuracy of the averaged weights",
        along_axis: Some("averaged test accuracy (share of images)"),
        has_levels: true,
        ..ACCURACY
    };
    /// Mean cross-entropy of the images trained on, of the network with averaged weights.
    AVERAGED_TRAIN_LOSS = Declaration {
        name: "averaged_train_loss",
        label: "averaged train loss",
        title: "train loss of the averaged weights",
        ..LOSS
    };
    /// Mean cross-entropy of the test images, of the network with averaged weights.
    AVERAGED_TEST_LOSS = Declaration {
        name: "averaged_test_loss",
        label: "averaged test loss",
        title: "test loss of the averaged weights",
        ..LOSS
    };
    /// ‖ΔW‖₂ of the update before the evaluation, over all weights, as in every norm here. No value before the first
    /// update.
    UPDATE_NORM = Declaration {
        name: "update_norm",
        label: "update norm",
        title: "update norm ‖ΔW‖₂",
        probe: Some(Probe::Updates),
        has_levels: true,
        of_step: true,
        ..QUANTITY
    };
    /// The update norm over the weight norm after the update. No value before the first update, or where both are 0.
    UPDATE_RATIO = Declaration {
        name: "update_ratio",
        label: "update ratio",
        title: "update ratio",
        probe: Some(Probe::Updates),
        has_levels: true,
        of_step: true,
        ..QUANTITY
    };
    /// ‖g‖₂ of the last step's batch, as the optimizer receives it: clipped if the study clips, with λW where
    /// weight decay is coupled, and with λ sign(W) of `l1`. No value before the first step.
    GRADIENT_NORM = Declaration {
        name: "gradient_norm",
        label: "gradient norm",
        title: "gradient norm",
        probe: Some(Probe::Gradients),
        has_levels: true,
        of_step: true,
        ..QUANTITY
    };
    /// ‖V‖₂ after the last step, for optimizers that have a velocity: V of Momentum and Nesterov; for Adam −α m̂, its
    /// first moment in units of a step. No value before the first step, or for other optimizers.
    VELOCITY_NORM = Declaration {
        name: "velocity_norm",
        label: "velocity norm",
        title: "velocity norm",
        probe: Some(Probe::Velocity),
        of_step: true,
        ..QUANTITY
    };
    /// Angle between V and −g of the last step, in degrees: 0 where the velocity points straight downhill, above 90
    /// where it points uphill. No value before the first step; 0 where either is 0.
    VELOCITY_ANGLE = Declaration {
        name: "velocity_angle",
        label: "velocity angle (°)",
        title: "velocity angle",
        unit: Some("degrees"),
        probe: Some(Probe::Velocity),
        of_step: true,
        ..QUANTITY
    };
    /// Standard deviation of the activations of the first hidden layer, over units and images.
    FIRST_ACTIVATION_SD = Declaration {
        name: "first_activation_sd",
        label: "first activation sd",
        title: "sd of the first layer's activations",
        probe: Some(Probe::Activations),
        ..QUANTITY
    };
    /// Standard deviation of the activations of the last hidden layer, over units and images.
    LAST_ACTIVATION_SD = Declaration {
        name: "last_activation_sd",
        label: "last activation sd",
        title: "sd of the last layer's activations",
        probe: Some(Probe::Activations),
        ..QUANTITY
    };
    /// Standard deviation of the last hidden layer's activations divided by that of the first: 1 if depth preserves it.
    ACTIVATION_SD_RATIO = Declaration {
        name: "activation_sd_ratio",
        label: "activation sd ratio",
        title: "activation sd ratio",
        probe: Some(Probe::Activations),
        ..QUANTITY
    };
    /// Share of a hidden layer's activations at an end of their range: sigmoid below .05 or above .95, tanh and
    /// softsign beyond ±.95, ReLU 0. Leaky ReLU and GELU have none.
    SATURATED = Declaration {
        name: "saturated",
        label: "saturated",
        title: "saturated activations",
        along_axis: Some("saturated (share of activations)"),
        kind: Kind::Share,
        scope: Scope::TrialAndLayer,
        probe: Some(Probe::Activations),
        ..QUANTITY
    };
    /// Test accuracy of the average of many networks with dropped units. The test accuracy itself is that of the one
    /// network with no unit dropped.
    ENSEMBLE_ACCURACY = Declaration {
        name: "ensemble_accuracy",
        label: "ensemble",
        title: "ensemble accuracy",
        probe: Some(Probe::Ensemble),
        ..ACCURACY
    };
    /// Mean over the classes of the share of their test samples that are classified correctly, so that each class counts
    /// alike, however many samples it has. Only after the last step.
    BALANCED_ACCURACY = Declaration {
        name: "balanced_accuracy",
        label: "balanced",
        title: "balanced test accuracy",
        scope: Scope::End,
        probe: Some(Probe::Confusion),
        ..ACCURACY
    };
    /// Share of the test samples of the class with the lowest such share that are classified correctly. Only after the last
    /// step.
    WORST_CLASS_ACCURACY = Declaration {
        name: "worst_class_accuracy",
        label: "worst class",
        title: "test accuracy of the worst class",
        scope: Scope::End,
        probe: Some(Probe::Confusion),
        ..ACCURACY
    };
    /// Distance between the probabilities of the network with no unit dropped and that average: half the sum of the
    /// absolute differences, mean over the images.
    ENSEMBLE_DISTANCE = Declaration {
        name: "ensemble_distance",
        label: "ensemble distance",
        title: "ensemble distance",
        unit: Some("total variation"),
        kind: Kind::Share,
        probe: Some(Probe::Ensemble),
        ..QUANTITY
    };
    /// The same distance for a single network with dropped units, on average.
    SINGLE_DISTANCE = Declaration {
        name: "single_distance",
        label: "single distance",
        title: "single distance",
        unit: Some("total variation"),
        kind: Kind::Share,
        probe: Some(Probe::Ensemble),
        ..QUANTITY
    };
    /// With `patience`, how many epochs the training had before it stopped, or all of them if it never did. Only after the
    /// last step.
    STOPPED_EPOCH = Declaration {
        name: "stopped_epoch",
        label: "stopped epoch",
        title: "epoch at which training stopped",
        scope: Scope::End,
        ..QUANTITY
    };
    /// On the straight line to the trial's twin (the network trained on the same images from the next seed), the highest train loss minus
    /// the mean of the two networks' own. Only after the last step.
    BARRIER = Declaration {
        name: "barrier",
        label: "barrier",
        title: "barrier",
        signed: true,
        scope: Scope::End,
        probe: Some(Probe::Line),
        ..QUANTITY
    };
    /// On a random plane, the mean train loss within half the norm of the network's weights around it, minus the
    /// network's own. Only after the last step.
    RISE = Declaration {
        name: "rise",
        label: "rise",
        title: "rise",
        signed: true,
        scope: Scope::End,
        probe: Some(Probe::Plane),
        ..QUANTITY
    };
    /// On a surface, the length of the path so far.
    PATH_LENGTH = Declaration {
        name: "path_length",
        label: "path length",
        title: "path length",
        scope: Scope::Surface,
        ..QUANTITY
    };
    /// Distance from the start in a straight line, divided by the length of the path; 1 before the first step.
    STRAIGHTNESS = Declaration {
        name: "straightness",
        label: "straightness",
        title: "straightness",
        scope: Scope::Surface,
        ..QUANTITY
    };
    /// How often the slope along x or along y has changed its sign, that is, the path has crossed the valley.
    OVERSHOOTS =
        Declaration { name: "overshoots", label: "overshoots", title: "overshoots", scope: Scope::Surface, ..QUANTITY };
    /// Σ|Δx| / Σ learning_rate·|∂f/∂x|: how many times longer than SGD's, taken at the same places, the steps along x are;
    /// 1 before the first step.
    STEP_GAIN_X = Declaration {
        name: "step_gain_x",
        label: "step gain x",
        title: "step gain x",
        scope: Scope::Surface,
        ..QUANTITY
    };
    /// The same for the steps along y.
    STEP_GAIN_Y = Declaration {
        name: "step_gain_y",
        label: "step gain y",
        title: "step gain y",
        scope: Scope::Surface,
        ..QUANTITY
    };
    /// On a quadratic surface (bowl, quadratic, saddle), the larger eigenvalue of the Hessian, computed from the last
    /// three steps of SGD, Momentum or Nesterov. No value where these have only one direction.
    EIGENVALUE_HIGH = Declaration {
        name: "eigenvalue_high",
        label: "eigenvalue high",
        title: "eigenvalue high",
        signed: true,
        scope: Scope::Surface,
        ..QUANTITY
    };
    /// The smaller eigenvalue, computed in the same way.
    EIGENVALUE_LOW = Declaration {
        name: "eigenvalue_low",
        label: "eigenvalue low",
        title: "eigenvalue low",
        signed: true,
        scope: Scope::Surface,
        ..QUANTITY
    };
    /// The largest eigenvalue of the Hessian of what is minimised: the mean cross-entropy of the first 1,000 images
    /// trained on, with no unit dropped, plus the penalty of coupled weight decay. No value where 60 products with the
    /// Hessian do not find it.
    SHARPNESS = Declaration {
        name: "sharpness",
        label: "sharpness",
        title: "sharpness",
        signed: true,
        probe: Some(Probe::Curvature),
        ..QUANTITY
    };
    /// The largest eigenvalue of P^(−½) H P^(−½), where P is what the optimizer divides each gradient by. For
    /// optimizers that do not divide, the sharpness itself; for those that do, no value before the first step.
    PRECONDITIONED_SHARPNESS = Declaration {
        name: "preconditioned_sharpness",
        label: "preconditioned sharpness",
        title: "preconditioned sharpness",
        signed: true,
        probe: Some(Probe::Curvature),
        ..QUANTITY
    };
    /// ΔwᵀΔg / ‖Δw‖² of the last step, with the gradients of the same loss at both ends: the mean curvature along it.
    MOTION_CURVATURE = Declaration {
        name: "motion_curvature",
        label: "motion curvature",
        title: "motion curvature",
        signed: true,
        probe: Some(Probe::Curvature),
        of_step: true,
        ..QUANTITY
    };
    /// ‖Δg‖ / ‖Δw‖ of the last step: no more than the largest |eigenvalue| along the step.
    MOTION_GAIN = Declaration {
        name: "motion_gain",
        label: "motion gain",
        title: "motion gain",
        probe: Some(Probe::Curvature),
        of_step: true,
        ..QUANTITY
    };
    /// The (preconditioned) sharpness above which the optimizer's steps on a quadratic grow without bound, at the
    /// learning rate of the last step: 2/α for SGD, and more with a velocity. No value for Lion, whose steps never
    /// grow.
    STABILITY_BOUND = Declaration {
        name: "stability_bound",
        label: "stability bound",
        title: "stability bound",
        probe: Some(Probe::Curvature),
        ..QUANTITY
    };
    /// Mean of a hidden layer's activations, over units and images, as they reach the next layer.
    ACTIVATION_MEAN = Declaration {
        name: "activation_mean",
        label: "activation mean",
        title: "activation mean",
        signed: true,
        scope: Scope::Layer,
        probe: Some(Probe::Activations),
        ..QUANTITY
    };
    /// Standard deviation of a hidden layer's activations, over units and images, as they reach the next layer.
    ACTIVATION_SD = Declaration {
        name: "activation_sd",
        label: "activation sd",
        title: "activation sd",
        scope: Scope::Layer,
        probe: Some(Probe::Activations),
        ..QUANTITY
    };
    /// Share of a hidden layer's ReLU units that are 0 on all images looked at; not measured for other activation
    /// functions.
    DEAD = Declaration {
        name: "dead",
        label: "dead",
        title: "dead units",
        along_axis: Some("dead (share of units)"),
        kind: Kind::Share,
        scope: Scope::Layer,
        probe: Some(Probe::Activations),
        ..QUANTITY
    };
    /// ‖W‖₂ of one affine layer; number 1 leads from the images into the first hidden layer.
    LAYER_WEIGHT_NORM = Declaration {
        name: "layer_weight_norm",
        label: "weight norm",
        title: "weight norm ‖W‖₂",
        scope: Scope::Layer,
        probe: Some(Probe::Weights),
        ..QUANTITY
    };
}

/// A metric that a plan declares, as its journal has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// As in files: `bleu`.
    pub name: String,
    /// In a sentence, and over a column: `BLEU`. Absent: the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Absent where neither is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub better: Option<Better>,
    /// Whether a value may lie below 0. Absent: no.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signed: bool,
    /// What it means, in Markdown. Absent: nothing is said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub meaning: String,
}

impl Declared {
    /// Leaked, so that it lives as long as those declared here; equal declarations are kept once.
    fn metric(self) -> Metric {
        type Told<'a> = (&'a str, &'a str, Option<&'a str>, Option<Better>, bool, &'a str);
        static KEPT: Mutex<BTreeMap<Told<'static>, &'static Declaration>> = Mutex::new(BTreeMap::new());
        let Declared { name, title, unit, better, signed, meaning } = self;
        let same_name = Metric::ALL.iter().find(|metric| metric.name() == name);
        let (index, title) =
            (same_name.map_or(Metric::ALL.len(), |metric| metric.0.index), title.unwrap_or(name.clone()));
        let mut kept = KEPT.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let told: &BTreeMap<Told, &'static Declaration> = &kept;
        if let Some(same) = told.get(&(&*name, &*title, unit.as_deref(), better, signed, &*meaning)) {
            return Metric(same);
        }
        let (name, title): (&'static str, &'static str) = (name.leak(), title.leak());
        let unit = unit.map(|unit| &*unit.leak());
        let declaration = Declaration {
            index,
            name,
            label: title,
            title,
            unit,
            better,
            signed,
            has_levels: true,
            meaning: meaning.leak(),
            ..QUANTITY
        };
        let declaration: &'static Declaration = Box::leak(Box::new(declaration));
        kept.insert((name, title, unit, better, signed, declaration.meaning), declaration);
        Metric(declaration)
    }

    fn of(metric: &Metric) -> Declared {
        let Declaration { name, title, unit, better, signed, meaning, .. } = *metric.0;
        Declared {
            name: name.into(),
            title: (title != name).then(|| title.into()),
            unit: unit.map(String::from),
            better,
            signed,
            meaning: meaning.into(),
        }
    }
}

/// Serialises metrics with their whole declarations; elsewhere they are written by name.
pub mod declarations {
    use super::*;

    /// A list of declarations.
    pub fn serialize<S: Serializer>(metrics: &[Metric], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(metrics.iter().map(Declared::of))
    }

    /// More than these are taken for a mistake.
    const MOST: usize = 1000;

    /// Fails on anything but a list of [`Declared`], a thousand at most.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Metric>, D::Error> {
        let declared = Vec::<Declared>::deserialize(deserializer)?;
        if declared.len() > MOST {
            return Err(de::Error::custom(format_args!("{} metrics, where {MOST} is the most", declared.len())));
        }
        Ok(declared.into_iter().map(Declared::metric).collect())
    }
}

impl Metric {
    /// On a surface, the height f, which files call `train_loss`.
    pub const HEIGHT: Metric = Metric(&Declaration {
        index: Metric::TRAIN_LOSS.0.index,
        label: "f",
        title: "f",
        unit: None,
        signed: true,
        meaning: "On a surface, the height f.",
        ..*Metric::TRAIN_LOSS.0
    });

    /// The metric of this name that is declared here.
    pub fn named(name: &str) -> Option<Metric> {
        Metric::ALL.iter().copied().find(|metric| metric.name() == name)
    }

    /// A metric of which only the name is known; the plan declares the rest elsewhere.
    fn unknown(name: &str) -> Metric {
        let name = name.to_owned();
        Declared { name, title: None, unit: None, better: None, signed: false, meaning: String::new() }.metric()
    }

    /// Checks that it can be shown on a line of a terminal, in a file's name and in a table.
    pub(super) fn check(self) -> Result<(), String> {
        let Declaration { name, title, unit, meaning, .. } = *self.0;
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
        if name.is_empty() || name.len() > 64 || !name.chars().all(is_plain) {
            return Err(format!(
                "{:?} is no name of a metric: expected 1 to 64 letters, digits or any of _ - .",
                name.chars().take(64).collect::<String>()
            ));
        }
        let texts = [title, unit.unwrap_or_default(), meaning];
        match texts.iter().any(|text| text.contains(printable::is_unprintable)) || title.is_empty() {
            true => Err(format!("the metric {name} is described in letters that cannot be shown, or in none")),
            false => Ok(()),
        }
    }

    /// As in files: `train_accuracy`.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// As over a column: `train`.
    pub fn label(self) -> &'static str {
        self.0.label
    }

    /// As in a sentence: `train accuracy`.
    pub fn title(self) -> &'static str {
        self.0.title
    }

    /// With its unit, as along an axis: `train loss (nats)`.
    pub fn along_axis(self) -> String {
        match (self.0.along_axis, self.0.unit) {
            (Some(text), _) => text.into(),
            (None, Some(unit)) => format!("{} ({unit})", self.0.title),
            (None, None) => self.0.title.into(),
        }
    }

    /// What its numbers count.
    pub fn kind(self) -> Kind {
        self.0.kind
    }

    /// Which way is better; `None` where neither is.
    pub fn better(self) -> Option<Better> {
        self.0.better
    }

    /// Whether a value may lie below 0.
    pub fn is_signed(self) -> bool {
        self.0.signed
    }

    /// What has a value of this metric.
    pub fn scope(self) -> Scope {
        self.0.scope
    }

    /// Which probe measures it, if one has to be asked for.
    pub fn probe(self) -> Option<Probe> {
        self.0.probe
    }

    /// Whether it rises as training succeeds: higher is better, or it is an accuracy.
    pub fn rises(self) -> bool {
        self.0.better.map_or(self.is_accuracy(), |better| better == Better::Higher)
    }

    /// Whether a claim may ask for the steps until it reaches a level.
    pub fn has_levels(self) -> bool {
        self.0.has_levels
    }

    /// Whether it is of the last step, so that there is no value before the first.
    pub(super) fn is_of_step(self) -> bool {
        self.0.of_step
    }

    /// What it means, in Markdown.
    pub fn meaning(self) -> &'static str {
        self.0.meaning
    }

    /// Whether it is a share of images or a difference of two, and not a loss or a norm.
    pub fn is_accuracy(self) -> bool {
        matches!(self.0.kind, Kind::Accuracy | Kind::AccuracyDifference)
    }

    /// Whether each layer has its own.
    pub fn is_by_layer(self) -> bool {
        matches!(self.0.scope, Scope::Layer | Scope::TrialAndLayer)
    }
}

impl PartialEq for Metric {
    fn eq(&self, other: &Metric) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Metric {}

impl Hash for Metric {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl Ord for Metric {
    fn cmp(&self, other: &Metric) -> Ordering {
        (self.0.index, self.name()).cmp(&(other.0.index, other.name()))
    }
}

impl PartialOrd for Metric {
    fn partial_cmp(&self, other: &Metric) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for Metric {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Metric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Metric {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Metric, D::Error> {
        let name = Cow::<str>::deserialize(deserializer)?;
        Ok(Metric::named(&name).unwrap_or_else(|| Metric::unknown(&name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_metric_is_declared_whole_and_under_a_name_of_its_own() {
        let names: BTreeSet<&str> = Metric::ALL.iter().map(|metric| metric.name()).collect();
        assert_eq!(names.len(), Metric::ALL.len());
        for (index, &metric) in Metric::ALL.iter().enumerate() {
            assert_eq!((metric.0.index, Metric::named(metric.name())), (index, Some(metric)));
            assert!(
                !metric.label().is_empty() && !metric.title().is_empty() && !metric.meaning().is_empty(),
                "{metric:?}"
            );
            assert_eq!(serde_json::from_str::<Metric>(&format!("\"{}\"", metric.name())).unwrap(), metric);
        }
    }

    #[test]
    fn a_plan_declares_a_metric_and_others_name_it() {
        let text =
            r#"[{"name":"bleu","title":"BLEU","unit":"points","better":"higher","meaning":"See Papineni et al."}]"#;
        let read = || declarations::deserialize(&mut serde_json::Deserializer::from_str(text)).unwrap()[0];
        let (bleu, named) = (read(), serde_json::from_str::<Metric>("\"bleu\"").unwrap());
        assert_eq!(
            (bleu.along_axis().as_str(), bleu.better(), bleu.rises()),
            ("BLEU (points)", Some(Better::Higher), true)
        );
        assert_eq!((named, named.title(), named.better()), (bleu, "bleu", None));
        assert!(std::ptr::eq(read().0, bleu.0), "the same declaration is kept once");
        let mut written = Vec::new();
        declarations::serialize(&[bleu], &mut serde_json::Serializer::new(&mut written)).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), text);
        assert!(bleu > Metric::LAYER_WEIGHT_NORM && bleu.check().is_ok());
        let own = Metric::unknown("test_accuracy");
        assert_eq!(own.cmp(&Metric::TEST_ACCURACY), Ordering::Equal);
        assert!(["", "a b", "a/b", "ä"].iter().all(|name| Metric::unknown(name).check().is_err()));
    }
}
