//! Batch normalisation (Ioffe & Szegedy 2015, algorithm 1).

use super::{Layer, Param};
use crate::learn::kernel::Matrix;

/// y = γ x̂ + β with x̂ = (x − μ)/√(σ² + ε), μ and σ² over the batch while training, running ones in evaluation.
pub struct BatchNorm {
    /// γ, [1, width]; starts at 1.
    gamma: Param,
    /// β, [1, width]; starts at 0.
    beta: Param,
    /// [1, width]; starts at 0.
    running_mean: Matrix,
    /// [1, width]; starts at 1. Of the biased variance, over n rather than n − 1.
    running_var: Matrix,
    /// Share of the running statistics kept at each step.
    momentum: f32,
    epsilon: f32,
    /// x̂ of the current batch, [batch, width].
    normalised: Matrix,
    /// 1/√(σ² + ε) of the current batch, [1, width].
    inverse_sd: Matrix,
    /// Two statistics of the batch's columns, [1, width] each: μ and σ² going forward, two means going back.
    statistics: [Matrix; 2],
}

impl BatchNorm {
    pub fn new(batch: usize, width: usize, momentum: f32, epsilon: f32) -> BatchNorm {
        let filled = |value| {
            let mut row = Matrix::zeros(1, width);
            row.row_mut(0).fill(value);
            row
        };
        BatchNorm {
            gamma: Param::new(filled(1.0), false),
            beta: Param::new(filled(0.0), false),
            running_mean: filled(0.0),
            running_var: filled(1.0),
            momentum,
            epsilon,
            normalised: Matrix::zeros(batch, width),
            inverse_sd: filled(0.0),
            statistics: [filled(0.0), filled(0.0)],
        }
    }
}

impl Layer for BatchNorm {
    fn forward(&mut self, x: &mut Matrix, y: &mut Matrix) {
        let (n, width) = (x.rows() as f32, x.stride());
        let [mean, variance] = self.statistics.each_mut().map(Matrix::padded_mut);
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
        let (gamma, beta) = (self.gamma.value.padded(), self.beta.value.padded());
        for (y, x_hat) in y.padded_mut().chunks_exact_mut(width).zip(x_hat.chunks_exact_mut(width)) {
            for column in 0..width {
                x_hat[column] *= inverse_sd[column];
                y[column] = gamma[column] * x_hat[column] + beta[column];
            }
        }
        follow(&mut self.running_mean, mean, self.momentum);
        follow(&mut self.running_var, variance, self.momentum);
    }

    /// ∂L/∂x = γ/√(σ² + ε) · (g − mean of g − x̂ · mean of g x̂) with g = ∂L/∂y and the means over the batch.
    fn backward(&mut self, y: &Matrix, gradient: &mut Matrix) {
        let (n, width) = (y.rows() as f32, y.stride());
        let x_hat = self.normalised.padded();
        let (gamma_gradient, beta_gradient) = (self.gamma.gradient.padded_mut(), self.beta.gradient.padded_mut());
        gamma_gradient.fill(0.0);
        beta_gradient.fill(0.0);
        for (g, x_hat) in gradient.padded().chunks_exact(width).zip(x_hat.chunks_exact(width)) {
            for column in 0..width {
                gamma_gradient[column] += g[column] * x_hat[column];
                beta_gradient[column] += g[column];
            }
        }
        let [mean_g, mean_g_x_hat] = self.statistics.each_mut().map(Matrix::padded_mut);
        for column in 0..width {
            mean_g[column] = beta_gradient[column] / n;
            mean_g_x_hat[column] = gamma_gradient[column] / n;
        }
        let (gamma, inverse_sd) = (self.gamma.value.padded(), self.inverse_sd.padded());
        for (g, x_hat) in gradient.padded_mut().chunks_exact_mut(width).zip(x_hat.chunks_exact(width)) {
            for column in 0..width {
                let centred = g[column] - mean_g[column] - x_hat[column] * mean_g_x_hat[column];
                g[column] = gamma[column] * inverse_sd[column] * centred;
            }
        }
    }

    fn evaluate(&self, x: &mut Matrix) {
        let width = x.stride();
        let columns = self.gamma.value.padded().iter().zip(self.beta.value.padded());
        let running = self.running_mean.padded().iter().zip(self.running_var.padded());
        let (scale, shift): (Vec<f32>, Vec<f32>) = columns
            .zip(running)
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

    fn parameters(&mut self, visit: &mut dyn FnMut(&mut Param)) {
        visit(&mut self.gamma);
        visit(&mut self.beta);
    }

    fn tensors(&self) -> Vec<(&'static str, &Matrix)> {
        vec![
            ("gamma", &self.gamma.value),
            ("beta", &self.beta.value),
            ("running_mean", &self.running_mean),
            ("running_var", &self.running_var),
        ]
    }
}

/// running ← momentum · running + (1 − momentum) · batch
fn follow(running: &mut Matrix, batch: &[f32], momentum: f32) {
    for (running, batch) in running.padded_mut().iter_mut().zip(batch) {
        *running = momentum * *running + (1.0 - momentum) * batch;
    }
}
