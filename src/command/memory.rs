//! Estimates of the memory that a study needs, in bytes.

use crate::error::{Error, Result};
use crate::learn::curvature::Curvature;
use crate::learn::data::Dataset;
use crate::learn::slice::Snapshots;
use crate::learn::trace::Trace;
use crate::plan::config::data::Declaration;
use crate::plan::config::{Config, DataSource, LayerFacts, LayerKind, Probe};
use crate::study::Study;
use std::collections::BTreeMap;
use std::fs;

/// The bytes of the program and its screen, as measured.
const PROGRAM: f64 = 8e6;

/// The most bytes that a study needs at a time: the samples, and the largest trial on each core or the reading of the data.
pub fn bytes(study: &Study, cores: usize) -> f64 {
    let mut samples: BTreeMap<DataSource, f64> = BTreeMap::new();
    let mut trial: f64 = 0.0;
    for config in study.cells.iter().map(|cell| &cell.config) {
        let most = samples.entry(config.data).or_default();
        *most = most.max(sample_bytes(config));
        trial = trial.max(trial_bytes(config));
    }
    let trials = cores.min(study.trained_cells().len() * study.seeds.len());
    let reading = samples.keys().map(|&source| reading_bytes(source)).fold(0.0, f64::max);
    PROGRAM + samples.values().sum::<f64>() + reading.max(trials as f64 * trial)
}

fn sample_bytes(config: &Config) -> f64 {
    config.data.set().map_or(0.0, |set| Dataset::bytes(set, config.train_samples_needed() + config.test_samples()))
}

/// The additional bytes while the files of a data set are read.
fn reading_bytes(source: DataSource) -> f64 {
    source.set().and_then(Declaration::files).map_or(0.0, |files| files.reading)
}

/// The bytes of a trial: parameters with their gradients and the optimizer's state, and running statistics; for each unit and
/// image of a batch the output of its affine layer, a gradient, and the outputs of the layers after it with what they keep
/// for the backward pass; the images of a batch; which images it uses; snapshots of the weights, if a plane is asked for; the vectors of the
/// search for the sharpness.
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
        + 8.0 * config.train_samples_needed() as f64
        + snapshots
        + search
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

/// Errors: a trace of so many steps needs more memory than is free.
pub fn trace_fits_into_memory(config: &Config, steps: usize) -> Result<()> {
    let needed = PROGRAM + reading_bytes(config.data) + trial_bytes(config) + Trace::bytes(config, steps);
    match memory_available() {
        Some(available) if needed > available => Err(Error::Usage(format!(
            "--steps {steps}: tracing them needs about {} of memory, and {} are free\n  to mend it: give fewer steps",
            size(needed),
            size(available)
        ))),
        _ => Ok(()),
    }
}

/// Whether there is enough memory for a trial; true if the free memory is not known.
pub fn trial_fits(config: &Config) -> bool {
    memory_available().is_none_or(|available| trial_bytes(config) < available)
}

/// The free bytes; `None` on systems other than Linux.
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
    fn what_no_memory_holds_is_refused_before_it_is_tried() {
        assert!(fits_into_memory(&study("[base]\nsteps = 10"), 2).is_ok());
        let huge = study("[base]\nhidden = [1000000, 1000000]");
        assert!(bytes(&huge, 2) > 1e12);
        if memory_available().is_some() {
            assert!(fits_into_memory(&huge, 2).unwrap_err().to_string().contains("lower hidden"));
        }
    }
}
