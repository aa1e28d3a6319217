//! The steps of an optimizer over all parameters of a problem. Here a parameter is flat: values, with a gradient and a
//! state for each.

use crate::kernel::vectorised;
use crate::plan::config::{Float, Optimizer, Rule, Task};
use std::marker::PhantomData;

/// Turns gradients into updates, in the precision F.
pub trait Stepper<F>: Send {
    /// To be called once before the updates of each step. `now`, `next`: the epochs before this step and before the one after
    /// it; steps, on a surface.
    fn begin_step(&mut self, now: f64, next: f64);

    /// Updates parameter number `index`; its length must be the one given to [`build`]. Allocates nothing.
    fn update(&mut self, index: usize, value: &mut [F], gradient: &[F], learning_rate: F);

    /// The velocity of parameter number `index` after the last step, which was made at this rate; `None` for a rule
    /// without a velocity.
    fn velocity(&self, index: usize, learning_rate: f64) -> Option<Velocity<F>>;

    /// What each gradient of parameter number `index` is divided by, before the learning rate; `None` for rules that do
    /// not divide.
    fn divisors(&self, index: usize) -> Option<Vec<F>>;
}

/// A displacement: `scale` times `values`, which are as long as the parameter.
pub struct Velocity<F> {
    /// What each value is multiplied by.
    pub scale: f64,
    /// One for each number of the parameter, padding included.
    pub values: Vec<F>,
}

/// The steps of an optimizer for parameters of the given lengths.
pub fn build<F: Float>(optimizer: &Optimizer, lengths: &[usize]) -> Box<dyn Stepper<F>> {
    struct Build<'a, F>(&'a [usize], PhantomData<F>);

    impl<F: Float> Task for Build<'_, F> {
        type Output = Box<dyn Stepper<F>>;

        fn run<R: Rule>(self, rule: R) -> Box<dyn Stepper<F>> {
            let count = R::State::<F>::default().as_ref().len();
            let zeros = |&length: &usize| vec![vec![F::default(); length]; count];
            let states = self.0.iter().map(zeros).collect();
            Box::new(Steps::<R, F> { rule, now: rule, progress: R::Progress::default(), states })
        }
    }

    optimizer.apply(Build(lengths, PhantomData))
}

/// What a gradient is multiplied by so that its norm is no more than `limit`, with the ε of PyTorch's
/// `clip_grad_norm_`; 1 if it is shorter, or if `limit` is 0, which means no limit.
pub fn clip_factor(norm: f64, limit: f64) -> f64 {
    if limit == 0.0 { 1.0 } else { (limit / (norm + 1e-6)).min(1.0) }
}

/// A rule with the state of all parameters.
struct Steps<R: Rule, F: Float> {
    rule: R,
    /// The rule as it is at this step.
    now: R,
    progress: R::Progress,
    /// For each parameter, the first number of every weight's state, then the second, each list as long as the
    /// parameter.
    states: Vec<Vec<Vec<F>>>,
}

impl<R: Rule, F: Float> Steps<R, F> {
    /// A number computed from the state of each weight of a parameter.
    fn of_each(&self, index: usize, something: impl Fn(&R::State<F>) -> F) -> Vec<F> {
        let columns = &self.states[index];
        let length = columns.first().map_or(0, Vec::len);
        (0..length).map(|at| something(&state_at::<R, F>(columns, at))).collect()
    }
}

fn state_at<R: Rule, F: Float>(columns: &[Vec<F>], at: usize) -> R::State<F> {
    let mut state = R::State::<F>::default();
    state.as_mut().iter_mut().zip(columns).for_each(|(number, column)| *number = column[at]);
    state
}

impl<R: Rule, F: Float> Stepper<F> for Steps<R, F> {
    fn begin_step(&mut self, now: f64, next: f64) {
        self.now = self.rule.at(now, next);
        self.now.advance(&mut self.progress);
    }

    fn update(&mut self, index: usize, value: &mut [F], gradient: &[F], learning_rate: F) {
        update::<R, F>(self.now, &self.progress, learning_rate, value, gradient, &mut self.states[index]);
    }

    fn velocity(&self, index: usize, learning_rate: f64) -> Option<Velocity<F>> {
        let velocity = self.now.velocity(&self.progress, learning_rate)?;
        Some(Velocity { scale: velocity.scale, values: self.of_each(index, velocity.of) })
    }

    fn divisors(&self, index: usize) -> Option<Vec<F>> {
        let divisor = self.now.divisor(&self.progress)?;
        Some(self.of_each(index, divisor))
    }
}

vectorised! {
    fn update<R: Rule, F: Float>(
        rule: R,
        progress: &R::Progress,
        learning_rate: F,
        value: &mut [F],
        gradient: &[F],
        columns: &mut [Vec<F>],
    ) {
        let step = rule.step(progress, learning_rate);
        let weights = value.iter_mut().zip(gradient);
        let mut state = R::State::<F>::default();
        match columns {
            [] => weights.for_each(|(w, g)| step(w, *g, &mut state)),
            // The same as the last case, in a form that the compiler vectorises.
            [a] => weights.zip(a).for_each(|((w, g), a)| {
                state.as_mut()[0] = *a;
                step(w, *g, &mut state);
                *a = state.as_ref()[0];
            }),
            [a, b] => weights.zip(a).zip(b).for_each(|(((w, g), a), b)| {
                [state.as_mut()[0], state.as_mut()[1]] = [*a, *b];
                step(w, *g, &mut state);
                [*a, *b] = [state.as_ref()[0], state.as_ref()[1]];
            }),
            _ => weights.enumerate().for_each(|(at, (w, g))| {
                let mut state = state_at::<R, F>(columns, at);
                step(w, *g, &mut state);
                columns.iter_mut().zip(state.as_ref()).for_each(|(column, number)| column[at] = *number);
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::config::Config;

    #[test]
    fn every_rule_goes_down_a_bowl_and_leaves_a_flat_place_alone() {
        for optimizer in Optimizer::all() {
            let name = optimizer.name();
            let config = Config { optimizer, ..Config::default() };
            // Larger than most defaults, so that 200 steps are enough.
            let rate = config.learning_rate().max(0.05) as f32;
            let (mut stepper, mut w) = (build(&optimizer, &[2]), [1.0f32, -1.0]);
            for _ in 0..200 {
                let gradient = [w[0], 4.0 * w[1]];
                stepper.begin_step(0.0, 0.0);
                stepper.update(0, &mut w, &gradient, rate);
            }
            assert!(w[0] * w[0] + 4.0 * w[1] * w[1] < 0.5, "{name} ended at {w:?}");

            let (mut stepper, mut w) = (build(&optimizer, &[2]), [3.0f32, 0.0]);
            stepper.begin_step(0.0, 0.0);
            stepper.update(0, &mut w, &[0.0, 0.0], 0.1);
            assert_eq!(w, [3.0, 0.0], "{name}");
        }
    }
}
