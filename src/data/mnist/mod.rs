//! MNIST, from four files in the IDX format, or as it is in the program itself. Every byte is checked, and nothing is written
//! anywhere.

mod built_in;

use super::idx::{self, Role};
use super::packed::{self, Problem};
use super::{Dataset, Samples};
use crate::error::{Error, Result};
use crate::plan::config::data::{DataFile, MNIST, MNIST_FILES};
use sha2::{Digest, Sha256};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What one of the four files has to be, unpacked.
struct Idx {
    /// As it is called in messages, and wherever it came from.
    name: &'static str,
    /// SHA-256 of the whole file, header included.
    sha256: &'static str,
    role: Role,
    count: usize,
    /// Bytes of an item: the pixels of an image, or 1 for a label.
    item: usize,
}

/// The four files, in the order in which they are declared.
fn files() -> [Idx; 4] {
    [0, 1, 2, 3].map(|file| {
        let DataFile { name, sha256 } = MNIST_FILES[file];
        let role = Role::ALL[file];
        let count = if role.test { MNIST.test } else { MNIST.train };
        let item = if role.labels { 1 } else { MNIST.pixels() };
        Idx { name, sha256, role, count, item }
    })
}

const TAKE_AGAIN: &str = "take the file again (data/mnist/README.md in the project's repository says where it came from), or take \
                          the folder away: the program has MNIST in it";

/// Whether one of the four files is in a folder, under any of its usual names.
pub fn is_in(folder: &Path) -> bool {
    Role::ALL.into_iter().any(|role| idx::find(folder, Some(""), role).is_ok())
}

/// Reads the first `train_samples` training and `test_samples` test images, no more than there are, from the four files in
/// `folder`, gzipped or unpacked, or from the program itself.
///
/// Errors name the first file that is not exactly MNIST's.
pub fn load(folder: Option<&Path>, train_samples: usize, test_samples: usize) -> Result<Dataset> {
    let [train_images, train_labels, test_images, test_labels] = files();
    let (train, test) = match folder {
        Some(folder) => rayon::join(
            || samples(folder, &train_images, &train_labels, train_samples),
            || samples(folder, &test_images, &test_labels, test_samples),
        ),
        None => rayon::join(|| built_in::TRAIN.samples(train_samples), || built_in::TEST.samples(test_samples)),
    };
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

/// Bytes of the header of images.
const LONGEST_HEADER: usize = 16;

impl Idx {
    const IMAGES: u32 = 0x0803;
    const LABELS: u32 = 0x0801;

    fn header(&self) -> Vec<u8> {
        let (magic, shape) = if self.role.labels { (Self::LABELS, &[][..]) } else { (Self::IMAGES, MNIST.shape) };
        let lengths = std::iter::once(&self.count).chain(shape).map(|&length| length as u32);
        std::iter::once(magic).chain(lengths).flat_map(u32::to_be_bytes).collect()
    }

    /// Length of the whole file.
    fn bytes(&self) -> usize {
        self.header().len() + self.count * self.item
    }

    fn expected(&self) -> String {
        format!("MNIST's {} {}, {} bytes unpacked", self.count, self.role.what(), self.bytes())
    }

    fn wrong(&self, found: impl Into<String>) -> Wrong {
        Wrong { found: found.into(), expected: self.expected(), mend: TAKE_AGAIN.into() }
    }

    /// The whole file, of `folder`, checked.
    fn load(&self, folder: &Path) -> Result<Vec<u8>> {
        let path = idx::find(folder, Some(""), self.role).map_err(|found| self.wrong(found).at(folder.to_owned()))?;
        self.read(&path).map_err(|wrong| wrong.at(path))
    }

    /// What comes after the header of a whole file.
    fn items<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        &bytes[self.header().len()..]
    }

    /// A file that should be this one. Whatever it promises, no more than a byte too many is read of it.
    fn read(&self, path: &Path) -> std::result::Result<Vec<u8>, Wrong> {
        let header = self.header();
        let length = |start: &[u8], _most: u64| match start.starts_with(&header) {
            true => Ok(self.bytes()),
            // The rest does not matter then.
            false => Ok(start.len()),
        };
        let bytes = packed::read(path, LONGEST_HEADER, length).map_err(|problem| self.unreadable(problem))?;
        self.check(&bytes)?;
        Ok(bytes)
    }

    fn unreadable(&self, problem: Problem) -> Wrong {
        match problem {
            Problem::Io(error) if error.kind() == ErrorKind::NotFound => self.wrong("no such file"),
            Problem::Io(error) => Wrong {
                mend: format!("make it readable, or {TAKE_AGAIN}"),
                ..self.wrong(format!("cannot be read: {error}"))
            },
            Problem::NotPacked(found) => Wrong {
                mend: format!("if it is unpacked already, take .gz off its name; else {TAKE_AGAIN}"),
                ..self.wrong(found)
            },
            Problem::Content(found) => self.wrong(found),
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
        if self.role.labels
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
                ..self.wrong(format!("by its header this is MNIST's file of {} {}", other.count, other.role.what()))
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
    use crate::data::packed::tests::gzip;
    use std::fs;

    /// The error for a folder with nothing but one file in it; `None` leaves it out.
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
    fn files_in_a_folder_will_do_gzipped_or_not_with_dots_or_dashes() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_in(folder.path()) && !is_in(&folder.path().join("nothing")));
        let dots = "train-images.idx3-ubyte";
        let names = [dots, "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte", "t10k-labels.idx1-ubyte.gz"];
        for (bytes, name) in built_in::tests::files().into_iter().zip(names) {
            fs::write(folder.path().join(name), if name.ends_with(".gz") { gzip(&bytes) } else { bytes }).unwrap();
            assert!(is_in(folder.path()));
        }
        assert_eq!(load(Some(folder.path()), 1, 1).unwrap().test.labels, [7]);
        // Another name does not make it another set's.
        let damaged = fs::OpenOptions::new().write(true).open(folder.path().join(dots)).unwrap();
        damaged.set_len(1000).unwrap();
        let Err(message) = load(Some(folder.path()), 1, 1) else { panic!("MNIST is larger") };
        let message = message.to_string();
        assert!(message.contains(&format!("{dots}: it ends after 1000 bytes")), "{message}");
        fs::remove_file(folder.path().join(dots)).unwrap();
        let Err(message) = load(Some(folder.path()), 1, 1) else { panic!("a file is missing") };
        let message = message.to_string();
        assert!(
            message.contains("there is neither train-images-idx3-ubyte nor train-images-idx3-ubyte.gz"),
            "{message}"
        );
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        let name = "t10k-labels-idx1-ubyte.gz";
        let [.., right] = built_in::tests::files();
        let changed = |place: usize, byte: u8| {
            let mut bytes = right.clone();
            bytes[place] = byte;
            Some(gzip(&bytes))
        };
        let followed_by = |more: &[u8]| Some([gzip(&right), more.to_vec()].concat());
        let mut cut = gzip(&right);
        cut.truncate(cut.len() / 2);
        let mut damaged = gzip(&right);
        damaged[1000] ^= 0xff;
        let goes_on = "after the end of what is gzipped, the file goes on";
        let cases = [
            (None, "there is neither t10k-labels-idx1-ubyte nor t10k-labels-idx1-ubyte.gz"),
            (Some(vec![]), "the file is empty"),
            (Some(vec![0x1f]), "not a gzipped file: it begins with \"\\x1f\""),
            (Some(b"6 byte".into()), "not a gzipped file: it begins with \"6 byte\""),
            (Some(vec![0x1f, 0x8b]), "breaks off before its end"),
            (Some(cut), "breaks off before its end"),
            (Some(damaged), "damaged"),
            (Some(right.clone()), "begins with \"\\x00\\x00\\x08\\x01"),
            (followed_by(&[0]), goes_on),
            (followed_by(&[0; 5000]), goes_on),
            (followed_by(b"more"), goes_on),
            // A stream more is one file to gzip.
            (followed_by(&gzip(&[7])), "goes on after 10008 bytes"),
            (Some(gzip(&right[..5])), "ends after 5 bytes, within its header"),
            (Some(gzip(&right[..5000])), "ends after 5000 bytes"),
            (Some(gzip(&[&right[..], &[0]].concat())), "goes on after 10008 bytes"),
            // Far more than it should unpack to: reported without unpacking it.
            (Some(gzip(&vec![0; 100_000_000])), "the header 0x0000 0"),
            (Some(gzip(&[&right[..], &vec![0; 100_000_000]].concat())), "goes on after 10008 bytes"),
            (Some(gzip(&[0, 0, 8, 1, 255, 255, 255, 255])), "the header 0x0801 4294967295"),
            (changed(3, 7), "the header 0x0807 10000"),
            (changed(6, 0), "the header 0x0801 16"),
            (changed(108, 10), "label 10 at place 100"),
            (changed(8, 6), "not MNIST's content: SHA-256"),
        ];
        for (bytes, expected) in cases {
            let message = error(name, bytes);
            assert!(message.contains(expected), "{expected}: {message}");
        }
    }

    #[test]
    fn mixed_up_files_are_recognised() {
        let [train_images, _, test_images, _] = built_in::tests::files();
        let message = error("t10k-labels-idx1-ubyte.gz", Some(gzip(&train_images)));
        assert!(message.contains("MNIST's file of 60000 training images"), "{message}");
        let message = error("train-images-idx3-ubyte.gz", Some(gzip(&test_images)));
        assert!(message.contains("give this one its own name, t10k-images-idx3-ubyte"), "{message}");
    }
}
