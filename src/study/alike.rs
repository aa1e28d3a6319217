//! What cannot matter in a study: keys whose values change nothing, and cells that train alike.

use super::idle::named;
use super::outline::Outline;
use crate::plan::config::Config;
use crate::plan::{Cell, Identity};
use std::collections::HashMap;

/// How many groups of cells a remark names at most.
const GROUPS: usize = 2;

/// A remark for each key that changes nothing where the study gives it, and for each way in which cells train alike.
pub(super) fn remarks(outline: &Outline, cells: &[Cell]) -> Vec<String> {
    let mut remarks = idle_keys(outline, cells);
    let identity = Identity::default();
    let canonical: Vec<String> = cells.iter().map(|cell| identity.canonical(&cell.config)).collect();
    let alike = groups(cells, &canonical);
    if !alike.is_empty() {
        remarks.push(format!("{} train alike: they are trained once and share their trials", listed(&alike)));
    }
    let networks: Vec<String> = cells.iter().map(|cell| identity.canonical(&cell.config.unmeasured())).collect();
    // Of the cells that are trained once, the first stands for all.
    let mut seen = HashMap::new();
    let first = |place: &usize| *seen.entry(&canonical[*place]).or_insert(*place) == *place;
    let trained: Vec<usize> = (0..cells.len()).filter(first).collect();
    let cells: Vec<Cell> = trained.iter().map(|&place| cells[place].clone()).collect();
    let networks: Vec<String> = trained.iter().map(|&place| networks[place].clone()).collect();
    let measured = groups(&cells, &networks);
    if !measured.is_empty() {
        let keys = Config::MEASURING.join(", ");
        remarks.push(format!(
            "{} train the same networks, one time each: they differ only in what is measured ({keys})",
            listed(&measured)
        ));
    }
    remarks
}

/// Axes and what arms set, where they change nothing; keys of the base that change nothing anywhere.
fn idle_keys(outline: &Outline, cells: &[Cell]) -> Vec<String> {
    let idle: Vec<Vec<(&str, &str)>> = cells.iter().map(|cell| cell.config.idle_keys()).collect();
    let is_axis = |key: &str| outline.grid.iter().any(|axis| axis.key.get_ref() == key);
    let gives = |cell: &Cell, key: &str| cell.params.contains_key(key);
    let mut remarks = Vec::new();
    let mut told: Vec<&str> = Vec::new();
    for &(key, why) in idle.iter().flatten() {
        if told.contains(&key) {
            continue;
        }
        told.push(key);
        let has_no_use = |place: &usize| idle[*place].iter().any(|(other, _)| *other == key);
        let places: Vec<usize> = (0..cells.len()).filter(has_no_use).collect();
        let given: Vec<&Cell> = places.iter().map(|&place| &cells[place]).filter(|cell| gives(cell, key)).collect();
        let anywhere = places.len() == cells.len();
        match anywhere && (is_axis(key) || outline.base.contains_key(key)) {
            true => remarks.push(format!("`{key}` changes nothing in any cell: {why}")),
            false if !given.is_empty() => {
                remarks.push(format!("`{key}` changes nothing in {}: {why} there", named(&given)));
            }
            false => {}
        }
    }
    remarks
}

/// The cells that have the same text, where there are several, in the order of the first ones.
fn groups<'a>(cells: &'a [Cell], texts: &[String]) -> Vec<Vec<&'a Cell>> {
    let mut place = HashMap::new();
    let mut groups: Vec<Vec<&Cell>> = Vec::new();
    for (cell, text) in cells.iter().zip(texts) {
        let group = *place.entry(text).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(group) => group.push(cell),
            None => groups.push(vec![cell]),
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}

/// `a; b, and likewise c; d, and 3 other groups of cells`
fn listed(groups: &[Vec<&Cell>]) -> String {
    let names: Vec<String> = groups.iter().take(GROUPS).map(|group| named(group)).collect();
    let names = names.join(", and likewise ");
    match groups.len().saturating_sub(GROUPS) {
        0 => names,
        1 => names + ", and 1 other group of cells",
        more => format!("{names}, and {more} other groups of cells"),
    }
}

#[cfg(test)]
mod tests {
    use crate::study::{Changes, Study};
    use std::path::Path;

    fn study(text: &str) -> Study {
        Study::parse(text, Path::new("study.toml"), &Changes::default()).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn what_cannot_matter_is_named_and_trained_once() {
        let grid = study("seeds = 3\n[grid]\nbatch_norm = [true, false]\nbatch_norm_momentum = [0.9, 0.99]");
        assert_eq!(grid.trained_cells().len(), 3);
        let ids: Vec<_> = grid.trials().iter().map(|trial| trial.id).collect();
        assert_eq!((ids.len(), &ids[6..9]), (12, &ids[9..12]));
        assert_eq!(grid.plan("", "").check(), Ok(()));
        insta::assert_snapshot!(grid.remarks.join("\n"), @"");

        let base = "[base]\ntrain_samples = 300\nbatch_size = 75\nbatch_norm_epsilon = 0.1\ndropout_scaling = \"test\"\n";
        let arms = "[[arm]]\nname = \"epochs\"\nset = { epochs = 2 }\n\
                    [[arm]]\nname = \"steps\"\nset = { steps = 8 }\n\
                    [[arm]]\nname = \"decay\"\nset = { epochs = 3, weight_decay_mode = \"decoupled\" }\n\
                    [[arm]]\nname = \"dropout\"\nset = { dropout = 0.1 }\n\
                    [[arm]]\nname = \"updates\"\nset = { dropout = 0.1, probes = [\"updates\"] }\n";
        let arms = study(&format!("{base}{arms}"));
        assert_eq!(arms.trained_cells().len(), 4);
        insta::assert_snapshot!(arms.remarks.join("\n"), @"");
        assert_eq!(study("[grid]\nweight_decay = [0.0, 0.1]").remarks, [""; 0]);
    }

    #[test]
    fn many_groups_are_counted() {
        let many = study(
            "[base]\ndata = \"surface\"\n[grid]\ngoal = [0.1, 0.2]\nlearning_rate = [0.1, 0.2, 0.3, 0.4]\n\
             evaluate_every = [1, 2]",
        );
        assert_eq!(many.trained_cells().len(), 8);
        insta::assert_snapshot!(many.remarks.join("\n"), @"");
    }
}
