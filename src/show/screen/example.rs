//! Hand-written events of the shipped overfit study, for the tests of the screens.

use crate::plan::config::{Config, Whole};
use crate::plan::metric::Metric;
use crate::plan::{At, Cell, Claim, Design, Expect, Measure, Params, Plan, Provenance, Side, Trial, TrialId, Versus};
use crate::record::board::Board;
use crate::record::event::{
    Between, Curve, Event, Layers, Line, Measured, Measurement, Outcome, Path, Plane, Point, Slice, Spanned,
};
use serde_json::json;

/// Dropout × weight decay × ten seeds on 300 images, 201 epochs of 3 updates.
pub fn plan() -> Plan {
    let cell = |dropout: f64, weight_decay: f64| {
        let params: Params =
            [("dropout".into(), json!(dropout)), ("weight_decay".into(), json!(weight_decay))].into_iter().collect();
        let mut config = json!({"train_samples": 300, "subset": "drawn", "test_samples": 10_000, "hidden": [100, 100, 100, 100, 100, 100], "epochs": 201});
        for (key, value) in &params {
            config[key] = value.clone();
        }
        Cell { arm: None, params, config: serde_json::from_value(config).unwrap() }
    };
    let seeds: Vec<u64> = (0..10).collect();
    let trials = (0..40).map(|n| Trial::new(TrialId(n), n as usize / 10, seeds[n as usize % 10]));
    Plan {
        study: "overfit".into(),
        question: Some("Do weight decay and dropout close the gap between train and test accuracy?".into()),
        axes: vec!["dropout".into(), "weight_decay".into()],
        design: Design::Factorial,
        baseline: Some(0),
        cells: vec![cell(0.0, 0.0), cell(0.0, 0.1), cell(0.2, 0.0), cell(0.2, 0.1)],
        metrics: Vec::new(),
        claims: Vec::new(),
        stopping: None,
        history: None,
        trials: trials.collect(),
        seeds,
        provenance: Provenance {
            ablate: "0.1.0".into(),
            study_sha256: "5e".repeat(32),
            data_sha256: "da".repeat(32),
            command: "ablate run ablations/overfit.toml".into(),
            ..Provenance::default()
        },
    }
}

/// The same study with claims.
pub fn plan_with_claims() -> Plan {
    let claim = |says: &str, metric, arm: usize, expect| Claim {
        says: says.into(),
        note: None,
        measure: Measure::Metric(metric),
        spread_over: None,
        best_over: None,
        on_all: None,
        arm: Side { cells: vec![arm], at: At::Last, metric: None },
        versus: Versus::Side(Side { cells: vec![0], at: At::Last, metric: None }),
        expect,
        diverged_as: None,
    };
    let mut decay =
        claim("Weight decay narrows the gap between train and test accuracy", Metric::GAP, 1, Expect::Lower);
    decay.note = Some("Def 7.2".into());
    let claims = vec![
        decay,
        claim("Dropout raises test accuracy", Metric::TEST_ACCURACY, 2, Expect::Higher),
        claim("Weight decay leaves test accuracy as it is", Metric::TEST_ACCURACY, 1, Expect::Same { within: 0.0323 }),
    ];
    Plan { claims, ..plan() }
}

pub fn board(events: &[Event]) -> Board {
    let mut board = Board::new(plan());
    events.iter().for_each(|event| board.apply(event));
    board
}

pub fn started(trial: usize) -> Event {
    Event::TrialStarted { trial: TrialId(trial as u64) }
}

pub fn completed(trial: usize) -> Event {
    finished(trial, Outcome::Completed { weights_digest: format!("{:016x}", 0x9e37_79b9_7f4a_7c15_u64 ^ trial as u64) })
}

pub fn finished(trial: usize, outcome: Outcome) -> Event {
    Event::TrialFinished { trial: TrialId(trial as u64), outcome, seconds: 1.9 + 0.01 * trial as f64, counts: None }
}

/// Evaluations after epochs 0 to `last` in the manner of the real ones: train accuracy nears 1 without regularisation,
/// and test accuracy follows less far.
pub fn evaluated(trial: usize, last: u32) -> Event {
    let config: &Config = &plan().cells[trial / 10].config;
    let held_back = [0.0, 0.08, 0.3, 0.55][trial / 10];
    let curve = (0..=last).fold(Curve::default(), |mut curve, epoch| {
        let way = f64::from(epoch) / (f64::from(epoch) + 12.0 + 40.0 * held_back);
        let wiggle = f64::from((epoch * 37 + trial as u32 * 11) % 17) / 17.0 - 0.5;
        let train = (0.1 + (0.96 - held_back * 0.7) * way + 0.03 * wiggle * (1.0 - way)).min(1.0);
        let test = 0.1 + (0.69 - held_back * 0.4) * way + 0.02 * wiggle;
        let train_loss = (2.3 * (1.0 - way) + 0.05 * held_back) as f32;
        let test_loss = (2.3 - 1.4 * way + 0.6 * way * way * (1.0 - held_back)) as f32;
        let (train, test) = ((train_loss, (train * 300.0) as u32), (test_loss, (test * 10_000.0) as u32));
        let measured = Measured::of_network(train, test, (31.0 - 9.0 * held_back * way) as f32);
        curve.push(Point { step: epoch * config.steps_per_epoch() as u32, measured });
        curve
    });
    Event::Evaluated { trial: TrialId(trial as u64), curve }
}

/// A third through: one diverged, one failed, two run, the rest waits.
pub fn running() -> Vec<Event> {
    let mut events = Vec::new();
    for trial in 0..13 {
        events.extend([started(trial), evaluated(trial, if trial == 5 { 17 } else { 201 })]);
        events.push(match trial {
            5 => finished(trial, Outcome::Diverged { step: 53 }),
            9 => finished(
                trial,
                Outcome::Failed { message: "index out of bounds: the len is 3 but the index is 3".into() },
            ),
            _ => completed(trial),
        });
    }
    events.extend([started(13), evaluated(13, 122), started(14), evaluated(14, 57)]);
    events
}

pub fn done() -> Vec<Event> {
    let trial = |trial| [started(trial), evaluated(trial, 201), completed(trial)];
    (0..40).flat_map(trial).chain([Event::StudyFinished]).collect()
}

/// The running study, of whose trial 13 six layers were looked at, four times: untrained each layer reaches half as far as
/// the one before, and the more it is trained the farther it reaches.
pub fn probed() -> Vec<Event> {
    let layers = |step: u32| {
        let reach = |layer: usize| (30 >> layer) + step as usize / 61;
        let bins =
            |layer| std::array::from_fn(|bin| if bin == 0 { 60_000 } else { hill(bin, reach(layer).clamp(2, 30)) });
        let column = |of: &dyn Fn(usize) -> f32| (0..6).map(of).collect::<Vec<f32>>();
        Layers {
            step,
            low: vec![0.0; 6],
            high: vec![4.0; 6],
            bins: (0..6).map(bins).collect(),
            mean: column(&|layer| reach(layer) as f32 / 30.0),
            sd: column(&|layer| reach(layer) as f32 / 25.0),
            saturated: column(&|layer| 0.45 + 0.02 * layer as f32),
            dead: column(&|layer| if layer == 5 { 0.03 } else { 0.0 }),
            weight_norm: (0..7).map(|layer| (14 + layer) as f32 + step as f32 / 100.0).collect(),
        }
    };
    let seen = [0, 123, 246, 366].map(|step| Event::LayersProbed { trial: TrialId(13), layers: layers(step) });
    running().into_iter().chain(seen).collect()
}

/// Falls in a line from the second bin to where it ends.
fn hill(bin: usize, reach: usize) -> u32 {
    (80_000 * reach.saturating_sub(bin) / (reach * reach)) as u32
}

/// The same study with 60 images held out, whose validation accuracy is highest half-way.
pub fn validated() -> Board {
    let mut plan = plan();
    for cell in &mut plan.cells {
        cell.config.validation_samples = Whole::try_from(60.0).unwrap();
    }
    let mut board = Board::new(plan);
    for mut event in done() {
        if let Event::Evaluated { trial, curve } = &mut event {
            let highest = 45 - trial.0 as i64 / 10 * 3 + trial.0 as i64 % 3;
            let away = |epoch: i64| (epoch - 100 - trial.0 as i64 % 5).abs() / 8;
            let mut validated = Curve::default();
            for epoch in 0..curve.len() {
                let mut point = Point { step: 2 * epoch as u32, ..curve.point(epoch) };
                let share = (highest - away(epoch as i64)) as f32 / 60.0;
                point.measured.set(Metric::VALIDATION_ACCURACY, share);
                point.measured.set(Metric::VALIDATION_LOSS, 2.0 - share);
                let Some(Measurement::Count(correct)) = point.measured.get(Metric::TRAIN_ACCURACY) else {
                    unreachable!()
                };
                validated.push(point);
                validated.set(epoch, Metric::TRAIN_ACCURACY, Measurement::Count(correct * 4 / 5));
            }
            *curve = validated;
        }
        board.apply(&event);
    }
    board
}

/// The done study, whose first cell was looked at around its networks: a hill between twins, a bowl that leaves the range
/// of numbers in one corner, and a bent way down.
pub fn sliced() -> Vec<Event> {
    let mut events = done();
    for trial in 0..10 {
        let end = events.iter().position(|event| *event == completed(trial)).unwrap_or(0);
        let slices = slices(trial as f32).map(|slice| Event::Sliced { trial: TrialId(trial as u64), slice });
        events.splice(end..end, slices);
    }
    events
}

fn slices(seed: f32) -> [Slice; 4] {
    let t: Vec<f32> = (-8..=40).map(|place| place as f32 / 32.0).collect();
    let line = |between, loss: &dyn Fn(f32) -> f32| {
        let losses = |added: f32| t.iter().map(|&t| Some(loss(t) + added)).collect();
        let count = vec![200; t.len()];
        let (train_correct, test_correct) = (count.clone(), count);
        Slice::Line(Line {
            between,
            t: t.clone(),
            train_loss: losses(0.0),
            train_correct,
            test_loss: losses(0.6),
            test_correct,
        })
    };
    // Exact products alone, as the pictures are compared to the last digit.
    let hill = |t: f32| (t * (1.0 - t)).powi(2) * (20.0 + seed) + 0.02;
    let descent = |t: f32| 2.3 * (1.0 - t).powi(2) + 0.02;
    let plane = |spanned_by, ends: [f32; 4], path: Option<Path>| {
        let places = |low: f32, high: f32| (0..25).map(|n| low + (high - low) * n as f32 / 24.0).collect::<Vec<f32>>();
        let (x, y) = (places(ends[0], ends[1]), places(ends[2], ends[3]));
        let size = ends[1] * ends[1];
        let loss = |x: f32, y: f32| 0.015 + 6.0 * (x * x + 3.0 * (y - 0.3 * x).powi(2)) / size;
        let places = y.iter().flat_map(|&y| x.iter().map(move |&x| (x, y)));
        let corner = |x: f32, y: f32| path.is_none() && x + y > 1.8;
        let train_loss = places.map(|(x, y)| (!corner(x, y)).then(|| loss(x, y))).collect();
        Slice::Plane(Plane { spanned_by, x, y, train_loss, path })
    };
    let way = Path {
        step: (0..9).map(|n| n * 75).collect(),
        x: (0..9).map(|n| (8 - n) as f32 * 1.25).collect(),
        y: (0..9).map(|n| (8 - n) as f32 * (n as f32 - 3.0) * 0.25).collect(),
        shares: [0.84, 0.09],
    };
    [
        line(Between::Training, &descent),
        line(Between::Twins, &hill),
        plane(Spanned::Random, [-1.0, 1.0, -1.0, 1.0], None),
        plane(Spanned::Path, [-2.0, 12.0, -7.0, 2.5], Some(way)),
    ]
}

/// SGD that comes to the edge of stability after 100 of 200 steps, and Adam that is beyond it; the motion goes against
/// the slope at first. One of Adam's two seeds diverges.
pub fn curvatures() -> Board {
    let arm = |name: &str, optimizer: &str| {
        let config = json!({ "data": "synthetic", "steps": 200, "optimizer": optimizer, "learning_rate": 0.1 });
        Cell { arm: Some(name.into()), params: Params::default(), config: serde_json::from_value(config).unwrap() }
    };
    let cells = vec![arm("SGD", "sgd"), arm("Adam", "adam")];
    let trials = (0..4).map(|n| Trial::new(TrialId(n), n as usize / 2, n % 2)).collect();
    let mut board = Board::new(Plan { axes: Vec::new(), baseline: None, seeds: vec![0, 1], cells, trials, ..plan() });
    for trial in 0..4 {
        let (adam, seed) = (trial / 2 == 1, (trial % 2) as f32);
        let mut curve = Curve::default();
        for step in (0..=if trial == 3 { 120 } else { 200 }).step_by(10) {
            let rise = (step as f32 / 100.0).min(1.0);
            let sharpness = (5.0 + seed) * libm::powf(4.0, rise);
            let mut measured = crate::record::board::samples::point(150, 100).measured;
            measured.set(Metric::SHARPNESS, sharpness);
            measured.set(Metric::STABILITY_BOUND, if adam { 380.0 } else { 20.0 });
            if step > 0 || !adam {
                measured.set(Metric::PRECONDITIONED_SHARPNESS, if adam { 120.0 * sharpness } else { sharpness });
            }
            if step > 0 {
                measured.set(Metric::MOTION_CURVATURE, sharpness * (rise * rise * 0.9 - 0.05));
            }
            curve.push(Point { step, measured });
        }
        let trial = TrialId(trial);
        board.apply(&Event::TrialStarted { trial });
        board.apply(&Event::Evaluated { trial, curve });
        let outcome = match trial.0 {
            3 => Outcome::Diverged { step: 125 },
            _ => Outcome::Completed { weights_digest: "0".repeat(32) },
        };
        board.apply(&Event::TrialFinished { trial, outcome, seconds: 1.0, counts: None });
    }
    board
}
