//! The hyper-parameters that all cells share: the line above the table.

use crate::plan::config::{Config, Count, DataSource, Positive};
use crate::plan::{Cell, Params, fields};
use serde_json::{Value, json};

/// The keys that are shown even if they have their defaults, so that a reader sees what was trained.
const ALWAYS: [&str; 7] = ["train_samples", "hidden", "activation", "init", "optimizer", "learning_rate", "batch_size"];
/// The same on surfaces, where there are no networks.
const ON_SURFACES: [&str; 3] = ["surface", "optimizer", "learning_rate"];

/// The values that no cell sets and that either differ from the defaults or are [always](ALWAYS) shown, in the order of
/// [`Config`]'s fields.
pub fn values(cells: &[Cell]) -> Params {
    let Some(config) = cells.first().map(|cell| &cell.config) else { return Params::new() };
    let is_set = |key: &str| cells.iter().any(|cell| cell.params.contains_key(key));
    let defaults = fields(&Config::default());
    let mut shown = config.clone();
    // Probes change no result.
    shown.probes.clear();
    // Cells that train on all images have no choice.
    let chosen = cells.iter().find_map(|cell| cell.config.subset_in_use());
    shown.subset = chosen.unwrap_or(shown.subset);
    let always: &[&str] = match config.data {
        DataSource::Set(_) => {
            let all = Count::try_from(config.train_samples() as f64).ok();
            let differ = cells.iter().any(|cell| cell.config.train_samples() != config.train_samples());
            shown.train_samples = shown.train_samples.or(all.filter(|_| !differ));
            &ALWAYS
        }
        DataSource::Surface => &ON_SURFACES,
        DataSource::Program => return Params::new(),
    };
    let optimizers_differ = is_set("optimizer");
    shown.learning_rate = match optimizers_differ {
        true => shown.learning_rate,
        false => Positive::try_from(config.learning_rate()).ok(),
    };
    fields(&shown)
        .into_iter()
        .filter(|(key, value)| !is_set(key) && !value.is_null())
        .filter(|(key, value)| match key.as_str() {
            // However images are chosen is told, and nothing where all are used.
            "subset" => chosen.is_some(),
            key => defaults.get(key) != Some(value) || always.contains(&key),
        })
        .map(|(key, value)| {
            let value = as_written(&key, value);
            (key, value)
        })
        .collect()
}

/// A field of [`Config`] as a study would have it: whole numbers without a decimal point, of a table with a name only the
/// values that differ from the defaults, and of one's own data the name.
pub(in crate::judge) fn as_written(key: &str, value: Value) -> Value {
    match value {
        Value::Object(_) if key == "data" => {
            serde_json::from_value(value.clone()).map_or(value, |source: DataSource| source.name().into())
        }
        Value::Number(number) => match number.as_f64() {
            Some(x) if x.fract() == 0.0 && x.abs() < 1e15 => json!(x as i64),
            _ => Value::Number(number),
        },
        Value::Array(items) => items.into_iter().map(|item| as_written(key, item)).collect(),
        Value::Object(mut table) => {
            let defaults = named_defaults(key, &table);
            table.retain(|key, value| key == "name" || !value.is_null() && defaults.get(key) != Some(value));
            match (table.len(), table.get("name")) {
                (1, Some(name)) => name.clone(),
                _ => table.into_iter().map(|(inner, value)| (inner.clone(), as_written(&inner, value))).collect(),
            }
        }
        other => other,
    }
}

/// The table that a key gets if a study gives only the table's name; empty if it needs more than the name.
fn named_defaults(key: &str, table: &Params) -> Params {
    let by_name = json!({ key: table.get("name") });
    let config = serde_json::from_value::<Config>(by_name).ok();
    match config.and_then(|config| fields(&config).remove(key)) {
        Some(Value::Object(defaults)) => defaults,
        _ => Params::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::report::Table;
    use crate::record::board::samples::{arms, overfit};

    #[test]
    fn what_all_cells_share_is_above_the_table() {
        let text = Table::new(&overfit()).shared_text();
        assert!(
            text.starts_with("train_samples = 300, subset = drawn, hidden = 6 × 100, activation = relu, init = he"),
            "{text}"
        );
        assert!(text.contains("learning_rate = 0.01, epochs = 201, batch_size = 100"), "{text}");
        // How images are chosen is told wherever there is a choice, also where it is that of old journals.
        let cell = |settings: &Value| Cell {
            arm: None,
            params: Params::new(),
            config: serde_json::from_value(settings.clone()).unwrap(),
        };
        let shared = |all: &[Value]| values(&all.iter().map(cell).collect::<Vec<_>>()).get("subset").cloned();
        let (few, drawn, all) =
            (json!({ "train_samples": 300 }), json!({ "train_samples": 300, "subset": "drawn" }), json!({}));
        assert_eq!(shared(&[few]), Some(json!("first")));
        assert_eq!(shared(&[all.clone(), drawn]), Some(json!("drawn")));
        assert_eq!(shared(&[all]), None);
        // What one arm sets is not shared, even if another has it from the base.
        assert!(!Table::new(&arms()).shared_text().contains("hidden"));
    }

    #[test]
    fn values_are_written_as_in_a_study() {
        let written = |key: &str, value: Value| {
            let config: Config = serde_json::from_value(json!({ key: value })).unwrap();
            as_written(key, fields(&config)[key].clone())
        };
        for value in [json!("adam"), json!({ "name": "adam", "beta_1": 0.5 }), json!("sgd")] {
            assert_eq!(written("optimizer", value.clone()), value);
        }
        let step = json!({ "name": "step", "every": 10 });
        assert_eq!(written("schedule", step.clone()), json!({ "name": "step", "every": 10, "factor": 0.1 }));
        assert_eq!(written("init", json!({ "gain": 2.0 })), json!({ "gain": 2 }));
        assert_eq!(written("batch_size", json!(32)), json!(32));
    }
}
