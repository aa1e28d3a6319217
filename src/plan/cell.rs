//! A point of the grid or a named arm, and its values as tables, screens and messages show them.

use super::config::{Config, DataSource};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Values by key, in the order of the columns. A value is what the study file says, e.g. `"adam"` or a table.
pub type Params = Map<String, Value>;

/// One point of the grid, or a named arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The arm's name; `None` for a point of the grid.
    pub arm: Option<String>,
    /// What sets this cell apart: a value for each axis of the grid, or whatever the arm sets.
    pub params: Params,
    /// The base with those values, complete and checked.
    pub config: Config,
}

impl Cell {
    /// Its name in messages.
    pub fn title(&self) -> String {
        match &self.arm {
            Some(arm) => format!("\"{arm}\""),
            None if self.params.is_empty() => "of the base".into(),
            None => assignments(&self.params),
        }
    }
}

/// What these cells learn from, each once, in the order in which fingerprints are listed.
pub fn sources(cells: &[Cell]) -> BTreeSet<DataSource> {
    cells.iter().map(|cell| cell.config.data).collect()
}

/// `0.1`, `adam`, `6 × 100`, `(100, 50)`, `none`, `adam (beta_1 = 0.5)`, `gain = 2.0`; numbers as they are written.
pub fn param_text(value: &Value) -> String {
    match value {
        Value::Null => "default".into(),
        Value::String(text) => text.clone(),
        Value::Array(items) => match items.split_first() {
            None => "none".into(),
            Some((first, rest)) if rest.iter().all(|item| item == first) => {
                format!("{} × {}", items.len(), param_text(first))
            }
            Some(_) => format!("({})", items.iter().map(param_text).collect::<Vec<_>>().join(", ")),
        },
        Value::Object(table) => {
            let mut table = table.clone();
            match table.shift_remove("name") {
                Some(name) if table.is_empty() => param_text(&name),
                Some(name) => format!("{} ({})", param_text(&name), assignments(&table)),
                None => assignments(&table),
            }
        }
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// `dropout = 0.0, init = he`
pub fn assignments(params: &Params) -> String {
    params.iter().map(|(key, value)| format!("{key} = {}", param_text(value))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_read_well_in_a_column() {
        let cases = [
            (json!(0.0), "0.0"),
            (json!(0.2), "0.2"),
            (json!(60000), "60000"),
            (json!(1e-7), "1e-7"),
            (json!(true), "true"),
            (json!("adam"), "adam"),
            (json!([100]), "1 × 100"),
            (json!([100, 100]), "2 × 100"),
            (json!([100, 50]), "(100, 50)"),
            (json!([]), "none"),
            (json!({"normal": 0.01}), "normal = 0.01"),
            (json!({"name": "adam"}), "adam"),
            (json!({"name": "adam", "beta_1": 0.5, "beta_2": 0.9}), "adam (beta_1 = 0.5, beta_2 = 0.9)"),
        ];
        for (value, expected) in cases {
            assert_eq!(param_text(&value), expected);
        }
    }
}
