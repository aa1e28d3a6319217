//! The functions between the affine layers. Their derivatives are written in y, so that x need not be kept.

use super::{Activation, Layer};
use crate::kernel::{self, Matrix};

impl Activation {
    fn apply(self, values: &mut [f32]) {
        match self {
            Activation::Relu => values.iter_mut().for_each(|x| *x = relu(*x)),
            Activation::Sigmoid => kernel::sigmoid_in_place(values),
            Activation::Tanh => kernel::tanh_in_place(values),
        }
    }
}

/// max(0, x), but NaN stays NaN.
#[inline(always)]
fn relu(x: f32) -> f32 {
    if x <= 0.0 { 0.0 } else { x }
}

impl Layer for Activation {
    fn forward(&mut self, x: &Matrix, y: &mut Matrix) {
        match self {
            Activation::Relu => y.padded_mut().iter_mut().zip(x.padded()).for_each(|(y, &x)| *y = relu(x)),
            Activation::Sigmoid | Activation::Tanh => {
                y.padded_mut().copy_from_slice(x.padded());
                self.apply(y.padded_mut());
            }
        }
    }

    fn backward(&mut self, y: &Matrix, gradient: &mut Matrix) {
        let pairs = gradient.padded_mut().iter_mut().zip(y.padded());
        match self {
            Activation::Relu => pairs.for_each(|(gradient, &y)| *gradient = if y > 0.0 { *gradient } else { 0.0 }),
            Activation::Sigmoid => pairs.for_each(|(gradient, &y)| *gradient *= y * (1.0 - y)),
            Activation::Tanh => pairs.for_each(|(gradient, &y)| *gradient *= 1.0 - y * y),
        }
    }

    fn evaluate(&self, x: &mut Matrix) {
        self.apply(x.padded_mut());
    }
}
