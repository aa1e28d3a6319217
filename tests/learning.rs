//! Networks learn what the chapter's own code learns, on real MNIST.

use ablate::data::{self, Dataset};
use ablate::learn::train::{Control, train};
use ablate::plan::config::Config;
use ablate::plan::metric::Metric;
use ablate::record::event::{Outcome, Point};
use serde_json::json;
use std::sync::LazyLock;

static MNIST: LazyLock<Dataset> =
    LazyLock::new(|| data::load(Config::default().data, None, 60_000, 10_000).expect("the program has MNIST in it"));

fn run(settings: serde_json::Value) -> (Config, Outcome, Vec<Point>) {
    let config: Config = serde_json::from_value(settings).unwrap();
    let mut points = Vec::new();
    let outcome = train(&config, 0, &MNIST, &Control::default(), &mut |seen| points.extend(seen.point()));
    (config, outcome, points)
}

/// Ranges around what single runs of the chapter's code are known to give.
#[test]
fn the_chapters_weight_decay_experiment() {
    let experiment = |weight_decay: f64| {
        let (config, outcome, points) = run(json!({
            "train_samples": 300, "hidden": [100, 100, 100, 100, 100, 100], "sampling": "replacement",
            "weight_decay": weight_decay, "epochs": 201, "evaluate_every": 201,
        }));
        assert!(matches!(outcome, Outcome::Completed { .. }));
        let last = points.last().unwrap();
        [Metric::TRAIN_ACCURACY, Metric::TEST_ACCURACY].map(|metric| last.value(metric, &config).unwrap())
    };
    let [train, test] = experiment(0.0);
    assert!(train > 0.99 && (0.72..0.79).contains(&test), "{train} {test}");
    let [train, test] = experiment(0.1);
    assert!((0.82..0.95).contains(&train) && (0.65..0.76).contains(&test), "{train} {test}");
}

/// 2,000 steps are too long for a test; the effect is visible after 300.
#[test]
fn initial_weights_decide_whether_a_network_learns() {
    let accuracy = |init: serde_json::Value, optimizer: &str| {
        let (config, _, points) = run(json!({
            "hidden": [100, 100, 100, 100], "batch_size": 128, "steps": 300, "evaluate_every": 100,
            "test_samples": 2000, "train_samples": 6000, "init": init, "optimizer": optimizer,
        }));
        points.last().unwrap().value(Metric::TEST_ACCURACY, &config).unwrap()
    };
    assert!(accuracy(json!("he"), "adam") > 0.88);
    assert!(accuracy(json!("he"), "sgd") > 0.70);
    for init in [json!("zeros"), json!({ "constant": 0.1 }), json!({ "normal": 0.01 })] {
        assert!(accuracy(init, "sgd") < 0.13, "stays at chance");
    }
}

#[test]
fn a_rate_far_too_high_diverges_and_says_when() {
    let (_, outcome, points) = run(json!({
        "train_samples": 300, "test_samples": 100, "learning_rate": 1e6, "init": { "normal": 1.0 }, "epochs": 5,
    }));
    let Outcome::Diverged { step } = outcome else { panic!("{outcome:?}") };
    assert!((1..=15).contains(&step));
    assert!(points.iter().all(|point| point.measured.iter().all(|(_, value)| value.number().is_finite())));
}
