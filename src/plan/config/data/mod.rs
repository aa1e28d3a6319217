//! The data sets there are. Each is declared in a file of its own, with all that has to be known of it before any file of
//! samples is read, and is named once below. How it is read or generated is in the file of that name in `data`.

mod gaussian;
mod mnist;
mod own;
mod synthetic;

pub use gaussian::GAUSSIAN;
pub use mnist::{MNIST, MNIST_FILES};
pub use own::{Column, Files, Found, MOST_CLASSES, MOST_INPUTS, MOST_NUMBERS, Own, Scaling};
pub use synthetic::SYNTHETIC;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::sync::LazyLock;

/// The data sets that are built in. The fingerprints of several sets are listed in this order.
pub const BUILT_IN: [&Declaration; 3] = [&MNIST, &SYNTHETIC, &GAUSSIAN];

/// Everything that is known of a data set without reading its samples.
pub struct Declaration {
    /// The name in studies, unique: `mnist`.
    pub name: &'static str,
    /// In messages: `MNIST`.
    pub title: &'static str,
    /// What it is, in a sentence or two.
    pub meaning: &'static str,
    /// The plural of its samples in messages: `images`.
    pub samples: &'static str,
    /// Number of training samples.
    pub train: usize,
    /// Number of test samples.
    pub test: usize,
    /// The shape of a sample: `[28, 28]`.
    pub shape: &'static [usize],
    /// The name of each class, in the order of the labels: at most 256.
    pub classes: &'static [&'static str],
    /// The share of the numbers that are not zero, for estimates: only those take memory.
    pub nonzero: f64,
    /// Whether each number is kept as a byte, for estimates.
    pub bytes: bool,
    /// Where its samples come from.
    pub origin: Origin,
}

/// Where the samples come from.
#[expect(clippy::large_enum_variant, reason = "there is one of a data set")]
pub enum Origin {
    /// Known files that are read and checked.
    Known(KnownFiles),
    /// A person's own files.
    Own {
        /// As in the study, and what they were found to hold.
        own: Own,
        /// Equal for data sets that have the same samples, wherever their files lie: 64 hexadecimal digits.
        identity: String,
        /// [`Origin::Own::own`] as a value in TOML.
        toml: String,
    },
    /// Generated, the same every time.
    Generated {
        /// The version of the generated samples. Raise it, together with `plan::GENERATION`, with any change to what is
        /// generated, so that old results are not mixed with new ones.
        version: &'static str,
    },
}

/// What a data set is read from.
pub struct KnownFiles {
    /// The files' folder inside the data folder: `mnist`.
    pub folder: &'static str,
    /// What is expected there, in a message: `MNIST's four files`.
    pub holds: &'static str,
    /// Images and labels to train on, then those to test with.
    pub files: &'static [DataFile],
    /// Bytes of memory that reading them needs for a short time.
    pub reading: f64,
}

/// A file of a data set.
pub struct DataFile {
    /// The name in its folder: `train-images-idx3-ubyte`, which may also be gzipped.
    pub name: &'static str,
    /// Of the file, unpacked.
    pub sha256: &'static str,
}

impl Declaration {
    /// Numbers of a sample: what a network gets as its input.
    pub fn pixels(&self) -> usize {
        self.shape.iter().product()
    }

    /// Fingerprint of all its samples, as 64 hexadecimal digits. Reads no file: the code that reads them accepts no others.
    pub fn sha256(&self) -> String {
        match &self.origin {
            Origin::Known(files) => fingerprint(files.files.iter().map(|file| file.sha256)),
            Origin::Own { own, .. } => own.found.sha256.clone(),
            Origin::Generated { version } => fingerprint([*version].into_iter()),
        }
    }

    /// The known files that it is read from.
    pub fn known_files(&self) -> Option<&KnownFiles> {
        match &self.origin {
            Origin::Known(files) => Some(files),
            _ => None,
        }
    }

    /// What is known of a person's own files.
    pub fn own(&self) -> Option<&Own> {
        match &self.origin {
            Origin::Own { own, .. } => Some(own),
            _ => None,
        }
    }

    /// A person's own data set as a value in TOML, with what was found in its files.
    pub fn as_toml(&self) -> Option<&str> {
        match &self.origin {
            Origin::Own { toml, .. } => Some(toml),
            _ => None,
        }
    }

    /// Bytes of memory that reading its files takes for a short time.
    pub fn reading(&self) -> f64 {
        match &self.origin {
            Origin::Known(files) => files.reading,
            Origin::Own { own, .. } => own.found.reading as f64,
            Origin::Generated { .. } => 0.0,
        }
    }
}

fn fingerprint<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut sha256 = Sha256::new();
    texts.for_each(|text| sha256.update(text));
    hex::encode(sha256.finalize())
}

/// What a trial learns from. Two data sources are equal if they have the same name and the same samples.
///
/// All code asks this type for counts, pixels and classes. In a study, a person's own files are a table of how to read
/// them; once they have been looked at, they are an [`Own`], which is what journals have.
#[derive(Clone, Copy)]
pub enum DataSource {
    /// Samples with labels, for a network.
    Set(&'static Declaration),
    /// No samples and no network: an optimizer minimises a function of two variables.
    Surface,
    /// Another program's data: that program trains and writes the journal. No study can name it.
    Program,
}

impl DataSource {
    /// All data sources that a study can name.
    pub fn all() -> impl Iterator<Item = DataSource> {
        BUILT_IN.into_iter().map(DataSource::Set).chain([DataSource::Surface])
    }

    /// The data set, if it is one.
    pub fn set(self) -> Option<&'static Declaration> {
        match self {
            DataSource::Set(set) => Some(set),
            DataSource::Surface | DataSource::Program => None,
        }
    }

    /// As in studies and journals: `mnist`.
    pub fn name(self) -> &'static str {
        match self {
            DataSource::Set(set) => set.name,
            DataSource::Surface => "surface",
            DataSource::Program => "program",
        }
    }

    /// The numbers of training samples and of test samples.
    pub fn samples(self) -> (usize, usize) {
        self.set().map_or((1, 1), |set| (set.train, set.test))
    }

    /// Numbers of a sample.
    pub fn pixels(self) -> usize {
        self.set().map_or(2, Declaration::pixels)
    }

    /// Number of classes.
    pub fn classes(self) -> usize {
        self.set().map_or(0, |set| set.classes.len())
    }

    /// See [`Declaration::sha256`].
    pub fn sha256(self) -> String {
        self.set().map_or_else(|| fingerprint([].into_iter()), Declaration::sha256)
    }

    /// As part of what a trial is: for a person's own files what they hold, not where they lie.
    pub fn identity(self) -> &'static str {
        match self.set().map(|set| &set.origin) {
            Some(Origin::Own { identity, .. }) => identity,
            _ => self.name(),
        }
    }

    /// A person's own data set.
    ///
    /// Errors: what cannot be, in words.
    pub fn own(own: Own) -> Result<DataSource, String> {
        own.declared().map(DataSource::Set)
    }

    /// Its index among all that a study can name; after them if it is none of those.
    fn place(self) -> usize {
        DataSource::all().take_while(|other| *other != self).count()
    }
}

impl PartialEq for DataSource {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name() && self.identity() == other.identity()
    }
}

impl Eq for DataSource {}

impl Ord for DataSource {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |source: &DataSource| (source.place(), source.name(), source.identity());
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for DataSource {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for DataSource {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| DataSource::all().map(DataSource::name).collect());

impl JsonSchema for DataSource {
    fn schema_name() -> Cow<'static, str> {
        "DataSource".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let name = |source: DataSource| {
            let meaning = source.set().map_or(SURFACE_MEANING, |set| set.meaning);
            json!({ "type": "string", "const": source.name(), "description": meaning })
        };
        json_schema!({ "oneOf": DataSource::all().map(name).chain(own::forms(generator)).collect::<Vec<_>>() })
    }
}

const SURFACE_MEANING: &str = "No samples and no network: an optimizer minimises a function of two variables.";

impl Serialize for DataSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.set().and_then(Declaration::own) {
            Some(own) => own.serialize(serializer),
            None => serializer.serialize_str(self.name()),
        }
    }
}

impl<'de> Deserialize<'de> for DataSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<DataSource, D::Error> {
        deserializer.deserialize_any(NameOrOwn)
    }
}

struct NameOrOwn;

impl<'de> Visitor<'de> for NameOrOwn {
    type Value = DataSource;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("the name of a data set, in quotes, or a table of one's own files")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<DataSource, E> {
        let found = DataSource::all().chain([DataSource::Program]).find(|source| source.name() == name);
        found.ok_or_else(|| E::unknown_variant(name, &NAMES))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<DataSource, A::Error> {
        let own = Own::deserialize(MapAccessDeserializer::new(map))?;
        DataSource::own(own).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_is_declared_can_be_trained_on() {
        for set in BUILT_IN {
            let name = set.name;
            assert!(set.train > 0 && set.test > 0 && set.pixels() > 0, "{name}");
            // Labels are kept in a byte each.
            assert!((2..=256).contains(&set.classes.len()), "{name}");
            assert!(set.nonzero > 0.0 && set.nonzero <= 1.0, "{name}");
            assert_eq!(serde_json::from_value::<DataSource>(name.into()).unwrap(), DataSource::Set(set));
        }
        let distinct: BTreeSet<_> = DataSource::all().map(DataSource::name).collect();
        assert_eq!(distinct.len(), DataSource::all().count());
    }

    #[test]
    fn fingerprints_are_fixed() {
        // printf of the four unpacked files' digests, in the order of data/mnist/README.md, | sha256sum
        assert_eq!(MNIST.sha256(), "c65580678af93f1ea48c2c0d01d543ec89307c6b8a0eb7ca542d7c18c5f4c681");
        // printf 'ablate synthetic digits 1' | sha256sum, printf 'ablate gaussian 1' | sha256sum, sha256sum < /dev/null
        assert_eq!(SYNTHETIC.sha256(), "bdcd3fb11ec050ca5f9dcbd554ea59ffee8cd42414e95ee81beedf8c6108f2f2");
        assert_eq!(GAUSSIAN.sha256(), "dd32918032c2226c317c5ff91bbfa35bfed13677a3f0ad3f4b15da2765d6953e");
        assert_eq!(DataSource::Surface.sha256(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
