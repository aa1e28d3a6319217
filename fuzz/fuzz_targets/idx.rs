//! Any bytes as the files of MNIST, gzipped and unpacked: they are refused with a message, as only the real ones are not.

#![no_main]

use ablate::data;
use ablate::plan::config::DataSource;
use ablate::plan::config::data::{MNIST, MNIST_FILES};
use libfuzzer_sys::fuzz_target;
use std::fs;

// The first byte says which files there are, so that each is the first that is wrong, and whether they end with `.gz`.
fuzz_target!(|bytes: &[u8]| {
    let Some((kind, contents)) = bytes.split_first() else { return };
    let folder = ablate_fuzz::folder();
    let files = folder.path().join("mnist");
    fs::create_dir(&files).expect("room in memory");
    let ending = if kind & 1 == 0 { ".gz" } else { "" };
    for (place, file) in MNIST_FILES.iter().enumerate() {
        if kind & (2 << place) == 0 {
            fs::write(files.join(format!("{}{ending}", file.name)), contents).expect("room in memory");
        }
    }
    let Err(wrong) = data::load(DataSource::Set(&MNIST), Some(folder.path()), 10, 10) else {
        panic!("these are not the files of MNIST");
    };
    ablate_fuzz::check_message(&wrong.to_string());
});
