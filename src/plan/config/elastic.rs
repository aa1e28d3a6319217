//! Elastic distortion of images.

use super::range::{NonNegative, Positive};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A random field of displacements, smoothed and scaled (Simard et al. 2003, section 2).
///
/// Δ = α · (G_σ ∗ U), along x and along y: every entry of U is drawn evenly from [−1, 1], and the weights of the Gaussian
/// G_σ add up to 1. With σ = 4 and α = 34, which are those of the paper, pixels of MNIST are displaced by 1.4 pixels each way
/// (root mean square).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Elastic {
    /// α, by which the smoothed field is multiplied, in pixels. 0 means no distortion.
    pub alpha: NonNegative,
    /// σ, the standard deviation of the Gaussian that smooths the field, in pixels.
    pub sigma: Positive,
}

impl Default for Elastic {
    fn default() -> Elastic {
        Elastic { alpha: NonNegative(0.0), sigma: Positive(4.0) }
    }
}
