//! One trial from start to finish.

use crate::data::{Batches, Dataset, Samples, label_noise, subset};
use crate::kernel::vectorised;
use crate::learn::average::WeightAverage;
use crate::learn::curvature::Curvature;
use crate::learn::early_stopping::EarlyStopping;
use crate::learn::evaluate::{self, evaluate};
use crate::learn::input::Input;
use crate::learn::model::{self, Stream};
use crate::learn::nn::{MaxNorm, Network, Param, Scratch, add_l1, add_l2, sum_of_squares};
use crate::learn::optim::{self, Stepper};
use crate::learn::probe;
use crate::learn::slice::{self, Snapshots, View, Weights};
use crate::plan::config::{Config, Probe, Subset, WeightDecayMode};
use crate::plan::metric::Metric;
use crate::record::event::{Between, Confusion, Layers, Line, Measured, Observation, Outcome, Point, Slice, Spanned};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
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
/// after the last step; with `patience`, the one with which training stops may be the last. The result depends on `config`, `seed` and `data` alone; `data` may hold more images than the
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
    let mut stopping = EarlyStopping::new(config);
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
            let validation_loss = point.measured.number(Metric::VALIDATION_LOSS);
            let is_last = step == total_steps || validation_loss.is_some_and(|loss| stopping.stops(loss));
            snapshots.iter_mut().for_each(|snapshots| snapshots.keep(step, is_last, &mut training.network));
            let slices = match is_last {
                true => training.slices(snapshots.as_ref(), control),
                false => Some(Vec::new()),
            };
            let Some(slices) = slices else { return Outcome::Cancelled };
            measure(&slices, &mut point.measured);
            if is_last && stopping.is_on() {
                point.measured.set(Metric::STOPPED_EPOCH, config.epoch(step as u32) as f32);
            }
            let confusion = is_last.then(|| training.confusion(&mut point.measured)).flatten();
            emit(Observation::Evaluated(point));
            if !layers.is_empty() {
                emit(Observation::LayersProbed(layers));
            }
            slices.into_iter().for_each(|slice| emit(Observation::Sliced(slice)));
            confusion.into_iter().for_each(|confusion| emit(Observation::Classified(confusion)));
            if is_last {
                break;
            }
        }
    }
    Outcome::Completed { weights_digest: training.digest() }
}

/// A network in training.
pub struct Training<'a> {
    config: &'a Config,
    /// With the labels that are trained on.
    data: Cow<'a, Dataset>,
    /// The training images with their own labels, if some are trained on with others.
    truth: Option<&'a Samples>,
    network: Network,
    optimizer: Box<dyn Stepper<f32>>,
    /// Present if there is such a constraint.
    max_norm: Option<MaxNorm>,
    /// Present if the weights are averaged.
    average: Option<WeightAverage>,
    /// The training images in the order of this trial: first what is trained on, then what is held out.
    images: Vec<u32>,
    /// The test images.
    tested_with: Vec<u32>,
    batches: Batches,
    input: Input,
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
        let share = config.label_noise.get();
        if share == 0.0 {
            return Training::on(images, config, seed, Cow::Borrowed(data));
        }
        let (mut noisy, trained_on) = (data.clone(), &images[config.trained_on()]);
        let (classes, rng) = (config.data.classes(), Stream::Labels.rng(seed));
        label_noise::replace(&mut noisy.train.labels, trained_on, share, classes, rng);
        Training { truth: Some(&data.train), ..Training::on(images, config, seed, Cow::Owned(noisy)) }
    }

    /// The same, on these images with the labels that they have in `data`.
    fn on(images: Vec<u32>, config: &'a Config, seed: u64, data: Cow<'a, Dataset>) -> Training<'a> {
        let labels = images[config.trained_on()].iter().map(|&image| data.train.labels[image as usize]);
        let class_weights = config.class_weights.of(config.data.classes(), labels);
        let mut network = model::build(config, seed).with_class_weights(class_weights);
        let (limit, decay, mut lengths) = (config.max_norm.get(), config.weight_average.get(), Vec::new());
        let widest = network.shapes().iter().map(|shape| shape.1).fold(0, usize::max);
        network.parameters(&mut |param| lengths.push(param.value.padded().len()));
        let trained_on = &images[config.trained_on()];
        let curvature = config.probes.contains(&Probe::Curvature);
        let batches = Stream::Batches.rng(seed);
        let evaluated = config.train_samples().max(config.test_samples());
        Training {
            config,
            truth: None,
            average: (decay > 0.0).then(|| WeightAverage::new(decay, &mut network)),
            scratch: network.scratch(evaluate::BATCH.min(evaluated)),
            network,
            seed,
            update_norm: 0.0,
            before: Vec::new(),
            curvature: curvature.then(|| Curvature::new(config, &data.train, trained_on)).flatten(),
            optimizer: optim::build(&config.optimizer, &lengths),
            max_norm: (limit > 0.0).then(|| MaxNorm::new(limit, widest)),
            batches: Batches::new(config.sampling, trained_on.to_vec(), config.batch_size.get(), batches),
            input: Input::new(config, seed),
            data,
            images,
            tested_with: (0..config.test_samples() as u32).collect(),
            steps: 0,
        }
    }

    /// One update. Returns the batch's mean cross-entropy in nats before it; no update is made if that is not finite.
    /// Allocates nothing.
    pub fn step(&mut self) -> f64 {
        let Training { data, network, batches, input, .. } = self;
        let (train, batch) = (&data.train, batches.next());
        let labels = batch.iter().map(|&image| train.labels[image as usize]);
        let loss = network.forward_backward(labels, |inputs| input.fill(inputs, &train.pixels, batch));
        if loss.is_finite() {
            if let Some(curvature) = self.curvature.as_mut().filter(|_| self.config.is_evaluated_after(self.steps + 1))
            {
                curvature.remember(&self.network);
            }
            self.update();
            if let Some(average) = &mut self.average {
                average.follow(&mut self.network);
            }
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

    /// The labels of that batch.
    pub fn labels(&self) -> impl Iterator<Item = u8> {
        self.batch().iter().map(|&image| self.data.train.labels[image as usize])
    }

    /// The update from the gradients that the network holds.
    fn update(&mut self) {
        self.clip_gradient();
        let rate = self.config.learning_rate_after(self.steps);
        let (lambda, mode) = (self.config.weight_decay.get(), self.config.weight_decay_mode);
        let l1 = self.config.l1.get();
        let probed = self.config.probes.contains(&Probe::Updates) && self.config.is_evaluated_after(self.steps + 1);
        let mut squares = 0.0;
        let mut index = 0;
        let [now, next] = [self.steps, self.steps + 1].map(|steps| self.config.epoch(steps as u32));
        self.optimizer.begin_step(now, next);
        self.network.parameters(&mut |param: &mut Param| {
            if probed {
                self.before.clear();
                self.before.extend_from_slice(param.value.padded());
            }
            if param.decays && l1 > 0.0 {
                add_l1(param.gradient.padded_mut(), param.value.padded(), l1 as f32);
            }
            if param.decays && lambda > 0.0 {
                match mode {
                    WeightDecayMode::Coupled => {
                        add_l2(param.gradient.padded_mut(), param.value.padded(), lambda as f32)
                    }
                    WeightDecayMode::Decoupled => shrink(param.value.padded_mut(), (1.0 - rate * lambda) as f32),
                }
            }
            self.optimizer.update(index, param.value.padded_mut(), param.gradient.padded(), rate as f32);
            if let Some(constraint) = self.max_norm.as_mut().filter(|_| param.decays) {
                constraint.apply(&mut param.value);
            }
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
        let Training { config, data, truth, network, scratch, images, tested_with, .. } = self;
        let Dataset { train, test } = &**data;
        let mut evaluate =
            |set: &Samples, images: &[u32]| evaluate(network, set, images, (!spare_cores).then_some(&mut *scratch));
        let (train_loss, train_correct) = evaluate(train, &images[config.trained_on()]);
        let (test_loss, test_correct) = evaluate(test, tested_with);
        let true_correct = truth.map(|truth| evaluate(truth, &images[config.trained_on()]).1);
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
        if let Some(correct) = true_correct {
            measured.set(Metric::TRUE_ACCURACY, self.config.train_accuracy(correct) as f32);
        }
        if self.average.is_some() {
            self.evaluate_average(spare_cores, &mut measured);
        }
        Some((Point { step, measured }, layers))
    }

    /// The mean cross-entropy of what is held out.
    fn validation_loss(&mut self) -> f64 {
        let held_out = &self.images[self.config.held_out()];
        let (loss, _) = evaluate(&self.network, &self.data.train, held_out, Some(&mut self.scratch));
        f64::from(loss as f32)
    }

    /// What `look` makes of the network with averaged weights; `None` if they are not averaged.
    pub fn averaged<T>(&mut self, look: impl FnOnce(&Network) -> T) -> Option<T> {
        let Training { average, network, config, seed, data, images, .. } = self;
        let average = average.as_mut()?;
        Some(average.look(network, config, *seed, data, &images[config.trained_on()], look))
    }

    /// Evaluates the network with averaged weights, if they are averaged. A loss that is not finite is no value.
    fn evaluate_average(&mut self, spare_cores: bool, measured: &mut Measured) {
        let Training { average, network, config, seed, data, images, tested_with, scratch, .. } = self;
        let Some(average) = average else { return };
        let trained_on = &images[config.trained_on()];
        let [train, test] = average.look(network, config, *seed, data, trained_on, |network| {
            let mut evaluate =
                |set: &Samples, images: &[u32]| evaluate(network, set, images, (!spare_cores).then_some(&mut *scratch));
            [evaluate(&data.train, trained_on), evaluate(&data.test, tested_with)]
        });
        let share = |correct: u32, images: usize| (f64::from(correct) / images as f64) as f32;
        measured.set(Metric::AVERAGED_TRAIN_ACCURACY, share(train.1, trained_on.len()));
        measured.set(Metric::AVERAGED_TEST_ACCURACY, share(test.1, tested_with.len()));
        for (metric, loss) in [(Metric::AVERAGED_TRAIN_LOSS, train.0), (Metric::AVERAGED_TEST_LOSS, test.0)] {
            if (loss as f32).is_finite() {
                measured.set(metric, loss as f32);
            }
        }
    }

    /// Runs the probes that the configuration asks for.
    fn probe(&mut self, weight_norm: f32, measured: &mut Measured) -> Layers {
        let last = self.steps.saturating_sub(1);
        let (rate, rule) = (self.config.learning_rate_after(last), self.config.optimizer_after(last));
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
                        let bound = rule.stability_bound(rate);
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
        let (config, seed, data) = (*config, *seed, &**data);
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
    /// W ← factor · W
    fn shrink(values: &mut [f32], factor: f32) {
        values.iter_mut().for_each(|value| *value *= factor);
    }
}

/// The weights of a network trained with the same settings on the same images and labels from the next seed, which may stop
/// early as well. The outer `None` if it was cancelled, the inner one if it diverged.
fn twin(images: &[u32], config: &Config, seed: u64, data: &Dataset, cancel: &AtomicBool) -> Option<Option<Weights>> {
    let unprobed = Config { probes: Vec::new(), weight_average: Config::default().weight_average, ..config.clone() };
    let mut training = Training::on(images.to_vec(), &unprobed, seed.wrapping_add(1), Cow::Borrowed(data));
    let mut stopping = EarlyStopping::new(config);
    for step in 0..=config.total_steps() {
        if cancel.load(Ordering::Relaxed) {
            return None;
        }
        if step > 0 && !training.step().is_finite() {
            return Some(None);
        }
        if stopping.is_on() && config.is_evaluated_after(step) && stopping.stops(training.validation_loss()) {
            break;
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
