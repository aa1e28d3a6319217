//! What of a matrix is not zero, row by row: the left operand of every product.

use super::cpu::vectorised;
use super::{Matrix, Scale, SparseRows};
use bytemuck::{Pod, Zeroable};

/// A value that is not zero, and its column: the value's bits above those of the column, so that one load brings both.
/// A product's limit is how much the processor can load at a time.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(transparent)]
pub struct NonZero(u64);

impl NonZero {
    /// Stands behind the last entry of a row: no matrix has that column.
    const END: NonZero = NonZero(u32::MAX as u64);

    #[inline(always)]
    fn new(column: u32, value: f32) -> NonZero {
        NonZero(u64::from(value.to_bits()) << 32 | u64::from(column))
    }

    #[inline(always)]
    pub fn column(self) -> usize {
        self.0 as u32 as usize
    }

    #[inline(always)]
    pub fn value(self) -> f32 {
        f32::from_bits((self.0 >> 32) as u32)
    }
}

/// For each row, what is not zero, in ascending order of the columns, all of them below `cols`.
#[derive(Clone, Debug)]
pub struct NonZeros {
    rows: usize,
    cols: usize,
    /// Row i lies in `entries` from `starts[i]` to the next [`NonZero::END`].
    starts: Vec<u32>,
    /// The last one is an `END` that is never overwritten, so that nobody runs out of them.
    entries: Vec<NonZero>,
}

/// Values in the widest vector register.
const LANES: usize = 16;
/// So many images ahead of the one that is unpacked, one is fetched into the first-level cache.
const SOON: usize = 8;

impl NonZeros {
    /// Room for [rows, cols], and for what has fewer of either.
    pub fn new(rows: usize, cols: usize) -> NonZeros {
        assert!(cols < u32::MAX as usize);
        let entries = vec![NonZero::END; rows * NonZeros::room(cols) + LANES];
        NonZeros { rows, cols, starts: vec![0; rows], entries }
    }

    /// A row of ones, [1, cols].
    pub fn ones(cols: usize) -> NonZeros {
        let mut ones = NonZeros::new(1, cols);
        let entries = (0..cols as u32).map(|column| NonZero::new(column, 1.0));
        ones.entries.iter_mut().zip(entries).for_each(|(place, entry)| *place = entry);
        ones
    }

    /// Places for a row that may be full, and its end. An odd number of cache lines, since rows a power of two apart
    /// would fall on the same few places of the cache.
    fn room(cols: usize) -> usize {
        ((cols + 1).div_ceil(8) | 1) * 8
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Where each row starts in `entries`.
    pub fn starts(&self) -> &[u32] {
        &self.starts[..self.rows]
    }

    /// The rows, each with an entry behind it whose column is not below `cols`. The last entry of all is one of those.
    pub fn entries(&self) -> &[NonZero] {
        &self.entries
    }

    /// Row `row` without its end.
    #[inline(always)]
    pub fn row(&self, row: usize) -> impl Iterator<Item = NonZero> {
        let entries = self.entries[self.starts[row] as usize..].iter().copied();
        entries.take_while(|entry| entry.column() < self.cols)
    }

    fn reshape(&mut self, rows: usize, cols: usize) {
        let room = rows <= self.starts.len() && rows * NonZeros::room(cols) + LANES <= self.entries.len();
        assert!(room, "there is no room for [{rows}, {cols}]");
        (self.rows, self.cols) = (rows, cols);
    }

    /// Becomes the rows of `images` that `indices` name.
    pub fn gather(&mut self, images: &SparseRows, indices: impl ExactSizeIterator<Item = usize> + Clone) {
        self.reshape(indices.len(), images.cols());
        images.prefetch_all(indices.clone());
        let mut soon = indices.clone().skip(SOON);
        let mut length = 0;
        for (row, index) in indices.enumerate() {
            soon.next().into_iter().for_each(|index| images.prefetch(index));
            let (columns, bytes) = images.row(index);
            self.starts[row] = length as u32;
            unpack(columns, bytes, images.scale, &mut self.entries[length..length + columns.len()]);
            length = self.end_row(length + columns.len());
        }
    }

    /// Becomes the first `rows` rows of `matrix`.
    pub fn compress(&mut self, matrix: &Matrix, rows: usize) {
        self.reshape(rows, matrix.cols());
        #[cfg(target_arch = "x86_64")]
        if super::cpu::InstructionSet::detect() == super::cpu::InstructionSet::Avx512 {
            // SAFETY: this processor was just asked whether it has AVX-512.
            return unsafe { self.compress_avx512(matrix) };
        }
        let mut length = 0;
        for row in 0..rows {
            self.starts[row] = length as u32;
            // Without a branch: each value is written, and overwritten by the next one if it is zero.
            for (column, &value) in matrix.row(row).iter().enumerate() {
                self.entries[length] = NonZero::new(column as u32, value);
                length += usize::from(value != 0.0);
            }
            length = self.end_row(length);
        }
    }

    /// The same with the instruction that is made for it, sixteen values at a time.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,popcnt")]
    fn compress_avx512(&mut self, matrix: &Matrix) {
        use std::arch::x86_64::*;
        let lane_numbers = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        // Lanes of two vectors, in turn: columns (0 to 15) and values (16 to 31).
        let first_half = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        let second_half = _mm512_add_epi32(first_half, _mm512_set1_epi32(8));
        let (whole_lines, rest) = (self.cols / LANES, self.cols % LANES);
        let mut length = 0;
        for row in 0..self.rows {
            self.starts[row] = length as u32;
            let lines = matrix.padded()[row * matrix.stride()..][..matrix.stride()].as_chunks::<LANES>().0;
            let to = &mut self.entries[length..][..self.cols + LANES];
            let mut found = 0;
            let mut first_column = _mm512_setzero_si512();
            let mut compress_line = |values: &[f32; LANES], in_use: u16| {
                // SAFETY: `values` are 16 values. Before the line that starts in column c, at most c are `found`, and
                // from there on `to` has room for 16 more.
                unsafe {
                    let values = _mm512_loadu_ps(values.as_ptr());
                    let nonzero = in_use & _mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(values, _mm512_setzero_ps());
                    // With zeros behind them instead of lanes left over, the processor would wait for the register.
                    let lanes = _mm512_mask_compress_epi32(lane_numbers, nonzero, lane_numbers);
                    let values = _mm512_castps_si512(_mm512_permutexvar_ps(lanes, values));
                    let columns = _mm512_add_epi32(lanes, first_column);
                    let to: *mut __m512i = to.as_mut_ptr().add(found).cast();
                    _mm512_storeu_si512(to, _mm512_permutex2var_epi32(columns, first_half, values));
                    _mm512_storeu_si512(to.add(1), _mm512_permutex2var_epi32(columns, second_half, values));
                    found += nonzero.count_ones() as usize;
                }
                first_column = _mm512_add_epi32(first_column, _mm512_set1_epi32(LANES as i32));
            };
            lines[..whole_lines].iter().for_each(|values| compress_line(values, u16::MAX));
            if rest > 0 {
                compress_line(&lines[whole_lines], u16::MAX >> (LANES - rest));
            }
            length = self.end_row(length + found);
        }
    }

    /// Ends a row behind its last entry, at `length`; returns where the next one starts.
    #[inline(always)]
    fn end_row(&mut self, length: usize) -> usize {
        self.entries[length] = NonZero::END;
        length + 1
    }

    /// Writes the transpose into `out`.
    pub fn transpose_into(&self, out: &mut NonZeros) {
        assert_eq!((out.starts.len(), out.cols), (self.cols, self.starts.len()));
        out.rows = self.cols;
        let room = NonZeros::room(out.cols);
        let first_places = (0..).step_by(room);
        // While rows grow, their starts say where they go on.
        out.starts.iter_mut().zip(first_places.clone()).for_each(|(place, first)| *place = first);
        for row in 0..self.rows {
            for entry in self.row(row) {
                let place = &mut out.starts[entry.column()];
                out.entries[*place as usize] = NonZero::new(row as u32, entry.value());
                *place += 1;
            }
        }
        for (start, first) in out.starts.iter_mut().zip(first_places) {
            out.entries[*start as usize] = NonZero::END;
            *start = first;
        }
    }
}

vectorised! {
    /// Entries of an image from its columns and bytes.
    fn unpack(columns: &[[u8; 2]], bytes: &[u8], scale: Scale, entries: &mut [NonZero]) {
        for ((entry, &column), &byte) in entries.iter_mut().zip(columns).zip(bytes) {
            *entry = NonZero::new(u16::from_le_bytes(column).into(), scale.value(byte));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkered(rows: usize, cols: usize) -> Matrix {
        let mut matrix = Matrix::zeros(rows, cols);
        for row in 0..rows {
            for (col, value) in matrix.row_mut(row).iter_mut().enumerate() {
                *value = if (row * 7 + col * 3) % 5 < 2 { (row * cols + col) as f32 - 40.0 } else { 0.0 };
            }
        }
        matrix
    }

    #[test]
    fn compressing_keeps_what_is_not_zero_in_order() {
        for cols in [1, 10, 16, 17, 100] {
            let matrix = checkered(6, cols);
            let mut nonzeros = NonZeros::new(6, cols);
            nonzeros.compress(&matrix, 6);
            for row in 0..6 {
                let expected = matrix.row(row).iter().copied().enumerate().filter(|&(_, value)| value != 0.0);
                let found = nonzeros.row(row).map(|entry| (entry.column(), entry.value()));
                assert!(found.eq(expected), "{cols} columns, row {row}");
            }
        }
    }

    #[test]
    fn padding_and_negative_zero_are_left_out_and_nan_is_kept() {
        let mut matrix = Matrix::zeros(1, 5);
        matrix.padded_mut().fill(9.0);
        matrix.row_mut(0).copy_from_slice(&[-0.0, f32::NAN, 0.0, f32::INFINITY, 2.0]);
        let mut nonzeros = NonZeros::new(1, 5);
        nonzeros.compress(&matrix, 1);
        let columns: Vec<usize> = nonzeros.row(0).map(|entry| entry.column()).collect();
        assert_eq!(columns, [1, 3, 4]);
    }

    #[test]
    fn the_transpose_holds_the_same_values() {
        let matrix = checkered(9, 20);
        let (mut nonzeros, mut transposed) = (NonZeros::new(9, 20), NonZeros::new(20, 9));
        nonzeros.compress(&matrix, 9);
        nonzeros.transpose_into(&mut transposed);
        let mut expected = Matrix::zeros(20, 9);
        matrix.transpose_into(&mut expected);
        for col in 0..20 {
            let mut row = [0.0; 9];
            transposed.row(col).for_each(|entry| row[entry.column()] = entry.value());
            assert_eq!(row, expected.row(col));
        }
    }
}
