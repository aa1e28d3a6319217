//! No name, question, claim, value or message that a study or a journal holds changes the structure of what is exported
//! or printed, whatever it is. Each export is read by a parser of its format, and has to have the same structure as with
//! harmless words.

mod place;

use ablate::judge::diff::Diff;
use ablate::judge::report::Table;
use ablate::plan::config::Config;
use ablate::plan::trial_id;
use ablate::record::board::Board;
use ablate::record::journal::seal;
use ablate::record::results;
use ablate::show::export::{self, Format, Moment};
use ablate::{printable, show::screen};
use place::Place;
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const HARMLESS: &str = "harmless words";

/// Each means something in one of the formats, in a terminal or as a path.
const NASTY: [&str; 76] = [
    // Spreadsheets.
    "=1+1",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r\n=1+1",
    "\n+1",
    " -1+1",
    "＝1+1",
    "a,b;c\td",
    "\"=1+1\"",
    "\",\"=1",
    "'x'",
    // Markdown.
    "a|b||c",
    "|",
    "\\|",
    "x\\",
    "`code` ``x``",
    "```",
    "~~~ sh",
    "<script>alert(1)</script>",
    "<!-- x",
    "<b",
    "</sub>",
    "&lt;script&gt; &#x3c;",
    "[a](http://b.org)",
    "![a](http://b.org/c.png)",
    "[a]: http://b.org",
    "[^1]",
    "<http://b.org>",
    "# heading",
    "###",
    "- item",
    "+ item",
    "* item",
    "1. item",
    "23) item",
    "- [ ] task",
    "> quoted",
    "    code",
    "---",
    "===",
    "***",
    "___",
    "**b** _i_ __u__ ~~s~~",
    "_",
    "*",
    "|---|---|",
    "$x^2$ $$y$$",
    ":---",
    ": x",
    "a\n\n# heading\n\n- item",
    "a\r\nINJECTED",
    "a\u{2028}INJECTED\u{85}INJECTED\u{b}INJECTED",
    // LaTeX.
    "\\input{/etc/passwd}",
    "^^5cinput{x}",
    "100 % off",
    "%\nINJECTED",
    "} \\end{table} {",
    "$\\write18{x}$",
    "~^_&#{}\\\\",
    "[x]",
    "\"q\" ``p''",
    // XML.
    "]]>",
    "<![CDATA[x]]>",
    "\"/><script/>",
    "&x; &#0;",
    "\u{fffe}\u{ffff}\u{1ffff}",
    // Terminals.
    "\u{1b}[2J\u{1b}]0;x\u{7}",
    "\u{9b}31m\0\u{8}\u{7f}",
    "\u{202e}txt\u{2066}\u{200b}\u{e0041}",
    // Paths.
    "../../outside",
    "/etc/passwd",
    "..",
    "a/b\\c:d",
    "con",
];

/// The journal of another program, with the text wherever a journal holds one. One of its trials failed.
fn of_program(text: &str) -> String {
    program(text, json!({ "failed": { "message": text } }))
}

/// The same with all trials ended, so that the claims are judged.
fn of_program_done(text: &str) -> String {
    program(text, json!({ "completed": { "weights_digest": text } }))
}

fn program(text: &str, fifth: Value) -> String {
    let plain = text.chars().filter(|&c| !printable::is_unprintable(c)).collect::<String>();
    let cell = |arm: Option<&str>, value: Value| json!({ "arm": arm, "params": { text: value, "other": { text: [text, 1] } }, "config": { "data": "program", "steps": 2 } });
    let side = |cell: u64| json!({ "cells": [cell], "at": "last" });
    let claim = |number: u64, arm: u64, versus: u64| {
        json!({
            "says": if number == 0 { text.to_owned() } else { format!("{text}{number}") }, "note": text, "measure": { "metric": "bleu" },
            "arm": side(arm), "versus": { "side": side(versus) }, "expect": "higher",
        })
    };
    let trials: Vec<Value> = (0..4_u64)
        .flat_map(|cell| {
            (0..6_u64)
                .map(move |seed| json!({ "id": format!("{:016x}", 100 * cell + seed), "cell": cell, "seed": seed }))
        })
        .collect();
    let plan = json!({
        "study": text, "question": text, "axes": [text], "baseline": 0,
        "cells": [cell(None, json!(-0.5)), cell(None, json!(text)), cell(Some(text), json!([text])), cell(Some("b"), json!(1))],
        "metrics": [
            { "name": "bleu", "title": format!("{plain}."), "unit": plain, "better": "higher", "meaning": plain },
            { "name": "-loss", "title": format!("{plain}:"), "signed": true },
        ],
        "claims": [claim(0, 1, 0), claim(1, 2, 1)],
        "seeds": [0, 1, 2, 3, 4, 5], "trials": trials,
        "provenance": {
            "ablate": text, "commit": text, "os": text, "cpu": text, "study_sha256": text, "data_sha256": text,
            "command": format!("{text}.toml `{text}`"),
        },
    });
    let mut lines = vec![json!({ "journal": { "format": [2, 1], "ablate": text } }), json!({ "study_started": plan })];
    for (number, trial) in trials.iter().enumerate() {
        let (id, size) = (&trial["id"], number as f64 * number as f64 % 7.0);
        let outcome = match number {
            5 => fifth.clone(),
            11 => json!({ "diverged": { "step": 1 } }),
            _ => json!({ "completed": { "weights_digest": text } }),
        };
        let curve =
            json!({ "step": [0, 1, 2], "declared": { "bleu": [1.0, 2.0, 20.0 + size], "-loss": [3.0, 2.0, -size] } });
        lines.extend([
            json!({ "trial_started": { "trial": id } }),
            json!({ "evaluated": { "trial": id, "curve": curve } }),
            json!({ "trial_finished": { "trial": id, "outcome": outcome, "seconds": 1.0, "counts": { "evaluations": 3 } } }),
        ]);
    }
    lines.push(json!({ "study_finished": null }));
    lines.iter().map(|line| seal(line.to_string()) + "\n").collect()
}

/// A trained network's journal of format 1, which has no checksums, with the text for its names; one of its cells is an arm.
fn of_network(text: &str) -> String {
    let journal = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals/format_1/network/journal.jsonl");
    let journal = fs::read_to_string(journal).unwrap();
    let (first, rest) = journal.split_once('\n').unwrap();
    let mut first: Value = serde_json::from_str(first).unwrap();
    let plan = &mut first["study_started"];
    (plan["study"], plan["question"]) = (json!(text), json!(text));
    plan["cells"][3]["arm"] = json!(text);
    for claim in plan["claims"].as_array_mut().unwrap() {
        let says = format!("{text}{}", claim["says"].as_str().unwrap().len());
        (claim["says"], claim["note"]) = (json!(says), json!(text));
    }
    plan["provenance"] = json!({ "ablate": text, "study_sha256": text, "data_sha256": text, "command": text });
    format!("{first}\n{rest}")
}

/// The same, trained on a person's own files, whose name the text is. They are the first axis.
fn of_own_data(text: &str) -> String {
    let text = if text.trim().is_empty() { HARMLESS } else { text };
    let journal = of_network(text);
    let (first, rest) = journal.split_once('\n').unwrap();
    let (mut first, mut rest): (Value, String) = (serde_json::from_str(first).unwrap(), rest.to_owned());
    let plan = &mut first["study_started"];
    plan["axes"].as_array_mut().unwrap().insert(0, json!("data"));
    let found = json!({
        "sha256": "0".repeat(64), "train": 1000, "test": 1000, "shape": [8, 8], "classes": [text, "b"], "nonzero": 0.5, "bytes": true,
        "reading": 0,
    });
    for cell in plan["cells"].as_array_mut().unwrap() {
        cell["params"]["data"] = json!(text);
        cell["config"]["data"] = json!({ "files": { "csv": text, "label": text, "name": text }, "found": found });
    }
    let configs: Vec<Config> =
        plan["cells"].as_array().unwrap().iter().map(|cell| Config::deserialize(&cell["config"]).unwrap()).collect();
    for trial in plan["trials"].as_array_mut().unwrap() {
        let id = trial_id(&configs[trial["cell"].as_u64().unwrap() as usize], trial["seed"].as_u64().unwrap());
        rest = rest.replace(trial["id"].as_str().unwrap(), &id.to_string());
        trial["id"] = json!(id);
    }
    format!("{first}\n{rest}")
}

fn board(journal: &str) -> Board {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("journal.jsonl"), journal).unwrap();
    results::read_now(folder.path()).unwrap()
}

/// Calls `check` with what `make` makes of each kind of result, first with harmless words, then with each nasty text.
fn each<T>(make: impl Fn(&Board) -> T, check: impl Fn(&str, &T, &T)) {
    for journal in [of_program, of_program_done, of_network, of_own_data] {
        let harmless = make(&board(&journal(HARMLESS)));
        for text in NASTY {
            check(text, &harmless, &make(&board(&journal(text))));
        }
    }
}

fn all_markdown(board: &Board) -> String {
    let diff = Diff::new([(&board.plan.study, board), ("b", board)]).unwrap();
    [export::render(Format::Md, board).unwrap(), export::claims(&[Table::new(board)]), export::diff(&diff)].join("\n\n")
}

/// What Markdown has beside words: headings, tables with their cells, lists, all else. Emphasis is counted apart, as an empty
/// one is none.
fn structure(markdown: &str) -> (Vec<String>, usize) {
    let (mut structure, mut emphases) = (Vec::new(), 0);
    for event in Parser::new_ext(markdown, Options::all() - Options::ENABLE_SMART_PUNCTUATION) {
        match event {
            Event::Text(_) | Event::End(_) => {}
            Event::Code(_) => structure.push("code".into()),
            Event::Start(Tag::Emphasis | Tag::Strong) => emphases += 1,
            Event::Start(Tag::Heading { level, .. }) => structure.push(format!("{level}")),
            other => structure.push(format!("{other:?}")),
        }
    }
    (structure, emphases)
}

#[test]
fn markdown_has_the_same_structure_whatever_names_are() {
    each(all_markdown, |text, harmless, nasty| {
        let ((expected, expected_emphases), (found, emphases)) = (structure(harmless), structure(nasty));
        let differs = expected.iter().zip(&found).position(|(expected, found)| expected != found);
        let around = differs.map(|place| (&expected[place], &found[place.saturating_sub(2)..=place]));
        assert_eq!(expected, found, "{text:?}: {around:?}\n{nasty}");
        assert!(emphases <= expected_emphases, "{text:?}: {nasty}");
        let of_others =
            ["Link", "Image", "CodeBlock", "BlockQuote", "Rule", "Math", "Footnote", "HtmlBlock", "HardBreak"];
        let found = found.iter().find(|event| of_others.iter().any(|other| event.contains(other)));
        assert_eq!(found, None, "{text:?}");
        assert_eq!(printable::text(nasty), *nasty, "{text:?}");
    });
}

/// Texts that are no numbers and that a spreadsheet would take for a formula.
fn is_formula(cell: &str) -> bool {
    let begin = |wide: char| {
        if ('！'..='～').contains(&wide) { char::from_u32(u32::from(wide) - 0xfee0).unwrap() } else { wide }
    };
    let first = cell.trim_start().chars().next().map(begin);
    first.is_some_and(|first| "=+-@".contains(first)) && cell.trim().parse::<f64>().is_err()
}

#[test]
fn csv_is_a_line_a_cell_without_formulas() {
    each(
        |board| export::render(Format::Csv, board).unwrap(),
        |text, harmless, nasty| {
            assert_eq!(nasty.lines().count(), harmless.lines().count(), "{text:?}: {nasty}");
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(nasty.as_bytes());
            let records: Vec<csv::StringRecord> = reader.records().map(|record| record.unwrap()).collect();
            assert_eq!(records.len(), harmless.lines().count(), "{text:?}: {nasty}");
            for cell in records.iter().flatten() {
                assert!(!is_formula(cell), "{text:?}: {cell:?}");
                assert_eq!(printable::line(cell), cell, "{text:?}");
            }
            let arms: Vec<&str> = records.iter().map(|record| &record[0]).collect();
            let shown = printable::line(text);
            assert!(arms.iter().any(|arm| *arm == shown || *arm == format!("'{shown}")), "{text:?}: {arms:?}");
        },
    );
}

#[test]
fn numbers_stay_numbers_in_csv() {
    let csv = export::render(Format::Csv, &board(&of_program(HARMLESS))).unwrap();
    // The value of the axis, and the mean of a metric whose values are all below 0.
    assert!(csv.lines().nth(1).unwrap().starts_with(",-0.5,"), "{csv}");
    assert!(csv.starts_with("arm,harmless words,") && csv.contains(",'-loss_mean,"), "{csv}");
}

#[test]
fn json_holds_the_very_text() {
    each(
        |board| (board.plan.study.clone(), export::render(Format::Json, board).unwrap()),
        |text, _, (_, nasty)| {
            let json: Value = serde_json::from_str(nasty).unwrap();
            assert_eq!((&json["study"], &json["question"]), (&json!(text), &json!(text)));
            assert_eq!(printable::text(nasty), *nasty, "{text:?}");
        },
    );
}

#[test]
fn pictures_are_xml_of_nothing_but_shapes_and_words() {
    let all = |board: &Board| export::all_pictures(board, Moment::Last, export::svg).unwrap();
    each(all, |text, harmless, nasty| {
        assert_eq!(nasty.len(), harmless.len(), "{text:?}");
        for (name, picture) in nasty {
            let tree = roxmltree::Document::parse(picture).unwrap_or_else(|error| panic!("{text:?}: {name}: {error}"));
            for node in tree.descendants().filter(|node| !node.is_root() && !node.is_text()) {
                let shapes = [
                    "svg", "title", "desc", "defs", "clipPath", "g", "rect", "path", "line", "circle", "polyline",
                    "polygon", "text",
                ];
                assert!(shapes.contains(&node.tag_name().name()), "{text:?}: {node:?}");
                let strange = node.attributes().find(|a| a.name().starts_with("on") || a.name().contains("href"));
                assert_eq!(strange, None, "{text:?}");
            }
            assert_eq!(printable::text(picture), *picture, "{text:?}");
        }
    });
}

/// The commands of a LaTeX text, and how often each character that TeX takes for more than a letter stands there unescaped.
fn tex_structure(tex: &str) -> (BTreeSet<String>, Vec<(char, usize)>) {
    let (mut commands, mut special) = (BTreeSet::new(), [('&', 0), ('#', 0), ('%', 0), ('~', 0)]);
    let (mut depth, mut formula) = (0_i32, false);
    let mut rest = tex.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => {
                let mut command = String::from(rest.next().unwrap());
                while command.chars().all(|c| c.is_ascii_alphabetic())
                    && rest.peek().is_some_and(char::is_ascii_alphabetic)
                {
                    command.extend(rest.next());
                }
                commands.insert(command);
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            '$' => formula = !formula,
            '^' | '_' => assert!(formula, "{c} outside of a formula: {tex}"),
            '<' | '>' | '|' if depth == 0 => panic!("{c}: {tex}"),
            _ => {
                if let Some((_, count)) = special.iter_mut().find(|(other, _)| *other == c) {
                    *count += 1;
                }
            }
        }
        assert!(depth >= 0, "{tex}");
    }
    assert!(depth == 0 && !formula, "{tex}");
    (commands, special.to_vec())
}

#[test]
fn latex_has_no_command_but_ours() {
    let signs = [
        "textbackslash",
        "textasciitilde",
        "textasciicircum",
        "textless",
        "textgreater",
        "textbar",
        "&",
        "%",
        "$",
        "#",
        "_",
        "{",
        "}",
        "cdot",
        "ldots",
        // Around long notes.
        "begingroup",
        "endgroup",
    ];
    each(
        |board| export::tex(board, &["all".into()]).unwrap(),
        |text, harmless, nasty| {
            let ((ours, expected), (commands, found)) = (tex_structure(harmless), tex_structure(nasty));
            let others: Vec<_> = commands.difference(&ours).filter(|other| !signs.contains(&other.as_str())).collect();
            assert!(others.is_empty(), "{text:?}: {others:?}");
            assert_eq!(expected, found, "{text:?}: {nasty}");
            assert!(!nasty.contains("\n\n") && !nasty.contains("^^"), "{text:?}: {nasty}");
            assert_eq!(printable::text(nasty), *nasty, "{text:?}");
        },
    );
}

#[test]
fn the_table_after_the_screen_has_its_lines_and_columns() {
    each(
        |board| screen::table_text(board, 100),
        |text, harmless, nasty| {
            assert_eq!(printable::text(nasty), *nasty, "{text:?}");
            assert!(!nasty.lines().any(|line| line.starts_with("INJECTED")), "{text:?}: {nasty}");
            let lines = |table: &str| table.lines().filter(|line| line.contains('±')).count();
            assert!(lines(nasty) >= lines(harmless).min(1), "{text:?}: {nasty}");
        },
    );
}

/// Every command that tells something of a result, with texts that would add a line or steer the terminal.
#[test]
fn no_text_adds_a_line_to_what_commands_print() {
    for text in ["a\nINJECTED", "a\r\nINJECTED\n\nINJECTED", "\u{1b}[2J\u{9b}\u{85}INJECTED\u{2028}INJECTED\rINJECTED"]
    {
        let place = Place::new();
        // A text with a line break is allowed in the name of a folder.
        for (name, journal) in [("program", of_program(text)), ("network", of_network(text)), (text, of_network("x"))] {
            fs::create_dir_all(place.path("results").join(name)).unwrap();
            fs::write(place.path("results").join(name).join("journal.jsonl"), journal).unwrap();
        }
        place.write("study.toml", &study(text));
        place.write(
            "twice.toml",
            &(study(text)
                + &study(text).split_once("[[claim]]").map(|(_, claim)| format!("[[claim]]{claim}")).unwrap()),
        );
        place.write("wrong.toml", &format!("[base]\noptimizer = {0}\n{0} = 1", toml(text)));
        fs::create_dir(place.path("ablations")).unwrap();
        fs::write(place.path("ablations").join(format!("{text}.toml")), study(text)).unwrap();
        let pair = format!("{text}=1");
        #[rustfmt::skip]
        let commands: &[(i32, &[&str])] = &[
            (0, &["list"]), (0, &["show", "program"]), (0, &["show", text]), (0, &["export", "network"]),
            (0, &["export", "program", "--format", "csv"]), (0, &["export", "program", "--format", "tex"]),
            (0, &["claims"]), (1, &["claims", "--check"]), (0, &["diff", "network", text]), (2, &["diff", "program", "network"]),
            (2, &["diff", "program", text]), (2, &["verify", "program"]), (2, &["verify", "network"]),
            (2, &["export", "program", "--picture", text]), (2, &["export", "program", "--format", "tex", "--metrics", text]),
            (2, &["export", "program", "--frame", "99", "--picture", "curves/bleu"]), (2, &["show", text, text]), (2, &["show", "none"]),
            (2, &["show", &format!("{text}.toml")]), (2, &["export", "network", "-o", text]),
            (0, &["check", "study.toml"]), (0, &["run", "--plain", "study.toml"]), (0, &["check", "study.toml", "--set", "dropout=0.5"]),
            (2, &["check", "twice.toml"]), (2, &["check", "wrong.toml"]), (2, &["check", "study.toml", "--set", &pair]),
            (2, &["check", "study.toml", "--set", text]), (2, &[text]), (2, &["run", "--jobs", text, "study.toml"]),
            (2, &["trace", "study.toml", "--arm", text, "--seed", "0", "--steps", "1", "-o", &format!("{text}/x")]),
            (2, &["run", "--data", text, "--set", "data=\"mnist\"", "study.toml"]), (2, &["run", "--out", "study.toml", "study.toml"]),
        ];
        for (status, args) in commands {
            let (said, told) = place.run(*status, args);
            for printed in [said, told] {
                assert_eq!(printable::text(&printed), printed, "{args:?}");
                let added = printed.lines().find(|line| line.trim_start().starts_with("INJECTED"));
                assert_eq!(added, None, "{args:?}: {printed}");
            }
        }
    }
}

/// What is said of a journal that cannot be read, or does not hold what is trained again, quotes it on one line.
#[test]
fn no_text_adds_a_line_to_what_is_said_of_a_journal() {
    let text = "a\nINJECTED \u{1b}[2J\r\nINJECTED";
    let place = Place::new();
    place.write("study.toml", &study("b"));
    place.run(0, &["run", "-q", "study.toml"]);
    let journal = place.text("results/study/journal.jsonl");
    let lines: Vec<Value> = journal.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = |status: i32, command: &str, change: &dyn Fn(&mut Vec<Value>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        let line = |mut line: Value| {
            line.as_object_mut().unwrap().shift_remove("crc");
            seal(line.to_string()) + "\n"
        };
        place.write("results/study/journal.jsonl", &lines.into_iter().map(line).collect::<String>());
        let (said, told) = place.run(status, &[command, "study"]);
        for printed in [&said, &told] {
            assert_eq!(printable::text(printed), *printed);
            assert!(!printed.lines().any(|line| line.trim_start().starts_with("INJECTED")), "{printed}");
        }
        assert!(said.contains("INJECTED") || told.contains("INJECTED"), "{said}{told}");
    };
    told(1, "verify", &|lines| {
        let finished = lines.iter_mut().find_map(|line| line.get_mut("trial_finished")).unwrap();
        finished["outcome"]["completed"]["weights_digest"] = json!(text);
    });
    told(2, "show", &|lines| lines[0]["journal"] = json!({ "format": [3, 0], "ablate": text }));
    told(0, "show", &|lines| lines.push(json!({ text: null })));
    told(2, "show", &|lines| {
        let plan = &mut lines[1]["study_started"];
        plan["cells"][2]["arm"] = json!(text);
        plan["cells"][2]["config"]["batch_size"] = json!(1_000_000);
    });
}

/// A text as TOML writes it.
fn toml(text: &str) -> String {
    let escaped: String = text.chars().map(|c| format!("\\U{:08x}", u32::from(c))).collect();
    format!("\"{escaped}\"")
}

fn study(text: &str) -> String {
    let text = toml(text);
    format!(
        "question = {text}\nseeds = 2\nbaseline = {{ dropout = 0.0 }}\n[base]\ndata = \"synthetic\"\ntrain_samples = 10\n\
         test_samples = 10\nbatch_size = 10\nhidden = [2]\nepochs = 1\n[grid]\ndropout = [0.0, 0.5]\n[[arm]]\nname = {text}\n\
         set = {{ dropout = 0.2, learning_rate = 0.5 }}\n[[claim]]\nsays = {text}\nnote = {text}\nmetric = \"test_accuracy\"\n\
         arm = {text}\nversus = {{ dropout = 0.0 }}\nexpect = \"higher\"\n"
    )
}

#[test]
fn pictures_are_written_into_their_folder_alone() {
    for text in [
        "../../outside",
        "/etc/outside",
        "..",
        ".",
        "a/../../b",
        "con",
        "\0",
        "드롭아웃".repeat(40).as_str(),
        &"x".repeat(3000),
    ] {
        let place = Place::new();
        fs::create_dir_all(place.path("results/program")).unwrap();
        place.write("results/program/journal.jsonl", &of_program(text));
        place.run(0, &["export", "program", "--picture", "all", "-o", "deep/down/pictures"]);
        let names = |folder: &str| -> Vec<String> {
            let entries = fs::read_dir(place.path(folder)).unwrap();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        };
        assert_eq!((names("deep"), names("deep/down")), (vec!["down".to_owned()], vec!["pictures".to_owned()]));
        let pictures = names("deep/down/pictures");
        assert!(pictures.len() > 3 && pictures.iter().all(|name| name.ends_with(".svg")), "{pictures:?}");
    }
}

/// Whatever is quoted, a message can be read: values, keys, lines, arguments and names of a megabyte.
#[test]
fn no_message_quotes_megabytes() {
    let place = Place::new();
    let long = "x".repeat(1_000_000);
    let argument = &long[..100_000];
    for (number, study) in [
        format!("name = \"{long}\""),
        format!("{long} = 1"),
        format!("[base]\n{long} = 1"),
        format!("[base]\noptimizer = \"{long}\""),
        format!("[base]\ndropout = \"{long}\""),
        format!("[base]\ndropout = {}", "1".repeat(1_000_000)),
        format!("[base]\nhidden = [{}\"x\"]", "20, ".repeat(250_000)),
        format!("[base]\ndropout = 0.5 {long}"),
        format!("[base]\ndropout = {}", "[".repeat(1_000_000)),
        format!("[base]\ndropout = 7 # {long}"),
        format!("{}[base]\ndropout = 7", "\n".repeat(1_000_000)),
        format!("baseline = \"{long}\""),
        format!("[[arm]]\nname = \"{long}\"\nset = {{ dropout = 7.0 }}"),
        format!("[[arm]]\nname = \"{long}\"\nset = {{}}\n[[arm]]\nname = \"{long}\"\nset = {{}}"),
        format!("[[claim]]\nsays = \"{long}\"\nmetric = \"{long}\"\narm = \"{long}\"\nexpect = \"higher\""),
        format!("seeds = [{}]", "1, ".repeat(300_000)),
        long.clone(),
    ]
    .iter()
    .enumerate()
    {
        place.write("study.toml", study);
        let (_, told) = place.run(2, &["check", "study.toml"]);
        assert!(
            told.chars().count() < printable::LONGEST_MESSAGE && told.contains("study.toml"),
            "{number}: {} bytes",
            told.len()
        );
        assert!(told.lines().all(|line| line.chars().count() < 700), "{number}: {told}");
    }
    place.write("study.toml", &study("a"));
    let journal = of_network("a");
    fs::create_dir_all(place.path("results/long")).unwrap();
    for (number, line) in [
        format!("{{\"trial_started\":{{\"trial\":\"{long}\"}}}}"),
        format!("{{\"{long}\":{{}}}}"),
        format!("{{\"trial_finished\":{{\"trial\":\"0000000000000001\",\"outcome\":\"{long}\"}}}}"),
        long.clone(),
    ]
    .iter()
    .enumerate()
    {
        place.write("results/long/journal.jsonl", &format!("{journal}{line}\n"));
        for args in [["show", "long"], ["list", "--plain"], ["list", "--format=text"]] {
            let output = assert_cmd::Command::new(env!("CARGO_BIN_EXE_ablate"))
                .current_dir(place.path(""))
                .args(args)
                .output()
                .unwrap();
            let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(told.lines().all(|line| line.chars().count() < 700), "{number}, {args:?}: {} bytes", told.len());
        }
    }
    let set = format!("dropout=\"{argument}\"");
    let key = format!("{argument}=1");
    let flag = format!("--{argument}");
    for args in [
        vec![argument],
        vec!["check", "study.toml", "--set", &set],
        vec!["check", "study.toml", "--set", &key],
        vec!["check", "study.toml", "--set", argument],
        vec!["check", "study.toml", "--seeds", argument],
        vec!["check", argument],
        vec!["check", &flag],
        vec!["show", argument],
        vec!["export", "network", "--format", argument],
        vec!["export", argument, "--metrics", argument, "--format", "tex"],
        vec!["run", "--data", argument, "--set", "data=\"mnist\"", "study.toml"],
        vec!["run", "--out", argument, "study.toml"],
        vec!["run", "--budget", argument, "study.toml"],
    ] {
        let output = assert_cmd::Command::new(env!("CARGO_BIN_EXE_ablate"))
            .current_dir(place.path(""))
            .args(&args)
            .output()
            .unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && told.starts_with("error: "), "{told}");
        let longest = told.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(longest < 700, "{:.60?}: {longest} characters", args);
    }
}
