//! A journal whose lines were changed and then given checksums that fit: what is read behind the checksum has to hold by
//! itself. An input is the lines of a journal after its header, without their checksums.

#![no_main]

use ablate::plan::config::{Config, Probe};
use ablate::plan::trial_id;
use ablate::record::journal::seal;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use std::fs;

const HEADER: &str = r#"{"journal":{"format":[2,3],"ablate":"0.1.0","writer":"a"}}"#;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let lines = std::iter::once(HEADER).chain(text.lines().filter(|line| line.starts_with('{') && line.ends_with('}')));
    let journal: String = lines.map(|line| seal(line.to_owned()) + "\n").collect();
    let folder = ablate_fuzz::folder();
    fs::write(folder.path().join("journal.jsonl"), journal).expect("room in memory");
    let _ = ablate_fuzz::look(folder.path(), bytes);
});

// Changes values where they stand, so that a line stays an event and most events stay what they are; bytes are only changed
// now and then.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut rng = ChaCha8Rng::seed_from_u64(seed.into());
    let text = String::from_utf8_lossy(&data[..size]).into_owned();
    let mut lines: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    if lines.is_empty() || rng.random_ratio(1, 20) {
        return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    }
    for _ in 0..rng.random_range(1..=3) {
        change(&mut lines, &mut rng);
    }
    if rng.random_ratio(3, 4) {
        name_trials(&mut lines);
    }
    let text: String = lines.iter().map(|line| line.to_string() + "\n").collect();
    if text.len() > max_size {
        return size;
    }
    data[..text.len()].copy_from_slice(text.as_bytes());
    text.len()
});

fn change(lines: &mut Vec<Value>, rng: &mut ChaCha8Rng) {
    let line = rng.random_range(0..lines.len());
    match rng.random_range(0..20) {
        0 => lines.truncate(line + 1),
        1 if lines.len() > 1 => drop(lines.remove(line)),
        2 => lines.insert(line, lines[rng.random_range(0..lines.len())].clone()),
        3 => {
            let other = rng.random_range(0..lines.len());
            lines.swap(line, other);
        }
        _ => {
            // The plan decides the most.
            let line = if rng.random() { 0 } else { line };
            let source = rng.random_range(0..lines.len());
            let donor = some_place(&lines[source], rng);
            let donor = lines[source].pointer(&donor).cloned().unwrap_or_default();
            change_value(&mut lines[line], donor, rng);
        }
    }
    if lines.is_empty() {
        lines.push(json!({ "study_finished": null }));
    }
}

/// A place in a value, as a JSON pointer; deep ones are as likely as others.
fn some_place(value: &Value, rng: &mut ChaCha8Rng) -> String {
    let mut place = String::new();
    let mut here = value;
    loop {
        let next = match here {
            Value::Array(items) if !items.is_empty() => rng.random_range(0..items.len()).to_string(),
            Value::Object(table) if !table.is_empty() => {
                let keys: Vec<&String> = table.keys().collect();
                keys.choose(rng).map(|key| key.replace('~', "~0").replace('/', "~1")).unwrap_or_default()
            }
            _ => return place,
        };
        if rng.random_ratio(1, 12) {
            return place;
        }
        place = format!("{place}/{next}");
        here = value.pointer(&place).unwrap_or(&Value::Null);
    }
}

fn change_value(line: &mut Value, donor: Value, rng: &mut ChaCha8Rng) {
    let place = some_place(line, rng);
    if place.is_empty() {
        return;
    }
    let (above, key) = place.rsplit_once('/').unwrap_or_default();
    if rng.random_ratio(1, 8) {
        match line.pointer_mut(above) {
            Some(Value::Array(items)) => drop(items.remove(key.parse().unwrap_or(0))),
            Some(Value::Object(table)) => drop(table.shift_remove(key)),
            _ => {}
        }
        return;
    }
    let Some(value) = line.pointer_mut(&place) else { return };
    *value = match (&*value, rng.random_range(0..4)) {
        (_, 0) => donor,
        (Value::Number(number), _) => another_number(number.as_f64().unwrap_or(0.0), rng),
        (Value::String(text), _) => another_text(text, rng),
        (Value::Bool(truth), _) => json!(!truth),
        (Value::Array(items), _) => {
            let mut items = items.clone();
            match rng.random_range(0..3) {
                0 => items.reverse(),
                1 => items.extend(items.clone()),
                _ => items.truncate(rng.random_range(0..=items.len())),
            }
            Value::Array(items)
        }
        (Value::Object(table), _) => {
            let mut table = table.clone();
            table.insert(another_text("x", rng).as_str().unwrap_or("x").into(), donor);
            Value::Object(table)
        }
        (Value::Null, _) => json!(rng.random_range(0..3)),
    };
}

fn another_number(number: f64, rng: &mut ChaCha8Rng) -> Value {
    let numbers = [
        json!(0),
        json!(1),
        json!(2),
        json!(-1),
        json!(0.5),
        json!(-0.0),
        json!(1e-320),
        json!(1e308),
        json!(-1e308),
        json!(1e12),
        json!(u32::MAX),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(number + 1.0),
        json!(number - 1.0),
        json!(number * 2.0),
        json!(-number),
        json!((number as i64).saturating_add(1)),
        json!((number as i64).saturating_sub(1)),
        json!(number as u64),
    ];
    numbers.choose(rng).cloned().unwrap_or_default()
}

/// Names that mean something somewhere, and texts that would steer a terminal or break a format.
fn another_text(text: &str, rng: &mut ChaCha8Rng) -> Value {
    let texts = [
        "",
        "sgd",
        "adam",
        "momentum",
        "lion",
        "surface",
        "mnist",
        "synthetic",
        "gaussian",
        "program",
        "line",
        "plane",
        "path",
        "curvature",
        "activations",
        "random",
        "factorial",
        "one_at_a_time",
        "f",
        "gap",
        "test_accuracy",
        "train_loss",
        "validation_accuracy",
        "sharpness",
        "higher",
        "lower",
        "same",
        "last",
        "start",
        "best",
        "single",
        "double",
        "bowl",
        "rosenbrock",
        "relu",
        "tanh",
        "he",
        "dropout",
        "hidden",
        "optimizer",
        "\u{1b}[2J\u{7}\u{9b}",
        "a\u{202e}b\n\r\tc\0",
        "=1+1|`*<script>]]>&\\input{x}%",
        "../../x",
        "\u{fffe}\u{3164}",
    ];
    match rng.random_range(0..4) {
        0 => json!(format!("{text}x")),
        1 => json!(text.chars().skip(1).collect::<String>()),
        _ => json!(texts.choose(rng)),
    }
}

/// Gives the trials of all plans the ids of their configurations, and their events the new ids.
fn name_trials(lines: &mut [Value]) {
    let mut renamed = Vec::new();
    for line in lines.iter_mut() {
        let Some(plan) = line.get_mut("study_started") else { continue };
        let configs: Vec<Option<Config>> = plan["cells"].as_array().map_or_else(Vec::new, |cells| {
            cells.iter().map(|cell| serde_json::from_value(cell["config"].clone()).ok()).collect()
        });
        for trial in plan.get_mut("trials").and_then(Value::as_array_mut).into_iter().flatten() {
            let config = trial["cell"].as_u64().and_then(|cell| configs.get(cell as usize)?.clone());
            if let (Some(mut config), Some(seed)) = (config, trial["seed"].as_u64()) {
                let probes: Vec<Probe> = serde_json::from_value(trial["also_probes"].clone()).unwrap_or_default();
                config.probes.extend(probes);
                let id = json!(trial_id(&config, seed));
                if id != trial["id"] {
                    renamed.push((std::mem::replace(&mut trial["id"], id.clone()), id));
                }
            }
        }
    }
    let events = lines.iter_mut().filter_map(|line| line.as_object_mut()?.values_mut().next()?.get_mut("trial"));
    for trial in events {
        if let Some((_, id)) = renamed.iter().find(|(before, _)| before == trial) {
            *trial = id.clone();
        }
    }
}
