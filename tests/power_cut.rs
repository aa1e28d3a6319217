//! That a power cut loses the last second at most. Needs root, `mkfs.ext4` and loop devices:
//!
//! ```text
//! cargo test --test power_cut -- --ignored --nocapture
//! ```
//!
//! A file system on a loop device is an image in a file, to which only what is on the disk has been written. A copy of it that is made
//! while a run writes is what a power cut would leave.

mod place;

use place::Place;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const STUDY: &str = r#"
seeds = 400
[base]
data = "synthetic"
train_samples = 100
test_samples = 100
hidden = [20]
batch_size = 50
epochs = 60
evaluate_every = 20
"#;

/// Runs a line of shell and demands that it succeeds.
fn shell(line: &str) -> String {
    let output = Command::new("sh").args(["-c", line]).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A mounted image, unmounted when dropped.
struct Mounted {
    folder: PathBuf,
    device: String,
}

impl Mounted {
    fn new(image: &Path, folder: PathBuf) -> Mounted {
        fs::create_dir_all(&folder).unwrap();
        let device = shell(&format!("losetup -f --show {}", image.display()));
        shell(&format!("mount {device} {}", folder.display()));
        Mounted { folder, device }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        shell(&format!("umount -l {}; losetup -d {}", self.folder.display(), self.device));
    }
}

/// Digests of the finished trials of a journal, by trial.
fn finished(folder: &Path) -> BTreeMap<String, String> {
    let mut finished = BTreeMap::new();
    for file in fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
        let text = fs::read(&file).unwrap_or_default();
        for line in String::from_utf8_lossy(&text).lines().filter(|line| line.starts_with("{\"trial_finished")) {
            let Ok(line) = serde_json::from_str::<Value>(line) else { continue };
            let event = &line["trial_finished"];
            let digest = &event["outcome"]["completed"]["weights_digest"];
            finished.insert(event["trial"].as_str().unwrap().into(), digest.as_str().unwrap().into());
        }
    }
    finished
}

struct Run(Child);

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
#[ignore = "needs root and loop devices, and takes a minute"]
fn a_power_cut_loses_the_last_second_at_most() {
    let place = Place::with(STUDY);
    let (image, copy) = (place.path("disk.img"), place.path("copy.img"));
    shell(&format!("truncate -s 64M {0} && mkfs.ext4 -q {0}", image.display()));
    let disk = Mounted::new(&image, place.path("disk"));
    let (mut lost_most, mut trials) = (0, 0);
    for cut in 0..12 {
        let out = disk.folder.join(format!("out-{cut}"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_ablate"));
        command.current_dir(place.path("")).args(["run", "small.toml", "-q", "--out"]).arg(&out);
        let run = Run(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        let deadline = Instant::now() + Duration::from_millis(3000 + 700 * cut);
        // What was finished, each time with the time at which that was seen.
        let mut seen = Vec::new();
        while Instant::now() < deadline {
            seen.push((Instant::now(), finished(&out.join("small"))));
            thread::sleep(Duration::from_millis(20));
        }
        let cut_at = Instant::now();
        fs::copy(&image, &copy).unwrap();
        drop(run);
        // A second, and the time that a sync takes here.
        let before = seen.iter().rev().find(|(at, _)| *at + Duration::from_millis(1500) < cut_at).unwrap();
        let after = Mounted::new(&copy, place.path("after"));
        let left = finished(&after.folder.join(format!("out-{cut}/small")));
        let missing = before.1.iter().filter(|(trial, digest)| left.get(*trial) != Some(digest)).count();
        assert!(missing == 0 && !before.1.is_empty(), "{missing} of {} are lost", before.1.len());
        lost_most = lost_most.max(seen.last().unwrap().1.len() - left.len().min(seen.last().unwrap().1.len()));
        trials += left.len();
        // What is left is read without a complaint, and can be gone on with.
        let out = after.folder.join(format!("out-{cut}"));
        let out = out.to_str().unwrap();
        let (_, told) = place.run(0, &["export", "small", "--out", out]);
        assert!(!told.contains("damaged"), "{told}");
        if cut == 0 {
            place.run(0, &["run", "small.toml", "-q", "--out", out]);
        }
    }
    println!("12 power cuts: {trials} finished trials are left, {lost_most} at most were lost of one run");
}

#[test]
#[ignore = "needs root and loop devices"]
fn what_a_run_has_ended_with_is_on_the_disk() {
    let place = Place::with(&STUDY.replace("400", "8"));
    let (image, copy) = (place.path("disk.img"), place.path("copy.img"));
    shell(&format!("truncate -s 64M {0} && mkfs.ext4 -q {0}", image.display()));
    let disk = Mounted::new(&image, place.path("disk"));
    for round in 0..3 {
        let out = disk.folder.join("out");
        let fresh = if round == 0 { &[][..] } else { &["--fresh"] };
        place.run(0, &[&["run", "small.toml", "-q", "--out", out.to_str().unwrap()], fresh].concat());
        fs::copy(&image, &copy).unwrap();
        let after = Mounted::new(&copy, place.path("after"));
        let out = after.folder.join("out");
        assert_eq!(finished(&out.join("small")).len(), 8, "round {round}");
        let results = fs::read_dir(&out).unwrap().count();
        assert_eq!(results, 1 + round, "each old result is there as well");
        let (_, told) = place.run(0, &["verify", "small", "--out", out.to_str().unwrap()]);
        assert!(told.contains("the same to the last bit"), "{told}");
    }
}
