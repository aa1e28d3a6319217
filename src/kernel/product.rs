//! The matrix product.

use super::bits::WORD;
use super::cpu::{MulAdd, vectorised};
use super::{Bits, Matrix};

/// Values in a cache line of the right operand, and in the widest vector register.
const LANES: usize = 16;
/// What remains of a row after its last whole line is taken as half a line if that is enough.
const HALF: usize = LANES / 2;
/// Cache lines of a row of the result that are summed in registers at once: 112 columns.
const PANEL: usize = 7;

/// The left operand of a product.
///
/// # Safety
/// The shape and the steps stay what they are as long as it is borrowed, and [`value`](LeftOperand::value) fulfils its
/// contract for them.
pub unsafe trait LeftOperand {
    /// (rows, columns)
    fn shape(&self) -> (usize, usize);

    /// Places from an element to the next of its column, and to the next of its row. The first element has place 0.
    fn steps(&self) -> (usize, usize);

    /// The element at a place; for one that is zero, it may be anything.
    ///
    /// # Safety
    /// The place is that of a row and a column of the shape.
    unsafe fn value(&self, place: usize) -> f32;
}

// SAFETY: there are rows · stride values. Neither number changes without a mutable borrow.
unsafe impl LeftOperand for Matrix {
    fn shape(&self) -> (usize, usize) {
        (self.rows(), self.cols())
    }

    fn steps(&self) -> (usize, usize) {
        (self.stride(), 1)
    }

    #[inline(always)]
    unsafe fn value(&self, place: usize) -> f32 {
        // SAFETY: as promised, it is the place of a row and a column.
        unsafe { *self.padded().get_unchecked(place) }
    }
}

/// The transpose, which is never stored.
pub struct Transposed<'a, L>(pub &'a L);

// SAFETY: a row and a column here are a column and a row there, at the same place.
unsafe impl<L: LeftOperand> LeftOperand for Transposed<'_, L> {
    fn shape(&self) -> (usize, usize) {
        let (rows, columns) = self.0.shape();
        (columns, rows)
    }

    fn steps(&self) -> (usize, usize) {
        let (to_row, to_column) = self.0.steps();
        (to_column, to_row)
    }

    #[inline(always)]
    unsafe fn value(&self, place: usize) -> f32 {
        // SAFETY: as promised.
        unsafe { self.0.value(place) }
    }
}

/// out = start + left · right, where `left` is [m, k], `right` [k, n], `out` at least [m, n], and `start` the n values
/// with which each row's sums begin (a bias), or zero. `nonzero`, [m, k], says which elements of `left` count: all that are
/// not zero. `left` may have more rows.
///
/// Each element is the sum over k in ascending order, one fused multiply-add a term, of the terms whose left factor
/// counts.
pub fn product<L: LeftOperand>(nonzero: &Bits, left: &L, right: &Matrix, start: Option<&Matrix>, out: &mut Matrix) {
    assert!(nonzero.rows() <= left.shape().0 && nonzero.rows() <= out.rows());
    assert_eq!((nonzero.cols(), nonzero.cols()), (left.shape().1, right.rows()));
    assert_eq!(right.cols(), out.cols());
    assert!(nonzero.cols() > 0 && start.is_none_or(|start| start.cols() == out.cols()));
    let stride = out.stride();
    let (start, right, cols, out) = (start.map(Matrix::padded), right.padded(), out.cols(), out.padded_mut());
    for first in (0..cols).step_by(PANEL * LANES) {
        let halves = (cols - first).min(PANEL * LANES).div_ceil(HALF);
        fill_panel(nonzero, left, right, start, out, Panel { stride, first, halves });
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
    fn fill_panel<L: LeftOperand>(
        nonzero: &Bits,
        left: &L,
        right: &[f32],
        start: Option<&[f32]>,
        out: &mut [f32],
        panel: Panel,
    ) {
        match panel.halves {
            1 => fill::<Fma, L, 0, HALF>(nonzero, left, right, start, out, panel),
            2 => fill::<Fma, L, 1, 0>(nonzero, left, right, start, out, panel),
            3 => fill::<Fma, L, 1, HALF>(nonzero, left, right, start, out, panel),
            4 => fill::<Fma, L, 2, 0>(nonzero, left, right, start, out, panel),
            5 => fill::<Fma, L, 2, HALF>(nonzero, left, right, start, out, panel),
            6 => fill::<Fma, L, 3, 0>(nonzero, left, right, start, out, panel),
            7 => fill::<Fma, L, 3, HALF>(nonzero, left, right, start, out, panel),
            8 => fill::<Fma, L, 4, 0>(nonzero, left, right, start, out, panel),
            9 => fill::<Fma, L, 4, HALF>(nonzero, left, right, start, out, panel),
            10 => fill::<Fma, L, 5, 0>(nonzero, left, right, start, out, panel),
            11 => fill::<Fma, L, 5, HALF>(nonzero, left, right, start, out, panel),
            12 => fill::<Fma, L, 6, 0>(nonzero, left, right, start, out, panel),
            13 => fill::<Fma, L, 6, HALF>(nonzero, left, right, start, out, panel),
            _ => fill::<Fma, L, PANEL, 0>(nonzero, left, right, start, out, panel),
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
fn fill<Fma: MulAdd, L: LeftOperand, const LINES: usize, const TAIL: usize>(
    nonzero: &Bits,
    left: &L,
    right: &[f32],
    start: Option<&[f32]>,
    out: &mut [f32],
    Panel { stride, first, .. }: Panel,
) {
    let start = start.map_or(Sums::<LINES, TAIL>::ZERO, |start| Sums::load(&start[first..]));
    debug_assert!(first + LINES * LANES + TAIL <= stride);
    let (row_step, column_step) = left.steps();
    let words_per_row = nonzero.words_per_row();
    // One word of columns after the other: 64 rows of a panel of the right operand are 28 KiB, and stay in the
    // first-level cache.
    for word in 0..words_per_row {
        let right = &right[word * WORD * stride + first..];
        let mut row_place = word * WORD * column_step;
        // Each row's columns are read a row ahead, because the end of a row is mispredicted and the loads would be
        // waited for: 6 % of a product.
        let mut column_sets = nonzero.words().iter().copied().skip(word).step_by(words_per_row);
        let mut next_columns = column_sets.next().unwrap_or(0);
        for out in out.chunks_exact_mut(stride).take(nonzero.rows()) {
            let out = &mut out[first..];
            let mut columns = next_columns;
            next_columns = column_sets.next().unwrap_or(0);
            let mut sums = if word == 0 { start } else { Sums::load(out) };
            while columns != 0 {
                let column = columns.trailing_zeros() as usize;
                // SAFETY: `nonzero` has no bits after its last column, and, as `product` made sure, as many columns as
                // `left` and as the right operand has rows, and no more rows than `left`. The panel, as wide as `Sums`,
                // lies within a row, and `Sums` is as f32 lie there. Checks would cost loads, of which there is one a
                // cycle.
                let (value, factors) = unsafe {
                    (left.value(row_place + column * column_step), &*right.as_ptr().add(column * stride).cast())
                };
                sums.add::<Fma>(value, factors);
                columns &= columns - 1;
            }
            sums.store(out);
            row_place += row_step;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Gathered, Scale, SparseRows};
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
    fn by_definition(left: &Matrix, right: &Matrix, start: Option<&Matrix>) -> Matrix {
        let mut out = Matrix::zeros(left.rows(), right.cols());
        for row in 0..left.rows() {
            for col in 0..right.cols() {
                let terms = (0..left.cols()).map(|k| (left.row(row)[k], right.row(k)[col])).filter(|&(x, _)| x != 0.0);
                let start = start.map_or(0.0, |start| start.row(0)[col]);
                out.row_mut(row)[col] = terms.fold(start, |sum, (x, y)| x.mul_add(y, sum));
            }
        }
        out
    }

    /// All NaN are alike.
    fn bits(matrix: &Matrix) -> Vec<u32> {
        matrix.view().iter().map(|x| if x.is_nan() { f32::NAN.to_bits() } else { x.to_bits() }).collect()
    }

    #[test]
    fn equals_its_definition_to_the_bit() {
        // One column and one row; a whole panel; several panels and words; many rows.
        for (m, k, n) in [(1, 1, 1), (3, 5, 10), (7, 64, 112), (20, 130, 113), (5, 784, 100), (300, 20, 230)] {
            let mut left = filled(m, k, |i| if i * 7 % 10 < 4 { (i * 31 % 101) as f32 / 37.0 - 1.3 } else { 0.0 });
            let mut right = filled(k, n, |i| (i * 17 % 89) as f32 / 41.0 - 1.1);
            let mut start = filled(1, n, |i| i as f32 / 7.0);
            // Zeros of either sign leave out even what is not finite; a sum of nothing is its start.
            left.row_mut(m - 1).fill(-0.0);
            left.row_mut(0)[k / 2] = f32::MIN_POSITIVE / 8.0;
            right.row_mut(k / 2)[n / 2] = f32::NEG_INFINITY;
            right.row_mut(k - 1)[n / 3] = f32::NAN;
            start.row_mut(0)[0] = -0.0;
            let mut nonzero = Bits::zeros(m, k);
            nonzero.find(&left, m);
            let mut transpose = Matrix::zeros(k, m);
            left.transpose_into(&mut transpose);
            for start in [Some(&start), None] {
                let expected = bits(&by_definition(&left, &right, start));
                // One row more than asked for, which must not be touched.
                let mut out = Matrix::zeros(m + 1, n);
                out.padded_mut().fill(9.0);
                product(&nonzero, &left, &right, start, &mut out);
                assert_eq!(bits(&out)[..m * n], expected, "{m}×{k}·{k}×{n}");
                assert!(out.row(m).iter().all(|&x| x == 9.0));
                out.padded_mut().fill(9.0);
                product(&nonzero, &Transposed(&transpose), &right, start, &mut out);
                assert_eq!(bits(&out)[..m * n], expected, "the transpose's transpose, {m}×{k}·{k}×{n}");
            }
        }
    }

    #[test]
    fn images_and_their_transpose_are_left_operands_as_their_matrix_is() {
        const COLS: usize = 150;
        let bytes: Vec<u8> = (0..9 * COLS).map(|i| if i * 7 % 10 < 3 { (i * 31 % 256) as u8 } else { 0 }).collect();
        let images = SparseRows::from_bytes(&bytes, COLS, Scale::PIXELS);
        let mut gathered = Gathered::new(9, COLS);
        // Old values where there is nothing now must not count.
        gathered.gather(&images, (0..9).rev());
        gathered.gather(&images, 0..7);
        let matrix = gathered.to_matrix();
        let mut transpose = Matrix::zeros(COLS, 7);
        matrix.transpose_into(&mut transpose);
        let mut transposed_nonzero = Bits::zeros(COLS, 9);
        gathered.nonzero().transpose_into(&mut transposed_nonzero);
        let (right, below) = (filled(COLS, 20, |i| (i % 89) as f32 - 40.5), filled(7, 20, |i| (i % 83) as f32 - 40.5));
        let (mut out, mut transposed_out) = (Matrix::zeros(7, 20), Matrix::zeros(COLS, 20));
        product(gathered.nonzero(), &gathered, &right, None, &mut out);
        product(&transposed_nonzero, &Transposed(&gathered), &below, None, &mut transposed_out);
        assert_eq!(bits(&out), bits(&by_definition(&matrix, &right, None)));
        assert_eq!(bits(&transposed_out), bits(&by_definition(&transpose, &below, None)));
    }
}
