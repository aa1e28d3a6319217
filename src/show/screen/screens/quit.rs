//! The question whether to stop the training, and the wait for it to stop.

use super::{About, Next, Screen};
use crate::show::screen::app::Request;
use crate::show::screen::keys::{Binding, INTERRUPT};
use crate::show::screen::numbers;
use crate::show::screen::overlay::draw_box;
use crate::show::screen::shared::Shared;
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

pub const ABOUT: About = About::overlay("quit");

pub struct Quit;

impl Screen for Quit {
    fn about(&self) -> About {
        ABOUT
    }

    fn keys(&self, _openers: &[Binding]) -> Vec<Binding> {
        vec![INTERRUPT]
    }

    /// The question is closed once there is nothing left to stop.
    fn absent(&self, shared: &Shared) -> Option<&'static str> {
        (!shared.training && !shared.stopping).then_some("nothing is being trained")
    }

    fn press(&mut self, key: Binding, shared: &mut Shared) -> Option<Next> {
        (key == INTERRUPT).then(|| match shared.stopping {
            true => Next::Ask(Request::Abandon),
            false => stop(shared),
        })
    }

    fn takes_text(&self, _shared: &Shared) -> bool {
        true
    }

    fn type_key(&mut self, key: KeyEvent, shared: &mut Shared) -> Next {
        match key.code {
            _ if shared.stopping => Next::Stay,
            // Ignored if the key was pressed before the question could be read.
            KeyCode::Char('y') if shared.was_read() => stop(shared),
            KeyCode::Char('n') | KeyCode::Esc => Next::Back,
            _ => Next::Stay,
        }
    }

    fn draw(&mut self, shared: &mut Shared, area: Rect, buf: &mut Buffer) {
        let (title, lines) = if shared.stopping { waiting(shared) } else { question(shared) };
        draw_box(shared.theme, title, "", lines, area, buf);
    }
}

fn stop(shared: &mut Shared) -> Next {
    shared.stopping = true;
    Next::Ask(Request::Cancel)
}

/// The question; the answer that is not accepted yet is faint.
fn question(shared: &Shared) -> (&'static str, Vec<Line<'static>>) {
    let (tally, theme) = (shared.board.tally(), shared.theme);
    let choice = |key: &'static str, text: &'static str, style: Style| {
        Line::from(vec![Span::styled(format!(" {key} "), style), " ".into(), text.into()])
    };
    let left = numbers::count(tally.planned - tally.ended(), "trial");
    let yes = if shared.was_read() { theme.title() } else { theme.faint() };
    let lines = vec![
        Line::from(format!("{left} left, {} of them running.", tally.running)),
        Line::default(),
        choice("y", "stop now; finished trials are kept,", yes),
        Line::from("    the same command goes on from here"),
        choice("n", "keep training", theme.title()),
    ];
    (" stop training? ", lines)
}

fn waiting(shared: &Shared) -> (&'static str, Vec<Line<'static>>) {
    let lines = vec![
        Line::from("waiting for running trials to stop"),
        Line::from(vec![Span::styled("ctrl-c", shared.theme.title()), "  leave at once".into()]),
    ];
    (" stopping ", lines)
}
