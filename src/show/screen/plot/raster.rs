//! Lines in braille dots: two by four dots in each character, which has one style.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// A drawing as large as an area of characters. Places are in the unit square, with (0, 0) at the lower left.
pub struct Raster {
    area: Rect,
    /// (dots, style of the last one) of each character, row by row. The dots are the last byte of the braille code point.
    characters: Vec<(u8, Style)>,
}

/// The bits of the dots of a character: row by row from the top, (left, right).
const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

impl Raster {
    pub fn new(area: Rect) -> Raster {
        Raster { area, characters: vec![(0, Style::new()); area.area() as usize] }
    }

    /// The numbers of dots along x and along y.
    fn size(&self) -> [f64; 2] {
        [f64::from(self.area.width) * 2.0, f64::from(self.area.height) * 4.0]
    }

    /// The character that a place lies in; `None` outside of the unit square.
    pub fn character(&self, (x, y): (f64, f64)) -> Option<(u16, u16)> {
        let inside = (0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y) && !self.area.is_empty();
        let [columns, rows] = self.size();
        let (column, row) = ((x * (columns - 1.0)).round() as u16 / 2, ((1.0 - y) * (rows - 1.0)).round() as u16 / 4);
        inside.then_some((self.area.x + column, self.area.y + row))
    }

    /// Draws those dots of a line within the unit square for which `shown` is true; the dots are numbered from `first` on. Returns
    /// by how much the next line of a path has to increase `first` to continue a pattern.
    pub fn line(&mut self, ends: [(f64, f64); 2], style: Style, first: usize, shown: impl Fn(usize) -> bool) -> usize {
        let dots = self.dots(ends);
        for (nth, &(column, row)) in dots.iter().enumerate() {
            if shown(first + nth) {
                self.dot(column, row, style);
            }
        }
        dots.len().saturating_sub(1)
    }

    /// Draws a line as a faint background: only the dots in every third column, or in every third row if the line is steep, so
    /// that the segments of a curve form one pattern.
    pub fn sparse_line(&mut self, ends: [(f64, f64); 2], style: Style) {
        let [(x, y), (to_x, to_y)] = ends;
        let [columns, rows] = self.size();
        let is_flat = (to_x - x).abs() * columns >= (to_y - y).abs() * rows;
        for (column, row) in self.dots(ends) {
            if if is_flat { column % 3 == 1 } else { row % 3 == 1 } {
                self.dot(column, row, style);
            }
        }
    }

    /// (column, row) of each dot of a line within the unit square.
    fn dots(&self, ends: [(f64, f64); 2]) -> Vec<(usize, usize)> {
        let Some([(x, y), (to_x, to_y)]) = clip(ends) else { return Vec::new() };
        let [columns, rows] = self.size().map(|dots| dots - 1.0);
        let length = ((to_x - x).abs() * columns).max((to_y - y).abs() * rows).round() as usize;
        let dot = |step: usize| {
            let share = step as f64 / length.max(1) as f64;
            let column = ((x + (to_x - x) * share) * columns).round() as usize;
            (column, ((1.0 - y - (to_y - y) * share) * rows).round() as usize)
        };
        (0..=length).map(dot).collect()
    }

    /// The share of characters that have a dot.
    pub fn covered(&self) -> f64 {
        let covered = self.characters.iter().filter(|(dots, _)| *dots > 0).count();
        covered as f64 / self.characters.len().max(1) as f64
    }

    fn dot(&mut self, column: usize, row: usize, style: Style) {
        let place = row / 4 * usize::from(self.area.width) + column / 2;
        if let Some(character) = self.characters.get_mut(place) {
            *character = (character.0 | BITS[row % 4][column % 2], style);
        }
    }

    /// Draws into the buffer. Characters without dots are left as they are.
    pub fn render(&self, buf: &mut Buffer) {
        for ((dots, style), position) in self.characters.iter().zip(self.area.positions()) {
            let character = char::from_u32(0x2800 + u32::from(*dots)).unwrap_or(' ');
            if let Some(cell) = buf.cell_mut(position).filter(|_| *dots > 0) {
                cell.reset();
                cell.set_char(character).set_style(*style);
            }
        }
    }
}

/// The part of a line within the unit square (Liang & Barsky 1984); `None` if there is none.
fn clip([from, to]: [(f64, f64); 2]) -> Option<[(f64, f64); 2]> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (mut first, mut last) = (0.0f64, 1.0f64);
    for (slope, room) in [(-dx, from.0), (dx, 1.0 - from.0), (-dy, from.1), (dy, 1.0 - from.1)] {
        match slope {
            _ if !slope.is_finite() || slope == 0.0 && room < 0.0 => return None,
            0.0 => {}
            _ if slope < 0.0 => first = first.max(room / slope),
            _ => last = last.min(room / slope),
        }
    }
    let place = |share: f64| ((from.0 + dx * share).clamp(0.0, 1.0), (from.1 + dy * share).clamp(0.0, 1.0));
    (first <= last).then(|| [place(first), place(last)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_at_the_edges() {
        assert_eq!(clip([(0.5, 0.5), (1.5, 0.5)]), Some([(0.5, 0.5), (1.0, 0.5)]));
        assert_eq!(clip([(-1.0, 0.5), (1e17, 0.5)]).map(|[from, to]| (from.0, to.0)), Some((0.0, 1.0)));
        assert_eq!(clip([(0.2, 1.5), (0.9, 1.1)]), None);
        assert_eq!(clip([(0.5, f64::INFINITY), (0.5, 0.5)]), None);
        assert_eq!(clip([(0.5, 0.5), (0.5, 0.5)]), Some([(0.5, 0.5), (0.5, 0.5)]));
    }

    #[test]
    fn dots_stand_where_they_belong() {
        let area = Rect::new(0, 0, 2, 1);
        let (mut raster, mut buf) = (Raster::new(area), Buffer::empty(area));
        raster.line([(0.0, 0.0), (1.0, 1.0)], Style::new(), 0, |_| true);
        raster.render(&mut buf);
        // Four dots from the lower left to the upper right.
        assert_eq!(buf, Buffer::with_lines(["⡠⠊"]));
        assert_eq!(raster.character((1.0, 0.0)), Some((1, 0)));
        assert_eq!(raster.character((1.1, 0.0)), None);
    }
}
