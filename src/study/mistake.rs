//! A mistake in a study, reported with its line.

use super::schema::{self, Study};
use crate::error::{Error, nearest};
use crate::printable;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::de::{self, Expected, Unexpected};
use std::fmt;
use std::ops::Range;

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
}

impl Mistake {
    pub(super) fn at(span: Span, message: impl Into<String>) -> Mistake {
        Mistake { span: Some(span), ..Mistake::anywhere(message) }
    }

    /// A mistake without a position, or one whose position is added later.
    pub(super) fn anywhere(message: impl Into<String>) -> Mistake {
        Mistake { span: None, path: Vec::new(), message: message.into(), help: None }
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Mistake {
        self.help = Some(help.into());
        self
    }

    /// Sets the position, unless a more precise one is set already.
    pub(super) fn within(self, span: Span) -> Mistake {
        Mistake { span: self.span.or(Some(span)), ..self }
    }

    /// Sets the position, in place of any earlier one.
    pub(super) fn moved_to(self, span: Span) -> Mistake {
        Mistake { span: Some(span), ..self }
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
        Mistake::anywhere(format!("unknown {kind} `{}`", printable::line(name))).help(suggestion(name, valid))
    }

    /// A text that is no TOML.
    pub(super) fn syntax(error: &toml::de::Error) -> Mistake {
        let (message, help) = match error.message() {
            message if message.starts_with("string values must be quoted") => {
                ("a name or a text stands in quotes", Some("as in optimizer = \"sgd\"".to_owned()))
            }
            "duplicate key" => ("this key is given a second time", None),
            other => (other.trim_end_matches(", expected nothing"), None),
        };
        Mistake { span: error.span(), help, ..Mistake::anywhere(printable::line(message)) }
    }

    pub(super) fn render(&self, texts: &Texts) -> Error {
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
        let Some((label, text, span)) = found else { return Error::Study(message.into_owned()) };
        let group = match self.span {
            Some(_) => title.element(Snippet::source(text).path(label).annotation(AnnotationKind::Primary.span(span))),
            None => title.element(annotate_snippets::Origin::path(label)),
        };
        Error::Study(Renderer::plain().render(&[group.elements(help)]))
    }
}

/// "did you mean …", or what there is.
fn suggestion(name: &str, valid: &[&str]) -> String {
    match nearest(name, valid) {
        Some(near) => format!("did you mean `{near}`?"),
        None if valid.is_empty() => "there are none".into(),
        None => format!("there are: {}", valid.join(", ")),
    }
}

/// Words the messages of serde and of the types that it reads for people who know neither.
impl de::Error for Mistake {
    fn custom<T: fmt::Display>(message: T) -> Mistake {
        Mistake::anywhere(printable::line(&message.to_string()))
    }

    fn invalid_type(found: Unexpected, expected: &dyn Expected) -> Mistake {
        Mistake::custom(format_args!("expected {expected}, found {}", in_words(found)))
    }

    fn invalid_value(found: Unexpected, expected: &dyn Expected) -> Mistake {
        Mistake::invalid_type(found, expected)
    }

    fn unknown_variant(name: &str, valid: &'static [&'static str]) -> Mistake {
        Mistake::not_among("name", name, valid)
    }

    fn unknown_field(key: &str, valid: &'static [&'static str]) -> Mistake {
        let mistake = Mistake::not_among("key", key, valid);
        match schema::keys::<Study>().iter().any(|of_study| of_study == key) {
            true if key == "arm" => {
                mistake.help("arms stand at the top, as [[arm]]; a baseline names one alone: \"no batch norm\"")
            }
            true => mistake.help(format!("`{key}` belongs to the study: put it at the top, above [base] and [grid]")),
            false => mistake,
        }
    }

    fn missing_field(key: &'static str) -> Mistake {
        Mistake::anywhere(format!("`{key}` is missing"))
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
