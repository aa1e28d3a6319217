//! A person's own data: any IDX files, tables and arrays of NumPy's are trained on; what is wrong with them is said before
//! anything trains, with file, place and what to do.

mod place;

use flate2::Compression;
use flate2::write::GzEncoder;
use place::Place;
use serde_json::Value;
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Two classes that one number tells apart.
const TABLE: &str = "height,colour,class\n1.0,red,cat\n2.0,blue,dog\n1.5,red,cat\n2.5,blue,dog\n1.2,red,cat\n2.2,blue,dog\n\
                     1.1,red,cat\n2.1,green,dog\n";

fn study(data: &str) -> String {
    format!("seeds = 1\n[base]\ndata = {data}\nhidden = [4]\nbatch_size = 2\nepochs = 2\n")
}

/// The first line of a result's journal that tells an event.
fn event(place: &Place, result: &str, name: &str) -> Value {
    place.journal(result).into_iter().find_map(|line| line.get(name).cloned()).unwrap()
}

fn found(place: &Place) -> Value {
    event(place, "results/small", "study_started")["cells"][0]["config"]["data"]["found"].clone()
}

fn idx(lengths: &[u32], bytes: &[u8]) -> Vec<u8> {
    let header =
        [0, 0, 8, lengths.len() as u8].into_iter().chain(lengths.iter().flat_map(|length| length.to_be_bytes()));
    header.chain(bytes.iter().copied()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Images of 2×3 pixels with the labels 0, 1 and 3, under Fashion-MNIST's names or others.
fn write_idx(place: &Place, names: [&str; 4]) {
    fs::create_dir_all(place.path("own")).unwrap();
    let images = |count: u32| (0..count * 6).map(|at| (at * 7 % 200) as u8).collect::<Vec<u8>>();
    let labels = |count: u32| (0..count).map(|at| [0, 1, 3][at as usize % 3]).collect::<Vec<u8>>();
    let files =
        [idx(&[12, 2, 3], &images(12)), idx(&[12], &labels(12)), idx(&[6, 2, 3], &images(6)), idx(&[6], &labels(6))];
    for (name, file) in names.into_iter().zip(files) {
        fs::write(place.path(&format!("own/{name}")), if name.ends_with(".gz") { gzip(&file) } else { file }).unwrap();
    }
}

const USUAL: [&str; 4] = [
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
];

fn npy(kind: &str, shape: &str, bytes: &[u8]) -> Vec<u8> {
    // So long that the elements begin at a multiple of 64.
    let header = format!("{:117}\n", format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"));
    [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), bytes].concat()
}

/// The name of an array, and its file.
type Array = (&'static str, Vec<u8>);

fn write_npz(path: &Path, arrays: &[Array]) {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, array) in arrays {
        zip.start_file(format!("{name}.npy"), SimpleFileOptions::default()).unwrap();
        zip.write_all(array).unwrap();
    }
    fs::write(path, zip.finish().unwrap().into_inner()).unwrap();
}

/// The message of `check`, which has to fail, and of `run`, which has to fail alike and leave nothing behind.
fn refused(place: &Place, data: &str) -> String {
    place.write("small.toml", &study(data));
    let (_, message) = place.run(2, &["check", "small.toml"]);
    let (_, again) = place.run(2, &["run", "-q", "small.toml"]);
    assert_eq!(message, again);
    assert!(!place.path("results").exists());
    message
}

#[test]
fn idx_files_of_any_name_shape_and_classes_are_trained_on() {
    let dotted =
        ["train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"];
    let emnist = USUAL.map(|name| format!("emnist-letters-{}", name.replace("t10k", "test")));
    for names in [USUAL, dotted, emnist.each_ref().map(String::as_str)] {
        let place = Place::with(&study("{ idx = \"own\" }"));
        write_idx(&place, names);
        let (table, _) = place.run(0, &["run", "-q", "small.toml"]);
        assert!(table.contains("data = own"), "{table}");
        let found = found(&place);
        assert_eq!([&found["train"], &found["test"]], [12, 6]);
        assert_eq!(
            (&found["shape"], &found["classes"]),
            (&serde_json::json!([2, 3]), &serde_json::json!(["0", "1", "3"]))
        );
        place.run(0, &["verify", "small"]);
    }
}

#[test]
fn several_sets_in_a_folder_are_told_apart_by_their_prefix() {
    let place = Place::new();
    write_idx(&place, USUAL);
    let letters = USUAL.map(|name| format!("letters-{name}"));
    write_idx(&place, letters.each_ref().map(String::as_str));
    let message = refused(&place, "{ idx = \"own\" }");
    assert!(message.contains("prefix = \"\" or prefix = \"letters-\""), "{message}");
    place.write("small.toml", &study("{ idx = \"own\", prefix = \"letters-\", transposed = true }"));
    place.run(0, &["run", "-q", "small.toml"]);
    assert_eq!(found(&place)["shape"], serde_json::json!([3, 2]));
}

#[test]
fn what_is_wrong_with_idx_files_is_said() {
    let images = |lengths: &[u32], bytes: usize| gzip(&idx(lengths, &vec![1; bytes]));
    let whole = images(&[12, 2, 3], 72);
    let cases: [(&str, Vec<u8>, &str); 13] = [
        ("train-images-idx3-ubyte.gz", vec![], "the file is empty"),
        ("train-images-idx3-ubyte.gz", b"GIF89a".to_vec(), "not a gzipped file: it begins with \"GIF89a\""),
        (
            "train-images-idx3-ubyte.gz",
            [&whole[..], &[0; 9]].concat(),
            "after the end of what is gzipped, the file goes on",
        ),
        (
            "train-images-idx3-ubyte.gz",
            [&whole[..], b"more"].concat(),
            "after the end of what is gzipped, the file goes on",
        ),
        ("train-images-idx3-ubyte.gz", whole[..whole.len() - 9].to_vec(), "breaks off before its end"),
        ("train-images-idx3-ubyte.gz", images(&[12, 2, 3], 71), "it ends after 87 bytes, and its header promises 88"),
        ("train-images-idx3-ubyte.gz", images(&[12, 2, 3], 73), "it goes on after the 88 bytes"),
        ("train-images-idx3-ubyte.gz", images(&[u32::MAX, 28, 28], 100), "promises [4294967295, 28, 28], more than"),
        ("train-images-idx3-ubyte.gz", images(&[1 << 20, 28, 28], 100), "of which a file of its size has room for"),
        ("train-images-idx3-ubyte.gz", gzip(b"hello world"), "no IDX file"),
        ("train-images-idx3-ubyte.gz", gzip(&[0, 0, 0x0d, 3, 0, 0, 0, 1]), "its numbers are single-precision numbers"),
        ("train-labels-idx1-ubyte.gz", images(&[11], 11), "11 labels"),
        ("t10k-images-idx3-ubyte.gz", images(&[6, 3, 3], 54), "its images have the shape [3, 3]"),
    ];
    for (name, bytes, expected) in cases {
        let place = Place::new();
        write_idx(&place, USUAL);
        fs::write(place.path(&format!("own/{name}")), bytes).unwrap();
        let message = refused(&place, "{ idx = \"own\" }");
        assert!(message.contains(name) && message.contains(expected), "{expected}: {message}");
    }
    let place = Place::new();
    write_idx(&place, USUAL);
    fs::remove_file(place.path("own/t10k-labels-idx1-ubyte.gz")).unwrap();
    let message = refused(&place, "{ idx = \"own\" }");
    assert!(message.contains("no test labels: there is neither t10k-labels-idx1-ubyte nor"), "{message}");
    let message = refused(&place, "{ idx = \"elsewhere\" }");
    assert!(message.contains("there is nothing here") && message.contains("point --data"), "{message}");
}

#[test]
fn what_is_wrong_with_a_table_is_said_with_line_and_column() {
    let with = |from: &str, to: &str| TABLE.replacen(from, to, 1);
    let csv = "{ csv = \"own.csv\", label = \"class\", one_hot = [\"colour\"] }";
    let cases = [
        (TABLE.to_owned(), "{ csv = \"own.csv\" }", "which column has the classes?"),
        (TABLE.to_owned(), "{ csv = \"own.csv\", label = \"clas\" }", "did you mean label = \"class\"?"),
        (TABLE.to_owned(), "{ csv = \"own.csv\", label = 4 }", "there is no column number 4"),
        (
            TABLE.to_owned(),
            "{ csv = \"own.csv\", label = \"class\" }",
            "line 2, column \"colour\": \"red\" is no finite number",
        ),
        (TABLE.to_owned(), "{ csv = \"own.csv\", label = \"class\" }", "one_hot = [\"colour\"]"),
        (TABLE.to_owned(), "{ csv = \"own.csv\", label = \"class\", prefix = \"a\" }", "`prefix` goes with idx"),
        (TABLE.to_owned(), "{ csv = \"own.csv\", idx = \"own\" }", "exactly one of"),
        (TABLE.to_owned(), "{ csv = \"own.csv\", label = \"class\", lable = 1 }", "did you mean `label`?"),
        (TABLE.to_owned(), "{ csv = \"own.csv\", label = \"class\", scale = \"log\" }", "standard"),
        (with("1.5", ""), csv, "line 4, column \"height\": there is no value"),
        (with("1.5", "NA"), csv, "line 4, column \"height\": \"NA\" stands for no value"),
        (with("1.5", "inf"), csv, "line 4, column \"height\": \"inf\" is no finite number"),
        (with("1.5", "\"1,5\""), csv, "write decimals with a point"),
        (with("1.5,red,cat", "1.5,red,?"), csv, "line 4, column \"class\": \"?\" stands for no value"),
        (with("1.5,red", "1.5,red,red"), csv, "line 4 has 4 columns"),
        (TABLE.replace("dog", "cat"), csv, "all samples are of one class"),
        (TABLE.replace(',', ";"), csv, "write separator = \";\""),
        (TABLE.lines().skip(1).collect::<Vec<_>>().join("\n"), csv, "there is no column \"class\" for `label`"),
        ("1,2,0\n3,4,1\n".into(), "{ csv = \"own.csv\", label = 3 }", "write header = false"),
        ("a,class\n".into(), csv, "there are no samples below the names"),
        ("a,a,class\n1,2,x\n3,4,y\n".into(), "{ csv = \"own.csv\", label = \"a\" }", "two columns of the name \"a\""),
        (String::new(), csv, "the file is empty"),
    ];
    for (table, data, expected) in cases {
        let place = Place::new();
        place.write("own.csv", &table);
        let message = refused(&place, data);
        assert!(message.contains(expected), "{expected}: {message}");
        assert!(message.contains("small.toml:3:"), "the study's line is shown: {message}");
    }
}

#[test]
fn tables_are_read_as_the_study_says() {
    let place = Place::new();
    place.write("own.csv", TABLE);
    place.write("plain.csv", "1;0;0\n2;1;0\n3;0;1\n4;1;1\n");
    place.write("split.csv", "a,part,class\n1,train,x\n2,train,y\n3,test,x\n");
    let cases = [
        ("{ csv = \"own.csv\", label = \"class\", one_hot = [\"colour\"] }", [6, 2], [4, 2]),
        ("{ csv = \"own.csv\", label = \"class\", leave_out = [\"colour\"], test_share = 0.5 }", [4, 4], [1, 2]),
        ("{ csv = \"plain.csv\", label = 3, header = false, separator = \";\" }", [2, 2], [2, 2]),
        ("{ csv = \"own.csv\", label = \"class\", leave_out = [2], test = \"own.csv\" }", [8, 8], [1, 2]),
        ("{ csv = \"split.csv\", label = \"class\", split = \"part\" }", [2, 1], [1, 2]),
    ];
    for (data, [train, test], [inputs, classes]) in cases {
        place.write("small.toml", &study(data));
        place.run(0, &["run", "-q", "small.toml", "--fresh"]);
        let found = found(&place);
        assert_eq!([&found["train"], &found["test"]], [train, test], "{data}");
        let sizes = [found["shape"][0].as_u64().unwrap(), found["classes"].as_array().unwrap().len() as u64];
        assert_eq!(sizes, [inputs, classes], "{data}");
        place.run(0, &["verify", "small"]);
    }
}

#[test]
fn arrays_of_numpy_are_trained_on_and_wrong_ones_are_refused() {
    let floats = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let x = || ("x", npy("<f4", "(4, 2)", &floats(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])));
    let y = || ("y", npy("|u1", "(4,)", &[5, 7, 5, 7]));
    let place = Place::with(&study("{ npz = \"own.npz\", test_share = 0.5 }"));
    write_npz(&place.path("own.npz"), &[x(), y()]);
    place.run(0, &["run", "-q", "small.toml"]);
    assert_eq!((&found(&place)["train"], &found(&place)["classes"]), (&2.into(), &serde_json::json!(["5", "7"])));
    fs::remove_dir_all(place.path("results")).unwrap();
    let cases: [(&[Array], &str); 9] = [
        (&[("x", npy("<f8", "()", &f64::NAN.to_le_bytes())), y()], "NaN in row 0"),
        (&[x()], "there is no array y_train or y: there are \"x\""),
        (&[x(), ("y", npy("|u1", "(3,)", &[0, 1, 0]))], "the array \"y\" has the shape [3]"),
        (&[x(), ("y", npy("<f4", "(4,)", &floats(&[0.0, 1.5, 0.0, 1.0])))], "has 1.5 at place 1"),
        (&[("x", npy("<f4", "(4, 2)", &floats(&[f32::NAN; 8]))), y()], "NaN in row 0"),
        (&[("x", npy("<f4", "(4294967296, 4294967296)", &[])), y()], "the array \"x\""),
        (&[("x", npy("<c8", "(4, 2)", &[0; 64])), y()], "no numbers that are read"),
        (&[("x", b"no array".to_vec()), y()], "the array \"x\""),
        (&[x(), y(), ("x_test", npy("<f4", "(2, 2)", &floats(&[0.0; 4])))], "no other one that goes with it"),
    ];
    for (arrays, expected) in cases {
        write_npz(&place.path("own.npz"), arrays);
        let message = refused(&place, "{ npz = \"own.npz\" }");
        assert!(message.contains("own.npz") && message.contains(expected), "{expected}: {message}");
    }
    fs::write(place.path("own.npz"), "PK no archive").unwrap();
    assert!(refused(&place, "{ npz = \"own.npz\" }").contains("no .npz file"));
}

/// What a result was trained on is known by its content: the file may move, and may not change.
#[test]
fn a_result_trained_on_other_data_is_never_continued() {
    let data = "{ csv = \"own.csv\", label = \"class\", leave_out = [\"colour\"] }";
    let place = Place::with(&study(data));
    place.write("own.csv", TABLE);
    place.run(0, &["run", "-q", "small.toml"]);
    let before = place.digests("results/small");
    // The same content elsewhere is the same data.
    fs::create_dir(place.path("moved")).unwrap();
    fs::rename(place.path("own.csv"), place.path("moved/own.csv")).unwrap();
    place.run(0, &["run", "-q", "small.toml", "--data", "moved", "--seeds", "2"]);
    assert!(before.iter().all(|(trial, digest)| place.digests("results/small").get(trial) == Some(digest)));
    assert_eq!(place.count("results/small", "trial_finished"), 2);
    let (_, message) = place.run(2, &["verify", "small"]);
    assert!(message.contains("there is nothing here, nor at"), "{message}");
    // Other content is other data, whatever its name.
    place.write("moved/own.csv", &TABLE.replace("1.5", "1.6"));
    let (_, message) = place.run(2, &["verify", "small", "--data", "moved"]);
    assert!(message.contains("expected: what was trained on: SHA-256"), "{message}");
    place.run(0, &["run", "-q", "small.toml", "--data", "moved"]);
    assert_eq!(place.count("results/small", "trial_finished"), 3, "nothing of the other data counts");
}

#[test]
fn data_can_be_an_axis_and_claims_name_it() {
    let place = Place::new();
    place.write("own.csv", TABLE);
    let set = "{ csv = \"own.csv\", label = \"class\", one_hot = [\"colour\"] }";
    let claim = "[[claim]]\nsays = \"Dropout hurts\"\nmetric = \"test_accuracy\"\narm = { data = \"own\", dropout = 0.5 }\n\
                 versus = { data = \"own\", dropout = 0.0 }\nexpect = \"lower\"\n";
    let grid = format!("[grid]\ndata = [\"synthetic\", {set}]\ndropout = [0.0, 0.5]\n{claim}");
    place.write("small.toml", &format!("seeds = 2\n[base]\nhidden = [4]\nbatch_size = 2\nsteps = 5\n{grid}"));
    let (table, _) = place.run(0, &["run", "-q", "small.toml"]);
    assert!(table.contains("| own ") && table.contains("(data = own, dropout = 0.5)"), "{table}");
    assert!(table.contains("data synthetic ") && table.contains(", own "), "fingerprints are named: {table}");
    assert!(!table.contains("train_samples"), "the sets have different numbers of samples: {table}");
    // Two sets of one name cannot be told apart.
    let other = set.replace("one_hot", "leave_out");
    let message = refused_text(&place, &format!("[grid]\ndata = [{set}, {other}]\n"));
    assert!(message.contains("another data set of the name \"own\""), "{message}");
}

fn refused_text(place: &Place, text: &str) -> String {
    place.write("other.toml", text);
    place.run(2, &["check", "other.toml"]).1
}

#[test]
fn what_else_is_wrong_with_a_study_is_told_beside_its_data() {
    let place = Place::new();
    let message = refused_text(
        &place,
        "[base]\nlr = 0.1\ndata = { csv = \"none.csv\", label = \"class\" }\n[grid]\ndropuot = [0.0, 0.5]\n",
    );
    for expected in ["`lr`", "none.csv: there is nothing here", "`dropuot`"] {
        assert!(message.contains(expected), "{expected}: {message}");
    }
}

/// The sets of the repository, with the facts that their sources give.
#[test]
fn the_small_sets_of_the_repository_are_what_they_are() {
    let cases = [
        ("{ csv = \"small/iris.csv\", label = \"species\" }", [112, 38], vec![4], 3),
        ("{ csv = \"small/wine.csv\", label = \"cultivar\" }", [133, 45], vec![13], 3),
        ("{ csv = \"small/breast_cancer.csv\", label = \"diagnosis\" }", [427, 142], vec![30], 2),
        ("{ npz = \"small/digits.npz\" }", [1348, 449], vec![8, 8], 10),
    ];
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    for (set, [train, test], shape, classes) in cases {
        let place = Place::with(&study(set));
        place.run(0, &["run", "-q", "small.toml", "--data", data.to_str().unwrap(), "--set", "steps=3"]);
        let found = found(&place);
        assert_eq!([&found["train"], &found["test"]], [train, test], "{set}");
        assert_eq!(found["shape"], serde_json::json!(shape));
        assert_eq!(found["classes"].as_array().unwrap().len(), classes);
    }
}

/// What a result was trained on is told wherever it is shown, with what tells it apart from others.
#[test]
fn every_export_names_the_data_with_counts_shape_and_fingerprint() {
    let place =
        Place::with(&study("{ csv = \"own.csv\", label = \"class\", one_hot = [\"colour\"], test_share = 0.5 }"));
    place.write("own.csv", TABLE);
    let (table, _) = place.run(0, &["run", "-q", "small.toml"]);
    let sha256 = found(&place)["sha256"].as_str().unwrap().to_owned();
    let told = format!("own, 4 training and 4 test samples of 4 numbers in 2 classes (SHA-256 {})", &sha256[..12]);
    assert!(table.contains(&format!("\nData: {told}.\n")), "{table}");
    for format in ["tex", "svg"] {
        let (text, _) = place.run(0, &["export", "small", "--format", format]);
        // A picture has its caption in lines, and whole for those who cannot see it.
        assert!(text.contains(&told), "{text}");
    }
    let (json, _) = place.run(0, &["export", "small", "--format", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    let expected = serde_json::json!([{
        "name": "own", "train": 4, "test": 4, "shape": [4], "classes": ["cat", "dog"], "sha256": sha256,
    }]);
    assert_eq!(json["data"], expected);
    let (csv, _) = place.run(0, &["export", "small", "--format", "csv"]);
    let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let (header, row) = (lines.next().unwrap(), lines.next().unwrap());
    let value = |name: &str| row[header.iter().position(|column| *column == name).unwrap()];
    let of_data = ["data_name", "data_train", "data_test", "data_shape", "data_classes", "data_sha256"].map(value);
    assert_eq!(of_data, ["own", "4", "4", "4", "2", &sha256]);
    assert!(place.run(0, &["verify", "small"]).1.contains(&told));
}

/// Whoever names other data is told what is wrong with them, before anything else, also where nothing is left to train.
#[test]
fn other_data_of_a_finished_result_are_looked_at_first() {
    let place = Place::new();
    write_idx(&place, USUAL);
    place.write("own.csv", TABLE);
    for data in ["{ idx = \"own\" }", "{ csv = \"own.csv\", label = \"class\", leave_out = [\"colour\"] }"] {
        place.write("small.toml", &study(data));
        place.run(0, &["run", "-q", "small.toml", "--out", "done"]);
        let before = place.journal("done/small");
        for folder in ["empty", "damaged", "other"] {
            fs::create_dir_all(place.path(&format!("{folder}/own"))).unwrap();
        }
        // Damaged: an archive that breaks off, a table with a gap. Other: another pixel, another number.
        for name in USUAL {
            let whole = fs::read(place.path(&format!("own/{name}"))).unwrap();
            fs::write(place.path(&format!("damaged/own/{name}")), &whole[..whole.len() - 6]).unwrap();
            fs::write(place.path(&format!("other/own/{name}")), &whole).unwrap();
        }
        let pixels: Vec<u8> = (0..72).map(|at| (at * 11 % 200) as u8).collect();
        fs::write(place.path(&format!("other/own/{}", USUAL[0])), gzip(&idx(&[12, 2, 3], &pixels))).unwrap();
        place.write("damaged/own.csv", &TABLE.replace("1.5", ""));
        place.write("other/own.csv", &TABLE.replace("1.5", "1.6"));
        for folder in ["empty", "damaged"] {
            let (_, message) = place.run(2, &["run", "-q", "small.toml", "--out", "done", "--data", folder]);
            assert!(message.contains(&format!("{folder}/own")) && message.contains("help: expected"), "{message}");
            assert_eq!(place.journal("done/small"), before, "nothing was written");
        }
        place.run(0, &["run", "-q", "small.toml", "--out", "done", "--data", "other"]);
        let trained = |line: &&Value| line.get("trial_finished").is_some();
        let finished: Vec<Value> = place.journal("done/small").iter().filter(trained).cloned().collect();
        let ids: Vec<&Value> = finished.iter().map(|line| &line["trial_finished"]["trial"]).collect();
        assert!(ids.len() == 2 && ids[0] != ids[1], "another trial, and the first one is kept: {ids:?}");
        fs::remove_dir_all(place.path("done")).unwrap();
    }
}

/// Two numbers tell the classes apart after a few steps, but for one sample that looks like one of the other class.
#[test]
fn classes_are_told_apart_by_name() {
    let table = "x,part,class\n1,train,cat\n2,train,dog\n1,train,cat\n2,train,dog\n1,test,cat\n1.1,test,cat\n2,test,cat\n2.1,test,dog\n";
    let data = "{ csv = \"own.csv\", label = \"class\", split = \"part\" }";
    let base =
        format!("{}optimizer = \"adam\"\nlearning_rate = 0.1\n", study(data).replace("epochs = 2", "epochs = 60"));
    let claim = "[[claim]]\nsays = \"The worst class is told apart\"\nmetric = \"worst_class_accuracy\"\narm = { dropout = 0.0 }\n\
                 versus = 0.5\nexpect = \"higher\"\n";
    let place =
        Place::with(&format!("{}[grid]\ndropout = [0.0, 0.1]\n{claim}", base.replace("seeds = 1", "seeds = 2")));
    place.write("own.csv", table);
    // The claim switches the probe on.
    let (report, _) = place.run(0, &["run", "-q", "small.toml"]);
    assert!(report.contains("## Classes"), "{report}");
    let row = |class: &str| {
        let is_it =
            |line: &&str| line.contains("dropout = 0.0") && line.split('|').nth(2).map(str::trim) == Some(class);
        report.lines().find(is_it).unwrap()
    };
    let cells: Vec<&str> = row("cat").split('|').map(str::trim).collect();
    assert_eq!(&cells[3..], ["3", "0.6667 ± 0.0000", "0.208 to 0.939", "dog 33.3 %", ""], "{report}");
    assert!(row("dog").contains("| 1.0000 ± 0.0000 |") && row("dog").contains("| –"), "{report}");
    let (json, _) = place.run(0, &["export", "small", "--format", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["cells"][0]["confusion"], serde_json::json!([[4, 2], [0, 2]]));
    assert_eq!(json["cells"][0]["classes"][1]["class"], "dog");
    assert_eq!(json["trials"][0]["confusion"], serde_json::json!({ "correct": [2, 1], "confused": [[0, 1, 1]] }));
    let (csv, _) = place.run(0, &["export", "small", "--format", "csv", "--rows", "classes"]);
    assert!(
        csv.starts_with("arm,dropout,data_name,true_class,predicted_class,samples,share_of_class,trials\n"),
        "{csv}"
    );
    assert!(csv.contains(",0.0,own,cat,dog,2,0.3333333333333333,2\n"), "{csv}");
    let (picture, _) = place.run(0, &["export", "small", "--picture", "confusion/0.0"]);
    for text in [">cat</text>", ">33 % · 2</text>", "Most often confused: cat for dog (33.3 %)"] {
        assert!(picture.contains(text), "{text}: {picture}");
    }
    place.run(0, &["verify", "small", "--trials", "all"]);
    let (_, message) = place.run(2, &["export", "small", "--format", "json", "--rows", "classes"]);
    assert!(message.contains("only a CSV has other rows than cells"), "{message}");
    place.write("small.toml", &base);
    place.run(0, &["run", "-q", "small.toml", "--out", "plain"]);
    let (_, message) = place.run(2, &["export", "small", "--out", "plain", "--format", "csv", "--rows", "classes"]);
    assert!(message.contains("add probes = [\"confusion\"]"), "{message}");
}

/// A claim on all data sets is judged on each of them, and its verdict says so in all exports.
#[test]
fn a_claim_may_have_to_hold_on_all_data_sets() {
    let place = Place::new();
    place.write("own.csv", TABLE);
    let set = "{ csv = \"own.csv\", label = \"class\", one_hot = [\"colour\"] }";
    let claim = "[[claim]]\nsays = \"More steps lower the train loss\"\nmetric = \"train_loss\"\narm = { steps = 40 }\n\
                 versus = { steps = 1 }\nexpect = \"lower\"\non_all = \"data\"\n";
    let base = "[base]\nhidden = [8]\nbatch_size = 2\nlearning_rate = 0.05\n";
    place.write(
        "small.toml",
        &format!("seeds = 6\n{base}[grid]\ndata = [\"gaussian\", {set}]\nsteps = [1, 40]\n{claim}"),
    );
    let (table, _) = place.run(0, &["run", "-q", "small.toml"]);
    assert!(table.contains("| More steps lower the train loss | supported |"), "{table}");
    assert!(table.contains("lower than that of (steps = 1), on all values of data. On each, gaussian: −"), "{table}");
    assert!(table.contains("; own: −") && table.contains("p is the largest of theirs"), "{table}");
    let (json, _) = place.run(0, &["export", "small", "--format", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    let claim = &json["claims"][0];
    let p = |place: usize| claim["on_each"][place]["p"].as_f64().unwrap();
    assert_eq!((claim["on_all"].as_str(), claim["verdict"].as_str()), (Some("data"), Some("supported")));
    assert_eq!(claim["p"].as_f64(), Some(p(0).max(p(1))));
    let values: Vec<_> = claim["on_each"].as_array().unwrap().iter().map(|of| of["value"].as_str().unwrap()).collect();
    assert_eq!(values, ["gaussian", "own"]);
    let (tex, _) = place.run(0, &["export", "small", "--format", "tex"]);
    assert!(tex.contains("on all values of data. On each, gaussian:"), "{tex}");
    let (claims, _) = place.run(0, &["claims", "--check"]);
    assert!(claims.contains("| gaussian, own |"), "{claims}");
}
