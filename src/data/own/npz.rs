//! Arrays as NumPy saves them: `np.savez("digits.npz", x=…, y=…)`.

use super::{Contents, Part, Values, Wrong, check_classes, split};
use crate::file;
use crate::plan::config::data::{Column, Files, MOST_CLASSES, MOST_INPUTS};
use npyz::{DType, NpyFile, TypeChar};
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
            let share = files.test_share.map_or(split::TEST_SHARE, |share| f64::from(share.get()));
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
    let mut content = &bytes[..];
    let array = NpyFile::new(&mut content).map_err(|error| wrong(error.to_string()))?;
    let DType::Plain(kind) = array.dtype() else {
        return Err(wrong("it is a table of several kinds of numbers".into()));
    };
    let shape: Vec<usize> = array.shape().iter().map(|&side| usize::try_from(side).unwrap_or(usize::MAX)).collect();
    let strides: Vec<usize> = array.strides().iter().map(|&stride| stride as usize).collect();
    let size = kind.size_field() as usize;
    let count = shape.iter().try_fold(1usize, |count, &side| count.checked_mul(side));
    let header_and_data = count.and_then(|count| count.checked_mul(size));
    let Some(count) = count.filter(|_| header_and_data.is_some_and(|data| data <= bytes.len())) else {
        return Err(wrong(format!("its shape {shape:?} is more than the {} bytes there are", bytes.len())));
    };
    fn all<T: npyz::Deserialize>(array: NpyFile<&mut &[u8]>) -> std::io::Result<Vec<T>> {
        array.into_vec()
    }
    fn numbers<T: npyz::Deserialize>(array: NpyFile<&mut &[u8]>, number: fn(T) -> f64) -> std::io::Result<Values> {
        Ok(Values::Numbers(all(array)?.into_iter().map(number).collect()))
    }
    let values = match (kind.type_char(), size) {
        (TypeChar::Bool, 1) => {
            all::<bool>(array).map(|values| Values::Bytes(values.into_iter().map(u8::from).collect()))
        }
        (TypeChar::Uint, 1) => all(array).map(Values::Bytes),
        (TypeChar::Uint, 2) => numbers::<u16>(array, f64::from),
        (TypeChar::Uint, 4) => numbers::<u32>(array, f64::from),
        (TypeChar::Uint, 8) => numbers::<u64>(array, |number| number as f64),
        (TypeChar::Int, 1) => numbers::<i8>(array, f64::from),
        (TypeChar::Int, 2) => numbers::<i16>(array, f64::from),
        (TypeChar::Int, 4) => numbers::<i32>(array, f64::from),
        (TypeChar::Int, 8) => numbers::<i64>(array, |number| number as f64),
        (TypeChar::Float, 4) => numbers::<f32>(array, f64::from),
        (TypeChar::Float, 8) => numbers::<f64>(array, |number| number),
        (other, size) => {
            let kind = format!("{}{size}", other.to_str());
            return Err(wrong(format!("its elements are of the kind {kind}, and whole numbers and f4 or f8 are read")));
        }
    };
    let values = values.map_err(|error| wrong(error.to_string()))?;
    let values = match values {
        Values::Bytes(values) => Values::Bytes(last_index_fastest(values, &shape, &strides)),
        Values::Numbers(values) => Values::Numbers(last_index_fastest(values, &shape, &strides)),
    };
    if let Values::Numbers(numbers) = &values
        && let Some(place) = numbers.iter().position(|number| !number.is_finite())
    {
        let row = place / (count / shape.first().copied().unwrap_or(1).max(1)).max(1);
        return Err(wrong(format!("{} in row {row}, counted from 0, is no finite number", numbers[place])));
    }
    Ok(Array { shape, values, bytes: bytes.len() + count * size_of::<f64>() })
}

/// Elements in the order of C, from whatever order they were saved in.
fn last_index_fastest<T: Copy>(values: Vec<T>, shape: &[usize], strides: &[usize]) -> Vec<T> {
    let mut in_order = 1;
    let is_in_order = shape.iter().zip(strides).rev().all(|(&side, &stride)| {
        let right = stride == in_order || side == 1;
        in_order *= side;
        right
    });
    if is_in_order || values.is_empty() {
        return values;
    }
    let mut index = vec![0; shape.len()];
    let mut ordered = Vec::with_capacity(values.len());
    for _ in 0..values.len() {
        ordered.push(values[index.iter().zip(strides).map(|(index, stride)| index * stride).sum::<usize>()]);
        for (place, &side) in index.iter_mut().zip(shape).rev() {
            *place += 1;
            if *place < side {
                break;
            }
            *place = 0;
        }
    }
    ordered
}
