//! What is known of a run: events, the journal that keeps them, and the board, which is the state they lead to.

pub mod board;
pub mod event;
pub mod journal;
pub mod results;
pub mod whole;
