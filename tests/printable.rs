//! Nothing from a study, a file name or the command line controls the terminal it is shown on, or hides or reorders
//! text there. Drives the real program.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// C0, DEL and C1 controls, an override and an isolate of writing direction, a zero-width space and a tag.
const EVIL: &str = "\u{1b}]0;mine\u{7}\u{1b}[2J\r\u{7f}\u{9b}31m\u{202e}x\u{2066}\u{200b}\u{e0041}";

/// A study with the evil text in every field that allows any text, as TOML writes it.
fn study(evil: &str) -> String {
    let evil: String = evil.chars().map(|c| format!("\\U{:08x}", u32::from(c))).collect();
    format!(
        r#"
name = "evil"
question = "Is {evil} a question?\nA second line"
seeds = 2
baseline = "no {evil}"
[base]
data = "synthetic"
train_samples = 100
test_samples = 100
hidden = [20]
batch_size = 50
epochs = 2
[[arm]]
name = "no {evil}"
set = {{ dropout = 0.0 }}
[[arm]]
name = "with {evil}"
set = {{ dropout = 0.5, learning_rate = 0.2 }}
[[claim]]
says = "It {evil} holds"
note = "Theorem {evil}"
metric = "test_accuracy"
arm = "with {evil}"
versus = "no {evil}"
expect = "higher"
"#
    )
}

fn ablate(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ablate"));
    command.current_dir(folder).env_remove("ABLATE_DATA").args(args).output().unwrap()
}

/// Asserts that a terminal shows all of a text and interprets none of it as a command.
fn assert_printable(what: &str, bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap_or_else(|_| panic!("{what}: no UTF-8"));
    let hidden = ['\u{7f}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{e0041}'];
    let wrong = |c: char| c != '\n' && (c.is_control() || hidden.contains(&c));
    let found: Vec<_> = text.lines().filter(|line| line.contains(wrong)).collect();
    assert!(found.is_empty(), "{what}: {found:?}");
}

fn evil_result() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("{EVIL}.toml");
    fs::write(folder.path().join(&file), study(EVIL)).unwrap();
    fs::create_dir(folder.path().join("ablations")).unwrap();
    fs::write(folder.path().join("ablations").join(&file), study(EVIL)).unwrap();
    (folder, file)
}

#[test]
fn no_command_lets_control_characters_through() {
    let (folder, file) = evil_result();
    let file = file.as_str();
    let unknown_key = format!("{EVIL}=1");
    let unknown_value = format!("optimizer=\"{EVIL}\"");
    let broken = format!("[base]\noptimizer = \"{}\"\n\"{EVIL}\" = 1 # {EVIL}", EVIL.replace('\r', ""));
    fs::write(folder.path().join("broken.toml"), broken).unwrap();
    #[rustfmt::skip]
    let commands: &[(i32, &[&str])] = &[
        (0, &["check", file]),
        (0, &["run", "--plain", file]),
        (0, &["run", "--plain", file]),
        (0, &["run", "--plain", "--out", EVIL, file]),
        (0, &["run", "--plain", "--fresh", "--quiet", file]),
        (0, &["show", "evil"]),
        (0, &["list"]),
        (0, &["list", "--out", EVIL]),
        (0, &["claims"]),
        (0, &["verify", "evil"]),
        (0, &["export", "evil"]),
        (0, &["export", "evil", "--format", "csv"]),
        (0, &["export", "evil", "--format", "json"]),
        (0, &["export", "evil", "--format", "tex"]),
        (0, &["export", "evil", "--format", "svg"]),
        (0, &["export", "evil", "-o", "all", "--picture", "all"]),
        (0, &["trace", file, "--arm", &format!("no {EVIL}"), "--seed", "1", "--steps", "1", "-o", "trace.safetensors"]),
        // Mistakes, whose messages quote what was given.
        (2, &["check", "broken.toml"]),
        (2, &["check", file, "--set", &unknown_key]),
        (2, &["check", file, "--set", &unknown_value]),
        (0, &["check", EVIL]),
        (2, &["new", &format!("new {EVIL}.toml")]),
        (2, &["new", file]),
        (2, &["new", EVIL]),
        (2, &["new", &format!("{EVIL}/none/a.toml")]),
        (2, &["new", "a.toml", "--from", EVIL]),
        (2, &["check", &format!("no {EVIL}")]),
        (2, &["run", "--data", &format!("{EVIL}/none"), "--set", "data=mnist", file]),
        (2, &["trace", file, "--arm", EVIL, "--seed", "1", "--steps", "1", "-o", "trace.safetensors"]),
        (2, &["show", EVIL]),
        (2, &["verify", EVIL]),
        (2, &["export", "evil", "--picture", EVIL]),
        (2, &["export", "evil", "--format", "tex", "--metrics", EVIL]),
        (2, &["export", "evil", "-o", EVIL]),
        (2, &["export", "evil", "-o", &format!("{EVIL}/none/a.md")]),
        (2, &[EVIL]),
        (2, &["run", "--jobs", EVIL, file]),
        (2, &["run", &format!("--{EVIL}"), file]),
        (2, &["export", "evil", "--format", EVIL]),
    ];
    for (status, args) in commands {
        let output = ablate(folder.path(), args);
        assert_eq!(output.status.code(), Some(*status), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert_printable(&format!("stdout of {args:?}"), &output.stdout);
        assert_printable(&format!("stderr of {args:?}"), &output.stderr);
    }
    let pictures: Vec<_> =
        fs::read_dir(folder.path().join("all")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(pictures.len() > 3, "{pictures:?}");
    for picture in pictures {
        assert_printable(&picture.display().to_string(), picture.display().to_string().as_bytes());
        assert_printable(&picture.display().to_string(), &fs::read(&picture).unwrap());
    }
}

/// A sign is shown in place of removed characters, and JSON keeps the text.
#[test]
fn what_is_taken_out_leaves_a_sign_and_json_reads_back_the_same() {
    let (folder, file) = evil_result();
    assert!(ablate(folder.path(), &["run", "--quiet", &file]).status.success());
    let text = |args: &[&str]| String::from_utf8(ablate(folder.path(), args).stdout).unwrap();
    let question = "Is ␛]0;mine␇␛[2J ␡\u{fffd}31m\u{fffd}x\u{fffd}\u{fffd}\u{fffd} a question? A second line";
    assert!(text(&["check", &file]).contains(question));
    assert!(text(&["export", "evil", "--format", "csv"]).contains("no ␛]0;mine␇␛[2J ␡"));
    let json: Value = serde_json::from_str(&text(&["export", "evil", "--format", "json"])).unwrap();
    assert_eq!(json["question"], format!("Is {EVIL} a question?\nA second line"));
    let arm = format!("with {EVIL}");
    assert_eq!((&json["cells"][1]["arm"], &json["trials"][2]["arm"]), (&Value::from(arm.clone()), &Value::from(arm)));
}

/// Text reaches a terminal in few places, each of which cleans it: all other code hands its text to them.
#[test]
fn few_files_write_to_a_terminal() {
    fn files(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, found);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            // Clap is only asked where a message of its goes.
            let code = text.split("#[cfg(test)]").next().unwrap().replace("use_stderr()", "");
            let is_test = path.file_name().is_some_and(|name| name == "tests.rs");
            if !is_test && ["stdout()", "stderr()", "print!(", "println!("].iter().any(|writes| code.contains(writes)) {
                found.push(path.to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = Vec::new();
    files(Path::new("src"), &mut found);
    found.sort();
    // Of results and messages; of progress; of the screen, whose cells `src/show/screen/tests.rs` looks at.
    // Without memory, a fixed message is all that can be said.
    let expected = [
        "src/command/out_of_memory.rs",
        "src/command/print.rs",
        "src/show/screen/plain.rs",
        "src/show/screen/terminal.rs",
    ];
    assert_eq!(found, expected);
}
