//! The images: read, checked, kept without their zeros.

mod batches;
mod gaussian;
mod mnist;
mod synthetic;

pub use batches::Batches;

use crate::error::{Error, Result};
use crate::learn::kernel::{Scale, SparseRows};
use crate::plan::config::DataSource;
use crate::printable;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Training and test images of one data source.
pub struct Dataset {
    pub train: Samples,
    pub test: Samples,
}

/// Images with their labels, in the order of the file.
pub struct Samples {
    /// [samples, pixels], each pixel of an image in [0, 1].
    pub pixels: SparseRows,
    /// Class of each image, 0 to 9.
    pub labels: Vec<u8>,
}

impl Samples {
    fn none() -> Samples {
        Samples::from_bytes(&[], 1, &[])
    }

    /// Images of one byte a pixel, 255 standing for 1.0, `labels.len()` of them.
    fn from_bytes(images: &[u8], pixels: usize, labels: &[u8]) -> Samples {
        let images = &images[..labels.len() * pixels];
        Samples { pixels: SparseRows::from_bytes(images, pixels, Scale::PIXELS), labels: labels.to_vec() }
    }
}

/// The first `train_samples` and `test_samples` images of a source; all there are, if there are fewer. `folder` is the
/// data folder (see [`locate`]), which only MNIST needs.
pub fn load(source: DataSource, folder: Option<&Path>, train_samples: usize, test_samples: usize) -> Result<Dataset> {
    match (source, folder) {
        (DataSource::Mnist, Some(folder)) => mnist::load(&folder.join("mnist"), train_samples, test_samples),
        (DataSource::Mnist, None) => Err(Error::Usage(format!("MNIST needs a data folder: {MEND}"))),
        (DataSource::Synthetic, _) => Ok(synthetic::generate(train_samples, test_samples)),
        (DataSource::Gaussian, _) => Ok(gaussian::generate(train_samples, test_samples)),
        (DataSource::Surface, _) => Ok(Dataset { train: Samples::none(), test: Samples::none() }),
    }
}

/// Fingerprint of all of a source's images, as 64 hexadecimal digits. Reads no file: [`load`] accepts no other images.
pub fn sha256(source: DataSource) -> String {
    match source {
        DataSource::Mnist => sha256_hex(mnist::FILES.map(|file| file.sha256).concat().as_bytes()),
        DataSource::Synthetic => sha256_hex(synthetic::VERSION.as_bytes()),
        DataSource::Gaussian => sha256_hex(gaussian::VERSION.as_bytes()),
        DataSource::Surface => sha256_hex(b""),
    }
}

const MEND: &str = "point --data or ABLATE_DATA at a folder with a mnist/ folder in it that holds MNIST's four files";

/// The data folder: `given` (by `--data` or `ABLATE_DATA`), else `data/` here, beside the study file or beside that
/// one's folder, whichever has a `mnist/` folder first.
pub fn locate(given: Option<&Path>, study: &Path) -> Result<PathBuf> {
    if let Some(folder) = given {
        return match folder.join("mnist").is_dir() {
            true => Ok(folder.to_owned()),
            false => Err(Error::Usage(format!("{}: {}", printable::path(folder), why_not_data(folder)))),
        };
    }
    let places = places(study);
    match places.iter().find(|place| place.join("mnist").is_dir()) {
        Some(place) => Ok(place.clone()),
        None => {
            let looked: String =
                places.iter().map(|place| format!("\n  {}", printable::path(place.join("mnist")))).collect();
            Err(Error::Usage(format!("there is no MNIST at any of{looked}\n  to mend it: {MEND}")))
        }
    }
}

/// Where the data folder is looked for, in this order.
fn places(study: &Path) -> Vec<PathBuf> {
    let study = std::path::absolute(study).unwrap_or_else(|_| study.to_owned());
    let beside = study.ancestors().skip(1).take(2).map(|folder| folder.join("data"));
    std::iter::once(PathBuf::from("data")).chain(beside).collect()
}

/// What is wrong with a folder given as the data folder.
fn why_not_data(folder: &Path) -> String {
    if !folder.is_dir() {
        format!("there is no such data folder: {MEND}")
    } else if folder.file_name().is_some_and(|name| name == "mnist") {
        "a data folder has a mnist/ folder in it; this looks like that folder itself: name the one above it".into()
    } else {
        format!("there is no mnist/ folder in this data folder: {MEND}")
    }
}

fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn data_is_looked_for_here_beside_the_study_and_beside_its_folder() {
        assert_eq!(
            places(Path::new("/x/ablations/a.toml")),
            ["data", "/x/ablations/data", "/x/data"].map(PathBuf::from)
        );
        // Tests run in the repository, which has its data.
        assert_eq!(locate(None, Path::new("/x/ablations/a.toml")).unwrap(), Path::new("data"));
    }

    #[test]
    fn a_data_folder_that_is_given_has_to_hold_mnist() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let message = |folder: &Path| locate(Some(folder), Path::new("a.toml")).unwrap_err().to_string();
        assert!(message(&data).contains("data: there is no such data folder"));
        fs::create_dir_all(data.join("mnist")).unwrap();
        assert!(message(folder.path()).contains("there is no mnist/ folder in this"));
        assert!(message(&data.join("mnist")).contains("name the one above it"));
        assert_eq!(locate(Some(&data), Path::new("a.toml")).unwrap(), data);
    }

    #[test]
    fn fingerprints_are_fixed() {
        // printf of the four unpacked files' digests, in the order of data/mnist/README.md, | sha256sum
        assert_eq!(sha256(DataSource::Mnist), "c65580678af93f1ea48c2c0d01d543ec89307c6b8a0eb7ca542d7c18c5f4c681");
        assert_ne!(sha256(DataSource::Mnist), sha256(DataSource::Synthetic));
    }
}
