//! The matrix product.

use super::cpu::{MulAdd, vectorised};
use super::{Matrix, NonZeros};

/// Values in a cache line of the right operand.
const LANES: usize = 16;
/// Cache lines of a row of the result that are summed in registers at once: 112 columns.
const PANEL: usize = 7;
/// Rows of the right operand taken at once: 64 rows of a panel are 28 KiB and stay in the first-level cache.
const BLOCK: usize = 64;

/// out = start + left · right, where `left` is [m, k], `right` [k, n], `out` at least [m, n], and `start` the n values
/// with which each row's sums begin (a bias), or zero.
///
/// Each element is the sum over k in ascending order, one fused multiply-add a term, of the terms whose left factor is
/// not zero.
pub fn product(left: &NonZeros, right: &Matrix, start: Option<&Matrix>, out: &mut Matrix) {
    assert_eq!((left.cols(), out.cols()), (right.rows(), right.cols()));
    assert!(left.rows() <= out.rows());
    let stride = out.stride();
    let (start, right, out) = (start.map(Matrix::padded), right.padded(), out.padded_mut());
    for first in (0..stride).step_by(PANEL * LANES) {
        let panel = Panel { stride, first, lines: ((stride - first) / LANES).min(PANEL) };
        fill_panel(left, right, start, out, panel);
    }
}

/// Columns `first..first + lines * LANES` of the right operand and of the result, both `stride` values a row.
#[derive(Clone, Copy)]
struct Panel {
    stride: usize,
    first: usize,
    lines: usize,
}

vectorised! {
    fn fill_panel(left: &NonZeros, right: &[f32], start: Option<&[f32]>, out: &mut [f32], panel: Panel) {
        match panel.lines {
            1 => fill::<Fma, 1>(left, right, start, out, panel),
            2 => fill::<Fma, 2>(left, right, start, out, panel),
            3 => fill::<Fma, 3>(left, right, start, out, panel),
            4 => fill::<Fma, 4>(left, right, start, out, panel),
            5 => fill::<Fma, 5>(left, right, start, out, panel),
            6 => fill::<Fma, 6>(left, right, start, out, panel),
            _ => fill::<Fma, PANEL>(left, right, start, out, panel),
        }
    }
}

#[inline(always)]
fn fill<Fma: MulAdd, const LINES: usize>(
    left: &NonZeros,
    right: &[f32],
    start: Option<&[f32]>,
    out: &mut [f32],
    Panel { stride, first, .. }: Panel,
) {
    let start = start.map_or([[0.0; LANES]; LINES], |start| load(&start[first..]));
    // How far each row of `left` has been used, for a group of rows at a time, so that nothing is allocated.
    const GROUP: usize = 256;
    for group in (0..left.rows()).step_by(GROUP) {
        let rows = group..(group + GROUP).min(left.rows());
        let mut used = [0; GROUP];
        for block in (0..left.cols() as u32).step_by(BLOCK) {
            for (row, used) in rows.clone().zip(&mut used) {
                let entries = left.row(row);
                let out = &mut out[row * stride + first..];
                let mut sums = if block == 0 { start } else { load(out) };
                while let Some(entry) = entries.get(*used)
                    && entry.column < block + BLOCK as u32
                {
                    let factors: [[f32; LANES]; LINES] = load(&right[entry.column as usize * stride + first..]);
                    for (sums, factors) in sums.iter_mut().zip(&factors) {
                        for (sum, &factor) in sums.iter_mut().zip(factors) {
                            *sum = Fma::mul_add(entry.value, factor, *sum);
                        }
                    }
                    *used += 1;
                }
                store(sums, out);
            }
        }
    }
}

/// The first lines of a slice, to be held in registers.
#[inline(always)]
fn load<const LINES: usize>(from: &[f32]) -> [[f32; LANES]; LINES] {
    let mut lines = [[0.0; LANES]; LINES];
    for (line, from) in lines.iter_mut().zip(from[..LINES * LANES].as_chunks::<LANES>().0) {
        *line = *from;
    }
    lines
}

#[inline(always)]
fn store<const LINES: usize>(lines: [[f32; LANES]; LINES], to: &mut [f32]) {
    for (line, to) in lines.iter().zip(to[..LINES * LANES].as_chunks_mut::<LANES>().0) {
        *to = *line;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(rows: usize, cols: usize, value: impl Fn(usize) -> f32) -> Matrix {
        let mut matrix = Matrix::zeros(rows, cols);
        for row in 0..rows {
            for (col, to) in matrix.row_mut(row).iter_mut().enumerate() {
                *to = value(row * cols + col);
            }
        }
        matrix
    }

    /// The definition, term by term.
    fn by_definition(left: &Matrix, right: &Matrix, start: &Matrix) -> Matrix {
        let mut out = Matrix::zeros(left.rows(), right.cols());
        for row in 0..left.rows() {
            for col in 0..right.cols() {
                let terms = (0..left.cols()).map(|k| (left.row(row)[k], right.row(k)[col]));
                out.row_mut(row)[col] = terms.fold(start.row(0)[col], |sum, (x, y)| x.mul_add(y, sum));
            }
        }
        out
    }

    #[test]
    fn equals_its_definition_to_the_bit() {
        // One column and one row; a whole panel; several panels and blocks; more rows than a group.
        for (m, k, n) in [(1, 1, 1), (3, 5, 10), (7, 64, 112), (20, 130, 113), (5, 784, 100), (300, 20, 230)] {
            let left = filled(m, k, |i| if i * 7 % 10 < 4 { (i * 31 % 101) as f32 / 37.0 - 1.3 } else { 0.0 });
            let right = filled(k, n, |i| (i * 17 % 89) as f32 / 41.0 - 1.1);
            let start = filled(1, n, |i| i as f32 / 7.0);
            let mut nonzeros = NonZeros::new(m, k);
            nonzeros.compress(&left, m);
            let mut out = Matrix::zeros(m, n);
            product(&nonzeros, &right, Some(&start), &mut out);
            assert_eq!(out.view(), by_definition(&left, &right, &start).view(), "{m}×{k}·{k}×{n}");
        }
    }
}
