//! The first steps of a trial as a safetensors file, with all that another framework needs to replay them.
//!
//! `before.<param>` and `after.<param>` (f32), `batches` (i64, `[steps, batch]`: indices into all training images of the data set),
//! `labels` (u8, `[steps, batch]`: what these images are trained on with; only with noise in the labels),
//! `inputs` (f32, `[steps, batch, pixels]`: what these images are trained on as; only where they are changed as they are drawn),
//! `mask<layer>` (u8, `[steps, batch, width]`: 1 where a unit stays; only with dropout), `loss` (f64, `[steps]`: mean
//! cross-entropy of each batch in nats before its update, without the penalty). Weights are `[fan_in, fan_out]`, all
//! other parameters `[width]`. The metadata key `config` holds the configuration as JSON, with every default written
//! out.

use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::kernel::Matrix;
use crate::learn::input::Input;
use crate::learn::train::Training;
use crate::plan::config::Config;
use safetensors::{Dtype, View, serialize};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::HashMap;

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
    /// For each hidden layer, batch after batch.
    masks: Vec<Vec<u8>>,
}

impl<'a> Trace<'a> {
    /// An untrained network; `data` as for [`Training::new`].
    pub fn new(config: &'a Config, seed: u64, data: &'a Dataset) -> Trace<'a> {
        let training = Training::new(config, seed, data);
        let masks = training.network().dropout_factors().map(|_| Vec::new()).collect();
        let before = parameters("before", &training);
        let labels = (config.label_noise.get() > 0.0).then(Vec::new);
        let inputs = Input::is_changed(config).then(Vec::new);
        Trace { config, seed, training, before, losses: Vec::new(), batches: Vec::new(), labels, inputs, masks }
    }

    /// One step of the training. Returns its loss; if that is not finite, nothing was updated and nothing is kept.
    pub fn step(&mut self) -> f64 {
        let loss = self.training.step();
        if loss.is_finite() {
            self.losses.push(loss);
            self.batches.extend(self.training.batch());
            self.labels.iter_mut().for_each(|labels| labels.extend(self.training.labels()));
            if let Some(inputs) = &mut self.inputs {
                inputs.extend(self.training.network().images().view());
            }
            for (mask, factors) in self.masks.iter_mut().zip(self.training.network().dropout_factors()) {
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
        let widths: usize = config.hidden.iter().map(|width| width.get()).sum();
        let masked = if config.dropout.get() > 0.0 { widths } else { 0 };
        let labelled = usize::from(config.label_noise.get() > 0.0);
        let inputs = if Input::is_changed(config) { 4 * config.data.pixels() } else { 0 };
        // An index is kept in 4 bytes and written in 8, twice. Masks, labels and inputs are kept, and written twice.
        steps as f64 * config.batch_size.get() as f64 * (20.0 + 3.0 * (labelled + masked + inputs) as f64)
    }

    /// The file's bytes: the same for the same steps.
    pub fn to_safetensors(&self) -> Result<Vec<u8>> {
        let (steps, batch) = (self.steps(), self.config.batch_size.get());
        let mut tensors = parameters("after", &self.training);
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
        for ((mask, width), layer) in self.masks.iter().zip(&self.config.hidden).zip(1..) {
            let shape = vec![steps, batch, width.get()];
            tensors.push(Tensor::new(format!("mask{layer}"), Dtype::U8, shape, mask.clone()));
        }
        let tensors = self.before.iter().chain(&tensors).map(|tensor| (&tensor.name, tensor));
        // Only one key: several would be written in the order of their hashes, which differs every time.
        let metadata = HashMap::from([("config".to_owned(), resolved(self.config, self.seed).to_string())]);
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

/// All that the network consists of, as it is now: `<when>.affine1.weight`, …
fn parameters(when: &str, training: &Training) -> Vec<Tensor> {
    let tensor = |(name, value): (String, &Matrix)| {
        let shape = if name.ends_with(".weight") { vec![value.rows(), value.cols()] } else { vec![value.cols()] };
        let bytes = value.view().iter().flat_map(|number| number.to_le_bytes()).collect();
        Tensor::new(format!("{when}.{name}"), Dtype::F32, shape, bytes)
    };
    training.network().tensors().into_iter().map(tensor).collect()
}

/// The configuration with every default written out, the program's version and the seed. `steps` and `epochs` (which
/// may be a fraction) both say how long the whole training is: schedules depend on it.
fn resolved(config: &Config, seed: u64) -> Value {
    let mut all = json!({ "ablate": env!("CARGO_PKG_VERSION"), "seed": seed });
    let given = serde_json::to_value(config).unwrap_or_default();
    // Keys without a value here or below are for surfaces.
    for (key, value) in given.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        all[key] = value.clone();
    }
    if let Some(optimizer) = all["optimizer"].as_object_mut() {
        optimizer.remove("learning_rate");
    }
    all["learning_rate"] = config.learning_rate().into();
    all["train_samples"] = config.train_samples().into();
    all["test_samples"] = config.test_samples().into();
    all["warmup_steps"] = config.warmup_steps().into();
    all["steps"] = config.total_steps().into();
    all["steps_per_epoch"] = config.steps_per_epoch().into();
    all["epochs"] = (config.total_steps() as f64 / config.steps_per_epoch() as f64).into();
    all
}
