//! The activation functions, each with its first two derivatives.

use super::{Elementwise, Layer, Statistic};
use crate::kernel::function::{normal, sigmoid, tanh};
use crate::kernel::{Matrix, MulAdd, vectorised};
use crate::learn::nn::Param;
use crate::plan::config::Activation;

/// The layer of an activation function.
pub fn activation(function: Activation) -> Box<dyn Layer> {
    match function {
        Activation::Relu {} => Box::new(FunctionLayer(Relu)),
        Activation::Sigmoid {} => Box::new(FunctionLayer(Sigmoid)),
        Activation::Tanh {} => Box::new(FunctionLayer(Tanh)),
        Activation::LeakyRelu { slope } => Box::new(FunctionLayer(LeakyRelu { slope: slope.get() as f32 })),
        Activation::Gelu {} => Box::new(FunctionLayer(Gelu)),
        Activation::Softsign {} => Box::new(FunctionLayer(Softsign)),
    }
}

/// A function of one variable, y = f(x).
trait Function: Copy + Send + Sync {
    /// Whether the derivatives are written in x. Where they are written in y, x need not be kept.
    const IN_X: bool = false;

    fn value<Fma: MulAdd>(self, x: f32) -> f32;

    /// f′
    fn derivative<Fma: MulAdd>(self, at: f32) -> f32;

    /// f″, taken as 0 where f has a kink.
    fn second_derivative<Fma: MulAdd>(self, at: f32) -> f32;

    /// The gradient with respect to x from that with respect to y.
    fn backward_at<Fma: MulAdd>(self, gradient: f32, at: f32) -> f32 {
        gradient * self.derivative::<Fma>(at)
    }
}

#[derive(Clone, Copy)]
struct Relu;

impl Function for Relu {
    /// NaN stays NaN.
    fn value<Fma: MulAdd>(self, x: f32) -> f32 {
        if x <= 0.0 { 0.0 } else { x }
    }

    fn derivative<Fma: MulAdd>(self, y: f32) -> f32 {
        if y > 0.0 { 1.0 } else { 0.0 }
    }

    fn second_derivative<Fma: MulAdd>(self, _y: f32) -> f32 {
        0.0
    }

    /// Exactly 0 where the derivative is 0, whatever the gradient, even if it is not finite.
    fn backward_at<Fma: MulAdd>(self, gradient: f32, y: f32) -> f32 {
        if y > 0.0 { gradient } else { 0.0 }
    }
}

#[derive(Clone, Copy)]
struct Sigmoid;

impl Function for Sigmoid {
    fn value<Fma: MulAdd>(self, x: f32) -> f32 {
        sigmoid::<Fma>(x)
    }

    fn derivative<Fma: MulAdd>(self, y: f32) -> f32 {
        y * (1.0 - y)
    }

    fn second_derivative<Fma: MulAdd>(self, y: f32) -> f32 {
        y * (1.0 - y) * (1.0 - 2.0 * y)
    }
}

#[derive(Clone, Copy)]
struct Tanh;

impl Function for Tanh {
    fn value<Fma: MulAdd>(self, x: f32) -> f32 {
        tanh::<Fma>(x)
    }

    fn derivative<Fma: MulAdd>(self, y: f32) -> f32 {
        1.0 - y * y
    }

    fn second_derivative<Fma: MulAdd>(self, y: f32) -> f32 {
        -2.0 * y * (1.0 - y * y)
    }
}

#[derive(Clone, Copy)]
struct LeakyRelu {
    slope: f32,
}

impl Function for LeakyRelu {
    fn value<Fma: MulAdd>(self, x: f32) -> f32 {
        if x <= 0.0 { self.slope * x } else { x }
    }

    fn derivative<Fma: MulAdd>(self, y: f32) -> f32 {
        if y > 0.0 { 1.0 } else { self.slope }
    }

    fn second_derivative<Fma: MulAdd>(self, _y: f32) -> f32 {
        0.0
    }
}

#[derive(Clone, Copy)]
struct Gelu;

impl Function for Gelu {
    /// Two values of x have the same y.
    const IN_X: bool = true;

    fn value<Fma: MulAdd>(self, x: f32) -> f32 {
        x * normal::<Fma>(x).0
    }

    fn derivative<Fma: MulAdd>(self, x: f32) -> f32 {
        let (distribution, density) = normal::<Fma>(x);
        distribution + x * density
    }

    fn second_derivative<Fma: MulAdd>(self, x: f32) -> f32 {
        (2.0 - x * x) * normal::<Fma>(x).1
    }
}

#[derive(Clone, Copy)]
struct Softsign;

impl Function for Softsign {
    /// Near the ends of its range, y is rounded too coarsely for the derivatives.
    const IN_X: bool = true;

    fn value<Fma: MulAdd>(self, x: f32) -> f32 {
        x / (1.0 + x.abs())
    }

    fn derivative<Fma: MulAdd>(self, x: f32) -> f32 {
        let root = 1.0 / (1.0 + x.abs());
        root * root
    }

    /// Jumps from 2 to −2 at 0, where it is taken as 0.
    fn second_derivative<Fma: MulAdd>(self, x: f32) -> f32 {
        let side = if x == 0.0 { 0.0 } else { x.signum() };
        let root = 1.0 / (1.0 + x.abs());
        -2.0 * side * root * root * root
    }
}

/// The layer that applies a function to each unit.
struct FunctionLayer<F>(F);

impl<F: Function> Layer for FunctionLayer<F> {
    fn name(&self) -> &'static str {
        "activation"
    }

    fn forward(&mut self, x: &mut Matrix, y: &mut Matrix) {
        match F::IN_X {
            true => y.padded_mut().copy_from_slice(x.padded()),
            false => std::mem::swap(x, y),
        }
        self.evaluate(y);
    }

    fn backward(&mut self, x: &Matrix, y: &Matrix, gradient: &mut Matrix) {
        backward_at(self.0, if F::IN_X { x } else { y }.padded(), gradient.padded_mut());
    }

    fn evaluate(&self, x: &mut Matrix) {
        apply(self.0, x.padded_mut());
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

impl<F: Function> Elementwise for FunctionLayer<F> {
    fn differentiate(&self, x: &mut [f32], first: &mut [f32], second: &mut [f32]) {
        differentiate(self.0, x, first, second);
    }
}

vectorised! {
    fn apply<F: Function>(function: F, values: &mut [f32]) {
        for value in values {
            *value = function.value::<Fma>(*value);
        }
    }

    fn backward_at<F: Function>(function: F, at: &[f32], gradient: &mut [f32]) {
        for (gradient, &at) in gradient.iter_mut().zip(at) {
            *gradient = function.backward_at::<Fma>(*gradient, at);
        }
    }

    /// By the chain rule, from derivatives of x with respect to some z.
    fn differentiate<F: Function>(function: F, values: &mut [f32], first: &mut [f32], second: &mut [f32]) {
        for ((value, first), second) in values.iter_mut().zip(first).zip(second) {
            let x = *value;
            *value = function.value::<Fma>(x);
            let at = if F::IN_X { x } else { *value };
            let derivative = function.derivative::<Fma>(at);
            let second_derivative = function.second_derivative::<Fma>(at);
            *second = second_derivative * *first * *first + derivative * *second;
            *first *= derivative;
        }
    }
}
