//! Probes that a study asks for and that find nothing to measure in some of its cells.

use super::expand::resolve;
use super::mistake::Mistake;
use super::outline::Outline;
use crate::plan::Cell;

/// How many cells a remark names at most.
const NAMED: usize = 4;

/// A remark for each such probe. If it finds nothing anywhere, that is a mistake, unless `--set` made it so.
pub(super) fn remarks(outline: &Outline, cells: &[Cell], after_set: bool) -> Result<Vec<String>, Mistake> {
    let Some(asked) = outline.base.get("probes") else { return Ok(Vec::new()) };
    let mut probes = resolve(&outline.base)?.probes;
    probes.sort();
    probes.dedup();
    let mut remarks = Vec::new();
    for probe in probes {
        let idle: Vec<&Cell> = cells.iter().filter(|cell| !probe.measures(&cell.config)).collect();
        let message = format!("the probe \"{}\" measures nothing in ", probe.name());
        let needs = probe.needs();
        match idle.len() {
            0 => {}
            all if all == cells.len() && !after_set => {
                let mistake = Mistake::at(asked.span(), format!("{message}any cell: it needs {needs}"));
                return Err(mistake.help("leave it out, or add an arm that has this"));
            }
            _ => remarks.push(format!("{message}{}: it needs {needs}", named(&idle))),
        }
    }
    Ok(remarks)
}

/// `sgd; adagrad`, followed by the number of further cells.
pub(super) fn named(cells: &[&Cell]) -> String {
    let name =
        |cell: &&Cell| if cell.arm.is_none() && cell.params.is_empty() { "the base".into() } else { cell.title() };
    let names: Vec<String> = cells.iter().take(NAMED).map(name).collect();
    let more = match cells.len() - names.len() {
        0 => String::new(),
        1 => " and 1 other cell".into(),
        more => format!(" and {more} other cells"),
    };
    format!("{}{more}", names.join("; "))
}
