//! What is known of a run: events, the journal that keeps them, the board that folds them.

pub mod board;
pub mod event;
pub mod journal;
pub mod results;
pub mod whole;
