//! Number types that cannot hold a value out of their range.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;
use std::ops::Bound::{self, Excluded, Included, Unbounded};
use std::ops::RangeBounds;

/// Numbers between two ends, as a JSON Schema has them. `number`: `integer` or `number`.
pub fn between(number: &str, (low, high): (Bound<f64>, Bound<f64>)) -> Schema {
    let mut schema = json_schema!({ "type": number });
    let end = |value: f64| if number == "integer" { Value::from(value as i64) } else { value.into() };
    let mut bound = |key: &str, value: f64| drop(schema.insert(key.into(), end(value)));
    match low {
        Included(low) => bound("minimum", low),
        Excluded(low) => bound("exclusiveMinimum", low),
        Unbounded => {}
    }
    match high {
        Included(high) => bound("maximum", high),
        Excluded(high) => bound("exclusiveMaximum", high),
        Unbounded => {}
    }
    schema
}

macro_rules! ranged {
    ($(#[$doc:meta])* $name:ident($type:ty): $number:literal in ($low:expr, $high:expr), $range:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
        pub struct $name(pub(super) $type);

        impl $name {
            /// The range in words, as error messages give it.
            pub const RANGE: &str = $range;

            const ENDS: (Bound<f64>, Bound<f64>) = ($low, $high);

            /// The number.
            pub fn get(self) -> $type {
                self.0
            }

            fn contains(value: f64) -> bool {
                value.is_finite() && Self::ENDS.contains(&value) && ($number == "number" || value.fract() == 0.0)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                between($number, Self::ENDS)
            }
        }

        impl TryFrom<f64> for $name {
            type Error = String;

            fn try_from(value: f64) -> Result<Self, String> {
                match Self::contains(value) {
                    // Adding 0 turns -0 into 0, so that the two are one value everywhere.
                    true => Ok($name((value + 0.0) as $type)),
                    false => {
                        let meant = of_percent(value).filter(|_| [Share::ENDS, Fraction::ENDS].contains(&Self::ENDS));
                        let meant = meant.map_or_else(String::new, |meant| format!(", a share: {meant}"));
                        Err(format!("{value} is out of range: expected {}{meant}", Self::RANGE))
                    }
                }
            }
        }

        // Written by hand, not through f64: the range is checked while the deserializer still knows where the value
        // stands.
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
                }
                deserializer.deserialize_f64(InRange)
            }
        }
    };
}

ranged!(/// A share, in [0, 1).
    Share(f64): "number" in (Included(0.0), Excluded(1.0)), "a number in [0, 1)");
ranged!(/// A share of things that may all be meant, in [0, 1].
    Fraction(f64): "number" in (Included(0.0), Included(1.0)), "a number in [0, 1]");
ranged!(/// An angle in degrees.
    Degrees(f64): "number" in (Included(0.0), Included(180.0)), "a number from 0 to 180, in degrees");
ranged!(/// A finite number above 0.
    Positive(f64): "number" in (Excluded(0.0), Unbounded), "a finite number above 0");
ranged!(/// What keeps a divisor from 0: large enough for single precision.
    Epsilon(f64): "number" in (Included(1e-30), Included(1.0)), "a number from 1e-30 to 1");
ranged!(/// A finite number, 0 or above.
    NonNegative(f64): "number" in (Included(0.0), Unbounded), "a finite number, 0 or above");
ranged!(/// Any finite number.
    Finite(f64): "number" in (Unbounded, Unbounded), "a finite number");
ranged!(/// A whole number from 1 to a million million.
    Count(usize): "integer" in (Included(1.0), Included(1e12)), "a whole number from 1 to 1000000000000");
ranged!(/// A whole number from 0 to a million million.
    Whole(usize): "integer" in (Included(0.0), Included(1e12)), "a whole number from 0 to 1000000000000");

/// What to write for a share that was given in percent: `write 0.05 for 5 %`. `None` for a number that is no percent.
pub fn of_percent(value: f64) -> Option<String> {
    // Rounded, as 0.07 · 100 is a little more than 7.
    let share = (value * 1e10).round() / 1e12;
    (1.0 < value && value <= 100.0).then(|| format!("write {share} for {value} %"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_at_their_ends() {
        assert!(Share::try_from(0.0).is_ok() && Share::try_from(1.0).is_err() && Share::try_from(-1e-9).is_err());
        assert!(Fraction::try_from(1.0).is_ok() && Fraction::try_from(1.0 + 1e-9).is_err());
        assert!(Positive::try_from(0.0).is_err() && Positive::try_from(f64::MIN_POSITIVE).is_ok());
        assert!(NonNegative::try_from(0.0).is_ok() && NonNegative::try_from(f64::INFINITY).is_err());
        assert!(Finite::try_from(-1e300).is_ok() && Finite::try_from(f64::NAN).is_err());
        assert!(Count::try_from(0.0).is_err() && Count::try_from(1.0).is_ok() && Count::try_from(2.5).is_err());
        assert!(Count::try_from(1e12).is_ok() && Count::try_from(1e12 + 1.0).is_err());
    }

    #[test]
    fn a_percent_is_answered_with_its_share() {
        assert_eq!(of_percent(7.0).as_deref(), Some("write 0.07 for 7 %"));
        assert_eq!(of_percent(57.3).as_deref(), Some("write 0.573 for 57.3 %"));
        assert_eq!([1.0, 101.0, -5.0].map(of_percent), [None, None, None]);
        assert!(Share::try_from(20.0).unwrap_err().ends_with("a number in [0, 1), a share: write 0.2 for 20 %"));
        assert!(Fraction::try_from(50.0).unwrap_err().ends_with("write 0.5 for 50 %"));
        assert!(!Epsilon::try_from(20.0).unwrap_err().contains("share"));
    }

    #[test]
    fn minus_zero_is_zero() {
        assert!(Share::try_from(-0.0).is_ok_and(|share| share.get().is_sign_positive()));
    }
}
