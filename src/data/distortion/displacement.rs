//! Elastic displacement: how far each pixel is moved, by a random field that is smoothed.

use crate::kernel::vectorised;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// How many standard deviations of a Gaussian are taken into account to either side.
const REACH: f64 = 3.0;
/// Rows are a multiple of so many numbers apart, which are worked on together.
const LANES: usize = 16;

/// Draws Δ = α · (G_σ ∗ U), along x and along y.
pub struct Displacement {
    width: usize,
    height: usize,
    /// From one row of a field to the next.
    stride: usize,
    /// G_σ at 0, 1, 2, … pixels, up to 3 σ; with those on the other side they add up to 1. Where the field ends, what lies
    /// beyond it counts as 0.
    weights: Vec<f32>,
    /// The same, times α.
    scaled: Vec<f32>,
    rng: ChaCha8Rng,
    /// U for a row: 256 even steps from −1 to 1.
    drawn: Vec<u8>,
    /// A row of U with room for the reach of the Gaussian at both ends.
    row: Vec<f32>,
    /// Fields that are smoothed along x alone.
    half: Vec<f32>,
    /// Δ along x.
    along_x: Vec<f32>,
    /// Δ along y.
    along_y: Vec<f32>,
}

impl Displacement {
    /// For images of this size; `alpha` and `sigma` in pixels, `sigma` above 0.
    pub fn new(width: usize, height: usize, alpha: f64, sigma: f64, rng: ChaCha8Rng) -> Displacement {
        let (weights, stride) = (gaussian(sigma, width.max(height)), width.next_multiple_of(LANES));
        let field = || vec![0.0; height * stride];
        Displacement {
            width,
            height,
            stride,
            scaled: weights.iter().map(|weight| (alpha * weight) as f32).collect(),
            row: vec![0.0; stride + 2 * (weights.len() - 1)],
            weights: weights.into_iter().map(|weight| weight as f32).collect(),
            rng,
            drawn: vec![0; width],
            half: field(),
            along_x: field(),
            along_y: field(),
        }
    }

    /// Draws new fields.
    pub fn draw(&mut self) {
        let Displacement { width, height, stride, weights, scaled, rng, drawn, row, half, along_x, along_y } = self;
        let reach = weights.len() - 1;
        for field in [along_x, along_y] {
            for y in 0..*height {
                rng.fill_bytes(drawn);
                let values = &mut row[reach..reach + *width];
                values
                    .iter_mut()
                    .zip(&*drawn)
                    .for_each(|(value, &byte)| *value = (2.0 * f32::from(byte) - 255.0) / 255.0);
                smooth_along_x(row, weights, &mut half[y * *stride..][..*stride]);
            }
            smooth_along_y(half, scaled, *stride, field);
        }
    }

    /// Δ along x and along y for each pixel of a row.
    pub fn row(&self, y: usize) -> (&[f32], &[f32]) {
        let row = y * self.stride..y * self.stride + self.width;
        (&self.along_x[row.clone()], &self.along_y[row])
    }
}

/// e^(−d²/2σ²) at d = 0, 1, 2, … up to 3 σ, divided by the sum over both sides; no more than reach across an image of
/// `side` pixels.
fn gaussian(sigma: f64, side: usize) -> Vec<f64> {
    let reach = (REACH * sigma).ceil() as usize;
    let bell = |distance: usize| libm::exp(-0.5 * (distance as f64 / sigma) * (distance as f64 / sigma));
    let sum = 1.0 + 2.0 * (1..=reach).map(bell).sum::<f64>();
    (0..=reach.min(side - 1)).map(|distance| bell(distance) / sum).collect()
}

vectorised! {
    /// out[x] = Σ weights[|d|] · row[x + d], `row` beginning so many places before `out` as the weights reach.
    fn smooth_along_x(row: &[f32], weights: &[f32], out: &mut [f32]) {
        let reach = weights.len() - 1;
        for (x, out) in (0..).step_by(LANES).zip(out.as_chunks_mut::<LANES>().0) {
            let mut sums = [0.0; LANES];
            let middle = &row[x + reach..][..LANES];
            sums.iter_mut().zip(middle).for_each(|(sum, value)| *sum = weights[0] * value);
            for (distance, &weight) in weights.iter().enumerate().skip(1) {
                let (before, after) = (&row[x + reach - distance..][..LANES], &row[x + reach + distance..][..LANES]);
                for ((sum, before), after) in sums.iter_mut().zip(before).zip(after) {
                    *sum = Fma::mul_add(weight, before + after, *sum);
                }
            }
            *out = sums;
        }
    }

    /// out[y] = Σ weights[|d|] · field[y + d] over the rows that there are, each of `stride` numbers.
    fn smooth_along_y(field: &[f32], weights: &[f32], stride: usize, out: &mut [f32]) {
        let (height, reach) = (field.len() / stride, weights.len() - 1);
        for (y, out) in out.chunks_exact_mut(stride).enumerate() {
            for (x, out) in (0..).step_by(LANES).zip(out.as_chunks_mut::<LANES>().0) {
                let mut sums = [0.0; LANES];
                for from in y.saturating_sub(reach)..height.min(y + reach + 1) {
                    let (weight, values) = (weights[from.abs_diff(y)], &field[from * stride + x..][..LANES]);
                    sums.iter_mut().zip(values).for_each(|(sum, &value)| *sum = Fma::mul_add(weight, value, *sum));
                }
                *out = sums;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn the_weights_are_a_gaussian_s_and_add_up_to_1() {
        let weights = gaussian(1.0, 28);
        // e^0, e^−½, e^−2 and e^−4.5 over 2.50593
        let expected = [0.399_05, 0.242_04, 0.054_01, 0.004_43];
        assert!(weights.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-4), "{weights:?}");
        assert_eq!(weights.len(), 4);
        assert!((2.0 * weights.iter().sum::<f64>() - weights[0] - 1.0).abs() < 1e-12);
        // What would reach beyond the image on both sides is left out, not made up for.
        assert!(gaussian(4.0, 5).iter().eq(&gaussian(4.0, 28)[..5]));
    }

    /// A single 1 becomes the product of two Gaussians; cut off where the field ends.
    #[test]
    fn smoothing_spreads_a_dot_over_both_directions() {
        let weights: Vec<f32> = vec![0.5, 0.25];
        let (mut row, mut half, mut field) = (vec![0.0; 18], vec![0.0; 3 * LANES], vec![0.0; 3 * LANES]);
        row[1 + 2] = 1.0;
        smooth_along_x(&row, &weights, &mut half[..LANES]);
        assert_eq!(half[..5], [0.0, 0.25, 0.5, 0.25, 0.0]);
        smooth_along_y(&half, &weights, LANES, &mut field);
        let columns = |row: usize| field[row * LANES..][1..4].to_vec();
        assert_eq!([columns(0), columns(1), columns(2)], [[0.125, 0.25, 0.125], [0.0625, 0.125, 0.0625], [0.0; 3]]);
    }

    /// In the middle of a large field, the deviation of Δ is α times that of U times √ΣΣ (G G)² = Σ G², the sum being over both
    /// sides of the Gaussian along one direction.
    #[test]
    fn displacements_are_as_large_as_the_weights_say() {
        let mut displacement = Displacement::new(64, 64, 34.0, 4.0, ChaCha8Rng::seed_from_u64(1));
        let squares: f64 = {
            let weights = gaussian(4.0, 64);
            2.0 * weights.iter().map(|weight| weight * weight).sum::<f64>() - weights[0] * weights[0]
        };
        // The variance of 256 even steps from −1 to 1 is (256² − 1)/(3 · 255²).
        let expected = 34.0 * (65_535.0f64 / (3.0 * 65_025.0)).sqrt() * squares;
        // Σ G² is near 1/(2 √π σ) = .0705: 34 · .58 · .0705 = 1.39.
        assert!((expected - 1.39).abs() < 0.02, "{expected}");
        let (mut sum, mut product, mut count) = (0.0, 0.0, 0.0);
        for _ in 0..200 {
            displacement.draw();
            for y in [16, 32, 48] {
                let (along_x, along_y) = displacement.row(y);
                for x in [16, 32, 48] {
                    let (right, down) = (f64::from(along_x[x]), f64::from(along_y[x]));
                    (sum, product, count) = (sum + right * right + down * down, product + right * down, count + 2.0);
                }
            }
        }
        // 3,600 nearly independent numbers: a standard error of 2.4 % of the variance.
        assert!((sum / count / (expected * expected) - 1.0).abs() < 0.1, "{}", sum / count);
        assert!((product / count).abs() < 0.1, "{product}");
    }
}
