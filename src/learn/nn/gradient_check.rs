//! Every layer and whole networks against central differences.

use super::*;
use crate::kernel::{Rows, Scale, SparseRows};
use crate::learn::model;
use crate::plan::config::{Activation, Config, DropoutScaling, LayerKind};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

const ROWS: usize = 6;
const COLS: usize = 5;

/// Values between -2 and 2 and none near 0, where ReLU has no derivative.
fn values(seed: usize) -> Matrix {
    let mut matrix = Matrix::zeros(ROWS, COLS);
    for row in 0..ROWS {
        for (col, value) in matrix.row_mut(row).iter_mut().enumerate() {
            let place = ((row * COLS + col + seed) * 7919 % 97) as f32 / 97.0;
            *value = if place < 0.5 { 0.2 + 3.6 * place } else { -0.2 - 3.6 * (place - 0.5) };
        }
    }
    matrix
}

fn dot(a: &Matrix, b: &Matrix) -> f64 {
    a.view().iter().zip(b.view()).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

/// (f(x + h) − f(x − h)) / 2h, with an h at which f32 rounding in f and the third derivative cause about the same
/// error.
fn central_difference(f: &mut dyn FnMut(f32) -> f64) -> f64 {
    let h = 1.0 / 64.0;
    (f(h) - f(-h)) / (2.0 * f64::from(h))
}

fn assert_close(found: f32, expected: f64, what: &str) {
    assert!(
        (f64::from(found) - expected).abs() < 2e-3 * expected.abs().max(0.5),
        "{what}: {found}, expected {expected}"
    );
}

/// Checks a layer, built again for each evaluation so that it draws the same numbers, with the loss L = Σ c y.
fn check(name: &str, make: impl Fn() -> Box<dyn Layer>) {
    let (x, c) = (values(1), values(2));
    let loss = |x: &Matrix, nudge: &dyn Fn(&mut dyn Layer)| {
        let (mut layer, mut y) = (make(), Matrix::zeros(ROWS, COLS));
        nudge(&mut *layer);
        layer.forward(&mut x.clone(), &mut y);
        dot(&y, &c)
    };
    let (mut layer, mut y, mut gradient) = (make(), Matrix::zeros(ROWS, COLS), c.clone());
    let mut left = x.clone();
    layer.forward(&mut left, &mut y);
    layer.backward(&left, &y, &mut gradient);

    for row in 0..ROWS {
        for col in 0..COLS {
            let expected = central_difference(&mut |h| {
                let mut x = x.clone();
                x.row_mut(row)[col] += h;
                loss(&x, &|_| ())
            });
            assert_close(gradient.row(row)[col], expected, &format!("{name}, x[{row}, {col}]"));
        }
    }
    let gradients = layer.state().0.iter().map(|param| param.gradient.clone());
    for (number, gradient) in gradients.enumerate() {
        for col in 0..COLS {
            let expected =
                central_difference(&mut |h| loss(&x, &|layer| layer.state_mut().0[number].value.row_mut(0)[col] += h));
            assert_close(gradient.row(0)[col], expected, &format!("{name}, parameter {number}[{col}]"));
        }
    }
}

#[test]
fn each_layer() {
    check("relu", || activation(Activation::Relu {}));
    check("sigmoid", || activation(Activation::Sigmoid {}));
    check("tanh", || activation(Activation::Tanh {}));
    check("leaky relu", || activation(Activation::LeakyRelu { slope: 0.1.try_into().unwrap() }));
    check("gelu", || activation(Activation::Gelu {}));
    check("softsign", || activation(Activation::Softsign {}));
    check("batch norm", || Box::new(BatchNorm::new(ROWS, COLS, 0.9, 1e-6)));
    check("layer norm", || Box::new(layer::LayerNorm::new(ROWS, COLS, 1e-5)));
    for scaling in [DropoutScaling::Train, DropoutScaling::Test] {
        let rng = || ChaCha8Rng::seed_from_u64(5);
        check("dropout", || Box::new(Dropout::new(ROWS, COLS, 0.4, scaling, rng())));
    }
}

/// Gradients and loss of the images at these indices.
fn step(network: &mut Network, images: &Rows, labels: &[u8], batch: &[u32]) -> f64 {
    let indices = batch.iter().map(|&index| index as usize);
    network.forward_backward(indices.clone().map(|index| labels[index]), |space| space.gather(images, indices))
}

/// The images and labels of one small batch of the width that synthetic data has.
fn batch() -> (Rows, Vec<u8>, Vec<u32>) {
    let bytes: Vec<u8> = (0..8 * 64).map(|i| if (i % 64 * 5 + i / 64 * 11) % 4 == 0 { 204 } else { 0 }).collect();
    (Rows::Bytes(SparseRows::from_bytes(&bytes, 64, Scale::PIXELS)), vec![0, 1, 2, 3, 4, 5, 6, 7], vec![3, 1, 6, 1])
}

/// Affine layers, loss and the order of everything: every parameter of whole networks.
#[test]
fn networks() {
    for settings in [
        serde_json::json!({ "activation": "tanh" }),
        serde_json::json!({ "activation": "sigmoid", "batch_norm": true }),
        serde_json::json!({ "activation": "tanh", "dropout": 0.3 }),
        serde_json::json!({ "activation": "tanh", "dropout": [0.0, 0.3] }),
        serde_json::json!({ "activation": "tanh", "input_dropout": 0.3 }),
        serde_json::json!({ "activation": "gelu", "layer_norm": true }),
        serde_json::json!({ "activation": "tanh", "layer_norm": true }),
        serde_json::json!({ "activation": "sigmoid", "dropout": 0.3, "dropout_scaling": "test", "batch_norm": true }),
    ] {
        let mut config: Config = serde_json::from_value(settings.clone()).unwrap();
        let sizes = serde_json::json!({ "data": "synthetic", "hidden": [7, 6], "batch_size": 4, "train_samples": 8 });
        let sizes: Config = serde_json::from_value(sizes).unwrap();
        (config.data, config.hidden, config.batch_size) = (sizes.data, sizes.hidden, sizes.batch_size);

        let (images, labels, batch) = batch();
        // (parameter, index in it, amount to add) → loss and all its gradients
        let run = |number: usize, place: usize, nudge: f32| {
            let mut network = model::build(&config, 3);
            let mut index = 0;
            network.parameters(&mut |param| {
                let cols = param.value.cols();
                param.value.row_mut(place / cols % param.value.rows())[place % cols] +=
                    if index == number { nudge } else { 0.0 };
                index += 1;
            });
            let loss = step(&mut network, &images, &labels, &batch);
            let mut gradients = Vec::new();
            network.parameters(&mut |param| {
                let all = param.gradient.padded().iter().filter(|&&value| value != 0.0).count();
                let shown = param.gradient.view().iter().filter(|&&value| value != 0.0).count();
                assert_eq!(all, shown, "padding has no gradient");
                gradients.push(param.gradient.clone());
            });
            (loss, gradients)
        };
        for (number, gradient) in run(0, 0, 0.0).1.iter().enumerate() {
            for place in (0..gradient.rows() * gradient.cols()).step_by(3) {
                let expected = central_difference(&mut |h| run(number, place, h).0);
                let found = gradient.row(place / gradient.cols())[place % gradient.cols()];
                assert_close(found, expected, &format!("{settings}, parameter {number}[{place}]"));
            }
        }
    }
}

/// Both scalings leave the mean of what the next layer sees unchanged, and evaluation draws nothing.
#[test]
fn dropout_keeps_the_mean() {
    let mut ones = Matrix::zeros(2000, COLS);
    (0..2000).for_each(|row| ones.row_mut(row).fill(1.0));
    for scaling in [DropoutScaling::Train, DropoutScaling::Test] {
        let mut dropout = Dropout::new(2000, COLS, 0.25, scaling, ChaCha8Rng::seed_from_u64(9));
        let (mut y, mut evaluated) = (Matrix::zeros(2000, COLS), ones.clone());
        dropout.forward(&mut ones.clone(), &mut y);
        dropout.evaluate(&mut evaluated);
        let mean = |matrix: &Matrix| f64::from(matrix.view().sum()) / (2000.0 * COLS as f64);
        // The standard error of the share kept over 10,000 draws is 0.0043.
        assert!((mean(&y) - mean(&evaluated)).abs() < 0.02, "{scaling:?}: {} {}", mean(&y), mean(&evaluated));
        let dropped = y.view().iter().filter(|&&y| y == 0.0).count();
        assert!((2350..2650).contains(&dropped), "{dropped} of 10,000 dropped at rate 0.25");
    }
}

/// Running statistics: 0.9 of the old value and 0.1 of the batch's, with the variance over n.
#[test]
fn batch_norm_follows_the_batch() {
    let mut norm = BatchNorm::new(4, 1, 0.9, 1e-6);
    let (mut x, mut y) = (Matrix::zeros(4, 1), Matrix::zeros(4, 1));
    (0..4).for_each(|row| x.row_mut(row)[0] = [1.0, 2.0, 3.0, 6.0][row]);
    norm.forward(&mut x.clone(), &mut y);
    // mean 3, variance (4 + 1 + 0 + 9)/4 = 3.5
    let statistics: Vec<f32> = norm.state().1.iter().map(|statistic| statistic.running.row(0)[0]).collect();
    assert!((statistics[0] - 0.3).abs() < 1e-6 && (statistics[1] - 1.25).abs() < 1e-6, "{statistics:?}");
    norm.evaluate(&mut x);
    assert!((x.row(0)[0] - (1.0 - 0.3) / 1.25f32.sqrt()).abs() < 1e-5);
}

/// Each image by itself, in training and in evaluation alike.
#[test]
fn layer_norm_by_hand() {
    let mut norm = layer::LayerNorm::new(2, 4, 1e-5);
    norm.state_mut().0[0].value.row_mut(0)[3] = 2.0;
    norm.state_mut().0[1].value.row_mut(0)[3] = 0.5;
    let (mut x, mut y) = (Matrix::zeros(2, 4), Matrix::zeros(2, 4));
    x.row_mut(0).copy_from_slice(&[1.0, 2.0, 3.0, 6.0]);
    x.row_mut(1).copy_from_slice(&[-20.0, 0.0, 0.0, 20.0]);
    norm.forward(&mut x.clone(), &mut y);
    // mean 3, variance 3.5; mean 0, variance 200; the last unit twice that and a half more
    let by_hand = [-2.0 / 3.5f32.sqrt(), -1.0 / 3.5f32.sqrt(), 0.0, 6.0 / 3.5f32.sqrt() + 0.5];
    let close = |found: &[f32], right: &[f32]| found.iter().zip(right).all(|(a, b)| (a - b).abs() < 1e-5);
    assert!(close(y.row(0), &by_hand), "{:?}", y.row(0));
    assert!(close(y.row(1), &[-(2f32.sqrt()), 0.0, 0.0, 2.0 * 2f32.sqrt() + 0.5]), "{:?}", y.row(1));
    norm.evaluate(&mut x);
    assert_eq!(x.view(), y.view());
}

fn network_of(settings: serde_json::Value) -> (Config, Network) {
    let mut all = serde_json::json!({ "data": "synthetic", "hidden": [7, 6], "batch_size": 4, "train_samples": 8 });
    all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let config: Config = serde_json::from_value(all).unwrap();
    let network = model::build(&config, 3);
    (config, network)
}

/// Settings in which every kind of layer occurs.
fn of_every_kind() -> Vec<serde_json::Value> {
    let dropout = serde_json::json!({ "dropout": 0.3, "dropout_scaling": "test" });
    let with = |norm: &str| {
        let mut settings = dropout.clone();
        settings[norm] = true.into();
        settings
    };
    vec![with("batch_norm"), with("layer_norm")]
}

/// A network with parameters and statistics that differ from the initial ones.
#[test]
fn a_copy_is_the_network() {
    for settings in of_every_kind() {
        let (config, mut network) = network_of(settings.clone());
        let (images, labels, batch) = batch();
        step(&mut network, &images, &labels, &batch);
        let mut place = 0.0;
        network.parameters(&mut |param| {
            for row in 0..param.value.rows() {
                for value in param.value.row_mut(row) {
                    place += 1.0;
                    *value += (place * 0.7f32).sin() / 10.0;
                }
            }
        });
        let mut copy = model::replica(&config, 2, 4);
        let logits = |network: &Network| network.infer(&images, 0..8, &mut network.scratch(8))[2].clone();
        assert_ne!(logits(&copy).view(), logits(&network).view(), "{settings}");
        copy.copy_from(&network);
        assert_eq!(logits(&copy).view(), logits(&network).view(), "{settings}");
        for ((name, copied), (_, value)) in copy.tensors().iter().zip(network.tensors()) {
            assert_eq!(copied.view(), value.view(), "{settings}, {name}");
        }
    }
}

/// The properties that the plan declares of a kind of layer are those of the built layer.
#[test]
fn the_facts_of_a_kind_are_those_of_its_layer() {
    for settings in of_every_kind() {
        let (config, _) = network_of(settings);
        let rng = || ChaCha8Rng::seed_from_u64(5);
        for (kind, layer) in config.layers(0).into_iter().zip(layers(&config, 0, 4, 7, rng)) {
            let (facts, (parameters, statistics)): (_, (&[Param], &[Statistic])) = (kind.facts(), layer.state());
            assert_eq!((facts.parameters, facts.statistics), (parameters.len(), statistics.len()), "{kind:?}");
            assert!(parameters.iter().all(|param| (param.value.rows(), param.value.cols()) == (1, 7)), "{kind:?}");
            assert_eq!(facts.no_curvature.is_none(), layer.as_elementwise().is_some(), "{kind:?}");
            assert_eq!(facts.mixes_images, !statistics.is_empty(), "{kind:?}");
            assert_eq!(kind == LayerKind::Dropout, layer.dropout_factors().is_some(), "{kind:?}");
            assert!(serde_json::to_value(&config).unwrap().get(facts.key).is_some(), "{kind:?}");
        }
    }
}
