//! What keeps writers apart where files cannot be locked, as on some network file systems. A library that is loaded before the
//! system's makes `flock` fail as it does there.

mod place;

use place::{Place, kill};
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, SystemTime};

const STUDY: &str = r#"
seeds = 2
[base]
data = "synthetic"
train_samples = 100
test_samples = 100
hidden = [20]
batch_size = 50
epochs = 100000000
evaluate_every = 100000000
"#;

/// A library without locks. Rust links with a C compiler, so there is one.
fn library(place: &Place) -> PathBuf {
    let (source, library) = (place.path("no_locks.c"), place.path("no_locks.so"));
    fs::write(&source, "#include <errno.h>\nint flock(int file, int how) { errno = ENOLCK; return -1; }\n").unwrap();
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&library, &source]).status().unwrap();
    assert!(compiled.success());
    library
}

fn command(place: &Place, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ablate"));
    command.current_dir(place.path("")).env("LD_PRELOAD", place.path("no_locks.so")).args(args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(place: &Place, args: &[&str]) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command(place, args).output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

fn start(place: &Place) -> Child {
    let child = command(place, &["run", "small.toml", "-q"]).spawn().unwrap();
    place.wait_for("results/small", "trial_started", 1);
    child
}

#[test]
#[cfg(target_os = "linux")]
fn without_locks_a_writer_is_known_by_its_last_word() {
    let place = Place::with(STUDY);
    library(&place);
    let mut writer = start(&place);
    let (status, told) = run(&place, &["run", "small.toml", "-q"]);
    let host = nix::unistd::gethostname().unwrap().into_string().unwrap();
    let named = format!("another program is training this study (process {} on {host})", writer.id());
    assert!(status == Some(2) && told.contains(&named), "{told}");
    assert!(run(&place, &["list"]).0 == Some(0));
    // It was killed, and so said no last word.
    writer.kill().unwrap();
    writer.wait().unwrap();
    let writer = command(&place, &["run", "small.toml", "--plain"]).spawn().unwrap();
    place.wait_for("results/small", "trial_started", 3);
    // It is stopped, which is its last word.
    kill(&writer, "INT");
    let stopped = writer.wait_with_output().map(|output| String::from_utf8(output.stderr).unwrap()).unwrap();
    assert!(stopped.contains(".small.lock: cannot be locked: No locks available"), "{stopped}");
    assert!(stopped.contains("make sure that no other program trains this study"), "{stopped}");
    let (status, told) = run(&place, &["run", "small.toml", "-q", "--set", "epochs=1", "--set", "evaluate_every=1"]);
    assert_eq!(status, Some(0), "{told}");

    // A writer on another machine, of which only the time of its last word is known.
    let journal = "results/small/journal-9.jsonl";
    let header = r#"{"journal":{"format":[2,3],"ablate":"0.1.0","writer":"a","host":"elsewhere","pid":7}}"#;
    place.write(journal, &(ablate::record::journal::seal(header.into()) + "\n"));
    let (status, told) = run(&place, &["run", "small.toml", "-q"]);
    assert!(status == Some(2) && told.contains("process 7 on elsewhere"), "{told}");
    let file = fs::File::options().append(true).open(place.path(journal)).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(100)).unwrap();
    let again = &["run", "small.toml", "-q", "--set", "epochs=1", "--set", "evaluate_every=1"];
    assert_eq!(run(&place, again).0, Some(0));
}
