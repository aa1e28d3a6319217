//! A mistake in a study, told with the line it stands on.

use super::schema::{self, Study};
use crate::error::{Error, nearest};
use crate::printable;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use std::ops::Range;

/// Bytes of the [`Texts`], counted through all of them.
pub(super) type Span = Range<usize>;

/// What a study is read from: its file, then each `--set` as it was typed. Laid end to end, so that a span says by
/// itself which of them it points into.
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
    message: String,
    help: Option<String>,
}

impl Mistake {
    pub(super) fn at(span: Span, message: impl Into<String>) -> Mistake {
        Mistake { span: Some(span), message: message.into(), help: None }
    }

    /// One that stands nowhere in the file, only its name is given.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn anywhere(message: impl Into<String>) -> Mistake {
        Mistake { span: None, message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Mistake {
        self.help = Some(help.into());
        self
    }

    /// Says whose value is wrong.
    pub(super) fn of_key(self, key: &str) -> Mistake {
        Mistake { message: format!("`{key}`: {}", self.message), ..self }
    }

    pub(super) fn unknown_key(span: Span, key: &str, valid: &[String]) -> Mistake {
        Mistake::unknown(span, "key", key, &valid.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// A name of some kind that is none of the valid ones.
    pub(super) fn unknown(span: Span, kind: &str, name: &str, valid: &[&str]) -> Mistake {
        Mistake::at(span, format!("unknown {kind} `{}`", printable::line(name))).help(suggestion(name, valid))
    }

    /// The words of `toml` and serde, put for someone who knows neither.
    pub(super) fn from_toml(error: &toml::de::Error, span: Option<Span>) -> Mistake {
        let (message, help) = plain(error.message());
        Mistake { span: span.or(error.span()), message: printable::line(&message).into_owned(), help }
    }

    pub(super) fn render(&self, texts: &Texts) -> Error {
        let title = Level::ERROR.no_name().primary_title(self.message.as_str());
        let help = self.help.as_deref().map(|help| Level::HELP.message(help));
        let whole_file = || texts.placed().next().map(|(_, label, _)| (label, "", 0..0));
        let found = match &self.span {
            Some(span) => texts.locate(span),
            None => whole_file(),
        };
        let Some((label, text, span)) = found else { return Error::Study(self.message.clone()) };
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
        None => format!("there are: {}", valid.join(", ")),
    }
}

/// (message, help) for a message of serde's.
fn plain(message: &str) -> (String, Option<String>) {
    if let Some((kind, name, valid)) = unknown(message) {
        let help = match kind == "key" && schema::keys::<Study>().iter().any(|key| key == name) {
            true if name == "arm" => {
                "arms stand at the top, as [[arm]]; a baseline names one alone: \"no batch norm\"".into()
            }
            true => format!("`{name}` belongs to the study: put it at the top, above [base] and [grid]"),
            false => suggestion(name, &valid),
        };
        return (format!("unknown {kind} `{}`", printable::line(name)), Some(help));
    }
    if let Some(key) = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        return (format!("`{key}` is missing"), None);
    }
    let wrong = message.strip_prefix("invalid type: ").or(message.strip_prefix("invalid value: "));
    if let Some((found, expected)) = wrong.and_then(|rest| rest.rsplit_once(", expected ")) {
        return match found {
            "unit variant" => ("this name needs a value".into(), Some("as in { normal = 0.01 }".into())),
            _ => (format!("expected {}, found {}", plain_expected(expected), plain_found(found)), None),
        };
    }
    let message = match message {
        "wanted string or table" => "expected a name, in quotes",
        _ if message.starts_with("wanted exactly 1 element") => "expected one key with its value, as { normal = 0.01 }",
        _ if message.starts_with("expected table, found") => "this name takes no value: write it alone, in quotes",
        _ if message.starts_with("string values must be quoted") => {
            return ("a name or a text stands in quotes".into(), Some("as in optimizer = \"sgd\"".into()));
        }
        "integer number overflowed" | "floating-point number overflowed" => "this number is too large",
        "duplicate key" => "this key is given a second time",
        other => other.trim_end_matches(", expected nothing"),
    };
    (message.to_owned(), None)
}

/// (key or name, what was given, what there is) of serde's "unknown field" and "unknown variant".
fn unknown(message: &str) -> Option<(&'static str, &str, Vec<&str>)> {
    let (kind, rest) = match message.strip_prefix("unknown field `") {
        Some(rest) => ("key", rest),
        None => ("name", message.strip_prefix("unknown variant `")?),
    };
    let (name, valid) = rest.rsplit_once("`, expected ")?;
    Some((kind, name, valid.split('`').skip(1).step_by(2).collect()))
}

fn plain_expected(expected: &str) -> &str {
    match expected {
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a string" => "a text, in quotes",
        other => other,
    }
}

fn plain_found(found: &str) -> String {
    match found.split_once(' ') {
        Some(("string", text)) => format!("the text {text}"),
        Some((_, value)) if value.contains('`') => value.split('`').nth(1).unwrap_or(value).to_owned(),
        _ if found == "sequence" => "a list".into(),
        _ if found == "map" => "a table".into(),
        _ => found.to_owned(),
    }
}
