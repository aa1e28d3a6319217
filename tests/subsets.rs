//! With fewer images than a data set has, each seed draws its own, and all cells of a seed share them.

mod place;

use ablate::data::{self, Dataset};
use ablate::learn::train::{Control, Training, train};
use ablate::plan::Identity;
use ablate::plan::config::data::SYNTHETIC;
use ablate::plan::config::{Config, DataSource, Subset};
use ablate::plan::metric::Metric;
use ablate::record::event::{Outcome, Point};
use ablate::study::{Changes, Study};
use place::Place;
use safetensors::SafeTensors;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::Path;

fn synthetic() -> Dataset {
    data::load(DataSource::Set(&SYNTHETIC), None, usize::MAX, 100).unwrap()
}

fn config(changes: Value) -> Config {
    let mut settings = json!({ "data": "synthetic", "subset": "drawn", "train_samples": 100, "test_samples": 100,
                               "hidden": [10], "batch_size": 10, "epochs": 3 });
    for (key, value) in changes.as_object().unwrap() {
        settings[key] = value.clone();
    }
    let config: Config = serde_json::from_value(settings).unwrap();
    config.check().unwrap();
    config
}

/// All images of an epoch that leaves none out.
fn trained_on(changes: Value, seed: u64) -> BTreeSet<u32> {
    let (config, data) = (config(changes), synthetic());
    let mut training = Training::new(&config, seed, &data);
    let mut images = BTreeSet::new();
    for _ in 0..config.steps_per_epoch() {
        assert!(training.step().is_finite());
        images.extend(training.batch());
    }
    assert_eq!(images.len(), config.trained_on().len());
    images
}

#[test]
fn each_seed_draws_its_own_and_fewer_are_among_more() {
    for subset in ["drawn", "balanced"] {
        let images = |count: usize, seed| trained_on(json!({ "subset": subset, "train_samples": count }), seed);
        let [few, more, other] = [images(100, 0), images(300, 0), images(100, 1)];
        assert!(few.is_subset(&more), "{subset}");
        // Of two draws of 100 out of 1,000 about 10 are the same.
        assert!((1..30).contains(&few.intersection(&other).count()), "{subset}");
        // They come from the whole set.
        assert!(few.iter().any(|&image| image >= 900) && few.iter().any(|&image| image < 100), "{subset}");
    }
    assert!(trained_on(json!({ "subset": "first" }), 5).into_iter().eq(0..100));
}

#[test]
fn cells_of_a_seed_share_their_images() {
    let plain = trained_on(json!({}), 3);
    for changes in [
        json!({ "dropout": 0.5, "optimizer": "adam", "batch_norm": true }),
        json!({ "hidden": [30, 20], "init": "xavier", "batch_size": 20, "test_samples": 50 }),
        // Held-out images are taken from behind those that are trained on.
        json!({ "train_samples": 150, "validation_samples": 50 }),
    ] {
        assert_eq!(trained_on(changes, 3), plain);
    }
}

#[test]
fn balanced_draws_have_as_many_of_each_class_as_of_any_other() {
    let labels = synthetic().train.labels;
    for (count, seed) in [(100, 0), (100, 1), (130, 2)] {
        let mut counts = [0; 10];
        let images = trained_on(json!({ "subset": "balanced", "train_samples": count }), seed);
        images.into_iter().for_each(|image| counts[usize::from(labels[image as usize])] += 1);
        assert!(counts.iter().all(|&of_class| of_class == count / 10), "{counts:?}");
    }
}

#[test]
fn what_is_held_out_lies_outside_of_what_is_trained_on() {
    let learns = json!({ "train_samples": 150, "validation_samples": 50, "epochs": 40, "optimizer": "adam",
                         "learning_rate": 0.01 });
    let config = config(learns);
    let run = |data: &Dataset| {
        let mut points: Vec<Point> = Vec::new();
        let outcome = train(&config, 3, data, &Control::default(), &mut |seen| points.extend(seen.point()));
        let validation = points.last().unwrap().value(Metric::VALIDATION_ACCURACY, &config).unwrap();
        (outcome, validation)
    };
    let data = synthetic();
    let (outcome, validation) = run(&data);
    assert!(matches!(outcome, Outcome::Completed { .. }));
    // Other labels for whatever is not trained on change nothing but the validation accuracy.
    let trained_on = trained_on(json!({}), 3);
    let mut relabelled = synthetic();
    for (image, label) in (0..).zip(&mut relabelled.train.labels) {
        if !trained_on.contains(&image) {
            *label = (*label + 1) % 10;
        }
    }
    let (same, other) = run(&relabelled);
    assert!(same == outcome && other < validation, "{other} {validation}");
    // Of those, the held-out ones alone count: 50 others, which the same seed draws next.
    let more = |count: usize| self::trained_on(json!({ "train_samples": count }), 3);
    let held_out: BTreeSet<u32> = more(150).difference(&more(100)).copied().collect();
    assert!(held_out.len() == 50 && held_out.is_disjoint(&trained_on));
    for image in held_out {
        relabelled.train.labels[image as usize] = data.train.labels[image as usize];
    }
    assert_eq!(run(&relabelled), (outcome, validation));
}

#[test]
fn studies_draw_unless_they_say_otherwise() {
    let subset = |text: &str, set: &[&str]| {
        let changes =
            Changes { set: set.iter().map(|typed| typed.to_string()).collect(), seeds: None, ..Changes::default() };
        Study::parse(text, Path::new("study.toml"), &changes).unwrap().cells[0].config.subset
    };
    let few = "[base]\ntrain_samples = 300";
    assert_eq!(subset(few, &[]), Subset::Drawn);
    assert_eq!(subset("", &["train_samples=300"]), Subset::Drawn);
    assert_eq!(subset(few, &["subset=first"]), Subset::First);
    assert_eq!(subset(&format!("{few}\nsubset = \"first\""), &[]), Subset::First);
    assert_eq!(subset(&format!("{few}\nsubset = \"first\""), &["subset=balanced"]), Subset::Balanced);
    // Editors are told the same, and a configuration in a journal is not a study.
    let schema = ablate::study::schema();
    assert_eq!(schema["definitions"]["Config"]["properties"]["subset"]["default"], "drawn");
    assert_eq!(Config::default().subset, Subset::First);
}

/// SHA-256 over the ids that all trials had, one a line, in the order of the plan. Under these they are still known.
fn digest_of_ids(study: &Study) -> String {
    let mut sha256 = Sha256::new();
    let identity = Identity::default();
    for trial in study.trials() {
        let config = &study.cells[trial.cell].config;
        let former = identity.former(config, trial.seed);
        assert!(identity.names(former, config, trial.seed));
        sha256.update(format!("{former}\n"));
    }
    sha256.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// From the journals that the version before there was a choice of images wrote for its own studies.
#[test]
fn trials_of_the_chapters_studies_keep_their_ids() {
    for (name, seeds, ids) in [
        ("chapter_activations", 10, "46d82573a36f7e4f"),
        ("chapter_batch_norm", 5, "f46ac4299d6cc8a6"),
        ("chapter_bowl", 10, "292ec08025f85a69"),
        ("chapter_dropout", 10, "ba9100547915eb70"),
        ("chapter_init", 5, "d1467df7b21d1e95"),
        ("chapter_optimizer", 5, "61b0f6776a7dd8fc"),
        ("chapter_search", 1, "d7b63f9d2bb20a18"),
        ("chapter_weight_decay", 10, "ce2fdc31c51a350e"),
    ] {
        let path = format!("ablations/{name}.toml");
        let changes = Changes { seeds: Some(seeds), ..Changes::default() };
        let study = Study::load(Path::new(&path), &changes).unwrap();
        assert_eq!(digest_of_ids(&study), ids, "{name}");
    }
}

const MNIST: &str = r#"
seeds = 2
[base]
train_samples = 120
test_samples = 100
hidden = [20]
batch_size = 40
epochs = 2
[grid]
dropout = [0.0, 0.5]
"#;

#[test]
fn a_study_draws_and_its_trials_are_verified_and_traced() {
    let place = Place::with(MNIST);
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let with_data = |args: &[&str]| place.run(0, &[args, &["--data", data.to_str().unwrap()]].concat()).0;
    let check = place.run(0, &["check", "small.toml"]).0;
    assert!(check.contains("trained on 120 of 60000 training images, drawn by each seed"), "{check}");
    let table = with_data(&["run", "small.toml", "--quiet"]);
    assert!(table.contains("subset = drawn") && !table.contains("on these"), "{table}");
    assert_eq!(table.matches("what is found is about these test images").count(), 1, "{table}");
    assert_eq!(with_data(&["verify", "small", "--trials", "all"]).matches(": ok").count(), 4);
    let batches = |seed: &str, dropout: &str| {
        with_data(&["trace", "small.toml", "--set", dropout, "--seed", seed, "--steps", "3", "-o", "t.safetensors"]);
        let file = std::fs::read(place.path("t.safetensors")).unwrap();
        let tensors = SafeTensors::deserialize(&file).unwrap();
        let indices = tensors.tensor("batches").unwrap().data().to_vec();
        indices.as_chunks().0.iter().map(|&bytes| i64::from_le_bytes(bytes)).collect::<BTreeSet<i64>>()
    };
    let (own, shared, other) = (batches("0", "dropout=0"), batches("0", "dropout=0.5"), batches("1", "dropout=0"));
    assert!(own == shared && own != other && own.len() == 120);
    assert!(own.iter().any(|&image| image >= 30_000) && own.iter().all(|&image| image < 60_000));
    // The first images are other trials, and say what they are about.
    let first = MNIST.replace("[grid]", "subset = \"first\"\n[grid]");
    let claim =
        "[[claim]]\nsays = \"It learns\"\nmetric = \"gap\"\narm = { dropout = 0.5 }\nversus = 0.5\nexpect = \"lower\"";
    place.write("first.toml", &format!("{first}{claim}\n"));
    let check = place.run(0, &["check", "first.toml"]).0;
    assert!(check.contains("the first 120 of 60000 training images, the same for every seed"), "{check}");
    assert!(check.contains("gap of (dropout = 0.5) lower than 0.5, on these 120 images"), "{check}");
    let table = with_data(&["run", "first.toml", "--quiet"]);
    assert!(table.contains("2 seeds on these 120 images") && table.contains("subset = first"), "{table}");
    assert_eq!(table.matches("about these 120 images").count(), 1, "{table}");
    // Side by side, each is told what it is.
    let both = MNIST.replace("dropout = [0.0, 0.5]", "subset = [\"drawn\", \"first\"]");
    place.write("both.toml", &both);
    let table = with_data(&["run", "both.toml", "--quiet"]);
    assert!(table.contains("2 seeds; mean") && table.contains("found there is about these 120 images"), "{table}");
    assert!(place.digests("results/first").keys().all(|trial| !place.digests("results/small").contains_key(trial)));
}
