//! A figure as SVG, fit for a paper: text stays text, no script, no style sheet, the same bytes for the same figure.
//!
//! From above: title, plot, caption. Each kind of plot draws itself from (0, 0) on and says how much room it took.

mod axes;
mod drawing;
mod field;
mod grid;
mod histograms;
mod legend;
mod lines;
mod style;
#[cfg(test)]
mod tests;

use crate::figure::{Figure, Plot};
use drawing::{Anchor, Drawing, Size, text_width, wrap};

const MARGIN: f64 = 12.0;
const CAPTION: f64 = 11.0;

/// The text of the file. Lengths are in CSS pixels, 96 to an inch.
pub fn render(figure: &Figure) -> String {
    let mut plot = Drawing::default();
    let size = match &figure.plot {
        Plot::Lines(lines) => lines::draw(lines, &mut plot),
        Plot::Histograms(histograms) => histograms::draw(histograms, &mut plot),
        Plot::Field(field) => field::draw(field, &mut plot),
        Plot::Grid(grid) => grid::draw(grid, &mut plot),
    };
    let moment = figure.moment.as_deref().map(|moment| format!(", {moment}")).unwrap_or_default();
    let title = format!("{}{moment}", figure.title);
    let width = size.width.max(text_width(&title, style::TITLE)).max(360.0) + 2.0 * MARGIN;
    let caption = wrap(&figure.caption, CAPTION, width - 2.0 * MARGIN);
    let top = MARGIN + 2.0 * style::TITLE;
    let bottom = top + size.height + 8.0;
    let line = 1.35 * CAPTION;
    let height = bottom + line * caption.len() as f64 + MARGIN;

    let mut page = Drawing::default();
    page.text((MARGIN, MARGIN + style::TITLE), Anchor::Start, style::TITLE, &title, "font-weight=\"bold\"");
    page.group((MARGIN, top), plot);
    for (number, text) in caption.iter().enumerate() {
        let place = (MARGIN, bottom + line * (number as f64 + 0.9));
        page.text(place, Anchor::Start, CAPTION, text, style::SOFT);
    }
    page.document(Size { width, height }, &title, &figure.caption)
}
