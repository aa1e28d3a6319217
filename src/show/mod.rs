//! Everything a person sees: pictures, files, screens.

pub mod export;
mod figure;
pub mod screen;
pub mod words;
