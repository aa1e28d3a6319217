//! MNIST, from four files in the IDX format. Every byte of them is checked, and nothing is written anywhere.

use super::{Dataset, Samples};
use crate::error::{Error, Result};
use crate::file;
use crate::plan::config::data::{DataFile, MNIST, MNIST_FILES};
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// What one of the four files has to be, unpacked.
struct Idx {
    name: &'static str,
    /// SHA-256 of the whole file, header included.
    sha256: &'static str,
    what: &'static str,
    count: usize,
    /// Bytes of an item: the pixels of an image, or 1 for a label.
    item: usize,
}

/// The four files, in the order in which they are declared.
fn files() -> [Idx; 4] {
    let idx = |file: usize, what, count, item| {
        let DataFile { name, sha256 } = MNIST_FILES[file];
        Idx { name, sha256, what, count, item }
    };
    let pixels = MNIST.pixels();
    [
        idx(0, "training images", MNIST.train, pixels),
        idx(1, "training labels", MNIST.train, 1),
        idx(2, "test images", MNIST.test, pixels),
        idx(3, "test labels", MNIST.test, 1),
    ]
}

const TAKE_AGAIN: &str = "take the file again (in the project's repository: git checkout -- data/mnist; its README.md says \
                          where it came from), or point --data or ABLATE_DATA at a folder with a mnist/ folder in it \
                          that holds the four files";

/// Reads the first `train_samples` training and `test_samples` test images, no more than there are, from the four files in
/// `folder`, gzipped or unpacked.
///
/// Errors name the first file that is not exactly MNIST's.
pub fn load(folder: &Path, train_samples: usize, test_samples: usize) -> Result<Dataset> {
    let [train_images, train_labels, test_images, test_labels] = files();
    let (train, test) = rayon::join(
        || samples(folder, &train_images, &train_labels, train_samples),
        || samples(folder, &test_images, &test_labels, test_samples),
    );
    Ok(Dataset { train: train?, test: test? })
}

/// The first `count` samples of a file of images and one of labels.
fn samples(folder: &Path, images: &Idx, labels: &Idx, count: usize) -> Result<Samples> {
    let (pixels, classes) = rayon::join(|| images.load(folder), || labels.load(folder));
    let (pixels, classes) = (pixels?, classes?);
    Ok(Samples::from_bytes(images.items(&pixels), MNIST.pixels(), &labels.items(&classes)[..count]))
}

/// What is wrong with a file.
struct Wrong {
    found: String,
    expected: String,
    mend: String,
}

impl Wrong {
    fn at(self, path: PathBuf) -> Error {
        Error::Data { path, found: self.found, expected: self.expected, mend: self.mend }
    }
}

impl Idx {
    const IMAGES: u32 = 0x0803;
    const LABELS: u32 = 0x0801;

    fn header(&self) -> Vec<u8> {
        let (magic, shape) = if self.item == 1 { (Self::LABELS, &[][..]) } else { (Self::IMAGES, MNIST.shape) };
        let lengths = std::iter::once(&self.count).chain(shape).map(|&length| length as u32);
        std::iter::once(magic).chain(lengths).flat_map(u32::to_be_bytes).collect()
    }

    /// Length of the whole file.
    fn bytes(&self) -> usize {
        self.header().len() + self.count * self.item
    }

    fn expected(&self) -> String {
        format!("MNIST's {} {}, {} bytes unpacked", self.count, self.what, self.bytes())
    }

    fn wrong(&self, found: impl Into<String>) -> Wrong {
        Wrong { found: found.into(), expected: self.expected(), mend: TAKE_AGAIN.into() }
    }

    /// The whole file of `folder`, checked.
    fn load(&self, folder: &Path) -> Result<Vec<u8>> {
        let (path, bytes) = self.find(folder)?;
        self.check(&bytes).map_err(|wrong| wrong.at(path))?;
        Ok(bytes)
    }

    /// What comes after the header of a whole file.
    fn items<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        &bytes[self.header().len()..]
    }

    /// The gzipped file, or else the unpacked one: its path, and what is in it up to one byte too many.
    fn find(&self, folder: &Path) -> Result<(PathBuf, Vec<u8>)> {
        let gzipped = folder.join(format!("{}.gz", self.name));
        let unpacked = folder.join(self.name);
        let (path, bytes) = match !gzipped.exists() && unpacked.exists() {
            true => (unpacked.clone(), file::open(&unpacked).and_then(|file| self.read(file))),
            false => (gzipped.clone(), file::open(&gzipped).and_then(|file| self.read(MultiGzDecoder::new(file)))),
        };
        match bytes {
            Ok(bytes) => Ok((path, bytes)),
            Err(error) => Err(self.unreadable(&path, &error).at(path)),
        }
    }

    /// However much a file unpacks to, at most one byte too many is read.
    fn read(&self, file: impl Read) -> io::Result<Vec<u8>> {
        let limit = self.bytes() + 1;
        let mut bytes = Vec::with_capacity(limit);
        file.take(limit as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn unreadable(&self, path: &Path, error: &io::Error) -> Wrong {
        let start = start(path);
        match error.kind() {
            ErrorKind::NotFound => self.wrong("no such file"),
            ErrorKind::UnexpectedEof if start.is_empty() => self.wrong("the file is empty"),
            ErrorKind::UnexpectedEof => self.wrong("the gzipped file breaks off before its end"),
            ErrorKind::InvalidInput | ErrorKind::InvalidData if !start.starts_with(&[0x1f, 0x8b]) => Wrong {
                mend: format!("if it is unpacked already, take .gz off its name; else {TAKE_AGAIN}"),
                ..self.wrong(format!("not a gzipped file: it begins with \"{}\"", start.escape_ascii()))
            },
            ErrorKind::InvalidInput | ErrorKind::InvalidData => self.wrong(format!("the file is damaged: {error}")),
            _ => Wrong {
                mend: format!("make it readable, or {TAKE_AGAIN}"),
                ..self.wrong(format!("cannot be read: {error}"))
            },
        }
    }

    /// Whether `bytes` are this very file.
    fn check(&self, bytes: &[u8]) -> std::result::Result<(), Wrong> {
        self.check_header(bytes)?;
        if bytes.len() < self.bytes() {
            return Err(self.wrong(format!("it ends after {} bytes", bytes.len())));
        }
        if bytes.len() > self.bytes() {
            return Err(self.wrong(format!("it goes on after {} bytes", self.bytes())));
        }
        if self.item == 1
            && let Some(place) = self.items(bytes).iter().position(|&label| usize::from(label) >= MNIST.classes.len())
        {
            let (label, last) = (self.items(bytes)[place], MNIST.classes.len() - 1);
            return Err(self.wrong(format!("label {label} at place {place}, where labels are 0 to {last}")));
        }
        let sha256 = hex::encode(Sha256::digest(bytes));
        if sha256 != self.sha256 {
            return Err(Wrong {
                expected: format!("{}, SHA-256 {}", self.expected(), self.sha256),
                ..self.wrong(format!("the right shape, but not MNIST's content: SHA-256 {sha256}"))
            });
        }
        Ok(())
    }

    fn check_header(&self, bytes: &[u8]) -> std::result::Result<(), Wrong> {
        let header = self.header();
        if bytes.starts_with(&header) {
            return Ok(());
        }
        if let Some(other) = files().iter().find(|other| bytes.starts_with(&other.header())) {
            return Err(Wrong {
                mend: format!(
                    "the files are mixed up: give this one its own name, {} (.gz, if it is gzipped, stays); or {TAKE_AGAIN}",
                    other.name
                ),
                ..self.wrong(format!("by its header this is MNIST's file of {} {}", other.count, other.what))
            });
        }
        let Some(found) = bytes.get(..header.len()) else {
            return Err(self.wrong(format!("it ends after {} bytes, within its header", bytes.len())));
        };
        Err(Wrong {
            expected: format!("{}, with the header {}", self.expected(), numbers(&header)),
            ..self.wrong(format!("the header {}", numbers(found)))
        })
    }
}

/// The first bytes of a file, as far as they can be read.
fn start(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    // If it cannot be read, the error that this is a part of says so.
    let _ = file::open(path).and_then(|file| file.take(16).read_to_end(&mut bytes));
    bytes
}

/// An IDX header as the numbers it is made of: the magic number, then the lengths.
fn numbers(header: &[u8]) -> String {
    let words = header.chunks_exact(4).map(|word| u32::from_be_bytes([word[0], word[1], word[2], word[3]]));
    let words: Vec<String> =
        words.enumerate().map(|(i, n)| if i == 0 { format!("{n:#06x}") } else { n.to_string() }).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::fs;
    use std::io::Write;

    fn repository() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("data/mnist")
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// The error for a folder like the repository's, but with `bytes` as one of its files; `None` leaves it out.
    fn error(name: &str, bytes: Option<Vec<u8>>) -> String {
        let folder = tempfile::tempdir().unwrap();
        let idx = files().into_iter().find(|idx| name.starts_with(idx.name)).unwrap();
        if let Some(bytes) = bytes {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        let error = idx.load(folder.path()).unwrap_err();
        assert!(matches!(&error, Error::Data { path, .. } if path.starts_with(folder.path())));
        error.to_string()
    }

    #[test]
    fn the_repository_s_own_files_are_mnist() {
        let data = load(&repository(), 300, 10_000).unwrap();
        assert_eq!((data.train.pixels.rows(), data.test.pixels.rows()), (300, 10_000));
        // data/mnist/README.md
        assert_eq!(data.train.labels[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
        let ones = data.test.labels.iter().filter(|&&label| label == 1).count();
        assert_eq!(ones, 1135);
    }

    #[test]
    fn unpacked_files_will_do() {
        let folder = tempfile::tempdir().unwrap();
        for idx in files() {
            let (_, bytes) = idx.find(&repository()).unwrap();
            fs::write(folder.path().join(idx.name), bytes).unwrap();
        }
        assert_eq!(load(folder.path(), 1, 1).unwrap().test.labels, [7]);
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        let name = "t10k-labels-idx1-ubyte.gz";
        let (_, right) = files()[3].find(&repository()).unwrap();
        let changed = |place: usize, byte: u8| {
            let mut bytes = right.clone();
            bytes[place] = byte;
            Some(gzip(&bytes))
        };
        let mut cut = gzip(&right);
        cut.truncate(cut.len() / 2);
        let mut damaged = gzip(&right);
        damaged[1000] ^= 0xff;
        let cases = [
            (None, "no such file"),
            (Some(vec![]), "the file is empty"),
            (Some(cut), "breaks off before its end"),
            (Some(damaged), "damaged"),
            (Some(right.clone()), "begins with \"\\x00\\x00\\x08\\x01"),
            (Some(gzip(&right[..5])), "ends after 5 bytes, within its header"),
            (Some(gzip(&right[..5000])), "ends after 5000 bytes"),
            (Some(gzip(&[&right[..], &[0]].concat())), "goes on after 10008 bytes"),
            // Far more than it should unpack to: reported without unpacking it.
            (Some(gzip(&vec![0; 100_000_000])), "the header 0x0000 0"),
            (changed(3, 7), "the header 0x0807 10000"),
            (changed(6, 0), "the header 0x0801 16"),
            (changed(108, 10), "label 10 at place 100"),
            (changed(8, 6), "not MNIST's content: SHA-256"),
        ];
        for (bytes, expected) in cases {
            let message = error(name, bytes);
            assert!(message.contains(name) && message.contains(expected), "{expected}: {message}");
        }
    }

    #[test]
    fn mixed_up_files_are_recognised() {
        let packed = |name: &str| Some(fs::read(repository().join(name)).unwrap());
        let message = error("t10k-labels-idx1-ubyte.gz", packed("train-images-idx3-ubyte.gz"));
        assert!(message.contains("MNIST's file of 60000 training images"), "{message}");
        let message = error("train-images-idx3-ubyte.gz", packed("t10k-images-idx3-ubyte.gz"));
        assert!(message.contains("give this one its own name, t10k-images-idx3-ubyte"), "{message}");
    }
}
