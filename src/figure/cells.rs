//! What the cells of a study are called in a picture: by what sets them apart, and nothing else.

use crate::board::Board;
use crate::report;
use crate::study::{Cell, param_text};
use serde_json::Value;

pub struct Names {
    /// By cell.
    pub names: Vec<String>,
    /// What the values in them are of, for the caption; `None` where the names say it themselves.
    pub key: Option<String>,
}

impl Names {
    pub fn of(board: &Board) -> Names {
        let plan = &board.plan;
        let axes = differing(board);
        // Truth values say what they are of by themselves: `batch_norm`, `no batch_norm`.
        let explained = |axis: &&String| !plan.cells.iter().all(|cell| is_bool(cell, axis));
        let key: Vec<&str> = axes.iter().copied().filter(explained).map(String::as_str).collect();
        let recipes: Vec<Option<String>> = (0..plan.cells.len()).map(|cell| report::recipe_name(plan, cell)).collect();
        let name = |(cell, recipe): (&Cell, &Option<String>)| {
            let values = axes.iter().filter_map(|axis| Some((*axis, cell.params.get(*axis)?)));
            let values = values.map(|(axis, value)| value_name(axis, value)).collect::<Vec<_>>().join(" · ");
            let own = cell.arm.clone().or_else(|| recipe.clone()).unwrap_or(values);
            if own.is_empty() { "the base".into() } else { own }
        };
        let has_values = plan.cells.iter().zip(&recipes).any(|(cell, recipe)| cell.arm.is_none() && recipe.is_none());
        Names {
            names: plan.cells.iter().zip(&recipes).map(name).collect(),
            key: (has_values && !key.is_empty()).then(|| key.join(" · ")),
        }
    }
}

/// The axes of which the cells of the grid have more than one value.
pub fn differing(board: &Board) -> Vec<&String> {
    let grid = || board.plan.cells.iter().filter(|cell| cell.arm.is_none());
    let differs = |axis: &&String| {
        let mut values = grid().filter_map(|cell| cell.params.get(*axis));
        values.next().is_some_and(|first| values.any(|value| value != first))
    };
    board.plan.axes.iter().filter(differs).collect()
}

fn is_bool(cell: &Cell, axis: &str) -> bool {
    cell.params.get(axis).is_none_or(Value::is_boolean)
}

/// `0.2`, `adam`, `batch_norm`, `no batch_norm`
pub fn value_name(axis: &str, value: &Value) -> String {
    match value {
        Value::Bool(true) => axis.into(),
        Value::Bool(false) => format!("no {axis}"),
        other => param_text(other),
    }
}
