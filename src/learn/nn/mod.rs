//! Layers, initial weights, the loss, and the network they make.
//!
//! Shapes: a batch is [batch, width]; weights are [fan_in, fan_out].

mod activation;
mod affine;
mod batch_norm;
mod dropout;
#[cfg(test)]
mod gradient_check;
mod init;
mod loss;
mod network;

pub use affine::{Affine, Workspace};
pub use batch_norm::BatchNorm;
pub use dropout::Dropout;
pub use init::{draw_weights, standard_deviation};
pub use loss::{correct, cross_entropy, cross_entropy_gradient, largest};
pub use network::{Network, Scratch, Stage, dot, sum_of_squares};

use crate::learn::kernel::Matrix;
pub use crate::plan::config::Activation;

/// What follows an affine layer and keeps its width: batch norm, activation, dropout.
pub trait Layer: Send + Sync {
    /// y from x while training, both [batch, width]; remembers what `backward` needs. What x holds afterwards means
    /// nothing.
    fn forward(&mut self, x: &mut Matrix, y: &mut Matrix);

    /// Turns the gradient with respect to y into that with respect to x, and sets the gradients of the parameters.
    fn backward(&mut self, y: &Matrix, gradient: &mut Matrix);

    /// y from x in evaluation, in place. Draws nothing and remembers nothing, so that many threads may evaluate at once.
    fn evaluate(&self, x: &mut Matrix);

    /// Hands out the parameters, always in the same order.
    fn parameters(&mut self, _visit: &mut dyn FnMut(&mut Param)) {}

    /// What each unit of the current batch was multiplied by, 0 if it was dropped, [batch, width]: dropout alone has it.
    fn dropout_factors(&self) -> Option<&Matrix> {
        None
    }

    /// Everything that a trained network consists of, running statistics included, by name.
    fn tensors(&self) -> Vec<(&'static str, &Matrix)> {
        Vec::new()
    }
}

/// A parameter of the network with its gradient; to an optimizer both are flat.
pub struct Param {
    pub value: Matrix,
    pub gradient: Matrix,
    /// Whether weight decay touches it: weights yes; biases, γ and β no.
    pub decays: bool,
}

impl Param {
    fn new(value: Matrix, decays: bool) -> Param {
        Param { gradient: Matrix::zeros(value.rows(), value.cols()), value, decays }
    }
}
