//! A LaTeX table for the booktabs package, to be taken in with `\input`.

use crate::report::{ClaimColumn, Table};

pub fn render(table: &Table) -> String {
    let columns = table.columns();
    let alignment: String = columns.iter().map(|column| if table.is_numeric(*column) { 'r' } else { 'l' }).collect();
    let line = |cells: Vec<String>| format!("    {} \\\\\n", cells.join(" & "));
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
    text += &format!("  \\begin{{tabular}}{{{alignment}}}\n    \\toprule\n");
    text += &line(columns.iter().map(|column| escape(&table.header(*column))).collect());
    text += "    \\midrule\n";
    for row in &table.rows {
        text += &line(columns.iter().map(|column| escape(&table.text(row, *column))).collect());
    }
    text += "    \\bottomrule\n  \\end{tabular}\n";
    let arms = table.arms().into_iter().map(|(arm, sets)| format!("{arm}: {sets}."));
    for note in arms.chain(table.notes()) {
        text += &format!("  \\par\\smallskip\\footnotesize {}\n", escape(&note));
    }
    text += "\\end{table}\n";
    if table.claims.is_empty() { text } else { text + &claims(table) }
}

/// A second table, for the claims.
fn claims(table: &Table) -> String {
    let row = |cells: [String; 6]| format!("    {} \\\\\n", cells.map(|cell| escape(&cell)).join(" & "));
    // Claims are sentences: they break within their column.
    let alignment = ClaimColumn::ALL.map(|column| match (column, column.is_numeric()) {
        (ClaimColumn::Claim, _) => "p{0.4\\linewidth}",
        (_, true) => "r",
        (_, false) => "l",
    });
    let mut text = String::from("\n\\begin{table}[htbp]\n  \\centering\n");
    text += &format!("  \\caption{{{}}}\n", escape(&format!("{}: claims. {}", table.study, table.claims_reading())));
    text += &format!("  \\begin{{tabular}}{{{}}}\n    \\toprule\n", alignment.concat());
    text += &row(ClaimColumn::ALL.map(|column| column.header().to_owned()));
    text += "    \\midrule\n";
    for judged in &table.claims {
        text += &row(ClaimColumn::ALL.map(|column| judged.text(column)));
    }
    text += "    \\bottomrule\n  \\end{tabular}\n";
    for judged in &table.claims {
        let remarks = format!("{}: {}", judged.claim.says, judged.remarks());
        text += &format!("  \\par\\smallskip\\footnotesize {}\n", escape(&remarks));
    }
    text + "\\end{table}\n"
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
