//! Initial weights.

use crate::learn::kernel::Matrix;
use crate::plan::config::Init;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Standard deviation of an affine layer's initial weights; `None` if they are not random.
pub fn standard_deviation(init: Init, fan_in: usize, fan_out: usize) -> Option<f64> {
    let (fan_in, fan_out) = (fan_in as f64, fan_out as f64);
    match init {
        Init::Zeros | Init::Constant(_) => None,
        Init::Normal(sd) => Some(sd.get()),
        Init::He => Some((2.0 / fan_in).sqrt()),
        Init::Xavier => Some((1.0 / fan_in).sqrt()),
        Init::Glorot => Some((2.0 / (fan_in + fan_out)).sqrt()),
        Init::Gain(gain) => Some(gain.get() / fan_in.sqrt()),
    }
}

/// Weights [fan_in, fan_out]. Rules that differ in their standard deviation alone scale the same draws.
pub fn draw_weights(init: Init, fan_in: usize, fan_out: usize, rng: &mut ChaCha8Rng) -> Matrix {
    let mut weights = Matrix::zeros(fan_in, fan_out);
    for row in 0..fan_in {
        for weight in weights.row_mut(row) {
            *weight = match (init, standard_deviation(init, fan_in, fan_out)) {
                (_, Some(sd)) => {
                    let draw: f64 = StandardNormal.sample(rng);
                    (sd * draw) as f32
                }
                (Init::Constant(value), None) => value.get() as f32,
                (_, None) => 0.0,
            };
        }
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn drawn_weights_have_the_deviation_of_their_rule() {
        for (init, expected) in [(Init::He, 0.141_42), (Init::Xavier, 0.1), (Init::Glorot, 0.115_47)] {
            let weights = draw_weights(init, 100, 50, &mut ChaCha8Rng::seed_from_u64(1));
            let squares: f64 = weights.view().iter().map(|&w| f64::from(w).powi(2)).sum();
            let found = (squares / 5000.0).sqrt();
            // The standard error of a deviation over 5,000 draws is 1 %.
            assert!((found / expected - 1.0).abs() < 0.03, "{init:?}: {found}");
        }
    }
}
