//! Characters that look like those of TOML, or like nothing, and are others: from a web page, a word processor or another
//! keyboard.

/// The character that is meant, if there is one, and what the given one is.
struct LookAlike {
    meant: &'static str,
    kind: &'static str,
}

/// What a character is taken for; `None` if it is what it looks like.
fn look_alike(c: char) -> Option<LookAlike> {
    const CYRILLIC: (&str, &str) = (
        "а е о р с у х і ј ѕ һ ԁ ԛ ԝ к м т г п А В Е К М Н О Р С Т У Х І Ј Ѕ",
        "a e o p c y x i j s h d q w k m t r n A B E K M H O P C T Y X I J S",
    );
    // Those that stand for a quantity are spelled out, as keys are: β_1 is beta_1.
    const GREEK: (&str, &str) = (
        "ο ν ι κ τ υ χ Α Β Ε Ζ Η Ι Κ Μ Ν Ο Ρ Τ Υ Χ α β γ ε η λ μ ρ σ",
        "o v i k t u x A B E Z H I K M N O P T Y X alpha beta gamma epsilon eta lambda mu rho sigma",
    );
    const DIGITS: (&str, &str) = ("₀ ₁ ₂ ₃", "_0 _1 _2 _3");
    const WIDE: &str = "! \" # $ % & ' ( ) * + , - . / 0 1 2 3 4 5 6 7 8 9 : ; < = > ? @ \
                        A B C D E F G H I J K L M N O P Q R S T U V W X Y Z [ \\ ] ^ _ ` \
                        a b c d e f g h i j k l m n o p q r s t u v w x y z { | } ~";
    let among = |(theirs, ours): (&str, &'static str), kind| {
        let place = theirs.split(' ').position(|other| other.chars().eq([c]))?;
        Some(LookAlike { meant: ours.split(' ').nth(place)?, kind })
    };
    match c {
        '\u{201c}'..='\u{201f}' | '«' | '»' | '″' => Some(LookAlike { meant: "\"", kind: "a curved quote" }),
        '\u{2018}'..='\u{201b}' | '′' => Some(LookAlike { meant: "'", kind: "a curved quote" }),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some(LookAlike { meant: "-", kind: "a dash" }),
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            Some(LookAlike { meant: " ", kind: "a space of another kind" })
        }
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' => {
            Some(LookAlike { meant: "", kind: "a character that cannot be seen" })
        }
        '\u{ff01}'..='\u{ff5e}' => {
            let meant = WIDE.split(' ').nth(u32::from(c) as usize - 0xff01)?;
            Some(LookAlike { meant, kind: "a character of full width" })
        }
        '、' => Some(LookAlike { meant: ",", kind: "a character of full width" }),
        '。' => Some(LookAlike { meant: ".", kind: "a character of full width" }),
        'ı' => Some(LookAlike { meant: "i", kind: "a letter without its dot" }),
        '\u{370}'..='\u{3ff}' => among(GREEK, "a Greek letter"),
        '\u{400}'..='\u{52f}' => among(CYRILLIC, "a Cyrillic letter"),
        '₀'..='₃' => among(DIGITS, "a lowered digit"),
        _ => None,
    }
}

/// The first such character of a text.
pub(super) fn first(text: &str) -> Option<(usize, char)> {
    text.char_indices().find(|&(_, c)| look_alike(c).is_some())
}

/// The first such character of a line of TOML that stands neither in straight quotes nor behind a #.
pub(super) fn first_outside_quotes(line: &str) -> Option<(usize, char)> {
    let mut quote = None;
    for (place, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') => return None,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, c) if look_alike(c).is_some() => return Some((place, c)),
            _ => {}
        }
    }
    None
}

/// As in a sentence: `U+0430, a Cyrillic letter that looks like a`.
pub(super) fn described(c: char) -> String {
    let code = u32::from(c);
    match look_alike(c) {
        Some(LookAlike { meant, kind }) if kind.ends_with("letter") && meant.len() == 1 => {
            format!("U+{code:04X}, {kind} that only looks like {meant}")
        }
        Some(LookAlike { kind, .. }) => format!("U+{code:04X}, {kind}"),
        None => format!("U+{code:04X}"),
    }
}

/// What to write in its place.
pub(super) fn instead(c: char) -> String {
    match look_alike(c).map_or("", |look_alike| look_alike.meant) {
        "" => "delete it".into(),
        " " => "write a plain space, or none".into(),
        meant => format!("write {meant} instead"),
    }
}

/// The text with each such character replaced by what is meant.
pub(super) fn plain(text: &str) -> String {
    let plain = |c: char| look_alike(c).map_or_else(|| c.to_string(), |look_alike| look_alike.meant.to_owned());
    text.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_what_it_looks_like() {
        assert_eq!(plain("drоpout\u{a0}＝ −１.５"), "dropout = -1.5");
        assert_eq!(plain("“ta\u{200b}nh”"), "\"tanh\"");
        assert_eq!(plain("β₁ = 1e–3"), "beta_1 = 1e-3");
        assert_eq!(plain("ＡｄａＭ～"), "AdaM~");
        // Other scripts and plain text stay as they are.
        assert_eq!(first("드롭아웃 ünï über [1, 2] - \"x\""), None);
    }

    #[test]
    fn texts_and_comments_may_have_any_character() {
        assert_eq!(first_outside_quotes("says = \"It’s – so\" # “quoted”"), None);
        assert_eq!(first_outside_quotes("says = 'а' – 1"), Some((12, '–')));
    }
}
