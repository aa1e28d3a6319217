//! The whole caption of the picture in view, with the names of its paths or curves.

use super::{About, Next, Screen};
use crate::show::figure::{self, Figure, Plot};
use crate::show::screen::keys::{Binding, key};
use crate::show::screen::overlay::{self, Scrolled};
use crate::show::screen::plot::dash;
use crate::show::screen::shared::Shared;
use crate::show::screen::text::wrap;
use crate::show::screen::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

pub const ABOUT: About = About::overlay("caption");
/// The key of the pictures that opens the caption.
pub const CAPTION: Binding =
    Binding::new(&[key('i')], "pictures", "its whole caption, and what letters stand for").hint("caption");

#[derive(Default)]
pub struct Caption {
    scrolled: Scrolled,
}

impl Screen for Caption {
    fn about(&self) -> About {
        ABOUT
    }

    fn keys(&self, _openers: &[Binding]) -> Vec<Binding> {
        [vec![CAPTION], overlay::keys()].concat()
    }

    fn absent(&self, shared: &Shared) -> Option<&'static str> {
        shared.gallery.picture().is_none().then_some("nothing has been measured yet")
    }

    fn open(&mut self, _shared: &mut Shared) {
        self.scrolled = Scrolled::default();
    }

    fn press(&mut self, key: Binding, _shared: &mut Shared) -> Option<Next> {
        if key == CAPTION { Some(Next::Back) } else { overlay::press(key) }
    }

    fn move_by(&mut self, lines: isize, _shared: &mut Shared) {
        self.scrolled.move_by(lines);
    }

    fn draw(&mut self, shared: &mut Shared, area: Rect, buf: &mut Buffer) {
        let theme = shared.theme;
        let name = shared.gallery.picture().map(|picture| picture.name.clone()).unwrap_or_default();
        let Some(figure) = shared.gallery.figure(&shared.board) else { return };
        let lines = lines(figure, theme, usize::from(area.width).saturating_sub(6).clamp(10, 76));
        self.scrolled.draw_box(theme, &name, "i", lines, area, buf);
    }
}

fn lines(figure: &Figure, theme: Theme, room: usize) -> Vec<Line<'static>> {
    let moment = figure.moment.as_ref().map(|moment| format!(", {moment}")).unwrap_or_default();
    let mut lines = Vec::new();
    let mut add = |text: &str, style: Style| {
        lines.extend(wrap(text, room).into_iter().map(|line| Line::styled(format!("{line:room$}"), style)));
    };
    add(&format!("{}{moment}", figure.title), theme.title());
    add(&figure.caption, Style::new());
    match &figure.plot {
        Plot::Field(field) => (field.paths.iter().enumerate())
            .for_each(|(nth, path)| add(&format!("{} {}", figure::letter(nth), path.name), theme.hue(path.hue))),
        Plot::Lines(lines) => (lines.series.iter())
            .for_each(|series| add(&format!("{} {}", dash(series), series.name), theme.hue(series.hue))),
        Plot::Histograms(_) | Plot::Grid(_) => {}
    }
    lines
}
