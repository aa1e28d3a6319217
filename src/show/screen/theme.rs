//! Colours by role, for dark and light backgrounds alike. Without colours, glyphs carry the same meaning.

use crate::plan::metric::Metric;
use crate::show::figure::{self, Hue};
use ratatui::style::{Color, Modifier, Style};

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

    /// The nearest of the 256 colours that can be seen on black and on white.
    pub fn hue(self, hue: Hue) -> Style {
        let colour = match hue {
            Hue::Blue => 32,
            Hue::Orange => 172,
            Hue::Green => 36,
            Hue::Vermillion => 166,
            Hue::Purple => 169,
            Hue::Sky => 74,
            Hue::Olive => 142,
            Hue::Grey => 245,
        };
        match (self.coloured, hue) {
            (true, _) => Style::new().fg(Color::Indexed(colour)),
            (false, Hue::Grey) => Style::new().add_modifier(Modifier::DIM),
            (false, _) => Style::new(),
        }
    }

    /// A grey from dark, for a share of 0, to light, for 1; `None` without colours.
    pub fn grey(self, share: f64) -> Option<Color> {
        self.coloured.then(|| Color::Indexed(234 + (share.clamp(0.0, 1.0) * 20.0).round() as u8))
    }

    pub fn train(self) -> Style {
        self.hue(Hue::Blue)
    }

    pub fn test(self) -> Style {
        self.hue(Hue::Orange)
    }

    pub fn validation(self) -> Style {
        self.hue(Hue::Green)
    }

    pub fn gap(self) -> Style {
        self.hue(Hue::Purple)
    }

    /// The style of a metric; most have none of their own.
    pub fn metric(self, metric: Metric) -> Style {
        let styles = [
            (Metric::TRAIN_ACCURACY, self.train()),
            (Metric::TEST_ACCURACY, self.test()),
            (Metric::GAP, self.gap()),
            (Metric::VALIDATION_ACCURACY, self.validation()),
        ];
        styles.into_iter().find(|(of, _)| *of == metric).map_or(Style::new(), |(_, style)| style)
    }

    pub fn running(self) -> Style {
        self.hue(Hue::Sky)
    }

    pub fn done(self) -> Style {
        self.hue(Hue::Green)
    }

    pub fn trouble(self) -> Style {
        self.hue(Hue::Vermillion)
    }

    /// (style, fill) of an entry of a heat map, from 0, the lowest, to 1, the highest: text that can be read on a grey of
    /// [`Theme::grey`], in which low values are near a dark background; without colours a glyph.
    pub fn shade(self, share: f64) -> (Style, &'static str) {
        let share = share.clamp(0.0, 1.0);
        match self.grey(share) {
            Some(ground) => {
                let text = if share < 0.5 { 231 } else { 16 };
                (Style::new().fg(Color::Indexed(text)).bg(ground), " ")
            }
            None => {
                let glyphs = ["░", "▒", "▓"];
                (Style::new(), glyphs[(share * (glyphs.len() - 1) as f64).round() as usize])
            }
        }
    }

    /// Frames, axes, units and other things of little importance.
    pub fn faint(self) -> Style {
        self.hue(Hue::Grey)
    }

    /// Things behind curves that must not be taken for curves.
    pub fn ground(self) -> Style {
        self.faint().add_modifier(Modifier::DIM)
    }

    pub fn title(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The row that keys act on: a reversed bar, whatever colours the row has.
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The n-th marked trial, counted from 0; without colours its letter tells it apart.
    pub fn mark(self, place: usize) -> Style {
        self.hue(figure::mark(place).1)
    }
}
