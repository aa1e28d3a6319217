//! What the README and docs/ claim.

use ablate::judge::report::Comparison;
use ablate::judge::stats::Direction;
use ablate::plan::Problem;
use ablate::plan::config::{Config, Optimizer};
use ablate::plan::metric::{Better, Metric};
use ablate::study::{Changes, Study};
use clap::CommandFactory;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn readme() -> String {
    fs::read_to_string("README.md").unwrap()
}

/// A page of docs/.
fn page(name: &str) -> String {
    fs::read_to_string(Path::new("docs").join(name)).unwrap()
}

/// What stands between two texts, first occurrence.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("no {from:?}"));
    rest.split_once(to).unwrap_or_else(|| panic!("no {to:?} after {from:?}")).0
}

fn shipped() -> Vec<Study> {
    let mut paths: Vec<_> = fs::read_dir("ablations").unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| Study::load(path, &Changes::default()).unwrap()).collect()
}

#[test]
fn the_table_is_the_one_that_was_produced() {
    let readme = readme();
    let table = between(&readme, "<!-- results/overfit.md -->\n", "<!-- end -->");
    let produced = fs::read_to_string("results/overfit.md").unwrap();
    assert!(produced.contains(table), "export results/overfit.md again and copy its table");
}

#[test]
fn the_table_of_verdicts_is_that_of_the_code() {
    let readme = readme();
    let (_, table) = readme.split_once("| test accuracy | gap |").unwrap();
    let direction = |text: &str| match text {
        "down" => Direction::Down,
        "no change seen" => Direction::Neither,
        "up" => Direction::Up,
        other => panic!("{other}"),
    };
    let row = |line: &str| {
        let cells: Vec<String> = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        let (test, gap) = (direction(&cells[0]), direction(&cells[1]));
        let trains = [Direction::Down, Direction::Neither, Direction::Up].into_iter().zip(cells.into_iter().skip(2));
        trains.map(move |(train, name)| (Comparison { test, gap, train }, name))
    };
    let told: Vec<_> = table.lines().skip(2).take_while(|line| line.starts_with('|')).flat_map(row).collect();
    assert_eq!(told.len(), 27);
    let korean = fs::read_to_string("README.ko.md").unwrap();
    for comparison in Comparison::all() {
        let names: Vec<_> =
            told.iter().filter(|(other, _)| *other == comparison).map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, [comparison.name()], "{comparison:?}");
        let parts: Vec<&str> = comparison.name().split(", ").collect();
        assert!(parts.iter().all(|part| korean.contains(&format!("| {part} |"))), "{}", comparison.name());
    }
}

#[test]
fn the_example_is_the_shipped_study() {
    let readme = readme();
    let example = between(&readme, "```toml\n", "```");
    let example = Study::parse(example, Path::new("overfit.toml"), &Changes::default()).unwrap();
    let shipped = Study::load(Path::new("ablations/overfit.toml"), &Changes::default()).unwrap();
    assert_eq!((&example.question, &example.seeds), (&shipped.question, &shipped.seeds));
    assert_eq!((&example.cells, example.baseline), (&shipped.cells, shipped.baseline));
}

#[test]
fn every_study_is_listed_with_its_question_and_its_table() {
    let findings = page("findings.md");
    let studies = between(&findings, "| study | its question | table |", "\n\n");
    for study in shipped() {
        let question = study.question.unwrap();
        let row = format!("| [{0}](../ablations/{0}.toml) | {question} | [results](../results/{0}.md) |", study.name);
        assert!(studies.contains(&row), "{row}");
        let table = fs::read_to_string(format!("results/{}.md", study.name)).unwrap();
        assert!(table.contains(&question) && !table.contains("Unfinished"), "results/{}.md", study.name);
    }
}

#[test]
fn every_command_is_listed() {
    let page = page("commands.md");
    let commands = between(&page, "```text\nablate run", "```");
    for command in ablate::cli::Cli::command().get_subcommands().filter(|command| command.get_name() != "run") {
        assert!(commands.contains(&format!("ablate {}", command.get_name())), "{}", command.get_name());
    }
}

#[test]
fn the_mistake_is_answered_like_that() {
    let readme = readme();
    let answer = between(&readme, "```text\nerror: ", "```");
    let study = "seeds = 2\n[base]\nepochs = 3\n[grid]\ndropuot = [0.0, 0.5]\n";
    let error = Study::parse(study, Path::new("ablations/mine.toml"), &Changes::default()).unwrap_err();
    assert_eq!(error.to_string().trim(), answer.trim());
}

#[test]
fn the_map_of_claims_is_the_one_that_was_produced() {
    let findings = page("findings.md");
    let map = between(&findings, "<!-- results/claims.md -->\n", "<!-- end -->");
    let produced = fs::read_to_string("results/claims.md").unwrap();
    assert_eq!(map, produced, "copy the output of `ablate claims`");
    // Every claim of every shipped study is in it, with the verdict that the study's own table has.
    let mut rows = 0;
    for study in shipped() {
        let table = fs::read_to_string(format!("results/{}.md", study.name)).unwrap();
        for claim in &study.claims {
            let holds = |line: &&str| line.contains(&format!("| {}", claim.says)) && line.contains(" | ");
            let of_study = produced.lines().find(|line| holds(line) && line.contains(&format!("| {} ", study.name)));
            let verdict = |line: &str, column: usize| line.split('|').nth(column).unwrap().trim().to_owned();
            let own = table.lines().find(holds).unwrap_or_else(|| panic!("{}: {}", study.name, claim.says));
            let of_study = of_study.unwrap_or_else(|| panic!("{}: {}", study.name, claim.says));
            assert_eq!(verdict(own, 2), verdict(of_study, 4), "{}: {}", study.name, claim.says);
            let is_judged = ["supported", "refuted", "inconclusive"].contains(&verdict(own, 2).as_str());
            // A network that stays at chance does so in the same way with every seed.
            let is_constant = table.contains("The same difference in all 10 seeds: compared, not tested.");
            assert!(is_judged || (verdict(own, 2) == "descriptive only" && is_constant), "{own}");
            rows += 1;
        }
    }
    // A header and its rule, and a paragraph after a blank line.
    assert_eq!(produced.lines().count(), rows + 4);
}

#[test]
fn every_key_of_a_claim_is_listed() {
    let claims = page("claims.md");
    let keys = between(&claims, "| key of a `[[claim]]` | says |", "A claim is supported");
    let unknown = "[grid]\ndropout = [0.0, 0.5]\n[[claim]]\nsomething = 1\n";
    let error = Study::parse(unknown, Path::new("a.toml"), &Changes::default()).unwrap_err().to_string();
    let (_, listed) = error.split_once("there are: ").unwrap();
    for key in listed.lines().next().unwrap().split(", ") {
        assert!(keys.contains(key), "{key}");
    }
}

/// Files of the repository that a page links to, by the place the page lies at.
#[test]
fn what_the_pages_link_to_is_there() {
    let docs = fs::read_dir("docs").unwrap().map(|entry| entry.unwrap().path());
    let others = ["README.md", "README.ko.md", "CONTRIBUTING.md", "benches/README.md"].map(PathBuf::from);
    for page in docs.chain(others) {
        let text = fs::read_to_string(&page).unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for link in links.filter(|link| !link.contains("://") && !link.is_empty()) {
            assert!(page.parent().unwrap().join(link).exists(), "{}: {link}", page.display());
        }
    }
}

#[test]
fn the_readme_is_short() {
    assert!(readme().lines().count() < 200);
}

/// A table of metrics, a row each.
fn table(metrics: impl Iterator<Item = Metric>) -> String {
    let row = |metric: Metric| {
        let better = match metric.better() {
            Some(Better::Higher) => "higher",
            Some(Better::Lower) => "lower",
            None => "–",
        };
        let needs = metric.probe().map_or("–".into(), |probe| format!("`probes = [\"{}\"]`", probe.name()));
        let meaning: Vec<&str> = metric.meaning().split_whitespace().collect();
        let (name, axis) = (metric.name(), metric.along_axis());
        format!("| `{name}` | {axis} | {better} | {needs} | {} |\n", meaning.join(" ").replace('|', "\\|"))
    };
    let rows: String = metrics.map(row).collect();
    format!("| metric | along an axis | better | needs | meaning |\n|---|---|---|---|---|\n{rows}")
}

/// `UPDATE_DOCS=1 cargo test --test docs` rewrites the page.
#[test]
fn the_reference_of_metrics_is_that_of_the_declarations() {
    let (network, surface) = (Problem::Network, Problem::Surface);
    let page = format!(
        "# Metrics\n\nWhat a claim can be about, and what tables, pictures and exports show. This page is made from the \
         declarations in\n[`src/plan/metric.rs`](../src/plan/metric.rs).\n\n## Networks, at every evaluation\n\n{}\n\
         ## Networks, where a study asks for it\n\n{}\n## Each layer of a network\n\nA claim names the layer, counted \
         from 1; the last hidden one is meant if it does not.\n\n{}\n## Surfaces\n\n{}",
        table(network.always().iter().copied()),
        table(network.sometimes()),
        table(network.by_layer()),
        table(surface.always().iter().copied().chain(surface.sometimes())),
    );
    holds("docs/metrics.md", &page);
}

/// A page that is made from the code. `UPDATE_DOCS=1 cargo test --test docs` rewrites it.
fn holds(path: &str, page: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, page).unwrap();
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    assert!(committed == page, "{path} is stale: UPDATE_DOCS=1 cargo test --test docs rewrites it");
}

/// What a schema says of a value, as a cell of a table.
fn meaning(schema: &Value) -> String {
    let words: Vec<&str> = schema["description"].as_str().unwrap_or_default().split_whitespace().collect();
    words.join(" ").replace('|', "\\|")
}

/// A value as written in a study.
fn as_toml(value: &Value) -> String {
    match value {
        Value::Number(number) if number.is_f64() => format!("`{:?}`", number.as_f64().unwrap()),
        Value::Number(number) => format!("`{number}`"),
        _ => format!("`{}`", toml::Value::try_from(value).unwrap()),
    }
}

/// The definition of a choice, if a schema is nothing but that.
fn definition(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str().or(schema["allOf"][0]["$ref"].as_str())?.strip_prefix("#/definitions/")
}

/// Whether it is a table with always the same keys.
fn is_table(schema: &Value) -> bool {
    let whole = ablate::study::schema();
    definition(schema).is_some_and(|name| whole["definitions"][name]["oneOf"].is_null())
}

/// The values that a key takes, in words; a choice has a section of its own.
fn values(key: &str, schema: &Value) -> String {
    let end = |key: &str| schema.get(key).map(|end| end.to_string().trim_end_matches(".0").to_owned());
    let number = if schema["type"] == "integer" { "whole number" } else { "number" };
    match schema["type"].as_str() {
        Some("boolean") => "`true` or `false`".into(),
        Some("array") if definition(&schema["items"]).is_some() => format!("list of [names](#{key})"),
        Some("array") => format!("list, each a {}", values(key, &schema["items"])),
        Some("integer" | "number") => {
            match (end("minimum"), end("exclusiveMinimum"), end("maximum"), end("exclusiveMaximum")) {
                (Some(low), _, _, Some(high)) => format!("{number} in [{low}, {high})"),
                (Some(low), _, Some(high), _) if number == "number" => format!("{number} in [{low}, {high}]"),
                (Some(low), ..) => format!("{number}, {low} or above"),
                (None, Some(low), ..) => format!("{number} above {low}"),
                _ => number.into(),
            }
        }
        _ if is_table(schema) => format!("table of [these](#{key})"),
        _ => match schema["anyOf"].as_array() {
            Some(forms) => forms.iter().map(|form| values(key, form)).collect::<Vec<_>>().join(", or "),
            None => schema["const"].as_str().map_or(format!("one of [these](#{key})"), |name| format!("`\"{name}\"`")),
        },
    }
}

/// A table of keys, a row each.
fn keys(schema: &Value) -> String {
    let row = |(key, schema): (&String, &Value)| {
        let default = schema.get("default").map_or("–".into(), as_toml);
        format!("| `{key}` | {} | {default} | {} |\n", values(key, schema), meaning(schema))
    };
    let rows: String = schema["properties"].as_object().unwrap().iter().map(row).collect();
    format!("| key | values | default | meaning |\n|---|---|---|---|\n{rows}")
}

/// A table of the alternatives of a choice, a row each: names, and tables of a name and its constants.
fn choices(schema: &Value) -> String {
    let constants = |form: &Value| -> Vec<String> {
        let constant = |(key, schema): (&String, &Value)| {
            let default = schema.get("default").map(|value| format!(", default {}", as_toml(value)));
            let meaning =
                Some(meaning(schema)).filter(|meaning| !meaning.is_empty()).map(|meaning| format!(": {meaning}"));
            format!("`{key}`, {}{}{}", values(key, schema), default.unwrap_or_default(), meaning.unwrap_or_default())
        };
        let properties = form["properties"].as_object().into_iter().flatten();
        properties.filter(|(key, _)| *key != "name").map(constant).collect()
    };
    let forms = schema["oneOf"].as_array().unwrap();
    let mut rows = String::new();
    for form in forms {
        let tagged = |other: &&Value| other["properties"]["name"]["const"] == form["const"];
        let (value, table) = match form["const"].as_str() {
            Some(name) => (format!("`\"{name}\"`"), forms.iter().find(tagged)),
            None if form["properties"]["name"]["const"].is_null() => {
                let key = form["required"][0].as_str().unwrap();
                (format!("`{{ {key} = … }}`"), Some(form))
            }
            None => {
                let name = &form["properties"]["name"]["const"];
                if forms.iter().any(|other| other["const"] == *name) {
                    continue;
                }
                (format!("`{{ name = {name}, … }}`"), Some(form))
            }
        };
        let constants = table.map(constants).unwrap_or_default().join("<br>");
        rows += &format!("| {value} | {constants} | {} |\n", meaning(form));
    }
    match rows.contains("|  |") && !rows.contains("`, ") {
        true => format!("| value | meaning |\n|---|---|\n{}", rows.replace(" |  | ", " | ")),
        false => format!("| value | constants | meaning |\n|---|---|---|\n{rows}"),
    }
}

#[test]
fn the_reference_of_keys_is_that_of_the_declarations() {
    let schema = ablate::study::schema();
    let config = &schema["definitions"]["Config"];
    let chapter = |(key, values): (&String, &Value)| {
        let name = definition(values).or(definition(&values["items"]))?;
        let chapter = &schema["definitions"][name];
        let table =
            if is_table(values) { format!("{}\n\n{}", meaning(chapter), keys(chapter)) } else { choices(chapter) };
        Some(format!("\n## `{key}`\n\n{table}"))
    };
    let chapters: String = config["properties"].as_object().unwrap().iter().filter_map(chapter).collect();
    let page = format!(
        "# Keys of a configuration\n\nWhat can stand below `[base]`, be an axis of the `[grid]` as a list of values, or be \
         `set` by an arm. This page is made\nfrom the declarations in [`src/plan/config/`](../src/plan/config/mod.rs), as \
         is the schema that `ablate schema` prints.\n\nA choice that has constants is a name, as in `optimizer = \
         \"adam\"`, or a table of the name and the constants that differ\nfrom their defaults, as in `optimizer = {{ name = \
         \"adam\", beta_1 = 0.5 }}`.\n\n{}{chapters}",
        keys(config),
    );
    holds("docs/keys.md", &page);
}

#[test]
fn definitions_beside_pytorchs_are_those_of_the_code() {
    let (definitions, keys) = (page("definitions.md"), page("keys.md"));
    for optimizer in Optimizer::all() {
        let name = optimizer.name();
        let row =
            |page: &str| page.lines().find(|line| line.starts_with(&format!("| `\"{name}\"`"))).unwrap().to_owned();
        let formula = between(&row(&definitions), ": ", " |").to_owned();
        assert!(row(&keys).ends_with(&format!(" {formula} |")), "{name}: {formula}");
        let rates = between(&definitions, "| default of `learning_rate` |", "The metric").to_owned();
        let rate = rates.lines().find(|line| line.contains(&format!("`{name}`"))).unwrap();
        let rate: f64 = rate.split('|').nth(2).unwrap().trim().parse().unwrap();
        assert_eq!(rate, Config { optimizer, ..Config::default() }.learning_rate(), "{name}");
    }
    let config = Config::default();
    let defaults = [
        format!("`batch_norm_epsilon` is {:e}", config.batch_norm_epsilon.get()),
        format!("the default {} is the share that is **kept**", config.batch_norm_momentum.get()),
        format!("ε = {:e} inside the root", config.layer_norm_epsilon.get()),
    ];
    assert!(defaults.iter().all(|default| definitions.contains(default)), "{defaults:?}");
}
