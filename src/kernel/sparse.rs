//! Images of which few pixels are not zero: four fifths of MNIST's need not be kept or multiplied.

/// What a byte b other than 0 stands for: (b − zero) / one. The byte 0 always stands for 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub zero: f32,
    pub one: f32,
}

impl Scale {
    /// 255 is 1.
    pub const PIXELS: Scale = Scale { zero: 0.0, one: 255.0 };

    #[inline(always)]
    pub fn value(self, byte: u8) -> f32 {
        (f32::from(byte) - self.zero) / self.one
    }
}

/// A matrix of bytes in compressed rows.
#[derive(Clone, Debug)]
pub struct SparseRows {
    cols: usize,
    /// Row i lies at `starts[i]..starts[i + 1]` of `columns` and `bytes`.
    starts: Vec<u32>,
    columns: Vec<u16>,
    bytes: Vec<u8>,
    /// What the bytes stand for.
    pub scale: Scale,
}

impl SparseRows {
    /// From rows of `cols` bytes, one behind the other; at most 65,536 columns.
    pub fn from_bytes(rows: &[u8], cols: usize, scale: Scale) -> SparseRows {
        let nonzeros = rows.iter().filter(|&&byte| byte != 0).count();
        let (mut columns, mut bytes) = (vec![0; nonzeros + cols], vec![0; nonzeros + cols]);
        let (mut starts, mut length) = (vec![0], 0);
        for row in rows.chunks_exact(cols) {
            // Without a branch: each byte is written, and overwritten by the next one if it is zero.
            let (columns, bytes) = (&mut columns[length..length + cols], &mut bytes[length..length + cols]);
            let mut found = 0;
            for (column, &byte) in row.iter().enumerate() {
                columns[found] = column as u16;
                bytes[found] = byte;
                found += usize::from(byte != 0);
            }
            length += found;
            starts.push(length as u32);
        }
        columns.truncate(nonzeros);
        bytes.truncate(nonzeros);
        SparseRows { cols, starts, columns, bytes, scale }
    }

    pub fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Columns that are not zero, in ascending order, and their bytes.
    #[inline(always)]
    pub fn row(&self, row: usize) -> (&[u16], &[u8]) {
        let range = self.starts[row] as usize..self.starts[row + 1] as usize;
        (&self.columns[range.clone()], &self.bytes[range])
    }

    /// Has the processor fetch rows that will be read soon. Drawn at random from far more than its caches hold, they
    /// would keep it waiting one after the other.
    pub fn prefetch(&self, rows: &[u32]) {
        // Where each row lies has to be fetched first.
        rows.iter().for_each(|&row| prefetch(&self.starts[row as usize..][..2]));
        for &row in rows {
            let (columns, bytes) = self.row(row as usize);
            prefetch(columns);
            prefetch(bytes);
        }
    }
}

/// Asks for every cache line of a slice.
#[inline(always)]
fn prefetch<T>(slice: &[T]) {
    #[cfg(target_arch = "x86_64")]
    for line in slice.chunks(64 / size_of::<T>()) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch reads nothing, and every x86-64 processor has it.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = slice;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_without_their_zeros() {
        let rows = SparseRows::from_bytes(&[0, 255, 0, 51, 0, 0, 0, 0, 7, 0, 0, 8], 4, Scale::PIXELS);
        assert_eq!((rows.rows(), rows.cols()), (3, 4));
        assert_eq!(rows.row(0), (&[1, 3][..], &[255, 51][..]));
        assert_eq!(rows.row(1), (&[][..], &[][..]));
        assert_eq!(rows.row(2), (&[0, 3][..], &[7, 8][..]));
        assert_eq!((Scale::PIXELS.value(255), Scale::PIXELS.value(51)), (1.0, 0.2));
    }
}
