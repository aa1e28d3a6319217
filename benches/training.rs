//! Where the time of a training goes, on one core: `cargo bench --bench training`
//!
//! An item is, for the products, a floating-point operation of the dense product, 2·m·n·k, zeros counted ("Gitem/s" are
//! dense-equivalent GFLOP/s); for steps and evaluations, an image.

use ablate::data::{self, Dataset};
use ablate::kernel::{Batch, Bits, Matrix, product};
use ablate::learn::train::Training;
use ablate::plan::config::Config;
use divan::Bencher;
use divan::counter::ItemsCount;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};
use std::sync::LazyLock;

const BATCH: usize = 128;
const PIXELS: usize = 784;
const WIDTH: usize = 100;

static MNIST: LazyLock<Dataset> = LazyLock::new(|| {
    data::load(Config::default().data, None, usize::MAX, usize::MAX).expect("the program has MNIST in it")
});

fn main() {
    LazyLock::force(&MNIST);
    divan::main();
}

/// x of the first layer: its rows are gathered and multiplied with W.
#[divan::bench]
fn first_layer_forward(bencher: Bencher) {
    let indices = batch();
    let (mut x, weight, mut y) = (Batch::new(BATCH, PIXELS), full(PIXELS, WIDTH), Matrix::zeros(BATCH, WIDTH));
    let bias = Matrix::zeros(1, WIDTH);
    bencher.counter(flop(BATCH, PIXELS, WIDTH)).bench_local(|| {
        x.gather(&MNIST.train.pixels, indices.iter().copied());
        x.times(&weight, &bias, &mut y);
    });
}

/// xᵀ ∂L/∂y of the first layer; what is not zero of x is transposed before.
#[divan::bench]
fn first_layer_weight_gradient(bencher: Bencher) {
    let (mut x, mut transposed_nonzero) = (Batch::new(BATCH, PIXELS), Bits::zeros(PIXELS, BATCH));
    x.gather(&MNIST.train.pixels, batch().into_iter());
    let (gradient, mut weight_gradient) = (full(BATCH, WIDTH), Matrix::zeros(PIXELS, WIDTH));
    bencher.counter(flop(PIXELS, BATCH, WIDTH)).bench_local(|| {
        x.nonzero().transpose_into(&mut transposed_nonzero);
        x.transposed_times(&transposed_nonzero, &gradient, &mut weight_gradient);
    });
}

/// What is not zero of a hidden layer's x (that many per cent) is found, and x is multiplied with W.
#[divan::bench(args = [40, 60, 100])]
fn hidden_layer_forward(bencher: Bencher, per_cent: u32) {
    let (x, mut nonzero) = (matrix(BATCH, WIDTH, per_cent), Bits::zeros(BATCH, WIDTH));
    let (weight, mut y) = (full(WIDTH, WIDTH), Matrix::zeros(BATCH, WIDTH));
    bencher.counter(flop(BATCH, WIDTH, WIDTH)).bench_local(|| {
        nonzero.find(&x, BATCH);
        product(&nonzero, &x, &weight, None, &mut y);
    });
}

/// 784-100-100-100-100-10, Adam, batches of 128 out of all of MNIST.
#[divan::bench(args = ["relu", "tanh", "sigmoid", "batch norm", "dropout"])]
fn training_step(bencher: Bencher, network: &str) {
    let what_differs = match network {
        "batch norm" => json!({ "batch_norm": true }),
        "dropout" => json!({ "dropout": 0.2 }),
        activation => json!({ "activation": activation }),
    };
    let config = config(json!({ "optimizer": "adam", "batch_size": BATCH }), what_differs);
    let mut training = Training::new(&config, 1, &MNIST);
    // How many activations are zero settles after some hundred steps.
    (0..300).for_each(|_| _ = training.step());
    bencher.counter(ItemsCount::new(BATCH)).bench_local(|| training.step());
}

/// 784-6×100-10 on 300 training and all 10,000 test images, as after each epoch of `ablations/overfit.toml`.
#[divan::bench(args = ["relu", "tanh", "sigmoid", "batch norm"])]
fn evaluation(bencher: Bencher, network: &str) {
    let what_differs = match network {
        "batch norm" => json!({ "batch_norm": true }),
        activation => json!({ "activation": activation }),
    };
    let config = config(json!({ "hidden": vec![WIDTH; 6], "train_samples": 300 }), what_differs);
    let mut training = Training::new(&config, 1, &MNIST);
    (0..100).for_each(|_| _ = training.step());
    bencher.counter(ItemsCount::new(10_300usize)).bench_local(|| training.evaluate(false));
}

/// Keys of a study's `[base]`; the second list adds to the first.
fn config(mut base: Value, more: Value) -> Config {
    let (Value::Object(base_keys), Value::Object(more)) = (&mut base, more) else { panic!("not a list of keys") };
    base_keys.extend(more);
    serde_json::from_value(base).expect("keys and values of a study")
}

fn flop(m: usize, k: usize, n: usize) -> ItemsCount {
    ItemsCount::new(2 * m * k * n)
}

/// Indices of training images.
fn batch() -> Vec<usize> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    (0..BATCH).map(|_| rng.next_u32() as usize % MNIST.train.labels.len()).collect()
}

fn full(rows: usize, cols: usize) -> Matrix {
    matrix(rows, cols, 100)
}

/// Values in (0, 1], of which `per_cent` are kept and the others zero.
fn matrix(rows: usize, cols: usize, per_cent: u32) -> Matrix {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let mut matrix = Matrix::zeros(rows, cols);
    for row in 0..rows {
        for value in matrix.row_mut(row) {
            let kept = rng.next_u32() % 100 < per_cent;
            *value = if kept { (1 + rng.next_u32() % 1000) as f32 / 1000.0 } else { 0.0 };
        }
    }
    matrix
}
