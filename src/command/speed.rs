//! How fast this machine trains a study's networks: a few steps are tried.

use super::memory::trial_fits;
use crate::learn::data::Dataset;
use crate::learn::train::Training;
use crate::plan::config::{Config, Count, DataSource};
use crate::study::Study;
use crate::surface::descent;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// So long steps are tried, and then evaluations.
const PATIENCE: Duration = Duration::from_millis(60);
/// Multiplications of a step that takes about that long itself: none is tried above.
const LARGEST_STEP: f64 = 4e9;
/// Images of either part to try it on, at most; but a batch at least.
const IMAGES: usize = 500;
/// Steps to try on a surface, at most.
const STEPS: usize = 2000;

/// What one core does in a second, and how that is known.
pub struct Speed {
    /// Multiplications of updates, as [`Config::training_cost`] counts them.
    training: f64,
    /// Multiplications of evaluations and probes.
    evaluation: f64,
    /// Steps on a surface.
    descent: f64,
    /// How the speed is known, in a sentence.
    pub basis: String,
}

impl Speed {
    /// Where nothing can be tried.
    pub fn rough() -> Speed {
        let basis =
            "60 billion multiplications a second, a rough guess: a step is too long or too large to be tried here";
        Speed { training: 60e9, evaluation: 60e9, descent: 1e6, basis: basis.into() }
    }

    /// Seconds that a trial takes one core.
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

    /// Seconds of training on so many cores. No study is done before its longest trial.
    pub fn study_seconds(&self, study: &Study, cores: usize) -> f64 {
        let trials = study.cells.iter().map(|cell| self.seconds(&cell.config));
        let longest = trials.clone().fold(0.0, f64::max);
        let all = trials.sum::<f64>() * study.seeds.len() as f64;
        longest.max(all / cores as f64)
    }

    /// Of the study's most expensive cell, in a fraction of a second.
    pub fn measure(study: &Study) -> Speed {
        let dearest = |is_of_kind: fn(&DataSource) -> bool| {
            let of_kind = study.cells.iter().filter(move |cell| is_of_kind(&cell.config.data));
            of_kind.max_by(|a, b| a.config.cost().total_cmp(&b.config.cost()))
        };
        let mut speed = Speed::rough();
        let mut tried = Vec::new();
        if let Some(cell) = dearest(|data| matches!(data, DataSource::Set(_)))
            && let Some((steps, images)) = speed.try_network(&cell.config)
        {
            tried.push(format!("{steps} steps and {images} evaluated images in the cell {}", cell.title()));
        }
        if let Some(cell) = dearest(|data| *data == DataSource::Surface) {
            tried.push(format!("{} steps in the cell {}", speed.try_surface(&cell.config), cell.title()));
        }
        if !tried.is_empty() {
            speed.basis = format!("{}, tried just now on one core", tried.join(" and "));
        }
        speed
    }

    /// (steps, images evaluated) that were tried; `None` if a step is too large or the numbers do not stay finite.
    fn try_network(&mut self, config: &Config) -> Option<(usize, usize)> {
        let DataSource::Set(set) = config.data else { return None };
        let batch = config.batch_size.get();
        let config = on_fewer_images(config);
        if 3.0 * config.weights() * batch.max(100) as f64 > LARGEST_STEP || !trial_fits(&config) {
            return None;
        }
        let data = Dataset::made_up(set, config.train_samples(), config.test_samples());
        let mut training = Training::new(&config, 0, &data);
        // The first step finds nothing in the caches.
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

    /// Steps that were tried.
    fn try_surface(&mut self, config: &Config) -> usize {
        let steps = config.total_steps().min(STEPS);
        let config = Config { steps: count(steps), epochs: None, ..config.clone() };
        let start = Instant::now();
        descent::descend(&config, 0, &AtomicBool::new(false), &mut |_| {});
        self.descent = steps as f64 / start.elapsed().as_secs_f64().max(1e-9);
        steps
    }
}

/// Seconds of each round, one after the other for a while; `None` if one fails.
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

/// The lower one of two: other programs lengthen rounds and shorten none.
fn median(seconds: &[f64]) -> f64 {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[(sorted.len() - 1) / 2].max(1e-9)
}

/// The same training on few images, with nothing to probe.
fn on_fewer_images(config: &Config) -> Config {
    Config {
        train_samples: count(config.trained_on().len().min(IMAGES.max(config.batch_size.get()))),
        validation_samples: Config::default().validation_samples,
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
        let seconds = |study: &Study, cores: usize| Speed::rough().study_seconds(study, cores);
        let alone = study("seeds = 1\n[base]\nsteps = 1000");
        assert_eq!(seconds(&alone, 8), seconds(&alone, 1));
        let four = study("seeds = 4\n[base]\nsteps = 1000");
        assert_eq!(seconds(&four, 2), 2.0 * seconds(&alone, 1));
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
        assert_eq!(speed.basis, Speed::rough().basis);
    }
}
