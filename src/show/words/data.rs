//! The data sets that results are about, in words.

use super::number::plural;
use crate::judge::report::Table;
use crate::plan::config::DataSource;
use crate::plan::config::data::Declaration;

/// So many digits of a fingerprint tell data sets apart.
const DIGITS: usize = 12;

/// The first digits of a fingerprint.
pub fn short(sha256: &str) -> String {
    sha256.chars().take(DIGITS).collect()
}

/// The shape of a sample: `8 × 8`, or `13`.
pub fn shape(set: &Declaration) -> String {
    set.shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ")
}

/// Names and shapes, for titles: `digits 8 × 8, wine 13`. Empty without data sets.
pub fn brief(sources: impl IntoIterator<Item = DataSource>) -> String {
    let sets = sources.into_iter().filter_map(DataSource::set);
    sets.map(|set| format!("{} {}", set.name, shape(set))).collect::<Vec<_>>().join(", ")
}

/// `Data: wine, 133 training and 45 test samples of 13 numbers in 3 classes (SHA-256 0123456789ab).`, all sets in one sentence.
/// `sha256` are their fingerprints, separated by blanks, in the same order. `None` without data sets.
pub fn sentence(sources: &[DataSource], sha256: &str) -> Option<String> {
    let known = fingerprints(sources, sha256);
    let one = |(place, source): (usize, &DataSource)| {
        let set = source.set()?;
        let digits = known.get(place).map(|sha256| format!(" (SHA-256 {})", short(sha256)));
        let Declaration { name, train, test, samples, classes, .. } = set;
        let (shape, classes, digits) = (shape(set), classes.len(), digits.unwrap_or_default());
        let numbers = plural(set.pixels(), "number");
        Some(format!(
            "{name}, {train} training and {test} test {samples} of {shape} {numbers} in {classes} classes{digits}"
        ))
    };
    let sets: Vec<String> = sources.iter().enumerate().filter_map(one).collect();
    (!sets.is_empty()).then(|| format!("Data: {}.", sets.join("; ")))
}

/// The same for the data of a table.
pub fn of_table(table: &Table) -> Option<String> {
    sentence(&table.data, &table.provenance.data_sha256)
}

/// The fingerprint of each source, in their order; empty if the results do not have one of each.
pub fn fingerprints<'a>(sources: &[DataSource], sha256: &'a str) -> Vec<&'a str> {
    let known: Vec<&str> = sha256.split(' ').filter(|sha256| !sha256.is_empty()).collect();
    if known.len() == sources.len() { known } else { Vec::new() }
}
