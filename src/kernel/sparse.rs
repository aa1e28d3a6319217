//! Images of which few pixels are not zero: four fifths of MNIST's need not be kept or multiplied.

use super::bits::{Bits, WORD};
#[cfg(target_arch = "x86_64")]
use super::cpu::InstructionSet;
use super::cpu::vectorised;
use super::{LeftOperand, Matrix};
use std::ops::Range;

/// What a byte b other than 0 stands for: (b − zero) / one. The byte 0 always stands for 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The byte that would be 0.
    pub zero: f32,
    /// How many bytes further on is 1.
    pub one: f32,
}

impl Scale {
    /// 255 is 1.
    pub const PIXELS: Scale = Scale { zero: 0.0, one: 255.0 };

    fn value(self, byte: u8) -> f32 {
        if byte == 0 { 0.0 } else { (f32::from(byte) - self.zero) / self.one }
    }
}

/// A matrix of bytes without its zeros.
#[derive(Clone, Debug)]
pub struct SparseRows {
    cols: usize,
    /// Row i lies at `starts[i]..starts[i + 1]` of `data`: a bit for each column, set if its byte is not zero, in
    /// little-endian words of 64, followed by those bytes. As they lie together, fewer memory accesses miss the cache.
    /// After the last row there is padding, so that 64 bytes can be read from any place.
    starts: Vec<u32>,
    data: Vec<u8>,
    /// What each byte stands for.
    values: [f32; 256],
}

impl SparseRows {
    /// From rows of `cols` bytes, one after the other.
    pub fn from_bytes(rows: &[u8], cols: usize, scale: Scale) -> SparseRows {
        let nonzeros = rows.iter().filter(|&&byte| byte != 0).count();
        let bytes_of_bits = rows.len() / cols * cols.div_ceil(WORD) * size_of::<u64>();
        let (mut starts, mut data) = (vec![0], Vec::with_capacity(bytes_of_bits + nonzeros + WORD));
        let mut bytes = vec![0; cols];
        for row in rows.chunks_exact(cols) {
            // Without a branch: each byte is written, and overwritten by the next one if it is zero.
            let mut found = 0;
            for columns in row.chunks(WORD) {
                let mut word = 0;
                for (column, &byte) in columns.iter().enumerate() {
                    word |= u64::from(byte != 0) << column;
                    bytes[found] = byte;
                    found += usize::from(byte != 0);
                }
                data.extend_from_slice(&word.to_le_bytes());
            }
            data.extend_from_slice(&bytes[..found]);
            starts.push(data.len() as u32);
        }
        data.extend_from_slice(&[0; WORD]);
        SparseRows { cols, starts, data, values: std::array::from_fn(|byte| scale.value(byte as u8)) }
    }

    /// The rows of all parts, one part after the other; each has to have been made with this number of columns and scale.
    pub fn joined(parts: Vec<SparseRows>, cols: usize, scale: Scale) -> SparseRows {
        let mut parts = parts.into_iter();
        let mut all = parts.next().unwrap_or_else(|| SparseRows::from_bytes(&[], cols, scale));
        for SparseRows { starts, data, .. } in parts {
            let before = all.data.len() - WORD;
            all.data.truncate(before);
            all.data.extend_from_slice(&data);
            all.starts.extend(starts[1..].iter().map(|start| before as u32 + start));
        }
        all
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// Values of a row, zeros included.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Bytes that the rows take.
    pub fn bytes(&self) -> usize {
        self.data.len() + size_of_val(&self.starts[..])
    }

    /// Where a row lies in `data`.
    #[inline(always)]
    fn place(&self, row: usize) -> Range<usize> {
        self.starts[row] as usize..self.starts[row + 1] as usize
    }

    /// Has the processor fetch rows into its second-level cache, which has room for a batch. Rows drawn at random from
    /// far more than the caches hold would otherwise be waited for one by one.
    fn prefetch_all(&self, rows: impl Iterator<Item = usize> + Clone) {
        // Where each row lies has to be fetched first.
        rows.clone().for_each(|row| prefetch(self.starts[row..row + 2].as_ptr(), Cache::Second));
        rows.for_each(|row| {
            self.data[self.place(row)].chunks(64).for_each(|line| prefetch(line.as_ptr(), Cache::Second))
        });
    }

    /// Has the processor fetch a row into its first-level cache, which has room for a few.
    #[inline(always)]
    fn prefetch(&self, row: usize) {
        self.data[self.place(row)].chunks(64).for_each(|line| prefetch(line.as_ptr(), Cache::First));
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
        match cache {
            // SAFETY: a prefetch reads nothing, and every x86-64 processor has it.
            Cache::First => unsafe { _mm_prefetch::<_MM_HINT_T0>(place.cast()) },
            // SAFETY: likewise.
            Cache::Second => unsafe { _mm_prefetch::<_MM_HINT_T1>(place.cast()) },
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (place, cache);
}

/// Some rows of a [`SparseRows`], unpacked: a batch of images. They stay bytes, which stay in the second-level cache.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// The most (rows, columns).
    space: (usize, usize),
    nonzero: Bits,
    /// [rows, words per row · 64]: the bytes of the columns that are not zero. The others are undefined.
    bytes: Vec<u8>,
    /// What each byte stands for.
    values: [f32; 256],
}

/// How many rows ahead of the one being unpacked a row is fetched into the first-level cache.
const SOON: usize = 8;

impl Gathered {
    /// Space for [rows, cols], and for shapes with fewer of either.
    pub fn new(rows: usize, cols: usize) -> Gathered {
        let nonzero = Bits::zeros(rows, cols);
        Gathered { space: (rows, cols), bytes: vec![0; nonzero.words().len() * WORD], nonzero, values: [0.0; 256] }
    }

    /// Whose byte is not zero, [rows, cols].
    pub fn nonzero(&self) -> &Bits {
        &self.nonzero
    }

    /// [`Gathered::nonzero`], where bits may be cleared: what is not set counts as zero.
    pub(super) fn nonzero_mut(&mut self) -> &mut Bits {
        &mut self.nonzero
    }

    /// Multiplies all values by a factor, until the next rows are gathered.
    pub(super) fn scale(&mut self, factor: f32) {
        self.values.iter_mut().for_each(|value| *value *= factor);
    }

    /// The most (rows, columns) there is space for.
    pub(super) fn space(&self) -> (usize, usize) {
        self.space
    }

    /// Places in `bytes` from one row to the next.
    fn stride(&self) -> usize {
        self.nonzero.words_per_row() * WORD
    }

    /// Becomes the rows of `images` that `indices` name, [indices, columns of the images]; they have to fit into the
    /// space.
    pub fn gather(&mut self, images: &SparseRows, indices: impl ExactSizeIterator<Item = usize> + Clone) {
        self.nonzero.reshape(indices.len(), images.cols());
        self.values = images.values;
        images.prefetch_all(indices.clone());
        let mut soon = indices.clone().skip(SOON);
        let (words_per_row, stride) = (self.nonzero.words_per_row(), self.stride());
        let rows = self.nonzero.words_mut().chunks_exact_mut(words_per_row).zip(self.bytes.chunks_exact_mut(stride));
        for (index, (words, bytes)) in indices.zip(rows) {
            soon.next().into_iter().for_each(|index| images.prefetch(index));
            // To the end of all data, since more than the row's bytes is read at a time.
            let (packed_bits, packed) = images.data[images.place(index).start..].split_at(size_of_val(words));
            let packed_bits = packed_bits.as_chunks().0.iter();
            words.iter_mut().zip(packed_bits).for_each(|(word, &bytes)| *word = u64::from_le_bytes(bytes));
            unpack(words, packed, bytes);
        }
    }

    /// Becomes the rows of `images` that `indices` name, each changed: `change` gets all bytes of each in order, zeros included.
    pub fn gather_changed(
        &mut self,
        images: &SparseRows,
        indices: impl ExactSizeIterator<Item = usize> + Clone,
        mut change: impl FnMut(&mut [u8]),
    ) {
        self.nonzero.reshape(indices.len(), images.cols());
        self.values = images.values;
        images.prefetch_all(indices.clone());
        let (words_per_row, stride) = (self.nonzero.words_per_row(), self.stride());
        let rows = self.nonzero.words_mut().chunks_exact_mut(words_per_row).zip(self.bytes.chunks_exact_mut(stride));
        for (index, (words, bytes)) in indices.zip(rows) {
            let (packed_bits, packed) = images.data[images.place(index).start..].split_at(size_of_val(words));
            let packed_bits = packed_bits.as_chunks().0.iter();
            words.iter_mut().zip(packed_bits).for_each(|(word, &bytes)| *word = u64::from_le_bytes(bytes));
            bytes.fill(0);
            unpack(words, packed, bytes);
            change(&mut bytes[..images.cols()]);
            find_nonzero(bytes, words);
        }
    }

    /// As f32, zeros included, [rows, cols].
    pub fn to_matrix(&self) -> Matrix {
        let mut matrix = Matrix::zeros(self.nonzero.rows(), self.nonzero.cols());
        self.write_into(&mut matrix);
        matrix
    }

    /// `matrix` takes the shape [rows, cols], for which it has to have space, and these values.
    pub(super) fn write_into(&self, matrix: &mut Matrix) {
        matrix.reshape(self.nonzero.rows(), self.nonzero.cols());
        for (row, words) in self.nonzero.words().chunks_exact(self.nonzero.words_per_row()).enumerate() {
            let values = matrix.row_mut(row);
            values.fill(0.0);
            let bytes = &self.bytes[row * self.stride()..];
            for (place, &word) in words.iter().enumerate() {
                let mut columns = word;
                while columns != 0 {
                    let column = place * WORD + columns.trailing_zeros() as usize;
                    values[column] = self.values[usize::from(bytes[column])];
                    columns &= columns - 1;
                }
            }
        }
    }
}

// SAFETY: there are rows · stride bytes. Neither number changes without a mutable borrow.
unsafe impl LeftOperand for Gathered {
    fn shape(&self) -> (usize, usize) {
        (self.nonzero.rows(), self.nonzero.cols())
    }

    fn steps(&self) -> (usize, usize) {
        (self.stride(), 1)
    }

    #[inline(always)]
    unsafe fn value(&self, place: usize) -> f32 {
        // SAFETY: as promised, it is the place of a row and a column.
        let byte = unsafe { *self.bytes.as_ptr().add(place) };
        self.values[usize::from(byte)]
    }
}

/// Puts one byte of `packed` after the other where a bit is set; 64 places a word. `packed` goes on for 64 bytes more.
fn unpack(words: &[u64], packed: &[u8], bytes: &mut [u8]) {
    #[cfg(target_arch = "x86_64")]
    if InstructionSet::detect() == InstructionSet::Avx512 && is_x86_feature_detected!("avx512vbmi2") {
        // SAFETY: this processor was just asked whether it has these instructions.
        return unsafe { unpack_avx512(words, packed, bytes) };
    }
    unpack_portable(words, packed, bytes);
}

vectorised! {
    /// Sets a bit for each byte that is not zero; 64 bytes a word.
    fn find_nonzero(bytes: &[u8], words: &mut [u64]) {
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<WORD>().0) {
            *word = bytes.iter().rev().fold(0, |word, &byte| word << 1 | u64::from(byte != 0));
        }
    }

    fn unpack_portable(words: &[u64], packed: &[u8], bytes: &mut [u8]) {
        let mut packed = packed.iter();
        for (&word, bytes) in words.iter().zip(bytes.as_chunks_mut::<WORD>().0) {
            let mut columns = word;
            while columns != 0 {
                packed.next().into_iter().for_each(|&byte| bytes[columns.trailing_zeros() as usize] = byte);
                columns &= columns - 1;
            }
        }
    }
}

/// The same with the instruction that is made for it.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
fn unpack_avx512(words: &[u64], mut packed: &[u8], bytes: &mut [u8]) {
    use std::arch::x86_64::*;
    for (&word, bytes) in words.iter().zip(bytes.as_chunks_mut::<WORD>().0) {
        let next: &[u8; WORD] = packed.first_chunk().expect("there is padding after the last row");
        // SAFETY: both are 64 bytes.
        unsafe {
            let unpacked = _mm512_maskz_expand_epi8(word, _mm512_loadu_epi8(next.as_ptr().cast()));
            _mm512_storeu_epi8(bytes.as_mut_ptr().cast(), unpacked);
        }
        packed = &packed[word.count_ones() as usize..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_were() {
        const COLS: usize = 150;
        let byte = |place: usize| if place * 7 % 10 < 3 { (place * 31 % 256) as u8 } else { 0 };
        let bytes: Vec<u8> = (0..5 * COLS).map(byte).collect();
        let rows = SparseRows::from_bytes(&bytes, COLS, Scale { zero: 93.0, one: 8.0 });
        assert!(bytes.contains(&93), "this one stands for 0 and is kept all the same");
        assert_eq!((rows.rows(), rows.cols()), (5, COLS));
        let mut gathered = Gathered::new(4, COLS);
        // Nothing is left of what was there before, even if it had more rows.
        gathered.gather(&rows, [0, 2, 3, 2].into_iter());
        gathered.gather(&rows, [4, 1, 1].into_iter());
        let matrix = gathered.to_matrix();
        assert_eq!((matrix.view().dim(), gathered.shape()), ((3, COLS), (3, COLS)));
        for (row, from) in [4, 1, 1].into_iter().enumerate() {
            for (column, &byte) in bytes[from * COLS..][..COLS].iter().enumerate() {
                let value = if byte == 0 { 0.0 } else { (f32::from(byte) - 93.0) / 8.0 };
                assert_eq!(matrix.row(row)[column], value, "row {row}, column {column}");
                let word = gathered.nonzero.words()[row * gathered.nonzero.words_per_row() + column / WORD];
                assert_eq!(word >> (column % WORD) & 1 == 1, byte != 0, "row {row}, column {column}");
            }
        }
    }

    #[test]
    fn rows_that_are_changed_have_the_bits_of_what_they_became() {
        let rows = SparseRows::from_bytes(&[1, 0, 3, 0, 0, 6], 3, Scale::PIXELS);
        let mut gathered = Gathered::new(2, 3);
        let mut seen = Vec::new();
        gathered.gather_changed(&rows, [1, 0].into_iter(), |bytes| {
            seen.extend_from_slice(bytes);
            bytes.rotate_left(1);
            bytes[0] = 51;
        });
        assert_eq!(seen, [0, 0, 6, 1, 0, 3]);
        assert_eq!(gathered.nonzero.words(), [0b011, 0b111]);
        let values: Vec<f32> = gathered.to_matrix().view().iter().copied().collect();
        assert_eq!(values, [51, 6, 0, 51, 3, 1].map(|byte: u8| f32::from(byte) / 255.0));
        // As it is found word by word.
        let bytes: [u8; WORD] = std::array::from_fn(|place| (place % 5 / 3) as u8);
        let mut word = [0];
        find_nonzero(&bytes, &mut word);
        assert!((0..WORD).all(|place| (word[0] >> place & 1 == 1) == (bytes[place] != 0)));
    }

    #[test]
    fn every_way_to_unpack_is_the_same() {
        let packed: Vec<u8> = (1..=200).collect();
        let words = [0x8000_0000_0000_0001, 0, u64::MAX, 0x0123_4567_89ab_cdef];
        let mut expected = [0; 4 * WORD];
        let places = (0..4 * WORD).filter(|place| words[place / WORD] >> (place % WORD) & 1 == 1);
        places.zip(&packed).for_each(|(place, &byte)| expected[place] = byte);
        for unpack in [unpack, unpack_portable] {
            let mut bytes = [0; 4 * WORD];
            unpack(&words, &packed, &mut bytes);
            assert_eq!(bytes, expected);
        }
    }
}
