//! Lists: which columns there is room for, how wide each is, and how rows are drawn.

use super::text::shorten;
use super::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// The width left of the columns, for the mark of a row.
pub const GUTTER: u16 = 2;

/// What a column of a list needs. All widths are in columns of the terminal.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub title: String,
    /// Whether its cells are aligned at the right.
    right: bool,
    /// Whether it is shown however little room there is.
    always: bool,
    /// Columns with a lower number get room first.
    priority: u8,
    /// With less width it is not shown.
    least: u16,
    /// The width it gets before columns with a higher number get any.
    ideal: u16,
    /// The width up to which it grows with what is left over in the end.
    most: u16,
    /// Whether widths between least and ideal are of no use.
    whole: bool,
}

impl Column {
    /// A column as wide as its title and its widest cell, never cut, aligned at the left. It is shown before any column with a
    /// higher `priority` number; columns of the same number get room from left to right.
    pub fn new(title: impl Into<String>, widest: usize, priority: u8) -> Column {
        let title = title.into();
        let width = u16::try_from(widest.max(title.width()).max(1)).unwrap_or(u16::MAX);
        Column { title, right: false, always: false, priority, least: width, ideal: width, most: width, whole: false }
    }

    pub fn right(self, right: bool) -> Column {
        Column { right, ..self }
    }

    /// Shows the column in any case; its priority then only decides when it gets more than its least width.
    pub fn always(self) -> Column {
        Column { always: true, ..self }
    }

    /// Lets the column be cut to `least`; with less room it is not shown.
    pub fn at_least(self, least: usize) -> Column {
        Column { least: u16::try_from(least).unwrap_or(u16::MAX).min(self.ideal), ..self }
    }

    /// Makes the column so wide before columns with a higher number get any room, and wider only with what is left over.
    pub fn ideally(self, ideal: usize) -> Column {
        let ideal = u16::try_from(ideal).unwrap_or(u16::MAX).min(self.most);
        Column { ideal, least: self.least.min(ideal), ..self }
    }

    /// Whether the column has its ideal width.
    pub fn is_whole_at(&self, width: u16) -> bool {
        width >= self.ideal
    }

    /// Gives the column either its least or its ideal width, for cells with a text for each: numbers are not cut.
    pub fn whole(self) -> Column {
        Column { whole: true, ..self }
    }
}

/// The columns that are shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// (place among all columns, the column, its width), from left to right.
    pub shown: Vec<(usize, Column, u16)>,
    /// Blanks between two columns.
    space: u16,
}

impl Layout {
    /// Shares out `width` in order of priority: a column gets its least width, then its ideal one, before the next column is
    /// shown. Columns are one blank apart, or two once all columns with a number below `airy` have room. When a column finds
    /// no room, the rest goes to those that are shown, so that a wider area never shows fewer columns.
    pub fn new(columns: Vec<Column>, airy: u8, width: u16) -> Layout {
        let mut steps: Vec<(u8, Step)> = vec![(airy, Step::WidenSpace)];
        steps.extend(columns.iter().enumerate().map(|(place, column)| (column.priority, Step::Show(place))));
        steps.sort_by_key(|(priority, _)| *priority);
        let mut share = Share { columns: &columns, widths: vec![None; columns.len()], left: width, space: 1 };
        share.show_always();
        for (_, step) in &steps {
            let there = match step {
                Step::WidenSpace => share.widen_space(),
                Step::Show(place) => share.show(*place),
            };
            if !there {
                break;
            }
        }
        share.spread_rest();
        share.widen_space();
        let Share { widths, space, .. } = share;
        let shown = columns.into_iter().zip(widths).enumerate();
        let shown = shown.filter_map(|(place, (column, width))| Some((place, column, width?))).collect();
        Layout { shown, space }
    }

    /// The least width of the columns that are always shown.
    pub fn least_width(columns: &[Column]) -> u16 {
        let always = columns.iter().filter(|column| column.always);
        let least = always.map(|column| column.least.saturating_add(1)).fold(0, u16::saturating_add);
        least.saturating_sub(1)
    }

    /// The width at which all columns with a number below `airy` have their ideal width and are two blanks apart.
    pub fn airy_width(columns: &[Column], airy: u8) -> u16 {
        let before = columns.iter().filter(|column| column.priority < airy);
        before.map(|column| column.ideal.saturating_add(2)).fold(0, u16::saturating_add).saturating_sub(2)
    }

    /// A line of cells, given with one text and style for each column that is shown.
    pub fn line(&self, cells: impl IntoIterator<Item = (String, Style)>) -> Line<'static> {
        let mut line = Line::default();
        for ((_, column, width), (text, style)) in self.shown.iter().zip(cells) {
            if !line.spans.is_empty() {
                line.push_span(" ".repeat(self.space.into()));
            }
            let text = shorten(&text, usize::from(*width));
            let blank = Span::raw(" ".repeat(usize::from(*width).saturating_sub(text.width())));
            let text = Span::styled(text, style);
            line.spans.extend(if column.right { [blank, text] } else { [text, blank] });
        }
        line
    }

    pub fn titles(&self, theme: Theme) -> Line<'static> {
        self.line(self.shown.iter().map(|(_, column, _)| (column.title.clone(), theme.faint())))
    }

    pub fn draw_titles(&self, theme: Theme, area: Rect, buf: &mut Buffer) {
        if !area.is_empty() {
            set_line(&self.titles(theme), area, buf);
        }
    }

    /// Draws a row of height 1 with its mark in the gutter. The selected row has the style `selected` throughout, without the
    /// colours of its cells, so that it can be seen on every background.
    pub fn draw_row(
        &self,
        mark: (String, Style),
        cells: Vec<(String, Style)>,
        selected: Option<Style>,
        area: Rect,
        buf: &mut Buffer,
    ) {
        if area.is_empty() {
            return;
        }
        buf.set_stringn(area.x, area.y, mark.0, area.width.into(), mark.1);
        set_line(&self.line(cells), area, buf);
        if let Some(bar) = selected {
            let row = Rect { height: 1, ..area };
            buf.set_style(row, Style::reset());
            buf.set_style(row, bar);
        }
    }
}

fn set_line(line: &Line, area: Rect, buf: &mut Buffer) {
    let room = area.width.saturating_sub(GUTTER);
    if room > 0 {
        buf.set_line(area.x + GUTTER, area.y, line, room);
    }
}

enum Step {
    WidenSpace,
    Show(usize),
}

/// The state while a width is shared out.
struct Share<'a> {
    columns: &'a [Column],
    /// `None` for a column that is not shown.
    widths: Vec<Option<u16>>,
    left: u16,
    space: u16,
}

impl Share<'_> {
    fn shown(&self) -> u16 {
        self.widths.iter().flatten().count() as u16
    }

    /// The room for one more column, without its distance from the others.
    fn beside(&self) -> u16 {
        self.left.saturating_sub(if self.shown() > 0 { self.space } else { 0 })
    }

    /// Shows a column that is not shown yet. Returns whether there was room for it.
    fn add(&mut self, place: usize, width: u16) -> bool {
        let room = self.beside();
        let fits = width > 0 && width <= room;
        if fits {
            (self.left, self.widths[place]) = (room - width, Some(width));
        }
        fits
    }

    /// Shows the columns that are always shown, from left to right, cut at the edge of the area if necessary.
    fn show_always(&mut self) {
        for (place, column) in self.columns.iter().enumerate().filter(|(_, column)| column.always) {
            self.add(place, column.least.min(self.beside()));
        }
    }

    /// Shows a column at its ideal width. Returns whether there was room for that.
    fn show(&mut self, place: usize) -> bool {
        let column = &self.columns[place];
        if self.widths[place].is_none() && !self.add(place, column.least) {
            return false;
        }
        let Some(width) = &mut self.widths[place] else { return false };
        let missing = column.ideal.saturating_sub(*width);
        let more = if column.whole && missing > self.left { 0 } else { missing.min(self.left) };
        (self.left, *width) = (self.left - more, *width + more);
        more == missing
    }

    /// Puts two blanks between all columns. Returns whether there was room for that.
    fn widen_space(&mut self) -> bool {
        let more = if self.space == 1 { self.shown().saturating_sub(1) } else { 0 };
        let fits = more <= self.left;
        if fits {
            (self.left, self.space) = (self.left - more, 2);
        }
        fits
    }

    /// Spreads what is left over evenly over the columns that are shown, starting with the lowest numbers.
    fn spread_rest(&mut self) {
        let mut growing: Vec<usize> = (0..self.columns.len()).collect();
        growing.sort_by_key(|&place| self.columns[place].priority);
        while self.left > 0 && !growing.is_empty() {
            growing.retain(|&place| {
                let column = &self.columns[place];
                let Some(width) = &mut self.widths[place] else { return false };
                let grows = self.left > 0 && *width < column.most && (!column.whole || column.is_whole_at(*width));
                if grows {
                    (self.left, *width) = (self.left - 1, *width + 1);
                }
                grows
            });
        }
    }
}

/// The first row to show, of `count` rows, so that row `selected` is in view; as near to `top` as possible.
pub fn scroll(top: usize, selected: usize, height: usize, count: usize) -> usize {
    let lowest = count.saturating_sub(height);
    top.min(selected).max((selected + 1).saturating_sub(height)).min(lowest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn column() -> impl Strategy<Value = Column> {
        (1..40_usize, 0..6_u8, 0..40_usize, 0..40_usize, any::<bool>(), any::<bool>()).prop_map(
            |(widest, priority, least, ideal, always, whole)| {
                let column = Column::new("", widest, priority).ideally(ideal.max(1)).at_least(least.max(1));
                let column = if always { column.always() } else { column };
                if whole { column.whole() } else { column }
            },
        )
    }

    fn total(layout: &Layout) -> u16 {
        let widths: u16 = layout.shown.iter().map(|(.., width)| width).sum();
        widths + layout.space * (layout.shown.len() as u16).saturating_sub(1)
    }

    fn places(layout: &Layout) -> Vec<usize> {
        layout.shown.iter().map(|(place, ..)| *place).collect()
    }

    proptest! {
        #[test]
        fn columns_fit_and_come_by_priority(columns in prop::collection::vec(column(), 0..9), airy in 0..7_u8) {
            let needed = Layout::least_width(&columns);
            for width in 1..=250 {
                let layout = Layout::new(columns.clone(), airy, width);
                prop_assert!(total(&layout) <= width, "{} of {width}", total(&layout));
                let shown = places(&layout);
                for (place, column, wide) in &layout.shown {
                    prop_assert!((column.least..=column.most).contains(wide) || width < needed);
                    let mut before = (0..columns.len()).filter(|other| columns[*other].priority < column.priority);
                    prop_assert!(column.always || before.all(|before| shown.contains(&before)), "{place}");
                }
                let mut always = (0..columns.len()).filter(|&place| columns[place].always);
                prop_assert!(width < needed || always.all(|place| shown.contains(&place)));
            }
        }

        /// One column of the terminal more takes nothing away: a column is only narrower for one that comes, or for another
        /// that has its whole text now, or for the air between all.
        #[test]
        fn nothing_jumps_in_a_wider_area(columns in prop::collection::vec(column(), 0..9), airy in 0..7_u8) {
            for width in 1..250 {
                let before = Layout::new(columns.clone(), airy, width);
                let after = Layout::new(columns.clone(), airy, width + 1);
                let shown = places(&after);
                prop_assert!(places(&before).iter().all(|place| shown.contains(place)), "at {width}");
                let width_of = |layout: &Layout, at: usize| layout.shown.iter().find(|(p, ..)| *p == at).map(|s| s.2);
                let narrower = |(place, _, wide): &&(usize, Column, u16)| width_of(&after, *place) < Some(*wide);
                let leaps = |(place, column, wide): &(usize, Column, u16)| {
                    column.whole && *wide < column.ideal && width_of(&after, *place) == Some(column.ideal)
                };
                let gives_way = shown.len() > before.shown.len()
                    || before.space < after.space
                    || before.shown.iter().any(leaps);
                prop_assert!(before.shown.iter().find(narrower).is_none() || gives_way, "at {width}");
            }
        }
    }

    #[test]
    fn scrolling_moves_only_to_keep_the_selected_row_in_view() {
        assert_eq!(scroll(0, 9, 10, 40), 0);
        assert_eq!(scroll(0, 10, 10, 40), 1);
        assert_eq!(scroll(20, 15, 10, 40), 15);
        assert_eq!(scroll(35, 39, 10, 40), 30);
        assert_eq!(scroll(3, 0, 0, 0), 0);
    }
}
