//! How much memory the real program takes, beside what `ablate check` says, and what it refuses. On Linux, where the system tells.
#![cfg(target_os = "linux")]

mod place;

use place::Place;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// The program may take so many times what it says.
const MOST: f64 = 1.2;

/// A study, and the least share of the estimate that it takes.
struct Case {
    name: &'static str,
    study: &'static str,
    least: f64,
}

/// Small enough for unoptimised builds. Where little is trained or recorded, the program itself is most of the memory.
const CASES: &[Case] = &[
    Case { name: "nothing much", study: "[base]\ndata = \"synthetic\"\nhidden = [10]\nsteps = 2", least: 0.5 },
    Case {
        name: "a wide layer",
        study: "seeds = 2\n[base]\ndata = \"synthetic\"\ntest_samples = 300\nhidden = [6000]\nsteps = 2",
        least: 0.5,
    },
    Case {
        name: "wide layers with everything",
        study: "seeds = 2\n[base]\ndata = \"synthetic\"\ntest_samples = 100\ntrain_samples = 600\nhidden = [800, 700]\n\
                batch_norm = true\ndropout = 0.5\noptimizer = \"adam\"\nbatch_size = 500\nsteps = 2",
        least: 0.5,
    },
    Case {
        name: "probes that look at each layer",
        study: "seeds = 2\n[base]\ndata = \"synthetic\"\ntest_samples = 50\ntrain_samples = 100\nhidden = [900, 900]\ndropout = 0.5\n\
                optimizer = \"momentum\"\nsteps = 2\nprobes = [\"activations\", \"ensemble\", \"updates\", \"velocity\", \"weights\"]",
        least: 0.5,
    },
    Case {
        name: "lines",
        study: "seeds = 2\n[base]\ndata = \"synthetic\"\ntest_samples = 20\ntrain_samples = 20\nbatch_size = 20\n\
                hidden = [800, 800]\nsteps = 2\nprobes = [\"line\"]",
        least: 0.5,
    },
    Case {
        name: "planes",
        study: "seeds = 2\n[base]\ndata = \"synthetic\"\ntest_samples = 20\ntrain_samples = 20\nbatch_size = 20\n\
                hidden = [300, 300]\nsteps = 70\nprobes = [\"plane\"]",
        least: 0.5,
    },
    Case {
        // There is room for 60 vectors; most searches take 12.
        name: "curvature",
        study: "seeds = 2\n[base]\ndata = \"synthetic\"\ntest_samples = 20\ntrain_samples = 20\nbatch_size = 20\n\
                hidden = [300, 300]\nactivation = \"tanh\"\nsteps = 2\nprobes = [\"curvature\"]",
        least: 0.2,
    },
    Case { name: "all of MNIST", study: "seeds = 2\n[base]\nhidden = [10]\nsteps = 2", least: 0.5 },
    Case {
        name: "long paths",
        study: "seeds = 10\n[base]\ndata = \"surface\"\nlearning_rate = 0.01\nsteps = 300000",
        least: 0.5,
    },
    Case {
        name: "many evaluations",
        study: "seeds = 4\n[base]\ndata = \"synthetic\"\ntrain_samples = 10\nbatch_size = 10\ntest_samples = 10\nhidden = [1]\n\
                steps = 30000",
        least: 0.4,
    },
    Case {
        name: "many trials",
        study: "seeds = 500\n[base]\ndata = \"surface\"\nsteps = 1\n[grid]\nlearning_rate = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, \
                0.07, 0.08, 0.09, 0.1, 0.11, 0.12, 0.13, 0.14, 0.15, 0.16, 0.17, 0.18, 0.19, 0.2]",
        least: 0.4,
    },
];

/// What takes minutes, for a change of what is held in memory.
const LARGE: &[Case] = &[
    Case {
        name: "a very wide layer",
        study: "seeds = 2\n[base]\ntrain_samples = 1000\nhidden = [20000]\nsteps = 3",
        least: 0.5,
    },
    Case {
        name: "very wide layers",
        study: "seeds = 2\n[base]\ntrain_samples = 1000\nhidden = [2048, 2048]\noptimizer = \"adam\"\nsteps = 3",
        least: 0.5,
    },
    Case {
        name: "large batches",
        study: "seeds = 2\n[base]\nhidden = [200, 200]\nbatch_size = 10000\nsteps = 3",
        least: 0.5,
    },
    Case {
        name: "very long paths",
        study: "seeds = 40\n[base]\ndata = \"surface\"\nlearning_rate = 0.01\nsteps = 1000000",
        least: 0.5,
    },
    Case { name: "100,000 seeds", study: "seeds = 100000\n[base]\ndata = \"surface\"\nsteps = 1", least: 0.4 },
];

/// The most memory that a run of the program takes, in bytes: `VmHWM` as it is just before the end, which a run is asked for every
/// millisecond. What the kernel tells of a process that has ended includes what this test program takes.
fn peak(place: &Place, args: &[&str]) -> f64 {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ablate"));
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    command
        .current_dir(place.path(""))
        .env("ABLATE_DATA", data)
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::inherit());
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most: f64 = 0.0;
    let ended = loop {
        let status = fs::read_to_string(&status).unwrap_or_default();
        let kilobytes =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix("kB")?.trim().parse::<f64>().ok());
        // Before it becomes the program, it is this test.
        if status.starts_with("Name:\tablate\n") {
            most = most.max(1024.0 * kilobytes.unwrap_or(0.0));
        }
        match child.try_wait().unwrap() {
            Some(ended) => break ended,
            None => thread::sleep(Duration::from_millis(1)),
        }
    };
    assert!(ended.success(), "{args:?}");
    most
}

fn estimate(place: &Place, file: &str) -> Value {
    let (checked, _) = place.run(0, &["check", file, "--format", "json"]);
    serde_json::from_str::<Value>(&checked).unwrap()["studies"][0]["estimate"].clone()
}

fn takes_what_is_said(cases: &[Case]) {
    let mut wrong = Vec::new();
    for Case { name, study, least } in cases {
        let place = Place::with(study);
        // With the debugging information of tests, more of the program itself is in memory than when it is used.
        let said = estimate(&place, "small.toml")["memory_bytes"].as_f64().unwrap();
        let share = peak(&place, &["run", "small.toml", "-q", "--plain"]) / said;
        println!("{name}: {share:.2} of {:.0} MB", said / 1e6);
        if !(*least..=MOST).contains(&share) {
            wrong.push(format!("{name}: {share:.2} of {:.0} MB", said / 1e6));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn a_run_takes_what_check_says() {
    takes_what_is_said(CASES);
}

#[test]
#[ignore = "takes minutes"]
fn a_large_run_takes_what_check_says() {
    takes_what_is_said(LARGE);
}

/// Runs the program in a shell, after this; (status, stderr).
fn after(place: &Place, before: &str, args: &str) -> (Option<i32>, String) {
    let line = format!("{before} && exec {} {args}", env!("CARGO_BIN_EXE_ablate"));
    let ended = Command::new("sh").args(["-c", &line]).current_dir(place.path("")).output().unwrap();
    (ended.status.code(), String::from_utf8(ended.stderr).unwrap() + &String::from_utf8(ended.stdout).unwrap())
}

const WIDE: &str = "seeds = 2\n[base]\ndata = \"synthetic\"\ntest_samples = 100\nhidden = [4000]\nsteps = 2";

#[test]
fn what_ulimit_forbids_is_refused_by_all_that_train() {
    let place = Place::with(WIDE);
    place.run(0, &["run", "small.toml", "-q"]);
    for limit in ["ulimit -d 30000", "ulimit -v 250000"] {
        for args in ["run small.toml -q --fresh", "verify small --trials all"] {
            let (status, told) = after(&place, limit, args);
            assert_eq!(status, Some(2), "{limit}, {args}: {told}");
            assert!(
                told.contains("MB of memory are needed, and ") && told.contains("are free to this process (`ulimit`"),
                "{told}"
            );
        }
        // It can be trained elsewhere, so its check finds no mistake.
        let (status, told) = after(&place, limit, "check small.toml");
        assert!(status == Some(0) && told.contains("it cannot be trained here: about "), "{told}");
        let (_, told) = after(&place, limit, "check small.toml --format json");
        let told: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["studies"][0]["estimate"]["memory_limit"], "ulimit");
    }
    assert!(
        place.path("results/small").is_dir() && !place.path("results/small.old-1").exists(),
        "nothing was set aside"
    );
    let (status, told) = after(&place, "ulimit -v 600000", "run small.toml -q --fresh");
    assert_eq!(status, Some(0), "{told}");
}

/// A real control group of version 1, where this test may make one.
#[test]
fn what_the_container_forbids_is_refused() {
    let group = format!("/sys/fs/cgroup/memory/ablate-test-{}", std::process::id());
    if fs::create_dir_all(&group).is_err() || fs::write(format!("{group}/memory.limit_in_bytes"), "28000000").is_err() {
        let _ = fs::remove_dir(&group);
        eprintln!("SKIPPED what_the_container_forbids_is_refused: no control group can be made here");
        return;
    }
    let place = Place::with(WIDE);
    let enter = format!("echo $$ > {group}/cgroup.procs");
    let refused = after(&place, &enter, "run small.toml -q");
    let widened = fs::write(format!("{group}/memory.limit_in_bytes"), "80000000");
    let trained = after(&place, &enter, "run small.toml -q");
    // Processes leave a group a moment after they have ended.
    while fs::remove_dir(&group).is_err_and(|error| error.kind() == std::io::ErrorKind::ResourceBusy) {
        thread::sleep(Duration::from_millis(10));
    }
    assert!(refused.0 == Some(2) && refused.1.contains("are free in this container"), "{refused:?}");
    assert!(widened.is_ok() && trained.0 == Some(0), "{trained:?}");
}

#[test]
fn a_run_uses_the_cores_that_are_left_to_it() {
    let place = Place::with(WIDE);
    let (status, told) = after(&place, "true", "--version");
    assert_eq!(status, Some(0), "{told}");
    let line = format!("taskset -c 0 {} check small.toml --format json", env!("CARGO_BIN_EXE_ablate"));
    let ended = Command::new("sh").args(["-c", &line]).current_dir(place.path("")).output().unwrap();
    if ended.status.code() == Some(127) {
        eprintln!("SKIPPED a_run_uses_the_cores_that_are_left_to_it: there is no taskset");
        return;
    }
    let told: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(told["studies"][0]["estimate"]["cores"], 1);
    // So many threads are not started for two trials.
    place.run(0, &["run", "small.toml", "-q", "--jobs", "100000"]);
}
