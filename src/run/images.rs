//! The images that cells need: where they lie, what they are, and reading them once for many trials.

use super::Job;
use crate::error::Result;
use crate::learn::data::{self, Dataset};
use crate::plan::Cell;
use crate::plan::config::{Config, DataSource};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where the images lie, if any are needed that are not made up; `beside` as for [`data::locate`].
pub fn folder<'a>(
    mut configs: impl Iterator<Item = &'a Config>,
    beside: &Path,
    given: Option<&Path>,
) -> Result<Option<PathBuf>> {
    let reads = configs.any(|config| config.data == DataSource::Mnist);
    reads.then(|| data::locate(given, beside)).transpose()
}

/// Each data source once, with as many samples as the greediest job needs.
pub fn load(jobs: &[Job], folder: Option<&Path>) -> Result<BTreeMap<DataSource, Dataset>> {
    let mut samples: BTreeMap<DataSource, (usize, usize)> = BTreeMap::new();
    for Job { config, .. } in jobs {
        let (train, test) = samples.entry(config.data).or_default();
        *train = config.train_samples().max(*train);
        *test = config.test_samples().max(*test);
    }
    let load = |(source, (train, test))| Ok((source, data::load(source, folder, train, test)?));
    samples.into_iter().map(load).collect()
}

/// Fingerprint of the cells' images; of several sources, one after the other.
pub fn sha256(cells: &[Cell]) -> String {
    let sources: BTreeSet<_> = cells.iter().map(|cell| cell.config.data).collect();
    sources.into_iter().map(data::sha256).collect::<Vec<_>>().join(" ")
}
