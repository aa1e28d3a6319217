//! One study, trained in all the ways in which it can be trained, gives the same bits: any number of trials at a time × in one go,
//! killed and gone on with, seeds added, blocks × processors with and without AVX2, FMA and AVX-512.
//!
//! The processor of this machine is one of them. Others are emulated by `qemu-x86_64`, if it is installed.

mod place;

use place::Place;
use serde_json::Value;
use std::process::Command;
use std::thread;
use std::time::Duration;

/// Everything that draws random numbers or sums in parallel.
const STUDY: &str = r#"
seeds = 5
baseline = { dropout = 0.0, batch_norm = false }
[base]
data = "synthetic"
train_samples = 120
validation_samples = 20
test_samples = 100
hidden = [19, 17]
batch_size = 30
epochs = 2
optimizer = "adam"
probes = ["activations", "gradients", "line"]
[grid]
dropout = [0.0, 0.3]
batch_norm = [false, true]
[[arm]]
name = "wild"
set = { optimizer = "sgd", learning_rate = 1e30 }
"#;

/// All that was measured of each trial, in the order of the plan.
fn measured(place: &Place, out: &str) -> Vec<Value> {
    let json = place.run(0, &["export", "small", "--format", "json", "--out", out]).0;
    let mut value: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["complete"], true, "{out}");
    let mut trials = value["trials"].as_array_mut().unwrap().clone();
    // The time that a training takes is another each time.
    trials.iter_mut().for_each(|trial| drop(trial["seconds"].take()));
    trials
}

/// A way to train the study into the folder `out`.
type Way = fn(&Place, out: &str, jobs: &str);

const WAYS: [(&str, Way); 4] = [
    ("in one go", |place, out, jobs| drop(place.run(0, &["run", "small.toml", "-q", "--out", out, "--jobs", jobs]))),
    ("killed and gone on with", |place, out, jobs| {
        for milliseconds in [5, 20, 40, 80] {
            let mut run = place.start(&["run", "small.toml", "-q", "--out", out, "--jobs", jobs]);
            thread::sleep(Duration::from_millis(milliseconds));
            run.kill().unwrap();
            run.wait().unwrap();
        }
        place.run(0, &["run", "small.toml", "-q", "--out", out, "--jobs", jobs]);
    }),
    ("seeds added", |place, out, jobs| {
        for seeds in ["1", "3", "5"] {
            place.run(0, &["run", "small.toml", "-q", "--out", out, "--jobs", jobs, "--seeds", seeds]);
        }
    }),
    ("blocks", |place, out, jobs| {
        let decided = ["--until-decided", "--max-seeds", "5"];
        place.run(0, &[&["run", "small.toml", "-q", "--out", out, "--jobs", jobs][..], &decided].concat());
        // What was dropped on the way.
        place.run(0, &["run", "small.toml", "-q", "--out", out, "--jobs", jobs, "--seeds", "5"]);
    }),
];

#[test]
fn every_way_to_train_gives_the_same_bits() {
    let place = Place::with(STUDY);
    place.run(0, &["run", "small.toml", "-q", "--out", "once"]);
    let expected = measured(&place, "once");
    assert_eq!(expected.len(), 25);
    assert_eq!(expected.iter().filter(|trial| trial["outcome"] == "diverged").count(), 5);
    for jobs in ["1", "2", "16"] {
        for (name, way) in WAYS {
            let out = format!("{name}, {jobs}");
            way(&place, &out, jobs);
            assert!(measured(&place, &out) == expected, "{out}: other bits");
        }
    }
    for cpu in ["Nehalem", "Haswell"] {
        let out = format!("on {cpu}");
        let mut emulated = Command::new("qemu-x86_64");
        emulated.args(["-cpu", cpu, env!("CARGO_BIN_EXE_ablate"), "run", "small.toml", "-q", "--out", &out]);
        match emulated.current_dir(place.path("")).output() {
            Ok(run) => {
                assert!(run.status.success(), "{cpu}: {}", String::from_utf8_lossy(&run.stderr));
                assert!(measured(&place, &out) == expected, "{out}: other bits");
            }
            Err(_) => eprintln!("SKIPPED the part of every_way_to_train_gives_the_same_bits on {cpu}: no qemu-x86_64"),
        }
    }
}
