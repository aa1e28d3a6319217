//! The samples that trials need: where their files are, their fingerprint, and reading them once for all trials.

use crate::data::{self, Dataset};
use crate::error::Result;
use crate::plan::config::{Config, DataSource};
use crate::plan::{Cell, sources};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The data sources, each with its data folder if it has one.
#[derive(Default)]
pub struct Folders(BTreeMap<DataSource, Option<PathBuf>>);

impl Folders {
    /// Finds the data sets that these configurations need; `given` and `beside` as for [`data::locate`].
    ///
    /// Errors: those of [`data::locate`].
    pub fn find<'a>(configs: impl Iterator<Item = &'a Config>, beside: &Path, given: Option<&Path>) -> Result<Folders> {
        let mut folders = BTreeMap::new();
        for source in configs.map(|config| config.data).collect::<BTreeSet<_>>() {
            let found = source.set().map(|set| data::locate(set, given, beside)).transpose()?;
            folders.insert(source, found.flatten());
        }
        Ok(Folders(folders))
    }

    /// What is about to be read, as in `reading MNIST`; `None` if nothing is.
    pub fn reading(&self) -> Option<String> {
        let sets = self.0.keys().filter_map(|source| source.set());
        let titles: Vec<_> = sets.filter(|set| set.reading() > 0.0).map(|set| set.title).collect();
        (!titles.is_empty()).then(|| format!("reading {}", titles.join(" and ")))
    }

    /// Reads all known files, to see whether they are what they should be. A person's own were read with the study.
    ///
    /// Errors: as [`Folders::load`].
    pub fn examine(&self) -> Result<()> {
        let mut known = self.0.keys().filter(|source| source.set().is_some_and(|set| set.own().is_none()));
        known.try_for_each(|source| self.load(*source, 1, 1).map(drop))
    }

    /// Reads, or generates, the first `train_samples` and `test_samples` of a source.
    ///
    /// Errors: a file is missing, cannot be read, or is not what it should be.
    pub fn load(&self, source: DataSource, train_samples: usize, test_samples: usize) -> Result<Dataset> {
        data::load(source, self.0.get(&source).and_then(Option::as_deref), train_samples, test_samples)
    }
}

/// Loads each data source once, with the most samples that any configuration needs. Errors: those of [`Folders::load`].
pub fn load(configs: &[Config], folders: &Folders) -> Result<BTreeMap<DataSource, Dataset>> {
    let mut samples: BTreeMap<DataSource, (usize, usize)> = BTreeMap::new();
    for config in configs {
        let (train, test) = samples.entry(config.data).or_default();
        *train = config.train_samples_needed().max(*train);
        *test = config.test_samples().max(*test);
    }
    samples.into_iter().map(|(source, (train, test))| Ok((source, folders.load(source, train, test)?))).collect()
}

/// The SHA-256 digest, in hex, of the data source of these cells; those of several sources separated by blanks.
pub fn sha256(cells: &[Cell]) -> String {
    sources(cells).into_iter().map(DataSource::sha256).collect::<Vec<_>>().join(" ")
}
