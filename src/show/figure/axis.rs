//! Axes and the round numbers at their ticks.

/// One direction of a plot.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// With its unit: `test accuracy`, `loss (nats)`.
    pub label: String,
    /// The lower end: finite, and above 0 on a logarithmic scale.
    pub low: f64,
    /// The upper end: finite, and above `low`.
    pub high: f64,
    pub scale: Scale,
}

/// How values are spread along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    Linear,
    /// Linear, with ticks at whole numbers alone, for counted things such as layers.
    Whole,
    /// Base 10; values at or below 0 have no place on it.
    Logarithmic,
}

/// Values are drawn on a logarithmic scale if the highest is more than this many times the lowest.
const FAR_APART: f64 = 1e3;

impl Axis {
    /// A linear axis from exactly `low` to `high`, or of length 1 if these are no range.
    pub fn linear(label: impl Into<String>, low: f64, high: f64) -> Axis {
        let (low, high) = match low < high && low.is_finite() && high.is_finite() {
            true => (low, high),
            false if low.is_finite() => (low, low + 1.0),
            false => (0.0, 1.0),
        };
        Axis { label: label.into(), low, high, scale: Scale::Linear }
    }

    /// The whole numbers from `first` to `last`, with a margin of ½ at both ends.
    pub fn whole(label: impl Into<String>, first: usize, last: usize) -> Axis {
        Axis { scale: Scale::Whole, ..Axis::linear(label, first as f64 - 0.5, last as f64 + 0.5) }
    }

    /// A linear axis from 0, or a logarithmic one if `values` span more than three powers of ten and none is below 0.
    pub fn fitting(label: impl Into<String>, values: impl Iterator<Item = f64> + Clone) -> Axis {
        let label = label.into();
        let lowest = values.clone().filter(|value| *value > 0.0).fold(f64::INFINITY, f64::min);
        let highest = values.clone().fold(0.0, f64::max);
        let far_apart = highest > FAR_APART * lowest && !values.clone().any(|value| value < 0.0);
        let logarithmic = if far_apart { Axis::logarithmic(&label, values.clone()) } else { None };
        logarithmic.unwrap_or_else(|| Axis::from_zero(label, values))
    }

    /// A linear axis from 0, or below the lowest value if that is negative, to above the highest, ending at round numbers.
    pub fn from_zero(label: impl Into<String>, values: impl IntoIterator<Item = f64>) -> Axis {
        let finite = values.into_iter().filter(|value| value.is_finite());
        let (low, high) = finite.fold((0.0f64, 0.0f64), |(low, high), value| (low.min(value), high.max(value)));
        if low == high {
            return Axis::linear(label, 0.0, 1.0);
        }
        let step = round_step(high - low, 5);
        Axis::linear(label, (low / step).floor() * step, ((high / step - 1e-9).ceil() * step).max(low))
    }

    /// A logarithmic axis between the powers of ten around the values above 0; `None` if there are no such values.
    pub fn logarithmic(label: impl Into<String>, values: impl IntoIterator<Item = f64>) -> Option<Axis> {
        let positive = values.into_iter().filter(|value| value.is_finite() && *value > 0.0);
        let exponents = positive.map(libm::log10);
        let ends = exponents.fold(None, |ends: Option<(f64, f64)>, exponent| {
            let (low, high) = ends.unwrap_or((exponent, exponent));
            Some((low.min(exponent), high.max(exponent)))
        });
        let (low, high) = ends?;
        let (low, high) = (low.floor(), high.ceil().max(low.floor() + 1.0));
        Some(Axis {
            label: label.into(),
            low: power_of_ten(low.max(-300.0) as i32),
            high: power_of_ten(high as i32),
            scale: Scale::Logarithmic,
        })
    }

    /// Where a value lies: 0 at `low`, 1 at `high`, below 0 or above 1 beyond the ends. `None` if it is not finite, or not
    /// above 0 on a logarithmic scale.
    pub fn place(&self, value: f64) -> Option<f64> {
        let place = match self.scale {
            Scale::Linear | Scale::Whole => (value - self.low) / (self.high - self.low),
            Scale::Logarithmic if value > 0.0 => libm::log10(value / self.low) / libm::log10(self.high / self.low),
            Scale::Logarithmic => return None,
        };
        place.is_finite().then_some(place)
    }

    /// Round numbers within the axis with their texts, at most about `count` of them.
    pub fn ticks(&self, count: usize) -> Vec<(f64, String)> {
        let count = count.max(1);
        match self.scale {
            Scale::Linear | Scale::Whole => {
                let step = round_step(self.high - self.low, count);
                let step = if self.scale == Scale::Whole { step.max(1.0) } else { step };
                let first = (self.low / step - 1e-9).ceil() as i64;
                let last = (self.high / step + 1e-9).floor() as i64;
                (first..=last).map(|n| n as f64 * step).map(|tick| (tick, tick_text(tick, step))).collect()
            }
            Scale::Logarithmic => {
                let (low, high) = (libm::log10(self.low).round() as i32, libm::log10(self.high).round() as i32);
                let every = ((high - low) as usize).div_ceil(count).max(1);
                (low..=high).step_by(every).map(|power| (power_of_ten(power), power_text(power))).collect()
            }
        }
    }
}

/// The smallest step of 1, 2 or 5 times a power of ten of which `count` reach `length`.
fn round_step(length: f64, count: usize) -> f64 {
    let raw = length / count as f64;
    let power = power_of_ten(libm::log10(raw).floor() as i32);
    let factors = [1.0, 2.0, 5.0, 10.0];
    factors.into_iter().map(|factor| factor * power).find(|&step| step >= raw * (1.0 - 1e-9)).unwrap_or(raw)
}

/// Parsed from digits, which gives the same bits on every machine, as `powi` need not. 0 or infinite beyond the range of f64.
fn power_of_ten(power: i32) -> f64 {
    format!("1e{power}").parse().unwrap_or(f64::NAN)
}

/// A tick in as many digits as it takes to tell ticks apart that differ by `step`.
fn tick_text(tick: f64, step: f64) -> String {
    let text = if tick == 0.0 {
        "0".into()
    } else if step < 1e-3 || tick.abs() >= 1e6 {
        format!("{tick:.0e}")
    } else if step < 1.0 {
        format!("{tick:.*}", (-libm::log10(step) - 1e-9).ceil() as usize)
    } else {
        thousands(tick)
    };
    match text.strip_prefix('-') {
        Some(size) => format!("−{size}"),
        None => text,
    }
}

fn power_text(power: i32) -> String {
    match power {
        -3..=4 => {
            let text = format!("{:.*}", (-power).max(0) as usize, power_of_ten(power));
            if power > 2 { thousands(power_of_ten(power)) } else { text }
        }
        _ => format!("1e{power}"),
    }
}

/// A number rounded to a whole one, with thousands separators: `2,000`.
pub(super) fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let head = digits.len() % 3;
    let groups = digits.as_bytes()[head..].chunks(3).map(String::from_utf8_lossy);
    let head = Some(String::from_utf8_lossy(&digits.as_bytes()[..head])).filter(|head| !head.is_empty());
    let text = head.into_iter().chain(groups).collect::<Vec<_>>().join(",");
    if value < 0.0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(axis: &Axis, count: usize) -> Vec<String> {
        axis.ticks(count).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(texts(&Axis::from_zero("", [2.3]), 5), ["0", "0.5", "1.0", "1.5", "2.0", "2.5"]);
        assert_eq!(texts(&Axis::linear("", 0.0, 201.0), 5), ["0", "50", "100", "150", "200"]);
        assert_eq!(texts(&Axis::linear("", 0.0, 1.0), 2), ["0", "0.5", "1.0"]);
        assert_eq!(texts(&Axis::linear("", 0.0, 2000.0), 2), ["0", "1,000", "2,000"]);
        assert_eq!(texts(&Axis::from_zero("", [3e-9]), 3), ["0", "1e-9", "2e-9", "3e-9"]);
        assert_eq!(texts(&Axis::linear("", -7.0, 3.0), 5), ["-6", "-4", "-2", "0", "2"].map(|t| t.replace('-', "−")));
    }

    #[test]
    fn between_two_layers_there_is_no_tick() {
        assert_eq!(texts(&Axis::whole("layer", 1, 2), 6), ["1", "2"]);
        assert_eq!(texts(&Axis::whole("layer", 1, 6), 3), ["2", "4", "6"]);
        assert_eq!(texts(&Axis::whole("layer", 1, 6), 6), ["1", "2", "3", "4", "5", "6"]);
    }

    #[test]
    fn a_range_is_made_where_there_is_none() {
        assert_eq!(Axis::from_zero("", [f64::NAN]).high, 1.0);
        assert_eq!(Axis::from_zero("", []).low, 0.0);
        let axis = Axis::linear("", 2.0, 2.0);
        assert!(axis.low < axis.high);
        assert_eq!(Axis::logarithmic("", [0.0, -1.0]), None);
    }

    #[test]
    fn powers_of_ten_have_equal_places() {
        let axis = Axis::logarithmic("", [0.002, 30.0]).unwrap();
        assert_eq!(texts(&axis, 10), ["0.001", "0.01", "0.1", "1", "10", "100"]);
        assert!((axis.place(1.0).unwrap() - 0.6).abs() < 1e-12);
        assert_eq!(axis.place(0.0), None);
    }
}
