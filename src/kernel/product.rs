//! The matrix product.

use super::cpu::{MulAdd, vectorised};
use super::{Matrix, NonZeros};

/// Values in a cache line of the right operand.
const LANES: usize = 16;
/// Cache lines of a row of the result that are summed in registers at once: 112 columns.
const PANEL: usize = 7;
/// Rows of the right operand taken at once: 64 rows of a panel are 28 KiB and stay in the first-level cache.
const BLOCK: u32 = 64;

/// out = start + left · right, where `left` is [m, k], `right` [k, n], `out` at least [m, n], and `start` the n values
/// with which each row's sums begin (a bias), or zero.
///
/// Each element is the sum over k in ascending order, one fused multiply-add a term, of the terms whose left factor is
/// not zero.
pub fn product(left: &NonZeros, right: &Matrix, start: Option<&Matrix>, out: &mut Matrix) {
    assert_eq!((left.cols(), out.cols()), (right.rows(), right.cols()));
    assert!(left.rows() <= out.rows());
    let stride = out.stride();
    for row in out.padded_mut().chunks_exact_mut(stride).take(left.rows()) {
        match start {
            Some(start) => row.copy_from_slice(start.padded()),
            None => row.fill(0.0),
        }
    }
    let (right, out) = (right.padded(), out.padded_mut());
    let mut first = 0;
    while first < stride {
        let lines = ((stride - first) / LANES).min(PANEL);
        add_panel(left, right, out, stride, first, lines);
        first += lines * LANES;
    }
}

vectorised! {
    /// Adds to the columns `first..first + lines * LANES` of `out`.
    fn add_panel(left: &NonZeros, right: &[f32], out: &mut [f32], stride: usize, first: usize, lines: usize) {
        match lines {
            1 => add::<Fma, 1>(left, right, out, stride, first),
            2 => add::<Fma, 2>(left, right, out, stride, first),
            3 => add::<Fma, 3>(left, right, out, stride, first),
            4 => add::<Fma, 4>(left, right, out, stride, first),
            5 => add::<Fma, 5>(left, right, out, stride, first),
            6 => add::<Fma, 6>(left, right, out, stride, first),
            _ => add::<Fma, PANEL>(left, right, out, stride, first),
        }
    }
}

#[inline(always)]
fn add<Fma: MulAdd, const LINES: usize>(left: &NonZeros, right: &[f32], out: &mut [f32], stride: usize, first: usize) {
    // How far each row of `left` has been used, a few hundred rows at a time, so that nothing is allocated.
    const ROWS: usize = 256;
    for group in (0..left.rows()).step_by(ROWS) {
        let rows = (left.rows() - group).min(ROWS);
        let mut used = [0u32; ROWS];
        let mut end = 0;
        while (end as usize) < left.cols() {
            end += BLOCK;
            for row in 0..rows {
                let (columns, values) = left.row(group + row);
                let mut place = used[row] as usize;
                if columns.get(place).is_none_or(|&column| column >= end) {
                    continue;
                }
                let sums = &mut out[(group + row) * stride + first..][..LINES * LANES];
                let mut sum = [[0.0; LANES]; LINES];
                sum.as_flattened_mut().copy_from_slice(sums);
                while place < columns.len() && columns[place] < end {
                    let value = values[place];
                    let line = &right[columns[place] as usize * stride + first..][..LINES * LANES];
                    for (sum, line) in sum.iter_mut().zip(line.as_chunks::<LANES>().0) {
                        for (sum, &factor) in sum.iter_mut().zip(line) {
                            *sum = Fma::mul_add(value, factor, *sum);
                        }
                    }
                    place += 1;
                }
                sums.copy_from_slice(sum.as_flattened());
                used[row] = place as u32;
            }
        }
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
