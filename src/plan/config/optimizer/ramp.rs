//! A momentum that changes over the first epochs of a training.

use super::{NonNegative, Share};

/// Where a ramp begins, unless a study says otherwise.
const START: Share = Share(0.5);

/// A straight line from one momentum to another, which is the rule's own from there on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ramp {
    /// The momentum at the first update.
    pub start: Share,
    /// Its length in epochs; steps, on a surface. 0 where there is none.
    pub length: NonNegative,
}

impl Ramp {
    /// No ramp.
    pub const NONE: Ramp = Ramp { start: START, length: NonNegative(0.0) };

    /// The momentum after so many epochs, where it is to become `end`.
    pub(super) fn momentum(self, end: Share, epoch: f64) -> Share {
        match self.length.get() {
            length if epoch < length => Share(self.start.get() + (end.get() - self.start.get()) * (epoch / length)),
            _ => end,
        }
    }

    /// Whether the momentum changes.
    pub fn is_there(self) -> bool {
        self.length.get() > 0.0
    }
}

/// Whether a ramp of this length is left out of files, so that trials from before there were ramps keep their ids.
pub(super) fn is_none(length: &NonNegative) -> bool {
    length.get() == 0.0
}

/// Whether its start is.
pub(super) fn is_usual(start: &Share) -> bool {
    *start == START
}
