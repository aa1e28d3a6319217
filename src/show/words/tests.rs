use super::*;
use crate::judge::claim::Bound;
use crate::judge::report::{ClaimColumn, Entry, Estimate, Table, TableColumn};
use crate::plan::Design;
use crate::plan::metric::{Kind, Metric};
use crate::record::board::samples::{cell, completed, diverged, overfit, plan, point, trial, unfinished, validated};
use crate::record::board::{Board, Diverged, Status};
use crate::record::event::{Event, Outcome};
use proptest::prelude::*;
use serde_json::json;

fn mean(kind: Kind, mean: f64, half_width: Option<f64>) -> String {
    entry::text(&Entry::Mean(Estimate { mean, half_width, ends: None, kind }))
}

#[test]
fn digits_fit_the_interval() {
    use Kind::*;
    assert_eq!(mean(Accuracy, 0.75123, Some(0.0031)), "0.7512 ± 0.0031");
    assert_eq!(mean(Accuracy, 0.75123, Some(0.0312)), "0.751 ± 0.031");
    assert_eq!(mean(Accuracy, 0.75123, None), "0.7512");
    assert_eq!(mean(Accuracy, 1.0, Some(0.0)), "1.0000 ± 0.0000");
    assert_eq!(mean(AccuracyDifference, -0.01234, Some(0.001)), "−0.0123 ± 0.0010");
    assert_eq!(mean(AccuracyDifference, -0.00001, None), "0.0000");
    assert_eq!(mean(Quantity, 2.302_61, Some(0.000_1)), "2.303 ± 0.000");
    assert_eq!(mean(Quantity, 0.0123, Some(0.000_41)), "0.01230 ± 0.00041");
    assert_eq!(mean(Quantity, 0.000_012_3, Some(0.000_002)), "1.23e-5 ± 2.00e-6");
    assert_eq!(mean(Quantity, 0.995_21, None), "0.9952");
    assert_eq!(mean(Quantity, 1.5, Some(0.009_96)), "1.500 ± 0.010");
    assert_eq!(mean(Quantity, 24.512, None), "24.51");
    assert_eq!(mean(Quantity, 0.0, None), "0.000");
}

proptest! {
    /// To half of its last digit, whatever is measured.
    #[test]
    fn a_written_number_reads_back(digits in -9.99..9.99f64, power in -30..12i32, width in 0.0..2.0f64, of_images: bool) {
        let value = if of_images { digits / 10.0 } else { digits * 10f64.powi(power) };
        let kind = if of_images { Kind::AccuracyDifference } else { Kind::Quantity };
        let half_width = value.abs() * width;
        let text = entry::text(&Entry::Change(Estimate { mean: value, half_width: Some(half_width), ends: None, kind }));
        let (first, second) = text.split_once(" ± ").unwrap();
        for (text, value) in [(first, value), (second, half_width)] {
            let plain = text.replace('−', "-").replace('+', "");
            let (digits, power) = plain.split_once('e').unwrap_or((&plain, "0"));
            let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len()) as i32;
            let last_digit = 10f64.powi(power.parse::<i32>().unwrap() - decimals);
            let read = plain.parse::<f64>().unwrap();
            prop_assert!((read - value).abs() <= 0.5001 * last_digit, "{value} is written {text}");
        }
        prop_assert_eq!(first.starts_with('+'), value > 0.0);
    }
}

#[test]
fn what_stands_in_a_table_is_written_in_one_way() {
    let estimate = Estimate { mean: 23.4, half_width: Some(1.25), ends: None, kind: Kind::Quantity };
    let off_centre = Estimate { ends: Some((21.9, 24.4)), ..estimate };
    let steps = |reached, never| Entry::StepsToGoal { reached, never };
    let outcomes = |completed, diverged: usize, failed| Entry::Outcomes {
        planned: 10,
        completed,
        diverged: Diverged::new(&[7, 31, 12, 9][..diverged], 10),
        ended_higher: 0,
        failed,
    };
    let p = |ps: [Option<f64>; 3]| Entry::OfEach(ps.map(Entry::p).into());
    for (entry, text) in [
        (Entry::Nothing, "–"),
        (Entry::Param(json!([100, 100])), "2 × 100"),
        (Entry::Epoch(estimate), "23.4 ± 1.2"),
        (Entry::Epoch(off_centre), "23.4 [21.9, 24.4]"),
        (Entry::Bounded(Bound::AtLeast, Estimate { half_width: None, ..estimate }), "≥ +23.40"),
        (Entry::Share(0.0314), "3.1 %"),
        (p([None, Some(0.0), Some(1.0)]), "– / <0.001 / 1.000"),
        (p([Some(0.000_999), Some(0.001), Some(0.0314)]), "<0.001 / 0.001 / 0.031"),
        (steps(None, 10), "never"),
        (steps(Some(estimate), 0), "23.4 ± 1.2"),
        (steps(Some(estimate), 3), "23.4 ± 1.2, 3 never"),
        (outcomes(10, 0, 0), ""),
        (outcomes(3, 4, 1), "7 of 10 done, 4 of 10 diverged, at steps 7 to 31, 1 failed"),
    ] {
        assert_eq!(entry::text(&entry), text, "{entry:?}");
    }
    assert_eq!([1, 2].map(|number| count(number, "trial")), ["1 trial", "2 trials"]);
}

#[test]
fn verdicts_say_what_diverged() {
    let mut board = diverged();
    board.trials[..3].iter_mut().for_each(|trial| trial.status = Status::Finished(Outcome::Diverged { step: 7 }));
    let table = Table::new(&board);
    let texts: Vec<_> = table.rows.iter().map(|row| entry::text(&table.entry(row, TableColumn::Verdict))).collect();
    let each = [
        "baseline, 3 of 20 diverged, at step 7",
        "12 of 20 diverged, at step 7",
        "baseline: 3 of 20 diverged, at step 7",
    ];
    assert_eq!(texts, each);
    let claim = entry::text(&table.claims[0].entry(ClaimColumn::Verdict));
    assert_eq!(claim, "inconclusive: 15 of 20 diverged, at step 7", "in pairs");
}

#[test]
fn what_rows_lack_is_noted_below() {
    let noted = |board: &Board, text: &str| {
        let table = Table::new(board);
        table::notes(&table, &table.columns()).iter().any(|note| note.contains(text))
    };
    let mut board = diverged();
    assert!(noted(&board, "12 trials diverged: ") && noted(&board, "get no verdict: the trials"));
    board.plan.design = Design::OneAtATime;
    assert!(noted(&board, "brings most test accuracy comes first. Rows with diverged trials come last."));
    let mut board = overfit();
    assert!(!noted(&board, "descriptive only"));
    let mut plan = board.plan.clone();
    plan.trials.retain(|trial| trial.seed < 4);
    board.apply(&Event::StudyStarted(plan));
    assert!(noted(&board, "descriptive only"));
    assert!(
        noted(&unfinished(), "Unfinished: 6 of 20 trials so far.") && noted(&unfinished(), "1 trial failed by a fault")
    );
}

#[test]
fn a_choice_by_validation_says_what_ties_and_what_is_never_chosen() {
    let choice = |board: &Board| selection::sentence(&Table::new(board)).unwrap();
    let tied = choice(&validated());
    assert!(tied.starts_with("Chosen on validation, not on test: batch_norm = false (validation 0.8"), "{tied}");
    assert!(tied.contains("; tied with it, since ") && tied.contains(" includes 0: full recipe (test 0."), "{tied}");
    assert!(tied.ends_with(").") && !tied.contains("dropout"), "{tied}");
    let mut one_seed = validated();
    let mut plan = one_seed.plan.clone();
    plan.trials.retain(|trial| trial.seed == 0);
    one_seed.apply(&Event::StudyStarted(plan));
    let unknown = choice(&one_seed);
    assert!(unknown.contains("full recipe (validation 0.8000") && unknown.contains("cannot be told"), "{unknown}");
    let mut board = diverged();
    let alone = choice(&board);
    assert!(alone.contains("not on test: dropout = 0.1 (") && alone.contains("; no other ties with it."), "{alone}");
    assert!(
        alone.ends_with("Never chosen, since trials diverged: dropout = 0.5 (12 of 20 diverged, at step 7)."),
        "{alone}"
    );
    for trial in [0, 40] {
        board.trials[trial].status = Status::Finished(Outcome::Diverged { step: 7 });
    }
    assert!(choice(&board).starts_with("Nothing is chosen. Never chosen, since"));
    assert_eq!(selection::sentence(&Table::new(&overfit())), None);
}

#[test]
fn a_result_names_the_study_it_is_of_and_no_other() {
    let command = |typed: &str| {
        let mut board = overfit();
        board.plan.provenance.command = typed.into();
        table::command(&Table::new(&board))
    };
    assert_eq!(command("ablate run a/init.toml a/overfit.toml --plain"), "ablate run a/overfit.toml --plain");
    // A study with a name of its own cannot be told from the others.
    assert_eq!(command("ablate run a.toml b.toml"), "ablate run a.toml b.toml");
}

/// One seed on a grid of so many values of dropout by as many of weight decay.
fn square(values: u32) -> Board {
    let params = |place: u32| {
        let (row, column) = (place / values, place % values);
        json!({ "dropout": f64::from(row) / 10.0, "weight_decay": f64::from(column) / 10.0 })
    };
    let cells = (0..values * values).map(|place| cell(None, params(place))).collect();
    let mut board = Board::new(plan("square", &["dropout", "weight_decay"], cells, 1));
    for place in 0..values * values {
        let test = 5000 + place / values * (place % values) * 100;
        trial(&mut board, u64::from(place) + 1, point(300, test), completed(1));
    }
    board
}

fn texts(row: &[Entry]) -> Vec<String> {
    row.iter().map(entry::text).collect()
}

#[test]
fn a_large_grid_shows_its_largest_interactions_and_says_so() {
    let board = square(6);
    let section = sections::which_factor_matters(&board, &Table::new(&board)).unwrap();
    // 5 + 5 main effects and 12 of 5 × 5 interactions, of which .1 × .5 × .5 steps is the largest.
    let rows = &section.sheets[1].rows;
    assert_eq!(rows.len(), 22);
    let largest = texts(&rows[10]);
    assert_eq!(largest[..4], ["dropout × weight_decay", "0.5, 0.5", "0.0000", "+0.2500"]);
    assert_eq!(largest[6], "– / – / – / –", "one seed has no p");
    assert!(section.notes.iter().any(|note| note.contains("has 13 more")), "{:?}", section.notes);
}

#[test]
fn a_single_axis_has_its_baseline_alone() {
    let mut board = square(1);
    assert_eq!(sections::all(&board, &Table::new(&board)), []);
    let cells = (0..2).map(|n| cell(None, json!({ "dropout": f64::from(n) / 10.0 }))).collect();
    board = Board::new(plan("line", &["dropout"], cells, 1));
    board.plan.baseline = Some(0);
    for id in [1, 2] {
        trial(&mut board, id, point(300, 7000), completed(id));
    }
    let titles: Vec<_> = sections::all(&board, &Table::new(&board)).iter().map(|section| section.title).collect();
    assert_eq!(titles, ["Against the baseline"]);
}

#[test]
fn every_comparison_tells_its_pairs() {
    let section = sections::against_baseline(&Table::new(&overfit())).unwrap();
    let row = texts(&section.sheets[0].rows[1]);
    // Of 5 seeds train accuracy fell in all and test accuracy rose in all; five that agree are 2 of 32 flips.
    assert_eq!([&*row[2], &*row[8], &*row[9]], ["5", "0.062 / 0.062 / 0.062 / 0.062", "0 / 5 / 0 / 0"]);
}

#[test]
fn a_mean_without_its_interval_stays_short() {
    let table = Table::new(&overfit());
    let row = &table.rows[1];
    let brief = |metric| entry::brief(&table.entry(row, TableColumn::Metric(metric)));
    assert_eq!([Metric::TEST_ACCURACY, Metric::GAP, Metric::TEST_LOSS].map(brief), ["0.713", "+0.188", "1.147"]);
}
