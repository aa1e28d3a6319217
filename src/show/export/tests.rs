use super::*;
use crate::judge::report::Row;
use crate::plan::config::Positive;
use crate::plan::metric::Metric;
use crate::plan::{Plan, Problem, Stopping, TrialId};
use crate::record::board::Status;
use crate::record::board::samples::{self, arms, diverged, on_surface, overfit, unfinished, validated};
use crate::record::event::{Curve, Layers, Measured, Outcome, Point, Trajectory};
use crate::show::words::{Sheet, entry};
use serde_json::Value;

fn render_all(format: Format) -> String {
    let boards = [overfit(), arms(), unfinished()];
    boards.iter().map(|board| render(format, board).unwrap()).collect::<Vec<_>>().join("\n=====\n\n")
}

#[test]
fn markdown() {
    insta::assert_snapshot!(render_all(Format::Md));
}

#[test]
fn latex() {
    insta::assert_snapshot!(render_all(Format::Tex));
}

#[test]
fn csv() {
    insta::assert_snapshot!(render_all(Format::Csv));
}

#[test]
fn json() {
    insta::assert_snapshot!(render_all(Format::Json));
}

#[test]
fn best_epochs_of_a_leave_one_out_study() {
    for format in Format::value_variants() {
        insta::assert_snapshot!(format!("best_{format:?}"), render(*format, &validated()).unwrap());
    }
}

#[test]
fn claims_are_exported_with_their_verdicts() {
    insta::assert_snapshot!("claims_markdown", render(Format::Md, &samples::claims()).unwrap());
    insta::assert_snapshot!("claims_latex", render(Format::Tex, &samples::claims()).unwrap());
    assert_eq!(render(Format::Csv, &samples::claims()).unwrap(), render(Format::Csv, &overfit()).unwrap());
    let json: Value = serde_json::from_str(&render(Format::Json, &samples::claims()).unwrap()).unwrap();
    insta::assert_snapshot!("claims_json", serde_json::to_string_pretty(&json["claims"]).unwrap());
}

#[test]
fn unfinished_claims_have_no_verdict() {
    let mut board = unfinished();
    board.plan.claims = samples::claims().plan.claims;
    let text = render(Format::Md, &board).unwrap();
    assert!(text.contains("| unfinished |") && text.contains("judged when all trials have ended"), "{text}");
    let json: Value = serde_json::from_str(&render(Format::Json, &board).unwrap()).unwrap();
    assert_eq!((&json["claims"][0]["verdict"], &json["claims"][0]["n"]), (&Value::Null, &Value::from(0)));
}

#[test]
fn markdown_and_latex_write_the_same_entries() {
    for board in [overfit(), arms(), unfinished(), validated(), diverged(), samples::claims(), on_surface()] {
        let table = Table::new(&board);
        let sections = sections::all(&board, &table);
        let (md, tex) = (markdown::render(&table, &sections), latex::render(&table, &sections));
        let main = Sheet::of_table(&table, &table.columns());
        for entry in
            [&main].into_iter().chain(sections.iter().flat_map(|section| &section.sheets)).flat_map(|s| s.rows.concat())
        {
            let text = entry::text(&entry);
            assert!(md.contains(&format!(" {} ", markdown::escape(&text))), "{text}");
            assert!(tex.contains(&format!(" {} ", latex::field(&entry))), "{text}");
        }
    }
}

#[test]
fn csv_reads_back_to_the_table() {
    for board in [overfit(), arms(), unfinished(), validated()] {
        let mut table = Table::new(&board);
        table.rows.sort_by_key(|row| row.cell);
        let text = render(Format::Csv, &board).unwrap();
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().unwrap().clone();
        let lines: Vec<::csv::StringRecord> = reader.records().map(|line| line.unwrap()).collect();
        assert_eq!(lines.len(), table.rows.len());
        for (row, line) in table.rows.iter().zip(&lines) {
            let field = |name: &str| &line[header.iter().position(|column| column == name).unwrap()];
            let number = |name: &str| field(name).parse::<f64>().ok();
            assert_eq!(field("arm"), printable::line(row.arm.as_deref().unwrap_or("")));
            assert_eq!(number("completed"), Some(row.completed as f64));
            for &metric in Problem::Network.always() {
                let summary = row.summary(metric);
                assert_eq!(number(&format!("{}_mean", metric.name())), summary.map(|summary| summary.mean));
                assert_eq!(number(&format!("{}_sd", metric.name())), summary.and_then(|summary| summary.sd));
            }
            let gap = row.change(Metric::GAP);
            assert_eq!(number("gap_diff_ci_low"), gap.and_then(|gap| gap.ci95).map(|(low, _)| low));
            assert_eq!(number("gap_diff_p"), gap.and_then(|gap| gap.p));
            assert_eq!(field("verdict"), verdict(row));
            assert_eq!(number("best_epoch_mean"), row.best.as_ref().map(|best| best.epoch.mean));
        }
    }
}

fn verdict(row: &Row) -> String {
    row.verdict.map_or_else(String::new, |verdict| verdict.to_string())
}

#[test]
fn what_diverged_is_told_wherever_its_cell_is() {
    let board = diverged();
    for format in [Format::Md, Format::Tex] {
        let text = render(format, &board).unwrap();
        // The outcomes and the verdict, the claim with its remark, the outcomes at the best epoch and what is never chosen,
        // what has fewer pairs.
        assert_eq!(text.matches("12 of 20 diverged, at step 7").count(), 7, "{text}");
    }
    assert_eq!(render(Format::Csv, &board).unwrap().matches(",\"12 of 20 diverged, at step 7\",").count(), 1);
    assert!(claims(&[Table::new(&board)]).contains("| inconclusive: 12 of 20 diverged, at step 7 |"));
    let json: Value = serde_json::from_str(&render(Format::Json, &board).unwrap()).unwrap();
    let cell = &json["cells"][1];
    assert_eq!(cell["versus_baseline"]["verdict"], "12 of 20 diverged, at step 7");
    assert_eq!(cell["diverged_at_steps"], serde_json::json!([7, 7]));
    assert_eq!((&cell["diverged"], &cell["best"]["tied"]), (&Value::from(12), &Value::Bool(false)));
    let claim = &json["claims"][0];
    assert_eq!((&claim["verdict"], &claim["p"]), (&Value::from("inconclusive"), &Value::Null));
    assert_eq!(
        claim["diverged"][0],
        serde_json::json!({ "cell": "dropout = 0.5", "trials": 12, "of": 20, "steps": [7, 7] })
    );
    assert_eq!(json["claims"][1].get("diverged"), None);
}

#[test]
fn no_hyper_parameter_is_named_like_a_column_of_the_csv() {
    let text = render(Format::Csv, &arms()).unwrap();
    let header = text.lines().next().unwrap();
    let config = serde_json::to_value(crate::plan::config::Config::default()).unwrap();
    for key in config.as_object().unwrap().keys() {
        assert!(header.split(',').all(|column| column != key), "{key} is a column already");
    }
}

/// From the trials alone, as somebody would who has nothing but the file.
#[test]
fn every_mean_of_a_table_can_be_recomputed_from_its_trials() {
    let json: Value = serde_json::from_str(&render(Format::Json, &validated()).unwrap()).unwrap();
    let (mut of_last, mut of_best) = (0, 0);
    for cell in json["cells"].as_array().unwrap() {
        let trials = || json["trials"].as_array().unwrap().iter();
        let completed: Vec<&Value> = trials()
            .filter(|trial| trial["params"] == cell["params"] && trial["arm"] == cell["arm"])
            .filter(|trial| trial["outcome"] == "completed")
            .collect();
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        for metric in Problem::Network.always() {
            let values: Vec<f64> = completed.iter().map(|trial| trial[metric.name()].as_f64().unwrap()).collect();
            let told = cell[metric.name()]["mean"].as_f64().unwrap();
            assert!((mean(values) - told).abs() <= 1e-6 * told.abs(), "{metric:?}");
            of_last += 1;
        }
        // The evaluation with the highest validation accuracy, the first of equals.
        let at_best = |trial: &Value, of: &dyn Fn(usize) -> f64| {
            let validated = trial["curve"]["validation_accuracy"].as_array().unwrap();
            let accuracy = |place: usize| validated[place].as_f64().unwrap();
            let best =
                (0..validated.len()).reduce(|best, next| if accuracy(next) > accuracy(best) { next } else { best });
            of(best.unwrap())
        };
        for name in ["validation_accuracy", "train_accuracy", "test_accuracy", "train_loss", "test_loss"] {
            let of = |trial: &&Value| at_best(trial, &|place| trial["curve"][name][place].as_f64().unwrap());
            let told = cell["best"][name]["mean"].as_f64().unwrap();
            assert!(
                (mean(completed.iter().map(of).collect()) - told).abs() <= 1e-6 * told.abs(),
                "{name} at the best epoch"
            );
            of_best += 1;
        }
    }
    assert!(of_last >= 6 && of_best >= 5, "{of_last} and {of_best}");
}

#[test]
fn json_reads_back_to_the_same_numbers() {
    let board = overfit();
    let json: Value = serde_json::from_str(&render(Format::Json, &board).unwrap()).unwrap();
    let table = Table::new(&board);
    let gap = table.rows[1].summary(Metric::GAP).unwrap();
    assert_eq!(json["cells"][1]["gap"]["mean"].as_f64(), Some(gap.mean));
    assert_eq!(json["cells"][1]["gap"]["ci95"][0].as_f64(), gap.ci95.map(|(low, _)| low));
    assert_eq!(json["cells"][1]["versus_baseline"]["verdict"], "worse on both, gap down");
    assert_eq!(json["cells"][0]["versus_baseline"], Value::Null);
    let curve = &board.trials[9].curve;
    let loss = curve.point(1).measured.number(Metric::TRAIN_LOSS).unwrap();
    let trial = &json["trials"][9];
    assert_eq!(trial["curve"]["train_loss"][1].as_f64().map(|loss| loss as f32), Some(loss as f32));
    assert_eq!(trial["curve"]["epoch"][1].as_f64(), Some(201.0));
    let diverged = &json["trials"][19];
    assert_eq!((&diverged["outcome"], &diverged["gap"]), (&Value::from("diverged"), &Value::Null));
}

/// Every step of every path, also of one that diverged, in CSV and JSON alike.
#[test]
fn trajectories_read_back_to_the_last_bit() {
    let board = on_surface();
    let text = render(Format::Csv, &board).unwrap();
    assert!(text.starts_with("arm,optimizer,seed,step,x,y,f,velocity_x,velocity_y\n,sgd,0,0,-7.0,2.0,6.45,0.0,0.0\n"));
    let mut lines = ::csv::Reader::from_reader(text.as_bytes()).into_records().map(|line| line.unwrap());
    let json: Value = serde_json::from_str(&render(Format::Json, &board).unwrap()).unwrap();
    for (state, trial) in board.trials.iter().zip(json["trials"].as_array().unwrap()) {
        let read: Trajectory = serde_json::from_value(trial["trajectory"].clone()).unwrap();
        assert_eq!(read, state.trajectory);
        for place in state.trajectory.places() {
            let line = lines.next().unwrap();
            let number = |column: usize| line[column].parse::<f64>().unwrap();
            assert_eq!(place.step.to_string(), line[3]);
            assert_eq!((place.at, place.f), ([number(4), number(5)], number(6)));
            assert_eq!(place.velocity, [number(7), number(8)]);
        }
    }
    assert_eq!(lines.count(), 0);
    // There are no images to be right about, and no rate that is not told.
    let (curve, config) = (&json["trials"][0]["curve"], &json["cells"][0]["config"]);
    assert_eq!((&curve["train_accuracy"], &curve["test_accuracy"]), (&Value::Null, &Value::Null));
    assert_eq!(config["learning_rate"].as_f64(), Some(board.plan.cells[0].config.learning_rate()));
    assert!(render(Format::Md, &board).unwrap().contains("1 of 1 diverged"));
}

#[test]
fn json_holds_what_was_seen_of_layers_and_nothing_where_nothing_was() {
    let mut board = overfit();
    board.trials[1].layers = vec![Layers { step: 603, weight_norm: vec![2.5, 3.5], ..Layers::default() }];
    let json: Value = serde_json::from_str(&render(Format::Json, &board).unwrap()).unwrap();
    assert_eq!(json["trials"][1]["layers"].to_string(), r#"[{"step":603,"weight_norm":[2.5,3.5]}]"#);
    assert_eq!(json["trials"][0].get("layers"), None);
}

#[test]
fn json_leaves_out_trials_that_have_not_ended() {
    let json: Value = serde_json::from_str(&render(Format::Json, &unfinished()).unwrap()).unwrap();
    assert_eq!(json["complete"], Value::Bool(false));
    assert_eq!(json["trials"].as_array().unwrap().len(), 7);
}

/// Not run by default: how long the largest studies take. `cargo test --release -- --ignored large --nocapture`
#[test]
#[ignore = "a measurement"]
fn large_studies_are_exported_in_a_second() {
    let board = large();
    let begin = std::time::Instant::now();
    Table::new(&board);
    println!("table: {:?}", begin.elapsed());
    for format in Format::value_variants() {
        let begin = std::time::Instant::now();
        let text = render(*format, &board).unwrap();
        println!("{format:?}: {} bytes in {:?}", text.len(), begin.elapsed());
        assert!(begin.elapsed().as_secs_f64() < 1.0);
    }
}

/// Not run by default, as above: pictures are made again whenever the screen is drawn after an event.
#[test]
#[ignore = "a measurement"]
fn pictures_of_large_studies_are_made_in_a_moment() {
    let board = large();
    let begin = std::time::Instant::now();
    let pictures = crate::show::figure::pictures(&board);
    println!("pictures: {:?}", begin.elapsed());
    for picture in pictures {
        let begin = std::time::Instant::now();
        picture.figure(&board, 0);
        println!("{}: {:?}", picture.name, begin.elapsed());
        assert!(begin.elapsed().as_secs_f64() < 0.1);
    }
}

/// 1000 cells with ten seeds each, evaluated 200 times.
fn large() -> Board {
    use crate::record::board::samples::{cell, completed, plan, point, trial};
    let cells = (0..1000).map(|i| cell(None, serde_json::json!({ "dropout": i as f64 / 1000.0 }))).collect();
    let mut board = Board::new(plan("large", &["dropout"], cells, 10));
    board.plan.baseline = Some(0);
    (1..=10_000).for_each(|id| trial(&mut board, id, point(250 + id as u32 % 50, 7000), completed(id)));
    assert!(board.plan.trials[9_999].id == TrialId(10_000));
    let mut curve = Curve::default();
    for n in 0..200 {
        let measured = Measured::of_network((1.0 / (n + 1) as f32, n), (0.7, 5000 + n), 24.5);
        curve.push(Point { step: n * 3, measured });
    }
    board.trials.iter_mut().for_each(|trial| trial.curve = curve.clone());
    board
}

#[test]
fn the_ending_names_the_format() {
    assert_eq!(Format::from_path(Path::new("a/table.MD")).unwrap(), Format::Md);
    assert_eq!(Format::from_path(Path::new("table.json")).unwrap(), Format::Json);
    for unknown in ["table", "table.txt", "md"] {
        assert!(Format::from_path(Path::new(unknown)).unwrap_err().to_string().contains("--format"));
    }
}

#[test]
fn a_file_is_replaced_whole_and_left_readable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.md");
    write(&path, b"a longer first text").unwrap();
    write(&path, b"second").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "second");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    let plain = folder.path().join("plain");
    fs::write(&plain, "").unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions(), fs::metadata(&plain).unwrap().permissions());

    let nowhere = folder.path().join("missing/table.md");
    let message = write(&nowhere, b"").unwrap_err().to_string();
    assert!(message.contains("missing/table.md: cannot write: there is no folder"), "{message}");
    assert!(message.contains("missing\n") && !message.contains(".ablate-"), "{message}");
}

#[test]
fn two_results_are_compared_cell_by_cell() {
    let (a, mut b) = (samples::claims(), samples::claims());
    // A trial of the first cell has another digest. The next two are trained faster, and what they came to is swapped; so is the last
    // one, in which a trial diverged. One more cell has no partner.
    b.trials[1].status = Status::Finished(Outcome::Completed { weights_digest: "0".repeat(32) });
    (5..10).for_each(|trial| b.trials.swap(trial, trial + 5));
    for cell in &mut b.plan.cells[1..] {
        cell.config.learning_rate = Positive::try_from(0.3).ok();
    }
    b.plan.cells.push(samples::cell(Some("a|b"), serde_json::json!({ "batch_norm": true })));
    let found = Diff::new([("overfit.old-1", &a), ("overfit", &b)]).unwrap();
    insta::assert_snapshot!("diff_markdown", diff(&found));
    let json: Value = serde_json::from_str(&diff_as_json(&found).unwrap()).unwrap();
    insta::assert_snapshot!("diff_json", serde_json::to_string_pretty(&json["cells"][1]).unwrap());
    assert_eq!(json["cells"][0]["same_trials"]["differing"], Value::from(vec![1]));
    assert_eq!((&json["only_in_a"], &json["only_in_b"][0]["arm"]), (&Value::from(Vec::<Value>::new()), &"a|b".into()));
}

#[test]
fn an_unfinished_result_is_told_instead_of_compared() {
    let found = Diff::new([("a", &overfit()), ("b", &unfinished())]).unwrap();
    let text = diff(&found);
    assert!(text.contains("Nothing is compared yet: b has 6 of 20."), "{text}");
    assert!(!text.contains("## Each metric"), "{text}");
    let json: Value = serde_json::from_str(&diff_as_json(&found).unwrap()).unwrap();
    assert_eq!((&json["compared"], &json["cells"][0]["verdict"]), (&false.into(), &Value::Null));
}

#[test]
fn samples_without_pairs_are_told_from_pairs() {
    let with = |first: u64, stopping: Option<Stopping>| {
        let mut plan = samples::overfit_plan();
        plan.seeds.iter_mut().for_each(|seed| *seed += first);
        plan.trials.iter_mut().for_each(|trial| trial.seed += first);
        plan.cells.iter_mut().for_each(|cell| cell.config.learning_rate = Positive::try_from(0.3).ok());
        let mut board = Board::new(Plan { stopping, ..plan });
        for (&(train, test), id) in samples::OVERFIT.iter().flatten().zip(1..) {
            samples::trial(&mut board, id, samples::point(train, test), samples::completed(id));
        }
        board
    };
    let text = |b: &Board| diff(&Diff::new([("a", &overfit()), ("b", b)]).unwrap());
    let fixed = text(&with(10, None));
    assert!(fixed.contains("| 5 and 5 |") && fixed.contains("by Welch's t test."), "{fixed}");
    let stopping = Some(Stopping { until_decided: true, most_seeds: 40 });
    let open = text(&with(10, stopping));
    let why = "described and not tested, as the number of seeds of b was not fixed beforehand.";
    assert!(open.contains(why) && open.contains("| descriptive only "), "{open}");
    let pairs = text(&with(0, stopping));
    let why =
        "The number of seeds of b was not fixed beforehand: pairs are judged by evidence that holds at any number";
    assert!(pairs.contains(why) && pairs.contains("| 5 pairs |"), "{pairs}");
}
