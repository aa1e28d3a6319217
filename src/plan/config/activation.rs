//! The activation functions and the properties of their outputs. Their formulas are in `learn::nn::layer`.

use super::named::{as_name_or_table, by_name, or_name_alone};
use super::range::Positive;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The function after the affine layer of each hidden layer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(remote = "Activation", rename_all = "snake_case", deny_unknown_fields)]
#[schemars(tag = "name", transform = or_name_alone)]
pub enum Activation {
    /// max(0, x)
    Relu {},
    /// 1 / (1 + e⁻ˣ)
    Sigmoid {},
    /// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)
    Tanh {},
    /// x, or slope · x where x is below 0 (Maas et al. 2013, section 2, whose slope is 0.01).
    LeakyRelu {
        /// What x is multiplied by where it is below 0.
        #[serde(default = "Activation::slope")]
        slope: Positive,
    },
    /// x Φ(x), Φ being the distribution function of the standard normal distribution: the exact form, not the one by tanh
    /// (Hendrycks & Gimpel 2016, arXiv:1606.08415, section 2).
    Gelu {},
    /// x / (1 + |x|) (Glorot & Bengio 2010, section 3, after Bergstra et al. 2009).
    Softsign {},
}

by_name!(Activation, as_name_or_table);

/// What probes and pictures need to know of a function's outputs.
pub struct ActivationFacts {
    /// Where its values lie.
    pub outputs: Outputs,
    /// `None` for a function that does not saturate.
    pub saturation: Option<Saturation>,
    /// Whether a unit can be 0 on every image, so that no gradient can change it any more.
    pub dies: bool,
    /// How to read its histograms, in sentences that follow "A panel a hidden layer."
    pub what_to_see: &'static str,
}

/// Where the outputs of a function lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outputs {
    /// Between these two, which are never reached.
    Between(f64, f64),
    /// 0 or above.
    FromZero,
    /// Anywhere.
    Anywhere,
}

/// Outputs at which almost no gradient passes.
pub struct Saturation {
    /// Whether an output is one of them.
    pub contains: fn(f32) -> bool,
    /// The condition in words, as part of a sentence.
    pub words: &'static str,
    /// One word for it, which stands before the share.
    pub word: &'static str,
}

impl Activation {
    fn slope() -> Positive {
        Positive(0.01)
    }

    /// The properties of its outputs.
    pub fn facts(self) -> ActivationFacts {
        match self {
            Activation::Relu {} => ActivationFacts {
                outputs: Outputs::FromZero,
                saturation: Some(Saturation { contains: |y| y == 0.0, words: "ReLU 0", word: "zero" }),
                dies: true,
                what_to_see: "Healthy layers look alike; where the bars crowd at 0 the signal fades from layer to layer, \
                              where they move out it explodes. zero: the share of zeros; dead: units that are 0 on every \
                              image, which no gradient can wake.",
            },
            Activation::Sigmoid {} => ActivationFacts {
                outputs: Outputs::Between(0.0, 1.0),
                saturation: Some(Saturation {
                    contains: |y| !(0.05..=0.95).contains(&y),
                    words: "sigmoid below 0.05 or above 0.95",
                    word: "ends",
                }),
                dies: false,
                what_to_see: "Piled on the ends, 0 and 1, units are saturated and let no gradient through; piled on 0.5 \
                              they all say the same. ends: the share below 0.05 or above 0.95.",
            },
            Activation::Tanh {} => ActivationFacts {
                outputs: Outputs::Between(-1.0, 1.0),
                saturation: Some(Saturation {
                    contains: |y| y.abs() > 0.95, words: "tanh beyond ±0.95", word: "ends"
                }),
                dies: false,
                what_to_see: "Piled on the ends, −1 and 1, units are saturated and let no gradient through; piled on 0 the \
                              signal has faded. ends: the share beyond ±0.95.",
            },
            Activation::Softsign {} => ActivationFacts {
                outputs: Outputs::Between(-1.0, 1.0),
                saturation: Some(Saturation {
                    contains: |y| y.abs() > 0.95,
                    words: "softsign beyond ±0.95",
                    word: "ends",
                }),
                dies: false,
                what_to_see: "Piled towards the ends, −1 and 1, units are saturated and let next to no gradient through; \
                              piled on 0 the signal has faded. ends: the share beyond ±0.95.",
            },
            Activation::LeakyRelu { .. } | Activation::Gelu {} => ActivationFacts {
                outputs: Outputs::Anywhere,
                saturation: None,
                dies: false,
                what_to_see: "Healthy layers look alike; where the bars crowd at 0 the signal fades from layer to layer, \
                              where they move out it explodes.",
            },
        }
    }
}
