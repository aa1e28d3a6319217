use super::*;
use crate::record::board::samples::{cell, completed, overfit, plan, point, trial};
use crate::record::event::{Measurement, Outcome};
use serde_json::json;

/// A board of dropout (rows) × weight decay (columns); the first cell has the reference values. `test` is how many of 10,000
/// test images each cell classifies correctly, to which `drift` adds a number for each seed. The train accuracy is 1
/// everywhere.
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
    near(effects.main[0].differences[&Metric::TEST_ACCURACY].mean, 0.15);
    near(effects.main[1].differences[&Metric::TEST_ACCURACY].mean, 0.05);
    near(effects.main[0].differences[&Metric::GAP].mean, -0.15);
    near(effects.main[0].differences[&Metric::TRAIN_ACCURACY].mean, 0.0);
    // Dropout brings .2 with weight decay and .1 without.
    let [interaction] = &effects.interactions[..] else { panic!("{:?}", effects.interactions) };
    near(interaction.differences[&Metric::TEST_ACCURACY].mean, 0.1);
    assert_eq!(interaction.values, [json!(0.1), json!(0.1)]);
    assert_eq!(interaction.references, [json!(0.0), json!(0.0)]);
    // All five seeds have the same difference: 2 of the 32 ways to set the signs are as extreme.
    assert_eq!(interaction.differences[&Metric::TEST_ACCURACY].p_signs, Some(0.0625));
    near(interaction.differences[&Metric::TEST_ACCURACY].ci95.unwrap().0, 0.1);
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
    let means: Vec<f64> = effects.main.iter().map(|effect| effect.differences[&Metric::TEST_ACCURACY].mean).collect();
    for (mean, expected) in means.iter().zip([0.1, 0.1, 0.2]) {
        near(*mean, expected);
    }
    assert_eq!(effects.main[2].values, [json!(0.2)]);
    assert_eq!(effects.main[2].differences[&Metric::TEST_ACCURACY].ci95, None, "one seed has no interval");
    // The lines are parallel.
    assert_eq!(effects.interactions.len(), 2);
    assert!(effects.interactions.iter().all(|effect| effect.differences[&Metric::TEST_ACCURACY].mean == 0.0));
    // Squares: rows 6 × .05² = .015, columns 2 × (.1² + .1²) = .04.
    near(share(&effects, &["dropout"]), 15.0 / 55.0);
    near(share(&effects, &["weight_decay"]), 40.0 / 55.0);
    assert_eq!(share(&effects, &["dropout", "weight_decay"]), 0.0);
    assert_eq!(effects.shares[0].axes, ["weight_decay"]);
}

#[test]
fn noise_is_the_residual_over_the_variance_between_cells() {
    let mut board = grid(&[&[6000, 6000], &[7000, 8000]], &[0, 0]);
    assert_eq!(Effects::new(&board).unwrap().noise, Some(0.0), "all seeds agree");
    board.trials[7].curve.set(1, Metric::TEST_ACCURACY, Measurement::Count(9000));
    // The means .6, .6, .7, .85 have the mean .6875 and squares of .041875 about it. The two seeds differ by 0, 0, 0, .1, on
    // average .025: the residual squares are half of .0075, to be divided by 2 seeds times 1.
    near(Effects::new(&board).unwrap().noise.unwrap(), 0.001875 / 0.041875);
    assert_eq!(Effects::new(&grid(&[&[6000, 6000], &[7000, 8000]], &[0])).unwrap().noise, None);
}

#[test]
fn interactions_of_three_factors_are_the_rest() {
    // The parity of three bits: no factor and no pair of factors explains anything.
    let axes = ["dropout", "weight_decay", "learning_rate"];
    let bits = |cell: usize| [cell >> 2 & 1, cell >> 1 & 1, cell & 1];
    let value = |bit: usize| json!((bit + 1) as f64 / 10.0);
    let params = |[a, b, c]: [usize; 3]| json!({ axes[0]: value(a), axes[1]: value(b), axes[2]: value(c) });
    let cells = (0..8).map(|index| cell(None, params(bits(index)))).collect();
    let mut board = Board::new(plan("cube", &axes, cells, 1));
    for cell in 0..8 {
        let odd = bits(cell).iter().sum::<usize>() % 2 == 1;
        trial(&mut board, cell as u64 + 1, point(300, if odd { 8000 } else { 7000 }), completed(1));
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
    near(effects.main[0].differences[&Metric::TEST_ACCURACY].mean, -0.15);
    near(effects.interactions[0].differences[&Metric::TEST_ACCURACY].mean, -0.1);
}

#[test]
fn a_seed_counts_only_if_it_completed_everywhere() {
    let effects = Effects::new(&overfit()).unwrap();
    assert_eq!((effects.seeds, effects.seeds_left_out, &effects.diverged_in[..]), (4, 1, &[3][..]));
    // OVERFIT without the last seed, test images summed by dropout: each sum is over 4 seeds and 2 cells of 10,000.
    let rows = [7512 + 7604 + 7455 + 7580 + 7105 + 7190 + 7071 + 7204, 7603 + 7711 + 7560 + 7668 + 3 * 1135 + 980];
    near(effects.main[0].differences[&Metric::TEST_ACCURACY].mean, f64::from(rows[1] - rows[0]) / 80_000.0);

    let mut board = grid(&[&[6000, 6000], &[7000, 8000]], &[0]);
    board.trials[1].status = crate::record::board::Status::Finished(Outcome::Diverged { step: 3 });
    let none = Effects::new(&board).unwrap();
    assert_eq!((none.seeds, none.seeds_left_out), (0, 1));
    assert!(none.main.is_empty() && none.interactions.is_empty() && none.shares.is_empty());
}

#[test]
fn only_a_complete_full_grid_of_two_factors_has_effects() {
    let two = || grid(&[&[6000, 6000], &[7000, 8000]], &[0]);
    let mut unfinished = two();
    unfinished.trials[0].status = crate::record::board::Status::Waiting;
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
