//! Words that users read of a study's results: how what stands in tables is written, and the sentences that go with them.
//! What is judged comes as numbers and facts; here they are put into words, once for Markdown, LaTeX and the screen.

mod cells;
pub mod claims;
pub mod entry;
mod number;
pub mod sections;
pub mod selection;
pub mod table;
#[cfg(test)]
mod tests;

pub use number::{Number, count, difference, share};
pub use sections::{Section, Sheet};
