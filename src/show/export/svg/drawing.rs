//! The elements of an SVG as text.

use crate::printable;
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

pub type Xy = (f64, f64);

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    pub width: f64,
    pub height: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// Elements in the order in which they are painted. `style` is always a list of attributes: `fill="none" stroke="#000"`.
#[derive(Clone, Debug, Default)]
pub struct Drawing {
    text: String,
    /// Clip rectangles; the n-th has the number n + 1 in its id.
    clips: Vec<Rect>,
}

impl Drawing {
    fn element(&mut self, element: std::fmt::Arguments) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "<{element}/>");
    }

    pub fn line(&mut self, from: Xy, to: Xy, style: &str) {
        let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(number);
        self.element(format_args!("line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\" {style}"));
    }

    pub fn rect(&mut self, rect: Rect, style: &str) {
        let [x, y, width, height] = [rect.x, rect.y, rect.width, rect.height].map(number);
        self.element(format_args!("rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" {style}"));
    }

    pub fn circle(&mut self, centre: Xy, radius: f64, style: &str) {
        let [x, y, radius] = [centre.0, centre.1, radius].map(number);
        self.element(format_args!("circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" {style}"));
    }

    pub fn polyline(&mut self, points: &[Xy], style: &str) {
        self.element(format_args!("polyline points=\"{}\" fill=\"none\" {style}", list(points)));
    }

    pub fn polygon(&mut self, points: &[Xy], style: &str) {
        self.element(format_args!("polygon points=\"{}\" {style}", list(points)));
    }

    /// Many separate lines of one style.
    pub fn segments(&mut self, segments: &[(Xy, Xy)], style: &str) {
        if !segments.is_empty() {
            let point = |place: Xy| format!("{} {}", number(place.0), number(place.1));
            let path: String = segments.iter().map(|&(from, to)| format!("M{}L{}", point(from), point(to))).collect();
            self.element(format_args!("path d=\"{path}\" fill=\"none\" {style}"));
        }
    }

    /// Many polygons of one style.
    pub fn areas(&mut self, polygons: &[Vec<Xy>], style: &str) {
        if !polygons.is_empty() {
            let path: String = polygons.iter().map(|polygon| format!("M{}Z", list(polygon))).collect();
            self.element(format_args!("path d=\"{path}\" {style}"));
        }
    }

    /// Text with its baseline at `place`.
    pub fn text(&mut self, place: Xy, anchor: Anchor, size: f64, text: &str, style: &str) {
        self.turned_text(place, 0.0, anchor, size, text, style);
    }

    /// The same, rotated clockwise by so many degrees.
    pub fn turned_text(&mut self, place: Xy, degrees: f64, anchor: Anchor, size: f64, text: &str, style: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let [x, y, size] = [place.0, place.1, size].map(number);
        let turn = if degrees == 0.0 { String::new() } else { format!(" transform=\"rotate({degrees} {x} {y})\"") };
        let style = if style.is_empty() { String::new() } else { format!(" {style}") };
        let text = escape(text);
        let _ =
            writeln!(self.text, "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\"{anchor}{turn}{style}>{text}</text>");
    }

    /// Another drawing, with its origin moved to `to`.
    pub fn group(&mut self, to: Xy, drawing: Drawing) {
        let [x, y] = [to.0, to.1].map(number);
        let clips = self.clips.len();
        debug_assert!(clips == 0 || drawing.clips.is_empty(), "ids would be given twice");
        self.clips.extend(drawing.clips);
        let _ = write!(self.text, "<g transform=\"translate({x} {y})\">\n{}</g>\n", drawing.text);
    }

    /// What `draw` draws, clipped to `area`.
    pub fn clipped(&mut self, area: Rect, draw: impl FnOnce(&mut Drawing)) {
        self.clips.push(area);
        let _ = writeln!(self.text, "<g clip-path=\"url(#area-{})\">", self.clips.len());
        draw(self);
        self.text.push_str("</g>\n");
    }

    /// The whole file.
    pub fn document(&self, size: Size, title: &str, description: &str) -> String {
        let [width, height] = [size.width, size.height].map(|length| number(length.ceil()));
        let mut text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" fill=\"#222\">\n\
             <title>{}</title>\n<desc>{}</desc>\n<defs>\n",
            escape(title),
            escape(description)
        );
        for (place, clip) in self.clips.iter().enumerate() {
            let [x, y, width, height] = [clip.x, clip.y, clip.width, clip.height].map(number);
            let area = format!("<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>");
            let _ = writeln!(text, "<clipPath id=\"area-{}\">{area}</clipPath>", place + 1);
        }
        let _ = write!(text, "</defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{}</svg>\n", self.text);
        text
    }
}

fn list(points: &[Xy]) -> String {
    points.iter().map(|&(x, y)| format!("{},{}", number(x), number(y))).collect::<Vec<_>>().join(" ")
}

/// At most two decimals. Coordinates far outside of any page are clamped to what renderers can handle.
fn number(value: f64) -> String {
    let text = format!("{:.2}", value.clamp(-1e5, 1e5));
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

/// Escapes text for XML, which has no control characters, not even escaped ones.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in printable::line(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The approximate width of a text in pixels: the font is only known to whoever renders it.
pub fn text_width(text: &str, size: f64) -> f64 {
    text.width() as f64 * size * 0.62
}

/// Lines of at most about `width` pixels, broken between words, and within words that are longer than a line.
pub fn wrap(text: &str, size: f64, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if text_width(line, size) + text_width(word, size) + size * 0.5 <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.extend(pieces(word, size, width)),
        }
    }
    lines
}

fn pieces(word: &str, size: f64, width: f64) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for character in word.chars() {
        if let Some(piece) = pieces.last_mut() {
            let longer = format!("{piece}{character}");
            match piece.is_empty() || text_width(&longer, size) <= width {
                true => *piece = longer,
                false => pieces.push(character.into()),
            }
        }
    }
    pieces
}

/// A text cut to at most about `width` pixels, with an ellipsis if something was cut.
pub fn shorten(text: &str, size: f64, width: f64) -> String {
    if text_width(text, size) <= width {
        return text.into();
    }
    let mut short = String::new();
    for character in text.chars() {
        if text_width(&short, size) + size * 1.6 > width {
            break;
        }
        short.push(character);
    }
    short + "…"
}
