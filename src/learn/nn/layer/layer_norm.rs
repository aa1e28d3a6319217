//! Layer normalisation (Ba, Kiros & Hinton 2016, arXiv:1607.06450, equations 3 and 4; with an ε under the root).

use super::{Elementwise, Layer, Statistic, filled};
use crate::kernel::Matrix;
use crate::learn::nn::Param;

/// y = γ x̂ + β with x̂ = (x − μ)/√(σ² + ε), μ and σ² over the units of each image, in training and in evaluation alike.
pub struct LayerNorm {
    /// γ, which starts at 1, and β, which starts at 0, [1, width].
    parameters: [Param; 2],
    epsilon: f32,
    /// x̂ of the current batch, [batch, width].
    normalised: Matrix,
    /// 1/√(σ² + ε) of each image of the current batch.
    inverse_sd: Vec<f32>,
}

impl LayerNorm {
    /// For batches of `batch` rows, each of `width` units: γ = 1 and β = 0. `epsilon` is added below the root.
    pub fn new(batch: usize, width: usize, epsilon: f32) -> LayerNorm {
        LayerNorm {
            parameters: [
                Param::new("gamma", filled(width, 1.0), false),
                Param::new("beta", Matrix::zeros(1, width), false),
            ],
            epsilon,
            normalised: Matrix::zeros(batch, width),
            inverse_sd: vec![0.0; batch],
        }
    }
}

impl Layer for LayerNorm {
    fn name(&self) -> &'static str {
        "norm"
    }

    fn forward(&mut self, x: &mut Matrix, y: &mut Matrix) {
        let [gamma, beta] = self.parameters.each_ref().map(|param| param.value.row(0));
        for row in 0..x.rows() {
            let (x, x_hat, y) = (x.row(row), self.normalised.row_mut(row), y.row_mut(row));
            let (mean, inverse_sd) = moments(x, self.epsilon);
            self.inverse_sd[row] = inverse_sd;
            for unit in 0..x.len() {
                x_hat[unit] = (x[unit] - mean) * inverse_sd;
                y[unit] = gamma[unit] * x_hat[unit] + beta[unit];
            }
        }
    }

    /// ∂L/∂x = 1/√(σ² + ε) · (h − mean of h − x̂ · mean of h x̂) with h = γ ∂L/∂y and the means over the units.
    fn backward(&mut self, _x: &Matrix, _y: &Matrix, gradient: &mut Matrix) {
        let [Param { value: gamma, gradient: gamma_gradient, .. }, Param { gradient: beta_gradient, .. }] =
            &mut self.parameters;
        let (gamma, gamma_gradient, beta_gradient) =
            (gamma.row(0), gamma_gradient.row_mut(0), beta_gradient.row_mut(0));
        gamma_gradient.fill(0.0);
        beta_gradient.fill(0.0);
        for row in 0..gradient.rows() {
            let (g, x_hat, inverse_sd) = (gradient.row_mut(row), self.normalised.row(row), self.inverse_sd[row]);
            for unit in 0..g.len() {
                gamma_gradient[unit] += g[unit] * x_hat[unit];
                beta_gradient[unit] += g[unit];
                g[unit] *= gamma[unit];
            }
            let (mean_h, mean_h_x_hat) = (mean(g.len(), |unit| g[unit]), mean(g.len(), |unit| g[unit] * x_hat[unit]));
            for unit in 0..g.len() {
                g[unit] = inverse_sd * (g[unit] - mean_h - x_hat[unit] * mean_h_x_hat);
            }
        }
    }

    fn evaluate(&self, x: &mut Matrix) {
        let [gamma, beta] = self.parameters.each_ref().map(|param| param.value.row(0));
        for row in 0..x.rows() {
            let x = x.row_mut(row);
            let (mean, inverse_sd) = moments(x, self.epsilon);
            for unit in 0..x.len() {
                x[unit] = gamma[unit] * ((x[unit] - mean) * inverse_sd) + beta[unit];
            }
        }
    }

    fn state(&self) -> (&[Param], &[Statistic]) {
        (&self.parameters, &[])
    }

    fn state_mut(&mut self) -> (&mut [Param], &mut [Statistic]) {
        (&mut self.parameters, &mut [])
    }

    fn as_elementwise(&self) -> Option<&dyn Elementwise> {
        None
    }
}

/// μ and 1/√(σ² + ε), with the variance over n rather than n − 1.
fn moments(x: &[f32], epsilon: f32) -> (f32, f32) {
    let centre = mean(x.len(), |unit| x[unit]);
    let variance = mean(x.len(), |unit| (x[unit] - centre) * (x[unit] - centre));
    (centre, 1.0 / (variance + epsilon).sqrt())
}

/// In sixteen partial sums, added up in order.
fn mean(count: usize, term: impl Fn(usize) -> f32) -> f32 {
    let mut sums = [0.0; 16];
    for start in (0..count).step_by(16) {
        let lanes = sums.iter_mut().take(count - start);
        lanes.enumerate().for_each(|(lane, sum)| *sum += term(start + lane));
    }
    sums.iter().sum::<f32>() / count as f32
}
