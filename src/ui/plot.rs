//! Figures in the terminal: one file for each kind of plot.

mod field;
mod lines;
mod raster;

pub use lines::lines;

use super::theme::Theme;
use crate::figure::Plot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws a plot with its axes into an area; nothing where there is too little room.
pub fn plot(plot: &Plot, theme: Theme, area: Rect, buf: &mut Buffer) {
    match plot {
        Plot::Lines(plot) => lines(plot, theme, area, buf),
        Plot::Field(plot) => field::field(plot, theme, area, buf),
        Plot::Histograms(_) | Plot::Grid(_) => {}
    }
}
