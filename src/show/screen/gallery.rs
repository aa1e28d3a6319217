//! The state of the pictures: which one is in view, at which frame and with which lines, and whether it is playing.

use super::input::Input;
use crate::record::board::Board;
use crate::show::figure::{Figure, Picture, main, pictures};
use std::time::Duration;

/// How long it takes to play a picture from its first frame to its last.
const PLAYING: Duration = Duration::from_secs(8);

#[derive(Clone, Debug, Default)]
pub struct Gallery {
    pictures: Vec<Picture>,
    /// Index into `pictures`.
    selected: usize,
    /// The words that the list of pictures is filtered by.
    pub words: Input,
    /// The frame in view; `None` is the last one, also when more are added.
    frame: Option<usize>,
    playing: Option<Playing>,
    /// The only line that is drawn whole (see [`Figure::lines`]); `None` if all are.
    alone: Option<usize>,
    made: Option<Made>,
    /// Whether the board has changed since `pictures` was made.
    stale: bool,
}

/// The figure that was last made.
#[derive(Clone, Debug)]
struct Made {
    /// What it was made for: selection, frame and line.
    of: (usize, usize, Option<usize>),
    /// The names of the lines that can be drawn alone.
    lines: Vec<String>,
    figure: Figure,
}

#[derive(Clone, Copy, Debug)]
struct Playing {
    /// The frame at which playing started.
    from: usize,
    /// When playing started; known from the first tick on.
    since: Option<Duration>,
}

impl Gallery {
    pub fn invalidate(&mut self) {
        (self.stale, self.made) = (true, None);
    }

    /// Brings the pictures up to date and keeps the one of the same name selected, at first the main one.
    pub fn refresh(&mut self, board: &Board) {
        if self.stale || self.pictures.is_empty() {
            let name = self.picture().map(|picture| picture.name.clone());
            self.pictures = pictures(board);
            let name = name.or_else(|| main(board).map(|picture| picture.name));
            let place = self.pictures.iter().position(|picture| Some(&picture.name) == name.as_ref());
            self.selected = place.unwrap_or(0);
            self.stale = false;
        }
    }

    /// Whether the picture in view has more than one frame.
    pub fn moves(&self) -> bool {
        self.last_frame() > 0
    }

    pub fn pictures(&self) -> &[Picture] {
        &self.pictures
    }

    /// The index of the picture in view.
    pub fn selected(&self) -> usize {
        self.selected
    }

    /// The picture in view.
    pub fn picture(&self) -> Option<&Picture> {
        self.pictures.get(self.selected)
    }

    /// Its name and its place among all: `curves/gap 3/21`.
    pub fn subject(&self) -> Option<String> {
        Some(format!("{} {}/{}", self.picture()?.name, self.selected + 1, self.pictures.len()))
    }

    /// Selects a picture, at most the last. The number of the frame stays, as far as the picture has so many.
    pub fn select(&mut self, picture: usize) {
        let selected = picture.min(self.pictures.len().saturating_sub(1));
        if selected != self.selected {
            (self.selected, self.alone, self.playing) = (selected, None, None);
        }
    }

    /// Shows all lines, then each alone, in turn; backwards unless `forward`.
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

    /// Moves so many frames on, within those there are, and stops playing.
    pub fn step_by(&mut self, frames: isize) {
        let last = self.last_frame();
        let frame = self.frame().saturating_add_signed(frames).min(last);
        self.frame = (frame < last).then_some(frame);
        self.playing = None;
    }

    /// A tenth of the frames, at least one.
    pub fn leap(&self) -> isize {
        (self.last_frame() / 10).max(1) as isize
    }

    /// Plays from here, or from the start if this is the last frame; stops if it is playing.
    pub fn play(&mut self) {
        if self.playing.take().is_none() && self.last_frame() > 0 {
            let from = if self.frame() == self.last_frame() { 0 } else { self.frame() };
            (self.frame, self.playing) = (Some(from), Some(Playing { from, since: None }));
        }
    }

    pub fn stop(&mut self) {
        self.playing = None;
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

    pub fn last_frame(&self) -> usize {
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
