//! What the cells of a study learn: data sets and surfaces. What is measured on one is not to be compared with what is
//! measured on another.

use super::cells::differing;
use crate::plan::config::{Config, DataSource};
use crate::record::board::Board;
use crate::surface;

/// The keys that cells with different problems differ in.
pub const KEYS: [&str; 2] = ["surface", "data"];

pub fn is_problem(axis: &str) -> bool {
    KEYS.contains(&axis)
}

/// `rosenbrock`, `mnist`
pub fn name(config: &Config) -> String {
    match config.data {
        DataSource::Surface => surface::name(config.surface),
        DataSource::Set(_) | DataSource::Program => config.data.name().to_owned(),
    }
}

/// The cells of each problem, in the order of the plan; all together unless problems are one of several things that a grid
/// varies.
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
