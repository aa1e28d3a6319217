//! The functions between the affine layers. Their derivatives are written in y, so that x need not be kept.

use super::{Activation, Layer};
use crate::learn::kernel::{self, Matrix, vectorised};

impl Layer for Activation {
    fn forward(&mut self, x: &mut Matrix, y: &mut Matrix) {
        std::mem::swap(x, y);
        self.evaluate(y);
    }

    fn backward(&mut self, y: &Matrix, gradient: &mut Matrix) {
        multiply_by_derivative(*self, y.padded(), gradient.padded_mut());
    }

    fn evaluate(&self, x: &mut Matrix) {
        match self {
            Activation::Relu => kernel::relu_in_place(x.padded_mut()),
            Activation::Sigmoid => kernel::sigmoid_in_place(x.padded_mut()),
            Activation::Tanh => kernel::tanh_in_place(x.padded_mut()),
        }
    }
}

vectorised! {
    fn multiply_by_derivative(activation: Activation, y: &[f32], gradient: &mut [f32]) {
        let pairs = gradient.iter_mut().zip(y);
        match activation {
            Activation::Relu => pairs.for_each(|(gradient, &y)| *gradient = if y > 0.0 { *gradient } else { 0.0 }),
            Activation::Sigmoid => pairs.for_each(|(gradient, &y)| *gradient *= y * (1.0 - y)),
            Activation::Tanh => pairs.for_each(|(gradient, &y)| *gradient *= 1.0 - y * y),
        }
    }
}
