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
    fn all_scripts_and_emoji_stay_as_they_are() {
        for good in ["드롭아웃 · λ ≥ 0", "می\u{200c}خواهم", "👩\u{200d}👧", "e\u{301}", "✓\u{fe0e}"]
        {
            assert!(matches!(text(good), Cow::Borrowed(same) if same == good));
        }
    }
}
