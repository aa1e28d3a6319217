//! Which factor of a grid matters, and by how much: main effects, two-way interactions and shares of variance.
//!
//! Let ȳ_a(s) be the mean of a metric at seed s over all cells whose factor A has the value a, and ȳ_ab(s) the same where
//! factor B also has the value b. In a full grid each such mean is over the same combinations of the other factors. With
//! r and q the reference values of A and B, each seed gives
//!
//! - a main effect of a: ȳ_a(s) − ȳ_r(s);
//! - an interaction of a and b: (ȳ_ab(s) − ȳ_rb(s)) − (ȳ_aq(s) − ȳ_rq(s)), how much the effect of a changes when B goes
//!   from q to b. Box, Hunter & Hunter (Statistics for Experimenters, 2nd ed. 2005, ch. 5) halve it; here it is not halved,
//!   so that it can be added to the effect of a.
//!
//! Means and intervals are over these numbers, one per seed, as in any paired [`Difference`]. Shares of variance are
//! η² of the cells' means: the sum of squares that a factor or a pair of factors adds to the model of these means, over
//! the total. In a full grid these are orthogonal and add up.

use super::Differences;
use super::factorial::Factorial;
use super::results::{diverged_by_cell, results_by_cell};
use crate::judge::sequence::Sequence;
use crate::judge::stats::{Difference, Inference, without_rounding};
use crate::plan::config::Config;
use crate::plan::metric::Metric;
use crate::record::board::Board;
use crate::record::event::Point;
use serde_json::Value;
use std::collections::HashMap;

/// The effects of a grid's factors on all that its problem compares: of networks, train accuracy, test accuracy and gap.
#[derive(Clone, Debug, PartialEq)]
pub struct Effects {
    /// The metric whose variance is shared out, and by which interactions are ordered.
    pub metric: Metric,
    /// Number of seeds whose trials completed in every cell of the grid: only these are used.
    pub seeds: usize,
    /// Number of the other seeds: a trial diverged in some cell.
    pub seeds_left_out: usize,
    /// The cells in which trials diverged, by index into the plan's cells.
    pub diverged_in: Vec<usize>,
    /// One for each factor and each pair of factors, the largest first; empty if all cells have the same mean.
    pub shares: Vec<Share>,
    /// Share of the variance, in [0, 1], that interactions of three or more factors explain; 0 with two factors.
    pub rest: f64,
    /// The share of the variance between the cells' means that the noise of seeds alone is expected to cause, 0 or more: 1/F
    /// of the analysis of variance with seeds as blocks. If it is near 1 or above, the shares say nothing. `None` with fewer
    /// than 2 seeds, and if all cells have the same mean.
    pub noise: Option<f64>,
    /// Main effects, in the order of the axes and of their values.
    pub main: Vec<Effect>,
    /// Interactions of two factors, the largest change of the metric first.
    pub interactions: Vec<Effect>,
}

/// How much of the variance between the cells' means of the metric a factor explains, or the interaction of two.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// The key of the factor, or the two keys of an interaction.
    pub axes: Vec<String>,
    /// η², in [0, 1]. All shares and [`Effects::rest`] add up to 1.
    pub of_variance: f64,
}

/// The main effect of a value of one axis, or the interaction of values of two.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// One key for a main effect, two for an interaction.
    pub axes: Vec<String>,
    /// The value of each axis whose effect this is.
    pub values: Vec<Value>,
    /// The value of each axis that it is compared with: the baseline's, or the first one.
    pub references: Vec<Value>,
    /// Change of each metric that the problem compares, paired by seed.
    pub differences: Differences,
}

/// A metric by seed and cell of the grid, `[seed][cell]`, of the seeds that completed in every cell.
type Measured = Vec<Vec<f64>>;

impl Effects {
    /// Whether there are interactions of more than two factors.
    pub fn has_rest(&self) -> bool {
        self.shares.len() > 3
    }

    /// The effects in a study's grid. `None` while nothing can be judged, without a full grid of two or more factors, and
    /// where the problem compares nothing.
    pub fn new(board: &Board) -> Option<Effects> {
        let plan = &board.plan;
        let problem = plan.problem();
        let grid = Factorial::new(plan).filter(|_| !problem.compared().is_empty())?;
        let sequence = Sequence::of(board)?;
        let inference = sequence.inference;
        let results = results_by_cell(board, &sequence);
        let by_seed = |cell: usize| results[cell].completed.iter().map(|(seed, point)| (*seed, point)).collect();
        let points: Vec<(&Config, HashMap<u64, &Point>)> =
            grid.cells().map(|cell| (&plan.cells[cell].config, by_seed(cell))).collect();
        let measured = |metric: Metric| -> Measured {
            let at =
                |seed: &u64| points.iter().map(|(config, by_seed)| by_seed.get(seed)?.value(metric, config)).collect();
            sequence.seeds.iter().filter_map(at).collect()
        };
        let of_main = measured(problem.main());
        let all: Vec<(Metric, Measured)> =
            problem.compared().iter().map(|&metric| (metric, measured(metric))).collect();
        let seeds = of_main.len();
        let diverged = diverged_by_cell(board, &sequence);
        let mut effects = Effects {
            metric: problem.main(),
            seeds,
            // Seeds that some cell does not have, because no open claim needed it, are none of these.
            seeds_left_out: grid.cells().map(|cell| results[cell].ended).min().unwrap_or(0).saturating_sub(seeds),
            diverged_in: grid.cells().filter(|&cell| diverged[cell].is_some()).collect(),
            shares: Vec::new(),
            rest: 0.0,
            noise: noise(&of_main),
            main: (0..grid.factors.len()).flat_map(|factor| main_effects(&grid, factor, &all, inference)).collect(),
            interactions: pairs(&grid).flat_map(|pair| interactions(&grid, pair, &all, inference)).collect(),
        };
        if seeds > 0 {
            (effects.shares, effects.rest) = shares(&grid, &means_of_cells(&of_main));
        }
        let size = |effect: &Effect| effect.differences.get(&problem.main()).map_or(0.0, |change| change.mean.abs());
        effects.interactions.sort_by(|a, b| size(b).total_cmp(&size(a)));
        Some(effects)
    }
}

/// Each pair of factors once, by their indices.
fn pairs(grid: &Factorial) -> impl Iterator<Item = (usize, usize)> {
    let factors = grid.factors.len();
    (0..factors).flat_map(move |first| (first + 1..factors).map(move |second| (first, second)))
}

/// The mean over seeds in each cell.
fn means_of_cells(measured: &Measured) -> Vec<f64> {
    let cells = measured.first().map_or(0, Vec::len);
    (0..cells).map(|cell| measured.iter().map(|seed| seed[cell]).sum::<f64>() / measured.len() as f64).collect()
}

/// The residual mean square, which neither cell nor seed explains, divided by the mean square between cells.
fn noise(measured: &Measured) -> Option<f64> {
    let (seeds, of_cells) = (measured.len() as f64, means_of_cells(measured));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let all = mean(&of_cells);
    let between: f64 = of_cells.iter().map(|cell| without_rounding(cell - all)).map(|x| x * x).sum();
    let residual = |seed: &Vec<f64>| -> f64 {
        let of_seed = mean(seed);
        let rest = seed.iter().zip(&of_cells).map(|(x, cell)| without_rounding(x - cell - of_seed + all));
        rest.map(|x| x * x).sum()
    };
    let residual: f64 = measured.iter().map(residual).sum();
    (seeds > 1.0 && between > 0.0).then(|| residual / (seeds * (seeds - 1.0) * between))
}

fn main_effects(grid: &Factorial, factor: usize, all: &[(Metric, Measured)], inference: Inference) -> Vec<Effect> {
    let of = &grid.factors[factor];
    let others = (0..of.values.len()).filter(|&value| value != of.reference);
    let effect = |value: usize| Effect {
        axes: vec![of.axis.clone()],
        values: vec![of.values[value].clone()],
        references: vec![of.values[of.reference].clone()],
        differences: differences(all, inference, |cells| {
            let means = grid.means(factor, cells);
            means[value] - means[of.reference]
        }),
    };
    others.map(effect).filter(|effect| !effect.differences.is_empty()).collect()
}

fn interactions(
    grid: &Factorial,
    pair: (usize, usize),
    all: &[(Metric, Measured)],
    inference: Inference,
) -> Vec<Effect> {
    let (a, b) = (&grid.factors[pair.0], &grid.factors[pair.1]);
    let (r, q) = (a.reference, b.reference);
    let mut effects = Vec::new();
    for i in (0..a.values.len()).filter(|&i| i != r) {
        for j in (0..b.values.len()).filter(|&j| j != q) {
            let differences = differences(all, inference, |cells| {
                let mean = grid.pair_means(pair, cells);
                (mean[i][j] - mean[r][j]) - (mean[i][q] - mean[r][q])
            });
            if !differences.is_empty() {
                let axes = vec![a.axis.clone(), b.axis.clone()];
                let values = vec![a.values[i].clone(), b.values[j].clone()];
                let references = vec![a.values[r].clone(), b.values[q].clone()];
                effects.push(Effect { axes, values, references, differences });
            }
        }
    }
    effects
}

/// Of each metric, what a contrast of the cells comes to, paired by seed.
fn differences(all: &[(Metric, Measured)], inference: Inference, contrast: impl Fn(&[f64]) -> f64) -> Differences {
    let difference = |(metric, measured): &(Metric, Measured)| {
        let by_seed: Vec<f64> = measured.iter().map(|cells| without_rounding(contrast(cells))).collect();
        Some((*metric, Difference::of(&by_seed, inference)?))
    };
    all.iter().filter_map(difference).collect()
}

/// η² of each factor and of each pair of factors, and the rest up to 1.
fn shares(grid: &Factorial, by_cell: &[f64]) -> (Vec<Share>, f64) {
    let mean = by_cell.iter().sum::<f64>() / by_cell.len() as f64;
    let from_mean: Vec<f64> = by_cell.iter().map(|x| without_rounding(x - mean)).collect();
    // The sum of squares over all cells: each mean is that of a group of cells of the same size.
    let squares = |means: &[f64]| means.iter().map(|x| x * x).sum::<f64>() * (by_cell.len() / means.len()) as f64;
    let total = squares(&from_mean);
    if total == 0.0 {
        return (Vec::new(), 0.0);
    }
    let share = |factors: &[usize], means: &[f64]| Share {
        axes: factors.iter().map(|&factor| grid.factors[factor].axis.clone()).collect(),
        of_variance: squares(means) / total,
    };
    let main: Vec<Vec<f64>> = (0..grid.factors.len()).map(|factor| grid.means(factor, &from_mean)).collect();
    let mut shares: Vec<Share> = main.iter().enumerate().map(|(factor, means)| share(&[factor], means)).collect();
    for (a, b) in pairs(grid) {
        let mut beyond = Vec::new();
        for (row, of_a) in grid.pair_means((a, b), &from_mean).iter().zip(&main[a]) {
            beyond.extend(row.iter().zip(&main[b]).map(|(both, of_b)| without_rounding(both - of_a - of_b)));
        }
        shares.push(share(&[a, b], &beyond));
    }
    let explained: f64 = shares.iter().map(|share| share.of_variance).sum();
    shares.sort_by(|a, b| b.of_variance.total_cmp(&a.of_variance));
    (shares, without_rounding(1.0 - explained).max(0.0))
}

#[cfg(test)]
mod tests;
