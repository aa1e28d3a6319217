//! Any bytes as a person's own data: they are refused with a message, or samples that can be trained on come of them, the same
//! when they are read again.

#![no_main]

use ablate::data;
use ablate::plan::config::data::{Column, Files, Scaling};
use libfuzzer_sys::fuzz_target;
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Between the files of one input.
const NEXT_FILE: &[u8] = b"\xfe\xfd\xfc\xfb";

// The first byte says what the files are, the second how they are read, and the rest is in them.
fuzz_target!(|bytes: &[u8]| {
    let [kind, how, contents @ ..] = bytes else { return };
    let folder = ablate_fuzz::folder();
    let path = |name: &str| folder.path().join(name);
    let write = |name: &str, contents: &[u8]| fs::write(path(name), contents).expect("room in memory");
    let mut parts = split(contents, NEXT_FILE);
    let mut next = || parts.next().unwrap_or_default();
    let scale = [None, Some(Scaling::Standard), Some(Scaling::Unit), Some(Scaling::None)][usize::from(how & 3)];
    let mut files = Files { scale, ..Files::default() };
    match kind % 4 {
        0 => {
            write("own.csv", next());
            files.csv = Some("own.csv".into());
            files.label = Some(if how & 4 == 0 { Column::Name("class".into()) } else { Column::Number(1) });
            files.header = (how & 8 != 0).then_some(false);
            files.one_hot = if how & 16 == 0 { Vec::new() } else { vec![Column::Number(2)] };
            files.separator = (how & 32 != 0).then_some(char::from(how >> 3));
            if how & 64 != 0 {
                write("test.csv", next());
                files.test = Some("test.csv".into());
            }
        }
        1 => {
            write("own.npz", contents);
            files.npz = Some("own.npz".into());
        }
        2 => {
            let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
            for name in
                ["x.npy", "y.npy", "x_test.npy", "y_test.npy"].into_iter().take(if how & 4 == 0 { 2 } else { 4 })
            {
                zip.start_file(name, SimpleFileOptions::default()).expect("a name");
                zip.write_all(next()).expect("room in memory");
            }
            write("own.npz", &zip.finish().expect("an archive").into_inner());
            files.npz = Some("own.npz".into());
        }
        _ => {
            fs::create_dir(path("own")).expect("room in memory");
            for name in ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"] {
                write(&format!("own/{name}-ubyte{}", if how & 8 == 0 { "" } else { ".gz" }), next());
            }
            files.idx = Some("own".into());
            files.transposed = how & 4 != 0;
        }
    }
    match data::look(&files, Some(folder.path()), Path::new("study.toml")) {
        Err(wrong) => ablate_fuzz::check_message(&wrong.to_string()),
        Ok(source) => {
            let set = source.set().expect("one's own set");
            let read = data::load(source, Some(folder.path()), set.train, set.test).expect("it was read before");
            for (samples, count) in [(read.train, set.train), (read.test, set.test)] {
                assert_eq!(
                    (samples.pixels.rows(), samples.pixels.cols(), samples.labels.len()),
                    (count, set.pixels(), count)
                );
                assert!(samples.labels.iter().all(|&label| usize::from(label) < set.classes.len()));
            }
        }
    }
});

/// What stands between the places where `between` does.
fn split<'a>(bytes: &'a [u8], between: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let here = rest?;
        let end = here.windows(between.len()).position(|window| window == between);
        rest = end.map(|end| &here[end + between.len()..]);
        Some(&here[..end.unwrap_or(here.len())])
    })
}
