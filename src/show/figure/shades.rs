//! The scale of the shades of a heat map.

use super::{Axis, Scale};

/// Values are shaded by their logarithms if the highest is more than this many times the lowest.
const FAR_APART: f64 = 1e2;

/// The values on one scale: (mean, half-width of its interval, 0 if it has none).
pub type Values = Vec<(f64, f64)>;

/// A scale. `is_within_noise` tells whether all means lie within the median half-width of an interval, so that differences in
/// shade need not be differences.
pub struct Shades {
    axis: Axis,
    pub is_within_noise: bool,
}

impl Shades {
    /// A scale from the lowest mean to the highest. If these lie within the noise, it is widened so that they span at most
    /// half of the shades.
    pub fn of(values: &Values) -> Shades {
        let means = || values.iter().map(|value| value.0);
        let (low, high) = means().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        let mut half_widths: Vec<f64> = values.iter().map(|value| value.1).collect();
        half_widths.sort_by(f64::total_cmp);
        let typical = half_widths.get(half_widths.len() / 2).copied().unwrap_or(0.0);
        let is_within_noise = low < high && high - low <= typical;
        let lowest_above_0 = means().filter(|mean| *mean > 0.0).fold(f64::INFINITY, f64::min);
        if !is_within_noise
            && low >= 0.0
            && high > FAR_APART * lowest_above_0
            && let Some(axis) = Axis::logarithmic("", means())
        {
            let axis = Axis { low: lowest_above_0, high, ..axis };
            return Shades { axis, is_within_noise: false };
        }
        let middle = (low + high) / 2.0;
        let axis = match is_within_noise {
            true => Axis::linear("", middle - typical, middle + typical),
            _ if low == high => Axis::linear("", low - 0.5, high + 0.5),
            _ => Axis::linear("", low, high),
        };
        Shades { axis, is_within_noise }
    }

    pub fn is_logarithmic(&self) -> bool {
        self.axis.scale == Scale::Logarithmic
    }

    /// The position of a value on the scale, in [0, 1]; 0 is at the lower end of a logarithmic scale. `None` if it has none.
    pub fn share(&self, value: f64) -> Option<f64> {
        let at_zero = (value == 0.0 && self.is_logarithmic()).then_some(0.0);
        self.axis.place(value).or(at_zero).map(|share| share.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_does_not_span_all_shades() {
        let clear = Shades::of(&vec![(0.70, 0.01), (0.75, 0.01)]);
        assert_eq!((clear.share(0.70), clear.share(0.75), clear.is_within_noise), (Some(0.0), Some(1.0), false));
        let noise = Shades::of(&vec![(0.70, 0.02), (0.705, 0.01), (0.71, 9.0)]);
        let [low, high] = [0.70, 0.71].map(|mean| noise.share(mean).unwrap());
        // From .685 to .725.
        assert!((low - 0.375).abs() < 1e-9 && (high - 0.625).abs() < 1e-9 && noise.is_within_noise, "{low} {high}");
        // Far apart, but no further than their intervals reach.
        let vague = Shades::of(&vec![(0.001, 0.3), (0.2, 0.3)]);
        assert!(vague.is_within_noise && !vague.is_logarithmic());
        let alike = Shades::of(&vec![(3.0, 0.0); 2]);
        assert_eq!((alike.share(3.0), alike.is_within_noise), (Some(0.5), false));
    }

    #[test]
    fn values_far_apart_are_shaded_by_their_powers_of_ten() {
        let far = Shades::of(&vec![(1e-6, 0.0), (1.0, 0.5), (1e-3, 0.1), (0.0, 0.0)]);
        assert!(far.is_logarithmic());
        assert_eq!([0.0, 1e-6, 1e-3, 1.0].map(|value| far.share(value)), [0.0, 0.0, 0.5, 1.0].map(Some));
        assert_eq!(far.share(f64::NAN), None);
        assert!(!Shades::of(&vec![(-1.0, 0.0), (1e9, 0.0)]).is_logarithmic());
    }
}
