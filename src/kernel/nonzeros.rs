//! What of a matrix is not zero, row by row: the left operand of every product.

use super::{Matrix, SparseRows};

/// For each row, the columns that are not zero, in ascending order, and what stands there.
#[derive(Clone, Debug)]
pub struct NonZeros {
    cols: usize,
    /// Row i lies at `i * stride .. i * stride + lengths[i]` of `columns` and `values`.
    stride: usize,
    lengths: Vec<u32>,
    columns: Vec<u32>,
    values: Vec<f32>,
    /// Rows in use, at most as many as there is room for.
    rows: usize,
}

impl NonZeros {
    /// Room for [rows, cols].
    pub fn new(rows: usize, cols: usize) -> NonZeros {
        // Room for one vector more than there are columns, since whole vectors are stored; and an odd number of cache
        // lines, since rows a power of two apart would fall on the same few places of the cache.
        let stride = ((cols.div_ceil(16) + 1) | 1) * 16;
        NonZeros {
            cols,
            stride,
            lengths: vec![0; rows],
            columns: vec![0; rows * stride],
            values: vec![0.0; rows * stride],
            rows,
        }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Columns and values of a row.
    #[inline(always)]
    pub fn row(&self, row: usize) -> (&[u32], &[f32]) {
        let (start, length) = (row * self.stride, self.lengths[row] as usize);
        (&self.columns[start..start + length], &self.values[start..start + length])
    }

    /// Becomes the rows of `images` that `indices` name.
    pub fn gather(&mut self, images: &SparseRows, indices: impl ExactSizeIterator<Item = usize>) {
        self.rows = indices.len();
        for (row, index) in indices.enumerate() {
            let (columns, values) = images.row(index);
            let start = row * self.stride;
            for (to, &from) in self.columns[start..start + columns.len()].iter_mut().zip(columns) {
                *to = from.into();
            }
            self.values[start..start + values.len()].copy_from_slice(values);
            self.lengths[row] = columns.len() as u32;
        }
    }

    /// Becomes the first `rows` rows of `matrix`.
    pub fn compress(&mut self, matrix: &Matrix, rows: usize) {
        assert_eq!(self.cols, matrix.cols());
        self.rows = rows;
        #[cfg(target_arch = "x86_64")]
        if super::cpu::InstructionSet::detect() == super::cpu::InstructionSet::Avx512 {
            // SAFETY: this processor was just asked whether it has AVX-512.
            return unsafe { self.compress_avx512(matrix) };
        }
        for row in 0..rows {
            let (columns, values) = self.room(row);
            let mut length = 0;
            // Without a branch: each value is written, and overwritten by the next one if it is zero.
            for (column, &value) in matrix.row(row).iter().enumerate() {
                columns[length] = column as u32;
                values[length] = value;
                length += usize::from(value != 0.0);
            }
            self.lengths[row] = length as u32;
        }
    }

    /// The same with the instruction that is made for it, sixteen values at a time.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,popcnt")]
    fn compress_avx512(&mut self, matrix: &Matrix) {
        use std::arch::x86_64::*;
        const NOT_EQUAL_OR_NAN: i32 = _CMP_NEQ_UQ;
        let (lanes, cols) = (16, self.cols);
        for row in 0..self.rows {
            let padded = &matrix.padded()[row * matrix.stride()..][..matrix.stride()];
            let (columns, values) = self.room(row);
            let mut length = 0;
            let mut column = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
            for (block, chunk) in padded.chunks_exact(lanes).enumerate() {
                let in_use = (cols - block * lanes).min(lanes);
                let mask = u16::MAX >> (lanes - in_use);
                let (to_columns, to_values) =
                    (&mut columns[length..length + lanes], &mut values[length..length + lanes]);
                // SAFETY: each pointer is that of a slice of sixteen values.
                unsafe {
                    let value = _mm512_loadu_ps(chunk.as_ptr());
                    let nonzero = _mm512_cmp_ps_mask::<NOT_EQUAL_OR_NAN>(value, _mm512_setzero_ps()) & mask;
                    let packed = _mm512_maskz_compress_epi32(nonzero, column);
                    _mm512_storeu_si512(to_columns.as_mut_ptr().cast(), packed);
                    _mm512_storeu_ps(to_values.as_mut_ptr(), _mm512_maskz_compress_ps(nonzero, value));
                    length += nonzero.count_ones() as usize;
                }
                column = _mm512_add_epi32(column, _mm512_set1_epi32(lanes as i32));
            }
            self.lengths[row] = length as u32;
        }
    }

    /// Writes the transpose into `out`.
    pub fn transpose_into(&self, out: &mut NonZeros) {
        assert_eq!(out.cols, self.lengths.len());
        out.rows = self.cols;
        out.lengths[..self.cols].fill(0);
        for row in 0..self.rows {
            let (columns, values) = self.row(row);
            for (&column, &value) in columns.iter().zip(values) {
                let length = &mut out.lengths[column as usize];
                let place = column as usize * out.stride + *length as usize;
                out.columns[place] = row as u32;
                out.values[place] = value;
                *length += 1;
            }
        }
    }

    /// All the room of a row.
    fn room(&mut self, row: usize) -> (&mut [u32], &mut [f32]) {
        let range = row * self.stride..(row + 1) * self.stride;
        (&mut self.columns[range.clone()], &mut self.values[range])
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
                let (columns, values) = nonzeros.row(row);
                let found = columns.iter().map(|&column| column as usize).zip(values.iter().copied());
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
        assert_eq!(nonzeros.row(0).0, [1, 3, 4]);
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
            let (columns, values) = transposed.row(col);
            columns.iter().zip(values).for_each(|(&column, &value)| row[column as usize] = value);
            assert_eq!(row, expected.row(col));
        }
    }
}
