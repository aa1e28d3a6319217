//! That no training is lost, whatever happens to the folders of results. The faults are real ones.

mod place;

use place::{Place, resealed};
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime};

const SMALL: &str = r#"
seeds = 2
[base]
data = "synthetic"
train_samples = 100
test_samples = 100
hidden = [20]
batch_size = 50
epochs = 3
[grid]
dropout = [0.0, 0.5]
"#;

/// About a second of training for each trial.
fn long() -> String {
    SMALL.replace("epochs = 3", "epochs = 8000\nevaluate_every = 400")
}

/// Nothing is evaluated but the untrained network.
fn endless() -> String {
    SMALL.replace("epochs = 3", "epochs = 100000000\nevaluate_every = 100000000")
}

/// Runs a line of shell with the program as `$ablate`.
fn shell(place: &Place, line: &str) -> (Option<i32>, String, String) {
    let mut command = Command::new("sh");
    command.args(["-c", line]).env("ablate", env!("CARGO_BIN_EXE_ablate")).current_dir(place.path(""));
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (status.code(), text(&stdout), text(&stderr))
}

/// Starts the program in the background, with both of its streams piped.
fn start(place: &Place, args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ablate"));
    command.current_dir(place.path("")).args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The names of everything in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// All files of a folder with their bytes.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    names(folder).into_iter().map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

/// A finished result of a study on MNIST, and a data folder `damaged` in which one of its files is; the modification time of its
/// journal is in the future.
fn with_mnist() -> Place {
    let place = Place::with(&SMALL.replace("synthetic", "mnist").replace("seeds = 2", "seeds = 1"));
    place.run(0, &["run", "small.toml", "-q"]);
    place.mnist("damaged/mnist");
    shell(&place, "truncate -s 1000 damaged/mnist/t10k-labels-idx1-ubyte.gz");
    let journal = fs::File::options().append(true).open(place.path("results/small/journal.jsonl")).unwrap();
    journal.set_modified(SystemTime::now() + Duration::from_secs(1 << 30)).unwrap();
    place
}

#[test]
fn a_run_that_fails_before_it_trains_leaves_everything_as_it_was() {
    let place = with_mnist();
    let before = contents(&place.path("results/small"));
    // A changed study, which is kept beside the old one.
    place.write("small.toml", &(place.text("small.toml") + "# changed\n"));
    let is_refused = |options: &str, back: bool| {
        let (status, _, told) = shell(&place, &format!("$ablate run small.toml {options}"));
        assert!(
            status == Some(2) && told.contains("/mnist/t10k-labels-idx1-ubyte.gz: the gzipped file breaks off"),
            "{told}"
        );
        assert_eq!(back, told.contains("the old result is back in results/small"), "{told}");
        assert_eq!(contents(&place.path("results/small")), before, "{options}");
        assert_eq!(names(&place.path("results")), ["small"]);
    };
    // Data that are named are looked at before the old result is touched, others once it has been set aside.
    for option in ["--seeds 2", "--fresh --seeds 2", "--fresh -q"] {
        is_refused(&format!("--data damaged {option}"), false);
    }
    fs::rename(place.path("damaged"), place.path("data")).unwrap();
    for option in ["--seeds 2", "--fresh --seeds 2", "--fresh -q"] {
        is_refused(option, option.contains("fresh"));
    }
    for options in ["", "--data data"] {
        let (status, ..) = shell(&place, &format!("$ablate run small.toml {options} --out other"));
        assert!(status == Some(2) && (!place.path("other").exists() || names(&place.path("other")).is_empty()));
    }
}

#[test]
fn a_fresh_run_whose_first_write_fails_gives_the_old_result_back() {
    let place = Place::with(SMALL);
    place.run(0, &["run", "small.toml", "-q"]);
    let before = contents(&place.path("results/small"));
    place.write("small.toml", &format!("{SMALL}# changed\n"));
    // Limits in blocks of 512 bytes: nothing of the study, nothing of the plan, a part of the plan.
    for blocks in 0..4 {
        let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec $ablate run small.toml -q --fresh");
        let (status, _, told) = shell(&place, &limited);
        assert!(status == Some(2) && told.contains("File too large"), "{told}");
        assert!(!told.contains("the old result of"), "it has not been moved: {told}");
        assert_eq!(contents(&place.path("results/small")), before);
        assert_eq!(names(&place.path("results")), ["small"]);
    }
    // If the write fails after something new was stored, both are kept and the message says where the old one is.
    let blocks = place.text("results/small/journal.jsonl").len() / 512 - 1;
    let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec $ablate run small.toml -q --fresh");
    let (status, _, told) = shell(&place, &limited);
    assert!(status == Some(1) && told.contains("File too large"), "{told}");
    assert!(told.contains("the old result of results/small is in results/small.old-1"), "{told}");
    assert_eq!(contents(&place.path("results/small.old-1")), before);
}

#[test]
fn names_that_are_not_utf_8_are_names_like_others() {
    let place = Place::with(SMALL);
    let odd = OsStr::from_bytes(b"odd-\xff");
    let ablate = |args: &[&OsStr]| {
        let ended = Command::new(env!("CARGO_BIN_EXE_ablate")).current_dir(place.path("")).args(args).output().unwrap();
        (ended.status.code(), String::from_utf8_lossy(&ended.stderr).into_owned())
    };
    let [run, study, out, data, name, fresh] =
        ["run", "small.toml", "--out", "--data", "small", "--fresh"].map(OsStr::new);
    assert_eq!(ablate(&[run, study, out, odd, data, odd]).0, Some(0));
    assert_eq!(ablate(&[run, study, out, odd, data, odd, fresh]).0, Some(0));
    for command in ["show", "export", "verify"] {
        assert_eq!(ablate(&[OsStr::new(command), name, out, odd]).0, Some(0), "{command}");
    }
    assert_eq!(ablate(&[OsStr::new("list"), out, odd]).0, Some(0));
    fs::copy(place.path("small.toml"), place.path("").join(OsStr::from_bytes(b"\xff.toml"))).unwrap();
    let (status, told) = ablate(&[run, OsStr::from_bytes(b"\xff.toml")]);
    assert!(status == Some(2) && told.contains("give the study a name of its own"), "{told}");
    assert_eq!(ablate(&[OsStr::new("show"), odd]).0, Some(2));
}

#[test]
fn of_many_runs_started_at_one_instant_one_trains() {
    let place = Place::with(&endless());
    place.run(0, &["run", "small.toml", "-q", "--set", "epochs=1", "--set", "evaluate_every=1", "--out", "fresh"]);
    for number in 0..10 {
        let (out, options) = match number % 2 {
            0 => (format!("out-{number}"), &[][..]),
            _ => ("fresh".to_owned(), &["--fresh"][..]),
        };
        let mut expected = vec!["journal.jsonl", "study.toml"];
        if options.is_empty() {
            // A journal that takes a while to read.
            fs::create_dir_all(place.path(&format!("{out}/small"))).unwrap();
            place.write(&format!("{out}/small/journal.jsonl"), &"\n".repeat(1 << 20));
            expected.insert(0, "journal-2.jsonl");
        }
        let start = |_| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_ablate"));
            command.current_dir(place.path("")).args(["run", "small.toml", "--plain", "--out", &out]).args(options);
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let mut runs: Vec<_> = (0..4).map(start).collect();
        let patience = Instant::now() + Duration::from_secs(60);
        let mut refused = 0;
        while refused < 3 {
            if Instant::now() > patience {
                runs.iter_mut().for_each(|run| run.kill().unwrap());
                panic!("{} runs train at once", runs.len());
            }
            while let Some(place) = runs.iter_mut().position(|run| run.try_wait().unwrap().is_some()) {
                let ended = runs.remove(place).wait_with_output().unwrap();
                let told = String::from_utf8(ended.stderr).unwrap();
                assert!(told.contains("another program is training this study"), "{told}");
                assert_eq!(ended.status.code(), Some(2));
                refused += 1;
            }
            std::thread::yield_now();
        }
        place.wait_for(&format!("{out}/small"), "trial_started", 1);
        assert!(runs[0].try_wait().unwrap().is_none());
        runs[0].kill().unwrap();
        runs[0].wait().unwrap();
        assert_eq!(names(&place.path(&format!("{out}/small"))), expected);
    }
    let set_aside = (1..=5).map(|number| format!("small.old-{number}"));
    assert_eq!(names(&place.path("fresh")), ["small".to_owned()].into_iter().chain(set_aside).collect::<Vec<_>>());
}

#[test]
fn a_journal_that_is_lost_while_it_is_written_is_written_anew() {
    let place = Place::with(&long());
    let (table, _) = place.run(0, &["run", "small.toml", "-q", "--out", "whole"]);
    let faults = [
        ("rm -r OUT/small", "was removed"),
        ("rm -r OUT", "was removed"),
        ("rm OUT/small/journal.jsonl", "was removed"),
        ("truncate -s 3000 OUT/small/journal.jsonl", "was cut off"),
        ("mv OUT/small OUT/elsewhere", "was moved or renamed"),
        ("echo nothing > OUT/x; mv OUT/x OUT/small/journal.jsonl", "was replaced by another file"),
        ("echo garbage >> OUT/small/journal.jsonl", "was written to by another program"),
        (
            "printf X | dd of=OUT/small/journal.jsonl bs=1 seek=900 conv=notrunc status=none",
            "was written to by another program",
        ),
    ];
    std::thread::scope(|scope| {
        for (number, (fault, happened)) in faults.into_iter().enumerate() {
            let (place, table) = (&place, &table);
            scope.spawn(move || {
                let out = format!("out-{number}");
                let quiet = if number % 2 == 0 { "-q" } else { "--plain" };
                let run = start(place, &["run", "small.toml", quiet, "--out", &out]);
                place.wait_for(&format!("{out}/small"), "trial_finished", 1);
                shell(place, &fault.replace("OUT", &out));
                let ended = run.wait_with_output().unwrap();
                let told = String::from_utf8(ended.stderr).unwrap();
                let journal =
                    format!("{out}/small/journal.jsonl {happened} while its study was trained: nothing of it is lost");
                assert!(ended.status.code() == Some(0) && told.contains(&journal), "{fault}: {told}");
                // From here on, everything is as if nothing had happened; only the command below the table differs.
                let rows = |table: &str| table.split("<sub>").next().unwrap().to_owned();
                assert_eq!(rows(&String::from_utf8(ended.stdout).unwrap()), rows(table), "{fault}");
                assert_eq!(rows(&place.run(0, &["export", "small", "--out", &out]).0), rows(table), "{fault}");
                assert_eq!(place.digests(&format!("{out}/small")), place.digests("whole/small"));
                assert_eq!(place.count(&format!("{out}/small"), "trial_finished"), 4);
                place.run(0, &["verify", "small", "--trials", "1", "--out", &out]);
            });
        }
    });
}

#[test]
fn a_journal_that_cannot_be_written_anew_ends_the_run_with_status_1() {
    let place = Place::with(&endless());
    let run = start(&place, &["run", "small.toml", "-q"]);
    place.wait_for("results/small", "trial_started", 1);
    let gone = Instant::now();
    // A file where the folder was. It is noticed although nothing is evaluated for hours.
    shell(&place, "rm -r results; echo > results");
    let ended = run.wait_with_output().unwrap();
    let told = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{told}");
    assert!(
        told.contains("results/small/journal.jsonl was removed") && told.contains("(0 finished trials) is lost"),
        "{told}"
    );
    assert!(gone.elapsed() < Duration::from_secs(5), "{:?}", gone.elapsed());
}

#[test]
fn a_journal_of_an_earlier_run_is_watched_as_well() {
    let place = Place::with(&long());
    place.run(0, &["run", "small.toml", "-q", "--seeds", "1", "--out", "whole"]);
    let (table, _) = place.run(0, &["run", "small.toml", "-q", "--out", "whole"]);
    place.run(0, &["run", "small.toml", "-q", "--seeds", "1"]);
    let run = start(&place, &["run", "small.toml", "-q"]);
    place.wait_for("results/small", "trial_started", 3);
    fs::remove_file(place.path("results/small/journal.jsonl")).unwrap();
    let ended = run.wait_with_output().unwrap();
    let told = String::from_utf8(ended.stderr).unwrap();
    let lost = "results/small/journal.jsonl was removed while its study was trained: nothing of it is lost";
    assert!(ended.status.code() == Some(0) && told.contains(lost), "{told}");
    let rows = |table: &str| table.split("<sub>").next().unwrap().to_owned();
    assert_eq!(rows(&String::from_utf8(ended.stdout).unwrap()), rows(&table));
    assert_eq!(place.digests("results/small"), place.digests("whole/small"));
}

#[test]
fn what_is_lost_of_a_study_that_is_done_is_told() {
    let place = Place::with(&endless());
    place.write("first.toml", SMALL);
    let run = start(&place, &["run", "first.toml", "small.toml", "-q"]);
    place.wait_for("results/small", "trial_started", 1);
    let gone = Instant::now();
    fs::remove_dir_all(place.path("results/first")).unwrap();
    let ended = run.wait_with_output().unwrap();
    let told = String::from_utf8(ended.stderr).unwrap();
    let lost =
        "results/first/journal.jsonl was removed after its study was trained: what was trained of that study is lost";
    assert!(ended.status.code() == Some(1) && told.contains(lost), "{told}");
    assert!(gone.elapsed() < Duration::from_secs(5), "{:?}", gone.elapsed());
}

#[test]
fn a_pipe_with_the_name_of_a_journal_is_passed_over() {
    let place = Place::with(SMALL);
    place.run(0, &["run", "small.toml", "-q"]);
    assert_eq!(shell(&place, "mkfifo results/small/journal-2.jsonl && timeout 20 $ablate list").0, Some(0));
}

#[test]
fn one_unreadable_result_keeps_no_other_from_being_shown() {
    let claim =
        "[[claim]]\nsays = \"It learns\"\nmetric = \"gap\"\narm = { dropout = 0.0 }\nversus = 1\nexpect = \"lower\"\n";
    let place = Place::with(&format!("{SMALL}{claim}"));
    place.write("bad.toml", "seeds = 2\n[base]\ndata = \"surface\"\nsteps = 5\n");
    place.run(0, &["run", "small.toml", "bad.toml", "-q"]);
    let whole = place.run(0, &["claims", "small"]).0;
    let journal = "results/bad/journal.jsonl";
    let changed = place.text(journal).replacen("\"validation_samples\":0", "\"validation_samples\":1", 1);
    place.write(journal, &resealed(&changed));
    let problem = format!("{journal}:2 is damaged: not a whole event: validation_samples has no meaning on a surface");
    for (args, status) in [
        (&["claims"][..], 2),
        (&["claims", "bad", "small"], 2),
        (&["show", "bad"], 2),
        (&["export", "bad"], 2),
        (&["verify", "bad"], 2),
        (&["list"], 0),
    ] {
        let (stdout, stderr) = place.run(status, args);
        assert!((stdout + &stderr).contains(&problem), "{args:?}: {stderr}");
    }
    assert_eq!(place.run(2, &["claims"]).0, whole);
    let list = place.run(0, &["list"]).0;
    assert!(list.contains("small  complete: 4 trials\n"), "{list}");
    let value: Value = serde_json::from_str(&place.run(0, &["export", "small", "--format", "json"]).0).unwrap();
    assert_eq!(value["complete"], true);
    // The advice: the plan comes from the study again.
    let (_, told) = place.run(0, &["run", "bad.toml", "--plain"]);
    assert!(told.contains(&problem) && !told.contains("seed 0:"), "nothing is trained again: {told}");
    assert!(place.run(0, &["list"]).0.contains("bad    complete: 2 trials, 1 damaged line\n"));
}
