//! How fast this machine trains the networks of a study, measured on a few steps.

use super::memory::trial_fits;
use crate::data::Dataset;
use crate::learn::train::Training;
use crate::plan::config::{Config, Count, DataSource, Subset};
use crate::study::Study;
use crate::surface::descent;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// How long steps are measured, and then evaluations.
const PATIENCE: Duration = Duration::from_millis(60);
/// The multiplications of a step that takes about as long; larger steps are not measured.
const LARGEST_STEP: f64 = 4e9;
/// The most train images, and test images, to measure on; at least a batch is needed.
const IMAGES: usize = 500;
/// The most steps to measure on a surface.
const STEPS: usize = 2000;

/// What one core does in a second.
pub struct Speed {
    /// Multiplications of updates, as [`Config::training_cost`] counts them.
    training: f64,
    /// Multiplications of evaluations and probes.
    evaluation: f64,
    /// Steps on a surface.
    descent: f64,
    /// How the speed was measured, or that it is a guess, in words.
    pub basis: String,
}

impl Speed {
    /// A guess, for when nothing can be measured.
    pub fn guess() -> Speed {
        let basis =
            "60 billion multiplications a second, a rough guess: a step is too long or too large to be tried here";
        Speed { training: 60e9, evaluation: 60e9, descent: 1e6, basis: basis.into() }
    }

    /// The seconds that a trial takes on one core.
    pub fn seconds(&self, config: &Config) -> f64 {
        match config.data {
            DataSource::Set(_) => {
                let looked = config.evaluation_cost() + config.probe_cost();
                config.training_cost() / self.training + looked / self.evaluation
            }
            DataSource::Surface => config.total_steps() as f64 / self.descent,
            DataSource::Program => 0.0,
        }
    }

    /// The seconds that a study takes on so many cores, at least those of its longest trial.
    pub fn study_seconds(&self, study: &Study, cores: usize) -> f64 {
        let trials = study.trained_cells().into_iter().map(|cell| self.seconds(&cell.config)).collect::<Vec<_>>();
        let longest = trials.iter().copied().fold(0.0, f64::max);
        let all = trials.iter().sum::<f64>() * study.seeds.len() as f64;
        longest.max(all / cores as f64)
    }

    /// Measures the speed on the most expensive cell of the study, in a fraction of a second.
    pub fn measure(study: &Study) -> Speed {
        let costliest = |is_of_kind: fn(&DataSource) -> bool| {
            let of_kind = study.cells.iter().filter(move |cell| is_of_kind(&cell.config.data));
            of_kind.max_by(|a, b| a.config.cost().total_cmp(&b.config.cost()))
        };
        let mut speed = Speed::guess();
        let mut measured = Vec::new();
        if let Some(cell) = costliest(|data| matches!(data, DataSource::Set(_)))
            && let Some((steps, images)) = speed.measure_network(&cell.config)
        {
            measured.push(format!("{steps} steps and {images} evaluated images in the cell {}", cell.title()));
        }
        if let Some(cell) = costliest(|data| *data == DataSource::Surface) {
            measured.push(format!("{} steps in the cell {}", speed.measure_surface(&cell.config), cell.title()));
        }
        if !measured.is_empty() {
            speed.basis = format!("{}, tried just now on one core", measured.join(" and "));
        }
        speed
    }

    /// Returns how many (steps, evaluated images) were measured; `None` if a step is too large or a loss is not finite.
    fn measure_network(&mut self, config: &Config) -> Option<(usize, usize)> {
        let DataSource::Set(set) = config.data else { return None };
        let batch = config.batch_size.get();
        let config = on_fewer_images(config);
        if 3.0 * config.weights() * batch.max(100) as f64 > LARGEST_STEP || !trial_fits(&config) {
            return None;
        }
        let data = Dataset::made_up(set, config.train_samples(), config.test_samples());
        let mut training = Training::new(&config, 0, &data);
        // Not measured: the first step is slow because the caches are empty.
        if !training.step().is_finite() {
            return None;
        }
        let steps = rounds(|| training.step().is_finite())?;
        let evaluations = rounds(|| training.evaluate(false).is_some())?;
        let images = config.train_samples() + config.test_samples();
        self.training = 3.0 * config.weights() * batch as f64 / median(&steps);
        self.evaluation = config.weights() * images as f64 / median(&evaluations);
        Some((steps.len(), evaluations.len() * images))
    }

    /// Returns how many steps were measured.
    fn measure_surface(&mut self, config: &Config) -> usize {
        let steps = config.total_steps().min(STEPS);
        let config = Config { steps: count(steps), epochs: None, ..config.clone() };
        let start = Instant::now();
        descent::descend(&config, 0, &AtomicBool::new(false), &mut |_| {});
        self.descent = steps as f64 / start.elapsed().as_secs_f64().max(1e-9);
        steps
    }
}

/// The seconds of each round, repeated for [`PATIENCE`]; `None` if one fails.
fn rounds(mut round: impl FnMut() -> bool) -> Option<Vec<f64>> {
    let (start, mut seconds) = (Instant::now(), Vec::new());
    while seconds.is_empty() || start.elapsed() < PATIENCE {
        let begun = Instant::now();
        if !round() {
            return None;
        }
        seconds.push(begun.elapsed().as_secs_f64());
    }
    Some(seconds)
}

/// The median, the lower one of an even number: other programs can only make rounds longer.
fn median(seconds: &[f64]) -> f64 {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[(sorted.len() - 1) / 2].max(1e-9)
}

/// The same training on few images and without probes.
fn on_fewer_images(config: &Config) -> Config {
    Config {
        train_samples: count(config.trained_on().len().min(IMAGES.max(config.batch_size.get()))),
        subset: Subset::First,
        validation_samples: Config::default().validation_samples,
        patience: Config::default().patience,
        test_samples: count(config.test_samples().min(IMAGES)),
        probes: Vec::new(),
        ..config.clone()
    }
}

fn count(number: usize) -> Option<Count> {
    Count::try_from(number as f64).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Changes;
    use std::path::Path;

    fn study(text: &str) -> Study {
        Study::parse(text, Path::new("test.toml"), &Changes::default()).unwrap()
    }

    fn measure(text: &str) -> (Study, Speed) {
        let study = study(text);
        let speed = Speed::measure(&study);
        (study, speed)
    }

    #[test]
    fn no_study_ends_before_its_longest_trial() {
        let seconds = |study: &Study, cores: usize| Speed::guess().study_seconds(study, cores);
        let alone = study("seeds = 1\n[base]\nsteps = 1000");
        assert_eq!(seconds(&alone, 8), seconds(&alone, 1));
        let four = study("seeds = 4\n[base]\nsteps = 1000");
        assert_eq!(seconds(&four, 2), 2.0 * seconds(&alone, 1));
        let alike = study("seeds = 4\n[base]\nsteps = 1000\n[grid]\nbatch_norm_momentum = [0.9, 0.99]");
        assert_eq!(seconds(&alike, 2), seconds(&four, 2), "cells that train alike are trained once");
    }

    #[test]
    fn the_most_expensive_cell_is_tried() {
        let (study, speed) = measure("[base]\ndata = \"synthetic\"\n[grid]\nhidden = [[5], [50, 50]]");
        assert!(speed.basis.contains("hidden = 2 × 50"), "{}", speed.basis);
        // A hundredth to a hundred times of what today's machines do.
        assert!((6e8..6e12).contains(&speed.training) && (6e8..6e12).contains(&speed.evaluation));
        assert!(study.cells.iter().all(|cell| speed.seconds(&cell.config) > 0.0));
        let (study, speed) = measure("[base]\ndata = \"surface\"\nsteps = 100\noptimizer = \"adam\"");
        assert!(speed.basis.starts_with("100 steps in the cell of the base"), "{}", speed.basis);
        assert!(speed.seconds(&study.cells[0].config) < 1.0);
    }

    #[test]
    fn what_takes_too_long_is_not_tried() {
        let (_, speed) = measure("[base]\nhidden = [1000000, 1000000]");
        assert_eq!(speed.basis, Speed::guess().basis);
    }
}
