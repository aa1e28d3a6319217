//! The loss whose curvature is measured: its gradient, and its Hessian times any direction.
//!
//! The product with the Hessian is exact, by Pearlmutter's R-operator (1994): with R{·} for the derivative along the
//! direction V of the weights, both passes are differentiated, R{z} = R{x} W + x V forward, R{δ} backward. What does not
//! depend on V is kept from the gradient, so that a product costs about twice as much as a gradient.

use super::direction::Direction;
use crate::data::Samples;
use crate::kernel::{Batch, Bits, Matrix, Transposed, product};
use crate::learn::nn::{Network, add_l1, add_l2, cross_entropy_gradient};

/// Mean cross-entropy of some images with their training targets, each times the weight of its class, plus ½λ‖W‖² and λ₁‖W‖₁.
pub struct Objective {
    labels: Vec<u8>,
    /// The network whose layers between the affine ones are used.
    network: Network,
    /// λ
    penalty: f32,
    /// λ₁
    l1: f32,
    shapes: Vec<(usize, usize)>,
    /// Where the last gradient was taken.
    weights: Direction,
    layers: Vec<Layer>,
}

/// An affine layer z = x W + b with the layers after it (none after the last), for all images at once. Matrices of the
/// shape of z are [images, fan_out].
struct Layer {
    /// x, [images, fan_in].
    input: Input,
    /// δ = ∂L/∂z
    delta: Matrix,
    delta_nonzero: Bits,
    /// dy/dz of what the next affine layer sees.
    slope: Matrix,
    /// ∂L/∂y · d²y/dz²
    bend: Matrix,
    /// R{x}
    tangent_input: Input,
    /// R{z}
    tangent: Matrix,
    /// R{δ}
    tangent_delta: Matrix,
    tangent_delta_nonzero: Bits,
}

impl Layer {
    fn new(images: usize, (fan_in, fan_out): (usize, usize)) -> Layer {
        let of_outputs = || Matrix::zeros(images, fan_out);
        Layer {
            input: Input::zeros(images, fan_in),
            delta: of_outputs(),
            delta_nonzero: Bits::zeros(images, fan_out),
            slope: of_outputs(),
            bend: of_outputs(),
            tangent_input: Input::zeros(images, fan_in),
            tangent: of_outputs(),
            tangent_delta: of_outputs(),
            tangent_delta_nonzero: Bits::zeros(images, fan_out),
        }
    }
}

/// Values, and which elements of them and of their transpose are not zero.
struct Input {
    values: Matrix,
    nonzero: Bits,
    transposed_nonzero: Bits,
}

impl Input {
    fn zeros(rows: usize, cols: usize) -> Input {
        Input {
            values: Matrix::zeros(rows, cols),
            nonzero: Bits::zeros(rows, cols),
            transposed_nonzero: Bits::zeros(cols, rows),
        }
    }

    fn set(&mut self, values: &Matrix) {
        self.values.padded_mut().copy_from_slice(values.padded());
        self.nonzero.find(values, values.rows());
        self.nonzero.transpose_into(&mut self.transposed_nonzero);
    }

    /// out = start + x · right
    fn times(&self, right: &Matrix, start: Option<&Matrix>, out: &mut Matrix) {
        product(&self.nonzero, &self.values, right, start, out);
    }

    /// out = xᵀ · right
    fn transposed_times(&self, right: &Matrix, out: &mut Matrix) {
        product(&self.transposed_nonzero, &Transposed(&self.values), right, None, out);
    }
}

impl Objective {
    /// Of the images at these indices, for networks like this one, which is twice differentiable.
    pub fn new(set: &Samples, images: &[u32], network: Network, penalty: f32, l1: f32) -> Objective {
        let images = images.iter().map(|&image| image as usize);
        let labels: Vec<u8> = images.clone().map(|image| set.labels[image]).collect();
        let shapes = network.shapes();
        let mut layers: Vec<Layer> = shapes.iter().map(|&shape| Layer::new(labels.len(), shape)).collect();
        let mut gathered = Batch::new(labels.len(), set.pixels.cols());
        gathered.gather(&set.pixels, images);
        network.scale_inputs(&mut gathered);
        layers[0].input.set(&gathered.to_matrix());
        Objective { labels, network, penalty, l1, weights: Direction::zeros(&shapes), shapes, layers }
    }

    /// (fan_in, fan_out) of each affine layer, in order.
    pub fn shapes(&self) -> &[(usize, usize)] {
        &self.shapes
    }

    /// The gradient at these weights, where `hessian_times` is then taken too.
    pub fn gradient(&mut self, weights: &Direction) -> Direction {
        self.weights.clone_from(weights);
        let images = self.labels.len();
        for index in 0..self.layers.len() {
            let (layer, next) = here_and_next(&mut self.layers, index);
            layer.input.times(&weights.0[2 * index], Some(&weights.0[2 * index + 1]), &mut layer.delta);
            let Some(next) = next else { continue };
            // Until the gradient comes back, δ holds y and the slope is that of y.
            self.network.differentiate(index, &mut layer.delta, &mut layer.slope, &mut layer.bend);
            next.input.set(&layer.delta);
        }
        let mut gradient = Direction::zeros(&self.shapes);
        for index in (0..self.layers.len()).rev() {
            let (layer, next) = here_and_next(&mut self.layers, index);
            match next {
                None => {
                    let (smoothing, weights) = (self.network.label_smoothing(), self.network.class_weights());
                    cross_entropy_gradient(&mut layer.delta, self.labels.iter().copied(), smoothing, weights);
                }
                Some(next) => {
                    let weight = Transposed(&self.weights.0[2 * index + 2]);
                    product(&next.delta_nonzero, &next.delta, &weight, None, &mut layer.delta);
                    multiply(layer.bend.padded_mut(), layer.delta.padded());
                    multiply(layer.delta.padded_mut(), layer.slope.padded());
                }
            }
            layer.delta_nonzero.find(&layer.delta, images);
            layer.input.transposed_times(&layer.delta, &mut gradient.0[2 * index]);
            column_sums(&layer.delta, &mut gradient.0[2 * index + 1]);
        }
        if self.l1 > 0.0 {
            // It bends nowhere but where a weight is 0, so that the Hessian has nothing of it.
            for (part, weights) in gradient.0.iter_mut().zip(&weights.0).step_by(2) {
                add_l1(part.padded_mut(), weights.padded(), self.l1);
            }
        }
        self.penalised(gradient, weights)
    }

    /// H V at the weights of the last gradient.
    pub fn hessian_times(&mut self, direction: &Direction) -> Direction {
        let images = self.labels.len();
        for index in 0..self.layers.len() {
            let (layer, next) = here_and_next(&mut self.layers, index);
            layer.input.times(&direction.0[2 * index], Some(&direction.0[2 * index + 1]), &mut layer.tangent);
            if index > 0 {
                layer.tangent_input.times(&self.weights.0[2 * index], None, &mut layer.tangent_delta);
                add(layer.tangent.padded_mut(), layer.tangent_delta.padded());
            }
            let Some(next) = next else { continue };
            // R{y} is kept where R{δ} will be.
            layer.tangent_delta.padded_mut().copy_from_slice(layer.tangent.padded());
            multiply(layer.tangent_delta.padded_mut(), layer.slope.padded());
            next.tangent_input.set(&layer.tangent_delta);
        }
        let mut result = Direction::zeros(&self.shapes);
        for index in (0..self.layers.len()).rev() {
            let (layer, next) = here_and_next(&mut self.layers, index);
            match next {
                None => softmax_tangent(layer, &self.labels, &self.network),
                Some(next) => {
                    let mut along = Matrix::zeros(images, layer.delta.cols());
                    let [direction, weight] = [direction, &self.weights].map(|all| Transposed(&all.0[2 * index + 2]));
                    product(&next.delta_nonzero, &next.delta, &direction, None, &mut along);
                    let Layer { tangent_delta, tangent_delta_nonzero, .. } = next;
                    product(tangent_delta_nonzero, tangent_delta, &weight, None, &mut layer.tangent_delta);
                    add(layer.tangent_delta.padded_mut(), along.padded());
                    multiply(layer.tangent_delta.padded_mut(), layer.slope.padded());
                    multiply(layer.tangent.padded_mut(), layer.bend.padded());
                    add(layer.tangent_delta.padded_mut(), layer.tangent.padded());
                }
            }
            layer.tangent_delta_nonzero.find(&layer.tangent_delta, images);
            layer.input.transposed_times(&layer.tangent_delta, &mut result.0[2 * index]);
            if index > 0 {
                let mut through_input = Matrix::zeros(self.shapes[index].0, self.shapes[index].1);
                layer.tangent_input.transposed_times(&layer.delta, &mut through_input);
                add(result.0[2 * index].padded_mut(), through_input.padded());
            }
            column_sums(&layer.tangent_delta, &mut result.0[2 * index + 1]);
        }
        self.penalised(result, direction)
    }

    /// Adds λ times the weights, biases left out.
    fn penalised(&self, mut result: Direction, weights: &Direction) -> Direction {
        if self.penalty > 0.0 {
            for (part, weights) in result.0.iter_mut().zip(&weights.0).step_by(2) {
                add_l2(part.padded_mut(), weights.padded(), self.penalty);
            }
        }
        result
    }
}

fn here_and_next(layers: &mut [Layer], index: usize) -> (&mut Layer, Option<&mut Layer>) {
    let (before, after) = layers.split_at_mut(index + 1);
    (&mut before[index], after.first_mut())
}

/// R{δ} of δ = (p − targets)·w/n with p = softmax(z) and w the weight of the label's class: p·w/n ⊙ (R{z} − Σ p R{z}),
/// image by image.
fn softmax_tangent(layer: &mut Layer, labels: &[u8], network: &Network) {
    let smoothing = network.label_smoothing();
    let even = smoothing / layer.delta.cols() as f32;
    for (row, &label) in labels.iter().enumerate() {
        let share = network.class_weights().map_or(1.0, |weights| weights[usize::from(label)]) / labels.len() as f32;
        if share == 0.0 {
            layer.tangent_delta.row_mut(row).fill(0.0);
            continue;
        }
        let probability = |class: usize, delta: f32| {
            let hot = if class == usize::from(label) { share * (1.0 - smoothing) } else { 0.0 };
            (delta + hot + share * even) / share
        };
        let (delta, tangent) = (layer.delta.row(row), layer.tangent.row(row));
        let mean: f32 = (0..delta.len()).map(|class| probability(class, delta[class]) * tangent[class]).sum();
        for (class, out) in layer.tangent_delta.row_mut(row).iter_mut().enumerate() {
            *out = probability(class, delta[class]) * (tangent[class] - mean) * share;
        }
    }
}

/// Σ over the images.
fn column_sums(values: &Matrix, sums: &mut Matrix) {
    let sums = sums.padded_mut();
    for row in values.padded().chunks_exact(sums.len()) {
        add(sums, row);
    }
}

fn add(to: &mut [f32], values: &[f32]) {
    to.iter_mut().zip(values).for_each(|(to, value)| *to += value);
}

fn multiply(values: &mut [f32], factors: &[f32]) {
    values.iter_mut().zip(factors).for_each(|(value, factor)| *value *= factor);
}
