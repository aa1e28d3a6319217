//! Tells the program which commit it is built from: `ABLATE_COMMIT`, empty if that is not known; and puts the studies of
//! `ablations/` into it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=Cargo.lock");
    // It changes with each commit, and is there only in a repository.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]).filter(|log| fs::exists(log).unwrap_or(false)) {
        println!("cargo::rerun-if-changed={log}");
    }
    let commit = published().or_else(repository).unwrap_or_default();
    println!("cargo::rustc-env=ABLATE_COMMIT={commit}");
    println!("cargo::rerun-if-changed=ablations");
    let out = env::var_os("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("studies.rs"), studies()).expect("the folder is there to be written to");
}

/// The studies that run in any folder, as the value of `study::SHIPPED`: those that name no files.
fn studies() -> String {
    let mut paths: Vec<_> =
        fs::read_dir("ablations").into_iter().flatten().map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    let study = |path: &PathBuf| {
        let names_files = |text: &String| ["csv = ", "idx = ", "npz = "].iter().any(|key| text.contains(key));
        let text = fs::read_to_string(path).ok().filter(|text| !names_files(text))?;
        let name = path.file_name()?.to_str()?.strip_suffix(".toml")?;
        Some(format!("    Shipped {{ name: {name:?}, text: {text:?} }},\n"))
    };
    format!("&[\n{}]\n", paths.iter().filter_map(study).collect::<String>())
}

/// The commit that a published package was made from, which its packer has written down.
fn published() -> Option<String> {
    let packed = fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let (_, rest) = packed.split_once("\"sha1\": \"")?;
    rest.split('"').next().map(str::to_owned)
}

/// The commit of the repository, unless the package merely lies in another project's.
fn repository() -> Option<String> {
    if !fs::exists(".git").ok()? {
        return None;
    }
    let commit = git(&["rev-parse", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--untracked-files=no", "src", "Cargo.toml", "Cargo.lock"])?;
    Some(if changed.is_empty() { commit } else { format!("{commit}-dirty") })
}

fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
