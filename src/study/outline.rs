//! What a study file says, with `--set` applied, before any value is interpreted.

use super::draft::{self, Draft};
use super::mistake::{Mistake, Span, Texts};
use super::range::{self, is_range};
use super::read;
use super::value::{Value, list, table, text, whole};
use super::{Changes, MAX_TRIALS, schema};
use crate::plan::config::Config;
use crate::plan::{Design, fields};
use std::collections::HashSet;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// A key of the grid and its values, one at least; or none, and the range that they are drawn from.
pub(super) struct Axis<'a> {
    pub(super) key: Spanned<DeString<'a>>,
    pub(super) values: Vec<Value<'a>>,
    pub(super) range: Option<range::Range<'a>>,
}

pub(super) struct Arm<'a> {
    pub(super) name: Spanned<String>,
    pub(super) set: DeTable<'a>,
}

#[derive(Default)]
pub(super) struct Outline<'a> {
    pub(super) name: Option<Spanned<String>>,
    pub(super) question: Option<String>,
    /// Distinct; at least one.
    pub(super) seeds: Vec<u64>,
    pub(super) design: Option<Spanned<Design>>,
    /// How many cells a random design draws, and from which stream of random numbers.
    pub(super) samples: Option<Spanned<u64>>,
    pub(super) design_seed: Option<Spanned<u64>>,
    pub(super) baseline: Option<Value<'a>>,
    pub(super) base: DeTable<'a>,
    pub(super) grid: Vec<Axis<'a>>,
    pub(super) arms: Vec<Arm<'a>>,
    pub(super) claims: Vec<Draft<'a>>,
}

impl<'a> Outline<'a> {
    pub(super) fn design(&self) -> Design {
        self.design.as_ref().map_or(Design::default(), |design| *design.get_ref())
    }

    pub(super) fn read(source: &'a str, texts: &Texts<'a>, changes: &Changes) -> Result<Outline<'a>, Mistake> {
        let document = DeTable::parse(source).map_err(|error| Mistake::syntax(&error))?;
        let mut outline = Outline { seeds: (0..10).collect(), ..Outline::default() };
        for (key, value) in document.into_inner() {
            outline.take(&key, value)?;
        }
        if let Some(count) = changes.seeds {
            outline.seeds =
                first_seeds(count as u64).map_err(|problem| Mistake::anywhere(format!("--seeds: {problem}")))?;
        }
        for (start, typed) in texts.set() {
            outline.set(start, typed)?;
        }
        Ok(outline)
    }

    fn take(&mut self, key: &Spanned<DeString<'a>>, value: Value<'a>) -> Result<(), Mistake> {
        match key.get_ref().as_ref() {
            "name" => self.name = Some(Spanned::new(value.span(), text(value)?)),
            "question" => self.question = Some(text(value)?),
            "seeds" => self.seeds = seeds(&value)?,
            "design" => {
                let design = read::value(&value).map_err(|mistake: Mistake| mistake.inside("design").with_path())?;
                self.design = Some(Spanned::new(value.span(), design));
            }
            "samples" => self.samples = Some(Spanned::new(value.span(), samples(&value)?)),
            "design_seed" => self.design_seed = Some(Spanned::new(value.span(), whole(&value)?)),
            "baseline" => self.baseline = Some(value),
            "base" => self.base = table(value, "[base] is a table of keys and values")?,
            "grid" => self.grid = grid(value)?,
            "arm" => self.arms = arms(value)?,
            "claim" => self.claims = draft::drafts(value)?,
            other => return Err(unknown_key(key.span(), other)),
        }
        Ok(())
    }

    /// Applies `KEY=VALUE` as it was typed; its first byte is number `start` of all texts.
    fn set(&mut self, start: usize, typed: &'a str) -> Result<(), Mistake> {
        let whole = start..start + typed.len();
        let Some((key, value)) = typed.split_once('=') else {
            return Err(Mistake::at(whole, "expected KEY=VALUE").help("as in --set dropout=0.5"));
        };
        let value_start = start + key.len() + 1 + (value.len() - value.trim_start().len());
        let key_start = start + (key.len() - key.trim_start().len());
        let key = key.trim();
        let key = Spanned::new(key_start..key_start + key.len(), DeString::Borrowed(key));
        if schema::keys::<schema::Study>().iter().any(|other| other == key.get_ref()) {
            let message = format!("`{}` is not a key of the configuration", key.get_ref());
            return Err(Mistake::at(key.span(), message).help("--set changes what stands under [base] and [grid]"));
        }
        self.put(key, typed_value(value.trim(), value_start)?)
    }

    fn put(&mut self, key: Spanned<DeString<'a>>, value: Value<'a>) -> Result<(), Mistake> {
        let name = key.get_ref().clone();
        let is_axis = match value.get_ref() {
            DeValue::Array(values) => !is_list(&name) || values.first().is_some_and(|first| first.get_ref().is_array()),
            _ => is_range(&value),
        };
        self.grid.retain(|axis| Some(axis.key.get_ref().as_ref()) != rival(&name));
        let place = self.grid.iter().position(|axis| *axis.key.get_ref() == name);
        match (is_axis, place) {
            (true, Some(place)) => self.grid[place] = axis(key, value)?,
            (true, None) => self.grid.push(axis(key, value)?),
            (false, place) => {
                place.map(|place| self.grid.remove(place));
                self.base = overlay(&self.base, &DeTable::from_iter([(key, value)]));
            }
        }
        Ok(())
    }
}

/// The values of `layer` in place of those of `base`. Of the two ways to give the length of training, the one in
/// `layer` takes the other's place.
pub(super) fn overlay<'a>(base: &DeTable<'a>, layer: &DeTable<'a>) -> DeTable<'a> {
    let mut table = base.clone();
    for (key, value) in layer {
        if let Some(rival) = rival(key.get_ref())
            && !layer.contains_key(rival)
        {
            table.remove(rival);
        }
        table.insert(key.clone(), value.clone());
    }
    table
}

fn rival(key: &str) -> Option<&'static str> {
    match key {
        "epochs" => Some("steps"),
        "steps" => Some("epochs"),
        _ => None,
    }
}

/// Whether a single value of this key is itself a list.
pub(super) fn is_list(key: &str) -> bool {
    fields(&Config::default()).get(key).is_some_and(serde_json::Value::is_array)
}

fn unknown_key(span: Span, key: &str) -> Mistake {
    match fields(&Config::default()).contains_key(key) {
        true => Mistake::at(span, format!("`{key}` stands outside of [base]"))
            .help(format!("put it below a line [base], or below [grid] with a list of values: {key} = […]")),
        false => Mistake::unknown_key(span, key, &schema::keys::<schema::Study>()),
    }
}

/// A value as typed after `--set KEY=`: TOML, or a bare word, which is a text.
fn typed_value(typed: &str, start: usize) -> Result<Value<'_>, Mistake> {
    let bare = typed.starts_with(char::is_alphabetic)
        && typed.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-');
    match DeValue::parse(typed) {
        Ok(value) => Ok(shifted(value, start)),
        Err(_) if bare => Ok(Spanned::new(start..start + typed.len(), DeValue::String(typed.into()))),
        Err(error) => {
            let span = error.span().map_or(start..start + typed.len(), |span| shift(span, start));
            let help = "names within lists and tables need quotes: [\"he\", \"xavier\"]";
            Err(Mistake::syntax(&error).moved_to(span).help(help))
        }
    }
}

fn shift(span: Range<usize>, by: usize) -> Span {
    span.start + by..span.end + by
}

fn shifted(value: Value<'_>, by: usize) -> Value<'_> {
    let span = shift(value.span(), by);
    let value = match value.into_inner() {
        DeValue::Array(values) => DeValue::Array(values.into_iter().map(|value| shifted(value, by)).collect()),
        DeValue::Table(table) => DeValue::Table(
            table
                .into_iter()
                .map(|(key, value)| (Spanned::new(shift(key.span(), by), key.into_inner()), shifted(value, by)))
                .collect(),
        ),
        other => other,
    };
    Spanned::new(span, value)
}

fn samples(value: &Value) -> Result<u64, Mistake> {
    match whole(value)? {
        0 => Err(Mistake::at(value.span(), "there has to be a cell: expected a count of 1 or above")),
        count => Ok(count),
    }
}

fn seeds(value: &Value) -> Result<Vec<u64>, Mistake> {
    let DeValue::Array(values) = value.get_ref() else {
        let count = whole(value).map_err(|mistake| mistake.help("seeds is a count, as 10, or a list, as [1, 2, 3]"))?;
        return first_seeds(count).map_err(|problem| Mistake::at(value.span(), problem));
    };
    let mut seeds = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for value in values {
        let seed = whole(value)?;
        if !seen.insert(seed) {
            return Err(Mistake::at(value.span(), format!("seed {seed} is in this list already")));
        }
        seeds.push(seed);
    }
    match seeds.is_empty() {
        true => Err(Mistake::at(value.span(), "there has to be a seed").help("seeds = 10 stands for 0 to 9")),
        false => Ok(seeds),
    }
}

fn first_seeds(count: u64) -> Result<Vec<u64>, String> {
    match count {
        0 => Err("there has to be a seed: expected a count of 1 or above".into()),
        _ if count > MAX_TRIALS => Err(format!("{count} seeds are more than the {MAX_TRIALS} trials a study may have")),
        _ => Ok((0..count).collect()),
    }
}

fn grid(value: Value) -> Result<Vec<Axis>, Mistake> {
    table(value, "[grid] is a table of keys and lists of values")?
        .into_iter()
        .map(|(key, value)| axis(key, value))
        .collect()
}

fn axis<'a>(key: Spanned<DeString<'a>>, value: Value<'a>) -> Result<Axis<'a>, Mistake> {
    let span = value.span();
    let name = key.get_ref();
    if name == "probes" {
        return Err(Mistake::at(
            key.span(),
            "`probes` changes no result: cells that differ in it train the same networks",
        )
        .help("put all that is to be measured below [base]: probes = [\"activations\", \"updates\"]"));
    }
    if is_range(&value) {
        return Ok(Axis { key, values: Vec::new(), range: Some(range::Range::read(value)?) });
    }
    let values = list(value, |span| {
        Mistake::at(span, format!("an axis needs a list of values: {name} = […]"))
            .help("a single value belongs under [base]")
    })?;
    if values.is_empty() {
        return Err(Mistake::at(span, format!("the axis `{name}` has no values")));
    }
    if let Some(single) = values.iter().find(|value| is_list(name) && !value.get_ref().is_array()) {
        return Err(Mistake::at(single.span(), format!("each value of `{name}` is a list of its own"))
            .help(format!("a grid takes a list of them: {name} = [[100], [100, 100]]")));
    }
    Ok(Axis { key, values, range: None })
}

fn arms(value: Value) -> Result<Vec<Arm>, Mistake> {
    let tables = list(value, |span| Mistake::at(span, "arms stand below [[arm]], with two brackets"))?;
    let (mut arms, mut names) = (Vec::new(), HashSet::new());
    for value in tables {
        let arm = arm(value)?;
        let name = arm.name.get_ref();
        if !names.insert(name.clone()) {
            return Err(Mistake::at(arm.name.span(), format!("there is an arm of the name \"{name}\" already")));
        }
        arms.push(arm);
    }
    Ok(arms)
}

fn arm(value: Value) -> Result<Arm, Mistake> {
    let span = value.span();
    let (mut name, mut set) = (None, DeTable::new());
    for (key, value) in table(value, "an arm is a table with a name and what it sets")? {
        match key.get_ref().as_ref() {
            "name" => name = Some(Spanned::new(value.span(), text(value)?)),
            "set" => set = table(value, "expected a table, as set = { dropout = 0.5 }")?,
            other if fields(&Config::default()).contains_key(other) => {
                return Err(Mistake::at(key.span(), format!("`{other}` stands outside of `set`"))
                    .help(format!("write set = {{ {other} = … }}")));
            }
            other => return Err(Mistake::unknown_key(key.span(), other, &schema::keys::<schema::Arm>())),
        }
    }
    match name {
        Some(name) if !name.get_ref().trim().is_empty() => Ok(Arm { name, set }),
        Some(name) => Err(Mistake::at(name.span(), "this arm's name is empty")),
        None => Err(Mistake::at(span, "this arm has no name").help("as in name = \"no batch norm\"")),
    }
}
