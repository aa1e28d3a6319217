//! The comparison of a cell with the baseline, in a word.

use super::Differences;
use crate::judge::stats::{Direction, PAIRS_FOR_A_VERDICT};
use crate::plan::metric::Metric;
use crate::record::board::Diverged;
use std::fmt;

/// How a cell's test accuracy, gap (train minus test accuracy) and train accuracy differ from the baseline's; not why. A
/// metric is up or down if the 95 % interval of its paired difference excludes 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Test accuracy up, gap down.
    Regularised,
    /// Test accuracy up, no change of the gap.
    Improved,
    /// Test accuracy and gap up.
    LearnedMore,
    /// No change of test accuracy, gap down.
    Traded,
    /// No change of test accuracy, train accuracy down; the gap is not down.
    TrainDown,
    /// No change of any of the three.
    NoDetectableEffect,
    /// No change of test accuracy and gap, train accuracy up.
    TrainUp,
    /// Test accuracy not up, gap up; the train accuracy is not down.
    OverfitMore,
    /// Test and train accuracy down.
    Underfit,
    /// Test accuracy down; neither is the gap up nor the train accuracy down.
    Worse,
}

impl Comparison {
    /// All comparisons, the most desirable first.
    pub const ALL: [Comparison; 10] = {
        use Comparison::*;
        [
            Regularised,
            Improved,
            LearnedMore,
            Traded,
            TrainDown,
            NoDetectableEffect,
            TrainUp,
            OverfitMore,
            Underfit,
            Worse,
        ]
    };

    /// The word for each of the 27 combinations; test accuracy decides first. The gap is train − test accuracy, so two of the
    /// three directions often imply the third, and some combinations cannot occur. They have a word that is true of them, too.
    pub fn of(test: Direction, gap: Direction, train: Direction) -> Comparison {
        use Comparison::*;
        use Direction::*;
        let [down, neither, up] = match (test, gap) {
            (Up, Down) => [Regularised, Regularised, Regularised],
            (Up, Neither) => [Improved, Improved, Improved],
            (Up, Up) => [LearnedMore, LearnedMore, LearnedMore],
            (Neither, Down) => [Traded, Traded, Traded],
            (Neither, Neither) => [TrainDown, NoDetectableEffect, TrainUp],
            (Neither, Up) => [TrainDown, OverfitMore, OverfitMore],
            (Down, Down) => [Underfit, Worse, Worse],
            (Down, Neither) => [Underfit, Worse, Worse],
            (Down, Up) => [Underfit, OverfitMore, OverfitMore],
        };
        match train {
            Down => down,
            Neither => neither,
            Up => up,
        }
    }

    /// `None` unless all three metrics are compared, with [`PAIRS_FOR_A_VERDICT`] pairs or more.
    fn new(versus: &Differences) -> Option<Comparison> {
        let direction = |metric: Metric| {
            let difference = versus.get(&metric).filter(|difference| difference.n >= PAIRS_FOR_A_VERDICT)?;
            Some(difference.direction())
        };
        let [test, gap, train] = [Metric::TEST_ACCURACY, Metric::GAP, Metric::TRAIN_ACCURACY].map(direction);
        Some(Comparison::of(test?, gap?, train?))
    }

    /// The comparison in words, as tables and exports have it: `no detectable effect`.
    pub fn name(self) -> &'static str {
        match self {
            Comparison::Regularised => "regularised",
            Comparison::Improved => "improved",
            Comparison::LearnedMore => "learned more",
            Comparison::Traded => "traded",
            Comparison::TrainDown => "train down",
            Comparison::NoDetectableEffect => "no detectable effect",
            Comparison::TrainUp => "train up",
            Comparison::OverfitMore => "overfit more",
            Comparison::Underfit => "underfit",
            Comparison::Worse => "worse",
        }
    }
}

/// The verdict on a row's cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowVerdict {
    /// Every trial of the cell and of the baseline completed.
    Given(Comparison),
    /// Trials of the cell diverged. Those that are left are no fair sample of it, so it is not compared.
    Diverged(Diverged),
    /// Trials of the baseline diverged, so nothing is compared with it.
    BaselineDiverged(Diverged),
}

impl RowVerdict {
    /// `None` if nothing diverged and there are fewer than [`PAIRS_FOR_A_VERDICT`] pairs: what few pairs show is only described.
    pub(super) fn new(
        cell: Option<Diverged>,
        baseline: Option<Diverged>,
        versus: Option<&Differences>,
    ) -> Option<RowVerdict> {
        let diverged = cell.map(RowVerdict::Diverged).or(baseline.map(RowVerdict::BaselineDiverged));
        diverged.or_else(|| versus.and_then(Comparison::new).map(RowVerdict::Given))
    }
}

impl fmt::Display for RowVerdict {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            RowVerdict::Given(verdict) => f.write_str(verdict.name()),
            RowVerdict::Diverged(diverged) => diverged.fmt(f),
            RowVerdict::BaselineDiverged(diverged) => write!(f, "baseline: {diverged}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::stats::Direction::*;

    const DIRECTIONS: [Direction; 3] = [Down, Neither, Up];

    /// (test, gap, train) of all 27 combinations.
    fn combinations() -> impl Iterator<Item = (Direction, Direction, Direction)> {
        DIRECTIONS.into_iter().flat_map(|test| {
            DIRECTIONS.into_iter().flat_map(move |gap| DIRECTIONS.into_iter().map(move |train| (test, gap, train)))
        })
    }

    #[test]
    fn each_of_the_27_combinations_has_the_one_word_that_describes_it() {
        let describes = |verdict, test, gap, train| match verdict {
            Comparison::Regularised => test == Up && gap == Down,
            Comparison::Improved => test == Up && gap == Neither,
            Comparison::LearnedMore => test == Up && gap == Up,
            Comparison::Traded => test == Neither && gap == Down,
            Comparison::TrainDown => test == Neither && gap != Down && train == Down,
            Comparison::NoDetectableEffect => [test, gap, train] == [Neither; 3],
            Comparison::TrainUp => test == Neither && gap == Neither && train == Up,
            Comparison::OverfitMore => test != Up && gap == Up && train != Down,
            Comparison::Underfit => test == Down && train == Down,
            Comparison::Worse => test == Down && gap != Up && train != Down,
        };
        for (test, gap, train) in combinations() {
            let words: Vec<_> =
                Comparison::ALL.into_iter().filter(|&verdict| describes(verdict, test, gap, train)).collect();
            assert_eq!(words, [Comparison::of(test, gap, train)], "test {test:?}, gap {gap:?}, train {train:?}");
        }
        assert_eq!(combinations().count(), 27);
    }
}
