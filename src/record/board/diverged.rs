//! How many trials diverged, and when.

use std::fmt;

/// How many of several trials or pairs diverged: one or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Diverged {
    /// Number of those that diverged, 1 or more.
    pub trials: usize,
    /// Number of all.
    pub of: usize,
    /// Updates before the first loss that was not finite: of the trial in which that came soonest, and of the one in which it came
    /// latest.
    pub steps: (u32, u32),
}

impl Diverged {
    /// `steps` has one number for each trial that diverged; `None` if none did.
    pub fn new(steps: &[u32], of: usize) -> Option<Diverged> {
        let (first, last) = (steps.iter().min()?, steps.iter().max()?);
        Some(Diverged { trials: steps.len(), of, steps: (*first, *last) })
    }

    /// Both together.
    pub fn and(self, other: Diverged) -> Diverged {
        let steps = (self.steps.0.min(other.steps.0), self.steps.1.max(other.steps.1));
        Diverged { trials: self.trials + other.trials, of: self.of + other.of, steps }
    }
}

impl fmt::Display for Diverged {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} of {} diverged, ", self.trials, self.of)?;
        match self.steps {
            (first, last) if first == last => write!(f, "at step {first}"),
            (first, last) => write!(f, "at steps {first} to {last}"),
        }
    }
}
