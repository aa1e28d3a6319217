//! The same study and the same seed give the same weights, whatever the machine, the number of cores or the order.

use ablate::data::{self, Dataset};
use ablate::learn::train::{Control, train};
use ablate::plan::TrialId;
use ablate::plan::config::data::SYNTHETIC;
use ablate::plan::config::{Config, DataSource};
use ablate::plan::metric::Metric;
use ablate::record::event::{Event, Observation, Outcome, Point};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::atomic::Ordering;

fn synthetic() -> Dataset {
    data::load(DataSource::Set(&SYNTHETIC), None, 1000, 600).unwrap()
}

fn config(mut settings: serde_json::Value) -> Config {
    let small = json!({ "data": "synthetic", "train_samples": 200, "test_samples": 600, "hidden": [23, 17],
                        "batch_size": 50, "epochs": 3 });
    for (key, value) in small.as_object().unwrap() {
        settings.as_object_mut().unwrap().entry(key).or_insert(value.clone());
    }
    serde_json::from_value(settings).unwrap()
}

fn run(config: &Config, seed: u64, spare_cores: bool) -> (Outcome, Vec<Point>) {
    let control = Control::default();
    control.spare_cores.store(spare_cores, Ordering::Relaxed);
    let mut points = Vec::new();
    let outcome = train(config, seed, &synthetic(), &control, &mut |seen| points.extend(seen.point()));
    (outcome, points)
}

/// Every kernel, function, layer and optimizer affects one of these digests. They came out the same on an AMD EPYC with
/// AVX-512 and, under `qemu-x86_64 -cpu`, on a Nehalem (no AVX, no FMA) and a Haswell (AVX2, FMA).
#[test]
fn digests_are_those_of_every_machine() {
    let expected = [
        "f0818ac0ed4349821acd99515672498c",
        "94c7cd46dc357df254e0e9f7ea285bff",
        "c2da3b1e7956a6f1f792aab757109ab0",
        "f3c56ae5880b87a2a0e6c5068bdae6ea",
        "30d9e2095d128a345917be0311de5684",
        "345752eff93baab7479ab26d7daea90b",
        "efad86414a31b58a27ae1a37b027aa98",
        "88368344abb04f1375b397c05f2e28df",
        "5e08ec090f8f36c057cc7efb6b761de6",
        "78c139a991fa72c2db73c742d5cc86df",
        "5674545c286cec89261538f2c92f1a38",
        // Wide layers: those of a program that padded no rows and packed no panels.
        "3915b9c8739be086439c4c394c7f7219",
        "7b7e79d3382f8d3b991770d60019bd26",
        "dbd73d22d67a0429420f1dbd21d3bb63",
        "d6aa5276d483272d31877af9b5e262a1",
        "65e137f806cb6e3c66fd0b911599f8e1",
        "3cc47d93540816163d62fff7645a1bf3",
        "b94d390c1d48c990f68c5beffd44a0cd",
    ];
    let found = [
        json!({}),
        json!({ "activation": "tanh", "init": "xavier", "optimizer": "adam" }),
        json!({ "activation": "sigmoid", "init": "glorot", "optimizer": "momentum", "weight_decay": 0.01 }),
        json!({ "batch_norm": true, "dropout": 0.3, "optimizer": "adagrad", "sampling": "replacement" }),
        json!({ "dropout": 0.2, "dropout_scaling": "test", "optimizer": "rmsprop", "schedule": "cosine" }),
        json!({ "optimizer": "nesterov", "schedule": { "name": "exponential", "factor": 0.9 },
                "weight_decay": 0.1, "weight_decay_mode": "decoupled", "hidden": [130] }),
        json!({ "layer_norm": true, "activation": "gelu", "optimizer": "adam" }),
        json!({ "activation": { "name": "leaky_relu", "slope": 0.1 }, "init": "uniform", "label_smoothing": 0.1 }),
        json!({ "activation": "softsign", "init": "glorot_uniform", "optimizer": "momentum" }),
        json!({ "subset": "drawn", "optimizer": "adam" }),
        json!({ "subset": "balanced", "sampling": "replacement" }),
        json!({ "activation": "tanh", "init": "xavier", "optimizer": "adam", "hidden": [512, 300], "epochs": null, "steps": 6 }),
        json!({ "dropout": 0.3, "hidden": [640, 257], "epochs": null, "steps": 6 }),
        json!({ "sampling": "in_order", "subset": "drawn" }),
        json!({ "label_noise": 0.5 }),
        json!({ "input_noise": 0.2, "optimizer": "adam" }),
        json!({ "shift": 1 }),
        json!({ "shift": 1, "rotation": 20, "elastic": { "alpha": 8, "sigma": 2 }, "input_noise": 0.1 }),
    ]
    .map(|settings| match run(&config(settings), 7, false).0 {
        Outcome::Completed { weights_digest } => weights_digest,
        outcome => panic!("{outcome:?}"),
    });
    assert_eq!(found, expected);
}

/// Trials are shared by cells whose configurations are normalised alike: everything that is observed of them has to be
/// the same. 200 images in batches of 50 are four updates an epoch.
#[test]
fn what_is_normalised_alike_trains_alike() {
    let probes = ["activations", "updates", "gradients", "weights", "velocity", "line", "plane", "ensemble"];
    let observed = |mut settings: serde_json::Value| {
        settings["probes"] = json!(probes);
        let (config, mut seen) = (config(settings), Vec::new());
        let outcome = train(&config, 7, &synthetic(), &Control::default(), &mut |observation| seen.push(observation));
        (config.normalised(), outcome, seen)
    };
    for (one, other) in [
        (json!({ "batch_norm_momentum": 0.5, "batch_norm_epsilon": 0.1, "layer_norm_epsilon": 0.1 }), json!({})),
        (json!({ "dropout_scaling": "test", "weight_decay_mode": "decoupled" }), json!({})),
        (json!({ "epochs": null, "steps": 12, "warmup": 0.1 }), json!({})),
        (json!({ "evaluate_every": 7 }), json!({ "evaluate_every": 3 })),
        (json!({ "evaluate_every": 0.25 }), json!({ "evaluate_every": 0.001 })),
        (json!({ "schedule": { "name": "step", "every": 3 } }), json!({ "schedule": "constant" })),
        (json!({ "optimizer": { "name": "adam", "learning_rate": 0.001 } }), json!({ "optimizer": "adam" })),
        (json!({ "init": { "constant": 0.0 } }), json!({ "init": "zeros" })),
        (
            json!({ "hidden": [], "batch_norm": true, "dropout": 0.5, "activation": "tanh" }),
            json!({ "hidden": [], "layer_norm": true, "dropout_scaling": "delete_ratio" }),
        ),
    ] {
        assert_eq!(observed(one.clone()), observed(other.clone()), "{one} and {other}");
    }
}

/// As with the weights, what probes measure is the same on every machine, with every optimizer that has a state.
#[test]
fn digests_of_what_probes_see_are_those_of_every_machine() {
    let expected = ["37382a05f969fcc3dafe1c582037a242", "12b5c6752043e887fca45906eae9c690"];
    let all = ["activations", "updates", "gradients", "weights", "velocity", "line", "plane", "curvature", "ensemble"];
    let found = [
        json!({ "dropout": 0.3, "optimizer": "adam", "probes": all }),
        json!({ "activation": "tanh", "init": "xavier", "optimizer": "nesterov", "probes": all }),
    ]
    .map(|settings| {
        let mut sha256 = Sha256::new();
        train(&config(settings), 7, &synthetic(), &Control::default(), &mut |seen| {
            sha256.update(serde_json::to_vec(&Event::seen(TrialId(7), seen)).unwrap());
        });
        sha256.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    });
    assert_eq!(found, expected);
}

#[test]
fn probes_change_nothing() {
    for plain in [
        json!({ "dropout": 0.3, "optimizer": "adam", "evaluate_every": 0.5 }),
        json!({ "dropout": 0.3, "optimizer": "nesterov", "weight_decay": 0.1, "activation": "tanh" }),
        json!({ "batch_norm": true, "optimizer": "momentum", "weight_decay": 0.1, "weight_decay_mode": "decoupled" }),
        json!({ "layer_norm": true, "dropout": 0.3, "optimizer": "momentum" }),
    ] {
        let mut probed = plain.clone();
        let has_dropout = plain.get("dropout").is_some();
        let probes = ["activations", "updates", "ensemble", "gradients", "weights", "velocity", "line", "plane"];
        probed["probes"] = json!(probes);
        let has_curvature = plain.get("batch_norm").is_none() && plain.get("layer_norm").is_none();
        if has_curvature {
            probed["probes"].as_array_mut().unwrap().push(json!("curvature"));
        }
        let ((outcome, points), (of_probed, probed_points)) =
            (run(&config(plain), 7, false), run(&config(probed), 7, false));
        assert_eq!(outcome, of_probed);
        for (point, probed) in points.iter().zip(&probed_points) {
            assert!(point.measured.iter().all(|(metric, value)| probed.measured.get(metric) == Some(value)));
        }
        assert!(points.iter().map(|point| point.step).eq(probed_points.iter().map(|point| point.step)));
        // With batch norm there is no ensemble to measure.
        let always = points.last().unwrap().measured.iter().count();
        let expected = always + if has_dropout { 14 } else { 11 } + if has_curvature { 5 } else { 0 };
        assert_eq!(probed_points.last().unwrap().measured.iter().count(), expected);
    }
}

/// What the probes measure does not depend on idle cores that help with evaluations either.
#[test]
fn layers_are_seen_at_every_evaluation_and_only_where_asked_for() {
    let layers = |settings, spare_cores| {
        let control = Control::default();
        control.spare_cores.store(spare_cores, Ordering::Relaxed);
        let mut layers = Vec::new();
        train(&config(settings), 7, &synthetic(), &control, &mut |seen| {
            if let Observation::LayersProbed(seen) = seen {
                layers.push(seen);
            }
        });
        layers
    };
    let both = || json!({ "probes": ["activations", "weights"] });
    let seen = layers(both(), false);
    assert_eq!(seen.iter().map(|layers| layers.step).collect::<Vec<_>>(), [0, 4, 8, 12]);
    assert!(seen.iter().all(|layers| (layers.bins.len(), layers.dead.len(), layers.weight_norm.len()) == (2, 2, 3)));
    assert_eq!(seen, layers(both(), true));
    assert!(layers(json!({ "probes": ["updates", "gradients"] }), false).is_empty());
    assert!(layers(json!({ "probes": ["weights"] }), false).iter().all(|layers| layers.bins.is_empty()));
}

#[test]
fn spare_cores_change_nothing() {
    let config = config(json!({ "test_samples": 1000 }));
    let data = data::load(DataSource::Set(&SYNTHETIC), None, 200, 1000).unwrap();
    let [alone, helped] = [false, true].map(|spare_cores| {
        let control = Control::default();
        control.spare_cores.store(spare_cores, Ordering::Relaxed);
        let mut points = Vec::new();
        let outcome = train(&config, 1, &data, &control, &mut |seen| points.extend(seen.point()));
        (outcome, points)
    });
    assert_eq!(alone, helped);
}

/// Differences between cells are paired: cells that share a seed share initial weights and batches.
#[test]
fn cells_that_share_a_seed_start_alike() {
    let untrained = |settings| run(&config(settings), 3, false).1.swap_remove(0);
    let plain = untrained(json!({}));
    assert_eq!(untrained(json!({ "dropout": 0.5, "optimizer": "adam", "weight_decay": 0.1 })), plain);
    assert_ne!(untrained(json!({ "init": "xavier" })), plain);
    assert_ne!(run(&config(json!({})), 4, false).1[0], plain);
}

#[test]
fn what_is_held_out_is_measured_and_never_trained_on() {
    let train = |settings, data: &Dataset| {
        let (config, mut points) = (config(settings), Vec::new());
        let outcome = train(&config, 5, data, &Control::default(), &mut |seen| points.extend(seen.point()));
        (outcome, points)
    };
    let with = |mut settings: serde_json::Value| {
        settings["sampling"] = json!("replacement");
        settings["optimizer"] = json!({ "name": "adam", "learning_rate": 0.01 });
        settings
    };
    let held_out = || with(json!({ "validation_samples": 50, "probes": ["activations"] }));
    let (outcome, points) = train(held_out(), &synthetic());
    // Other labels for the last 50 of the 200 training images: only the number of them that are classified correctly
    // changes.
    let mut data = synthetic();
    data.train.labels[150..].iter_mut().for_each(|label| *label = (*label + 1) % 10);
    let (relabelled, others) = train(held_out(), &data);
    assert_eq!(relabelled, outcome);
    let measured = |point: &Point, metric: Metric| point.measured.get(metric).unwrap().number();
    let validation = |point: &Point| measured(point, Metric::VALIDATION_ACCURACY);
    for (point, other) in points.iter().zip(&others) {
        for metric in [Metric::TRAIN_ACCURACY, Metric::TEST_LOSS] {
            assert_eq!(measured(point, metric), measured(other, metric));
        }
        assert!(measured(point, Metric::TRAIN_ACCURACY) <= 150.0 && validation(point) + validation(other) <= 1.0);
    }
    assert!(validation(points.last().unwrap()) > validation(others.last().unwrap()));
    // The first 150 images alone train the same network.
    let (alone, without) = train(with(json!({ "train_samples": 150, "epochs": 3 })), &synthetic());
    assert_eq!(alone, outcome);
    assert_eq!(without.len(), points.len());
    assert!(without.iter().all(|point| point.measured.get(Metric::VALIDATION_ACCURACY).is_none()));
    // The test itself is sensitive: a single changed label among the images trained on gives another network.
    let mut data = synthetic();
    data.train.labels[149] = (data.train.labels[149] + 1) % 10;
    assert_ne!(train(held_out(), &data).0, outcome);
}
