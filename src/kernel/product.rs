//! The matrix product.

use super::bits::WORD;
#[cfg(target_arch = "x86_64")]
use super::cpu::InstructionSet;
use super::cpu::{MulAdd, vectorised};
use super::matrix::{CacheLine, LANES};
use super::{Bits, Matrix};
use std::cell::RefCell;
use std::ops::Range;

/// What remains of a row after its last whole line is taken as half a line if that is enough.
const HALF: usize = LANES / 2;
/// Cache lines of a row of the result that are summed in registers at once: 112 columns.
const PANEL: usize = 7;
/// Rows of the result that are summed at once where nothing is zero, so that what is loaded of the right operand is used
/// for each of them: 21 of 32 registers.
const TILE: usize = 3;
/// Words of columns whose rows of a panel of the right operand are packed at a time, if they do not lie together already:
/// 64 rows are 28 KiB, which stay in the first-level cache while rows of the result are summed.
const DEPTH: usize = 2;
/// Rows of the result that stay in the second-level cache until all packed words are added to them.
const ROWS: usize = 128;
/// With fewer rows of the result, packing would take longer than it saves.
const FEW_ROWS: usize = 16;

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
        unsafe { *self.as_ptr().add(place) }
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

/// The right operand of a product.
pub trait RightOperand {
    /// (rows, columns)
    fn shape(&self) -> (usize, usize);

    /// The matrix itself, unless it is another's transpose.
    fn as_matrix(&self) -> Option<&Matrix>;

    /// Copies `lines` cache lines of each of these rows, from column `first` on, to `to`, one row after the other.
    fn pack(&self, rows: Range<usize>, first: usize, lines: usize, to: &mut [f32]);
}

impl RightOperand for Matrix {
    fn shape(&self) -> (usize, usize) {
        (self.rows(), self.cols())
    }

    fn as_matrix(&self) -> Option<&Matrix> {
        Some(self)
    }

    fn pack(&self, rows: Range<usize>, first: usize, lines: usize, to: &mut [f32]) {
        let rows = self.padded().chunks_exact(self.stride()).skip(rows.start).take(rows.len());
        let length = lines * LANES;
        to.chunks_exact_mut(length).zip(rows).for_each(|(to, row)| to.copy_from_slice(&row[first..first + length]));
    }
}

impl RightOperand for Transposed<'_, Matrix> {
    fn shape(&self) -> (usize, usize) {
        (self.0.cols(), self.0.rows())
    }

    fn as_matrix(&self) -> Option<&Matrix> {
        None
    }

    fn pack(&self, rows: Range<usize>, first: usize, lines: usize, to: &mut [f32]) {
        self.0.transpose_part(first, rows, lines * LANES, to);
    }
}

/// out = start + left · right, where `left` is [m, k], `right` [k, n], `out` at least [m, n], and `start` the n values
/// with which each row's sums begin (a bias), or zero. `nonzero`, [m, k], says which elements of `left` count: all that are
/// not zero. `left` may have more rows.
///
/// Each element is the sum over k in ascending order, one fused multiply-add a term, of the terms whose left factor
/// counts.
pub fn product<L: LeftOperand, R: RightOperand>(
    nonzero: &Bits,
    left: &L,
    right: &R,
    start: Option<&Matrix>,
    out: &mut Matrix,
) {
    product_by(tile_rows(), nonzero, left, right, start, out);
}

/// How many rows of the result are summed at a time where nothing is zero.
fn tile_rows() -> usize {
    #[cfg(target_arch = "x86_64")]
    if InstructionSet::detect() == InstructionSet::Avx512 {
        return TILE;
    }
    1
}

fn product_by<L: LeftOperand, R: RightOperand>(
    tile_rows: usize,
    nonzero: &Bits,
    left: &L,
    right: &R,
    start: Option<&Matrix>,
    out: &mut Matrix,
) {
    let ((m, k), n) = ((nonzero.rows(), nonzero.cols()), out.cols());
    assert!(m <= left.shape().0 && m <= out.rows());
    assert_eq!((k, (k, n)), (left.shape().1, right.shape()));
    assert!(k > 0 && start.is_none_or(|start| start.cols() == n));
    let (out_stride, start, out) = (out.stride(), start.map(Matrix::padded), out.padded_mut());
    let (bits, words_per_row) = (nonzero.words(), nonzero.words_per_row());
    let mut run = |factors: &[f32], stride, columns: Range<usize>, words: Range<usize>| {
        // So many rows that they stay in the second-level cache for all words.
        for first_row in (0..m).step_by(ROWS) {
            let rows = first_row..m.min(first_row + ROWS);
            for word in words.clone() {
                let factors = &factors[(word - words.start) * WORD * stride..];
                let full = u64::MAX >> (WORD - (k - word * WORD).min(WORD));
                let is_full = |row: usize| bits[row * words_per_row + word] == full;
                let mut waiting = rows.clone();
                while !waiting.is_empty() {
                    // Rows in which nothing is zero, in whole tiles, or all up to the next that is.
                    let tiles =
                        waiting.clone().take_while(|&row| tile_rows == TILE && is_full(row)).count() / TILE * TILE;
                    let length = match tiles {
                        0 if tile_rows == TILE => {
                            let starts_tile =
                                |&row: &usize| row + TILE <= waiting.end && (row..row + TILE).all(is_full);
                            waiting.clone().find(starts_tile).map_or(waiting.len(), |row| row - waiting.start)
                        }
                        0 => waiting.len(),
                        _ => tiles,
                    };
                    let rows = waiting.start..waiting.start + length;
                    let panel = Panel { stride, out_stride, columns: columns.clone(), rows, word };
                    match tiles {
                        0 => fill_panel(nonzero, left, factors, start, out, panel),
                        // SAFETY: there are tiles only where the processor was asked whether it has AVX-512.
                        #[cfg(target_arch = "x86_64")]
                        _ => unsafe { fill_tiles(nonzero, left, factors, start, out, panel) },
                        #[cfg(not(target_arch = "x86_64"))]
                        _ => unreachable!("there are no tiles"),
                    }
                    waiting.start += length;
                }
            }
        }
    };
    let words = words_per_row;
    let in_place = right.as_matrix().filter(|right| right.stride() <= PANEL * LANES || m < FEW_ROWS);
    if let Some(right) = in_place {
        let (factors, stride) = (right.padded(), right.stride());
        panels(n).for_each(|columns| run(&factors[columns.start..], stride, columns, 0..words));
        return;
    }
    PACKED.with_borrow_mut(|packed| {
        for columns in panels(n) {
            let lines = columns.len().div_ceil(LANES);
            for first_word in (0..words).step_by(DEPTH) {
                let words = first_word..words.min(first_word + DEPTH);
                let rows = words.start * WORD..k.min(words.end * WORD);
                let packed = bytemuck::cast_slice_mut(&mut packed[..rows.len() * lines]);
                right.pack(rows, columns.start, lines, packed);
                run(packed, lines * LANES, columns.clone(), words);
            }
        }
    });
}

thread_local! {
    /// A part of a panel of the right operand, its rows next to each other.
    static PACKED: RefCell<[CacheLine; DEPTH * WORD * PANEL]> =
        const { RefCell::new([CacheLine::ZERO; DEPTH * WORD * PANEL]) };
}

/// Columns in panels of about as many cache lines each, and of no more than [`PANEL`].
fn panels(cols: usize) -> impl Iterator<Item = Range<usize>> {
    let lines = cols.div_ceil(LANES);
    let panels = lines.div_ceil(PANEL);
    let edge = move |panel: usize| (panel * lines / panels * LANES).min(cols);
    (0..panels).map(move |panel| edge(panel)..edge(panel + 1))
}

/// A part of a product: a word of columns of the left operand, for some rows and columns of the result.
struct Panel {
    /// From one row of the right operand to the next.
    stride: usize,
    /// From one row of the result to the next.
    out_stride: usize,
    columns: Range<usize>,
    rows: Range<usize>,
    word: usize,
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
        match panel.columns.len().div_ceil(HALF) {
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
    Panel { stride, out_stride, columns, rows, word }: Panel,
) {
    let (first, depth) = (columns.start, (nonzero.cols() - word * WORD).min(WORD));
    let start = start.map_or(Sums::<LINES, TAIL>::ZERO, |start| Sums::load(&start[first..]));
    assert!(first + LINES * LANES + TAIL <= out_stride);
    assert!((depth - 1) * stride + LINES * LANES + TAIL <= right.len());
    let words_per_row = nonzero.words_per_row();
    let (row_step, column_step) = left.steps();
    let mut row_place = rows.start * row_step + word * WORD * column_step;
    // Each row's columns are read a row ahead, because the end of a row is mispredicted and the loads would be waited
    // for: 6 % of a product.
    let words = &nonzero.words()[rows.start * words_per_row + word..];
    let mut column_sets = words.iter().copied().step_by(words_per_row);
    let mut next_columns = column_sets.next().unwrap_or(0);
    for out in out[rows.start * out_stride..].chunks_exact_mut(out_stride).take(rows.len()) {
        let out = &mut out[first..];
        let mut columns = next_columns;
        next_columns = column_sets.next().unwrap_or(0);
        let mut sums = if word == 0 { start } else { Sums::load(out) };
        while columns != 0 {
            let column = columns.trailing_zeros() as usize;
            // SAFETY: `nonzero` has no bits after its last column, and, as `product` made sure, as many columns as `left`
            // and no more rows. As asserted above, the panel, as wide as `Sums`, lies within each row of the right
            // operand, and `Sums` is as f32 lie there. Checks would cost loads, of which there is one a cycle.
            let (value, factors) =
                unsafe { (left.value(row_place + column * column_step), &*right.as_ptr().add(column * stride).cast()) };
            sums.add::<Fma>(value, factors);
            columns &= columns - 1;
        }
        sums.store(out);
        row_place += row_step;
    }
}

/// The same for rows in which nothing is zero, [`TILE`] at once; the last ones if fewer are left over.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn fill_tiles<L: LeftOperand>(
    nonzero: &Bits,
    left: &L,
    right: &[f32],
    start: Option<&[f32]>,
    out: &mut [f32],
    panel: Panel,
) {
    match panel.columns.len().div_ceil(LANES) {
        1 => tiles::<L, 1>(nonzero, left, right, start, out, panel),
        2 => tiles::<L, 2>(nonzero, left, right, start, out, panel),
        3 => tiles::<L, 3>(nonzero, left, right, start, out, panel),
        4 => tiles::<L, 4>(nonzero, left, right, start, out, panel),
        5 => tiles::<L, 5>(nonzero, left, right, start, out, panel),
        6 => tiles::<L, 6>(nonzero, left, right, start, out, panel),
        _ => tiles::<L, PANEL>(nonzero, left, right, start, out, panel),
    }
}

/// Of the last cache line of a row, only what is in use is loaded and stored.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
#[allow(clippy::needless_range_loop, reason = "sums named by constants alone stay in registers")]
fn tiles<L: LeftOperand, const LINES: usize>(
    nonzero: &Bits,
    left: &L,
    right: &[f32],
    start: Option<&[f32]>,
    out: &mut [f32],
    Panel { stride, out_stride, columns, rows, word }: Panel,
) {
    use std::arch::x86_64::*;
    let depth = (nonzero.cols() - word * WORD).min(WORD);
    assert!((depth - 1) * stride + LINES * LANES <= right.len() && columns.end <= out_stride);
    assert!(columns.len().div_ceil(LANES) == LINES && start.is_none_or(|start| columns.end <= start.len()));
    let last = u16::MAX >> (LINES * LANES - columns.len());
    let in_use = |line: usize| if line + 1 == LINES { last } else { u16::MAX };
    let mut at_start = [_mm512_setzero_ps(); LINES];
    if let Some(start) = start {
        for line in 0..LINES {
            // SAFETY: as many values as are in use lie there, as asserted above.
            at_start[line] =
                unsafe { _mm512_maskz_loadu_ps(in_use(line), start.as_ptr().add(columns.start + line * LANES)) };
        }
    }
    let (row_step, column_step) = left.steps();
    let mut row_place = rows.start * row_step + word * WORD * column_step;
    for out in out[rows.start * out_stride..].chunks_exact_mut(TILE * out_stride).take(rows.len() / TILE) {
        let place_of = |row: usize, line: usize| row * out_stride + columns.start + line * LANES;
        let mut sums = [at_start; TILE];
        if word > 0 {
            for row in 0..TILE {
                for line in 0..LINES {
                    // SAFETY: as asserted above, the columns lie within each row of the result.
                    sums[row][line] =
                        unsafe { _mm512_maskz_loadu_ps(in_use(line), out.as_ptr().add(place_of(row, line))) };
                }
            }
        }
        let (mut place, mut factors) = (row_place, right.as_ptr());
        for _ in 0..depth {
            let mut values = [_mm512_setzero_ps(); TILE];
            for row in 0..TILE {
                // SAFETY: these are rows and columns of `nonzero`, and `left` has as many, as `product` made sure.
                values[row] = unsafe { _mm512_set1_ps(left.value(place + row * row_step)) };
            }
            for line in 0..LINES {
                // SAFETY: as asserted above, the panel lies within each row of the right operand.
                let factors = unsafe { _mm512_loadu_ps(factors.add(line * LANES)) };
                for row in 0..TILE {
                    sums[row][line] = _mm512_fmadd_ps(values[row], factors, sums[row][line]);
                }
            }
            place += column_step;
            factors = factors.wrapping_add(stride);
        }
        for row in 0..TILE {
            for line in 0..LINES {
                // SAFETY: as where they were loaded.
                unsafe {
                    _mm512_mask_storeu_ps(out.as_mut_ptr().add(place_of(row, line)), in_use(line), sums[row][line])
                };
            }
        }
        row_place += TILE * row_step;
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

    fn transpose(matrix: &Matrix) -> Matrix {
        let mut transpose = Matrix::zeros(matrix.cols(), matrix.rows());
        for row in 0..matrix.rows() {
            matrix.row(row).iter().enumerate().for_each(|(col, &value)| transpose.row_mut(col)[row] = value);
        }
        transpose
    }

    /// Both operands as they are and as transposes' transposes, with and without a start, by rows and by tiles.
    fn every_way_equals_the_definition(left: &Matrix, right: &Matrix, start: &Matrix) {
        let ((m, k), n) = ((left.rows(), left.cols()), right.cols());
        let (left_transpose, right_transpose) = (transpose(left), transpose(right));
        let mut nonzero = Bits::zeros(m, k);
        nonzero.find(left, m);
        for start in [Some(start), None] {
            let expected = bits(&by_definition(left, right, start));
            // One row more than asked for, which must not be touched, and neither must the padding.
            let mut out = Matrix::zeros(m + 1, n);
            let mut check = |by: &dyn Fn(&mut Matrix)| {
                out.padded_mut().fill(9.0);
                by(&mut out);
                assert_eq!(bits(&out)[..m * n], expected, "{m}×{k}·{k}×{n}");
                assert!(out.row(m).iter().all(|&x| x == 9.0));
                let stride = out.stride();
                let mut padding = out.padded().chunks(stride).map(|row| &row[n.next_multiple_of(HALF)..]);
                assert!(padding.all(|padding| padding.iter().all(|&x| x == 9.0)), "{m}×{k}·{k}×{n}");
            };
            for tile_rows in [1, tile_rows()] {
                check(&|out| product_by(tile_rows, &nonzero, left, right, start, out));
                check(&|out| product_by(tile_rows, &nonzero, &Transposed(&left_transpose), right, start, out));
                check(&|out| product_by(tile_rows, &nonzero, left, &Transposed(&right_transpose), start, out));
            }
        }
    }

    #[test]
    fn equals_its_definition_to_the_bit() {
        // One column and one row; a whole panel; several panels and words; many rows; rows as long as padding begins with.
        let shapes =
            [(1, 1, 1), (3, 5, 10), (7, 64, 112), (20, 130, 113), (5, 784, 100), (300, 20, 230), (17, 129, 256)];
        for (m, k, n) in shapes {
            let mut left = filled(m, k, |i| if i * 7 % 10 < 4 { (i * 31 % 101) as f32 / 37.0 - 1.3 } else { 0.0 });
            let mut right = filled(k, n, |i| (i * 17 % 89) as f32 / 41.0 - 1.1);
            let mut start = filled(1, n, |i| i as f32 / 7.0);
            // Zeros of either sign leave out even what is not finite; a sum of nothing is its start.
            left.row_mut(m - 1).fill(-0.0);
            left.row_mut(0)[k / 2] = f32::MIN_POSITIVE / 8.0;
            right.row_mut(k / 2)[n / 2] = f32::NEG_INFINITY;
            right.row_mut(k - 1)[n / 3] = f32::NAN;
            start.row_mut(0)[0] = -0.0;
            every_way_equals_the_definition(&left, &right, &start);
        }
    }

    /// Tiles of rows in which nothing is zero, and what lies between them.
    #[test]
    fn full_rows_equal_the_definition_to_the_bit() {
        for (m, k) in [(1, 1), (2, 65), (3, 64), (4, 100), (8, 130), (131, 63), (260, 17)] {
            for n in [1, 7, 8, 9, 16, 100, 111, 112, 113, 239, 240, 241, 255, 256, 257, 272, 273] {
                let mut left = filled(m, k, |i| (i * 31 % 101) as f32 / 37.0 - 1.31);
                let mut right = filled(k, n, |i| (i * 17 % 89) as f32 / 41.0 - 1.1);
                let start = filled(1, n, |i| if i % 5 == 0 { -0.0 } else { i as f32 / 7.0 });
                // A zero in the fifth row and in every eleventh after it ends a tile; its factors are not finite.
                (4..m).step_by(11).for_each(|row| left.row_mut(row)[k / 2] = if row % 2 == 0 { -0.0 } else { 0.0 });
                right.row_mut(k / 2)[n / 2] = f32::INFINITY;
                right.row_mut(k / 3)[n / 3] = f32::NAN;
                // Sums of products that are −0, and infinity times what is below the smallest normal number.
                right.row_mut(k / 4)[n - 1] = -0.0;
                left.row_mut(0)[k / 2] = f32::MIN_POSITIVE / 8.0;
                left.row_mut(m / 2)[k - 1] = f32::NEG_INFINITY;
                every_way_equals_the_definition(&left, &right, &start);
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
        let transpose = transpose(&matrix);
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
