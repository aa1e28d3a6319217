//! The matrix product.

use super::cpu::{MulAdd, vectorised};
use super::{Matrix, NonZeros};

/// Values in a cache line of the right operand, and in the widest vector register.
const LANES: usize = 16;
/// What remains of a row behind its last whole line is taken as half a line if that is enough.
const HALF: usize = LANES / 2;
/// Cache lines of a row of the result that are summed in registers at once: 112 columns.
const PANEL: usize = 7;
/// Rows of the right operand taken at once, at most: 64 rows of a panel are 28 KiB and stay in the first-level cache.
const BLOCK: usize = 64;
/// The same for a left operand with longer rows: those are images, which use few rows of each block, so that going from
/// block to block costs more than the second-level cache.
const LONG_BLOCK: usize = 112;

/// out = start + left · right, where `left` is [m, k], `right` [k, n], `out` at least [m, n], and `start` the n values
/// with which each row's sums begin (a bias), or zero.
///
/// Each element is the sum over k in ascending order, one fused multiply-add a term, of the terms whose left factor is
/// not zero.
pub fn product(left: &NonZeros, right: &Matrix, start: Option<&Matrix>, out: &mut Matrix) {
    assert_eq!((left.cols(), out.cols()), (right.rows(), right.cols()));
    assert!(left.rows() <= out.rows());
    let stride = out.stride();
    let (start, right, cols, out) = (start.map(Matrix::padded), right.padded(), out.cols(), out.padded_mut());
    for first in (0..cols).step_by(PANEL * LANES) {
        let halves = (cols - first).min(PANEL * LANES).div_ceil(HALF);
        fill_panel(left, right, start, out, Panel { stride, first, halves });
    }
}

/// Columns of the right operand and of the result, both `stride` values a row: `halves` half-lines from `first` on.
#[derive(Clone, Copy)]
struct Panel {
    stride: usize,
    first: usize,
    halves: usize,
}

vectorised! {
    fn fill_panel(left: &NonZeros, right: &[f32], start: Option<&[f32]>, out: &mut [f32], panel: Panel) {
        match panel.halves {
            1 => fill::<Fma, 0, HALF>(left, right, start, out, panel),
            2 => fill::<Fma, 1, 0>(left, right, start, out, panel),
            3 => fill::<Fma, 1, HALF>(left, right, start, out, panel),
            4 => fill::<Fma, 2, 0>(left, right, start, out, panel),
            5 => fill::<Fma, 2, HALF>(left, right, start, out, panel),
            6 => fill::<Fma, 3, 0>(left, right, start, out, panel),
            7 => fill::<Fma, 3, HALF>(left, right, start, out, panel),
            8 => fill::<Fma, 4, 0>(left, right, start, out, panel),
            9 => fill::<Fma, 4, HALF>(left, right, start, out, panel),
            10 => fill::<Fma, 5, 0>(left, right, start, out, panel),
            11 => fill::<Fma, 5, HALF>(left, right, start, out, panel),
            12 => fill::<Fma, 6, 0>(left, right, start, out, panel),
            13 => fill::<Fma, 6, HALF>(left, right, start, out, panel),
            _ => fill::<Fma, PANEL, 0>(left, right, start, out, panel),
        }
    }
}

/// Sums of one row of the result, to be held in registers: LINES whole lines and, if TAIL is [`HALF`] and not 0, half a
/// line. Lies in memory as in a row.
#[derive(Clone, Copy)]
#[repr(C)]
struct Sums<const LINES: usize, const TAIL: usize> {
    lines: [[f32; LANES]; LINES],
    tail: [f32; TAIL],
}

impl<const LINES: usize, const TAIL: usize> Sums<LINES, TAIL> {
    const ZERO: Self = Sums { lines: [[0.0; LANES]; LINES], tail: [0.0; TAIL] };

    #[inline(always)]
    fn load(from: &[f32]) -> Self {
        let from = &from[..LINES * LANES + TAIL];
        let mut sums = Self::ZERO;
        sums.lines.iter_mut().zip(from.as_chunks().0).for_each(|(line, from)| *line = *from);
        sums.tail.copy_from_slice(&from[LINES * LANES..]);
        sums
    }

    #[inline(always)]
    fn store(&self, to: &mut [f32]) {
        let to = &mut to[..LINES * LANES + TAIL];
        self.lines.iter().zip(to.as_chunks_mut().0).for_each(|(line, to)| *to = *line);
        to[LINES * LANES..].copy_from_slice(&self.tail);
    }

    /// self + value · factors
    #[inline(always)]
    fn add<Fma: MulAdd>(&mut self, value: f32, factors: &Self) {
        for (sums, factors) in self.lines.iter_mut().zip(&factors.lines) {
            sums.iter_mut().zip(factors).for_each(|(sum, &factor)| *sum = Fma::mul_add(value, factor, *sum));
        }
        self.tail.iter_mut().zip(&factors.tail).for_each(|(sum, &factor)| *sum = Fma::mul_add(value, factor, *sum));
    }
}

#[inline(always)]
fn fill<Fma: MulAdd, const LINES: usize, const TAIL: usize>(
    left: &NonZeros,
    right: &[f32],
    start: Option<&[f32]>,
    out: &mut [f32],
    Panel { stride, first, .. }: Panel,
) {
    let start = start.map_or(Sums::<LINES, TAIL>::ZERO, |start| Sums::load(&start[first..]));
    debug_assert!(first + LINES * LANES + TAIL <= stride);
    let longest = if left.cols() > 2 * BLOCK { LONG_BLOCK } else { BLOCK };
    // Blocks of equal length; at least one, even of an empty operand.
    let blocks = left.cols().div_ceil(longest).max(1);
    let block_rows = left.cols().div_ceil(blocks);
    let (entries, right) = (left.entries(), &right[first..]);
    // Where to go on in each row of `left`, for a group of rows at a time, so that nothing is allocated.
    const GROUP: usize = 256;
    for (starts, out) in left.starts().chunks(GROUP).zip(out.chunks_mut(GROUP * stride)) {
        let mut next = [0; GROUP];
        next[..starts.len()].copy_from_slice(starts);
        for block in 1..=blocks {
            let end = (block * block_rows).min(left.cols());
            for (next, out) in next[..starts.len()].iter_mut().zip(out.chunks_exact_mut(stride)) {
                let out = &mut out[first..];
                let mut sums = if block == 1 { start } else { Sums::load(out) };
                let mut place = *next as usize;
                loop {
                    // SAFETY: behind each row stands an entry whose column is not below `end`: `place` goes no further.
                    let entry = unsafe { *entries.get_unchecked(place) };
                    if entry.column() >= end {
                        break;
                    }
                    // SAFETY: the column is below `end`, and so below the number of the right operand's rows. The
                    // panel, as wide as `Sums`, lies within a row, and `Sums` is as f32 lie there. Checks would cost
                    // loads, of which there is one a cycle.
                    let factors = unsafe { &*right.as_ptr().add(entry.column() * stride).cast() };
                    sums.add::<Fma>(entry.value(), factors);
                    place += 1;
                }
                *next = place as u32;
                sums.store(out);
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
