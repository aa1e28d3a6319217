//! What follows the affine layer of each hidden layer: which layers, in which order, and the properties of each that
//! are known before it is built.

use super::check::counted;
use super::{ByLayer, Config, Contradiction, Probe};

/// A layer of as many units as the affine layer before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerKind {
    /// Batch normalisation.
    BatchNorm,
    /// Layer normalisation.
    LayerNorm,
    /// The activation function.
    Activation,
    /// Dropout.
    Dropout,
}

/// What checks and estimates need to know of a layer.
pub struct LayerFacts {
    /// Its name in sentences.
    pub name: &'static str,
    /// The key that switches it on.
    pub key: &'static str,
    /// Trained parameters for each unit.
    pub parameters: usize,
    /// Running statistics, for each unit.
    pub statistics: usize,
    /// Values kept for the backward pass, for each unit and image of a batch, besides the output.
    pub kept: usize,
    /// Multiplications for each unit and image in one pass, as [`Config::cost`] counts them, roughly: a single one
    /// counts as none.
    pub multiplications: f64,
    /// Whether an image's output in training depends on the rest of its batch.
    pub mixes_images: bool,
    /// Why the probe `curvature` cannot differentiate it twice, as in "with it, …"; `None` if it can.
    pub no_curvature: Option<&'static str>,
}

/// Something that the probe `curvature` cannot look at.
pub struct NoCurvature {
    /// Its name in sentences.
    pub with: &'static str,
    /// The key that switches it on.
    pub key: &'static str,
    /// Why not, as in "with it, …".
    pub why: &'static str,
}

impl Config {
    /// The layers after the affine layer of a hidden layer, counted from 0. Their order is decided here and nowhere else.
    pub fn layers(&self, hidden: usize) -> Vec<LayerKind> {
        let layers = [
            (LayerKind::BatchNorm, self.batch_norm),
            (LayerKind::LayerNorm, self.layer_norm),
            (LayerKind::Activation, true),
            (LayerKind::Dropout, self.dropout.of(hidden) > 0.0),
        ];
        layers.into_iter().filter(|(_, is_there)| *is_there).map(|(kind, _)| kind).collect()
    }

    /// The properties of all layers after affine ones.
    fn all_layers(&self) -> impl Iterator<Item = LayerFacts> {
        (0..self.hidden.len()).flat_map(|hidden| self.layers(hidden)).map(LayerKind::facts)
    }

    /// Whether inputs, or units of some hidden layer, are dropped.
    pub fn drops_units(&self) -> bool {
        self.input_dropout.get() > 0.0 || (0..self.hidden.len()).any(|hidden| self.dropout.of(hidden) > 0.0)
    }

    /// Whether some layer makes an image's output depend on the rest of its batch.
    pub fn mixes_images(&self) -> bool {
        self.all_layers().any(|layer| layer.mixes_images)
    }

    /// What the probe `curvature` cannot look at, if there is something.
    pub fn no_curvature(&self) -> Option<NoCurvature> {
        let of_layer =
            |facts: LayerFacts| facts.no_curvature.map(|why| NoCurvature { with: facts.name, key: facts.key, why });
        let constraint = (self.max_norm.get() > 0.0).then_some(NoCurvature {
            with: "a max-norm constraint",
            key: "max_norm",
            why: "weights are moved by more than the optimizer",
        });
        self.all_layers().find_map(of_layer).or(constraint)
    }

    pub(super) fn check_layers(&self) -> Result<(), Contradiction> {
        let fail = |keys: &[&str], message| Err(Contradiction::new(keys, message));
        if let ByLayer::Each(shares) = &self.dropout
            && shares.len() != self.hidden.len()
        {
            let message = format!(
                "dropout lists {}, and the network has {}: give one share for each, or a single one for all; several to \
                 compare are an axis, below [grid]",
                counted(shares.len(), "share", "shares"),
                counted(self.hidden.len(), "hidden layer", "hidden layers")
            );
            return fail(&["dropout", "hidden"], message);
        }
        if self.batch_norm && self.batch_size.get() < 2 {
            return fail(
                &["batch_size", "batch_norm"],
                "batch norm needs batches of 2 or more: one image has no variance".into(),
            );
        }
        if self.layer_norm && self.hidden.iter().any(|width| width.get() < 2) {
            return fail(
                &["hidden", "layer_norm"],
                "layer norm needs hidden layers of 2 or more units: one unit has no variance".into(),
            );
        }
        if self.batch_norm && self.layer_norm {
            return fail(
                &["layer_norm", "batch_norm"],
                "batch_norm and layer_norm are both on, and each would undo the other: keep one of them".into(),
            );
        }
        if let Some(NoCurvature { with, key, why }) =
            self.no_curvature().filter(|_| self.probes.contains(&Probe::Curvature))
        {
            let message = format!(
                "the probe \"curvature\" cannot look at a network with {with}, in which {why}: leave one of them out"
            );
            return fail(&["probes", key], message);
        }
        Ok(())
    }
}

impl LayerKind {
    /// Its properties, known before it is built.
    pub fn facts(self) -> LayerFacts {
        match self {
            LayerKind::BatchNorm => LayerFacts {
                name: "batch norm",
                key: "batch_norm",
                parameters: 2,
                statistics: 2,
                kept: 1,
                multiplications: 4.0,
                mixes_images: true,
                no_curvature: Some("each image's loss depends on the rest of its batch"),
            },
            LayerKind::LayerNorm => LayerFacts {
                name: "layer norm",
                key: "layer_norm",
                parameters: 2,
                statistics: 0,
                kept: 1,
                multiplications: 4.0,
                mixes_images: false,
                no_curvature: Some("each unit depends on the others of its layer"),
            },
            LayerKind::Activation => LayerFacts {
                name: "an activation function",
                key: "activation",
                parameters: 0,
                statistics: 0,
                kept: 0,
                multiplications: 10.0,
                mixes_images: false,
                no_curvature: None,
            },
            LayerKind::Dropout => LayerFacts {
                name: "dropout",
                key: "dropout",
                parameters: 0,
                statistics: 0,
                kept: 1,
                multiplications: 0.0,
                mixes_images: false,
                no_curvature: None,
            },
        }
    }
}
