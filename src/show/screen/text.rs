//! Fits text into a number of columns of the terminal.

use crate::printable;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// `text` on one line, cut to at most `width` columns, with an ellipsis if something was cut.
pub fn shorten(text: &str, width: usize) -> String {
    let text = printable::line(text);
    if text.width() <= width {
        return text.into_owned();
    }
    let mut short = String::new();
    for character in text.chars() {
        if short.width() + character.width().unwrap_or(0) + 1 > width {
            break;
        }
        short.push(character);
    }
    if width > 0 {
        short.push('…');
    }
    short
}

/// Lines of at most `width` columns, broken between words; longer words are cut. Not by the crate `textwrap`, which adds up
/// the widths of characters: a sequence such as ❤ with U+FE0F is wider than its characters, so that its lines get too long.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&shorten(word, width));
    }
    lines.extend(Some(line).filter(|line| !line.is_empty()));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortening_counts_columns_not_characters() {
        assert_eq!(shorten("weight_decay", 6), "weigh…");
        assert_eq!(shorten("드롭아웃", 8), "드롭아웃");
        assert_eq!(shorten("드롭아웃", 6), "드롭…");
        assert_eq!(shorten("x", 0), "");
    }

    #[test]
    fn wrapping_keeps_words_whole_where_it_can() {
        assert_eq!(wrap("mean ± half-width, of 10 seeds", 10), ["mean ±", "half-widt…", "of 10", "seeds"]);
        assert_eq!(wrap("", 10), [""; 0]);
    }
}
