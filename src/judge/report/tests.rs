use super::*;
use crate::plan::{Plan, TrialId};
use crate::record::board::Status;
use crate::record::board::samples::{cell, completed, diverged, overfit, plan, point, trial, unfinished};
use crate::record::event::{Event, Outcome};
use serde_json::json;

fn verdicts(table: &Table) -> Vec<Option<String>> {
    table.rows.iter().map(|row| Some(row.verdict?.to_string())).collect()
}

fn words(words: &[&str]) -> Vec<Option<String>> {
    words.iter().map(|word| (*word != "–").then(|| word.to_string())).collect()
}

fn column(table: &Table, column: Column) -> Vec<String> {
    table.rows.iter().map(|row| table.text(row, column)).collect()
}

#[test]
fn rows_hold_means_intervals_and_paired_differences() {
    let table = Table::new(&overfit());
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} is not {b}");
    // numpy 2 and scipy 1.17.1: mean, t.interval(0.95, n - 1, mean, sem), of OVERFIT / 10000 (test) and / 300 (train).
    let test = table.rows[1].summary(Metric::TEST_ACCURACY).unwrap();
    near(test.mean, 0.71336);
    let (low, high) = test.ci95.unwrap();
    near(low, 0.705977265922218);
    near(high, 0.720742734077782);
    let gap = table.rows[2].change(Metric::GAP).unwrap();
    near(gap.mean, -0.05576000000000003);
    near(gap.ci95.unwrap().0, -0.06842376893256973);
    near(gap.ci95.unwrap().1, -0.04309623106743033);
    assert_eq!((gap.n, gap.p_sign_flip, gap.improved), (5, Some(0.0625), 0.0));
    // mpmath 1.3: betainc(2, 1/2, 0, 4/(4 + t²)), t from the interval above.
    near(gap.p.unwrap(), 0.000_257_055_555_517);
    // The diverged trial is counted, and left out of means and pairs.
    let last = &table.rows[3];
    assert_eq!((last.planned, last.completed, last.diverged, last.failed), (5, 4, 1, 0));
    assert_eq!(last.change(Metric::TEST_ACCURACY).unwrap().n, 4);
    near(last.summary(Metric::TEST_ACCURACY).unwrap().mean, (3.0 * 1135.0 + 980.0) / 40_000.0);
}

#[test]
fn a_closed_gap_is_told_from_a_learned_one() {
    let table = Table::new(&overfit());
    assert_eq!(verdicts(&table), words(&["–", "underfit", "regularised", "1 of 5 diverged"]));
}

#[test]
fn few_pairs_get_no_verdict() {
    let mut board = overfit();
    let mut plan = board.plan.clone();
    plan.trials.retain(|trial| trial.seed < 4);
    board.apply(&Event::StudyStarted(plan));
    let table = Table::new(&board);
    assert_eq!(verdicts(&table), words(&["–"; 4]));
    assert!(table.notes(&table.columns()).iter().any(|note| note.contains("descriptive only")));
}

#[test]
fn what_only_some_seeds_came_to_gets_no_verdict() {
    let mut board = diverged();
    let table = Table::new(&board);
    let ahead = table.rows[1].change(Metric::TEST_ACCURACY).unwrap();
    assert!(ahead.n == 8 && ahead.ci95.unwrap().0 > 0.09, "the eight that are left would say so");
    assert_eq!(verdicts(&table), words(&["–", "12 of 20 diverged", "learned more"]));
    // A baseline of which some is lost is none to be better than, or worse.
    for trial in &mut board.trials[..3] {
        trial.status = Status::Finished(Outcome::Diverged { step: 7 });
    }
    let table = Table::new(&board);
    assert_eq!(verdicts(&table), words(&["–", "12 of 20 diverged", "baseline: 3 of 20 diverged"]));
    assert_eq!(table.text(&table.rows[0], Column::Verdict), "baseline, 3 of 20 diverged");
    assert!(table.notes(&table.columns()).iter().any(|note| note.contains("get no verdict: the trials")));
    // Where none is left there is nothing to compare, and the same to say.
    board.trials[20..40].iter_mut().for_each(|trial| trial.status = Status::Finished(Outcome::Diverged { step: 7 }));
    assert_eq!(verdicts(&Table::new(&board))[1].as_deref(), Some("20 of 20 diverged"));
}

#[test]
fn what_only_some_seeds_came_to_has_no_rank() {
    let mut board = diverged();
    board.plan.design = Design::OneAtATime;
    let table = Table::new(&board);
    assert!(table.rows.iter().map(|row| row.cell).eq([0, 2, 1]), "the second would bring most");
    assert!(table.notes(&table.columns()).iter().any(|note| note.ends_with("Rows with diverged trials come last.")));
}

#[test]
fn equal_changes_of_train_and_test_do_not_change_the_gap() {
    // 3/300 and 100/10,000 are the same share, but not the same sum of binary fractions.
    let cells = vec![cell(None, json!({ "dropout": 0.0 })), cell(None, json!({ "dropout": 0.1 }))];
    let mut board = Board::new(Plan { baseline: Some(0), ..plan("equal", &["dropout"], cells, 5) });
    for id in 1..=5 {
        trial(&mut board, id, point(280, 7000), completed(id));
        trial(&mut board, id + 5, point(283, 7100), completed(id + 5));
    }
    let table = Table::new(&board);
    let gap = table.rows[1].change(Metric::GAP).unwrap();
    assert_eq!((gap.mean, gap.p), (0.0, Some(1.0)));
    assert_eq!(verdicts(&table), words(&["–", "improved"]));
}

#[test]
fn an_unfinished_study_compares_nothing() {
    let table = Table::new(&unfinished());
    assert!(!table.complete());
    assert_eq!(verdicts(&table), words(&["–"; 4]));
    assert_eq!(column(&table, Column::Outcomes), ["1 failed", "2/5 done", "0/5 done", "0/5 done"]);
    assert_eq!(table.rows[2].summary(Metric::GAP), None);
}

#[test]
fn a_cell_whose_trials_all_diverged_stays_in_the_table() {
    let mut board = Board::new(plan("wild", &[], vec![cell(Some("wild"), json!({ "learning_rate": 100.0 }))], 2));
    for trial in [TrialId(1), TrialId(2)] {
        board.apply(&Event::TrialFinished {
            trial,
            outcome: Outcome::Diverged { step: 3 },
            seconds: 0.1,
            counts: None,
        });
    }
    let table = Table::new(&board);
    assert!(table.complete());
    assert_eq!(column(&table, Column::Outcomes), ["2/2 diverged"]);
    assert_eq!(column(&table, Column::Metric(Metric::TRAIN_LOSS)), ["–"]);
}

#[test]
fn rows_without_a_value_are_sorted_last_and_ties_keep_their_order() {
    let order = |table: &Table| table.rows.iter().map(|row| row.cell).collect::<Vec<_>>();
    let mut table = Table::new(&overfit());
    table.sort(Column::Metric(Metric::TEST_ACCURACY), true);
    assert_eq!(order(&table), [2, 0, 1, 3]);
    table.sort(Column::Axis(1), true);
    assert_eq!(order(&table), [1, 3, 0, 2]);
    let mut table = Table::new(&unfinished());
    for descending in [false, true] {
        table.sort(Column::Metric(Metric::GAP), descending);
        assert_eq!(order(&table)[2..], [2, 3]);
    }
}

#[test]
fn digits_fit_the_interval() {
    let text = |metric, mean, half| text::mean(metric, &Summary { n: 5, mean, sd: None, ci95: half });
    let around = |mean: f64, half: f64| Some((mean - half, mean + half));
    assert_eq!(text(Metric::TEST_ACCURACY, 0.75123, around(0.75123, 0.0031)), "0.7512 ± 0.0031");
    assert_eq!(text(Metric::TEST_ACCURACY, 0.75123, around(0.75123, 0.0312)), "0.751 ± 0.031");
    assert_eq!(text(Metric::TEST_ACCURACY, 0.75123, None), "0.7512");
    assert_eq!(text(Metric::TRAIN_ACCURACY, 1.0, around(1.0, 0.0)), "1.0000 ± 0.0000");
    assert_eq!(text(Metric::GAP, -0.01234, around(-0.01234, 0.001)), "−0.0123 ± 0.0010");
    assert_eq!(text(Metric::GAP, -0.00001, None), "0.0000");
    assert_eq!(text(Metric::TEST_LOSS, 2.302_61, around(2.302_61, 0.000_1)), "2.303 ± 0.000");
    assert_eq!(text(Metric::TRAIN_LOSS, 0.0123, around(0.0123, 0.000_41)), "0.01230 ± 0.00041");
    assert_eq!(text(Metric::TRAIN_LOSS, 0.000_012_3, around(0.000_012_3, 0.000_002)), "1.23e-5 ± 2.00e-6");
    assert_eq!(text(Metric::TEST_LOSS, 0.995_21, None), "0.9952");
    assert_eq!(text(Metric::TEST_LOSS, 1.5, around(1.5, 0.009_96)), "1.500 ± 0.010");
    assert_eq!(text(Metric::WEIGHT_NORM, 24.512, None), "24.51");
    assert_eq!(text(Metric::TEST_LOSS, 0.0, None), "0.000");
}

#[test]
fn a_result_names_the_study_it_is_of_and_no_other() {
    let command = |typed: &str| {
        let mut board = overfit();
        board.plan.provenance.command = typed.into();
        Table::new(&board).command()
    };
    assert_eq!(command("ablate run a/init.toml a/overfit.toml --plain"), "ablate run a/overfit.toml --plain");
    // A study with a name of its own cannot be told from the others.
    assert_eq!(command("ablate run a.toml b.toml"), "ablate run a.toml b.toml");
}
