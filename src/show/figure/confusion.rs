//! The confusion matrix of a cell: which classes its trained networks take for which, summed over the seeds.

use super::layers::trials;
use super::{Figure, Grid, Picture, Plot, Subject, cells};
use crate::judge::report::{Classes, Confused};
use crate::record::board::Board;
use crate::show::words::count;

/// At most so many pairs of classes are named.
const NAMED: usize = 5;

pub fn pictures(board: &Board) -> Vec<Picture> {
    let slugs = cells::slugs(board);
    let is_measured =
        |cell: &usize| trials(board, *cell).any(|state| state.status.has_completed() && !state.confusions.is_empty());
    let of_cell = |cell: usize| Picture {
        name: format!("confusion/{}", slugs[cell]),
        frames: 1,
        subject: Subject::Confusion(cell),
    };
    (0..board.plan.cells.len()).filter(is_measured).map(of_cell).collect()
}

pub fn figure(board: &Board, cell: usize) -> Figure {
    let none = Classes { trials: 0, of_each: Vec::new(), counts: Vec::new() };
    let classes = Classes::new(board, cell).unwrap_or(none);
    let names: Vec<String> = classes.of_each.iter().map(|class| class.name.to_owned()).collect();
    let places = 0..names.len();
    let of_pairs = |text: &dyn Fn(usize, usize) -> String| -> Vec<Vec<String>> {
        places.clone().map(|class| places.clone().map(|predicted| text(class, predicted)).collect()).collect()
    };
    let percent = |class: usize, predicted: usize| match classes.share(class, predicted) {
        Some(share) if classes.counts[class][predicted] > 0 => format!("{:.0}", 100.0 * share),
        _ => String::new(),
    };
    let whole = |class: usize, predicted: usize| match percent(class, predicted) {
        none if none.is_empty() => none,
        percent => format!("{percent} % · {}", classes.counts[class][predicted]),
    };
    Figure {
        title: format!("Confusion matrix of {}", cells::title(board, cell)),
        moment: None,
        caption: caption(&classes),
        plot: Plot::Grid(Grid {
            row_axis: "true class".into(),
            column_axis: "predicted class".into(),
            shares: places
                .clone()
                .map(|class| places.clone().map(|other| classes.share(class, other)).collect())
                .collect(),
            texts: of_pairs(&whole),
            brief: of_pairs(&percent),
            rows: names.clone(),
            columns: names,
            best: None,
        }),
    }
}

fn caption(classes: &Classes) -> String {
    let mut said = vec![format!(
        "Of the test samples of each class, the share that is taken for each class, in per cent, and their number over {}; on the \
         diagonal, those that are classified correctly.",
        count(classes.trials, "seed")
    )];
    let named = |of: &Confused| {
        let [class, predicted] = [of.class, of.predicted].map(|place| classes.of_each[place].name);
        format!("{class} for {predicted} ({:.1} %)", 100.0 * of.share)
    };
    let confused = classes.confused();
    match confused.is_empty() {
        true => said.push("No sample is taken for one of another class.".into()),
        false => {
            let named: Vec<String> = confused.iter().take(NAMED).map(named).collect();
            said.push(format!("Most often confused: {}.", named.join(", ")));
        }
    }
    said.join(" ")
}
