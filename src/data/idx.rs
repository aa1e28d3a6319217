//! The IDX format: images and labels in four files, as MNIST came.

use super::packed::{self, Problem};
use crate::plan::config::data::{MOST_INPUTS, MOST_NUMBERS};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// One of the four files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Role {
    /// What is tested with, or else trained on.
    pub(super) test: bool,
    /// Labels, or else images.
    pub(super) labels: bool,
}

impl Role {
    /// In the order in which data sets list their files.
    pub(super) const ALL: [Role; 4] = [
        Role { test: false, labels: false },
        Role { test: false, labels: true },
        Role { test: true, labels: false },
        Role { test: true, labels: true },
    ];

    /// `training images`
    pub(super) fn what(self) -> &'static str {
        match (self.test, self.labels) {
            (false, false) => "training images",
            (false, true) => "training labels",
            (true, false) => "test images",
            (true, true) => "test labels",
        }
    }

    /// The name that MNIST's file has: `train-images-idx3-ubyte`.
    pub(super) fn usual_name(self) -> &'static str {
        match (self.test, self.labels) {
            (false, false) => "train-images-idx3-ubyte",
            (false, true) => "train-labels-idx1-ubyte",
            (true, false) => "t10k-images-idx3-ubyte",
            (true, true) => "t10k-labels-idx1-ubyte",
        }
    }

    /// What a file is by its name, and what stands before that: `emnist-letters-` and training images for
    /// `emnist-letters-train-images-idx3-ubyte.gz`. The parts may be separated by dots, too.
    fn by_name(name: &str) -> Option<(&str, Role)> {
        let name = name.strip_suffix(".gz").unwrap_or(name);
        let separators = ['-', '.', '_'];
        let rest = name.strip_suffix("ubyte")?.strip_suffix(separators)?;
        let rest = rest.strip_suffix("idx3").or_else(|| rest.strip_suffix("idx1"))?.strip_suffix(separators)?;
        let (rest, labels) = match rest.strip_suffix("images") {
            Some(rest) => (rest, false),
            None => (rest.strip_suffix("labels")?, true),
        };
        let rest = rest.strip_suffix(separators)?;
        let (prefix, test) = match rest.strip_suffix("train") {
            Some(prefix) => (prefix, false),
            None => (rest.strip_suffix("t10k").or_else(|| rest.strip_suffix("test"))?, true),
        };
        Some((prefix, Role { test, labels }))
    }
}

/// The path of a file in a folder, under any of its usual names; a gzipped one before an unpacked one. `prefix` is what stands
/// before them; `None` is whatever there is, if it is one alone.
///
/// Errors: there is none, or there are several prefixes.
pub(super) fn find(folder: &Path, prefix: Option<&str>, role: Role) -> Result<PathBuf, String> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Err("no such folder".into()),
        Err(error) => return Err(format!("the folder cannot be read: {error}")),
    };
    let mut found: Vec<(String, String)> = Vec::new();
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        if let Some((before, its)) = Role::by_name(&name)
            && its == role
            && prefix.is_none_or(|prefix| prefix == before)
        {
            found.push((before.to_owned(), name.clone()));
        }
    }
    // The order of a folder's entries is no order.
    found.sort_by_key(|(before, name)| (before.clone(), !name.ends_with(".gz"), name.clone()));
    let mut prefixes: Vec<&str> = found.iter().map(|(before, _)| before.as_str()).collect();
    prefixes.dedup();
    match (found.first(), &prefixes[..]) {
        (Some((_, name)), [_]) => Ok(folder.join(name)),
        (None, _) => {
            let name = format!("{}{}", prefix.unwrap_or_default(), role.usual_name());
            Err(format!("it has no {}: there is neither {name} nor {name}.gz", role.what()))
        }
        (Some(_), several) => {
            let several: Vec<String> = several.iter().map(|prefix| format!("prefix = {prefix:?}")).collect();
            Err(format!("there are several sets in it: choose one, {}", several.join(" or ")))
        }
    }
}

/// What is in a file.
pub(super) struct Idx {
    /// Number of items.
    pub(super) count: usize,
    /// The shape of each: `[28, 28]` for an image, `[]` for a label.
    pub(super) shape: Vec<usize>,
    /// The whole file: its header, and then the items, one after the other.
    pub(super) file: Vec<u8>,
    header: usize,
}

impl Idx {
    /// The bytes of all items.
    pub(super) fn items(&self) -> &[u8] {
        &self.file[self.header..]
    }
}

/// More dimensions than this are taken for a mistake.
const MOST_DIMENSIONS: usize = 8;

/// Reads a file of images, or of labels: bytes, as many as its header says.
///
/// Errors: it cannot be read, is damaged, is not of this format, or has more or fewer bytes than it says. What it promises is
/// looked at before there is memory for it.
pub(super) fn read(path: &Path, role: Role) -> Result<Idx, Problem> {
    let mut described = None;
    let header = 4 + 4 * MOST_DIMENSIONS;
    let file = packed::read(path, header, |start, most| {
        let (count, shape, header) = understand(start, role).map_err(Problem::Content)?;
        let bytes = (shape.iter().product::<usize>() as u64).saturating_mul(count as u64).saturating_add(header as u64);
        if bytes > most {
            return Err(Problem::Content(format!(
                "its header promises {count} {}, {bytes} bytes, of which a file of its size has room for {most} at most",
                role.what()
            )));
        }
        described = Some((count, shape, header));
        Ok(bytes as usize)
    })?;
    let Some((count, shape, header)) = described else {
        return Err(Problem::Content("it has no header".into()));
    };
    let length = header + count * shape.iter().product::<usize>();
    match file.len() {
        fewer if fewer < length => {
            Err(Problem::Content(format!("it ends after {fewer} bytes, and its header promises {length}")))
        }
        more if more > length => {
            Err(Problem::Content(format!("it goes on after the {length} bytes that its header promises")))
        }
        _ => Ok(Idx { count, shape, file, header }),
    }
}

/// (number of items, shape of each, length of the header), from the first bytes of a file.
fn understand(start: &[u8], role: Role) -> Result<(usize, Vec<usize>, usize), String> {
    let Some((&[zero, nought, kind, dimensions], rest)) = start.split_first_chunk() else {
        return Err(format!("it ends after {} bytes, within its header", start.len()));
    };
    if (zero, nought) != (0, 0) {
        return Err(format!("no IDX file: it begins with \"{}\"", start[..start.len().min(16)].escape_ascii()));
    }
    if kind != 8 {
        let kind = match kind {
            0x09 => "signed bytes",
            0x0b => "16-bit whole numbers",
            0x0c => "32-bit whole numbers",
            0x0d => "single-precision numbers",
            0x0e => "double-precision numbers",
            _ => return Err(format!("no IDX file: there is no kind {kind:#04x} of numbers")),
        };
        return Err(format!("its numbers are {kind}, and only files of unsigned bytes (0x08) are read"));
    }
    let dimensions = usize::from(dimensions);
    let (least, most) = if role.labels { (1, 1) } else { (2, MOST_DIMENSIONS) };
    if !(least..=most).contains(&dimensions) {
        return Err(format!("it has {dimensions} dimensions, which {} have not", role.what()));
    }
    let Some(lengths) = rest.get(..4 * dimensions) else {
        return Err(format!("it ends after {} bytes, within its header", start.len()));
    };
    let lengths = lengths.as_chunks::<4>().0.iter().map(|&length| u32::from_be_bytes(length) as usize);
    let lengths: Vec<usize> = lengths.collect();
    let (count, shape) = (lengths[0], lengths[1..].to_vec());
    let inputs = shape.iter().try_fold(1usize, |inputs, &side| inputs.checked_mul(side)).unwrap_or(usize::MAX);
    if count == 0 || inputs == 0 {
        return Err(format!("it has no {}: its lengths are {lengths:?}", role.what()));
    }
    if inputs > MOST_INPUTS || inputs.saturating_mul(count) > MOST_NUMBERS {
        return Err(format!(
            "its header promises {lengths:?}, more than {MOST_INPUTS} numbers a sample or {MOST_NUMBERS} in all"
        ));
    }
    Ok((count, shape, 4 + 4 * dimensions))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    const IMAGES: Role = Role::ALL[0];
    const LABELS: Role = Role::ALL[1];

    /// A header of bytes with these lengths, and what follows it.
    fn file(lengths: &[u32], items: &[u8]) -> Vec<u8> {
        let lengths = lengths.iter().flat_map(|length| length.to_be_bytes());
        [0, 0, 8, (lengths.clone().count() / 4) as u8].into_iter().chain(lengths).chain(items.iter().copied()).collect()
    }

    fn problem(role: Role, bytes: &[u8]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a-file");
        fs::write(&path, bytes).unwrap();
        match read(&path, role) {
            Ok(idx) => format!("{} items are read", idx.count),
            Err(Problem::Content(found)) => found,
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_goes_by_any_of_its_usual_names() {
        let names = [
            "train-images-idx3-ubyte",
            "train-labels-idx1-ubyte.gz",
            "t10k-images.idx3-ubyte",
            "test_labels_idx1_ubyte.gz",
        ];
        for (role, name) in Role::ALL.into_iter().zip(names) {
            assert_eq!(Role::by_name(name), Some(("", role)), "{name}");
            let of_a_set = format!("emnist-letters-{name}");
            assert_eq!(Role::by_name(&of_a_set), Some(("emnist-letters-", role)));
            assert_eq!(Role::by_name(role.usual_name()), Some(("", role)));
        }
        for name in ["", "images", "train-images", "train-images-idx3-ubyte.0.br", "train-idx3-ubyte", "idx3-ubyte"] {
            assert_eq!(Role::by_name(name), None, "{name}");
        }
    }

    #[test]
    fn a_folder_is_searched_for_one_set() {
        let folder = tempfile::tempdir().unwrap();
        let found = |prefix| {
            find(folder.path(), prefix, IMAGES).map(|path| path.strip_prefix(folder.path()).unwrap().to_owned())
        };
        let missing =
            "it has no training images: there is neither train-images-idx3-ubyte nor train-images-idx3-ubyte.gz";
        assert_eq!(found(None), Err(missing.into()));
        for name in ["a-train-images.idx3-ubyte", "a-train-labels-idx1-ubyte", "README.md"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(found(None), Ok("a-train-images.idx3-ubyte".into()));
        assert_eq!(found(Some("")), Err(missing.into()));
        // The gzipped one is taken, as it was packed out of the other.
        fs::write(folder.path().join("a-train-images-idx3-ubyte.gz"), "").unwrap();
        assert_eq!(found(Some("a-")), Ok("a-train-images-idx3-ubyte.gz".into()));
        fs::write(folder.path().join("train-images-idx3-ubyte"), "").unwrap();
        assert_eq!(found(Some("")), Ok("train-images-idx3-ubyte".into()));
        let several = found(None).unwrap_err();
        assert!(several.ends_with("choose one, prefix = \"\" or prefix = \"a-\""), "{several}");
        assert_eq!(find(&folder.path().join("none"), None, IMAGES), Err("no such folder".into()));
    }

    #[test]
    fn images_and_labels_are_read_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gz");
        let items: Vec<u8> = (0..24).collect();
        for (role, lengths) in [(IMAGES, &[2, 3, 4][..]), (IMAGES, &[3, 8]), (IMAGES, &[2, 2, 2, 3]), (LABELS, &[24])] {
            let mut packed = GzEncoder::new(fs::File::create(&path).unwrap(), Compression::fast());
            packed.write_all(&file(lengths, &items)).unwrap();
            packed.finish().unwrap();
            let idx = read(&path, role).unwrap();
            let shape: Vec<usize> = lengths[1..].iter().map(|&length| length as usize).collect();
            assert_eq!((idx.count, idx.shape.clone(), idx.items()), (lengths[0] as usize, shape, &items[..]));
        }
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        const MANY: u32 = u32::MAX;
        let mut words = file(&[2], &[0; 2]);
        words[2] = 0x0c;
        let mut unknown = words.clone();
        unknown[2] = 0x0a;
        let cases = [
            (LABELS, vec![], "the file is empty"),
            (LABELS, vec![0, 0, 8], "it ends after 3 bytes, within its header"),
            (IMAGES, file(&[2, 3, 4], &[])[..10].into(), "it ends after 10 bytes, within its header"),
            (LABELS, b"label\n7\n".into(), "no IDX file: it begins with \"label\\n7\\n\""),
            (LABELS, words, "its numbers are 32-bit whole numbers"),
            (LABELS, unknown, "there is no kind 0x0a of numbers"),
            (LABELS, file(&[2, 3, 4], &[0; 24]), "it has 3 dimensions, which training labels have not"),
            (IMAGES, file(&[24], &[0; 24]), "it has 1 dimensions, which training images have not"),
            (IMAGES, file(&[1; 9], &[0]), "it has 9 dimensions"),
            (IMAGES, file(&[0, 3, 4], &[]), "it has no training images: its lengths are [0, 3, 4]"),
            (IMAGES, file(&[2, 0, 4], &[]), "it has no training images: its lengths are [2, 0, 4]"),
            (IMAGES, file(&[MANY, 28, 28], &[0; 784]), "its header promises [4294967295, 28, 28], more than"),
            (LABELS, file(&[MANY], &[0; 784]), "its header promises [4294967295], more than"),
            (IMAGES, file(&[2, MANY, MANY], &[0; 784]), "its header promises [2, 4294967295, 4294967295], more than"),
            (
                IMAGES,
                file(&[2; 8], &[MANY as u8; 9]),
                "its header promises 2 training images, 292 bytes, of which a file",
            ),
            (LABELS, file(&[60_000], &[0; 100]), "its header promises 60000 training labels, 60008 bytes, of which"),
            (LABELS, file(&[2], &[0; 3]), "it goes on after the 10 bytes that its header promises"),
            (IMAGES, file(&[2, 3, 4], &[0; 100]), "it goes on after the 40 bytes that its header promises"),
        ];
        for (role, bytes, expected) in cases {
            let found = problem(role, &bytes);
            assert!(found.contains(expected), "{expected}: {found}");
        }
    }

    #[test]
    fn a_gzipped_file_cannot_promise_what_it_cannot_hold() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gz");
        let gzipped = |bytes: &[u8]| {
            let mut packed = GzEncoder::new(fs::File::create(&path).unwrap(), Compression::best());
            packed.write_all(bytes).unwrap();
            packed.finish().unwrap();
            let Err(Problem::Content(found)) = read(&path, IMAGES) else { panic!("{path:?} is wrong") };
            found
        };
        let found = gzipped(&file(&[1_000_000, 28, 28], &[]));
        assert!(
            found.contains("promises 1000000 training images, 784000016 bytes, of which a file of its size"),
            "{found}"
        );
        let found = gzipped(&file(&[2, 28, 28], &[0; 784]));
        assert!(found.contains("it ends after 800 bytes, and its header promises 1584"), "{found}");
        // A bomb: no more is unpacked than a byte too many.
        let found = gzipped(&file(&[2, 28, 28], &vec![0; 100_000_000]));
        assert!(found.contains("it goes on after the 1584 bytes"), "{found}");
    }
}
