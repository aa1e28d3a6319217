//! Colours, lines and sizes of all pictures.

use crate::show::figure::Hue;

pub const TITLE: f64 = 15.0;
/// The font size of labels, names and ticks.
pub const TEXT: f64 = 12.0;
/// The colour of text of little importance.
pub const SOFT: &str = "fill=\"#555\"";
pub const AXIS: &str = "stroke=\"#444\" stroke-width=\"1\"";
pub const GUIDE: &str = "stroke=\"#e4e4e4\" stroke-width=\"1\"";

/// The dashes of the first, second, … solid line of a picture, so that they can be told apart in greyscale.
const SOLID: [&str; 4] = ["", "12 3", "12 3 2 3", "20 3 6 3"];
/// The dashes of the lines that are dotted on the screen.
const DOTTED: [&str; 4] = ["2 2.5", "5 3", "2 2 5 2", "1 4"];

/// The palette of Okabe and Ito (2008). Olive is a darker shade of their yellow, which is hard to see on white paper.
pub fn colour(hue: Hue) -> &'static str {
    match hue {
        Hue::Blue => "#0072b2",
        Hue::Orange => "#e69f00",
        Hue::Green => "#009e73",
        Hue::Vermillion => "#d55e00",
        Hue::Purple => "#cc79a7",
        Hue::Sky => "#56b4e9",
        Hue::Olive => "#a79a00",
        Hue::Grey => "#777777",
    }
}

/// The stroke attributes of several lines, given by hue and whether they are dotted.
pub fn strokes(lines: impl Iterator<Item = (Hue, bool)>) -> Vec<String> {
    let (mut solid, mut dotted) = (0, 0);
    let stroke = |(hue, is_dotted): (Hue, bool)| {
        let (dashes, place) = if is_dotted { (DOTTED, &mut dotted) } else { (SOLID, &mut solid) };
        let dash = dashes[*place % dashes.len()];
        *place += 1;
        let dash = if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") };
        format!("stroke=\"{}\" stroke-width=\"1.8\" stroke-linejoin=\"round\"{dash}", colour(hue))
    };
    lines.map(stroke).collect()
}

/// A blue from light, for 0, to dark, for 1, on which black text can still be read; from ColorBrewer (Brewer 2003).
pub fn shade(share: f64) -> String {
    const STOPS: [[f64; 3]; 4] =
        [[247.0, 251.0, 255.0], [198.0, 219.0, 239.0], [107.0, 174.0, 214.0], [66.0, 146.0, 198.0]];
    let place = share.clamp(0.0, 1.0) * (STOPS.len() - 1) as f64;
    let below = (place as usize).min(STOPS.len() - 2);
    let part = |channel: usize| {
        let (from, to) = (STOPS[below][channel], STOPS[below + 1][channel]);
        (from + (to - from) * (place - below as f64)).round() as u8
    };
    format!("#{:02x}{:02x}{:02x}", part(0), part(1), part(2))
}
