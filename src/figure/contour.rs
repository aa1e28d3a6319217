//! Contours by marching squares.

/// Both coordinates from 0 to 1 over the whole grid.
pub type Place = (f64, f64);

/// The pieces of the line at which a grid's heights pass `level`, straight within each square between the middles of four
/// neighbouring fields. Squares with a corner that is not finite have none. Rows go up: row 0 is at y = 0.
pub fn segments(heights: &[Vec<f64>], level: f64) -> Vec<(Place, Place)> {
    let rows = heights.len();
    let mut found = Vec::new();
    for (row, (below, above)) in heights.iter().zip(heights.iter().skip(1)).enumerate() {
        let columns = below.len().min(above.len());
        for column in 1..columns {
            // Counter-clockwise from the lower left.
            let corners = [below[column - 1], below[column], above[column], above[column - 1]];
            let place =
                |x: f64, y: f64| ((column as f64 - 0.5 + x) / columns as f64, (row as f64 + 0.5 + y) / rows as f64);
            square(corners, level, place, &mut found);
        }
    }
    found
}

/// Of the four edges of a square, each two that the line passes are joined. In a saddle, where it passes all four, the
/// mean of the corners decides which.
fn square(corners: [f64; 4], level: f64, place: impl Fn(f64, f64) -> Place, found: &mut Vec<(Place, Place)>) {
    if !corners.iter().all(|height| height.is_finite()) {
        return;
    }
    let crossing = |edge: usize| {
        let (from, to) = (corners[edge], corners[(edge + 1) % 4]);
        ((from < level) != (to < level)).then(|| {
            let share = (level - from) / (to - from);
            match edge {
                0 => place(share, 0.0),
                1 => place(1.0, share),
                2 => place(1.0 - share, 1.0),
                _ => place(0.0, 1.0 - share),
            }
        })
    };
    match [crossing(0), crossing(1), crossing(2), crossing(3)] {
        [Some(bottom), Some(right), Some(top), Some(left)] => {
            let middle_is_low = corners.iter().map(|height| height / 4.0).sum::<f64>() < level;
            match middle_is_low == (corners[0] < level) {
                true => found.extend([(bottom, right), (top, left)]),
                false => found.extend([(left, bottom), (right, top)]),
            }
        }
        crossings => {
            let mut passed = crossings.into_iter().flatten();
            found.extend(passed.next().zip(passed.next()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_has_a_straight_line() {
        // Heights x at the middles of three columns: level 1 passes the middle one, level .5 half-way before it.
        let heights = vec![vec![0.0, 1.0, 2.0]; 2];
        assert_eq!(segments(&heights, 0.5), [((2.0 / 6.0, 0.25), (2.0 / 6.0, 0.75))]);
        assert_eq!(segments(&heights, 3.0), []);
    }

    #[test]
    fn a_circle_is_closed() {
        let height = |row: usize, column: usize| (row as f64 - 10.0).hypot(column as f64 - 10.0);
        let heights: Vec<Vec<f64>> = (0..21).map(|row| (0..21).map(|column| height(row, column)).collect()).collect();
        let found = segments(&heights, 7.3);
        let key = |place: Place| ((place.0 * 1e9).round() as i64, (place.1 * 1e9).round() as i64);
        let mut ends: Vec<_> = found.iter().flat_map(|&(from, to)| [key(from), key(to)]).collect();
        ends.sort();
        assert!(ends.len() > 40 && ends.chunks(2).all(|pair| pair[0] == pair[1]), "every end is met by another");
    }

    #[test]
    fn gaps_have_no_contour_and_a_saddle_has_two() {
        assert_eq!(segments(&[vec![0.0, f64::NAN], vec![0.0, 2.0]], 1.0), []);
        assert_eq!(segments(&[vec![0.0, 2.0], vec![2.0, 0.0]], 1.2).len(), 2);
        assert_eq!(segments(&[vec![1.0], vec![]], 1.0), []);
    }
}
