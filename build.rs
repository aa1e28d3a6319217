//! Tells the program which commit it is built from: `ABLATE_COMMIT`, empty if that is not known.

use std::fs;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=Cargo.lock");
    // It changes with each commit, and is there only in a repository.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]).filter(|log| fs::exists(log).unwrap_or(false)) {
        println!("cargo::rerun-if-changed={log}");
    }
    let commit = published().or_else(repository).unwrap_or_default();
    println!("cargo::rustc-env=ABLATE_COMMIT={commit}");
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
