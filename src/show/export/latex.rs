//! A LaTeX table for the packages booktabs and graphicx, for use with `\input`.

use super::greek;
use crate::judge::report::{Entry, Table};
use crate::printable;
use crate::show::words::entry::{Piece, pieces, text};
use crate::show::words::{Number, Section, Sheet, data, table as words};

pub fn render(table: &Table, sections: &[Section]) -> String {
    let columns = table.columns();
    let from = &table.provenance;
    let mut text = format!(
        "% {}\n% Needs \\usepackage{{booktabs,graphicx}}.\n",
        escape(&format!(
            "ablate {}, study {}, data {}: {}",
            from.ablate,
            from.study_sha256,
            from.data_sha256,
            words::command(table)
        ))
    );
    if let Some(others) = left_out(table) {
        text += &format!("% Without {}: --metrics all has them.\n", others);
    }
    let arms = words::arms(table).into_iter().map(|(arm, sets)| format!("{arm}: {sets}."));
    let main = tabular(&Sheet::of_table(table, &columns));
    text += &float(&caption(table), &[main], arms.chain(words::notes(table, &columns)));
    for section in sections {
        let tabulars: Vec<String> = section.sheets.iter().map(tabular).collect();
        let caption = format!("{}. {}.", table.study, section.title);
        text += &float(&caption, &tabulars, section.notes.iter().cloned());
    }
    text
}

/// The metrics that were measured and have no column.
fn left_out(table: &Table) -> Option<String> {
    let chosen = table.chosen.as_deref().unwrap_or_default();
    let others = table.measured_metrics().into_iter().filter(|metric| !chosen.contains(metric));
    let others: Vec<&str> = others.map(|metric| metric.name()).collect();
    (!others.is_empty()).then(|| others.join(", "))
}

/// Notes of so many characters or more do not fit on a page with their table.
const LONG: usize = 2000;

/// A floating table: one or more tabulars, one above the other, and notes below. Long notes come after the table in the text,
/// where they may continue over pages.
fn float(caption: &str, tabulars: &[String], notes: impl Iterator<Item = String>) -> String {
    let notes: Vec<String> =
        notes.map(|note| format!("  \\par\\smallskip\\footnotesize {}\n", escape(&note))).collect();
    let notes = notes.concat();
    let caption = escape(caption);
    let table = format!("\\begin{{table}}[htbp]\n  \\centering\n  \\caption{{{caption}}}\n  \\par\\smallskip\n");
    let table = table + &tabulars.join("  \\par\\medskip\n");
    match notes.chars().count() < LONG {
        true => format!("{table}{notes}\\end{{table}}\n"),
        false => format!("{table}\\end{{table}}\n\\begingroup\n{notes}  \\par\n\\endgroup\n"),
    }
}

/// Shrinks what is wider than the text to its width.
const FITTED: &str = "\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}";
/// Texts of so many characters or more are broken into lines within their column.
const SENTENCE: usize = 40;

fn tabular(sheet: &Sheet) -> String {
    let has_sentences = |place: usize| {
        let is_sentence = |text: &str| text.chars().count() >= SENTENCE;
        is_sentence(&sheet.columns[place].0) || sheet.rows.iter().any(|row| is_sentence(&text(&row[place])))
    };
    let alignment = |(place, (_, numeric)): (usize, &(String, bool))| match numeric {
        true => "r",
        false if has_sentences(place) => "p{0.4\\linewidth}",
        false => "l",
    };
    let alignment: String = sheet.columns.iter().enumerate().map(alignment).collect();
    let line = |fields: Vec<String>| format!("    {} \\\\\n", fields.join(" & "));
    let mut text = format!("  {FITTED}{{%\n  \\begin{{tabular}}{{{alignment}}}\n    \\toprule\n");
    text += &line(sheet.columns.iter().map(|(title, _)| escape(title)).collect());
    text += "    \\midrule\n";
    text.extend(sheet.rows.iter().map(|row| line(row.iter().map(field).collect())));
    text + "    \\bottomrule\n  \\end{tabular}}\n"
}

fn caption(table: &Table) -> String {
    let mut caption = format!("{}. ", table.study);
    caption.extend(table.question.iter().map(|question| format!("{question} ")));
    caption.extend(data::of_table(table).map(|data| format!("{data} ")));
    let shared = table.shared_text();
    if !shared.is_empty() {
        caption += &format!("All cells: {shared}. ");
    }
    caption + &words::how_to_read(table, true)
}

/// An entry of a table; numbers with a power of ten as formulas.
pub(super) fn field(entry: &Entry) -> String {
    let set = |piece: Piece| match piece {
        Piece::Words(words) => escape(&words),
        Piece::Number(Number { digits, power: None }) => escape(&digits),
        Piece::Number(Number { digits, power: Some(power) }) => {
            format!("${}\\times10^{{{power}}}$", digits.replace('−', "-"))
        }
    };
    pieces(entry).into_iter().map(set).collect()
}

/// Escapes text, all on one line: an empty line would end a caption, and any line break a comment.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => escaped.extend(['\\', c]),
            '\\' => escaped += "\\textbackslash{}",
            '~' => escaped += "\\textasciitilde{}",
            '^' => escaped += "\\textasciicircum{}",
            '<' => escaped += "\\textless{}",
            '>' => escaped += "\\textgreater{}",
            '|' => escaped += "\\textbar{}",
            '"' => escaped += if before.is_whitespace() || before == '(' { "``" } else { "''" },
            // At the start of a row they would be read as arguments of the line break before it.
            '[' | ']' | '*' => escaped.extend(['{', c, '}']),
            '±' => escaped += "$\\pm$",
            '−' => escaped += "$-$",
            '×' => escaped += "$\\times$",
            '·' => escaped += "$\\cdot$",
            '√' => escaped += "$\\surd$",
            '‖' => escaped += "$\\Vert$",
            '°' => escaped += "$^\\circ$",
            '≤' => escaped += "$\\leq$",
            '≥' => escaped += "$\\geq$",
            '–' => escaped += "--",
            '…' => escaped += "\\ldots{}",
            _ if greek::name(c).is_some() => escaped.extend(greek::name(c).map(|name| format!("$\\{name}$"))),
            _ if greek::subscript(c).is_some() => {
                escaped.extend(greek::subscript(c).map(|digit| format!("$_{digit}$")))
            }
            _ if greek::superscript(c).is_some() => {
                escaped.extend(greek::superscript(c).map(|digit| format!("$^{digit}$")));
            }
            // Not every engine has a glyph for a replacement sign.
            _ if printable::is_unprintable(c) => escaped.push(' '),
            _ => escaped.push(c),
        }
        before = c;
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::report::Estimate;
    use crate::plan::metric::Kind;
    use crate::show::export::markdown;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn powers_of_ten_and_signs_are_set_as_formulas() {
        let estimate =
            |mean, half_width| Estimate { mean, half_width: Some(half_width), ends: None, kind: Kind::Quantity };
        assert_eq!(field(&Entry::Change(estimate(-5.68e-29, 0.0))), r"$-5.68\times10^{-29}$ $\pm$ 0");
        assert_eq!(field(&Entry::Change(estimate(5.68e-29, 0.0))), r"$+5.68\times10^{-29}$ $\pm$ 0");
        let steps =
            Entry::StepsToGoal { reached: Some(Estimate { half_width: None, ..estimate(1.2e7, 0.0) }), never: 3 };
        assert_eq!(field(&steps), r"$1.20\times10^{7}$, 3 never");
        assert_eq!(field(&Entry::Mean(estimate(-0.75, 0.01))), r"$-$0.750 $\pm$ 0.010");
        assert_eq!(field(&Entry::Param(json!(2.5e-7))), r"$2.5\times10^{-7}$");
        assert_eq!(escape("β₁ = 0.5, 90°, R², 2/√n"), r"$\beta$$_1$ = 0.5, 90$^\circ$, R$^2$, 2/$\surd$n");
    }

    /// What a reader of the page sees, as plain text.
    fn read_back(field: &str) -> String {
        let signs = field.replace(r"$\pm$", "±").replace(r"\times10^{", "e").replace(r"\textless{}", "<");
        signs.replace("}$", "").replace('$', "").replace("--", "–")
    }

    proptest! {
        #[test]
        fn no_digit_of_an_entry_is_lost(digits in -9.99..9.99f64, power in -30..12i32, p in 0.0..0.01f64, never in 0..3usize) {
            let mean = digits * 10f64.powi(power);
            let estimate = Estimate { mean, half_width: Some(mean.abs() / 3.0), ends: None, kind: Kind::Quantity };
            let of_each = vec![Entry::P(p), Entry::Nothing, Entry::Change(estimate)];
            for entry in [
                Entry::Mean(estimate),
                Entry::Change(Estimate { half_width: None, ..estimate }),
                Entry::StepsToGoal { reached: Some(estimate), never },
                Entry::OfEach(of_each),
                Entry::Param(json!(mean)),
            ] {
                let plain = |text: &str| text.replace('−', "-");
                prop_assert_eq!(plain(&read_back(&field(&entry))), plain(&text(&entry)));
                prop_assert_eq!(markdown::escape(&text(&entry)).replace('\\', ""), text(&entry));
            }
        }
    }
}
