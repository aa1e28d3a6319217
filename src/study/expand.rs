//! Outline → cells: the base with each point of the grid, then the arms.

use super::design;
use super::draft::Draft;
use super::mistake::Mistake;
use super::outline::{Arm, Outline, overlay};
use super::read;
use super::value::json;
use crate::plan::config::{Config, DataSource, Subset};
use crate::plan::{Cell, Params, fields};
use serde_json::Value;
use std::collections::HashMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Every cell of a study, each one checked, no two the same. All measure what some claim needs, so that the table's
/// cells differ in nothing but their values.
pub(super) fn cells(outline: &Outline) -> Result<Vec<Cell>, Mistake> {
    let points = design::points(outline)?;
    let mut cells = Vec::with_capacity(points.len() + outline.arms.len());
    for point in &points {
        cells.push(cell(outline, None, &design::layer(&outline.grid, point)?)?);
    }
    for arm in &outline.arms {
        cells.push(cell(outline, Some(arm), &arm.set)?);
    }
    for probe in outline.claims.iter().flat_map(Draft::probes) {
        cells
            .iter_mut()
            .filter(|cell| !cell.config.probes.contains(&probe))
            .for_each(|cell| cell.config.probes.push(probe));
    }
    refuse_equal_cells(outline, &cells, points.len())?;
    Ok(cells)
}

/// Reads a configuration; a mistake points at the very value or key. Only here do defaults of studies differ from those of
/// [`Config`], which are those of journals.
pub(super) fn resolve(table: &DeTable) -> Result<Config, Mistake> {
    let mut config: Config = read::entries(table)?;
    if config.subset_in_use().is_some() && !table.contains_key("subset") {
        config.subset = Subset::in_studies();
    }
    Ok(config)
}

fn cell(outline: &Outline, arm: Option<&Arm>, layer: &DeTable) -> Result<Cell, Mistake> {
    let table = overlay(&outline.base, layer);
    let cell = Cell { arm: arm.map(|arm| arm.name.get_ref().clone()), params: params(layer), config: resolve(&table)? };
    if let Some(data) = table.get("data").filter(|_| cell.config.data == DataSource::Program) {
        let message = "trials of another program are not run from a study: that program writes their journal";
        return Err(Mistake::at(data.span(), message).help("docs/journal.md tells how; then `ablate show` shows it"));
    }
    cell.config.check().and_then(|()| cell.config.check_precision()).map_err(|contradiction| {
        let span = contradiction.keys.iter().find_map(|key| table.get(key.as_str())).map(Spanned::span);
        let message = contradiction.message;
        let mistake = span.map_or_else(|| Mistake::anywhere(&message), |span| Mistake::at(span, &message));
        if layer.is_empty() { mistake } else { mistake.help(format!("in the cell {}", cell.title())) }
    })?;
    Ok(cell)
}

/// Values as the study has them.
pub(super) fn params(layer: &DeTable) -> Params {
    layer.iter().map(|(key, value)| (key.get_ref().to_string(), said(key.get_ref(), value))).collect()
}

/// A value as the study has it; a data set of one's own files by its name.
pub(super) fn said(key: &str, value: &read::Value) -> Value {
    match value.get_ref() {
        DeValue::Table(_) if key == "data" => {
            read::value::<DataSource>(value).map_or_else(|_| json(value), |source| source.name().into())
        }
        _ => json(value),
    }
}

/// Two cells that say the same are one. Those that train alike although they say something else are not refused: they
/// share their trials. Points of the grid differ among themselves.
fn refuse_equal_cells(outline: &Outline, cells: &[Cell], points: usize) -> Result<(), Mistake> {
    if outline.arms.is_empty() {
        return Ok(());
    }
    let said = |cell: &Cell| Value::Object(fields(&cell.config)).to_string();
    let mut seen: HashMap<String, &Cell> = cells[..points].iter().map(|cell| (said(cell), cell)).collect();
    for (arm, cell) in outline.arms.iter().zip(&cells[points..]) {
        if let Some(other) = seen.insert(said(cell), cell) {
            let message = format!("the cells {} and {} are the same", other.title(), cell.title());
            return Err(Mistake::at(arm.name.span(), message).help("leave one of them out"));
        }
    }
    Ok(())
}
