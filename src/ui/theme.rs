//! Colours by role, for dark and light backgrounds alike; glyphs carry the same meaning without any.

use ratatui::style::{Color, Modifier, Style};

/// Okabe and Ito's palette for the colour-blind, at the nearest of the 256 colours that stand out on black and on white.
const BLUE: Color = Color::Indexed(32);
const ORANGE: Color = Color::Indexed(172);
const GREEN: Color = Color::Indexed(36);
const VERMILLION: Color = Color::Indexed(166);
const PURPLE: Color = Color::Indexed(169);
const SKY: Color = Color::Indexed(74);
const OLIVE: Color = Color::Indexed(142);
const GREY: Color = Color::Indexed(245);

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Theme {
    coloured: bool,
}

impl Theme {
    pub fn new(coloured: bool) -> Theme {
        Theme { coloured }
    }

    /// No colours if `NO_COLOR` is set and not empty (no-color.org).
    pub fn from_environment() -> Theme {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Theme::new(!unwanted)
    }

    fn colour(self, colour: Color) -> Style {
        if self.coloured { Style::new().fg(colour) } else { Style::new() }
    }

    pub fn train(self) -> Style {
        self.colour(BLUE)
    }

    pub fn test(self) -> Style {
        self.colour(ORANGE)
    }

    pub fn validation(self) -> Style {
        self.colour(GREEN)
    }

    pub fn gap(self) -> Style {
        self.colour(PURPLE)
    }

    pub fn running(self) -> Style {
        self.colour(SKY)
    }

    pub fn done(self) -> Style {
        self.colour(GREEN)
    }

    pub fn trouble(self) -> Style {
        self.colour(VERMILLION)
    }

    /// Frames, axes, units: what may be overlooked.
    pub fn faint(self) -> Style {
        if self.coloured { Style::new().fg(GREY) } else { Style::new().add_modifier(Modifier::DIM) }
    }

    pub fn title(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The row the keys act on: one plain bar, whatever colours the row has.
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// Of the n-th marked trial; its letter tells it apart without colours.
    pub fn mark(self, place: usize) -> Style {
        let colours = [GREEN, PURPLE, SKY, VERMILLION, OLIVE, GREY];
        self.colour(colours[place % colours.len()])
    }
}
