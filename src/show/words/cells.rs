//! The names of cells in sentences.

use crate::judge::report::{Row, Table};
use crate::plan::{Cell, assignments};
use crate::record::board::Diverged;

/// More cells than this are counted rather than named.
const NAMED: usize = 12;

/// The name of a cell: its own, else its parameters, as in `dropout = 0.2`, else `the base`.
pub fn name(row: &Row) -> String {
    match row.name() {
        Some(name) => name.to_owned(),
        None if row.params.is_empty() => "the base".into(),
        None => assignments(&row.params),
    }
}

/// The same for a cell of a plan.
pub fn name_of(cell: &Cell) -> String {
    match &cell.arm {
        Some(arm) => arm.clone(),
        None if cell.params.is_empty() => "the base".into(),
        None => assignments(&cell.params),
    }
}

/// The cells of a table in which trials diverged, e.g. `dropout = 0.2 (12 of 20 diverged)`; `None` if there are none.
pub fn diverged_in(table: &Table) -> Option<String> {
    let cells: Vec<_> = table.rows.iter().filter_map(|row| Some((name(row), row.divergence()?))).collect();
    diverged(&cells)
}

/// The same for cells that are given by name.
pub fn diverged(cells: &[(String, Diverged)]) -> Option<String> {
    match cells.len() {
        0 => None,
        1..=NAMED => Some(cells.iter().map(|(name, cell)| format!("{name} ({cell})")).collect::<Vec<_>>().join("; ")),
        many => {
            let all = cells.iter().map(|(_, cell)| *cell).reduce(Diverged::and)?;
            Some(format!("{many} cells ({all})"))
        }
    }
}
