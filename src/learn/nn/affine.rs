//! y = x W + b

use super::Param;
use crate::kernel::{Batch, Bits, LeftOperand, Matrix, Transposed, product};

/// A fully connected layer.
pub struct Affine {
    /// W, [fan_in, fan_out].
    pub weight: Param,
    /// b, [1, fan_out].
    pub bias: Param,
    /// Which elements of the current batch's xᵀ are not zero, [fan_in, batch].
    input_nonzero: Bits,
}

/// Memory that the layers of a network share, one after the other, so that it stays in the processor's caches.
pub struct Workspace {
    /// x of the first layer: the images of the current batch.
    pub images: Batch,
    /// Which elements of a layer's input x, or of its ∂L/∂y, are not zero.
    nonzero: Bits,
    /// 1ᵀ, [1, batch], no element of which is zero.
    ones: Matrix,
    ones_nonzero: Bits,
}

impl Workspace {
    /// For batches of `batch` rows and layers with these (fan_in, fan_out), in order.
    pub fn new(batch: usize, shapes: &[(usize, usize)]) -> Workspace {
        let inputs = shapes.first().map_or(0, |first| first.0);
        let width = shapes.iter().map(|shape| shape.1).fold(1, usize::max);
        let (mut ones, mut ones_nonzero) = (Matrix::zeros(1, batch), Bits::zeros(1, batch));
        ones.row_mut(0).fill(1.0);
        ones_nonzero.find(&ones, 1);
        Workspace { images: Batch::new(batch, inputs), nonzero: Bits::zeros(batch, width), ones, ones_nonzero }
    }
}

impl Affine {
    /// A layer for batches of `batch` rows, from its initial weights [fan_in, fan_out]. The bias starts at 0.
    pub fn new(weight: Matrix, batch: usize) -> Affine {
        let (fan_in, fan_out) = (weight.rows(), weight.cols());
        Affine {
            weight: Param::new("weight", weight, true),
            bias: Param::new("bias", Matrix::zeros(1, fan_out), false),
            input_nonzero: Bits::zeros(fan_in, batch),
        }
    }

    /// Number of input units.
    pub fn fan_in(&self) -> usize {
        self.weight.value.rows()
    }

    /// Number of its own units.
    pub fn fan_out(&self) -> usize {
        self.weight.value.cols()
    }

    /// y, [batch, fan_out], of the images in the workspace, which are the input of `backward_images` too.
    pub fn forward_images(&mut self, y: &mut Matrix, Workspace { images: x, .. }: &Workspace) {
        x.nonzero().transpose_into(&mut self.input_nonzero);
        self.evaluate_images(x, y);
    }

    /// y, [batch, fan_out], of images.
    pub fn evaluate_images(&self, images: &Batch, y: &mut Matrix) {
        images.times(&self.weight.value, &self.bias.value, y);
    }

    /// y, [batch, fan_out], of x, [batch, fan_in], which is the input of `backward` too.
    pub fn forward(&mut self, x: &Matrix, y: &mut Matrix, Workspace { nonzero, .. }: &mut Workspace) {
        nonzero.find(x, x.rows());
        nonzero.transpose_into(&mut self.input_nonzero);
        self.evaluate(nonzero, x, y);
    }

    /// y from any x, and the bits of what is not zero in x.
    pub fn evaluate(&self, nonzero: &Bits, x: &impl LeftOperand, y: &mut Matrix) {
        product(nonzero, x, &self.weight.value, Some(&self.bias.value), y);
    }

    /// From ∂L/∂y and the unchanged input of the last `forward`: ∂L/∂W = xᵀ ∂L/∂y and ∂L/∂b = 1ᵀ ∂L/∂y, the sum over
    /// the batch.
    pub fn backward(&mut self, x: &Matrix, gradient: &Matrix, workspace: &Workspace) {
        product(&self.input_nonzero, &Transposed(x), gradient, None, &mut self.weight.gradient);
        self.backward_to_bias(gradient, workspace);
    }

    /// The same from the images of the last `forward_images`.
    pub fn backward_images(&mut self, gradient: &Matrix, workspace: &Workspace) {
        workspace.images.transposed_times(&self.input_nonzero, gradient, &mut self.weight.gradient);
        self.backward_to_bias(gradient, workspace);
    }

    fn backward_to_bias(&mut self, gradient: &Matrix, Workspace { ones, ones_nonzero, .. }: &Workspace) {
        product(ones_nonzero, ones, gradient, None, &mut self.bias.gradient);
    }

    /// ∂L/∂x = ∂L/∂y Wᵀ, [batch, fan_in].
    pub fn backward_to_input(
        &self,
        gradient: &Matrix,
        input_gradient: &mut Matrix,
        Workspace { nonzero, .. }: &mut Workspace,
    ) {
        nonzero.find(gradient, gradient.rows());
        product(nonzero, gradient, &Transposed(&self.weight.value), None, input_gradient);
    }
}
