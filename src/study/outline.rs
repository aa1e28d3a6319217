//! What a study file says, with `--set` applied, before any value is interpreted.

use super::draft::Draft;
use super::mistake::{Mistake, Mistakes, Span};
use super::range::{self, is_range};
use super::value::{Value, list, table, text, whole};
use super::{MAX_TRIALS, elsewhere, read, schema};
use crate::error::nearest;
use crate::plan::config::Config;
use crate::plan::{Design, fields};
use std::collections::HashSet;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// A key of the grid and its values, one at least; or none, and the range that they are drawn from.
pub(super) struct Axis<'a> {
    pub(super) key: Spanned<DeString<'a>>,
    pub(super) values: Vec<Value<'a>>,
    pub(super) range: Option<range::Range<'a>>,
}

impl Axis<'_> {
    /// Whether its values are whole numbers alone.
    pub(super) fn is_whole(&self) -> bool {
        let reads = |number: &str| DeValue::parse(number).is_ok_and(|value| read::alone(&self.key, &value).is_ok());
        reads("2") && !reads("1.5")
    }
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
    /// What the baseline and claims name as cells, whatever else is wrong with those.
    pub(super) sides: Vec<Value<'a>>,
    pub(super) claims: Vec<Draft<'a>>,
}

impl<'a> Outline<'a> {
    pub(super) fn design(&self) -> Design {
        self.design.as_ref().map_or(Design::default(), |design| *design.get_ref())
    }

    /// What a document says. What is not understood of it is told in `mistakes`, and left out.
    pub(super) fn read(document: DeTable<'a>, mistakes: &mut Mistakes) -> Outline<'a> {
        let mut outline = Outline { seeds: (0..10).collect(), ..Outline::default() };
        for (key, value) in document {
            mistakes.keep(outline.take(&key, value));
        }
        outline
    }

    fn take(&mut self, key: &Spanned<DeString<'a>>, value: Value<'a>) -> Result<(), Mistakes> {
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
            "baseline" => {
                self.sides.push(value.clone());
                self.baseline = Some(value);
            }
            "base" => self.base = table(value, "[base] is a table of keys and values")?,
            "grid" => self.take_grid(value)?,
            "arm" => self.take_arms(value)?,
            "claim" => self.take_claims(value)?,
            other => return Err(unknown_key(key.span(), other).into()),
        }
        Ok(())
    }

    fn take_grid(&mut self, value: Value<'a>) -> Result<(), Mistakes> {
        let mut mistakes = Mistakes::default();
        for (key, value) in table(value, "[grid] is a table of keys and lists of values")? {
            self.grid.extend(mistakes.keep(axis(key, value)));
        }
        mistakes.or(())
    }

    fn take_arms(&mut self, value: Value<'a>) -> Result<(), Mistakes> {
        let tables = list(value, |span| Mistake::at(span, "arms stand below [[arm]], with two brackets"))?;
        let (mut mistakes, mut names) = (Mistakes::default(), HashSet::new());
        for value in tables {
            let Some(arm) = arm(value, &mut mistakes) else { continue };
            let name = arm.name.get_ref();
            if !names.insert(name.clone()) {
                let message = format!("there is an arm of the name \"{name}\" already");
                mistakes.add(Mistake::at(arm.name.span(), message));
            }
            self.arms.push(arm);
        }
        mistakes.or(())
    }

    fn take_claims(&mut self, value: Value<'a>) -> Result<(), Mistakes> {
        let tables = list(value, |span| Mistake::at(span, "claims stand below [[claim]], with two brackets"))?;
        let (mut mistakes, mut said) = (Mistakes::default(), HashSet::new());
        for value in tables {
            let sides =
                value.get_ref().as_table().into_iter().flat_map(|claim| [claim.get("arm"), claim.get("versus")]);
            self.sides.extend(sides.flatten().cloned());
            let Some(draft) = Draft::read(value, &mut mistakes) else { continue };
            let says = draft.says.get_ref();
            if !said.insert(says.clone()) {
                mistakes.add(Mistake::at(draft.says.span(), format!("there is a claim that says \"{says}\" already")));
            }
            self.claims.push(draft);
        }
        mistakes.or(())
    }

    /// Keys that both the base and the grid have.
    pub(super) fn given_twice(&self) -> Vec<String> {
        let keys = self.grid.iter().map(|axis| axis.key.get_ref().to_string());
        keys.filter(|key| self.base.contains_key(key.as_str())).collect()
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

pub(super) fn rival(key: &str) -> Option<&'static str> {
    match key {
        "epochs" => Some("steps"),
        "steps" => Some("epochs"),
        _ => None,
    }
}

/// Whether a single value of this key is always a list.
pub(super) fn is_list(key: &str) -> bool {
    fields(&Config::default()).get(key).is_some_and(serde_json::Value::is_array)
}

/// Whether a single value of this key may be a list.
pub(super) fn may_be_list(key: &Spanned<DeString>) -> bool {
    let list = Spanned::new(key.span(), DeValue::Array(Default::default()));
    read::alone(key, &list).is_ok()
}

fn unknown_key(span: Span, key: &str) -> Mistake {
    let of_config: Vec<&str> = schema::OF_CONFIG.iter().map(String::as_str).collect();
    match of_config.contains(&key) {
        true => Mistake::at(span, format!("`{key}` stands outside of [base]"))
            .help(format!("put it below a line [base], or below [grid] with a list of values: {key} = […]")),
        false => {
            let of_study: Vec<&str> = schema::OF_STUDY.iter().map(String::as_str).collect();
            let mistake = Mistake::unknown(span, "key", key, &of_study);
            match elsewhere::instead(key, &of_study).or(nearest(key, &of_study).map(str::to_owned)) {
                Some(_) => mistake,
                None => match elsewhere::instead(key, &of_config) {
                    Some(instead) => mistake.help(format!("{instead}; it belongs below a line [base]")),
                    None => mistake,
                },
            }
        }
    }
}

fn samples(value: &Value) -> Result<u64, Mistake> {
    match whole(value)? {
        0 => Err(Mistake::at(value.span(), "there has to be a cell: expected a count of 1 or above")),
        count => Ok(count),
    }
}

fn seeds(value: &Value) -> Result<Vec<u64>, Mistakes> {
    let DeValue::Array(values) = value.get_ref() else {
        let count = whole(value).map_err(|mistake| mistake.also("seeds is a count, as 10, or a list, as [1, 2, 3]"))?;
        return first_seeds(count).map_err(|problem| Mistake::at(value.span(), problem).into());
    };
    let (mut mistakes, mut seeds, mut seen) = (Mistakes::default(), Vec::new(), HashSet::new());
    for value in values {
        let Some(seed) = mistakes.keep(whole(value)) else { continue };
        if !seen.insert(seed) {
            mistakes.add(Mistake::at(value.span(), format!("seed {seed} is in this list already")));
        }
        seeds.push(seed);
    }
    if values.is_empty() {
        mistakes.add(Mistake::at(value.span(), "there has to be a seed").help("seeds = 10 stands for 0 to 9"));
    }
    mistakes.or(seeds)
}

pub(super) fn first_seeds(count: u64) -> Result<Vec<u64>, String> {
    match count {
        0 => Err("there has to be a seed: expected a count of 1 or above".into()),
        _ if count > MAX_TRIALS => Err(format!("{count} seeds are more than the {MAX_TRIALS} trials a study may have")),
        _ => Ok((0..count).collect()),
    }
}

pub(super) fn axis<'a>(key: Spanned<DeString<'a>>, value: Value<'a>) -> Result<Axis<'a>, Mistake> {
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
    let values = match value.into_inner() {
        DeValue::Array(values) => values.into_iter().collect::<Vec<_>>(),
        other => {
            let forms = [range::UNIFORM, range::LOG_UNIFORM];
            let mut keys = other.as_table().into_iter().flat_map(DeTable::keys);
            let help = keys.find_map(|key| elsewhere::instead(key.get_ref(), &forms));
            let help = help.unwrap_or_else(|| "a single value belongs under [base]".into());
            return Err(Mistake::at(span, format!("an axis needs a list of values: {name} = […]")).help(help));
        }
    };
    if values.is_empty() {
        return Err(Mistake::at(span, format!("the axis `{name}` has no values")));
    }
    if let Some(single) = values.iter().find(|value| is_list(name) && !value.get_ref().is_array()) {
        return Err(Mistake::at(single.span(), format!("each value of `{name}` is a list of its own"))
            .help(format!("a grid takes a list of them: {name} = [[100], [100, 100]]")));
    }
    Ok(Axis { key, values, range: None })
}

/// An arm; `None` if its name cannot be read.
fn arm<'a>(value: Value<'a>, mistakes: &mut Mistakes) -> Option<Arm<'a>> {
    let span = value.span();
    let (mut name, mut set, mut is_unknown) = (None, DeTable::new(), false);
    for (key, value) in mistakes.keep(table(value, "an arm is a table with a name and what it sets"))? {
        match key.get_ref().as_ref() {
            "name" => name = Some(Spanned::new(value.span(), mistakes.keep(text(value)))),
            "set" => {
                set = mistakes.keep(table(value, "expected a table, as set = { dropout = 0.5 }")).unwrap_or_default()
            }
            other if fields(&Config::default()).contains_key(other) => {
                let mistake = Mistake::at(key.span(), format!("`{other}` stands outside of `set`"));
                mistakes.add(mistake.help(format!("write set = {{ {other} = … }}")));
            }
            other => {
                is_unknown = true;
                mistakes.add(Mistake::unknown_key(key.span(), other, &schema::keys::<schema::Arm>()));
            }
        }
    }
    let Some(name) = name else {
        // A key that is not known may be the name.
        if is_unknown {
            return None;
        }
        mistakes.add(Mistake::at(span, "this arm has no name").help("as in name = \"no batch norm\""));
        return None;
    };
    let span = name.span();
    let name = name.into_inner()?;
    if name.trim().is_empty() {
        mistakes.add(Mistake::at(span.clone(), "this arm's name is empty"));
    }
    Some(Arm { name: Spanned::new(span, name), set })
}
