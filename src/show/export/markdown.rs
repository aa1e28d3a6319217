//! Markdown that is also readable as source: columns are aligned, and the table comes with all that is needed to read it.

use crate::judge::report::{Table, TableColumn};
use crate::plan::metric::Metric;
use crate::printable;
use crate::show::words::{self, Section, Sheet, entry};
use unicode_width::UnicodeWidthStr;

pub fn render(table: &Table, sections: &[Section]) -> String {
    let columns = table.columns();
    let mut paragraphs = vec![format!("# {}", escape(&table.study))];
    paragraphs.extend(table.question.as_deref().map(paragraph));
    paragraphs.extend(words::data::of_table(table).as_deref().map(paragraph));
    let shared = table.shared_text();
    if !shared.is_empty() {
        paragraphs.push(format!("All cells: {}.", escape(&shared)));
    }
    paragraphs.push(words::table::how_to_read(table, true));
    paragraphs.push(grid(table, &columns));
    let arms = words::table::arms(table);
    if !arms.is_empty() {
        let lines = arms.iter().map(|(arm, sets)| format!("- **{}**: {}", escape(arm), escape(sets)));
        paragraphs.push(lines.collect::<Vec<_>>().join("\n"));
    }
    paragraphs.extend(words::table::notes(table, &columns).iter().map(|note| paragraph(note)));
    sections.iter().for_each(|section| paragraphs.extend(below(section)));
    paragraphs.push(provenance(table));
    paragraphs.join("\n\n") + "\n"
}

fn grid(table: &Table, columns: &[TableColumn]) -> String {
    let (mut lines, numeric) = lines(&Sheet::of_table(table, columns));
    // The gap is what studies of regularisation are about.
    if let Some(gap) = columns.iter().position(|column| *column == TableColumn::Metric(Metric::GAP)) {
        lines[0][gap] = format!("**{}**", lines[0][gap]);
    }
    aligned(lines, &numeric)
}

/// Title, tables and notes of a section below the table.
pub(super) fn below(section: &Section) -> Vec<String> {
    let mut paragraphs = vec![format!("## {}", escape(section.title))];
    paragraphs.extend(section.sheets.iter().map(sheet));
    paragraphs.extend(section.notes.iter().map(|note| paragraph(note)));
    paragraphs
}

/// A sheet as a table.
pub(super) fn sheet(sheet: &Sheet) -> String {
    let (lines, numeric) = lines(sheet);
    aligned(lines, &numeric)
}

/// (lines of escaped text, the header first; for each column whether it holds numbers).
fn lines(sheet: &Sheet) -> (Vec<Vec<String>>, Vec<bool>) {
    let header = sheet.columns.iter().map(|(title, _)| escape(title)).collect();
    let rows = sheet.rows.iter().map(|row| row.iter().map(|one| escape(&entry::text(one))).collect());
    (std::iter::once(header).chain(rows).collect(), sheet.columns.iter().map(|(_, numeric)| *numeric).collect())
}

/// A table of lines of escaped text, the header first, with numbers aligned at the right.
pub(super) fn aligned(mut lines: Vec<Vec<String>>, numeric: &[bool]) -> String {
    let width = |place: usize| lines.iter().map(|line| line[place].width()).max().unwrap_or(0).max(3);
    let widths: Vec<usize> = (0..numeric.len()).map(width).collect();
    let rule = numeric.iter().zip(&widths).map(|(numeric, width)| match numeric {
        true => format!("{}:", "-".repeat(width - 1)),
        false => "-".repeat(*width),
    });
    lines.insert(1, rule.collect());
    let padded = |line: &Vec<String>| {
        let cells = line.iter().zip(numeric).zip(&widths).map(|((text, numeric), width)| {
            let space = " ".repeat(width - text.width());
            if *numeric { space + text } else { format!("{text}{space}") }
        });
        format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
    };
    lines.iter().map(padded).collect::<Vec<_>>().join("\n")
}

fn provenance(table: &Table) -> String {
    let from = &table.provenance;
    let short = words::data::short;
    let study = short(&from.study_sha256);
    let data = match words::data::fingerprints(&table.data, &from.data_sha256)[..] {
        ref digests if digests.len() > 1 => {
            let named = table.data.iter().zip(digests).map(|(set, hash)| format!("{} {}", set.name(), short(hash)));
            named.collect::<Vec<_>>().join(", ")
        }
        _ => short(&from.data_sha256),
    };
    let known =
        [("ablate", &from.ablate), ("study", &study), ("data", &data)].into_iter().filter(|(_, text)| !text.is_empty());
    let known: String = known.map(|(name, text)| format!("{name} {} · ", escape(text))).collect();
    format!("<sub>{known}{}</sub>", code(&words::table::command(table)))
}

/// Escapes the text of a paragraph, which begins a line: there, more has a meaning than within one.
pub(super) fn paragraph(text: &str) -> String {
    let escaped = escape(text.trim());
    let digits = escaped.chars().take_while(char::is_ascii_digit).count();
    match escaped[digits..].chars().next() {
        // A list, a quotation, a line below a heading or between paragraphs.
        Some('-' | '+' | '>' | '=' | ':') if digits == 0 => format!("\\{escaped}"),
        Some('.' | ')') if digits > 0 => format!("{}\\{}", &escaped[..digits], &escaped[digits..]),
        _ => escaped,
    }
}

/// Escapes text for cells of tables, and for paragraphs that begin with other text.
pub(super) fn escape(text: &str) -> String {
    let text = printable::line(text);
    let mut escaped = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let inside_word = before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric());
        match c {
            '\\' | '|' | '*' | '`' | '<' | '[' | ']' | '#' | '~' | '&' | '$' | '^' => escaped.extend(['\\', c]),
            // weight_decay needs no escape, _this_ does.
            '_' if !inside_word => escaped.extend(['\\', c]),
            _ => escaped.push(c),
        }
        before = c;
    }
    escaped
}

/// A code span, whose fence is longer than any run of backticks in the text.
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    let line = printable::line(text);
    format!("{fence}{space}{line}{space}{fence}")
}
