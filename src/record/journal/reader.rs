//! Reads a journal chunk by chunk, also while it is being written.

use super::damage::{Damage, Recorded};
use super::format::{FirstLine, Format, Unread};
use super::{name, numbers};
use crate::error::{Error, Result};
use crate::record::event::Event;
use rayon::prelude::*;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// How many bytes of a journal are in memory at a time, as text and as the events parsed from it.
const CHUNK: usize = 8 << 20;

/// Text of fewer bytes is parsed by one thread.
const WORTH_SHARING: usize = 1 << 16;

/// A line of a journal that was read.
#[derive(Debug)]
pub struct Entry<'a> {
    /// The file.
    pub path: &'a Path,
    /// Its number among the files of the journal.
    pub file: u32,
    /// The line, counted from 1.
    pub line: usize,
    /// Whether the lines of the file have checksums.
    pub has_checksum: bool,
    /// What is in it.
    pub content: Content,
}

/// What is in a line.
#[derive(Debug)]
pub enum Content {
    /// An event.
    Event(Event),
    /// Something else than what was written there.
    Damage(Damage),
}

/// Reads a folder's journal, and what is appended to it later.
pub struct Reader {
    folder: PathBuf,
    /// In the order of their numbers.
    files: Vec<Position>,
}

/// How far a file has been read.
struct Position {
    /// The file's number, see [`name`].
    number: u32,
    bytes: u64,
    lines: usize,
    /// `None` until the first line has been read.
    format: Option<Format>,
}

impl Reader {
    /// A reader that has read nothing yet. A folder without a journal has no events; one that cannot be read is an error.
    pub fn open(folder: &Path) -> Result<Reader> {
        numbers(folder)?;
        Ok(Reader { folder: folder.to_owned(), files: Vec::new() })
    }

    /// Calls `apply` with each event and each damaged line since the last call, file by file. A last line without a newline is left
    /// for the next call.
    ///
    /// Errors: a file cannot be read, is in a format of a newer version, or holds what only a newer version knows, named by file and
    /// line; also those of `apply`. The next call would fail at the same line.
    pub fn read_new(&mut self, apply: &mut dyn FnMut(Entry) -> Result<()>) -> Result<()> {
        for number in numbers(&self.folder)? {
            let index = match self.files.binary_search_by_key(&number, |file| file.number) {
                Ok(index) => index,
                Err(index) => {
                    self.files.insert(index, Position { number, bytes: 0, lines: 0, format: None });
                    index
                }
            };
            self.files[index].read_new(&self.folder, apply)?;
        }
        Ok(())
    }
}

impl Position {
    fn read_new(&mut self, folder: &Path, apply: &mut dyn FnMut(Entry) -> Result<()>) -> Result<()> {
        let path = folder.join(name(self.number));
        let mut file = File::open(&path).map_err(Error::io("read", &path))?;
        let length = file.metadata().map_err(Error::io("read", &path))?.len();
        if length < self.bytes {
            return Err(self.broken(path, "lines that were read before are gone: open the result again"));
        }
        file.seek(SeekFrom::Start(self.bytes)).map_err(Error::io("read", &path))?;
        let mut unread = file.take(length - self.bytes);
        // Begins with the part of a line whose end has not been read yet.
        let mut text = Vec::new();
        while unread.limit() > 0 {
            let read = unread.by_ref().take(CHUNK as u64).read_to_end(&mut text).map_err(Error::io("read", &path))?;
            if read == 0 {
                break;
            }
            if let Some(end) = text.iter().rposition(|&byte| byte == b'\n') {
                self.apply_lines(&text[..end], &path, apply)?;
                text.drain(..=end);
            }
        }
        Ok(())
    }

    /// Parses whole lines, of which the last one comes without its newline, and calls `apply` with what is in them, in order.
    fn apply_lines(&mut self, text: &[u8], path: &Path, apply: &mut dyn FnMut(Entry) -> Result<()>) -> Result<()> {
        let lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').collect();
        let (format, first) = match self.format.take() {
            Some(format) => (format, FirstLine::Event),
            None => Format::of(&lines).map_err(|problem| self.broken(path.to_owned(), &problem))?,
        };
        let header = usize::from(first != FirstLine::Event);
        let events: Vec<_> = match text.len() < WORTH_SHARING {
            true => lines[header..].iter().map(|line| format.event(line)).collect(),
            false => lines[header..].par_iter().map(|line| format.event(line)).collect(),
        };
        let damaged = || Err(Unread::Damaged("its checksum does not fit".into()));
        let header = match first {
            FirstLine::Header => Some(Ok(None)),
            FirstLine::Event => None,
            FirstLine::Damaged => Some(damaged()),
        };
        let (has_checksum, file) = (format.has_checksums(), self.number);
        self.format = Some(format);
        for (line, event) in lines.iter().zip(header.into_iter().chain(events)) {
            let number = self.lines + 1;
            let content = match event {
                Ok(event) => event.map(Content::Event),
                Err(Unread::Damaged(problem)) => {
                    let recorded = if number == 1 && has_checksum { Recorded::Header } else { Recorded::by(line) };
                    Some(Content::Damage(Damage { path: path.to_owned(), line: number, problem, recorded }))
                }
                Err(Unread::Newer(problem)) => return Err(self.broken(path.to_owned(), &problem)),
            };
            if let Some(content) = content {
                apply(Entry { path, file, line: number, has_checksum, content })?;
            }
            self.bytes += line.len() as u64 + 1;
            self.lines += 1;
        }
        Ok(())
    }

    /// The error for the line after the last one that was read.
    fn broken(&self, path: PathBuf, problem: &str) -> Error {
        Error::Journal { path, line: self.lines + 1, problem: problem.to_owned() }
    }
}
