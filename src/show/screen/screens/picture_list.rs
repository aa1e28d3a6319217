//! The list of all pictures, over the one in view, in which pictures can be selected or found by words of their names.

use super::{About, Next, Screen, pictures};
use crate::show::figure::Picture;
use crate::show::screen::columns::scroll;
use crate::show::screen::gallery::Gallery;
use crate::show::screen::input::Typed;
use crate::show::screen::keys::{BACK, Binding, ROWS, code, key};
use crate::show::screen::overlay::draw_box;
use crate::show::screen::shared::Shared;
use crate::show::screen::text::shorten;
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

pub const ABOUT: About =
    About { lies_over: true, ..About::page("list of pictures", "Pictures").below(pictures::ABOUT.name) };
/// The key of the pictures that opens the list to search it.
pub const FIND: Binding = Binding::new(&[key('/')], "pictures", "find a picture by words of its name").hint("list");

const SHOW: Binding = Binding::new(&[code(KeyCode::Enter)], "list of pictures", "show this picture").hint("show");
const NARROW: Binding = Binding::new(&[key('/')], "list of pictures", "only names with all these words").hint("find");

#[derive(Default)]
pub struct PictureList {
    /// The name of the selected picture; if it is not in the list, the first one is selected.
    selected: Option<String>,
    top: usize,
}

impl Screen for PictureList {
    fn about(&self) -> About {
        ABOUT
    }

    fn keys(&self, _openers: &[Binding]) -> Vec<Binding> {
        [&[SHOW, NARROW], ROWS].concat()
    }

    /// Selects the picture in view.
    fn open(&mut self, shared: &mut Shared) {
        let gallery = &mut shared.gallery;
        gallery.stop();
        self.selected = gallery.picture().map(|picture| picture.name.clone());
    }

    fn press(&mut self, key: Binding, shared: &mut Shared) -> Option<Next> {
        match key {
            SHOW => return Some(self.show(shared)),
            NARROW => shared.gallery.words.start(),
            BACK if shared.gallery.words.is_shown() => self.lift(shared),
            _ => return None,
        }
        Some(Next::Stay)
    }

    fn move_by(&mut self, rows: isize, shared: &mut Shared) {
        let (found, row) = self.rows(&shared.gallery);
        let row = row.saturating_add_signed(rows).min(found.len().saturating_sub(1));
        self.selected = found.get(row).map(|(_, picture)| picture.name.clone());
    }

    fn takes_text(&self, shared: &Shared) -> bool {
        shared.gallery.words.is_typing()
    }

    fn type_key(&mut self, key: KeyEvent, shared: &mut Shared) -> Next {
        match shared.gallery.words.type_key(key) {
            // Enter shows the selected picture at once.
            Typed::Entered => return self.show(shared),
            Typed::Moved(rows) => self.move_by(rows, shared),
            Typed::Text | Typed::Cancelled => self.selected = None,
        }
        Next::Stay
    }

    fn paste(&mut self, text: &str, shared: &mut Shared) {
        shared.gallery.words.paste(text);
        self.selected = None;
    }

    fn subject(&self, shared: &Shared) -> Option<String> {
        shared.gallery.subject()
    }

    fn draw(&mut self, shared: &mut Shared, area: Rect, buf: &mut Buffer) {
        let (theme, gallery) = (shared.theme, &shared.gallery);
        let (found, row) = self.rows(gallery);
        // Without the border and the line with the words.
        let page = usize::from(area.height).saturating_sub(2 + usize::from(gallery.words.is_shown())).max(1);
        self.top = scroll(self.top, row, page, found.len());
        let widest = gallery.pictures().iter().map(|picture| picture.name.width()).max().unwrap_or(0);
        let room = widest.min(usize::from(area.width).saturating_sub(6)).max(12);
        let mut lines = Vec::new();
        if gallery.words.is_shown() {
            lines.push(Line::from_iter(gallery.words.spans(theme)));
        }
        for (place, (_, picture)) in found.iter().enumerate().skip(self.top).take(page) {
            let style = if place == row { theme.selected() } else { Style::new() };
            lines.push(Line::styled(format!(" {:room$} ", shorten(&picture.name, room)), style));
        }
        if found.is_empty() {
            lines.push(Line::styled(shorten("no name has all these words", room + 2), theme.faint()));
        }
        let place = if found.is_empty() { 0 } else { row + 1 };
        let title = format!(" picture {place} of {} ", found.len());
        draw_box(theme, &title, " enter shows, esc closes ", lines, area, buf);
    }
}

impl PictureList {
    /// ((index, picture) of those with all the words in their names, row of the selected one).
    fn rows<'a>(&self, gallery: &'a Gallery) -> (Vec<(usize, &'a Picture)>, usize) {
        let words = gallery.words.words();
        let has_all = |picture: &Picture| {
            let name = picture.name.to_lowercase();
            words.iter().all(|word| name.contains(word))
        };
        let found: Vec<_> = gallery.pictures().iter().enumerate().filter(|(_, picture)| has_all(picture)).collect();
        let row = found.iter().position(|(_, picture)| Some(&picture.name) == self.selected.as_ref());
        (found, row.unwrap_or(0))
    }

    /// Brings the selected picture into view, if any was found, and closes the list.
    fn show(&mut self, shared: &mut Shared) -> Next {
        let (found, row) = self.rows(&shared.gallery);
        if let Some(&(picture, _)) = found.get(row) {
            shared.gallery.select(picture);
        }
        shared.gallery.words.clear();
        Next::Back
    }

    /// Shows all names again.
    fn lift(&mut self, shared: &mut Shared) {
        shared.gallery.words.clear();
        self.selected = shared.gallery.picture().map(|picture| picture.name.clone());
    }
}
