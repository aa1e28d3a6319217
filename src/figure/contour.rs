//! Lines of equal height by marching squares (Lorensen & Cline 1987, in the plane).

/// A place in the unit square: 0 at the lower ends of the axes, 1 at the upper.
type Place = (f64, f64);

/// The line at a height as segments, from heights at the middles of a grid's fields (see [`super::Field::heights`]). Squares
/// with a corner that is not finite have none.
pub fn contour(heights: &[Vec<f64>], level: f64) -> Vec<(Place, Place)> {
    let mut segments = Vec::new();
    let rows = heights.len() as f64;
    for (row, pair) in heights.windows(2).enumerate() {
        let columns = pair[0].len() as f64;
        for column in 1..pair[0].len().min(pair[1].len()) {
            let corners = [pair[0][column - 1], pair[0][column], pair[1][column], pair[1][column - 1]];
            for (from, to) in square(corners, level) {
                let place = |(x, y): Place| ((column as f64 - 0.5 + x) / columns, (row as f64 + 0.5 + y) / rows);
                segments.push((place(from), place(to)));
            }
        }
    }
    segments
}

/// The segments within one square of side 1, whose corners are given from (0, 0) counter-clockwise.
fn square(corners: [f64; 4], level: f64) -> Vec<(Place, Place)> {
    const AT: [Place; 4] = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
    if !corners.iter().all(|height| height.is_finite()) {
        return Vec::new();
    }
    let above = corners.map(|height| height >= level);
    // The sides that the line crosses, in order: side n leads from corner n to the next.
    let crossing = |side: usize| {
        let next = (side + 1) % 4;
        let share = (level - corners[side]) / (corners[next] - corners[side]);
        let between = |from: f64, to: f64| from + (to - from) * share;
        (above[side] != above[next]).then(|| (between(AT[side].0, AT[next].0), between(AT[side].1, AT[next].1)))
    };
    let crossings: Vec<Place> = (0..4).filter_map(crossing).collect();
    match crossings[..] {
        [from, to] => vec![(from, to)],
        // Two opposite corners lie above: the middle tells which of them the lines cut off.
        [a, b, c, d] => {
            let middle_above = corners.iter().sum::<f64>() / 4.0 >= level;
            if middle_above == above[0] { vec![(a, b), (c, d)] } else { vec![(d, a), (b, c)] }
        }
        _ => Vec::new(),
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
        let length = |&((x, y), (to_x, to_y)): &(Place, Place)| 2.0 * (to_x - x).hypot(to_y - y);
        let around: f64 = segments.iter().map(length).sum();
        assert!((around - std::f64::consts::PI).abs() < 0.02, "{around}");
    }

    #[test]
    fn a_saddle_is_crossed_twice_and_gaps_not_at_all() {
        assert_eq!(square([1.0, 0.0, 1.0, 0.0], 0.4).len(), 2);
        // The middle, 0.5, lies above 0.4 as the first corner does: the lines cut off the second and the fourth.
        assert_eq!(square([1.0, 0.0, 1.0, 0.0], 0.4)[0], ((0.6, 0.0), (1.0, 0.4)));
        assert_eq!(square([1.0, f64::NAN, 0.0, 0.0], 0.5), []);
        assert_eq!(contour(&[], 0.0), []);
        assert_eq!(contour(&heights(|_, _| 1.0), 0.5), []);
    }
}
