//! MNIST as the program has it: packed by `data/mnist/pack.py` in pieces, of which only those are unpacked that hold what is
//! asked for.

use super::super::Samples;
use crate::error::{Error, Result};
use crate::kernel::{Rows, Scale, SparseRows};
use crate::plan::config::data::MNIST;
use brotli_decompressor::Decompressor;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;

/// Images in a piece; the training and the test images are so many, several times.
const IMAGES: usize = 10_000;

/// More than the runs of a piece's images take.
const MOST_RUNS: usize = 1 << 20;

/// The training or the test images.
pub struct Part {
    images: &'static [Piece],
    labels: Piece,
    /// How many there are.
    count: usize,
}

/// A file of `data/mnist/`.
struct Piece {
    name: &'static str,
    packed: &'static [u8],
    /// Of what is packed, as it is.
    sha256: &'static str,
}

macro_rules! piece {
    ($name:literal, $sha256:literal) => {
        Piece { name: $name, packed: include_bytes!(concat!("../../../data/mnist/", $name)), sha256: $sha256 }
    };
}

/// The 60,000 training images.
pub static TRAIN: Part = Part {
    images: &[
        piece!("train-images.0.br", "78e06f229021524f6e089f23dd81afd764b5727cb304dbefb6cde72fa578f7b3"),
        piece!("train-images.1.br", "98ddc19a7e33cfb2d55f25829fbd50e3609ff1ea4e1ba8c04e1e6bd64765a29e"),
        piece!("train-images.2.br", "d619f3fca2abe059955427648401903771bfa3aff8e31d9735a1e25f5760c14d"),
        piece!("train-images.3.br", "2bc638d016d7ea434b49a3cb7d8c40e20934f2cc23a12d3aacaad301c9d2c99d"),
        piece!("train-images.4.br", "8f08178fb7a52e982d101888566553e1c2c765a2eacfb3abe3683dd1f881fca7"),
        piece!("train-images.5.br", "4165ec13303e21db10de1a442d23ed9796a4b6a75a1e214fbc4d62c4033ff47d"),
    ],
    labels: piece!("train-labels.br", "0136d3c54e73296ebf68e6247b1e8be519ee0e9c722bb2aab70db40d3a0a2e8d"),
    count: MNIST.train,
};

/// The 10,000 test images.
pub static TEST: Part = Part {
    images: &[piece!("t10k-images.0.br", "3d422758770f0eebb7a6ac4b439f47a60ba841507d88d5fb645288a04fa0e222")],
    labels: piece!("t10k-labels.br", "29f689bc58e68901ffc406d904ac69011f4a78c66097ae95ace30330492b8df4"),
    count: MNIST.test,
};

impl Part {
    /// The first `count` samples.
    pub fn samples(&self, count: usize) -> Result<Samples> {
        let pieces = self.images[..count.div_ceil(IMAGES)].par_iter().enumerate();
        let rows = pieces.map(|(index, piece)| {
            let pixels = piece.images()?;
            let wanted = (count - index * IMAGES).min(IMAGES) * MNIST.pixels();
            Ok(SparseRows::from_bytes(&pixels[..wanted], MNIST.pixels(), Scale::PIXELS))
        });
        let (rows, labels) = rayon::join(|| rows.collect::<Result<Vec<_>>>(), || self.labels.unpack(self.count));
        let mut labels = labels?;
        labels.truncate(count);
        Ok(Samples::new(Rows::Bytes(SparseRows::joined(rows?, MNIST.pixels(), Scale::PIXELS)), labels))
    }
}

impl Piece {
    /// Its images, one byte a pixel.
    fn images(&self) -> Result<Vec<u8>> {
        let length = IMAGES * MNIST.pixels();
        let packed = self.unpack(4 + MOST_RUNS + length)?;
        pixels(&packed, length).ok_or_else(|| self.damaged())
    }

    /// All that is packed, no more than `most` bytes.
    fn unpack(&self, most: usize) -> Result<Vec<u8>> {
        if hex::encode(Sha256::digest(self.packed)) != self.sha256 {
            return Err(self.damaged());
        }
        let mut bytes = Vec::new();
        let mut unpacked = Decompressor::new(self.packed, 1 << 16).take(most as u64);
        unpacked.read_to_end(&mut bytes).map_err(|_| self.damaged())?;
        Ok(bytes)
    }

    fn damaged(&self) -> Error {
        Error::Data {
            path: Path::new("MNIST in this program").join(self.name),
            found: "it is damaged".into(),
            expected: format!("SHA-256 {}", self.sha256),
            mend: "install the program again: its file is damaged".into(),
        }
    }
}

/// `count` pixels from their runs, which are of zeros and of other values in turn, and those other values; see
/// `data/mnist/README.md`. `None` if they are not so many.
fn pixels(packed: &[u8], count: usize) -> Option<Vec<u8>> {
    let (length, rest) = packed.split_first_chunk()?;
    let (runs, mut values) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    let mut pixels = Vec::with_capacity(count);
    let mut zeros = true;
    for &run in runs {
        let run_length = usize::from(run);
        if pixels.len() + run_length > count {
            return None;
        }
        if zeros {
            pixels.resize(pixels.len() + run_length, 0);
        } else {
            let (these, others) = values.split_at_checked(run_length)?;
            pixels.extend_from_slice(these);
            values = others;
        }
        // A longer run goes on in the next byte.
        zeros ^= run != u8::MAX;
    }
    (pixels.len() == count && values.is_empty()).then_some(pixels)
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::plan::config::data::MNIST_FILES;

    /// The four files as they were published.
    pub fn files() -> [Vec<u8>; 4] {
        let file = |numbers: &[u32], content: Vec<Vec<u8>>| {
            let header = numbers.iter().flat_map(|number| number.to_be_bytes());
            header.chain(content.concat()).collect()
        };
        let images = |part: &Part| {
            let pixels = part.images.iter().map(|piece| piece.images().unwrap());
            file(&[0x0803, part.count as u32, 28, 28], pixels.collect())
        };
        let labels =
            |part: &Part| file(&[0x0801, part.count as u32], vec![part.labels.unpack(part.count + 1).unwrap()]);
        [images(&TRAIN), labels(&TRAIN), images(&TEST), labels(&TEST)]
    }

    #[test]
    fn all_of_mnist_is_in_the_program() {
        for (file, published) in files().into_iter().zip(&MNIST_FILES) {
            assert_eq!(hex::encode(Sha256::digest(file)), published.sha256, "{}", published.name);
        }
    }

    #[test]
    fn any_number_of_images_can_be_asked_for() {
        for count in [0, 1, 300, 10_000, 10_001, 60_000] {
            let samples = TRAIN.samples(count).unwrap();
            assert_eq!((samples.pixels.rows(), samples.labels.len()), (count, count));
        }
        // data/mnist/README.md
        assert_eq!(TRAIN.samples(10).unwrap().labels, [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
        let ones = TEST.samples(10_000).unwrap().labels.iter().filter(|&&label| label == 1).count();
        assert_eq!(ones, 1135);
    }

    #[test]
    fn a_program_that_is_damaged_says_so() {
        let whole = TEST.labels.packed;
        let mut flipped = whole.to_vec();
        flipped[1000] ^= 1;
        for packed in [whole[..whole.len() / 2].to_vec(), flipped, Vec::new()] {
            let piece = Piece { packed: Box::leak(packed.into_boxed_slice()), ..TEST.labels };
            let message = piece.unpack(10_000).unwrap_err().to_string();
            assert!(message.contains("it is damaged") && message.contains("install the program again"), "{message}");
        }
    }

    #[test]
    fn runs_have_to_fit_the_pixels() {
        let packed = |runs: &[u8], values: &[u8]| [&(runs.len() as u32).to_le_bytes(), runs, values].concat();
        assert_eq!(pixels(&packed(&[2, 3, 1], &[7, 8, 9]), 6).unwrap(), [0, 0, 7, 8, 9, 0]);
        // 255 zeros and none more; then 256 of another value.
        let long = pixels(&packed(&[255, 0, 255, 1], &[5; 256]), 511).unwrap();
        assert!(long[..255].iter().all(|&pixel| pixel == 0) && long[255..].iter().all(|&pixel| pixel == 5));
        for (runs, values, count) in [
            (&[2, 3][..], &[7, 8, 9][..], 6),
            (&[2, 3, 2], &[7, 8, 9], 6),
            (&[2, 3, 1], &[7, 8], 6),
            (&[2, 3, 1], &[7, 8, 9, 1], 6),
        ] {
            assert_eq!(pixels(&packed(runs, values), count), None);
        }
        assert_eq!(pixels(&[1, 0, 0], 0), None);
        assert_eq!(pixels(&[9, 0, 0, 0, 1], 1), None);
    }
}
