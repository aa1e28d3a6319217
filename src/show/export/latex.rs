//! A LaTeX table for the packages booktabs and graphicx, to be taken in with `\input`.

use super::greek;
use crate::judge::report::{Section, Table};
use crate::printable;

pub fn render(table: &Table, sections: &[Section]) -> String {
    let columns = table.columns();
    let numeric: Vec<bool> = columns.iter().map(|column| table.is_numeric(*column)).collect();
    let mut lines = vec![columns.iter().map(|column| table.header(*column)).collect()];
    for row in &table.rows {
        lines.push(columns.iter().map(|column| table.text(row, *column)).collect::<Vec<_>>());
    }
    let from = &table.provenance;
    let mut text = format!(
        "% {}\n% Needs \\usepackage{{booktabs,graphicx}}.\n",
        escape(&format!(
            "ablate {}, study {}, data {}: {}",
            from.ablate,
            from.study_sha256,
            from.data_sha256,
            table.command()
        ))
    );
    if let Some(others) = left_out(table) {
        text += &format!("% Without {}: --metrics all has them.\n", others);
    }
    let arms = table.arms().into_iter().map(|(arm, sets)| format!("{arm}: {sets}."));
    text += &float(&caption(table), &[tabular(&lines, &numeric)], arms.chain(table.notes(&columns)));
    for section in sections {
        let tabular = section.sheets.iter().map(|sheet| {
            let (header, numeric): (Vec<_>, Vec<bool>) = sheet.columns.iter().cloned().unzip();
            let lines: Vec<_> = std::iter::once(header).chain(sheet.rows.iter().cloned()).collect();
            tabular(&lines, &numeric)
        });
        let caption = format!("{}. {}.", table.study, section.title);
        text += &float(&caption, &tabular.collect::<Vec<_>>(), section.notes.iter().cloned());
    }
    text
}

/// What was measured and has no column.
fn left_out(table: &Table) -> Option<String> {
    let chosen = table.chosen.as_deref().unwrap_or_default();
    let others = table.measured_metrics().into_iter().filter(|metric| !chosen.contains(metric));
    let others: Vec<&str> = others.map(|metric| metric.name()).collect();
    (!others.is_empty()).then(|| others.join(", "))
}

/// Letters of notes from which on they have no room on a page with their table.
const LONG: usize = 2000;

/// A table that LaTeX finds a place for: one or more tabulars, one above the other, and notes below; or, if they are long,
/// behind it in the text, where they may go over pages.
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

/// As wide as it is, but no wider than the text.
const FITTED: &str = "\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}";
/// Letters from which on a text is a sentence, which has to break within its column.
const SENTENCE: usize = 40;

/// The first line is the header.
fn tabular(lines: &[Vec<String>], numeric: &[bool]) -> String {
    let has_sentences = |place: usize| lines.iter().any(|line| line[place].chars().count() >= SENTENCE);
    let alignment = |(place, &numeric)| match numeric {
        true => "r",
        false if has_sentences(place) => "p{0.4\\linewidth}",
        false => "l",
    };
    let alignment: String = numeric.iter().enumerate().map(alignment).collect();
    let mut text = format!("  {FITTED}{{%\n  \\begin{{tabular}}{{{alignment}}}\n    \\toprule\n");
    for (place, cells) in lines.iter().enumerate() {
        let set = |(cell, &numeric): (&String, &bool)| if numeric { numbers(cell) } else { escape(cell) };
        let cells: Vec<String> = cells.iter().zip(numeric).map(set).collect();
        text += &format!("    {} \\\\\n", cells.join(" & "));
        text += if place == 0 { "    \\midrule\n" } else { "" };
    }
    text + "    \\bottomrule\n  \\end{tabular}}\n"
}

fn caption(table: &Table) -> String {
    let mut caption = format!("{}. ", table.study);
    caption.extend(table.question.iter().map(|question| format!("{question} ")));
    let shared = table.shared_text();
    if !shared.is_empty() {
        caption += &format!("All cells: {shared}. ");
    }
    caption + &table.reading()
}

/// A field of numbers, in which 5.68e-29 is 5.68·10⁻²⁹.
fn numbers(text: &str) -> String {
    let word = |word: &str| {
        let (number, behind) = word.split_at(word.trim_end_matches(',').len());
        let parts = number.split_once('e').and_then(|(digits, power)| Some((digits, power.parse::<i32>().ok()?)));
        match parts.filter(|(digits, _)| digits.ends_with(|c: char| c.is_ascii_digit())) {
            Some((digits, power)) => format!("${}\\times10^{{{power}}}${behind}", digits.replace('−', "-")),
            None => escape(word),
        }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Text that shows as it is. All on one line: an empty one would end a caption, any would end a comment.
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
            // At the start of a row they would belong to the line break before it.
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
            // No sign for it is set up in every engine.
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

    #[test]
    fn powers_of_ten_and_signs_are_set_as_formulas() {
        assert_eq!(numbers("−5.68e-29 ± 0"), r"$-5.68\times10^{-29}$ $\pm$ 0");
        assert_eq!(numbers("1.2e7, 3 never"), r"$1.2\times10^{7}$, 3 never");
        assert_eq!(numbers("0.750 ± 0.010"), r"0.750 $\pm$ 0.010");
        assert_eq!(escape("β₁ = 0.5, 90°, R², 2/√n"), r"$\beta$$_1$ = 0.5, 90$^\circ$, R$^2$, 2/$\surd$n");
    }
}
