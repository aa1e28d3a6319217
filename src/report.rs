//! Board → table: one row a cell, with means and intervals over seeds.

use crate::board::Board;
use crate::event::Provenance;
use crate::stats::Summary;
use crate::study::Params;

/// What is measured of a trial at its last evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    TrainAccuracy,
    TestAccuracy,
    Gap,
    TrainLoss,
    TestLoss,
    WeightNorm,
}

/// A study's result as every exporter and the table screen show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub study: String,
    pub question: Option<String>,
    /// Keys of the grid, in the order of the columns.
    pub axes: Vec<String>,
    /// Whether some rows are named arms.
    pub has_arms: bool,
    /// What all cells share and what differs from the defaults: the line above the table.
    pub shared: Params,
    pub rows: Vec<Row>,
    pub trials_planned: usize,
    pub trials_with_result: usize,
    pub provenance: Provenance,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Index into the plan's cells.
    pub cell: usize,
    pub arm: Option<String>,
    pub params: Params,
    pub is_baseline: bool,
    /// Trials by outcome; all the others of `planned` have no result yet.
    pub planned: usize,
    pub completed: usize,
    pub diverged: usize,
    pub failed: usize,
    /// Over the completed trials, one for each [`Metric`] in its order; `None` while there is no completed trial.
    summaries: [Option<Summary>; 6],
    /// `None` for the baseline itself, without a baseline, and while the study is unfinished.
    pub versus_baseline: Option<Versus>,
}

/// A cell against the baseline, paired by seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Versus {
    pub verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Regularised,
    Traded,
    Underfit,
    OverfitMore,
    NoDetectableEffect,
}

impl Table {
    pub fn new(_board: &Board) -> Table {
        unimplemented!()
    }
}
