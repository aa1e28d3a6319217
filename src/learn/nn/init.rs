//! Initial weights.

use crate::kernel::Matrix;
use crate::plan::config::Init;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal, StandardUniform};

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
        Init::Uniform | Init::GlorotUniform => bound(init, fan_in, fan_out).map(|bound| bound / 3f64.sqrt()),
    }
}

/// Their largest distance from 0; `None` if they are not drawn uniformly.
fn bound(init: Init, fan_in: f64, fan_out: f64) -> Option<f64> {
    match init {
        Init::Uniform => Some(1.0 / fan_in.sqrt()),
        Init::GlorotUniform => Some((6.0 / (fan_in + fan_out)).sqrt()),
        _ => None,
    }
}

/// Weights [fan_in, fan_out]. Distributions that differ only in their spread scale the same draws.
pub fn draw_weights(init: Init, fan_in: usize, fan_out: usize, rng: &mut ChaCha8Rng) -> Matrix {
    let mut weights = Matrix::zeros(fan_in, fan_out);
    for row in 0..fan_in {
        for weight in weights.row_mut(row) {
            *weight =
                match (init, bound(init, fan_in as f64, fan_out as f64), standard_deviation(init, fan_in, fan_out)) {
                    (Init::Constant(value), ..) => value.get() as f32,
                    (_, Some(bound), _) => {
                        let draw: f64 = StandardUniform.sample(rng);
                        (bound * (2.0 * draw - 1.0)) as f32
                    }
                    (_, None, Some(sd)) => {
                        let draw: f64 = StandardNormal.sample(rng);
                        (sd * draw) as f32
                    }
                    (_, None, None) => 0.0,
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
    fn even_draws_fill_their_range() {
        // 1/√100, and √6/√150.
        for (init, bound) in [(Init::Uniform, 0.1), (Init::GlorotUniform, 0.2)] {
            let weights = draw_weights(init, 100, 50, &mut ChaCha8Rng::seed_from_u64(1));
            let mut sorted: Vec<f32> = weights.view().iter().copied().collect();
            sorted.sort_by(f32::total_cmp);
            // Each tenth of the 5,000 lies in its tenth of the range; a share's standard error is 0.7 % of the range.
            for (tenth, weight) in sorted.iter().step_by(500).enumerate() {
                let expected = bound * (tenth as f32 / 5.0 - 1.0);
                assert!((weight - expected).abs() < 0.06 * bound, "{init:?}: {weight}, expected {expected}");
            }
            assert!(sorted[0] >= -bound && sorted[4999] <= bound, "{init:?}");
        }
    }

    #[test]
    fn drawn_weights_have_the_deviation_of_their_rule() {
        for (init, expected) in
            [(Init::He, 0.141_42), (Init::Xavier, 0.1), (Init::Glorot, 0.115_47), (Init::GlorotUniform, 0.115_47)]
        {
            let weights = draw_weights(init, 100, 50, &mut ChaCha8Rng::seed_from_u64(1));
            let squares: f64 = weights.view().iter().map(|&w| f64::from(w).powi(2)).sum();
            let found = (squares / 5000.0).sqrt();
            // The standard error of a deviation over 5,000 draws is 1 %.
            assert!((found / expected - 1.0).abs() < 0.03, "{init:?}: {found}");
        }
    }
}
