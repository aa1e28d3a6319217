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
