//! What more seeds could still decide.

use super::claim;
use super::report::{Baseline, Table};
use crate::record::board::Board;
use std::collections::BTreeSet;

/// The cells that need more seeds, of a study that takes them until it is decided: those of claims that are not decided and not
/// hopeless. Without claims, the rows of the table, each with its baseline. All cells while nothing can be judged.
pub fn open_cells(board: &Board) -> BTreeSet<usize> {
    let plan = &board.plan;
    if !plan.claims.is_empty() {
        let open =
            claim::judge(board).into_iter().filter(|judged| judged.progress.is_none_or(|progress| progress.is_open()));
        return open.flat_map(|judged| judged.claim.cells().collect::<Vec<_>>()).collect();
    }
    let mut open = BTreeSet::new();
    for row in Table::new(board).rows {
        if let (Baseline::Cell(baseline), true) = (row.baseline, row.progress.is_none_or(|progress| progress.is_open()))
        {
            open.extend([row.cell, baseline]);
        }
    }
    open
}
