//! What a machine and its users may do to the program: wrong things under right names, full and read-only disks, missing
//! permissions, limits of all kinds, closed streams. One clear error, never a panic, nothing overwritten, nothing half-written
//! taken for whole. The faults are real ones.

mod place;

use place::Place;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

const SMALL: &str = r#"
seeds = 2
[base]
data = "synthetic"
train_samples = 100
test_samples = 100
hidden = [20]
batch_size = 50
epochs = 3
[grid]
dropout = [0.0, 0.5]
"#;

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");
/// The user `nobody`, for whom permissions and limits of processes count.
const NOBODY: u32 = 65534;

fn mnist() -> String {
    SMALL.replace("synthetic", "mnist").replace("seeds = 2", "seeds = 1")
}

/// A line of shell with the program as `$ablate`. No command takes a minute, or a gigabyte.
fn line(place: &Place, line: &str) -> Command {
    let mut command = Command::new("timeout");
    command.args(["60", "bash", "-c", &format!("ulimit -v 2000000; {line}")]);
    command.env("ablate", env!("CARGO_BIN_EXE_ablate")).env_remove("ABLATE_DATA").current_dir(place.path(""));
    command
}

struct Ended {
    status: Option<i32>,
    stdout: String,
    told: String,
}

fn end(mut command: Command) -> Ended {
    let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let ended = Ended { status: status.code(), stdout: text(&stdout), told: text(&stderr) };
    assert!(!ended.told.contains("panicked"), "{command:?}: {}", ended.told);
    ended
}

fn shell(place: &Place, typed: &str) -> Ended {
    end(line(place, typed))
}

/// Whether root runs the tests, who then owns what they make.
fn is_root(place: &Place) -> bool {
    fs::metadata(place.path("")).unwrap().uid() == 0
}

/// Runs a line of shell without the rights of root, which permissions do not bind.
fn shell_as_a_user(place: &Place, typed: &str) -> Ended {
    let mut command = line(place, typed);
    if is_root(place) {
        // The program may be where only root can enter.
        let program = place.path("program");
        if !program.exists() {
            fs::copy(env!("CARGO_BIN_EXE_ablate"), &program).unwrap();
        }
        command.env("ablate", program).uid(NOBODY).gid(NOBODY);
    }
    end(command)
}

fn set_mode(place: &Place, name: &str, mode: u32) {
    fs::set_permissions(place.path(name), fs::Permissions::from_mode(mode)).unwrap();
}

/// Runs a line of shell where file systems can be mounted: they are gone when it ends. `None`, said aloud, if this machine does
/// not let anybody mount any.
fn shell_with_mounts(place: &Place, typed: &str) -> Option<Ended> {
    let own = if is_root(place) { "-m" } else { "-rm" };
    let mounts = |typed: &str| shell(place, &format!("mkdir -p disk; exec unshare {own} sh -c '{typed}'"));
    let probe = mounts("mount -t tmpfs -o size=64k none disk");
    if probe.status != Some(0) {
        println!("SKIPPED, nothing can be mounted here: {}", probe.told);
        return None;
    }
    Some(mounts(typed))
}

#[test]
fn what_is_no_file_or_too_large_is_told_at_once() {
    let place = Place::with(SMALL);
    place.run(0, &["run", "small.toml", "-q"]);
    fs::create_dir_all(place.path("ablations")).unwrap();
    fs::create_dir_all(place.path("folder.toml")).unwrap();
    let _socket = UnixListener::bind(place.path("socket.toml")).unwrap();
    assert_eq!(shell(&place, "mkfifo pipe.toml ablations/pipe.toml; truncate -s 5G large.toml").status, Some(0));
    symlink("nowhere", place.path("link.toml")).unwrap();
    for (study, expected) in [
        ("pipe.toml", "pipe.toml: cannot read: it is a pipe, not a file"),
        ("socket.toml", "it is a socket, not a file"),
        ("folder.toml", "this is a folder, not a study"),
        ("/dev/zero", "it is a device, not a file"),
        ("link.toml", "it is a link that leads nowhere"),
        ("large.toml", "it is larger than 16777216 bytes"),
    ] {
        for command in ["check STUDY", "run STUDY", "trace STUDY --seed 1 --steps 1 -o trace"] {
            let Ended { status, told, .. } = shell(&place, &format!("$ablate {}", command.replace("STUDY", study)));
            assert!(status == Some(2) && told.contains(expected), "{command}, {study}: {told}");
        }
    }
    let list = shell(&place, "$ablate list").stdout;
    assert!(list.contains("ablations/pipe.toml  has a mistake") && list.contains("small  complete"), "{list}");
    // Under the name of a file that the program keeps itself.
    shell(&place, "rm results/small/study.toml; mkfifo results/small/study.toml");
    let Ended { status, told, .. } = shell(&place, "$ablate run small.toml --seeds 3 -q");
    assert!(status == Some(2) && told.contains("study.toml: cannot read: it is a pipe, not a file"), "{told}");
    let place = Place::with(&mnist());
    fs::create_dir_all(place.path("data/mnist")).unwrap();
    for fault in ["mkfifo", "mkdir", "ln -s /dev/zero", "truncate -s 5G"] {
        let file = "data/mnist/train-images-idx3-ubyte.gz";
        let Ended { status, told, .. } =
            shell(&place, &format!("rm -rf {file}; {fault} {file}; $ablate run small.toml"));
        assert!(status == Some(2) && told.contains(&format!("error: {file}: ")), "{fault}: {told}");
    }
}

/// A journal may lie on a disk that is not there today: whatever has its name is no reason to train everything again.
#[test]
fn a_journal_that_is_no_file_is_told_and_nothing_is_trained() {
    let place = Place::with(SMALL);
    place.run(0, &["run", "small.toml", "-q"]);
    for (fault, expected) in [
        ("mkfifo", "it is a pipe, not a file"),
        ("mkdir", "it is a folder, not a file"),
        ("ln -s nowhere", "it is a link that leads nowhere"),
        ("ln -s /dev/zero", "it is a device, not a file"),
    ] {
        for file in ["journal.jsonl", "journal-2.jsonl"] {
            let file = format!("results/small/{file}");
            assert_eq!(
                shell(&place, &format!("mv results/small/journal.jsonl kept; {fault} {file}; ls -d {file}")).status,
                Some(0)
            );
            if file.ends_with("-2.jsonl") {
                shell(&place, "mv kept results/small/journal.jsonl");
            }
            for command in
                ["export small", "verify small", "run small.toml -q", "run small.toml -q --seeds 3", "claims"]
            {
                let Ended { status, told, .. } = shell(&place, &format!("timeout 20 $ablate {command}"));
                assert!(
                    status == Some(2) && told.contains(&format!("{file}: cannot read: {expected}")),
                    "{fault}, {command}: {told}"
                );
            }
            let list = shell(&place, "$ablate list").stdout;
            assert!(list.contains(expected), "{fault}: {list}");
            shell(&place, &format!("rm -rf {file}; test -e kept && mv kept results/small/journal.jsonl"));
        }
    }
    let (table, _) = place.run(0, &["run", "small.toml", "-q"]);
    assert_eq!(table, place.run(0, &["export", "small"]).0);
    // A folder of results that is such a link, and the lock beside it.
    shell(&place, "mv results/small kept; ln -s nowhere results/small");
    assert!(shell(&place, "$ablate list").stdout.contains("it is a link that leads nowhere"));
    shell(&place, "rm results/small; mv kept results/small; mkfifo results/.small.lock");
    let Ended { status, told, .. } = shell(&place, "timeout 20 $ablate run small.toml --seeds 3");
    assert!(status == Some(0) && told.contains("cannot be locked: it is a pipe, not a file"), "{told}");
    // What is no result does not become an old one.
    shell(&place, "rm -rf results; mkdir results; echo precious > results/small");
    let Ended { status, told, .. } = shell(&place, "$ablate run small.toml --fresh -q");
    assert!(status == Some(2) && told.contains("it is a file, not a folder"), "{told}");
    assert_eq!(place.text("results/small"), "precious\n");
}

#[test]
fn nothing_is_left_in_the_folder_for_temporary_files_however_a_run_ends() {
    let place = Place::with(&mnist().replace("epochs = 3", "epochs = 1000000\nevaluate_every = 1000000"));
    symlink(Path::new(REPOSITORY).join("data"), place.path("data")).unwrap();
    fs::create_dir(place.path("temporary")).unwrap();
    for (signal, seconds) in [("KILL", "0.05"), ("KILL", "0.2"), ("HUP", "0.2"), ("KILL", "0.5"), ("TERM", "1")] {
        shell(
            &place,
            &format!("TMPDIR=$PWD/temporary $ablate run small.toml -q & sleep {seconds}; kill -{signal} $!; wait"),
        );
        assert_eq!(fs::read_dir(place.path("temporary")).unwrap().count(), 0, "{signal} after {seconds} s");
    }
    let whole =
        shell(&place, "TMPDIR=/nonexistent $ablate run small.toml -q --set epochs=1 --set evaluate_every=1 --fresh");
    assert_eq!(whole.status, Some(0), "{}", whole.told);
}

#[test]
fn what_may_not_be_read_or_written_is_told() {
    let place = Place::with(SMALL);
    place.run(0, &["run", "small.toml", "-q"]);
    place.run(0, &["run", "small.toml", "-q", "--set", "epochs=1", "--out", "others"]);
    fs::rename(place.path("others/small"), place.path("results/other")).unwrap();
    shell(&place, "chmod -R a+rwX .");
    for (hidden, mode) in [
        ("results/small", 0o000),
        ("results/small", 0o444),
        ("results/small", 0o111),
        ("results/small/journal.jsonl", 0),
    ] {
        let whole = fs::metadata(place.path(hidden)).unwrap().permissions().mode();
        set_mode(&place, hidden, mode);
        let expected = format!("{hidden}: cannot read: Permission denied");
        for command in
            ["show small", "export small", "verify small", "claims", "claims small", "run small.toml -q --seeds 3"]
        {
            let Ended { status, told, .. } = shell_as_a_user(&place, &format!("$ablate {command}"));
            assert!(status == Some(2) && told.contains(&expected), "{command}, {mode:o}: {told}");
        }
        let Ended { status, stdout, .. } = shell_as_a_user(&place, "$ablate list");
        assert!(status == Some(0) && stdout.contains(&expected) && stdout.contains("other  complete"), "{stdout}");
        set_mode(&place, hidden, whole);
    }
    place.write("mine.md", "mine");
    set_mode(&place, "mine.md", 0o444);
    set_mode(&place, "results", 0o555);
    for (command, told_of) in [
        ("export small -o mine.md", "mine.md"),
        ("export small -o results/new.md", "results/new.md"),
        ("export small --picture all -o results/new", "results/new"),
        ("run small.toml --fresh", "results/small"),
    ] {
        let Ended { status, told, .. } = shell_as_a_user(&place, &format!("$ablate {command}"));
        let expected = told.contains(told_of) && told.to_lowercase().contains("permission denied");
        assert!(status == Some(2) && expected, "{command}: {told}");
    }
    set_mode(&place, "results", 0o755);
    assert_eq!(place.text("mine.md"), "mine");
    assert_eq!(place.count("results/small", "trial_finished"), 4);
}

#[test]
fn what_stands_in_the_way_of_a_folder_is_told() {
    let place = Place::with(SMALL);
    place.write("file", "mine");
    symlink("nowhere", place.path("link")).unwrap();
    fs::create_dir(place.path("results")).unwrap();
    fs::copy(place.path("file"), place.path("results/small")).unwrap();
    for (command, expected) in [
        ("list --out link", "link: cannot read: it is a link that leads nowhere"),
        ("claims --out file", "file: cannot read: Not a directory"),
        ("run small.toml --out file", "file: cannot create: "),
        ("run small.toml --out link", "link: cannot create: "),
        ("run small.toml", "results/small: cannot create: it is a file, not a folder"),
        ("run small.toml --set data=mnist --data file", "file: there is no such data folder"),
    ] {
        let Ended { status, told, .. } = shell(&place, &format!("$ablate {command}"));
        assert!(status == Some(2) && told.contains(expected), "{command}: {told}");
    }
    assert_eq!((place.text("file"), place.text("results/small")), ("mine".into(), "mine".into()));
}

#[test]
fn a_full_or_read_only_disk_is_told_and_changes_nothing() {
    let place = Place::with(SMALL);
    place.run(0, &["run", "small.toml", "-q"]);
    let full = "mount -t tmpfs -o size=64k none disk; echo mine > disk/mine.md; cp -r results disk; \
                cat /dev/zero > disk/filling 2> /dev/null;";
    for (command, status) in [
        ("export small -o disk/mine.md", 1),
        ("export small --picture all -o disk/all", 1),
        ("trace small.toml --set dropout=0.5 --seed 1 --steps 1 -o disk/mine.md", 1),
        ("run small.toml -q --out disk/new", 2),
        ("run small.toml -q --seeds 3 --out disk/results", 2),
        ("run small.toml -q --fresh --out disk/results", 2),
    ] {
        let check = format!(
            "{full} $ablate {command}; echo $? >&2; cat disk/mine.md; find disk -name \".ablate*\" -o -name \"*.svg\"; \
                             $ablate export small --format csv --out disk/results"
        );
        let Some(Ended { stdout, told, .. }) = shell_with_mounts(&place, &check) else { return };
        assert!(told.contains("No space left") && told.trim_end().ends_with(&status.to_string()), "{command}: {told}");
        let whole = place.run(0, &["export", "small", "--format", "csv"]).0;
        assert_eq!(stdout, format!("mine\n{whole}"), "{command}");
    }
    // A disk that becomes full while a study is trained, and has room again later.
    let run = "$ablate run small.toml -q --out disk/new --set epochs=300 --set evaluate_every=1";
    let middle = format!(
        "mount -t tmpfs -o size=12k none disk; {run} 2> told; echo $? > status; \
                          mount -o remount,size=9M disk; {run} > /dev/null; cp -r disk/new/small again; \
                          mount -t tmpfs none disk; {run} > /dev/null; cp -r disk/new/small once"
    );
    let Ended { status, told, .. } = shell_with_mounts(&place, &middle).unwrap();
    assert_eq!(status, Some(0), "{told}");
    assert_eq!(place.text("status"), "1\n", "{}", place.text("told"));
    assert!(place.text("told").contains("journal.jsonl: cannot write: No space left"), "{}", place.text("told"));
    assert_eq!(place.digests("again"), place.digests("once"));
    // Read-only.
    let frozen = "mount -t tmpfs none disk; cp -r results disk; mount -o remount,ro disk;";
    for (command, status, expected) in [
        ("show small", 0, ""),
        ("verify small", 0, ""),
        ("run small.toml -q", 0, ""),
        ("run small.toml -q --seeds 3", 2, "Read-only file system"),
        ("run small.toml -q --fresh", 2, "Read-only file system"),
        ("export small -o disk/a.md", 2, "Read-only file system"),
    ] {
        let ended = shell_with_mounts(&place, &format!("{frozen} $ablate {command} --out disk/results")).unwrap();
        assert!(ended.status == Some(status) && ended.told.contains(expected), "{command}: {}", ended.told);
    }
}

/// A limit for the size of files stands for a full disk where nothing can be mounted.
#[test]
fn an_export_beyond_the_limit_of_a_file_leaves_the_old_one() {
    let place = Place::with(SMALL);
    place.run(0, &["run", "small.toml", "-q"]);
    place.write("mine.json", "mine");
    let Ended { status, told, .. } = shell(&place, "ulimit -f 1; exec $ablate export small -o mine.json");
    assert!(status == Some(1) && told.ends_with("mine.json: cannot write: File too large (os error 27)\n"), "{told}");
    assert_eq!(place.text("mine.json"), "mine");
    assert_eq!(fs::read_dir(place.path("")).unwrap().count(), 3, "nothing is left beside it");
}

/// Whatever the limit is, a command does all that it was to do, or says what it lacks.
#[test]
fn limits_of_handles_threads_stack_and_memory_end_in_an_error_or_not_at_all() {
    let place = Place::with(&mnist());
    symlink(Path::new(REPOSITORY).join("data"), place.path("data")).unwrap();
    let (table, _) = place.run(0, &["run", "small.toml", "-q"]);
    let digests = place.digests("results/small");
    // Its check needs more memory than the smallest limits allow.
    let numbers: Vec<String> = (0..20).map(|number| format!("{}", f64::from(number + 1) / 1000.0)).collect();
    let axes = ["dropout", "weight_decay", "learning_rate"].map(|key| format!("{key} = [{}]\n", numbers.join(", ")));
    place
        .write("many.toml", &format!("seeds = 10\n[base]\ndata = \"synthetic\"\nsteps = 2\n[grid]\n{}", axes.concat()));
    shell(&place, "chmod -R a+rwX .");
    let handles = [4, 5, 6, 8, 12, 20].map(|most| format!("ulimit -n {most}"));
    let threads = (1..8).map(|most| format!("ulimit -u {most}"));
    let stack = [64, 256].map(|most| format!("ulimit -s {most}"));
    let memory = (40..340).step_by(20).map(|most| format!("ulimit -v {}", most << 10));
    let mut lacking = String::new();
    for limit in handles.into_iter().chain(threads).chain(stack).chain(memory) {
        for command in ["run small.toml -q --out new", "export small", "check many.toml"] {
            let _ = fs::remove_dir_all(place.path("new"));
            let typed = format!("{limit}; exec $ablate {command}");
            let Ended { status, stdout, told } =
                if limit.contains("-u") { shell_as_a_user(&place, &typed) } else { shell(&place, &typed) };
            match status {
                Some(0) if command.starts_with("run") => assert_eq!(place.digests("new/small"), digests, "{typed}"),
                Some(0) if command.starts_with("export") => assert_eq!(stdout, table, "{typed}"),
                Some(0) => assert!(stdout.contains("8000 cells"), "{typed}"),
                Some(1 | 2) if told.starts_with("error: ") || told.contains("\nerror: ") => lacking += &told,
                _ => panic!("{typed}: {status:?}: {told}"),
            }
        }
    }
    for expected in ["Too many open files", "cannot start threads: ", "no memory is left"] {
        assert!(lacking.contains(expected), "{expected}: {lacking}");
    }
}

#[test]
fn odd_arguments_are_mistakes_like_others() {
    let place = Place::with(SMALL);
    place.run(0, &["run", "small.toml", "-q"]);
    let odd = [b"\xff\xfe".to_vec(), b"".to_vec(), vec![b'x'; 100_000], b"a\nb\x1b".to_vec()];
    let commands = "check ODD|run ODD|run small.toml --set ODD|run small.toml --set optimizer=ODD|run small.toml --seeds ODD|\
                    run small.toml --jobs ODD|run small.toml --budget ODD|show ODD|export ODD|\
                    export small --format ODD|export small --picture ODD|export small --format tex --metrics ODD|\
                    export small -o ODD|claims ODD|claims --check=ODD|verify ODD|verify small --trials ODD|diff ODD ODD|\
                    trace small.toml --set dropout=0.5 --arm ODD --seed 1 --steps 1 -o trace|completions ODD|ODD|--ODD";
    for command in commands.split('|') {
        for odd in &odd {
            let word = |word: &str| {
                let bytes: Vec<Vec<u8>> = word.split("ODD").map(|part| part.as_bytes().to_vec()).collect();
                OsString::from_vec(bytes.join(&odd[..]))
            };
            let args: Vec<OsString> = command.split(' ').map(word).collect();
            let mut command = Command::new(env!("CARGO_BIN_EXE_ablate"));
            let ended = end({
                command.args(&args).current_dir(place.path(""));
                command
            });
            let shown: Vec<String> = args.iter().map(|arg| format!("{:.30?}", arg)).collect();
            assert!(
                ended.status == Some(2) && (ended.told.contains("error: ") || ended.told.contains("Usage: ")),
                "{shown:?}: {:.300}",
                ended.told
            );
        }
    }
    // Names that are no folder's.
    for name in ["..", ".", "a/b", "a\\nb", "a\\u001bb", &"x".repeat(300), "con", ""] {
        place.write("odd.toml", &format!("name = \"{name}\"\n{SMALL}"));
        let told = place.run(2, &["run", "odd.toml"]).1;
        assert!(told.contains("this name cannot be that of a folder"), "{name}: {told}");
    }
}

#[test]
fn streams_that_are_closed_or_full_are_told_or_borne() {
    let place = Place::with(SMALL);
    place.run(0, &["run", "small.toml", "-q"]);
    let journal = place.text("results/small/journal.jsonl");
    for command in [
        "list",
        "show small",
        "export small --format json",
        "check small.toml",
        "schema",
        "run small.toml -q",
        "--help",
    ] {
        let Ended { status, told, .. } = shell(&place, &format!("exec $ablate {command} > /dev/full"));
        assert!(status == Some(1) && told.contains("stdout: cannot write: No space left"), "{command}: {told}");
        for borne in ["| head -c 1", "| true", "2>&-", "<&-", ">&-", "<&- >&- 2>&-", "2> /dev/full"] {
            // A shell tells the status of the last program of a pipe alone.
            let Ended { status, told, .. } =
                shell(&place, &format!("{{ $ablate {command}; echo $? > status; }} {borne}; exit $(cat status)"));
            assert!(status == Some(0) && told.is_empty(), "{command} {borne}: {status:?} {told}");
        }
    }
    // No file that was opened took the place of a closed stream.
    shell(&place, "exec $ablate run small.toml --plain --seeds 3 <&- >&- 2>&-");
    assert_eq!(place.text("results/small/journal.jsonl"), journal);
    assert_eq!(
        place.journal("results/small").len(),
        place.text("results/small/journal.jsonl").lines().count()
            + place.text("results/small/journal-2.jsonl").lines().count()
    );
    assert_eq!(place.count("results/small", "trial_finished"), 6);
}

#[test]
fn no_environment_and_no_clock_is_needed() {
    let place = Place::with(SMALL);
    let (table, _) = place.run(0, &["run", "small.toml", "-q"]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_ablate"));
    command.env_clear().current_dir(place.path("")).args(["run", "small.toml", "-q", "--out", "bare"]);
    let ended = end(command);
    let rows = |table: &str| table.split("<sub>").next().unwrap().to_owned();
    assert_eq!((ended.status, rows(&ended.stdout)), (Some(0), rows(&table)), "{}", ended.told);
    // The clock was set back by a century since the journal was written, or runs ahead.
    let journal = fs::File::options().append(true).open(place.path("results/small/journal.jsonl")).unwrap();
    for century in [Duration::ZERO, Duration::from_secs(200 * 366 * 24 * 3600)] {
        journal.set_modified(std::time::SystemTime::UNIX_EPOCH + century).unwrap();
        for command in ["show", "list", "run small.toml -q"] {
            assert_eq!(shell(&place, &format!("$ablate {command}")).status, Some(0), "{command}");
        }
    }
}
