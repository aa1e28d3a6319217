//! What a cell is called in a picture, and in the name of its pictures.

use crate::event::Plan;
use crate::study::{Cell, param_text};

/// An arm's own name, else the value of each axis: `sigmoid · normal = 0.01`.
pub fn cell_name(cell: &Cell, axes: &[String]) -> String {
    let values = axes.iter().filter_map(|axis| cell.params.get(axis)).map(param_text);
    let name = cell.arm.clone().unwrap_or_else(|| values.collect::<Vec<_>>().join(" · "));
    if name.is_empty() { "the base".into() } else { name }
}

/// The same of each cell for a command line, no two alike: `sigmoid-normal-0.01`, `the-base`, `he-2`.
pub fn cell_slugs(plan: &Plan) -> Vec<String> {
    let mut slugs: Vec<String> = Vec::new();
    for cell in &plan.cells {
        let slug = slug(&cell_name(cell, &plan.axes));
        let numbered = (2..).map(|number| format!("{slug}-{number}"));
        let free = std::iter::once(slug.clone()).chain(numbered).find(|slug| !slugs.contains(slug));
        slugs.extend(free);
    }
    slugs
}

/// Letters, digits and points, with a hyphen for whatever stands between them.
fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric() && c != '.').filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join("-");
    if slug.is_empty() { "cell".into() } else { slug.to_lowercase() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::samples::{cell, plan};
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
        let slugs = cell_slugs(&plan("names", &["activation", "init"], cells, 1));
        assert_eq!(slugs, ["sigmoid-normal-0.01", "sigmoid-he", "he-2-n", "he-2-n-2", "cell", "드롭-아웃"]);
        assert_eq!(cell_slugs(&plan("base", &[], vec![cell(None, json!({}))], 1)), ["the-base"]);
    }
}
