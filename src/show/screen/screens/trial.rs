//! One trial: its curves, its numbers and its configuration.

use super::{About, Next, Screen, trials};
use crate::error::Result;
use crate::plan::config::Config;
use crate::plan::metric::{Better, Metric};
use crate::plan::{Problem, param_text};
use crate::printable;
use crate::record::board::Status;
use crate::record::event::{Outcome, Point};
use crate::show::figure::{self, Timeline};
use crate::show::screen::curves::charts;
use crate::show::screen::keys::{self, Binding, EXPORT, LEFT};
use crate::show::screen::numbers;
use crate::show::screen::progress::State;
use crate::show::screen::save::Document;
use crate::show::screen::shared::Shared;
use crate::show::screen::text::shorten;
use crate::show::words::quantity;
use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};
use serde_json::{Map, Value};

pub const ABOUT: About = About::page("trial", "Trials").below(trials::ABOUT.name);

/// From this width on, the numbers are beside the charts, else below them.
const WIDE: u16 = 110;

pub struct TrialScreen;

impl Screen for TrialScreen {
    fn about(&self) -> About {
        ABOUT
    }

    fn keys(&self, openers: &[Binding]) -> Vec<Binding> {
        let own = [trials::MARK, LEFT, EXPORT, trials::NEXT_MATCH, trials::PREVIOUS_MATCH];
        [keys::ROWS, &[trials::FILTER], openers, &own].concat()
    }

    fn absent(&self, shared: &Shared) -> Option<&'static str> {
        shared.trials.selected().is_none().then_some("there is no trial to open")
    }

    /// Selects the trial, so that the screen does not follow the top row of the list.
    fn open(&mut self, shared: &mut Shared) {
        shared.trials.move_by(0);
    }

    fn press(&mut self, key: Binding, shared: &mut Shared) -> Option<Next> {
        trials::press(key, shared)
    }

    fn move_by(&mut self, trials: isize, shared: &mut Shared) {
        shared.trials.move_by(trials);
    }

    fn draw(&mut self, shared: &mut Shared, area: Rect, buf: &mut Buffer) {
        if let Some(trial) = shared.trials.selected() {
            draw(shared, trial, area, buf);
        }
    }

    fn documents(&mut self, shared: &mut Shared) -> Result<Vec<Document>> {
        let Some(trial) = shared.trials.selected() else { return Ok(Vec::new()) };
        let planned = &shared.board.plan.trials[trial];
        let name = format!("{}-seed-{}", shared.labels.cells[planned.cell], planned.seed);
        let figures = figure::of_trial(&shared.board, trial, &shared.marks);
        let document = |figure: &figure::Figure| {
            Document::picture(&shared.board, &format!("{name}-{}", figure.title.to_lowercase()), figure)
        };
        Ok(figures.iter().map(document).collect())
    }
}

fn draw(shared: &Shared, trial: usize, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    buf.set_line(area.x, area.y, &heading(shared, trial, area.width), area.width);
    let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
    if body.width >= WIDE {
        let text = 44;
        let top = Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body };
        charts(shared, trial, Rect { width: body.width - text - 3, x: body.x + 1, ..top }, buf);
        panel(shared, trial, Rect { x: body.right() - text, width: text, ..top }, buf);
    } else {
        let lines = below(shared, trial, body.width);
        // With little height the numbers are more important than the curves.
        let text = 8.min(body.height);
        let plots = body.height - text;
        if plots >= 6 {
            let plots_area = Rect { height: plots, x: body.x + 1, width: body.width.saturating_sub(2), ..body };
            charts(shared, trial, plots_area, buf);
        }
        let text = if plots >= 6 { Rect { y: body.y + plots, height: text, ..body } } else { body };
        Paragraph::new(lines).wrap(Wrap { trim: false }).render(text.inner(Margin::new(1, 0)), buf);
    }
}

/// Draws the name and the curves of the selected trial beside the list.
pub fn preview(shared: &Shared, trial: usize, area: Rect, buf: &mut Buffer) {
    if area.width < 24 || area.height < 8 {
        return;
    }
    let name = shared.trial_name(trial, area.width);
    buf.set_string(area.x, area.y, name, shared.theme.faint());
    charts(shared, trial, Rect { y: area.y + 2, height: area.height - 2, ..area }, buf);
}

fn heading<'a>(shared: &Shared, trial: usize, width: u16) -> Line<'a> {
    let planned = &shared.board.plan.trials[trial];
    let state = State::of(&shared.board.trials[trial].status);
    let narrow = width < 60;
    let end = if narrow { state.glyph().into() } else { format!("{} {}", state.glyph(), outcome(shared, trial)) };
    let name = if narrow { &shared.labels.short[planned.cell] } else { &shared.labels.cells[planned.cell] };
    let seed = format!(" · seed {}", planned.seed);
    let room = (width as usize).saturating_sub(seed.chars().count() + end.chars().count().min(20) + 4);
    let mark = shared.mark(trial);
    Line::from(vec![
        Span::styled(format!(" {}", mark.0), mark.1),
        Span::raw(if mark.0.is_empty() { "" } else { " " }),
        Span::styled(shorten(name, room), shared.theme.title()),
        Span::styled(seed, shared.theme.title()),
        Span::styled(format!("  {end}"), shared.style(state)),
    ])
}

fn outcome(shared: &Shared, trial: usize) -> String {
    let state = &shared.board.trials[trial];
    let config = &shared.board.cell(trial).config;
    let timeline = Timeline::of(config);
    let at = |step: u32| format!("{} {:.0} of {:.0}", timeline.unit, timeline.at(step).floor(), timeline.length.ceil());
    let seconds = numbers::seconds(state.seconds);
    let last = state.curve.step.last().copied().unwrap_or(0);
    match &state.status {
        Status::Waiting => "waiting".into(),
        Status::Running => format!("running, {}", at(last)),
        Status::CutOff => format!("cut off at {}", at(last)),
        Status::Finished(Outcome::Completed { .. }) => format!("done in {seconds}"),
        Status::Finished(Outcome::Diverged { step }) => format!("diverged at {}", at(*step)),
        Status::Finished(Outcome::Failed { message }) => format!("failed: {}", printable::line(message)),
        Status::Finished(Outcome::Cancelled) => format!("cancelled at {}", at(last)),
    }
}

/// (title, evaluation) of the highest validation accuracy, or of another program's trial, of the best value of its main metric; the
/// first of equals. Of networks without validation nothing is chosen: it would be on test images.
fn best(shared: &Shared, trial: usize) -> Option<(String, Point)> {
    let (plan, curve) = (&shared.board.plan, &shared.board.trials[trial].curve);
    if let Some(best) = curve.best() {
        return Some(("best validation".into(), curve.point(best)));
    }
    let cell = shared.board.cell(trial);
    let metric = Some(plan.problem_of(cell)).filter(|problem| matches!(problem, Problem::Program(_)))?.main();
    let better = metric.better()?;
    let values = (0..curve.len()).filter_map(|index| Some((index, curve.value(index, metric, &cell.config)?)));
    let is_better = |a: f64, b: f64| if better == Better::Higher { a > b } else { a < b };
    let best = values.reduce(|best, next| if is_better(next.1, best.1) { next } else { best });
    best.map(|(index, _)| (format!("best {}", metric.label()), curve.point(index)))
}

/// (name, text, style) of each measured value of one evaluation.
fn measures(shared: &Shared, trial: usize, point: &Point) -> Vec<(&'static str, String, Style)> {
    let (theme, plain) = (shared.theme, Style::new());
    let (cell, curve) = (shared.board.cell(trial), &shared.board.trials[trial].curve);
    let problem = shared.board.plan.problem_of(cell);
    let value = |metric: Metric| point.value(metric, &cell.config);
    if problem != Problem::Network {
        let measured = problem.metrics().filter(|&metric| curve.has(metric));
        let text = |metric: Metric| value(metric).map_or("–".into(), quantity);
        return measured.map(|metric| (metric.label(), text(metric), plain)).collect();
    }
    let brief =
        |metric: Metric| Some((metric.label(), numbers::measured(metric, value(metric)?), theme.metric(metric)));
    let size = |metric, name| Some((name, quantity(value(metric)?), plain));
    let measures = [
        // First, so that narrow screens show it too.
        brief(Metric::VALIDATION_ACCURACY),
        brief(Metric::TRAIN_ACCURACY),
        brief(Metric::TRUE_ACCURACY),
        brief(Metric::TEST_ACCURACY),
        brief(Metric::GAP),
        size(Metric::TRAIN_LOSS, "train loss"),
        size(Metric::TEST_LOSS, "test loss"),
        point.penalty(&cell.config).map(|penalty| ("penalty", quantity(penalty), plain)),
        size(Metric::WEIGHT_NORM, "‖W‖"),
        size(Metric::STOPPED_EPOCH, "stopped epoch"),
    ];
    measures.into_iter().flatten().collect()
}

/// (title, evaluation) of the last and of the best evaluation.
fn moments(shared: &Shared, trial: usize) -> Vec<(String, Point)> {
    let timeline = Timeline::of(&shared.board.cell(trial).config);
    let curve = &shared.board.trials[trial].curve;
    let at = |point: &Point| Trimmed(timeline.at(point.step));
    let last = curve.last().map(|point| (format!("{} {}", timeline.unit, at(&point)), point));
    let best = best(shared, trial).map(|(name, point)| (format!("{name}, {}", at(&point)), point));
    last.into_iter().chain(best).collect()
}

/// A number without trailing zeros.
struct Trimmed(f64);

impl std::fmt::Display for Trimmed {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}", (self.0 * 100.0).round() / 100.0)
    }
}

/// (key, value) of hyper-parameters, as text.
type Pairs = Vec<(String, String)>;

/// The parameters of the cell, and the other hyper-parameters that differ from their defaults.
fn configuration(shared: &Shared, trial: usize) -> (Pairs, Pairs) {
    let cell = shared.board.cell(trial);
    let line = |text: &str| printable::line(text).into_owned();
    let pair = |(key, value): (&String, &Value)| (line(key), line(&param_text(value)));
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

/// The numbers as a table with a line for each evaluation, and the configuration as running text.
fn below<'a>(shared: &Shared, trial: usize, width: u16) -> Vec<Line<'a>> {
    let theme = shared.theme;
    let moments = moments(shared, trial);
    let mut lines = Vec::new();
    let label = moments.iter().map(|(title, _)| title.chars().count()).max().unwrap_or(0);
    for (place, (title, point)) in moments.into_iter().enumerate() {
        let all = measures(shared, trial, &point);
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
    let (cell, rest) = configuration(shared, trial);
    let words = |pairs: Pairs, style: Style| {
        pairs.into_iter().flat_map(move |(key, value)| {
            // Non-breaking blanks keep keys and values together.
            let value = value.replace(' ', "\u{a0}");
            [Span::styled(format!("{key}\u{a0}"), theme.faint()), Span::styled(value, style), Span::raw("  ")]
        })
    };
    lines.push(words(cell, theme.title()).chain(words(rest, Style::new())).collect());
    if let Status::Finished(Outcome::Completed { weights_digest }) = &shared.board.trials[trial].status {
        let digest = (!weights_digest.is_empty()).then(|| format!("weights {weights_digest}"));
        lines.extend(digest.map(|digest| Line::styled(digest, theme.faint())));
    }
    lines
}

/// The same with a line for each metric and each key.
fn panel(shared: &Shared, trial: usize, area: Rect, buf: &mut Buffer) {
    let theme = shared.theme;
    let moments = moments(shared, trial);
    let widths: Vec<usize> = moments.iter().map(|(title, _)| title.chars().count().max(9)).collect();
    let titles = moments.iter().zip(&widths).map(|((title, _), width)| format!("  {title:>width$}"));
    let mut lines = vec![Line::styled(format!("{:10}{}", "", titles.collect::<String>()), theme.faint())];
    let columns: Vec<_> = moments.iter().map(|(_, point)| measures(shared, trial, point)).collect();
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
    let (cell, rest) = configuration(shared, trial);
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
    if let Status::Finished(Outcome::Completed { weights_digest }) = &shared.board.trials[trial].status {
        lines.extend([Line::default(), Line::styled(format!("{:width$}{weights_digest}", "weights"), theme.faint())]);
    }
    Paragraph::new(lines).render(area, buf);
}
