//! Each trial at its best epoch, the evaluation with the highest validation accuracy. It says when to stop training and which
//! cell to choose, without using the test images.

use super::{Row, Table};
use crate::judge::stats::{Inference, Summary};
use crate::plan::config::Config;
use crate::plan::metric::Metric;
use crate::record::event::Point;

/// The metrics that are shown at the best epoch.
pub const METRICS: [Metric; 7] = [
    Metric::VALIDATION_ACCURACY,
    Metric::TRAIN_ACCURACY,
    Metric::TEST_ACCURACY,
    Metric::GAP,
    Metric::VALIDATION_LOSS,
    Metric::TRAIN_LOSS,
    Metric::TEST_LOSS,
];

/// A cell's completed trials, each at its best epoch: all metrics of a trial are from the same evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Best {
    /// The best epoch of each trial, 0 for the untrained network.
    pub epoch: Summary,
    /// One for each of [`METRICS`]; `None` if it was not measured.
    summaries: [Option<Summary>; METRICS.len()],
    /// Seed and validation accuracy, in the order of the seeds.
    validation: Vec<(u64, f64)>,
    /// Whether the cell has the highest mean validation accuracy of all cells, or ties with that one: the 95 % interval of
    /// their difference, paired by seed, contains 0. Cells in which trials diverged are not considered: for them this is
    /// `Some(false)`. `None` while the study is unfinished, and with fewer than two pairs.
    pub tied: Option<bool>,
}

impl Best {
    /// `points` has the seed and the best evaluation of each trial; `None` if it is empty.
    pub(super) fn new(config: &Config, points: &[(u64, Point)], inference: Inference) -> Option<Best> {
        let of = |metric: Metric| points.iter().filter_map(move |(_, point)| point.value(metric, config));
        let summary = |metric: Metric| Summary::of(&of(metric).collect::<Vec<_>>(), inference);
        let accuracy = |(seed, point): &(u64, Point)| Some((*seed, point.value(Metric::VALIDATION_ACCURACY, config)?));
        Some(Best {
            epoch: Summary::of(&points.iter().map(|(_, point)| point.epoch(config)).collect::<Vec<_>>(), inference)?,
            summaries: METRICS.map(summary),
            validation: points.iter().filter_map(accuracy).collect(),
            tied: None,
        })
    }

    /// A metric at the best epoch, over the trials; `None` if it was not measured or is none of [`METRICS`].
    pub fn summary(&self, metric: Metric) -> Option<&Summary> {
        let index = METRICS.iter().position(|&other| other == metric)?;
        self.summaries[index].as_ref()
    }

    /// Mean validation accuracy over these seeds; −∞ if it was not measured at any of them.
    fn validation(&self, seeds: &[u64]) -> f64 {
        let at_seeds = self.validation.iter().filter(|(seed, _)| seeds.contains(seed));
        let accuracies: Vec<f64> = at_seeds.map(|(_, accuracy)| *accuracy).collect();
        Summary::of(&accuracies, Inference::Fixed).map_or(f64::NEG_INFINITY, |summary| summary.mean)
    }

    /// `None` with fewer than two pairs.
    fn ties_with(&self, highest: &Best, inference: Inference) -> Option<bool> {
        let of_highest = |seed: u64| highest.validation.iter().find(|(other, _)| *other == seed);
        let difference = |&(seed, accuracy): &(u64, f64)| {
            Some(crate::judge::stats::without_rounding(accuracy - of_highest(seed)?.1))
        };
        let summary = Summary::of(&self.validation.iter().filter_map(difference).collect::<Vec<_>>(), inference)?;
        // While evidence excludes nothing, it does not tell them apart.
        let tied = summary.ci95.is_none_or(|(low, high)| low <= 0.0 && high >= 0.0);
        (summary.n >= 2).then_some(tied)
    }
}

/// Which cell to choose by validation accuracy, of those in which no trial diverged.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection<'a> {
    /// The cell with the highest mean; `None` if trials diverged in every cell.
    pub chosen: Option<&'a Row>,
    /// Which others are not distinguishable from it.
    pub ties: Ties<'a>,
}

/// The cells that tie with the chosen one.
#[derive(Clone, Debug, PartialEq)]
pub enum Ties<'a> {
    /// There is no other cell to choose.
    Alone,
    /// There are fewer than two pairs.
    Unknown,
    /// These cells tie; none do if it is empty.
    With(Vec<&'a Row>),
}

/// Marks the cells of a complete study that tie with the highest mean validation accuracy.
pub(super) fn mark_ties(rows: &mut [Row], inference: Inference) {
    let highest = highest(rows).and_then(|row| row.best.clone());
    for row in rows {
        let diverged = row.divergence().is_some();
        let Some(best) = row.best.as_mut() else { continue };
        best.tied = match &highest {
            Some(highest) if !diverged => {
                if best == highest {
                    Some(true)
                } else {
                    best.ties_with(highest, inference)
                }
            }
            _ => Some(false),
        };
    }
}

/// The row with the highest mean validation accuracy over the seeds that all rows have, the first of equals. Rows in which trials
/// diverged are left out: the mean over the other trials does not describe the cell.
fn highest(rows: &[Row]) -> Option<&Row> {
    let eligible = || rows.iter().filter(|row| is_eligible(row)).filter_map(|row| Some((row, row.best.as_ref()?)));
    let (_, first) = eligible().next()?;
    let in_all = |seed: &u64| eligible().all(|(_, best)| best.validation.iter().any(|(other, _)| other == seed));
    let common: Vec<u64> = first.validation.iter().map(|(seed, _)| *seed).filter(in_all).collect();
    let means = eligible().map(|(row, best)| (row, best.validation(&common)));
    let higher = |a: &(&Row, f64), b: &(&Row, f64)| a.1.total_cmp(&b.1).then(b.0.cell.cmp(&a.0.cell));
    means.max_by(higher).map(|(row, _)| row)
}

fn is_eligible(row: &Row) -> bool {
    row.best.is_some() && row.divergence().is_none()
}

impl Table {
    /// Whether any row has a best epoch: validation accuracies were measured.
    pub fn has_best(&self) -> bool {
        self.rows.iter().any(|row| row.best.is_some())
    }

    /// Which cell the validation accuracies choose; `None` while the study is unfinished, and if none were measured.
    pub fn selection(&self) -> Option<Selection<'_>> {
        if self.sequence.is_none() || !self.has_best() {
            return None;
        }
        let Some(chosen) = highest(&self.rows) else { return Some(Selection { chosen: None, ties: Ties::Alone }) };
        let others: Vec<&Row> = self.rows.iter().filter(|row| row.cell != chosen.cell && is_eligible(row)).collect();
        let ties = |row: &Row| row.best.as_ref().and_then(|best| best.tied);
        let tied: Vec<&Row> = others.iter().copied().filter(|row| ties(row) == Some(true)).collect();
        let ties = match () {
            _ if others.is_empty() => Ties::Alone,
            _ if tied.is_empty() && others.iter().any(|row| ties(row).is_none()) => Ties::Unknown,
            _ => Ties::With(tied),
        };
        Some(Selection { chosen: Some(chosen), ties })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::report::TableColumn;
    use crate::record::board::Status;
    use crate::record::board::samples::{diverged, overfit, validated};
    use crate::record::event::{Event, Outcome};

    #[test]
    fn the_best_epoch_is_the_first_of_equals_with_all_measures_from_it() {
        let board = validated();
        let best: Vec<u32> =
            board.trials[..3].iter().map(|trial| trial.curve.step[trial.curve.best().unwrap()]).collect();
        // The second trial has 82 of 100 after 20 epochs and again at the end.
        assert_eq!(best, [40, 40, 40]);
        let table = Table::new(&board);
        let row = &table.rows[0];
        let best = row.best.as_ref().unwrap();
        let mean = |metric| best.summary(metric).unwrap().mean;
        assert_eq!(best.epoch.mean, 20.0);
        // By hand from the samples: (80 + 82 + 79) / 300, 170 / 200, (7600 + 7700 + 7500 − 3·181) / 30,000.
        assert!((mean(Metric::VALIDATION_ACCURACY) - 241.0 / 300.0).abs() < 1e-12);
        assert!((mean(Metric::TRAIN_ACCURACY) - 0.85).abs() < 1e-12);
        assert!((mean(Metric::TEST_ACCURACY) - 22_257.0 / 30_000.0).abs() < 1e-12);
        assert!((mean(Metric::GAP) - (0.85 - 22_257.0 / 30_000.0)).abs() < 1e-12);
        assert!((row.summary(Metric::TEST_ACCURACY).unwrap().mean - 0.76).abs() < 1e-12, "the last is another");
    }

    #[test]
    fn a_cell_is_chosen_by_validation_with_all_that_tie() {
        let table = Table::new(&validated());
        let tied = |cell| table.rows.iter().find(|row| row.cell == cell).unwrap().best.as_ref().unwrap().tied;
        // 80, 82, 79 against 79, 82, 81: the second has the higher mean, and they tie; 60, 61, 59 does not.
        assert_eq!([0, 1, 2].map(tied), [Some(true), Some(true), Some(false)]);
        let Selection { chosen, ties } = table.selection().unwrap();
        assert_eq!((chosen.unwrap().cell, ties), (1, Ties::With(vec![&table.rows[0]])));
    }

    #[test]
    fn a_cell_in_which_trials_diverged_is_neither_chosen_nor_tied() {
        let mut board = diverged();
        let table = Table::new(&board);
        // The second cell has .9 in the seeds that did not diverge, the third .6 in all, the baseline .5.
        assert!(table.rows.iter().map(|row| row.best.as_ref().unwrap().tied).eq([
            Some(false),
            Some(false),
            Some(true)
        ]));
        let selection = table.selection().unwrap();
        assert_eq!((selection.chosen.unwrap().cell, selection.ties), (2, Ties::With(vec![])));
        assert!(table.best_columns().contains(&TableColumn::Outcomes));
        for trial in [0, 40] {
            board.trials[trial].status = Status::Finished(Outcome::Diverged { step: 7 });
        }
        let table = Table::new(&board);
        assert!(table.rows.iter().all(|row| row.best.as_ref().unwrap().tied == Some(false)));
        assert_eq!(table.selection().unwrap().chosen, None);
    }

    #[test]
    fn ties_are_unknown_with_a_single_seed() {
        let mut board = validated();
        let mut plan = board.plan.clone();
        plan.trials.retain(|trial| trial.seed == 0);
        board.apply(&Event::StudyStarted(plan));
        let table = Table::new(&board);
        let selection = table.selection().unwrap();
        assert_eq!((selection.chosen.unwrap().cell, selection.ties), (0, Ties::Unknown));
    }

    #[test]
    fn nothing_is_chosen_without_validation_or_before_the_end() {
        assert!(!Table::new(&overfit()).has_best());
        assert_eq!(Table::new(&overfit()).selection(), None);
        let mut board = validated();
        board.trials[8].status = Status::Running;
        let table = Table::new(&board);
        assert_eq!(table.selection(), None);
        assert!(table.has_best() && table.rows.iter().all(|row| row.best.as_ref().unwrap().tied.is_none()));
        assert!(table.rows.iter().map(|row| row.cell).eq(0..3), "an unfinished study keeps its order");
    }
}
