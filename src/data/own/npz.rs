//! Arrays as NumPy saves them: `np.savez("digits.npz", x=…, y=…)`.

use super::{Contents, Part, Values, Wrong, check_classes, split};
use crate::file;
use crate::plan::config::data::{Column, Files, MOST_CLASSES, MOST_INPUTS};
use ndarray::ArrayViewD;
use ndarray_npy::{ViewElement, ViewNpyError, ViewNpyExt};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::io::{Cursor, ErrorKind, Read};
use std::path::Path;
use zip::ZipArchive;

/// A larger file, or a larger array, is more than small networks learn from.
const MOST_BYTES: usize = 1 << 32;

const EXPECTED: &str = "arrays that NumPy's savez or savez_compressed wrote";

type Archive = ZipArchive<Cursor<Vec<u8>>>;

/// An array: its shape, and its elements with the last index fastest.
struct Array {
    shape: Vec<usize>,
    values: Values,
    bytes: usize,
}

pub(super) fn read(files: &Files, path: &Path) -> Result<Contents, Wrong> {
    let bytes = file::read(path, MOST_BYTES).map_err(|error| {
        let mend = match error.kind() {
            ErrorKind::FileTooLarge => "take fewer samples of it",
            _ => "make it readable, or correct its name in the study",
        };
        Wrong::new(path, format!("cannot be read: {error}"), EXPECTED, mend)
    })?;
    let (sha256, mut read) = (Sha256::digest(&bytes).into(), bytes.len());
    let no_archive = |error| {
        Wrong::new(path, format!("no .npz file: {error}"), EXPECTED, "take the file again, or save the arrays anew")
    };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(no_archive)?;
    let names: BTreeSet<String> =
        archive.file_names().filter_map(|name| Some(name.ok()?.strip_suffix(".npy")?.to_owned())).collect();
    let choose = |key: &str, given: Option<&str>, usual: &[&str]| -> Result<Option<String>, Wrong> {
        let there_are = || names.iter().take(20).map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
        match given {
            Some(name) if names.contains(name) => Ok(Some(name.to_owned())),
            Some(name) => {
                let mend = format!("write one of them as {key} in the study");
                Err(Wrong::new(
                    path,
                    format!("there is no array {name:?} for `{key}`"),
                    format!("one of {}", there_are()),
                    mend,
                ))
            }
            None => match usual.iter().find(|name| names.contains(**name)) {
                Some(name) => Ok(Some((*name).to_owned())),
                None if key.starts_with("test") => Ok(None),
                None => {
                    let found = format!("there is no array {}: there are {}", usual.join(" or "), there_are());
                    Err(Wrong::new(
                        path,
                        found,
                        format!("an array for `{key}`"),
                        format!("write {key} = \"NAME\" in the study"),
                    ))
                }
            },
        }
    };
    let label = match &files.label {
        Some(Column::Name(name)) => Some(name.as_str()),
        Some(Column::Number(number)) => {
            let found = format!("`label` is the number {number}");
            return Err(Wrong::new(path, found, "the name of an array, in quotes", "as in label = \"y\""));
        }
        None => None,
    };
    let inputs = choose("inputs", files.inputs.as_deref(), &["x_train", "x"])?;
    let labels = choose("label", label, &["y_train", "y"])?;
    let test_inputs = choose("test_inputs", files.test_inputs.as_deref(), &["x_test"])?;
    let test_labels = choose("test_label", files.test_label.as_deref(), &["y_test"])?;
    let mut load = |name: &str| -> Result<Array, Wrong> {
        let array = array(&mut archive, name, path)?;
        read += array.bytes;
        Ok(array)
    };
    let mut arrays = Vec::new();
    for (inputs, labels) in [(inputs, labels), (test_inputs, test_labels)] {
        match (inputs, labels) {
            (Some(inputs), Some(labels)) => arrays.push((load(&inputs)?, load(&labels)?, inputs, labels)),
            (None, None) => {}
            (Some(one), None) | (None, Some(one)) => {
                let found = format!("the array {one:?} has no other one that goes with it");
                return Err(Wrong::new(
                    path,
                    found,
                    "samples to test with, and their labels",
                    "name both: test_inputs and test_label",
                ));
            }
        }
    }
    let shape = arrays[0].0.shape.get(1..).unwrap_or_default().to_vec();
    let width: usize = shape.iter().product();
    let mut all = BTreeSet::new();
    let mut parts = Vec::new();
    for (inputs, labels, inputs_name, labels_name) in arrays {
        let wrong = |found: String, expected: String| {
            Wrong::new(path, found, expected, "save the arrays anew, or name others in the study")
        };
        let count = inputs.shape.first().copied().unwrap_or(0);
        if inputs.shape.get(1..) != Some(&shape[..]) || inputs.shape.len() < 2 || width == 0 || width > MOST_INPUTS {
            let expected =
                format!("a sample a row, [samples, …], each of 1 to {MOST_INPUTS} numbers, alike in training and test");
            return Err(wrong(format!("the array {inputs_name:?} has the shape {:?}", inputs.shape), expected));
        }
        if labels.shape.iter().product::<usize>() != count || labels.shape.first() != Some(&count) || count == 0 {
            let found = format!("the array {labels_name:?} has the shape {:?}", labels.shape);
            return Err(wrong(found, format!("[{count}], a label for each sample of {inputs_name:?}")));
        }
        let labels: Vec<f64> = match labels.values {
            Values::Bytes(bytes) => bytes.into_iter().map(f64::from).collect(),
            Values::Numbers(numbers) => numbers,
        };
        if let Some(place) = labels.iter().position(|label| label.fract() != 0.0 || label.abs() > 1e15) {
            let found = format!("the array {labels_name:?} has {} at place {place}", labels[place]);
            return Err(wrong(found, "whole numbers, one for each class".into()));
        }
        let labels: Vec<i64> = labels.into_iter().map(|label| label as i64).collect();
        for &label in &labels {
            all.insert(label);
            if all.len() > MOST_CLASSES {
                check_classes(path, all.len())?;
            }
        }
        parts.push((inputs.values, labels));
    }
    check_classes(path, all.len())?;
    let classes: Vec<i64> = all.into_iter().collect();
    let part = |(values, labels): (Values, Vec<i64>)| Part {
        values,
        // All classes were found in these labels.
        labels: labels.iter().map(|label| classes.binary_search(label).unwrap_or(0) as u8).collect(),
    };
    let mut parts = parts.into_iter().map(part);
    let (train, test) = match (parts.next(), parts.next()) {
        (Some(train), Some(test)) => (train, test),
        (Some(whole), None) => {
            let share = files.test_share.map_or(split::TEST_SHARE, |share| share.get());
            let tested = split::drawn(&whole.labels, classes.len(), share, files.test_seed.unwrap_or(0));
            split::divide(whole, &tested, width)
        }
        (None, _) => unreachable!("there is an array to learn from"),
    };
    if let (Values::Bytes(_), Values::Numbers(_)) | (Values::Numbers(_), Values::Bytes(_)) =
        (&train.values, &test.values)
    {
        let found = "samples to train on and to test with are numbers of different kinds";
        return Err(Wrong::new(path, found, "one kind", "save both alike"));
    }
    if train.labels.is_empty() || test.labels.is_empty() {
        return Err(Wrong::new(
            path,
            "too few samples to have some to test with",
            "samples of both kinds",
            "take more samples",
        ));
    }
    let classes = classes.iter().map(i64::to_string).collect();
    Ok(Contents { train, test, shape, classes, sha256: vec![sha256], bytes: read })
}

fn array(archive: &mut Archive, name: &str, path: &Path) -> Result<Array, Wrong> {
    let wrong = |found: String| {
        Wrong::new(path, format!("the array {name:?}: {found}"), EXPECTED, "save the arrays anew with NumPy")
    };
    let entry = archive.by_name(&format!("{name}.npy")).map_err(|error| wrong(error.to_string()))?;
    let promised = entry.size();
    if promised > MOST_BYTES as u64 || promised > entry.compressed_size().saturating_mul(1032).saturating_add(1024) {
        return Err(wrong(format!("it promises {promised} bytes, more than there can be")));
    }
    let mut bytes = Vec::new();
    entry.take(promised + 1).read_to_end(&mut bytes).map_err(|error| wrong(error.to_string()))?;
    // As long as the header says that it is: so much memory would be taken for it.
    let header = bytes.get(8..12).map_or(0, |length| u32::from_le_bytes([length[0], length[1], length[2], length[3]]));
    if bytes.get(6).is_some_and(|&version| version > 1) && header as usize > bytes.len() {
        return Err(wrong(format!("its header promises {header} bytes, and there are {}", bytes.len())));
    }
    // Where a number of any kind may begin.
    let mut aligned = vec![0u64; bytes.len().div_ceil(size_of::<u64>())];
    bytemuck::cast_slice_mut::<u64, u8>(&mut aligned)[..bytes.len()].copy_from_slice(&bytes);
    let content = &bytemuck::cast_slice::<u64, u8>(&aligned)[..bytes.len()];
    let bytes = content.len();
    let read = as_bytes(content, |value: &u8| *value)
        .or_else(|| as_bytes(content, |value: &bool| u8::from(*value)))
        .or_else(|| as_numbers(content, |value: &f32| f64::from(*value)))
        .or_else(|| as_numbers(content, |value: &f64| *value))
        .or_else(|| as_numbers(content, |value: &i8| f64::from(*value)))
        .or_else(|| as_numbers(content, |value: &i16| f64::from(*value)))
        .or_else(|| as_numbers(content, |value: &i32| f64::from(*value)))
        .or_else(|| as_numbers(content, |value: &i64| *value as f64))
        .or_else(|| as_numbers(content, |value: &u16| f64::from(*value)))
        .or_else(|| as_numbers(content, |value: &u32| f64::from(*value)))
        .or_else(|| as_numbers(content, |value: &u64| *value as f64));
    let Some(read) = read else {
        return Err(wrong(
            "its elements are no numbers that are read: whole numbers, f4 and f8, in this machine's byte order".into(),
        ));
    };
    let (shape, values) = read.map_err(|problem| wrong(problem.to_string()))?;
    if let Values::Numbers(numbers) = &values
        && let Some(place) = numbers.iter().position(|number| !number.is_finite())
    {
        let row = place / shape.iter().skip(1).product::<usize>().max(1);
        return Err(wrong(format!("{} in row {row}, counted from 0, is no finite number", numbers[place])));
    }
    let width = if matches!(values, Values::Bytes(_)) { 1 } else { size_of::<f64>() };
    let read = 2 * bytes + width * shape.iter().product::<usize>();
    Ok(Array { shape, values, bytes: read })
}

type Viewed = Result<(Vec<usize>, Values), ViewNpyError>;

/// The array if its elements are of this type; `None` if they are of another.
fn as_bytes<T: ViewElement>(content: &[u8], byte: fn(&T) -> u8) -> Option<Viewed> {
    viewed(content, |array| Values::Bytes(array.iter().map(byte).collect()))
}

fn as_numbers<T: ViewElement>(content: &[u8], number: fn(&T) -> f64) -> Option<Viewed> {
    viewed(content, |array| Values::Numbers(array.iter().map(number).collect()))
}

fn viewed<T: ViewElement>(content: &[u8], values: impl FnOnce(ArrayViewD<T>) -> Values) -> Option<Viewed> {
    match ArrayViewD::<T>::view_npy(content) {
        Err(ViewNpyError::WrongDescriptor(_) | ViewNpyError::NonNativeEndian) => None,
        // The elements of an array come with the last index fastest, however they lie.
        array => Some(array.map(|array| (array.shape().to_vec(), values(array)))),
    }
}
