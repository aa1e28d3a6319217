//! Colours by role, for dark and light backgrounds alike; glyphs carry the same meaning without any.

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

    /// The nearest of the 256 colours that stand out on black and on white.
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

    /// Of a share in [0, 1], a grey from dark to light; `None` without colours.
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

    /// None of its own for most.
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

    /// How a field of a heat map is filled, from 0, the lowest, to 1, the highest, and what can be read on it: the greys of
    /// [`Theme::grey`], in which low is near a dark background as it is near white paper in an SVG; without colours a glyph.
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

    /// Frames, axes, units: what may be overlooked.
    pub fn faint(self) -> Style {
        self.hue(Hue::Grey)
    }

    /// What lies below lines and must not be taken for one.
    pub fn ground(self) -> Style {
        self.faint().add_modifier(Modifier::DIM)
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
        self.hue(figure::mark(place).1)
    }
}
