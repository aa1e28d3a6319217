//! What follows an affine layer and keeps its width: normalisation, activation, dropout.

mod activation;
mod batch_norm;
mod dropout;
mod layer_norm;

pub use activation::activation;
pub use batch_norm::BatchNorm;
pub use dropout::Dropout;
pub use layer_norm::LayerNorm;

use super::Param;
use crate::kernel::Matrix;
use crate::plan::config::{Config, LayerKind};
use rand_chacha::ChaCha8Rng;

/// The layers after the affine layer of a hidden layer, counted from 0, for batches of `batch`. `rng` is for layers that
/// draw random numbers.
pub fn layers(
    config: &Config,
    hidden: usize,
    batch: usize,
    width: usize,
    rng: impl Fn() -> ChaCha8Rng,
) -> Vec<Box<dyn Layer>> {
    let layer = |kind| -> Box<dyn Layer> {
        match kind {
            LayerKind::BatchNorm => {
                let (momentum, epsilon) = (config.batch_norm_momentum.get(), config.batch_norm_epsilon.get());
                Box::new(BatchNorm::new(batch, width, momentum as f32, epsilon as f32))
            }
            LayerKind::LayerNorm => Box::new(LayerNorm::new(batch, width, config.layer_norm_epsilon.get() as f32)),
            LayerKind::Activation => activation(config.activation),
            LayerKind::Dropout => {
                Box::new(Dropout::new(batch, width, config.dropout.of(hidden), config.dropout_scaling, rng()))
            }
        }
    };
    config.layers(hidden).into_iter().map(layer).collect()
}

/// A layer that works on batches. Its properties that are known before it is built are in [`LayerKind::facts`].
///
/// Methods have no default where leaving them out would make something silently wrong: code that copies a network,
/// writes it to a file or takes its digest only asks for parameters and statistics.
pub trait Layer: Send + Sync {
    /// For the names of its tensors: `norm` makes `norm1.gamma`, and so on.
    fn name(&self) -> &'static str;

    /// y from x while training, both [batch, width]; keeps what `backward` needs, and may overwrite x for that.
    fn forward(&mut self, x: &mut Matrix, y: &mut Matrix);

    /// Turns the gradient with respect to y into that with respect to x, and sets the gradients of the parameters. Both x
    /// and y are as `forward` left them.
    fn backward(&mut self, x: &Matrix, y: &Matrix, gradient: &mut Matrix);

    /// y from x in evaluation, in place. Draws no random numbers and changes no state, so that many threads may
    /// evaluate at once.
    fn evaluate(&self, x: &mut Matrix);

    /// The trained parameters, and the statistics that evaluation needs besides; each always in the same order.
    fn state(&self) -> (&[Param], &[Statistic]);
    /// [`Layer::state`], mutable.
    fn state_mut(&mut self) -> (&mut [Param], &mut [Statistic]);

    /// Itself, if in evaluation each of its outputs is a twice differentiable function of one input alone.
    fn as_elementwise(&self) -> Option<&dyn Elementwise>;

    /// What each unit of the current batch was multiplied by, 0 if it was dropped, [batch, width]: dropout alone has it.
    fn dropout_factors(&self) -> Option<&Matrix> {
        None
    }
}

/// A layer whose outputs in evaluation are twice differentiable functions of one input each.
pub trait Elementwise {
    /// y from x in evaluation, in place. `first` and `second` are the derivatives of x with respect to some z, and become
    /// those of y.
    fn differentiate(&self, x: &mut [f32], first: &mut [f32], second: &mut [f32]);
}

/// A running statistic of the batches of a training, [1, width].
pub struct Statistic {
    /// The name in traces: `running_mean`.
    pub name: &'static str,
    /// What evaluation uses.
    pub running: Matrix,
    /// The statistic of the current batch.
    pub batch: Matrix,
}

impl Statistic {
    fn new(name: &'static str, start: Matrix) -> Statistic {
        Statistic { name, batch: start.clone(), running: start }
    }

    /// running ← momentum · running + (1 − momentum) · batch
    fn follow(&mut self, momentum: f32) {
        for (running, batch) in self.running.padded_mut().iter_mut().zip(self.batch.padded()) {
            *running = momentum * *running + (1.0 - momentum) * batch;
        }
    }
}

/// A row of equal values; its padding is zero.
fn filled(width: usize, value: f32) -> Matrix {
    let mut row = Matrix::zeros(1, width);
    row.row_mut(0).fill(value);
    row
}
