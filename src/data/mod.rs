//! The samples: read or generated, checked, kept without their zeros. What is known of a data set before it is read is
//! declared in [`crate::plan::config::data`].

mod batches;
mod distortion;
mod gaussian;
mod idx;
mod input_noise;
pub mod label_noise;
mod mnist;
mod own;
mod packed;
pub mod subset;
mod synthetic;

pub use batches::Batches;
pub use distortion::{Distortion, Strengths};
pub use input_noise::InputNoise;

use crate::error::{Error, Result};
use crate::kernel::{Matrix, Rows, Scale, SparseRows};
use crate::plan::config::DataSource;
use crate::plan::config::data::{Declaration, Files as OwnFiles, KnownFiles};
use crate::printable;
use batches::below;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Training and test samples of one data source. A copy shares the pixels.
#[derive(Clone)]
pub struct Dataset {
    /// What training images are chosen from, as many as were asked for.
    pub train: Samples,
    /// What is tested with, as many as were asked for.
    pub test: Samples,
}

/// Samples with their labels, in the order of the file.
#[derive(Clone)]
pub struct Samples {
    /// [samples, pixels], each pixel of an image in [0, 1].
    pub pixels: Arc<Rows>,
    /// The class of each sample: an index among the names of the classes.
    pub labels: Vec<u8>,
}

impl Samples {
    /// A label for each row of pixels.
    pub fn new(pixels: Rows, labels: Vec<u8>) -> Samples {
        Samples { pixels: Arc::new(pixels), labels }
    }

    fn none() -> Samples {
        Samples::from_bytes(&[], 1, &[])
    }

    /// Images of one byte a pixel, 255 standing for 1.0, `labels.len()` of them.
    fn from_bytes(images: &[u8], pixels: usize, labels: &[u8]) -> Samples {
        let images = &images[..labels.len() * pixels];
        Samples::new(Rows::Bytes(SparseRows::from_bytes(images, pixels, Scale::PIXELS)), labels.to_vec())
    }
}

impl Dataset {
    /// Bytes that `samples` samples of a set take: a bit for each number and a byte for each of those that are not
    /// zero, or four bytes for each, in whole cache lines.
    pub fn bytes(set: &Declaration, samples: usize) -> f64 {
        match set.bytes {
            true => (samples * set.pixels()) as f64 * (0.125 + set.nonzero),
            false => Matrix::bytes(samples, set.pixels()),
        }
    }

    /// Samples that are as full as those of a set, with nothing in them to learn: for measuring how long a training
    /// takes.
    pub fn made_up(set: &Declaration, train_samples: usize, test_samples: usize) -> Dataset {
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let (pixels, classes) = (set.pixels(), set.classes.len() as u32);
        let nonzero = (set.nonzero * 1000.0) as u32;
        let mut samples = |count: usize| {
            let mut pixel = || if below(1000, &mut rng) < nonzero { 1 + below(255, &mut rng) as u8 } else { 0 };
            let images: Vec<u8> = (0..count * pixels).map(|_| pixel()).collect();
            let labels: Vec<u8> = (0..count).map(|_| below(classes, &mut rng) as u8).collect();
            Samples::from_bytes(&images, pixels, &labels)
        };
        Dataset { train: samples(train_samples), test: samples(test_samples) }
    }
}

/// The first `train_samples` and `test_samples` samples of a source, in the order of its files; all there are, if there
/// are fewer, and none of a surface. `folder` is the data folder (see [`locate`]) of a set that is read from files; without one,
/// MNIST is the program's own.
pub fn load(source: DataSource, folder: Option<&Path>, train_samples: usize, test_samples: usize) -> Result<Dataset> {
    let DataSource::Set(set) = source else { return Ok(Dataset { train: Samples::none(), test: Samples::none() }) };
    if let Some(own) = set.own() {
        return own::load(own, folder.unwrap_or(Path::new("")), train_samples, test_samples);
    }
    let (train, test) = (train_samples.min(set.train), test_samples.min(set.test));
    let known = set.known_files().zip(folder).map(|(files, folder)| folder.join(files.folder));
    match set.name {
        "mnist" => mnist::load(known.as_deref(), train, test),
        "synthetic" => Ok(synthetic::generate(train, test)),
        "gaussian" => Ok(gaussian::generate(train, test)),
        other => Err(Error::Usage(format!("{other}: this data set is declared, but nothing loads it"))),
    }
}

/// The data folder of a set that is read from files, `None` for a generated one and for MNIST as the program has it: `given` (by
/// `--data` or `ABLATE_DATA`), else `data/` here, beside the study file or beside that one's folder, whichever has one of the
/// set's files first.
///
/// Errors: `given` is no folder, or cannot be read; there is nothing where one's own files should be.
pub fn locate(set: &Declaration, given: Option<&Path>, study: &Path) -> Result<Option<PathBuf>> {
    if let Some(own) = set.own() {
        return locate_own(&own.files, given, study).map(Some);
    }
    let Some(files) = set.known_files() else { return Ok(None) };
    if let Some(given) = given {
        check_readable(given, files)?;
    }
    let places = given.map_or_else(|| places(study), |given| vec![given.to_owned()]);
    Ok(places.into_iter().find(|place| mnist::is_in(&place.join(files.folder))))
}

/// Errors: a data folder that was asked for is none, or cannot be read.
fn check_readable(given: &Path, &KnownFiles { folder, holds, .. }: &KnownFiles) -> Result<()> {
    let problem = match fs::read_dir(given) {
        Ok(_) => match fs::read_dir(given.join(folder)) {
            Err(problem) if problem.kind() == ErrorKind::PermissionDenied => {
                format!("its {folder}/ folder cannot be read: {problem}")
            }
            _ => return Ok(()),
        },
        Err(problem) if problem.kind() == ErrorKind::PermissionDenied => {
            format!("this data folder cannot be read: {problem}")
        }
        Err(_) => "there is no such data folder".into(),
    };
    Err(Error::Usage(format!(
        "{}: {problem}\n  to mend it: name a folder with a {folder}/ folder in it that holds {holds}, or leave \
         --data and ABLATE_DATA out: the program has a copy in it",
        printable::path(given)
    )))
}

/// What a person's own files hold, as a data set like those built in. `given` and `study` as for [`locate`].
///
/// Errors: they are nowhere, cannot be read, or are not what they should be.
pub fn look(files: &OwnFiles, given: Option<&Path>, study: &Path) -> Result<DataSource> {
    own::look(files, &locate_own(files, given, study)?)
}

/// The folder in which the path of one's own files begins: that which was `given`, if they are there; else that of the study
/// file, here, or a data folder of [`places`].
fn locate_own(files: &OwnFiles, given: Option<&Path>, study: &Path) -> Result<PathBuf> {
    let beside = study.parent().unwrap_or(Path::new("")).to_owned();
    let folders: Vec<PathBuf> = match given {
        Some(given) => vec![given.to_owned()],
        None => [beside, PathBuf::new()].into_iter().chain(places(study)).collect(),
    };
    let mut places: Vec<PathBuf> = folders.iter().map(|folder| folder.join(files.path())).collect();
    places.dedup();
    match folders.into_iter().find(|folder| folder.join(files.path()).exists()) {
        Some(folder) => Ok(folder),
        None => {
            let path = places.remove(0);
            let others: Vec<String> =
                places.iter().map(|place| format!(" nor at {}", printable::path(place))).collect();
            Err(Error::Data {
                path,
                found: format!("there is nothing here,{}", others.join(",")).trim_end_matches(',').into(),
                expected: "data of one's own".into(),
                mend: "correct the path in the study, which begins at the study's own folder, or point --data at the folder in \
                       which it begins"
                    .into(),
            })
        }
    }
}

/// Where the data folder is looked for, in this order.
fn places(study: &Path) -> Vec<PathBuf> {
    let study = std::path::absolute(study).unwrap_or_else(|_| study.to_owned());
    let beside = study.ancestors().skip(1).take(2).map(|folder| folder.join("data"));
    std::iter::once(PathBuf::from("data")).chain(beside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::config::data::{BUILT_IN, MNIST, SYNTHETIC};
    use std::collections::BTreeSet;

    #[test]
    fn data_is_looked_for_here_beside_the_study_and_beside_its_folder() {
        assert_eq!(
            places(Path::new("/x/ablations/a.toml")),
            ["data", "/x/ablations/data", "/x/data"].map(PathBuf::from)
        );
        assert_eq!(locate(&SYNTHETIC, None, Path::new("/x/ablations/a.toml")).unwrap(), None);
    }

    #[test]
    fn mnist_is_that_of_a_data_folder_with_some_of_it_or_else_the_program_s() {
        let folder = tempfile::tempdir().unwrap();
        let (data, study) = (folder.path().join("data"), folder.path().join("ablations/a.toml"));
        let located = |given: Option<&Path>| locate(&MNIST, given, &study).unwrap();
        let Err(message) = locate(&MNIST, Some(&data), &study) else { panic!("there is none yet") };
        assert!(message.to_string().contains("data: there is no such data folder"), "{message}");
        fs::create_dir_all(data.join("mnist")).unwrap();
        assert_eq!((located(None), located(Some(&data))), (None, None));
        fs::write(data.join("mnist/t10k-labels.idx1-ubyte.gz"), "").unwrap();
        assert_eq!((located(None), located(Some(&data))), (Some(data.clone()), Some(data.clone())));
        assert_eq!(located(Some(folder.path())), None);
        let Err(message) = locate(&MNIST, Some(&study), &study) else { panic!("no folder") };
        assert!(message.to_string().contains("there is no such data folder"), "{message}");
    }

    #[test]
    fn each_set_that_is_built_in_is_loaded_as_it_is_declared() {
        for set in BUILT_IN {
            let data = load(DataSource::Set(set), None, 300, usize::MAX).unwrap();
            for (part, samples) in [(&data.train, 300), (&data.test, set.test)] {
                let shape = (part.pixels.rows(), part.pixels.cols(), part.labels.len());
                assert_eq!(shape, (samples, set.pixels(), samples), "{}", set.name);
            }
            let labels: BTreeSet<usize> = data.test.labels.iter().map(|&label| label.into()).collect();
            assert!(labels.into_iter().eq(0..set.classes.len()), "{}", set.name);
        }
    }

    /// The estimate of `check` against what the kernels keep, except for the positions of the rows.
    #[test]
    fn samples_take_about_as_much_room_as_is_declared() {
        for set in BUILT_IN {
            let data = load(DataSource::Set(set), None, 1000, 0).unwrap();
            let (kept, estimated) = (data.train.pixels.bytes() as f64, Dataset::bytes(set, 1000));
            assert!((0.8..1.25).contains(&(kept / estimated)), "{}: {kept}, estimated {estimated}", set.name);
        }
    }
}
