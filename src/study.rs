//! To come: TOML → study → cells and trials.

use crate::config::Config;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Values by key, in the order of the columns. A value is what the study file says, e.g. `"adam"` or a table.
pub type Params = Map<String, Value>;

/// One point of the grid, or a named arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The arm's name; `None` for a point of the grid.
    pub arm: Option<String>,
    /// What sets this cell apart: a value for each axis of the grid, and whatever the arm sets.
    pub params: Params,
    pub config: Config,
}
