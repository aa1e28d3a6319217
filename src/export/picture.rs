//! A result's pictures by name, as SVG.

use super::svg;
use crate::board::Board;
use crate::error::{Error, Result};
use crate::figure::{self, Picture};
use crate::study::nearest;

/// Which moment of a picture that moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// From 1 on.
    Frame(usize),
    Last,
}

/// The picture of this name, or the main one, as SVG.
pub fn picture(board: &Board, name: Option<&str>, moment: Moment) -> Result<String> {
    let picture = match name {
        Some(name) => find(board, name)?,
        None => figure::main(board).ok_or_else(|| nothing_to_draw(board))?,
    };
    render(board, &picture, moment)
}

/// (name, SVG) of every picture, in the order of the gallery; where a picture has fewer moments, at its last.
pub fn all_pictures(board: &Board, moment: Moment) -> Result<Vec<(String, String)>> {
    let pictures = figure::pictures(board);
    if pictures.is_empty() {
        return Err(nothing_to_draw(board));
    }
    let frame = |picture: &Picture| match moment {
        Moment::Frame(frame) if frame <= picture.frames => frame - 1,
        _ => picture.frames.saturating_sub(1),
    };
    Ok(pictures.iter().map(|picture| (picture.name.clone(), svg(&picture.figure(board, frame(picture))))).collect())
}

/// A picture's name as that of a file, without an ending: `curves-test_accuracy`.
pub fn file_name(picture: &str) -> String {
    let fit = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | '=');
    let name: String = picture.chars().map(|letter| if fit(letter) { letter } else { '-' }).take(120).collect();
    name.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

fn render(board: &Board, picture: &Picture, moment: Moment) -> Result<String> {
    let (name, frames) = (&picture.name, picture.frames);
    let frame = match moment {
        Moment::Last => frames.saturating_sub(1),
        Moment::Frame(frame) if (1..=frames).contains(&frame) => frame - 1,
        Moment::Frame(frame) if frames == 1 => {
            return Err(Error::Usage(format!(
                "{name} has no frame {frame}: it is one picture of the whole training\n  to mend it: leave out --frame"
            )));
        }
        Moment::Frame(frame) => {
            return Err(Error::Usage(format!(
                "{name} has no frame {frame}\n  to mend it: give one from 1 to {frames}, or last"
            )));
        }
    };
    Ok(svg(&picture.figure(board, frame)))
}

fn find(board: &Board, name: &str) -> Result<Picture> {
    let mut pictures = figure::pictures(board);
    if let Some(place) = pictures.iter().position(|picture| picture.name == name) {
        return Ok(pictures.swap_remove(place));
    }
    if pictures.is_empty() {
        return Err(nothing_to_draw(board));
    }
    let names: Vec<&str> = pictures.iter().map(|picture| picture.name.as_str()).collect();
    let meant = nearest(name, &names).map(|near| format!(": did you mean {near}?")).unwrap_or_default();
    let study = &board.plan.study;
    Err(Error::Usage(format!("{study} has no picture {name}{meant}\n  there are: {}", names.join(", "))))
}

fn nothing_to_draw(board: &Board) -> Error {
    Error::Usage(format!("{} has no pictures yet: nothing has been measured", board.plan.study))
}
