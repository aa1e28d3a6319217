//! A result's pictures by name, as SVG.

use super::greek;
use crate::error::{Error, Result, nearest};
use crate::printable;
use crate::record::board::Board;
use crate::show::figure::{self, Figure, Picture};

/// Which frame of a picture that has several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The frame of this number, counted from 1.
    Frame(usize),
    /// The last one, which is the only one of most pictures.
    Last,
}

/// How a figure becomes the text of an SVG: with title and caption ([`super::svg`]), or without ([`super::bare_svg`]).
pub type Draw = fn(&Figure) -> String;

/// The picture of this name, or the main one, drawn by `draw`.
///
/// Errors: there is no picture of this name, or none at all yet; or it has no such frame.
pub fn picture(board: &Board, name: Option<&str>, moment: Moment, draw: Draw) -> Result<String> {
    let picture = match name {
        Some(name) => find(board, name)?,
        None => figure::main(board).ok_or_else(|| nothing_to_draw(board))?,
    };
    Ok(draw(&picture.figure(board, frame(&picture, moment)?).with_data(board)))
}

/// (file name, SVG) of every picture, in the order of the gallery. The file names are unique and have no ending. A picture
/// with fewer frames than asked for is drawn at its last frame.
///
/// Errors: there are no pictures yet, or none of them has such a frame.
pub fn all_pictures(board: &Board, moment: Moment, draw: Draw) -> Result<Vec<(String, String)>> {
    let pictures = figure::pictures(board);
    if pictures.is_empty() {
        return Err(nothing_to_draw(board));
    }
    let most = pictures.iter().map(|picture| picture.frames).max().unwrap_or(0);
    if let Moment::Frame(frame) = moment
        && !(1..=most).contains(&frame)
    {
        return Err(Error::Usage(format!(
            "no picture has a frame {frame}\n  to mend it: give one from 1 to {most}, or last"
        )));
    }
    let mut files: Vec<(String, String)> = Vec::new();
    for picture in &pictures {
        let frame = frame(picture, moment).unwrap_or(picture.frames.saturating_sub(1));
        let name = file_name(&picture.name);
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        // Some file systems do not tell capital letters from small ones.
        let is_free = |name: &String| files.iter().all(|file| file.0.to_lowercase() != name.to_lowercase());
        let free = std::iter::once(name.clone()).chain(numbered).find(is_free);
        files.extend(free.map(|name| (name, draw(&picture.figure(board, frame).with_data(board)))));
    }
    Ok(files)
}

/// The file name for the name of a picture or a study, without an ending: `curves-test_accuracy` for
/// `curves/test_accuracy`. It leads into no other folder, is not hidden, and at most 120 bytes long.
pub fn file_name(picture: &str) -> String {
    let fit = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | '=');
    let mut name: String = typed(picture).chars().map(|letter| if fit(letter) { letter } else { '-' }).collect();
    name.truncate(name.floor_char_boundary(120));
    let name = name.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    match name.trim_matches(['.', '-']) {
        "" => "unnamed".into(),
        name => name.into(),
    }
}

/// A name in letters that any keyboard has: `adam-beta_1-0.5` for `adam-β₁-0.5`. Other scripts stay as they are.
fn typed(name: &str) -> String {
    let mut typed = String::new();
    for letter in name.chars() {
        match (greek::name(letter), greek::subscript(letter), greek::superscript(letter)) {
            (Some(name), ..) => typed += name,
            (_, Some(digit), _) => typed.extend(['_', digit]),
            (.., Some(digit)) => typed.push(digit),
            _ => typed.push(letter),
        }
    }
    typed
}

/// The index of a frame, counted from 0.
fn frame(picture: &Picture, moment: Moment) -> Result<usize> {
    let (name, frames) = (printable::line(&picture.name), picture.frames);
    match moment {
        Moment::Last => Ok(frames.saturating_sub(1)),
        Moment::Frame(frame) if (1..=frames).contains(&frame) => Ok(frame - 1),
        Moment::Frame(frame) if frames == 1 => Err(Error::Usage(format!(
            "{name} has no frame {frame}: it is one picture of the whole training\n  to mend it: leave out --frame"
        ))),
        Moment::Frame(frame) => Err(Error::Usage(format!(
            "{name} has no frame {frame}\n  to mend it: give one from 1 to {frames}, or last"
        ))),
    }
}

fn find(board: &Board, name: &str) -> Result<Picture> {
    let mut pictures = figure::pictures(board);
    if let Some(place) = pictures.iter().position(|picture| picture.name == name || typed(&picture.name) == name) {
        return Ok(pictures.swap_remove(place));
    }
    if pictures.is_empty() {
        return Err(nothing_to_draw(board));
    }
    let names: Vec<&str> = pictures.iter().map(|picture| picture.name.as_str()).collect();
    let meant = nearest(name, &names).map(|near| format!(": did you mean {near}?")).unwrap_or_default();
    let no_picture = format!("{} has no picture {name}{meant}", board.plan.study);
    let there_are = names.join(", ");
    Err(Error::Usage(format!("{}\n  there are: {}", printable::line(&no_picture), printable::line(&there_are))))
}

fn nothing_to_draw(board: &Board) -> Error {
    let study = printable::line(&board.plan.study);
    Error::Usage(format!("{study} has no pictures yet: nothing has been measured"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::board::samples::{arms, overfit};
    use crate::show::export::{bare_svg, svg};

    #[test]
    fn names_of_files_can_be_typed_and_so_can_those_of_pictures() {
        assert_eq!(file_name("curvature/adam-β₁-0.5"), "curvature-adam-beta_1-0.5");
        assert_eq!((file_name("a/R²·x¹⁰"), file_name("드롭 아웃")), ("a-R2-x10".into(), "드롭-아웃".into()));
        assert_eq!([file_name("../../x"), file_name(".."), file_name("/")], ["x", "unnamed", "unnamed"]);
        assert_eq!(file_name(&"드롭".repeat(100)).len(), 120);
    }

    #[test]
    fn no_two_pictures_share_a_file() {
        let mut names: Vec<String> =
            all_pictures(&arms(), Moment::Last, svg).unwrap().into_iter().map(|f| f.0).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn a_bare_picture_is_the_plot_with_its_words_unseen() {
        let of = |draw| picture(&overfit(), Some("curves/gap"), Moment::Last, draw).unwrap();
        let (whole, bare) = (of(svg), of(bare_svg));
        assert!(whole.contains(">Gap between train and test accuracy by epoch</text>"), "{whole}");
        assert!(bare.contains("<title>Gap between") && !bare.contains("accuracy by epoch</text>"), "{bare}");
        assert!(!bare.contains("font-weight") && bare.contains(">train − test accuracy (share"), "{bare}");
    }
}
