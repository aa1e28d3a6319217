//! Runs without a fixed number of seeds, and what changes of the seeds do to a result. Drives the real program.

mod place;

use place::{Place, kill};
use serde_json::Value;

/// Dropout of 80 % lowers train accuracy for certain; whether a little of it raises test accuracy is open.
const STUDY: &str = r#"
seeds = 5
baseline = { dropout = 0.0 }
[base]
data = "synthetic"
train_samples = 100
test_samples = 200
hidden = [20]
batch_size = 20
epochs = 60
learning_rate = 0.1
[grid]
dropout = [0.0, 0.05, 0.8]
[[claim]]
says = "Much dropout lowers train accuracy"
metric = "train_accuracy"
arm = { dropout = 0.8 }
expect = "lower"
[[claim]]
says = "A little dropout raises test accuracy"
metric = "test_accuracy"
arm = { dropout = 0.05 }
expect = "higher"
"#;

fn json(place: &Place, result: &str) -> Value {
    serde_json::from_str(&place.run(0, &["export", result, "--format", "json"]).0).unwrap()
}

fn seeds(json: &Value) -> Vec<u64> {
    json["cells"].as_array().unwrap().iter().map(|cell| cell["seeds"].as_u64().unwrap()).collect()
}

#[test]
fn a_study_takes_seeds_until_its_claims_are_decided() {
    let place = Place::with(STUDY);
    let run = ["run", "small.toml", "--until-decided", "--max-seeds", "25", "--plain"];
    let (table, progress) = place.run(0, &run);
    assert!(progress.contains("until every claim is decided, at most 25 seeds"), "{progress}");
    assert!(progress.contains("6 of at most 25 seeds: 1 of 2 claims decided"), "{progress}");
    assert!(table.contains("Decided after 6 of at most 25 seeds, valid at any look."), "{table}");
    let found = json(&place, "small");
    // The cell of the claim that is decided after six seeds gets no more; the others go on.
    let seeds = seeds(&found);
    assert!(seeds[2] == 6 && seeds[0] == seeds[1] && seeds[0] > 6, "{seeds:?}");
    assert_eq!((&found["seeds_planned"], &found["complete"]), (&"anytime".into(), &true.into()));
    assert_eq!(found["claims"][0]["verdict"], "supported");
    let open = &found["claims"][1]["progress"];
    assert!(open["hopeless"] == true || seeds[0] == 25, "{open}");
    let (again, notes) = place.run(0, &run);
    assert_eq!(again, table);
    assert!(notes.contains("nothing to do"), "{notes}");
    // With more seeds to come, what was hopeless may be open again; what was trained stays.
    place.run(0, &["run", "small.toml", "--until-decided", "--max-seeds", "26", "--quiet"]);
    assert_eq!(place.count("results/small", "trial_started") as u64, place.digests("results/small").len() as u64);
}

#[test]
fn a_killed_run_until_decided_goes_on_with_the_same_bits() {
    let place = Place::with(&STUDY.replace("epochs = 60", "epochs = 100\nevaluate_every = 50"));
    let run = |out: &'static str| ["run", "small.toml", "--until-decided", "--max-seeds", "9", "--quiet", "--out", out];
    let (whole, _) = place.run(0, &run("whole"));
    let mut child = place.start(&run("cut"));
    place.wait_for("cut/small", "trial_finished", 4);
    kill(&child, "KILL");
    child.wait().unwrap();
    let (cut, _) = place.run(0, &run("cut"));
    assert_eq!(place.digests("cut/small"), place.digests("whole/small"));
    assert_eq!(cut.replace("--out cut", "--out whole"), whole);
}

#[test]
fn a_budget_trains_whole_blocks_that_fit() {
    let place = Place::with(STUDY);
    let (table, told) = place.run(0, &["run", "small.toml", "--budget", "10m"]);
    assert!(told.contains("at most 5 seeds, in blocks that fit into the time"), "{told}");
    assert!(table.contains("Seeds were taken in whole blocks, at most 5 seeds."), "{table}");
    assert_eq!(seeds(&json(&place, "small")), [5, 5, 5]);
    let (_, refused) = place.run(2, &["run", "small.toml", "--budget", "1us", "--out", "no"]);
    assert!(refused.contains("one seed of all 3 cells takes about"), "{refused}");
    assert!(!place.path("no/small").exists());
    for wrong in [&["--max-seeds", "9"][..], &["--budget", "soon"]] {
        place.run(2, &[&["run", "small.toml"], wrong].concat());
    }
    place.write("bare.toml", "[base]\ndata = \"synthetic\"\n[grid]\ndropout = [0.0, 0.5]\n");
    let (_, refused) = place.run(2, &["run", "bare.toml", "--until-decided"]);
    assert!(refused.contains("neither claims nor a baseline"), "{refused}");
}

#[test]
fn rows_are_decided_where_there_are_no_claims() {
    let (study, _) = STUDY.split_once("[[claim]]").unwrap();
    let place = Place::with(study);
    let (table, told) = place.run(0, &["run", "small.toml", "--until-decided", "--max-seeds", "9", "--plain"]);
    assert!(told.contains("until every row is decided") && told.contains("of 2 rows decided"), "{told}");
    assert!(table.contains("Seeds are taken until every row is decided or hopeless"), "{table}");
    assert!(json(&place, "small")["cells"][2]["versus_baseline"]["verdict"].as_str().unwrap().starts_with("worse"));
}

#[test]
fn seeds_that_are_added_leave_the_fixed_verdict_beside_the_new_one() {
    let place = Place::with(STUDY);
    let (_, told) = place.run(0, &["run", "small.toml"]);
    assert!(told.contains("5 seeds, a number fixed beforehand"), "{told}");
    assert_eq!(
        (&json(&place, "small")["seeds_planned"], &json(&place, "small")["level"]),
        (&"fixed".into(), &0.04.into())
    );
    let (table, told) = place.run(0, &["run", "small.toml", "--seeds", "7"]);
    assert!(told.contains("its seeds were changed after trials were trained"), "{told}");
    assert!(table.contains("With the 5 seeds that were fixed at first: "), "{table}");
    let found = json(&place, "small");
    assert_eq!((&found["seeds_planned"], &found["level"]), (&"anytime".into(), &0.025.into()));
    assert_eq!(found["claims"][0]["earlier"]["seeds"], 5);
    // To train everything again does not make it unseen, and the old journal's claims still count.
    let (one, _) = STUDY.rsplit_once("[[claim]]").unwrap();
    place.write("small.toml", one);
    place.run(0, &["run", "small.toml", "--fresh", "--seeds", "8", "--quiet"]);
    let fresh = json(&place, "small");
    assert_eq!((&fresh["seeds_planned"], &fresh["claims"][0]["family"]), (&"anytime".into(), &2.into()));
    assert_eq!(fresh["claims"][0]["stated_before"], true);
}

#[test]
fn claims_are_checked_for_scripts() {
    let place = Place::with(&STUDY.replace("expect = \"lower\"", "expect = \"higher\""));
    place.run(0, &["run", "small.toml", "--seeds", "10", "--quiet"]);
    let (table, _) = place.run(0, &["claims"]);
    assert!(
        table.contains("| refuted ")
            && table.contains("2 claims in 1 study, ")
            && table.contains(": 0 supported, 1 refuted"),
        "{table}"
    );
    let found: Value = serde_json::from_str(&place.run(0, &["claims", "--format", "json"]).0).unwrap();
    assert_eq!((&found["claims"][0]["study"], &found["claims"][0]["stated_before"]), (&"small".into(), &true.into()));
    let (_, told) = place.run(1, &["claims", "--check"]);
    assert!(told.contains("small: refuted: Much dropout") && told.contains("small: inconclusive: A little"), "{told}");
    assert_eq!(place.run(1, &["claims", "small", "--check=refuted"]).1.lines().count(), 1);
    let (_, told) = place.run(1, &["claims", "--check=undecided"]);
    assert!(told.contains("inconclusive") && !told.contains("refuted:"), "{told}");
    let (one, _) = STUDY.rsplit_once("[[claim]]").unwrap();
    place.write("good.toml", one);
    place.run(0, &["run", "good.toml", "--seeds", "10", "--quiet"]);
    place.run(0, &["claims", "good", "--check"]);
}
