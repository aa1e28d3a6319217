//! Trials of another program: a journal written as `docs/journal.md` describes, with metrics that this program does not
//! know, can be shown, judged and exported.

mod place;

use ablate::record::journal::seal;
use place::Place;
use serde_json::{Value, json};
use std::fs;
use std::process::{Command, Output};

const SEEDS: u64 = 6;

/// What a translation program could have measured of beams of two widths: BLEU, of which more is better, after each of
/// four steps, and in two of them the length of what it wrote against the reference.
fn bleu(beam: u64, seed: u64, step: u64) -> f64 {
    let noise = [0.21, -0.34, 0.08, 0.4, -0.15, -0.2][seed as usize];
    20.1 + 2.0 * step as f64 + if beam == 4 { 1.3 } else { 0.0 } + noise * if beam == 4 { 1.0 } else { 0.6 }
}

fn id(beam: u64, seed: u64) -> String {
    format!("{:016x}", 100 * beam + seed)
}

fn plan() -> Value {
    let cell = |beam: u64| json!({ "params": { "beam": beam }, "config": { "data": "program", "steps": 4 } });
    let trials = [1, 4].iter().enumerate().flat_map(|(cell, &beam)| {
        (0..SEEDS).map(move |seed| json!({ "id": id(beam, seed), "cell": cell, "seed": seed }))
    });
    let side = |cell: u64, at: &str| json!({ "cells": [cell], "at": at });
    let claim = |says: &str, measure: Value, arm: Value, versus: Value, expect: Value| json!({ "says": says, "measure": measure, "arm": arm, "versus": versus, "expect": expect });
    json!({
        "study": "translate",
        "question": "Is a wider beam worth its time?",
        "axes": ["beam"],
        "baseline": 0,
        "cells": [cell(1), cell(4)],
        "metrics": [
            { "name": "bleu", "title": "BLEU", "unit": "points", "better": "higher", "meaning": "Papineni et al. 2002." },
            { "name": "length_ratio", "signed": true },
        ],
        "claims": [
            claim("A wider beam raises BLEU", json!({ "metric": "bleu" }), side(1, "last"),
                json!({ "side": side(0, "last") }), json!("higher")),
            claim("It is no worse from the start", json!({ "metric": "bleu" }), side(1, "start"),
                json!({ "bound": 20.0 }), json!("higher")),
            claim("A wider beam gets to 24 sooner", json!({ "steps_to": { "metric": "bleu", "level": 24.0 } }),
                side(1, "last"), json!({ "side": side(0, "last") }), json!("lower")),
        ],
        "seeds": (0..SEEDS).collect::<Vec<_>>(),
        "trials": trials.collect::<Vec<_>>(),
        "provenance": { "ablate": "none", "study_sha256": "", "data_sha256": "", "command": "translate --beam 1,4" },
    })
}

/// The lines of the journal; `change` may change its plan.
fn journal(change: impl Fn(&mut Value)) -> String {
    let mut plan = plan();
    change(&mut plan);
    let mut lines =
        vec![json!({ "journal": { "format": [2, 1], "ablate": "none" } }), json!({ "study_started": plan })];
    for (beam, seed) in [1, 4].into_iter().flat_map(|beam| (0..SEEDS).map(move |seed| (beam, seed))) {
        let trial = id(beam, seed);
        let values: Vec<f64> = (0..=4).map(|step| bleu(beam, seed, step)).collect();
        let declared = json!({ "bleu": values, "length_ratio": [null, null, 0.97, null, 1.01] });
        let curve = json!({ "step": [0, 1, 2, 3, 4], "declared": declared });
        let outcome = json!({ "completed": { "weights_digest": "" } });
        lines.extend([
            json!({ "trial_started": { "trial": trial } }),
            json!({ "evaluated": { "trial": trial, "curve": curve } }),
            json!({ "trial_finished": { "trial": trial, "outcome": outcome, "seconds": 2.5, "counts": { "evaluations": 5 } } }),
        ]);
    }
    lines.push(json!({ "study_finished": null }));
    lines.iter().map(|line| seal(line.to_string()) + "\n").collect()
}

fn place_with(journal: String) -> Place {
    let place = Place::new();
    fs::create_dir_all(place.path("results/translate")).unwrap();
    place.write("results/translate/journal.jsonl", &journal);
    place
}

fn run(place: &Place, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ablate")).current_dir(place.path("")).args(arguments).output().unwrap()
}

fn said(place: &Place, arguments: &[&str]) -> String {
    let output = run(place, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The noise in [`bleu`] sums to 0, so the means at the last step are 20.1 + 8 and that + 1.3. Half the 95 % interval, by
/// t = 2.5706 for 5 degrees of freedom: with the standard deviation .2788 of the noise, 2.5706 · .2788/√6 = .2926, and .6 of it.
#[test]
fn a_metric_that_only_the_journal_knows_is_in_the_table_the_claims_the_curves_and_every_export() {
    let place = place_with(journal(|_| {}));
    let markdown = said(&place, &["export", "translate"]);
    // The columns of the comparison are in the order of the declaration, which need not be that of the alphabet.
    let turned = place_with(journal(|plan| plan["metrics"].as_array_mut().unwrap().reverse()));
    let turned = said(&turned, &["export", "translate"]);
    let comparison = turned.split("## Against the baseline").nth(1).unwrap();
    let row = comparison.lines().find(|line| line.starts_with("|    4 |")).unwrap();
    assert!(row.find(" 0.000 ±").unwrap() < row.find("+1.30").unwrap(), "{row}");
    for words in
        [" BLEU |", " length_ratio |", " Δ BLEU |", "28.10 ± 0.18", "29.40 ± 0.29", "+1.30", "A wider beam raises BLEU"]
    {
        assert!(markdown.contains(words), "{words}: {markdown}");
    }
    assert!(
        !markdown.contains(" train |") && !markdown.contains("accuracy") && !markdown.contains("images"),
        "{markdown}"
    );

    let json: Value = serde_json::from_str(&said(&place, &["export", "translate", "--format", "json"])).unwrap();
    let cells = &json["cells"];
    let near = |value: &Value, expected: f64| (value.as_f64().unwrap() - expected).abs() < 1e-9;
    assert!(near(&cells[0]["measured"]["bleu"]["mean"], 28.1) && near(&cells[1]["measured"]["bleu"]["mean"], 29.4));
    assert!(near(&cells[1]["versus_baseline"]["bleu"]["diff"], 1.3));
    // Double precision, to the last digit.
    assert_eq!(json["trials"][7]["curve"]["measured"]["bleu"][4].as_f64(), Some(bleu(4, 1, 4)));
    assert_eq!(json["trials"][0]["curve"]["measured"]["length_ratio"], json!([null, null, 0.97, null, 1.01]));
    assert_eq!(json["trials"][0]["test_accuracy"], Value::Null);
    let verdicts: Vec<_> = json["claims"].as_array().unwrap().iter().map(|claim| claim["verdict"].clone()).collect();
    assert_eq!(verdicts, ["supported", "supported", "inconclusive"], "{}", json["claims"]);
    // BLEU reaches 24 in two steps, except for two seeds of the narrow beam, which take three.
    assert!(near(&json["claims"][2]["effect"], -1.0 / 3.0), "{}", json["claims"][2]);

    let csv = said(&place, &["export", "translate", "--format", "csv"]);
    let header = csv.lines().next().unwrap();
    assert!(header.contains("bleu_mean,bleu_sd,") && header.contains("bleu_diff,"), "{header}");
    assert!(!header.contains("accuracy"), "{header}");
    let latex = said(&place, &["export", "translate", "--format", "tex"]);
    assert!(latex.contains("BLEU & ") && latex.contains("28.10 $\\pm$ 0.18"), "{latex}");
    let svg = said(&place, &["export", "translate", "--format", "svg", "--picture", "curves/bleu"]);
    assert!(svg.starts_with("<svg") && svg.contains("BLEU (points)") && svg.contains(">step<"), "{svg}");
    let pictures = said(&place, &["export", "translate", "--format", "svg", "--picture", "grid/bleu"]);
    assert!(pictures.contains("BLEU at the end"), "{pictures}");
    let claims = said(&place, &["claims"]);
    assert!(claims.contains("A wider beam raises BLEU") && claims.contains("supported"), "{claims}");
    assert!(said(&place, &["list"]).contains("translate"));
    assert!(said(&place, &["show", "translate"]).contains("BLEU"));
}

#[test]
fn what_only_that_program_could_do_is_refused_by_name() {
    let place = place_with(journal(|_| {}));
    let output = run(&place, &["verify", "translate"]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("its trials are another program's"), "{error}");
    place.write("study.toml", "[base]\ndata = \"program\"\nsteps = 4\n");
    let output = run(&place, &["run", "study.toml"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.code() == Some(2) && error.contains("study.toml:2") && error.contains("docs/journal.md"),
        "{error}"
    );
    // Nor is its result written over by a study of the same name.
    let before = place.text("results/translate/journal.jsonl");
    place.write("translate.toml", "seeds = 1\n[base]\ndata = \"synthetic\"\nsteps = 1\n");
    let output = run(&place, &["run", "translate.toml", "-q"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && error.contains("holds trials of another program"), "{error}");
    assert_eq!(place.text("results/translate/journal.jsonl"), before);
}

#[test]
fn a_plan_whose_metrics_do_not_fit_is_refused() {
    let refused = |words: &str, change: &dyn Fn(&mut Value)| {
        let output = run(&place_with(journal(change)), &["export", "translate"]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && error.contains(words), "{error}");
    };
    refused("which nothing declares", &|plan| plan["claims"][0]["measure"]["metric"] = json!("blue"));
    refused("is no name of a metric", &|plan| plan["metrics"][0]["name"] = json!("../bleu"));
    refused("in letters that cannot be shown", &|plan| plan["metrics"][0]["title"] = json!("\u{1b}[31mBLEU"));
    refused("two of its metrics have the same name", &|plan| plan["metrics"][1]["name"] = json!("bleu"));
    refused("which nothing declares", &|plan| plan["claims"][0]["measure"]["metric"] = json!("gap"));
    refused("which trials of another program do not have", &|plan| {
        plan["claims"][0]["arm"]["at"] = json!({ "epoch": 2.5 })
    });
    refused("unknown field `best`", &|plan| plan["metrics"][0]["best"] = json!("higher"));
    refused("which declares what they measure", &|plan| plan["metrics"] = json!([]));
    refused("has no trials of another program", &|plan| {
        plan["cells"].as_array_mut().unwrap().iter_mut().for_each(|cell| cell["config"] = json!({}));
    });
    refused("dropout has no meaning for the trials", &|plan| plan["cells"][0]["config"]["dropout"] = json!(0.5));
    refused("steps is missing", &|plan| drop(plan["cells"][0]["config"].as_object_mut().unwrap().remove("steps")));
}

/// Of a grid of two axes, which one matters is told in that program's first metric.
#[test]
fn which_factor_matters_is_told_of_its_metrics() {
    let values = [(1, 1), (1, 2), (4, 1), (4, 2)];
    let cell = |(beam, passes): (u64, u64)| json!({ "params": { "beam": beam, "passes": passes }, "config": { "data": "program", "steps": 1 } });
    let mut plan = plan();
    plan["axes"] = json!(["beam", "passes"]);
    plan["cells"] = values.map(cell).into();
    plan["claims"] = json!([]);
    let trials: Vec<(usize, u64)> = (0..4).flat_map(|cell| (0..SEEDS).map(move |seed| (cell, seed))).collect();
    let id = |(cell, seed): (usize, u64)| format!("{:016x}", 100 * cell as u64 + seed);
    let planned = trials.iter().map(|&trial| json!({ "id": id(trial), "cell": trial.0, "seed": trial.1 }));
    plan["trials"] = planned.collect();
    let mut lines =
        vec![json!({ "journal": { "format": [2, 1], "ablate": "none" } }), json!({ "study_started": plan })];
    for &trial in &trials {
        // Three points more with the wider beam, one more with the second pass, whatever the seed.
        let (beam, passes) = values[trial.0];
        let bleu = 20.0 + 0.25 * trial.1 as f64 + if beam == 4 { 3.0 } else { 0.0 } + passes as f64;
        let (curve, outcome) =
            (json!({ "step": [1], "declared": { "bleu": [bleu] } }), json!({ "completed": { "weights_digest": "" } }));
        lines.extend([
            json!({ "trial_started": { "trial": id(trial) } }),
            json!({ "evaluated": { "trial": id(trial), "curve": curve } }),
            json!({ "trial_finished": { "trial": id(trial), "outcome": outcome, "seconds": 1.0, "counts": { "evaluations": 1 } } }),
        ]);
    }
    let place = place_with(lines.iter().map(|line| seal(line.to_string()) + "\n").collect());
    let json: Value = serde_json::from_str(&said(&place, &["export", "translate", "--format", "json"])).unwrap();
    let effects = &json["effects"];
    assert_eq!(
        (&effects["factors"][0]["axes"], &effects["factors"][0]["share_of_variance"]),
        (&json!(["beam"]), &json!(0.9))
    );
    assert_eq!((&effects["main"][0]["bleu"]["diff"], &effects["main"][1]["bleu"]["diff"]), (&json!(3.0), &json!(1.0)));
    let markdown = said(&place, &["export", "translate"]);
    assert!(markdown.contains("of the variance of the mean BLEU between the cells"), "{markdown}");
    // What was measured nowhere has a column without numbers.
    assert!(markdown.contains("Δ length_ratio"), "{markdown}");
}
