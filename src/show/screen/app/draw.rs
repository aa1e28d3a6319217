//! The screen in view, with what lies over it.

use super::{App, Over, Question, Quitting};
use crate::show::screen::keys::Screen;
use crate::show::screen::scene::Scene;
use crate::show::screen::{claims, columns, detail, effects, frame, gallery, help, table, trials};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

impl App {
    /// Draws everything; works for any area, also an empty one.
    pub fn draw(&mut self, area: Rect, buf: &mut Buffer) {
        self.refresh();
        let parts = frame::split(area, self.typing || !self.order.filter().is_empty() || self.order.cell().is_some());
        self.page = parts.body.height.saturating_sub(1).max(1) as usize;
        self.top = columns::scroll(self.top, self.order.position(), self.page, self.order.rows().len());
        let in_view = matches!(self.screen, Screen::Pictures | Screen::List);
        let picture = self.gallery.place().filter(|_| in_view);
        let scene = Scene {
            board: &self.board,
            labels: &self.labels,
            pace: &self.pace,
            marks: &self.marks,
            theme: self.theme,
            elapsed: self.elapsed,
            note: self.note.as_deref(),
            moves: self.gallery.moves(),
            has_lines: self.gallery.line_count() > 1,
            picture: picture.as_ref().map(|(name, place)| (name.as_str(), place.as_str())),
        };
        frame::header(&scene, self.screen, parts.header, buf);
        match (self.screen, self.order.selected()) {
            (Screen::Table, _) => table::draw(&scene, &mut self.table, parts.body, buf),
            (Screen::Effects, _) => effects::draw(&scene, &mut self.effects, parts.body, buf),
            (Screen::Pictures, _) => gallery::draw(&scene, &mut self.gallery, parts.body, buf),
            (Screen::List, _) => {
                gallery::draw(&scene, &mut self.gallery, parts.body, buf);
                gallery::draw_list(&scene, &mut self.gallery, self.typing, parts.body, buf);
            }
            (Screen::Claims, _) => {
                self.claims_top = claims::draw(&scene, self.table.table(), self.claims_top, parts.body, buf);
            }
            (Screen::Detail, Some(trial)) => detail::draw(&scene, trial, parts.body, buf),
            (Screen::Trials | Screen::Detail, selected) => {
                frame::filter(&scene, &self.order, self.typing, parts.filter, buf);
                let (list, preview) = frame::split_wide(parts.body, trials::wanted_width(&scene, &self.order));
                trials::draw(&scene, &self.order, self.top, list, buf);
                if let Some(trial) = selected {
                    detail::preview(&scene, trial, preview, buf);
                }
            }
        }
        let typing = (self.typing && self.screen == Screen::List).then_some("type words · ↑ ↓ · enter · esc");
        frame::footer(&scene, self.screen, self.message.as_deref().or(typing), parts.footer, buf);
        match (self.quitting, self.over) {
            (Quitting::No, Some((Over::Keys, top))) => {
                self.over = Some((Over::Keys, help::keys(&scene, self.screen, top, area, buf)));
            }
            (Quitting::No, Some((Over::Caption, top))) => {
                let name = self.gallery.picture().map(|picture| picture.name.clone()).unwrap_or_default();
                let figure = self.gallery.figure(&self.board);
                let top = figure.map(|figure| help::caption(&scene, &name, figure, top, area, buf));
                self.over = top.map(|top| (Over::Caption, top));
            }
            (Quitting::No, None) => {}
            (Quitting::Asking(question), _) => {
                help::quit(&scene, question.open, area, buf);
                let since = question.since.or(Some(self.elapsed));
                self.quitting = Quitting::Asking(Question { since, ..question });
            }
            (Quitting::Stopping, _) => help::stopping(&scene, area, buf),
        }
    }
}
