//! Mistakes in a study, reported with their lines, all at once.

use super::{elsewhere, look_alike, schema};
use crate::error::{Error, nearest};
use crate::printable;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::de::{self, Expected, Unexpected};
use std::fmt;
use std::ops::Range;
use toml::de::DeValue;

/// A range of bytes in the [`Texts`], counted over all of them.
pub(super) type Span = Range<usize>;

/// What a study is read from: its file, then each `--set` as it was typed. They are counted as one text, so that a span
/// alone says which of them it points into.
pub(super) struct Texts<'a> {
    texts: Vec<(String, &'a str)>,
}

impl<'a> Texts<'a> {
    pub(super) fn new(file: String, source: &'a str, set: &'a [String]) -> Texts<'a> {
        let set = set.iter().map(|typed| ("--set".to_owned(), typed.as_str()));
        Texts { texts: std::iter::once((file, source)).chain(set).collect() }
    }

    /// (where it starts, the text) of each `--set`.
    pub(super) fn set(&self) -> impl Iterator<Item = (usize, &'a str)> {
        self.placed().skip(1).map(|(start, _, text)| (start, text))
    }

    fn placed(&self) -> impl Iterator<Item = (usize, &str, &'a str)> {
        self.texts.iter().scan(0, |next, (label, text)| {
            let start = *next;
            *next += text.len() + 1;
            Some((start, label.as_str(), *text))
        })
    }

    /// The text a span points into, with its label, and the span within it.
    fn locate(&self, span: &Span) -> Option<(&str, &'a str, Span)> {
        let (start, label, text) = self.placed().take_while(|&(start, ..)| start <= span.start).last()?;
        Some((label, text, one_line(text, span.start - start, span.end.saturating_sub(start))))
    }
}

/// Cuts a span at the end of its first line and at whole characters.
fn one_line(text: &str, start: usize, end: usize) -> Span {
    let start = text.floor_char_boundary(start.min(text.len()));
    let line_end = text[start..].find(['\r', '\n']).map_or(text.len(), |length| start + length);
    start..text.ceil_char_boundary(end.clamp(start, line_end))
}

#[derive(Debug)]
pub(super) struct Mistake {
    span: Option<Span>,
    /// The keys that lead to the value that is wrong, the outermost first.
    path: Vec<String>,
    message: String,
    help: Option<String>,
    /// The key that is missing in a table that was begun, until the form of the whole table is known.
    missing: Option<&'static str>,
    /// A character within the span that is not what it looks like.
    strange: Option<char>,
}

impl Mistake {
    pub(super) fn at(span: Span, message: impl Into<String>) -> Mistake {
        Mistake { span: Some(span), ..Mistake::anywhere(message) }
    }

    /// A mistake without a position, or one whose position is added later.
    pub(super) fn anywhere(message: impl Into<String>) -> Mistake {
        Mistake { span: None, path: Vec::new(), message: message.into(), help: None, missing: None, strange: None }
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn span(&self) -> Option<&Span> {
        self.span.as_ref()
    }

    /// The key that is missing, of which is told only once what to write in its place.
    pub(super) fn take_missing(&mut self) -> Option<&'static str> {
        self.missing.take()
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Mistake {
        self.help = Some(help.into());
        self
    }

    /// Adds another way to mend it.
    pub(super) fn also(self, help: &str) -> Mistake {
        match self.help.clone() {
            Some(first) => self.help(format!("{first}; {help}")),
            None => self.help(help),
        }
    }

    /// Sets the position, unless a more precise one is set already.
    pub(super) fn within(self, span: Span) -> Mistake {
        Mistake { span: self.span.or(Some(span)), ..self }
    }

    /// Says whose value is wrong. Of a table with a `name`, that is the value itself.
    pub(super) fn inside(mut self, key: &str) -> Mistake {
        if key != "name" {
            self.path.insert(0, key.to_owned());
        }
        self
    }

    /// Begins the message with the key whose value is wrong: `dropout`, or `schedule.every` for a constant.
    pub(super) fn with_path(mut self) -> Mistake {
        if !self.path.is_empty() {
            self.message = format!("`{}`: {}", printable::line(&self.path.join(".")), self.message);
            self.path.clear();
        }
        self
    }

    pub(super) fn unknown_key(span: Span, key: &str, valid: &[String]) -> Mistake {
        Mistake::unknown(span, "key", key, &valid.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// A name of some kind that is none of the valid ones.
    pub(super) fn unknown(span: Span, kind: &str, name: &str, valid: &[&str]) -> Mistake {
        Mistake::not_among(kind, name, valid).within(span)
    }

    fn not_among(kind: &str, name: &str, valid: &[&str]) -> Mistake {
        let mistake = Mistake::anywhere(format!("unknown {kind} `{}`", printable::line(name)));
        match look_alike::first(name) {
            Some((_, c)) => {
                let (meant, what) = (look_alike::plain(name), look_alike::described(c));
                let meant = nearest(meant.trim(), valid).map_or(meant.clone(), str::to_owned);
                Mistake {
                    strange: Some(c),
                    ..mistake.help(format!("it has {what}: write {}", printable::line(&meant)))
                }
            }
            None => mistake.help(suggestion(name, valid)),
        }
    }

    /// A key that cannot stand among the `valid` ones. Perhaps it, or what it is called here, stands elsewhere in a study.
    pub(super) fn misplaced_key(key: &str, valid: &[&str]) -> Mistake {
        let mistake = Mistake::not_among("key", key, valid);
        let is_near = elsewhere::instead(key, valid).is_some() || nearest(key, valid).is_some();
        let among = |keys: &[String]| {
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            match keys.contains(&key) {
                true => Some(format!("`{key}`")),
                false if is_near || mistake.strange.is_some() => None,
                false => elsewhere::called(key, &keys).map(|ours| format!("it is called `{ours}` here, and")),
            }
        };
        match (among(&schema::OF_CONFIG), among(&schema::OF_STUDY)) {
            (Some(ours), _) => mistake.help(format!("{ours} is a key of [base], outside of this table")),
            (None, Some(_)) if key == "arm" => {
                mistake.help("arms stand at the top, as [[arm]]; a baseline names one alone: \"no batch norm\"")
            }
            (None, Some(ours)) => {
                mistake.help(format!("{ours} belongs to the study: put it at the top, above [base] and [grid]"))
            }
            (None, None) if is_near || mistake.strange.is_some() => mistake,
            (None, None) => match schema::form(None, &[key]) {
                Some(form) => mistake.help(format!("it stands in a table of its own kind: {form}")),
                None => mistake,
            },
        }
    }

    fn render(&self, texts: &Texts) -> String {
        // They quote what is in the study, and are a line each.
        let message = printable::line(&self.message);
        let title = Level::ERROR.no_name().primary_title(&*message);
        let help = self.help.as_deref().map(printable::line);
        let help = help.as_deref().map(|help| Level::HELP.message(help));
        let whole_file = || texts.placed().next().map(|(_, label, _)| (label, "", 0..0));
        let found = match &self.span {
            Some(span) => texts.locate(span),
            None => whole_file(),
        };
        let Some((label, text, span)) = found else { return message.into_owned() };
        let strange = self.strange.and_then(|c| Some((span.start + text[span.clone()].find(c)?, c)));
        let span = strange.map_or(span, |(place, c)| place..place + c.len_utf8());
        let group = match self.span {
            Some(_) => title.element(Snippet::source(text).path(label).annotation(AnnotationKind::Primary.span(span))),
            None => title.element(annotate_snippets::Origin::path(label)),
        };
        Renderer::plain().render(&[group.elements(help)])
    }
}

/// The mistakes found so far, which are told together.
#[derive(Debug, Default)]
pub(super) struct Mistakes(Vec<Mistake>);

/// The most that are told; of more, it is told how many there are.
const MOST_TOLD: usize = 10;

impl Mistakes {
    /// What was made, if it was; else the mistake is kept.
    pub(super) fn keep<T>(&mut self, made: Result<T, impl Into<Mistakes>>) -> Option<T> {
        made.map_err(|mistakes| self.add(mistakes)).ok()
    }

    pub(super) fn add(&mut self, mistakes: impl Into<Mistakes>) {
        self.0.extend(mistakes.into().0);
    }

    /// What was made if there is no mistake.
    pub(super) fn or<T>(self, made: T) -> Result<T, Mistakes> {
        if self.0.is_empty() { Ok(made) } else { Err(self) }
    }

    /// Leaves out mistakes, by where they stand.
    pub(super) fn forget(&mut self, is_told: impl Fn(&Span) -> bool) {
        self.0.retain(|mistake| !mistake.span.as_ref().is_some_and(&is_told));
    }

    /// Each with its line, in the order of the lines; those of the command line come last.
    pub(super) fn render(mut self, texts: &Texts) -> Error {
        let place = |mistake: &Mistake| mistake.span.as_ref().map_or((0, 0), |span| (span.start, span.end));
        self.0.sort_by_key(place);
        self.0.dedup_by(|one, other| place(one) == place(other) && one.message == other.message);
        let (mut told, mut length): (Vec<String>, usize) = (Vec::new(), 0);
        for mistake in self.0.iter().take(MOST_TOLD) {
            let text = printable::message(&mistake.render(texts)).into_owned();
            length += text.len() + 2;
            if !told.is_empty() && length > printable::LONGEST_MESSAGE / 2 {
                break;
            }
            told.push(text);
        }
        let others = self.0.len() - told.len();
        match others {
            0 => {}
            1 => told.push("and 1 more mistake".into()),
            others => told.push(format!("and {others} more mistakes")),
        }
        Error::Study(told)
    }
}

impl From<Mistake> for Mistakes {
    fn from(mistake: Mistake) -> Mistakes {
        Mistakes(vec![mistake])
    }
}

impl From<Vec<Mistake>> for Mistakes {
    fn from(mistakes: Vec<Mistake>) -> Mistakes {
        Mistakes(mistakes)
    }
}

/// What a name from elsewhere is called here, "did you mean …", or what there is.
fn suggestion(name: &str, valid: &[&str]) -> String {
    match (elsewhere::instead(name, valid), nearest(name, valid)) {
        (Some(instead), _) => instead,
        (None, Some(near)) => format!("did you mean `{near}`?"),
        _ if valid.is_empty() => "there are none".into(),
        _ => format!("there are: {}", valid.join(", ")),
    }
}

/// What to write for a number, or for true or false, that stands in quotes.
pub(super) fn without_quotes(text: &str) -> Option<String> {
    let small = text.trim().to_lowercase();
    let is_value = |text: &str| {
        matches!(
            DeValue::parse(text).map(|value| value.into_inner()),
            Ok(DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_))
        )
    };
    is_value(&small).then(|| format!("write it without quotes: {small}"))
}

/// Words the messages of serde and of the types that it reads for people who know neither.
impl de::Error for Mistake {
    fn custom<T: fmt::Display>(message: T) -> Mistake {
        Mistake::anywhere(printable::line(&message.to_string()))
    }

    fn invalid_type(found: Unexpected, expected: &dyn Expected) -> Mistake {
        let mistake = Mistake::custom(format_args!("expected {expected}, found {}", in_words(found)));
        match found {
            Unexpected::Str(text) => Mistake { help: without_quotes(text), ..mistake },
            _ => mistake,
        }
    }

    fn invalid_value(found: Unexpected, expected: &dyn Expected) -> Mistake {
        Mistake::invalid_type(found, expected)
    }

    fn unknown_variant(name: &str, valid: &'static [&'static str]) -> Mistake {
        Mistake::not_among("name", name, valid)
    }

    fn unknown_field(key: &str, valid: &'static [&'static str]) -> Mistake {
        Mistake::misplaced_key(key, valid)
    }

    fn missing_field(key: &'static str) -> Mistake {
        Mistake { missing: Some(key), ..Mistake::anywhere(format!("`{key}` is missing")) }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Mistake {}

fn in_words(found: Unexpected) -> String {
    match found {
        Unexpected::Bool(value) => value.to_string(),
        Unexpected::Signed(number) => number.to_string(),
        Unexpected::Unsigned(number) => number.to_string(),
        Unexpected::Float(number) => format!("{number:?}"),
        Unexpected::Str(text) => format!("the text {text:?}"),
        Unexpected::Seq => "a list".into(),
        Unexpected::Map => "a table".into(),
        other => other.to_string(),
    }
}
