//! What networks learn from: rows of bytes or of numbers, and the batches that are taken of them.

use super::{Bits, Gathered, Matrix, SparseRows, Transposed, product};

/// Rows of equal length, one a sample.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there are two of a data set")]
pub enum Rows {
    /// A byte a value: images.
    Bytes(SparseRows),
    /// [rows, cols] of numbers: tables, and images that were standardised.
    Numbers(Matrix),
}

impl Rows {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Rows::Bytes(rows) => rows.rows(),
            Rows::Numbers(rows) => rows.rows(),
        }
    }

    /// Values of a row.
    pub fn cols(&self) -> usize {
        match self {
            Rows::Bytes(rows) => rows.cols(),
            Rows::Numbers(rows) => rows.cols(),
        }
    }

    /// Bytes of memory that the rows take.
    pub fn bytes(&self) -> usize {
        match self {
            Rows::Bytes(rows) => rows.bytes(),
            Rows::Numbers(rows) => size_of_val(rows.padded()),
        }
    }
}

/// Some of the rows: the input of a network's first layer.
#[derive(Clone, Debug)]
pub struct Batch {
    bytes: Gathered,
    /// Space for numbers, once some were taken.
    numbers: Option<Numbers>,
    /// Whether the batch is these numbers, and not the bytes.
    holds_numbers: bool,
}

#[derive(Clone, Debug)]
struct Numbers {
    values: Matrix,
    nonzero: Bits,
}

impl Batch {
    /// Space for [rows, cols], and for fewer rows. Rows of numbers take more of it when they come first.
    pub fn new(rows: usize, cols: usize) -> Batch {
        Batch { bytes: Gathered::new(rows, cols), numbers: None, holds_numbers: false }
    }

    /// Becomes the rows that `indices` name, [indices, columns of the rows]; they have to fit into the space.
    pub fn gather(&mut self, rows: &Rows, indices: impl ExactSizeIterator<Item = usize> + Clone) {
        match rows {
            Rows::Bytes(rows) => {
                self.holds_numbers = false;
                self.bytes.gather(rows, indices);
            }
            Rows::Numbers(rows) => {
                let count = indices.len();
                let numbers = self.space_for_numbers();
                numbers.values.reshape(count, rows.cols());
                for (to, from) in indices.enumerate() {
                    numbers.values.row_mut(to).copy_from_slice(rows.row(from));
                }
                numbers.nonzero.find(&numbers.values, count);
                self.holds_numbers = true;
            }
        }
    }

    /// The same for rows of bytes, each of which is changed: `change` gets all its bytes, in order.
    pub fn gather_changed(
        &mut self,
        rows: &SparseRows,
        indices: impl ExactSizeIterator<Item = usize> + Clone,
        change: impl FnMut(&mut [u8]),
    ) {
        self.holds_numbers = false;
        self.bytes.gather_changed(rows, indices, change);
    }

    /// Changes each row in place, in order. They become numbers, whatever they were.
    pub fn change(&mut self, mut change: impl FnMut(&mut [f32])) {
        if !self.holds_numbers {
            self.space_for_numbers();
            if let Some(numbers) = &mut self.numbers {
                self.bytes.write_into(&mut numbers.values);
            }
            self.holds_numbers = true;
        }
        if let Some(Numbers { values, nonzero }) = &mut self.numbers {
            (0..values.rows()).for_each(|row| change(values.row_mut(row)));
            nonzero.find(values, values.rows());
        }
    }

    /// Takes memory the first time.
    fn space_for_numbers(&mut self) -> &mut Numbers {
        let (most, cols) = self.bytes.space();
        self.numbers
            .get_or_insert_with(|| Numbers { values: Matrix::zeros(most, cols), nonzero: Bits::zeros(most, cols) })
    }

    /// The numbers that the batch is; `None` if it is bytes.
    fn as_numbers(&self) -> Option<&Numbers> {
        self.numbers.as_ref().filter(|_| self.holds_numbers)
    }

    /// Which values are not zero, [rows, cols].
    pub fn nonzero(&self) -> &Bits {
        self.as_numbers().map_or(self.bytes.nonzero(), |numbers| &numbers.nonzero)
    }

    /// [`Batch::nonzero`], where bits may be cleared: those values then count as zero in products.
    pub fn nonzero_mut(&mut self) -> &mut Bits {
        match &mut self.numbers {
            Some(numbers) if self.holds_numbers => &mut numbers.nonzero,
            _ => self.bytes.nonzero_mut(),
        }
    }

    /// Multiplies all its values by a factor.
    pub fn scale(&mut self, factor: f32) {
        match &mut self.numbers {
            Some(numbers) if self.holds_numbers => {
                numbers.values.padded_mut().iter_mut().for_each(|value| *value *= factor);
            }
            _ => self.bytes.scale(factor),
        }
    }

    /// out = start + batch · right, as [`product`] has it.
    pub fn times(&self, right: &Matrix, start: &Matrix, out: &mut Matrix) {
        match self.as_numbers() {
            Some(Numbers { values, nonzero }) => product(nonzero, values, right, Some(start), out),
            None => product(self.bytes.nonzero(), &self.bytes, right, Some(start), out),
        }
    }

    /// out = batchᵀ · right. `transposed_nonzero` is the transpose of [`Batch::nonzero`].
    pub fn transposed_times(&self, transposed_nonzero: &Bits, right: &Matrix, out: &mut Matrix) {
        match self.as_numbers() {
            Some(Numbers { values, .. }) => product(transposed_nonzero, &Transposed(values), right, None, out),
            None => product(transposed_nonzero, &Transposed(&self.bytes), right, None, out),
        }
    }

    /// All its values, zeros included, [rows, cols].
    pub fn to_matrix(&self) -> Matrix {
        let Some(Numbers { values, nonzero }) = self.as_numbers() else { return self.bytes.to_matrix() };
        let mut matrix = values.clone();
        let mut counts = nonzero.iter();
        for row in 0..values.rows() {
            let dropped = matrix.row_mut(row).iter_mut().zip(&mut counts).filter(|(_, counts)| !counts);
            dropped.for_each(|(value, _)| *value = 0.0);
        }
        matrix
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Scale;

    /// Pixels as bytes and the same pixels as numbers are the same batch to the last bit.
    #[test]
    fn bytes_and_numbers_are_multiplied_alike() {
        const COLS: usize = 70;
        let bytes: Vec<u8> = (0..9 * COLS).map(|place| if place % 3 == 0 { (place % 251) as u8 } else { 0 }).collect();
        let mut numbers = Matrix::zeros(9, COLS);
        for (row, bytes) in bytes.chunks_exact(COLS).enumerate() {
            numbers.row_mut(row).iter_mut().zip(bytes).for_each(|(value, &byte)| *value = f32::from(byte) / 255.0);
        }
        let both = [Rows::Bytes(SparseRows::from_bytes(&bytes, COLS, Scale::PIXELS)), Rows::Numbers(numbers)];
        let (mut right, mut start) = (Matrix::zeros(COLS, 5), Matrix::zeros(1, 5));
        right.padded_mut().iter_mut().enumerate().for_each(|(i, value)| *value = ((i * 37 % 101) as f32 - 50.0) / 7.0);
        right = {
            let mut trimmed = Matrix::zeros(COLS, 5);
            (0..COLS).for_each(|row| trimmed.row_mut(row).copy_from_slice(right.row(row)));
            trimmed
        };
        start.row_mut(0).fill(0.1);
        let results = both.map(|rows| {
            let mut batch = Batch::new(6, COLS);
            // Of a smaller batch nothing is left of the larger one before.
            batch.gather(&rows, [8, 7, 6, 5, 4, 3].into_iter());
            batch.gather(&rows, [4, 0, 4].into_iter());
            let mut transposed = Bits::zeros(COLS, 6);
            batch.nonzero().transpose_into(&mut transposed);
            let (mut out, mut back) = (Matrix::zeros(3, 5), Matrix::zeros(COLS, 5));
            batch.times(&right, &start, &mut out);
            batch.transposed_times(&transposed, &out, &mut back);
            (batch.to_matrix().view().to_owned(), out.view().to_owned(), back.view().to_owned())
        });
        assert_eq!(results[0], results[1]);
        assert_eq!(results[0].0.dim(), (3, COLS));
    }

    /// Bytes 0, 51 and 255 as pixels are 0, 0.2 and 1.
    #[test]
    fn rows_that_are_changed_become_numbers_until_others_are_taken() {
        let rows = Rows::Bytes(SparseRows::from_bytes(&[0, 51, 255, 255, 0, 0], 3, Scale::PIXELS));
        let mut batch = Batch::new(2, 3);
        let values = |batch: &Batch| batch.to_matrix().view().iter().copied().collect::<Vec<f32>>();
        batch.gather(&rows, [1, 0].into_iter());
        batch.change(|row| row.iter_mut().for_each(|value| *value -= 0.2));
        assert_eq!(values(&batch), [0.8, -0.2, -0.2, -0.2, 0.0, 0.8]);
        let mut transposed = Bits::zeros(3, 2);
        batch.nonzero().transpose_into(&mut transposed);
        assert_eq!(batch.nonzero().words(), [0b111, 0b101]);
        let (mut ones, mut sums) = (Matrix::zeros(2, 1), Matrix::zeros(3, 1));
        (0..2).for_each(|row| ones.row_mut(row).fill(1.0));
        batch.transposed_times(&transposed, &ones, &mut sums);
        assert_eq!(sums.view().iter().copied().collect::<Vec<_>>(), [0.8 - 0.2, -0.2, -0.2 + 0.8]);
        batch.gather(&rows, [0].into_iter());
        assert_eq!((values(&batch), batch.nonzero().words()), (vec![0.0, 0.2, 1.0], &[0b110][..]));
    }
}
