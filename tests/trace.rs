//! A trace is the training that `ablate run` does, with every step. Read back with the format's own library.

use ablate::data::{self, Dataset};
use ablate::kernel::Batch;
use ablate::learn::trace::Trace;
use ablate::learn::train::{Control, train};
use ablate::plan::config::data::SYNTHETIC;
use ablate::plan::config::{Config, DataSource};
use ablate::record::event::Outcome;
use safetensors::{Dtype, SafeTensors};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const STEPS: usize = 12;
const BATCH: usize = 25;

/// 200 images in batches of 25: twelve steps are an epoch and a half.
fn config(changes: Value) -> Config {
    let mut settings = json!({ "data": "synthetic", "train_samples": 200, "test_samples": 100, "hidden": [23, 17],
                               "batch_size": BATCH, "steps": STEPS, "dropout": 0.3, "batch_norm": true,
                               "optimizer": "adam", "schedule": "cosine", "weight_decay": 0.01 });
    for (key, value) in changes.as_object().unwrap() {
        settings[key] = value.clone();
    }
    serde_json::from_value(settings).unwrap()
}

fn images() -> Dataset {
    data::load(DataSource::Set(&SYNTHETIC), None, 200, 100).unwrap()
}

fn trace(config: &Config, steps: usize) -> Vec<u8> {
    let images = images();
    let mut trace = Trace::new(config, 7, &images);
    (0..steps).for_each(|_| assert!(trace.step().is_finite()));
    trace.to_safetensors().unwrap()
}

fn weights_digest(config: &Config) -> String {
    match train(config, 7, &images(), &Control::default(), &mut |_| {}) {
        Outcome::Completed { weights_digest } => weights_digest,
        outcome => panic!("{outcome:?}"),
    }
}

/// The parameters in the order of the layers.
const PARAMETERS: [(&str, &[usize]); 14] = [
    ("affine1.weight", &[64, 23]),
    ("affine1.bias", &[23]),
    ("norm1.gamma", &[23]),
    ("norm1.beta", &[23]),
    ("norm1.running_mean", &[23]),
    ("norm1.running_var", &[23]),
    ("affine2.weight", &[23, 17]),
    ("affine2.bias", &[17]),
    ("norm2.gamma", &[17]),
    ("norm2.beta", &[17]),
    ("norm2.running_mean", &[17]),
    ("norm2.running_var", &[17]),
    ("affine3.weight", &[17, 10]),
    ("affine3.bias", &[10]),
];

#[test]
fn names_types_and_shapes_are_those_promised() {
    let file = trace(&config(json!({})), STEPS);
    let tensors = SafeTensors::deserialize(&file).unwrap();
    let mut expected = vec![
        ("batches".to_owned(), Dtype::I64, vec![STEPS, BATCH]),
        ("loss".to_owned(), Dtype::F64, vec![STEPS]),
        ("mask1".to_owned(), Dtype::U8, vec![STEPS, BATCH, 23]),
        ("mask2".to_owned(), Dtype::U8, vec![STEPS, BATCH, 17]),
    ];
    for (name, shape) in PARAMETERS {
        expected.extend(["before", "after"].map(|when| (format!("{when}.{name}"), Dtype::F32, shape.to_vec())));
    }
    let mut found: Vec<_> =
        tensors.iter().map(|(name, tensor)| (name.to_owned(), tensor.dtype(), tensor.shape().to_vec())).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    expected.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(found, expected);
    assert!(trace(&config(json!({})), STEPS) == file, "the same steps give the same bytes");
}

#[test]
fn a_trace_ends_where_the_trial_ends() {
    let config = config(json!({}));
    let file = trace(&config, STEPS);
    let tensors = SafeTensors::deserialize(&file).unwrap();
    // As the digest is defined: the start of the SHA-256 over all parameters in order, little-endian.
    let digest = |when: &str| {
        let mut sha256 = Sha256::new();
        PARAMETERS
            .iter()
            .for_each(|(name, _)| sha256.update(tensors.tensor(&format!("{when}.{name}")).unwrap().data()));
        sha256.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    assert_eq!(digest("after"), weights_digest(&config));
    assert_ne!(digest("before"), digest("after"));
    let losses: Vec<f64> =
        tensors.tensor("loss").unwrap().data().as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect();
    // ten classes: about ln 10 before the first update
    assert!((losses[0] - 10f64.ln()).abs() < 1.0 && losses[STEPS - 1] < losses[0], "{losses:?}");
}

#[test]
fn dropout_drops_its_share_and_changes_no_batch() {
    let steps = 100;
    let file = trace(&config(json!({ "steps": steps })), steps);
    let with = SafeTensors::deserialize(&file).unwrap();
    for name in ["mask1", "mask2"] {
        let mask = with.tensor(name).unwrap();
        let dropped = mask.data().iter().filter(|&&kept| kept == 0).count() as f64 / mask.data().len() as f64;
        assert!(mask.data().iter().all(|&kept| kept <= 1));
        // The standard deviation of the share of 42,500 or more draws is 0.0022 at most.
        assert!((dropped - 0.3).abs() < 0.01, "{name}: {dropped}");
    }
    let file = trace(&config(json!({ "steps": steps, "dropout": 0.0 })), steps);
    let without = SafeTensors::deserialize(&file).unwrap();
    assert!(without.tensor("mask1").is_err());
    let batches = |tensors: &SafeTensors| tensors.tensor("batches").unwrap().data().to_vec();
    assert_eq!(batches(&with), batches(&without));
    let mut epoch: Vec<i64> =
        batches(&with).as_chunks().0[..200].iter().map(|&bytes| i64::from_le_bytes(bytes)).collect();
    epoch.sort();
    assert!(epoch.into_iter().eq(0..200), "an epoch is a permutation");
}

/// A layer without dropout draws nothing and has no mask; the others draw as they would with the same share everywhere.
#[test]
fn dropout_by_layer_is_of_those_layers_alone() {
    let traced = |dropout: Value| trace(&config(json!({ "dropout": dropout })), 1);
    let (by_layer, everywhere) = (traced(json!([0.0, 0.3])), traced(json!(0.3)));
    let [by_layer, everywhere] = [&by_layer, &everywhere].map(|file| SafeTensors::deserialize(file).unwrap());
    assert!(by_layer.tensor("mask1").is_err());
    assert_eq!(by_layer.tensor("mask2").unwrap().data(), everywhere.tensor("mask2").unwrap().data());
    let equal = traced(json!([0.3, 0.3]));
    let trained = |tensors: &SafeTensors| tensors.tensor("after.affine3.weight").unwrap().data().to_vec();
    assert_eq!(trained(&SafeTensors::deserialize(&equal).unwrap()), trained(&everywhere));
}

/// A mask of the inputs has its share, changes no other mask and no batch, and is not told where no input is dropped.
#[test]
fn inputs_are_dropped_by_a_stream_of_their_own() {
    let (with, without) = (trace(&config(json!({ "input_dropout": 0.2 })), STEPS), trace(&config(json!({})), STEPS));
    let [with, without] = [&with, &without].map(|file| SafeTensors::deserialize(file).unwrap());
    assert!(without.tensor("mask0").is_err());
    for name in ["mask1", "mask2", "batches"] {
        assert_eq!(with.tensor(name).unwrap().data(), without.tensor(name).unwrap().data(), "{name}");
    }
    let mask = with.tensor("mask0").unwrap();
    assert_eq!(mask.shape(), [STEPS, BATCH, 64]);
    let pixels = images().train.pixels;
    let mut batch = Batch::new(BATCH, 64);
    let (mut inputs, mut kept) = (0, 0);
    for (indices, mask) in
        with.tensor("batches").unwrap().data().as_chunks::<8>().0.chunks(BATCH).zip(mask.data().chunks(BATCH * 64))
    {
        batch.gather(&pixels, indices.iter().map(|&index| i64::from_le_bytes(index) as usize));
        for (&mask, is_there) in mask.iter().zip(batch.nonzero().iter()) {
            assert!(is_there || mask == 0);
            (inputs, kept) = (inputs + usize::from(is_there), kept + usize::from(mask));
        }
    }
    // The standard deviation of the share of so many draws is .0062.
    assert!(inputs > 4000 && (kept as f64 / inputs as f64 - 0.8).abs() < 0.025, "{kept} of {inputs}");
}

#[test]
fn the_configuration_leaves_nothing_at_a_default() {
    let file = trace(&config(json!({ "epochs": 3, "steps": null, "schedule": { "name": "step", "every": 1 } })), 2);
    let (_, header) = SafeTensors::read_metadata(&file).unwrap();
    let config: Value = serde_json::from_str(&header.metadata().as_ref().unwrap()["config"]).unwrap();
    for (key, expected) in [
        ("ablate", json!(env!("CARGO_PKG_VERSION"))),
        ("seed", json!(7)),
        ("learning_rate", json!(0.001)),
        ("optimizer", json!({ "name": "adam", "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7 })),
        ("schedule", json!({ "name": "step", "every": 1.0, "factor": 0.1 })),
        ("steps", json!(24)),
        ("epochs", json!(3.0)),
        ("steps_per_epoch", json!(8)),
        ("batch_norm_epsilon", json!(1e-6)),
        ("batch_norm_momentum", json!(0.9)),
        ("dropout_scaling", json!("train")),
        ("weight_decay_mode", json!("coupled")),
    ] {
        assert_eq!(config[key], expected, "{key}");
    }
    let unset: Vec<_> = config.as_object().unwrap().iter().filter(|(_, value)| value.is_null()).collect();
    assert!(unset.is_empty(), "{unset:?}");
}

/// The changes of all parameters in one step of SGD at a rate of 0.1, without batch norm and dropout.
fn change_of_a_step(changes: Value) -> Vec<f64> {
    let mut settings = json!({ "optimizer": "sgd", "learning_rate": 0.1, "schedule": "constant", "dropout": 0.0,
                               "batch_norm": false, "weight_decay": 0.0 });
    settings.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let file = trace(&config(settings), 1);
    let tensors = SafeTensors::deserialize(&file).unwrap();
    let values = |name: &str| -> Vec<f64> {
        let data = tensors.tensor(name).unwrap().data().as_chunks().0.iter();
        data.map(|&bytes| f64::from(f32::from_le_bytes(bytes))).collect()
    };
    let parameters = PARAMETERS.iter().filter(|(name, _)| name.starts_with("affine"));
    let change = parameters.flat_map(|(name, _)| {
        let (before, after) = (values(&format!("before.{name}")), values(&format!("after.{name}")));
        after.into_iter().zip(before).map(|(after, before)| after - before).collect::<Vec<_>>()
    });
    change.collect()
}

#[test]
fn a_clipped_gradient_has_the_norm_that_is_asked_for_and_its_old_direction() {
    let norm = |values: &[f64]| values.iter().map(|value| value * value).sum::<f64>().sqrt();
    let free = change_of_a_step(json!({}));
    let gradient_norm = norm(&free) / 0.1;
    assert!(gradient_norm > 0.5, "{gradient_norm}");
    // SGD's change is the rate times the gradient. Biases and all layers count together.
    let clipped = change_of_a_step(json!({ "clip_gradient_norm": 0.5 }));
    assert!((norm(&clipped) / 0.05 - 1.0).abs() < 1e-5, "{}", norm(&clipped));
    let along = free.iter().zip(&clipped).map(|(a, b)| a * b).sum::<f64>() / norm(&free) / norm(&clipped);
    assert!((along - 1.0).abs() < 1e-6, "{along}");
    // A gradient that is short enough is left as it is, to the last bit.
    assert!(change_of_a_step(json!({ "clip_gradient_norm": 2.0 * gradient_norm })) == free);
    // Weight decay comes after it: λW is not clipped.
    let with = change_of_a_step(json!({ "clip_gradient_norm": 0.5, "weight_decay": 0.1 }));
    let decay: Vec<f64> =
        change_of_a_step(json!({ "weight_decay": 0.1 })).iter().zip(&free).map(|(a, b)| a - b).collect();
    let added: Vec<f64> = with.iter().zip(&clipped).map(|(a, b)| a - b).collect();
    assert!(norm(&decay) > 1e-3);
    assert!(added.iter().zip(&decay).all(|(added, decay)| (added - decay).abs() < 1e-6));
}
