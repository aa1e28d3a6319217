//! One trial: its curves, its numbers and its configuration.

use super::app::{Scene, letter};
use super::chart::{Chart, Series};
use super::grid::shorten;
use super::numbers;
use super::progress::{State, Way};
use crate::board::Status;
use crate::config::Config;
use crate::event::{Curve, Outcome, Point};
use crate::study::param_text;
use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};
use serde_json::{Map, Value};
use unicode_width::UnicodeWidthStr;

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
    let name = name(scene, trial, area.width);
    buf.set_string(area.x, area.y, name, scene.theme.faint());
    charts(scene, trial, Rect { y: area.y + 2, height: area.height - 2, ..area }, buf);
}

/// Cell and seed in at most `width` columns: without the names of the parameters where there is no room for them.
fn name(scene: &Scene, trial: usize, width: u16) -> String {
    let planned = &scene.board.plan.trials[trial];
    let with = |cell: &str| format!("{cell} · seed {}", planned.seed);
    let whole = with(&scene.labels.cells[planned.cell]);
    if whole.width() <= width.into() { whole } else { shorten(&with(&scene.labels.short[planned.cell]), width.into()) }
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

/// Loss and accuracy, side by side or one above the other; below them, in a comparison, what the letters stand for.
fn charts(scene: &Scene, trial: usize, area: Rect, buf: &mut Buffer) {
    let legend = if compares(scene, trial) { legend(scene, area.width) } else { Vec::new() };
    let lines = (legend.len() as u16).min(area.height.saturating_sub(6));
    let area = Rect { height: area.height - lines, ..area };
    Paragraph::new(legend).render(Rect { y: area.bottom(), height: lines, ..area }, buf);
    let beside = area.width >= 70 && area.width > area.height * 3;
    let (first, second) = if beside {
        let width = area.width.saturating_sub(2) / 2;
        (Rect { width, ..area }, Rect { x: area.x + width + 2, width, ..area })
    } else if area.height >= 12 {
        let air = u16::from(area.height >= 20);
        let height = (area.height - air) / 2;
        (Rect { height, ..area }, Rect { y: area.y + height + air, height, ..area })
    } else {
        (Rect { width: 0, ..area }, area)
    };
    loss(scene, trial, first, buf);
    accuracy(scene, trial, second, buf);
}

fn loss(scene: &Scene, trial: usize, area: Rect, buf: &mut Buffer) {
    let config = &scene.board.cell(trial).config;
    let curve = &scene.board.trials[trial].curve;
    let way = Way::of(config);
    let train = points(curve, &way, |point| f64::from(point.train_loss));
    let test = points(curve, &way, |point| f64::from(point.test_loss));
    let (train, test) = (solid("train", scene.theme.train(), &train), dotted("test", scene.theme.test(), &test));
    let series = vec![train, test];
    Chart { title: "loss", unit: way.unit, length: way.length, top: None, series, theme: scene.theme }
        .render(area, buf);
}

/// Train and test accuracy; in a comparison the test accuracy of the marked trials and of this one.
fn accuracy(scene: &Scene, trial: usize, area: Rect, buf: &mut Buffer) {
    let config = &scene.board.cell(trial).config;
    let curve = &scene.board.trials[trial].curve;
    let way = Way::of(config);
    let train = points(curve, &way, |point| point.train_accuracy(config));
    let test = points(curve, &way, |point| point.test_accuracy(config));
    let others: Vec<(f64, Vec<(f64, f64)>)> = scene.marks.iter().map(|&marked| test_curve(scene, marked)).collect();
    let mut length = way.length;
    let mut series = Vec::new();
    if compares(scene, trial) {
        length = others.iter().map(|(length, _)| *length).fold(length, f64::max);
        let marked = others.iter().enumerate();
        series.extend(marked.map(|(place, (_, points))| solid(&letter(place), scene.theme.mark(place), points)));
    } else {
        series.push(solid("train", scene.theme.train(), &train));
    }
    if !compares(scene, trial) || !scene.marks.contains(&trial) {
        series.push(dotted("test", scene.theme.test(), &test));
    }
    let title = if compares(scene, trial) { "test accuracy of the marked trials" } else { "accuracy" };
    Chart { title, unit: way.unit, length, top: Some(1.0), series, theme: scene.theme }.render(area, buf);
}

/// Whether other trials than this one are marked.
fn compares(scene: &Scene, trial: usize) -> bool {
    scene.marks.iter().any(|&marked| marked != trial)
}

/// The length of a trial's way, and its test accuracy along it.
fn test_curve(scene: &Scene, trial: usize) -> (f64, Vec<(f64, f64)>) {
    let config = &scene.board.cell(trial).config;
    let way = Way::of(config);
    (way.length, points(&scene.board.trials[trial].curve, &way, |point| point.test_accuracy(config)))
}

/// Which trial each letter stands for, whether or not the list shows it: as many on a line as there is room for.
fn legend<'a>(scene: &Scene, width: u16) -> Vec<Line<'a>> {
    let mut lines: Vec<Line> = Vec::new();
    for (place, &marked) in scene.marks.iter().enumerate() {
        let name = name(scene, marked, width.saturating_sub(2));
        let entry = [Span::styled(letter(place), scene.theme.mark(place)), Span::raw(format!(" {name}"))];
        let wide = 2 + name.width();
        match lines.last_mut() {
            Some(line) if line.width() + 3 + wide <= width.into() => {
                line.push_span("   ");
                line.spans.extend(entry);
            }
            _ => lines.push(Line::from_iter(entry)),
        }
    }
    lines
}

fn points(curve: &Curve, way: &Way, value: impl Fn(Point) -> f64) -> Vec<(f64, f64)> {
    (0..curve.len()).map(|index| curve.point(index)).map(|point| (way.at(point.step), value(point))).collect()
}

fn solid<'a>(name: &str, style: Style, points: &'a [(f64, f64)]) -> Series<'a> {
    Series { name: name.into(), style, dotted: false, points }
}

fn dotted<'a>(name: &str, style: Style, points: &'a [(f64, f64)]) -> Series<'a> {
    Series { dotted: true, ..solid(name, style, points) }
}

/// The evaluation with the highest test accuracy, the first of equals.
fn best(curve: &Curve) -> Option<Point> {
    let best = (0..curve.len()).max_by_key(|&index| (curve.test_correct[index], std::cmp::Reverse(index)));
    best.map(|index| curve.point(index))
}

/// What is measured, by name: (name, text, style) of one evaluation.
fn measures(scene: &Scene, config: &Config, point: Point) -> [(&'static str, String, Style); 7] {
    let (theme, plain) = (scene.theme, Style::new());
    [
        ("train", numbers::share(point.train_accuracy(config)), theme.train()),
        ("test", numbers::share(point.test_accuracy(config)), theme.test()),
        ("gap", numbers::difference(point.gap(config)), theme.gap()),
        ("train loss", numbers::quantity(point.train_loss.into()), plain),
        ("test loss", numbers::quantity(point.test_loss.into()), plain),
        ("penalty", numbers::quantity(point.penalty(config)), plain),
        ("‖W‖", numbers::quantity(point.weight_norm.into()), plain),
    ]
}

/// (title, evaluation) of the last and of the best, which come from different moments and say so.
fn moments(scene: &Scene, trial: usize) -> Vec<(String, Point)> {
    let way = Way::of(&scene.board.cell(trial).config);
    let curve = &scene.board.trials[trial].curve;
    let at = |point: Point| Trimmed(way.at(point.step));
    let last = curve.last().map(|point| (format!("{} {}", way.unit, at(point)), point));
    let best = best(curve).map(|point| (format!("best test, {}", at(point)), point));
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
        let measures = if width < 78 { &all[..3] } else { &all[..] };
        let widths = measures.iter().map(|(name, ..)| name.chars().count().max(7));
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
    let width = moments.iter().map(|(title, _)| title.chars().count()).max().unwrap_or(0).max(9);
    let titles = moments.iter().map(|(title, _)| format!("  {title:>width$}"));
    let mut lines = vec![Line::styled(format!("{:10}{}", "", titles.collect::<String>()), theme.faint())];
    let columns: Vec<_> = moments.iter().map(|&(_, point)| measures(scene, config, point)).collect();
    if let Some(first) = columns.first() {
        for (row, (name, ..)) in first.iter().enumerate() {
            let mut spans = vec![Span::styled(format!("{name:10}"), theme.faint())];
            spans.extend(
                columns.iter().map(|column| Span::styled(format!("  {:>width$}", column[row].1), column[row].2)),
            );
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
