//! The list of all pictures, over the one in view: to move in, or to find one by words of its name.

use super::columns::scroll;
use super::help::overlay;
use super::scene::Scene;
use super::text::shorten;
use crate::show::figure::Picture;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

#[derive(Clone, Debug, Default)]
pub struct List {
    /// Names have all these words.
    words: String,
    /// The row that the keys act on, of those that are shown.
    row: usize,
    top: usize,
}

impl List {
    /// With all pictures, on the one in view.
    pub fn new(selected: usize) -> List {
        List { row: selected, ..List::default() }
    }

    pub fn words(&self) -> &str {
        &self.words
    }

    pub fn set_words(&mut self, words: String) {
        if words != self.words {
            (self.words, self.row) = (words, 0);
        }
    }

    /// The pictures that are shown, by index.
    fn rows(&self, pictures: &[Picture]) -> Vec<usize> {
        let words = self.words.to_lowercase();
        let fits = |picture: &Picture| {
            let name = picture.name.to_lowercase();
            words.split_whitespace().all(|word| name.contains(word))
        };
        (0..pictures.len()).filter(|&index| fits(&pictures[index])).collect()
    }

    pub fn move_by(&mut self, rows: isize, pictures: &[Picture]) {
        let last = self.rows(pictures).len().saturating_sub(1);
        self.row = self.row.min(last).saturating_add_signed(rows).min(last);
    }

    /// Stays on the picture of the same name when others come in between.
    pub fn keep_row(&mut self, before: &[Picture], pictures: &[Picture]) {
        let name = self.selected(before).map(|index| &before[index].name);
        let row = self.rows(pictures).iter().position(|&index| Some(&pictures[index].name) == name);
        self.row = row.unwrap_or(self.row);
    }

    /// The picture the keys act on, by index; `None` if none has the words.
    pub fn selected(&self, pictures: &[Picture]) -> Option<usize> {
        let rows = self.rows(pictures);
        rows.get(self.row).or(rows.last()).copied()
    }

    pub fn draw(&mut self, scene: &Scene, typing: bool, pictures: &[Picture], area: Rect, buf: &mut Buffer) {
        let rows = self.rows(pictures);
        let is_narrowed = typing || !self.words.is_empty();
        // The frame, if there is one, and the words.
        let page = usize::from(area.height).saturating_sub(2 + usize::from(is_narrowed)).max(1);
        let row = self.row.min(rows.len().saturating_sub(1));
        self.top = scroll(self.top, row, page, rows.len());
        let widest = pictures.iter().map(|picture| picture.name.width()).max().unwrap_or(0);
        let room = widest.min(usize::from(area.width).saturating_sub(6)).max(12);
        let mut lines = Vec::new();
        if is_narrowed {
            let cursor = Span::styled(if typing { "▏" } else { "" }, scene.theme.running());
            lines.push(Line::from(vec![Span::styled(format!("/{}", self.words), scene.theme.title()), cursor]));
        }
        for (place, &index) in rows.iter().enumerate().skip(self.top).take(page) {
            let style = if place == row { scene.theme.selected() } else { Style::new() };
            let name = shorten(&pictures[index].name, room);
            lines.push(Line::styled(format!(" {name:room$} "), style));
        }
        if rows.is_empty() {
            lines.push(Line::styled(shorten("no name has all these words", room + 2), scene.theme.faint()));
        }
        let place = if rows.is_empty() { 0 } else { row + 1 };
        let title = format!(" picture {place} of {} ", rows.len());
        overlay(scene, &title, " enter shows, esc closes ", lines, area, buf);
    }
}
