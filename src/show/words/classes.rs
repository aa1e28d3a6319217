//! The section on classes: how well each is told from the others, and which it is taken for.

use super::number::count;
use super::sections::{Section, Sheet};
use super::{cells, entry};
use crate::judge::report::{Classes, Confused, Entry, Table};
use crate::plan::metric::Metric;
use crate::record::board::Board;

/// Of a cell with more classes, so many are shown, the least accurate ones.
const SHOWN: usize = 20;
/// At most so many classes that one is taken for are named.
const NAMED: usize = 3;

/// `None` where no trial has measured them.
pub fn section(board: &Board, table: &Table) -> Option<Section> {
    let mut rows = Vec::new();
    let (mut hidden, mut cells) = (0, 0);
    for row in &table.rows {
        let Some(classes) = Classes::new(board, row.cell) else { continue };
        let all = classes.of_each.len();
        let shown =
            if all > SHOWN { classes.worst_first().into_iter().take(SHOWN).collect() } else { (0..all).collect() };
        let shown: Vec<usize> = shown;
        hidden += all - shown.len();
        cells += 1;
        let confused = classes.confused();
        rows.extend(shown.into_iter().map(|class| {
            let of = &classes.of_each[class];
            vec![
                Entry::Words(cells::name(row)),
                Entry::Words(of.name.to_owned()),
                Entry::Count(of.samples as usize),
                of.accuracy.map_or(Entry::Nothing, |accuracy| Entry::mean(Metric::TEST_ACCURACY, &accuracy)),
                of.wilson.map_or(Entry::Nothing, |(low, high)| Entry::Words(format!("{low:.3} to {high:.3}"))),
                taken_for(&classes, &confused, class),
            ]
        }));
    }
    if cells == 0 {
        return None;
    }
    let titles = [
        ("cell", false),
        ("class", false),
        ("samples", true),
        ("accuracy", true),
        ("of other samples", true),
        ("taken for", false),
    ];
    let mut notes = vec![
        "Accuracy: the share of the test samples of a class that is classified correctly (recall), ± the half-width of its 95 % \
         interval over the seeds: how far networks differ on these samples. Of other samples: the 95 % interval of the mean accuracy as \
         a share of so many samples (Wilson 1927): how far others of the class might differ from these. Taken for: of the samples of the \
         class, over all seeds."
            .to_owned(),
    ];
    if hidden > 0 {
        let hidden = count(hidden, "other class").replace("other classs", "other classes");
        notes.push(format!(
            "Of each cell, the {SHOWN} least accurate classes; {hidden} and all numbers are in the JSON export."
        ));
    }
    let columns = titles.map(|(title, numeric)| (title.into(), numeric)).into();
    Some(Section { title: "Classes", sheets: vec![Sheet { columns, essential: 4, rows }], notes })
}

/// The classes that samples of this class are most often taken for.
fn taken_for(classes: &Classes, confused: &[Confused], class: usize) -> Entry {
    let of_class = confused.iter().filter(|confused| confused.class == class).take(NAMED);
    let named =
        of_class.map(|of| format!("{} {}", classes.of_each[of.predicted].name, entry::text(&Entry::Share(of.share))));
    match named.collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => Entry::Nothing,
        named => Entry::Words(named),
    }
}
