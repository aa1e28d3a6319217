//! The names of cells and trials, made once for each plan because lists are drawn up to twenty times a second.

use crate::plan::{Cell, Plan, param_text};
use crate::printable;
use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub struct Labels {
    /// The axes of the grid, in the order of the columns.
    pub axes: Vec<String>,
    /// By cell, the value of each axis; empty if an arm has none.
    pub values: Vec<Vec<String>>,
    /// The keys by which `values` are sorted: numbers by value, others by their first cell in the plan.
    pub ranks: Vec<Vec<f64>>,
    /// The arm of each cell; `None` if no cell is an arm.
    pub arms: Option<Vec<String>>,
    /// `dropout=0.2 weight_decay=0.1`, by cell.
    pub cells: Vec<String>,
    /// `0.2 · 0.1`, or the arm, by cell.
    pub short: Vec<String>,
    pub seeds: Vec<String>,
}

impl Labels {
    pub fn new(plan: &Plan) -> Labels {
        let value = |cell: &Cell, axis: &String| cell.params.get(axis).map(value_text).unwrap_or_default();
        let named = |cell: &Cell| arm(cell).unwrap_or_default();
        let values: Vec<Vec<String>> =
            plan.cells.iter().map(|cell| plan.axes.iter().map(|axis| value(cell, axis)).collect()).collect();
        let rank = |cell: &Cell, axis: usize, text: &String| match cell
            .params
            .get(&plan.axes[axis])
            .and_then(|v| v.as_f64())
        {
            Some(number) => number,
            None => values.iter().position(|row| row[axis] == *text).map_or(f64::NAN, |place| place as f64),
        };
        let ranks = |(cell, texts): (&Cell, &Vec<String>)| {
            texts.iter().enumerate().map(|(axis, text)| rank(cell, axis, text)).collect()
        };
        let short = |(cell, texts): (&Cell, &Vec<String>)| arm(cell).unwrap_or_else(|| texts.join(" · "));
        Labels {
            short: plan.cells.iter().zip(&values).map(short).collect(),
            axes: plan.axes.iter().map(|axis| printable::line(axis).into_owned()).collect(),
            ranks: plan.cells.iter().zip(&values).map(ranks).collect(),
            values,
            arms: plan.cells.iter().any(|cell| cell.arm.is_some()).then(|| plan.cells.iter().map(named).collect()),
            cells: plan.cells.iter().map(|cell| cell_name(&plan.axes, cell)).collect(),
            seeds: plan.trials.iter().map(|trial| trial.seed.to_string()).collect(),
        }
    }
}

/// The name of a cell: that of its arm, if it is one, and the value of each axis; `the base` if it has neither.
pub fn cell_name(axes: &[String], cell: &Cell) -> String {
    let axes =
        axes.iter().filter_map(|axis| cell.params.get(axis).map(|value| format!("{axis}={}", param_text(value))));
    let words: Vec<String> = cell.arm.iter().cloned().chain(axes).collect();
    if words.is_empty() { "the base".into() } else { printable::line(&words.join(" ")).into_owned() }
}

fn arm(cell: &Cell) -> Option<String> {
    cell.arm.as_deref().map(|arm| printable::line(arm).into_owned())
}

fn value_text(value: &Value) -> String {
    printable::line(&param_text(value)).into_owned()
}
