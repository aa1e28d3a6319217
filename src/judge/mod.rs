//! From a board to what can be said: statistics, claims, the table.

pub mod claim;
pub mod report;
pub mod stats;
