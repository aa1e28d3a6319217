//! A dense f32 matrix laid out for vectors.

#[cfg(target_arch = "x86_64")]
use super::cpu::InstructionSet;
use bytemuck::{Pod, Zeroable};
use ndarray::{ArrayView2, ShapeBuilder};
use std::ops::Range;

/// Values in a cache line, and in the widest vector register.
pub(super) const LANES: usize = 16;

#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C, align(64))]
pub(super) struct CacheLine([f32; LANES]);

impl CacheLine {
    pub(super) const ZERO: CacheLine = CacheLine([0.0; LANES]);
}

/// Row-major. Each row starts on a cache line and is padded to whole ones, so that kernels have no remainders to
/// handle; long rows are an odd number of cache lines apart. The padding of weights, biases and gradients is zero and
/// stays zero; that of activations is undefined.
#[derive(Clone, Debug)]
pub struct Matrix {
    lines: Vec<CacheLine>,
    rows: usize,
    cols: usize,
}

/// Cache lines from the start of one row to the start of the next. Caches choose the place of a line by the low bits of
/// its address, so rows that are a large power of two apart would drive each other out of them. An odd number of lines
/// spreads rows over all places; short rows are too many to a page for it to matter.
fn lines_apart(cols: usize) -> usize {
    const LONG: usize = 16;
    let lines = cols.div_ceil(LANES);
    if lines >= LONG { lines | 1 } else { lines }
}

impl Matrix {
    /// [rows, cols] of zeros.
    pub fn zeros(rows: usize, cols: usize) -> Matrix {
        Matrix { lines: vec![CacheLine::ZERO; rows * lines_apart(cols)], rows, cols }
    }

    /// Bytes that [rows, cols] takes.
    pub fn bytes(rows: usize, cols: usize) -> f64 {
        rows as f64 * (lines_apart(cols) * size_of::<CacheLine>()) as f64
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Values of a row, without its padding.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Values from the start of one row to the start of the next.
    pub fn stride(&self) -> usize {
        lines_apart(self.cols) * LANES
    }

    /// All rows with their padding, one after the other.
    pub fn padded(&self) -> &[f32] {
        &bytemuck::cast_slice(&self.lines)[..self.rows * self.stride()]
    }

    /// [`Matrix::padded`], to be written to; the padding has to stay 0.
    pub fn padded_mut(&mut self) -> &mut [f32] {
        let length = self.rows * self.stride();
        &mut bytemuck::cast_slice_mut(&mut self.lines)[..length]
    }

    /// Where [`Matrix::padded`] lies.
    #[inline(always)]
    pub(super) fn as_ptr(&self) -> *const f32 {
        self.lines.as_ptr().cast()
    }

    /// Row `row` without its padding.
    pub fn row(&self, row: usize) -> &[f32] {
        let start = row * self.stride();
        &self.padded()[start..start + self.cols]
    }

    /// Row `row` without its padding, to be written to.
    pub fn row_mut(&mut self, row: usize) -> &mut [f32] {
        let (start, cols) = (row * self.stride(), self.cols);
        &mut self.padded_mut()[start..start + cols]
    }

    /// The matrix without its padding, [rows, cols].
    pub fn view(&self) -> ArrayView2<'_, f32> {
        let shape = (self.rows, self.cols).strides((self.stride(), 1));
        ArrayView2::from_shape(shape, self.padded()).expect("the padded rows hold the shape")
    }

    /// Puts the transpose of a part to `to`: row i there is column `columns.start + i` here, from row `first` on, `width`
    /// values of it, a multiple of 16. Rows after the last one are zero.
    pub(super) fn transpose_part(&self, first: usize, columns: Range<usize>, width: usize, to: &mut [f32]) {
        assert!(columns.end <= self.cols && width.is_multiple_of(LANES) && columns.len() * width == to.len());
        #[cfg(target_arch = "x86_64")]
        if InstructionSet::detect() == InstructionSet::Avx512 {
            // SAFETY: this processor was just asked whether it has AVX-512.
            return unsafe { self.transpose_avx512(first, columns, width, to) };
        }
        self.transpose_portable(first, columns, width, to);
    }

    /// In squares of 4, which the compiler turns into shuffles; the edges one by one.
    fn transpose_portable(&self, first: usize, columns: Range<usize>, width: usize, to: &mut [f32]) {
        const SIDE: usize = 4;
        let (stride, rows) = (self.stride(), self.rows.saturating_sub(first).min(width));
        let from = &self.padded()[first * stride + columns.start..];
        let (whole_rows, whole_cols) = (rows / SIDE * SIDE, columns.len() / SIDE * SIDE);
        for row in (0..whole_rows).step_by(SIDE) {
            for col in (0..whole_cols).step_by(SIDE) {
                let square: [[f32; SIDE]; SIDE] = std::array::from_fn(|i| {
                    let line = &from[(row + i) * stride + col..][..SIDE];
                    std::array::from_fn(|j| line[j])
                });
                for j in 0..SIDE {
                    let line = &mut to[(col + j) * width + row..][..SIDE];
                    line.copy_from_slice(&square.map(|line| line[j]));
                }
            }
        }
        to.chunks_exact_mut(width).for_each(|row| row[rows..].fill(0.0));
        for row in 0..rows {
            let edge = if row < whole_rows { whole_cols } else { 0 };
            for col in edge..columns.len() {
                to[col * width + row] = from[row * stride + col];
            }
        }
    }

    /// The same in squares of 16, a register a row.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f")]
    fn transpose_avx512(&self, first: usize, columns: Range<usize>, width: usize, to: &mut [f32]) {
        use std::arch::x86_64::*;
        // Lanes of two registers, in turn: of their first halves and of their second ones.
        let first_half = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        let second_half = _mm512_add_epi32(first_half, _mm512_set1_epi32(8));
        let (stride, from) = (self.stride(), self.padded());
        for row in (0..width).step_by(LANES) {
            for col in (0..columns.len()).step_by(LANES) {
                let in_use = (columns.len() - col).min(LANES);
                let mask = u16::MAX >> (LANES - in_use);
                let mut square: [__m512; LANES] = std::array::from_fn(|i| match first + row + i < self.rows {
                    true => {
                        let place = &from[(first + row + i) * stride + columns.start + col..][..in_use];
                        // SAFETY: only as many values are read as are in use.
                        unsafe { _mm512_maskz_loadu_ps(mask, place.as_ptr()) }
                    }
                    false => _mm512_setzero_ps(),
                });
                // A value's place in the square has eight bits: four of its row, then four of its column. Each round
                // rotates them by one, so four rounds swap row and column.
                for _ in 0..4 {
                    square = std::array::from_fn(|i| {
                        let half = if i % 2 == 0 { first_half } else { second_half };
                        _mm512_permutex2var_ps(square[i / 2], half, square[i / 2 + LANES / 2])
                    });
                }
                for (i, values) in square.into_iter().enumerate().take(in_use) {
                    let to = &mut to[(col + i) * width + row..][..LANES];
                    // SAFETY: these are 16 values.
                    unsafe { _mm512_storeu_ps(to.as_mut_ptr(), values) };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_aligned_and_padding_stays_out_of_sight() {
        let mut matrix = Matrix::zeros(3, 17);
        for row in 0..3 {
            assert_eq!(matrix.row(row).as_ptr() as usize % 64, 0);
            matrix.row_mut(row).fill(row as f32);
        }
        assert_eq!(matrix.view().dim(), (3, 17));
        assert_eq!(matrix.view().sum(), 17.0 * 3.0);
        assert_eq!(matrix.padded().iter().sum::<f32>(), 17.0 * 3.0);
    }

    #[test]
    fn long_rows_are_an_odd_number_of_cache_lines_apart() {
        for (cols, lines) in [(1, 1), (100, 7), (240, 15), (241, 17), (256, 17), (272, 17), (273, 19), (2048, 129)] {
            assert_eq!(Matrix::zeros(2, cols).stride(), lines * LANES, "{cols} columns");
            assert_eq!(Matrix::bytes(2, cols), (2 * lines * 64) as f64);
        }
    }

    #[test]
    fn every_way_to_transpose_swaps_rows_and_columns() {
        for (rows, cols) in [(1, 1), (16, 16), (17, 15), (19, 34), (40, 300)] {
            let mut matrix = Matrix::zeros(rows, cols);
            matrix.padded_mut().fill(f32::NAN);
            for row in 0..rows {
                for (col, value) in matrix.row_mut(row).iter_mut().enumerate() {
                    *value = (row * 1000 + col) as f32;
                }
            }
            let parts = [(0, 0..cols, rows.next_multiple_of(LANES)), (rows / 20 * 16, cols / 3..cols, 2 * LANES)];
            for (first, columns, width) in parts {
                for transpose in [Matrix::transpose_part, Matrix::transpose_portable] {
                    let mut to = vec![f32::NAN; columns.len() * width];
                    transpose(&matrix, first, columns.clone(), width, &mut to);
                    for (place, &value) in to.iter().enumerate() {
                        let (row, column) = (first + place % width, columns.start + place / width);
                        let expected = if row < rows { (row * 1000 + column) as f32 } else { 0.0 };
                        assert_eq!(value, expected, "[{rows}, {cols}], row {row}, column {column}");
                    }
                }
            }
        }
    }
}
