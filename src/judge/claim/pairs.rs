//! The paired differences of a claim, read from its trials seed by seed.

use super::LeftOut;
use super::values::{Range, SideValue, Sides};
use crate::judge::sequence::Sequence;
use crate::judge::stats::{Inference, Summary};
use crate::plan::{Claim, Measure};
use crate::record::board::Diverged;

/// How many trials did not reach the level of a claim about steps within the time that both sides had. Trials that diverged are not
/// among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Never {
    /// Trials of the arm.
    pub arm: usize,
    /// Trials of the other side; 0 if that is a bound.
    pub versus: usize,
    /// Updates of the shortest training on either side: steps are compared up to here.
    pub horizon: usize,
}

/// What was read from the trials of a claim.
#[derive(Default)]
pub struct Pairs {
    /// Number of seeds that were read.
    pub seeds: usize,
    /// Number of pairs that there should be.
    pub planned: usize,
    /// Arm minus versus, of the seeds that have a value on both sides, in the order of the seeds.
    pub differences: Vec<Range>,
    /// The seed of each difference.
    differing: Vec<u64>,
    /// Whether they are tested by order alone. So steps to a level are, where the number of seeds is not fixed: whether each trial gets
    /// there is not known beforehand, and evidence must not change its kind when one does not.
    pub by_order: bool,
    /// The largest magnitude of a value on either side.
    pub largest: f64,
    pub left_out: LeftOut,
    pub never: Option<Never>,
    pub diverged: Vec<(String, Diverged)>,
    pub chosen: Option<String>,
}

impl Pairs {
    /// Reads the pairs of all seeds; where their number was not fixed, up to the first seed of which a trial has no result.
    pub fn read(sides: &Sides, claim: &Claim, sequence: &Sequence) -> Pairs {
        let by_order = sequence.inference == Inference::Anytime && matches!(claim.measure, Measure::StepsTo { .. });
        let mut pairs = Pairs { never: sides.never(claim), by_order, ..Pairs::default() };
        for (place, &seed) in sequence.seeds.iter().enumerate() {
            let (difference, largest) = sides.difference(claim, place);
            if difference == SideValue::Unfinished && sequence.inference == Inference::Anytime {
                break;
            }
            pairs.seeds += 1;
            // The first seed only helps to choose the best cell.
            if claim.best_over.is_some() && place == 0 {
                continue;
            }
            pairs.planned += 1;
            pairs.largest = pairs.largest.max(largest);
            match difference {
                SideValue::Number(difference) => {
                    pairs.differences.push(difference);
                    pairs.differing.push(seed);
                }
                SideValue::Diverged => pairs.left_out.diverged += 1,
                SideValue::Unmeasured | SideValue::Unfinished => pairs.left_out.unmeasured += 1,
            }
        }
        pairs.diverged = sides.diverged(claim, pairs.seeds);
        pairs.chosen = sides.chosen(claim, pairs.seeds);
        pairs
    }

    /// The differences; `None` if of some only a bound is known.
    pub fn known(&self) -> Option<Vec<f64>> {
        self.differences.iter().map(|range| range.known()).collect()
    }

    /// The seed whose difference makes most of the spread.
    pub fn outlier(&self) -> Option<u64> {
        let place = Summary::of(&self.known()?, Inference::Fixed)?.outlier?;
        self.differing.get(place).copied()
    }
}
