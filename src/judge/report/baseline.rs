//! Which cell each cell is compared with.

use crate::plan::Plan;
use crate::plan::config::{Config, DataSource};

/// What a cell is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// The study has no baseline.
    None,
    /// The cell is a baseline itself.
    Itself,
    /// With the cell that has this index.
    Cell(usize),
    /// With nothing: the cell is trained on another number of images, or other ones, than the baseline, and there is no baseline of its
    /// own size.
    OfOtherData,
}

/// The baseline of each cell of a plan. Cells that are trained on as many images of the same data as the study's baseline are compared
/// with it; the others with the cell that differs from the baseline in the training images alone.
pub fn baselines(plan: &Plan) -> Vec<Baseline> {
    let Some(baseline) = plan.baseline else { return vec![Baseline::None; plan.cells.len()] };
    let of = &plan.cells[baseline].config;
    let baseline_of = |(place, cell): (usize, &crate::plan::Cell)| {
        let config = &cell.config;
        if is_same_data(config, of) {
            return if place == baseline { Baseline::Itself } else { Baseline::Cell(baseline) };
        }
        let own = Config { data: config.data, train_samples: config.train_samples, ..of.clone() };
        match plan.cells.iter().position(|other| other.config == own) {
            Some(own) if own == place => Baseline::Itself,
            Some(own) => Baseline::Cell(own),
            None => Baseline::OfOtherData,
        }
    };
    plan.cells.iter().enumerate().map(baseline_of).collect()
}

fn is_same_data(a: &Config, b: &Config) -> bool {
    a.data == b.data && (a.train_samples == b.train_samples || !matches!(a.data, DataSource::Set(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::board::samples::{cell, plan};
    use serde_json::json;

    #[test]
    fn training_sets_of_another_size_have_a_baseline_of_their_own_or_none() {
        let cells = [(300, 0.0), (300, 0.2), (2000, 0.0), (2000, 0.2), (500, 0.2)];
        let cells = cells.map(|(size, dropout)| cell(None, json!({ "train_samples": size, "dropout": dropout })));
        let plan = Plan { baseline: Some(0), ..plan("sizes", &["train_samples", "dropout"], cells.into(), 5) };
        let expected =
            [Baseline::Itself, Baseline::Cell(0), Baseline::Itself, Baseline::Cell(2), Baseline::OfOtherData];
        assert_eq!(baselines(&plan), expected);
        assert_eq!(baselines(&Plan { baseline: None, ..plan }), [Baseline::None; 5]);
    }
}
