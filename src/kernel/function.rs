//! exp, sigmoid, tanh and the normal distribution as the program's own polynomials: exp to 1.5, sigmoid and tanh to 3,
//! the normal distribution function to 6 units in the last place.
//!
//! The coefficients are least-squares fits on 200 Chebyshev nodes, weighted for relative error, made in 40-digit
//! arithmetic; the relative error of each polynomial stands beside it.

use super::cpu::MulAdd;

/// eˣ for x in [-87, 88]; beyond, the value at the end of that range. NaN stays NaN.
#[inline(always)]
pub fn exp<Fma: MulAdd>(x: f32) -> f32 {
    /// Adding it rounds to a whole number, which then stands in the low bits.
    const ROUND: f32 = 12_582_912.0; // 1.5 · 2²³
    // ln 2 in two parts; the first has few enough bits that n · LN_2_HIGH is exact.
    const LN_2_HIGH: f32 = 355.0 / 512.0;
    const LN_2_LOW: f32 = -0.000_212_194_44;
    // Written so that NaN passes: the comparisons are false for it.
    let x = if x < -87.0 { -87.0 } else { x };
    let x = if x > 88.0 { 88.0 } else { x };
    // eˣ = 2ⁿ eʳ with |r| ≤ ln 2 / 2
    let rounded = Fma::mul_add(x, std::f32::consts::LOG2_E, ROUND);
    let n = rounded - ROUND;
    let r = Fma::mul_add(-n, LN_2_LOW, Fma::mul_add(-n, LN_2_HIGH, x));
    // eʳ = 1 + r + r² P(r), to 8e-9
    let p = Fma::mul_add(0.001_389_383_2, r, 0.008_363_126);
    let p = Fma::mul_add(p, r, 0.041_666_942);
    let p = Fma::mul_add(p, r, 0.166_665_77);
    let p = Fma::mul_add(p, r, 0.5);
    let e_r = Fma::mul_add(r * r, p, r) + 1.0;
    let two_n = f32::from_bits((rounded.to_bits() << 23).wrapping_add(1.0f32.to_bits()));
    e_r * two_n
}

/// 1 / (1 + e⁻ˣ)
#[inline(always)]
pub fn sigmoid<Fma: MulAdd>(x: f32) -> f32 {
    1.0 / (1.0 + exp::<Fma>(-x))
}

/// tanh x to about 1e-7, the same bits on every machine.
#[inline(always)]
pub fn tanh<Fma: MulAdd>(x: f32) -> f32 {
    // x + x³ Q(x²) near 0, to 2e-8
    let square = x * x;
    let q = Fma::mul_add(-0.006_088_718_5, square, 0.020_990_875);
    let q = Fma::mul_add(q, square, -0.053_849_35);
    let q = Fma::mul_add(q, square, 0.133_327_57);
    let q = Fma::mul_add(q, square, -0.333_333_3);
    let near = Fma::mul_add(x * square, q, x);
    // 1 − 2/(e²ˣ + 1) elsewhere
    let far = 1.0 - 2.0 / (exp::<Fma>(2.0 * x) + 1.0);
    if x.abs() < 0.625 { near } else { far }
}

/// (Φ(x), φ(x)): distribution function and density of the standard normal distribution. Φ is as accurate far below 0,
/// where it is almost 0, as anywhere.
#[inline(always)]
pub fn normal<Fma: MulAdd>(x: f32) -> (f32, f32) {
    let t = x.abs();
    // e^(−t²/2), corrected by what rounding took away from t²; beyond 13 it is 0 in single precision.
    let square = t * t;
    let lost = Fma::mul_add(t, t, -square);
    let bell = exp::<Fma>(-0.5 * square) * (1.0 - 0.5 * lost);
    let bell = if t > 13.0 { 0.0 } else { bell };
    // Φ(−t) = e^(−t²/2) u P(u) with u = 1/(1 + 0.35 t), to 4e-8 for t up to 14
    let u = 1.0 / Fma::mul_add(0.35, t, 1.0);
    let p = Fma::mul_add(-0.029_552_57, u, 0.145_892_5);
    let p = Fma::mul_add(p, u, -0.259_547_65);
    let p = Fma::mul_add(p, u, 0.163_379_19);
    let p = Fma::mul_add(p, u, -0.025_870_835);
    let p = Fma::mul_add(p, u, 0.106_614);
    let p = Fma::mul_add(p, u, 0.119_570_15);
    let p = Fma::mul_add(p, u, 0.139_895_56);
    let p = Fma::mul_add(p, u, 0.139_619_62);
    let below = bell * (u * p);
    (if x < 0.0 { below } else { 1.0 - below }, 0.398_942_3 * bell)
}

#[cfg(test)]
mod tests {
    use super::super::{HardwareFma, SoftwareFma, vectorised};
    use super::*;

    /// Largest error in units of f32's last place, over a fine sweep.
    fn worst(f: fn(f32) -> f32, truth: fn(f64) -> f64, range: std::ops::Range<i32>) -> f64 {
        range.fold(0.0, |worst, i| {
            let x = i as f32 / 4096.0;
            let expected = truth(x.into());
            let ulp = f64::from((expected as f32).abs().max(f32::MIN_POSITIVE)) * f64::from(f32::EPSILON);
            ((f64::from(f(x)) - expected) / ulp).abs().max(worst)
        })
    }

    #[test]
    fn functions_are_as_good_as_promised() {
        assert!(worst(exp::<HardwareFma>, libm::exp, -350_000..360_000) < 1.5);
        assert!(worst(sigmoid::<HardwareFma>, |x| 1.0 / (1.0 + libm::exp(-x)), -350_000..350_000) < 3.0);
        assert!(worst(tanh::<HardwareFma>, libm::tanh, -100_000..100_000) < 3.0);
        let (below, density) = (|x| normal::<HardwareFma>(x).0, |x| normal::<HardwareFma>(x).1);
        assert!(worst(below, |x| libm::erfc(-x / std::f64::consts::SQRT_2) / 2.0, -51_200..51_200) < 6.0);
        let bell = |x: f64| libm::exp(-x * x / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
        assert!(worst(density, bell, -51_200..51_200) < 4.0);
    }

    #[test]
    fn ends_and_nan() {
        assert_eq!(exp::<HardwareFma>(0.0), 1.0);
        assert_eq!(tanh::<HardwareFma>(1e-30), 1e-30);
        assert_eq!((tanh::<HardwareFma>(50.0), tanh::<HardwareFma>(f32::NEG_INFINITY)), (1.0, -1.0));
        assert_eq!(sigmoid::<HardwareFma>(f32::INFINITY), 1.0);
        assert!(exp::<HardwareFma>(f32::NEG_INFINITY) < 1e-37);
        assert_eq!(normal::<HardwareFma>(1e30), (1.0, 0.0));
        assert_eq!(normal::<HardwareFma>(f32::NEG_INFINITY), (0.0, 0.0));
        let distribution = |x| normal::<HardwareFma>(x).0;
        for f in [exp::<HardwareFma>, sigmoid::<HardwareFma>, tanh::<HardwareFma>, distribution] {
            assert!(f(f32::NAN).is_nan());
        }
    }

    vectorised! {
        fn tanh_in_place(values: &mut [f32]) {
            values.iter_mut().for_each(|value| *value = tanh::<Fma>(*value));
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let inputs: Vec<f32> = (-4000..4000).map(|i| i as f32 / 37.0).collect();
        let mut vectorised = inputs.clone();
        tanh_in_place(&mut vectorised);
        let software = inputs.iter().map(|&x| tanh::<SoftwareFma>(x).to_bits());
        assert!(vectorised.iter().map(|x| x.to_bits()).eq(software));
    }
}
