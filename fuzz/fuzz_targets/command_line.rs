//! A command line, an argument a line, is understood or refused with a message. What it changes in a study is tried on one.

#![no_main]

use ablate::cli::{self, Cli, Command};
use ablate::study::{Changes, Study};
use clap::Parser;
use libfuzzer_sys::fuzz_target;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// With a grid, an arm, a claim and nested values, so that there is much that can be changed.
const STUDY: &str = r#"
seeds = 2
baseline = { dropout = 0.0 }
[base]
data = "synthetic"
hidden = [20]
optimizer = { name = "adam", beta_1 = 0.5 }
schedule = { name = "step", every = 2 }
[grid]
dropout = [0.0, 0.5]
[[arm]]
name = "slow"
set = { learning_rate = 0.001 }
[[claim]]
says = "It helps"
metric = "test_accuracy"
arm = { dropout = 0.5 }
versus = { dropout = 0.0 }
expect = "higher"
"#;

fuzz_target!(|bytes: &[u8]| {
    let words = bytes.split(|&byte| byte == b'\n').map(|word| OsStr::from_bytes(word).to_owned());
    let words: Vec<OsString> = std::iter::once("ablate".into()).chain(words).collect();
    match Cli::try_parse_from(&words) {
        Ok(cli) => try_out(&cli.command),
        Err(mistake) if mistake.use_stderr() => ablate_fuzz::check_message(&cli::mistake(mistake, words.into_iter())),
        Err(_) => {}
    }
});

fn try_out(command: &Command) {
    let changes = match command {
        Command::Run(run) => (&run.changes).into(),
        Command::Check(check) => (&check.changes).into(),
        Command::Trace(trace) => Changes { set: trace.set.clone(), seeds: None, ..Changes::default() },
        _ => return,
    };
    if let Err(mistake) = Study::parse(STUDY, Path::new("study.toml"), &changes) {
        ablate_fuzz::check_message(&mistake.to_string());
    }
}
