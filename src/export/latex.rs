//! A LaTeX table for the booktabs package, to be taken in with `\input`.

use crate::report::{Column, Table};

pub fn render(table: &Table) -> String {
    let from = &table.provenance;
    let mut text = format!(
        "% {}\n% Needs \\usepackage{{booktabs}}.\n",
        escape(&format!(
            "ablate {}, study {}, data {}: {}",
            from.ablate, from.study_sha256, from.data_sha256, from.command
        ))
    );
    text += "\\begin{table}[htbp]\n  \\centering\n";
    text += &format!("  \\caption{{{}}}\n", escape(&caption(table)));
    text += &tabular(table, &table.columns());
    let arms = table.arms().into_iter().map(|(arm, sets)| format!("{arm}: {sets}."));
    text.extend(arms.chain(table.notes()).map(|text| note(&text)));
    text += "\\end{table}\n";
    if table.has_best() {
        text += "\\begin{table}[htbp]\n  \\centering\n";
        text += &format!("  \\caption{{{}}}\n", escape(&format!("{}. {}.", table.study, Table::BEST_TITLE)));
        text += &tabular(table, &table.best_columns());
        text.extend(table.choice().map(|choice| note(&choice)));
        text += "\\end{table}\n";
    }
    text
}

fn tabular(table: &Table, columns: &[Column]) -> String {
    let alignment: String = columns.iter().map(|column| if table.is_numeric(*column) { 'r' } else { 'l' }).collect();
    let line = |cells: Vec<String>| format!("    {} \\\\\n", cells.join(" & "));
    let mut text = format!("  \\begin{{tabular}}{{{alignment}}}\n    \\toprule\n");
    text += &line(columns.iter().map(|column| escape(&table.header(*column))).collect());
    text += "    \\midrule\n";
    for row in &table.rows {
        text += &line(columns.iter().map(|column| escape(&table.text(row, *column))).collect());
    }
    text + "    \\bottomrule\n  \\end{tabular}\n"
}

fn note(text: &str) -> String {
    format!("  \\par\\smallskip\\footnotesize {}\n", escape(text))
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

/// Text that shows as it is. All on one line: an empty one would end a caption, any would end a comment.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => escaped.extend(['\\', c]),
            '\\' => escaped += "\\textbackslash{}",
            '~' => escaped += "\\textasciitilde{}",
            '^' => escaped += "\\textasciicircum{}",
            '<' => escaped += "\\textless{}",
            '>' => escaped += "\\textgreater{}",
            '|' => escaped += "\\textbar{}",
            '"' => escaped += "\\textquotedbl{}",
            // At the start of a row they would belong to the line break before it.
            '[' | ']' | '*' => escaped.extend(['{', c, '}']),
            '±' => escaped += "$\\pm$",
            '−' => escaped += "$-$",
            '×' => escaped += "$\\times$",
            'Δ' => escaped += "$\\Delta$",
            '–' => escaped += "--",
            _ if c.is_control() => escaped.push(' '),
            _ => escaped.push(c),
        }
    }
    escaped
}
