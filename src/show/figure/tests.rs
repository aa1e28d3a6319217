use super::*;
use crate::plan::TrialId;
use crate::record::board::samples::{self, arms, cell, completed, overfit, plan, point, unfinished, validated};
use crate::record::event::{Event, Layers, Measurement, Outcome, Point};
use serde_json::json;

fn lines(board: &Board, name: &str) -> (Lines, String) {
    let figure = figure(board, name);
    let Plot::Lines(lines) = figure.plot else { panic!("{name} has no lines") };
    (lines, figure.caption)
}

fn figure(board: &Board, name: &str) -> Figure {
    let pictures = pictures(board);
    pictures.iter().find(|picture| picture.name == name).unwrap_or_else(|| panic!("no {name}")).figure(board, 0)
}

fn names(lines: &Lines) -> Vec<&str> {
    lines.series.iter().map(|series| series.name.as_str()).collect()
}

fn with_train_loss(train_loss: f32) -> Point {
    let mut point = point(300, 7000);
    point.measured.set(Metric::TRAIN_LOSS, train_loss);
    point
}

/// So many cells of one axis with two seeds each, whose train losses end at these values; not finite is diverged.
fn ending_at(losses: &[f32]) -> Board {
    let cells = (0..losses.len()).map(|n| cell(None, json!({ "dropout": n as f64 / 100.0 }))).collect();
    let mut board = Board::new(plan("losses", &["dropout"], cells, 2));
    for (id, &loss) in (1..).zip(losses.iter().flat_map(|loss| [loss; 2])) {
        let outcome = if loss.is_finite() { completed(id) } else { Outcome::Diverged { step: 9 } };
        let train_loss = if loss.is_finite() { loss } else { 1e9 };
        samples::trial(&mut board, id, with_train_loss(train_loss), outcome);
    }
    board
}

#[test]
fn curves_are_means_over_the_seeds_that_got_that_far_and_say_which_are_missing() {
    let (lines, caption) = lines(&overfit(), "curves/test_accuracy");
    assert_eq!(names(&lines), ["0.0 · 0.0", "0.0 · 0.1", "0.2 · 0.0", "0.2 · 0.1"]);
    // The first row of the sample: 7512, 7604, 7455, 7580, 7533 of 10,000 images.
    let (x, mean) = lines.series[0].points[1];
    assert!((x - 201.0).abs() < 1e-12 && (mean - 0.75368).abs() < 1e-12, "{x} {mean}");
    assert_eq!((lines.x.label.as_str(), lines.y.label.as_str()), ("epoch", "test accuracy (share of images)"));
    assert!(caption.contains("Mean over 5 seeds") && caption.contains("values of dropout · weight_decay"), "{caption}");
    assert!(caption.contains("0.2 · 0.1 (1 of 5 diverged)"), "{caption}");
    let (_, caption) = self::lines(&unfinished(), "curves/gap");
    assert!(
        caption.contains("0.0 · 0.0 (1 of 5 failed)") && caption.contains("13 of 20 trials have not ended"),
        "{caption}"
    );
}

#[test]
fn names_hold_only_what_differs() {
    let (with_arms, caption) = lines(&arms(), "curves/test_accuracy");
    assert_eq!(names(&with_arms)[0], "plain");
    assert!(caption.contains("One seed") && !caption.contains("values of"), "{caption}");
    let (recipes, _) = lines(&validated(), "curves/test_accuracy");
    assert_eq!(names(&recipes), ["full recipe", "batch_norm = false", "dropout = 0.0"]);
}

#[test]
fn of_many_cells_those_are_drawn_that_tell_most() {
    let mut losses: Vec<f32> = (0..36).map(|n| ((n * 7) % 36) as f32 / 36.0 + 1.0).collect();
    losses[20] = f32::INFINITY;
    let mut board = ending_at(&losses);
    board.plan.baseline = Some(1);
    let (lines, caption) = lines(&board, "curves/train_loss");
    assert_eq!(lines.series.len(), 7);
    // The lowest end of all, that of cell 0, the highest, that of cell 5 (35 of 36), and the baseline.
    for name in ["0.0", "0.05", "0.01"] {
        assert!(names(&lines).contains(&name), "{name} {:?}", names(&lines));
    }
    assert!(!names(&lines).contains(&"0.2"), "all its trials diverged");
    assert!(caption.contains("Drawn are 7 of 36 cells: the baseline"), "{caption}");
    assert!(caption.contains("the cells that are not drawn (2 of 58 diverged)"), "{caption}");
    assert_eq!(lines.y.scale, Scale::Linear);
}

#[test]
fn losses_far_apart_are_drawn_on_a_logarithmic_scale_and_gaps_may_be_negative() {
    let (far, caption) = lines(&ending_at(&[1e-4, 2.0]), "curves/train_loss");
    assert_eq!(far.y.scale, Scale::Logarithmic);
    assert!(caption.contains("logarithmic") && far.series.iter().all(|s| s.band.iter().all(|b| b.1 >= far.y.low)));
    assert_eq!(lines(&ending_at(&[0.1, 2.0]), "curves/train_loss").0.y.scale, Scale::Linear);
    let (gap, _) = lines(&ending_at(&[1.0]), "curves/gap");
    assert!(gap.y.low <= 0.0 && gap.y.high > 0.3, "{:?}", gap.y);
}

#[test]
fn a_curve_that_diverges_leaves_the_picture_instead_of_flattening_the_others() {
    let mut board = ending_at(&[2.0, f32::INFINITY]);
    let (drawn, caption) = lines(&board, "curves/train_loss");
    assert!(drawn.y.high < 4.0 && drawn.y.scale == Scale::Linear, "{:?}", drawn.y);
    let highest = drawn.series[0].points.iter().map(|point| point.1).fold(0.0, f64::max);
    assert!(drawn.series[1].points.iter().all(|point| point.1.is_nan() || point.1 <= highest), "{:?}", drawn.series[1]);
    assert!(caption.contains("Cut off at the highest value of the others: 0.01."), "{caption}");
    // Where all diverge there is nothing else to look at.
    board = ending_at(&[f32::INFINITY]);
    let (all, caption) = lines(&board, "curves/train_loss");
    assert!(all.y.high >= 1e9 && !caption.contains("Cut off"), "{:?} {caption}", all.y);
}

#[test]
fn a_few_curves_far_above_the_others_make_the_axis_logarithmic() {
    // Five stay below a fifth of 20, where an axis up to 16 ends; then no more than half do.
    let (few, caption) = lines(&ending_at(&[1.0, 1.1, 1.2, 1.3, 1.4, 16.0]), "curves/train_loss");
    assert!(few.y.scale == Scale::Logarithmic && caption.contains("logarithmic"), "{:?} {caption}", few.y);
    let (half, caption) = lines(&ending_at(&[1.0, 1.1, 15.0, 16.0]), "curves/train_loss");
    assert!(half.y.scale == Scale::Linear && !caption.contains("logarithmic"), "{:?} {caption}", half.y);
}

#[test]
fn intervals_leave_as_much_room_to_the_curves_as_they_take() {
    let mut board = Board::new(plan("wide", &["dropout"], vec![cell(None, json!({ "dropout": 0.0 }))], 2));
    for (id, train_loss) in [(1, 1.0), (2, 3.0)] {
        samples::trial(&mut board, id, with_train_loss(train_loss), completed(id));
    }
    let (lines, caption) = lines(&board, "curves/train_loss");
    // 2 ± 12.706: up to 14.7 with Student's t of one degree of freedom. Twice an axis of at most 2.5.
    let highest = lines.series[0].band.iter().map(|end| end.2).fold(0.0, f64::max);
    assert!(highest > 14.0 && lines.y.high <= 5.0 && lines.y.high > 2.0, "{:?}", lines.y);
    assert!(caption.contains("Intervals are cut off at the frame"), "{caption}");
}

#[test]
fn every_surface_has_curves_of_its_own_if_a_grid_has_several() {
    let on = |surface: &str, optimizer: &str| {
        let mut cell =
            cell(None, json!({ "surface": surface, "optimizer": { "name": optimizer, "learning_rate": 0.1 } }));
        let config = json!({ "data": "surface", "surface": surface, "optimizer": optimizer, "steps": 300 });
        cell.config = serde_json::from_value(config).unwrap();
        cell
    };
    let measured = |cells: Vec<crate::plan::Cell>| {
        let trials = cells.len() as u64;
        let mut board = Board::new(plan("surfaces", &["surface", "optimizer"], cells, 1));
        (1..=trials).for_each(|id| samples::trial(&mut board, id, point(300, 7000), completed(id)));
        board
    };
    let curves = |board: &Board| -> Vec<String> {
        let names = pictures(board).into_iter().map(|picture| picture.name);
        names.filter(|name| name.starts_with("curves/")).collect()
    };
    let board = measured(vec![on("bowl", "sgd"), on("bowl", "adam"), on("beale", "sgd"), on("beale", "adam")]);
    assert_eq!(curves(&board), ["curves/train_loss/bowl", "curves/train_loss/beale"]);
    assert_eq!(names(&lines(&board, "curves/train_loss/beale").0), ["sgd", "adam"]);
    assert_eq!(figure(&board, "curves/train_loss/beale").title, "f by step, beale");
    // Where nothing else differs, it is the surfaces that are compared.
    assert_eq!(curves(&measured(vec![on("bowl", "sgd"), on("beale", "sgd")])), ["curves/train_loss"]);
}

#[test]
fn cells_counted_in_epochs_and_in_steps_share_an_axis_of_steps() {
    let mut board = ending_at(&[1.0, 2.0]);
    board.plan.cells[1].config = serde_json::from_value(json!({ "train_samples": 300, "steps": 900 })).unwrap();
    let (lines, _) = lines(&board, "curves/train_loss");
    assert_eq!((lines.x.label.as_str(), lines.x.high), ("step", 900.0));
    assert_eq!(lines.series[0].points[1].0, 603.0);
}

#[test]
fn a_grid_has_the_last_axis_across_and_marks_the_best() {
    let figure = figure(&overfit(), "grid/test_accuracy");
    let Plot::Grid(grid) = figure.plot else { panic!("no grid") };
    assert_eq!((grid.row_axis.as_str(), grid.column_axis.as_str()), ("dropout", "weight_decay"));
    assert_eq!((grid.rows, grid.columns), (vec!["0.0".into(), "0.2".into()], vec!["0.0".to_owned(), "0.1".into()]));
    // The means of the sample's rows; of the last one without the trial that diverged.
    assert_eq!(grid.texts, [["0.754", "0.713"], ["0.763", "0.110*"]]);
    assert_eq!(grid.best, Some((1, 0)));
    assert!(figure.caption.contains("1 of 20 trials diverged: * is a mean over"), "{}", figure.caption);
    let names: Vec<String> = pictures(&validated()).into_iter().map(|picture| picture.name).collect();
    assert!(names.iter().all(|name| !name.starts_with("grid")), "only a factorial design has one: {names:?}");
}

#[test]
fn a_field_in_which_all_diverged_says_so_and_is_never_the_best() {
    let Plot::Grid(grid) = figure(&ending_at(&[2.0, f32::INFINITY, 1.0]), "grid/train_loss").plot else {
        panic!("no grid")
    };
    assert_eq!(grid.texts, [["2.000", "diverged", "1.000"]]);
    assert_eq!((grid.best, &grid.shares[0]), (Some((0, 2)), &vec![Some(1.0), None, Some(0.0)]));
    let Plot::Grid(gap) = figure(&ending_at(&[2.0, 1.0]), "grid/gap").plot else { panic!("no grid") };
    assert_eq!(gap.best, None, "a small gap need not be good");
}

#[test]
fn the_main_picture_is_that_of_the_first_claim() {
    let main = |board: &Board| super::main(board).map(|picture| picture.name);
    assert_eq!(main(&overfit()).unwrap(), "curves/test_accuracy");
    assert_eq!(main(&samples::claims()).unwrap(), "curves/gap");
}

#[test]
fn the_curves_of_a_trial_are_told_apart_from_those_it_is_compared_with() {
    let mut board = overfit();
    board.apply(&Event::TrialStarted { trial: TrialId(1) });
    let [loss, accuracy] = &of_trial(&board, 0, &[])[..] else { panic!("loss and accuracy") };
    assert_eq!((loss.title.as_str(), accuracy.title.as_str()), ("Loss", "Accuracy"));
    assert_eq!(loss.caption, "One trial: 0.0 · 0.0, seed 0.");
    let compared = &of_trial(&board, 0, &[6, 12])[1];
    assert_eq!(compared.caption, "a: 0.0 · 0.1, seed 1; b: 0.2 · 0.0, seed 2; test: 0.0 · 0.0, seed 0.");
    let Plot::Lines(lines) = &compared.plot else { panic!("no lines") };
    assert_eq!(names(lines), ["a", "b", "test"]);
}

#[test]
fn f_is_drawn_on_a_logarithmic_scale_where_it_falls_by_powers_of_ten() {
    let mut board = samples::on_surface();
    let figure = |board: &Board| of_trial(board, 0, &[]).swap_remove(0);
    let axis = |figure: &Figure| match &figure.plot {
        Plot::Lines(lines) => lines.y.clone(),
        other => panic!("no lines: {other:?}"),
    };
    assert_eq!((axis(&figure(&board)).scale, axis(&figure(&board)).label.as_str()), (Scale::Linear, "f"));
    for (place, f) in [(2, 0.0), (1, 1e-6)] {
        board.trials[0].curve.set(place, Metric::HEIGHT, Measurement::Single(f));
    }
    let far = figure(&board);
    assert_eq!(axis(&far).scale, Scale::Logarithmic);
    assert!(far.caption.ends_with("where f is 0 to the last digit, the curve has a gap."), "{}", far.caption);
}

#[test]
fn a_metric_goes_from_layer_to_layer_and_through_the_evaluations() {
    let cells = ["xavier", "he"].map(|init| cell(None, json!({ "init": init, "hidden": [8, 8, 8] })));
    let mut board = Board::new(plan("init", &["init"], cells.into(), 2));
    for (id, factor) in [(1, 0.5), (2, 0.7), (3, 1.0), (4, 1.0)] {
        samples::trial(&mut board, id, point(300, 7000), completed(id));
        let layers = |step, begin: f32| {
            let sd = (0..3).map(|layer| begin * f32::powi(factor, layer)).collect();
            let dead = if id == 1 { vec![0.0, 0.5, 1.0] } else { vec![0.0; 3] };
            Layers { step, sd, dead, ..Layers::default() }
        };
        board.trials[id as usize - 1].layers = vec![layers(0, 1.0), layers(603, 2.0)];
    }
    let names = |board: &Board| pictures(board).into_iter().map(|picture| picture.name).collect::<Vec<_>>();
    let found = names(&board);
    let by_layer: Vec<&str> = found.iter().map(String::as_str).filter(|name| name.starts_with("by_layer")).collect();
    assert_eq!(by_layer, ["by_layer/activation_sd", "by_layer/dead"]);
    assert!(found.contains(&"layers/activation_sd/he".to_owned()), "{found:?}");

    let picture = pictures(&board).into_iter().find(|picture| picture.name == "by_layer/activation_sd").unwrap();
    assert_eq!(picture.frames, 2);
    let [begin, end] = [0, 1].map(|frame| picture.figure(&board, frame));
    assert_eq!((begin.moment.as_deref(), end.moment.as_deref()), (Some("untrained"), Some("after 201 of 201 epochs")));
    let Plot::Lines(lines) = begin.plot else { panic!("no lines") };
    let heights: Vec<f64> = lines.series[0].points.iter().map(|point| (point.1 * 1e4).round() / 1e4).collect();
    // Means of 1 and 1, .5 and .7, .25 and .49.
    assert_eq!((lines.series[0].name.as_str(), heights), ("xavier", vec![1.0, 0.6, 0.37]));
    assert_eq!((lines.series[1].points.len(), lines.series[1].band.len()), (3, 3));
    let Plot::Lines(last) = end.plot else { panic!("no lines") };
    assert_eq!((&last.y, last.x.ticks(20).len()), (&lines.y, 3), "one axis for all moments");

    // He's first seed has not come so far: it counts as it was last seen, and the caption says so.
    let whole = board.trials[2].layers.clone();
    board.trials[2].layers.truncate(1);
    let behind = picture.figure(&board, 1);
    assert!(behind.caption.contains("stays as it was last seen") && !end.caption.contains("last seen"));
    let Plot::Lines(lines) = behind.plot else { panic!("no lines") };
    assert_eq!(lines.series[1].points[0].1, 1.5, "the mean of 1 and 2");
    board.trials[2].layers = whole;

    // Where functions and initial weights differ, each function has its picture.
    board.plan.axes.push("activation".into());
    for (place, activation) in ["tanh", "relu"].into_iter().enumerate() {
        board.plan.cells[place].params.insert("activation".into(), activation.into());
    }
    assert!(names(&board).contains(&"by_layer/activation_sd/tanh".to_owned()), "{:?}", names(&board));
    // A network with one hidden layer has no way through layers.
    board.plan.cells.iter_mut().for_each(|cell| cell.config.hidden.truncate(1));
    assert!(names(&board).iter().all(|name| !name.starts_with("by_layer")));
}
