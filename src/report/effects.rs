//! Which factor of a grid matters, and by how much: main effects, two-way interactions and shares of variance.
//!
//! Let ȳ_a(s) be the mean of a metric at seed s over all cells whose factor A has the value a, and ȳ_ab(s) the same where
//! factor B also has the value b. In a full grid each such mean is over the same combinations of the other factors. With
//! r and q the reference values of A and B, each seed gives
//!
//! - a main effect of a: ȳ_a(s) − ȳ_r(s);
//! - an interaction of a and b: (ȳ_ab(s) − ȳ_rb(s)) − (ȳ_aq(s) − ȳ_rq(s)), how much the effect of a changes when B goes
//!   from q to b. Box, Hunter & Hunter (Statistics for Experimenters, 2nd ed. 2005, ch. 5) halve it; here it is not, so
//!   that it is in the unit of the effect that it adds to.
//!
//! Means and intervals are over these numbers, one a seed, as those of any paired [`Difference`]. Shares of variance are
//! η² of the cells' means: the sum of squares that a factor or a pair of factors adds to the model of these means, over
//! the total. In a full grid these are orthogonal and add up.

use super::factorial::Factorial;
use super::{results_by_cell, without_rounding};
use crate::board::Board;
use crate::config::Config;
use crate::event::Point;
use crate::metric::Metric;
use crate::stats::Difference;
use serde_json::Value;
use std::collections::HashMap;

/// The effects of a grid's factors on train accuracy, test accuracy and gap.
#[derive(Clone, Debug, PartialEq)]
pub struct Effects {
    /// Seeds that completed in every cell of the grid: only they count.
    pub seeds: usize,
    /// Seeds that did not, since they diverged somewhere, and the cells where they did, by index into the plan's cells.
    pub seeds_left_out: usize,
    pub diverged_in: Vec<usize>,
    /// Each factor and each pair of factors, the largest share first; empty if all cells have the same mean.
    pub shares: Vec<Share>,
    /// What interactions of three factors and more explain; 0 with two factors.
    pub rest: f64,
    /// How much of the variance between the cells' means the noise of seeds alone would be expected to make: 1/F of the
    /// analysis of variance with seeds as blocks. Near 1 and above, the shares say nothing. `None` with fewer than 2 seeds.
    pub noise: Option<f64>,
    /// In the order of the axes and of their values.
    pub main: Vec<Effect>,
    /// The largest change of test accuracy first.
    pub interactions: Vec<Effect>,
}

/// How much of the variance between the cells' mean test accuracies a factor explains, or the interaction of two.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    pub axes: Vec<String>,
    /// In [0, 1]. All shares and the rest add up to 1.
    pub of_variance: f64,
}

/// The main effect of a value of one axis, or the interaction of values of two.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    pub axes: Vec<String>,
    pub values: Vec<Value>,
    pub references: Vec<Value>,
    pub train_accuracy: Difference,
    pub test_accuracy: Difference,
    pub gap: Difference,
}

/// A metric in each cell of the grid at each seed that counts, [seed][cell].
type Measured = Vec<Vec<f64>>;

impl Effects {
    /// Whether there are interactions of more than two factors.
    pub fn has_rest(&self) -> bool {
        self.shares.len() > 3
    }

    /// `None` while the study is unfinished, and without a full grid of two factors or more.
    pub fn new(board: &Board) -> Option<Effects> {
        let plan = &board.plan;
        let grid = Factorial::new(plan).filter(|_| board.complete())?;
        let results = results_by_cell(board);
        let by_seed = |cell: usize| results[cell].completed.iter().map(|(seed, point)| (*seed, point)).collect();
        let points: Vec<(&Config, HashMap<u64, &Point>)> =
            grid.cells().map(|cell| (&plan.cells[cell].config, by_seed(cell))).collect();
        let measured = |metric: Metric| -> Measured {
            let at =
                |seed: &u64| points.iter().map(|(config, by_seed)| metric.of(by_seed.get(seed)?, config)).collect();
            plan.seeds.iter().filter_map(at).collect()
        };
        let all = [Metric::TrainAccuracy, Metric::TestAccuracy, Metric::Gap].map(measured);
        let seeds = all[1].len();
        let mut effects = Effects {
            seeds,
            seeds_left_out: plan.seeds.len() - seeds,
            diverged_in: grid.cells().filter(|&cell| results[cell].diverged > 0).collect(),
            shares: Vec::new(),
            rest: 0.0,
            noise: noise(&all[1]),
            main: (0..grid.factors.len()).flat_map(|factor| main_effects(&grid, factor, &all)).collect(),
            interactions: pairs(&grid).flat_map(|pair| interactions(&grid, pair, &all)).collect(),
        };
        if seeds > 0 {
            (effects.shares, effects.rest) = shares(&grid, &means_of_cells(&all[1]));
        }
        let size = |effect: &Effect| effect.test_accuracy.mean.abs();
        effects.interactions.sort_by(|a, b| size(b).total_cmp(&size(a)));
        Some(effects)
    }
}

fn pairs(grid: &Factorial) -> impl Iterator<Item = (usize, usize)> {
    let factors = grid.factors.len();
    (0..factors).flat_map(move |first| (first + 1..factors).map(move |second| (first, second)))
}

/// The mean over seeds in each cell.
fn means_of_cells(measured: &Measured) -> Vec<f64> {
    let cells = measured.first().map_or(0, Vec::len);
    (0..cells).map(|cell| measured.iter().map(|seed| seed[cell]).sum::<f64>() / measured.len() as f64).collect()
}

/// Mean square of what neither cell nor seed explains, over that between cells.
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

fn main_effects(grid: &Factorial, factor: usize, all: &[Measured; 3]) -> Vec<Effect> {
    let means = all.each_ref().map(|one| one.iter().map(|cells| grid.means(factor, cells)).collect::<Vec<_>>());
    let of = &grid.factors[factor];
    let others = (0..of.values.len()).filter(|&value| value != of.reference);
    let effect = |value: usize| {
        let [train_accuracy, test_accuracy, gap] =
            means.each_ref().map(|seeds| difference(seeds.iter().map(|mean| mean[value] - mean[of.reference])));
        Some(Effect {
            axes: vec![of.axis.clone()],
            values: vec![of.values[value].clone()],
            references: vec![of.values[of.reference].clone()],
            train_accuracy: train_accuracy?,
            test_accuracy: test_accuracy?,
            gap: gap?,
        })
    };
    others.filter_map(effect).collect()
}

fn interactions(grid: &Factorial, pair: (usize, usize), all: &[Measured; 3]) -> Vec<Effect> {
    let means = all.each_ref().map(|one| one.iter().map(|cells| grid.pair_means(pair, cells)).collect::<Vec<_>>());
    let (a, b) = (&grid.factors[pair.0], &grid.factors[pair.1]);
    let (r, q) = (a.reference, b.reference);
    let mut effects = Vec::new();
    for i in (0..a.values.len()).filter(|&i| i != r) {
        for j in (0..b.values.len()).filter(|&j| j != q) {
            let contrast = |mean: &Vec<Vec<f64>>| (mean[i][j] - mean[r][j]) - (mean[i][q] - mean[r][q]);
            let differences = means.each_ref().map(|seeds| difference(seeds.iter().map(contrast)));
            if let [Some(train_accuracy), Some(test_accuracy), Some(gap)] = differences {
                let axes = vec![a.axis.clone(), b.axis.clone()];
                let values = vec![a.values[i].clone(), b.values[j].clone()];
                let references = vec![a.values[r].clone(), b.values[q].clone()];
                effects.push(Effect { axes, values, references, train_accuracy, test_accuracy, gap });
            }
        }
    }
    effects
}

fn difference(by_seed: impl Iterator<Item = f64>) -> Option<Difference> {
    Difference::of(&by_seed.map(without_rounding).collect::<Vec<_>>())
}

/// η² of each factor and pair of factors, and what is left.
fn shares(grid: &Factorial, by_cell: &[f64]) -> (Vec<Share>, f64) {
    let mean = by_cell.iter().sum::<f64>() / by_cell.len() as f64;
    let from_mean: Vec<f64> = by_cell.iter().map(|x| without_rounding(x - mean)).collect();
    // Each mean stands for as many cells as there are to one group.
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
mod tests {
    use super::*;
    use crate::board::samples::{cell, completed, overfit, plan, point, trial};
    use crate::event::Outcome;
    use serde_json::json;

    /// Dropout × weight decay (the values of each as many as rows and columns), baseline and reference in the first cell;
    /// test images of 10,000 classified rightly in each cell at seed 0, more at each further seed by `drift`. Train
    /// accuracy is 1 everywhere.
    fn grid(test: &[&[u32]], drift: &[u32]) -> Board {
        let mut cells = Vec::new();
        for (row, columns) in test.iter().enumerate() {
            for column in 0..columns.len() {
                let params = json!({ "dropout": row as f64 / 10.0, "weight_decay": column as f64 / 10.0 });
                cells.push(cell(None, params));
            }
        }
        let mut board = Board::new(plan("grid", &["dropout", "weight_decay"], cells, drift.len() as u64));
        let ends = test.concat().into_iter().flat_map(|test| drift.iter().map(move |drift| test + drift));
        for (test, id) in ends.zip(1..) {
            trial(&mut board, id, point(300, test), completed(id));
        }
        board
    }

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} is not {b}");
    }

    fn share(effects: &Effects, axes: &[&str]) -> f64 {
        effects.shares.iter().find(|share| share.axes == axes).unwrap().of_variance
    }

    #[test]
    fn two_by_two_by_hand() {
        // Means: rows .6 and .75, columns .65 and .7, all .675.
        let effects = Effects::new(&grid(&[&[6000, 6000], &[7000, 8000]], &[0, 10, 20, 30, 40])).unwrap();
        assert_eq!((effects.seeds, effects.seeds_left_out, effects.main.len()), (5, 0, 2));
        near(effects.main[0].test_accuracy.mean, 0.15);
        near(effects.main[1].test_accuracy.mean, 0.05);
        near(effects.main[0].gap.mean, -0.15);
        near(effects.main[0].train_accuracy.mean, 0.0);
        // Dropout brings .2 with weight decay and .1 without.
        let [interaction] = &effects.interactions[..] else { panic!("{:?}", effects.interactions) };
        near(interaction.test_accuracy.mean, 0.1);
        assert_eq!(interaction.values, [json!(0.1), json!(0.1)]);
        assert_eq!(interaction.references, [json!(0.0), json!(0.0)]);
        // Every seed has the same differences, so all five agree: 2 of 32 flips.
        assert_eq!(interaction.test_accuracy.p_sign_flip, Some(0.0625));
        near(interaction.test_accuracy.ci95.unwrap().0, 0.1);
        // Squares: rows 4 × .075² = .0225, columns 4 × .025² = .0025, both 4 × .025² = .0025; in all .0275.
        near(share(&effects, &["dropout"]), 9.0 / 11.0);
        near(share(&effects, &["weight_decay"]), 1.0 / 11.0);
        near(share(&effects, &["dropout", "weight_decay"]), 1.0 / 11.0);
        assert_eq!((&effects.shares[0].axes[0][..], effects.rest), ("dropout", 0.0));
    }

    #[test]
    fn two_by_three_by_hand() {
        // Means: rows .6 and .7, columns .55, .65 and .75, all .65.
        let effects = Effects::new(&grid(&[&[5000, 6000, 7000], &[6000, 7000, 8000]], &[0])).unwrap();
        let means: Vec<f64> = effects.main.iter().map(|effect| effect.test_accuracy.mean).collect();
        for (mean, expected) in means.iter().zip([0.1, 0.1, 0.2]) {
            near(*mean, expected);
        }
        assert_eq!(effects.main[2].values, [json!(0.2)]);
        assert_eq!(effects.main[2].test_accuracy.ci95, None, "one seed has no interval");
        // The lines are parallel.
        assert_eq!(effects.interactions.len(), 2);
        assert!(effects.interactions.iter().all(|effect| effect.test_accuracy.mean == 0.0));
        // Squares: rows 6 × .05² = .015, columns 2 × (.1² + .1²) = .04.
        near(share(&effects, &["dropout"]), 15.0 / 55.0);
        near(share(&effects, &["weight_decay"]), 40.0 / 55.0);
        assert_eq!(share(&effects, &["dropout", "weight_decay"]), 0.0);
        assert_eq!(effects.shares[0].axes, ["weight_decay"]);
    }

    #[test]
    fn noise_is_told_from_differences() {
        let mut board = grid(&[&[6000, 6000], &[7000, 8000]], &[0, 0]);
        assert_eq!(Effects::new(&board).unwrap().noise, Some(0.0), "all seeds agree");
        board.trials[7].curve.test_correct = vec![974, 9000];
        // Means .6, .6, .7, .85 about .6875: squares .041875. The seeds differ by 0, 0, 0, .1, about .025: half the squares
        // of what is left is .00375, over 2 × 1.
        near(Effects::new(&board).unwrap().noise.unwrap(), 0.001875 / 0.041875);
        assert_eq!(Effects::new(&grid(&[&[6000, 6000], &[7000, 8000]], &[0])).unwrap().noise, None);
    }

    #[test]
    fn what_only_three_factors_together_do_is_the_rest() {
        // +1 or −1 by the product of three signs: no factor and no pair of them explains anything.
        let axes = ["dropout", "weight_decay", "learning_rate"];
        let bits = |place: usize| [place >> 2 & 1, place >> 1 & 1, place & 1];
        let value = |bit: usize| json!((bit + 1) as f64 / 10.0);
        let params = |[a, b, c]: [usize; 3]| json!({ axes[0]: value(a), axes[1]: value(b), axes[2]: value(c) });
        let cells = (0..8).map(|place| cell(None, params(bits(place)))).collect();
        let mut board = Board::new(plan("cube", &axes, cells, 1));
        for place in 0..8 {
            let odd = bits(place).iter().sum::<usize>() % 2 == 1;
            trial(&mut board, place as u64 + 1, point(300, if odd { 8000 } else { 7000 }), completed(1));
        }
        let effects = Effects::new(&board).unwrap();
        assert!(effects.shares.iter().all(|share| share.of_variance == 0.0), "{:?}", effects.shares);
        assert_eq!((effects.shares.len(), effects.rest, effects.interactions.len()), (6, 1.0, 3));
    }

    #[test]
    fn effects_are_against_the_baselines_values() {
        let mut board = grid(&[&[6000, 6000], &[7000, 8000]], &[0, 10]);
        board.plan.baseline = Some(2);
        let effects = Effects::new(&board).unwrap();
        assert_eq!((&effects.main[0].values, &effects.main[0].references), (&vec![json!(0.0)], &vec![json!(0.1)]));
        near(effects.main[0].test_accuracy.mean, -0.15);
        near(effects.interactions[0].test_accuracy.mean, -0.1);
    }

    #[test]
    fn a_seed_counts_only_if_it_completed_everywhere() {
        let effects = Effects::new(&overfit()).unwrap();
        assert_eq!((effects.seeds, effects.seeds_left_out, &effects.diverged_in[..]), (4, 1, &[3][..]));
        // OVERFIT without the last seed, test images summed by dropout: each sum is over 4 seeds and 2 cells of 10,000.
        let rows = [7512 + 7604 + 7455 + 7580 + 7105 + 7190 + 7071 + 7204, 7603 + 7711 + 7560 + 7668 + 3 * 1135 + 980];
        near(effects.main[0].test_accuracy.mean, f64::from(rows[1] - rows[0]) / 80_000.0);

        let mut board = grid(&[&[6000, 6000], &[7000, 8000]], &[0]);
        board.trials[1].status = crate::board::Status::Finished(Outcome::Diverged { step: 3 });
        let none = Effects::new(&board).unwrap();
        assert_eq!((none.seeds, none.seeds_left_out), (0, 1));
        assert!(none.main.is_empty() && none.interactions.is_empty() && none.shares.is_empty());
    }

    #[test]
    fn only_a_complete_full_grid_of_two_factors_has_effects() {
        let two = || grid(&[&[6000, 6000], &[7000, 8000]], &[0]);
        let mut unfinished = two();
        unfinished.trials[0].status = crate::board::Status::Waiting;
        assert_eq!(Effects::new(&unfinished), None);
        assert_eq!(Effects::new(&grid(&[&[6000], &[7000]], &[0])), None, "one axis has a single value");
        let mut gap = two();
        gap.plan.cells[3].params = gap.plan.cells[2].params.clone();
        assert_eq!(Effects::new(&gap), None, "a combination is missing");
        let mut with_arm = two();
        with_arm.plan.cells.push(cell(Some("arm"), json!({ "batch_norm": true })));
        assert_eq!(Effects::new(&with_arm), Effects::new(&two()), "an arm is no point of the grid");
        let equal = Effects::new(&grid(&[&[6000, 6000], &[6000, 6000]], &[0, 1])).unwrap();
        assert!(equal.shares.is_empty(), "no variance has no shares");
    }
}
