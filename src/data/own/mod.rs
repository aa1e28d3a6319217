//! A person's own files: looked at before a study is checked, and read once for all trials.

mod csv;
mod idx;
mod npz;
mod scale;
mod split;

use super::{Dataset, Samples};
use crate::error::{Error, Result};
use crate::kernel::Rows;
use crate::plan::config::DataSource;
use crate::plan::config::data::{Files, Found, MOST_CLASSES, Own};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// What is wrong with a file.
struct Wrong {
    path: PathBuf,
    found: String,
    expected: String,
    mend: String,
}

impl Wrong {
    fn new(path: &Path, found: impl Into<String>, expected: impl Into<String>, mend: impl Into<String>) -> Wrong {
        Wrong { path: path.to_owned(), found: found.into(), expected: expected.into(), mend: mend.into() }
    }
}

impl From<Wrong> for Error {
    fn from(Wrong { path, found, expected, mend }: Wrong) -> Error {
        Error::Data { path, found, expected, mend }
    }
}

/// The numbers of some samples, one sample after the other.
enum Values {
    /// Images.
    Bytes(Vec<u8>),
    Numbers(Vec<f64>),
}

/// Some samples with their labels.
struct Part {
    values: Values,
    /// Indices among the classes.
    labels: Vec<u8>,
}

/// All that the files of a data set hold.
struct Contents {
    train: Part,
    test: Part,
    shape: Vec<usize>,
    classes: Vec<String>,
    /// SHA-256 of each file, unpacked.
    sha256: Vec<[u8; 32]>,
    /// Bytes of memory that reading took besides these.
    bytes: usize,
}

/// What one's own files hold. `folder` is where their path begins.
///
/// Errors: they cannot be read, or are not what they should be.
pub(super) fn look(files: &Files, folder: &Path) -> Result<DataSource> {
    let contents = read(files, folder)?;
    let found = found(&contents, files);
    let own = Own { files: files.clone(), found };
    let path = folder.join(files.path());
    DataSource::own(own).map_err(|problem| Error::Data {
        path,
        found: problem,
        expected: "a data set".into(),
        mend: "see docs/data.md".into(),
    })
}

/// The first `train` and `test` samples of a data set that was looked at before.
///
/// Errors: as [`look`], or the files are others now.
pub(super) fn load(own: &Own, folder: &Path, train: usize, test: usize) -> Result<Dataset> {
    let contents = read(&own.files, folder)?;
    let now = found(&contents, &own.files);
    if now != own.found {
        let path = folder.join(own.files.path());
        return Err(Error::Data {
            path,
            found: format!("SHA-256 {}, {} training and {} test samples", now.sha256, now.train, now.test),
            expected: format!(
                "what was trained on: SHA-256 {}, {} training and {} test samples",
                own.found.sha256, own.found.train, own.found.test
            ),
            mend: "bring the file back as it was, or train anew: `ablate run` of the study, with --fresh".into(),
        });
    }
    let inputs = contents.shape.iter().product();
    let scaling = scale::of(&own.files, &contents.train.values);
    let (train_rows, test_rows) =
        scale::scale(scaling, contents.train.values, contents.test.values, inputs, train, test);
    let samples = |pixels: Rows, labels: &[u8]| {
        let labels = labels[..pixels.rows()].to_vec();
        Samples::new(pixels, labels)
    };
    Ok(Dataset { train: samples(train_rows, &contents.train.labels), test: samples(test_rows, &contents.test.labels) })
}

fn read(files: &Files, folder: &Path) -> std::result::Result<Contents, Wrong> {
    match (&files.idx, &files.csv, &files.npz) {
        (Some(path), ..) => idx::read(files, &folder.join(path)),
        (_, Some(path), _) => csv::read(files, &folder.join(path), folder),
        (.., path) => npz::read(files, &folder.join(path.as_deref().unwrap_or_default())),
    }
}

fn found(contents: &Contents, files: &Files) -> Found {
    let Contents { train, test, shape, classes, sha256, bytes } = contents;
    let scaling = scale::of(files, &train.values);
    let as_bytes = scale::keeps_bytes(scaling, &train.values);
    let (numbers, nonzero) = match &train.values {
        Values::Bytes(bytes) => (bytes.len(), bytes.iter().filter(|&&byte| byte != 0).count()),
        Values::Numbers(numbers) => (numbers.len(), numbers.iter().filter(|&&number| number != 0.0).count()),
    };
    let all = shape.iter().product::<usize>() * (train.labels.len() + test.labels.len());
    let width = if matches!(train.values, Values::Bytes(_)) { 1 } else { size_of::<f64>() };
    let digests: Vec<String> = sha256.iter().map(hex::encode).collect();
    Found {
        sha256: match &digests[..] {
            [one] => one.clone(),
            several => hex::encode(Sha256::digest(several.concat())),
        },
        train: train.labels.len(),
        test: test.labels.len(),
        shape: shape.clone(),
        classes: classes.clone(),
        nonzero: match as_bytes {
            true => nonzero as f64 / numbers.max(1) as f64,
            false => 1.0,
        },
        bytes: as_bytes,
        reading: (bytes + all * width) as u64,
    }
}

/// What there may be of classes, for all formats: at least two, and no more than fit into a byte.
fn check_classes(path: &Path, classes: usize) -> std::result::Result<(), Wrong> {
    let expected = format!("2 to {MOST_CLASSES} classes");
    match classes {
        2..=MOST_CLASSES => Ok(()),
        1 => Err(Wrong::new(path, "all samples are of one class", expected, "name the column that tells them apart")),
        many => Err(Wrong::new(
            path,
            format!("there are {many} classes or more"),
            expected,
            "a label is a class, not a number that is measured: put such numbers into classes first",
        )),
    }
}
