//! The claims of many studies with their verdicts, as one Markdown table and what they come to.

use super::markdown::{aligned, escape};
use crate::judge::claim::Judgement;
use crate::judge::claim::across::{self, Summary};
use crate::judge::report::{ClaimColumn, Entry, Table};
use crate::show::words::{claims as words, count, entry};

const COLUMNS: [ClaimColumn; 3] = [ClaimColumn::Verdict, ClaimColumn::Effect, ClaimColumn::Pairs];

/// The claims in the order of their notes, those without a note last; then a paragraph on all of them.
pub fn render(tables: &[Table]) -> String {
    let studies: Vec<&[Judgement]> = tables.iter().map(|table| table.claims.as_slice()).collect();
    let over_all = across::over_all(&studies);
    let mut claims: Vec<(&Table, &Judgement, Option<f64>)> = Vec::new();
    for (table, ps) in tables.iter().zip(over_all) {
        claims.extend(table.claims.iter().zip(ps).map(|(judged, p)| (table, judged, p)));
    }
    claims.sort_by_key(|(_, judged, _)| place(judged.claim.note.as_deref()));
    let header =
        ["note", "claim", "study"].into_iter().chain(COLUMNS.map(words::header)).chain(["p (all)", "stated", "data"]);
    let mut lines: Vec<Vec<String>> = vec![header.map(String::from).collect()];
    for (table, judged, p) in claims {
        let note = judged.claim.note.clone().map_or(Entry::Nothing, Entry::Words);
        let data = table.data.iter().map(|source| source.name()).collect::<Vec<_>>().join(", ");
        let named = [note, Entry::Words(judged.claim.says.clone()), Entry::Words(table.study.clone())];
        let p = if judged.finding.exact { Entry::Exact } else { Entry::p(p) };
        let stated = match judged.stated_before {
            Some(true) => Entry::Words("before".into()),
            Some(false) => Entry::Words("after".into()),
            None => Entry::Nothing,
        };
        let entries =
            named.into_iter().chain(COLUMNS.map(|column| judged.entry(column))).chain([p, stated, Entry::Words(data)]);
        lines.push(entries.map(|one| escape(&entry::text(&one))).collect());
    }
    let numeric = [false; 3].into_iter().chain(COLUMNS.map(ClaimColumn::is_numeric)).chain([true, false, false]);
    format!("{}\n\n{}\n", aligned(lines, &numeric.collect::<Vec<_>>()), summed_up(tables))
}

/// What the claims come to, and how to read the columns that a single study does not have.
fn summed_up(tables: &[Table]) -> String {
    let studies: Vec<&[Judgement]> = tables.iter().map(|table| table.claims.as_slice()).collect();
    let levels: Vec<f64> = tables.iter().map(Table::level).collect();
    let Summary { claims, supported, refuted, decided_over_all, stated_after } = across::summary(&studies, &levels);
    let with_claims = studies.iter().filter(|claims| !claims.is_empty()).count();
    let studies = if with_claims == 1 { "1 study".to_owned() } else { format!("{with_claims} studies") };
    let stated = match stated_after {
        0 => "None is known to have been stated after some of its trials had been trained.".to_owned(),
        some => format!("{some} were stated after some of their trials had been trained."),
    };
    format!(
        "{} in {studies}, about the test images of their data sets{}: {supported} supported, {refuted} refuted by their own study. p (all) is corrected over all of them by Holm's \
         method: by that, {decided_over_all} are decided. {stated}",
        count(claims, "claim"),
        about_these_images(tables),
    )
}

/// Which studies train all seeds on the same images; empty if none does.
fn about_these_images(tables: &[Table]) -> String {
    let studies: Vec<&str> = tables
        .iter()
        .filter(|table| !table.claims.is_empty() && table.these_images.is_some())
        .map(|table| table.study.as_str())
        .collect();
    match studies.is_empty() {
        true => String::new(),
        false => {
            let studies = escape(&studies.join(", "));
            format!("; those of {studies} also about the first training images, the same for all seeds")
        }
    }
}

/// The place of a note in that order, by the first number in it: (7, 1) for `Def 7.1`.
fn place(note: Option<&str>) -> (u32, u32) {
    let Some(note) = note else { return (u32::MAX, 0) };
    let number = note.trim_start_matches(|c: char| !c.is_ascii_digit());
    let mut parts = number.split(|c: char| !c.is_ascii_digit()).map(|digits| digits.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_ordered_by_their_numbers() {
        let mut notes = [Some("Def 7.10"), None, Some("after 3.3"), Some("Ch. 4"), Some("Def 7.3, read literally")];
        notes.sort_by_key(|note| place(*note));
        assert_eq!(notes, [Some("after 3.3"), Some("Ch. 4"), Some("Def 7.3, read literally"), Some("Def 7.10"), None]);
    }
}
