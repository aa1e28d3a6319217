//! Makes text safe to print: characters that steer a terminal, or that reorder or hide text, are replaced by visible signs.
//!
//! All text from studies, journals, file names and the command line passes through here before it is printed.

use std::borrow::Cow;
use std::path::Path;

/// Text of several lines for a terminal: line breaks and tabs stay, other unprintable characters become signs.
pub fn text(text: &str) -> Cow<'_, str> {
    replaced(text, |c| is_unprintable(c) && !matches!(c, '\n' | '\t'), sign)
}

/// Text within a line: line breaks and tabs become blanks, other unprintable characters become signs.
pub fn line(text: &str) -> Cow<'_, str> {
    replaced(text, is_unprintable, |c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { sign(c) })
}

/// The most characters of a message, with all its lines.
pub const LONGEST_MESSAGE: usize = LINES * (LINE + 1);

/// The most characters of a line of a message; all that the program itself says is shorter.
const LINE: usize = 600;
const LINES: usize = 20;

/// A whole message as [`text`], of a length that can be read however long what it quotes is: of a line that is too long, and
/// of too many lines, the middle is left out. The end says what to do.
pub fn message(message: &str) -> Cow<'_, str> {
    match text(message) {
        Cow::Borrowed(message) => brief(message),
        Cow::Owned(message) => brief(&message).into_owned().into(),
    }
}

fn brief(message: &str) -> Cow<'_, str> {
    let is_long = |line: &str| line.len() > LINE && line.chars().count() > LINE;
    let count = message.lines().count();
    if count <= LINES && !message.lines().any(is_long) {
        return message.into();
    }
    let mut lines: Vec<Cow<str>> = Vec::new();
    for (number, line) in message.lines().enumerate() {
        match count > LINES && (LINES / 2..count - LINES / 4).contains(&number) {
            true if number == LINES / 2 => lines.push(left_out(count - LINES / 2 - LINES / 4, "lines").into()),
            true => {}
            false => lines.push(if is_long(line) { middle_left_out(line).into() } else { line.into() }),
        }
    }
    lines.join("\n").into()
}

fn middle_left_out(line: &str) -> String {
    let (first, last, count) = (2 * LINE / 3, LINE / 5, line.chars().count());
    let place = |characters: usize| line.char_indices().nth(characters).map_or(line.len(), |(place, _)| place);
    let left_out = left_out(count - first - last, "characters");
    format!("{} {left_out} {}", &line[..place(first)], &line[place(count - last)..])
}

fn left_out(count: usize, what: &str) -> String {
    format!("… ({count} {what} are left out) …")
}

/// A path as text within a line; `""` if it is empty.
pub fn path(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    if path.as_os_str().is_empty() { "\"\"".into() } else { line(&path.display().to_string()).into_owned() }
}

/// Whether a character must not be printed: control characters, and invisible ones that reorder, join or hide others. The
/// joiners that scripts and emoji need are printable.
pub fn is_unprintable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
        // The last two code points of each plane are noncharacters.
        || u32::from(c) & 0xfffe == 0xfffe
        || c.is_control()
}

/// A visible sign for an unprintable character, e.g. `␛` for an escape. One column wide, so that columns stay aligned.
fn sign(c: char) -> char {
    match c {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '␡',
        _ => char::REPLACEMENT_CHARACTER,
    }
}

fn replaced(text: &str, is_wrong: impl Fn(char) -> bool, instead: impl Fn(char) -> char) -> Cow<'_, str> {
    match text.contains(&is_wrong) {
        true => text.chars().map(|c| if is_wrong(c) { instead(c) } else { c }).collect::<String>().into(),
        false => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_or_hides_text_is_shown_as_a_sign() {
        assert_eq!(text("a\u{1b}]0;x\u{7}\nb\tc\r\u{7f}\u{9b}2J"), "a␛]0;x␇\nb\tc␍␡\u{fffd}2J");
        assert_eq!(line("a\u{1b}[1m\r\nb\tc"), "a␛[1m  b c");
        assert_eq!(line("a\u{3164}b\u{e0101}c\u{1ffff}\u{115f}"), "a\u{fffd}b\u{fffd}c\u{fffd}\u{fffd}");
        assert_eq!(line("ok\u{202e}ko\u{2066}\u{200b}\u{e0041}"), "ok\u{fffd}ko\u{fffd}\u{fffd}\u{fffd}");
    }

    #[test]
    fn a_message_keeps_its_beginning_and_its_end() {
        let short = "unknown key `x`\n  to mend it: …";
        assert!(matches!(brief(short), Cow::Borrowed(same) if same == short));
        let long = format!("unknown key `{}`\n  to mend it: leave it out", "é".repeat(1_000_000));
        let cut = brief(&long);
        assert!(cut.starts_with("unknown key `éé") && cut.ends_with("é`\n  to mend it: leave it out"), "{cut}");
        assert!(cut.contains("é … (999494 characters are left out) … é"), "{cut}");
        let many = "a line\n".repeat(100_000) + "to mend it: leave it out";
        assert!(brief(&many).contains("a line\n… (99986 lines are left out) …\na line\n"), "{}", brief(&many));
        let worst = "é".repeat(2000) + &("\n".to_owned() + &"é".repeat(2000)).repeat(2000);
        for text in [&long, &many, &worst] {
            let cut = brief(text);
            assert!(cut.chars().count() <= LONGEST_MESSAGE && cut.ends_with(&text[text.len() - 2..]));
            assert_eq!(brief(&cut), cut);
        }
    }

    #[test]
    fn all_scripts_and_emoji_stay_as_they_are() {
        for good in ["드롭아웃 · λ ≥ 0", "می\u{200c}خواهم", "👩\u{200d}👧", "e\u{301}", "✓\u{fe0e}"]
        {
            assert!(matches!(text(good), Cow::Borrowed(same) if same == good));
        }
    }
}
