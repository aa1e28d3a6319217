//! Numbers that a network cannot be trained with: it is trained in single precision, and units are dropped by random
//! numbers of so many bits.

use super::{Config, Contradiction, WeightDecayMode};
use serde_json::{Value, json};

/// Keys whose numbers are used in double precision, in whole updates, or not at all in networks; dropout has a check of
/// its own.
const IN_DOUBLE_PRECISION: [&str; 8] =
    ["dropout", "input_dropout", "schedule", "warmup", "evaluate_every", "surface", "start_spread", "goal"];
/// How much the share of units dropped, and the share kept, may change by being drawn, relative to themselves.
const TOLERATED: f64 = 0.01;
/// The most random bits that decide whether a unit is dropped.
const MOST_BITS: u32 = 32;

/// How many random bits decide whether a unit is dropped at this rate: 16, or 32 where steps of 2⁻¹⁶ would change the share
/// dropped, or the share kept, by more than 1 %. `None` where steps of 2⁻³² do so too.
pub fn dropout_bits(rate: f64) -> Option<u32> {
    let is_met_by = |bits: &u32| (drawn(rate, *bits, f64::round) - rate).abs() <= TOLERATED * rate.min(1.0 - rate);
    [16, MOST_BITS].into_iter().find(is_met_by)
}

/// Random numbers of so many bits below this one drop a unit, at this rate.
pub fn dropped_below(rate: f64, bits: u32) -> u32 {
    (rate * (1u64 << bits) as f64).round() as u32
}

/// The rate in whole steps of random numbers of so many bits.
fn drawn(rate: f64, bits: u32, to_whole: fn(f64) -> f64) -> f64 {
    let steps = (1u64 << bits) as f64;
    to_whole(rate * steps) / steps
}

impl Config {
    /// Refuses what single precision makes into something else: a rate into 0, a factor below 1 into 1. For studies:
    /// journals may have such trials, from before this was checked.
    pub fn check_precision(&self) -> Result<(), Contradiction> {
        if self.data.set().is_none() {
            return Ok(());
        }
        let whole = serde_json::to_value(self).unwrap_or_default();
        for (place, number) in numbers(&whole) {
            let mut names = place.split('/').skip(1);
            let key = names.next().unwrap_or_default();
            if IN_DOUBLE_PRECISION.contains(&key) {
                continue;
            }
            let Some(becomes) = becomes(&whole, &place, number) else { continue };
            let inner: String = names.map(|name| format!(": {name}")).collect();
            let message = format!("{key}{inner} = {number:?} is {becomes}");
            return Err(Contradiction::new(&[key], message));
        }
        self.check_decay()?;
        self.check_dropout()
    }

    /// Decoupled weight decay multiplies by a factor that may be too near 1.
    fn check_decay(&self) -> Result<(), Contradiction> {
        let (rate, lambda) = (self.learning_rate(), self.weight_decay.get());
        let decays = self.weight_decay_mode == WeightDecayMode::Decoupled && lambda > 0.0;
        if !decays || (1.0 - rate * lambda) as f32 != 1.0 {
            return Ok(());
        }
        let message = format!(
            "decoupled weight decay multiplies weights by 1 − learning_rate · weight_decay = 1 − {:?}, which is 1 in single \
             precision, in which networks are trained: no weight would decay",
            rate * lambda
        );
        Err(Contradiction::new(&["weight_decay", "learning_rate", "weight_decay_mode"], message))
    }

    fn check_dropout(&self) -> Result<(), Contradiction> {
        let of_units = self.dropout.shares().iter().map(|share| ("dropout", share.get()));
        let mut all = of_units.chain([("input_dropout", self.input_dropout.get())]);
        let Some((key, rate)) = all.find(|&(_, rate)| dropout_bits(rate).is_none()) else { return Ok(()) };
        let [below, above] = [f64::floor, f64::ceil].map(|to_whole| drawn(rate, MOST_BITS, to_whole));
        let nearest = if above < 1.0 { format!("{below:?} and {above:?}") } else { format!("{below:?} and less") };
        let message = format!(
            "{key} = {rate:?} cannot be drawn: units are dropped with a probability in steps of 2⁻³², the nearest are \
             {nearest}"
        );
        Err(Contradiction::new(&[key], message))
    }
}

/// What a number becomes in single precision and what to give instead, if it becomes 0, infinite, or 1 where its key has to
/// be below 1.
fn becomes(whole: &Value, place: &str, number: f64) -> Option<&'static str> {
    let single = number as f32;
    let takes_one = || {
        let mut changed = whole.clone();
        changed.pointer_mut(place).into_iter().for_each(|value| *value = json!(1.0));
        serde_json::from_value::<Config>(changed).is_ok()
    };
    match single {
        0.0 if number != 0.0 => {
            Some("0 in single precision, in which networks are trained: the smallest numbers are about 1e-45")
        }
        1.0 if number < 1.0 && !takes_one() => {
            Some("1 in single precision, in which networks are trained: the largest number below 1 is about 0.99999994")
        }
        _ if single.is_infinite() => {
            Some("infinite in single precision, in which networks are trained: the largest number is about 3.4e38")
        }
        _ => None,
    }
}

/// All numbers in a value, each with its JSON pointer.
fn numbers(value: &Value) -> Vec<(String, f64)> {
    let inside = |name: &str, value: &Value| {
        numbers(value).into_iter().map(|(place, number)| (format!("/{name}{place}"), number)).collect::<Vec<_>>()
    };
    match value {
        Value::Number(number) => number.as_f64().map(|number| (String::new(), number)).into_iter().collect(),
        Value::Object(table) => table.iter().flat_map(|(name, value)| inside(name, value)).collect(),
        Value::Array(items) => items.iter().enumerate().flat_map(|(at, item)| inside(&at.to_string(), item)).collect(),
        Value::Null | Value::Bool(_) | Value::String(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(settings: &str) -> Option<String> {
        let config: Config = toml::from_str(settings).unwrap();
        config.check().and_then(|()| config.check_precision()).err().map(|contradiction| contradiction.message)
    }

    #[test]
    fn numbers_that_single_precision_changes_into_others_are_refused() {
        for (settings, expected) in [
            ("learning_rate = 1e-50", "learning_rate = 1e-50 is 0 in"),
            ("learning_rate = 1e39", "learning_rate = 1e39 is infinite in"),
            ("optimizer = { name = 'sgd', learning_rate = 1e-46 }", "optimizer: learning_rate = 1e-46 is 0 in"),
            ("optimizer = { name = 'momentum', momentum = 0.99999999 }", "optimizer: momentum = 0.99999999 is 1 in"),
            ("optimizer = { name = 'adam', beta_2 = 0.99999999 }", "optimizer: beta_2 = 0.99999999 is 1 in"),
            ("weight_decay = 1e-60", "weight_decay = 1e-60 is 0 in"),
            ("batch_norm_momentum = 0.99999999", "batch_norm_momentum = 0.99999999 is 1 in"),
            ("label_smoothing = 0.99999999", "label_smoothing = 0.99999999 is 1 in"),
            ("init = { normal = 1e-50 }", "init: normal = 1e-50 is 0 in"),
            ("init = { constant = -1e300 }", "init: constant = -1e300 is infinite in"),
            ("activation = { name = 'leaky_relu', slope = 1e-50 }", "activation: slope = 1e-50 is 0 in"),
            ("clip_gradient_norm = 1e-50", "clip_gradient_norm = 1e-50 is 0 in"),
            // 1 − 1e-8 is 1 in f32, whose numbers below 1 are 6e-8 apart.
            ("weight_decay_mode = 'decoupled'\nweight_decay = 1e-6", "1 − 1e-8, which is 1 in single precision"),
        ] {
            let message = message(settings).unwrap_or_else(|| panic!("{settings} is accepted"));
            assert!(message.contains(expected), "{message}");
        }
        for fine in [
            "learning_rate = 1e-40",
            "learning_rate = 0.99999999",
            "optimizer = { name = 'momentum', momentum = 0.9999999 }",
            "weight_decay = 1e-6",
            "weight_decay_mode = 'decoupled'\nweight_decay = 1e-5",
            "schedule = { name = 'exponential', factor = 0.99999999 }",
            // On a surface everything is computed in double precision.
            "data = 'surface'\nlearning_rate = 1e-50",
            "data = 'surface'\noptimizer = { name = 'momentum', momentum = 0.99999999 }",
        ] {
            assert_eq!(message(fine), None, "{fine}");
        }
    }

    #[test]
    fn dropout_is_drawn_as_it_is_given_or_refused() {
        let nearest = |rate: &str| {
            let [message, of_inputs] = ["dropout", "input_dropout"].map(|key| message(&format!("{key} = {rate}")));
            assert_eq!(of_inputs, message.as_ref().map(|message| format!("input_{message}")));
            message.map(|message| message.split_once("the nearest are ").unwrap().1.to_owned())
        };
        // 2⁻³² is 2.3283064365386963e-10: 1e-9 is 4.3 of them.
        assert_eq!(nearest("1e-10").unwrap(), "0.0 and 2.3283064365386963e-10");
        assert_eq!(nearest("1e-9").unwrap(), "9.313225746154785e-10 and 1.1641532182693481e-9");
        assert_eq!(nearest("0.9999999999").unwrap(), "0.9999999997671694 and less");
        for fine in ["0.0", "2.3283064365386963e-10", "1e-6", "0.1", "0.5", "0.9999999"] {
            assert_eq!(nearest(fine), None, "{fine}");
        }
    }

    #[test]
    fn rates_that_16_bits_meet_are_drawn_by_16_bits_as_they_always_were() {
        // 1/65536 is 1.52587890625e-5; .001 is 65.5 of them.
        for rate in [0.0, 1.52587890625e-5, 9.1552734375e-5, 0.001, 0.1, 0.2, 0.3, 0.5, 0.999, 0.9999847412109375] {
            assert_eq!(dropout_bits(rate), Some(16), "{rate}");
        }
        for rate in [1e-6, 1e-5, 1e-4, 0.9999999] {
            assert_eq!(dropout_bits(rate), Some(32), "{rate}");
        }
    }
}
