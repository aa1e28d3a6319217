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
    /// Row i lies at `starts[i]..starts[i + 1]` of `data`: the columns that are not zero, two bytes each, the lower first,
    /// and behind them their bytes. As they lie together, fewer places of the memory have to be looked up.
    starts: Vec<u32>,
    data: Vec<u8>,
    /// What the bytes stand for.
    pub scale: Scale,
}

impl SparseRows {
    /// From rows of `cols` bytes, one behind the other; at most 65,536 columns.
    pub fn from_bytes(rows: &[u8], cols: usize, scale: Scale) -> SparseRows {
        let nonzeros = rows.iter().filter(|&&byte| byte != 0).count();
        let (mut starts, mut data) = (vec![0], Vec::with_capacity(3 * nonzeros));
        let (mut columns, mut bytes) = (vec![[0; 2]; cols], vec![0; cols]);
        for row in rows.chunks_exact(cols) {
            // Without a branch: each byte is written, and overwritten by the next one if it is zero.
            let mut found = 0;
            for (column, &byte) in row.iter().enumerate() {
                columns[found] = (column as u16).to_le_bytes();
                bytes[found] = byte;
                found += usize::from(byte != 0);
            }
            data.extend_from_slice(columns[..found].as_flattened());
            data.extend_from_slice(&bytes[..found]);
            starts.push(data.len() as u32);
        }
        SparseRows { cols, starts, data, scale }
    }

    pub fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Columns that are not zero, in ascending order, as little-endian u16, and their bytes.
    #[inline(always)]
    pub fn row(&self, row: usize) -> (&[[u8; 2]], &[u8]) {
        let data = self.data_of(row);
        let (columns, bytes) = data.split_at(data.len() / 3 * 2);
        (columns.as_chunks().0, bytes)
    }

    #[inline(always)]
    fn data_of(&self, row: usize) -> &[u8] {
        &self.data[self.starts[row] as usize..self.starts[row + 1] as usize]
    }

    /// Has the processor fetch rows into its second-level cache, which has room for a batch. Drawn at random from far more
    /// than the caches hold, rows would keep it waiting one after the other.
    pub fn prefetch_all(&self, rows: impl Iterator<Item = usize> + Clone) {
        // Where each row lies has to be fetched first.
        rows.clone().for_each(|row| prefetch(self.starts[row..row + 2].as_ptr(), Cache::Second));
        rows.for_each(|row| self.data_of(row).chunks(64).for_each(|line| prefetch(line.as_ptr(), Cache::Second)));
    }

    /// Has the processor fetch a row into its first-level cache, which has room for a few.
    #[inline(always)]
    pub fn prefetch(&self, row: usize) {
        self.data_of(row).chunks(64).for_each(|line| prefetch(line.as_ptr(), Cache::First));
    }
}

#[derive(Clone, Copy)]
enum Cache {
    First,
    Second,
}

#[inline(always)]
fn prefetch<T>(place: *const T, cache: Cache) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _MM_HINT_T1, _mm_prefetch};
        // SAFETY: a prefetch reads nothing, and every x86-64 processor has it.
        match cache {
            Cache::First => unsafe { _mm_prefetch::<_MM_HINT_T0>(place.cast()) },
            Cache::Second => unsafe { _mm_prefetch::<_MM_HINT_T1>(place.cast()) },
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (place, cache);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_without_their_zeros() {
        let rows = SparseRows::from_bytes(&[0, 255, 0, 51, 0, 0, 0, 0, 7, 0, 0, 8], 4, Scale::PIXELS);
        assert_eq!((rows.rows(), rows.cols()), (3, 4));
        assert_eq!(rows.row(0), (&[[1, 0], [3, 0]][..], &[255, 51][..]));
        assert_eq!(rows.row(1), (&[][..], &[][..]));
        assert_eq!(rows.row(2), (&[[0, 0], [3, 0]][..], &[7, 8][..]));
        assert_eq!((Scale::PIXELS.value(255), Scale::PIXELS.value(51)), (1.0, 0.2));
    }
}
