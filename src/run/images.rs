//! The samples that cells need: where they lie, what they are, and reading them once for many trials.

use super::Job;
use crate::error::Result;
use crate::learn::data::{self, Dataset};
use crate::plan::Cell;
use crate::plan::config::{Config, DataSource};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Data sets that are read from files, each with the data folder it lies in.
#[derive(Default)]
pub struct Folders(BTreeMap<DataSource, PathBuf>);

impl Folders {
    /// Those that such trials need; `given` and `beside` as for [`data::locate`].
    pub fn find<'a>(configs: impl Iterator<Item = &'a Config>, beside: &Path, given: Option<&Path>) -> Result<Folders> {
        let mut folders = BTreeMap::new();
        for source in configs.map(|config| config.data).collect::<BTreeSet<_>>() {
            let found = source.set().map(|set| data::locate(set, given, beside)).transpose()?;
            folders.extend(found.flatten().map(|folder| (source, folder)));
        }
        Ok(Folders(folders))
    }

    /// `reading MNIST`; `None` if nothing is read.
    pub fn reading(&self) -> Option<String> {
        let titles: Vec<_> = self.0.keys().filter_map(|source| source.set()).map(|set| set.title).collect();
        (!titles.is_empty()).then(|| format!("reading {}", titles.join(" and ")))
    }

    /// The first so many samples of a source.
    pub fn load(&self, source: DataSource, train_samples: usize, test_samples: usize) -> Result<Dataset> {
        data::load(source, self.0.get(&source).map(PathBuf::as_path), train_samples, test_samples)
    }
}

/// Each data source once, with as many samples as the greediest job needs.
pub fn load(jobs: &[Job], folders: &Folders) -> Result<BTreeMap<DataSource, Dataset>> {
    let mut samples: BTreeMap<DataSource, (usize, usize)> = BTreeMap::new();
    for Job { config, .. } in jobs {
        let (train, test) = samples.entry(config.data).or_default();
        *train = config.train_samples().max(*train);
        *test = config.test_samples().max(*test);
    }
    samples.into_iter().map(|(source, (train, test))| Ok((source, folders.load(source, train, test)?))).collect()
}

/// Fingerprint of the cells' samples; of several sources, one after the other.
pub fn sha256(cells: &[Cell]) -> String {
    let sources: BTreeSet<_> = cells.iter().map(|cell| cell.config.data).collect();
    sources.into_iter().map(DataSource::sha256).collect::<Vec<_>>().join(" ")
}
