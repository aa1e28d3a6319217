//! An empty folder in which the real program runs, and helpers to change journals.
#![allow(dead_code, reason = "each test program uses some of it")]

use ablate::kernel::Batch;
use ablate::plan::config::DataSource;
use ablate::plan::config::data::MNIST;
use ablate::record::journal::seal;
use assert_cmd::Command;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::process::{self, Child, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// An empty folder to run the program in.
pub struct Place(TempDir);

impl Place {
    pub fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    pub fn with(study: &str) -> Place {
        let place = Place::new();
        place.write("small.toml", study);
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Makes a folder with MNIST's four files, gzipped.
    pub fn mnist(&self, folder: &str) {
        fs::create_dir_all(self.path(folder)).unwrap();
        let data = ablate::data::load(DataSource::Set(&MNIST), None, MNIST.train, MNIST.test).unwrap();
        for (part, samples) in [("train", data.train), ("t10k", data.test)] {
            let count = samples.labels.len();
            let mut images = Batch::new(count, MNIST.pixels());
            images.gather(&samples.pixels, 0..count);
            let pixels = images.to_matrix().view().iter().map(|value| (value * 255.0).round() as u8).collect();
            let files = [
                ("images-idx3", vec![0x0803, count as u32, 28, 28], pixels),
                ("labels-idx1", vec![0x0801, count as u32], samples.labels),
            ];
            for (name, header, content) in files {
                let file = File::create(self.path(folder).join(format!("{part}-{name}-ubyte.gz"))).unwrap();
                let mut gzipped = GzEncoder::new(file, Compression::fast());
                header.iter().for_each(|number: &u32| gzipped.write_all(&number.to_be_bytes()).unwrap());
                gzipped.write_all(&content).unwrap();
                gzipped.finish().unwrap();
            }
        }
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs the program and demands an exit status; (stdout, stderr).
    pub fn run(&self, status: i32, args: &[&str]) -> (String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ablate"));
        command.current_dir(&self.0).env_remove("ABLATE_DATA").args(args);
        let assert = command.timeout(Duration::from_secs(120)).assert().code(status);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (text(&assert.get_output().stdout), text(&assert.get_output().stderr))
    }

    pub fn start(&self, args: &[&str]) -> Child {
        let mut command = process::Command::new(env!("CARGO_BIN_EXE_ablate"));
        command.current_dir(&self.0).args(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// All whole lines of a result's journal.
    pub fn journal(&self, result: &str) -> Vec<Value> {
        let Ok(folder) = fs::read_dir(self.path(result)) else { return Vec::new() };
        let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
        files.sort();
        let text: String = files.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    pub fn count(&self, result: &str, event: &str) -> usize {
        self.journal(result).iter().filter(|line| line.get(event).is_some()).count()
    }

    /// Digests of the final weights by trial.
    pub fn digests(&self, result: &str) -> BTreeMap<String, String> {
        let digest = |line: &Value| {
            let finished = line.get("trial_finished")?;
            let digest = finished["outcome"]["completed"]["weights_digest"].as_str()?;
            Some((finished["trial"].as_str()?.to_owned(), digest.to_owned()))
        };
        self.journal(result).iter().filter_map(digest).collect()
    }

    /// Waits until a running program has written `count` of these events.
    pub fn wait_for(&self, result: &str, event: &str, count: usize) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.count(result, event) < count {
            assert!(Instant::now() < deadline, "no {event} in {result} within a minute");
            std::thread::yield_now();
        }
    }
}

/// Lines of a journal without their checksums.
pub fn unsealed(text: &str) -> String {
    let unsealed = |line: &str| line.rsplit_once(",\"crc\":").unwrap().0.to_owned() + "}\n";
    text.lines().map(unsealed).collect()
}

/// Lines of a journal with the checksums that fit them.
pub fn resealed(text: &str) -> String {
    unsealed(text).lines().map(|line| seal(line.to_owned()) + "\n").collect()
}

pub fn kill(child: &Child, signal: &str) {
    let kill = process::Command::new("sh").args(["-c", &format!("kill -{signal} {}", child.id())]).status();
    assert!(kill.unwrap().success());
}
