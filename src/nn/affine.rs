//! y = x W + b

use super::Param;
use crate::kernel::{Matrix, NonZeros, SparseRows, product};

/// A fully connected layer. Its input is held as what is not zero, row by row and column by column.
pub struct Affine {
    /// W, [fan_in, fan_out].
    pub weight: Param,
    /// b, [1, fan_out].
    pub bias: Param,
    /// x of the current batch, [batch, fan_in], and xᵀ.
    input: NonZeros,
    input_transposed: NonZeros,
    /// Where xᵀ arises, zeros included.
    dense_transposed: Matrix,
    /// ∂L/∂y, [batch, fan_out].
    gradient: NonZeros,
    /// Wᵀ, [fan_out, fan_in].
    weight_transposed: Matrix,
    /// 1ᵀ, [1, batch].
    ones: NonZeros,
}

impl Affine {
    /// A layer for batches of `batch` rows, from its initial weights [fan_in, fan_out]. The bias starts at 0.
    pub fn new(weight: Matrix, batch: usize) -> Affine {
        let (fan_in, fan_out) = (weight.rows(), weight.cols());
        Affine {
            weight: Param::new(weight, true),
            bias: Param::new(Matrix::zeros(1, fan_out), false),
            input: NonZeros::new(batch, fan_in),
            input_transposed: NonZeros::new(fan_in, batch),
            dense_transposed: Matrix::zeros(fan_in, batch),
            gradient: NonZeros::new(batch, fan_out),
            weight_transposed: Matrix::zeros(fan_out, fan_in),
            ones: NonZeros::ones(batch),
        }
    }

    pub fn fan_in(&self) -> usize {
        self.weight.value.rows()
    }

    pub fn fan_out(&self) -> usize {
        self.weight.value.cols()
    }

    /// Takes the images that `indices` name as the input of `forward` and `backward`.
    pub fn take_images(&mut self, images: &SparseRows, indices: impl ExactSizeIterator<Item = usize> + Clone) {
        self.input.gather(images, indices);
        self.input.transpose_into(&mut self.input_transposed);
    }

    /// Takes x, [batch, fan_in], as the input of `forward` and `backward`.
    pub fn take_input(&mut self, x: &Matrix) {
        self.input.compress(x, x.rows());
        // Sooner than by what is not zero, unless that is little.
        x.transpose_into(&mut self.dense_transposed);
        self.input_transposed.compress(&self.dense_transposed, x.cols());
    }

    /// y, [batch, fan_out].
    pub fn forward(&self, y: &mut Matrix) {
        self.evaluate(&self.input, y);
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
    pub fn backward_to_input(&mut self, gradient: &Matrix, input_gradient: &mut Matrix) {
        self.gradient.compress(gradient, gradient.rows());
        self.weight.value.transpose_into(&mut self.weight_transposed);
        product(&self.gradient, &self.weight_transposed, None, input_gradient);
    }
}
