//! What `--set KEY=VALUE` changes in a study.

use super::mistake::{Mistake, Mistakes, Span, Texts};
use super::outline::{Axis, Outline, axis, is_list, overlay, rival};
use super::range::is_range;
use super::value::Value;
use super::{elsewhere, look_alike, read, schema, syntax};
use crate::plan::config::Config;
use crate::plan::fields;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

type Key<'a> = Spanned<DeString<'a>>;

/// Applies each `--set`, as it was typed, in their order.
pub(super) fn apply<'a>(outline: &mut Outline<'a>, texts: &Texts<'a>, mistakes: &mut Mistakes) {
    for (start, typed) in texts.set() {
        mistakes.keep(set(outline, start, typed));
    }
}

/// Applies `KEY=VALUE`, whose first byte is number `start` of all texts.
fn set<'a>(outline: &mut Outline<'a>, start: usize, typed: &'a str) -> Result<(), Mistake> {
    let whole = start..start + typed.len();
    let Some((key, value)) = typed.split_once('=') else {
        let mistake = Mistake::at(whole, "expected KEY=VALUE");
        return Err(match look_alike::first(typed) {
            Some((_, c)) => mistake.help(format!("it has {}: {}", look_alike::described(c), look_alike::instead(c))),
            None => mistake.help("as in --set dropout=0.5"),
        });
    };
    let value_start = start + key.len() + 1 + (value.len() - value.trim_start().len());
    let key_start = start + (key.len() - key.trim_start().len());
    let (key, value) = (key.trim(), value.trim());
    if key.split('.').any(|part| part.trim().is_empty()) {
        return Err(Mistake::at(whole, "there is no key in front of the =").help("as in --set dropout=0.5"));
    }
    let key_span = key_start..key_start + key.len();
    refuse_keys_of_studies(key, value, key_span.clone())?;
    if value.starts_with('=') {
        return Err(Mistake::at(value_start..value_start + 1, "this = is one too many").help("as in --set dropout=0.5"));
    }
    if value.is_empty() {
        return Err(Mistake::at(whole.end..whole.end, "there is no value behind the =").help("as in --set dropout=0.5"));
    }
    let value = typed_value(key, value, value_start)?;
    match key.split_once('.') {
        None => put(outline, Spanned::new(key_span, DeString::Borrowed(key)), value),
        Some((choice, constant)) => {
            let (choice, constant) = (choice.trim_end(), constant.trim_start());
            if constant.contains('.') {
                return Err(syntax::too_many_parts(key_span, key.split('.').count()));
            }
            let constant_start = key_span.end - constant.len();
            let choice = Spanned::new(key_start..key_start + choice.len(), DeString::Borrowed(choice));
            let constant = Spanned::new(constant_start..key_span.end, DeString::Borrowed(constant));
            put_constant(outline, choice, constant, value)
        }
    }
}

/// Only what stands under `[base]` and `[grid]` can be set.
fn refuse_keys_of_studies(key: &str, value: &str, span: Span) -> Result<(), Mistake> {
    let (first, rest) = key.split_once('.').unwrap_or((key, ""));
    let of_study: Vec<&str> = schema::OF_STUDY.iter().map(String::as_str).collect();
    let is_of_study = of_study.contains(&first);
    // The name that it has elsewhere may be that of a key of studies.
    let is_called =
        || !fields(&Config::default()).contains_key(first) && elsewhere::instead(first, &["seeds"]).is_some();
    if !is_of_study && !is_called() {
        return Ok(());
    }
    let message = format!("`{key}` is not a key of the configuration");
    let help = match first {
        "base" | "grid" if !rest.is_empty() => format!("write the key alone: --set {rest}={value}"),
        "base" | "grid" => {
            "--set changes what stands under [base] and [grid], key by key: --set dropout=0.5".to_owned()
        }
        "seeds" | "seed"
            if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) && first == "seeds" =>
        {
            format!("the number of seeds has an option of its own: --seeds {value}")
        }
        first if first == "seeds" || !is_of_study => {
            "how many seeds there are is said by --seeds 5; which ones, by the study file: seeds = [1, 2, 3]".to_owned()
        }
        first => format!("--set changes what stands under [base] and [grid]; `{first}` stands in the study file alone"),
    };
    Err(Mistake::at(span, message).help(help))
}

fn put<'a>(outline: &mut Outline<'a>, key: Key<'a>, value: Value<'a>) -> Result<(), Mistake> {
    let name = key.get_ref().clone();
    let is_axis = match value.get_ref() {
        DeValue::Array(values) => !is_list(&name) || values.first().is_some_and(|first| first.get_ref().is_array()),
        _ => is_range(&value),
    };
    outline.grid.retain(|axis| Some(axis.key.get_ref().as_ref()) != rival(&name));
    let place = place_of(outline, &name);
    match (is_axis, place) {
        (true, Some(place)) => outline.grid[place] = axis(key, value)?,
        (true, None) => outline.grid.push(axis(key, value)?),
        (false, place) => {
            place.map(|place| outline.grid.remove(place));
            outline.base = overlay(&outline.base, &DeTable::from_iter([(key, value)]));
        }
    }
    Ok(())
}

fn place_of(outline: &Outline, key: &str) -> Option<usize> {
    outline.grid.iter().position(|axis| axis.key.get_ref() == key)
}

/// Gives a choice, such as the optimizer, a constant, such as β₁: the one of the base, or each on the axis that has such a
/// constant. Of several values each makes a choice of its own, and all of them an axis.
fn put_constant<'a>(
    outline: &mut Outline<'a>,
    key: Key<'a>,
    constant: Key<'a>,
    value: Value<'a>,
) -> Result<(), Mistake> {
    let name = key.get_ref().clone();
    let place = place_of(outline, &name);
    let values = match value.get_ref() {
        DeValue::Array(values) => values.iter().cloned().collect(),
        _ => vec![value.clone()],
    };
    let Some(place) = place else {
        let choice = outline.base.get(&*name).cloned().or_else(|| default_of(&name, key.span()));
        let choices: Vec<_> =
            values.iter().map(|value| with_constant(&key, choice.as_ref(), &constant, value)).collect();
        let value = match value.get_ref() {
            DeValue::Array(_) => Spanned::new(value.span(), DeValue::Array(choices.into_iter().collect())),
            _ => choices.into_iter().next().unwrap_or(value),
        };
        return put(outline, key, value);
    };
    let (mut choices, mut refused) = (Vec::new(), None);
    let mut is_taken = false;
    for choice in &outline.grid[place].values {
        let given: Vec<Value> =
            values.iter().map(|value| with_constant(&key, Some(choice), &constant, value)).collect();
        match given.iter().try_for_each(|choice| read::alone(&key, choice).map(drop)) {
            // A value that is out of range is one for the constant all the same.
            Err(mistake) if mistake.span().is_none_or(|span| !values.iter().any(|value| value.span() == *span)) => {
                refused = refused.or(Some(mistake));
                choices.push(choice.clone());
            }
            _ => {
                is_taken = true;
                choices.extend(given);
            }
        }
    }
    match refused {
        Some(mistake) if !is_taken => Err(mistake),
        _ => {
            let axis: &mut Axis = &mut outline.grid[place];
            axis.values = choices;
            Ok(())
        }
    }
}

/// What a choice is where a study does not say, as its name alone; `None` for a key that is none.
fn default_of<'a>(key: &str, span: Span) -> Option<Value<'a>> {
    let default = fields(&Config::default()).remove(key)?;
    let name = default.get("name").unwrap_or(&default).as_str()?.to_owned();
    Some(Spanned::new(span, DeValue::String(name.into())))
}

/// A choice with a constant in place of its own. One that has no name, as `init = { normal = 0.01 }`, is made by the constant.
fn with_constant<'a>(key: &Key<'a>, choice: Option<&Value<'a>>, constant: &Key<'a>, value: &Value<'a>) -> Value<'a> {
    let mut joined = match choice.map(Spanned::get_ref) {
        Some(DeValue::Table(table)) => table.clone(),
        Some(DeValue::String(_)) => {
            let name = Spanned::new(key.span(), DeString::Borrowed("name"));
            choice.map(|choice| (name, choice.clone())).into_iter().collect()
        }
        _ => DeTable::new(),
    };
    joined.insert(constant.clone(), value.clone());
    let [joined, alone] = [joined, DeTable::from_iter([(constant.clone(), value.clone())])]
        .map(|table| Spanned::new(value.span(), DeValue::Table(table)));
    let needs_name = read::alone(key, &alone).is_err_and(|mistake| mistake.message().ends_with("`name` is missing"));
    if needs_name || read::alone(key, &joined).is_ok() { joined } else { alone }
}

/// A value as typed after `--set KEY=`: TOML, or a bare word, which is a text.
fn typed_value<'a>(key: &str, typed: &'a str, start: usize) -> Result<Value<'a>, Mistake> {
    let bare = typed.starts_with(char::is_alphabetic)
        && typed.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-');
    match DeValue::parse(typed) {
        Ok(value) => Ok(shifted(value, start)),
        Err(_) if bare => Ok(Spanned::new(start..start + typed.len(), DeValue::String(typed.into()))),
        Err(error) => Err(syntax::of_set(key, typed, start, &error)),
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
