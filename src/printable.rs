//! Text that does what it looks like: characters that steer a terminal, or that reorder or hide text, are shown as a sign.
//!
//! Whatever a study, a journal, a file name or the command line brings along passes through here before a terminal gets it.

use std::borrow::Cow;
use std::path::Path;

/// Text of several lines, as it may go to a terminal: line breaks and tabs stay.
pub fn text(text: &str) -> Cow<'_, str> {
    replaced(text, |c| is_unprintable(c) && !matches!(c, '\n' | '\t'), sign)
}

/// Text that stands within a line: line breaks and tabs become blanks, too.
pub fn line(text: &str) -> Cow<'_, str> {
    replaced(text, is_unprintable, |c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { sign(c) })
}

/// A path as it may stand within a line.
pub fn path(path: impl AsRef<Path>) -> String {
    line(&path.as_ref().display().to_string()).into_owned()
}

/// Control characters, and those that are invisible and change the order, the joints or the reading of others. The joiners
/// that scripts and emoji need are none of them.
pub fn is_unprintable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
        // The last two of each plane are no characters.
        || u32::from(c) & 0xfffe == 0xfffe
        || c.is_control()
}

/// `␛` for an escape: one column wide, so that what was aligned stays so.
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
