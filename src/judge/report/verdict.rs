//! The comparison of a cell with the baseline, in a few words.

use super::Differences;
use crate::judge::claim::{HOPELESS, Progress};
use crate::judge::sequence::Sequence;
use crate::judge::stats::{Difference, Direction, Inference, PAIRS_FOR_A_VERDICT, chance_to_decide, critical_t, holm};
use crate::plan::metric::Metric;
use crate::record::board::Diverged;
use std::collections::BTreeMap;
use std::fmt;

/// How a cell's test accuracy, gap (train minus test accuracy) and train accuracy differ from the baseline's; not why. A metric is up or
/// down if its change is detected at the study's level, corrected over the table (see [`row_verdicts`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The change of test accuracy, which decides first.
    pub test: Direction,
    /// The change of the gap.
    pub gap: Direction,
    /// The change of train accuracy, which only helps to name what the others show.
    pub train: Direction,
}

/// The name of each combination: by test accuracy (down, not detectably changed, up), then by gap, then by train accuracy. The gap is
/// train − test accuracy, so two of the directions often imply the third, and some combinations hardly occur. They have a name that is
/// true of them, too.
#[rustfmt::skip]
const NAMES: [[[&str; 3]; 3]; 3] = [
    [
        ["worse on both, gap down", "worse, gap down", "worse, gap down"],
        ["worse on both",               "worse",               "worse"],
        ["worse on both, gap up",    "worse, gap up",    "worse, gap up"],
    ],
    [
        ["gap down",                "gap down",         "gap down"],
        ["no detectable effect",        "no detectable effect", "no detectable effect"],
        ["gap up",                   "gap up",            "gap up"],
    ],
    [
        ["better, gap down",        "better, gap down", "better on both, gap down"],
        ["better",                      "better",               "better on both"],
        ["better, gap up",           "better, gap up",    "better on both, gap up"],
    ],
];

impl Comparison {
    /// All 27 combinations, by test accuracy, then gap, then train accuracy, each from down to up.
    pub fn all() -> impl Iterator<Item = Comparison> {
        const DIRECTIONS: [Direction; 3] = [Direction::Down, Direction::Neither, Direction::Up];
        DIRECTIONS.into_iter().flat_map(|test| {
            let gaps = DIRECTIONS.into_iter();
            gaps.flat_map(move |gap| DIRECTIONS.into_iter().map(move |train| Comparison { test, gap, train }))
        })
    }

    /// The comparison in words, as tables and exports have it: `better, gap down`.
    pub fn name(self) -> &'static str {
        NAMES[self.test as usize][self.gap as usize][self.train as usize]
    }
}

/// The verdict on a row's cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowVerdict {
    /// Every trial of the cell and of the baseline completed.
    Given {
        /// What was detected.
        comparison: Comparison,
        /// The direction of the test loss, if it disagrees with test accuracy: both are up, or both are down.
        disagreeing_loss: Option<Direction>,
    },
    /// Test and train accuracy and the test loss are those of the baseline in each of so many seeds: they are compared and not tested.
    Equal(usize),
    /// Trials of the cell diverged. Those that are left are no fair sample of it, so it is not compared.
    Diverged(Diverged),
    /// Trials of the baseline diverged, so nothing is compared with it.
    BaselineDiverged(Diverged),
    /// With so few pairs, no change could be detected, however large: evidence that holds at any number of seeds needs more of them for
    /// so many comparisons.
    TooFewSeeds(usize),
    /// The baseline was trained on another number of images, or on other ones.
    OfOtherData,
}

impl fmt::Display for RowVerdict {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            RowVerdict::Given { comparison, disagreeing_loss } => {
                f.write_str(comparison.name())?;
                match disagreeing_loss {
                    Some(Direction::Up) => f.write_str(", though loss up"),
                    Some(Direction::Down) => f.write_str(", though loss down"),
                    Some(Direction::Neither) | None => Ok(()),
                }
            }
            RowVerdict::Equal(seeds) => write!(f, "equal in all {seeds} seeds"),
            RowVerdict::Diverged(diverged) => diverged.fmt(f),
            RowVerdict::BaselineDiverged(diverged) => write!(f, "baseline: {diverged}"),
            RowVerdict::TooFewSeeds(seeds) => write!(f, "{seeds} seeds are too few to tell"),
            RowVerdict::OfOtherData => f.write_str("other training images"),
        }
    }
}

/// What a row's verdict is read from.
pub(in crate::judge) struct Compared<'a> {
    /// How many trials of the cell diverged.
    pub diverged: Option<Diverged>,
    /// How many trials of its baseline did.
    pub baseline_diverged: Option<Diverged>,
    /// Whether it has no baseline because it was trained on other images.
    pub is_of_other_data: bool,
    /// Its changes; `None` for a baseline, and without a pair.
    pub versus: Option<&'a Differences>,
}

/// The p-values that a row's verdict rests on, each after its correction; 1 where it is not tested.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Corrected {
    /// Of test accuracy and of the gap: over these two of all rows.
    pub test: f64,
    /// See `test`.
    pub gap: f64,
    /// Of train accuracy: over all rows.
    train: f64,
    /// Of the test loss: over all rows.
    loss: f64,
}

impl Corrected {
    /// The p of a metric; `None` for those that are not compared.
    pub fn of(&self, metric: Metric) -> Option<f64> {
        let all = [
            (Metric::TEST_ACCURACY, self.test),
            (Metric::GAP, self.gap),
            (Metric::TRAIN_ACCURACY, self.train),
            (Metric::TEST_LOSS, self.loss),
        ];
        all.into_iter().find(|(other, _)| *other == metric).map(|(_, p)| p)
    }
}

/// Corrects the p-values of the rows by Holm's method. The family is test accuracy and gap of every row that is compared, also of
/// `dropped` cells that earlier plans had: with no effect anywhere, the whole column says something in at most 5 % of studies. Train
/// accuracy and test loss, which only help to name, are corrected over the rows by themselves.
pub(in crate::judge) fn correct(rows: &[Compared], dropped: usize) -> Vec<Option<Corrected>> {
    let compared: Vec<usize> = (0..rows.len()).filter(|&row| rows[row].is_compared()).collect();
    let p = |row: usize, metric: Metric| rows[row].tested(metric).and_then(|difference| difference.p).unwrap_or(1.0);
    let of = |metrics: &[Metric]| {
        let each = compared.iter().flat_map(|&row| metrics.iter().map(move |&metric| p(row, metric)));
        let unknown = std::iter::repeat_n(1.0, metrics.len() * dropped);
        holm(&each.chain(unknown).collect::<Vec<_>>())
    };
    let both = of(&[Metric::TEST_ACCURACY, Metric::GAP]);
    let (train, loss) = (of(&[Metric::TRAIN_ACCURACY]), of(&[Metric::TEST_LOSS]));
    let corrected = |row: usize| {
        let place = compared.iter().position(|&other| other == row)?;
        Some(Corrected { test: both[2 * place], gap: both[2 * place + 1], train: train[place], loss: loss[place] })
    };
    (0..rows.len()).map(corrected).collect()
}

/// Number of comparisons of a family that are not detected.
pub(in crate::judge) fn undecided(corrected: &[Option<Corrected>], level: f64) -> usize {
    let of_both = |corrected: &Corrected| [corrected.test, corrected.gap];
    corrected.iter().flatten().flat_map(of_both).filter(|&p| p >= level).count()
}

/// How far each row is that takes seeds until test accuracy and gap are decided. `pairs` are the changes of each row, pair by pair.
pub(super) fn progress(
    rows: &[Compared],
    corrected: &[Option<Corrected>],
    pairs: &[Option<BTreeMap<Metric, Vec<f64>>>],
    sequence: &Sequence,
    most_seeds: usize,
) -> Vec<Option<Progress>> {
    let level = sequence.level;
    let undecided = undecided(corrected, level);
    let row = |row: usize| {
        let pairs = pairs[row].as_ref()?;
        let both = [(Metric::TEST_ACCURACY, corrected[row]?.test), (Metric::GAP, corrected[row]?.gap)];
        let open: Vec<&(Metric, f64)> = both.iter().filter(|(_, p)| *p >= level).collect();
        let chance = |(metric, _): &&(Metric, f64)| {
            let known = pairs.get(metric).filter(|_| rows[row].is_fair());
            known.map_or(0.0, |pairs| chance_to_decide(pairs, &[0.0], level / undecided as f64, most_seeds))
        };
        let largest_chance = open.iter().map(chance).fold(0.0, f64::max);
        let weakest = open.iter().map(|(_, p)| *p).fold(0.0, f64::max);
        Some(Progress {
            decided_after: open.is_empty().then(|| pairs.get(&Metric::TEST_ACCURACY).map_or(0, Vec::len)),
            is_hopeless: !open.is_empty() && largest_chance < HOPELESS,
            is_used_up: pairs.get(&Metric::TEST_ACCURACY).is_some_and(|pairs| pairs.len() >= most_seeds),
            most_seeds,
            certainty: if open.is_empty() { 1.0 } else { (libm::log(weakest) / libm::log(level)).clamp(0.0, 1.0) },
        })
    };
    (0..rows.len()).map(row).collect()
}

impl Compared<'_> {
    /// Whether no trial diverged on either side.
    fn is_fair(&self) -> bool {
        self.diverged.is_none() && self.baseline_diverged.is_none()
    }

    /// Whether it counts in the family.
    fn is_compared(&self) -> bool {
        self.versus.is_some() || self.diverged.is_some() || self.baseline_diverged.is_some()
    }

    /// The change of a metric, if there are enough pairs to test it and no trial diverged.
    fn tested(&self, metric: Metric) -> Option<&Difference> {
        let difference = self.versus?.get(&metric)?;
        Some(difference).filter(|difference| self.is_fair() && difference.n >= PAIRS_FOR_A_VERDICT)
    }

    /// The verdict; `None` without a comparison, and with fewer than [`PAIRS_FOR_A_VERDICT`] pairs: what few pairs show is only described.
    /// `undecided` is the number of comparisons of the family that are not detected at the level.
    pub(in crate::judge) fn verdict(
        &self,
        corrected: Option<Corrected>,
        (inference, level): (Inference, f64),
        undecided: usize,
    ) -> Option<RowVerdict> {
        if self.is_of_other_data {
            return Some(RowVerdict::OfOtherData);
        }
        let diverged = self.diverged.map(RowVerdict::Diverged);
        if let Some(diverged) = diverged.or(self.baseline_diverged.map(RowVerdict::BaselineDiverged)) {
            return Some(diverged);
        }
        let metrics = [Metric::TEST_ACCURACY, Metric::GAP, Metric::TRAIN_ACCURACY];
        let [test, gap, train] = metrics.map(|metric| self.tested(metric));
        let (test, gap, train) = (test?, gap?, train?);
        let loss = self.tested(Metric::TEST_LOSS);
        if [test, gap, train].into_iter().chain(loss).all(|change| change.is_constant() && change.mean == 0.0) {
            return Some(RowVerdict::Equal(test.n));
        }
        let corrected = corrected?;
        let direction = |difference: &Difference, p: f64| if p < level { difference.side } else { Direction::Neither };
        let comparison = Comparison {
            test: direction(test, corrected.test),
            gap: direction(gap, corrected.gap),
            train: direction(train, corrected.train),
        };
        let is_open = (comparison.test, comparison.gap) == (Direction::Neither, Direction::Neither);
        if is_open && inference == Inference::Anytime && critical_t(level / undecided.max(1) as f64, test.n).is_none() {
            return Some(RowVerdict::TooFewSeeds(test.n));
        }
        let loss = loss.map_or(Direction::Neither, |loss| direction(loss, corrected.loss));
        // A higher loss is worse, a higher accuracy better.
        let disagreeing_loss = Some(loss).filter(|&loss| loss != Direction::Neither && loss == comparison.test);
        Some(RowVerdict::Given { comparison, disagreeing_loss })
    }
}

/// The verdicts on rows that nothing diverged in, from the changes of each row: what a table says of them, for simulations. The changes
/// of a row are those of train accuracy, test accuracy and test loss, seed by seed.
pub fn row_verdicts(rows: &[[&[f64]; 3]], inference: Inference, level: f64) -> Vec<Option<RowVerdict>> {
    let differences: Vec<Differences> = rows
        .iter()
        .map(|[train, test, loss]| {
            let gap: Vec<f64> = train.iter().zip(*test).map(|(train, test)| train - test).collect();
            let metrics = [Metric::TRAIN_ACCURACY, Metric::TEST_ACCURACY, Metric::GAP, Metric::TEST_LOSS];
            let values = [*train, *test, &gap, *loss];
            let of = |(metric, values): (Metric, &[f64])| Some((metric, Difference::of(values, inference)?));
            metrics.into_iter().zip(values).filter_map(of).collect()
        })
        .collect();
    let compared = |versus| Compared { diverged: None, baseline_diverged: None, is_of_other_data: false, versus };
    let rows: Vec<Compared> = differences.iter().map(|versus| compared(Some(versus))).collect();
    let corrected = correct(&rows, 0);
    let open = undecided(&corrected, level);
    rows.iter().zip(corrected).map(|(row, corrected)| row.verdict(corrected, (inference, level), open)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::stats::Direction::*;

    #[test]
    fn each_of_the_27_combinations_has_a_name_that_is_true_of_it() {
        assert_eq!(Comparison::all().count(), 27);
        for comparison in Comparison::all() {
            let Comparison { test, gap, train } = comparison;
            let name = comparison.name();
            assert_eq!(name.starts_with("better"), test == Up, "{comparison:?}: {name}");
            assert_eq!(name.starts_with("worse"), test == Down, "{comparison:?}: {name}");
            assert_eq!(name.contains("gap up"), gap == Up, "{comparison:?}: {name}");
            assert_eq!(name.contains("gap down"), gap == Down, "{comparison:?}: {name}");
            assert_eq!(name.contains("on both"), test != Neither && train == test, "{comparison:?}: {name}");
            assert_eq!(name == "no detectable effect", (test, gap) == (Neither, Neither), "{comparison:?}: {name}");
        }
    }

    #[test]
    fn a_loss_that_disagrees_with_accuracy_is_told() {
        let (up, down, none) = ([0.01, 0.012, 0.011, 0.009, 0.013], [-0.02, -0.021, -0.019, -0.022, -0.018], [0.0; 5]);
        let verdict = |test: &[f64], loss: &[f64]| {
            row_verdicts(&[[&none, test, loss]], Inference::Fixed, 0.04)[0].unwrap().to_string()
        };
        assert_eq!(verdict(&up, &up), "better, gap down, though loss up");
        assert_eq!(verdict(&up, &down), "better, gap down");
        assert_eq!(verdict(&down, &down), "worse, gap up, though loss down");
        assert_eq!(verdict(&none, &up), "no detectable effect");
        assert_eq!(verdict(&none, &none), "equal in all 5 seeds");
    }

    #[test]
    fn seeds_that_can_tell_nothing_are_told() {
        // However large a change is: with 5 pairs, evidence has p = 1/36 at least, and there are 2 comparisons, or 10.
        let up = [0.10, 0.12, 0.11, 0.09, 0.13, 0.105, 0.115];
        let noise = [0.001, -0.001, 0.002, -0.002, 0.0005, 0.001, -0.0015];
        let verdict = |n: usize, rows: usize| {
            let row: [&[f64]; 3] = [&noise[..n], &up[..n], &noise[..n]];
            row_verdicts(&vec![row; rows], Inference::Anytime, 0.05)[0].unwrap().to_string()
        };
        assert_eq!([verdict(5, 1), verdict(5, 5)], ["5 seeds are too few to tell"; 2]);
        assert_eq!(verdict(7, 1), "better, gap down");
    }

    #[test]
    fn a_row_is_corrected_for_all_rows() {
        // scipy 1.17.1: ttest_1samp(d, 0).pvalue = 0.004193 of the test accuracy; 2 · .0042 is below .04, 10 · .0042 is not.
        let (test, none) = ([0.010, 0.004, 0.013, 0.008, 0.012], [0.001, -0.001, 0.002, -0.002, 0.0]);
        let weak: [&[f64]; 3] = [&test, &test, &none];
        let nothing: [&[f64]; 3] = [&none, &none, &none];
        let alone = row_verdicts(&[weak], Inference::Fixed, 0.04);
        assert_eq!(alone[0].unwrap().to_string(), "better on both");
        let among = row_verdicts(&[weak, nothing, nothing, nothing, nothing], Inference::Fixed, 0.04);
        assert_eq!(among[0].unwrap().to_string(), "no detectable effect");
    }
}
