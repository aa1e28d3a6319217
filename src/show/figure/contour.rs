//! Contour lines and the areas above them, by marching squares (Lorensen & Cline 1987, in two dimensions).

/// A point in the unit square: 0 at the lower ends of the axes, 1 at the upper ends.
type Xy = (f64, f64);

/// The contour at a height, as segments. `heights` as for [`super::Field::heights`]; no contour runs through a square with a
/// corner that is not finite.
pub fn contour(heights: &[Vec<f64>], level: f64) -> Vec<(Xy, Xy)> {
    let finite = squares(heights).filter(|square| square.corners.iter().all(|height| height.is_finite()));
    finite.flat_map(|square| square.lines(level)).collect()
}

/// The area where heights are at or above a level, as polygons that end at its [`contour`]. Around a height that is not
/// finite, only its own grid cell is left out.
pub fn above(heights: &[Vec<f64>], level: f64) -> Vec<Vec<Xy>> {
    let mut polygons: Vec<Vec<Xy>> = Vec::new();
    // The last polygon that covers whole squares: the next such square in its row is merged into it.
    let mut whole: Option<usize> = None;
    for square in squares(heights) {
        if square.corners.iter().all(|&height| height.is_finite() && height >= level) {
            let [low, right, high, left] = square.outline();
            match whole.and_then(|place| polygons.get_mut(place)) {
                Some(longer) if longer[1] == low && longer[2] == left => (longer[1], longer[2]) = (right, high),
                _ => {
                    whole = Some(polygons.len());
                    polygons.push(vec![low, right, high, left]);
                }
            }
        } else if square.corners.iter().all(|height| height.is_finite()) {
            polygons.extend(square.parts(level));
        } else {
            polygons.extend(square.quarters(level));
        }
    }
    polygons
}

const CORNERS: [Xy; 4] = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];

/// A square between the centres of four grid cells; at the rim, between the centres and the edge, where heights stay constant.
struct Square {
    from: Xy,
    to: Xy,
    /// The heights at the corners, counter-clockwise from the lower left.
    corners: [f64; 4],
}

/// All squares, row by row from the lowest, each row from the left.
fn squares(heights: &[Vec<f64>]) -> impl Iterator<Item = Square> {
    // The two ends of each square along one direction: indices of grid cells, and positions in [0, 1].
    let sides = |count: usize| {
        let place = move |side: usize| match side {
            0 => 0.0,
            side if side > count => 1.0,
            side => (side as f64 - 0.5) / count as f64,
        };
        let field = move |side: usize| side.saturating_sub(1).min(count.saturating_sub(1));
        let sides = if count > 0 { 0..count + 1 } else { 0..0 };
        sides.map(move |side| ([field(side), field(side + 1)], [place(side), place(side + 1)]))
    };
    sides(heights.len()).flat_map(move |([below, above], [bottom, top])| {
        let columns = heights[below].len().min(heights[above].len());
        sides(columns).map(move |([left, right], [west, east])| Square {
            from: (west, bottom),
            to: (east, top),
            corners: [heights[below][left], heights[below][right], heights[above][right], heights[above][left]],
        })
    })
}

impl Square {
    /// A point given as shares of the width and the height of the square.
    fn place(&self, (x, y): Xy) -> Xy {
        let between = |from: f64, to: f64, share: f64| if share == 1.0 { to } else { from + (to - from) * share };
        (between(self.from.0, self.to.0, x), between(self.from.1, self.to.1, y))
    }

    fn outline(&self) -> [Xy; 4] {
        CORNERS.map(|corner| self.place(corner))
    }

    fn is_above(&self, corner: usize, level: f64) -> bool {
        self.corners[corner] >= level
    }

    /// Where the contour crosses a side. Side n leads from corner n to the next one.
    fn crossing(&self, side: usize, level: f64) -> Option<Xy> {
        let next = (side + 1) % 4;
        let share = (level - self.corners[side]) / (self.corners[next] - self.corners[side]);
        let between = |from: f64, to: f64| from + (to - from) * share;
        let crossing = || (between(CORNERS[side].0, CORNERS[next].0), between(CORNERS[side].1, CORNERS[next].1));
        (self.is_above(side, level) != self.is_above(next, level)).then(|| self.place(crossing()))
    }

    /// Whether two opposite corners above the level are connected through the middle of the square.
    fn middle_is_above(&self, level: f64) -> bool {
        self.corners.iter().sum::<f64>() / 4.0 >= level
    }

    fn lines(&self, level: f64) -> Vec<(Xy, Xy)> {
        let crossings: Vec<Xy> = (0..4).filter_map(|side| self.crossing(side, level)).collect();
        match crossings[..] {
            [from, to] => vec![(from, to)],
            // Two opposite corners lie above. The middle decides which corners the contours cut off.
            [a, b, c, d] if self.middle_is_above(level) == self.is_above(0, level) => vec![(a, b), (c, d)],
            [a, b, c, d] => vec![(d, a), (b, c)],
            _ => Vec::new(),
        }
    }

    /// The part of the square at or above a level.
    fn parts(&self, level: f64) -> Vec<Vec<Xy>> {
        let corners: Vec<usize> = (0..4).filter(|&corner| self.is_above(corner, level)).collect();
        match corners[..] {
            [] => Vec::new(),
            [a, b] if b - a == 2 && !self.middle_is_above(level) => {
                let cut_off = |corner: usize| {
                    let before = self.crossing((corner + 3) % 4, level);
                    let around = [before, Some(self.place(CORNERS[corner])), self.crossing(corner, level)];
                    around.into_iter().flatten().collect()
                };
                vec![cut_off(a), cut_off(b)]
            }
            _ => {
                let side = |corner: usize| {
                    let itself = self.is_above(corner, level).then(|| self.place(CORNERS[corner]));
                    [itself, self.crossing(corner, level)]
                };
                vec![(0..4).flat_map(side).flatten().collect()]
            }
        }
    }

    /// The quarters of the square whose corner is finite and at or above a level.
    fn quarters(&self, level: f64) -> Vec<Vec<Xy>> {
        let quarter = |corner: usize| {
            let (x, y) = (CORNERS[corner].0 / 2.0, CORNERS[corner].1 / 2.0);
            CORNERS.map(|(right, up)| self.place((x + right / 2.0, y + up / 2.0))).into()
        };
        let counts = |corner: &usize| self.corners[*corner].is_finite() && self.is_above(*corner, level);
        (0..4).filter(counts).map(quarter).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Heights of a function on [−1, 1]², 40 by 30 fields.
    fn heights(f: impl Fn(f64, f64) -> f64) -> Vec<Vec<f64>> {
        let middle = |index: usize, count: f64| 2.0 * (index as f64 + 0.5) / count - 1.0;
        (0..30).map(|row| (0..40).map(|column| f(middle(column, 40.0), middle(row, 30.0))).collect()).collect()
    }

    #[test]
    fn the_contour_of_a_cone_is_a_circle() {
        let segments = contour(&heights(|x, y| x.hypot(y)), 0.5);
        let ends = segments.iter().flat_map(|&(from, to)| [from, to]);
        assert!(ends.map(|(x, y)| (2.0 * x - 1.0).hypot(2.0 * y - 1.0)).all(|radius| (radius - 0.5).abs() < 0.002));
        let length = |&((x, y), (to_x, to_y)): &(Xy, Xy)| 2.0 * (to_x - x).hypot(to_y - y);
        let around: f64 = segments.iter().map(length).sum();
        assert!((around - std::f64::consts::PI).abs() < 0.02, "{around}");
    }

    #[test]
    fn a_saddle_is_crossed_twice_and_gaps_not_at_all() {
        let saddle = Square { from: (0.0, 0.0), to: (1.0, 1.0), corners: [1.0, 0.0, 1.0, 0.0] };
        assert_eq!(saddle.lines(0.4).len(), 2);
        // The middle, 0.5, lies above 0.4 as the first corner does: the lines cut off the second and the fourth.
        assert_eq!(saddle.lines(0.4)[0], ((0.6, 0.0), (1.0, 0.4)));
        let corners = |level: f64| saddle.parts(level).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!((corners(0.4), corners(0.6)), (vec![6], vec![3, 3]));
        assert_eq!(contour(&[vec![f64::NAN, 1.0], vec![0.0, f64::NAN]], 0.5), []);
        assert_eq!(contour(&[], 0.0), []);
        assert_eq!(contour(&heights(|_, _| 1.0), 0.5), []);
    }

    fn area(polygon: &[Xy]) -> f64 {
        let next = polygon.iter().cycle().skip(1);
        polygon.iter().zip(next).map(|(a, b)| (a.0 * b.1 - b.0 * a.1) / 2.0).sum()
    }

    #[test]
    fn what_lies_above_a_level_ends_at_its_contour() {
        let covered = |heights: &[Vec<f64>], level: f64| above(heights, level).iter().map(|p| area(p)).sum::<f64>();
        // Outside of a circle of radius ½ in a square of side 2, as shares.
        let share = covered(&heights(|x, y| x.hypot(y)), 0.5);
        assert!((share - (1.0 - std::f64::consts::PI / 16.0)).abs() < 0.002, "{share}");
        assert!((covered(&heights(|x, _| x), f64::NEG_INFINITY) - 1.0).abs() < 1e-12, "to the rim");
        // One field of twelve is a gap, and nothing else is.
        let mut gap = vec![vec![1.0; 4]; 3];
        gap[1][2] = f64::NAN;
        assert!((covered(&gap, 0.5) - 11.0 / 12.0).abs() < 1e-12, "{:?}", above(&gap, 0.5));
        assert_eq!(covered(&gap, 2.0), 0.0);
        assert_eq!(above(&[], 0.0).len() + above(&[vec![]], 0.0).len(), 0);
    }
}
