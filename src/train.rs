//! One trial from start to finish.

use crate::config::{Config, WeightDecayMode};
use crate::data::{Batches, Dataset, Samples};
use crate::event::{Outcome, Point};
use crate::model::{self, Stream};
use crate::nn::{Network, Param};
use crate::optim::{self, Optimizer};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicBool, Ordering};

/// Images evaluated at a time.
const EVALUATION_BATCH: usize = 256;

/// What others may tell a trial while it runs. All relaxed: nothing else hangs on the order.
#[derive(Debug, Default)]
pub struct Control {
    /// Stop at the next step.
    pub cancel: AtomicBool,
    /// Cores are idle: evaluations may be split over them (on the rayon pool the trial runs on). Changes no bit.
    pub spare_cores: AtomicBool,
}

/// Trains one network. `emit` gets an evaluation of the untrained network, one every `evaluate_every` epochs and one
/// after the last step. The result depends on `config`, `seed` and `data` alone; `data` may hold more images than the
/// configuration asks for.
pub fn train(config: &Config, seed: u64, data: &Dataset, control: &Control, emit: &mut dyn FnMut(Point)) -> Outcome {
    let mut network = model::build(config, seed);
    let mut updates = Updates::new(config, &mut network);
    let batch_size = config.batch_size.get();
    let mut batches = Batches::new(config.sampling, config.train_samples(), batch_size, Stream::Batches.rng(seed));
    let total_steps = config.total_steps();
    for step in 0..=total_steps {
        if control.cancel.load(Ordering::Relaxed) {
            return Outcome::Cancelled;
        }
        let diverged = Outcome::Diverged { step: step as u32 };
        if step > 0 {
            let loss = network.forward_backward(&data.train.pixels, &data.train.labels, batches.next());
            if !loss.is_finite() {
                return diverged;
            }
            updates.apply(&mut network, step);
        }
        if step % config.evaluation_steps() == 0 || step == total_steps {
            match evaluate(config, &network, data, control, step as u32) {
                Some(point) => emit(point),
                None => return diverged,
            }
        }
    }
    Outcome::Completed { weights_digest: digest(&network) }
}

/// The optimizer with all that is done to a gradient before it and to its rate.
struct Updates<'a> {
    config: &'a Config,
    optimizer: Box<dyn Optimizer>,
    learning_rate: f64,
    steps_per_epoch: f64,
    epochs: f64,
}

impl<'a> Updates<'a> {
    fn new(config: &'a Config, network: &mut Network) -> Updates<'a> {
        let mut lengths = Vec::new();
        network.parameters(&mut |param| lengths.push(param.value.padded().len()));
        let steps_per_epoch = config.steps_per_epoch() as f64;
        Updates {
            config,
            optimizer: optim::build(&config.optimizer, &lengths),
            learning_rate: config.learning_rate(),
            steps_per_epoch,
            epochs: config.total_steps() as f64 / steps_per_epoch,
        }
    }

    /// Update number `step`, counted from 1, from the gradients that the network holds.
    fn apply(&mut self, network: &mut Network, step: usize) {
        let epoch = (step - 1) as f64 / self.steps_per_epoch;
        let rate = self.learning_rate * optim::factor(&self.config.schedule, epoch, self.epochs);
        let (lambda, mode) = (self.config.weight_decay.get(), self.config.weight_decay_mode);
        let mut index = 0;
        self.optimizer.begin_step();
        network.parameters(&mut |param: &mut Param| {
            if param.decays && lambda > 0.0 {
                match mode {
                    WeightDecayMode::Coupled => add_penalty(param, lambda as f32),
                    WeightDecayMode::Decoupled => shrink(param, (1.0 - rate * lambda) as f32),
                }
            }
            self.optimizer.update(index, param.value.padded_mut(), param.gradient.padded(), rate as f32);
            index += 1;
        });
    }
}

/// ∂L/∂W ← ∂L/∂W + λW
fn add_penalty(param: &mut Param, lambda: f32) {
    param.gradient.padded_mut().iter_mut().zip(param.value.padded()).for_each(|(g, w)| *g += lambda * w);
}

/// W ← factor · W
fn shrink(param: &mut Param, factor: f32) {
    param.value.padded_mut().iter_mut().for_each(|w| *w *= factor);
}

/// Both sets as a whole; `None` if a loss or a weight is not finite.
fn evaluate(config: &Config, network: &Network, data: &Dataset, control: &Control, step: u32) -> Option<Point> {
    let (train_loss, train_correct) = evaluate_set(network, &data.train, config.train_samples(), control);
    let (test_loss, test_correct) = evaluate_set(network, &data.test, config.test_samples(), control);
    let (train_loss, test_loss) = (train_loss as f32, test_loss as f32);
    let weight_norm = network.weight_norm() as f32;
    let point = Point { step, train_loss, train_correct, test_loss, test_correct, weight_norm };
    [train_loss, test_loss, weight_norm].iter().all(|value| value.is_finite()).then_some(point)
}

/// (mean cross-entropy in nats, images classified rightly) of the first `samples` images. Sums are taken in batches and
/// then over batches, so that it does not matter who evaluates which batch.
fn evaluate_set(network: &Network, set: &Samples, samples: usize, control: &Control) -> (f64, u32) {
    let scratch = || network.scratch(EVALUATION_BATCH.min(samples));
    let batches = set.labels[..samples].par_chunks(EVALUATION_BATCH).enumerate();
    let evaluate = |scratch: &mut _, (batch, labels): (usize, &[u8])| {
        network.evaluate(&set.pixels, labels, batch * EVALUATION_BATCH, scratch)
    };
    let sums: Vec<(f64, usize)> = if control.spare_cores.load(Ordering::Relaxed) {
        batches.map_init(scratch, evaluate).collect()
    } else {
        let mut scratch = scratch();
        let batches = set.labels[..samples].chunks(EVALUATION_BATCH).enumerate();
        batches.map(|batch| evaluate(&mut scratch, batch)).collect()
    };
    let (loss, correct) = sums.iter().fold((0.0, 0), |(loss, correct), sum| (loss + sum.0, correct + sum.1));
    (loss / samples as f64, correct as u32)
}

/// The first 16 bytes of the SHA-256 over all tensors in order, little-endian, as hexadecimal digits.
fn digest(network: &Network) -> String {
    let mut sha256 = Sha256::new();
    for (_, tensor) in network.tensors() {
        tensor.view().iter().for_each(|value| sha256.update(value.to_le_bytes()));
    }
    sha256.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}
