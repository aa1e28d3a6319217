//! Rows of a study that changes one thing at a time: what each is called, and in which order they stand.

use super::{Table, TableColumn};
use crate::plan::metric::Metric;
use crate::plan::{Design, Params, Plan, assignments};

/// What sets a cell apart from the recipe that the design starts from, e.g. `batch_norm = false`, or that recipe's own
/// name; `None` for arms, and with a design that starts from none.
pub fn name(plan: &Plan, cell: usize) -> Option<String> {
    let start = plan.design.start()?;
    let (first, cell) = (plan.cells.first()?, &plan.cells[cell]);
    if cell.arm.is_some() {
        return None;
    }
    let changed = cell.params.iter().filter(|(key, value)| first.params.get(*key) != Some(*value));
    let changed: Params = changed.map(|(key, value)| (key.clone(), value.clone())).collect();
    Some(if changed.is_empty() { start.to_owned() } else { assignments(&changed) })
}

impl Table {
    /// Sorts the rows as the study has them; once it is complete, one that changes one thing at a time has its baseline
    /// first and then whatever matters most, by the paired change of test accuracy.
    pub fn sort_by_design(&mut self) {
        match self.design {
            Design::LeaveOneOut if self.complete() => self.sort(TableColumn::Change(Metric::TEST_ACCURACY), false),
            Design::OneAtATime if self.complete() => self.sort(TableColumn::Change(Metric::TEST_ACCURACY), true),
            _ => self.rows.sort_by_key(|row| row.cell),
        }
        if self.design.start().is_some() {
            // What only some seeds came to has no rank among what all of them came to.
            let complete = self.complete();
            self.rows.sort_by_key(|row| (!row.is_baseline, complete && row.diverged > 0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::board::samples::validated;

    fn names(design: Design) -> Vec<Option<String>> {
        let mut board = validated();
        board.plan.design = design;
        let table = Table::new(&board);
        table.rows.iter().map(|row| row.name().map(String::from)).collect()
    }

    #[test]
    fn what_matters_most_stands_below_the_baseline() {
        let named = |names: [&str; 3]| names.map(|name| Some(name.to_owned()));
        assert_eq!(names(Design::LeaveOneOut), named(["full recipe", "dropout = 0.0", "batch_norm = false"]));
        assert_eq!(names(Design::OneAtATime), named(["plain recipe", "batch_norm = false", "dropout = 0.0"]));
        assert_eq!(names(Design::Factorial), [None, None, None]);
    }
}
