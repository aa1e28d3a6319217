//! A figure as SVG that can go into a paper: text stays text, no scripts, no style sheets, the same bytes for the same figure.
//!
//! From the top: title, plot, caption. Each kind of plot is drawn from (0, 0) on and returns its size.

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

use crate::show::figure::{Figure, Plot};
use drawing::{Anchor, Drawing, Size, wrap};

const MARGIN: f64 = 12.0;
const CAPTION: f64 = 11.0;
/// How much wider bold text is.
const BOLD: f64 = 1.1;

/// A figure with title and caption as the text of an SVG file. Lengths are in CSS pixels, 96 to an inch.
pub fn render(figure: &Figure) -> String {
    let (plot, size) = draw(&figure.plot);
    let width = size.width.max(360.0);
    let title = wrap(&title(figure), BOLD * style::TITLE, width);
    let caption = wrap(&figure.caption, CAPTION, width);
    let (title_line, line) = (1.3 * style::TITLE, 1.35 * CAPTION);
    let top = MARGIN + title_line * title.len() as f64 + 0.7 * style::TITLE;
    let bottom = top + size.height + 8.0;
    let height = bottom + line * caption.len() as f64 + MARGIN;

    let mut page = Drawing::default();
    for (number, text) in title.iter().enumerate() {
        let place = (MARGIN, MARGIN + style::TITLE + title_line * number as f64);
        page.text(place, Anchor::Start, style::TITLE, text, "font-weight=\"bold\"");
    }
    page.group((MARGIN, top), plot);
    for (number, text) in caption.iter().enumerate() {
        let place = (MARGIN, bottom + line * (number as f64 + 0.9));
        page.text(place, Anchor::Start, CAPTION, text, style::SOFT);
    }
    document(&page, figure, Size { width: width + 2.0 * MARGIN, height })
}

/// The plot alone as the text of an SVG file, for papers, which have captions of their own. Title and caption are kept as
/// invisible descriptions for screen readers.
pub fn bare(figure: &Figure) -> String {
    let (plot, size) = draw(&figure.plot);
    let mut page = Drawing::default();
    page.group((0.0, 0.0), plot);
    document(&page, figure, size)
}

fn draw(plot: &Plot) -> (Drawing, Size) {
    let mut drawing = Drawing::default();
    let size = match plot {
        Plot::Lines(lines) => lines::draw(lines, &mut drawing),
        Plot::Histograms(histograms) => histograms::draw(histograms, &mut drawing),
        Plot::Field(field) => field::draw(field, &mut drawing),
        Plot::Grid(grid) => grid::draw(grid, &mut drawing),
    };
    (drawing, size)
}

fn title(figure: &Figure) -> String {
    let moment = figure.moment.as_deref().map(|moment| format!(", {moment}")).unwrap_or_default();
    format!("{}{moment}", figure.title)
}

fn document(page: &Drawing, figure: &Figure, size: Size) -> String {
    page.document(size, &title(figure), &figure.caption)
}
