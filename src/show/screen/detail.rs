//! One trial: its curves, its numbers and its configuration.

use super::curves::charts;
use super::numbers;
use super::progress::State;
use super::scene::Scene;
use super::text::shorten;
use crate::plan::config::Config;
use crate::plan::metric::Metric;
use crate::plan::{Problem, param_text};
use crate::record::board::Status;
use crate::record::event::{Curve, Outcome, Point};
use crate::show::figure::{Way, quantity};
use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};
use serde_json::{Map, Value};

/// Below this the numbers stand under the charts, from here on beside them.
const WIDE: u16 = 110;

pub fn draw(scene: &Scene, trial: usize, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    buf.set_line(area.x, area.y, &heading(scene, trial, area.width), area.width);
    let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
    if body.width >= WIDE {
        let text = 44;
        let top = Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body };
        charts(scene, trial, Rect { width: body.width - text - 3, x: body.x + 1, ..top }, buf);
        panel(scene, trial, Rect { x: body.right() - text, width: text, ..top }, buf);
    } else {
        let lines = below(scene, trial, body.width);
        // With little height the numbers matter more than the curves.
        let text = 8.min(body.height);
        let plots = body.height - text;
        if plots >= 6 {
            let plots_area = Rect { height: plots, x: body.x + 1, width: body.width.saturating_sub(2), ..body };
            charts(scene, trial, plots_area, buf);
        }
        let text = if plots >= 6 { Rect { y: body.y + plots, height: text, ..body } } else { body };
        Paragraph::new(lines).wrap(Wrap { trim: false }).render(text.inner(Margin::new(1, 0)), buf);
    }
}

/// Name and curves of the selected trial, beside the list.
pub fn preview(scene: &Scene, trial: usize, area: Rect, buf: &mut Buffer) {
    if area.width < 24 || area.height < 8 {
        return;
    }
    let name = scene.trial_name(trial, area.width);
    buf.set_string(area.x, area.y, name, scene.theme.faint());
    charts(scene, trial, Rect { y: area.y + 2, height: area.height - 2, ..area }, buf);
}

fn heading<'a>(scene: &Scene, trial: usize, width: u16) -> Line<'a> {
    let planned = &scene.board.plan.trials[trial];
    let state = State::of(&scene.board.trials[trial].status);
    let narrow = width < 60;
    let end = if narrow { state.glyph().into() } else { format!("{} {}", state.glyph(), outcome(scene, trial)) };
    let name = if narrow { &scene.labels.short[planned.cell] } else { &scene.labels.cells[planned.cell] };
    let seed = format!(" · seed {}", planned.seed);
    let room = (width as usize).saturating_sub(seed.chars().count() + end.chars().count().min(20) + 4);
    let mark = scene.mark(trial);
    Line::from(vec![
        Span::styled(format!(" {}", mark.0), mark.1),
        Span::raw(if mark.0.is_empty() { "" } else { " " }),
        Span::styled(shorten(name, room), scene.theme.title()),
        Span::styled(seed, scene.theme.title()),
        Span::styled(format!("  {end}"), scene.style(state)),
    ])
}

fn outcome(scene: &Scene, trial: usize) -> String {
    let state = &scene.board.trials[trial];
    let config = &scene.board.cell(trial).config;
    let way = Way::of(config);
    let at = |step: u32| format!("{} {:.0} of {:.0}", way.unit, way.at(step).floor(), way.length.ceil());
    let seconds = numbers::seconds(state.seconds);
    let last = state.curve.step.last().copied().unwrap_or(0);
    match &state.status {
        Status::Waiting => "waiting".into(),
        Status::Running => format!("running, {}", at(last)),
        Status::CutOff => format!("cut off at {}", at(last)),
        Status::Finished(Outcome::Completed { .. }) => format!("done in {seconds}"),
        Status::Finished(Outcome::Diverged { step }) => format!("diverged at {}", at(*step)),
        Status::Finished(Outcome::Failed { message }) => format!("failed: {}", message.replace('\n', " ")),
        Status::Finished(Outcome::Cancelled) => format!("cancelled at {}", at(last)),
    }
}

/// The evaluation with the highest validation accuracy, or without one with the highest test accuracy, by name; the
/// first of equals.
fn best(curve: &Curve) -> Option<(&'static str, Point)> {
    if let Some(best) = curve.best() {
        return Some(("best validation", best));
    }
    let has_images = curve.test_correct.iter().any(|&correct| correct > 0);
    let best = (0..curve.len())
        .filter(|_| has_images)
        .max_by_key(|&index| (curve.test_correct[index], std::cmp::Reverse(index)));
    best.map(|index| ("best test", curve.point(index)))
}

/// What is measured, by name: (name, text, style) of one evaluation.
fn measures(scene: &Scene, config: &Config, point: Point) -> Vec<(&'static str, String, Style)> {
    let (theme, plain) = (scene.theme, Style::new());
    if config.problem() == Problem::Surface {
        let asked_for = point.measured.iter().map(|(metric, value)| (metric.label(), f64::from(value)));
        let all = std::iter::once(("f", f64::from(point.train_loss))).chain(asked_for);
        return all.map(|(name, value)| (name, quantity(value), plain)).collect();
    }
    let mut measures = vec![
        ("train", numbers::share(point.train_accuracy(config)), theme.train()),
        ("test", numbers::share(point.test_accuracy(config)), theme.test()),
        ("gap", numbers::difference(point.gap(config)), theme.gap()),
        ("train loss", quantity(point.train_loss.into()), plain),
        ("test loss", quantity(point.test_loss.into()), plain),
        ("penalty", quantity(point.penalty(config)), plain),
        ("‖W‖", quantity(point.weight_norm.into()), plain),
    ];
    if let Some(validation) = point.value(Metric::VALIDATION_ACCURACY, config) {
        // In front, where a narrow screen shows it, too.
        measures.insert(0, ("validation", numbers::share(validation), theme.validation()));
    }
    measures
}

/// (title, evaluation) of the last and of the best, which come from different moments and say so.
fn moments(scene: &Scene, trial: usize) -> Vec<(String, Point)> {
    let way = Way::of(&scene.board.cell(trial).config);
    let curve = &scene.board.trials[trial].curve;
    let at = |point: Point| Trimmed(way.at(point.step));
    let last = curve.last().map(|point| (format!("{} {}", way.unit, at(point)), point));
    let best = best(curve).map(|(name, point)| (format!("{name}, {}", at(point)), point));
    last.into_iter().chain(best).collect()
}

/// A number without the zeros behind its point.
struct Trimmed(f64);

impl std::fmt::Display for Trimmed {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}", (self.0 * 100.0).round() / 100.0)
    }
}

/// Keys and values as text.
type Pairs = Vec<(String, String)>;

/// The parameters of the cell, then whatever else differs from the defaults.
fn configuration(scene: &Scene, trial: usize) -> (Pairs, Pairs) {
    let cell = scene.board.cell(trial);
    let pair = |(key, value): (&String, &Value)| (key.clone(), param_text(value));
    let fields = |config: &Config| match serde_json::to_value(config) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let defaults = fields(&Config::default());
    let own = fields(&cell.config);
    let differs =
        |&(key, value): &(&String, &Value)| defaults.get(key) != Some(value) && !cell.params.contains_key(key);
    (cell.params.iter().map(pair).collect(), own.iter().filter(differs).map(pair).collect())
}

/// The numbers as a table of one line a moment, the configuration as running text.
fn below<'a>(scene: &Scene, trial: usize, width: u16) -> Vec<Line<'a>> {
    let theme = scene.theme;
    let config = &scene.board.cell(trial).config;
    let moments = moments(scene, trial);
    let mut lines = Vec::new();
    let label = moments.iter().map(|(title, _)| title.chars().count()).max().unwrap_or(0);
    for (place, (title, point)) in moments.into_iter().enumerate() {
        let all = measures(scene, config, point);
        let widths = || all.iter().map(|(name, ..)| name.chars().count().max(7));
        let ends = widths().scan(label, |end, width| {
            *end += 1 + width;
            Some(*end)
        });
        let measures = &all[..ends.take_while(|&end| end + 2 <= width.into()).count()];
        let widths = widths().take(measures.len());
        if place == 0 {
            let names = measures.iter().zip(widths.clone()).map(|((name, ..), width)| format!(" {name:>width$}"));
            lines.push(Line::styled(format!("{:label$}{}", "", names.collect::<String>()), theme.faint()));
        }
        let values = measures
            .iter()
            .zip(widths)
            .map(|((_, text, style), width)| Span::styled(format!(" {text:>width$}"), *style));
        lines.push(Line::from_iter([Span::raw(format!("{title:label$}"))].into_iter().chain(values)));
    }
    if lines.is_empty() {
        lines.push(Line::styled("not evaluated yet", theme.faint()));
    }
    lines.push(Line::default());
    let (cell, rest) = configuration(scene, trial);
    let words = |pairs: Pairs, style: Style| {
        pairs.into_iter().flat_map(move |(key, value)| {
            // Keys and values are not torn apart at the end of a line.
            let value = value.replace(' ', "\u{a0}");
            [Span::styled(format!("{key}\u{a0}"), theme.faint()), Span::styled(value, style), Span::raw("  ")]
        })
    };
    lines.push(words(cell, theme.title()).chain(words(rest, Style::new())).collect());
    if let Status::Finished(Outcome::Completed { weights_digest }) = &scene.board.trials[trial].status {
        lines.push(Line::styled(format!("weights {weights_digest}"), theme.faint()));
    }
    lines
}

/// The same with one measure, one key a line.
fn panel(scene: &Scene, trial: usize, area: Rect, buf: &mut Buffer) {
    let theme = scene.theme;
    let config = &scene.board.cell(trial).config;
    let moments = moments(scene, trial);
    let widths: Vec<usize> = moments.iter().map(|(title, _)| title.chars().count().max(9)).collect();
    let titles = moments.iter().zip(&widths).map(|((title, _), width)| format!("  {title:>width$}"));
    let mut lines = vec![Line::styled(format!("{:10}{}", "", titles.collect::<String>()), theme.faint())];
    let columns: Vec<_> = moments.iter().map(|&(_, point)| measures(scene, config, point)).collect();
    if let Some(first) = columns.first() {
        for (row, (name, ..)) in first.iter().enumerate() {
            let mut spans = vec![Span::styled(format!("{name:10}"), theme.faint())];
            let values = columns.iter().map(|column| &column[row]).zip(&widths);
            spans.extend(values.map(|((_, text, style), width)| Span::styled(format!("  {text:>width$}"), *style)));
            lines.push(Line::from(spans));
        }
    } else {
        lines = vec![Line::styled("not evaluated yet", theme.faint())];
    }
    let (cell, rest) = configuration(scene, trial);
    let width = cell.iter().chain(&rest).map(|(key, _)| key.chars().count()).max().unwrap_or(0) + 2;
    for (pairs, style) in [(cell, theme.title()), (rest, Style::new())] {
        lines.push(Line::default());
        lines.extend(pairs.into_iter().map(|(key, value)| {
            let room = (area.width as usize).saturating_sub(width);
            Line::from(vec![
                Span::styled(format!("{key:width$}"), theme.faint()),
                Span::styled(shorten(&value, room), style),
            ])
        }));
    }
    if let Status::Finished(Outcome::Completed { weights_digest }) = &scene.board.trials[trial].status {
        lines.extend([Line::default(), Line::styled(format!("{:width$}{weights_digest}", "weights"), theme.faint())]);
    }
    Paragraph::new(lines).render(area, buf);
}
