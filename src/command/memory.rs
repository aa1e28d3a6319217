//! Estimates of the memory that a study needs, in bytes, and refusals of what does not fit. `tests/memory.rs` compares them with what is
//! used.

use super::cores;
use super::free_memory::{self, Free};
use crate::data::{Dataset, Distortion};
use crate::error::{Error, Result};
use crate::kernel::Matrix;
use crate::learn::curvature::Curvature;
use crate::learn::model::STATISTICS_IMAGES;
use crate::learn::slice::Snapshots;
use crate::learn::trace::Trace;
use crate::plan::Plan;
use crate::plan::config::data::Declaration;
use crate::plan::config::{
    Config, DataSource, ENSEMBLE_MEMBERS, LayerFacts, LayerKind, PLACES_ON_LINE, PROBED_IMAGES, Probe, SIDE_OF_PLANE,
    Subset, recorded,
};
use crate::plan::metric::Metric;
use crate::record::event::BINS;
use crate::study::Study;
use std::collections::BTreeMap;

/// The bytes of the program and its screen, as measured.
const PROGRAM: f64 = 13e6;
/// Of a thread that trains: its stack, and what the allocator keeps for it.
const THREAD: f64 = 0.4e6;
/// Of a trial of which nothing is recorded yet: in the plan, on the board, and while they are replaced and written. Measured.
const PLANNED: f64 = 900.0;
/// Of a finished trial beside its numbers: the lists that hold these. Measured.
const RECORDED: f64 = 1300.0;
/// Of an event on its way from a thread to the journal, and how many are at most. Measured.
const EVENT: f64 = 1300.0;
const EVENTS: f64 = 8000.0;
/// Of a cell: its configuration, in the study, in plans and as text.
const CELL: f64 = 6000.0;
/// Images that are evaluated at a time.
const EVALUATED: usize = 256;
/// Images that the probe of activations looks at at a time, and that of ensembles.
const PROBED: usize = 100;

/// What training a study, or training it again, takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// The samples, and reading them.
    samples: f64,
    /// The trials that are trained at a time.
    training: f64,
    /// What is planned and recorded.
    results: f64,
}

impl Memory {
    /// Of training all of a study on so many threads.
    pub fn of_study(study: &Study, threads: usize) -> Memory {
        let trained: Vec<&Config> = study.trained_cells().into_iter().map(|cell| &cell.config).collect();
        let trials = trained.len() * study.seeds.len();
        let threads = useful_threads(threads, trials);
        let cells = study.cells.iter().map(|cell| (&cell.config, study.seeds.len()));
        Memory::new(&trained, trials, threads, results_of(cells))
    }

    /// Of training some trials of a result again, while all of it is held, with these configurations on so many threads.
    pub fn of_verification(plan: &Plan, again: &[Config], threads: usize) -> Memory {
        let mut seeds = vec![0; plan.cells.len()];
        plan.trials.iter().for_each(|trial| seeds[trial.cell] += 1);
        let held = results_of(plan.cells.iter().map(|cell| &cell.config).zip(seeds));
        let results = held + results_of(again.iter().map(|config| (config, 1)));
        let threads = useful_threads(threads, again.len());
        Memory::new(&again.iter().collect::<Vec<_>>(), again.len(), threads, results)
    }

    fn new(configs: &[&Config], trials: usize, threads: usize, results: f64) -> Memory {
        let mut sets: BTreeMap<DataSource, (usize, usize)> = BTreeMap::new();
        for config in configs {
            let (train, test) = sets.entry(config.data).or_default();
            (*train, *test) = ((*train).max(config.train_samples_needed()), (*test).max(config.test_samples()));
        }
        let bytes = |(source, (train, test)): (&DataSource, &(usize, usize))| {
            source.set().map_or(0.0, |set| Dataset::bytes(set, train + test))
        };
        let samples: f64 = sets.iter().map(bytes).sum();
        let reading = sets.keys().map(|&source| reading_bytes(source)).fold(0.0, f64::max);
        let largest = |of: &dyn Fn(&Config) -> f64| configs.iter().map(|config| of(config)).fold(0.0, f64::max);
        let (trial, spare) = (largest(&trial_bytes), largest(&|config| Network::of(config).scratch(EVALUATED)));
        let at_a_time = trials.min(threads) as f64;
        // Once trials are fewer than threads, all of these help to evaluate.
        let few = trials.min(threads - 1) as f64 * trial + threads as f64 * spare;
        let training = THREAD * threads as f64 + (at_a_time * trial).max(few);
        Memory { samples: samples.max(reading), training, results }
    }

    /// All of it, with the program itself.
    pub fn bytes(self) -> f64 {
        PROGRAM + self.samples + self.training + self.results
    }

    /// Whether so much is free, and if not, what is: what is about to be done needs so many threads. True if that is not known.
    pub fn fits(self, threads: usize) -> std::result::Result<(), Free> {
        match free_memory::free(threads) {
            Some(free) if self.bytes() > free.bytes => Err(free),
            _ => Ok(()),
        }
    }

    /// Why a study cannot be trained where so much is free, and what to do.
    pub fn refused(self, free: Free) -> String {
        self.too_much(free, self.mend())
    }

    /// As in: 16.0 TB of memory are needed, and 23.5 GB are free …
    fn too_much(self, free: Free, mend: &str) -> String {
        let (needed, bytes, limit) = (size(self.bytes()), size(free.bytes), free.limit);
        format!(
            "about {needed} of memory are needed, and {bytes} are free {limit}\n  to mend it: {mend}; or {}",
            limit.mend()
        )
    }

    /// What can be changed so that it takes less.
    fn mend(self) -> &'static str {
        let Memory { samples, training, results } = self;
        if results > samples.max(training) {
            "plan fewer trials, or evaluate them less often with a larger evaluate_every"
        } else if samples > training {
            "train on fewer images with train_samples"
        } else {
            "lower hidden or batch_size, or train fewer networks at a time with --jobs"
        }
    }
}

/// How many threads are started of as many as are asked for: more than trials and cores would be idle.
pub fn useful_threads(threads: usize, trials: usize) -> usize {
    threads.min(trials.max(cores()))
}

/// The bytes of all that is planned and recorded of trials, so many of each configuration.
fn results_of<'a>(trials: impl Iterator<Item = (&'a Config, usize)>) -> f64 {
    let (mut held, mut largest, mut events) = (0.0, 0.0f64, 0.0);
    for (config, seeds) in trials {
        let recorded = recorded_bytes(config);
        held += CELL + seeds as f64 * (PLANNED + RECORDED + recorded);
        largest = largest.max(recorded);
        events += seeds as f64 * (config.evaluations() as f64 + 4.0);
    }
    // Lists that grow have room for up to twice as much, and a part of them waits to be written.
    held + 2.0 * largest + EVENT * f64::min(events, EVENTS)
}

/// The bytes of all numbers that are recorded of a trial.
fn recorded_bytes(config: &Config) -> f64 {
    let evaluations = config.evaluations() as f64;
    if config.data == DataSource::Surface {
        // The shape of the path, its height and two eigenvalues; a place has a step and five numbers.
        return evaluations * (4.0 + 8.0 * 8.0) + recorded(config.total_steps()) as f64 * 44.0;
    }
    let has = |probe: Probe| config.probes.contains(&probe);
    let probed = Metric::ALL.iter().filter(|metric| metric.probe().is_some_and(has)).count();
    let validated = if config.held_out().is_empty() { 0 } else { 2 } + usize::from(config.label_noise.get() > 0.0);
    let averaged = if config.weight_average.get() > 0.0 { 4 } else { 0 };
    let (affine, hidden) = (config.affine_shapes().len() as f64, config.hidden.len() as f64);
    let activations = if has(Probe::Activations) { hidden * (4.0 * BINS as f64 + 2.0 * 8.0 + 4.0 * 4.0) } else { 0.0 };
    let weights = if has(Probe::Weights) { affine * 4.0 } else { 0.0 };
    let layers = if activations + weights > 0.0 { 300.0 + 1.5 * (activations + weights) } else { 0.0 };
    let lines = if has(Probe::Line) { 2.0 * 24.0 * PLACES_ON_LINE as f64 } else { 0.0 };
    let planes = if has(Probe::Plane) { 2.0 * 8.0 * SIDE_OF_PLANE.pow(2) as f64 + 2000.0 } else { 0.0 };
    // Of each class the correct ones, and at most all others.
    let classes = config.data.classes();
    let confusion = match has(Probe::Confusion) {
        true => (4 * classes + 8 * config.test_samples().min(classes * classes)) as f64,
        false => 0.0,
    };
    evaluations * (4.0 + 8.0 * (5 + validated + averaged + probed) as f64 + layers) + lines + planes + confusion
}

/// The additional bytes while the files of a data set are read.
fn reading_bytes(source: DataSource) -> f64 {
    source.set().map_or(0.0, Declaration::reading)
}

/// The bytes of the networks that a configuration trains.
struct Network {
    /// (fan_in, fan_out) of each affine layer.
    shapes: Vec<(usize, usize)>,
    /// The layers that follow each of them but the last.
    layers: Vec<Vec<LayerFacts>>,
    /// Numbers of an image.
    pixels: usize,
}

impl Network {
    fn of(config: &Config) -> Network {
        let of_hidden = |hidden| config.layers(hidden).into_iter().map(LayerKind::facts).collect();
        let layers = (0..config.hidden.len()).map(of_hidden).collect();
        // On a surface there is none.
        let shapes = if config.data.set().is_some() { config.affine_shapes() } else { Vec::new() };
        Network { shapes, layers, pixels: config.data.pixels() }
    }

    /// Of the values of all parameters.
    fn parameters(&self) -> f64 {
        let affine =
            self.shapes.iter().map(|&(fan_in, fan_out)| Matrix::bytes(fan_in, fan_out) + Matrix::bytes(1, fan_out));
        let of_layers = |(width, layers): (usize, &[LayerFacts])| {
            layers.iter().map(|layer| layer.parameters).sum::<usize>() as f64 * Matrix::bytes(1, width)
        };
        affine.sum::<f64>() + self.hidden().map(of_layers).sum::<f64>()
    }

    /// Of the largest parameter.
    fn largest(&self) -> f64 {
        self.shapes.iter().map(|&(fan_in, fan_out)| Matrix::bytes(fan_in, fan_out)).fold(0.0, f64::max)
    }

    /// The width of each hidden layer, and what follows its affine layer.
    fn hidden(&self) -> impl Iterator<Item = (usize, &[LayerFacts])> {
        self.shapes.iter().zip(&self.layers).map(|(shape, layers)| (shape.1, &layers[..]))
    }

    fn width(&self) -> usize {
        self.shapes.iter().map(|shape| shape.1).fold(0, usize::max)
    }

    /// Of a network for batches of so many images: parameters with their gradients, statistics, and for each image the output of each
    /// layer with what it keeps for the backward pass, a gradient, and which numbers are not zero.
    fn bytes(&self, batch: usize) -> f64 {
        let of_affine = |&(fan_in, fan_out): &(usize, usize)| bits(fan_in, batch) + 2.0 * Matrix::bytes(batch, fan_out);
        let of_hidden = |(width, layers): (usize, &[LayerFacts])| {
            let statistics: usize = layers.iter().map(|layer| 2 * layer.statistics + 2).sum();
            let kept: usize = layers.iter().map(|layer| 1 + layer.kept).sum();
            statistics as f64 * Matrix::bytes(1, width) + kept as f64 * Matrix::bytes(batch, width)
        };
        2.0 * self.parameters()
            + self.shapes.iter().map(of_affine).sum::<f64>()
            + self.hidden().map(of_hidden).sum::<f64>()
            + self.images(batch)
    }

    /// Of images taken through a network to evaluate it, so many at a time.
    fn scratch(&self, rows: usize) -> f64 {
        self.shapes.iter().map(|shape| Matrix::bytes(rows, shape.1)).sum::<f64>() + self.images(rows)
    }

    /// Of so many images as they enter, and which of the numbers that a layer gets are not zero.
    fn images(&self, rows: usize) -> f64 {
        bits(rows, self.pixels) + (rows * self.pixels.next_multiple_of(64)) as f64 + bits(rows, self.width())
    }
}

/// Of a bit for each number of a matrix.
fn bits(rows: usize, cols: usize) -> f64 {
    rows as f64 * cols.next_multiple_of(64) as f64 / 8.0
}

/// The bytes of a trial in training, at the moment at which they are most.
fn trial_bytes(config: &Config) -> f64 {
    if config.data.set().is_none() {
        return 0.0;
    }
    let network = Network::of(config);
    let parameters = network.parameters();
    let has = |probe: Probe| config.probes.contains(&probe);
    let trained = training_bytes(config, &network);
    let kept = if has(Probe::Plane) { Snapshots::bytes(config, parameters / 4.0) } else { 0.0 };
    let (images, tested) = (config.trained_on().len(), config.test_samples().min(PROBED_IMAGES));
    let measured = [
        (Probe::Updates, network.largest()),
        (Probe::Velocity, network.largest()),
        (Probe::Activations, network.scratch(PROBED)),
        (
            Probe::Ensemble,
            network.bytes(PROBED) + 4.0 * ((ENSEMBLE_MEMBERS + 4) * tested * config.data.classes()) as f64,
        ),
        (
            Probe::Curvature,
            Curvature::bytes(config, parameters / 4.0, network.shapes.iter().map(|shape| shape.1 as f64).sum()),
        ),
    ];
    // The curvature and the copy of the last weights are kept between evaluations.
    let measured = measured.into_iter().filter(|(probe, _)| has(*probe)).map(|(_, bytes)| bytes).sum::<f64>();
    let line = match has(Probe::Line) {
        // Three networks' weights, and the twin in training or the network between.
        true => {
            3.0 * parameters + trained.max(network.bytes(STATISTICS_IMAGES.min(images)) + network.scratch(EVALUATED))
        }
        false => 0.0,
    };
    // The averaged network takes its running statistics from so many images.
    let has_statistics = network.layers.iter().flatten().any(|layer| layer.statistics > 0);
    let averaged = match config.weight_average.get() > 0.0 && has_statistics {
        true => network.bytes(STATISTICS_IMAGES.min(images)),
        false => 0.0,
    };
    let plane = if has(Probe::Plane) { 3.0 * parameters } else { 0.0 };
    trained + kept + measured.max(line).max(plane).max(averaged)
}

/// The bytes of a network in training without its probes.
fn training_bytes(config: &Config, network: &Network) -> f64 {
    let evaluated = EVALUATED.min(config.train_samples().max(config.test_samples()));
    let (needed, chosen, tested) = (config.train_samples_needed(), config.trained_on().len(), config.test_samples());
    // A batch that is changed becomes numbers, beside the bytes that it was.
    let (batch, pixels) = (config.batch_size.get(), config.data.pixels());
    let changed = if config.input_noise.get() > 0.0 { Matrix::bytes(batch, pixels) + bits(batch, pixels) } else { 0.0 };
    let shape = config.data.set().map_or(&[][..], |set| set.shape);
    let distorted = if config.distortions().next().is_some() { Distortion::bytes(shape) } else { 0.0 };
    // Choosing as many of each class takes a list of pairs.
    let choosing = if config.subset_in_use() == Some(Subset::Balanced) { 16 * needed } else { 4 * needed };
    let averages = if config.weight_average.get() > 0.0 { network.parameters() } else { 0.0 };
    network.bytes(batch)
        + changed
        + distorted
        + averages
        + network.parameters() * config.optimizer.state_bytes() as f64 / 4.0
        + network.scratch(evaluated)
        + (choosing + 4 * (chosen + tested)) as f64
}

/// Bytes in MB, GB or TB.
pub fn size(bytes: f64) -> String {
    match bytes {
        _ if bytes < 1e9 => format!("{:.0} MB", bytes / 1e6),
        _ if bytes < 1e12 => format!("{:.1} GB", bytes / 1e9),
        _ => format!("{:.1} TB", bytes / 1e12),
    }
}

/// Errors: the study needs more memory than is free, so that the system would kill the program during training.
pub fn fits_into_memory(study: &Study, threads: usize) -> Result<()> {
    let memory = Memory::of_study(study, threads);
    memory.fits(threads).map_err(|free| Error::Usage(format!("{}: {}", study.name, memory.refused(free))))
}

/// Errors: training these trials of a plan again needs more memory than is free.
pub fn verification_fits_into_memory(plan: &Plan, again: &[Config], threads: usize) -> Result<()> {
    let memory = Memory::of_verification(plan, again, threads);
    let mend = "verify fewer of its trials with --trials";
    memory.fits(threads).map_err(|free| Error::Usage(format!("{}: {}", plan.study, memory.too_much(free, mend))))
}

/// Errors: a trace of so many steps needs more memory than is free.
pub fn trace_fits_into_memory(config: &Config, steps: usize) -> Result<()> {
    let memory = Memory::new(&[config], 1, 1, Trace::bytes(config, steps) + 3.0 * Network::of(config).parameters());
    let refused = |free| Error::Usage(format!("--steps {steps}: {}", memory.too_much(free, "give fewer steps")));
    memory.fits(1).map_err(refused)
}

/// Whether there is enough memory for a trial; true if the free memory is not known.
pub fn trial_fits(config: &Config) -> bool {
    free_memory::free(1).is_none_or(|free| trial_bytes(config) < free.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Changes;
    use std::path::Path;

    fn study(text: &str) -> Study {
        Study::parse(text, Path::new("test.toml"), &Changes::default()).unwrap()
    }

    #[test]
    fn what_no_memory_holds_is_refused_before_it_is_tried_with_what_to_do() {
        assert!(fits_into_memory(&study("[base]\nsteps = 10"), 2).is_ok());
        let refused = |text: &str| {
            let huge = study(text);
            assert!(Memory::of_study(&huge, 2).bytes() > 1e12, "{text}");
            fits_into_memory(&huge, 2).unwrap_err().to_string()
        };
        if free_memory::free(1).is_some() {
            let wide = refused("[base]\nhidden = [1000000, 1000000]");
            assert!(wide.contains("TB of memory are needed, and ") && wide.contains("lower hidden"), "{wide}");
            let often =
                refused("seeds = 50000\n[base]\nsteps = 1000000\nevaluate_every = 0.0001\ndata = \"synthetic\"");
            assert!(often.contains("evaluate them less often"), "{often}");
        }
    }

    #[test]
    fn long_paths_take_little_more_than_short_ones() {
        let bytes = |steps: usize| {
            let text = format!("seeds = 20\n[base]\ndata = \"surface\"\nsteps = {steps}");
            Memory::of_study(&study(&text), 2).bytes()
        };
        assert!(bytes(1_000_000) < 100e6 && bytes(4_000_000_000) < 3.0 * bytes(1_000_000));
    }
}
