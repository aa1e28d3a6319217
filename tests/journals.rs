//! What `docs/journal.md` promises of journals: that old ones are read, newer ones refused by name, that a changed line
//! is noticed, and that the repair a message suggests works.
//!
//! `tests/journals/format_1` holds results as ablate 0.1.0 wrote them in format 1, before there were headers, checksums
//! and counts: each a run of two seeds that was then continued, with the `table.csv` and `table.json` which that
//! program exported. Numbers are compared one by one and exactly. Words are not: the names of verdicts may change, and
//! did.

mod place;

use ablate::plan::config::Config;
use ablate::plan::metric::Metric;
use ablate::plan::{Cell, Design, Params, Plan, Provenance, Trial, TrialId, trial_id};
use ablate::record::event::{Counts, Curve, Event, Measured, Outcome, Point};
use ablate::record::journal::{CURRENT, Entry, Journal, Reader, seal};
use ablate::record::{board::Board, board::Status, results};
use ablate::show::export::{self, Format};
use place::{Place, resealed, unsealed};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const OLD: [&str; 3] = ["network", "surface", "diverging"];

fn old(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals/format_1").join(name)
}

/// A folder with an old result in `results/` beside its study.
fn with_old(name: &str) -> Place {
    let place = Place::new();
    let folder = place.path("results").join(name);
    fs::create_dir_all(&folder).unwrap();
    for file in ["journal.jsonl", "journal-2.jsonl", "study.toml"] {
        fs::copy(old(name).join(file), folder.join(file)).unwrap();
    }
    // Today's studies draw their images unless they say otherwise.
    let study = fs::read_to_string(old(name).join("study.toml")).unwrap();
    place.write(&format!("{name}.toml"), &study.replacen("[base]\n", "[base]\nsubset = \"first\"\n", 1));
    place
}

/// Numbers of `then` that are not the same in `now`, by their JSON paths.
fn changed_numbers(then: &Value, now: Option<&Value>, place: &str, changed: &mut Vec<String>) {
    match then {
        Value::Number(_) if now != Some(then) => changed.push(format!("{place}: {then}, now {now:?}")),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| {
            changed_numbers(item, now.and_then(|now| now.get(index)), &format!("{place}/{index}"), changed);
        }),
        Value::Object(table) => table.iter().for_each(|(key, item)| {
            changed_numbers(item, now.and_then(|now| now.get(key)), &format!("{place}/{key}"), changed);
        }),
        _ => {}
    }
}

/// Rows of a CSV file, each cell by the name of its column.
fn rows(text: &str) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader.headers().unwrap().clone();
    let row = |row: csv::StringRecord| {
        columns.iter().zip(row.iter()).map(|(column, cell)| (column.to_owned(), cell.to_owned())).collect()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// The columns of a row that do not depend on how its seeds were planned.
fn measured(row: Vec<(String, String)>) -> Vec<(String, String)> {
    let inferred = ["_ci_low", "_ci_high", "_p", "_p_sign_flip", "_p_corrected", "verdict"];
    row.into_iter().filter(|(column, _)| !inferred.iter().any(|ending| column.ends_with(ending))).collect()
}

#[test]
fn journals_of_format_1_give_the_numbers_that_they_gave() {
    for name in OLD {
        let board = results::read_now(&old(name)).unwrap();
        assert!(board.complete(), "{name}");
        let read = |file: &str| fs::read_to_string(old(name).join(file)).unwrap();
        let then: Value = serde_json::from_str(&read("table.json")).unwrap();
        let now: Value = serde_json::from_str(&export::render(Format::Json, &board).unwrap()).unwrap();
        let mut changed = Vec::new();
        changed_numbers(&then, Some(&now), "", &mut changed);
        // Seeds are advised by another test today, and what stood for steps that were never made is not needed any more.
        changed.retain(|change| !["/more_seeds:", "/never/counts_as:"].iter().any(|other| change.contains(other)));
        // Where seeds were added to trained ones, what is inferred from the numbers is another thing today.
        let extended = now["seeds_planned"] == "anytime";
        let is_inferred = |change: &String| ["/ci95/", "/p:", "/p_"].iter().any(|inferred| change.contains(inferred));
        changed.retain(|change| !(extended && is_inferred(change)));
        assert!(changed.is_empty(), "{name}: {changed:#?}");

        let (then, now) = (rows(&read("table.csv")), rows(&export::render(Format::Csv, &board).unwrap()));
        assert_eq!(then.len(), now.len(), "{name}");
        let mut numbers = 0;
        for (then, now) in then.into_iter().zip(now) {
            let then = if extended { measured(then) } else { then };
            for (column, cell) in then.into_iter().filter(|(_, cell)| cell.parse::<f64>().is_ok()) {
                let found = now.iter().find(|(other, _)| *other == column).map(|(_, cell)| cell);
                assert_eq!(found, Some(&cell), "{name}: {column}");
                numbers += 1;
            }
        }
        assert!(numbers > 30, "{name}: {numbers} numbers");
    }
}

#[test]
fn a_result_of_format_1_is_gone_on_with() {
    for name in OLD {
        let place = with_old(name);
        let study = format!("{name}.toml");
        let (_, told) = place.run(0, &["run", &study]);
        assert!(told.contains("nothing to do"), "{told}");
        // One seed more, in a file of today's format beside the old ones, gives the same as training everything today.
        place.run(0, &["run", &study, "-q", "--seeds", "7"]);
        let header: Value = first_line(&place.text(&format!("results/{name}/journal-3.jsonl")));
        assert_eq!(header["journal"]["format"], serde_json::to_value(CURRENT).unwrap());
        place.run(0, &["run", &study, "-q", "--seeds", "7", "--out", "anew"]);
        let csv = |out| place.run(0, &["export", name, "--format", "csv", "--out", out]).0;
        let numbers = |out| rows(&csv(out)).into_iter().map(measured).collect::<Vec<_>>();
        assert_eq!(numbers("results"), numbers("anew"), "{name}");
        place.run(0, &["verify", name, "--trials", "3"]);
    }
}

#[test]
fn a_damaged_line_of_format_1_costs_what_was_running_alone() {
    let place = with_old("network");
    let csv = || place.run(0, &["export", "network", "--format", "csv"]);
    let (file, (before, _)) = ("results/network/journal-2.jsonl", csv());
    let journal = place.text(file);
    let line = journal.lines().find(|line| line.contains("evaluated")).unwrap();
    place.write(file, &journal.replacen(line, &line.replacen("[0,", "[", 1), 1));
    let (changed, told) = csv();
    assert!(changed != before && told.contains(&format!("{file}:")) && told.contains("not a whole event"), "{told}");
    let (_, told) = place.run(0, &["run", "network.toml"]);
    assert!(told.contains("not a whole event") && told.contains("20 trials, 19 of them done before"), "{told}");
    assert_eq!(csv().0, before);
    // By default, every trial of a file without checksums is verified.
    let (verified, _) = place.run(1, &["verify", "network"]);
    assert!(verified.matches(": ok").count() >= 19, "{verified}");
    place.write(file, &journal);
    let (verified, _) = place.run(0, &["verify", "network"]);
    assert_eq!(verified.matches(": ok").count(), 20, "{verified}");
}

fn first_line(text: &str) -> Value {
    serde_json::from_str(text.lines().next().unwrap()).unwrap()
}

/// A study whose journal has everything except what only surfaces have.
const NETWORK: &str = r#"
seeds = 2
[base]
data = "synthetic"
train_samples = 40
test_samples = 20
batch_size = 10
epochs = 2
hidden = [4, 4]
probes = ["activations", "line", "plane"]
[grid]
dropout = [0.0, 0.5]
[[claim]]
says = "It narrows the gap"
metric = "gap"
arm = { dropout = 0.5 }
versus = { dropout = 0.0 }
expect = "lower"
"#;

const SURFACE: &str = "seeds = 2\n[base]\ndata = \"surface\"\nsteps = 6\nstart_spread = 0.5\n";

const JOURNAL: &str = "results/small/journal.jsonl";

#[test]
fn a_newer_major_version_is_refused_by_file_and_by_name() {
    let place = Place::with(SURFACE);
    place.run(0, &["run", "small.toml", "-q"]);
    let journal = place.text(JOURNAL);
    let header = seal(r#"{"journal":{"format":[3,0],"ablate":"0.9.1","writer":"a"}}"#.into());
    place.write(JOURNAL, &journal.replace(journal.lines().next().unwrap(), &header));
    for command in [&["show", "small"][..], &["export", "small"], &["run", "small.toml"], &["verify", "small"]] {
        let (_, told) = place.run(2, command);
        let named = told.contains("results/small/journal.jsonl:1: the file is in format 3.0");
        assert!(named && told.contains("use ablate 0.9.1 or a later one"), "{told}");
    }
    assert!(place.run(0, &["list"]).0.contains("format 3.0"));
}

#[test]
fn of_a_newer_minor_version_all_that_is_known_is_read() {
    let place = Place::with(NETWORK);
    place.run(0, &["run", "small.toml", "-q"]);
    let table = || place.run(0, &["export", "small"]).0;
    let (journal, before) = (place.text(JOURNAL), table());
    let header = seal(r#"{"journal":{"format":[2,9],"ablate":"0.9.1","writer":"a","host":"b"}}"#.into());
    let unknown = seal(r#"{"trial_paused":{"trial":"0000000000000001","for":[1,2]}}"#.into());
    // Reserved fields and unknown ones.
    let more = |line: &str| {
        let line = line.replace(r#""cell":0,"#, r#""cell":0,"block":0,"#).replace(r#""step":"#, r#""new":{},"step":"#);
        resealed(
            &line.replace(r#""counts":{"#, r#""counts":{"new":1,"#).replace(r#"{"trial":"#, r#"{"new":[],"trial":"#),
        )
    };
    let lines = journal.lines().skip(1).map(|line| more(line) + &unknown + "\n");
    place.write(JOURNAL, &(header + "\n" + &lines.collect::<String>()));
    assert!(place.text(JOURNAL).matches("\"new\"").count() > 20 && place.text(JOURNAL).contains("\"block\":0"));
    assert_eq!(table(), before);
    assert!(place.run(0, &["run", "small.toml"]).1.contains("nothing to do"));
}

/// A result without what differs from training to training.
fn numbers(place: &Place) -> Value {
    let mut value: Value = serde_json::from_str(&place.run(0, &["export", "small", "--format", "json"]).0).unwrap();
    value["trials"].as_array_mut().unwrap().iter_mut().for_each(|trial| drop(trial["seconds"].take()));
    value
}

/// How many trials the second file of the journal has trained; the file is removed.
fn trained_again(place: &Place) -> usize {
    let trained = fs::read_to_string(place.path("results/small/journal-2.jsonl")).unwrap_or_default();
    let _ = fs::remove_file(place.path("results/small/journal-2.jsonl"));
    trained.matches("trial_finished").count()
}

/// A line of each kind in turn. What the messages advise is done.
#[test]
fn a_damaged_line_is_named_and_costs_what_it_recorded_alone() {
    for study in [NETWORK, SURFACE] {
        let place = Place::with(study);
        place.run(0, &["run", "small.toml", "-q"]);
        let (journal, before, digests) = (place.text(JOURNAL), numbers(&place), place.digests("results/small"));
        let mut kinds = BTreeSet::new();
        for (number, line) in journal.lines().enumerate() {
            let event: Value = serde_json::from_str(line).unwrap();
            let kind = event.as_object().unwrap().keys().next().unwrap().clone();
            if !kinds.insert(kind.clone()) {
                continue;
            }
            let damaged = journal.replacen(line, &line.replacen(':', ": ", 1), 1);
            place.write(JOURNAL, &damaged);
            let named = format!("{JOURNAL}:{} is damaged: its checksum does not fit", number + 1);
            let costs = !["journal", "study_started", "trial_started", "study_finished"].contains(&&kind[..]);
            if kind != "study_started" {
                let (json, told) = place.run(0, &["export", "small", "--format", "json"]);
                assert!(told.contains(&named), "{kind}: {told}");
                assert_eq!(told.contains("1 of "), costs, "{kind}: {told}");
                let shown: Value = serde_json::from_str(&json).unwrap();
                assert_eq!(shown["complete"], !costs, "{kind}");
            }
            let (_, told) = place.run(0, &["run", "small.toml", "-q"]);
            assert!(told.contains(&named), "it is told before it is trained again: {told}");
            assert_eq!(numbers(&place)["trials"], before["trials"], "{kind}");
            assert_eq!(place.digests("results/small"), digests, "{kind}");
            assert_eq!(trained_again(&place), usize::from(costs), "{kind}");

            // The line is deleted, as the message says where nothing is lost.
            place.write(JOURNAL, &journal.replacen(&format!("{line}\n"), "", 1));
            let (_, told) = place.run(0, &["run", "small.toml", "-q"]);
            assert!(!told.contains("is damaged"), "{kind}: {told}");
            assert_eq!(numbers(&place)["trials"], before["trials"], "{kind}");
            assert_eq!(trained_again(&place), usize::from(costs), "{kind}");
        }
        assert!(kinds.len() == 7 || kinds.len() == 8, "{kinds:?}");
    }
}

#[test]
fn without_its_plan_a_result_keeps_what_was_trained() {
    let place = Place::with(NETWORK);
    place.run(0, &["run", "small.toml", "-q"]);
    let (journal, before) = (place.text(JOURNAL), numbers(&place));
    place.write(JOURNAL, &journal.replacen("\"study\":\"small\"", "\"study\":\"smell\"", 1));
    for command in ["export", "show", "verify", "claims"] {
        let (_, told) = place.run(2, &[command, "small"]);
        assert!(told.contains(&format!("{JOURNAL}:2 is damaged")), "{told}");
        assert!(told.contains("4 finished trials are kept, which need one: run the study again"), "{told}");
    }
    assert!(place.run(0, &["list"]).0.contains("cannot be read"));
    // The advice: nothing is trained again.
    place.run(0, &["run", "small.toml", "-q"]);
    assert_eq!(numbers(&place)["trials"], before["trials"]);
    assert_eq!(numbers(&place)["cells"], before["cells"], "as if the plan had never been lost");
    assert_eq!(trained_again(&place), 0);
    // A study that asks for other seeds: of the plan that was lost, nobody knows how many it had.
    place.run(0, &["run", "small.toml", "-q", "--seeds", "1"]);
    assert_eq!(numbers(&place)["seeds_planned"], "anytime");
}

#[test]
fn a_newer_plan_that_breaks_off_or_is_gone_is_missed() {
    let place = Place::with(NETWORK);
    place.run(0, &["run", "small.toml", "-q", "--seeds", "1"]);
    place.run(0, &["run", "small.toml", "-q"]);
    let file = "results/small/journal-2.jsonl";
    let (journal, before) = (place.text(file), numbers(&place));
    let plan = journal.lines().nth(1).unwrap();
    place.write(file, &journal[..journal.find(plan).unwrap() + plan.len() / 2]);
    let (_, told) = place.run(0, &["export", "small"]);
    assert!(told.contains(&format!("{file}:2 is damaged: it breaks off; it held the plan of a run")), "{told}");
    assert!(told.contains("nothing is lost by that: delete what is damaged"), "{told}");
    // The advice.
    place.write(file, &(journal.lines().next().unwrap().to_owned() + "\n"));
    assert_eq!(place.run(0, &["export", "small"]).1, "");

    place.write(file, &journal.replacen(&format!("{plan}\n"), "", 1));
    let (_, told) = place.run(0, &["export", "small"]);
    assert!(told.contains("of small, the plan is lost: 2 finished trials are kept"), "{told}");
    let (_, told) = place.run(0, &["run", "small.toml", "--plain"]);
    assert!(!told.contains("seed 1:"), "nothing is trained again: {told}");
    assert_eq!(numbers(&place)["trials"], before["trials"]);
    assert_eq!(place.run(0, &["export", "small"]).1, "");
}

#[test]
fn contradictory_results_are_an_error_that_names_both() {
    let place = Place::with(NETWORK);
    place.run(0, &["run", "small.toml", "-q"]);
    let (journal, before) = (place.text(JOURNAL), numbers(&place));
    let line = journal.lines().find(|line| line.contains("trial_finished")).unwrap();
    let mut event: Value = serde_json::from_str(line).unwrap();
    event.as_object_mut().unwrap().shift_remove("crc");
    // Twice the same is no contradiction.
    place.write("results/small/journal-3.jsonl", &format!("{line}\n"));
    assert_eq!(numbers(&place), before);
    for outcome in [r#"{"completed":{"weights_digest":"0b"}}"#, r#"{"diverged":{"step":1}}"#] {
        event["trial_finished"]["outcome"] = serde_json::from_str(outcome).unwrap();
        place.write("results/small/journal-3.jsonl", &(seal(event.to_string()) + "\n"));
        for command in [&["show", "small"][..], &["export", "small"], &["run", "small.toml"], &["verify", "small"]] {
            let (_, told) = place.run(2, command);
            let number = 1 + journal.lines().position(|other| other == line).unwrap();
            assert!(told.contains(&format!("{JOURNAL}:{number}: weights ")), "{told}");
            assert!(told.contains("results/small/journal-3.jsonl:1: "), "{told}");
        }
    }
    // The advice: both lines are deleted.
    fs::remove_file(place.path("results/small/journal-3.jsonl")).unwrap();
    place.write(JOURNAL, &journal.replacen(&format!("{line}\n"), "", 1));
    place.run(0, &["run", "small.toml", "-q"]);
    assert_eq!(numbers(&place)["trials"], before["trials"]);
    assert_eq!(trained_again(&place), 1);
}

/// The checksum fits, the configuration is valid, and the trial's id is that of another one.
#[test]
fn a_plan_whose_configurations_were_changed_is_none() {
    let place = Place::with(NETWORK);
    place.run(0, &["run", "small.toml", "-q"]);
    let (journal, before) = (place.text(JOURNAL), numbers(&place));
    let changed = journal.replacen("\"hidden\":[4,4]", "\"hidden\":[4,5]", 1);
    assert_ne!(changed, journal);
    place.write(JOURNAL, &resealed(&changed));
    let (_, told) = place.run(2, &["export", "small"]);
    let id = &journal.split("\"trials\":[{\"id\":\"").nth(1).unwrap()[..16];
    assert!(told.contains(&format!("{JOURNAL}:2 is damaged: the configuration of trial {id}, ")), "{told}");
    place.run(0, &["run", "small.toml", "-q"]);
    assert_eq!(numbers(&place)["trials"], before["trials"]);
    assert_eq!(trained_again(&place), 0);
}

/// A plan names its cells by values that are those of their configurations, and nobody classifies more images than there are.
#[test]
fn a_journal_that_contradicts_itself_is_damaged() {
    let place = Place::with(NETWORK);
    place.run(0, &["run", "small.toml", "-q"]);
    let (before, journal) = (numbers(&place), place.text(JOURNAL));
    let plan = |journal: &str, value: Value| {
        let line = journal.lines().nth(1).unwrap();
        let mut plan: Value = serde_json::from_str(line).unwrap();
        plan["study_started"]["cells"][1]["params"]["dropout"] = value;
        journal.replace(line, &plan.to_string())
    };
    let first = journal.split("\"train_correct\":[").nth(1).unwrap().split([',', ']']).next().unwrap();
    let cases = [
        (plan(&journal, json!(0.9)), 2, "the configuration of the cell dropout = 0.9 has dropout = 0.5"),
        (journal.replacen("\"axes\":[\"dropout\"]", "\"axes\":[\"nope\"]", 1), 2, "has no value of `nope`"),
        (
            journal.replacen(&format!("\"train_correct\":[{first}"), "\"train_correct\":[6000", 1),
            0,
            "its train accuracy counts more images than the",
        ),
    ];
    for (changed, status, expected) in cases {
        assert_ne!(changed, journal);
        place.write(JOURNAL, &resealed(&changed));
        let (_, told) = place.run(status, &["export", "small"]);
        assert!(told.contains(JOURNAL) && told.contains(" is damaged: ") && told.contains(expected), "{told}");
        place.run(0, &["run", "small.toml", "-q"]);
        assert_eq!(numbers(&place)["trials"], before["trials"]);
        fs::remove_dir_all(place.path("results")).unwrap();
        fs::create_dir_all(place.path("results/small")).unwrap();
    }
}

/// Files of format 1 do not say how many evaluations a trial has. The configuration does.
#[test]
fn half_a_curve_of_format_1_is_no_result() {
    let place = Place::with(NETWORK);
    place.run(0, &["run", "small.toml", "-q"]);
    let before = numbers(&place);
    let sealed = place.text(JOURNAL);
    let lines = unsealed(&sealed).replace("{\"study_finished\":null}", "\"study_finished\"");
    let mut lines: Vec<String> = lines.lines().skip(1).map(str::to_owned).collect();
    for line in &mut lines {
        let at = line.find(",\"counts\":").unwrap_or(line.len());
        let rest = line[at..].find('}').map_or("", |end| &line[at + end + 1..]).to_owned();
        line.truncate(at);
        *line += &rest;
    }
    let write = |lines: &[String]| place.write(JOURNAL, &(lines.join("\n") + "\n"));
    write(&lines);
    assert_eq!(numbers(&place)["trials"], before["trials"], "it is a journal of format 1");
    let places =
        |kind: &str| (0..lines.len()).filter(|&at| lines[at].starts_with(&format!("{{\"{kind}"))).collect::<Vec<_>>();
    for at in places("evaluated") {
        for damage in [None, Some("{\"evaluated\":{\"trial\":"), Some("")] {
            let mut lines = lines.clone();
            match damage {
                Some(damage) => lines[at] = damage.into(),
                None => drop(lines.remove(at)),
            }
            write(&lines);
            let shown = numbers(&place);
            assert_eq!(shown["complete"], false);
            place.run(0, &["run", "small.toml", "-q"]);
            assert_eq!(numbers(&place)["trials"], before["trials"]);
            // Of a line that cannot be read, nobody knows to which running trial it belonged.
            let is_unreadable = damage.is_some_and(|damage| !damage.is_empty());
            assert!((1..=if is_unreadable { 2 } else { 1 }).contains(&trained_again(&place)));
        }
    }
    for kind in ["layers_probed", "sliced", "trial_finished"] {
        let mut lines = lines.clone();
        lines[places(kind)[0]] = "{".into();
        write(&lines);
        place.run(0, &["run", "small.toml", "-q"]);
        assert_eq!(numbers(&place)["trials"], before["trials"], "{kind}");
        assert!((1..=2).contains(&trained_again(&place)), "{kind}");
    }
}

/// The text of the fenced blocks of a language in the page on journals.
fn blocks(language: &str) -> Vec<String> {
    let (page, fence) = (page(), format!("```{language}\n"));
    let blocks = page.split(&fence).skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/journal.md")).unwrap()
}

#[test]
fn the_lines_of_the_page_are_lines_of_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<String> = blocks("json").iter().flat_map(|block| block.lines()).map(str::to_owned).collect();
    // Those with a checksum stand as they are.
    let sealed = |line: &String| if line.contains("\"crc\"") { line.clone() } else { seal(line.clone()) };
    let text: String = lines.iter().map(|line| sealed(line) + "\n").collect();
    assert!(text.contains(&format!("[{},{}]", CURRENT.major, CURRENT.minor)));
    assert!(page().contains(&format!("format {CURRENT}")));
    fs::write(folder.path().join("journal.jsonl"), text).unwrap();
    let mut events = Vec::new();
    let mut push = |entry: Entry| {
        match entry.content {
            Ok(event) => events.push(event),
            Err(damage) => panic!("{damage}"),
        }
        Ok(())
    };
    Reader::open(folder.path()).unwrap().read_new(&mut push).unwrap();
    assert_eq!(events.len(), lines.len() - 1, "all but the header");

    // Each kind is shown, and what is shown together makes a result.
    let started = |event: &Event| matches!(event, Event::StudyStarted(_));
    let plans: Vec<usize> = (0..events.len()).filter(|&place| started(&events[place])).collect();
    let [first, program] = plans[..] else { panic!("{plans:?}") };
    let board = |events: &[Event]| {
        let Event::StudyStarted(plan) = events[0].clone() else { unreachable!() };
        let mut board = Board::new(plan);
        events.iter().for_each(|event| board.apply(event));
        board
    };
    let of_program = board(&events[program..]);
    let (problem, config) = (of_program.plan.problem(), &of_program.plan.cells[0].config);
    assert_eq!(of_program.trials[0].curve.last_value(problem.main(), config), Some(27.3));
    let board = board(&events[first..program]);
    let results: Vec<bool> = board.trials.iter().map(|state| state.status.has_result()).collect();
    assert_eq!(results, [true, true, false, false]);
    assert!(matches!(board.trials[0].status, Status::Finished(Outcome::Completed { .. })));
    for name in Event::names() {
        assert!(
            page().contains(&format!("### `{name}`"))
                && lines.iter().any(|line| line.starts_with(&format!("{{\"{name}\":")))
        );
    }
}

/// The keys of a journal's lines, except those that a study chooses or other pages explain.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        Value::Object(table) => {
            for (key, value) in table {
                found.insert(key.clone());
                if !["config", "params", "measured"].contains(&&key[..]) {
                    keys(value, found);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn the_page_names_every_key_of_a_journal() {
    let place = Place::with(NETWORK);
    place.write("way.toml", SURFACE);
    place.run(0, &["run", "small.toml", "way.toml", "-q"]);
    let mut found = BTreeSet::new();
    let journals = ["small", "way"].map(|result| place.journal(&format!("results/{result}")));
    journals.iter().flatten().for_each(|line| keys(line, &mut found));
    let page = page();
    let missing: Vec<_> = found.iter().filter(|key| !page.contains(&format!("`{key}`"))).collect();
    assert!(missing.is_empty() && found.len() > 60, "{missing:?} of {}", found.len());
}

/// The reader in the page reads what this program reads.
#[test]
fn the_reader_of_the_page_reads() {
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("SKIPPED the_reader_of_the_page_reads: there is no python3");
        return;
    }
    let place = Place::with(NETWORK);
    let [reader] = &blocks("python")[..] else { panic!("one reader") };
    place.write("reader.py", reader);
    place.run(0, &["run", "small.toml", "-q", "--seeds", "1"]);
    place.run(0, &["run", "small.toml", "-q", "--seeds", "3"]);
    let python = |folder: &Path| {
        let ended = Command::new("python3").arg(place.path("reader.py")).arg(folder).output().unwrap();
        (ended.status.success(), String::from_utf8(ended.stdout).unwrap(), String::from_utf8(ended.stderr).unwrap())
    };
    let small = place.path("results/small");
    for folder in OLD.map(old).into_iter().chain([small.clone()]) {
        let board = results::read_now(&folder).unwrap();
        let mut expected = Vec::new();
        for (trial, state) in board.plan.trials.iter().zip(&board.trials).filter(|(_, state)| state.status.has_result())
        {
            let last = state.curve.last().and_then(|point| point.measured.number(Metric::TRAIN_LOSS));
            expected.push((format!("{} {} {} {}", trial.id, trial.cell, trial.seed, state.curve.len()), last));
        }
        let (success, printed, problem) = python(&folder);
        assert!(success, "{problem}");
        let read = |line: &str| {
            let (trial, last) = line.rsplit_once(' ').unwrap();
            (trial.to_owned(), last.parse::<f32>().ok().map(f64::from))
        };
        assert_eq!(printed.lines().map(read).collect::<Vec<_>>(), expected, "{}", folder.display());
    }
    // A lost line, a changed one.
    let journal = place.text(JOURNAL);
    let evaluated = journal.lines().find(|line| line.contains("evaluated")).unwrap();
    place.write(JOURNAL, &journal.replace(&format!("{evaluated}\n"), ""));
    assert_eq!(python(&small).1.lines().count(), 5);
    place.write(JOURNAL, &journal.replacen("\"step\":[0", "\"step\":[1", 1));
    assert!(python(&small).2.contains("a line was changed"));
    place.write(JOURNAL, &unsealed(&journal));
    assert!(!python(&small).0);
}

/// 10,000 trials of 200 epochs in format 2, and the same in format 1: how long reading takes, and how long the files are.
#[test]
#[ignore = "a measurement"]
fn reading_a_large_result() {
    let config = |cell: usize| -> Config {
        serde_json::from_value(json!({ "epochs": 200, "weight_decay": cell as f64 / 1000.0 })).unwrap()
    };
    let cell = |number| Cell { arm: Some(format!("arm {number}")), params: Params::new(), config: config(number) };
    let trial = |number: u64| {
        let (cell, seed) = (number as usize / 100, number % 100);
        Trial::new(trial_id(&config(cell), seed), cell, seed)
    };
    let trials: Vec<Trial> = (0..10_000).map(trial).collect();
    let ids: Vec<TrialId> = trials.iter().map(|trial| trial.id).collect();
    let plan = Plan {
        study: "large".into(),
        question: None,
        axes: vec![],
        design: Design::Factorial,
        baseline: None,
        cells: (0..100).map(cell).collect(),
        metrics: Vec::new(),
        claims: vec![],
        stopping: None,
        history: None,
        seeds: (0..100).collect(),
        trials,
        provenance: Provenance {
            ablate: "0".into(),
            study_sha256: "".into(),
            data_sha256: "".into(),
            command: "".into(),
            ..Provenance::default()
        },
    };
    let folder = tempfile::tempdir().unwrap();
    let out = std::env::var_os("ABLATE_LARGE").map_or(folder.path().to_owned(), PathBuf::from);
    let folders = ["format_2", "format_1"].map(|name| out.join(name));
    folders.iter().for_each(|folder| fs::create_dir_all(folder).unwrap());
    let mut journal = Journal::create(&folders[0]).unwrap();
    journal.append(&Event::StudyStarted(plan)).unwrap();
    // As many digits as measured numbers have.
    let mut state = 1u32;
    let mut number = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state as f32 / u32::MAX as f32
    };
    for trial in ids {
        journal.append(&Event::TrialStarted { trial }).unwrap();
        let mut curve = Curve::default();
        for step in 0..=200 {
            let train = (number(), (60_000.0 * number()) as u32);
            let test = (number(), (10_000.0 * number()) as u32);
            curve.push(Point { step: 600 * step, measured: Measured::of_network(train, test, 10.0 * number()) });
        }
        journal.append(&Event::Evaluated { trial, curve }).unwrap();
        let counts = Some(Counts { evaluations: 201, ..Counts::default() });
        let outcome = Outcome::Completed { weights_digest: format!("{:032x}", trial.0) };
        journal.append(&Event::TrialFinished { trial, outcome, seconds: 1.0, counts }).unwrap();
    }
    drop(journal);
    let text = fs::read_to_string(folders[0].join("journal.jsonl")).unwrap();
    let old = unsealed(&text).replace(",\"counts\":{\"evaluations\":201}", "");
    let old = old.split_once('\n').unwrap().1.replace("{\"study_finished\":null}", "\"study_finished\"");
    fs::write(folders[1].join("journal.jsonl"), &old).unwrap();
    let mut seconds = [Vec::new(), Vec::new()];
    for _ in 0..7 {
        for (folder, seconds) in folders.iter().zip(&mut seconds) {
            let started = Instant::now();
            assert!(results::read_now(folder).unwrap().complete());
            seconds.push(started.elapsed().as_secs_f64());
        }
    }
    let [new_seconds, old_seconds] = seconds.map(|seconds| seconds.into_iter().fold(f64::INFINITY, f64::min));
    println!(
        "{new_seconds:.3} s against {old_seconds:.3} s: {:.3}; {} bytes against {}: {:.4}",
        new_seconds / old_seconds,
        text.len(),
        old.len(),
        text.len() as f64 / old.len() as f64
    );
}
