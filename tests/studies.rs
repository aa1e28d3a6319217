//! Studies as people write them: valid ones expand to the right trials, and each mistake gets its own message.

use ablate::plan::config::{Config, Probe};
use ablate::plan::metric::Metric;
use ablate::plan::{At, Expect, Measure, Plan, Provenance, Side, Versus};
use ablate::record::event::Event;
use ablate::study::{Changes, Study};
use proptest::prelude::*;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

const CLAIMS: &str = include_str!("studies/valid/claims.toml");
const EVERYTHING: &str = include_str!("studies/valid/everything.toml");

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/studies").join(folder);
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    files.sort();
    files
}

fn parse(source: &str, set: &[&str]) -> Result<Study, String> {
    let changes =
        Changes { set: set.iter().map(|typed| typed.to_string()).collect(), seeds: None, ..Changes::default() };
    Study::parse(source, Path::new("study.toml"), &changes).map_err(|error| error.to_string())
}

/// A file may begin with lines like `# --set dropout=0.5`.
#[test]
fn every_mistake_is_told_with_its_place_and_its_mend() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("studies/invalid");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let files = files("invalid");
    assert!(files.len() >= 20);
    for path in files {
        let source = fs::read_to_string(&path).unwrap();
        let set: Vec<_> = source.lines().map_while(|line| line.strip_prefix("# --set ")).collect();
        let message = parse(&source, &set).expect_err(&path.display().to_string());
        settings.bind(|| insta::assert_snapshot!(path.file_stem().unwrap().to_str().unwrap(), message));
    }
}

/// Mistakes that only the whole study shows: two values that contradict each other, a cell that does not exist, too
/// many trials. The schema knows types, ranges, names and keys. Those that begin with `set_` are mistakes of the
/// command line.
const BEYOND_A_SCHEMA: &str = "
    arm_name_twice axis_value_twice baseline_ambiguous baseline_no_such_arm baseline_nowhere
    claim_accuracy_on_surface claim_arm_ambiguous claim_arm_nowhere claim_arm_unknown claim_at_before_the_first
    claim_at_best_without_validation claim_at_between_evaluations claim_at_beyond_the_end claim_at_half_an_epoch
    claim_barrier_before_the_end claim_baseline_itself claim_best_without_validation claim_dead_without_relu
    claim_diverged_as_negative claim_diverged_as_of_steps claim_diverged_as_percent claim_layer_beyond_the_last
    claim_layer_beyond_the_output claim_layer_of_the_whole claim_layer_without_any claim_overshoots_of_network
    claim_saturated_nowhere claim_sharpness_with_batch_norm claim_spread_ambiguous claim_spread_names_axis
    claim_spread_of_arm claim_spread_over_one_value claim_spread_percent claim_spread_unknown_axis
    claim_spread_without_grid claim_spread_without_versus claim_stopped_epoch_without_patience claim_true_accuracy_without_noise claim_twice claim_update_at_the_start
    claim_validation_not_measured claim_velocity_of_sgd claim_versus_a_cells_value claim_versus_at_itself claim_versus_at_of_a_number
    claim_versus_itself claim_versus_metric_of_bound claim_versus_metric_same claim_versus_missing
    claim_versus_negative_loss claim_versus_no_gap claim_versus_percent claim_within_percent contradiction
    contradiction_with_default curvature_with_batch_norm curvature_with_layer_norm decay_too_small
    design_other_baseline design_random_too_few design_random_too_many design_random_without_grid
    design_single_value design_without_grid distortion_of_numbers dropout_too_small elastic_too_wide epochs_and_steps label_noise_on_surface layer_norm_with_batch_norm
    layer_too_wide learning_rate_twice learning_rate_zero_in_single momentum_one_in_single patience_on_surface
    patience_without_validation probe_measures_nothing
    probes_on_surface range_outside_random range_upside_down set_base_dotted set_baseline set_claim
    set_constant_of_a_number set_constant_of_another set_constant_of_none set_constant_of_the_default
    set_constant_out_of_range set_dash_as_minus set_decimal_comma set_deep_key set_deep_value set_half_a_key
    set_in_axis set_list_of_seeds set_list_without_brackets set_list_without_commas set_look_alike set_lr
    set_names_without_brackets set_no_key set_no_value set_nothing set_number_without_zero set_percent
    set_question set_range set_schedule_step set_seed set_seeds set_two_equals set_unknown set_unquoted_list
    set_wide_equals set_without_value shift_out_of_the_image subset_on_surface too_many_trials twin_cells
    validation_leaves_less_than_a_batch validation_takes_all warmup_longer_than_training
";

#[test]
fn an_editor_sees_every_mistake_of_type_range_name_or_key() {
    let schema = ablate::study::schema();
    jsonschema::draft7::meta::validate(&schema).unwrap();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let complaints = |path: &Path| {
        let source = fs::read_to_string(path).unwrap();
        let Ok(study) = toml::from_str::<serde_json::Value>(&source) else { return vec!["no TOML".to_owned()] };
        validator.iter_errors(&study).map(|error| format!("{}: {error}", error.instance_path())).collect()
    };
    let shipped = fs::read_dir("ablations").unwrap().map(|entry| entry.unwrap().path());
    for path in files("valid").into_iter().chain(shipped) {
        assert_eq!(complaints(&path), [""; 0], "{}", path.display());
    }
    let unseen = files("invalid").into_iter().filter(|path| complaints(path).is_empty());
    let unseen: Vec<_> = unseen.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let listed: Vec<_> = BEYOND_A_SCHEMA.split_whitespace().collect();
    assert_eq!(unseen, listed);
}

#[test]
fn a_study_may_begin_with_the_place_of_its_schema() {
    let study = parse("#:schema ./study.schema.json\nseeds = 3\n", &[]).unwrap();
    assert_eq!(study.seeds, [0, 1, 2]);
}

#[test]
fn valid_studies_expand_to_their_trials() {
    let counts: Vec<_> = files("valid")
        .iter()
        .map(|path| {
            let study = Study::load(path, &Changes::default()).unwrap_or_else(|error| panic!("{error}"));
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), study.cells.len(), study.trials().len())
        })
        .collect();
    let expected =
        [("arms", 3, 9), ("claims", 5, 10), ("empty", 1, 10), ("everything", 4, 40), ("grid_and_arms", 4, 8)];
    assert_eq!(counts, expected.map(|(name, cells, trials)| (name.to_owned(), cells, trials)));
}

#[test]
fn a_grid_keeps_its_order_and_finds_its_baseline() {
    let study = parse(EVERYTHING, &[]).unwrap();
    assert_eq!(study.axes, ["weight_decay", "dropout"]);
    let points: Vec<_> =
        study.cells.iter().map(|cell| (cell.config.weight_decay.get(), cell.config.dropout.get())).collect();
    assert_eq!(points, [(0.0, 0.0), (0.0, 0.2), (0.1, 0.0), (0.1, 0.2)]);
    assert_eq!(study.baseline, Some(0));
    assert_eq!(serde_json::to_string(&study.cells[1].params).unwrap(), r#"{"weight_decay":0.0,"dropout":0.2}"#);
}

fn designed(design: &str, grid: &str) -> Result<Study, String> {
    parse(&format!("{design}\nseeds = 1\n[base]\ndata = \"synthetic\"\n[grid]\n{grid}"), &[])
}

#[test]
fn one_thing_is_changed_at_a_time() {
    let grid = "batch_norm = [true, false]\ndropout = [0.2, 0.0, 0.5]\nactivation = [\"relu\", \"tanh\"]";
    for design in ["leave_one_out", "one_at_a_time"] {
        let study = designed(&format!("design = \"{design}\""), grid).unwrap();
        let cells: Vec<_> = study.cells.iter().map(|cell| serde_json::to_string(&cell.params).unwrap()).collect();
        let expected = [
            r#"{"batch_norm":true,"dropout":0.2,"activation":"relu"}"#,
            r#"{"batch_norm":false,"dropout":0.2,"activation":"relu"}"#,
            r#"{"batch_norm":true,"dropout":0.0,"activation":"relu"}"#,
            r#"{"batch_norm":true,"dropout":0.5,"activation":"relu"}"#,
            r#"{"batch_norm":true,"dropout":0.2,"activation":"tanh"}"#,
        ];
        assert_eq!(cells, expected);
        assert_eq!(study.baseline, Some(0), "the recipe to start from, without a word");
        assert_eq!(study.plan(&Provenance::default()).design.name(), design);
    }
    let source = "design = \"leave_one_out\"\nbaseline = { dropout = 0.2 }\n[grid]\ndropout = [0.2, 0.0]";
    assert_eq!(parse(source, &[]).unwrap().baseline, Some(0));
    assert_eq!(parse(source, &["dropout=[0.0, 0.2]"]).unwrap().baseline, Some(0), "another start is another baseline");
    let with_arm = format!("{source}\n[[arm]]\nname = \"wide\"\nset = {{ hidden = [200] }}");
    assert_eq!(parse(&with_arm, &[]).unwrap().cells.len(), 3);
}

/// The hyper-parameter search of the chapter.
const SEARCH: &str = "learning_rate = { log_uniform = [1e-6, 1e-2] }\nweight_decay = { log_uniform = [1e-8, 1e-4] }\n\
                      dropout = { uniform = [0.0, 0.5] }\noptimizer = [\"sgd\", \"adam\"]";

#[test]
fn random_cells_are_the_same_everywhere() {
    let cells = |design: &str| {
        let study = designed(&format!("design = \"random\"\n{design}"), SEARCH).unwrap();
        study.cells.into_iter().map(|cell| cell.config).collect::<Vec<_>>()
    };
    let hundred = cells("samples = 100");
    let numbers = |config: &Config| (config.learning_rate(), config.weight_decay.get(), config.dropout.get());
    // Pinned from the first run of this code: a study has to mean the same cells in every version.
    let pinned = [(0.000686, 7.306e-7, 0.3496), (0.003284, 1.578e-6, 0.4145), (0.001641, 4.142e-8, 0.4404)];
    assert_eq!(hundred[..3].iter().map(numbers).collect::<Vec<_>>(), pinned);
    assert_eq!(cells("samples = 3"), hundred[..3], "more samples only add to fewer");
    assert_eq!(cells("samples = 3\ndesign_seed = 0"), hundred[..3]);
    assert_ne!(cells("samples = 3\ndesign_seed = 1"), hundred[..3]);
    for config in &hundred {
        let (rate, decay, dropout) = numbers(config);
        assert!((1e-6..=1e-2).contains(&rate) && (1e-8..=1e-4).contains(&decay) && (0.0..=0.5).contains(&dropout));
        assert_eq!(format!("{rate:.3e}").parse(), Ok(rate), "four digits");
    }
    // Half of the log-uniform values lie in each half: 50 ± 5.
    let below = |bound: f64| hundred.iter().filter(|config| config.learning_rate() < bound).count();
    assert!((35..=65).contains(&below(1e-4)), "{}", below(1e-4));
}

#[test]
fn no_random_cell_comes_twice() {
    let lists = "dropout = [0.0, 0.1, 0.2]\nbatch_norm = [true, false]";
    let study = designed("design = \"random\"\nsamples = 6", lists).unwrap();
    let cells: HashSet<_> = study.cells.iter().map(|cell| serde_json::to_string(&cell.params).unwrap()).collect();
    assert_eq!(cells.len(), 6);
    let message = designed("design = \"random\"\nsamples = 7", lists).unwrap_err();
    assert!(message.contains("only 6 different ones"), "{message}");
    // On a surface, where rates are in double precision.
    let range = "data = [\"surface\"]\nlearning_rate = { log_uniform = [1e-300, 1e300] }";
    let widest = designed("design = \"random\"\nsamples = 9", range);
    assert!(widest.unwrap().cells.iter().any(|cell| (1e-250..1e250).contains(&cell.config.learning_rate())));
    let searched = parse("design = \"random\"\nsamples = 4", &["dropout={ uniform = [0.1, 0.2] }"]).unwrap();
    assert!(searched.cells.iter().all(|cell| (0.1..=0.2).contains(&cell.config.dropout.get())));
}

#[test]
fn an_arm_changes_only_what_it_sets() {
    let study = parse(include_str!("studies/valid/arms.toml"), &[]).unwrap();
    assert_eq!(study.seeds, [3, 1, 4]);
    assert_eq!(study.baseline, Some(0));
    let steps = &study.cells[1].config;
    assert_eq!(
        (steps.steps.map(|count| count.get()), steps.epochs),
        (Some(50), None),
        "steps take the place of epochs"
    );
    let study = parse(include_str!("studies/valid/grid_and_arms.toml"), &[]).unwrap();
    assert_eq!((study.cells[3].arm.as_deref(), study.cells[3].params.len()), (Some("no batch norm"), 1));
    assert_eq!(study.baseline, Some(0));
}

#[test]
fn claims_find_their_cells() {
    let study = parse(CLAIMS, &[]).unwrap();
    let side = |cells: &[usize], at| Side { cells: cells.to_vec(), at, metric: None };
    let sides: Vec<_> = study.claims.iter().map(|claim| (claim.arm.clone(), claim.versus.clone())).collect();
    let expected = [
        (side(&[2], At::Last), Versus::Side(side(&[0], At::Last))),
        (side(&[2], At::Last), Versus::Side(side(&[0], At::Last))),
        (side(&[2, 3], At::Last), Versus::Side(side(&[0, 1], At::Last))),
        (side(&[4], At::Last), Versus::Side(side(&[4], At::Epoch(1.0)))),
        (side(&[0], At::Start), Versus::Bound(0.1)),
    ];
    assert_eq!(sides, expected);
    let level = Measure::StepsTo { metric: Metric::TEST_ACCURACY, level: 0.9 };
    assert_eq!((study.claims[1].measure, study.claims[4].expect), (level, Expect::Same { within: 0.05 }));
    let words: Vec<_> = study.claims.iter().map(|claim| claim.in_words(&study.cells)).collect();
    insta::assert_snapshot!(words.join("\n"), @r#"
    gap of (batch_norm = true, init = he) lower than that of (batch_norm = false, init = he)
    steps to test_accuracy = 0.9 of (batch_norm = true, init = he) lower than that of (batch_norm = false, init = he)
    spread over init of test_accuracy of (batch_norm = true) lower than that of (batch_norm = false)
    update_norm of "adagrad" at the end lower than that of "adagrad" after epoch 1
    test_accuracy of (batch_norm = false, init = he) untrained within 0.05 of 0.1
    "#);
}

#[test]
fn a_claim_asks_for_its_probe_in_every_cell() {
    let study = parse(CLAIMS, &[]).unwrap();
    assert!(study.cells.iter().all(|cell| cell.config.probes == [Probe::Updates]));
    let without = CLAIMS.replace("update_norm", "train_loss");
    let plain = parse(&without, &[]).unwrap();
    assert!(plain.cells.iter().all(|cell| cell.config.probes.is_empty()));
    assert_ne!(study.trials()[0].id, plain.trials()[0].id, "what is measured belongs to the result");
    let asked = parse(&without.replace("[base]", "[base]\nprobes = [\"updates\"]"), &[]).unwrap();
    assert_eq!(study.trials(), asked.trials());
}

#[test]
fn a_claim_may_name_a_layer() {
    let one = |keys: &str| {
        let text = format!(
            "seeds = 1\n[base]\nhidden = [50, 50]\n[[claim]]\nsays = \"so\"\n{keys}\narm = {{}}\nexpect = \"lower\""
        );
        let study = parse(&text, &[]).unwrap();
        (study.claims[0].in_words(&study.cells), study.claims[0].measure, study.cells[0].config.probes.clone())
    };
    let (words, measure, probes) = one("metric = \"activation_sd\"\nlayer = 1\nversus = 0.5");
    assert_eq!(words, "activation_sd of layer 1 of the base lower than 0.5");
    assert_eq!(
        (measure, probes),
        (Measure::Layer { metric: Metric::ACTIVATION_SD, layer: 1 }, vec![Probe::Activations])
    );
    // The output's weights are those of the layer after the last hidden one.
    let (_, measure, probes) = one("metric = \"layer_weight_norm\"\nlayer = 3\nversus = 0.5");
    assert_eq!(
        (measure, probes),
        (Measure::Layer { metric: Metric::LAYER_WEIGHT_NORM, layer: 3 }, vec![Probe::Weights])
    );
    let (_, measure, _) = one("metric = \"dead\"\nversus = 0.5");
    assert_eq!(measure, Measure::Metric(Metric::DEAD));
}

#[test]
fn a_claim_whose_cells_are_set_away_is_left_out() {
    let study = parse(CLAIMS, &["init=he"]).unwrap();
    let says: Vec<_> = study.claims.iter().map(|claim| claim.says.as_str()).collect();
    assert_eq!(
        says,
        ["Batch norm narrows the gap", "It learns faster", "AdaGrad's updates fade", "An untrained network guesses"]
    );
    assert_eq!(study.remarks.len(), 1);
    assert!(study.remarks[0].contains("depends less on the initial scale\" is left out"), "{:?}", study.remarks);
    let study = parse(CLAIMS, &["init=zeros", "steps=300"]).unwrap();
    assert_eq!((study.claims.len(), study.remarks.len()), (0, 5), "{:?}", study.remarks);
}

#[test]
fn a_plan_survives_its_journal_and_names_no_cell_it_does_not_have() {
    let plan = parse(CLAIMS, &[]).unwrap().plan(&Provenance {
        data_sha256: "data".into(),
        command: "command".into(),
        ..Provenance::default()
    });
    let line = serde_json::to_string(&Event::StudyStarted(plan.clone())).unwrap();
    let event: Event = serde_json::from_str(&line).unwrap();
    assert!(event.clone().checked().is_ok());
    assert_eq!(event, Event::StudyStarted(plan.clone()));
    let mut broken = plan;
    broken.claims[0].arm.cells = vec![5];
    assert!(Event::StudyStarted(broken).checked().is_err());
    // A plan from before there were claims.
    let plan = serde_json::to_value(parse("", &[]).unwrap().plan(&Provenance::default())).unwrap();
    assert!(plan.get("claims").is_none() && serde_json::from_value::<Plan>(plan).is_ok());
}

#[test]
fn set_replaces_values_and_axes() {
    let study = parse(EVERYTHING, &["dropout=0.5"]).unwrap();
    assert_eq!((study.axes, study.baseline), (vec!["weight_decay".to_owned()], Some(0)));
    assert!(study.cells.iter().all(|cell| cell.config.dropout.get() == 0.5));

    let study = parse(EVERYTHING, &["dropout=[0.1, 0.5, 0.9]"]).unwrap();
    assert_eq!((study.cells.len(), study.baseline), (6, None));

    let study = parse(EVERYTHING, &["optimizer=adam", "hidden=[50]", "steps = 10"]).unwrap();
    let config = &study.cells[0].config;
    assert_eq!((study.cells.len(), config.hidden.len(), config.total_steps()), (4, 1, 10));
    assert_eq!(config.learning_rate(), 0.01);

    assert_eq!(parse("", &["hidden=[[50], [50, 50]]"]).unwrap().axes, ["hidden"]);
    assert_eq!(parse("", &["activation=[\"relu\", \"tanh\"]", "activation=tanh"]).unwrap().cells.len(), 1);

    let arm = "[[arm]]\nname = \"half\"\nset = { dropout = 0.5 }";
    assert_eq!(parse(arm, &["dropout=0.1"]).unwrap().cells[0].config.dropout.get(), 0.5, "the arm still wins");
}

#[test]
fn set_gives_an_optimizer_a_constant() {
    let optimizers = |source: &str, set: &[&str]| {
        let cells = parse(source, set).unwrap_or_else(|mistake| panic!("{mistake}")).cells;
        cells.iter().map(|cell| serde_json::to_string(&cell.config.optimizer).unwrap()).collect::<Vec<_>>()
    };
    let adam = |beta_1: &str, beta_2: &str| {
        format!(r#"{{"name":"adam","learning_rate":null,"beta_1":{beta_1},"beta_2":{beta_2},"epsilon":1e-7}}"#)
    };
    let changed = [adam("0.8", "0.999")];
    assert_eq!(optimizers("[base]\noptimizer = \"adam\"", &["optimizer.beta_1=0.8"]), changed);
    assert_eq!(optimizers("", &["optimizer=adam", "optimizer.beta_1 = 0.8"]), changed);
    let table = "[base]\noptimizer = { name = \"adam\", beta_1 = 0.5, beta_2 = 0.99 }";
    assert_eq!(optimizers(table, &["optimizer.beta_1=0.8"]), [adam("0.8", "0.99")]);
    // A list is an axis, and on an axis those change that have such a constant.
    assert_eq!(optimizers(table, &["optimizer.beta_1=[0.8, 0.9]"]), [adam("0.8", "0.99"), adam("0.9", "0.99")]);
    let grid = "[grid]\noptimizer = [\"sgd\", { name = \"adam\", beta_1 = 0.5 }]";
    let sgd = r#"{"name":"sgd","learning_rate":null}"#.to_owned();
    assert_eq!(optimizers(grid, &["optimizer.beta_1=0.8"]), [sgd, adam("0.8", "0.999")]);
    // Choices whose constant is their key, and those whose name is written alone.
    let one = |set: &str| parse("[base]\nactivation = \"leaky_relu\"", &[set]).unwrap().cells.remove(0).config;
    assert_eq!(serde_json::to_string(&one("init.normal=0.1").init).unwrap(), r#"{"normal":0.1}"#);
    assert_eq!(
        serde_json::to_string(&one("activation.slope=0.2").activation).unwrap(),
        r#"{"name":"leaky_relu","slope":0.2}"#
    );
    assert!(parse("", &["schedule.name=cosine", "schedule.floor=0.1"]).is_ok());
}

#[test]
fn a_range_of_a_whole_number_draws_whole_numbers() {
    let batches = |range: &str| {
        let study = designed("design = \"random\"\nsamples = 5", &format!("batch_size = {range}")).unwrap();
        study.cells.iter().map(|cell| cell.config.batch_size.get()).collect::<Vec<_>>()
    };
    // No two cells are the same, so that all five are drawn, both ends included.
    for range in ["{ uniform = [10, 14] }", "{ log_uniform = [10, 14] }", "{ uniform = [10.0, 14.0] }"] {
        let mut drawn = batches(range);
        drawn.sort_unstable();
        assert_eq!(drawn, [10, 11, 12, 13, 14], "{range}");
    }
}

#[test]
fn a_key_under_base_and_grid_is_told_with_what_counts() {
    let remarks = |text: &str, set: &[&str]| parse(text, set).unwrap().remarks;
    let both = "[base]\ndropout = 0.3\n[grid]\ndropout = [0.0, 0.5]\n";
    assert_eq!(remarks(both, &[]), ["`dropout` stands under [base] and [grid]: the values of [grid] count"]);
    let arms = format!("{both}[[arm]]\nname = \"wide\"\nset = {{ hidden = [200] }}");
    let told = "`dropout` stands under [base] and [grid]: the values of [grid] count, and in arms that of [base]";
    assert_eq!(remarks(&arms, &[]), [told]);
    // Of what the command line gives, it is known that it counts.
    assert_eq!(remarks(both, &["dropout=0.1"]), [""; 0]);
    assert_eq!(remarks("[base]\ndropout = 0.3", &["dropout=[0.0, 0.5]"]), [""; 0]);
}

#[test]
fn a_whole_number_may_have_a_point() {
    assert_eq!(parse("seeds = 3.0", &[]).unwrap().seeds, [0, 1, 2]);
    assert_eq!(parse("seeds = [3.0, 1]", &[]).unwrap().seeds, [3, 1]);
}

#[test]
fn what_is_no_study_file_is_told_with_what_to_name() {
    let told = |path: &str| Study::load(Path::new(path), &Changes::default()).unwrap_err().to_string();
    insta::assert_snapshot!(told("ablations"), @r"
    ablations: this is a folder, not a study
      to mend it: name the studies in it, as in ablations/*.toml
    ");
    insta::assert_snapshot!(told("—seeds"), @r"
    —seeds: there is no such study file
      to mend it: it begins with U+2014, a dash: options begin with two hyphens, --
    ");
}

#[test]
fn seeds_can_be_given_anew() {
    let seeds = |count| {
        Study::parse("", Path::new("a.toml"), &Changes { seeds: Some(count), set: vec![], ..Changes::default() })
    };
    assert_eq!(seeds(3).unwrap().seeds, [0, 1, 2]);
    assert!(seeds(0).is_err() && seeds(usize::MAX).is_err());
}

#[test]
fn names_are_those_of_folders() {
    let named = |path: &str| Study::parse("", Path::new(path), &Changes::default()).map(|study| study.name);
    assert_eq!(named("ablations/overfit.toml").unwrap(), "overfit");
    for path in ["my study.toml", ".toml", "", "..", "a/b:c.toml", "nul.toml", "con.x.toml", &"x".repeat(101)] {
        assert!(named(path).is_err(), "{path:?}");
    }
}

#[test]
fn a_missing_file_says_what_to_do() {
    let error = Study::load(Path::new("nowhere/none.toml"), &Changes::default()).unwrap_err().to_string();
    assert!(error.contains("nowhere/none.toml") && error.contains("ablate list"), "{error}");
}

#[test]
fn ten_thousand_trials_are_planned_at_once() {
    let list = |scale: f64| (1..=100).map(|n| (n as f64 * scale).to_string()).collect::<Vec<_>>().join(",");
    let source = format!("seeds = 1\n[grid]\ndropout = [{}]\nweight_decay = [{}]", list(0.009), list(0.1));
    let start = Instant::now();
    let plan = parse(&source, &[]).unwrap().plan(&Provenance::default());
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(plan.trials.len(), 10_000);
    assert_eq!(plan.trials.iter().map(|trial| trial.id).collect::<HashSet<_>>().len(), 10_000);
    assert!(seconds < 2.0, "{seconds} s");
}

#[test]
fn deep_nesting_is_refused() {
    assert!(parse(&format!("a = {}", "[".repeat(100_000)), &[]).is_err());
    assert!(parse("", &[&format!("hidden={}", "[".repeat(100_000))]).is_err());
}

/// Text that goes beyond what proptest's own strings would hit: a valid study with a piece cut out or put in.
fn mutated(study: &'static str) -> impl Strategy<Value = String> {
    let piece = prop_oneof!["\\PC{0,4}", Just("[".into()), Just("\"".into()), Just("= {".into()), Just("\n".into())];
    (0..study.len(), 0..study.len(), piece).prop_map(|(start, length, piece)| {
        let start = study.floor_char_boundary(start);
        let end = study.ceil_char_boundary((start + length % 12).min(study.len()));
        format!("{}{piece}{}", &study[..start], &study[end..])
    })
}

fn config() -> impl Strategy<Value = Config> {
    let optimizer = prop_oneof![
        Just(r#""sgd""#.to_owned()),
        (0.0..1.0).prop_map(|beta| format!(r#"{{ name = "adam", beta_1 = {beta:?} }}"#)),
    ];
    let init = prop_oneof![Just(r#""zeros""#.to_owned()), (0.0..9.0).prop_map(|gain| format!("{{ gain = {gain:?} }}"))];
    let widths = prop::collection::vec(1usize..500, 0..4);
    (0.0..1.0, optimizer, init, widths, 1e-9..1e3f64, any::<bool>()).prop_map(
        |(dropout, optimizer, init, hidden, rate, norm)| {
            toml::from_str(&format!(
                "dropout = {dropout:?}\noptimizer = {optimizer}\ninit = {init}\nhidden = {hidden:?}\n\
                 learning_rate = {rate:?}\nbatch_norm = {norm}"
            ))
            .unwrap()
        },
    )
}

proptest! {
    #[test]
    fn trials_are_axes_times_seeds(lengths in prop::collection::vec(1usize..5, 0..4), seeds in 1usize..6) {
        let keys = ["dropout", "weight_decay", "label_smoothing", "learning_rate"];
        let mut source = format!("seeds = {seeds}\n[grid]\n");
        for (key, &length) in keys.iter().zip(&lengths) {
            let values: Vec<_> = (1..=length).map(|n| n as f64 / 8.0).collect();
            source += &format!("{key} = {values:?}\n");
        }
        let trials = parse(&source, &[]).unwrap().trials();
        prop_assert_eq!(trials.len(), lengths.iter().product::<usize>() * seeds);
        prop_assert_eq!(trials.iter().map(|trial| trial.id).collect::<HashSet<_>>().len(), trials.len());
    }

    #[test]
    fn a_config_survives_toml_and_json(config in config()) {
        prop_assert_eq!(&toml::from_str::<Config>(&toml::to_string(&config).unwrap()).unwrap(), &config);
        prop_assert_eq!(&serde_json::from_str::<Config>(&serde_json::to_string(&config).unwrap()).unwrap(), &config);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,80}", set in "\\PC{0,20}") {
        let _ = parse(&text, &[&set]);
        let _ = parse(EVERYTHING, &[&format!("dropout={set}")]);
    }

    #[test]
    fn no_slip_makes_it_panic(source in mutated(EVERYTHING), claims in mutated(CLAIMS)) {
        let _ = parse(&source, &[]);
        let _ = parse(&claims, &[]);
        let _ = parse(&claims, &["init=he"]);
    }
}

#[test]
fn probes_that_measure_nothing_in_some_cells_are_told() {
    let study =
        "[base]\nprobes = [\"velocity\", \"ensemble\"]\ndropout = 0.5\n[grid]\noptimizer = [\"sgd\", \"adam\"]\n";
    let told = parse(study, &[]).unwrap().remarks;
    let velocity = "the probe \"velocity\" measures nothing in optimizer = sgd: \
                    it needs an optimizer with a velocity: momentum, nesterov or adam";
    assert_eq!(told, [velocity]);
    // After a --set it is no mistake that there is nothing left to measure, as with claims.
    let told = parse(study, &["dropout=0.0"]).unwrap().remarks;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        parse(&study.replace("0.5", "0.0"), &[]).unwrap_err().contains("\"ensemble\" measures nothing in any cell")
    );
    // What a claim needs is measured where possible, without a remark.
    let claimed = study.replace("\"velocity\", ", "")
        + "[[claim]]\nsays = \"V grows\"\nmetric = \"velocity_norm\"\n\
           arm = { optimizer = \"adam\" }\nversus = 1.0\nexpect = \"higher\"\n";
    assert_eq!(parse(&claimed, &[]).unwrap().remarks, Vec::<String>::new());
}
