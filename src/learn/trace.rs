//! The first steps of a trial as a safetensors file, with all that another framework needs to replay them.
//!
//! `before.<param>` and `after.<param>` (f32), `average.<param>` (f32, with `weight_average`: of the updates so far; of trained
//! parameters alone), `batches` (i64, `[steps, batch]`: indices into all training images of the data set),
//! `labels` (u8, `[steps, batch]`: what these images are trained on with; only with noise in the labels),
//! `inputs` (f32, `[steps, batch, pixels]`: what these images are trained on as, dropout of inputs included; only where they
//! are changed as they are drawn),
//! `mask<layer>` (u8, `[steps, batch, width]`: 1 where a unit stays; only of layers with dropout), `mask0` (u8,
//! `[steps, batch, inputs]`: 1 where an input is not zero and stays; only with dropout of inputs, and without `inputs`), `loss` (f64, `[steps]`: mean
//! cross-entropy of each batch in nats before its update, without the penalty). Weights are `[fan_in, fan_out]`, all
//! other parameters `[width]`. The metadata key `config` holds the configuration as JSON, with every default written
//! out.

use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::kernel::Matrix;
use crate::learn::input::Input;
use crate::learn::nn::Network;
use crate::learn::train::Training;
use crate::plan::config::Config;
use safetensors::{Dtype, View, serialize};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// A trial in training, with a record of its steps so far.
pub struct Trace<'a> {
    config: &'a Config,
    seed: u64,
    training: Training<'a>,
    before: Vec<Tensor>,
    losses: Vec<f64>,
    /// Batch after batch.
    batches: Vec<u32>,
    /// Batch after batch, if they are not those of the data set.
    labels: Option<Vec<u8>>,
    /// Batch after batch, if they are not the images of the data set.
    inputs: Option<Vec<f32>>,
    /// For each hidden layer with dropout, by its number, and for inputs as number 0, batch after batch.
    masks: BTreeMap<usize, Vec<u8>>,
}

impl<'a> Trace<'a> {
    /// An untrained network; `data` as for [`Training::new`].
    pub fn new(config: &'a Config, seed: u64, data: &'a Dataset) -> Trace<'a> {
        let training = Training::new(config, seed, data);
        let before = parameters("before", training.network());
        let labels = (config.label_noise.get() > 0.0).then(Vec::new);
        let inputs = Input::is_changed(config).then(Vec::new);
        let (losses, batches, masks) = (Vec::new(), Vec::new(), BTreeMap::new());
        Trace { config, seed, training, before, losses, batches, labels, inputs, masks }
    }

    /// One step of the training. Returns its loss; if that is not finite, nothing was updated and nothing is kept.
    pub fn step(&mut self) -> f64 {
        let loss = self.training.step();
        if loss.is_finite() {
            self.losses.push(loss);
            self.batches.extend(self.training.batch());
            self.labels.iter_mut().for_each(|labels| labels.extend(self.training.labels()));
            let network = self.training.network();
            if let Some(inputs) = &mut self.inputs {
                inputs.extend(network.images().view());
            } else if let Some(kept) = network.kept_inputs() {
                self.masks.entry(0).or_default().extend(kept.iter().map(u8::from));
            }
            for (layer, factors) in network.dropout_factors() {
                let mask = self.masks.entry(layer).or_default();
                mask.extend(factors.view().iter().map(|&factor| u8::from(factor != 0.0)));
            }
        }
        loss
    }

    /// Updates so far.
    pub fn steps(&self) -> usize {
        self.losses.len()
    }

    /// Bytes that [`Trace::to_safetensors`] needs beside the network, while the file is made from what was kept.
    pub fn bytes(config: &Config, steps: usize) -> f64 {
        let pixels = config.data.pixels();
        let layers = config.hidden.iter().enumerate().filter(|(hidden, _)| config.dropout.of(*hidden) > 0.0);
        let dropped = if config.input_dropout.get() > 0.0 { pixels } else { 0 };
        let masked = dropped + layers.map(|(_, width)| width.get()).sum::<usize>();
        let labelled = usize::from(config.label_noise.get() > 0.0);
        let inputs = if Input::is_changed(config) { 4 * pixels } else { 0 };
        // An index is kept in 4 bytes and written in 8, twice. Masks, labels and inputs are kept, and written twice.
        steps as f64 * config.batch_size.get() as f64 * (20.0 + 3.0 * (labelled + masked + inputs) as f64)
    }

    /// The file's bytes: the same for the same steps.
    pub fn to_safetensors(&mut self) -> Result<Vec<u8>> {
        let (steps, batch) = (self.steps(), self.config.batch_size.get());
        let mut tensors = parameters("after", self.training.network());
        let averages = self.training.averaged(|network| parameters("average", network)).unwrap_or_default();
        tensors.extend(averages.into_iter().filter(|tensor| !tensor.name.contains(".running_")));
        let indices = self.batches.iter().flat_map(|&index| i64::from(index).to_le_bytes()).collect();
        tensors.push(Tensor::new("batches".into(), Dtype::I64, vec![steps, batch], indices));
        let losses = self.losses.iter().flat_map(|loss| loss.to_le_bytes()).collect();
        tensors.push(Tensor::new("loss".into(), Dtype::F64, vec![steps], losses));
        if let Some(labels) = &self.labels {
            tensors.push(Tensor::new("labels".into(), Dtype::U8, vec![steps, batch], labels.clone()));
        }
        if let Some(inputs) = &self.inputs {
            let shape = vec![steps, batch, self.config.data.pixels()];
            let bytes = inputs.iter().flat_map(|value| value.to_le_bytes()).collect();
            tensors.push(Tensor::new("inputs".into(), Dtype::F32, shape, bytes));
        }
        for (layer, mask) in &self.masks {
            let shape = vec![steps, batch, mask.len() / (steps * batch)];
            tensors.push(Tensor::new(format!("mask{layer}"), Dtype::U8, shape, mask.clone()));
        }
        let tensors = self.before.iter().chain(&tensors).map(|tensor| (&tensor.name, tensor));
        // Only one key: several would be written in the order of their hashes, which differs every time.
        let resolved = resolved(self.config, self.seed, self.training.network().class_weights());
        let metadata = HashMap::from([("config".to_owned(), resolved.to_string())]);
        serialize(tensors, Some(metadata))
            .map_err(|problem| Error::Usage(format!("this trace does not fit a safetensors file: {problem}")))
    }
}

struct Tensor {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    /// Row-major, little-endian.
    bytes: Vec<u8>,
}

impl Tensor {
    fn new(name: String, dtype: Dtype, shape: Vec<usize>, bytes: Vec<u8>) -> Tensor {
        Tensor { name, dtype, shape, bytes }
    }
}

impl View for &Tensor {
    fn dtype(&self) -> Dtype {
        self.dtype
    }
    fn shape(&self) -> &[usize] {
        &self.shape
    }
    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }
    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

/// All that a network consists of, as it is now: `<when>.affine1.weight`, …
fn parameters(when: &str, network: &Network) -> Vec<Tensor> {
    let tensor = |(name, value): (String, &Matrix)| {
        let shape = if name.ends_with(".weight") { vec![value.rows(), value.cols()] } else { vec![value.cols()] };
        let bytes = value.view().iter().flat_map(|number| number.to_le_bytes()).collect();
        Tensor::new(format!("{when}.{name}"), Dtype::F32, shape, bytes)
    };
    network.tensors().into_iter().map(tensor).collect()
}

/// The configuration with every default written out, the program's version and the seed. `steps` and `epochs` (which
/// may be a fraction) both say how long the whole training is: schedules depend on it. Weights of classes are numbers, also
/// where they were computed from the images.
fn resolved(config: &Config, seed: u64, class_weights: Option<&[f32]>) -> Value {
    let mut all = json!({ "ablate": env!("CARGO_PKG_VERSION"), "seed": seed });
    let given = serde_json::to_value(config).unwrap_or_default();
    // Keys without a value here or below are for surfaces.
    for (key, value) in given.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        all[key] = value.clone();
    }
    if let Some(optimizer) = all["optimizer"].as_object_mut() {
        optimizer.remove("learning_rate");
        if let Some(ramp) = config.optimizer.ramp() {
            optimizer.insert("momentum_ramp".into(), ramp.length.get().into());
            optimizer.insert("momentum_start".into(), ramp.start.get().into());
        }
    }
    all["learning_rate"] = config.learning_rate().into();
    if let Some(weights) = class_weights {
        all["class_weights"] = weights.into();
    }
    all["train_samples"] = config.train_samples().into();
    all["test_samples"] = config.test_samples().into();
    all["warmup_steps"] = config.warmup_steps().into();
    all["steps"] = config.total_steps().into();
    all["steps_per_epoch"] = config.steps_per_epoch().into();
    all["epochs"] = (config.total_steps() as f64 / config.steps_per_epoch() as f64).into();
    all
}
