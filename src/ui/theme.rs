//! Colours by role, for dark and light backgrounds alike; glyphs carry the same meaning without any.

use crate::figure::{self, Hue};
use ratatui::style::{Color, Modifier, Style};
use terminal_colorsaurus::{QueryOptions, ThemeMode, theme_mode};

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Theme {
    coloured: bool,
    /// Whether the background is light; a dark one is assumed where the terminal does not tell.
    on_light: bool,
}

impl Theme {
    pub fn new(coloured: bool) -> Theme {
        Theme { coloured, on_light: false }
    }

    pub fn on_light(self) -> Theme {
        Theme { on_light: true, ..self }
    }

    /// No colours if `NO_COLOR` is set and not empty (no-color.org). With colours the terminal is asked for its background
    /// (OSC 11): to be called before it is taken over.
    pub fn from_environment() -> Theme {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let theme = Theme::new(!unwanted);
        match theme.coloured.then(|| theme_mode(QueryOptions::default())) {
            Some(Ok(ThemeMode::Light)) => theme.on_light(),
            _ => theme,
        }
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

    /// Of a share in [0, 1], a grey: the lowest is nearest to the background, as it is to white paper in an SVG. `None`
    /// without colours.
    pub fn grey(self, share: f64) -> Option<Color> {
        let light = self.lightness(share);
        self.coloured.then(|| Color::Indexed(234 + (light * 20.0).round() as u8))
    }

    /// Of the grey of a share: 0 is dark.
    fn lightness(self, share: f64) -> f64 {
        let share = share.clamp(0.0, 1.0);
        if self.on_light { 1.0 - share } else { share }
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
    /// [`Theme::grey`]; without colours a glyph.
    pub fn shade(self, share: f64) -> (Style, &'static str) {
        match self.grey(share) {
            Some(ground) => {
                let text = if self.lightness(share) < 0.5 { 231 } else { 16 };
                (Style::new().fg(Color::Indexed(text)).bg(ground), " ")
            }
            None => {
                let glyphs = ["░", "▒", "▓"];
                (Style::new(), glyphs[(share.clamp(0.0, 1.0) * (glyphs.len() - 1) as f64).round() as usize])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_is_near_the_background_and_what_is_written_on_a_shade_stands_out() {
        let [dark, light] = [Theme::new(true), Theme::new(true).on_light()];
        // Of the 256 colours 232 to 255 are greys from nearly black to nearly white; 16 is black, 231 white.
        let grey = |theme: Theme, share| theme.grey(share).unwrap();
        assert_eq!([grey(dark, 0.0), grey(dark, 1.0)], [234, 254].map(Color::Indexed));
        assert_eq!([grey(light, 0.0), grey(light, 1.0)], [254, 234].map(Color::Indexed));
        for theme in [dark, light] {
            for share in [0.0, 0.2, 0.8, 1.0] {
                let (style, _) = theme.shade(share);
                let (Some(Color::Indexed(text)), Some(Color::Indexed(ground))) = (style.fg, style.bg) else { panic!() };
                assert_eq!(text == 16, ground > 244, "{share}");
            }
        }
        assert_eq!(Theme::new(false).on_light().grey(0.0), None);
    }
}
