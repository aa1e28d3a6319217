//! Products with the Hessian against differences, and the Lanczos method against a whole Hessian.

use super::*;
use crate::kernel::{Matrix, Rows, Scale, SparseRows};
use crate::learn::nn::{self, Affine, Dropout, Layer, Stage};
use crate::plan::config::{Activation, DropoutScaling, Optimizer};
use lanczos::largest;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const INPUTS: usize = 4;
/// 4·5 + 5 + 5·4 + 4 + 4·2 + 2 = 59 parameters.
const SHAPES: [(usize, usize); 3] = [(INPUTS, 5), (5, 4), (4, 2)];
const LABELS: [u8; 6] = [0, 1, 1, 0, 0, 1];
const PENALTY: f64 = 0.03;
const L1: f64 = 0.02;
const FACTOR: f64 = 0.8;
const SMOOTHING: f64 = 0.1;
const CLASS_WEIGHTS: [f64; 2] = [0.5, 1.5];

fn activations() -> Vec<Activation> {
    let named = |name| serde_json::from_value(serde_json::json!({ "name": name })).unwrap();
    ["relu", "sigmoid", "tanh", "leaky_relu", "gelu", "softsign"].map(named).to_vec()
}

fn pixels() -> Vec<u8> {
    (0..LABELS.len() * INPUTS).map(|i| if i % 5 == 3 { 0 } else { (i * 97 % 256) as u8 }).collect()
}

/// Affine layers of these shapes, with the activation and dropout between them.
fn network(activation: Activation) -> Network {
    let stage = |(number, &(fan_in, fan_out)): (usize, &(usize, usize))| {
        let rng = ChaCha8Rng::seed_from_u64(0);
        let dropout = Dropout::new(1, fan_out, 1.0 - FACTOR, DropoutScaling::Test, rng);
        let layers: Vec<Box<dyn Layer>> = vec![nn::activation(activation), Box::new(dropout)];
        let behind = if number + 1 < SHAPES.len() { layers } else { Vec::new() };
        Stage::new(Affine::new(Matrix::zeros(fan_in, fan_out), 1), behind, 1)
    };
    Network::new(SHAPES.iter().enumerate().map(stage).collect(), SMOOTHING as f32)
        .with_class_weights(Some(CLASS_WEIGHTS.map(|weight| weight as f32).to_vec()))
}

fn objective(activation: Activation) -> Objective {
    let pixels = Rows::Bytes(SparseRows::from_bytes(&pixels(), INPUTS, Scale::PIXELS));
    let images: Vec<u32> = (0..LABELS.len() as u32).collect();
    let samples = Samples::new(pixels, LABELS.to_vec());
    Objective::new(&samples, &images, network(activation), PENALTY as f32, L1 as f32)
}

/// Weights of about ±1, none of which puts the input of a ReLU near its kink.
fn weights() -> Direction {
    Direction::scattered(&SHAPES)
}

fn flat(direction: &Direction) -> Vec<f64> {
    direction.0.iter().flat_map(|part| part.view().iter().map(|&value| f64::from(value)).collect::<Vec<_>>()).collect()
}

fn unit_vector(place: usize) -> Direction {
    let mut direction = Direction::zeros(&SHAPES);
    let mut left = place;
    for part in &mut direction.0 {
        let (rows, cols) = (part.rows(), part.cols());
        if left < rows * cols {
            part.row_mut(left / cols)[left % cols] = 1.0;
            break;
        }
        left -= rows * cols;
    }
    direction
}

/// λ₁‖W‖₁
fn l1_penalty(mut weights: &[f64]) -> f64 {
    let of_layer = |(fan_in, fan_out): (usize, usize)| {
        let (w, after) = weights.split_at(fan_in * fan_out);
        weights = &after[fan_out..];
        L1 * w.iter().map(|w| w.abs()).sum::<f64>()
    };
    SHAPES.into_iter().map(of_layer).sum()
}

/// The loss in f64 from its definition, without λ₁‖W‖₁, which bends nowhere but in its kinks; shares no code with the network.
fn loss(activation: Activation, weights: &[f64]) -> f64 {
    let mut total = 0.0;
    for (image, &label) in pixels().chunks_exact(INPUTS).zip(&LABELS) {
        let mut x: Vec<f64> = image.iter().map(|&byte| f64::from(byte) / 255.0).collect();
        let mut rest = weights;
        for (layer, (fan_in, fan_out)) in SHAPES.into_iter().enumerate() {
            let (w, after) = rest.split_at(fan_in * fan_out);
            let (b, after) = after.split_at(fan_out);
            rest = after;
            let z = (0..fan_out).map(|j| b[j] + (0..fan_in).map(|i| x[i] * w[i * fan_out + j]).sum::<f64>());
            let y = |z: f64| match activation {
                Activation::Relu {} => z.max(0.0),
                Activation::Sigmoid {} => 1.0 / (1.0 + libm::exp(-z)),
                Activation::Tanh {} => libm::tanh(z),
                Activation::Gelu {} => z * libm::erfc(-z / std::f64::consts::SQRT_2) / 2.0,
                Activation::Softsign {} => z / (1.0 + z.abs()),
                Activation::LeakyRelu { slope } => {
                    if z > 0.0 {
                        z
                    } else {
                        slope.get() * z
                    }
                }
            };
            x = z.map(|z| if layer + 1 < SHAPES.len() { FACTOR * y(z) } else { z }).collect();
            total += PENALTY / 2.0 * w.iter().map(|w| w * w).sum::<f64>();
        }
        let towards = (1.0 - SMOOTHING) * x[usize::from(label)] + SMOOTHING * x.iter().sum::<f64>() / x.len() as f64;
        let loss = libm::log(x.iter().map(|&z| libm::exp(z)).sum()) - towards;
        total += CLASS_WEIGHTS[usize::from(label)] * loss;
    }
    total / LABELS.len() as f64
}

/// The whole Hessian by second central differences of `loss`, symmetric by construction.
fn whole_hessian(activation: Activation, weights: &[f64]) -> Vec<Vec<f64>> {
    let h = 1e-4;
    let at = |i: usize, a: f64, j: usize, b: f64| {
        let mut nudged = weights.to_vec();
        nudged[i] += a * h;
        nudged[j] += b * h;
        loss(activation, &nudged)
    };
    let second =
        |i, j| (at(i, 1.0, j, 1.0) - at(i, 1.0, j, -1.0) - at(i, -1.0, j, 1.0) + at(i, -1.0, j, -1.0)) / (4.0 * h * h);
    let count = weights.len();
    (0..count).map(|i| (0..count).map(|j| second(i.min(j), i.max(j))).collect()).collect()
}

/// All eigenvalues of a symmetric matrix by Jacobi's rotations.
fn eigenvalues(mut a: Vec<Vec<f64>>) -> Vec<f64> {
    let n = a.len();
    for _sweep in 0..30 {
        for p in 0..n {
            for q in p + 1..n {
                if a[p][q].abs() < 1e-14 {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                for row in a.iter_mut() {
                    (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                }
                let (above, below) = a.split_at_mut(q);
                for (of_p, of_q) in above[p].iter_mut().zip(&mut below[0]) {
                    (*of_p, *of_q) = (c * *of_p - s * *of_q, s * *of_p + c * *of_q);
                }
            }
        }
    }
    (0..n).map(|i| a[i][i]).collect()
}

#[test]
fn gradients_and_hessians_are_those_of_the_definition() {
    for activation in activations() {
        let (weights, mut objective) = (weights(), objective(activation));
        let (point, gradient) = (flat(&weights), flat(&objective.gradient(&weights)));
        let whole = whole_hessian(activation, &point);
        for (place, column) in whole.iter().enumerate() {
            let nudged = |h: f64| {
                let at = [&point[..place], &[point[place] + h], &point[place + 1..]].concat();
                loss(activation, &at) + l1_penalty(&at)
            };
            let expected = (nudged(1e-5) - nudged(-1e-5)) / 2e-5;
            assert!(
                (gradient[place] - expected).abs() < 1e-6,
                "{activation:?} {place}: {} {expected}",
                gradient[place]
            );
            let product = flat(&objective.hessian_times(&unit_vector(place)));
            for (found, expected) in product.iter().zip(column) {
                assert!((found - expected).abs() < 2e-6, "{activation:?} {place}: {found} {expected}");
            }
        }
    }
}

#[test]
fn products_are_differences_of_the_gradient() {
    // On 1,000 images and a network of the size that studies train; (g(w + hv) − g(w − hv))/2h in f32.
    let config: Config = serde_json::from_value(serde_json::json!({
        "data": "synthetic", "hidden": [50, 30], "activation": "tanh", "init": "xavier"
    }))
    .unwrap();
    let data = crate::data::load(config.data, None, 1000, 10).unwrap();
    let mut objective = Curvature::new(&config, &data.train, &(0..1000).collect::<Vec<_>>()).unwrap().objective;
    let weights = Direction::weights(&crate::learn::model::build(&config, 4));
    let direction = Direction::scattered(objective.shapes()).unit().unwrap();
    let h = 0.05;
    let ahead = objective.gradient(&weights.clone().plus(h, &direction));
    let behind = objective.gradient(&weights.clone().plus(-h, &direction));
    objective.gradient(&weights);
    let product = objective.hessian_times(&direction);
    let error = ahead.plus(-1.0, &behind).plus(-2.0 * h, &product).norm() / (2.0 * h);
    assert!(error < 1e-3 * product.norm(), "{error} of {}", product.norm());
}

#[test]
fn the_largest_eigenvalue_is_that_of_the_whole_hessian() {
    for activation in activations() {
        let (weights, mut objective) = (weights(), objective(activation));
        let all = eigenvalues(whole_hessian(activation, &flat(&weights)));
        let expected = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        objective.gradient(&weights);
        let start = Direction::scattered(&SHAPES);
        let (found, _) = largest(&mut |v| objective.hessian_times(v), &start).unwrap();
        assert!((found / expected - 1.0).abs() < 0.01, "{activation:?}: {found}, expected {expected}");
    }
}

#[test]
fn the_preconditioned_sharpness_is_that_of_the_explicit_matrix() {
    for activation in [Activation::Sigmoid {}, Activation::Tanh {}] {
        for rule in Optimizer::all().filter(Optimizer::divides) {
            let name = rule.name();
            let mut curvature = Curvature { objective: objective(activation), before: None, sharpest: [None, None] };
            let mut weights = weights();
            let lengths: Vec<usize> = weights.0.iter().map(|part| part.padded().len()).collect();
            let mut optimizer = crate::learn::optim::build::<f32>(&rule, &lengths);
            for _ in 0..5 {
                let gradient = curvature.objective.gradient(&weights);
                optimizer.begin_step(0.0, 0.0);
                for (index, (part, gradient)) in weights.0.iter_mut().zip(&gradient.0).enumerate() {
                    optimizer.update(index, part.padded_mut(), gradient.padded(), 0.01);
                }
            }
            let gradient = curvature.objective.gradient(&weights);
            let divisors: Vec<Vec<f32>> = (0..lengths.len()).map(|index| optimizer.divisors(index).unwrap()).collect();
            let found = curvature.sharpness(&gradient, Some(root_inverse(&gradient, &divisors))).unwrap();

            let mut of_weights = weights.clone();
            for (part, divisors) in of_weights.0.iter_mut().zip(&divisors) {
                part.padded_mut().copy_from_slice(divisors);
            }
            let p = flat(&of_weights);
            let mut explicit = whole_hessian(activation, &flat(&weights));
            for (row, p_of_row) in explicit.iter_mut().zip(&p) {
                row.iter_mut().zip(&p).for_each(|(element, p_of_column)| *element /= (p_of_row * p_of_column).sqrt());
            }
            let expected = eigenvalues(explicit).into_iter().fold(f64::NEG_INFINITY, f64::max);
            assert!((found / expected - 1.0).abs() < 0.01, "{name}, {activation:?}: {found}, expected {expected}");
        }
    }
}

fn row(values: &[f32]) -> Direction {
    let mut row = Matrix::zeros(1, values.len());
    row.row_mut(0).copy_from_slice(values);
    Direction(vec![row])
}

/// The largest eigenvalue found of a diagonal matrix with these eigenvalues, and the number of products it took.
fn of_diagonal_from(values: &[f32], start: &[f32]) -> (Option<f64>, usize) {
    let (diagonal, mut products) = (row(values), 0);
    let mut apply = |v: &Direction| {
        products += 1;
        v.clone().times(&diagonal)
    };
    let found = largest(&mut apply, &row(start)).map(|found| found.0);
    (found, products)
}

fn of_diagonal(values: &[f32]) -> f64 {
    of_diagonal_from(values, &vec![1.0; values.len()]).0.unwrap()
}

#[test]
fn the_largest_is_found_below_a_negative_one_of_larger_magnitude() {
    assert!((of_diagonal(&[3.0, -7.0, 1.0, 0.0]) - 3.0).abs() < 0.03);
    assert!((of_diagonal(&[9.0, -7.0, 1.0]) - 9.0).abs() < 0.09);
    assert!((of_diagonal(&[-2.0, -7.0]) + 2.0).abs() < 0.1);
    assert_eq!(of_diagonal(&[0.0, 0.0]), 0.0);
}

#[test]
fn the_largest_is_found_however_the_others_lie() {
    let beside_zeros = |others: &[f32], zeros| [others, &vec![0.0; zeros]].concat();
    for (values, expected) in [
        (beside_zeros(&[-100.0, 1.0], 2000), 1.0),
        (beside_zeros(&[-30.0, 5.0, 4.0, 3.0], 400), 5.0),
        (beside_zeros(&[10.0, -9.9], 100), 10.0),
        (beside_zeros(&[10.0, 9.99], 400), 10.0),
        // The space is not exhausted here: hundreds of eigenvalues of both signs below two that are nearly equal.
        ((0..400).map(|i| [7.0, 6.98].get(i).copied().unwrap_or(i as f32 / 100.0 - 8.0)).collect(), 7.0),
    ] {
        let found = of_diagonal(&values);
        assert!((found / expected - 1.0).abs() < 5e-3, "{found}, expected {expected}");
    }
}

#[test]
fn an_eigenvector_that_was_the_sharpest_does_not_hide_another() {
    // The start is nearly the eigenvector of 10; of that of 12 it has a thousandth.
    let values: Vec<f32> = (0..400).map(|i| [10.0, 12.0].get(i).copied().unwrap_or(i as f32 / 80.0)).collect();
    let start: Vec<f32> = (0..400).map(|i| if i == 0 { 1.0 } else { 1e-3 }).collect();
    let found = of_diagonal_from(&values, &start).0.unwrap();
    assert!((found / 12.0 - 1.0).abs() < 5e-3, "{found}");
}

#[test]
fn what_is_not_found_has_no_value() {
    // The others are so near the largest, beside its size, that 60 products do not tell them apart.
    let values: Vec<f32> = (0..2000).map(|i| 1e-3 - i as f32 / 2000.0).collect();
    assert_eq!(of_diagonal_from(&values, &vec![1.0; 2000]), (None, 60));
    let ones = [1.0; 3];
    assert_eq!(of_diagonal_from(&[1.0, f32::NAN, 2.0], &ones).0, None);
    assert_eq!(of_diagonal_from(&[1.0, f32::INFINITY, 2.0], &ones).0, None);
    assert_eq!(of_diagonal_from(&ones, &[0.0; 3]), (None, 0));
}

#[test]
fn bounds_are_where_a_rule_stops_converging() {
    // On λw²/2 just below and just above the bound. The rules that divide do so by ε = 1 here: the squares of gradients
    // this small are far below it and have almost no effect.
    const START: f32 = 1e-8;
    for rule in Optimizer::all() {
        let name = rule.name();
        let divided = || serde_json::from_value(serde_json::json!({ "name": name, "epsilon": 1.0 })).unwrap();
        let rule: Optimizer = if rule.divides() { divided() } else { rule };
        // How far it gets and where it ends, as multiples of the start.
        let run = |sharpness: f64| {
            let (mut optimizer, mut w, mut farthest) = (crate::learn::optim::build::<f32>(&rule, &[1]), [START], START);
            // First on a flat place, so that Adam's corrections are over.
            for step in 0..400 {
                let gradient = [if step < 200 { 0.0 } else { sharpness as f32 * w[0] }];
                optimizer.begin_step(0.0, 0.0);
                optimizer.update(0, &mut w, &gradient, 0.1);
                farthest = farthest.max(w[0].abs());
            }
            (farthest / START, w[0].abs() / START)
        };
        let Some(bound) = rule.stability_bound(0.1) else {
            // Steps that do not grow with the gradient: at 1e6 SGD would multiply w by 1e5 each.
            let farthest = run(1e6).0 * START;
            assert!(farthest <= 2.0 * 0.1, "{name}: {farthest}");
            continue;
        };
        // Above the bound, Adam's squares grow until they have an effect, and bring it back.
        let (below, above) = (run(0.98 * bound), run(1.02 * bound));
        assert!(below.1 < 1e-2 && above.0 > 1e2, "{name}: {below:?} {above:?}");
    }
}
