//! Which columns the table has.

use super::{Row, Table, TableColumn};
use crate::plan::metric::Metric;
use crate::plan::{Problem, assignments};
use serde_json::Value;

impl Table {
    /// The columns to show, from left to right: the cells, outcomes if not all trials completed, metrics, and the comparison
    /// with the baseline.
    pub fn columns(&self) -> Vec<TableColumn> {
        let mut columns = self.cell_columns();
        columns.extend(self.outcome_columns());
        let metrics = self.measured_metrics();
        let chosen = |metric: &Metric| match &self.chosen {
            Some(chosen) => chosen.contains(metric),
            None => *metric != Metric::WEIGHT_NORM,
        };
        columns.extend(metrics.into_iter().filter(chosen).map(TableColumn::Metric));
        if let Some(loss) = columns.iter().position(|&column| column == TableColumn::Metric(Metric::TRAIN_LOSS))
            && self.rows.iter().any(|row| row.steps_to_goal.is_some())
        {
            columns.insert(loss + 1, TableColumn::StepsToGoal);
        }
        if self.rows.iter().any(|row| row.versus_baseline.is_some()) {
            // The change of train accuracy is the sum of the changes of test accuracy and gap.
            let shown = self.problem.compared().iter().copied().filter(|&metric| metric != Metric::TRAIN_ACCURACY);
            columns.extend(shown.map(TableColumn::Change));
        }
        let judged = self.problem == Problem::Network && self.rows.iter().any(|row| row.is_baseline);
        columns.extend(judged.then_some(TableColumn::Verdict));
        columns
    }

    /// The metrics that the problem always shows and those of the study's claims: few enough for the width of a page.
    pub fn essential_metrics(&self) -> Vec<Metric> {
        let claimed = self.claims.iter().flat_map(|judged| judged.claim.metrics());
        self.problem.essential().iter().copied().chain(claimed).collect()
    }

    /// The metrics that may have a column: those that are always measured, and those that some row has. Validation metrics
    /// are shown in the table at the best epoch only.
    pub fn measured_metrics(&self) -> Vec<Metric> {
        let of_validation = [Metric::VALIDATION_ACCURACY, Metric::VALIDATION_LOSS];
        let measured = |metric: &Metric| {
            !of_validation.contains(metric) && self.rows.iter().any(|row| row.summary(*metric).is_some())
        };
        self.problem.always().iter().copied().chain(self.problem.sometimes().filter(measured)).collect()
    }

    /// The columns of the table at the best epoch.
    pub fn best_columns(&self) -> Vec<TableColumn> {
        let mut columns = self.cell_columns();
        columns.extend(self.outcome_columns());
        columns.push(TableColumn::BestEpoch);
        columns.extend(super::BEST_METRICS.into_iter().filter(|metric| metric.is_accuracy()).map(TableColumn::Best));
        columns
    }

    /// The columns that tell the rows apart: the name, if any row has one, and the axes.
    pub fn cell_columns(&self) -> Vec<TableColumn> {
        let named = self.rows.iter().any(|row| row.name().is_some());
        named.then_some(TableColumn::Arm).into_iter().chain((0..self.axes.len()).map(TableColumn::Axis)).collect()
    }

    /// How many trials completed, and the other outcomes; none if all completed and ended with a lower loss than they began with, and
    /// each cell has as many.
    fn outcome_columns(&self) -> Vec<TableColumn> {
        let planned = self.rows.first().map_or(0, |row| row.planned);
        let is_plain = |row: &Row| row.completed == row.planned && row.ended_higher == 0;
        match self.rows.iter().all(is_plain) {
            true if self.rows.iter().any(|row| row.planned != planned) => vec![TableColumn::Completed],
            true => Vec::new(),
            false => vec![TableColumn::Completed, TableColumn::Outcomes],
        }
    }

    /// Whether the column holds numbers, which are aligned to the right.
    pub fn is_numeric(&self, column: TableColumn) -> bool {
        match column {
            TableColumn::Axis(_) => self.rows.iter().all(|row| self.param(row, column).is_some_and(Value::is_number)),
            TableColumn::Completed | TableColumn::Metric(_) | TableColumn::StepsToGoal | TableColumn::Change(_) => true,
            TableColumn::BestEpoch | TableColumn::Best(_) => true,
            TableColumn::Arm | TableColumn::Outcomes | TableColumn::Verdict => false,
        }
    }

    /// The line above the table, e.g. `train_samples = 300, hidden = 6 × 100`; empty if there is nothing to show.
    pub fn shared_text(&self) -> String {
        assignments(&self.shared)
    }

    /// The value of an axis in a row; `None` for other columns.
    pub(super) fn param<'a>(&self, row: &'a Row, column: TableColumn) -> Option<&'a Value> {
        let TableColumn::Axis(axis) = column else { return None };
        row.params.get(self.axes.get(axis)?)
    }
}
