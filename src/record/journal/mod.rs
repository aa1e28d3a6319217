//! The journal of a result folder: `journal.jsonl`, `journal-2.jsonl`, …, one event per line and one file per writer. Files of
//! older formats may lie beside newer ones. `docs/journal.md` describes the format.
//!
//! Two locks keep writers apart. Each writer locks its own file while it writes, by which others see that the journal is being
//! written; several writers may share a folder, each with its own file. A program that reads a folder to decide what to write
//! there holds [`crate::record::results::Lock`] from before it reads until its own file is locked.
//!
//! A writer that is killed leaves at worst an incomplete last line. It has no newline, so every reader ignores it; the next
//! writer begins a new file.

mod damage;
mod disk;
mod format;
mod harm;
mod process;
mod reader;

pub use damage::{Damage, Recorded};
use disk::Disk;
pub use disk::sync_folder;
pub use format::{CURRENT, Version, seal};
use harm::Earlier;
pub use harm::{Harm, leads_to};
pub use process::Process;
pub use reader::{Entry, Reader};

use crate::error::{Error, Result};
use crate::file;
use crate::plan::TrialId;
use crate::record::event::{Curve, Event};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A trial's evaluations are collected for this long and then written as one line.
const EVALUATED_EVERY: Duration = Duration::from_secs(1);

/// Writes one journal file, which is locked until this is dropped or finished, so that others see it is being written.
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Number of bytes written, all of them whole lines.
    length: u64,
    /// Evaluations that are not written yet, by trial.
    waiting: BTreeMap<TrialId, Waiting>,
    /// The journal files that existed when this one was created.
    earlier: Vec<Earlier>,
    /// Checksum of all bytes written.
    sum: crc32fast::Hasher,
    /// Brings them to the disk.
    disk: Disk,
}

struct Waiting {
    curve: Curve,
    /// When the trial's last line of evaluations was written, or its first evaluation came.
    since: Instant,
}

impl Journal {
    /// Creates the next journal file of `folder`, numbered above all that exist, and locks it. Fails if the folder cannot be
    /// read or the file cannot be written.
    pub fn create(folder: &Path) -> Result<Journal> {
        let mut number = numbers(folder)?.last().map_or(1, |last| last + 1);
        let earlier = Earlier::of(folder);
        loop {
            let path = folder.join(name(number));
            match OpenOptions::new().append(true).create_new(true).open(&path) {
                Ok(file) => return Journal::begin(path, file, earlier),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(Error::io("create", &path)(error)),
            }
        }
    }

    /// Locks the new file and writes its first line.
    fn begin(path: PathBuf, file: File, earlier: Vec<Earlier>) -> Result<Journal> {
        // This waits at most for another program that looks whether the file is being written. Where files cannot be locked, the
        // first line tells who writes it.
        let is_locked = file.lock().is_ok();
        let disk = Disk::new(&file, is_locked).map_err(Error::io("write", &path))?;
        let sum = crc32fast::Hasher::new();
        let mut journal = Journal { path, file, length: 0, waiting: BTreeMap::new(), earlier, sum, disk };
        match journal.write(format::header()).and_then(|()| journal.sync_folders()) {
            Ok(()) => Ok(journal),
            Err(error) => {
                journal.withdraw();
                Err(error)
            }
        }
    }

    /// Brings the name of the file to the disk, and those of the folders above it, which may be new as well.
    fn sync_folders(&self) -> Result<()> {
        let folders = self.path.ancestors().skip(1).take(3);
        folders.into_iter().try_for_each(|folder| sync_folder(folder).map_err(Error::io("write to", folder)))
    }

    /// The same file once its folder has another name.
    pub fn moved_to(&mut self, folder: &Path) {
        self.path = folder.join(self.path.file_name().unwrap_or_default());
    }

    /// Writes an event as one line, at once. Only evaluations are collected, to share a line with the trial's next ones: for
    /// about a second, but never past the trial's end. If the line cannot be written, the file is as before.
    pub fn append(&mut self, event: &Event) -> Result<()> {
        match event {
            Event::Evaluated { trial, curve } => return self.append_evaluated(*trial, curve),
            Event::TrialStarted { trial }
            | Event::Sliced { trial, .. }
            | Event::Classified { trial, .. }
            | Event::TrialFinished { trial, .. } => self.release(*trial)?,
            Event::LayersProbed { .. } | Event::Moved { .. } => {}
            Event::StudyStarted(_) | Event::StudyFinished => self.flush()?,
        }
        self.write(format::line(event))
    }

    /// Writes all collected evaluations.
    pub fn flush(&mut self) -> Result<()> {
        while let Some((&trial, _)) = self.waiting.first_key_value() {
            self.release(trial)?;
        }
        Ok(())
    }

    /// Writes all collected evaluations, waits until everything is on the disk, and unlocks the file: from then on others may write to
    /// the folder.
    pub fn finish(&mut self) -> Result<()> {
        let flushed = self.flush();
        let synced = self.disk.finish().map_err(Error::io("bring to the disk", &self.path));
        // A file that cannot be unlocked was never locked.
        let _ = self.file.unlock();
        flushed.and(synced)
    }

    /// Removes the file, for a run that recorded nothing worth keeping. If another file has its name by now, that stays.
    pub fn withdraw(mut self) {
        self.waiting.clear();
        if leads_to(&self.path, &self.file) {
            let _ = fs::remove_file(&self.path);
        }
    }

    /// The file that this writes.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn append_evaluated(&mut self, trial: TrialId, curve: &Curve) -> Result<()> {
        let now = Instant::now();
        let waiting = self.waiting.entry(trial).or_insert_with(|| Waiting { curve: Curve::default(), since: now });
        waiting.curve.extend(curve);
        if now.duration_since(waiting.since) >= EVALUATED_EVERY {
            waiting.since = now;
            let curve = std::mem::take(&mut waiting.curve);
            self.write(format::line(&Event::Evaluated { trial, curve }))?;
        }
        Ok(())
    }

    /// Writes the collected evaluations of one trial.
    fn release(&mut self, trial: TrialId) -> Result<()> {
        match self.waiting.remove(&trial) {
            Some(Waiting { curve, .. }) if !curve.is_empty() => {
                self.write(format::line(&Event::Evaluated { trial, curve }))
            }
            _ => Ok(()),
        }
    }

    fn write(&mut self, line: serde_json::Result<String>) -> Result<()> {
        let before = self.file.metadata().map_or(self.length, |found| found.len());
        let written = line.map_err(io::Error::other).and_then(|mut line| {
            line.push('\n');
            self.file.write_all(line.as_bytes())?;
            self.length += line.len() as u64;
            self.sum.update(line.as_bytes());
            Ok(())
        });
        let written = written.and_then(|()| self.disk.written());
        written.map_err(|error| {
            // A part of a line, as on a full disk, would make the next one unreadable. What was in the file before stays,
            // whoever wrote it.
            let _ = self.file.set_len(before);
            Error::io("write", &self.path)(error)
        })
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // To learn of an error, call `flush` before.
        let _ = self.flush();
    }
}

/// Who writes to the folder's journal: a process that is not known where a lock shows it; `None` if nobody does, and if the folder
/// cannot be read. Where files cannot be locked, a file without an end is being written if its first line names a process that
/// [may live](Process::may_live).
pub fn writer(folder: &Path) -> Option<Process> {
    files(folder).unwrap_or_default().iter().find_map(|path| writer_of(path))
}

fn writer_of(path: &Path) -> Option<Process> {
    let file = file::open(path).ok()?;
    let mut first = Vec::new();
    let named = |first: &mut Vec<u8>| {
        let read = BufReader::new(&file).take(MOST_OF_HEADER).read_until(b'\n', first);
        read.ok().and_then(|_| format::writer(first.trim_ascii_end())).unwrap_or_default()
    };
    match file.try_lock_shared() {
        Ok(()) => None,
        Err(TryLockError::WouldBlock) => Some(named(&mut first)),
        Err(TryLockError::Error(_)) => {
            let last_written = file.metadata().ok()?.modified().ok()?;
            Some(named(&mut first)).filter(|process| process.may_live(last_written) && !has_end(path))
        }
    }
}

/// The header of a journal is never longer.
const MOST_OF_HEADER: u64 = 4096;

/// Whether the last line of the file tells that its run has ended.
fn has_end(path: &Path) -> bool {
    let end = |mut file: File| {
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(length.saturating_sub(MOST_OF_HEADER)))?;
        let mut end = Vec::new();
        file.read_to_end(&mut end).map(|_| end)
    };
    let last = file::open(path).and_then(end).unwrap_or_default();
    let last = last.trim_ascii_end().rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
    matches!(Recorded::by(last), Recorded::End)
}

/// Whether some program is writing to the folder's journal, see [`writer`].
pub fn is_being_written(folder: &Path) -> bool {
    writer(folder).is_some()
}

/// The name of a journal file by its number, which counts from 1.
fn name(number: u32) -> String {
    match number {
        1 => "journal.jsonl".into(),
        _ => format!("journal-{number}.jsonl"),
    }
}

/// The journal files of a folder, in the order in which they are read. Fails if the folder cannot be read.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    Ok(numbers(folder)?.into_iter().map(|number| folder.join(name(number))).collect())
}

/// The numbers of the folder's journal files, ascending.
fn numbers(folder: &Path) -> Result<Vec<u32>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let file = entry.map_err(Error::io("read", folder))?.file_name();
        let middle = file.to_str().and_then(|file| file.strip_prefix("journal")?.strip_suffix(".jsonl"));
        let number = match middle {
            Some("") => Some(1),
            Some(middle) => middle.strip_prefix('-').and_then(|digits| digits.parse().ok()),
            None => None,
        };
        // Whatever has this name: what is no file is refused where it is read, rather than taken for nothing.
        numbers.extend(number.filter(|&number| file.to_str() == Some(&name(number))));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::config::Config;
    use crate::plan::{Cell, Design, Params, Plan, Provenance, Trial, trial_id};
    use crate::record::board::Board;
    use crate::record::event::{Measured, Outcome, Point};

    fn id(seed: u64) -> TrialId {
        trial_id(&Config::default(), seed)
    }

    fn plan(trials: u64) -> Plan {
        Plan {
            study: "überfit".into(),
            question: Some("Does it\nbreak \"lines\"?".into()),
            axes: vec![],
            design: Design::Factorial,
            baseline: None,
            cells: vec![Cell { arm: None, params: Params::new(), config: Config::default() }],
            metrics: vec![],
            claims: vec![],
            stopping: None,
            history: None,
            seeds: (0..trials).collect(),
            trials: (0..trials).map(|seed| Trial::new(id(seed), 0, seed)).collect(),
            provenance: Provenance {
                ablate: "0".into(),
                study_sha256: "".into(),
                data_sha256: "".into(),
                command: "".into(),
                ..Provenance::default()
            },
        }
    }

    fn evaluated(trial: TrialId, step: u32) -> Event {
        let mut curve = Curve::default();
        let loss = 0.1 + step as f32 / 3.0;
        curve.push(Point { step, measured: Measured::of_network((loss, 7), (loss * 1e-30, 9), f32::MAX) });
        Event::Evaluated { trial, curve }
    }

    fn finished(trial: TrialId) -> Event {
        let outcome = Outcome::Completed { weights_digest: "beef".into() };
        Event::TrialFinished { trial, outcome, seconds: 0.1, counts: None }
    }

    /// Two trials at the same time, each evaluated three times.
    fn run() -> Vec<Event> {
        let (a, b) = (id(0), id(1));
        let mut events =
            vec![Event::StudyStarted(plan(2)), Event::TrialStarted { trial: a }, Event::TrialStarted { trial: b }];
        events.extend((0..3).flat_map(|step| [evaluated(a, step), evaluated(b, step)]));
        events.extend([finished(b), finished(a), Event::StudyFinished]);
        events
    }

    fn write(folder: &Path, events: &[Event]) {
        let mut journal = Journal::create(folder).unwrap();
        events.iter().for_each(|event| journal.append(event).unwrap());
    }

    fn read(reader: &mut Reader) -> Vec<Event> {
        let mut events = Vec::new();
        let mut push = |entry: Entry| {
            if let Ok(event) = entry.content {
                events.push(event);
            }
            Ok(())
        };
        reader.read_new(&mut push).unwrap();
        events
    }

    fn read_all(folder: &Path) -> Vec<Event> {
        read(&mut Reader::open(folder).unwrap())
    }

    fn board(events: &[Event]) -> Board {
        let mut board = Board::new(plan(2));
        events.iter().for_each(|event| board.apply(event));
        board
    }

    #[test]
    fn the_board_of_a_replay_is_the_live_one() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &run());
        let replayed = read_all(folder.path());
        assert_eq!(board(&replayed), board(&run()));
        // Evaluations within a second share a line, which is written before the end of their trial.
        let kinds: Vec<&str> = replayed
            .iter()
            .map(|event| match event {
                Event::StudyStarted(_) => "plan",
                Event::TrialStarted { .. } => "start",
                Event::Evaluated { .. } => "points",
                Event::LayersProbed { .. } => "layers",
                Event::Sliced { .. } => "slice",
                Event::Classified { .. } => "classes",
                Event::Moved { .. } => "places",
                Event::TrialFinished { .. } => "end",
                Event::StudyFinished => "done",
            })
            .collect();
        assert_eq!(kinds, ["plan", "start", "start", "points", "end", "points", "end", "done"]);
    }

    #[test]
    fn a_journal_cut_at_any_byte_yields_a_prefix_of_its_events() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &run());
        let whole = read_all(folder.path());
        let path = folder.path().join("journal.jsonl");
        let text = fs::read(&path).unwrap();
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        for cut in (0..text.len()).rev() {
            file.set_len(cut as u64).unwrap();
            let lines = text[..cut].iter().filter(|&&byte| byte == b'\n').count();
            // The first line is the header.
            assert_eq!(read_all(folder.path()), whole[..lines.saturating_sub(1)], "cut at {cut}");
        }
    }

    #[test]
    fn reading_follows_writing_into_later_files() {
        let folder = tempfile::tempdir().unwrap();
        let mut reader = Reader::open(folder.path()).unwrap();
        assert_eq!(read(&mut reader), []);
        // The writer was killed while it wrote a line.
        fs::write(folder.path().join("journal.jsonl"), "\"study_finished\"\n{\"trial_sta").unwrap();
        assert_eq!(read(&mut reader), [Event::StudyFinished]);

        let mut journal = Journal::create(folder.path()).unwrap();
        assert!(folder.path().join("journal-2.jsonl").exists());
        journal.append(&evaluated(TrialId(1), 5)).unwrap();
        assert_eq!(read(&mut reader), [], "it waits for more");
        journal.flush().unwrap();
        assert_eq!(read(&mut reader), [evaluated(TrialId(1), 5)]);
        journal.append(&evaluated(TrialId(1), 6)).unwrap();
        drop(journal);
        assert_eq!(read(&mut reader), [evaluated(TrialId(1), 6)]);
        assert_eq!(read(&mut reader), []);
    }

    #[test]
    fn evaluations_of_a_second_are_written_with_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::create(folder.path()).unwrap();
        let trial = TrialId(1);
        journal.append(&evaluated(trial, 0)).unwrap();
        journal.waiting.get_mut(&trial).unwrap().since -= EVALUATED_EVERY;
        journal.append(&evaluated(trial, 1)).unwrap();
        journal.append(&evaluated(trial, 2)).unwrap();
        let written = read_all(folder.path());
        assert!(matches!(&written[..], [Event::Evaluated { curve, .. }] if curve.step == [0, 1]), "{written:?}");
    }

    #[test]
    fn files_are_read_in_the_order_of_their_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let events: Vec<Event> = (0..12).map(|trial| Event::TrialStarted { trial: TrialId(trial) }).collect();
        events.iter().for_each(|event| write(folder.path(), std::slice::from_ref(event)));
        assert_eq!(read_all(folder.path()), events);
    }

    #[test]
    fn a_damaged_line_is_named_and_the_others_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        fs::write(&path, "\"study_finished\"\n\n{\"trial_started\":{}}\n\"study_finished\"\n").unwrap();
        let (mut events, mut damage) = (0, Vec::new());
        let mut count = |entry: Entry| {
            match entry.content {
                Ok(event) => events += usize::from(event == Event::StudyFinished),
                Err(damaged) => damage.push(damaged),
            }
            Ok(())
        };
        Reader::open(folder.path()).unwrap().read_new(&mut count).unwrap();
        assert_eq!((events, damage.len()), (2, 1));
        let told = damage[0].to_string();
        assert!(told.starts_with(&format!("{}:3 is damaged: not an event", path.display())), "{told}");
        assert!(told.contains("missing field `trial`, at column"), "{told}");
    }

    #[test]
    fn a_journal_is_being_written_until_its_writer_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &run());
        assert!(!is_being_written(folder.path()));
        let journal = Journal::create(folder.path()).unwrap();
        assert!(is_being_written(folder.path()));
        drop(journal);
        assert!(!is_being_written(folder.path()));
    }
}
