//! The journal of a result folder: `journal.jsonl`, `journal-2.jsonl`, …, one event per line and one file per writer. Files of
//! older formats may lie beside newer ones. `docs/journal.md` describes the format.
//!
//! Two locks keep writers apart. Each writer locks its own file while it writes, by which others see that the journal is being
//! written; several writers may share a folder, each with its own file. A program that reads a folder to decide what to write
//! there holds [`crate::record::results::Lock`] from before it reads until its own file is locked.
//!
//! A writer that is killed leaves at worst an incomplete last line. It has no newline, so every reader ignores it; the next
//! writer begins a new file.

mod format;
mod harm;
mod reader;

pub use format::{CURRENT, Version, seal};
use harm::Earlier;
pub use harm::{Harm, leads_to};
pub use reader::Reader;

use crate::error::{Error, Result};
use crate::plan::TrialId;
use crate::record::event::{Curve, Event};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
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
                Ok(file) => {
                    // This waits at most for an `is_being_written` of another program. Where files cannot be locked, the
                    // result merely looks as if nobody wrote it; the user was warned by `results::Lock`.
                    let _ = file.lock();
                    let mut journal = Journal {
                        path,
                        file,
                        length: 0,
                        waiting: BTreeMap::new(),
                        earlier,
                        sum: crc32fast::Hasher::new(),
                    };
                    if let Err(error) = journal.write(format::header()) {
                        journal.withdraw();
                        return Err(error);
                    }
                    return Ok(journal);
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(Error::io("create", &path)(error)),
            }
        }
    }

    /// Writes an event as one line, at once. Only evaluations are collected, to share a line with the trial's next ones: for
    /// about a second, but never past the trial's end. If the line cannot be written, the file is as before.
    pub fn append(&mut self, event: &Event) -> Result<()> {
        match event {
            Event::Evaluated { trial, curve } => return self.append_evaluated(*trial, curve),
            Event::TrialStarted { trial } | Event::Sliced { trial, .. } | Event::TrialFinished { trial, .. } => {
                self.release(*trial)?
            }
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

    /// Writes all collected evaluations and unlocks the file: from then on others may write to the folder.
    pub fn finish(&mut self) -> Result<()> {
        let flushed = self.flush();
        // A file that cannot be unlocked was never locked.
        let _ = self.file.unlock();
        flushed
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

/// Whether some program is writing to the folder's journal. False where files cannot be locked, and if the folder cannot be read.
pub fn is_being_written(folder: &Path) -> bool {
    let locked = |number| match File::open(folder.join(name(number))) {
        Ok(file) => matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)),
        Err(_) => false,
    };
    numbers(folder).unwrap_or_default().into_iter().any(locked)
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
        // Opening a named pipe would block.
        let is_file = |number: &u32| fs::metadata(folder.join(name(*number))).is_ok_and(|found| found.is_file());
        numbers.extend(number.filter(|&number| file.to_str() == Some(&name(number))).filter(is_file));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::config::Config;
    use crate::plan::{Cell, Design, Params, Plan, Provenance, Trial};
    use crate::record::board::Board;
    use crate::record::event::{Measured, Outcome, Point};

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
            trials: (0..trials).map(|seed| Trial::new(TrialId(seed << 60), 0, seed)).collect(),
            provenance: Provenance {
                ablate: "0".into(),
                study_sha256: "".into(),
                data_sha256: "".into(),
                command: "".into(),
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
        let (a, b) = (TrialId(0), TrialId(1 << 60));
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
        reader.read_new(&mut |event| events.push(event)).unwrap();
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
    fn an_error_names_the_broken_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        fs::write(&path, "\"study_finished\"\n\n{\"trial_started\":{}}\n\"study_finished\"\n").unwrap();
        let mut events = Vec::new();
        let error = Reader::open(folder.path()).unwrap().read_new(&mut |event| events.push(event)).unwrap_err();
        assert_eq!(events, [Event::StudyFinished], "the events before it are read");
        assert!(matches!(&error, Error::Journal { path: at, line: 3, .. } if *at == path));
        assert!(error.to_string().contains("missing field `trial`, at column"), "{error}");
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
