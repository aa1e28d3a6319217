//! The claims of a study: what is typed, and which cells it means.

pub(super) mod draft;
pub(super) mod resolve;
