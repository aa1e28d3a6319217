use super::estimate::fits_into_memory;
use super::live::Live;
use super::{Status, changed, cores, print};
use crate::cli::Run;
use crate::error::{Error, Result};
use crate::learn::train::Control;
use crate::plan::Plan;
use crate::record::board::Board;
use crate::record::event::Event;
use crate::record::journal::{self, Journal};
use crate::run::{self, Job, images};
use crate::show::screen::{self, plain::Plain};
use crate::study::{Changes, Study};
use crate::{command::interrupt, record::results};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// Off a screen, how often there may be something to tell.
const TURN: Duration = Duration::from_millis(20);

/// Trains what is missing of each study, one study after the other. All are checked before anything is trained.
pub fn run(args: &Run, data: Option<&Path>, out: &Path) -> Result<Status> {
    let changes = Changes::from(&args.changes);
    let studies: Vec<_> = args.studies.iter().map(|path| (path, Study::load(path, &changes))).collect();
    let screen = !args.plain && !args.quiet && print::has_screen();
    let mut session = Session { args, out, screen, interrupted: interrupt::listen(screen)?, stay: true };
    let mut ready = Vec::new();
    for (path, study) in studies {
        match study.and_then(|study| Ok((data_folder(&study, path, data)?, study))) {
            Ok((data, study)) => ready.push((study, data)),
            Err(error) => print::error(&error),
        }
    }
    if ready.len() < args.studies.len() {
        return Ok(Status::Mistake);
    }
    names_differ(ready.iter().map(|(study, _)| study.name.as_str()))?;
    let mut status = Status::Done;
    let count = ready.len();
    for (place, (study, data)) in ready.into_iter().enumerate() {
        session.stay = place + 1 == count;
        status = status.max(session.run(&study, data)?);
        if status == Status::Interrupted {
            break;
        }
    }
    Ok(status)
}

/// Where the study's images lie, if it needs any that are not made up.
fn data_folder(study: &Study, path: &Path, given: Option<&Path>) -> Result<Option<PathBuf>> {
    images::folder(study.cells.iter().map(|cell| &cell.config), path, given)
}

/// Two studies of one name would share a folder.
fn names_differ<'a>(names: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            let message = format!("two of these studies are named {name}: run them apart with --out, or rename one");
            return Err(Error::Usage(message));
        }
    }
    Ok(())
}

struct Session<'a> {
    args: &'a Run,
    out: &'a Path,
    /// Whether a screen is opened.
    screen: bool,
    interrupted: Arc<AtomicBool>,
    /// Whether the screen stays open at the end.
    stay: bool,
}

impl Session<'_> {
    fn run(&self, study: &Study, data: Option<PathBuf>) -> Result<Status> {
        fits_into_memory(study, self.threads())?;
        study.remarks.iter().for_each(|remark| self.say(remark));
        let (folder, old) = self.folder(&study.name)?;
        let plan = study.plan(&images::sha256(&study.cells), &typed(std::env::args()));
        let mut board = results::read(&folder)?.unwrap_or_else(|| Board::new(plan.clone()));
        changed::told(&board, &plan).iter().for_each(|told| self.say(told));
        if !same_trials(&board.plan, &plan) || !board.complete() {
            let started = Event::StudyStarted(plan);
            results::keep_study(&folder, &study.source)?;
            let mut journal = Journal::create(&folder)?;
            journal.append(&started)?;
            board.apply(&started);
            if !board.complete() {
                return self.train(board, journal, data, &folder, old);
            }
            journal.append(&Event::StudyFinished)?;
        }
        let count = board.trials.len();
        self.say(&format!("nothing to do: all {count} trials of {} are in {}", study.name, folder.display()));
        self.show_table(&board, &folder)?;
        Ok(Status::Done)
    }

    /// The study's folder, ready to be written to, and where `--fresh` has moved the old one.
    fn folder(&self, name: &str) -> Result<(PathBuf, Option<PathBuf>)> {
        let folder = self.out.join(name);
        let shown = folder.display();
        if journal::is_being_written(&folder) {
            return Err(Error::Usage(format!(
                "{shown}: another program is training this study\n  watch it with `ablate show {shown}`, \
                 or wait for its end, or give this run another folder with --out"
            )));
        }
        let old = if self.args.fresh { results::set_aside(&folder)? } else { None };
        if let Some(old) = &old {
            self.say(&format!("the old result of {name} is now in {}", old.display()));
        }
        Ok((folder, old))
    }

    /// Trains what the board misses.
    fn train(
        &self,
        board: Board,
        journal: Journal,
        data: Option<PathBuf>,
        folder: &Path,
        old: Option<PathBuf>,
    ) -> Result<Status> {
        let jobs = Job::of_plan(&board.plan, &board.missing());
        // More threads than trials and cores would only stand about.
        let threads = self.threads().min(jobs.len().max(cores()));
        let control = Arc::new(Control::default());
        let waiting_for = data.is_some().then(|| "reading MNIST".to_owned());
        let events = run::train(jobs, threads, Arc::clone(&control), data);
        let interrupted = Arc::clone(&self.interrupted);
        let mut feed = Live {
            events,
            journal: Some(journal),
            control: Arc::clone(&control),
            interrupted,
            waiting_for,
            training: true,
            told: false,
        };
        let mut board = self.watch(board, &mut feed).inspect_err(|_| {
            if !feed.told {
                results::withdraw(folder);
                if let Some(old) = &old {
                    let _ = std::fs::rename(old, folder);
                }
            }
        })?;
        board.cut_off_running();
        self.show_table(&board, folder)?;
        Ok(match (control.cancel.load(Relaxed), board.complete()) {
            (true, _) => Status::Interrupted,
            (false, true) => Status::Done,
            (false, false) => Status::Failed,
        })
    }

    fn watch(&self, board: Board, feed: &mut Live) -> Result<Board> {
        if !self.screen {
            return tell(board, feed, self.args.quiet);
        }
        let (board, _) = screen::watch(board, feed, self.out, self.stay)?;
        Ok(board)
    }

    /// For a person as wide as the terminal, else as Markdown.
    fn show_table(&self, board: &Board, folder: &Path) -> Result<()> {
        if self.screen { print::summary(board, folder) } else { print::table(board) }
    }

    fn threads(&self) -> usize {
        self.args.jobs.map_or_else(cores, NonZeroUsize::get)
    }

    fn say(&self, text: &str) {
        if !self.args.quiet {
            print::note(text);
        }
    }
}

/// Whether two plans ask for the same trials in the same table.
fn same_trials(a: &Plan, b: &Plan) -> bool {
    let command = b.provenance.command.clone();
    let mut a = a.clone();
    a.provenance.command = command;
    a == *b
}

/// Progress in lines until training has ended.
fn tell(mut board: Board, feed: &mut Live, quiet: bool) -> Result<Board> {
    use crate::show::screen::Feed;
    let start = Instant::now();
    let mut plain = Plain::new(&board, quiet);
    plain.tell(&board, &Event::StudyStarted(board.plan.clone()), Duration::ZERO);
    loop {
        // Asked before the poll: what was told until training ended is on the board by now.
        let training = feed.is_training();
        for event in feed.poll()? {
            board.apply(&event);
            plain.tell(&board, &event, start.elapsed());
        }
        if !training {
            return Ok(board);
        }
        if feed.interrupted() {
            feed.cancel();
        }
        plain.tick(&board, start.elapsed());
        thread::sleep(TURN);
    }
}

/// The command, as it can be typed again.
fn typed(words: impl Iterator<Item = String>) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=,:+@%".contains(c);
    let quote = |word: String| match !word.is_empty() && word.chars().all(plain) {
        true => word,
        false => format!("'{}'", word.replace('\'', r"'\''")),
    };
    let program = std::iter::once("ablate".to_owned());
    program.chain(words.skip(1).map(quote)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_can_be_typed_again() {
        let words = ["/bin/ablate", "run", "my study.toml", "--set", "dropout=[0.0, 0.5]", "it's", ""];
        let expected = r"ablate run 'my study.toml' --set 'dropout=[0.0, 0.5]' 'it'\''s' ''";
        assert_eq!(typed(words.into_iter().map(str::to_owned)), expected);
    }

    #[test]
    fn studies_of_one_name_are_not_run_together() {
        assert!(names_differ(["a", "b"].into_iter()).is_ok());
        assert!(names_differ(["a", "b", "a"].into_iter()).unwrap_err().to_string().contains("named a"));
    }
}
