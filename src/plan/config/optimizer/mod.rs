//! All optimizers. Each is one file that holds its hyper-parameters and its rule, and is named once below.

mod adadelta;
mod adagrad;
mod adam;
mod lion;
mod momentum;
mod nesterov;
mod ramp;
mod rmsprop;
mod sgd;

pub use ramp::Ramp;

use super::named::{as_table, by_name, or_name_alone};
use super::range::{Epsilon, NonNegative, Positive, Share};
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::ops::{Add, Div, Mul, Sub};

/// Defines the enum of all optimizers, whose methods ask the rule of the variant at hand.
macro_rules! optimizers {
    ($($name:literal => $file:ident::$Rule:ident,)*) => {
        /// The rule that turns a gradient into an update, with its constants.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(remote = "Optimizer")]
        #[schemars(tag = "name", transform = tell_rates, transform = or_name_alone)]
        #[allow(missing_docs, reason = "each rule is documented where it is, and the schema says that of the variant")]
        pub enum Optimizer {
            $(#[serde(rename = $name)] $Rule($file::$Rule),)*
        }

        impl Optimizer {
            /// Each of them, with its constants at their defaults.
            pub fn all() -> impl Iterator<Item = Optimizer> {
                [$(Optimizer::$Rule(Default::default())),*].into_iter()
            }

            /// As in files: `adam`.
            pub fn name(&self) -> &'static str {
                match self { $(Optimizer::$Rule(_) => $name),* }
            }

            /// Runs a task on the rule, whichever it is.
            pub fn apply<T: Task>(&self, task: T) -> T::Output {
                match self { $(Optimizer::$Rule(rule) => task.run(*rule)),* }
            }

            /// (the rate written into its table, its default)
            pub(super) fn learning_rate(&self) -> (Option<Positive>, f64) {
                match self { $(Optimizer::$Rule(rule) => (rule.learning_rate, $file::$Rule::LEARNING_RATE)),* }
            }

            /// Takes the rate out of its table.
            pub(super) fn take_learning_rate(&mut self) -> Option<Positive> {
                match self { $(Optimizer::$Rule(rule) => rule.learning_rate.take()),* }
            }

            /// It as it is at an update, see [`Rule::at`].
            pub fn at(&self, now: f64, next: f64) -> Optimizer {
                match self { $(Optimizer::$Rule(rule) => Optimizer::$Rule(rule.at(now, next))),* }
            }

            /// Whether it divides each gradient by something (see [`Rule::divisor`]).
            pub fn divides(&self) -> bool {
                match self { $(Optimizer::$Rule(rule) => rule.divisor::<f64>(&Default::default()).is_some()),* }
            }

            /// The share of its velocity that a step keeps; `None` for a rule without a velocity.
            fn kept_velocity(&self) -> Option<f64> {
                match self { $(Optimizer::$Rule(rule) => rule.velocity::<f64>(&Default::default(), 1.0).map(|v| v.kept)),* }
            }

            /// See [`Rule::stability`].
            fn stability(&self) -> Option<f64> {
                match self { $(Optimizer::$Rule(rule) => rule.stability()),* }
            }

            /// See [`Rule::gradient`].
            pub fn gradient(&self, displacement: f64, velocity: &mut f64, learning_rate: f64) -> Option<f64> {
                match self { $(Optimizer::$Rule(rule) => rule.gradient(displacement, velocity, learning_rate)),* }
            }

            /// Bytes of state for each weight of a network.
            pub fn state_bytes(&self) -> usize {
                match self { $(Optimizer::$Rule(_) => size_of::<<$file::$Rule as Rule>::State<f32>>()),* }
            }
        }
    };
}

optimizers! {
    "sgd" => sgd::Sgd,
    "momentum" => momentum::Momentum,
    "nesterov" => nesterov::Nesterov,
    "adadelta" => adadelta::Adadelta,
    "adagrad" => adagrad::Adagrad,
    "rmsprop" => rmsprop::Rmsprop,
    "adam" => adam::Adam,
    "lion" => lion::Lion,
}

/// Writes each rule's own default of `learning_rate` into its schema.
fn tell_rates(schema: &mut Schema) {
    let Some(Value::Array(tables)) = schema.get_mut("oneOf") else { return };
    for (table, optimizer) in tables.iter_mut().zip(Optimizer::all()) {
        let rate = &mut table["properties"]["learning_rate"];
        rate["description"] = "α, in place of the key `learning_rate`.".into();
        rate["default"] = optimizer.learning_rate().1.into();
    }
}

by_name!(Optimizer, as_table);

impl Optimizer {
    /// Whether it has a velocity.
    pub fn has_velocity(&self) -> bool {
        self.kept_velocity().is_some()
    }

    /// m of V ← m V − α g, for a rule that moves by V itself: one with a velocity that it does not divide.
    pub fn momentum(&self) -> Option<f64> {
        self.kept_velocity().filter(|_| !self.divides())
    }

    /// The ramp of its momentum, or [`Ramp::NONE`], for rules that may have one.
    pub fn ramp(&self) -> Option<Ramp> {
        match self {
            Optimizer::Momentum(rule) => Some(rule.ramp()),
            Optimizer::Nesterov(rule) => Some(rule.ramp()),
            _ => None,
        }
    }

    /// The same without a ramp that changes nothing.
    pub(super) fn without_idle_ramp(self) -> Optimizer {
        match self {
            Optimizer::Momentum(rule) => Optimizer::Momentum(rule.without_idle_ramp()),
            Optimizer::Nesterov(rule) => Optimizer::Nesterov(rule.without_idle_ramp()),
            other => other,
        }
    }

    /// The largest eigenvalue of a quadratic, preconditioned for rules that divide, on which it does not diverge;
    /// `None` for a rule that diverges on none, or for which the bound is not known.
    pub fn stability_bound(&self, learning_rate: f64) -> Option<f64> {
        self.stability().map(|factor| factor / learning_rate)
    }
}

/// A rule, for one weight w with its gradient g at the learning rate α. Only [`Rule::advance`] and [`Rule::at`] have a
/// default, so a new rule that leaves out another answer does not compile.
pub trait Rule: Copy + Send + 'static {
    /// α where none is given.
    const LEARNING_RATE: f64;

    /// The state of a weight: an array of numbers, zeros at the beginning.
    type State<F: Float>: Copy + Default + AsRef<[F]> + AsMut<[F]>;

    /// State that all weights share and each step changes; it begins at its default.
    type Progress: Copy + Default + Send;

    /// Called once before the updates of each step.
    fn advance(&self, _progress: &mut Self::Progress) {}

    /// The rule with the constants that it has at one update: `now`, the epochs before it, and `next`, those before the
    /// update after it; steps, on a surface. Most rules have the same at all.
    fn at(&self, _now: f64, _next: f64) -> Self {
        *self
    }

    /// One step of a weight: w, its g and its state.
    fn step<F: Float>(&self, progress: &Self::Progress, learning_rate: F) -> impl Fn(&mut F, F, &mut Self::State<F>);

    /// What a step divides g by before it is multiplied by α, with the state as the last step left it; `None` for a
    /// rule that does not divide.
    fn divisor<F: Float>(&self, progress: &Self::Progress) -> Option<Divisor<Self::State<F>, F>>;

    /// The velocity after a step that was made at this rate; `None` for a rule without a velocity.
    fn velocity<F: Float>(&self, progress: &Self::Progress, learning_rate: f64) -> Option<Velocity<Self::State<F>, F>>;

    /// The bound of stability times α: the largest curvature λ, divided by what the rule divides g by, at which the
    /// steps on ½λw² do not grow without bound. `None` for a rule that has no such limit.
    fn stability(&self) -> Option<f64>;

    /// The g computed back from a displacement of w; `None` where that is impossible. `velocity` is V as computed from
    /// the displacements alone; it begins at 0.
    fn gradient(&self, displacement: f64, velocity: &mut f64, learning_rate: f64) -> Option<f64>;
}

/// A divisor as a function of the state of a weight.
pub type Divisor<S, F> = Box<dyn Fn(&S) -> F>;

/// A displacement that a rule carries over from one step to the next: `scale` times what `of` reads from a state.
pub struct Velocity<S, F> {
    /// What `of` is multiplied by.
    pub scale: f64,
    /// Reads the unscaled value from the state of a weight.
    pub of: fn(&S) -> F,
    /// The share of the velocity that a step keeps.
    pub kept: f64,
}

/// A task that works on a rule of any type.
pub trait Task {
    /// The result of the task.
    type Output;
    /// Runs the task on one rule.
    fn run<R: Rule>(self, rule: R) -> Self::Output;
}

/// The number type of weights: f32 in networks, f64 on surfaces. Every operation is rounded as IEEE 754 says, so that a
/// rule has the same bits on every machine.
pub trait Float:
    Copy
    + Default
    + PartialOrd
    + Send
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
{
    /// Whether double precision has digits to spare for a constant.
    const IS_SINGLE: bool;

    /// The nearest number of this type.
    fn of(value: f64) -> Self;
    /// The same number in double precision.
    fn double(self) -> f64;
    /// The square root, rounded to the nearest.
    fn sqrt(self) -> Self;
}

impl Float for f32 {
    const IS_SINGLE: bool = true;

    #[inline(always)]
    fn of(value: f64) -> f32 {
        value as f32
    }
    #[inline(always)]
    fn double(self) -> f64 {
        self.into()
    }
    #[inline(always)]
    fn sqrt(self) -> f32 {
        self.sqrt()
    }
}

impl Float for f64 {
    const IS_SINGLE: bool = false;

    #[inline(always)]
    fn of(value: f64) -> f64 {
        value
    }
    #[inline(always)]
    fn double(self) -> f64 {
        self
    }
    #[inline(always)]
    fn sqrt(self) -> f64 {
        self.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json};

    /// After a step of two weights.
    struct After<R: Rule, F: Float> {
        w: [F; 2],
        states: [R::State<F>; 2],
        progress: R::Progress,
    }

    /// Two steps of a weight at 1 with the gradients 0.5 and 0.25, and of one at −2 with −4 and 3, at a rate of 0.1.
    fn two_steps<R: Rule, F: Float>(rule: R) -> [After<R, F>; 2] {
        let mut progress = R::Progress::default();
        let (mut w, mut states) = ([1.0, -2.0].map(F::of), [R::State::<F>::default(); 2]);
        [[0.5, -4.0], [0.25, 3.0]].map(|gradients| {
            rule.advance(&mut progress);
            let step = rule.step(&progress, F::of(0.1));
            for ((w, g), state) in w.iter_mut().zip(gradients).zip(&mut states) {
                step(w, F::of(g), state);
            }
            After { w, states, progress }
        })
    }

    /// Of the steps above, in both precisions: where the weights are after each.
    pub(super) fn weights_are<R: Rule>(rule: R, expected: [[f64; 2]; 2]) {
        for ((single, double), expected) in
            two_steps::<R, f32>(rule).iter().zip(two_steps::<R, f64>(rule)).zip(expected)
        {
            for axis in 0..2 {
                assert!(
                    (single.w[axis].double() - expected[axis]).abs() < 2e-6,
                    "{:?}, expected {expected:?}",
                    single.w
                );
                assert!((double.w[axis] - expected[axis]).abs() < 1e-9, "{:?}, expected {expected:?}", double.w);
            }
        }
    }

    /// What the weights' velocities are after the second.
    pub(super) fn velocities_are<R: Rule>(rule: R, expected: [f64; 2]) {
        let [_, After { states, progress, .. }] = two_steps::<R, f64>(rule);
        let velocity = rule.velocity::<f64>(&progress, 0.1).unwrap();
        let found = states.map(|state| velocity.scale * (velocity.of)(&state));
        assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-12), "{found:?}");
    }

    /// What the gradients are divided by after the second.
    pub(super) fn divisors_are<R: Rule>(rule: R, expected: [f64; 2]) {
        let [_, After { states, progress, .. }] = two_steps::<R, f64>(rule);
        let divisor = rule.divisor::<f64>(&progress).unwrap();
        let found = states.map(|state| divisor(&state));
        assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-9), "{found:?}");
    }

    #[test]
    fn a_name_alone_means_the_defaults_and_no_other_key_is_taken() {
        for optimizer in Optimizer::all() {
            let name = optimizer.name();
            assert_eq!(from_value::<Optimizer>(json!({ "name": name })).unwrap(), optimizer);
            assert!(from_value::<Optimizer>(json!({ "name": name, "learning_rat": 0.1 })).is_err(), "{name}");
            let with_rate: Optimizer = from_value(json!({ "name": name, "learning_rate": 0.5 })).unwrap();
            assert_eq!(with_rate.learning_rate().0.map(Positive::get), Some(0.5), "{name}");
        }
    }
}
