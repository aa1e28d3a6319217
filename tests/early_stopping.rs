//! Trainings that stop early: what they are, and that whatever reads results can do with curves of different lengths.

mod place;

use ablate::data::{self, Dataset};
use ablate::learn::train::{Control, train};
use ablate::plan::config::data::SYNTHETIC;
use ablate::plan::config::{Config, DataSource};
use ablate::plan::metric::Metric;
use ablate::record::event::{Observation, Outcome, Point};
use place::Place;
use serde_json::{Value, json};

fn synthetic() -> Dataset {
    data::load(DataSource::Set(&SYNTHETIC), None, 200, 100).unwrap()
}

/// 150 images in batches of 50, three updates an epoch: soon learned by heart, so that the validation loss rises again.
fn config(changes: Value) -> Config {
    let mut settings = json!({ "data": "synthetic", "train_samples": 200, "validation_samples": 50, "test_samples": 100,
                               "hidden": [30], "batch_size": 50, "epochs": 60,
                               "optimizer": { "name": "adam", "learning_rate": 0.02 } });
    settings.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let config: Config = serde_json::from_value(settings).unwrap();
    config.check().unwrap();
    config
}

fn observed(config: &Config) -> (Outcome, Vec<Observation>) {
    let mut seen = Vec::new();
    let outcome = train(config, 3, &synthetic(), &Control::default(), &mut |observation| seen.push(observation));
    (outcome, seen)
}

fn points(seen: Vec<Observation>) -> Vec<Point> {
    seen.into_iter().filter_map(Observation::point).collect()
}

#[test]
fn a_training_that_stops_early_is_the_first_part_of_the_whole_one() {
    let (whole, seen) = observed(&config(json!({})));
    let all = points(seen);
    let (stopped, seen) = observed(&config(json!({ "patience": 4 })));
    let part = points(seen);
    // By hand: the first evaluation that is the fourth in a row without a new low.
    let losses: Vec<f64> = all.iter().map(|point| point.measured.number(Metric::VALIDATION_LOSS).unwrap()).collect();
    let low = |until: usize| losses[..until].iter().copied().fold(f64::INFINITY, f64::min);
    let last = (4..losses.len()).find(|&at| losses[at - 3..=at].iter().all(|&loss| loss >= low(at - 3))).unwrap();
    assert!((5..50).contains(&last), "{last}: {losses:?}");
    assert_eq!(part.len(), last + 1);
    for (point, other) in part.iter().zip(&all) {
        assert_eq!(point.step, other.step);
        assert!(other.measured.iter().all(|(metric, value)| point.measured.get(metric) == Some(value)));
    }
    let told: Vec<_> = part.iter().map(|point| point.measured.number(Metric::STOPPED_EPOCH)).collect();
    assert_eq!(told[last], Some(last as f64), "one evaluation an epoch");
    assert!(told[..last].iter().all(Option::is_none));
    // It is the network of a training that was planned to be so short.
    assert_ne!(stopped, whole);
    assert_eq!(stopped, observed(&config(json!({ "epochs": last }))).0);
    // Where patience never ends, all steps are made.
    let (patient, seen) = observed(&config(json!({ "patience": 100 })));
    assert_eq!(patient, whole);
    assert_eq!(points(seen).last().unwrap().measured.number(Metric::STOPPED_EPOCH), Some(60.0));
}

/// Probes that look at the whole training look at the part that was trained, and the twin stops by itself.
#[test]
fn probes_see_where_a_training_stopped() {
    let probes = json!(["activations", "updates", "weights", "line", "plane"]);
    let (stopped, seen) = observed(&config(json!({ "patience": 4, "probes": probes })));
    assert_eq!(stopped, observed(&config(json!({ "patience": 4 }))).0);
    let layers = seen.iter().filter(|seen| matches!(seen, Observation::LayersProbed(_))).count();
    let slices: Vec<_> =
        seen.iter().filter_map(|seen| if let Observation::Sliced(slice) = seen { Some(slice) } else { None }).collect();
    let path = slices.iter().find_map(|slice| slice.plane(ablate::record::event::Spanned::Path)).unwrap();
    let between = |between| slices.iter().find_map(|slice| slice.line(between)).unwrap();
    let trained = between(ablate::record::event::Between::Training).train_correct.clone();
    let twins = between(ablate::record::event::Between::Twins).train_correct.clone();
    let points = points(seen.clone());
    let last = points.last().unwrap();
    assert_eq!((layers, path.path.as_ref().unwrap().step.last()), (points.len(), Some(&last.step)));
    // At t = 1 and at t = 0 is the network itself: places are 1/32 apart from t = -1/4 on.
    let correct = last.measured.number(Metric::TRAIN_ACCURACY).unwrap();
    assert_eq!((f64::from(trained[40]), f64::from(twins[8])), (correct, correct));
    assert!(last.measured.number(Metric::BARRIER).is_some());
}

const STUDY: &str = "seeds = 3\nbaseline = { patience = 0 }\n\
    [base]\ndata = \"synthetic\"\ntrain_samples = 200\nvalidation_samples = 50\ntest_samples = 100\nhidden = [30]\n\
    batch_size = 50\nepochs = 40\noptimizer = { name = \"adam\", learning_rate = 0.02 }\n\
    [grid]\npatience = [0, 2]\n\
    [[claim]]\nsays = \"It stops before its end\"\nmetric = \"stopped_epoch\"\narm = { patience = 2 }\nversus = 40\nexpect = \"lower\"\n\
    [[claim]]\nsays = \"Its networks stay as they were\"\nmetric = \"validation_loss\"\narm = { patience = 2 }\nat = 40\nexpect = \"lower\"\n";

#[test]
fn a_result_of_trials_of_different_lengths_is_read_shown_and_verified() {
    let place = Place::with(STUDY);
    let (checked, _) = place.run(0, &["check", "small.toml"]);
    assert!(checked.contains("at most ") && checked.contains("may stop before their last step"), "{checked}");
    let (table, _) = place.run(0, &["run", "small.toml"]);
    assert!(table.contains("stopped epoch"), "{table}");
    let (_, told) = place.run(0, &["run", "small.toml"]);
    assert!(told.contains("nothing to do"), "{told}");
    place.run(0, &["verify", "small", "--trials", "all"]);
    let json: Value = serde_json::from_str(&place.run(0, &["export", "small", "--format", "json"]).0).unwrap();
    let trials = json["trials"].as_array().unwrap();
    for trial in trials {
        let epochs = trial["curve"]["epoch"].as_array().unwrap();
        let is_patient = trial["params"]["patience"] == 2;
        assert_eq!(epochs.len() < 41, is_patient, "{epochs:?}");
        assert_eq!(trial["outcome"], "completed");
        assert_eq!(trial["curve"]["train_loss"].as_array().unwrap().len(), epochs.len());
    }
    let claims = json["claims"].as_array().unwrap();
    assert!(claims[0]["effect"].as_f64().unwrap() < 0.0, "{claims:?}");
    // What is asked about epoch 40 is answered by the networks that were left at an earlier one.
    assert_eq!(claims[1]["n"], 3, "{claims:?}");
    for format in ["md", "csv", "tex"] {
        place.run(0, &["export", "small", "--format", format]);
    }
    place.run(0, &["export", "small", "--picture", "curves/validation_loss", "-o", "loss.svg"]);
}

/// An evaluation that is gone is missed, although nobody knew beforehand how many there would be.
#[test]
fn an_evaluation_that_is_missing_is_found() {
    let place = Place::with(STUDY);
    place.run(0, &["run", "small.toml", "-q"]);
    let csv = || place.run(0, &["export", "small", "--format", "csv"]).0;
    let (file, before) = ("results/small/journal.jsonl", csv());
    let journal = place.text(file);
    let patient = place.journal("results/small").into_iter().find_map(|line| {
        let plan = line.get("study_started")?;
        let trial = plan["trials"].as_array()?.iter().find(|trial| trial["cell"] == 1)?;
        trial["id"].as_str().map(str::to_owned)
    });
    let id = patient.unwrap();
    let is_last = |line: &&str| line.starts_with("{\"evaluated\"") && line.contains(&id);
    let line = journal.lines().rev().find(is_last).unwrap();
    place.write(file, &journal.replace(&format!("{line}\n"), ""));
    let (_, told) = place.run(0, &["run", "small.toml"]);
    assert!(told.contains("6 trials, 5 of them done before"), "{told}");
    assert_eq!(csv(), before);
}
