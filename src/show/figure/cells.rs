//! The names of cells in pictures: the values in which they differ, and nothing else.

use crate::judge::report;
use crate::plan::{Cell, param_text};
use crate::record::board::Board;
use serde_json::Value;

/// The names of all cells of a plan.
pub struct Names {
    /// By cell.
    pub names: Vec<String>,
    /// The axes whose values are in the names, for the caption: `dropout · weight_decay`. `None` if the names need no
    /// explanation.
    pub key: Option<String>,
}

impl Names {
    pub fn of(board: &Board) -> Names {
        Names::by(board, differing(board))
    }

    /// Names without the values of axes that all cells of a picture share.
    pub fn without(board: &Board, shared: &[&str]) -> Names {
        Names::by(board, differing(board).into_iter().filter(|axis| !shared.contains(&axis.as_str())).collect())
    }

    /// Leaves out the constants of optimizers, in brackets, if the names of these cells are still unique.
    pub fn shortened(mut self, cells: &[usize]) -> Names {
        let short = |cell: &usize| self.names[*cell].split(" (").next().unwrap_or_default().to_owned();
        let names: Vec<String> = cells.iter().map(short).collect();
        if (1..names.len()).all(|nth| !names[..nth].contains(&names[nth])) {
            cells.iter().zip(names).for_each(|(&cell, name)| self.names[cell] = name);
        }
        self
    }

    fn by(board: &Board, axes: Vec<&String>) -> Names {
        let plan = &board.plan;
        // Truth values name their axis themselves: `batch_norm`, `no batch_norm`.
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

/// The axes with more than one value among the cells of the grid.
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

/// A value in a name: `0.2`, `adam`, `batch_norm`, `no batch_norm`.
pub fn value_name(axis: &str, value: &Value) -> String {
    match value {
        Value::Bool(true) => axis.into(),
        Value::Bool(false) => format!("no {axis}"),
        other => param_text(other),
    }
}

/// The name of a cell in a title, where numbers need the name of their axis: `batch_size = 20`.
pub fn title(board: &Board, cell: usize) -> String {
    let params = &board.plan.cells[cell].params;
    let numbers = differing(board).into_iter().any(|axis| params.get(axis).is_some_and(Value::is_number));
    if !numbers || board.plan.cells[cell].arm.is_some() {
        return name(board, cell);
    }
    let value = |axis: &String| {
        let value = params.get(axis)?;
        Some(if value.is_number() { format!("{axis} = {value}") } else { value_name(axis, value) })
    };
    differing(board).into_iter().filter_map(value).collect::<Vec<_>>().join(" · ")
}

/// The name of a cell beside others.
pub fn name(board: &Board, cell: usize) -> String {
    Names::of(board).names.swap_remove(cell)
}

/// The names of all cells for a command line, each unique: `normal-0.01`, `the-base`, `he-2`.
pub fn slugs(board: &Board) -> Vec<String> {
    let mut slugs: Vec<String> = Vec::new();
    for name in Names::of(board).names {
        let slug = slug(&name);
        let numbered = (2..).map(|number| format!("{slug}-{number}"));
        let free = std::iter::once(slug.clone()).chain(numbered).find(|slug| !slugs.contains(slug));
        slugs.extend(free);
    }
    slugs
}

/// The letters, digits and points of a name in small letters, with hyphens for everything else.
fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric() && c != '.').filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join("-");
    if slug.is_empty() { "cell".into() } else { slug.to_lowercase() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::board::samples::{cell, plan};
    use serde_json::json;

    #[test]
    fn no_two_cells_have_one_slug() {
        let init = |value| cell(None, json!({ "activation": "sigmoid", "init": value }));
        let arm = |name| cell(Some(name), json!({}));
        let cells = vec![
            init(json!({ "normal": 0.01 })),
            init(json!("he")),
            arm("He: 2/√n"),
            arm("he 2 n"),
            arm("…"),
            arm("드롭 아웃"),
        ];
        let slugs_of = |plan| slugs(&Board::new(plan));
        let found = slugs_of(plan("names", &["activation", "init"], cells, 1));
        assert_eq!(found, ["normal-0.01", "he", "he-2-n", "he-2-n-2", "cell", "드롭-아웃"]);
        assert_eq!(slugs_of(plan("base", &[], vec![cell(None, json!({}))], 1)), ["the-base"]);
    }
}
