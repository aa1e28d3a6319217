//! The format of a journal's lines: its version, and a checksum per line by which changes are noticed.
//!
//! `docs/journal.md` describes the format for people who write their own readers, and says what a new minor or major version
//! may change.

use super::process::Process;
use crate::printable;
use crate::record::event::Event;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::marker::PhantomData;

/// The version that this program writes. It reads what it knows of a newer minor version, and refuses a newer major version.
pub const CURRENT: Version = Version { major: 2, minor: 4 };

/// The version of files without a header. Their lines have no checksum.
const FIRST: Version = Version { major: 1, minor: 0 };

/// The first version with a header and checksums.
const SECOND: Version = Version { major: 2, minor: 0 };

/// The version of this program.
const ABLATE: &str = env!("CARGO_PKG_VERSION");

/// Number of characters of a parser's message, which may quote a whole line.
const MOST_QUOTED: usize = 200;

const CHECKSUM: &[u8] = b",\"crc\":\"";

/// Number of bytes from [`CHECKSUM`] to the end of a line: eight hexadecimal digits and `"}` follow.
const ENDING: usize = CHECKSUM.len() + 8 + "\"}".len();

/// A version of the journal's format, written as `[2,1]` in a journal and shown as `2.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "[u32; 2]", into = "[u32; 2]")]
pub struct Version {
    /// Changes if a reader of the version before would misread the file. 1 or more.
    pub major: u32,
    /// Changes if there is something new that older readers may ignore. From 0.
    pub minor: u32,
}

impl From<[u32; 2]> for Version {
    fn from([major, minor]: [u32; 2]) -> Version {
        Version { major, minor }
    }
}

impl From<Version> for [u32; 2] {
    fn from(Version { major, minor }: Version) -> [u32; 2] {
        [major, minor]
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The first line of a file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum First {
    Journal(Header),
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: Version,
    /// Version of the program that wrote the file.
    ablate: String,
    /// A random number for each file, as 16 hexadecimal digits; no result depends on it.
    #[serde(default)]
    writer: String,
    /// Who writes the file, by which others see whether it is still being written where files cannot be locked.
    #[serde(flatten)]
    process: Process,
}

/// The first line of a new file.
pub fn header() -> serde_json::Result<String> {
    // The keys of a hash map's hasher are random.
    let writer = format!("{:016x}", RandomState::new().build_hasher().finish());
    let header = Header { format: CURRENT, ablate: ABLATE.into(), writer, process: Process::this() };
    Ok(seal(serde_json::to_string(&First::Journal(header))?))
}

/// Who writes a file, by its first line; `None` if that does not tell.
pub fn writer(first: &[u8]) -> Option<Process> {
    match serde_json::from_slice(first) {
        Ok(Tagged(First::Journal(header))) => Some(header.process),
        Err(_) => None,
    }
}

/// An event's line.
pub fn line(event: &Event) -> serde_json::Result<String> {
    let text = serde_json::to_string(event)?;
    // Serde writes an event without fields as its name alone.
    Ok(seal(if text.starts_with('{') { text } else { format!("{{{text}:null}}") }))
}

/// Adds to a JSON object its last key, `crc`: the checksum of all bytes before it. `object` is the text of an object that has
/// one key or more.
pub fn seal(mut object: String) -> String {
    object.pop();
    object += &ending(object.as_bytes());
    object
}

/// The end of a line that begins with these bytes: their CRC-32, as in gzip and zlib, and the closing brace.
fn ending(before: &[u8]) -> String {
    format!(",\"crc\":\"{:08x}\"}}", crc32fast::hash(before))
}

/// Whether the checksum of a line is right; `None` if it has none.
fn is_intact(line: &[u8]) -> Option<bool> {
    let (before, end) = line.split_at_checked(line.len().checked_sub(ENDING)?)?;
    end.starts_with(CHECKSUM).then(|| end == ending(before).as_bytes())
}

/// How the lines of one file are read.
pub struct Format {
    version: Version,
    /// Version of the program that wrote the file; empty if it is not known.
    ablate: String,
}

/// Why a line has no event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is not as it was written: what is wrong with it.
    Damaged(String),
    /// A newer version of the program wrote what this one does not know: a message that says what to do.
    Newer(String),
}

/// What the first line of a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstLine {
    /// The header.
    Header,
    /// An event, of a file without a header.
    Event,
    /// A header that is not as it was written.
    Damaged,
}

impl Format {
    /// The format of a file by its first lines, one at least, and what its first line is. Where that is damaged, the others tell:
    /// only lines of format 2 have checksums.
    ///
    /// Errors: a newer major version of the format, as a message that says what to do.
    pub fn of(lines: &[&[u8]]) -> Result<(Format, FirstLine), String> {
        let first = lines.first().copied().unwrap_or_default();
        let of = |version| Format { version, ablate: String::new() };
        let intact = is_intact(first);
        match serde_json::from_slice(first) {
            Ok(Tagged(First::Journal(Header { format: version, ablate, .. }))) if intact != Some(false) => {
                let ablate = printable::line(&ablate).into_owned();
                if version.major > CURRENT.major {
                    return Err(format!(
                        "the file is in format {version} of journals, written by ablate {ablate}; this program, ablate \
                         {ABLATE}, reads formats 1 and {}\n  to read it: use ablate {ablate} or a later one",
                        CURRENT.major
                    ));
                }
                if intact == Some(true) && version >= SECOND {
                    return Ok((Format { version, ablate }, FirstLine::Header));
                }
            }
            _ if serde_json::from_slice::<Event>(first).is_ok() || first.trim_ascii().is_empty() => {
                return Ok((of(FIRST), FirstLine::Event));
            }
            _ => {}
        }
        let has_checksum = |line: &&[u8]| is_intact(line) == Some(true);
        let is_second = intact.is_some() || first.starts_with(b"{\"journal\"") || lines.iter().any(has_checksum);
        Ok(match is_second {
            true if intact == Some(true) && is_known(first) => (of(SECOND), FirstLine::Event),
            true => (of(CURRENT), FirstLine::Damaged),
            false => (of(FIRST), FirstLine::Event),
        })
    }

    /// Whether each line has a checksum.
    pub fn has_checksums(&self) -> bool {
        self.version > FIRST
    }

    /// The event of a line; `None` for an empty line, and for a kind of event of a newer version that this program does not
    /// know.
    pub fn event(&self, line: &[u8]) -> Result<Option<Event>, Unread> {
        if line.trim_ascii().is_empty() {
            return Ok(None);
        }
        if self.has_checksums() && is_intact(line) != Some(true) {
            return Err(Unread::Damaged("its checksum does not fit".into()));
        }
        let event = match self.has_checksums() {
            true => serde_json::from_slice(line).map(|Tagged(event)| event),
            false => serde_json::from_slice::<Event>(line),
        };
        match event {
            Ok(event) => {
                let event = event.checked().map_err(|problem| self.unread(format!("not a whole event: {problem}")))?;
                match &event {
                    // A newer version may name trials in another way.
                    Event::StudyStarted(plan) if self.version <= CURRENT => {
                        plan.check_names().map_err(Unread::Damaged)?;
                    }
                    _ => {}
                }
                Ok(Some(event))
            }
            Err(_) if self.version > CURRENT && !is_known(line) => Ok(None),
            Err(error) => {
                // The parser was given a single line, so its line number would mislead.
                let reason = error.to_string();
                let reason: String =
                    reason.split(" at line ").next().unwrap_or_default().chars().take(MOST_QUOTED).collect();
                Err(self.unread(format!("not an event ({reason}, at column {})", error.column())))
            }
        }
    }

    /// Why an event cannot be read whose line is as it was written.
    fn unread(&self, problem: String) -> Unread {
        let Format { version, ablate } = self;
        match *version > CURRENT {
            true => Unread::Newer(format!(
                "{}\n  the file is in format {version}, written by ablate {ablate}; this program knows {CURRENT}\n  to \
                 read it: use ablate {ablate} or a later one",
                printable::line(&problem)
            )),
            false => Unread::Damaged(problem),
        }
    }
}

/// Whether the line's event is of a kind that this program knows.
fn is_known(line: &[u8]) -> bool {
    let line: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(line).unwrap_or_default();
    line.keys().next().is_some_and(|name| Event::names().contains(&name.as_str()))
}

/// An enum that is stored as an object: the first key names the variant, and other keys may follow.
struct Tagged<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Tagged<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Tagged<T>, D::Error> {
        struct Object<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
                let value = T::deserialize(MapAccessDeserializer::new(&mut map))?;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(value)
            }
        }

        deserializer.deserialize_map(Object(PhantomData)).map(Tagged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::TrialId;

    fn read(version: &str, line: &str) -> Result<Option<Event>, Unread> {
        let first = seal(format!(r#"{{"journal":{{"format":{version},"ablate":"0.9.1","writer":"a"}}}}"#));
        let (format, first) = Format::of(&[first.as_bytes()]).unwrap();
        assert_eq!(first, FirstLine::Header);
        format.event(line.as_bytes())
    }

    fn damaged(read: Result<Option<Event>, Unread>) -> String {
        match read {
            Err(Unread::Damaged(problem)) => problem,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_changed_bit_of_a_line_is_noticed() {
        let event = Event::TrialStarted { trial: TrialId(7) };
        let (format, _) = Format::of(&[header().unwrap().as_bytes()]).unwrap();
        assert_ne!(header().unwrap(), header().unwrap(), "each file has a writer of its own");
        for event in [event, Event::StudyFinished] {
            let line = line(&event).unwrap();
            assert_eq!(format.event(line.as_bytes()), Ok(Some(event)));
            for bit in 0..8 * line.len() {
                let mut changed = line.clone().into_bytes();
                changed[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(damaged(format.event(&changed)), "its checksum does not fit");
            }
        }
        let first = header().unwrap();
        for bit in 0..8 * first.len() {
            let mut changed = first.clone().into_bytes();
            changed[bit / 8] ^= 1 << (bit % 8);
            let next = line(&Event::StudyFinished).unwrap();
            let (format, first) = Format::of(&[&changed, next.as_bytes()]).unwrap();
            assert_eq!(first, FirstLine::Damaged, "{}", String::from_utf8_lossy(&changed));
            assert_eq!(format.event(next.as_bytes()), Ok(Some(Event::StudyFinished)), "the other lines are read");
        }
    }

    #[test]
    fn a_newer_major_version_is_refused_with_its_number() {
        for first in [
            seal(r#"{"journal":{"format":[3,0],"ablate":"0.9.1"}}"#.into()),
            r#"{"journal":{"format":[3,7],"ablate":"0.9.1","more":1}}"#.into(),
        ] {
            let problem = Format::of(&[first.as_bytes()]).err().unwrap();
            for words in ["is in format 3.", "written by ablate 0.9.1;", "reads formats 1 and 2", "use ablate 0.9.1"] {
                assert!(problem.contains(words), "{problem}");
            }
        }
    }

    #[test]
    fn unknown_parts_of_a_newer_minor_version_are_ignored() {
        let started = Ok(Some(Event::TrialStarted { trial: TrialId(7) }));
        let line = |text: &str| seal(text.into());
        let more = line(r#"{"trial_started":{"trial":"0000000000000007","host":"a"},"at":[1]}"#);
        let unknown = line(r#"{"trial_paused":{"trial":"0000000000000007"}}"#);
        let missing = line(r#"{"trial_started":{"name":"0000000000000007"}}"#);
        for version in ["[2,0]", "[2,9]"] {
            assert_eq!(read(version, &more), started);
            assert_eq!(read(version, " "), Ok(None));
        }
        assert_eq!(read("[2,9]", &unknown), Ok(None));
        assert!(damaged(read("[2,0]", &unknown)).contains("unknown variant `trial_paused`"));
        // Events of a known kind have to be complete.
        let Err(Unread::Newer(problem)) = read("[2,9]", &missing) else { panic!("it is read") };
        assert!(
            problem.contains(&format!("format 2.9, written by ablate 0.9.1; this program knows {CURRENT}")),
            "{problem}"
        );
        assert!(damaged(read("[2,0]", &missing)).contains("missing field `trial`"));
        let unsealed = r#"{"trial_paused":{"trial":"0000000000000007"}}"#;
        assert!(damaged(read("[2,9]", unsealed)).contains("its checksum does not fit"));
    }

    #[test]
    fn a_file_without_a_header_is_of_format_1_unless_its_lines_have_checksums() {
        let plain = r#"{"trial_started":{"trial":"0000000000000007"}}"#;
        let of = |lines: &[&str]| {
            let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
            let (format, first) = Format::of(&lines).unwrap();
            (format.has_checksums(), first)
        };
        assert_eq!(of(&[plain]), (false, FirstLine::Event));
        assert_eq!(of(&[""]), (false, FirstLine::Event), "an empty line");
        let sealed = seal(plain.into());
        assert_eq!(of(&[&sealed]), (true, FirstLine::Event), "its header was deleted");
        // Where the first line is damaged, the next one tells.
        assert_eq!(of(&["{\"trial_st", plain]), (false, FirstLine::Event));
        assert_eq!(of(&["{\"jo", &sealed]), (true, FirstLine::Damaged));
        for first in [r#"{"journal":{"format":[2,0],"ablate":"0.1.0"}}"#, r#"{"journal":{}}"#] {
            assert_eq!(of(&[first]), (true, FirstLine::Damaged), "{first}");
        }
    }
}
