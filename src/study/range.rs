//! An axis of a random design that is a range to draw from instead of a list of values.

use super::mistake::{Mistake, Span};
use super::value::{Value, finite};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use toml::de::DeValue;

/// A range of values between two ends, from which a random design draws uniformly or log-uniformly.
pub(super) struct Range<'a> {
    pub(super) span: Span,
    logarithmic: bool,
    pub(super) ends: [Value<'a>; 2],
    low: f64,
    high: f64,
}

pub(super) const UNIFORM: &str = "uniform";
pub(super) const LOG_UNIFORM: &str = "log_uniform";

/// Whether a value of the grid is a range, well-formed or not.
pub(super) fn is_range(value: &Value) -> bool {
    value.get_ref().as_table().is_some_and(|table| table.contains_key(UNIFORM) || table.contains_key(LOG_UNIFORM))
}

impl<'a> Range<'a> {
    /// Reads `{ uniform = [low, high] }` or `{ log_uniform = [low, high] }`.
    pub(super) fn read(value: Value<'a>) -> Result<Range<'a>, Mistake> {
        let span = value.span();
        let expected = |span| {
            Mistake::at(span, "expected a range of two numbers")
                .help("as in { log_uniform = [1e-6, 1e-2] } or { uniform = [0.0, 0.5] }")
        };
        let DeValue::Table(table) = value.into_inner() else { return Err(expected(span)) };
        let mut entries = table.into_iter();
        let (Some((key, ends)), None) = (entries.next(), entries.next()) else { return Err(expected(span)) };
        let logarithmic = key.get_ref() == LOG_UNIFORM;
        let ends_span = ends.span();
        let DeValue::Array(ends) = ends.into_inner() else { return Err(expected(ends_span)) };
        let ends: Vec<Value> = ends.into_iter().collect();
        let ends: [Value; 2] = ends.try_into().map_err(|_| expected(ends_span.clone()))?;
        let (low, high) = (end(&ends[0])?, end(&ends[1])?);
        if logarithmic && low <= 0.0 {
            return Err(Mistake::at(
                ends[0].span(),
                format!("{low} has no logarithm: a log_uniform range begins above 0"),
            ));
        }
        if low >= high {
            let message = format!("this range ends at {high}, which is not above its start {low}");
            return Err(Mistake::at(ends_span, message).help("the lower end stands first: [0.0, 0.5]"));
        }
        Ok(Range { span, logarithmic, ends, low, high })
    }

    /// A number as it would stand in a study: in four significant digits, which read well and are the same number in every file.
    /// For a key that takes `whole` numbers alone it is one, up to the upper end and that included.
    pub(super) fn draw(&self, whole: bool, rng: &mut ChaCha8Rng) -> String {
        let Range { low, high, .. } = *self;
        let above = if whole { high + 1.0 } else { high };
        let share = share(rng);
        let drawn = match self.logarithmic {
            true => libm::pow(low, 1.0 - share) * libm::pow(above, share),
            false => low * (1.0 - share) + above * share,
        };
        match whole {
            true => format!("{}", drawn.floor().clamp(low, high)),
            false => format!("{:?}", format!("{drawn:.3e}").parse().unwrap_or(drawn).clamp(low, high)),
        }
    }
}

fn end(value: &Value) -> Result<f64, Mistake> {
    finite(value).map_err(|_| Mistake::at(value.span(), "expected a finite number"))
}

/// In [0, 1), a multiple of 2⁻⁵³.
pub(super) fn share(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}
