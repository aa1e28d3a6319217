//! How the cells of a study follow from its grid.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the cells of a study follow from its grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Design {
    /// Every combination of the values.
    #[default]
    Factorial,
    /// A plain recipe, the first value of each axis, and that recipe with one value changed, for each other value.
    OneAtATime,
    /// The same, starting from a full recipe of which each change removes a part: the classical ablation table.
    LeaveOneOut,
    /// Combinations drawn at random, each value by itself (Bergstra & Bengio 2012).
    Random,
}

impl Design {
    /// Whether every combination is a cell.
    pub fn is_factorial(&self) -> bool {
        *self == Design::Factorial
    }

    /// The name of the recipe from which all others differ by one value: the first cell, and the baseline.
    pub fn start(self) -> Option<&'static str> {
        match self {
            Design::OneAtATime => Some("plain recipe"),
            Design::LeaveOneOut => Some("full recipe"),
            Design::Factorial | Design::Random => None,
        }
    }

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Design::Factorial => "factorial",
            Design::OneAtATime => "one_at_a_time",
            Design::LeaveOneOut => "leave_one_out",
            Design::Random => "random",
        }
    }
}
