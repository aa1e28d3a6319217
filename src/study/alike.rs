//! What cannot matter in a study: keys whose values change nothing, and cells that train alike.

use super::idle::named;
use super::outline::Outline;
use crate::plan::config::{Config, DataSource};
use crate::plan::{Cell, Identity};
use std::collections::{HashMap, HashSet};

/// A remark for each key that changes nothing where the study gives it, and for each way in which cells train alike.
pub(super) fn remarks(outline: &Outline, cells: &[Cell]) -> Vec<String> {
    let mut remarks = idle_keys(outline, cells);
    let identity = Identity::default();
    let trainings: Vec<(&Cell, String)> = cells.iter().map(|cell| (cell, identity.canonical(&cell.config))).collect();
    let alike = groups(&trainings);
    remarks.extend(remark(&alike, "train alike", "such cells are trained once and share their trials"));
    let mut seen = HashSet::new();
    let trained = trainings.iter().filter(|(_, training)| seen.insert(training)).map(|&(cell, _)| cell);
    let networks: Vec<(&Cell, String)> =
        trained.map(|cell| (cell, identity.canonical(&cell.config.unmeasured()))).collect();
    let measured = format!("each is trained, as what is measured of it differs ({})", Config::MEASURING.join(", "));
    remarks.extend(remark(&groups(&networks), "train the same network", &measured));
    let is_still = |cell: &&Cell| cell.config.data == DataSource::Surface && cell.config.start_spread.get() == 0.0;
    let still: Vec<&Cell> = cells.iter().filter(is_still).collect();
    if !still.is_empty() && outline.seeds.len() > 1 {
        remarks.push(format!("every seed takes the same path in {}: set start_spread, or seeds = 1", named(&still)));
    }
    remarks
}

/// What the cells of each group do alike, with those of the first as an example; `None` without a group.
fn remark(groups: &[Vec<&Cell>], alike: &str, so: &str) -> Option<String> {
    let first = named(groups.first()?);
    let cells: usize = groups.iter().map(Vec::len).sum();
    Some(match groups.len() {
        1 => format!("{first} {alike}: {so}"),
        groups => format!("{cells} cells, in {groups} groups, {alike}, as do {first}: {so}"),
    })
}

/// Keys of the grid and of arms, with the cells in which they change nothing; keys of the base that change nothing
/// anywhere.
fn idle_keys(outline: &Outline, cells: &[Cell]) -> Vec<String> {
    // By key, in the order in which they come: why, and in which cells.
    let mut idle: Vec<(&str, &str, Vec<&Cell>)> = Vec::new();
    for cell in cells {
        for (key, why) in cell.config.idle_keys() {
            match idle.iter_mut().find(|(other, ..)| *other == key) {
                Some((.., places)) => places.push(cell),
                None => idle.push((key, why, vec![cell])),
            }
        }
    }
    let remark = |(key, why, places): (&str, &str, Vec<&Cell>)| {
        let all = places.len() == cells.len();
        let given: Vec<&Cell> = places.into_iter().filter(|cell| cell.params.contains_key(key)).collect();
        match all && (outline.base.contains_key(key) || given.len() == cells.len()) {
            true => Some(format!("`{key}` changes nothing: {why}")),
            false if given.is_empty() => None,
            false => Some(format!("`{key}` changes nothing in {}: {why}", named(&given))),
        }
    };
    idle.into_iter().filter_map(remark).collect()
}

/// The cells that have the same text, where there are several, in the order of the first ones.
fn groups<'a>(cells: &[(&'a Cell, String)]) -> Vec<Vec<&'a Cell>> {
    let mut place = HashMap::new();
    let mut groups: Vec<Vec<&Cell>> = Vec::new();
    for (cell, text) in cells {
        let group = *place.entry(text).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(group) => group.push(cell),
            None => groups.push(vec![cell]),
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}

#[cfg(test)]
mod tests {
    use crate::plan::Provenance;
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
        assert_eq!(grid.plan(&Provenance::default()).check(), Ok(()));
        insta::assert_snapshot!(grid.remarks.join("\n"), @r"
        `batch_norm_momentum` changes nothing in batch_norm = false, batch_norm_momentum = 0.9; batch_norm = false, batch_norm_momentum = 0.99: there is no batch norm
        batch_norm = false, batch_norm_momentum = 0.9; batch_norm = false, batch_norm_momentum = 0.99 train alike: such cells are trained once and share their trials
        ");

        let base =
            "[base]\ntrain_samples = 300\nbatch_size = 75\nbatch_norm_epsilon = 0.1\ndropout_scaling = \"test\"\n";
        let arms = "[[arm]]\nname = \"epochs\"\nset = { epochs = 2 }\n\
                    [[arm]]\nname = \"steps\"\nset = { steps = 8 }\n\
                    [[arm]]\nname = \"decay\"\nset = { epochs = 3, weight_decay_mode = \"decoupled\" }\n\
                    [[arm]]\nname = \"dropout\"\nset = { dropout = 0.1 }\n\
                    [[arm]]\nname = \"updates\"\nset = { dropout = 0.1, probes = [\"updates\"] }\n";
        let arms = study(&format!("{base}{arms}"));
        assert_eq!(arms.trained_cells().len(), 4);
        insta::assert_snapshot!(arms.remarks.join("\n"), @r#"
        `batch_norm_epsilon` changes nothing: there is no batch norm
        `weight_decay_mode` changes nothing in "decay": there is no weight decay
        "epochs"; "steps" train alike: such cells are trained once and share their trials
        "dropout"; "updates" train the same network: each is trained, as what is measured of it differs (test_samples, evaluate_every, goal, probes)
        "#);
        assert_eq!(study("[grid]\nweight_decay = [0.0, 0.1]").remarks, [""; 0]);
    }

    #[test]
    fn many_groups_are_counted_and_seeds_that_change_nothing_told() {
        let many = study(
            "seeds = 1\n[base]\ndata = \"surface\"\n[grid]\ngoal = [0.1, 0.2]\nlearning_rate = [0.1, 0.2, 0.3, 0.4]\n\
             evaluate_every = [1, 2]",
        );
        assert_eq!(many.trained_cells().len(), 8);
        let still = study("seeds = 2\n[base]\ndata = \"surface\"").remarks;
        assert_eq!(still, ["every seed takes the same path in the base: set start_spread, or seeds = 1"]);
        insta::assert_snapshot!(many.remarks.join("\n"), @r"
        16 cells, in 8 groups, train alike, as do goal = 0.1, learning_rate = 0.1, evaluate_every = 1; goal = 0.2, learning_rate = 0.1, evaluate_every = 1: such cells are trained once and share their trials
        8 cells, in 4 groups, train the same network, as do goal = 0.1, learning_rate = 0.1, evaluate_every = 1; goal = 0.1, learning_rate = 0.1, evaluate_every = 2: each is trained, as what is measured of it differs (test_samples, evaluate_every, goal, probes)
        ");
    }
}
