//! Which columns the table has, and what all its rows share.

use super::{Column, Row, Table};
use crate::plan::metric::Metric;
use crate::plan::{Problem, assignments};
use serde_json::Value;

impl Table {
    /// The columns to show, from left to right; losses and what was asked for come behind what the study is about.
    pub fn columns(&self) -> Vec<Column> {
        let mut columns = self.cell_columns();
        columns.extend(self.outcome_columns());
        let metrics = self.measured_metrics();
        let chosen = |metric: &Metric| match &self.chosen {
            Some(chosen) => chosen.contains(metric),
            None => *metric != Metric::WEIGHT_NORM,
        };
        columns.extend(metrics.into_iter().filter(chosen).map(Column::Metric));
        if let Some(f) = columns.iter().position(|&column| column == Column::Metric(Metric::TRAIN_LOSS))
            && self.rows.iter().any(|row| row.steps_to_goal.is_some())
        {
            columns.insert(f + 1, Column::StepsToGoal);
        }
        if self.rows.iter().any(|row| row.versus_baseline.is_some()) {
            // That of train accuracy is the sum of the other two.
            let shown = self.problem.compared().iter().copied().filter(|&metric| metric != Metric::TRAIN_ACCURACY);
            columns.extend(shown.map(Column::Change));
        }
        let judged = self.problem == Problem::Network && self.rows.iter().any(|row| row.is_baseline);
        columns.extend(judged.then_some(Column::Verdict));
        columns
    }

    /// What the study is about: accuracies and gap, or f, and what its claims are about. Fits on a page.
    pub fn essential_metrics(&self) -> Vec<Metric> {
        let claimed = self.claims.iter().flat_map(|judged| judged.claim.metrics());
        self.problem.essential().iter().copied().chain(claimed).collect()
    }

    /// What can be told of each row; the weight norm is told where it is chosen. Validation has a table of its own, at the
    /// best epoch.
    pub fn measured_metrics(&self) -> Vec<Metric> {
        let told = |metric: &Metric| ![Metric::VALIDATION_ACCURACY, Metric::VALIDATION_LOSS].contains(metric);
        let measured = |metric: &Metric| told(metric) && self.rows.iter().any(|row| row.summary(*metric).is_some());
        self.problem.always().iter().copied().chain(self.problem.sometimes().filter(measured)).collect()
    }

    /// The columns of the table at the best epoch.
    pub fn best_columns(&self) -> Vec<Column> {
        let mut columns = self.cell_columns();
        columns.extend(self.outcome_columns());
        columns.push(Column::BestEpoch);
        columns.extend(super::BEST_METRICS.into_iter().filter(|metric| metric.is_accuracy()).map(Column::Best));
        columns
    }

    /// What sets the rows apart.
    pub fn cell_columns(&self) -> Vec<Column> {
        let named = self.rows.iter().any(|row| row.name().is_some());
        named.then_some(Column::Arm).into_iter().chain((0..self.axes.len()).map(Column::Axis)).collect()
    }

    /// What became of the trials, unless all have completed.
    fn outcome_columns(&self) -> Vec<Column> {
        match self.rows.iter().all(|row| row.completed == row.planned) {
            true => Vec::new(),
            false => vec![Column::Completed, Column::Outcomes],
        }
    }

    /// Whether the column holds numbers, which stand at the right.
    pub fn is_numeric(&self, column: Column) -> bool {
        match column {
            Column::Axis(_) => self.rows.iter().all(|row| self.param(row, column).is_some_and(Value::is_number)),
            Column::Completed | Column::Metric(_) | Column::StepsToGoal | Column::Change(_) => true,
            Column::BestEpoch | Column::Best(_) => true,
            Column::Arm | Column::Outcomes | Column::Verdict => false,
        }
    }

    /// The line above the table, e.g. `train_samples = 300, hidden = 6 × 100`; empty if all is as by default.
    pub fn shared_text(&self) -> String {
        assignments(&self.shared)
    }

    pub(super) fn param<'a>(&self, row: &'a Row, column: Column) -> Option<&'a Value> {
        let Column::Axis(axis) = column else { return None };
        row.params.get(self.axes.get(axis)?)
    }
}
