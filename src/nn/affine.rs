//! y = x W + b

use super::Param;
use crate::kernel::{Matrix, NonZeros, SparseRows, product};

/// A fully connected layer.
pub struct Affine {
    /// W, [fan_in, fan_out].
    pub weight: Param,
    /// b, [1, fan_out].
    pub bias: Param,
    /// xᵀ of the current batch, [fan_in, batch].
    input_transposed: NonZeros,
    /// 1ᵀ, [1, batch].
    ones: NonZeros,
}

/// What the layers of a network work in, one after the other: memory that stays in the processor's caches.
pub struct Workspace {
    /// What is not zero of a layer's input x, or of its ∂L/∂y.
    nonzeros: NonZeros,
    /// Its xᵀ or Wᵀ, zeros included.
    transposed: Matrix,
}

impl Workspace {
    /// For batches of `batch` rows, of up to `inputs` pixels for the first layer and of up to `width` values behind it.
    pub fn new(batch: usize, inputs: usize, width: usize) -> Workspace {
        Workspace {
            nonzeros: NonZeros::new(batch, inputs.max(width)),
            transposed: Matrix::zeros(width, batch.max(width)),
        }
    }
}

impl Affine {
    /// A layer for batches of `batch` rows, from its initial weights [fan_in, fan_out]. The bias starts at 0.
    pub fn new(weight: Matrix, batch: usize) -> Affine {
        let (fan_in, fan_out) = (weight.rows(), weight.cols());
        Affine {
            weight: Param::new(weight, true),
            bias: Param::new(Matrix::zeros(1, fan_out), false),
            input_transposed: NonZeros::new(fan_in, batch),
            ones: NonZeros::ones(batch),
        }
    }

    pub fn fan_in(&self) -> usize {
        self.weight.value.rows()
    }

    pub fn fan_out(&self) -> usize {
        self.weight.value.cols()
    }

    /// y, [batch, fan_out], of the images that `indices` name, which are the input of `backward` too.
    pub fn forward_images(
        &mut self,
        images: &SparseRows,
        indices: impl ExactSizeIterator<Item = usize> + Clone,
        y: &mut Matrix,
        Workspace { nonzeros, .. }: &mut Workspace,
    ) {
        nonzeros.gather(images, indices);
        nonzeros.transpose_into(&mut self.input_transposed);
        self.evaluate(nonzeros, y);
    }

    /// y, [batch, fan_out], of x, [batch, fan_in], which is the input of `backward` too.
    pub fn forward(&mut self, x: &Matrix, y: &mut Matrix, Workspace { nonzeros, transposed }: &mut Workspace) {
        nonzeros.compress(x, x.rows());
        // Sooner than by what is not zero, unless that is little.
        x.transpose_into(transposed);
        self.input_transposed.compress(transposed, x.cols());
        self.evaluate(nonzeros, y);
    }

    /// y from any x.
    pub fn evaluate(&self, x: &NonZeros, y: &mut Matrix) {
        product(x, &self.weight.value, Some(&self.bias.value), y);
    }

    /// From ∂L/∂y: ∂L/∂W = xᵀ ∂L/∂y and ∂L/∂b = 1ᵀ ∂L/∂y, the sum over the batch.
    pub fn backward(&mut self, gradient: &Matrix) {
        product(&self.input_transposed, gradient, None, &mut self.weight.gradient);
        product(&self.ones, gradient, None, &mut self.bias.gradient);
    }

    /// ∂L/∂x = ∂L/∂y Wᵀ, [batch, fan_in].
    pub fn backward_to_input(
        &self,
        gradient: &Matrix,
        input_gradient: &mut Matrix,
        Workspace { nonzeros, transposed }: &mut Workspace,
    ) {
        nonzeros.compress(gradient, gradient.rows());
        self.weight.value.transpose_into(transposed);
        product(nonzeros, transposed, None, input_gradient);
    }
}
