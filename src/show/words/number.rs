//! How numbers and counts are written.

use std::fmt;

/// A written number: digits and, if it is too small or too large for digits alone, a power of ten.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// Digits with a decimal point and a sign (`−`, U+2212).
    pub digits: String,
    /// The exponent of the ten to multiply the digits with.
    pub power: Option<i32>,
}

impl Number {
    /// A number with so many decimals; if `None`, with three significant digits and a power of ten.
    pub fn new(x: f64, decimals: Option<usize>) -> Number {
        let (digits, power) = match decimals {
            Some(decimals) => (format!("{:.decimals$}", x.abs()), None),
            None if x == 0.0 => ("0".into(), None),
            None => scientific(format!("{:.2e}", x.abs())),
        };
        // A small negative number that is rounded to 0 has no sign.
        let is_zero = digits.chars().all(|c| matches!(c, '0' | '.'));
        let sign = if x < 0.0 && !is_zero { "−" } else { "" };
        Number { digits: sign.to_owned() + &digits, power }
    }

    /// The value of a hyper-parameter in all its digits.
    pub fn exact(number: &serde_json::Number) -> Number {
        match number.as_f64() {
            Some(x) if number.is_f64() && x != 0.0 && !(1e-5..1e16).contains(&x.abs()) => {
                let (digits, power) = scientific(format!("{x:e}"));
                Number { digits, power }
            }
            _ => Number { digits: number.to_string(), power: None },
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.digits)?;
        self.power.map_or(Ok(()), |power| write!(f, "e{power}"))
    }
}

/// Splits a number in Rust's scientific notation into digits and exponent.
fn scientific(text: String) -> (String, Option<i32>) {
    match text.split_once('e') {
        Some((digits, power)) => (digits.to_owned(), power.parse().ok()),
        None => (text, None),
    }
}

/// The decimals of an accuracy: two significant digits of its interval, but at least 3 and at most 4, which is one image of
/// 10,000.
pub fn accuracy_decimals(half_width: Option<f64>) -> usize {
    let wanted = half_width.filter(|&h| h > 0.0).map_or(4, |half_width| 1 - exponent(half_width, 2));
    wanted.clamp(3, 4) as usize
}

/// The decimals of a mean: two significant digits of its interval, but at most four of the mean. `None` if the mean is so
/// small or so large that it needs a power of ten.
pub fn quantity_decimals(mean: f64, half_width: Option<f64>) -> Option<usize> {
    if mean != 0.0 && !(1e-4..1e6).contains(&mean.abs()) {
        return None;
    }
    let of_mean = 3 - exponent(mean, 4);
    let wanted = half_width.filter(|&h| h > 0.0).map_or(of_mean, |half_width| of_mean.min(1 - exponent(half_width, 2)));
    Some(wanted.max(0) as usize)
}

/// The power of ten of the first digit of a number that is rounded to so many significant digits: −3 for 0.0031, but −2 for
/// 0.00996, which is rounded to 0.010. 0 for 0.
fn exponent(x: f64, digits: usize) -> i32 {
    scientific(format!("{x:.*e}", digits - 1)).1.unwrap_or(0)
}

/// A share in [0, 1] with three decimals: `0.748`.
pub fn share(value: f64) -> String {
    format!("{value:.3}")
}

/// A difference of shares with a sign and three decimals: `+0.249`, `−0.012`.
pub fn difference(value: f64) -> String {
    format!("{value:+.3}").replace('-', "−")
}

/// A loss or a norm in at most seven characters: `2.303`, `41.25`, `1.2e-5`.
pub fn quantity(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        size if !(1e-3..1e5).contains(&size) => format!("{value:.1e}"),
        size if size < 10.0 => format!("{value:.3}"),
        size if size < 100.0 => format!("{value:.2}"),
        size if size < 1000.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// A number of things with their noun: `1 trial`, `2 trials`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {}", plural(number, noun))
}

/// `trial` for one, `trials` for any other number.
pub fn plural(number: usize, noun: &str) -> String {
    if number == 1 { noun.into() } else { format!("{noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::param_text;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn nothing_is_minus_zero() {
        let texts = [(-0.00001, Some(4)), (-0.0, Some(1)), (-0.0, None), (-0.2, Some(1)), (-2e-9, None)];
        let texts = texts.map(|(x, decimals)| Number::new(x, decimals).to_string());
        assert_eq!(texts, ["0.0000", "0.0", "0", "−0.2", "−2.00e-9"]);
    }

    #[test]
    fn quantities_stay_short() {
        let values = [0.0, 1e-30, 4.2e-4, 0.05, 2.3031, 41.25, 512.0, 9999.9, 99_999.9, 3.4e38];
        let texts: Vec<_> = values.map(quantity).into_iter().collect();
        assert_eq!(texts, ["0", "1.0e-30", "4.2e-4", "0.050", "2.303", "41.25", "512.0", "10000", "100000", "3.4e38"]);
    }

    proptest! {
        #[test]
        fn a_hyper_parameter_is_written_as_in_a_message(x in any::<f64>().prop_filter("JSON has no others", |x| x.is_finite())) {
            for value in [json!(x), json!(x as i64)] {
                let Value::Number(number) = &value else { panic!("{value}") };
                prop_assert_eq!(Number::exact(number).to_string(), param_text(&value).replace("e+", "e"));
            }
        }
    }
}
