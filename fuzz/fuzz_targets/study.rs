//! A study file becomes a study or a message. As in `tests/studies/invalid`, comments at its top give what the command
//! line changes: `# --set dropout=0.5`.

#![no_main]

use ablate::plan::{Plan, Provenance};
use ablate::study::{Changes, Study};
use libfuzzer_sys::{Corpus, fuzz_target};
use std::path::Path;

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let Ok(source) = std::str::from_utf8(bytes) else { return Corpus::Reject };
    let set = source.lines().map_while(|line| line.strip_prefix("# --set ")).map(String::from).collect();
    let changes = Changes { set, seeds: None, ..Changes::default() };
    match Study::parse(source, Path::new("study.toml"), &changes) {
        Ok(study) => check(&study),
        Err(mistake) => ablate_fuzz::check_message(&mistake.to_string()),
    }
    Corpus::Keep
});

/// Demands that an accepted study leads to a plan that a journal keeps, and that the copy of its text, `study.toml`, is the
/// same study.
fn check(study: &Study) {
    // A plan of more trials is no other plan, and takes long.
    let seeds = Some(study.seeds.len()).filter(|_| study.cells.len() * study.seeds.len() <= 1000);
    let changes = Changes { seeds: Some(seeds.unwrap_or(1)), ..study.changes.clone() };
    let again = Study::parse(&study.source, Path::new("study.toml"), &study.changes).expect("it was read before");
    assert_eq!(&again, study);
    let short = Study::parse(&study.source, Path::new("study.toml"), &changes).expect("it was read before");
    let mut plan = short.plan(&Provenance::default());
    plan.check().expect("a study's plan is sound");
    let written = serde_json::to_string(&plan).expect("a plan is written as JSON");
    let mut read: Plan = serde_json::from_str(&written).expect("and read again");
    read.look_up_metrics();
    plan.look_up_metrics();
    assert_eq!(read, plan);
}
