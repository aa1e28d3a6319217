//! One source, compiled for several instruction sets, chosen at run time.

/// a·b + c, rounded once.
pub trait MulAdd {
    /// a·b + c, rounded once, by the instruction or as if by it.
    fn mul_add(a: f32, b: f32, c: f32) -> f32;
}

/// The processor's own instruction.
pub enum HardwareFma {}

/// For processors without the instruction; the same bits.
pub enum SoftwareFma {}

impl MulAdd for HardwareFma {
    #[inline(always)]
    fn mul_add(a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
}

impl MulAdd for SoftwareFma {
    /// The product of two f32 is exact in f64. Its sum with `c` is rounded to odd there, so that the rounding to f32
    /// that follows is as good as a single one (Boldo & Melquiond 2008).
    #[inline(always)]
    fn mul_add(a: f32, b: f32, c: f32) -> f32 {
        let (product, c) = (f64::from(a) * f64::from(b), f64::from(c));
        let sum = product + c;
        // Knuth's two-sum: what rounding took away from `sum`, exactly. NaN where `sum` is not finite.
        let virtual_c = sum - product;
        let lost = (product - (sum - virtual_c)) + (c - virtual_c);
        let bits = sum.to_bits();
        let inexact = lost.abs() > 0.0;
        let away_from_zero = (lost > 0.0) == (sum > 0.0);
        let odd = match (inexact && bits & 1 == 0, away_from_zero) {
            (false, _) => bits,
            (true, true) => bits + 1,
            (true, false) => bits - 1,
        };
        f64::from_bits(odd) as f32
    }
}

/// The instruction sets a function is compiled for.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstructionSet {
    /// What every x86-64 processor has: SSE2.
    Baseline,
    /// AVX2, FMA, BMI1 and POPCNT (2013 on).
    Avx2,
    /// AVX-512 with its F, VL, BW and DQ parts.
    Avx512,
}

#[cfg(target_arch = "x86_64")]
impl InstructionSet {
    /// The best this processor has. The standard library asks it once and remembers.
    #[inline]
    pub fn detect() -> InstructionSet {
        let avx2 = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("fma")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("popcnt");
        let avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq");
        match (avx2, avx512) {
            (true, true) => InstructionSet::Avx512,
            (true, false) => InstructionSet::Avx2,
            _ => InstructionSet::Baseline,
        }
    }
}

/// Defines functions, with type parameters or none, that are compiled once for each instruction set. In a body,
/// `Fma::mul_add(a, b, c)` is the fused multiply-add of that set; all else is plain Rust for the compiler to vectorise.
macro_rules! vectorised {
    ($(
        $(#[$attribute:meta])*
        $visibility:vis fn $name:ident$(<$($generic:ident: $bound:path),+>)?(
            $($argument:ident: $type:ty),* $(,)?
        ) $body:block
    )*) => {$(
        $(#[$attribute])*
        $visibility fn $name$(<$($generic: $bound),+>)?($($argument: $type),*) {
            #[inline(always)]
            #[allow(clippy::extra_unused_type_parameters, reason = "not every body multiplies and adds")]
            fn body<Fma: $crate::kernel::MulAdd $($(, $generic: $bound)+)?>($($argument: $type),*) $body

            #[cfg(target_arch = "x86_64")]
            {
                use $crate::kernel::cpu::InstructionSet;

                #[target_feature(enable = "avx2,fma,bmi1,popcnt")]
                fn avx2$(<$($generic: $bound),+>)?($($argument: $type),*) {
                    body::<$crate::kernel::HardwareFma $($(, $generic)+)?>($($argument),*)
                }
                #[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,bmi1,popcnt")]
                fn avx512$(<$($generic: $bound),+>)?($($argument: $type),*) {
                    body::<$crate::kernel::HardwareFma $($(, $generic)+)?>($($argument),*)
                }
                match InstructionSet::detect() {
                    // SAFETY: this processor was just checked to have these instructions.
                    InstructionSet::Avx512 => unsafe { avx512$(::<$($generic),+>)?($($argument),*) },
                    // SAFETY: likewise.
                    InstructionSet::Avx2 => unsafe { avx2$(::<$($generic),+>)?($($argument),*) },
                    InstructionSet::Baseline => body::<$crate::kernel::SoftwareFma $($(, $generic)+)?>($($argument),*),
                }
            }
            #[cfg(not(target_arch = "x86_64"))]
            body::<$crate::kernel::HardwareFma $($(, $generic)+)?>($($argument),*)
        }
    )*};
}
pub(crate) use vectorised;

#[cfg(test)]
mod tests {
    use super::*;

    /// f32 values of all magnitudes, subnormals included, from a small linear congruence.
    fn bit_patterns(count: usize) -> impl Iterator<Item = f32> {
        let mut state = 1u64;
        std::iter::repeat_with(move || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            f32::from_bits((state >> 32) as u32)
        })
        .take(count)
    }

    #[test]
    fn software_and_hardware_round_alike() {
        let values: Vec<f32> = bit_patterns(300_000).collect();
        let near = |x: f32| f32::from_bits((x.to_bits() & 0x007f_ffff) | 0x3f00_0000);
        for abc in values.chunks_exact(3) {
            // As they come, and close together, where cancellation makes rounding delicate.
            for [a, b, c] in [[abc[0], abc[1], abc[2]], [near(abc[0]), near(abc[1]), -near(abc[2])]] {
                let (soft, hard) = (SoftwareFma::mul_add(a, b, c), a.mul_add(b, c));
                assert!(soft.to_bits() == hard.to_bits() || soft.is_nan() && hard.is_nan(), "{a:e} {b:e} {c:e}");
            }
        }
    }

    #[test]
    fn software_rounds_a_tie_once() {
        // 1 + 2^-24 lies half-way between two f32; the product's last bit decides, and f64 alone would lose it.
        let (a, b) = (1.0 + f32::EPSILON, 1.0 - f32::EPSILON / 2.0);
        assert_eq!(SoftwareFma::mul_add(a, b, f32::MIN_POSITIVE), a.mul_add(b, f32::MIN_POSITIVE));
        assert_eq!(SoftwareFma::mul_add(1e-30, 1e-30, -0.5), 1e-30f32.mul_add(1e-30, -0.5));
    }
}
