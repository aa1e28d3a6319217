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

fn column(table: &Table, column: TableColumn) -> Vec<Entry> {
    table.rows.iter().map(|row| table.entry(row, column)).collect()
}

/// The outcomes of a cell in which no trial failed.
fn outcomes(planned: usize, completed: usize, diverged: Option<Diverged>) -> Entry {
    Entry::Outcomes { planned, completed, diverged, ended_higher: 0, failed: 0 }
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
    assert_eq!((gap.n, gap.p_signs, gap.improved), (5, Some(0.0625), 0.0));
    // mpmath 1.3: betainc(2, 1/2, 0, 4/(4 + t²)), t from the interval above.
    near(gap.p.unwrap(), 0.000_257_055_555_517);
    // The diverged trial is counted, and left out of means and pairs.
    let last = &table.rows[3];
    assert_eq!((last.planned, last.completed, last.diverged, last.failed), (5, 4, 1, 0));
    assert_eq!(last.change(Metric::TEST_ACCURACY).unwrap().n, 4);
    near(last.summary(Metric::TEST_ACCURACY).unwrap().mean, (3.0 * 1135.0 + 980.0) / 40_000.0);
}

#[test]
fn verdicts_tell_what_happened() {
    let table = Table::new(&overfit());
    assert_eq!(
        verdicts(&table),
        words(&["–", "worse on both, gap down", "better, gap down", "1 of 5 diverged, at step 7"])
    );
}

#[test]
fn few_pairs_get_no_verdict() {
    let mut board = overfit();
    let mut plan = board.plan.clone();
    plan.trials.retain(|trial| trial.seed < 4);
    board.apply(&Event::StudyStarted(plan));
    let table = Table::new(&board);
    assert_eq!(verdicts(&table), words(&["–"; 4]));
    assert_eq!(column(&table, TableColumn::Verdict)[1..], [Entry::Nothing, Entry::Nothing, Entry::Nothing]);
}

#[test]
fn a_cell_in_which_trials_diverged_gets_no_verdict() {
    let mut board = diverged();
    let table = Table::new(&board);
    let ahead = table.rows[1].change(Metric::TEST_ACCURACY).unwrap();
    assert!(ahead.n == 8 && ahead.ci95.unwrap().0 > 0.09, "the eight pairs that are left would call it better");
    assert_eq!(verdicts(&table), words(&["–", "12 of 20 diverged, at step 7", "better on both, gap up"]));
    // A baseline in which trials diverged is no reference.
    for trial in &mut board.trials[..3] {
        trial.status = Status::Finished(Outcome::Diverged { step: 7 });
    }
    let table = Table::new(&board);
    assert_eq!(
        verdicts(&table),
        words(&["–", "12 of 20 diverged, at step 7", "baseline: 3 of 20 diverged, at step 7"])
    );
    let baseline = Entry::Baseline(Diverged::new(&[7; 3], 20));
    assert_eq!(table.entry(&table.rows[0], TableColumn::Verdict), baseline);
    // If all trials of a cell diverged there are no pairs, and the verdict says so as well.
    board.trials[20..40].iter_mut().for_each(|trial| trial.status = Status::Finished(Outcome::Diverged { step: 7 }));
    assert_eq!(verdicts(&Table::new(&board))[1].as_deref(), Some("20 of 20 diverged, at step 7"));
}

#[test]
fn a_cell_in_which_trials_diverged_comes_last() {
    let mut board = diverged();
    board.plan.design = Design::OneAtATime;
    let table = Table::new(&board);
    assert!(table.rows.iter().map(|row| row.cell).eq([0, 2, 1]), "the second cell has the highest mean");
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
    assert_eq!((gap.mean, gap.p), (0.0, None));
    assert_eq!(verdicts(&table), words(&["–", "no detectable effect"]), "the same change in all seeds is not tested");
}

#[test]
fn an_unfinished_study_compares_nothing() {
    let table = Table::new(&unfinished());
    assert!(!table.complete());
    assert_eq!(verdicts(&table), words(&["–"; 4]));
    let first = Entry::Outcomes { planned: 5, completed: 4, diverged: None, ended_higher: 0, failed: 1 };
    let others = [outcomes(5, 2, None), outcomes(5, 0, None), outcomes(5, 0, None)];
    assert_eq!(column(&table, TableColumn::Outcomes), [vec![first], others.into()].concat());
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
    assert_eq!(column(&table, TableColumn::Outcomes), [outcomes(2, 0, Diverged::new(&[3; 2], 2))]);
    assert_eq!(column(&table, TableColumn::Metric(Metric::TRAIN_LOSS)), [Entry::Nothing]);
}

#[test]
fn rows_without_a_value_are_sorted_last_and_ties_keep_their_order() {
    let order = |table: &Table| table.rows.iter().map(|row| row.cell).collect::<Vec<_>>();
    let mut table = Table::new(&overfit());
    table.sort(TableColumn::Metric(Metric::TEST_ACCURACY), true);
    assert_eq!(order(&table), [2, 0, 1, 3]);
    table.sort(TableColumn::Axis(1), true);
    assert_eq!(order(&table), [1, 3, 0, 2]);
    let mut table = Table::new(&unfinished());
    for descending in [false, true] {
        table.sort(TableColumn::Metric(Metric::GAP), descending);
        assert_eq!(order(&table)[2..], [2, 3]);
    }
}
