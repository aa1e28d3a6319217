use super::blocks::Blocks;
use super::live::{Live, MANY, still_stored};
use super::memory::{fits_into_memory, useful_threads};
use super::provenance::provenance;
use super::{Exit, changed, cores, damage, print};
use crate::cli::Run;
use crate::command::interrupt;
use crate::error::{Error, Result};
use crate::file;
use crate::learn::train::Control;
use crate::plan::{Plan, Problem, Provenance};
use crate::printable;
use crate::record::board::Board;
use crate::record::event::Event;
use crate::record::journal::{self, Journal};
use crate::record::results::{self, Contents, Lock, Undo};
use crate::run::images::{self, Folders};
use crate::run::{self, Job};
use crate::show::screen::{self, plain::Plain};
use crate::show::words::count;
use crate::study::{Changes, Study};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{env, thread};

/// How often events and signals are looked for when no screen is open.
const TURN: Duration = Duration::from_millis(20);
/// How long another program may hold the lock of the study's folder before the user is told about the wait.
const PATIENCE: Duration = Duration::from_secs(1);

/// Trains what is missing of each study, one study after the other. All are checked before anything is trained.
pub fn run(args: &Run, data: Option<&Path>, out: &Path) -> Result<Exit> {
    let changes = Changes { data: data.map(Path::to_owned), ..Changes::from(&args.changes) };
    let studies: Vec<_> = args.studies.iter().map(|path| Study::load(path, &changes)).collect();
    let screen = !args.plain && !args.quiet && print::has_screen();
    let mut session = Session {
        args,
        out,
        looks_at_data: data.is_some(),
        screen,
        interrupted: interrupt::listen(screen)?,
        stay: true,
        done: Vec::new(),
    };
    let mut ready = Vec::new();
    for study in studies {
        match study.and_then(|study| Ok((data_folders(&study, data)?, study))) {
            Ok((data, study)) => ready.push((study, data)),
            Err(error) => print::error(&error),
        }
    }
    if ready.len() < args.studies.len() {
        return Ok(Exit::Mistake);
    }
    check_names_differ(ready.iter().map(|(study, _)| study.name.as_str()))?;
    let mut status = Exit::Done;
    let count = ready.len();
    for (place, (study, data)) in ready.into_iter().enumerate() {
        session.stay = place + 1 == count;
        status = status.max(session.run(&study, data)?);
        if status == Exit::Interrupted {
            break;
        }
    }
    still_stored(&session.done)?;
    Ok(status)
}

/// The folders of the data sets that the study needs.
fn data_folders(study: &Study, given: Option<&Path>) -> Result<Folders> {
    Folders::find(study.cells.iter().map(|cell| &cell.config), &study.path, given)
}

/// Errors: two studies have the same name, so that they would share a result folder.
fn check_names_differ<'a>(names: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            let message = format!("two of these studies are named {name}: run them apart with --out, or rename one");
            return Err(Error::Usage(message));
        }
    }
    Ok(())
}

/// What all studies of one run share.
struct Session<'a> {
    args: &'a Run,
    out: &'a Path,
    /// Whether the data were named, so that they are looked at first, also where nothing is trained.
    looks_at_data: bool,
    /// Whether a screen is opened.
    screen: bool,
    interrupted: Arc<AtomicBool>,
    /// Whether the screen stays open at the end.
    stay: bool,
    /// The journals of the studies that are done.
    done: Vec<Journal>,
}

/// (results so far, journal for the new ones; `None` if there is nothing to write).
type Start = (Board, Option<Journal>);

impl Session<'_> {
    fn run(&mut self, study: &Study, data: Folders) -> Result<Exit> {
        fits_into_memory(study, self.threads())?;
        // Whoever names other data wants to know what is in them, before anything is told of the result.
        if self.looks_at_data {
            data.examine()?;
        }
        let provenance = provenance(images::sha256(&study.cells), typed(env::args_os()));
        let mut blocks = Blocks::new(self.args.rule(), study, provenance.clone(), self.threads())?;
        study.remarks.iter().for_each(|remark| self.say(remark));
        file::create_folder(self.out).map_err(Error::io("create", self.out))?;
        let folder = self.out.join(&study.name);
        let Some(lock) = self.lock(&folder) else { return Ok(Exit::Interrupted) };
        let mut undo = Undo::default();
        let (board, journal) = match self.begin((study, &provenance), &mut blocks, &folder, &lock, &mut undo) {
            Ok(start) => start,
            Err(error) => {
                undo.take_back().iter().for_each(|told| print::note(told));
                return Err(error);
            }
        };
        drop(lock);
        match journal {
            Some(journal) if !board.complete() => return self.train(study, board, journal, data, (blocks, undo)),
            Some(mut journal) => journal.append(&Event::StudyFinished)?,
            None => {}
        }
        let count = board.trials.len();
        self.say(&format!("nothing to do: all {count} trials of {} are in {}", study.name, printable::path(&folder)));
        self.show_table(&board, &folder)?;
        Ok(Exit::Done)
    }

    /// Waits for the lock of a result folder, which another program may hold while it starts; `None` if interrupted.
    fn lock(&self, folder: &Path) -> Option<Lock> {
        let start = Instant::now();
        let mut told = false;
        loop {
            if let Some(lock) = Lock::try_take(folder) {
                return Some(lock);
            }
            if self.interrupted.load(Relaxed) {
                return None;
            }
            if !told && start.elapsed() > PATIENCE {
                self.say(&format!("waiting for another program that looks at {}", printable::path(folder)));
                told = true;
            }
            thread::sleep(TURN);
        }
    }

    /// Reads the results so far and starts a journal for the trials that are missing.
    fn begin(
        &self,
        (study, provenance): (&Study, &Provenance),
        blocks: &mut Option<Blocks>,
        folder: &Path,
        lock: &Lock,
        undo: &mut Undo,
    ) -> Result<Start> {
        let shown = printable::path(folder);
        if let Some(writer) = journal::writer(folder) {
            return Err(Error::Usage(format!(
                "{shown}: another program is training this study ({writer})\n  watch it with `ablate show {shown}`, \
                 or wait for its end, or give this run another folder with --out"
            )));
        }
        let mut found = results::read(folder)?;
        let set_aside = found.board.take_if(|_| self.args.fresh);
        if self.args.fresh {
            found = Contents::default();
        } else {
            damage::tell(&found, folder);
        }
        let Contents { board: before, unplanned, .. } = found;
        if let (Some(blocks), Some(board)) = (blocks.as_mut(), &before) {
            blocks.go_on_with(board, self.args.rule().most_seeds);
        }
        let mut plan = match blocks {
            Some(blocks) => blocks.first(before.as_ref()),
            None => study.plan(provenance),
        };
        // Who trains everything again has still seen what came out before.
        plan.history = set_aside.map(|board| Box::new(board.history_with(&plan)));
        let is_new = before.is_none();
        let mut board = before.unwrap_or_else(|| Board::with(plan.clone(), unplanned));
        if let Problem::Program(_) = board.plan.problem() {
            return Err(Error::Usage(format!(
                "{shown}: this folder holds trials of another program, which the study would take the place of\n  give the \
                 study another name, or this run another folder with --out"
            )));
        }
        plan.reuse(board.results());
        changed::notice(&board, &plan).iter().for_each(|told| self.say(told));
        if blocks.as_mut().is_some_and(|blocks| blocks.adds_nothing_to(&board)) {
            return Ok((board, None));
        }
        if !is_new && same_trials(&board.plan, &plan) && board.complete() {
            match blocks.as_mut().and_then(|blocks| blocks.next(&board)) {
                Some(next) => plan = next,
                None => return Ok((board, None)),
            }
            plan.reuse(board.results());
        }
        self.say(&match blocks {
            Some(blocks) => blocks.told(),
            None => how_judged(&board, &plan),
        });
        if let Some(problem) = lock.problem() {
            print::note(&format!("{problem}\n  make sure that no other program trains this study at the same time"));
        }
        let started = Event::StudyStarted(plan);
        // A result that takes the place of an old one begins beside it, and both change places once that has succeeded.
        let is_there = folder.symlink_metadata().is_ok();
        if is_there {
            file::has_to_be_a_folder(folder).map_err(Error::io("create", folder))?;
        }
        let beside = (self.args.fresh && is_there).then(|| results::place_aside(folder));
        results::keep_study(beside.as_deref().unwrap_or(folder), &study.source, undo)?;
        let mut journal = Journal::create(beside.as_deref().unwrap_or(folder))?;
        let begun = journal.append(&started).and_then(|()| match &beside {
            Some(beside) => results::exchange(folder, beside, undo),
            None => Ok(()),
        });
        if let Err(error) = begun {
            journal.withdraw();
            return Err(error);
        }
        if let Some(old) = beside {
            journal.moved_to(folder);
            self.say(&format!("the old result of {} is now in {}", study.name, printable::path(&old)));
        }
        board.apply(&started);
        // All of it may have been trained before.
        if let Some(mut next) = blocks.as_mut().and_then(|blocks| blocks.next(&board)) {
            next.reuse(board.results());
            let started = Event::StudyStarted(next);
            journal.append(&started)?;
            board.apply(&started);
        }
        Ok((board, Some(journal)))
    }

    /// Trains the trials that have no result on the board.
    fn train(
        &mut self,
        study: &Study,
        board: Board,
        journal: Journal,
        data: Folders,
        (blocks, undo): (Option<Blocks>, Undo),
    ) -> Result<Exit> {
        let jobs = Job::of_plan(&board.plan, &board.missing());
        let threads = useful_threads(self.threads(), jobs.len());
        let control = Arc::new(Control::default());
        let waiting_for = data.reading();
        let (sender, lists) = mpsc::channel();
        // Nothing is received only if the data cannot be read, of which the events tell.
        let _ = sender.send(jobs);
        let configs = study.cells.iter().map(|cell| cell.config.clone()).collect();
        let events = run::train(configs, lists, threads, Arc::clone(&control), data);
        let mut feed = Live {
            events,
            journal,
            folder: self.out.join(&study.name),
            study: study.source.clone(),
            control: Arc::clone(&control),
            interrupted: Arc::clone(&self.interrupted),
            waiting_for,
            training: true,
            lists: blocks.is_some().then_some(sender),
            blocks,
            block_ended: false,
            worth_keeping: false,
            looked: Instant::now(),
            remarks: Vec::new(),
            done: std::mem::take(&mut self.done),
        };
        let watched = self.watch(board, &mut feed).and_then(|board| feed.settle(&board).map(|()| board));
        feed.remarks.drain(..).for_each(|remark| print::note(&remark));
        let mut board = match watched {
            Ok(board) => board,
            Err(error) => {
                let Live { folder, journal, worth_keeping, .. } = feed;
                give_up(&folder, journal, worth_keeping, undo);
                return Err(error);
            }
        };
        board.cut_off_running();
        let Live { folder, journal, done, worth_keeping, .. } = feed;
        let cancelled = control.cancel.load(Relaxed);
        if cancelled && !worth_keeping && undo.old_result().is_some() {
            give_up(&folder, journal, worth_keeping, undo);
            return Ok(Exit::Interrupted);
        }
        self.done = done.into_iter().chain([journal]).collect();
        self.show_table(&board, &folder)?;
        Ok(match (cancelled, board.complete()) {
            (true, _) => Exit::Interrupted,
            (false, true) => Exit::Done,
            (false, false) => Exit::Failed,
        })
    }

    fn watch(&self, board: Board, feed: &mut Live) -> Result<Board> {
        if !self.screen {
            return tell(board, feed, self.args.quiet);
        }
        let (board, _) = screen::watch(board, feed, self.out, self.stay)?;
        Ok(board)
    }

    /// Prints the table as wide as the terminal, or as Markdown if there is no screen.
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

/// Cleans up after an error. If no trial has ended, everything is as before the run; else the user is told where the old
/// result is.
fn give_up(folder: &Path, journal: Journal, worth_keeping: bool, undo: Undo) {
    if !worth_keeping {
        let _lock = Lock::take(folder);
        journal.withdraw();
        undo.take_back().iter().for_each(|told| print::note(told));
    } else if let Some((old, folder)) = undo.old_result() {
        print::note(&format!("the old result of {} is in {}", printable::path(folder), printable::path(old)));
    }
}

/// How the results of a plan with a fixed number of seeds will be judged, told before the first trial.
fn how_judged(board: &Board, plan: &Plan) -> String {
    let (name, seeds) = (&plan.study, count(plan.seeds.len(), "seed"));
    let history = board.history_with(plan);
    let told = match (history.anytime, board.history().anytime) {
        (false, _) => format!("{name}: {seeds}, a number fixed beforehand: it is judged once all trials have a result"),
        (true, true) => format!("{name}: {seeds}; verdicts hold at any number of seeds"),
        (true, false) => format!(
            "{name}: its seeds were changed after trials were trained. From now on it is judged by evidence that holds at any number \
             of seeds, and earlier verdicts stay beside the new ones"
        ),
    };
    let planned: HashSet<u64> = plan.seeds.iter().copied().collect();
    let last = history.seeds.iter().rposition(|seed| planned.contains(seed)).unwrap_or(0);
    match history.seeds[..last].iter().find(|seed| history.anytime && !planned.contains(seed)) {
        Some(first) => {
            told + &format!(
                "\n  seed {first} is not in it and was planned before others that are: where it has no result, these do not count"
            )
        }
        None => told,
    }
}

/// Whether two plans differ in nothing but the command that was typed, the build of the program and the machine.
fn same_trials(a: &Plan, b: &Plan) -> bool {
    let Provenance { ablate, study_sha256, data_sha256, .. } = a.provenance.clone();
    let provenance = Provenance { ablate, study_sha256, data_sha256, ..b.provenance.clone() };
    Plan { provenance, ..a.clone() } == *b
}

/// Prints progress as lines until training has ended. Returns the final board.
fn tell(mut board: Board, feed: &mut Live, quiet: bool) -> Result<Board> {
    use crate::show::screen::Feed;
    let start = Instant::now();
    let mut plain = Plain::new(&board, quiet);
    plain.tell(&board, &Event::StudyStarted(board.plan.clone()), Duration::ZERO);
    loop {
        // Asked before the poll, so that the last events are not missed.
        let training = feed.is_training();
        let events = feed.poll(&board)?;
        feed.remarks.drain(..).for_each(|remark| print::note(&remark));
        let many = events.len() >= MANY;
        for event in events {
            board.apply(&event);
            plain.tell(&board, &event, start.elapsed());
        }
        if !training {
            plain.end(&board, start.elapsed());
            return Ok(board);
        }
        if feed.interrupted() {
            feed.cancel();
        }
        plain.tick(&board, start.elapsed());
        if !many {
            thread::sleep(TURN);
        }
    }
}

/// The command in a form that can be typed again, with � for what is not valid UTF-8.
fn typed(words: impl Iterator<Item = OsString>) -> String {
    let text = |word: OsString| word.to_string_lossy().into_owned();
    let program = std::iter::once("ablate".to_owned());
    program.chain(words.skip(1).map(text).map(quoted)).collect::<Vec<_>>().join(" ")
}

/// A word quoted for a shell. `KEY=VALUE` stays as it is if neither part needs quotes.
fn quoted(word: String) -> String {
    let quote = |text: &str| shlex::try_quote(text).map(Cow::into_owned);
    match word.split('=').all(|part| quote(part).is_ok_and(|quoted| quoted == part)) {
        true => word,
        // Quoting fails only for the byte 0, which no argument contains.
        false => quote(&word).unwrap_or(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn a_command_can_be_typed_again() {
        let words =
            ["/bin/ablate", "run", "my study.toml", "--set", "dropout=[0.0, 0.5]", "--set", "dropout=0.5", "it's", ""];
        let expected = r#"ablate run 'my study.toml' --set 'dropout=[0.0, 0.5]' --set dropout=0.5 "it's" ''"#;
        assert_eq!(typed(words.into_iter().map(OsString::from)), expected);
        let no_text = [OsStr::new("ablate"), OsStr::from_bytes(b"a\xff.toml")];
        assert_eq!(typed(no_text.into_iter().map(OsStr::to_owned)), "ablate 'a\u{fffd}.toml'");
    }

    #[test]
    fn studies_of_one_name_are_not_run_together() {
        assert!(check_names_differ(["a", "b"].into_iter()).is_ok());
        assert!(check_names_differ(["a", "b", "a"].into_iter()).unwrap_err().to_string().contains("named a"));
    }
}
