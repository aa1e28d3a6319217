//! Layers, initial weights, the loss, and the network they make.
//!
//! Shapes: a batch is [batch, width]; weights are [fan_in, fan_out].

mod affine;
#[cfg(test)]
mod gradient_check;
mod init;
mod input_dropout;
mod layer;
mod loss;
mod max_norm;
mod network;
mod penalty;

pub use affine::{Affine, Workspace};
pub use init::{draw_weights, standard_deviation};
pub use input_dropout::InputDropout;
pub use layer::{BatchNorm, Dropout, Elementwise, Layer, Statistic, activation, layers};
pub use loss::{correct, cross_entropy, cross_entropy_gradient, largest};
pub use max_norm::MaxNorm;
pub use network::{Network, Scratch, Stage, dot, sum_of_squares};
pub use penalty::{add_l1, add_l2};

use crate::kernel::Matrix;

/// A parameter of the network with its gradient; an optimizer sees both as flat.
pub struct Param {
    /// Its name in its layer: `weight`, `gamma`.
    pub name: &'static str,
    /// What is trained, as its layer needs it: weights are [fan_in, fan_out], the others [1, width].
    pub value: Matrix,
    /// The gradient of the loss with respect to `value`, of the same shape.
    pub gradient: Matrix,
    /// Whether weight decay, `l1` and the max-norm constraint apply to it: to weights they do, to biases, γ and β they do
    /// not.
    pub decays: bool,
}

impl Param {
    fn new(name: &'static str, value: Matrix, decays: bool) -> Param {
        Param { name, gradient: Matrix::zeros(value.rows(), value.cols()), value, decays }
    }
}
