//! A grid as a factorial design: which cells have which levels of the factors, and means over cells with the same levels.

use crate::plan::Plan;
use serde_json::Value;
use std::collections::BTreeSet;

/// An axis of the grid with two or more values. The index of a value is called its level.
pub struct Factor {
    pub axis: String,
    /// In the order of the study.
    pub values: Vec<Value>,
    /// The level that the others are compared with: that of the baseline if the baseline is in the grid, else the first.
    pub reference: usize,
}

/// A full factorial grid: a cell for each combination of the factors' levels.
pub struct Factorial {
    pub factors: Vec<Factor>,
    /// Each cell of the grid: its index into the plan's cells, and its level of each factor.
    cells: Vec<(usize, Vec<usize>)>,
}

impl Factorial {
    /// The grid of a plan, without its arms. `None` with fewer than two factors, and if the grid lacks a combination of their
    /// levels: means over different sets of cells cannot be compared.
    pub fn new(plan: &Plan) -> Option<Factorial> {
        let grid: Vec<usize> = (0..plan.cells.len()).filter(|&cell| plan.cells[cell].arm.is_none()).collect();
        let baseline = plan.baseline.filter(|&baseline| plan.cells[baseline].arm.is_none());
        let mut factors = Vec::new();
        for axis in &plan.axes {
            let value = |cell: usize| plan.cells[cell].params.get(axis);
            let mut values: Vec<Value> = Vec::new();
            for &cell in &grid {
                let value = value(cell)?;
                if !values.contains(value) {
                    values.push(value.clone());
                }
            }
            let of_baseline = baseline.and_then(value);
            let reference = values.iter().position(|value| Some(value) == of_baseline).unwrap_or(0);
            if values.len() > 1 {
                factors.push(Factor { axis: axis.clone(), values, reference });
            }
        }
        let level = |cell: usize, factor: &Factor| {
            factor.values.iter().position(|value| Some(value) == plan.cells[cell].params.get(&factor.axis))
        };
        let levels = |cell| Some((cell, factors.iter().map(|factor| level(cell, factor)).collect::<Option<Vec<_>>>()?));
        let cells: Vec<_> = grid.into_iter().map(levels).collect::<Option<_>>()?;
        let combinations =
            factors.iter().try_fold(1usize, |product, factor| product.checked_mul(factor.values.len()))?;
        let distinct: BTreeSet<&Vec<usize>> = cells.iter().map(|(_, levels)| levels).collect();
        let full = cells.len() == combinations && distinct.len() == combinations;
        (full && factors.len() > 1).then_some(Factorial { factors, cells })
    }

    /// The cells of the grid, by their index into the plan's cells.
    pub fn cells(&self) -> impl Iterator<Item = usize> {
        self.cells.iter().map(|&(cell, _)| cell)
    }

    /// For each level of a factor, the mean over the cells with that level. `by_cell` has a number for each cell of the grid,
    /// in the order of [`Factorial::cells`].
    pub fn means(&self, factor: usize, by_cell: &[f64]) -> Vec<f64> {
        let values = self.factors[factor].values.len();
        self.mean_by(values, by_cell, |levels| levels[factor])
    }

    /// The same for each pair of levels of two factors, `[level of the first][level of the second]`.
    pub fn pair_means(&self, (first, second): (usize, usize), by_cell: &[f64]) -> Vec<Vec<f64>> {
        let [rows, columns] = [first, second].map(|factor| self.factors[factor].values.len());
        let flat = self.mean_by(rows * columns, by_cell, |levels| levels[first] * columns + levels[second]);
        flat.chunks(columns).map(<[f64]>::to_vec).collect()
    }

    /// Means over groups of cells. In a full grid, groups by level are of the same size.
    fn mean_by(&self, groups: usize, by_cell: &[f64], group: impl Fn(&[usize]) -> usize) -> Vec<f64> {
        let mut sums = vec![0.0; groups];
        for ((_, levels), value) in self.cells.iter().zip(by_cell) {
            sums[group(levels)] += value;
        }
        let size = (self.cells.len() / groups) as f64;
        sums.into_iter().map(|sum| sum / size).collect()
    }
}
