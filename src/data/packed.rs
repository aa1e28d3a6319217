//! Reading whole files, gzipped or not, and no more of them than was asked for.

use crate::file;
use flate2::bufread::GzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

/// What a gzipped file begins with.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// No byte of a gzipped file becomes more than this many: its format cannot say more with a byte.
const MOST_TIMES: u64 = 1032;

/// Why a file could not be read.
#[derive(Debug)]
pub(super) enum Problem {
    /// The system refused.
    Io(io::Error),
    /// It is called `.gz` and is no gzipped file.
    NotPacked(String),
    /// Something else is wrong with what is in it.
    Content(String),
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Problem {
        Problem::Io(error)
    }
}

/// The content of a file, unpacked if its name ends with `.gz`. `length` is told the first `header` bytes of the content, or
/// all if there are fewer, and the most bytes that the file can hold; it says how many are wanted.
///
/// What comes back is as long as was wanted, one byte longer if the file goes on, or shorter if it ends before.
///
/// Errors: the file cannot be read, is damaged, or breaks off; something follows what is packed; or those of `length`.
pub(super) fn read(
    path: &Path,
    header: usize,
    length: impl FnOnce(&[u8], u64) -> Result<usize, Problem>,
) -> Result<Vec<u8>, Problem> {
    let file = file::open(path)?;
    let size = file.metadata()?.len();
    let mut file = BufReader::with_capacity(1 << 16, file);
    let start = file.fill_buf()?;
    if start.is_empty() {
        return Err(Problem::Content("the file is empty".into()));
    }
    let mut bytes = Vec::new();
    if path.extension().is_none_or(|ending| ending != "gz") {
        file.by_ref().take(header as u64).read_to_end(&mut bytes)?;
        let more = (length(&bytes, size)? + 1).saturating_sub(bytes.len());
        file.take(more as u64).read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    if !start.starts_with(&MAGIC) {
        let start = &start[..start.len().min(16)];
        return Err(Problem::NotPacked(format!("not a gzipped file: it begins with \"{}\"", start.escape_ascii())));
    }
    let mut streams = Streams { decoder: Some(GzDecoder::new(file)), trailing: false };
    let unpack = |streams: &mut Streams, most: usize, bytes: &mut Vec<u8>| {
        streams.take(most as u64).read_to_end(bytes).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => Problem::Content("the gzipped file breaks off before its end".into()),
            ErrorKind::InvalidInput | ErrorKind::InvalidData => {
                Problem::Content(format!("the file is damaged: {error}"))
            }
            _ => Problem::Io(error),
        })
    };
    unpack(&mut streams, header, &mut bytes)?;
    let more = (length(&bytes, size.saturating_mul(MOST_TIMES))? + 1).saturating_sub(bytes.len());
    unpack(&mut streams, more, &mut bytes)?;
    match streams.trailing {
        true => Err(Problem::Content("after the end of what is gzipped, the file goes on".into())),
        false => Ok(bytes),
    }
}

/// What is packed in a file: one stream after the other, as gzip allows.
struct Streams {
    decoder: Option<GzDecoder<BufReader<File>>>,
    /// Whether something else follows the last stream.
    trailing: bool,
}

impl Read for &mut Streams {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(decoder) = &mut self.decoder else { return Ok(0) };
            match decoder.read(buffer)? {
                0 if !buffer.is_empty() => {}
                read => return Ok(read),
            }
            let Some(mut file) = self.decoder.take().map(GzDecoder::into_inner) else { return Ok(0) };
            let next = file.fill_buf()?;
            if next.starts_with(&MAGIC) {
                self.decoder = Some(GzDecoder::new(file));
            } else {
                self.trailing = !next.is_empty();
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::fs;
    use std::io::Write;

    pub(in crate::data) fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// What comes of a file of this name and content, of which `length` bytes are wanted, 4 of them to begin with.
    fn read_back(name: &str, content: &[u8], length: usize) -> Result<Vec<u8>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        read(&path, 4, |start, most| match most < length as u64 {
            true => Err(Problem::Content(format!("{start:?} may become {most} bytes"))),
            false => Ok(length),
        })
        .map_err(|problem| match problem {
            Problem::Io(error) => format!("io: {error}"),
            Problem::NotPacked(found) => format!("not packed: {found}"),
            Problem::Content(found) => found,
        })
    }

    #[test]
    fn as_much_is_read_as_is_wanted_and_a_byte_more_if_there_is_one() {
        let digits = b"0123456789";
        let in_two = [gzip(&digits[..3]), gzip(&digits[3..])].concat();
        for (name, content) in [("a", digits.to_vec()), ("a.gz", gzip(digits)), ("a.gz", in_two)] {
            for length in [0, 4, 9, 10] {
                // The first four are read before it is known how many are wanted.
                let expected = &digits[..(length + 1).clamp(4, 10)];
                assert_eq!(read_back(name, &content, length).as_deref(), Ok(expected), "{name}, {length}");
            }
        }
        assert_eq!(read_back("a.gz", &gzip(digits), 100).as_deref(), Ok(&digits[..]));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        let packed = gzip(b"0123456789");
        let followed_by = |more: &[u8]| [&packed, more].concat();
        let goes_on = "after the end of what is gzipped, the file goes on";
        let breaks_off = "the gzipped file breaks off before its end";
        let mut damaged = packed.clone();
        // Of the checksum before the length.
        let place = damaged.len() - 8;
        damaged[place] ^= 1;
        let cases: [(&str, Vec<u8>, &str); 12] = [
            ("a", vec![], "the file is empty"),
            ("a.gz", vec![], "the file is empty"),
            ("a.gz", vec![0x1f], "not packed: not a gzipped file: it begins with \"\\x1f\""),
            ("a.gz", b"digits".into(), "not packed: not a gzipped file: it begins with \"digits\""),
            ("a.gz", packed[..2].into(), breaks_off),
            ("a.gz", packed[..packed.len() - 1].into(), breaks_off),
            ("a.gz", damaged, "the file is damaged: "),
            ("a.gz", followed_by(&[0]), goes_on),
            ("a.gz", followed_by(&[0; 100_000]), goes_on),
            ("a.gz", followed_by(b"more"), goes_on),
            ("a.gz", followed_by(&packed[..2]), breaks_off),
            ("a", b"0123".into(), "[48, 49, 50, 51] may become 4 bytes"),
        ];
        for (name, content, expected) in cases {
            let problem = read_back(name, &content, 10).unwrap_err();
            assert!(problem.starts_with(expected), "{expected}: {problem}");
        }
        let Err(Problem::Io(error)) = read(Path::new("/no/such/file"), 4, |_, _| Ok(4)) else {
            panic!("there is none")
        };
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }

    #[test]
    fn what_a_file_can_become_is_known_before_it_is_unpacked() {
        let zeros = gzip(&[0; 100_000]);
        assert!(zeros.len() as u64 * MOST_TIMES >= 100_000);
        let problem = read_back("a.gz", &zeros, 1 << 40).unwrap_err();
        assert_eq!(problem, format!("[0, 0, 0, 0] may become {} bytes", zeros.len() * 1032));
    }
}
