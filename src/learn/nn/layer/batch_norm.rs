//! Batch normalisation (Ioffe & Szegedy 2015, algorithm 1).

use super::{Elementwise, Layer, Statistic, filled};
use crate::kernel::Matrix;
use crate::learn::nn::Param;

/// y = γ x̂ + β with x̂ = (x − μ)/√(σ² + ε), μ and σ² over the batch while training, running ones in evaluation.
pub struct BatchNorm {
    /// γ, which starts at 1, and β, which starts at 0, [1, width].
    parameters: [Param; 2],
    /// μ, which starts at 0, and σ², which starts at 1: the biased variance, over n rather than n − 1.
    statistics: [Statistic; 2],
    /// Share of the running statistics kept at each step.
    momentum: f32,
    epsilon: f32,
    /// x̂ of the current batch, [batch, width].
    normalised: Matrix,
    /// 1/√(σ² + ε) of the current batch, [1, width].
    inverse_sd: Matrix,
    /// The means over the batch of g and of g x̂, g being the gradient with respect to y, [1, width].
    means: [Matrix; 2],
}

impl BatchNorm {
    /// For batches of `batch` rows, each of `width` units: γ = 1 and β = 0, running mean 0 and variance 1. `momentum`,
    /// in [0, 1), is the share of the running statistics that a step keeps; `epsilon` is added below the root.
    pub fn new(batch: usize, width: usize, momentum: f32, epsilon: f32) -> BatchNorm {
        BatchNorm {
            parameters: [
                Param::new("gamma", filled(width, 1.0), false),
                Param::new("beta", Matrix::zeros(1, width), false),
            ],
            statistics: [
                Statistic::new("running_mean", Matrix::zeros(1, width)),
                Statistic::new("running_var", filled(width, 1.0)),
            ],
            momentum,
            epsilon,
            normalised: Matrix::zeros(batch, width),
            inverse_sd: Matrix::zeros(1, width),
            means: [Matrix::zeros(1, width), Matrix::zeros(1, width)],
        }
    }
}

impl Layer for BatchNorm {
    fn name(&self) -> &'static str {
        "norm"
    }

    fn forward(&mut self, x: &mut Matrix, y: &mut Matrix) {
        let (n, width) = (x.rows() as f32, x.stride());
        let [mean, variance] = self.statistics.each_mut().map(|statistic| statistic.batch.padded_mut());
        let x_hat = self.normalised.padded_mut();

        mean.fill(0.0);
        for x in x.padded().chunks_exact(width) {
            mean.iter_mut().zip(x).for_each(|(mean, x)| *mean += x);
        }
        mean.iter_mut().for_each(|mean| *mean /= n);

        variance.fill(0.0);
        for (x, x_hat) in x.padded().chunks_exact(width).zip(x_hat.chunks_exact_mut(width)) {
            for column in 0..width {
                x_hat[column] = x[column] - mean[column];
                variance[column] += x_hat[column] * x_hat[column];
            }
        }
        variance.iter_mut().for_each(|variance| *variance /= n);

        let inverse_sd = self.inverse_sd.padded_mut();
        for column in 0..width {
            inverse_sd[column] = 1.0 / (variance[column] + self.epsilon).sqrt();
        }
        let [gamma, beta] = self.parameters.each_ref().map(|param| param.value.padded());
        for (y, x_hat) in y.padded_mut().chunks_exact_mut(width).zip(x_hat.chunks_exact_mut(width)) {
            for column in 0..width {
                x_hat[column] *= inverse_sd[column];
                y[column] = gamma[column] * x_hat[column] + beta[column];
            }
        }
        self.statistics.iter_mut().for_each(|statistic| statistic.follow(self.momentum));
    }

    /// ∂L/∂x = γ/√(σ² + ε) · (g − mean of g − x̂ · mean of g x̂) with g = ∂L/∂y and the means over the batch.
    fn backward(&mut self, _x: &Matrix, y: &Matrix, gradient: &mut Matrix) {
        let (n, width) = (y.rows() as f32, y.stride());
        let x_hat = self.normalised.padded();
        let [gamma_gradient, beta_gradient] = self.parameters.each_mut().map(|param| param.gradient.padded_mut());
        gamma_gradient.fill(0.0);
        beta_gradient.fill(0.0);
        for (g, x_hat) in gradient.padded().chunks_exact(width).zip(x_hat.chunks_exact(width)) {
            for column in 0..width {
                gamma_gradient[column] += g[column] * x_hat[column];
                beta_gradient[column] += g[column];
            }
        }
        let [mean_g, mean_g_x_hat] = self.means.each_mut().map(Matrix::padded_mut);
        for column in 0..width {
            mean_g[column] = beta_gradient[column] / n;
            mean_g_x_hat[column] = gamma_gradient[column] / n;
        }
        let (gamma, inverse_sd) = (self.parameters[0].value.padded(), self.inverse_sd.padded());
        for (g, x_hat) in gradient.padded_mut().chunks_exact_mut(width).zip(x_hat.chunks_exact(width)) {
            for column in 0..width {
                let centred = g[column] - mean_g[column] - x_hat[column] * mean_g_x_hat[column];
                g[column] = gamma[column] * inverse_sd[column] * centred;
            }
        }
    }

    fn evaluate(&self, x: &mut Matrix) {
        let width = x.stride();
        let [gamma, beta] = self.parameters.each_ref().map(|param| param.value.padded());
        let [mean, variance] = self.statistics.each_ref().map(|statistic| statistic.running.padded());
        let columns = gamma.iter().zip(beta).zip(mean.iter().zip(variance));
        let (scale, shift): (Vec<f32>, Vec<f32>) = columns
            .map(|((gamma, beta), (mean, variance))| {
                let scale = gamma / (variance + self.epsilon).sqrt();
                (scale, beta - mean * scale)
            })
            .unzip();
        for row in x.padded_mut().chunks_exact_mut(width) {
            for column in 0..width {
                row[column] = scale[column] * row[column] + shift[column];
            }
        }
    }

    fn state(&self) -> (&[Param], &[Statistic]) {
        (&self.parameters, &self.statistics)
    }

    fn state_mut(&mut self) -> (&mut [Param], &mut [Statistic]) {
        (&mut self.parameters, &mut self.statistics)
    }

    fn as_elementwise(&self) -> Option<&dyn Elementwise> {
        None
    }
}
