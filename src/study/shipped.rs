//! The studies in the program itself, which run in any folder.

use std::borrow::Cow;
use std::path::{Component, Path};

/// A study in the program.
pub struct Shipped {
    /// As it is called on the command line: `overfit`.
    pub name: &'static str,
    /// The text of its file.
    pub text: &'static str,
}

/// All of them, in the order of their names. `build.rs` takes those in `ablations/` that read no files of their own.
pub static SHIPPED: &[Shipped] = include!(concat!(env!("OUT_DIR"), "/studies.rs"));

/// The folder of studies that a bare name is looked for in, before the program's own.
pub const FOLDER: &str = "ablations";

/// Where a study was found.
pub enum Found<'a> {
    /// In this file, if it is there.
    File(Cow<'a, Path>),
    /// In the program.
    InProgram(&'static Shipped),
}

/// What is meant by a path on the command line: a file; for a bare name without an ending, of which there is no file, the
/// study of this name in [`FOLDER`], else in the program.
pub fn find(path: &Path) -> Found<'_> {
    let is_bare = path.components().eq([Component::Normal(path.as_os_str())]) && path.extension().is_none();
    if !is_bare || path.is_file() {
        return Found::File(path.into());
    }
    let in_folder = Path::new(FOLDER).join(path).with_added_extension("toml");
    match called(path) {
        _ if in_folder.is_file() => Found::File(in_folder.into()),
        Some(shipped) => Found::InProgram(shipped),
        None => Found::File(path.into()),
    }
}

/// The study in the program that the last part of a path names, with or without `.toml`.
pub fn called(path: &Path) -> Option<&'static Shipped> {
    let file = path.file_name()?.to_str()?;
    let name = file.strip_suffix(".toml").unwrap_or(file);
    SHIPPED.iter().find(|shipped| shipped.name == name)
}
