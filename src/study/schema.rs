//! The shape of a study file, as a JSON Schema: what an editor completes and checks.
//!
//! The types below have a field for each key that a study, an arm or a claim may have, in the order in which messages list
//! them. Nothing is read into them: a schema cannot say where in a file a mistake stands, nor what fits together.

#![allow(dead_code, clippy::large_enum_variant, reason = "only the schemas of these types are asked for")]

use crate::plan::Design;
use crate::plan::config::{Config, Count, NonNegative, Positive, between};
use crate::plan::metric::{Kind, Metric};
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::ops::Bound::{self, Excluded, Included, Unbounded};
use std::sync::LazyLock;

/// The JSON Schema (draft 7, which editors of TOML know best) of study files.
pub fn schema() -> Value {
    let mut settings = SchemaSettings::draft07();
    settings.transforms.insert(0, Box::new(WithoutNull));
    settings.into_generator().into_root_schema_for::<Study>().to_value()
}

/// The keys of a configuration, of a study and of a claim: looked up for each of many unknown keys, or claims.
pub(super) static OF_CONFIG: LazyLock<Vec<String>> = LazyLock::new(keys::<Config>);
pub(super) static OF_STUDY: LazyLock<Vec<String>> = LazyLock::new(keys::<Study>);
pub(super) static OF_CLAIM: LazyLock<Vec<String>> = LazyLock::new(keys::<Claim>);

/// The keys that a table may have.
pub(super) fn keys<T: JsonSchema>() -> Vec<String> {
    properties(&T::json_schema(&mut SchemaGenerator::default())).into_iter().map(|(key, _)| key).collect()
}

/// How a choice with constants of its own is written, all of them if it is looked for by its name: the one of this name, or the
/// first one, that has all these keys. `None` if there is none.
pub(super) fn form(name: Option<&str>, keys: &[&str]) -> Option<String> {
    let schema = schema();
    let choices =
        schema["definitions"].as_object()?.values().filter_map(|choices| choices["oneOf"].as_array()).flatten();
    let constants =
        choices.filter_map(|choice| Some((choice["properties"].as_object()?, choice["required"].as_array()?)));
    let mut named =
        constants.filter_map(|(keys, required)| Some((keys.get("name")?.get("const")?.as_str()?, keys, required)));
    let (own, constants, required) = named.find(|(own, constants, _)| {
        name.is_none_or(|name| name == *own) && keys.iter().all(|key| constants.contains_key(*key))
    })?;
    let is_asked = |key: &String| keys.contains(&key.as_str()) || required.contains(&key.as_str().into());
    let example = |constant: &Value| {
        let example = constant.pointer("/examples/0").or(constant.get("default"));
        example.map_or_else(|| "…".to_owned(), Value::to_string)
    };
    let is_shown = |key: &String, constant: &Value| is_asked(key) || name.is_some() && example(constant) != "…";
    let shown = constants.iter().filter(|(key, constant)| *key != "name" && is_shown(key, constant));
    let shown: String = shown.map(|(key, constant)| format!(", {key} = {}", example(constant))).collect();
    Some(format!("{{ name = \"{own}\"{shown} }}"))
}

fn properties(schema: &Schema) -> Map<String, Value> {
    schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default()
}

/// A study of what training techniques of a neural network really do.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, transform = tie_keys_of_studies)]
pub(super) struct Study {
    /// Names the result folder. Default: the file's name without its ending.
    name: Option<FolderName>,
    /// What the study is to answer.
    question: Option<String>,
    /// How many seeds each cell is trained with, from 0 on, or a list of them. Default: 10.
    seeds: Option<Seeds>,
    /// Which cells of the grid are trained. Default: `"factorial"`.
    design: Option<Design>,
    /// With `design = "random"`, how many cells are drawn.
    samples: Option<Count>,
    /// With `design = "random"`, the seed that they are drawn with. Default: 0.
    design_seed: Option<u64>,
    /// What all cells are compared with: the values of one of them, or the name of an arm.
    baseline: Option<CellOrArm>,
    /// What all cells share.
    base: Option<Config>,
    /// Keys of the base with several values each. The cells are made of their combinations; the order here is the order of
    /// the columns.
    grid: Option<Grid>,
    /// Named combinations of values, instead of a grid or beside it.
    arm: Option<Vec<Arm>>,
    /// What the study tests.
    claim: Option<Vec<Claim>>,
}

/// A named combination of values.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Arm {
    /// What tables and claims call it.
    name: Words,
    /// What differs from the base.
    set: Option<Config>,
}

/// Something the study tests.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, transform = tie_keys_of_claims)]
pub(super) struct Claim {
    /// The claim in words.
    says: Words,
    /// Where it comes from.
    note: Option<String>,
    /// What is measured on both sides, at the cost of its probe if it has one.
    metric: ClaimMetric,
    /// With `metric = "steps_to"`, the metric and the value that it has to reach.
    level: Option<Level>,
    /// Of which layer the metric is, counted from 1. Default: the last hidden one.
    layer: Option<Count>,
    /// What the claim is about: the values of one cell, or the name of an arm.
    arm: CellOrArm,
    /// What the arm is compared with: the values of one cell, the name of an arm, or a number. Default: the baseline, or the
    /// arm itself where `versus_at` or `versus_metric` is given.
    versus: Option<CellArmOrNumber>,
    /// What the arm's value is expected to be, compared with the other.
    expect: Expectation,
    /// With `expect = "same"`, the largest difference that still counts as the same; of shares below 1.
    within: Option<Positive>,
    /// When the arm is looked at. Default: `"last"`.
    at: Option<Time>,
    /// When the other side is looked at. Default: when the arm is.
    versus_at: Option<Time>,
    /// Another metric of the other side.
    versus_metric: Option<NamedMetric>,
    /// What a trial that diverged counts as. If it is left out, so is its pair, and the claim is inconclusive.
    diverged_as: Option<f64>,
    /// An axis: instead of the metric its spread, largest minus smallest, over the cells along it.
    spread_over: Option<String>,
    /// An axis: each side is the cell along it with the highest mean validation accuracy.
    best_over: Option<String>,
    /// An axis: the claim is made of each of its values, and has to hold on all of them. Leave this axis out of the sides.
    on_all: Option<String>,
}

/// Ties keys to the choice that gives them a meaning: with it those in `needed` have to be there and those in `useless`
/// not, and without it those in `needed` and `possible` not.
fn only_with(choice: (&str, &str), needed: &[&str], possible: &[&str], useless: &[&str]) -> Value {
    let (key, value) = choice;
    let none = |keys: &[&str]| keys.iter().map(|&key| (key.to_owned(), false.into())).collect::<Map<_, _>>();
    json!({
        "if": { "properties": { key: { "const": value } }, "required": [key] },
        "then": { "required": needed, "properties": none(useless) },
        "else": { "properties": none(&[needed, possible].concat()) },
    })
}

fn tie_keys_of_studies(schema: &mut Schema) {
    schema.insert("allOf".into(), json!([only_with(("design", "random"), &["samples"], &["design_seed"], &[])]));
}

fn tie_keys_of_claims(schema: &mut Schema) {
    let timeless = ["layer", "at", "versus_at", "versus_metric"];
    let rules = [
        only_with(("metric", "steps_to"), &["level"], &[], &timeless),
        only_with(("expect", "same"), &["within"], &[], &[]),
        json!({ "not": { "required": ["spread_over", "best_over"] } }),
    ];
    schema.insert("allOf".into(), rules.into());
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Expectation {
    /// Below the other.
    Lower,
    /// Above the other.
    Higher,
    /// No further from the other than `within`.
    Same,
}

#[derive(JsonSchema)]
#[serde(untagged)]
enum Time {
    Named(NamedTime),
    /// The evaluation after this epoch, which may be a fraction.
    Epoch(NonNegative),
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
enum NamedTime {
    /// Untrained.
    Start,
    /// At the highest validation accuracy.
    Best,
    /// At the end.
    Last,
}

#[derive(JsonSchema)]
#[serde(untagged)]
enum CellOrArm {
    Cell(CellValues),
    Arm(String),
}

#[derive(JsonSchema)]
#[serde(untagged)]
enum CellArmOrNumber {
    Cell(CellValues),
    Arm(String),
    Number(f64),
}

#[derive(JsonSchema)]
#[serde(untagged)]
enum Seeds {
    Count(Count),
    List(#[schemars(length(min = 1), extend("uniqueItems" = true))] Vec<u64>),
}

/// Implements `JsonSchema` by an expression, for a type that is nothing but its schema.
macro_rules! schemas {
    ($($name:ident = $function:expr;)*) => {
        $(pub(super) struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                let schema: fn(&mut SchemaGenerator) -> Schema = $function;
                schema(generator)
            }
        })*
    };
}

schemas! {
    // Keys of the base, and data sets of one's own by their names.
    CellValues = |generator| {
        let mut schema = Config::json_schema(generator);
        if let Some(data) = schema.pointer_mut("/properties/data") {
            *data = json!({ "anyOf": [data.take(), { "type": "string" }] });
        }
        schema
    };
    Words = |_| json_schema!({ "type": "string", "pattern": r"\S" });
    FolderName = |_| json_schema!({ "type": "string", "pattern": r"^[^./\\\s]([^/\\\s]*[^./\\\s])?$", "maxLength": 100 });
    NamedMetric = |_| json_schema!({ "oneOf": metrics().collect::<Vec<_>>() });
    ClaimMetric = |_| json_schema!({ "oneOf": metrics().chain([steps_to()]).collect::<Vec<_>>() });
    Level = |_| level();
    Grid = grid;
}

fn metrics() -> impl Iterator<Item = Value> {
    let name = |metric: &Metric| json!({ "type": "string", "const": metric.name(), "description": meaning(*metric) });
    Metric::ALL.iter().map(name)
}

fn steps_to() -> Value {
    json!({ "type": "string", "const": "steps_to", "description": "Updates until the `level` is first reached." })
}

fn meaning(metric: Metric) -> String {
    metric.meaning().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The levels that such a metric can come to.
pub(super) fn reach(kind: Kind) -> (Bound<f64>, Bound<f64>) {
    match kind {
        Kind::AccuracyDifference => (Included(-1.0), Excluded(1.0)),
        Kind::Accuracy => (Excluded(0.0), Included(1.0)),
        Kind::Share => (Included(0.0), Included(1.0)),
        Kind::Quantity => (Included(0.0), Unbounded),
    }
}

/// One metric, with a value that it can reach.
fn level() -> Schema {
    let with_levels = Metric::ALL.iter().filter(|metric| metric.has_levels());
    let values = with_levels.map(|metric| {
        let mut value = between("number", reach(metric.kind()));
        value.insert("description".into(), meaning(*metric).into());
        (metric.name().to_owned(), value.to_value())
    });
    json_schema!({
        "type": "object",
        "properties": values.collect::<Map<_, _>>(),
        "additionalProperties": false,
        "minProperties": 1,
        "maxProperties": 1,
    })
}

/// Whatever the base may say, with a list of values; a random design also draws numbers from a range.
fn grid(generator: &mut SchemaGenerator) -> Schema {
    let axis = |(key, mut value): (String, Value)| {
        let mut take = |key: &str| value.as_object_mut().and_then(|value| value.remove(key));
        let (description, _) = (take("description"), take("default"));
        let list = json!({ "type": "array", "minItems": 1, "items": value });
        let range = |kind: &str, what: &str, end: Value| {
            json!({
                "type": "object",
                "description": format!("With `design = \"random\"`, numbers between two ends, all {what} equally likely."),
                "properties": { kind: { "type": "array", "minItems": 2, "maxItems": 2, "items": end } },
                "required": [kind],
                "additionalProperties": false,
            })
        };
        let above_zero = json!({ "allOf": [value, { "exclusiveMinimum": 0 }] });
        let forms = match has_number(&value) {
            true => vec![list, range("uniform", "values", value), range("log_uniform", "powers", above_zero)],
            false => vec![list],
        };
        (key, json!({ "description": description, "anyOf": forms }))
    };
    let base = properties(&Config::json_schema(generator)).into_iter();
    // What is measured changes no result: it is no axis.
    let axes: Map<String, Value> = base.filter(|(key, _)| key != "probes").map(axis).collect();
    json_schema!({ "type": "object", "properties": axes, "additionalProperties": false })
}

/// Whether a value may be a number.
fn has_number(schema: &Value) -> bool {
    let is_number = |name: &Value| name == "number" || name == "integer";
    match &schema["type"] {
        Value::Array(types) => types.iter().any(is_number),
        Value::Null => schema["anyOf"].as_array().is_some_and(|forms| forms.iter().any(has_number)),
        name => is_number(name),
    }
}

/// TOML knows no null: a key without a value is left out.
#[derive(Clone, Debug)]
struct WithoutNull;

impl Transform for WithoutNull {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let null = json!({ "type": "null" });
        if let Some(Value::Array(types)) = schema.get_mut("type") {
            types.retain(|one| one != "null");
            if let [one] = &types[..] {
                let one = one.clone();
                schema.insert("type".into(), one);
            }
        }
        if let Some(Value::Array(forms)) = schema.get_mut("anyOf") {
            forms.retain(|form| *form != null);
            if let [Value::Object(one)] = &forms[..] {
                let one = one.clone();
                schema.remove("anyOf");
                schema.ensure_object().extend(one);
            }
        }
        if let Some(default) = schema.get_mut("default") {
            match default {
                Value::Null => drop(schema.remove("default")),
                Value::Object(table) => {
                    table.retain(|_, value| !value.is_null());
                    if let (1, Some(name)) = (table.len(), table.get("name").cloned()) {
                        *default = name;
                    }
                }
                _ => {}
            }
        }
    }
}
