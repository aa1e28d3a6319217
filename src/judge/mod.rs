//! From a board to what its results show: statistics, the verdicts on claims, the table, and how two
//! results differ.

pub mod claim;
pub mod diff;
pub mod open;
pub mod report;
pub mod sequence;
pub mod stats;
