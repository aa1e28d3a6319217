//! The words and digits below the table: each cell against the baseline, and which factor matters.

use super::text::{change, count};
use super::{ClaimColumn, Effect, Effects, PAIRS_FOR_A_VERDICT, Table};
use crate::judge::claim::Judgement;
use crate::judge::stats::Difference;
use crate::plan::{Problem, assignments, param_text};
use crate::record::board::Board;

/// A titled part below the table, as Markdown, LaTeX and the screen show it alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    pub title: &'static str,
    pub sheets: Vec<Sheet>,
    /// What has to be said below, a sentence or two each.
    pub notes: Vec<String>,
}

/// A table of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Titles of the columns, and whether they hold numbers, which stand at the right.
    pub columns: Vec<(String, bool)>,
    /// How many of the columns, from the left, have to stay where there is little room.
    pub essential: usize,
    pub rows: Vec<Vec<String>>,
}

/// As many interactions are shown; JSON has all.
const INTERACTIONS: usize = 12;

/// What a study has to show below its table.
pub fn sections(board: &Board, table: &Table) -> Vec<Section> {
    claims(table).into_iter().chain(comparisons(board, table)).collect()
}

/// The same without the claims; what compares cells only once the study is complete.
pub fn comparisons(board: &Board, table: &Table) -> Vec<Section> {
    if table.problem == Problem::Surface {
        return Vec::new();
    }
    let sections = [at_best_epochs(table), which_factor_matters(board, table), against_baseline(table)];
    sections.into_iter().flatten().collect()
}

/// What the study claims, with the verdicts.
fn claims(table: &Table) -> Option<Section> {
    if table.claims.is_empty() {
        return None;
    }
    let row = |judged: &Judgement| ClaimColumn::ALL.iter().map(|&column| judged.text(column)).collect();
    let remarks = table.claims.iter().map(|judged| format!("{}: {}", judged.claim.says, judged.remarks()));
    Some(Section {
        title: "Claims",
        sheets: vec![Sheet {
            columns: ClaimColumn::ALL.iter().map(|column| (column.header().into(), column.is_numeric())).collect(),
            essential: 2,
            rows: table.claims.iter().map(row).collect(),
        }],
        notes: remarks.chain(Some(table.claims_reading()).filter(|reading| !reading.is_empty())).collect(),
    })
}

/// The same rows at their best epochs. `None` where no validation accuracy was measured.
fn at_best_epochs(table: &Table) -> Option<Section> {
    let columns = table.best_columns();
    let row = |row| columns.iter().map(|&column| table.text(row, column)).collect();
    table.has_best().then(|| Section {
        title: Table::BEST_TITLE,
        sheets: vec![Sheet {
            columns: columns.iter().map(|&column| (table.header(column), table.is_numeric(column))).collect(),
            essential: columns.len() - 1,
            rows: table.rows.iter().map(row).collect(),
        }],
        notes: table.choice().into_iter().collect(),
    })
}

/// The differences that the verdicts rest on. `None` without a comparison.
pub fn against_baseline(table: &Table) -> Option<Section> {
    let cell_columns = table.cell_columns();
    let compared: Vec<_> = table.rows.iter().filter_map(|row| Some((row, row.versus_baseline.as_ref()?))).collect();
    let fewest = compared.iter().map(|(_, versus)| versus.gap.n).min()?;
    let rows = compared.iter().map(|(row, versus)| {
        let differences = [&versus.train_accuracy, &versus.test_accuracy, &versus.gap];
        let mut cells: Vec<String> = cell_columns.iter().map(|&column| table.text(row, column)).collect();
        cells.push(versus.gap.n.to_string());
        cells.extend(numbers(differences));
        cells.push(each(differences, |one| format!("{:.0}", one.improved * one.n as f64)));
        cells
    });
    let mut columns: Vec<_> =
        cell_columns.iter().map(|&column| (table.header(column), table.is_numeric(column))).collect();
    columns.push(("n".into(), true));
    columns.extend(NUMBERS.map(|title| (title.into(), true)));
    columns.push(("seeds up".into(), true));
    let note = "Each cell minus the baseline, over the n seeds that completed in both; seeds up: how many of them have a \
                difference above 0.";
    let diverged = table.diverged().map(|cells| format!("Fewer pairs, since trials diverged: {cells}."));
    Some(Section {
        title: "Against the baseline",
        sheets: vec![Sheet { essential: cell_columns.len() + 4, columns, rows: rows.collect() }],
        notes: std::iter::once(format!("{note} {}", how_to_read(fewest))).chain(diverged).collect(),
    })
}

/// Shares of variance, main effects and interactions. `None` without a full grid of two factors, all trained.
pub fn which_factor_matters(board: &Board, table: &Table) -> Option<Section> {
    let effects = Effects::new(board)?;
    let mut notes = Vec::new();
    let mut sheets = Vec::new();
    if effects.seeds > 0 {
        sheets.extend([shares(&effects), effect_sheet(&effects)]);
        let rest =
            if effects.has_rest() { "rest: interactions of three factors and more" } else { "× is an interaction" };
        notes.push(format!(
            "Share: of the variance between the cells' mean test accuracies (η²); {rest}.{}",
            noise(&effects)
        ));
        notes.push(format!(
            "The effect of a value: mean over all cells with it minus mean over all cells with the reference value ({}). An \
             interaction (×): how much the effect of the first value changes when the second factor, too, leaves its \
             reference; where it is as large as the effects themselves, look at the cells. Over {}. {}",
            references(&effects),
            count(effects.seeds, "seed"),
            how_to_read(effects.seeds),
        ));
        let hidden = effects.interactions.len().saturating_sub(INTERACTIONS);
        if hidden > 0 {
            notes.push(format!(
                "Only the {INTERACTIONS} largest interactions are shown; the JSON export has {hidden} more."
            ));
        }
    }
    notes.extend(left_out(&effects, table));
    if (1..PAIRS_FOR_A_VERDICT).contains(&effects.seeds) {
        notes.push("Fewer than 5 seeds: descriptive only.".into());
    }
    Some(Section { title: "Which factor matters", sheets, notes })
}

/// How far the shares can be trusted.
fn noise(effects: &Effects) -> String {
    match effects.noise {
        None => String::new(),
        Some(noise) if noise < 0.5 => format!(" Noise of the seeds alone would make {:.1} % of it.", 100.0 * noise),
        Some(_) => " The noise of the seeds alone would make half of it or more: these shares say little.".into(),
    }
}

/// `dropout = 0.0, weight_decay = 0.0`
fn references(effects: &Effects) -> String {
    let of = |effect: &Effect| effect.axes.iter().cloned().zip(effect.references.iter().cloned()).collect::<Vec<_>>();
    assignments(&effects.main.iter().flat_map(of).collect())
}

const NUMBERS: [&str; 5] = ["Δ train", "Δ test", "Δ gap", "p", "sign-flip p"];

fn numbers(differences: [&Difference; 3]) -> impl Iterator<Item = String> {
    let p = each(differences, |one| p_text(one.p));
    let p_sign_flip = each(differences, |one| p_text(one.p_sign_flip));
    differences.map(change).into_iter().chain([p, p_sign_flip])
}

/// Train, test and gap in one cell.
fn each(differences: [&Difference; 3], text: impl Fn(&Difference) -> String) -> String {
    differences.map(text).join(" / ")
}

fn p_text(p: Option<f64>) -> String {
    match p {
        None => "–".into(),
        Some(p) if p < 0.001 => "<0.001".into(),
        Some(p) => format!("{p:.3}"),
    }
}

/// For the columns of [`numbers`], with so many pairs at least.
fn how_to_read(pairs: usize) -> String {
    if pairs < 2 {
        return "One pair has no interval.".into();
    }
    let mut text = String::from(
        "Mean ± half-width of the 95 % interval, paired by seed. p, of the paired t test, and sign-flip p, which assumes no \
         distribution, are those of train / test / gap, not corrected for their number.",
    );
    if pairs <= PAIRS_FOR_A_VERDICT {
        let smallest = 2.0 / f64::from(1u32 << pairs);
        text += &format!(" With {pairs} pairs no sign-flip p is below {smallest}.");
    }
    text
}

fn shares(effects: &Effects) -> Sheet {
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let mut rows: Vec<_> =
        effects.shares.iter().map(|share| vec![share.axes.join(" × "), percent(share.of_variance)]).collect();
    if effects.has_rest() {
        rows.push(vec!["rest".into(), percent(effects.rest)]);
    }
    Sheet { columns: vec![("factor".into(), false), ("share".into(), true)], essential: 2, rows }
}

fn effect_sheet(effects: &Effects) -> Sheet {
    let mut columns: Vec<_> = ["factor", "value"].map(|title| (title.into(), false)).into();
    columns.extend(NUMBERS.map(|title| (title.into(), true)));
    let row = |effect: &Effect| {
        let values: Vec<_> = effect.values.iter().map(param_text).collect();
        let mut cells = vec![effect.axes.join(" × "), values.join(", ")];
        cells.extend(numbers([&effect.train_accuracy, &effect.test_accuracy, &effect.gap]));
        cells
    };
    let rows = effects.main.iter().chain(effects.interactions.iter().take(INTERACTIONS)).map(row).collect();
    Sheet { essential: 5, columns, rows }
}

/// How many seeds do not count, and where they diverged.
fn left_out(effects: &Effects, table: &Table) -> Option<String> {
    let (left_out, all) = (effects.seeds_left_out, effects.seeds + effects.seeds_left_out);
    let place = match &effects.diverged_in[..] {
        [] => return None,
        [cell] => table.rows.iter().find(|row| row.cell == *cell).map(|row| assignments(&row.params))?,
        cells => format!("{} cells", cells.len()),
    };
    let seeds = format!("{left_out} of {}", count(all, "seed"));
    Some(match effects.seeds {
        0 => format!("No effects: no seed completed in every cell of the grid; {seeds} diverged in {place}."),
        _ => format!("Left out: {seeds}, diverged in {place}."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::board::samples::{cell, completed, overfit, plan, point, trial};
    use serde_json::json;

    /// One seed on a grid of so many values of dropout by as many of weight decay.
    fn square(values: u32) -> Board {
        let params = |place: u32| {
            let (row, column) = (place / values, place % values);
            json!({ "dropout": f64::from(row) / 10.0, "weight_decay": f64::from(column) / 10.0 })
        };
        let cells = (0..values * values).map(|place| cell(None, params(place))).collect();
        let mut board = Board::new(plan("square", &["dropout", "weight_decay"], cells, 1));
        for place in 0..values * values {
            let test = 5000 + place / values * (place % values) * 100;
            trial(&mut board, u64::from(place) + 1, point(300, test), completed(1));
        }
        board
    }

    #[test]
    fn a_large_grid_shows_its_largest_interactions_and_says_so() {
        let board = square(6);
        let section = which_factor_matters(&board, &Table::new(&board)).unwrap();
        // 5 + 5 main effects and 12 of 5 × 5 interactions, of which .1 × .5 × .5 steps is the largest.
        let rows = &section.sheets[1].rows;
        assert_eq!(rows.len(), 22);
        assert_eq!(rows[10][..4], ["dropout × weight_decay", "0.5, 0.5", "0.0000", "+0.2500"]);
        assert!(section.notes.iter().any(|note| note.contains("has 13 more")), "{:?}", section.notes);
        assert_eq!(rows[10][5], "– / – / –", "one seed has no p");
    }

    #[test]
    fn a_single_axis_has_its_baseline_alone() {
        let mut board = square(1);
        assert_eq!(sections(&board, &Table::new(&board)), []);
        let cells = (0..2).map(|n| cell(None, json!({ "dropout": f64::from(n) / 10.0 }))).collect();
        board = Board::new(plan("line", &["dropout"], cells, 1));
        board.plan.baseline = Some(0);
        for id in [1, 2] {
            trial(&mut board, id, point(300, 7000), completed(id));
        }
        let titles: Vec<_> = sections(&board, &Table::new(&board)).iter().map(|section| section.title).collect();
        assert_eq!(titles, ["Against the baseline"]);
    }

    #[test]
    fn p_is_never_zero_and_n_is_told() {
        assert_eq!([None, Some(0.0004), Some(0.0314), Some(1.0)].map(p_text), ["–", "<0.001", "0.031", "1.000"]);
        let section = against_baseline(&Table::new(&overfit())).unwrap();
        let row = &section.sheets[0].rows[1];
        // Of 5 seeds train accuracy fell in all and test accuracy rose in all; five that agree are 2 of 32 flips.
        assert_eq!((&row[2][..], &row[7][..], &row[8][..]), ("5", "0.062 / 0.062 / 0.062", "0 / 5 / 0"));
    }
}
