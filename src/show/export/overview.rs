//! The claims of many studies with their verdicts, as one Markdown table.

use super::markdown::{aligned, escape};
use crate::judge::claim::Judgement;
use crate::judge::report::{ClaimColumn, Entry, Table};
use crate::show::words::{claims as words, entry};

const COLUMNS: [ClaimColumn; 3] = [ClaimColumn::Verdict, ClaimColumn::Effect, ClaimColumn::Pairs];

/// The claims in the order of their notes, those without a note last.
pub fn render(tables: &[Table]) -> String {
    let mut claims: Vec<(&Table, &Judgement)> =
        tables.iter().flat_map(|table| table.claims.iter().map(move |judged| (table, judged))).collect();
    claims.sort_by_key(|(_, judged)| place(judged.claim.note.as_deref()));
    let header = ["note", "claim", "study"].into_iter().chain(COLUMNS.map(words::header));
    let mut lines: Vec<Vec<String>> = vec![header.map(String::from).collect()];
    for (table, judged) in claims {
        let note = judged.claim.note.clone().map_or(Entry::Nothing, Entry::Words);
        let named = [note, Entry::Words(judged.claim.says.clone()), Entry::Words(table.study.clone())];
        let entries = named.into_iter().chain(COLUMNS.map(|column| judged.entry(column)));
        lines.push(entries.map(|one| escape(&entry::text(&one))).collect());
    }
    let numeric = [false; 3].into_iter().chain(COLUMNS.map(ClaimColumn::is_numeric)).collect::<Vec<_>>();
    aligned(lines, &numeric) + "\n"
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
