//! The words in which users read a study's results: how the entries of tables are written, and the sentences around them.
//! [`crate::judge`] delivers numbers and facts. They are put into words here, once for Markdown, LaTeX and the screen.

mod cells;
pub(crate) mod claims;
mod classes;
pub(crate) mod data;
pub(super) mod diff;
pub(super) mod entry;
mod number;
pub(super) mod progress;
pub(super) mod sections;
pub(super) mod selection;
pub(super) mod table;
#[cfg(test)]
mod tests;

pub use number::count;
pub(super) use number::{Number, difference, quantity, share};
pub(super) use sections::{Section, Sheet};
