use super::{Status, print};
use crate::cli::Check;
use crate::config::{Config, DataSource};
use crate::error::Result;
use crate::study::{Changes, Study};
use std::collections::BTreeMap;
use std::path::Path;
use std::thread;

/// Multiplications a second on one core, as [`Config::cost`] counts them. Measured roughly: for estimates alone.
const SPEED: f64 = 60e9;

/// Share of MNIST's pixels that are not zero; three bytes are kept for each of those.
const LIT_PIXELS: f64 = 0.2;

/// What the program and its screen take, and what checking and unpacking MNIST takes for a moment: measured.
const PROGRAM: f64 = 8e6;
const READING_MNIST: f64 = 90e6;

/// Validates studies and says what they would train. All mistakes are told, not only those of the first file.
pub fn check(args: &Check) -> Result<Status> {
    let changes = Changes::from(&args.changes);
    let mut status = Status::Done;
    for path in &args.studies {
        match Study::load(path, &changes) {
            Ok(study) => print::result(&report(path, &study))?,
            Err(error) => {
                print::error(&error);
                status = Status::Mistake;
            }
        }
    }
    Ok(status)
}

fn report(path: &Path, study: &Study) -> String {
    let (cells, seeds) = (study.cells.len(), study.seeds.len());
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut text = format!("{}: {}\n", path.display(), study.name);
    if let Some(question) = &study.question {
        text += &format!("  {question}\n");
    }
    text += &format!("  {} × {} = {}\n", count(cells, "cell"), count(seeds, "seed"), count(cells * seeds, "trial"));
    let (time, memory) = (duration(seconds(study, cores)), bytes(study, cores) / 1e6);
    text + &format!("  estimates on {}: {time}, {:.0} MB of memory\n", count(cores, "core"), memory)
}

/// Seconds of training on so many cores. No study is done before its longest trial.
fn seconds(study: &Study, cores: usize) -> f64 {
    let costs = study.cells.iter().map(|cell| cell.config.cost());
    let longest = costs.clone().fold(0.0, f64::max);
    let all = costs.sum::<f64>() * study.seeds.len() as f64;
    longest.max(all / cores as f64) / SPEED
}

/// The images, and the largest trial on each core; or, before it, the reading.
fn bytes(study: &Study, cores: usize) -> f64 {
    let mut images: BTreeMap<DataSource, f64> = BTreeMap::new();
    let mut trial: f64 = 0.0;
    for config in study.cells.iter().map(|cell| &cell.config) {
        let samples = (config.train_samples() + config.test_samples()) as f64;
        let most = images.entry(config.data).or_default();
        *most = most.max(samples * config.data.pixels() as f64 * LIT_PIXELS * 3.0);
        trial = trial.max(trial_bytes(config));
    }
    let trials = cores.min(study.cells.len() * study.seeds.len());
    let reading = if images.contains_key(&DataSource::Mnist) { READING_MNIST } else { 0.0 };
    PROGRAM + images.values().sum::<f64>() + reading.max(trials as f64 * trial)
}

/// Weights with their gradients and up to two moments; four values for each unit and image of a batch.
fn trial_bytes(config: &Config) -> f64 {
    let shapes = config.affine_shapes();
    let weights: f64 = shapes.iter().map(|&(fan_in, fan_out)| fan_in as f64 * fan_out as f64).sum();
    let units: f64 = shapes.iter().map(|&(_, fan_out)| fan_out as f64).sum();
    4.0 * (4.0 * weights + 4.0 * units * config.batch_size.get() as f64)
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// In two units at most.
fn duration(seconds: f64) -> String {
    let whole = seconds.ceil().max(1.0) as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn study(text: &str) -> Study {
        Study::parse(text, Path::new("test.toml"), &Changes::default()).unwrap()
    }

    #[test]
    fn no_study_ends_before_its_longest_trial() {
        let alone = study("seeds = 1\n[base]\nsteps = 1000");
        assert_eq!(seconds(&alone, 8), seconds(&alone, 1));
        let four = study("seeds = 4\n[base]\nsteps = 1000");
        assert_eq!(seconds(&four, 2), 2.0 * seconds(&alone, 1));
    }

    #[test]
    fn durations_are_told_in_two_units_at_most() {
        assert_eq!([0.2, 59.1, 3599.5, 90_000.0].map(duration), ["1 s", "1 min 0 s", "1 h 0 min", "25 h 0 min"]);
    }
}
