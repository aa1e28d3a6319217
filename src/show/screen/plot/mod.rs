//! Figures in the terminal: one file for each kind of plot.

mod field;
mod grid;
mod heat;
mod histograms;
mod lines;
mod raster;

pub use lines::dash;

use super::theme::Theme;
use crate::show::figure::Plot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws a plot with its axes into an area, or nothing if there is too little room.
pub fn plot(plot: &Plot, theme: Theme, area: Rect, buf: &mut Buffer) {
    match plot {
        Plot::Lines(plot) => lines::lines(plot, theme, area, buf),
        Plot::Histograms(plot) => histograms::histograms(plot, theme, area, buf),
        Plot::Field(plot) if plot.shaded => heat::heat(plot, theme, area, buf),
        Plot::Grid(plot) => grid::grid(plot, theme, area, buf),
        Plot::Field(plot) => field::field(plot, theme, area, buf),
    }
}
