//! The sentence on which cell is chosen by validation.

use super::{cells, entry};
use crate::judge::report::{Entry, Row, Selection, Table, Ties};
use crate::plan::metric::Metric;

/// The title of the section on the best epochs.
pub const TITLE: &str = "At the best epoch by validation accuracy";

/// Which cell has the highest validation accuracy, and which tie with it. `None` while the study is unfinished, and if no
/// validation accuracy was measured.
pub fn sentence(table: &Table) -> Option<String> {
    let selection = table.selection()?;
    let chosen = chosen(&selection).unwrap_or_else(|| "Nothing is chosen.".into());
    let never = cells::diverged_in(table).map(|cells| format!(" Never chosen, since trials diverged: {cells}."));
    Some(chosen + &never.unwrap_or_default())
}

fn chosen(selection: &Selection) -> Option<String> {
    let chosen = with_accuracies(selection.chosen?, &[Metric::VALIDATION_ACCURACY, Metric::TEST_ACCURACY]);
    let ties = match &selection.ties {
        Ties::Alone => String::new(),
        Ties::Unknown => "; whether others tie with it cannot be told from fewer than 2 pairs of trials".into(),
        Ties::With(rows) if rows.is_empty() => "; no other ties with it".into(),
        Ties::With(rows) => {
            let rows: Vec<String> = rows.iter().map(|row| with_accuracies(row, &[Metric::TEST_ACCURACY])).collect();
            let why = "since the 95 % interval of the difference paired by seed includes 0";
            format!("; tied with it, {why}: {}", rows.join("; "))
        }
    };
    Some(format!("Chosen on validation, not on test: {chosen}{ties}."))
}

/// A cell with its accuracies: `dropout = 0.2 (validation 0.812, test 0.771)`.
fn with_accuracies(row: &Row, accuracies: &[Metric]) -> String {
    let text = |metric: &Metric| {
        let summary = row.best.as_ref()?.summary(*metric)?;
        Some(format!("{} {}", metric.label(), entry::text(&Entry::mean(*metric, summary))))
    };
    format!("{} ({})", cells::name(row), accuracies.iter().filter_map(text).collect::<Vec<_>>().join(", "))
}
