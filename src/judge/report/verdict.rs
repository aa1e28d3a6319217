//! What a cell does, against the baseline, in a word.

use crate::judge::stats::Difference;

/// What a cell does to the gap and to test accuracy. "Up" and "down" mean that the 95 % interval of the paired
/// difference excludes 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Gap down, test accuracy up.
    Regularised,
    /// Gap down, test accuracy not detectably changed.
    Traded,
    /// Test accuracy down without the gap going up: less was learned, and if the gap closed, that is why.
    Underfit,
    /// Gap up.
    OverfitMore,
    /// Test accuracy up, gap not detectably changed.
    Improved,
    /// Neither detectably changed.
    NoDetectableEffect,
}

impl Verdict {
    pub(super) fn new(gap: &Difference, test: &Difference) -> Verdict {
        match () {
            _ if gap.is_up() => Verdict::OverfitMore,
            _ if test.is_down() => Verdict::Underfit,
            _ if gap.is_down() && test.is_up() => Verdict::Regularised,
            _ if gap.is_down() => Verdict::Traded,
            _ if test.is_up() => Verdict::Improved,
            _ => Verdict::NoDetectableEffect,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Verdict::Regularised => "regularised",
            Verdict::Traded => "traded",
            Verdict::Underfit => "underfit",
            Verdict::OverfitMore => "overfit more",
            Verdict::Improved => "improved",
            Verdict::NoDetectableEffect => "no detectable effect",
        }
    }
}
