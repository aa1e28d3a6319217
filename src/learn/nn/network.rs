//! A fully connected network: stages of an affine layer and what follows it.

use super::{Affine, InputDropout, Layer, Param, Workspace, correct, cross_entropy, cross_entropy_gradient};
use crate::kernel::{Batch, Bits, Matrix, Rows};

/// An affine layer and the layers of the same width after it.
pub struct Stage {
    affine: Affine,
    layers: Vec<Box<dyn Layer>>,
    /// Result of the affine layer and of each layer for the current batch, [batch, fan_out].
    outputs: Vec<Matrix>,
    /// Gradient of the loss with respect to each of these outputs in turn, [batch, fan_out].
    gradient: Matrix,
}

impl Stage {
    /// An affine layer and what follows it, for batches of up to `batch` rows.
    pub fn new(affine: Affine, layers: Vec<Box<dyn Layer>>, batch: usize) -> Stage {
        let outputs = (0..=layers.len()).map(|_| Matrix::zeros(batch, affine.fan_out())).collect();
        let gradient = Matrix::zeros(batch, affine.fan_out());
        Stage { affine, layers, outputs, gradient }
    }

    /// From the result of the affine layer.
    fn forward(&mut self) {
        for (index, layer) in self.layers.iter_mut().enumerate() {
            let (before, after) = self.outputs.split_at_mut(index + 1);
            layer.forward(&mut before[index], &mut after[0]);
        }
    }

    /// From the gradient with respect to its result to that of the affine layer's.
    fn backward(&mut self) {
        for (index, layer) in self.layers.iter_mut().enumerate().rev() {
            layer.backward(&self.outputs[index], &self.outputs[index + 1], &mut self.gradient);
        }
    }

    fn result(&self) -> &Matrix {
        &self.outputs[self.layers.len()]
    }
}

/// Stages, with softmax and cross-entropy at their end.
pub struct Network {
    stages: Vec<Stage>,
    input_dropout: Option<InputDropout>,
    /// ε of the targets, see [`cross_entropy_gradient`].
    label_smoothing: f32,
    /// See [`cross_entropy_gradient`].
    class_weights: Option<Vec<f32>>,
    workspace: Workspace,
}

/// Memory for an evaluation; each thread has its own.
pub struct Scratch {
    /// The images that are evaluated together.
    images: Batch,
    /// Which elements of each output in turn are not zero.
    nonzero: Bits,
    outputs: Vec<Matrix>,
}

impl Network {
    /// At least one stage; each stage's fan_in is the fan_out of the one before.
    pub fn new(stages: Vec<Stage>, label_smoothing: f32) -> Network {
        let shapes: Vec<_> = stages.iter().map(|stage| (stage.affine.fan_in(), stage.affine.fan_out())).collect();
        let workspace = Workspace::new(stages[0].gradient.rows(), &shapes);
        Network { stages, input_dropout: None, label_smoothing, class_weights: None, workspace }
    }

    /// The same network, whose inputs are dropped in training.
    pub fn with_input_dropout(self, dropout: InputDropout) -> Network {
        Network { input_dropout: Some(dropout), ..self }
    }

    /// The same network, trained with a weight for the images of each class.
    pub fn with_class_weights(self, class_weights: Option<Vec<f32>>) -> Network {
        Network { class_weights, ..self }
    }

    /// The logits of one batch of images in training, [batch, classes]; no more images than the stages' batch size.
    pub fn forward(&mut self, images: &Rows, batch: impl ExactSizeIterator<Item = usize> + Clone) -> &Matrix {
        self.workspace.images.gather(images, batch);
        self.forward_images()
    }

    /// The logits of the images in the workspace, of which inputs may be dropped.
    fn forward_images(&mut self) -> &Matrix {
        let Network { stages, input_dropout, workspace, .. } = self;
        if let Some(dropout) = input_dropout {
            dropout.forward(&mut workspace.images);
        }
        let Stage { affine, outputs, .. } = &mut stages[0];
        affine.forward_images(&mut outputs[0], workspace);
        stages[0].forward();
        for index in 1..stages.len() {
            let (before, after) = stages.split_at_mut(index);
            let Stage { affine, outputs, .. } = &mut after[0];
            affine.forward(before[index - 1].result(), &mut outputs[0], workspace);
            after[0].forward();
        }
        stages[stages.len() - 1].result()
    }

    /// Sets the gradient of every parameter for one batch of images, as many as the stages' batch size; returns the
    /// batch's mean cross-entropy with their labels, in nats. `fill` puts the images into the space it is given. Allocates
    /// nothing itself.
    pub fn forward_backward(
        &mut self,
        labels: impl ExactSizeIterator<Item = u8> + Clone,
        fill: impl FnOnce(&mut Batch),
    ) -> f64 {
        fill(&mut self.workspace.images);
        self.forward_images();
        let Network { stages, workspace, label_smoothing, class_weights, .. } = self;
        let last = stages.len() - 1;
        let Stage { outputs, gradient, .. } = &mut stages[last];
        gradient.padded_mut().copy_from_slice(outputs[0].padded());
        let loss = cross_entropy_gradient(gradient, labels, *label_smoothing, class_weights.as_deref());
        for index in (1..=last).rev() {
            let (before, after) = stages.split_at_mut(index);
            let (before, stage) = (&mut before[index - 1], &mut after[0]);
            stage.backward();
            stage.affine.backward(before.result(), &stage.gradient, workspace);
            stage.affine.backward_to_input(&stage.gradient, &mut before.gradient, workspace);
        }
        let first = &mut stages[0];
        first.backward();
        first.affine.backward_images(&first.gradient, workspace);
        loss
    }

    /// The images that went forward last, [batch, pixels].
    pub fn images(&self) -> Matrix {
        self.workspace.images.to_matrix()
    }

    /// Memory to evaluate `rows` images at a time.
    pub fn scratch(&self, rows: usize) -> Scratch {
        Scratch {
            images: Batch::new(rows, self.stages[0].affine.fan_in()),
            nonzero: Bits::zeros(rows, self.stages.iter().map(|stage| stage.affine.fan_out()).fold(1, usize::max)),
            outputs: self.stages.iter().map(|stage| Matrix::zeros(rows, stage.affine.fan_out())).collect(),
        }
    }

    /// The result of every stage, after its last layer, for the images at these indices in evaluation: [rows, fan_out]
    /// each, the logits last. No more images than fit into `scratch`.
    pub fn infer<'a>(
        &self,
        images: &Rows,
        rows: impl ExactSizeIterator<Item = usize> + Clone,
        scratch: &'a mut Scratch,
    ) -> &'a mut [Matrix] {
        let Scratch { images: gathered, nonzero, outputs } = scratch;
        let count = rows.len();
        gathered.gather(images, rows);
        self.scale_inputs(gathered);
        for (index, stage) in self.stages.iter().enumerate() {
            let (before, after) = outputs.split_at_mut(index);
            let output = &mut after[0];
            match before.last() {
                None => stage.affine.evaluate_images(gathered, output),
                Some(x) => {
                    nonzero.find(x, count);
                    stage.affine.evaluate(nonzero, x, output);
                }
            }
            stage.layers.iter().for_each(|layer| layer.evaluate(output));
        }
        outputs
    }

    /// What evaluation multiplies inputs by, where they are dropped in training.
    pub fn scale_inputs(&self, images: &mut Batch) {
        if let Some(dropout) = &self.input_dropout {
            dropout.evaluate(images);
        }
    }

    /// (sum of the cross-entropies in nats, images classified correctly) of the images at these indices; no more than fit
    /// into `scratch`. `labels` are those of all `images`.
    pub fn evaluate(&self, images: &Rows, labels: &[u8], rows: &[u32], scratch: &mut Scratch) -> (f64, usize) {
        let rows = rows.iter().map(|&row| row as usize);
        let outputs = self.infer(images, rows.clone(), scratch);
        let logits = &mut outputs[self.stages.len() - 1];
        let labels = rows.map(|row| labels[row]);
        let correct = correct(logits, labels.clone());
        (cross_entropy(logits, labels), correct)
    }

    /// Copies everything that [`Network::tensors`] names from a network of the same layers.
    pub fn copy_from(&mut self, other: &Network) {
        let (own, others) = (self.tensors_mut(), other.tensors());
        assert_eq!(own.len(), others.len(), "both networks have the same layers");
        for ((name, value), (other_name, other)) in own.into_iter().zip(others) {
            assert_eq!(name, other_name, "both networks have the same layers");
            value.clone_from(other);
        }
    }

    /// Visits every parameter, always in the same order.
    pub fn parameters(&mut self, visit: &mut dyn FnMut(&mut Param)) {
        for stage in &mut self.stages {
            visit(&mut stage.affine.weight);
            visit(&mut stage.affine.bias);
            stage.layers.iter_mut().flat_map(|layer| layer.state_mut().0).for_each(&mut *visit);
        }
    }

    /// Everything the network consists of, running statistics included: `affine1.weight`, `affine1.bias`,
    /// `norm1.gamma`, …, counted from 1 in the order of the layers.
    pub fn tensors(&self) -> Vec<(String, &Matrix)> {
        let mut tensors = Vec::new();
        for (Stage { affine, layers, .. }, number) in self.stages.iter().zip(1..) {
            let of_affine = [&affine.weight, &affine.bias];
            tensors.extend(of_affine.map(|param| (named("affine", number, param.name), &param.value)));
            for layer in layers {
                let named = |name| named(layer.name(), number, name);
                let (parameters, statistics) = layer.state();
                tensors.extend(parameters.iter().map(|param| (named(param.name), &param.value)));
                tensors.extend(statistics.iter().map(|statistic| (named(statistic.name), &statistic.running)));
            }
        }
        tensors
    }

    /// The same, mutable.
    fn tensors_mut(&mut self) -> Vec<(String, &mut Matrix)> {
        let mut tensors = Vec::new();
        for (Stage { affine, layers, .. }, number) in self.stages.iter_mut().zip(1..) {
            let of_affine = [&mut affine.weight, &mut affine.bias];
            tensors.extend(of_affine.map(|param| (named("affine", number, param.name), &mut param.value)));
            for layer in layers {
                let kind = layer.name();
                let named = |name| named(kind, number, name);
                let (parameters, statistics) = layer.state_mut();
                tensors.extend(parameters.iter_mut().map(|param| (named(param.name), &mut param.value)));
                tensors.extend(statistics.iter_mut().map(|statistic| (named(statistic.name), &mut statistic.running)));
            }
        }
        tensors
    }

    /// Whether evaluation depends on running statistics besides the parameters.
    pub fn has_statistics(&self) -> bool {
        self.layers().any(|layer| !layer.state().1.is_empty())
    }

    /// Takes the running statistics from these images alone, in training, with units dropped; no more images than the
    /// stages' batch size.
    pub fn take_statistics(&mut self, images: &Rows, batch: &[u32]) {
        self.forward(images, batch.iter().map(|&image| image as usize));
        let layers = self.stages.iter_mut().flat_map(|stage| &mut stage.layers);
        for statistic in layers.flat_map(|layer| layer.state_mut().1) {
            statistic.running.clone_from(&statistic.batch);
        }
    }

    /// The layers after the affine layers, from the images on.
    fn layers(&self) -> impl Iterator<Item = &dyn Layer> {
        self.stages.iter().flat_map(|stage| stage.layers.iter().map(|layer| &**layer))
    }

    /// (fan_in, fan_out) of each affine layer, in order.
    pub fn shapes(&self) -> Vec<(usize, usize)> {
        self.stages.iter().map(|stage| (stage.affine.fan_in(), stage.affine.fan_out())).collect()
    }

    /// ε of the targets, in [0, 1).
    pub fn label_smoothing(&self) -> f32 {
        self.label_smoothing
    }

    /// How much the loss of an image of each class counts; `None` where all count the same.
    pub fn class_weights(&self) -> Option<&[f32]> {
        self.class_weights.as_deref()
    }

    /// Whether [`Network::differentiate`] can be called.
    pub fn is_twice_differentiable(&self) -> bool {
        self.layers().all(|layer| layer.as_elementwise().is_some() && layer.state().0.is_empty())
    }

    /// Takes z, the result of an affine layer, counted from 0, through the layers after it in evaluation, in place;
    /// `first` and `second` become the first and second derivative of the result with respect to z.
    pub fn differentiate(&self, stage: usize, z: &mut Matrix, first: &mut Matrix, second: &mut Matrix) {
        first.padded_mut().fill(1.0);
        second.padded_mut().fill(0.0);
        for layer in &self.stages[stage].layers {
            let layer = layer.as_elementwise().expect("the network was asked whether all its layers are");
            layer.differentiate(z.padded_mut(), first.padded_mut(), second.padded_mut());
        }
    }

    /// Which inputs of the current batch are not zero and were kept, [batch, inputs]; `None` where none are dropped.
    pub fn kept_inputs(&self) -> Option<&Bits> {
        self.input_dropout.as_ref().map(|_| self.workspace.images.nonzero())
    }

    /// What dropout multiplied each unit of the current batch by, [batch, width], with the number of the hidden layer,
    /// counted from 1, for each that has dropout.
    pub fn dropout_factors(&self) -> impl Iterator<Item = (usize, &Matrix)> {
        (1..).zip(&self.stages).filter_map(|(number, stage)| {
            let factors = stage.layers.iter().find_map(|layer| layer.dropout_factors())?;
            Some((number, factors))
        })
    }

    /// ‖W‖₂ over all weights, without biases, γ and β.
    pub fn weight_norm(&self) -> f64 {
        self.stages.iter().map(|stage| sum_of_squares(stage.affine.weight.value.padded())).sum::<f64>().sqrt()
    }

    /// ‖W‖₂ of each affine layer, in order.
    pub fn weight_norms(&self) -> impl Iterator<Item = f64> {
        self.stages.iter().map(|stage| sum_of_squares(stage.affine.weight.value.padded()).sqrt())
    }
}

/// `norm1.gamma`
fn named(layer: &str, number: usize, tensor: &str) -> String {
    format!("{layer}{number}.{tensor}")
}

/// a·a, as [`dot`] adds it up.
pub fn sum_of_squares(values: &[f32]) -> f64 {
    dot(values, values)
}

/// a·b in sixteen partial sums, added up in order. The length is a multiple of sixteen, as that of padded rows is.
pub fn dot(a: &[f32], b: &[f32]) -> f64 {
    let mut sums = [0.0; 16];
    for (a, b) in a.as_chunks::<16>().0.iter().zip(b.as_chunks::<16>().0) {
        sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (&a, &b))| *sum += f64::from(a) * f64::from(b));
    }
    sums.iter().sum()
}
