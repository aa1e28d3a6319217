//! What users and scripts rely on: exit status, streams, and that no result is lost. Drives the real program.

mod place;

use ablate::study::{Changes, Study};
use flate2::read::MultiGzDecoder;
use place::{Place, kill, resealed};
use serde_json::Value;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

const SMALL: &str = r#"
question = "Does dropout help?"
seeds = 2
baseline = { dropout = 0.0 }
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

#[test]
fn a_run_prints_the_table_alone_to_stdout_and_progress_to_stderr() {
    let place = Place::with(SMALL);
    let (table, progress) = place.run(0, &["run", "small.toml"]);
    assert!(table.contains("| dropout |"), "{table}");
    assert!(!progress.contains("| dropout |") && progress.contains('4'), "{progress}");
    assert_eq!(place.digests("results/small").len(), 4);
    assert_eq!(place.text("results/small/study.toml"), SMALL);
    assert_eq!(place.run(0, &["show"]).0, table);
    assert_eq!(place.run(0, &["export", "small"]).0, table);
    assert_eq!(place.run(0, &["run", "small.toml", "--quiet"]), (table, String::new()));
}

#[test]
fn claims_are_told_before_and_judged_after_and_change_no_status() {
    let claim = "[[claim]]\nsays = \"Dropout makes it worse than nothing\"\nmetric = \"test_accuracy\"\n\
                 arm = { dropout = 0.5 }\nversus = 0\nexpect = \"lower\"\n";
    let place = Place::with(&format!("{SMALL}{claim}").replace("seeds = 2", "seeds = 5"));
    let told = place.run(0, &["check", "small.toml"]).0;
    assert!(told.contains("test_accuracy of (dropout = 0.5) lower than 0"), "{told}");
    let (table, _) = place.run(0, &["run", "small.toml", "--quiet"]);
    assert!(table.contains("| Dropout makes it worse than nothing | refuted |"), "{table}");
    let json: Value = serde_json::from_str(&place.run(0, &["export", "small", "--format", "json"]).0).unwrap();
    assert_eq!((&json["claims"][0]["verdict"], &json["claims"][0]["n"]), (&"refuted".into(), &5.into()));
}

#[test]
fn a_second_run_has_nothing_to_do() {
    let place = Place::with(SMALL);
    let (table, _) = place.run(0, &["run", "small.toml"]);
    let journal = place.journal("results/small");
    let (again, notes) = place.run(0, &["run", "small.toml"]);
    assert_eq!(again, table);
    assert!(notes.contains("nothing to do: all 4 trials of small are in results/small"), "{notes}");
    assert_eq!(place.journal("results/small"), journal);
}

#[test]
fn fresh_trains_again_and_keeps_the_old_result() {
    let place = Place::with(SMALL);
    place.run(0, &["run", "small.toml"]);
    let (_, notes) = place.run(0, &["run", "small.toml", "--fresh"]);
    assert!(notes.contains("results/small.old-1"), "{notes}");
    place.run(0, &["run", "small.toml", "--fresh"]);
    for old in ["results/small.old-1", "results/small.old-2"] {
        assert_eq!(place.digests(old), place.digests("results/small"));
    }
}

#[test]
fn more_seeds_and_other_values_train_only_what_is_new_and_lose_nothing() {
    let place = Place::with(SMALL);
    place.run(0, &["run", "small.toml"]);
    place.run(0, &["run", "small.toml", "--seeds", "3"]);
    assert_eq!(place.count("results/small", "trial_started"), 6);
    let (table, _) = place.run(0, &["run", "small.toml", "--set", "dropout=[0.0, 0.1, 0.5]", "--seeds", "1"]);
    assert_eq!(place.count("results/small", "trial_started"), 7);
    assert!(table.contains("0.1"), "{table}");
    // A later plan reuses what an earlier one trained.
    place.run(0, &["run", "small.toml", "--seeds", "3"]);
    assert_eq!(place.count("results/small", "trial_started"), 7);
    // Another text under the same name: the old one stays.
    place.write("small.toml", &format!("{SMALL}# changed\n"));
    place.run(0, &["run", "small.toml", "--set", "epochs=1", "--seeds", "1"]);
    assert_eq!(place.text("results/small/study-1.toml"), SMALL);
    assert!(place.text("results/small/study.toml").ends_with("# changed\n"));
}

#[test]
fn the_number_of_jobs_changes_no_bit() {
    let place = Place::with(SMALL);
    place.run(0, &["run", "small.toml", "--jobs", "1", "--out", "one"]);
    place.run(0, &["run", "small.toml", "--jobs", "3", "--out", "three"]);
    assert_eq!(place.digests("one/small").len(), 4);
    assert_eq!(place.digests("one/small"), place.digests("three/small"));
}

#[test]
fn a_killed_run_goes_on_where_it_was() {
    let place = Place::with(&SMALL.replace("epochs = 3", "epochs = 500\nevaluate_every = 100"));
    place.run(0, &["run", "small.toml", "--out", "whole"]);
    let mut killed = place.start(&["run", "small.toml", "--jobs", "1"]);
    place.wait_for("results/small", "trial_finished", 1);
    kill(&killed, "KILL");
    killed.wait().unwrap();
    let before = place.digests("results/small").len();
    let trained = place.count("results/small", "trial_started");
    place.run(0, &["run", "small.toml"]);
    assert_eq!(place.digests("results/small"), place.digests("whole/small"));
    assert_eq!(place.count("results/small", "trial_started"), trained + 4 - before, "finished trials are not repeated");
}

#[test]
fn sigterm_ends_a_run_in_order() {
    let place = Place::with(&SMALL.replace("epochs = 3", "epochs = 10000000\nevaluate_every = 1000"));
    let run = place.start(&["run", "small.toml", "--jobs", "2"]);
    place.wait_for("results/small", "trial_started", 2);
    let (_, refused) = place.run(2, &["run", "small.toml"]);
    assert!(refused.contains("another program is training this study"), "{refused}");
    assert!(place.run(0, &["list"]).0.contains("0 of 4 trials, running"));
    kill(&run, "TERM");
    let ended = run.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    assert!(String::from_utf8(ended.stdout).unwrap().contains("| dropout |"), "the table so far is printed");
    let journal = place.journal("results/small");
    assert_eq!(journal.iter().filter(|line| line["trial_finished"]["outcome"] == "cancelled").count(), 2);
    assert!(journal.last().unwrap().get("study_finished").is_some());
    assert!(place.run(0, &["list"]).0.contains("0 of 4 trials\n"));
}

#[test]
fn a_mistake_is_told_with_status_2_and_nothing_is_trained() {
    let place = Place::with(SMALL);
    place.write("typo.toml", "[base]\ndropuot = 0.5\n");
    place.write("range.toml", "[base]\ndropout = 1.5\n");
    for (args, expected) in [
        (&["run", "missing.toml"][..], "missing.toml"),
        (&["run", "small.toml", "typo.toml"], "dropout"),
        (&["run", "small.toml", "small.toml"], "named small"),
        (&["run", "small.toml", "--set", "dropuot=0.5"], "dropout"),
        (&["show"], "no result"),
        (&["show", "small"], "no result small"),
        (&["export", "small"], "no result small"),
        (&["--no-such-option"], "--no-such-option"),
    ] {
        let (stdout, stderr) = place.run(2, args);
        assert!(stdout.is_empty() && stderr.starts_with("error: ") && stderr.contains(expected), "{args:?}\n{stderr}");
    }
    assert!(!place.path("results").exists());
    let (sound, mistakes) = place.run(2, &["check", "typo.toml", "small.toml", "range.toml"]);
    assert!(mistakes.contains("typo.toml:2") && mistakes.contains("range.toml:2"), "{mistakes}");
    assert!(sound.contains("2 cells × 2 seeds = 4 trials"), "{sound}");
}

#[test]
fn broken_data_is_told_with_the_file_and_nothing_is_trained() {
    let place = Place::with("seeds = 1\n[base]\ntrain_samples = 100\nepochs = 1\n");
    let (_, missing) = place.run(2, &["run", "small.toml", "--data", "nowhere"]);
    assert!(missing.contains("nowhere"), "{missing}");
    place.mnist("data/mnist");
    let labels = "data/mnist/train-labels-idx1-ubyte.gz";
    let whole = fs::read(place.path(labels)).unwrap();
    fs::write(place.path(labels), &whole[..whole.len() / 2]).unwrap();
    let (stdout, truncated) = place.run(2, &["run", "small.toml"]);
    assert!(stdout.is_empty() && truncated.contains("train-labels-idx1-ubyte.gz"), "{truncated}");
    assert_eq!(place.count("results/small", "trial_started"), 0);
    fs::write(place.path(labels), &whole).unwrap();
    place.run(0, &["run", "small.toml"]);
    // Also where nothing is left to train: what is named is looked at first. Other labels are not MNIST's.
    let before = place.journal("results/small");
    let mut other = Vec::new();
    MultiGzDecoder::new(&whole[..]).read_to_end(&mut other).unwrap();
    *other.last_mut().unwrap() ^= 1;
    fs::create_dir_all(place.path("named/mnist")).unwrap();
    for file in fs::read_dir(place.path("data/mnist")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), place.path("named/mnist").join(file.file_name())).unwrap();
    }
    let labels = place.path("named/mnist/train-labels-idx1-ubyte");
    fs::remove_file(labels.with_extension("gz")).unwrap();
    for contents in [&other[..], &other[..100]] {
        fs::write(&labels, contents).unwrap();
        let (_, message) = place.run(2, &["run", "small.toml", "--data", "named"]);
        assert!(message.contains("named/mnist/train-labels-idx1-ubyte: "), "{message}");
    }
    fs::remove_file(&labels).unwrap();
    let (_, message) = place.run(2, &["run", "small.toml", "--data", "named"]);
    assert!(message.contains("train-labels-idx1-ubyte"), "{message}");
    assert_eq!(place.journal("results/small"), before, "nothing was written");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = Place::with(SMALL);
    place.run(0, &["run", "small.toml"]);
    let mut export = place.start(&["export", "small", "--format", "json"]);
    drop(export.stdout.take());
    assert_eq!(export.wait().unwrap().code(), Some(0));
}

#[test]
fn pictures_are_exported_as_svg() {
    let place = Place::with(SMALL);
    place.run(0, &["run", "small.toml", "--quiet"]);
    let (main, _) = place.run(0, &["export", "small", "--format", "svg"]);
    assert!(main.starts_with("<svg") && main.contains("Test accuracy by epoch"), "{main}");
    place.run(0, &["export", "small", "-o", "main.svg"]);
    assert_eq!(place.text("main.svg"), main);
    assert_eq!(place.run(0, &["export", "small", "--picture", "curves/test_accuracy", "--frame", "1"]).0, main);
    place.run(0, &["export", "small", "--picture", "all", "-o", "pictures/"]);
    assert_eq!(place.text("pictures/curves-test_accuracy.svg"), main);
    assert!(place.text("pictures/grid-gap.svg").contains("dropout"));
    let mistakes: [(&[&str], &str); 5] = [
        (
            &["--picture", "curves/test_acuracy"],
            "did you mean curves/test_accuracy?\n  there are: curves/train_accuracy,",
        ),
        (&["--picture", "all"], "-o pictures/"),
        (&["--picture", "curves/gap", "-o", "gap.md"], "--format svg"),
        (&["--picture", "curves/gap", "--frame", "2"], "leave out --frame"),
        (&["--frame", "0"], "1 or above, or last"),
    ];
    for (args, expected) in mistakes {
        let (_, message) = place.run(2, &[&["export", "small"], args].concat());
        assert!(message.contains(expected), "{args:?}: {message}");
    }
}

#[test]
fn an_export_follows_the_ending_of_its_file() {
    let place = Place::with(SMALL);
    place.run(0, &["run", "small.toml"]);
    place.run(0, &["export", "results/small", "-o", "small.json"]);
    let json: Value = serde_json::from_str(&place.text("small.json")).unwrap();
    assert_eq!(json["trials_planned"], 4);
    assert_eq!(json["provenance"]["command"], "ablate run small.toml");
    let (_, unknown) = place.run(2, &["export", "small", "-o", "small.docx"]);
    assert!(unknown.contains("docx") && unknown.contains("md"), "{unknown}");
}

#[test]
fn list_shows_studies_with_their_questions_and_results_with_their_state() {
    let place = Place::new();
    let (nothing, _) = place.run(0, &["list"]);
    assert!(nothing.starts_with("Studies in the program, which run in any folder\n"), "{nothing}");
    assert!(nothing.ends_with("\n\nResults in results/\n  none yet\n"), "{nothing}");
    fs::create_dir(place.path("ablations")).unwrap();
    place.write("ablations/overfit.toml", SMALL);
    place.write("ablations/small.toml", SMALL);
    place.write("ablations/typo.toml", "dropuot = 1");
    place.run(0, &["run", "ablations/small.toml"]);
    let (list, _) = place.run(0, &["list"]);
    assert!(list.contains("ablations/small.toml    Does dropout help?\n"), "{list}");
    assert!(list.contains("`ablate check ablations/typo.toml`"), "{list}");
    assert!(list.contains("small  complete: 4 trials\n"), "{list}");
    // The file of this name is meant then, not the program's.
    assert!(list.contains("ablations/overfit.toml  Does dropout help?\n") && !list.contains("\n  overfit "), "{list}");
    assert!(place.run(0, &["check", "overfit"]).0.contains("ablations/overfit.toml: overfit\n  Does dropout help?"));
}

/// As it is after `cargo install`: nothing of the repository is there.
#[test]
fn a_program_in_an_empty_folder_has_mnist_and_its_studies() {
    let place = Place::new();
    let (list, _) = place.run(0, &["list"]);
    let names: Vec<_> = list.lines().skip(1).take_while(|line| !line.is_empty()).collect();
    let names: Vec<_> = names.iter().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"overfit") && names.contains(&"surfaces") && names.len() >= 25, "{list}");
    for name in &names {
        let (file, changed) = (format!("my_{name}.toml"), format!("my_{name}"));
        let (_, told) = place.run(0, &["new", &file, "--from", name]);
        assert!(told.contains(&format!("`ablate run {file}`")), "{told}");
        // What is written means the same.
        let load = |path: &Path| Study::load(path, &Changes::default()).unwrap();
        let (own, shipped) = (load(&place.path(&file)), load(Path::new(name)));
        assert_eq!((own.name, own.cells, own.claims), (changed, shipped.cells, shipped.claims));
    }
    let short = ["--seeds", "1", "--set", "epochs=1"];
    let (table, _) = place.run(0, &[&["run", "overfit", "--quiet"], &short[..]].concat());
    assert!(table.contains("Do weight decay and dropout close the gap") && table.contains("0.2 |"), "{table}");
    assert_eq!(place.count("results/overfit", "trial_finished"), 4);
    // The same networks, so there is nothing to train.
    place.run(0, &["new", "overfit.toml"]);
    let (again, _) = place.run(0, &[&["run", "overfit.toml", "--quiet"], &short[..]].concat());
    let first_lines = |table: &str| table.lines().take(12).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(first_lines(&again), first_lines(&table));
    assert_eq!(place.count("results/overfit", "trial_finished"), 4);
}

#[test]
fn new_overwrites_nothing_and_says_what_it_needs() {
    let place = Place::with(SMALL);
    for (args, expected) in [
        (&["new", "small.toml"][..], "small.toml: there is one already, which stays as it is"),
        (&["new", "mine"], "mine: the file of a study ends in .toml\n  to mend it: `ablate new mine.toml`"),
        (&["new", "mine.toml", "--from", "overfitt"], "--from overfitt: there is no such study in the program"),
        (&["new", "no/mine.toml"], "no/mine.toml: cannot write"),
        (&["new", "a,b.toml"], "cannot be that of a result folder"),
        (
            &["run", "overfit.toml"],
            "the program has a study overfit: name it so, or write it as a file by `ablate new overfit.toml",
        ),
        (&["run", "ablations/dropout.toml"], "the program has a study dropout"),
        (&["run", "overfitt"], "`ablate list` shows the studies there are"),
    ] {
        let (_, told) = place.run(2, args);
        assert!(told.contains(expected), "{expected}: {told}");
    }
    assert_eq!((place.text("small.toml"), fs::read_dir(place.path("")).unwrap().count()), (SMALL.to_owned(), 1));
}

#[test]
fn scripts_read_lists_and_checks_as_json() {
    let place = Place::with(SMALL);
    let json = |status, args: &[&str]| {
        let (stdout, stderr) = place.run(status, args);
        (serde_json::from_str::<Value>(&stdout).unwrap_or_else(|problem| panic!("{problem}: {stdout}")), stderr)
    };
    let nothing = json(0, &["list", "--format", "json"]).0;
    assert_eq!((&nothing["studies"], &nothing["results"]), (&serde_json::json!([]), &serde_json::json!([])));
    assert_eq!(nothing["shipped"][0]["path"], "adam");
    fs::create_dir(place.path("ablations")).unwrap();
    place.write("ablations/typo.toml", "dropuot = 1");
    place.write("ablations/small.toml", SMALL);
    place.run(0, &["run", "small.toml"]);
    let list = json(0, &["list", "--format", "json"]).0;
    let [small, typo] = &list["studies"].as_array().unwrap()[..] else { panic!("{list}") };
    assert_eq!((&small["name"], &small["question"]), (&"small".into(), &"Does dropout help?".into()));
    assert!(typo["path"] == "ablations/typo.toml" && typo["mistake"].as_str().unwrap().contains("dropuot"), "{typo}");
    let result = serde_json::json!([{
        "folder": "results/small", "name": "small", "study": "small", "question": "Does dropout help?",
        "complete": true, "running": false, "cells": 2, "trials": 4, "completed": 4, "diverged": 0, "failed": 0,
        "damaged_lines": 0, "problem": null,
    }]);
    assert_eq!(list["results"], result);

    let alike = ["--set", "dropout_scaling=[\"train\", \"test\"]"];
    let check = ["check", "ablations/typo.toml", "small.toml", "--format", "json"];
    let (check, mistake) = json(2, &[&check[..], &alike].concat());
    assert!(mistake.contains("typo.toml:1"), "{mistake}");
    let [study] = &check["studies"].as_array().unwrap()[..] else { panic!("{check}") };
    assert_eq!((&study["study"], &study["seeds"]), (&"small".into(), &serde_json::json!([0, 1])));
    assert_eq!(
        study["cells"][1],
        serde_json::json!({ "arm": null, "params": { "dropout": 0.0, "dropout_scaling": "test" } })
    );
    assert_eq!((study["trials"].as_u64(), study["trials_trained"].as_u64()), (Some(8), Some(6)));
    assert!(study["remarks"].to_string().contains("`dropout_scaling` changes nothing"), "{study}");
    assert!(study["estimate"]["seconds"].as_f64().unwrap() > 0.0 && study["claims"].is_array(), "{study}");
}

#[test]
fn cells_that_train_alike_are_trained_once_and_each_shown() {
    let study = SMALL.replace("[grid]", "[grid]\ndropout_scaling = [\"train\", \"test\"]");
    let place = Place::with(&study.replace("dropout = 0.0 }", "dropout = 0.0, dropout_scaling = \"train\" }"));
    let (table, told) = place.run(0, &["run", "small.toml"]);
    assert!(told.contains("`dropout_scaling` changes nothing in") && told.contains("are trained once"), "{told}");
    assert!(told.contains("small: 8 trials") && told.contains("[8/8]") && told.contains(", for 2 cells"), "{told}");
    assert_eq!((place.count("results/small", "trial_started"), place.digests("results/small").len()), (6, 6));
    let rows: Vec<&str> = table.lines().filter(|line| line.contains(" 0.0 |")).take(2).collect();
    let numbers = |row: &str| row.split('|').skip(3).map(str::trim).take(5).collect::<Vec<_>>().join(" ");
    assert!(rows.len() == 2 && numbers(rows[0]) == numbers(rows[1]), "{table}");
    assert!(place.run(0, &["run", "small.toml"]).1.contains("nothing to do: all 8 trials"));
    let (lines, note) = place.run(0, &["verify", "small", "--trials", "all"]);
    assert!(lines.lines().count() == 6 && note.contains("6 of 6 finished trials"), "{lines}{note}");
    let exported: Value = serde_json::from_str(&place.run(0, &["export", "small", "--format", "json"]).0).unwrap();
    let trials = exported["trials"].as_array().unwrap();
    let alike: Vec<_> = trials.iter().filter(|trial| trial["params"]["dropout"] == 0.0 && trial["seed"] == 1).collect();
    assert!(trials.len() == 8 && alike.len() == 2 && alike[0]["curve"] == alike[1]["curve"]);
}

/// Replaces the first occurrence of a text in a result's journal and corrects the checksum.
fn tamper(place: &Place, from: &str, to: &str) {
    let journal = "results/small/journal.jsonl";
    let text = place.text(journal);
    assert!(text.contains(from), "{text}");
    place.write(journal, &resealed(&text.replacen(from, to, 1)));
}

#[test]
fn verify_finds_the_same_bits_and_what_was_tampered_with() {
    let place = Place::with(SMALL);
    place.run(0, &["run", "small.toml"]);
    let line = |cell: &str, seed: u64, found: &str| format!("dropout={cell} seed {seed}: {found}\n");
    let all_ok = ["0.0", "0.5"].map(|cell| line(cell, 0, "ok") + &line(cell, 1, "ok")).concat();
    let (lines, note) = place.run(0, &["verify", "small", "--trials", "all"]);
    assert_eq!(lines, all_ok);
    assert!(note.contains("4 of 4 finished trials"), "{note}");
    // The middle of each half of the plan.
    assert_eq!(place.run(0, &["verify", "small", "--trials", "2"]).0, line("0.0", 1, "ok") + &line("0.5", 1, "ok"));

    let whole = place.text("results/small/journal.jsonl");
    let digests = place.digests("results/small");
    let digest = digests.values().next().unwrap();
    tamper(&place, digest, "00000000000000000000000000000000");
    let (lines, note) = place.run(1, &["verify", "small"]);
    let differing: Vec<_> = lines.lines().filter(|line| !line.ends_with(": ok")).collect();
    let expected = format!("DIFFERS: weights 00000000000000000000000000000000 in the journal, weights {digest} now");
    assert!(lines.lines().count() == 4 && differing.len() == 1 && differing[0].ends_with(&expected), "{lines}");
    assert!(note.contains("1 differ"), "{note}");

    place.write("results/small/journal.jsonl", &whole);
    tamper(&place, "\"train_loss\":[2.", "\"train_loss\":[2.9");
    let (lines, _) = place.run(1, &["verify", "small"]);
    assert!(lines.contains("DIFFERS: train_loss after 0 steps: 2.9"), "{lines}");
}

#[test]
fn two_results_are_compared_cell_by_cell() {
    let place = Place::with(&SMALL.replace("seeds = 2", "seeds = 5"));
    place.run(0, &["run", "small.toml", "--quiet"]);
    place.run(0, &["run", "small.toml", "--quiet", "--fresh"]);
    let (same, _) = place.run(0, &["diff", "small.old-1", "results/small"]);
    assert!(same.starts_with("# small.old-1 → small\n"), "{same}");
    assert_eq!(same.matches("| equal in all 5 seeds, bit by bit |").count(), 2, "{same}");

    let longer = place.text("small.toml").replace("epochs = 3", "epochs = 30").replace("0.5]", "0.5, 0.7]");
    place.write("longer.toml", &longer);
    place.run(0, &["run", "longer.toml", "--quiet"]);
    let (text, _) = place.run(0, &["diff", "small", "longer"]);
    assert!(
        text.contains("All cells: epochs 3 → 30.") && text.contains("Only in B (longer): dropout = 0.7."),
        "{text}"
    );
    place.run(0, &["diff", "small", "longer", "-o", "longer.json"]);
    let json: Value = serde_json::from_str(&place.text("longer.json")).unwrap();
    let cell = &json["cells"][1];
    assert_eq!(
        (&cell["b"]["params"]["dropout"], &cell["paired"], &cell["n"]["b"]),
        (&0.5.into(), &true.into(), &5.into())
    );
    assert_eq!(cell["changed"]["epochs"], serde_json::json!({ "a": 3, "b": 30 }));
    // The mean over the seeds of what the two results export.
    let mean = |result: &str| {
        let json: Value = serde_json::from_str(&place.run(0, &["export", result, "--format", "json"]).0).unwrap();
        json["cells"][1]["test_accuracy"]["mean"].as_f64().unwrap()
    };
    let change = cell["differences"]["test_accuracy"]["diff"].as_f64().unwrap();
    assert!((change - (mean("longer") - mean("small"))).abs() < 1e-12);
    assert_eq!(place.run(0, &["diff", "small", "longer", "--format", "json"]).0, place.text("longer.json"));

    let mistakes: [(&[&str], &str); 3] = [
        (&["small", "smal"], "there is no result smal"),
        (&["small", "longer", "-o", "a.csv"], ".md or .json"),
        (
            &["small", "down"],
            "small and down cannot be compared: the first trains networks, the second descends surfaces",
        ),
    ];
    place.write("down.toml", "seeds = 1\n[base]\ndata = \"surface\"\nlearning_rate = 0.1\nsteps = 3\n");
    place.run(0, &["run", "down.toml", "--quiet"]);
    for (args, expected) in mistakes {
        let (_, message) = place.run(2, &[&["diff"], args].concat());
        assert!(message.contains(expected), "{args:?}: {message}");
    }

    let digests = place.digests("results/small");
    tamper(&place, digests.values().next().unwrap(), "00000000000000000000000000000000");
    let (broken, note) = place.run(1, &["diff", "small.old-1", "small"]);
    assert!(
        broken.contains("**TRIALS OF ONE ID HAVE OTHER BITS: seed ") && note.contains("`ablate verify`"),
        "{broken}{note}"
    );
    assert_eq!(broken.matches("| OTHER BITS in 1 of 5 seeds").count(), 1, "{broken}");
}

#[test]
fn what_cannot_be_verified_is_a_mistake() {
    let place = Place::with(SMALL);
    place.run(2, &["verify", "small"]);
    place.run(0, &["run", "small.toml"]);
    assert!(place.run(2, &["verify", "small", "--trials", "0"]).1.contains("1 or above"));
    let whole = place.text("results/small/journal.jsonl");
    let sha256 = place.journal("results/small")[1]["study_started"]["provenance"]["data_sha256"].clone();
    tamper(&place, sha256.as_str().unwrap(), "0123");
    let (_, other_images) = place.run(2, &["verify", "small"]);
    assert!(other_images.contains("other images") && other_images.contains("0123"), "{other_images}");
    place.write("results/small/journal.jsonl", &whole);
    tamper(&place, "\"hidden\":[20]", "\"hidden\":[21]");
    let (_, changed) = place.run(2, &["verify", "small"]);
    assert!(changed.contains("is not the one that its id was made of"), "{changed}");
}

#[test]
fn an_interrupted_verification_says_so() {
    let place = Place::with(&SMALL.replace("epochs = 3", "steps = 20000\nevaluate_every = 5000"));
    place.run(0, &["run", "small.toml", "--set", "dropout=0.0", "--seeds", "1"]);
    // A signal that comes before the program handles signals ends it without a status: then try again, later.
    let status = [300, 600, 1200, 2400].into_iter().find_map(|patience| {
        let mut verify = place.start(&["verify", "small"]);
        std::thread::sleep(Duration::from_millis(patience));
        kill(&verify, "INT");
        verify.wait().unwrap().code()
    });
    assert_eq!(status, Some(130));
}

#[test]
fn a_trace_is_of_one_cell_and_of_no_more_steps_than_there_are() {
    let place = Place::with(&format!("{SMALL}[[arm]]\nname = \"wide\"\nset = {{ hidden = [30] }}\n"));
    let trace = |status, args: &[&str]| {
        let fixed = ["trace", "small.toml", "--seed", "3", "-o", "a.safetensors"];
        place.run(status, &[&fixed, args].concat()).1
    };
    let choice = trace(2, &["--steps", "5"]);
    assert!(choice.contains("--set 'dropout=[0.0]'") && choice.contains("--arm: \"wide\""), "{choice}");
    let long = trace(2, &["--steps", "7", "--arm", "wide"]);
    assert!(long.contains("has 6 steps"), "{long}");
    let diverging = trace(2, &["--steps", "6", "--arm", "wide", "--set", "learning_rate=1e30"]);
    assert!(diverging.contains("--steps 1 or fewer"), "{diverging}");
    assert!(!place.path("a.safetensors").exists());
    trace(0, &["--steps", "6", "--arm", "wide"]);
    let arm = fs::read(place.path("a.safetensors")).unwrap();
    trace(0, &["--steps", "6", "--set", "dropout=[0.5]"]);
    assert_ne!(fs::read(place.path("a.safetensors")).unwrap(), arm);
}
