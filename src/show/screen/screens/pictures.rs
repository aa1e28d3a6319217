//! The pictures of the result, one at a time, with the list of names beside it if there is room.

use super::{About, Next, Screen, caption, picture_list, table};
use crate::error::{Error, Result};
use crate::show::figure::Plot;
use crate::show::screen::app::Request;
use crate::show::screen::gallery::Gallery;
use crate::show::screen::keys::{Binding, code, key};
use crate::show::screen::plot;
use crate::show::screen::save::Document;
use crate::show::screen::shared::Shared;
use crate::show::screen::text::{shorten, wrap};
use crate::show::screen::theme::Theme;
use crossterm::event::KeyCode;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

pub const ABOUT: About = About::page("pictures", "Pictures").below(table::ABOUT.name).opened_by(OPENER);
const OPENER: Binding = Binding::new(&[key('p')], "from screen to screen", "the pictures, and back").hint("pictures");

const HEADING: &str = "pictures";
const PLAY: Binding = Binding::new(&[key(' ')], HEADING, "play its moments, or stop").hint("play");
const STEP_FORWARD: Binding = Binding::new(&[code(KeyCode::Right), key('l')], HEADING, "its next moment").hint("step");
const STEP_BACK: Binding = Binding::new(&[code(KeyCode::Left), key('h')], HEADING, "the moment before");
const LEAP_FORWARD: Binding = Binding::new(&[key(']')], HEADING, "a tenth of the way on");
const LEAP_BACK: Binding = Binding::new(&[key('[')], HEADING, "a tenth of the way back");
const LIST: Binding = Binding::new(&[code(KeyCode::Enter)], HEADING, "list of all pictures");
const NEXT_LINE: Binding = Binding::new(&[key('o')], HEADING, "only one path or curve, the next, then all").hint("one");
const PREVIOUS_LINE: Binding = Binding::new(&[key('O')], HEADING, "the same, the other way round");
const EXPORT: Binding = Binding::new(&[key('e')], HEADING, "write it as SVG").hint("export");
const DOWN: Binding = Binding::new(&[key('j'), code(KeyCode::Down)], HEADING, "the next picture").hint("next");
const UP: Binding = Binding::new(&[key('k'), code(KeyCode::Up)], HEADING, "the picture before");

/// From this width on, the list of names is beside the picture.
const WIDE: u16 = 100;
/// The least width of a title beside the words for its moment.
const TITLE: usize = 24;
/// The hint after a caption that was cut.
const MORE: &str = " i: all";
/// With fewer rows the title is left out.
const TITLED: u16 = 9;

pub struct Pictures;

impl Screen for Pictures {
    fn about(&self) -> About {
        ABOUT
    }

    fn keys(&self, openers: &[Binding]) -> Vec<Binding> {
        let moments = [PLAY, STEP_FORWARD, STEP_BACK, LEAP_FORWARD, LEAP_BACK];
        let others = [picture_list::FIND, LIST, NEXT_LINE, PREVIOUS_LINE, caption::CAPTION, EXPORT, DOWN, UP];
        [&moments, &others[..], openers].concat()
    }

    fn press(&mut self, key: Binding, shared: &mut Shared) -> Option<Next> {
        let gallery = &mut shared.gallery;
        match key {
            OPENER => return Some(Next::Back),
            LIST => return Some(Next::Open(picture_list::ABOUT.name)),
            picture_list::FIND => {
                gallery.words.start();
                return Some(Next::Open(picture_list::ABOUT.name));
            }
            caption::CAPTION => return Some(Next::Open(caption::ABOUT.name)),
            EXPORT => return Some(Next::Ask(Request::Export)),
            PLAY => gallery.play(),
            STEP_FORWARD => gallery.step_by(1),
            STEP_BACK => gallery.step_by(-1),
            LEAP_FORWARD => gallery.step_by(gallery.leap()),
            LEAP_BACK => gallery.step_by(-gallery.leap()),
            NEXT_LINE => gallery.show_next_line(true),
            PREVIOUS_LINE => gallery.show_next_line(false),
            DOWN => self.move_by(1, shared),
            UP => self.move_by(-1, shared),
            _ => return None,
        }
        Some(Next::Stay)
    }

    fn move_by(&mut self, pictures: isize, shared: &mut Shared) {
        shared.gallery.select(shared.gallery.selected().saturating_add_signed(pictures));
    }

    fn refresh(&mut self, shared: &mut Shared) {
        shared.gallery.refresh(&shared.board);
        shared.gallery.figure(&shared.board);
    }

    fn tick(&mut self, elapsed: Duration, shared: &mut Shared) -> bool {
        shared.gallery.tick(elapsed)
    }

    fn is_useful(&self, key: Binding, shared: &Shared) -> bool {
        match key {
            PLAY | STEP_FORWARD => shared.gallery.moves(),
            NEXT_LINE => shared.gallery.line_count() > 1,
            _ => true,
        }
    }

    fn subject(&self, shared: &Shared) -> Option<String> {
        shared.gallery.subject()
    }

    fn draw(&mut self, shared: &mut Shared, area: Rect, buf: &mut Buffer) {
        draw(shared, area, buf);
    }

    fn documents(&mut self, shared: &mut Shared) -> Result<Vec<Document>> {
        let line = shared.gallery.line().map(|line| format!("-{line}")).unwrap_or_default();
        let name = shared.gallery.picture().map(|picture| format!("{}{line}", picture.name));
        let Some((name, figure)) = name.zip(shared.gallery.figure(&shared.board)) else {
            return Err(Error::Usage("nothing has been measured yet: there is no picture to write".into()));
        };
        Ok(vec![Document::picture(&shared.board, &name, figure)])
    }
}

fn draw(shared: &mut Shared, area: Rect, buf: &mut Buffer) {
    let theme = shared.theme;
    let gallery = &shared.gallery;
    let count = gallery.pictures().len();
    let (frame, frames) = (gallery.frame() + 1, gallery.last_frame() + 1);
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    if area.is_empty() {
        return;
    }
    if count == 0 {
        buf.set_stringn(area.x, area.y, "nothing has been measured yet", area.width.into(), theme.faint());
        return;
    }
    let widest = gallery.pictures().iter().map(|picture| picture.name.width()).max().unwrap_or(0).min(34) as u16 + 2;
    let area = if area.width >= WIDE && count > 1 {
        names(theme, gallery, Rect { width: widest, ..area }, buf);
        Rect { x: area.x + widest + 2, width: area.width - widest - 2, ..area }
    } else {
        area
    };
    let Some(figure) = shared.gallery.figure(&shared.board) else { return };
    if area.height < TITLED && figure.moment.is_none() && matches!(figure.plot, Plot::Lines(_)) {
        // Without a title the label of the axis names the metric.
        plot::plot(&figure.plot, theme, area, buf);
        return;
    }
    let width = usize::from(area.width);
    let moment = figure.moment.as_deref().map(|moment| match frames {
        1 => format!("  {moment}"),
        _ => format!("  frame {frame} of {frames} · {moment}"),
    });
    // If there is no room for the title, the number of the frame has to do.
    let short = || if frames > 1 { format!("  frame {frame} of {frames}") } else { String::new() };
    let moment = moment.unwrap_or_default();
    let fits = figure.title.width().min(TITLE) + moment.width() <= width;
    let moment = if fits { moment } else { short() };
    let title = shorten(&figure.title, width.saturating_sub(moment.width()));
    buf.set_stringn(area.x, area.y, &title, width, theme.title());
    let beside = title.width().min(width);
    buf.set_stringn(area.x + beside as u16, area.y, moment, width - beside, theme.faint());
    // With little height the picture is more important than the caption.
    let caption = caption(&figure.caption, width, usize::from(area.height.saturating_sub(12)).min(6));
    let picture = Rect { y: area.y + 1, height: area.height.saturating_sub(1 + caption.len() as u16), ..area };
    plot::plot(&figure.plot, theme, picture, buf);
    for (y, line) in (picture.bottom()..area.bottom()).zip(&caption) {
        buf.set_stringn(area.x, y, line, width, theme.faint());
    }
}

/// The caption in at most `room` lines; if it is cut, with a hint on how to see the rest.
fn caption(text: &str, width: usize, room: usize) -> Vec<String> {
    let mut lines = wrap(text, width.max(1));
    if lines.len() > room {
        lines.truncate(room);
        if let Some(last) = lines.last_mut() {
            *last = format!("{}{MORE}", shorten(&format!("{last} …"), width.saturating_sub(MORE.width())));
        }
    }
    lines
}

/// Draws the names of all pictures, scrolled to the selected one.
fn names(theme: Theme, gallery: &Gallery, area: Rect, buf: &mut Buffer) {
    let (pictures, selected, page) = (gallery.pictures(), gallery.selected(), usize::from(area.height));
    let top = selected.saturating_sub(page / 2).min(pictures.len().saturating_sub(page));
    for (y, (index, picture)) in (area.y..area.bottom()).zip(pictures.iter().enumerate().skip(top)) {
        let style = if index == selected { theme.selected() } else { Style::new() };
        let room = usize::from(area.width).saturating_sub(2);
        let name = shorten(&picture.name, room);
        buf.set_string(area.x, y, format!(" {name:room$} "), style);
    }
}
