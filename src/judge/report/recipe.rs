//! Names and order of the rows in a study that changes one recipe, one thing at a time.

use super::{Table, TableColumn};
use crate::plan::metric::Metric;
use crate::plan::{Design, Params, Plan, assignments};

/// What the cell with this index changes in the recipe that the design starts from, e.g. `batch_norm = false`, or that
/// recipe's own name if it changes nothing. `None` for arms, and for designs that do not start from a recipe.
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
    /// Sorts the rows in the order of the study. If the design changes one recipe, the baseline comes first, and once the
    /// study is complete, the changes follow by the paired change of test accuracy, the most important first.
    pub fn sort_by_design(&mut self) {
        match self.design {
            Design::LeaveOneOut if self.sequence.is_some() => {
                self.sort(TableColumn::Change(Metric::TEST_ACCURACY), false)
            }
            Design::OneAtATime if self.sequence.is_some() => {
                self.sort(TableColumn::Change(Metric::TEST_ACCURACY), true)
            }
            _ => self.rows.sort_by_key(|row| row.cell),
        }
        if self.design.start().is_some() {
            // A mean over the seeds that did not diverge cannot be ranked among means over all seeds.
            let complete = self.sequence.is_some();
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
    fn the_most_important_change_comes_right_after_the_baseline() {
        let named = |names: [&str; 3]| names.map(|name| Some(name.to_owned()));
        assert_eq!(names(Design::LeaveOneOut), named(["full recipe", "dropout = 0.0", "batch_norm = false"]));
        assert_eq!(names(Design::OneAtATime), named(["plain recipe", "batch_norm = false", "dropout = 0.0"]));
        assert_eq!(names(Design::Factorial), [None, None, None]);
    }
}
