//! The functions between the affine layers. Their derivatives are written in y, so that x need not be kept.

use super::{Elementwise, Layer, Statistic};
use crate::learn::kernel::{self, Matrix, vectorised};
use crate::learn::nn::Param;
use crate::plan::config::Activation;

impl Layer for Activation {
    fn name(&self) -> &'static str {
        "activation"
    }

    fn forward(&mut self, x: &mut Matrix, y: &mut Matrix) {
        std::mem::swap(x, y);
        self.evaluate(y);
    }

    fn backward(&mut self, _x: &Matrix, y: &Matrix, gradient: &mut Matrix) {
        multiply_by_derivative(*self, y.padded(), gradient.padded_mut());
    }

    fn evaluate(&self, x: &mut Matrix) {
        apply(*self, x.padded_mut());
    }

    fn state(&self) -> (&[Param], &[Statistic]) {
        (&[], &[])
    }

    fn state_mut(&mut self) -> (&mut [Param], &mut [Statistic]) {
        (&mut [], &mut [])
    }

    fn as_elementwise(&self) -> Option<&dyn Elementwise> {
        Some(self)
    }
}

impl Elementwise for Activation {
    fn differentiate(&self, x: &mut [f32], first: &mut [f32], second: &mut [f32]) {
        apply(*self, x);
        for ((y, first), second) in x.iter().zip(first).zip(second) {
            let (slope, bend) = match self {
                Activation::Relu => (if *y > 0.0 { 1.0 } else { 0.0 }, 0.0),
                Activation::Sigmoid => (*y * (1.0 - *y), *y * (1.0 - *y) * (1.0 - 2.0 * *y)),
                Activation::Tanh => (1.0 - *y * *y, -2.0 * *y * (1.0 - *y * *y)),
            };
            *second = bend * *first * *first + slope * *second;
            *first *= slope;
        }
    }
}

fn apply(activation: Activation, x: &mut [f32]) {
    match activation {
        Activation::Relu => kernel::relu_in_place(x),
        Activation::Sigmoid => kernel::sigmoid_in_place(x),
        Activation::Tanh => kernel::tanh_in_place(x),
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
