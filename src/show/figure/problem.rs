//! The problems of a study: data sets and surfaces. Values that are measured on different problems cannot be compared.

use super::cells::differing;
use crate::plan::config::{Config, DataSource};
use crate::record::board::Board;
use crate::surface;

/// The keys that choose a problem.
pub const KEYS: [&str; 2] = ["surface", "data"];

pub fn is_problem(axis: &str) -> bool {
    KEYS.contains(&axis)
}

/// The name of the problem of a cell: `rosenbrock`, `mnist`.
pub fn name(config: &Config) -> String {
    match config.data {
        DataSource::Surface => surface::name(config.surface),
        DataSource::Set(_) | DataSource::Program => config.data.name().to_owned(),
    }
}

/// The cells of each problem, in the order of the plan. All cells are one group unless the grid varies both the problem and
/// something else.
pub fn groups(board: &Board) -> Vec<Vec<usize>> {
    let axes = differing(board);
    let apart = axes.len() > 1 && axes.iter().any(|axis| is_problem(axis));
    let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
    for (cell, planned) in board.plan.cells.iter().enumerate() {
        let problem = if apart { name(&planned.config) } else { String::new() };
        match groups.iter_mut().find(|(of, _)| *of == problem) {
            Some((_, group)) => group.push(cell),
            None => groups.push((problem, vec![cell])),
        }
    }
    groups.into_iter().map(|(_, cells)| cells).collect()
}
