//! No code assumes ten classes: a network learns, is evaluated, probed and tabulated on a made-up data set of three, by
//! the same code as on the built-in ones.

use ablate::data::{Dataset, Samples};
use ablate::judge::report::Table;
use ablate::kernel::{Rows, Scale, SparseRows};
use ablate::learn::train::{Control, Training, train};
use ablate::plan::config::data::{Declaration, Origin};
use ablate::plan::config::{Config, DataSource};
use ablate::plan::metric::Metric;
use ablate::plan::{Cell, Design, Params, Plan, Provenance, Trial, trial_id};
use ablate::record::board::Board;
use ablate::record::event::{Between, Event, Measurement, Outcome, Spanned};
use ablate::show::export::{self, Format};
use serde_json::json;

/// Images of 3×4 pixels, of which one row is bright: its number is the class.
static ROWS: Declaration = Declaration {
    name: "rows",
    title: "the bright rows",
    meaning: "Rows of numbers.",
    samples: "images",
    train: 90,
    test: 60,
    shape: &[3, 4],
    classes: &["top", "middle", "bottom"],
    nonzero: 1.0,
    bytes: true,
    origin: Origin::Generated { version: "bright rows 1" },
};

fn samples(count: usize, shift: usize) -> Samples {
    let labels: Vec<u8> = (0..count).map(|sample| (sample % 3) as u8).collect();
    let pixel = |sample: usize, place: usize| {
        let noise = ((sample + shift) * 37 + place * 101) % 97;
        let bright = place / 4 == usize::from(labels[sample]);
        (1 + noise + if bright { 110 } else { 0 }) as u8
    };
    let pixels = ROWS.pixels();
    let bytes: Vec<u8> = (0..count * pixels).map(|at| pixel(at / pixels, at % pixels)).collect();
    Samples::new(Rows::Bytes(SparseRows::from_bytes(&bytes, pixels, Scale::PIXELS)), labels)
}

fn data() -> Dataset {
    Dataset { train: samples(ROWS.train, 0), test: samples(ROWS.test, 1000) }
}

fn config(settings: serde_json::Value) -> Config {
    let config = Config { data: DataSource::Set(&ROWS), ..serde_json::from_value(settings).unwrap() };
    config.check().unwrap();
    config
}

fn plan(config: Config, seeds: &[u64]) -> Plan {
    Plan {
        study: "rows".into(),
        question: None,
        axes: Vec::new(),
        design: Design::Factorial,
        baseline: None,
        trials: seeds.iter().map(|&seed| Trial::new(trial_id(&config, seed), 0, seed)).collect(),
        cells: vec![Cell { arm: None, params: Params::new(), config }],
        metrics: Vec::new(),
        claims: Vec::new(),
        stopping: None,
        history: None,
        seeds: seeds.to_vec(),
        provenance: Provenance {
            ablate: String::new(),
            study_sha256: String::new(),
            data_sha256: ROWS.sha256(),
            command: String::new(),
            ..Provenance::default()
        },
    }
}

#[test]
fn the_network_has_an_output_for_each_class_and_an_input_for_each_number() {
    let config = config(json!({ "hidden": [5], "init": "zeros", "batch_size": 30 }));
    let data = data();
    let mut training = Training::new(&config, 0, &data);
    let shapes: Vec<_> = training.network().tensors().iter().map(|(_, value)| (value.rows(), value.cols())).collect();
    assert_eq!(shapes, [(12, 5), (1, 5), (5, 3), (1, 3)]);
    // All classes are equally likely: ln 3 nats, where ten would make ln 10; and the first class is right in a third.
    let (point, _) = training.evaluate(false).unwrap();
    let losses = [Metric::TRAIN_LOSS, Metric::TEST_LOSS].map(|metric| point.value(metric, &config).unwrap());
    assert!(losses.iter().all(|loss| (loss - 3f64.ln()).abs() < 1e-6), "{point:?}");
    let correct = [Metric::TRAIN_ACCURACY, Metric::TEST_ACCURACY].map(|metric| point.measured.get(metric));
    assert_eq!(correct, [30, 20].map(|correct| Some(Measurement::Count(correct))));
}

#[test]
fn three_classes_are_learned_probed_and_tabulated() {
    let config = config(json!({
        "hidden": [8], "dropout": 0.1, "batch_size": 30, "epochs": 60, "evaluate_every": 30, "optimizer": "adam",
        "learning_rate": 0.02, "probes": ["activations", "ensemble", "curvature", "line", "plane"],
    }));
    let (data, seeds) = (data(), [0, 1, 2]);
    let mut board = Board::new(plan(config.clone(), &seeds));
    for trial in board.plan.trials.clone() {
        let mut seen = Vec::new();
        let outcome = train(&config, trial.seed, &data, &Control::default(), &mut |observation| seen.push(observation));
        assert!(matches!(outcome, Outcome::Completed { .. }), "{outcome:?}");
        seen.into_iter().for_each(|observation| board.apply(&Event::seen(trial.id, observation)));
        board.apply(&Event::TrialFinished { trial: trial.id, outcome, seconds: 1.0, counts: None });
    }
    for state in &board.trials {
        let value = |metric: Metric| state.curve.last_value(metric, &config).unwrap();
        assert!(value(Metric::TEST_ACCURACY) > 0.95);
        // The ensemble cuts its outputs into rows with one value a class.
        assert!(value(Metric::ENSEMBLE_ACCURACY) > 0.95);
        assert!((0.0..0.5).contains(&value(Metric::ENSEMBLE_DISTANCE)));
        assert!(value(Metric::SHARPNESS).is_finite() && value(Metric::LAST_ACTIVATION_SD) > 0.0);
        let line = state.slices.iter().find_map(|slice| slice.line(Between::Training)).unwrap();
        // The untrained network lies at 0, the trained one at 1.
        let ends =
            [state.curve.point(0), state.curve.last().unwrap()].map(|point| point.measured.get(Metric::TEST_ACCURACY));
        let correct = |t: f32| line.test_correct[line.t.iter().position(|&place| place == t).unwrap()];
        assert_eq!([0.0, 1.0].map(|t| Some(Measurement::Count(correct(t)))), ends);
        let plane = state.slices.iter().find_map(|slice| slice.plane(Spanned::Random)).unwrap();
        assert!(plane.train_loss.iter().all(Option::is_some));
    }
    let table = export::render(Format::Md, &board).unwrap();
    assert!(table.contains("data = rows") && table.contains(&ROWS.sha256()[..12]), "{table}");
    let table = Table::new(&board);
    let test = table.rows[0].summary(Metric::TEST_ACCURACY).unwrap();
    assert!(test.n == 3 && test.mean > 0.95, "{test:?}");
}
