//! How long a study will take and how much memory it needs.

use crate::error::{Error, Result};
use crate::learn::curvature::Curvature;
use crate::learn::slice::Snapshots;
use crate::learn::trace::Trace;
use crate::plan::config::{Config, DataSource, LayerFacts, LayerKind, Probe};
use crate::study::Study;
use std::collections::BTreeMap;
use std::fs;

/// Multiplications a second on one core, as [`Config::cost`] counts them. Measured roughly: for estimates alone.
const SPEED: f64 = 60e9;

/// Bytes an MNIST pixel is kept in: a bit, and a byte for each of those that are not zero.
const PIXEL: f64 = 0.125 + 0.2;

/// What the program and its screen take, and what checking and unpacking MNIST takes for a moment: measured.
const PROGRAM: f64 = 8e6;
const READING_MNIST: f64 = 90e6;

/// Seconds of training on so many cores. No study is done before its longest trial.
pub fn seconds(study: &Study, cores: usize) -> f64 {
    let costs = study.cells.iter().map(|cell| cell.config.cost());
    let longest = costs.clone().fold(0.0, f64::max);
    let all = costs.sum::<f64>() * study.seeds.len() as f64;
    longest.max(all / cores as f64) / SPEED
}

/// The images, and the largest trial on each core; or, before it, the reading.
pub fn bytes(study: &Study, cores: usize) -> f64 {
    let mut images: BTreeMap<DataSource, f64> = BTreeMap::new();
    let mut trial: f64 = 0.0;
    for config in study.cells.iter().map(|cell| &cell.config) {
        let samples = (config.train_samples() + config.test_samples()) as f64;
        let most = images.entry(config.data).or_default();
        *most = most.max(samples * config.data.pixels() as f64 * PIXEL);
        trial = trial.max(trial_bytes(config));
    }
    let trials = cores.min(study.cells.len() * study.seeds.len());
    let reading = if images.contains_key(&DataSource::Mnist) { READING_MNIST } else { 0.0 };
    PROGRAM + images.values().sum::<f64>() + reading.max(trials as f64 * trial)
}

/// Parameters with their gradients and what the optimizer remembers of each, and running statistics; for each unit and image
/// of a batch the result of its affine layer, a gradient, and what each layer behind it puts out and keeps; the batch's
/// images in bytes; snapshots of the weights and the ways between them, if a plane is asked for; the vectors of a search for the
/// sharpness.
fn trial_bytes(config: &Config) -> f64 {
    let shapes = config.affine_shapes();
    let weights: f64 = shapes.iter().map(|&(fan_in, fan_out)| fan_in as f64 * fan_out as f64).sum();
    let units: f64 = shapes.iter().map(|&(_, fan_out)| fan_out as f64).sum();
    let snapshots = match config.probes.contains(&Probe::Plane) {
        true => Snapshots::bytes(config, weights),
        false => 0.0,
    };
    let search = match config.probes.contains(&Probe::Curvature) {
        true => Curvature::bytes(config, weights, units),
        false => 0.0,
    };
    let layers: Vec<LayerFacts> = config.layers().into_iter().map(LayerKind::facts).collect();
    let parameters: usize = layers.iter().map(|layer| layer.parameters).sum();
    let statistics: usize = layers.iter().map(|layer| layer.statistics).sum();
    let of_unit_and_image: usize = 2 + layers.iter().map(|layer| 1 + layer.kept).sum::<usize>();
    let batch = config.batch_size.get() as f64;
    let of_parameter = 8.0 + config.optimizer.state_bytes() as f64;
    let of_unit = of_parameter * parameters as f64 + 4.0 * statistics as f64;
    of_parameter * weights
        + units * (of_unit + 4.0 * batch * of_unit_and_image as f64)
        + batch * config.data.pixels() as f64
        + snapshots
        + search
}

/// In the unit that leaves one to three digits before the point.
pub fn size(bytes: f64) -> String {
    match bytes {
        _ if bytes < 1e9 => format!("{:.0} MB", bytes / 1e6),
        _ if bytes < 1e12 => format!("{:.1} GB", bytes / 1e9),
        _ => format!("{:.1} TB", bytes / 1e12),
    }
}

/// Refuses a study that needs more memory than there is: the system would end the program in the middle of it.
pub fn fits_into_memory(study: &Study, cores: usize) -> Result<()> {
    let needed = bytes(study, cores);
    match memory_available() {
        Some(available) if needed > available => Err(Error::Usage(format!(
            "{}: training needs about {} of memory, and {} are free\n  \
             to mend it: lower hidden or batch_size, or train fewer networks at a time with --jobs",
            study.name,
            size(needed),
            size(available)
        ))),
        _ => Ok(()),
    }
}

/// The same for a trace of so many steps.
pub fn trace_fits_into_memory(config: &Config, steps: usize) -> Result<()> {
    let needed = PROGRAM + READING_MNIST + trial_bytes(config) + Trace::bytes(config, steps);
    match memory_available() {
        Some(available) if needed > available => Err(Error::Usage(format!(
            "--steps {steps}: tracing them needs about {} of memory, and {} are free\n  to mend it: give fewer steps",
            size(needed),
            size(available)
        ))),
        _ => Ok(()),
    }
}

/// Bytes, where the system tells: on Linux.
fn memory_available() -> Option<f64> {
    let meminfo = fs::read_to_string("/proc/meminfo").ok()?;
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()? * 1024.0)
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
    fn no_study_ends_before_its_longest_trial() {
        let alone = study("seeds = 1\n[base]\nsteps = 1000");
        assert_eq!(seconds(&alone, 8), seconds(&alone, 1));
        let four = study("seeds = 4\n[base]\nsteps = 1000");
        assert_eq!(seconds(&four, 2), 2.0 * seconds(&alone, 1));
    }

    #[test]
    fn what_no_memory_holds_is_refused_before_it_is_tried() {
        assert!(fits_into_memory(&study("[base]\nsteps = 10"), 2).is_ok());
        let huge = study("[base]\nhidden = [1000000, 1000000]");
        assert!(bytes(&huge, 2) > 1e12);
        if memory_available().is_some() {
            assert!(fits_into_memory(&huge, 2).unwrap_err().to_string().contains("lower hidden"));
        }
    }
}
