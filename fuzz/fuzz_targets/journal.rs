//! Any bytes as the journal of a result: it is read, or refused with a message, and what was read can be shown.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::fs;

fuzz_target!(|bytes: &[u8]| {
    let folder = ablate_fuzz::folder();
    fs::write(folder.path().join("journal.jsonl"), bytes).expect("room in memory");
    let _ = ablate_fuzz::look(folder.path(), bytes);
});
