//! The curves of one trial, or of the marked ones beside it.

use super::app::{Scene, letter};
use super::detail::name;
use super::plot;
use super::theme::mark_hue;
use crate::config::{Config, DataSource};
use crate::event::{Curve, Point};
use crate::figure::{Axis, Hue, Lines, Series, Way};
use crate::metric::Metric;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget};
use unicode_width::UnicodeWidthStr;

/// Loss and accuracy, side by side or one above the other; below them, in a comparison, what the letters stand for. On a
/// surface, f alone.
pub fn charts(scene: &Scene, trial: usize, area: Rect, buf: &mut Buffer) {
    if scene.board.cell(trial).config.data == DataSource::Surface {
        return height(scene, trial, area, buf);
    }
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

/// f along the way on a surface.
fn height(scene: &Scene, trial: usize, area: Rect, buf: &mut Buffer) {
    let way = Way::of(&scene.board.cell(trial).config);
    let f = points(&scene.board.trials[trial].curve, &way, |point| f64::from(point.train_loss));
    let lines = from_zero("f", Axis::linear(way.unit, 0.0, way.length), vec![solid("f", Hue::Blue, f)]);
    plot::lines(&lines, scene.theme, area, buf);
}

fn loss(scene: &Scene, trial: usize, area: Rect, buf: &mut Buffer) {
    let config = &scene.board.cell(trial).config;
    let curve = &scene.board.trials[trial].curve;
    let way = Way::of(config);
    let train = points(curve, &way, |point| f64::from(point.train_loss));
    let test = points(curve, &way, |point| f64::from(point.test_loss));
    let mut series = vec![solid("train", Hue::Blue, train), dotted("test", Hue::Orange, test)];
    series.extend(validation(curve, &way, config, Metric::ValidationLoss));
    let lines = from_zero("loss", Axis::linear(way.unit, 0.0, way.length), series);
    plot::lines(&lines, scene.theme, area, buf);
}

/// Train and test accuracy; in a comparison the test accuracy of the marked trials and of this one.
fn accuracy(scene: &Scene, trial: usize, area: Rect, buf: &mut Buffer) {
    let config = &scene.board.cell(trial).config;
    let curve = &scene.board.trials[trial].curve;
    let way = Way::of(config);
    let test = points(curve, &way, |point| point.test_accuracy(config));
    let mut length = way.length;
    let mut series = Vec::new();
    if compares(scene, trial) {
        for (place, &marked) in scene.marks.iter().enumerate() {
            let (its_length, its_test) = test_curve(scene, marked);
            length = length.max(its_length);
            series.push(solid(&letter(place), mark_hue(place), its_test));
        }
    } else {
        series.push(solid("train", Hue::Blue, points(curve, &way, |point| point.train_accuracy(config))));
        series.extend(validation(curve, &way, config, Metric::ValidationAccuracy));
    }
    if !compares(scene, trial) || !scene.marks.contains(&trial) {
        series.push(dotted("test", Hue::Orange, test));
    }
    let title = if compares(scene, trial) { "test accuracy of the marked trials" } else { "accuracy" };
    let lines = Lines { x: Axis::linear(way.unit, 0.0, length), y: Axis::linear(title, 0.0, 1.0), series };
    plot::lines(&lines, scene.theme, area, buf);
}

/// With y from 0 up as high as the curves.
fn from_zero(title: &str, x: Axis, series: Vec<Series>) -> Lines {
    let heights = series.iter().flat_map(|series| &series.points).map(|point| point.1);
    Lines { x, y: Axis::from_zero(title, heights), series }
}

/// What was measured on the images held out, if some were.
fn validation(curve: &Curve, way: &Way, config: &Config, metric: Metric) -> Option<Series> {
    let points = (0..curve.len()).map(|index| curve.point(index));
    let points: Vec<_> = points.filter_map(|point| Some((way.at(point.step), metric.of(&point, config)?))).collect();
    (!points.is_empty()).then(|| solid("validation", Hue::Green, points))
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

fn solid(name: &str, hue: Hue, points: Vec<(f64, f64)>) -> Series {
    Series { name: name.into(), hue, dotted: false, points, band: Vec::new() }
}

fn dotted(name: &str, hue: Hue, points: Vec<(f64, f64)>) -> Series {
    Series { dotted: true, ..solid(name, hue, points) }
}
