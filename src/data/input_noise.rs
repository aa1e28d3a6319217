//! Gaussian noise added to inputs (Bishop 1995, "Training with noise is equivalent to Tikhonov regularization").

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use std::sync::LazyLock;

/// Adds an independent normal number to each of many values.
pub struct InputNoise {
    /// Its standard deviation.
    sd: f32,
    rng: ChaCha8Rng,
    /// 16 random bits for each value of a row.
    draws: Vec<u8>,
}

impl InputNoise {
    /// Noise of standard deviation `sd` for rows of `cols` values.
    pub fn new(sd: f64, cols: usize, rng: ChaCha8Rng) -> InputNoise {
        InputNoise { sd: sd as f32, rng, draws: vec![0; 2 * cols] }
    }

    /// Adds new noise to each value of a row.
    pub fn add(&mut self, row: &mut [f32]) {
        let quantiles = &**QUANTILES;
        self.rng.fill_bytes(&mut self.draws);
        for (value, &draw) in row.iter_mut().zip(self.draws.as_chunks::<2>().0) {
            *value += self.sd * quantiles[usize::from(u16::from_le_bytes(draw))];
        }
    }
}

/// The medians of 2¹⁶ equally likely parts of the standard normal distribution, from −4.33 to 4.33: drawing one of them is
/// quicker than any exact method, and what the noise does to a training is the same.
static QUANTILES: LazyLock<Box<[f32; 1 << 16]>> = LazyLock::new(|| {
    let mut quantiles = Box::new([0.0; 1 << 16]);
    let mut z = 0.0;
    for part in 0..1 << 15 {
        let above = 0.5 - (f64::from(part) + 0.5) / 65_536.0;
        z = upper_quantile(above, z);
        quantiles[(1 << 15) + part as usize] = z as f32;
        quantiles[(1 << 15) - 1 - part as usize] = -z as f32;
    }
    quantiles
});

/// The z ≥ `start` ≥ 0 above which a standard normal number lies with probability `above`, by Newton's method. As
/// Q(z) = ½ erfc(z/√2) is convex there, it comes nearer from below with each round.
fn upper_quantile(above: f64, start: f64) -> f64 {
    const ROUNDS: usize = 6;
    (0..ROUNDS).fold(start, |z, _| {
        let q = 0.5 * libm::erfc(z / std::f64::consts::SQRT_2);
        let density = libm::exp(-0.5 * z * z) / (2.0 * std::f64::consts::PI).sqrt();
        z + (q - above) / density
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn quantiles_are_those_of_the_normal_distribution() {
        // From a table of the normal distribution: Q(1.281552) = 0.1, Q(1.959964) = 0.025, Q(3.090232) = 0.001.
        for (above, start, expected) in [(0.1, 1.0, 1.281_552), (0.025, 1.5, 1.959_964), (0.001, 2.5, 3.090_232)] {
            assert!((upper_quantile(above, start) - expected).abs() < 1e-6);
        }
        assert!(QUANTILES.is_sorted_by(|a, b| a < b));
        let last = f64::from(QUANTILES[65_535]);
        assert!((0.5 * libm::erfc(last / std::f64::consts::SQRT_2) * 131_072.0 - 1.0).abs() < 1e-5, "{last}");
        let moment = |power: i32| QUANTILES.iter().map(|&z| f64::from(z).powi(power)).sum::<f64>() / 65_536.0;
        // The medians are a little nearer to 0 than what they stand for. The fourth moment of the distribution is 3.
        assert!(moment(1).abs() < 1e-9 && (moment(2) - 1.0).abs() < 1e-4 && (moment(4) - 3.0).abs() < 2e-3);
    }

    #[test]
    fn noise_has_the_deviation_that_is_asked_for_and_is_drawn_anew() {
        let mut noise = InputNoise::new(0.25, 50_000, ChaCha8Rng::seed_from_u64(1));
        let (mut row, mut other) = (vec![0.5; 50_000], vec![0.5; 50_000]);
        noise.add(&mut row);
        noise.add(&mut other);
        let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / 50_000.0;
        let of = |row: &[f32]| row.iter().map(|&value| f64::from(value) - 0.5).collect::<Vec<_>>();
        let (first, second) = (of(&row), of(&other));
        // Standard errors: 0.0011 of the mean, 0.0004 of the variance, and 0.0003 of the mean product.
        assert!(mean(&mut first.iter().copied()).abs() < 0.005);
        assert!((mean(&mut first.iter().map(|x| x * x)) - 0.0625).abs() < 0.002);
        assert!(mean(&mut first.iter().zip(&second).map(|(x, y)| x * y)).abs() < 0.0015);
    }

    /// Pinned from the first run of this code: a seed has to mean the same noise in every version.
    #[test]
    fn a_seed_means_this_noise() {
        let mut row = [0.0; 4];
        InputNoise::new(1.0, 4, ChaCha8Rng::seed_from_u64(7)).add(&mut row);
        assert_eq!(row.map(f32::to_bits), PINNED);
    }

    const PINNED: [u32; 4] = [3_206_617_374, 3_213_510_367, 3_202_894_923, 3_212_866_609];
}
