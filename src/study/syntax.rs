//! Texts that are no TOML: what was meant, and how TOML writes it.

use super::mistake::{Mistake, Span};
use super::{elsewhere, look_alike, schema};
use std::ops::Range;
use toml::de::{DeValue, Error};

/// What is wrong with a study's text, the first mistake of each line in which there is one.
pub(super) struct Syntax {
    mistakes: Vec<(Range<usize>, Mistake)>,
    /// Whether all other lines are understood as they were meant, so that their mistakes can be told too.
    pub(super) is_local: bool,
}

/// What of a text a mistake makes unreadable.
#[derive(Clone, Copy, PartialEq)]
enum Spoiled {
    /// Its own line.
    Line,
    /// Its own line, whose key is lost, so that it may seem to be missing.
    Key,
    /// All that follows.
    Rest,
}

impl Syntax {
    pub(super) fn of(source: &str, errors: &[Error]) -> Syntax {
        let mut errors: Vec<(usize, &Error)> =
            errors.iter().map(|error| (error.span().map_or(0, |span| span.start), error)).collect();
        errors.sort_by_key(|(start, _)| *start);
        let mut syntax = Syntax { mistakes: Vec::new(), is_local: true };
        for (start, error) in errors {
            if syntax.mistakes.last().is_some_and(|(last, _)| start <= last.end) {
                continue;
            }
            let (mistake, spoiled) = mistake(source, error);
            syntax.is_local &= spoiled == Spoiled::Line;
            syntax.mistakes.push((line_around(source, start), mistake));
            if spoiled == Spoiled::Rest {
                break;
            }
        }
        syntax
    }

    pub(super) fn mistakes(self) -> Vec<Mistake> {
        self.mistakes.into_iter().map(|(_, mistake)| mistake).collect()
    }

    /// Whether something stands in a line that is not understood.
    pub(super) fn spoils(&self, span: &Span) -> bool {
        let above = self.mistakes.partition_point(|(line, _)| line.start <= span.start);
        above > 0 && span.start <= self.mistakes[above - 1].0.end
    }
}

fn mistake(source: &str, error: &Error) -> (Mistake, Spoiled) {
    let Some(span) = error.span() else { return (longest_key(source), Spoiled::Rest) };
    let line = line_around(source, span.start);
    let text = &source[line.clone()];
    if let Some((place, c)) = look_alike::first_outside_quotes(text) {
        let start = line.start + place;
        return (strange_character(start..start + c.len_utf8(), c, text), Spoiled::Line);
    }
    let value = || value_of(text).map(|place| line.start + place.start..line.start + place.end);
    let (place, message) = match error.message() {
        message if message.starts_with("cannot recurse") => return (too_deep(span), Spoiled::Rest),
        message if message.starts_with("duplicate key") => {
            return (Mistake::at(span, "this key is given a second time"), Spoiled::Line);
        }
        message if message.starts_with("key with no value") || message.contains("unquoted key") => {
            return (no_assignment(text, span, message), Spoiled::Key);
        }
        message if message.contains("literal string, expected `'`") || message.contains("string, expected `\"`") => {
            let mistake = Mistake::at(span, "this text is not closed").help("write a quote at its end");
            return (mistake, Spoiled::Rest);
        }
        message if message.starts_with("unclosed") => {
            return (Mistake::at(span, "this is not closed").help("write a bracket at its end"), Spoiled::Rest);
        }
        message
            if message.starts_with("missing comma")
                || message.contains(" in array")
                || message.contains("inline table") =>
        {
            let mistake = Mistake::at(span, "a comma is missing in front of this, or a bracket at the end of a list");
            return (mistake.help("as in hidden = [100, 100]"), Spoiled::Rest);
        }
        message if message.starts_with("unexpected key or value") => {
            (value().filter(|value| value.start <= span.start), "after this the line has to end")
        }
        message if message.starts_with("string values") => (Some(span.clone()), message),
        message => (Some(token_around(source, &span)), message),
    };
    let place = match value() {
        Some(value) if source[value.clone()].starts_with('(') => Some(value),
        _ => place,
    };
    let is_text = error.message().starts_with("string values");
    let meant = place.and_then(|place| {
        let text = &source[place.clone()];
        Some((meant(text).or_else(|| is_text.then(|| quoted(text)).flatten())?, place))
    });
    match meant {
        // A list without commas has its brackets.
        Some((meant, place)) if meant.is_list() => {
            let (before, behind) = (source[line.start..place.start].trim_end(), &source[place.end..line.end]);
            let has_brackets = before.ends_with('[') && behind.trim_start().starts_with(']');
            let start = if has_brackets { line.start + before.len() - 1 } else { place.start };
            let end = if has_brackets { line.end - behind.trim_start().len() + 1 } else { place.end };
            (meant.mistake(start..end, "write "), Spoiled::Line)
        }
        Some((meant, place)) => (meant.mistake(place, "write "), Spoiled::Line),
        None if error.message().starts_with("extra `=`") => {
            (Mistake::at(span, "this = is one too many").help("as in dropout = 0.5"), Spoiled::Line)
        }
        None if text.trim_start().starts_with('{') => {
            let mistake = Mistake::at(span, "a study is written in TOML, without braces around it");
            (mistake.help("as in a line [base], and below it dropout = 0.5"), Spoiled::Rest)
        }
        None => (Mistake::at(span, message.trim_end_matches(", expected nothing")), Spoiled::Line),
    }
}

/// A value typed after `--set KEY=`, which begins at byte `start`, that is no TOML.
pub(super) fn of_set(key: &str, typed: &str, start: usize, error: &Error) -> Mistake {
    let whole = start..start + typed.len();
    if let Some((place, c)) = look_alike::first_outside_quotes(typed) {
        return strange_character(start + place..start + place + c.len_utf8(), c, &format!("{key}={typed}"));
    }
    if error.message().starts_with("cannot recurse") {
        return too_deep(error.span().map_or(whole, |span| start + span.start..start + span.end));
    }
    let inner = typed.strip_prefix('[').and_then(|typed| typed.strip_suffix(']'));
    let inner = inner.and_then(meant).filter(Meant::is_list);
    if let Some(meant) = inner.or_else(|| meant(typed)) {
        let option = |value: &String| {
            let is_plain = value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_'));
            let typed = format!("{key}={value}");
            match shlex::try_quote(&typed) {
                Ok(quoted) if !is_plain => format!("--set {quoted}"),
                _ => format!("--set {typed}"),
            }
        };
        return Meant { instead: meant.instead.iter().map(option).collect(), ..meant }.mistake(whole, "as in ");
    }
    let (message, span) = match error.message() {
        message if message.starts_with("string values") || message.contains("invalid boolean") => {
            ("a name or a text stands in quotes", error.span())
        }
        message => (message.trim_end_matches(", expected nothing"), error.span()),
    };
    let span = span.map_or(whole, |span| start + span.start..start + span.end);
    match typed.contains(['[', '{']) {
        true => Mistake::at(span, message).help("names within lists and tables need quotes: [\"he\", \"xavier\"]"),
        false => Mistake::at(span, message).help("as in --set dropout=0.5, --set activation=tanh"),
    }
}

/// How TOML writes what was meant, in one way or in several.
struct Meant {
    message: &'static str,
    instead: Vec<String>,
    /// What to do where there is nothing to write.
    otherwise: &'static str,
}

impl Meant {
    fn new(message: &'static str, instead: impl Into<String>) -> Meant {
        Meant { message, instead: vec![instead.into()], otherwise: "" }
    }

    fn is_list(&self) -> bool {
        self.instead.first().is_some_and(|first| first.starts_with('['))
    }

    fn mistake(self, span: Span, before: &str) -> Mistake {
        let help = match &self.instead[..] {
            [] => self.otherwise.to_owned(),
            [one, two] => format!("{before}{one} for a number, or {two} for two values"),
            [one, ..] => format!("{before}{one}"),
        };
        Mistake::at(span, self.message).help(help)
    }
}

/// What a text that is no value of TOML was meant to be.
fn meant(text: &str) -> Option<Meant> {
    let text = text.trim();
    let outside = outside_brackets(text);
    if text.is_empty() {
        let otherwise = "as in dropout = 0.5; without the key its default counts";
        return Some(Meant { message: "there is no value here", instead: Vec::new(), otherwise });
    }
    if outside.contains(',') || text.starts_with('(') {
        return Some(list(text));
    }
    if text.ends_with(';') {
        let value = text.trim_end_matches(|c: char| c == ';' || c.is_whitespace());
        return Some(Meant::new("a line has no ; at its end", written(value)));
    }
    let are_numbers = |parts: &[&str]| parts.len() > 1 && parts.iter().all(|part| part.parse::<f64>().is_ok());
    let [blanks, crosses, dots] =
        [text.split_whitespace().collect(), text.split(['x', '×']).collect(), text.split("..").collect::<Vec<_>>()];
    if let Some(parts) = [blanks, crosses].into_iter().find(|parts| are_numbers(parts)) {
        let values: Vec<String> = parts.iter().map(|part| written(part)).collect();
        return Some(Meant::new("several values are a list, with commas", format!("[{}]", values.join(", "))));
    }
    if are_numbers(&dots) || text.starts_with("range(") || are_numbers(&text.split(':').collect::<Vec<_>>()) {
        let otherwise = "write the values out, as in [0, 1, 2]; seeds = 10 stands for 0 to 9";
        return Some(Meant { message: "TOML has no such ranges", instead: Vec::new(), otherwise });
    }
    if let Some(power) = text.strip_prefix("10^").or(text.strip_prefix("10**"))
        && power.parse::<i32>().is_ok()
    {
        return Some(Meant::new("a power of ten is written with an e", format!("1e{power}")));
    }
    if let Some(number) = text.strip_suffix(['f', 'F']).filter(|number| number.parse::<f64>().is_ok()) {
        return Some(Meant::new("a number has no letter at its end", written(number)));
    }
    if let Some(share) = text.strip_suffix('%').and_then(|percent| percent.trim().parse::<f64>().ok()) {
        // Rounded, as 0.07 · 100 is a little more than 7.
        let share = (share * 1e10).round() / 1e12;
        return Some(Meant::new("a number has no % behind it: a share is a part of 1", format!("{share:?}")));
    }
    if let Some((above, below)) = text.split_once('/')
        && let (Ok(above), Ok(below)) = (above.trim().parse::<f64>(), below.trim().parse::<f64>())
        && (above / below).is_finite()
    {
        return Some(Meant::new("a number is not written as a fraction", format!("{:.4}", above / below)));
    }
    if let Some(number) = with_digits(text) {
        return Some(Meant::new("a number has a digit on both sides of its point, and no zeros in front", number));
    }
    match text.to_lowercase().as_str() {
        "true" | "yes" | "on" => Some(Meant::new("yes is written as true, in small letters", "true")),
        "false" | "no" | "off" => Some(Meant::new("no is written as false, in small letters", "false")),
        "none" | "null" | "nil" => {
            let otherwise = "leave the key out: its default counts";
            Some(Meant { message: "TOML has no value for nothing", instead: Vec::new(), otherwise })
        }
        _ if is_name(text) => quoted(text),
        _ => None,
    }
}

fn quoted(text: &str) -> Option<Meant> {
    let is_plain = !text.contains(['"', '\'', '\\']);
    is_plain.then(|| Meant::new("a name or a text stands in quotes", format!("\"{text}\"")))
}

/// Several values without brackets, or in round ones.
fn list(text: &str) -> Meant {
    // All of them at once: each would be a call within the one before.
    let is_bracket = |c: char| matches!(c, '(' | ')') || c.is_whitespace();
    let inner = text.trim_matches(is_bracket).trim_end_matches(',');
    let parts: Vec<&str> = inner.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    let is_whole = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    if let [one] = parts[..]
        && !text.starts_with('(')
    {
        return Meant::new("there is a comma behind this value", written(one));
    }
    let list = format!("[{}]", parts.iter().map(|part| written(part)).collect::<Vec<_>>().join(", "));
    match parts[..] {
        [whole, decimals] if is_whole(&whole) && is_whole(&decimals) && !text.starts_with('(') => Meant {
            message: "a number has a decimal point, and several values stand in brackets",
            instead: vec![format!("{whole}.{decimals}"), list],
            otherwise: "",
        },
        _ if parts.iter().all(|part| written(part) == *part) => {
            Meant::new("several values are a list, in square brackets", list)
        }
        _ => Meant::new("several values are a list in square brackets, and names stand in quotes", list),
    }
}

/// A value as TOML has it, if it can be seen what is meant.
fn written(part: &str) -> String {
    match DeValue::parse(part) {
        Ok(_) => part.to_owned(),
        Err(_) => meant(part).and_then(|meant| meant.instead.into_iter().next()).unwrap_or_else(|| part.to_owned()),
    }
}

/// `0.5` for `.5`, `5.0` for `5.` and `1.0e3` for `1.e3`; `7` for `007`.
fn with_digits(text: &str) -> Option<String> {
    let (sign, number) = text.split_at(usize::from(text.starts_with(['+', '-'])));
    let (digits, exponent) = number.find(['e', 'E']).map_or((number, ""), |place| number.split_at(place));
    let (whole, decimals) = digits.split_once('.').map_or((digits, None), |(whole, after)| (whole, Some(after)));
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let decimals =
        decimals.map_or(String::new(), |digits| format!(".{}", if digits.is_empty() { "0" } else { digits }));
    let number = format!("{sign}{whole}{decimals}{exponent}");
    let is_number = text.parse::<f64>().is_ok_and(f64::is_finite) && DeValue::parse(&number).is_ok();
    (number != text && is_number).then_some(number)
}

/// Whether a text is a word or several, such as `tanh` or `no batch norm`.
fn is_name(text: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.');
    text.starts_with(char::is_alphabetic) && text.chars().all(is_part)
}

/// What of a text stands neither in brackets nor in quotes.
fn outside_brackets(text: &str) -> String {
    let (mut depth, mut quote) = (0, None);
    let is_outside = |&c: &char| {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth -= 1,
            _ => {}
        }
        depth == 0 && quote.is_none()
    };
    text.chars().filter(is_outside).collect()
}

fn strange_character(span: Span, c: char, line: &str) -> Mistake {
    let word = line.split(['=', '[', ']', '{', '}', ',', '#']).find(|word| word.contains(c)).unwrap_or_default();
    let word = look_alike::plain(word);
    let keys: Vec<&str> = schema::OF_CONFIG.iter().map(String::as_str).collect();
    let help = match (elsewhere::instead(word.trim(), &keys), word.trim()) {
        (Some(instead), _) => instead,
        (None, "") => look_alike::instead(c),
        (None, word) => format!("{}: {word}", look_alike::instead(c)),
    };
    Mistake::at(span, format!("here is {}", look_alike::described(c))).help(help)
}

fn too_deep(span: Span) -> Mistake {
    Mistake::at(span, "lists and tables stand in one another too deep from here on")
        .help("the deepest value of a study is a list of lists: hidden = [[100], [100, 100]]")
}

/// More parts of one key than are read: the only mistake without a place. It is that of the key with the most dots.
fn longest_key(source: &str) -> Mistake {
    let (mut start, mut longest) = (0, (0, 0..0));
    for line in source.split_inclusive('\n') {
        let key = line.find('=').map_or(line, |end| &line[..end]).trim_end();
        let dots = key.bytes().filter(|byte| *byte == b'.').count();
        if dots > longest.0 {
            longest = (dots, start..start + key.len());
        }
        start += line.len();
    }
    too_many_parts(longest.1, longest.0 + 1)
}

pub(super) fn too_many_parts(span: Span, parts: usize) -> Mistake {
    Mistake::at(span, format!("this key has {parts} parts"))
        .help("a key has no dot, or one in front of a constant: optimizer.beta_1")
}

/// A line that gives no key its value.
fn no_assignment(line: &str, span: Span, message: &str) -> Mistake {
    let (key, colon) = (line.split([':', '=']).next().unwrap_or_default().trim(), line.find(':'));
    match colon.is_some_and(|colon| line.find('=').is_none_or(|equals| colon < equals)) {
        true => {
            let value = line.split_once(':').map_or("", |(_, value)| value.trim());
            let help =
                if value.is_empty() { format!("write [{key}]") } else { format!("write {key} = {}", written(value)) };
            Mistake::at(span, "a key and its value are joined by =").help(help)
        }
        false if line.trim_start().starts_with("//") || line.trim_start().starts_with("--") => {
            Mistake::at(span, "this is no key").help("a comment begins with #")
        }
        false if key.ends_with(']') && !key.starts_with('[') => {
            Mistake::at(span, "a bracket is missing at the beginning of this line").help(format!("write [{key}"))
        }
        false if message.starts_with("key with no value") => {
            Mistake::at(span, "this key has no value").help(format!("as in {key} = …"))
        }
        false => Mistake::at(span, message).help("a key is made of letters from a to z, digits, - and _"),
    }
}

/// Where the value of a line `key = value  # comment` stands in it.
fn value_of(line: &str) -> Option<Range<usize>> {
    let start = line.find('=')? + 1;
    let value = line[start..].split('#').next().unwrap_or_default();
    let leading = value.len() - value.trim_start().len();
    Some(start + leading..start + leading + value.trim().len())
}

fn line_around(source: &str, place: usize) -> Range<usize> {
    let place = source.floor_char_boundary(place.min(source.len()));
    let start = source[..place].rfind('\n').map_or(0, |end| end + 1);
    let end = source[place..].find(['\r', '\n']).map_or(source.len(), |length| place + length);
    start..end.max(start)
}

/// The number or word that a place lies in.
fn token_around(source: &str, span: &Span) -> Range<usize> {
    let line = line_around(source, span.start);
    let place = source.floor_char_boundary(span.start.clamp(line.start, line.end));
    let start =
        source[line.start..place].rfind([' ', '\t', '=', ',', '[', '{']).map_or(line.start, |c| line.start + c + 1);
    let end = source[place..line.end].find([' ', '\t', ',', ']', '}', '#']).map_or(line.end, |length| place + length);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_written_as_toml() {
        let told = |text: &str| meant(text).map(|meant| meant.instead);
        let one = |text: &str| told(text).and_then(|ways| ways.first().cloned()).unwrap_or_default();
        for (typed, meant) in [
            (".5", "0.5"),
            ("-.5e-3", "-0.5e-3"),
            ("5.", "5.0"),
            ("1.e3", "1.0e3"),
            ("007", "7"),
            ("40%", "0.4"),
            ("7 %", "0.07"),
            ("1/4", "0.2500"),
            ("True", "true"),
            ("no", "false"),
            ("tanh", "\"tanh\""),
            ("no batch norm", "\"no batch norm\""),
            ("0.0, 0.5", "[0.0, 0.5]"),
            ("0.0,", "0.0"),
            ("0.5;", "0.5"),
            ("0.0 .5", "[0.0, 0.5]"),
            ("100x50", "[100, 50]"),
            ("10^-3", "1e-3"),
            ("1e-3f", "1e-3"),
            (".5,sgd, true", "[0.5, \"sgd\", true]"),
            ("(0.9, 0.999)", "[0.9, 0.999]"),
        ] {
            assert_eq!(one(typed), meant, "{typed}");
            assert!(DeValue::parse(meant).is_ok());
        }
        // Whether one number or two are meant cannot be seen.
        assert_eq!(told("0,5").unwrap(), ["0.5", "[0, 5]"]);
        assert_eq!(told("None").unwrap(), [""; 0]);
        // However often something is repeated.
        for (typed, meant) in
            [("0.5;", ";; ;"), ("( ( 1", "( ("), ("1) )", ") )"), ("1/", "/"), ("100%", "%"), ("1,", ", ")]
        {
            let _ = one(&format!(
                "{}{typed}{}",
                if typed.starts_with('(') { meant.repeat(100_000) } else { String::new() },
                meant.repeat(100_000)
            ));
        }
        assert!(told("[1, 2").is_none() && told("a = 3").is_none());
    }
}
