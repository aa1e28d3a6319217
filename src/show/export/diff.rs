//! Two results, cell by cell, as Markdown.

use super::markdown::{below, escape, paragraph, sheet};
use crate::judge::diff::Diff;
use crate::show::words::diff as words;

pub fn render(diff: &Diff) -> String {
    let mut paragraphs = vec![format!("# {}", escape(&words::title(diff)))];
    paragraphs.extend(words::alarm(diff).map(|alarm| format!("**{}**", escape(&alarm))));
    paragraphs.extend(words::opening(diff).iter().map(|text| paragraph(text)));
    if !diff.cells.is_empty() {
        paragraphs.push(sheet(&words::sheet(diff)));
    }
    paragraphs.extend(words::notes(diff).iter().map(|note| paragraph(note)));
    words::sections(diff).iter().for_each(|section| paragraphs.extend(below(section)));
    paragraphs.join("\n\n") + "\n"
}
