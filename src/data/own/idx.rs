//! Images and labels in the IDX format: Fashion-MNIST, KMNIST, EMNIST and one's own.

use super::{Contents, Part, Values, Wrong, check_classes};
use crate::data::idx::{self, Idx, Role};
use crate::data::packed::Problem;
use crate::plan::config::data::Files;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::Path;

const EXPECTED: &str = "a folder with four IDX files, as MNIST's: images and labels, to train on and to test with";

pub(super) fn read(files: &Files, folder: &Path) -> Result<Contents, Wrong> {
    let in_folder = |role: Role| {
        idx::find(folder, files.prefix.as_deref(), role).map_err(|problem| {
            Wrong::new(folder, problem, EXPECTED, "see docs/data.md for the names that files may have")
        })
    };
    let mut paths = Vec::new();
    for role in Role::ALL {
        paths.push(in_folder(role)?);
    }
    let mut read = Vec::new();
    for (role, path) in Role::ALL.into_iter().zip(&paths) {
        read.push(idx::read(path, role).map_err(|problem| wrong(path, role, problem))?);
    }
    let sha256 = read.iter().map(|idx| Sha256::digest(&idx.file).into()).collect();
    let bytes = read.iter().map(|idx| idx.file.len()).sum();
    let shape = read[0].shape.clone();
    if read[2].shape != shape {
        return Err(Wrong::new(
            &paths[2],
            format!("its images have the shape {:?}", read[2].shape),
            format!("{shape:?}, as the training images"),
            "take both from the same data set",
        ));
    }
    for (images, labels) in [(0, 1), (2, 3)] {
        if read[images].count != read[labels].count {
            return Err(Wrong::new(
                &paths[labels],
                format!("{} labels", read[labels].count),
                format!("{}, one for each image", read[images].count),
                "take both from the same data set",
            ));
        }
    }
    // EMNIST's letters begin at 1, and a set of one's own may lack some.
    let classes: BTreeSet<u8> = read[1].items().iter().chain(read[3].items()).copied().collect();
    let classes: Vec<u8> = classes.into_iter().collect();
    check_classes(&paths[1], classes.len())?;
    let class = |label: &u8| classes.binary_search(label).unwrap_or(0) as u8;
    let image = |idx: &Idx| match files.transposed && idx.shape.len() >= 2 {
        true => transposed(idx),
        false => idx.items().to_vec(),
    };
    let part = |images: &Idx, labels: &Idx| Part {
        values: Values::Bytes(image(images)),
        labels: labels.items().iter().map(class).collect(),
    };
    let (train, test) = (part(&read[0], &read[1]), part(&read[2], &read[3]));
    let mut shape = shape;
    if files.transposed && shape.len() >= 2 {
        shape.swap(0, 1);
    }
    let classes = classes.iter().map(u8::to_string).collect();
    Ok(Contents { train, test, shape, classes, sha256, bytes })
}

/// The images with rows and columns swapped; further dimensions, as those of colours, stay together.
fn transposed(idx: &Idx) -> Vec<u8> {
    let (rows, columns) = (idx.shape[0], idx.shape[1]);
    let pixel: usize = idx.shape[2..].iter().product();
    let mut swapped = Vec::with_capacity(idx.items().len());
    for image in idx.items().chunks_exact(rows * columns * pixel) {
        for column in 0..columns {
            for row in 0..rows {
                swapped.extend_from_slice(&image[(row * columns + column) * pixel..][..pixel]);
            }
        }
    }
    swapped
}

fn wrong(path: &Path, role: Role, problem: Problem) -> Wrong {
    let expected = format!("{} in the IDX format, a byte each", role.what());
    match problem {
        Problem::Io(error) => Wrong::new(path, format!("cannot be read: {error}"), expected, "make it readable"),
        Problem::NotPacked(found) => Wrong::new(
            path,
            found,
            expected,
            "if it is unpacked already, take .gz off its name; else take the file again",
        ),
        Problem::Content(found) => Wrong::new(path, found, expected, "take the file again, whole"),
    }
}
