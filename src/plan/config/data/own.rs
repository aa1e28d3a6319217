//! A person's own files: what a study says of them, and what was found in them.

use super::super::range::Share;
use super::{Declaration, Origin};
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

/// Labels are kept in a byte each.
pub const MOST_CLASSES: usize = 256;

/// A data set of one's own files, as a study names it: `idx`, `csv` or `npz`, and what has to be known to read it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Files {
    /// A folder with MNIST's four files, or files like them: images and labels, to train on and to test with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idx: Option<String>,
    /// A table of text: a line a sample, a column a number, and one column with the class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csv: Option<String>,
    /// Arrays of NumPy's, saved with `savez` or `savez_compressed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub npz: Option<String>,
    /// What the data set is called. Default: the name of its file or folder, without its ending.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// With `idx`, what the names of its files begin with, where a folder has several sets: `"emnist-letters-"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// With `idx`, whether rows and columns of the images are swapped, as EMNIST's are.
    #[serde(skip_serializing_if = "is_false")]
    pub transposed: bool,
    /// With `csv`, the column with the classes: its name, or, without a header, its number, counted from 1. With `npz`, the
    /// array with them. Default there: `"y_train"` or `"y"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Column>,
    /// With `csv`, whether the first line has the names of the columns. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// With `csv`, what stands between the columns. Default: `","`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separator: Option<char>,
    /// With `csv`, columns that are not learned from, such as numbers of lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub leave_out: Vec<Column>,
    /// With `csv`, columns of texts, each of which becomes as many columns as it has texts: 1 in the column of its text, and 0
    /// in the others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub one_hot: Vec<Column>,
    /// With `npz`, the array to learn from. Default: `"x_train"` or `"x"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inputs: Option<String>,
    /// With `npz`, the array to test with. Default: `"x_test"`, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_inputs: Option<String>,
    /// With `npz`, the array with the classes of `test_inputs`. Default: `"y_test"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_label: Option<String>,
    /// With `csv`, another file with the samples to test with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<String>,
    /// With `csv`, the column that says of each sample `train` or `test`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<Column>,
    /// Where nothing else says which samples are tested with, the share of each class that is drawn, once for all seeds.
    /// Default: 0.25.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_share: Option<Share>,
    /// The seed that they are drawn with. Default: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_seed: Option<u32>,
    /// How numbers are brought to one scale. Default: `"unit"` for images of bytes, `"standard"` for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scaling>,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// A column by its name, or by its number, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Column {
    /// As in the header.
    Name(String),
    /// Counted from 1.
    Number(u32),
}

/// What a person's own data may be, by the key that says where it lies.
const KINDS: [&str; 3] = ["idx", "csv", "npz"];

/// Which keys go with which kinds of files; all others go with every kind.
const GO_WITH: [(&str, &[&str]); 14] = [
    ("prefix", &["idx"]),
    ("transposed", &["idx"]),
    ("label", &["csv", "npz"]),
    ("header", &["csv"]),
    ("separator", &["csv"]),
    ("leave_out", &["csv"]),
    ("one_hot", &["csv"]),
    ("inputs", &["npz"]),
    ("test_inputs", &["npz"]),
    ("test_label", &["npz"]),
    ("test", &["csv"]),
    ("split", &["csv"]),
    ("test_share", &["csv", "npz"]),
    ("test_seed", &["csv", "npz"]),
];

/// The forms that a person's own data have in a study, each with the keys that go with it.
pub(super) fn forms(generator: &mut SchemaGenerator) -> Vec<Value> {
    let schema = Files::json_schema(generator);
    let all = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let form = |kind: &str| {
        let goes = |key: &str| match GO_WITH.iter().find(|(other, _)| *other == key) {
            Some((_, with)) => with.contains(&kind),
            None => key == kind || !KINDS.contains(&key),
        };
        let properties: Map<String, Value> =
            all.iter().filter(|(key, _)| goes(key)).map(|(key, schema)| (key.clone(), schema.clone())).collect();
        let required = if kind == "csv" { json!(["csv", "label"]) } else { json!([kind]) };
        let description = all[kind].get("description").cloned().unwrap_or_default();
        json!({
            "type": "object", "description": description, "properties": properties, "required": required,
            "additionalProperties": false,
        })
    };
    KINDS.map(form).to_vec()
}

/// How the numbers of a sample are brought to one scale. What it needs to know, it takes from the training samples alone, all
/// of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scaling {
    /// Each number less its mean over the training samples, over its standard deviation there; one that never varies
    /// becomes 0.
    Standard,
    /// Bytes over the largest byte of the training samples: 255 in most images. Each other number from its least value
    /// there, 0, to its largest, 1.
    Unit,
    /// As they are.
    None,
}

/// What the files were found to hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// SHA-256 of the unpacked files: of their digests in hexadecimal, one after the other, if there are several.
    pub sha256: String,
    /// Number of training samples.
    pub train: usize,
    /// Number of test samples.
    pub test: usize,
    /// The shape of a sample: `[28, 28]`, or `[13]`.
    pub shape: Vec<usize>,
    /// The name of each class, in the order of the labels.
    pub classes: Vec<String>,
    /// The share of the numbers that are not zero.
    pub nonzero: f64,
    /// Whether each number is kept as a byte.
    pub bytes: bool,
    /// Bytes of memory that reading takes for a short time.
    pub reading: u64,
}

/// A person's own data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Own {
    /// As in the study.
    pub files: Files,
    /// What is in them.
    pub found: Found,
}

impl Files {
    /// The file or folder, as the study has it.
    pub fn path(&self) -> &str {
        [&self.idx, &self.csv, &self.npz].into_iter().flatten().next().map_or("", String::as_str)
    }

    /// What the data set is called.
    pub fn title(&self) -> String {
        let stem = || Path::new(self.path()).file_stem().map(|stem| stem.to_string_lossy().into_owned());
        self.name.clone().or_else(stem).unwrap_or_else(|| self.path().to_owned())
    }

    /// What contradicts itself: the key, what is wrong with it, and what to do.
    pub fn contradiction(&self) -> Option<(&'static str, String)> {
        // What is not given is not written.
        let given = serde_json::to_value(self).unwrap_or_default();
        let is_given = |key: &str| given.get(key).is_some();
        let kinds: Vec<&'static str> = KINDS.into_iter().filter(|kind| is_given(kind)).collect();
        let [kind] = kinds[..] else {
            let key = kinds.last().copied().unwrap_or("data");
            let kinds = "{ idx = \"FOLDER\" }, { csv = \"FILE\", label = \"COLUMN\" } or { npz = \"FILE\" }";
            return Some((key, format!("a data set has exactly one of `idx`, `csv` and `npz`: {kinds}")));
        };
        if let Some((key, with)) = GO_WITH.iter().find(|(key, with)| is_given(key) && !with.contains(&kind)) {
            return Some((key, format!("`{key}` goes with {}, not with `{kind}`", with.join(" or "))));
        }
        if kind == "csv" && self.label.is_none() {
            return Some(("csv", "which column has the classes? Write label = \"COLUMN\"".into()));
        }
        if self.name.as_ref().is_some_and(|name| name.trim().is_empty()) {
            return Some(("name", "this name is empty".into()));
        }
        let drawn = is_given("test_share") || is_given("test_seed");
        match ["test", "split"].into_iter().filter(|key| is_given(key)).collect::<Vec<_>>()[..] {
            [one] if drawn => {
                Some((one, format!("`{one}` says which samples are tested with: leave test_share and test_seed out")))
            }
            [_, two] => {
                Some((two, "`test` and `split` both say which samples are tested with: leave one of them out".into()))
            }
            _ if self.test_share.is_some_and(|share| share.get() == 0.0) => {
                Some(("test_share", "there has to be something to test with: expected a share above 0".into()))
            }
            _ => None,
        }
    }
}

impl Own {
    /// What decides the samples: the files' content and how they are read, not where they lie.
    fn identity(&self) -> String {
        let files = Files {
            idx: self.files.idx.as_ref().map(|_| String::new()),
            csv: self.files.csv.as_ref().map(|_| String::new()),
            npz: self.files.npz.as_ref().map(|_| String::new()),
            test: self.files.test.as_ref().map(|_| String::new()),
            name: None,
            ..self.files.clone()
        };
        let read = serde_json::to_string(&files).unwrap_or_default();
        hex::encode(Sha256::digest(format!("{} {read}", self.found.sha256)))
    }

    /// As a data set like those built in. It is kept as long as the program runs; equal ones once.
    ///
    /// Errors: what cannot be, in words.
    pub(super) fn declared(self) -> Result<&'static Declaration, String> {
        static KEPT: Mutex<BTreeMap<String, &'static Declaration>> = Mutex::new(BTreeMap::new());
        self.check()?;
        let text = toml::Value::try_from(&self).map_err(|error| error.to_string())?.to_string();
        let mut kept = KEPT.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(same) = kept.get(&text) {
            return Ok(same);
        }
        let found = &self.found;
        let classes: Vec<&'static str> = found.classes.iter().map(|class| &*class.clone().leak()).collect();
        let name: &'static str = self.files.title().leak();
        let declaration: &'static Declaration = Box::leak(Box::new(Declaration {
            name,
            title: name,
            meaning: "One's own files.",
            samples: if found.shape.len() > 1 { "images" } else { "samples" },
            train: found.train,
            test: found.test,
            shape: found.shape.clone().leak(),
            classes: classes.leak(),
            nonzero: found.nonzero,
            bytes: found.bytes,
            origin: Origin::Own { identity: self.identity(), toml: text.clone(), own: self },
        }));
        kept.insert(text, declaration);
        Ok(declaration)
    }

    /// Journals are written by others too.
    fn check(&self) -> Result<(), String> {
        let Found { sha256, train, test, shape, classes, nonzero, .. } = &self.found;
        if let Some((_, contradiction)) = self.files.contradiction() {
            return Err(contradiction);
        }
        let inputs = shape.iter().try_fold(1usize, |inputs, &side| inputs.checked_mul(side));
        let fits = |samples: usize, inputs: usize| samples > 0 && samples.saturating_mul(inputs) <= MOST_NUMBERS;
        let sizes = inputs
            .is_some_and(|inputs| (1..=MOST_INPUTS).contains(&inputs) && fits(*train, inputs) && fits(*test, inputs));
        if !sizes {
            return Err(format!(
                "{train} training and {test} test samples of the shape {shape:?} are none, or more than are read"
            ));
        }
        match (2..=MOST_CLASSES).contains(&classes.len()) && (0.0..=1.0).contains(nonzero) && sha256.len() == 64 {
            true => Ok(()),
            false => Err(format!(
                "no data set has {} classes, SHA-256 {sha256}, and {nonzero} as the share of numbers that are not zero",
                classes.len()
            )),
        }
    }
}

/// A sample of more numbers than this is taken for a mistake.
pub const MOST_INPUTS: usize = 1 << 20;

/// More numbers than this, of all samples to train on or of all to test with, are not read: the bytes of a set are counted by
/// 32 bits, and there are some more that say which of them are not zero.
pub const MOST_NUMBERS: usize = 3_000_000_000;
