//! Boards written by hand, for tests.

use crate::plan::config::Config;
use crate::plan::metric::Metric;
use crate::plan::{At, Cell, Claim, Design, Expect, Measure, Plan, Provenance, Side, Trial, TrialId, Versus};
use crate::record::board::Board;
use crate::record::event::{Curve, Event, Measured, Outcome, Place, Point, Trajectory};
use serde_json::{Value, json};

/// A network that overfits a few images: what it changes in the defaults.
fn base() -> Value {
    json!({ "train_samples": 300, "subset": "drawn", "hidden": [100, 100, 100, 100, 100, 100], "epochs": 201 })
}

pub fn cell(arm: Option<&str>, params: Value) -> Cell {
    let mut config = base();
    for (key, value) in params.as_object().unwrap() {
        config[key] = value.clone();
    }
    let config: Config = serde_json::from_value(config).unwrap();
    Cell { arm: arm.map(String::from), params: params.as_object().unwrap().clone(), config }
}

pub fn plan(study: &str, axes: &[&str], cells: Vec<Cell>, seeds: u64) -> Plan {
    let pairs = (0..cells.len()).flat_map(|cell| (0..seeds).map(move |seed| (cell, seed)));
    let trials = pairs.zip(1..).map(|((cell, seed), id)| Trial::new(TrialId(id), cell, seed)).collect();
    Plan {
        study: study.into(),
        question: None,
        axes: axes.iter().map(|axis| axis.to_string()).collect(),
        metrics: Vec::new(),
        design: Design::Factorial,
        baseline: None,
        cells,
        claims: Vec::new(),
        stopping: None,
        history: None,
        seeds: (0..seeds).collect(),
        trials,
        provenance: Provenance {
            ablate: "0.1.0".into(),
            study_sha256: "0123456789abcdef".repeat(4),
            data_sha256: "fedcba9876543210".repeat(4),
            command: format!("ablate run {study}.toml"),
            ..Provenance::default()
        },
    }
}

/// The last evaluation, after 603 updates: 201 epochs of 300 images in batches of 100. `train_correct` and `test_correct` are
/// how many of 300 and of 10,000 images are classified correctly.
pub fn point(train_correct: u32, test_correct: u32) -> Point {
    let train_loss = 0.001 + (300 - train_correct) as f32 / 100.0;
    let test_loss = (10_000 - test_correct) as f32 / 2_500.0;
    Point { step: 603, measured: Measured::of_network((train_loss, train_correct), (test_loss, test_correct), 24.5) }
}

/// Applies all events of a trial: its start, an evaluation of the untrained network, the last one, and the outcome.
pub fn trial(board: &mut Board, id: u64, last: Point, outcome: Outcome) {
    let trial = TrialId(id);
    let mut curve = Curve::default();
    curve.push(Point { step: 0, measured: Measured::of_network((2.4, 30), (2.4, 974), 25.0) });
    curve.push(last);
    board.apply(&Event::TrialStarted { trial });
    board.apply(&Event::Evaluated { trial, curve });
    board.apply(&Event::TrialFinished { trial, outcome, seconds: 1.5, counts: None });
}

pub fn completed(id: u64) -> Outcome {
    Outcome::Completed { weights_digest: format!("{id:016x}") }
}

/// The plan of [`overfit`], with nothing trained yet.
pub fn overfit_plan() -> Plan {
    let grid = [(0.0, 0.0), (0.0, 0.1), (0.2, 0.0), (0.2, 0.1)];
    let cells = grid.map(|(dropout, decay)| cell(None, json!({ "dropout": dropout, "weight_decay": decay })));
    let mut plan = plan("overfit", &["dropout", "weight_decay"], cells.into(), 5);
    plan.question = Some("Do weight decay and dropout close the gap?".into());
    plan.baseline = Some(0);
    plan
}

/// How many (train, test) images are classified correctly, `[cell][seed]`.
pub const OVERFIT: [[(u32, u32); 5]; 4] = [
    [(300, 7512), (300, 7604), (299, 7455), (300, 7580), (300, 7533)],
    [(270, 7105), (273, 7190), (268, 7071), (275, 7204), (266, 7098)],
    [(285, 7603), (288, 7711), (281, 7560), (286, 7668), (290, 7630)],
    [(30, 1135), (31, 1135), (30, 1135), (33, 980), (30, 1135)],
];

/// A finished 2×2 grid with a baseline and five seeds; the last trial diverged.
pub fn overfit() -> Board {
    let mut board = Board::new(overfit_plan());
    for (&(train, test), id) in OVERFIT.iter().flatten().zip(1..) {
        let outcome = if id == 20 { Outcome::Diverged { step: 7 } } else { completed(id) };
        trial(&mut board, id, point(train, test), outcome);
    }
    board.apply(&Event::StudyFinished);
    board
}

/// Three cells with twenty seeds: a baseline, a cell that is far better in the 8 seeds in which it did not diverge, and one
/// that is a little better in all. Validation and test accuracy agree. Two claims say that the latter two are better.
pub fn diverged() -> Board {
    let cells = [0.0, 0.5, 0.1].map(|dropout| cell(None, json!({ "dropout": dropout, "validation_samples": 100 })));
    let mut plan = Plan { baseline: Some(0), ..plan("wild", &["dropout"], cells.into(), 20) };
    plan.cells.iter_mut().for_each(|cell| drop(cell.params.shift_remove("validation_samples")));
    let side = |cell: usize| Side { cells: vec![cell], at: At::Last, metric: None };
    plan.claims = [1, 2]
        .map(|cell| Claim {
            says: format!("Cell {cell} is ahead"),
            note: None,
            measure: Measure::Metric(Metric::TEST_ACCURACY),
            spread_over: None,
            best_over: None,
            on_all: None,
            arm: side(cell),
            versus: Versus::Side(side(0)),
            expect: Expect::Higher,
            diverged_as: None,
        })
        .into();
    let mut board = Board::new(plan);
    let by_cell = [(150, 50, 7000), (190, 90, 8000), (160, 60, 7100)];
    for (cell, (train, validation, test)) in by_cell.into_iter().enumerate() {
        for seed in 0..20 {
            let (id, trial) = (cell as u64 * 20 + seed + 1, TrialId(cell as u64 * 20 + seed + 1));
            let mut curve = Curve::default();
            // Seeds differ, and not by the same in all cells.
            let (by_seed, by_both) = (seed as u32, (cell as u32 * seed as u32) % 3);
            curve.push(validated_point(201, train + by_both, validation + by_seed % 3, test + by_seed % 5 + by_both));
            let outcome = if cell == 1 && seed >= 8 { Outcome::Diverged { step: 7 } } else { completed(id) };
            board.apply(&Event::TrialStarted { trial });
            board.apply(&Event::Evaluated { trial, curve });
            board.apply(&Event::TrialFinished { trial, outcome, seconds: 1.5, counts: None });
        }
    }
    board
}

/// The finished grid of [`overfit`], with claims.
pub fn claims() -> Board {
    let claim = |says: &str, measure, arm: usize, versus, expect| Claim {
        says: says.into(),
        note: None,
        measure,
        spread_over: None,
        best_over: None,
        on_all: None,
        arm: Side { cells: vec![arm], at: At::Last, metric: None },
        versus,
        expect,
        diverged_as: None,
    };
    let baseline = || Versus::Side(Side { cells: vec![0], at: At::Last, metric: None });
    let gap = Measure::Metric(Metric::GAP);
    let steps = Measure::StepsTo { metric: Metric::TRAIN_ACCURACY, level: 0.9 };
    let mut decay = claim("Weight decay narrows the gap", gap, 1, baseline(), Expect::Lower);
    decay.note = Some("Thm 7.2 & | co".into());
    let mut board = overfit();
    board.plan.claims = vec![
        decay,
        claim("Dropout lowers test accuracy", Measure::Metric(Metric::TEST_ACCURACY), 2, baseline(), Expect::Lower),
        claim("Both together close the gap", gap, 3, Versus::Bound(0.0), Expect::Same { within: 0.02 }),
        claim("Weight decay does not slow learning down", steps, 1, baseline(), Expect::Same { within: 30.0 }),
        claim("Weight decay lowers the weights", Measure::Metric(Metric::WEIGHT_NORM), 1, baseline(), Expect::Lower),
    ];
    board
}

/// The same study, unfinished: seven trials have ended, one of them by a panic, and one is running.
pub fn unfinished() -> Board {
    let mut board = Board::new(overfit_plan());
    for (&(train, test), id) in OVERFIT.iter().flatten().zip(1..=7) {
        let outcome = if id == 3 { Outcome::Failed { message: "a bug".into() } } else { completed(id) };
        trial(&mut board, id, point(train, test), outcome);
    }
    board.apply(&Event::TrialStarted { trial: TrialId(8) });
    board
}

/// Arms only, one seed, and names that every format has to escape.
pub fn arms() -> Board {
    let cells = vec![
        cell(Some("plain"), json!({})),
        cell(Some("a|b_c & 50 % \\ $x^2$ {~}\n\"new\", line"), json!({ "batch_norm": true, "hidden": [100, 50] })),
        cell(Some("*adam* <b>`"), json!({ "optimizer": { "name": "adam", "beta_1": 0.5 } })),
    ];
    let mut plan = plan("names_to # escape", &[], cells, 1);
    plan.question = Some("What if\na name | has _such_ things?".into());
    plan.provenance.command = "ablate run 'a`b'\n".into();
    let mut board = Board::new(plan);
    for (id, test) in [(1, 7512), (2, 7700), (3, 8001)] {
        trial(&mut board, id, point(300, test), completed(id));
    }
    board
}

/// An evaluation after `epoch` epochs of two updates each, with 200 training images and 100 held out for validation.
fn validated_point(epoch: u32, train_correct: u32, validation_correct: u32, test_correct: u32) -> Point {
    let mut point = Point { step: 2 * epoch, ..point(train_correct, test_correct) };
    point.measured.set(Metric::VALIDATION_ACCURACY, validation_correct as f32 / 100.0);
    point.measured.set(Metric::VALIDATION_LOSS, 1.0 - validation_correct as f32 / 200.0);
    point
}

/// A leave-one-out study of a recipe of two parts, with three seeds: the validation accuracy is best before the last epoch.
pub fn validated() -> Board {
    let full = json!({ "validation_samples": 100, "batch_norm": true, "dropout": 0.2 });
    let with = |key: &str, value: Value| {
        let mut params = full.clone();
        params[key] = value;
        let mut cell = cell(None, params);
        cell.params.shift_remove("validation_samples");
        cell
    };
    let cells = vec![with("dropout", json!(0.2)), with("batch_norm", json!(false)), with("dropout", json!(0.0))];
    let plan =
        Plan { baseline: Some(0), design: Design::LeaveOneOut, ..plan("parts", &["batch_norm", "dropout"], cells, 3) };
    let mut board = Board::new(plan);
    // By cell and seed: images classified correctly, of 100 for validation at epochs 10, 20 and 201, and of 10,000 at the last
    // test.
    let trials = [
        [([70, 80, 75], 7600), ([71, 82, 82], 7700), ([60, 79, 70], 7500)],
        [([70, 79, 75], 7500), ([70, 82, 75], 7650), ([70, 81, 75], 7480)],
        [([50, 60, 55], 6600), ([50, 61, 55], 6700), ([50, 59, 55], 6500)],
    ];
    for ((validation, test), id) in trials.into_iter().flatten().zip(1..) {
        let trial = TrialId(id);
        let mut curve = Curve::default();
        for ((epoch, correct), train) in [10, 20, 201].into_iter().zip(validation).zip([150, 170, 200]) {
            curve.push(validated_point(epoch, train, correct, test - 201 + epoch));
        }
        board.apply(&Event::TrialStarted { trial });
        board.apply(&Event::Evaluated { trial, curve });
        board.apply(&Event::TrialFinished { trial, outcome: completed(id), seconds: 1.5, counts: None });
    }
    board
}

/// Two optimizers on a surface, two steps each with a learning rate of 0.1: one completes, the other diverges.
pub fn on_surface() -> Board {
    let cell = |optimizer: &str| {
        let params = json!({ "optimizer": optimizer });
        let config = json!({ "data": "surface", "optimizer": optimizer, "learning_rate": 0.1, "steps": 2 });
        let config = serde_json::from_value(config).unwrap();
        Cell { arm: None, params: params.as_object().unwrap().clone(), config }
    };
    let mut board = Board::new(plan("down", &["optimizer"], vec![cell("sgd"), cell("momentum")], 1));
    let place = |step, at: [f64; 2], velocity| Place { step, at, f: at[0] * at[0] / 20.0 + at[1] * at[1], velocity };
    let paths = [
        vec![
            place(0, [-7.0, 2.0], [0.0, 0.0]),
            place(1, [-7.0 + 0.1 * 0.7, 1.6], [0.1 * 0.7, -0.4]),
            place(2, [-6.0 - 0.1 - 0.2, 1.0 / 3.0], [1e-300, -0.4]),
        ],
        vec![place(0, [-7.0, 2.0], [0.0, 0.0]), place(1, [-6.0, -1e17], [1.0, -1e17])],
    ];
    let outcomes = [completed(1), Outcome::Diverged { step: 2 }];
    for ((places, outcome), id) in paths.into_iter().zip(outcomes).zip(1..) {
        let trial = TrialId(id);
        let (mut curve, mut trajectory) = (Curve::default(), Trajectory::default());
        for place in places {
            let mut measured = Measured::default();
            measured.set(Metric::HEIGHT, place.f as f32);
            curve.push(Point { step: place.step, measured });
            trajectory.push(place);
        }
        board.apply(&Event::TrialStarted { trial });
        board.apply(&Event::Moved { trial, trajectory });
        board.apply(&Event::Evaluated { trial, curve });
        board.apply(&Event::TrialFinished { trial, outcome, seconds: 0.001, counts: None });
    }
    board
}

/// A full grid of two axes that another program trained: four metrics of its own, one of which a trial did not measure at
/// its end, and one trial that diverged.
pub fn of_program() -> Board {
    let cell = |(beam, passes): (u32, u32)| {
        let config = serde_json::from_value(json!({ "data": "program", "steps": 2 })).unwrap();
        let params = json!({ "beam": beam, "passes": passes });
        Cell { arm: None, params: params.as_object().unwrap().clone(), config }
    };
    let cells = [(1, 1), (1, 2), (4, 1), (4, 2)].map(cell).into();
    let metrics = json!([
        { "name": "bleu", "title": "BLEU", "unit": "points", "better": "higher" },
        { "name": "perplexity", "better": "lower" },
        { "name": "length_ratio", "signed": true },
        { "name": "a.third", "title": "한국어 and a long title" },
    ]);
    let plan = Plan { baseline: Some(0), ..plan("translate", &["beam", "passes"], cells, 3) };
    let mut plan = serde_json::to_value(plan).unwrap();
    plan["metrics"] = metrics;
    let mut board = Board::new(serde_json::from_value(plan).unwrap());
    let trials: Vec<(u64, TrialId)> = board.plan.trials.iter().map(|trial| (trial.seed, trial.id)).collect();
    for (place, (seed, trial)) in trials.into_iter().enumerate() {
        let mut curve = Curve::default();
        for step in 0..3 {
            let mut measured = Measured::default();
            for (nth, &metric) in board.plan.metrics.iter().enumerate() {
                let value = (nth + 1) as f64 * (1.0 + f64::from(step)) + place as f64 / 3.0 + 0.1 * seed as f64;
                if (place, nth, step) != (5, 2, 2) {
                    measured.set_double(metric, value);
                }
            }
            curve.push(Point { step, measured });
        }
        let outcome = if place == 11 { Outcome::Diverged { step: 2 } } else { completed(trial.0) };
        board.apply(&Event::TrialStarted { trial });
        board.apply(&Event::Evaluated { trial, curve });
        board.apply(&Event::TrialFinished { trial, outcome, seconds: 1.5, counts: None });
    }
    board
}
