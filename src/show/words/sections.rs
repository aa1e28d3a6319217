//! The sections below the table: the claims, the best epochs, which factor matters, each cell against the baseline, the classes.

use super::number::count;
use super::{cells, claims, classes, selection, table};
use crate::judge::claim::Judgement;
use crate::judge::report::{ClaimColumn, Differences, Effect, Effects, Entry, Table, TableColumn, pairs};
use crate::judge::stats::{Difference, Inference, PAIRS_FOR_A_VERDICT};
use crate::plan::metric::Metric;
use crate::plan::{assignments, param_text};
use crate::record::board::Board;

/// A titled section below the table. Every format sets it in its own way.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    pub title: &'static str,
    /// One below the other.
    pub sheets: Vec<Sheet>,
    /// Paragraphs of a sentence or more below the sheets.
    pub notes: Vec<String>,
}

/// Rows under titled columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// (title, whether the column holds numbers, which are aligned at the right).
    pub columns: Vec<(String, bool)>,
    /// How many columns, from the left, are kept if there is little room.
    pub essential: usize,
    /// An entry for each column.
    pub rows: Vec<Vec<Entry>>,
}

/// At most so many interactions are shown. The JSON export has all.
const INTERACTIONS: usize = 12;

/// All sections of a study.
pub fn all(board: &Board, table: &Table) -> Vec<Section> {
    of_claims(table).into_iter().chain(comparisons(board, table)).chain(classes::section(board, table)).collect()
}

/// The sections without the claims. Those that compare cells are there once the study is complete.
pub fn comparisons(board: &Board, table: &Table) -> Vec<Section> {
    let sections = [at_best_epochs(table), which_factor_matters(board, table), against_baseline(table)];
    sections.into_iter().flatten().collect()
}

impl Sheet {
    /// The sheet of these columns of a table.
    pub fn of_table(table: &Table, columns: &[TableColumn]) -> Sheet {
        let row = |row| columns.iter().map(|&column| table.entry(row, column)).collect();
        Sheet { columns: titles(table, columns), essential: columns.len(), rows: table.rows.iter().map(row).collect() }
    }
}

fn titles(table: &Table, columns: &[TableColumn]) -> Vec<(String, bool)> {
    columns.iter().map(|&column| (table::header(table, column), table.is_numeric(column))).collect()
}

/// The claims with their verdicts. `None` if the study makes none.
fn of_claims(table: &Table) -> Option<Section> {
    if table.claims.is_empty() {
        return None;
    }
    let row = |judged: &Judgement| ClaimColumn::ALL.iter().map(|&column| judged.entry(column)).collect();
    let title = |column: &ClaimColumn| (claims::header(*column).into(), column.is_numeric());
    Some(Section {
        title: "Claims",
        sheets: vec![Sheet {
            columns: ClaimColumn::ALL.iter().map(title).collect(),
            essential: 2,
            rows: table.claims.iter().map(row).collect(),
        }],
        notes: claims::notes(table),
    })
}

/// The same rows at their best epochs. `None` where no validation accuracy was measured.
fn at_best_epochs(table: &Table) -> Option<Section> {
    let sheet = Sheet::of_table(table, &table.best_columns());
    table.has_best().then(|| Section {
        title: selection::TITLE,
        sheets: vec![Sheet { essential: sheet.columns.len() - 1, ..sheet }],
        notes: selection::sentence(table).into_iter().collect(),
    })
}

/// The differences that the verdicts rest on. `None` without a comparison.
pub fn against_baseline(table: &Table) -> Option<Section> {
    let cell_columns = table.cell_columns();
    let compared: Vec<_> = table.rows.iter().filter_map(|row| Some((row, row.versus_baseline.as_ref()?))).collect();
    let fewest = compared.iter().map(|(_, versus)| pairs(versus)).min()?;
    let rows = compared.iter().map(|(row, versus)| {
        let compared = table.problem.compared();
        let mut entries: Vec<Entry> = cell_columns.iter().map(|&column| table.entry(row, column)).collect();
        let counts = each(compared, versus, |one| Entry::Count(one.n));
        let is_one = versus.len() == compared.len() && versus.values().all(|one| one.n == pairs(versus));
        entries.push(if is_one { Entry::Count(pairs(versus)) } else { counts });
        entries.extend(numbers(compared, versus));
        entries.push(each(compared, versus, |one| Entry::Count((one.improved * one.n as f64).round() as usize)));
        entries
    });
    let mut columns = titles(table, &cell_columns);
    columns.push(("n".into(), true));
    columns.extend(titles_of_numbers(table.problem.compared()));
    columns.push(("seeds up".into(), true));
    let note = "Each cell minus the baseline, over the n seeds that completed in both; seeds up: how many of them have a \
                difference above 0.";
    let diverged = cells::diverged_in(table).map(|cells| format!("Fewer pairs, since trials diverged: {cells}."));
    Some(Section {
        title: "Against the baseline",
        sheets: vec![Sheet { essential: cell_columns.len() + 4, columns, rows: rows.collect() }],
        notes: std::iter::once(format!("{note} {}", how_to_read(table, fewest))).chain(diverged).collect(),
    })
}

/// Shares of variance, main effects and interactions. `None` without a full grid of two factors, all trained.
pub fn which_factor_matters(board: &Board, table: &Table) -> Option<Section> {
    let effects = Effects::new(board)?;
    let mut notes = Vec::new();
    let mut sheets = Vec::new();
    if effects.seeds > 0 {
        sheets.extend([shares(&effects), effect_sheet(&effects, table.problem.compared())]);
        let rest =
            if effects.has_rest() { "rest: interactions of three factors and more" } else { "× is an interaction" };
        notes.push(format!(
            "Share: of the variance of the mean {} between the cells (η²); {rest}.{}",
            table.problem.declared(effects.metric).title(),
            noise(&effects)
        ));
        notes.push(format!(
            "The effect of a value: mean over all cells with it minus mean over all cells with the reference value ({}). An \
             interaction (×): how much the effect of the first value changes when the second factor, too, leaves its \
             reference; where it is as large as the effects themselves, look at the cells. Over {}. {}",
            references(&effects),
            count(effects.seeds, "seed"),
            how_to_read(table, effects.seeds),
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
        notes.push(format!("Fewer than {PAIRS_FOR_A_VERDICT} seeds: descriptive only."));
    }
    Some(Section { title: "Which factor matters", sheets, notes })
}

/// A sentence on how far the shares can be trusted, with a blank before it.
fn noise(effects: &Effects) -> String {
    match effects.noise {
        None => String::new(),
        Some(noise) if noise < 0.5 => format!(" Noise of the seeds alone would make {:.1} % of it.", 100.0 * noise),
        Some(_) => " The noise of the seeds alone would make half of it or more: these shares say little.".into(),
    }
}

/// The reference values of all factors: `dropout = 0.0, weight_decay = 0.0`.
fn references(effects: &Effects) -> String {
    let of = |effect: &Effect| effect.axes.iter().cloned().zip(effect.references.iter().cloned()).collect::<Vec<_>>();
    assignments(&effects.main.iter().flat_map(of).collect())
}

/// The titles of the columns of [`numbers`]: `Δ train`, `Δ test`, `Δ gap`, `p`, `p of signs`.
fn titles_of_numbers(compared: &[Metric]) -> impl Iterator<Item = (String, bool)> {
    let changes = compared.iter().map(|metric| format!("Δ {}", metric.label()));
    changes.chain(["p", "p of signs"].map(String::from)).map(|title| (title, true))
}

fn numbers(compared: &[Metric], differences: &Differences) -> impl Iterator<Item = Entry> {
    let p = each(compared, differences, |one| Entry::p(one.p));
    let p_signs = each(compared, differences, |one| Entry::p(one.p_signs));
    let change = |metric: &Metric| differences.get(metric).map_or(Entry::Nothing, |one| Entry::change(*metric, one));
    compared.iter().map(change).chain([p, p_signs])
}

/// One entry that holds an entry for each metric.
fn each(compared: &[Metric], differences: &Differences, entry: impl Fn(&Difference) -> Entry) -> Entry {
    Entry::OfEach(compared.iter().map(|metric| differences.get(metric).map_or(Entry::Nothing, &entry)).collect())
}

/// Sentences on how to read the columns of [`numbers`], where each has at least so many pairs.
fn how_to_read(table: &Table, pairs: usize) -> String {
    let compared = table.problem.compared();
    if pairs < 2 {
        return "One pair has no interval.".into();
    }
    let (names, number) = match compared {
        [alone] => (alone.label().to_owned(), ""),
        several => (
            several.iter().map(|metric| metric.label()).collect::<Vec<_>>().join(" / "),
            ", not corrected for their number",
        ),
    };
    let (interval, p, signs) = match table.inference {
        Inference::Fixed => ("95 % interval", "of the paired t test", "of the sign-flip test"),
        Inference::Anytime => (
            "95 % interval that holds at any number of seeds",
            "of evidence that holds at any number",
            "the same of signs alone",
        ),
    };
    let mut text = format!(
        "Mean ± half-width of the {interval}, paired by seed. p, {p}, and p of signs, {signs}, which assumes no distribution, are \
         those of {names}{number}."
    );
    if pairs <= PAIRS_FOR_A_VERDICT && table.inference == Inference::Fixed {
        let smallest = 2.0 / f64::from(1u32 << pairs);
        text += &format!(" With {pairs} pairs no sign-flip p is below {smallest}.");
    }
    text
}

fn shares(effects: &Effects) -> Sheet {
    let named = effects.shares.iter().map(|share| (share.axes.join(" × "), share.of_variance));
    let rest = effects.has_rest().then(|| ("rest".to_owned(), effects.rest));
    let rows = named.chain(rest).map(|(name, share)| vec![Entry::Words(name), Entry::Share(share)]);
    Sheet { columns: vec![("factor".into(), false), ("share".into(), true)], essential: 2, rows: rows.collect() }
}

fn effect_sheet(effects: &Effects, compared: &[Metric]) -> Sheet {
    let mut columns: Vec<_> = ["factor", "value"].map(|title| (title.into(), false)).into();
    columns.extend(titles_of_numbers(compared));
    let row = |effect: &Effect| {
        let values: Vec<_> = effect.values.iter().map(param_text).collect();
        let mut entries = vec![Entry::Words(effect.axes.join(" × ")), Entry::Words(values.join(", "))];
        entries.extend(numbers(compared, &effect.differences));
        entries
    };
    let rows = effects.main.iter().chain(effects.interactions.iter().take(INTERACTIONS)).map(row).collect();
    Sheet { essential: 5, columns, rows }
}

/// A sentence on the seeds that are left out, and where they diverged; `None` if there are none.
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
