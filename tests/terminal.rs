//! The screen in a real terminal: what is pasted, stopping and going on, a window that is closed, limits on files and memory.

mod pseudo_terminal;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pseudo_terminal::Terminal;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

const ABLATE: &str = env!("CARGO_BIN_EXE_ablate");

/// A folder with a study that trains for as long as anybody watches.
fn study(evaluate_every: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "seeds = 2\n[base]\ndata = \"synthetic\"\ntrain_samples = 100\ntest_samples = 100\nhidden = [20]\n\
         epochs = 10000000\nevaluate_every = {evaluate_every}\n[grid]\ndropout = [0.0, 0.5]\n"
    );
    fs::write(folder.path().join("long.toml"), text).unwrap();
    folder
}

fn run(folder: &Path) -> Terminal {
    let mut terminal = Terminal::program(folder, ABLATE, &["run", "long.toml", "--jobs", "1"]);
    terminal.wait_for_text("1 running");
    terminal
}

/// Whether the question accepts an answer yet: its key is bold.
fn takes_an_answer(screen: &vt100::Screen) -> bool {
    let lines: Vec<String> = screen.rows(0, 80).collect();
    let Some(row) = lines.iter().position(|line| line.contains("stop now;")) else { return false };
    let column = lines[row].split("y  stop").next().unwrap().chars().count();
    screen.cell(row as u16, column as u16).unwrap().bold()
}

#[test]
fn pasted_text_is_typed_where_text_is_typed_and_does_nothing_elsewhere() {
    let folder = study(10_000);
    let mut terminal = run(folder.path());
    terminal.paste("query the universe\rq\ry");
    terminal.wait_for_text("pasted text is not taken for keys");
    terminal.send("/");
    terminal.wait_for_text("/▏");
    terminal.paste("drop\u{7}out=0.5\rqy");
    terminal.wait_for_text("/drop␇out=0.5▏");
    assert!(!terminal.text().contains("stop training?"), "{}", terminal.text());
}

#[test]
fn keys_in_a_burst_answer_no_question() {
    let folder = study(10_000);
    let mut terminal = run(folder.path());
    // As a terminal pastes that does not mark what is pasted.
    terminal.send("queryyy");
    terminal.wait_for_text("stop training?");
    terminal.wait_for("answer that would count", takes_an_answer);
    terminal.send("xy");
    terminal.wait_for("answer that no longer counts", |screen| !takes_an_answer(screen));
    terminal.wait_for("answer that would count", takes_an_answer);
    terminal.send("y");
    assert_eq!(terminal.wait_for_end().code(), Some(130));
}

/// For how long the study has been trained, as the header shows it.
fn seconds(screen: &vt100::Screen) -> Option<u64> {
    screen.contents().split_once("after ")?.1.split(' ').next()?.parse().ok()
}

/// A key such as an arrow arrives as several bytes, a pasted text between two marks: the rest may never come.
#[test]
fn half_a_key_stops_nothing() {
    let folder = study(10_000);
    for half in ["\u{1b}O", "\u{1b}[<0;1", "\u{1b}[200~half of a text"] {
        let mut terminal = run(folder.path());
        terminal.wait_for("clock", |screen| seconds(screen).is_some());
        terminal.send(half);
        thread::sleep(Duration::from_millis(100));
        let then = std::cell::Cell::new(None);
        terminal.wait_for("clock that goes on", |screen| {
            let now = seconds(screen);
            then.set(then.get().or(now));
            now > then.get().map(|then| then + 1)
        });
        kill(terminal.pid(), Signal::SIGTERM).unwrap();
        assert_eq!(terminal.wait_for_end().code(), Some(130), "{half:?}");
        terminal.wait_for_its_own_screen();
    }
}

#[test]
fn ctrl_c_twice_ends_at_once() {
    let folder = study(10_000);
    let mut terminal = run(folder.path());
    terminal.send("\u{3}\u{3}");
    assert_eq!(terminal.wait_for_end().code(), Some(130));
    terminal.wait_for_its_own_screen();
}

#[test]
fn stopped_and_continued_the_screen_is_whole_again() {
    let folder = study(10_000);
    let mut terminal = Terminal::shell(folder.path(), &format!("{ABLATE} run long.toml --jobs 1"));
    let is_up = |screen: &vt100::Screen| screen.alternate_screen() && screen.contents().contains("1 running");
    let is_back = |screen: &vt100::Screen| !screen.alternate_screen() && screen.contents().contains("Stopped");
    terminal.wait_for("screen", is_up);

    // ctrl-z, as everywhere.
    terminal.send("\u{1a}");
    terminal.wait_for("shell after ctrl-z", is_back);
    terminal.send("jobs -p > pid; clear; fg\r");
    terminal.wait_for("screen after fg", is_up);
    let pid = Pid::from_raw(fs::read_to_string(folder.path().join("pid")).unwrap().trim().parse().unwrap());

    // The same from another program.
    kill(pid, Signal::SIGTSTP).unwrap();
    terminal.wait_for("shell after SIGTSTP", is_back);
    terminal.send("clear; fg\r");
    terminal.wait_for("screen after fg", is_up);

    // Without notice: the shell's output is on the screen. In the background nothing is drawn over it.
    kill(pid, Signal::SIGSTOP).unwrap();
    terminal.wait_for_text("Stopped");
    terminal.send("bg; clear\r");
    terminal.wait_for("a clean screen", |screen| screen.contents().trim() == "ready>");
    terminal.send("jobs -r | wc -l; sleep 0.3; jobs -r | wc -l; echo shell:'here'\r");
    terminal.wait_for_text("shell:here");
    assert!(terminal.text().contains("\n1\n1\nshell:here"), "{}", terminal.text());
    terminal.send("fg\r");
    terminal.wait_for("screen after bg and fg", |screen| is_up(screen) && !screen.contents().contains("shell:"));

    // Keys work again.
    terminal.send("\u{3}");
    terminal.wait_for_text("stop training?");
    terminal.send("\u{3}");
    terminal.wait_for_text("results in results/long");
    terminal.wait_for_its_own_screen();
}

#[test]
fn a_closed_window_is_an_orderly_end() {
    let folder = study(10);
    let mut terminal = run(folder.path());
    terminal.close();
    assert_eq!(terminal.wait_for_end().code(), Some(130));
    let journal = fs::read_to_string(folder.path().join("results/long/journal.jsonl")).unwrap();
    assert!(journal.contains("cancelled"), "what was running is not accounted for");
    // While it is stopped, so that drawing is what fails first.
    let mut terminal = run(folder.path());
    kill(terminal.pid(), Signal::SIGSTOP).unwrap();
    thread::sleep(Duration::from_millis(200));
    terminal.close();
    kill(terminal.pid(), Signal::SIGCONT).unwrap();
    assert_eq!(terminal.wait_for_end().code(), Some(130));
}

#[test]
fn a_limit_on_the_size_of_files_is_told_and_leaves_no_screen_behind() {
    let folder = study(10);
    let limited = |options: &str| format!("ulimit -f 16; exec {ABLATE} run long.toml {options}");
    let mut terminal = Terminal::program(folder.path(), "bash", &["-c", &limited("")]);
    terminal.wait_for_text("File too large");
    assert!(terminal.wait_for_end().code().is_some_and(|code| code > 0));
    terminal.wait_for_its_own_screen();
    let plain =
        Command::new("bash").args(["-c", &limited("--plain --fresh")]).current_dir(folder.path()).output().unwrap();
    assert!(String::from_utf8_lossy(&plain.stderr).contains("File too large"), "{plain:?}");
    assert!(plain.status.code().is_some_and(|code| code > 0), "{plain:?}");
}

#[test]
fn a_program_that_has_no_memory_left_says_so_and_leaves_no_screen_behind() {
    let folder = study(10);
    let mut terminal = run(folder.path());
    let pid = terminal.pid().to_string();
    let Ok(limited) = Command::new("prlimit").args(["--pid", &pid, "--as=1"]).status() else {
        println!("SKIPPED: no prlimit here, which takes memory from a program that runs");
        return;
    };
    assert!(limited.success());
    assert_eq!(terminal.wait_for_end().code(), Some(1));
    terminal.wait_for_its_own_screen();
    terminal.wait_for_text("error: no memory is left");
    // A terminal in raw mode would not begin the next line at the left.
    terminal.wait_for("second line", |screen| {
        screen.rows(0, 80).any(|line| line.starts_with("  nothing that was stored is lost"))
    });
    let list = Command::new(ABLATE).arg("list").current_dir(folder.path()).output().unwrap();
    assert!(String::from_utf8_lossy(&list.stdout).contains("long  0 of 4 trials"), "{list:?}");
}
