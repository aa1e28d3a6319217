//! Number types that cannot hold a value out of their range.

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! ranged {
    ($(#[$doc:meta])* $name:ident($number:ty): $range:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
        pub struct $name(pub(super) $number);

        impl $name {
            /// The range in words, as error messages give it.
            pub const RANGE: &str = $range;

            pub fn get(self) -> $number {
                self.0
            }
        }

        impl TryFrom<f64> for $name {
            type Error = String;

            fn try_from(value: f64) -> Result<Self, String> {
                let valid: fn(f64) -> bool = $valid;
                match valid(value) {
                    // Adding 0 turns -0 into 0, so that the two are one value everywhere.
                    true => Ok($name((value + 0.0) as $number)),
                    false => Err(format!("{value} is out of range: expected {}", Self::RANGE)),
                }
            }
        }

        // By hand, not through f64: the range is checked while the deserializer still knows where the value stands.
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct InRange;

                impl Visitor<'_> for InRange {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                        f.write_str($name::RANGE)
                    }
                    fn visit_f64<E: de::Error>(self, value: f64) -> Result<$name, E> {
                        $name::try_from(value).map_err(E::custom)
                    }
                    fn visit_i64<E: de::Error>(self, value: i64) -> Result<$name, E> {
                        self.visit_f64(value as f64)
                    }
                    fn visit_u64<E: de::Error>(self, value: u64) -> Result<$name, E> {
                        self.visit_f64(value as f64)
                    }
                    fn visit_i128<E: de::Error>(self, value: i128) -> Result<$name, E> {
                        self.visit_f64(value as f64)
                    }
                    fn visit_u128<E: de::Error>(self, value: u128) -> Result<$name, E> {
                        self.visit_f64(value as f64)
                    }
                }
                deserializer.deserialize_f64(InRange)
            }
        }
    };
}

ranged!(/// A share, in [0, 1).
    Share(f64): "a number in [0, 1)", |x| (0.0..1.0).contains(&x));

ranged!(/// A finite number above 0.
    Positive(f64): "a finite number above 0", |x| x > 0.0 && x.is_finite());
ranged!(/// What keeps a divisor from 0: large enough for single precision.
    Epsilon(f64): "a number from 1e-30 to 1", |x| (1e-30..=1.0).contains(&x));
ranged!(/// A finite number, 0 or above.
    NonNegative(f64): "a finite number, 0 or above", |x| x >= 0.0 && x.is_finite());
ranged!(/// Any finite number.
    Finite(f64): "a finite number", |x| x.is_finite());
ranged!(/// A whole number from 1 to a million million.
    Count(usize): "a whole number from 1 to 1000000000000", |x| x.fract() == 0.0 && (1.0..=1e12).contains(&x));
ranged!(/// A whole number from 0 to a million million.
    Whole(usize): "a whole number from 0 to 1000000000000", |x| x.fract() == 0.0 && (0.0..=1e12).contains(&x));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_at_their_ends() {
        assert!(Share::try_from(0.0).is_ok() && Share::try_from(1.0).is_err() && Share::try_from(-1e-9).is_err());
        assert!(Positive::try_from(0.0).is_err() && Positive::try_from(f64::MIN_POSITIVE).is_ok());
        assert!(NonNegative::try_from(0.0).is_ok() && NonNegative::try_from(f64::INFINITY).is_err());
        assert!(Finite::try_from(-1e300).is_ok() && Finite::try_from(f64::NAN).is_err());
        assert!(Count::try_from(0.0).is_err() && Count::try_from(1.0).is_ok() && Count::try_from(2.5).is_err());
        assert!(Count::try_from(1e12).is_ok() && Count::try_from(1e12 + 1.0).is_err());
    }

    #[test]
    fn minus_zero_is_zero() {
        assert!(Share::try_from(-0.0).is_ok_and(|share| share.get().is_sign_positive()));
    }
}
