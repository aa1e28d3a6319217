//! Which elements of a matrix are not zero: a bit each.

#[cfg(target_arch = "x86_64")]
use super::cpu::InstructionSet;
use super::{Matrix, cpu::vectorised};

/// Columns in a word.
pub(super) const WORD: usize = 64;

/// A matrix of bits, each row in words of 64 columns, the lowest bit first. Bits after the last column are zero.
#[derive(Clone, Debug)]
pub struct Bits {
    rows: usize,
    cols: usize,
    words: Vec<u64>,
}

impl Bits {
    /// [rows, cols] of zeros, with space for shapes with fewer of either.
    pub fn zeros(rows: usize, cols: usize) -> Bits {
        Bits { rows, cols, words: vec![0; rows * cols.div_ceil(WORD)] }
    }

    /// Takes another shape, which has to fit into the space. If the number of columns changes, all bits are zero.
    pub(super) fn reshape(&mut self, rows: usize, cols: usize) {
        assert!(rows * cols.div_ceil(WORD) <= self.words.len(), "there is no room for [{rows}, {cols}]");
        if cols != self.cols {
            self.words.fill(0);
        }
        (self.rows, self.cols) = (rows, cols);
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Bits of a row.
    pub fn cols(&self) -> usize {
        self.cols
    }

    pub(super) fn words_per_row(&self) -> usize {
        self.cols.div_ceil(WORD)
    }

    /// All rows, one after the other.
    pub(super) fn words(&self) -> &[u64] {
        &self.words[..self.rows * self.words_per_row()]
    }

    pub(super) fn words_mut(&mut self) -> &mut [u64] {
        let length = self.rows * self.words_per_row();
        &mut self.words[..length]
    }

    /// The words of each row.
    pub fn rows_mut(&mut self) -> impl Iterator<Item = &mut [u64]> {
        let words_per_row = self.words_per_row();
        self.words_mut().chunks_exact_mut(words_per_row)
    }

    /// All bits, row by row.
    pub fn iter(&self) -> impl Iterator<Item = bool> {
        self.words()
            .chunks_exact(self.words_per_row())
            .flat_map(|words| (0..self.cols).map(|column| words[column / WORD] >> (column % WORD) & 1 == 1))
    }

    /// Sets the bits of what is not zero in the first `rows` rows of `matrix`, which have to fit into the space. NaN is
    /// not zero, and −0 is.
    pub fn find(&mut self, matrix: &Matrix, rows: usize) {
        assert!(rows <= matrix.rows());
        self.reshape(rows, matrix.cols());
        #[cfg(target_arch = "x86_64")]
        if InstructionSet::detect() == InstructionSet::Avx512 {
            // SAFETY: this processor was just asked whether it has AVX-512.
            return unsafe { self.find_avx512(matrix) };
        }
        self.find_portable(matrix);
    }

    fn find_portable(&mut self, matrix: &Matrix) {
        let words_per_row = self.words_per_row();
        for (row, words) in self.words_mut().chunks_exact_mut(words_per_row).enumerate() {
            find_in_row(matrix.row(row), words);
        }
    }

    /// The same with the instruction that compares sixteen values and sets a bit for each.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f")]
    fn find_avx512(&mut self, matrix: &Matrix) {
        use std::arch::x86_64::*;
        const LANES: usize = 16;
        let lines = self.cols.div_ceil(LANES);
        let in_use = u16::MAX >> (lines * LANES - self.cols);
        let words_per_row = self.words_per_row();
        let rows = matrix.padded().chunks_exact(matrix.stride());
        for (words, row) in self.words_mut().chunks_exact_mut(words_per_row).zip(rows) {
            // On this processor the lowest bits of a word are the first in memory.
            let (of_lines, rest) = bytemuck::cast_slice_mut::<u64, u16>(words).split_at_mut(lines);
            for (bits, line) in of_lines.iter_mut().zip(row.as_chunks::<LANES>().0) {
                // SAFETY: a line is 16 values.
                let values = unsafe { _mm512_loadu_ps(line.as_ptr()) };
                *bits = _mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(values, _mm512_setzero_ps());
            }
            of_lines[lines - 1] &= in_use;
            rest.fill(0);
        }
    }

    /// `out` becomes the transpose, [cols, rows], which has to fit into its space.
    pub fn transpose_into(&self, out: &mut Bits) {
        out.reshape(self.cols, self.rows);
        let (from_step, to_step) = (self.words_per_row(), out.words_per_row());
        let to = out.words_mut();
        for (to_word, rows) in self.words().chunks(WORD * from_step).enumerate() {
            for from_word in 0..from_step {
                let mut square = [0; WORD];
                let column = rows[from_word..].iter().step_by(from_step);
                square.iter_mut().zip(column).for_each(|(line, &word)| *line = word);
                transpose_square(&mut square);
                let column = to[from_word * WORD * to_step + to_word..].iter_mut().step_by(to_step);
                column.zip(square).for_each(|(word, line)| *word = line);
            }
        }
    }
}

/// Swaps rows and columns.
fn transpose_square(square: &mut [u64; WORD]) {
    #[cfg(target_arch = "x86_64")]
    if InstructionSet::detect() == InstructionSet::Avx512 {
        // SAFETY: this processor was just asked whether it has AVX-512.
        return unsafe { transpose_square_avx512(square) };
    }
    transpose_square_portable(square);
}

vectorised! {
    fn find_in_row(row: &[f32], words: &mut [u64]) {
        for (word, values) in words.iter_mut().zip(row.chunks(WORD)) {
            let mut nonzero = [0; WORD];
            nonzero.iter_mut().zip(values).for_each(|(byte, &value)| *byte = u8::from(value != 0.0));
            // The product has the lowest bits of eight bytes in its highest one.
            let bits_of = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            *word = nonzero.as_chunks().0.iter().rev().fold(0, |word, bytes| word << 8 | bits_of(bytes));
        }
    }

    /// Swaps the upper right quarter with the lower left one, then the same within each quarter, and so on.
    fn transpose_square_portable(square: &mut [u64; WORD]) {
        swap_quarters::<32>(square);
        swap_quarters::<16>(square);
        swap_quarters::<8>(square);
        swap_quarters::<4>(square);
        swap_quarters::<2>(square);
        swap_quarters::<1>(square);
    }
}

/// In each square of 2·HALF rows and columns.
#[inline(always)]
fn swap_quarters<const HALF: usize>(square: &mut [u64; WORD]) {
    let left = u64::MAX / ((1 << HALF) + 1);
    for rows in square.chunks_exact_mut(2 * HALF) {
        let (upper, lower) = rows.split_at_mut(HALF);
        for (upper, lower) in upper.iter_mut().zip(lower) {
            let differ = (*upper >> HALF ^ *lower) & left;
            *upper ^= differ << HALF;
            *lower ^= differ;
        }
    }
}

/// The same, eight rows a register.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn transpose_square_avx512(square: &mut [u64; WORD]) {
    use std::arch::x86_64::*;
    const LANES: usize = 8;
    #[target_feature(enable = "avx512f")]
    fn swap_quarters<const HALF: usize>(rows: [__m512i; LANES]) -> [__m512i; LANES] {
        let left = u64::MAX / ((1 << HALF) + 1);
        let lanes = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
        std::array::from_fn(|i| {
            let row_numbers = _mm512_or_epi64(lanes, _mm512_set1_epi64((i * LANES) as i64));
            let lower = _mm512_test_epi64_mask(row_numbers, _mm512_set1_epi64(HALF as i64));
            // The rows HALF further on or back.
            let others = match HALF < LANES {
                true => _mm512_permutexvar_epi64(_mm512_xor_epi64(lanes, _mm512_set1_epi64(HALF as i64)), rows[i]),
                false => rows[i ^ (HALF / LANES)],
            };
            let keep = _mm512_mask_set1_epi64(_mm512_set1_epi64(left as i64), lower, !left as i64);
            let by = _mm512_mask_set1_epi64(_mm512_set1_epi64(HALF as i64), lower, (WORD - HALF) as i64);
            // Bits of `keep` from `rows`, the others from `others`.
            _mm512_ternarylogic_epi64::<0xca>(keep, rows[i], _mm512_rolv_epi64(others, by))
        })
    }
    // SAFETY: a row of `square` is a lane.
    let mut rows = std::array::from_fn(|i| unsafe { _mm512_loadu_epi64(square[i * LANES..].as_ptr().cast()) });
    rows = swap_quarters::<32>(rows);
    rows = swap_quarters::<16>(rows);
    rows = swap_quarters::<8>(rows);
    rows = swap_quarters::<4>(rows);
    rows = swap_quarters::<2>(rows);
    rows = swap_quarters::<1>(rows);
    for (i, rows) in rows.into_iter().enumerate() {
        // SAFETY: as above.
        unsafe { _mm512_storeu_epi64(square[i * LANES..].as_mut_ptr().cast(), rows) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(row: &[u64]) -> impl Iterator<Item = usize> {
        (0..row.len() * WORD).filter(|&column| row[column / WORD] >> (column % WORD) & 1 == 1)
    }

    #[test]
    fn every_way_finds_what_is_not_zero() {
        for cols in [1, 10, 16, 17, 64, 100, 130] {
            let mut matrix = Matrix::zeros(6, cols);
            // The padding does not count.
            matrix.padded_mut().fill(9.0);
            for row in 0..6 {
                let values = [-0.0, 3.0, 0.0, f32::NAN, f32::NEG_INFINITY, -1e-40, 0.0];
                let values = values.iter().cycle().skip(row * 3);
                matrix.row_mut(row).iter_mut().zip(values).for_each(|(to, &value)| *to = value);
            }
            for portable in [false, true] {
                let mut found = Bits::zeros(6, cols);
                found.words.fill(u64::MAX);
                if portable {
                    found.reshape(5, cols);
                    found.find_portable(&matrix);
                } else {
                    found.find(&matrix, 5);
                }
                for (row, words) in found.words().chunks(found.words_per_row()).enumerate() {
                    let values = matrix.row(row).iter().enumerate();
                    let expected = values.filter(|&(_, &value)| value != 0.0).map(|(column, _)| column);
                    assert!(bits(words).eq(expected), "{cols} columns, row {row}");
                }
            }
        }
    }

    #[test]
    fn the_transpose_swaps_rows_and_columns() {
        // Room for the largest, taken by all the others after it.
        let mut to = Bits::zeros(70, 130);
        for (rows, cols) in [(130, 70), (1, 1), (64, 64), (65, 63), (9, 70), (0, 70)] {
            let is_set = |row: usize, column: usize| (row * 7 + column * 3) % 5 < 2;
            let mut from = Bits::zeros(rows, cols);
            let step = from.words_per_row();
            for (row, column) in (0..rows).flat_map(|row| (0..cols).map(move |column| (row, column))) {
                from.words[row * step + column / WORD] |= u64::from(is_set(row, column)) << (column % WORD);
            }
            from.transpose_into(&mut to);
            assert_eq!((to.rows(), to.cols()), (cols, rows));
            for column in 0..cols {
                let words = &to.words()[column * to.words_per_row()..][..to.words_per_row()];
                assert!(bits(words).eq((0..rows).filter(|&row| is_set(row, column))), "[{rows}, {cols}], {column}");
            }
        }
    }

    #[test]
    fn every_way_to_transpose_a_square_swaps_rows_and_columns() {
        let word = |row: u64| (row + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for transpose in [transpose_square, transpose_square_portable] {
            let mut square = std::array::from_fn(|row| word(row as u64));
            transpose(&mut square);
            for (row, column) in (0..64).flat_map(|row| (0..64).map(move |column| (row, column))) {
                assert_eq!(square[row] >> column & 1, word(column) >> row & 1, "row {row}, column {column}");
            }
        }
    }
}
