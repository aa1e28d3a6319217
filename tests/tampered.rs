//! Any change in a journal is told as damage; if its checksum is corrected as well, the journal is read or
//! refused, without a panic.

use ablate::error::Result;
use ablate::judge::report::Table;
use ablate::record::board::Board;
use ablate::record::journal::seal;
use ablate::show::export::{self, Format, Moment};
use ablate::{record::results, show::screen};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

/// Studies whose results together have everything that a journal can have.
const STUDIES: [(&str, &str); 3] = [
    (
        "network",
        r#"
        seeds = 3
        baseline = { dropout = 0.0, hidden = [4, 4] }
        [base]
        data = "synthetic"
        train_samples = 40
        validation_samples = 10
        test_samples = 20
        batch_size = 10
        epochs = 2
        optimizer = "momentum"
        probes = ["activations", "updates", "gradients", "weights", "velocity", "curvature", "line", "plane"]
        [grid]
        dropout = [0.0, 0.5]
        hidden = [[4, 4], [5]]
        [[arm]]
        name = "wild"
        set = { learning_rate = 1e30 }
        [[claim]]
        says = "Narrower"
        note = "a guess"
        metric = "gap"
        arm = { dropout = 0.5, hidden = [4, 4] }
        versus = { dropout = 0.0, hidden = [4, 4] }
        expect = "lower"
        [[claim]]
        says = "Saturated"
        metric = "saturated"
        layer = 1
        arm = { dropout = 0.5, hidden = [4, 4] }
        versus = 0.5
        expect = "lower"
        [[claim]]
        says = "Spread"
        metric = "test_accuracy"
        spread_over = "hidden"
        arm = { dropout = 0.5 }
        versus = { dropout = 0.0 }
        expect = "same"
        within = 0.1
        "#,
    ),
    (
        "surface",
        r#"
        seeds = 2
        [base]
        data = "surface"
        steps = 6
        start_spread = 0.5
        goal = 3.0
        [grid]
        optimizer = ["sgd", { name = "adam", beta_1 = 0.5 }]
        surface = ["bowl", { name = "quadratic", condition = 10, angle = 30 }]
        "#,
    ),
    (
        "one_at_a_time",
        r#"
        seeds = 2
        design = "one_at_a_time"
        [base]
        data = "synthetic"
        train_samples = 20
        test_samples = 20
        batch_size = 10
        epochs = 1
        hidden = [3]
        [grid]
        batch_norm = [false, true]
        dropout = [0.0, 0.5]
        "#,
    ),
];

/// The journal of a study, trained here and now.
fn journal(name: &str, study: &str) -> String {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join(format!("{name}.toml")), study).unwrap();
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_ablate"));
    command.current_dir(&place).args(["run", "-q", &format!("{name}.toml")]).assert().success();
    fs::read_to_string(place.path().join(format!("results/{name}/journal.jsonl"))).unwrap()
}

/// Everything that can be made from a result.
fn look(folder: &Path) -> Result<()> {
    let board = results::read_now(folder)?;
    let tables = [Table::new(&board)];
    export::claims(&tables);
    for format in [Format::Md, Format::Csv, Format::Json, Format::Tex] {
        export::render(format, &board)?;
    }
    export::tex(&board, &["all".into()])?;
    screen::table_text(&board, 80);
    for moment in [Moment::Frame(1), Moment::Last] {
        // A picture may have fewer frames than before.
        let _ = export::all_pictures(&board, moment, export::svg);
    }
    let events: Vec<_> = board.events().collect();
    let mut again = Board::new(board.plan.clone());
    events.iter().for_each(|event| again.apply(event));
    Ok(())
}

/// The places in a value, as JSON pointers; of a long list, those in its first two items and in its last.
fn places(value: &Value, here: &str, found: &mut Vec<String>) {
    found.push(here.to_owned());
    match value {
        Value::Array(items) => {
            let some = items.iter().enumerate().filter(|(place, _)| *place < 2 || place + 1 == items.len());
            some.for_each(|(place, item)| places(item, &format!("{here}/{place}"), found));
        }
        Value::Object(table) => table.iter().for_each(|(key, item)| places(item, &format!("{here}/{key}"), found)),
        _ => {}
    }
}

/// What a value is replaced by: values of its kind and of other kinds, or nothing.
fn changes(value: &Value) -> Vec<Option<Value>> {
    let mut changes = vec![None, Some(Value::Null), Some(json!([])), Some(json!({}))];
    match value {
        Value::Number(number) => {
            changes.extend(
                [json!(0), json!(1), json!(2), json!(-1), json!(0.5), json!(1e308), json!(1e12), json!(u64::MAX)]
                    .map(Some),
            );
            let text = number.to_string();
            for (place, _) in text.char_indices().filter(|(_, digit)| digit.is_ascii_digit()) {
                for digit in ["0", "1", "7", "9", "99"] {
                    let mut changed = text.clone();
                    changed.replace_range(place..=place, digit);
                    changes.extend(serde_json::from_str(&changed).ok().map(Some));
                }
            }
        }
        Value::String(text) => {
            changes.extend([json!(""), json!(format!("{text}x")), json!(0), json!("ünï\u{202e}\n\u{7}")].map(Some));
            let names =
                ["sgd", "adam", "surface", "mnist", "line", "curvature", "random", "factorial", "f", "test_accuracy"];
            changes.extend(names.map(|name| Some(json!(name))));
        }
        Value::Bool(truth) => changes.push(Some(json!(!truth))),
        Value::Array(items) => {
            let mut turned = items.clone();
            turned.reverse();
            let doubled = [items.clone(), items.clone()].concat();
            let shorter = items[..items.len().saturating_sub(1)].to_vec();
            changes.extend([turned, doubled, shorter].map(|items| Some(Value::Array(items))));
        }
        Value::Object(_) | Value::Null => changes.push(Some(json!(1))),
    }
    changes
}

/// A line with the value at a place changed, or without it.
fn changed(line: &Value, place: &str, change: Option<Value>) -> Value {
    let mut line = line.clone();
    let (above, key) = place.rsplit_once('/').unwrap_or_default();
    match (change, line.pointer_mut(above)) {
        (Some(value), _) => *line.pointer_mut(place).unwrap() = value,
        (None, Some(Value::Array(items))) => drop(items.remove(key.parse().unwrap())),
        (None, Some(Value::Object(table))) => drop(table.shift_remove(key)),
        (None, _) => line = Value::Null,
    }
    line
}

/// Lines with the checksums that fit them, the first being the header.
fn sealed(lines: &[Value]) -> String {
    let line = |line: &Value| match line {
        Value::Object(table) if !table.is_empty() => seal(line.to_string()) + "\n",
        _ => line.to_string() + "\n",
    };
    lines.iter().map(line).collect()
}

/// One of this many changes is tried; with `ABLATE_TAMPER=1`, every one.
fn stride() -> usize {
    std::env::var("ABLATE_TAMPER").map_or(499, |stride| stride.parse().unwrap())
}

/// One change at a time, with the checksum left as it was.
#[test]
fn every_change_in_a_journal_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (mut count, mut tried) = (0, 0);
    for (name, study) in STUDIES {
        let journal = journal(name, study);
        for (number, line) in journal.lines().enumerate() {
            let value: Value = serde_json::from_str(line).unwrap();
            assert_eq!(value.to_string(), line, "what is written again without a change is the same");
            let mut found = Vec::new();
            places(&value, "", &mut found);
            for place in found {
                for change in changes(value.pointer(&place).unwrap()) {
                    count += 1;
                    let changed = changed(&value, &place, change).to_string();
                    if count % stride() != 0 || changed == line {
                        continue;
                    }
                    tried += 1;
                    let text = journal.replacen(line, &changed, 1);
                    fs::write(folder.path().join("journal.jsonl"), text).unwrap();
                    let damage = results::read(folder.path()).unwrap().damage;
                    let [damage] = &damage[..] else { panic!("{name}: {changed}: {damage:?}") };
                    assert_eq!(damage.line, number + 1, "{name}: {changed}");
                }
            }
        }
    }
    println!("{tried} changes, all told");
}

/// One change at a time, each with a checksum that fits it: the checks after the checksum have to be enough.
#[test]
fn no_change_in_a_journal_makes_a_panic() {
    let stride = stride();
    let folder = tempfile::tempdir().unwrap();
    let mut panics: BTreeMap<String, String> = BTreeMap::new();
    let (mut tried, mut refused) = (0, 0);
    let journals = STUDIES.map(|(name, study)| (name, journal(name, study)));
    // Each panic is reported below.
    panic::set_hook(Box::new(|_| {}));
    for (name, journal) in journals {
        let unsealed = |line: &str| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            line.as_object_mut().unwrap().shift_remove("crc");
            line
        };
        let lines: Vec<Value> = journal.lines().map(unsealed).collect();
        let mut count = 0;
        for (number, line) in lines.iter().enumerate() {
            let mut found = Vec::new();
            places(line, "", &mut found);
            for place in found {
                for change in changes(line.pointer(&place).unwrap()) {
                    count += 1;
                    if count % stride != 0 {
                        continue;
                    }
                    let told = format!("{name}, line {}, {place} = {change:?}", number + 1);
                    let mut lines = lines.clone();
                    lines[number] = changed(line, &place, change);
                    fs::write(folder.path().join("journal.jsonl"), sealed(&lines)).unwrap();
                    tried += 1;
                    match panic::catch_unwind(AssertUnwindSafe(|| look(folder.path()))) {
                        Ok(Ok(())) => {}
                        Ok(Err(_)) => refused += 1,
                        Err(panic) => {
                            let message = panic.downcast_ref::<String>().cloned();
                            let message = message.or_else(|| panic.downcast_ref::<&str>().map(|text| text.to_string()));
                            panics.entry(message.unwrap_or_default()).or_insert(told);
                        }
                    }
                }
            }
        }
    }
    drop(panic::take_hook());
    assert!(panics.is_empty(), "of {tried} changes {refused} were refused, and there were panics: {panics:#?}");
    println!("{tried} changes, {refused} refused");
}
