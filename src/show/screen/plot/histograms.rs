//! Histograms side by side, with bars in eighths of a row, each with its notes below.

use crate::show::figure::{Histogram, Histograms, Hue};
use crate::show::screen::text::shorten;
use crate::show::screen::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// The blank columns between two panels.
const GAP: u16 = 2;
/// The least rows of bars that can be read.
const BARS: u16 = 4;
const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Draws all panels in one row, with up to three bins in a column, or in several rows; if there is not enough room, as many as
/// fit, the first and the last among them. The first line tells what full height stands for, and what is not shown.
pub fn histograms(plot: &Histograms, theme: Theme, area: Rect, buf: &mut Buffer) {
    let Some(layout) = Layout::of(plot, area) else { return };
    let panels = layout.chosen(plot.panels.len()).map(|place| merged(&plot.panels[place], layout.bins_a_column));
    let shown = Histograms { panels: panels.collect(), x_label: plot.x_label.clone() };
    let full_height = shown.full_height();
    let mut heading = format!("full height: {}", per_cent(full_height));
    if shown.panels.len() < plot.panels.len() {
        heading += &format!(" · {} of {} shown", shown.panels.len(), plot.panels.len());
    }
    let axis = format!("  share of all by {}", plot.x_label);
    if heading.width() + axis.width() <= area.width.into() {
        heading += &axis;
    }
    buf.set_stringn(area.x, area.y, heading, area.width.into(), theme.faint());
    let height = (area.height - 1) / layout.rows;
    for (place, panel) in shown.panels.iter().enumerate() {
        let (row, column) = (place as u16 / layout.columns, place as u16 % layout.columns);
        let (x, y) = (area.x + column * (layout.width + GAP), area.y + 1 + row * height);
        draw(panel, full_height, theme, Rect { x, y, width: layout.width, height }, buf);
    }
}

struct Layout {
    bins_a_column: usize,
    /// The size of a panel.
    width: u16,
    /// The number of panels in a row.
    columns: u16,
    rows: u16,
}

impl Layout {
    /// `None` if no panel fits.
    fn of(plot: &Histograms, area: Rect) -> Option<Layout> {
        let count = u16::try_from(plot.panels.len()).ok().filter(|&count| count > 0)?;
        let bins = plot.panels.iter().map(|panel| panel.shares.len()).max()?.max(1);
        let layout = |bins_a_column: usize| {
            let width = u16::try_from(bins.div_ceil(bins_a_column)).ok()?;
            let columns = area.width.checked_add(GAP)? / width.checked_add(GAP)?;
            Some(Layout { bins_a_column, width, columns: columns.min(count), rows: 1 }).filter(|_| columns > 0)
        };
        let layouts = || (1..=3).filter_map(layout);
        // One line above all panels, and two for the name and the axis of each.
        let fits = |layout: &Layout| {
            let notes = plot.panels.iter().map(|panel| notes(panel, layout.width).len()).max().unwrap_or(0) as u16;
            area.height.saturating_sub(1) / layout.rows >= 2 + BARS + notes
        };
        let in_rows = |layout: Layout| Layout { rows: count.div_ceil(layout.columns), ..layout };
        let one_row = layouts().find(|layout| layout.columns == count);
        let several_rows = || layouts().map(in_rows).find(fits);
        // Without room for notes below, wider panels have room for one beside their names.
        let few = || layouts().rev().find(fits).or_else(|| layouts().find(|layout| layout.bins_a_column > 1));
        one_row.or_else(several_rows).or_else(few).filter(|_| area.height >= BARS)
    }

    /// The indices of the panels that are shown, evenly spread if there is no room for all.
    fn chosen(&self, count: usize) -> impl Iterator<Item = usize> {
        let shown = count.min(usize::from(self.columns * self.rows));
        (0..shown).map(move |place| if shown < 2 { 0 } else { place * (count - 1) / (shown - 1) })
    }
}

/// A histogram with so many bins merged into one.
fn merged(panel: &Histogram, bins: usize) -> Histogram {
    let shares = panel.shares.chunks(bins).map(|shares| shares.iter().sum()).collect();
    Histogram { shares, ..panel.clone() }
}

fn draw(panel: &Histogram, full_height: f64, theme: Theme, area: Rect, buf: &mut Buffer) {
    let notes = notes(panel, area.width);
    // With little height, bars are more important than notes.
    let noted = notes.len().min(usize::from(area.height.saturating_sub(2 + BARS)));
    let height = area.height.saturating_sub(2 + noted as u16);
    buf.set_stringn(area.x, area.y, &panel.name, area.width.into(), theme.title());
    let beside = panel.name.width() + 1;
    let fits = |note: &&String| beside + note.width() <= area.width.into();
    if let Some(note) = panel.notes.first().filter(fits).filter(|_| noted == 0) {
        buf.set_string(area.x + beside as u16, area.y, note, theme.faint());
    }
    bars(panel, full_height, theme, Rect { y: area.y + 1, height, ..area }, buf);
    let axis = area.y + 1 + height;
    if axis < area.bottom() {
        buf.set_stringn(area.x, axis, axis_text(panel, area.width.into()), area.width.into(), theme.faint());
    }
    for (y, note) in (axis + 1..area.bottom()).zip(&notes) {
        buf.set_stringn(area.x, y, note, area.width.into(), theme.faint());
    }
}

fn bars(panel: &Histogram, full_height: f64, theme: Theme, area: Rect, buf: &mut Buffer) {
    let eighths = f64::from(area.height) * 8.0;
    for (x, &share) in (area.x..area.right()).zip(&panel.shares) {
        let filled = if full_height > 0.0 { (share / full_height * eighths).round() } else { 0.0 };
        for (y, below) in (area.y..area.bottom()).rev().zip(0u16..) {
            let in_row = (filled - f64::from(below) * 8.0).clamp(0.0, 8.0) as usize;
            buf.set_string(x, y, EIGHTHS[in_row], theme.hue(Hue::Blue));
        }
    }
    let width = usize::from(area.width);
    for (bin, &share) in panel.shares.iter().enumerate().take(width).filter(|&(_, &share)| share > full_height * 1.001)
    {
        let on_the_right = format!("↑{}", per_cent(share));
        let (text, start) = match bin + 1 + on_the_right.width() <= width {
            true => (on_the_right, bin + 1),
            false => {
                let text = format!("{}↑", per_cent(share));
                let start = bin.saturating_sub(text.width());
                (text, start)
            }
        };
        if area.height > 0 {
            buf.set_stringn(area.x + start as u16, area.y, text, width - start.min(width), theme.title());
        }
    }
}

/// The notes below a panel, as many in a line as fit.
fn notes(panel: &Histogram, width: u16) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for note in &panel.notes {
        match lines.last_mut().filter(|line| line.width() + 2 + note.width() <= width.into()) {
            Some(line) => *line += &format!("  {note}"),
            None => lines.push(shorten(note, width.into())),
        }
    }
    lines
}

/// The axis below a panel: `0────0.5────1`.
fn axis_text(panel: &Histogram, width: usize) -> String {
    let [low, middle, high] = [panel.low, (panel.low + panel.high) / 2.0, panel.high].map(number);
    let lines = width.saturating_sub(low.width() + middle.width() + high.width());
    if lines < 4 {
        return format!("{low}{}{high}", "─".repeat(width.saturating_sub(low.width() + high.width())));
    }
    // The middle tick is centred.
    let left = (width / 2).saturating_sub(low.width() + middle.width() / 2).clamp(1, lines - 1);
    format!("{low}{}{middle}{}{high}", "─".repeat(left), "─".repeat(lines - left))
}

fn number(value: f64) -> String {
    let text = match value.abs() {
        0.0 => "0".into(),
        size if !(1e-3..1e5).contains(&size) => format!("{value:.0e}"),
        _ => format!("{}", (value * 1e3).round() / 1e3),
    };
    text.replace('-', "−")
}

fn per_cent(share: f64) -> String {
    match 100.0 * share {
        share if share < 9.95 => format!("{share:.1} %"),
        share => format!("{share:.0} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(panels: usize, width: u16, height: u16) -> Vec<String> {
        // Three of four units are silent, and a hill of the others is highest in bin 10.
        let shares: Vec<f64> = (0..30)
            .map(|bin: i32| if bin == 0 { 0.75 } else { f64::from((11 - (bin - 10).abs()).max(0)) / 484.0 })
            .collect();
        let panel = |place| Histogram {
            name: format!("layer {place}"),
            low: 0.0,
            high: 8.0,
            shares: shares.clone(),
            notes: vec!["sd 0.02".into(), "mean 0.50".into(), "zero 75 %".into()],
        };
        let plot = Histograms { panels: (1..=panels).map(panel).collect(), x_label: "activation".into() };
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        histograms(&plot, Theme::new(false), area, &mut buf);
        let row = |y| (0..width).map(|x| buf[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        (0..height).map(row).collect()
    }

    #[test]
    fn a_hill_beside_a_cut_off_bar() {
        let expected = [
            "full height: 2.8 %",
            "layer 1",
            "█↑75 %    ▂",
            "█      ▃▅▇█▇▅▃",
            "█  ▁▄▆█████████▆▄▁",
            "█▅▇███████████████▇▅▂",
            "0──────────────4─────────────8",
            "sd 0.02  mean 0.50  zero 75 %",
        ];
        assert_eq!(drawn(1, 30, 8), expected);
    }

    #[test]
    fn panels_go_into_rows_or_are_left_out_and_that_is_said() {
        let names = |lines: &[String]| -> Vec<String> {
            lines.iter().filter(|line| line.starts_with("layer")).cloned().collect()
        };
        assert_eq!(names(&drawn(3, 100, 12)), [format!("{:32}{:32}{}", "layer 1", "layer 2", "layer 3")]);
        assert_eq!(names(&drawn(3, 34, 12)), ["layer 1     layer 2     layer 3"]);
        assert_eq!(names(&drawn(5, 34, 24)).len(), 2);
        let low = drawn(5, 34, 6);
        assert_eq!(low[1], "layer 1 sd 0.02  layer 5 sd 0.02");
        let few = drawn(5, 34, 10);
        assert_eq!(
            (few[0].as_str(), few[1].as_str()),
            ("full height: 8.0 % · 3 of 5 shown", "layer 1     layer 3     layer 5")
        );
        assert!(drawn(5, 9, 24).iter().all(String::is_empty) && drawn(0, 80, 24).iter().all(String::is_empty));
    }
}
