//! The gallery: one picture of the result at a time, stepped and played through its moments.

use super::list::List;
use super::plot;
use super::scene::Scene;
use super::text::{shorten, wrap};
use crate::record::board::Board;
use crate::show::figure::{Figure, Picture, Plot, main, pictures};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

/// How long it takes to play a picture from its first moment to its last.
const PLAYING: Duration = Duration::from_secs(8);
/// From this width on the list of pictures stands beside the picture.
const WIDE: u16 = 100;
/// So much of a title has to be left beside the words for its moment.
const TITLE: usize = 24;
/// Behind a caption that was cut.
const MORE: &str = " i: all";
/// With fewer rows the picture needs that of its title, too.
const TITLED: u16 = 9;

#[derive(Clone, Debug, Default)]
pub struct Gallery {
    pictures: Vec<Picture>,
    /// Index into `pictures`.
    selected: usize,
    /// The moment in view; `None` is the last, and stays the last while a run goes on.
    frame: Option<usize>,
    playing: Option<Playing>,
    /// While it lies over the picture.
    list: Option<List>,
    /// The one line that is drawn whole, of several (see [`Figure::lines`]); `None` for all.
    alone: Option<usize>,
    made: Option<Made>,
    /// Whether the board has changed since `pictures` was made.
    stale: bool,
}

/// The picture as it was last made.
#[derive(Clone, Debug)]
struct Made {
    /// For these: selection, moment and line.
    of: (usize, usize, Option<usize>),
    /// The names of the lines that can be drawn alone.
    lines: Vec<String>,
    figure: Figure,
}

#[derive(Clone, Copy, Debug)]
struct Playing {
    /// The moment it began at.
    from: usize,
    /// When it began; known from the first tick on.
    since: Option<Duration>,
}

impl Gallery {
    pub fn invalidate(&mut self) {
        (self.stale, self.made) = (true, None);
    }

    /// Keeps to the picture of the same name; begins with the main one.
    pub fn refresh(&mut self, board: &Board) {
        if self.stale || self.pictures.is_empty() {
            let name = self.picture().map(|picture| picture.name.clone());
            let before = std::mem::replace(&mut self.pictures, pictures(board));
            if let Some(list) = &mut self.list {
                list.keep_row(&before, &self.pictures);
            }
            let name = name.or_else(|| main(board).map(|picture| picture.name));
            let place = self.pictures.iter().position(|picture| Some(&picture.name) == name.as_ref());
            self.selected = place.unwrap_or(0);
            self.stale = false;
        }
    }

    /// Whether the picture in view has more moments than one.
    pub fn moves(&self) -> bool {
        self.last_frame() > 0
    }

    /// The picture in view.
    pub fn picture(&self) -> Option<&Picture> {
        self.pictures.get(self.selected)
    }

    /// Its name and its place among all: `3/21`.
    pub fn place(&self) -> Option<(String, String)> {
        let picture = self.picture()?;
        Some((picture.name.clone(), format!("{}/{}", self.selected + 1, self.pictures.len())))
    }

    /// To another picture, which keeps as much of the moment as it has.
    pub fn move_by(&mut self, pictures: isize) {
        match &mut self.list {
            Some(list) => list.move_by(pictures, &self.pictures),
            None => self.select(self.selected.saturating_add_signed(pictures)),
        }
    }

    /// The last picture at most.
    fn select(&mut self, picture: usize) {
        let selected = picture.min(self.pictures.len().saturating_sub(1));
        if selected != self.selected {
            (self.selected, self.alone, self.playing) = (selected, None, None);
        }
    }

    pub fn open_list(&mut self) {
        (self.list, self.playing) = (Some(List::new(self.selected)), None);
    }

    pub fn list(&mut self) -> Option<&mut List> {
        self.list.as_mut()
    }

    /// Shows the picture that is selected in the list, if it is to be `shown`; closes the list.
    pub fn close_list(&mut self, shown: bool) {
        let selected = self.list.take().and_then(|list| list.selected(&self.pictures));
        if let Some(picture) = selected.filter(|_| shown) {
            self.select(picture);
        }
    }

    /// All lines of the picture, then each alone; or the other way round.
    pub fn show_next_line(&mut self, forward: bool) {
        let count = self.line_count();
        // Place 0 shows all.
        let place = self.alone.map_or(0, |line| line + 1);
        let next = (place + if forward { 1 } else { count }) % (count + 1);
        self.alone = next.checked_sub(1);
    }

    /// How many lines the picture has that can be drawn alone.
    pub fn line_count(&self) -> usize {
        self.made.as_ref().map_or(0, |made| made.lines.len())
    }

    /// The name of the one line that is drawn whole, if one is.
    pub fn line(&self) -> Option<&str> {
        self.made.as_ref()?.lines.get(self.alone?).map(String::as_str)
    }

    /// To another moment; stops playing.
    pub fn step_by(&mut self, frames: isize) {
        let last = self.last_frame();
        let frame = self.frame().saturating_add_signed(frames).min(last);
        self.frame = (frame < last).then_some(frame);
        self.playing = None;
    }

    /// A tenth of the way, at least one moment.
    pub fn leap(&self) -> isize {
        (self.last_frame() / 10).max(1) as isize
    }

    /// Plays from here, from the start if it is at its end, or stops.
    pub fn play(&mut self) {
        if self.playing.take().is_none() && self.last_frame() > 0 {
            let from = if self.frame() == self.last_frame() { 0 } else { self.frame() };
            (self.frame, self.playing) = (Some(from), Some(Playing { from, since: None }));
        }
    }

    /// Goes on playing. Returns whether there is something new to draw.
    pub fn tick(&mut self, now: Duration) -> bool {
        let last = self.last_frame();
        let Some(playing) = &mut self.playing else { return false };
        let played = now.saturating_sub(*playing.since.get_or_insert(now));
        let frame = playing.from + (played.as_secs_f64() / PLAYING.as_secs_f64() * last as f64) as usize;
        if frame >= last {
            (self.frame, self.playing) = (None, None);
        } else {
            self.frame = Some(frame);
        }
        true
    }

    pub fn frame(&self) -> usize {
        self.frame.unwrap_or(usize::MAX).min(self.last_frame())
    }

    fn last_frame(&self) -> usize {
        self.picture().map_or(0, |picture| picture.frames.saturating_sub(1))
    }

    pub fn figure(&mut self, board: &Board) -> Option<&Figure> {
        let of = (self.selected, self.frame(), self.alone);
        if self.made.as_ref().is_none_or(|made| made.of != of) {
            let figure = self.picture()?.figure(board, of.1);
            let lines = figure.lines().into_iter().map(str::to_owned).collect();
            let figure = if let Some(line) = self.alone { figure.alone(line) } else { figure };
            self.made = Some(Made { of, lines, figure });
        }
        self.made.as_ref().map(|made| &made.figure)
    }
}

/// The list over the picture; its words are being typed if so.
pub fn draw_list(scene: &Scene, gallery: &mut Gallery, typing: bool, area: Rect, buf: &mut Buffer) {
    if let Some(list) = &mut gallery.list {
        list.draw(scene, typing, &gallery.pictures, area, buf);
    }
}

pub fn draw(scene: &Scene, gallery: &mut Gallery, area: Rect, buf: &mut Buffer) {
    let theme = scene.theme;
    let count = gallery.pictures.len();
    let (frame, frames) = (gallery.frame() + 1, gallery.last_frame() + 1);
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    if area.is_empty() {
        return;
    }
    if count == 0 {
        buf.set_stringn(area.x, area.y, "nothing has been measured yet", area.width.into(), theme.faint());
        return;
    }
    let widest = gallery.pictures.iter().map(|picture| picture.name.width()).max().unwrap_or(0).min(34) as u16 + 2;
    let area = if area.width >= WIDE && count > 1 {
        list(scene, gallery, Rect { width: widest, ..area }, buf);
        Rect { x: area.x + widest + 2, width: area.width - widest - 2, ..area }
    } else {
        area
    };
    let Some(figure) = gallery.figure(scene.board) else { return };
    if area.height < TITLED && figure.moment.is_none() && matches!(figure.plot, Plot::Lines(_)) {
        // Curves say themselves what they are of.
        plot::plot(&figure.plot, theme, area, buf);
        return;
    }
    let width = usize::from(area.width);
    let moment = figure.moment.as_deref().map(|moment| match frames {
        1 => format!("  {moment}"),
        _ => format!("  frame {frame} of {frames} · {moment}"),
    });
    // Where the title would be lost, the number of the frame says enough.
    let short = || if frames > 1 { format!("  frame {frame} of {frames}") } else { String::new() };
    let moment = moment.unwrap_or_default();
    let fits = figure.title.width().min(TITLE) + moment.width() <= width;
    let moment = if fits { moment } else { short() };
    let title = shorten(&figure.title, width.saturating_sub(moment.width()));
    buf.set_stringn(area.x, area.y, &title, width, theme.title());
    let beside = title.width().min(width);
    buf.set_stringn(area.x + beside as u16, area.y, moment, width - beside, theme.faint());
    // With little height the picture matters more than the words.
    let caption = caption(&figure.caption, width, usize::from(area.height.saturating_sub(12)).min(6));
    let picture = Rect { y: area.y + 1, height: area.height.saturating_sub(1 + caption.len() as u16), ..area };
    plot::plot(&figure.plot, theme, picture, buf);
    for (y, line) in (picture.bottom()..area.bottom()).zip(&caption) {
        buf.set_stringn(area.x, y, line, width, theme.faint());
    }
}

/// As many lines as there is room for; where that is not all, the last one ends in a hint how to see the rest.
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

/// The names of all pictures, the selected one in view.
fn list(scene: &Scene, gallery: &Gallery, area: Rect, buf: &mut Buffer) {
    let page = usize::from(area.height);
    let top = gallery.selected.saturating_sub(page / 2).min(gallery.pictures.len().saturating_sub(page));
    for (y, (index, picture)) in (area.y..area.bottom()).zip(gallery.pictures.iter().enumerate().skip(top)) {
        let style = if index == gallery.selected { scene.theme.selected() } else { Style::new() };
        let room = usize::from(area.width).saturating_sub(2);
        let name = shorten(&picture.name, room);
        buf.set_string(area.x, y, format!(" {name:room$} "), style);
    }
}
