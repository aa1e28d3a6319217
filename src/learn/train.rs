//! One trial from start to finish.

use crate::data::{Batches, Dataset, Samples, subset};
use crate::kernel::vectorised;
use crate::learn::curvature::Curvature;
use crate::learn::evaluate::{self, evaluate};
use crate::learn::model::{self, Stream};
use crate::learn::nn::{Network, Param, Scratch, sum_of_squares};
use crate::learn::optim::{self, Stepper};
use crate::learn::probe;
use crate::learn::slice::{self, Snapshots, View, Weights};
use crate::plan::config::{Config, Probe, Subset, WeightDecayMode};
use crate::plan::metric::Metric;
use crate::record::event::{Between, Confusion, Layers, Line, Measured, Observation, Outcome, Point, Slice, Spanned};
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicBool, Ordering};

/// The radius on the random plane within which the metric `rise` is taken.
const RISE_RADIUS: f32 = 0.5;

/// Signals to a running trial. Accesses are relaxed: nothing else depends on their order.
#[derive(Debug, Default)]
pub struct Control {
    /// Stop at the next step.
    pub cancel: AtomicBool,
    /// Cores are idle: evaluations may be split over them (on the rayon pool the trial runs on). Changes no bit.
    pub spare_cores: AtomicBool,
}

/// Trains one network. `emit` gets an evaluation of the untrained network, one every `evaluate_every` epochs and one
/// after the last step. The result depends on `config`, `seed` and `data` alone; `data` may hold more images than the
/// configuration needs ([`Config::train_samples_needed`]).
pub fn train(
    config: &Config,
    seed: u64,
    data: &Dataset,
    control: &Control,
    emit: &mut dyn FnMut(Observation),
) -> Outcome {
    let mut training = Training::new(config, seed, data);
    let total_steps = config.total_steps();
    let mut snapshots = config.probes.contains(&Probe::Plane).then(|| Snapshots::new(config));
    for step in 0..=total_steps {
        if control.cancel.load(Ordering::Relaxed) {
            return Outcome::Cancelled;
        }
        if step > 0 && !training.step().is_finite() {
            return Outcome::Diverged { step: training.steps as u32 };
        }
        if config.is_evaluated_after(step) {
            let Some((mut point, layers)) = training.evaluate(control.spare_cores.load(Ordering::Relaxed)) else {
                return Outcome::Diverged { step: training.steps as u32 };
            };
            snapshots.iter_mut().for_each(|snapshots| snapshots.keep(step, &mut training.network));
            let slices = match step == total_steps {
                true => training.slices(snapshots.as_ref(), control),
                false => Some(Vec::new()),
            };
            let Some(slices) = slices else { return Outcome::Cancelled };
            measure(&slices, &mut point.measured);
            let confusion = (step == total_steps).then(|| training.confusion(&mut point.measured)).flatten();
            emit(Observation::Evaluated(point));
            if !layers.is_empty() {
                emit(Observation::LayersProbed(layers));
            }
            slices.into_iter().for_each(|slice| emit(Observation::Sliced(slice)));
            confusion.into_iter().for_each(|confusion| emit(Observation::Classified(confusion)));
        }
    }
    Outcome::Completed { weights_digest: training.digest() }
}

/// A network in training.
pub struct Training<'a> {
    config: &'a Config,
    data: &'a Dataset,
    network: Network,
    optimizer: Box<dyn Stepper<f32>>,
    /// The training images in the order of this trial: first what is trained on, then what is held out.
    images: Vec<u32>,
    /// The test images.
    tested_with: Vec<u32>,
    batches: Batches,
    scratch: Scratch,
    seed: u64,
    /// ‖ΔW‖₂ of the update before the last evaluation, if the probe `updates` is on.
    update_norm: f64,
    /// A parameter before that update.
    before: Vec<f32>,
    /// Present if the probe `curvature` is on.
    curvature: Option<Curvature>,
    /// Updates so far.
    steps: usize,
}

impl<'a> Training<'a> {
    /// The network before its first step, and all that a step needs. `data` may hold more images than are needed. Panics
    /// if it holds fewer.
    pub fn new(config: &'a Config, seed: u64, data: &'a Dataset) -> Training<'a> {
        let choices = &data.train.labels[..config.train_samples_needed()];
        let subset = config.subset_in_use().unwrap_or(Subset::First);
        let mut images = subset::order(subset, choices, Stream::Images.rng(seed));
        images.truncate(config.train_samples());
        images.shrink_to_fit();
        Training::on(images, config, seed, data)
    }

    /// The same, on these images.
    fn on(images: Vec<u32>, config: &'a Config, seed: u64, data: &'a Dataset) -> Training<'a> {
        let mut network = model::build(config, seed);
        let mut lengths = Vec::new();
        network.parameters(&mut |param| lengths.push(param.value.padded().len()));
        let trained_on = &images[config.trained_on()];
        let curvature = config.probes.contains(&Probe::Curvature);
        let batches = Stream::Batches.rng(seed);
        let evaluated = config.train_samples().max(config.test_samples());
        Training {
            config,
            data,
            scratch: network.scratch(evaluate::BATCH.min(evaluated)),
            network,
            seed,
            update_norm: 0.0,
            before: Vec::new(),
            curvature: curvature.then(|| Curvature::new(config, &data.train, trained_on)).flatten(),
            optimizer: optim::build(&config.optimizer, &lengths),
            batches: Batches::new(config.sampling, trained_on.to_vec(), config.batch_size.get(), batches),
            images,
            tested_with: (0..config.test_samples() as u32).collect(),
            steps: 0,
        }
    }

    /// One update. Returns the batch's mean cross-entropy in nats before it; no update is made if that is not finite.
    /// Allocates nothing.
    pub fn step(&mut self) -> f64 {
        let train = &self.data.train;
        let loss = self.network.forward_backward(&train.pixels, &train.labels, self.batches.next());
        if loss.is_finite() {
            if let Some(curvature) = self.curvature.as_mut().filter(|_| self.config.is_evaluated_after(self.steps + 1))
            {
                curvature.remember(&self.network);
            }
            self.update();
            self.steps += 1;
        }
        loss
    }

    /// The network after the last step.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Indices into the training images of the data set: the batch of the last step.
    pub fn batch(&self) -> &[u32] {
        self.batches.last()
    }

    /// The update from the gradients that the network holds.
    fn update(&mut self) {
        self.clip_gradient();
        let rate = self.config.learning_rate_after(self.steps);
        let (lambda, mode) = (self.config.weight_decay.get(), self.config.weight_decay_mode);
        let probed = self.config.probes.contains(&Probe::Updates) && self.config.is_evaluated_after(self.steps + 1);
        let mut squares = 0.0;
        let mut index = 0;
        self.optimizer.begin_step();
        self.network.parameters(&mut |param: &mut Param| {
            if probed {
                self.before.clear();
                self.before.extend_from_slice(param.value.padded());
            }
            if param.decays && lambda > 0.0 {
                match mode {
                    WeightDecayMode::Coupled => {
                        add_penalty(param.gradient.padded_mut(), param.value.padded(), lambda as f32)
                    }
                    WeightDecayMode::Decoupled => shrink(param.value.padded_mut(), (1.0 - rate * lambda) as f32),
                }
            }
            self.optimizer.update(index, param.value.padded_mut(), param.gradient.padded(), rate as f32);
            index += 1;
            if probed && param.decays {
                self.before.iter_mut().zip(param.value.padded()).for_each(|(before, after)| *before = after - *before);
                squares += sum_of_squares(&self.before);
            }
        });
        if probed {
            self.update_norm = squares.sqrt();
        }
    }

    /// Scales down the gradients that the network holds, if their joint norm is above the configured limit.
    fn clip_gradient(&mut self) {
        let limit = self.config.clip_gradient_norm.get();
        if limit == 0.0 {
            return;
        }
        let mut squares = 0.0;
        self.network.parameters(&mut |param: &mut Param| squares += sum_of_squares(param.gradient.padded()));
        let factor = optim::clip_factor(squares.sqrt(), limit) as f32;
        self.network.parameters(&mut |param: &mut Param| shrink(param.gradient.padded_mut(), factor));
    }

    /// Evaluates all images that are trained on, held out or tested with, split over idle cores if there are some, and
    /// the probes; `None` if a loss or a weight is not finite.
    pub fn evaluate(&mut self, spare_cores: bool) -> Option<(Point, Layers)> {
        let Training { config, network, scratch, images, tested_with, .. } = self;
        let Dataset { train, test } = self.data;
        let mut evaluate =
            |set: &Samples, images: &[u32]| evaluate(network, set, images, (!spare_cores).then_some(&mut *scratch));
        let (train_loss, train_correct) = evaluate(train, &images[config.trained_on()]);
        let (test_loss, test_correct) = evaluate(test, tested_with);
        let held_out = &images[config.held_out()];
        let validation = (!held_out.is_empty()).then(|| evaluate(train, held_out));
        let held_out = held_out.len() as f64;
        let (train_loss, test_loss) = (train_loss as f32, test_loss as f32);
        let validation_loss = validation.map_or(0.0, |(loss, _)| loss as f32);
        let weight_norm = self.network.weight_norm() as f32;
        let finite = [train_loss, test_loss, validation_loss, weight_norm].iter().all(|value| value.is_finite());
        let step = self.steps as u32;
        if !finite {
            return None;
        }
        let mut measured = Measured::of_network((train_loss, train_correct), (test_loss, test_correct), weight_norm);
        let layers = self.probe(weight_norm, &mut measured);
        if let Some((_, correct)) = validation {
            measured.set(Metric::VALIDATION_ACCURACY, (f64::from(correct) / held_out) as f32);
            measured.set(Metric::VALIDATION_LOSS, validation_loss);
        }
        Some((Point { step, measured }, layers))
    }

    /// Runs the probes that the configuration asks for.
    fn probe(&mut self, weight_norm: f32, measured: &mut Measured) -> Layers {
        let rate = self.config.learning_rate_after(self.steps.saturating_sub(1));
        let Training { network, config, data, images, optimizer, curvature, .. } = self;
        let mut layers = Layers { step: self.steps as u32, ..Layers::default() };
        for probe in &config.probes {
            match probe {
                // There is no step yet to look at.
                Probe::Updates | Probe::Gradients | Probe::Velocity if self.steps == 0 => {}
                Probe::Activations => {
                    probe::activations(
                        network,
                        config,
                        &data.train,
                        &images[config.trained_on()],
                        measured,
                        &mut layers,
                    );
                }
                Probe::Updates => probe::updates(self.update_norm, weight_norm, measured),
                Probe::Ensemble => probe::ensemble(network, config, self.seed, &data.test, measured),
                Probe::Gradients => probe::gradients(network, measured),
                Probe::Weights => probe::weights(network, &mut layers),
                Probe::Velocity => probe::velocity(network, &**optimizer, rate, measured),
                // These run after the last step.
                Probe::Line | Probe::Plane | Probe::Confusion => {}
                Probe::Curvature => {
                    if let Some(curvature) = curvature {
                        let bound = config.optimizer.stability_bound(rate);
                        curvature.measure(network, &**optimizer, bound, measured);
                    }
                }
            }
        }
        layers
    }

    /// Which classes the network takes for which, if the configuration asks for that.
    fn confusion(&mut self, measured: &mut Measured) -> Option<Confusion> {
        let Training { network, config, data, tested_with, scratch, .. } = self;
        let classes = config.data.classes();
        let found = || probe::confusion(network, &data.test, tested_with, classes, scratch, measured);
        config.probes.contains(&Probe::Confusion).then(found)
    }

    /// The slices of the loss around the trained network that the configuration asks for; `None` if it was cancelled.
    /// If the twin diverges, there is no line to it.
    fn slices(&mut self, snapshots: Option<&Snapshots>, control: &Control) -> Option<Vec<Slice>> {
        let Training { config, seed, data, images, tested_with, network, .. } = self;
        let (config, seed, data) = (*config, *seed, *data);
        let view = View {
            config,
            seed,
            data,
            trained_on: &images[config.trained_on()],
            tested_with,
            cancel: &control.cancel,
            spare_cores: &control.spare_cores,
        };
        let mut slices = Vec::new();
        if config.probes.contains(&Probe::Line) {
            let (first, own) = (Weights::of(&mut model::build(config, seed)), Weights::of(network));
            slices.push(Slice::Line(slice::line(&view, Between::Training, &first, &own)?));
            if let Some(twin) = twin(images, config, seed, data, &control.cancel)? {
                slices.push(Slice::Line(slice::line(&view, Between::Twins, &own, &twin)?));
            }
        }
        if let Some(snapshots) = snapshots {
            slices.push(Slice::Plane(slice::on_random(&view, network)?));
            slices.extend(slice::on_path(&view, network, snapshots)?.map(Slice::Plane));
        }
        Some(slices)
    }

    /// The first 16 bytes of the SHA-256 over all tensors in order, little-endian, as hexadecimal digits.
    pub fn digest(&self) -> String {
        let mut sha256 = Sha256::new();
        for (_, tensor) in self.network.tensors() {
            tensor.view().iter().for_each(|value| sha256.update(value.to_le_bytes()));
        }
        hex::encode(&sha256.finalize()[..16])
    }
}

vectorised! {
    /// ∂L/∂W ← ∂L/∂W + λW
    fn add_penalty(gradient: &mut [f32], value: &[f32], lambda: f32) {
        gradient.iter_mut().zip(value).for_each(|(g, w)| *g += lambda * w);
    }

    /// W ← factor · W
    fn shrink(values: &mut [f32], factor: f32) {
        values.iter_mut().for_each(|value| *value *= factor);
    }
}

/// The weights of a network trained with the same settings on the same images from the next seed. The outer `None` if it
/// was cancelled, the inner one if it diverged.
fn twin(images: &[u32], config: &Config, seed: u64, data: &Dataset, cancel: &AtomicBool) -> Option<Option<Weights>> {
    let unprobed = Config { probes: Vec::new(), ..config.clone() };
    let mut training = Training::on(images.to_vec(), &unprobed, seed.wrapping_add(1), data);
    for _ in 0..config.total_steps() {
        if cancel.load(Ordering::Relaxed) {
            return None;
        }
        if !training.step().is_finite() {
            return Some(None);
        }
    }
    Some(Some(Weights::of(&mut training.network)))
}

/// The metrics that are computed from slices.
fn measure(slices: &[Slice], measured: &mut Measured) {
    let line = slices.iter().find_map(|slice| slice.line(Between::Twins));
    let plane = slices.iter().find_map(|slice| slice.plane(Spanned::Random));
    let barrier = line.and_then(Line::barrier).map(|value| (Metric::BARRIER, value));
    let rise = plane.and_then(|plane| plane.rise(RISE_RADIUS)).map(|value| (Metric::RISE, value));
    for (metric, value) in barrier.into_iter().chain(rise) {
        measured.set(metric, value as f32);
    }
}
