//! Which cell a study means where it gives an arm's name or the values of a cell.

use super::expand::{params, resolve};
use super::mistake::{Mistake, Span};
use super::outline::{Outline, overlay};
use super::value::{Value, json};
use crate::plan::{Cell, assignments, fields, param_text};
use toml::de::{DeTable, DeValue};

/// Index of the baseline's cell. By default it is the recipe that the design starts from, if it starts from one. After
/// a `--set`, a baseline that matches no cell or several is not a mistake: there is none then, and a remark says so.
pub(super) fn baseline(
    outline: &Outline,
    cells: &[Cell],
    set: &[&str],
) -> Result<(Option<usize>, Option<String>), Mistake> {
    let found = match &outline.baseline {
        Some(baseline) => find_given(outline, baseline, cells, set)?,
        None => (None, None),
    };
    match (outline.design().start(), &outline.baseline) {
        (None, _) => Ok(found),
        (Some(start), Some(baseline)) if found.0 != Some(START) && set.is_empty() => {
            let name = outline.design().name();
            let mistake = Mistake::at(baseline.span(), format!("the baseline of a {name} study is its {start}"));
            Err(mistake.help("leave `baseline` out, or give it the first value of each axis"))
        }
        (Some(_), _) => Ok((Some(START), None)),
    }
}

/// The cell of the recipe that a design starts from.
const START: usize = 0;

fn find_given(
    outline: &Outline,
    baseline: &Value,
    cells: &[Cell],
    set: &[&str],
) -> Result<(Option<usize>, Option<String>), Mistake> {
    match baseline.get_ref() {
        DeValue::String(name) => find_arm(name, baseline.span(), cells).map(|place| (Some(place), None)),
        DeValue::Table(table) => {
            let is_axis = |key: &str| outline.grid.iter().any(|axis| axis.key.get_ref() == key);
            let kept = |key: &str| is_axis(key) || !set.contains(&key);
            let table = table.iter().filter(|(key, _)| kept(key.get_ref()));
            let table = table.map(|(key, value)| (key.clone(), value.clone())).collect();
            match find_cell(outline, &table, baseline.span(), "the baseline", cells)? {
                Ok(place) => Ok((Some(place), None)),
                Err(mistake) if set.is_empty() => Err(mistake),
                Err(mistake) => Ok((None, Some(format!("with --set there is no baseline: {}", mistake.message())))),
            }
        }
        _ => Err(neither(baseline.span(), "baseline")),
    }
}

/// Index of the one cell that `value`, an arm's name or the values of a cell, picks out. `who` is whose value it is.
pub(super) fn cell(outline: &Outline, value: &Value, who: &str, cells: &[Cell]) -> Result<usize, Mistake> {
    match value.get_ref() {
        DeValue::String(name) => find_arm(name, value.span(), cells),
        DeValue::Table(table) => find_cell(outline, table, value.span(), &format!("`{who}`"), cells)?,
        _ => Err(neither(value.span(), who)),
    }
}

fn neither(span: Span, who: &str) -> Mistake {
    Mistake::at(span, "expected the values of a cell, or the name of an arm")
        .help(format!("as in {who} = {{ dropout = 0.0 }} or {who} = \"no batch norm\""))
}

fn find_arm(name: &str, span: Span, cells: &[Cell]) -> Result<usize, Mistake> {
    cells.iter().position(|cell| cell.arm.as_deref() == Some(name)).ok_or_else(|| {
        let mistake = Mistake::at(span, format!("there is no arm \"{name}\""));
        match arm_names(cells) {
            names if names.is_empty() => mistake.help("a cell of the grid is given by its values: { dropout = 0.0 }"),
            names => mistake.help(format!("there are: {names}")),
        }
    })
}

/// The outer error is an invalid table, the inner one a valid table that does not select exactly one cell. Arms are
/// searched only if there is no grid: beside one they are given by name.
pub(super) fn find_cell(
    outline: &Outline,
    table: &DeTable,
    span: Span,
    who: &str,
    cells: &[Cell],
) -> Result<Result<usize, Mistake>, Mistake> {
    let wanted = fields(&resolve(&overlay(&outline.base, table))?);
    let fits = |cell: &Cell| {
        let has = fields(&cell.config);
        table.keys().all(|key| has.get(key.get_ref().as_ref()) == wanted.get(key.get_ref().as_ref()))
    };
    let of_grid = !outline.grid.is_empty();
    let mut fitting = cells.iter().enumerate().filter(|(_, cell)| (!of_grid || cell.arm.is_none()) && fits(cell));
    let (first, others) = (fitting.next(), fitting.count());
    let given = params(table);
    Ok(match first {
        Some((place, _)) if others == 0 => Ok(place),
        Some(_) => {
            let mistake = Mistake::at(span, format!("{who} fits {} cells", others + 1));
            Err(mistake.help(format!("say which one: {}", choices(outline, cells, |key| !given.contains_key(key)))))
        }
        None => {
            let mistake = Mistake::at(span, format!("no cell has {}", assignments(&given)));
            Err(mistake.help(format!("there are: {}", choices(outline, cells, |_| true))))
        }
    })
}

/// The values of some axes, or the names of the arms.
fn choices(outline: &Outline, cells: &[Cell], of: impl Fn(&str) -> bool) -> String {
    let axes = outline.grid.iter().filter(|axis| of(axis.key.get_ref()));
    let texts: Vec<_> = axes
        .map(|axis| {
            let values: Vec<_> = axis.values.iter().map(|value| param_text(&json(value))).collect();
            let values = if axis.range.is_some() { "as drawn".into() } else { values.join(" | ") };
            format!("{} = {values}", axis.key.get_ref())
        })
        .collect();
    if texts.is_empty() { arm_names(cells) } else { texts.join(", ") }
}

fn arm_names(cells: &[Cell]) -> String {
    let names: Vec<_> = cells.iter().filter_map(|cell| cell.arm.as_ref()).map(|name| format!("\"{name}\"")).collect();
    names.join(", ")
}
