use super::*;
use crate::plan::{Stopping, Trial, TrialId};
use crate::record::board::Status;
use crate::record::board::samples::{
    OVERFIT, arms, cell, claims, completed, diverged, of_program, on_surface, overfit, plan, point, trial, unfinished,
};
use crate::record::event::{Event, Outcome};
use serde_json::{Value, json};

/// A study with the axis `dropout`, whose cells have these (train, test) images right, `[cell][seed]`, for seeds from `first` on.
fn result(cells: &[Value], correct: &[[(u32, u32); 5]], first: u64, change: impl FnOnce(&mut Plan)) -> Board {
    let cells: Vec<Cell> = cells.iter().map(|params| cell(None, params.clone())).collect();
    let mut plan = plan("dropout", &["dropout"], cells, 5);
    plan.seeds = (first..first + 5).collect();
    for trial in &mut plan.trials {
        let seed = trial.seed + first;
        *trial = Trial::new(trial_id(&plan.cells[trial.cell].config, seed), trial.cell, seed);
    }
    change(&mut plan);
    let trials = plan.trials.clone();
    let mut board = Board::new(plan);
    for one in trials {
        let (train, test) = correct[one.cell][(one.seed - first) as usize];
        trial(&mut board, one.id.0, point(train, test), completed(one.id.0));
    }
    board
}

fn diff(a: &Board, b: &Board) -> Diff {
    Diff::new([("a", a), ("b", b)]).unwrap()
}

fn change(matched: &Matched, metric: Metric) -> &MetricChange {
    matched.changes.iter().find(|change| change.metric == metric).unwrap()
}

fn near(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-9 * b.abs().max(1e-3), "{a} is not near {b}");
}

fn words(matched: &Matched) -> String {
    match matched.verdict {
        Some(Verdict::Row(verdict)) => verdict.to_string(),
        other => format!("{other:?}"),
    }
}

/// The base of [`cell`] at another learning rate.
fn faster(dropout: f64) -> Value {
    json!({ "dropout": dropout, "learning_rate": 0.3 })
}

#[test]
fn trials_that_are_the_same_are_compared_bit_by_bit() {
    let (a, mut b) = (overfit(), overfit());
    let same = diff(&a, &b);
    assert_eq!(same.cells.len(), 4);
    for matched in &same.cells {
        assert_eq!((matched.by, matched.verdict), (By::Configuration, Some(Verdict::Repeated)));
        let equal = Repeated { seeds: 5, differing: vec![], of_other_version: vec![] };
        assert_eq!((matched.repeated.as_ref(), &matched.changed[..]), (Some(&equal), &[][..]));
    }
    assert_eq!((same.family, same.broken().count()), (0, 0));
    // Another digest, and another number of images that are right.
    b.trials[1].status = Status::Finished(Outcome::Completed { weights_digest: "0".repeat(32) });
    b.trials[3].curve = Default::default();
    b.trials[3].curve.push(point(300, 7581));
    let broken = diff(&a, &b);
    let found: Vec<_> = broken.broken().map(|(_, repeated)| repeated.differing.clone()).collect();
    assert_eq!(found, [vec![1, 3]]);
    // Of another id, it is no broken promise, and judged like any other cell.
    b.plan.trials[1].id = TrialId(99);
    b.plan.trials[3].id = TrialId(98);
    let other = diff(&a, &b);
    let repeated = other.cells[0].repeated.as_ref().unwrap();
    assert_eq!((&repeated.differing[..], &repeated.of_other_version[..]), (&[][..], &[1, 3][..]));
    assert!(matches!(other.cells[0].verdict, Some(Verdict::Row(_))), "{:?}", other.cells[0].verdict);
}

#[test]
fn cells_with_shared_seeds_are_compared_seed_by_seed() {
    let a = result(&[json!({ "dropout": 0.0 })], &[OVERFIT[0]], 0, |_| {});
    let b = result(&[faster(0.0)], &[OVERFIT[2]], 0, |_| {});
    let diff = diff(&a, &b);
    let [matched] = &diff.cells[..] else { panic!("{:?}", diff.cells) };
    assert_eq!((matched.by, matched.is_paired, matched.n), (By::Axes, true, [5, 5]));
    assert_eq!(matched.changed, [Change { key: "learning_rate".into(), values: [json!(0.01), json!(0.3)] }]);
    assert!(!matched.is_of_other_data());
    // scipy 1.17.1: ttest_1samp(b - a, 0) of OVERFIT / 10000 (test), and / 300 (train) minus that (gap).
    let (test, gap) = (change(matched, Metric::TEST_ACCURACY), change(matched, Metric::GAP));
    near(test.difference.mean, 0.00976);
    near(test.difference.p.unwrap(), 1.2761203440831234e-5);
    near(gap.difference.p.unwrap(), 2.5705555551707625e-4);
    // Holm over the two by hand: the smaller p counts twice, the larger at least as much as that.
    assert_eq!((diff.family, diff.level), (2, FIXED_LEVEL));
    near(test.p_holm.unwrap(), 2.0 * 1.2761203440831234e-5);
    near(gap.p_holm.unwrap(), 2.5705555551707625e-4_f64.max(2.0 * 1.2761203440831234e-5));
    assert_eq!(words(matched), "better, gap down");
    // The other way round.
    assert_eq!(words(&super::Diff::new([("b", &b), ("a", &a)]).unwrap().cells[0]), "worse, gap up");
}

#[test]
fn cells_without_shared_seeds_are_compared_as_samples_only_if_their_number_was_fixed() {
    let of = |rows: &[Value], row: usize, first: u64, stopping: Option<Stopping>| {
        result(rows, &[OVERFIT[row]], first, |plan| plan.stopping = stopping)
    };
    let a = of(&[json!({ "dropout": 0.0 })], 0, 0, None);
    let fixed = diff(&a, &of(&[faster(0.0)], 2, 3, None));
    let [matched] = &fixed.cells[..] else { panic!("{:?}", fixed.cells) };
    // Two seeds are shared, which is too few for pairs.
    assert_eq!((matched.is_paired, matched.n, fixed.inference), (false, [5, 5], Inference::Fixed));
    // scipy 1.17.1: ttest_ind(b, a, equal_var=False) of the same numbers.
    let test = change(matched, Metric::TEST_ACCURACY).difference;
    near(test.p.unwrap(), 0.029502553097172177);
    near(test.ci95.unwrap().0, 0.001249571460675579);
    near(test.ci95.unwrap().1, 0.01827042853932418);
    assert_eq!(words(matched), "better, gap down");
    // Who may stop when a test agrees gets none that supposes otherwise.
    let stopping = Some(Stopping { until_decided: true, most_seeds: 40 });
    let open = diff(&a, &of(&[faster(0.0)], 2, 3, stopping));
    let test = change(&open.cells[0], Metric::TEST_ACCURACY).difference;
    assert_eq!((open.cells[0].verdict, open.inference), (Some(Verdict::OpenEnded), Inference::Anytime));
    assert_eq!((test.ci95, test.p, open.family), (None, None, 0));
    near(test.mean, 0.00976);
}

#[test]
fn seeds_whose_number_was_not_fixed_are_judged_in_the_order_in_which_they_were_planned() {
    let test = [7600, 7601, 7599, 7602, 7000];
    let a = result(&[json!({ "dropout": 0.0 })], &[[(300, 7500); 5]], 0, |_| {});
    let b = result(&[faster(0.0)], &[test.map(|test| (300, test))], 0, |plan| {
        plan.stopping = Some(Stopping { until_decided: true, most_seeds: 40 });
        plan.seeds = vec![4, 0, 1, 2, 3];
    });
    let p = |seeds: [usize; 5]| {
        let differences = seeds.map(|seed| (f64::from(test[seed]) - 7500.0) / 1e4);
        Difference::of(&differences, Inference::Anytime).unwrap().p.unwrap()
    };
    // Four values that agree are evidence that the fifth does not take back; if that one comes first, they are none.
    assert!(p([0, 1, 2, 3, 4]) < 0.2 && p([4, 0, 1, 2, 3]) > 0.5);
    for both in [[("a", &a), ("b", &b)], [("b", &b), ("a", &a)]] {
        let diff = Diff::new(both).unwrap();
        let found = change(&diff.cells[0], Metric::TEST_ACCURACY).difference;
        near(found.p.unwrap(), p([4, 0, 1, 2, 3]));
        assert_eq!((diff.inference, diff.level, found.n), (Inference::Anytime, FIXED_LEVEL, 5));
    }
}

#[test]
fn diverged_trials_leave_no_verdict_and_are_told() {
    let (a, mut b) = (diverged(), diverged());
    for cell in &mut b.plan.cells {
        cell.config.batch_norm = true;
    }
    let diff = diff(&a, &b);
    assert_eq!(diff.cells.iter().map(|cell| cell.by).collect::<Vec<_>>(), [By::Axes; 3]);
    let told = diff.cells[1].diverged.map(|diverged| diverged.unwrap().to_string());
    assert_eq!(told, ["12 of 20 diverged, at step 7"; 2].map(String::from));
    assert_eq!(diff.cells[1].verdict, Some(Verdict::Diverged));
    assert!(change(&diff.cells[1], Metric::TEST_ACCURACY).p_holm.is_none());
    // The others are equal in every seed, and all six comparisons count.
    assert_eq!((words(&diff.cells[0]).as_str(), diff.family), ("equal in all 20 seeds", 6));
    // The claims about them are the same in both.
    assert_eq!(diff.claims.len(), 2);
}

#[test]
fn few_pairs_are_described() {
    let with = |seeds: usize, params: Value| {
        result(&[params], &[OVERFIT[0]], 0, |plan| {
            plan.trials.truncate(seeds);
            plan.seeds.truncate(seeds);
        })
    };
    let diff = diff(&with(4, json!({ "dropout": 0.0 })), &with(5, faster(0.0)));
    assert_eq!((diff.cells[0].n, diff.cells[0].is_paired), ([4, 4], true));
    assert_eq!(diff.cells[0].verdict, Some(Verdict::Few));
}

#[test]
fn an_unfinished_plan_of_a_fixed_number_of_seeds_is_not_compared() {
    let diff = diff(&overfit(), &unfinished());
    assert!(!diff.is_judged && diff.cells.len() == 4 && diff.family == 0);
    assert!(diff.cells.iter().all(|cell| cell.changes.is_empty() && cell.verdict.is_none()));
    assert_eq!((diff.sides[1].with_result, diff.sides[1].trials), (6, 20));
}

#[test]
fn cells_find_their_partners_by_configuration_by_name_or_by_axes() {
    let pairs = |a: Plan, b: Plan| {
        let pairs = matching::pairs([&a, &b]);
        pairs.into_iter().map(|pair| (pair.cells[0], pair.cells[1], pair.by)).collect::<Vec<_>>()
    };
    let grid = |axes: &[&str], cells: &[Value]| {
        plan("study", axes, cells.iter().map(|params| cell(None, params.clone())).collect(), 5)
    };
    // Another order, and one more on either side.
    let a = grid(&["dropout"], &[json!({ "dropout": 0.0 }), json!({ "dropout": 0.2 }), json!({ "dropout": 0.5 })]);
    let b = grid(&["dropout"], &[json!({ "dropout": 0.2 }), json!({ "dropout": 0.0 }), json!({ "dropout": 0.7 })]);
    assert_eq!(pairs(a.clone(), b), [(0, 1, By::Configuration), (1, 0, By::Configuration)]);
    // Of another axis, each cell of A has one partner, by what its configuration says of that axis.
    let both = [(0.0, 0.0), (0.2, 0.0), (0.0, 0.1), (0.2, 0.1)];
    let cells = both.map(|(dropout, decay)| json!({ "dropout": dropout, "weight_decay": decay, "learning_rate": 0.3 }));
    assert_eq!(pairs(a.clone(), grid(&["dropout", "weight_decay"], &cells)), [(0, 0, By::Axes), (1, 1, By::Axes)]);
    // With two that are equally near there is no telling.
    let rates = [0.1, 0.3].map(|rate| json!({ "dropout": 0.0, "learning_rate": rate }));
    assert_eq!(pairs(a.clone(), grid(&["dropout", "learning_rate"], &rates)), []);
    // Nothing in common; and two studies of the base alone.
    assert_eq!(
        pairs(
            grid(&["dropout"], &[json!({ "dropout": 0.9 })]),
            grid(&["batch_norm"], &[json!({ "batch_norm": true })])
        ),
        []
    );
    assert_eq!(pairs(grid(&[], &[json!({})]), grid(&[], &[json!({ "epochs": 3 })])), [(0, 0, By::Axes)]);
    // Arms go by their names, if nothing is equal.
    let mut slower = arms().plan;
    slower.cells.iter_mut().for_each(|cell| cell.config.epochs = None);
    slower.cells.swap(0, 2);
    assert_eq!(pairs(arms().plan, slower), [(0, 2, By::Arm), (1, 1, By::Arm), (2, 0, By::Arm)]);
    // Another program's cells all have one configuration: their values tell them apart.
    assert_eq!(pairs(of_program().plan, of_program().plan).len(), 4);
}

#[test]
fn other_training_sets_are_named() {
    let a = result(&[json!({ "dropout": 0.0 })], &[OVERFIT[0]], 0, |_| {});
    let b = result(&[json!({ "dropout": 0.0, "train_samples": 2000 })], &[OVERFIT[1]], 0, |_| {});
    let diff = diff(&a, &b);
    let matched = &diff.cells[0];
    assert_eq!(matched.changed, [Change { key: "train_samples".into(), values: [json!(300), json!(2000)] }]);
    assert!(matched.is_of_other_data() && matched.verdict.is_some());
    assert!(!diff.has_other_samples);
    let mut b = b;
    b.plan.provenance.data_sha256 = "0".repeat(64);
    assert!(super::Diff::new([("a", &a), ("b", &b)]).unwrap().has_other_samples);
}

#[test]
fn metrics_of_other_programs_are_judged_one_by_one() {
    let program = |shift: f64, better: &str| {
        let mut plan = serde_json::to_value(of_program().plan).unwrap();
        plan["metrics"][1]["better"] = json!(better);
        let mut plan: Plan = serde_json::from_value(plan).unwrap();
        plan.cells.truncate(1);
        plan.seeds = (0..6).collect();
        plan.trials = (0..6).map(|seed| Trial::new(TrialId(seed + 1), 0, seed)).collect();
        let mut board = Board::new(plan);
        for trial in board.plan.trials.clone() {
            let mut curve = crate::record::event::Curve::default();
            let mut measured = crate::record::event::Measured::default();
            for (place, &metric) in board.plan.metrics.iter().enumerate() {
                // The third does not change, the others by nearly the same in every seed.
                let shift = if place == 2 { 0.0 } else { shift + shift * 0.01 * trial.seed as f64 };
                measured.set_double(metric, 10.0 + trial.seed as f64 + shift);
            }
            curve.push(Point { step: 2, measured });
            board.apply(&Event::TrialStarted { trial: trial.id });
            board.apply(&Event::Evaluated { trial: trial.id, curve });
            board.apply(&Event::TrialFinished { trial: trial.id, outcome: completed(1), seconds: 1.0, counts: None });
        }
        board
    };
    let (a, b) = (program(0.0, "lower"), program(1.0, "lower"));
    let diff = diff(&a, &b);
    let findings: Vec<_> = diff.cells[0].changes.iter().map(|change| change.finding.unwrap()).collect();
    let up = Finding::Changed(Direction::Up);
    assert_eq!((findings, diff.family), (vec![up, up, Finding::Equal, up], 4));
    assert_eq!(diff.cells[0].repeated, None, "another program may do as it likes with its digests");
    let cannot = |a: &Board, b: &Board| super::Diff::new([("a", a), ("b", b)]).unwrap_err().to_string();
    let opposite = cannot(&a, &program(1.0, "higher"));
    assert!(opposite.contains("which way perplexity is better"), "{opposite}");
    let problems = cannot(&overfit(), &on_surface());
    assert!(problems.contains("the first trains networks, the second descends surfaces"), "{problems}");
    let mut renamed = serde_json::to_value(a.plan).unwrap();
    for (place, name) in ["a", "b", "c", "d"].iter().enumerate() {
        renamed["metrics"][place]["name"] = json!(name);
    }
    let metrics = cannot(&of_program(), &Board::new(serde_json::from_value(renamed).unwrap()));
    assert!(metrics.contains("no metric in common: the first has bleu"), "{metrics}");
}

#[test]
fn claims_about_partners_stand_side_by_side() {
    let (a, mut b) = (claims(), claims());
    // Trained in another way, and one claim is asked no more.
    b.plan.cells.iter_mut().for_each(|cell| cell.config.batch_norm = true);
    b.plan.claims.remove(1);
    let diff = diff(&a, &b);
    let says: Vec<[&str; 2]> =
        diff.claims.iter().map(|both| both.each_ref().map(|judged| judged.claim.says.as_str())).collect();
    assert_eq!(says.len(), 4);
    assert!(says.iter().all(|[a, b]| a == b), "{says:?}");
}
