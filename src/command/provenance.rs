//! What trains here: the program, the system and the processor.

use crate::plan::Provenance;
use std::env::consts::{ARCH, OS};
use std::fs;

/// Where results of this run come from, all but the study's hash.
pub fn provenance(data_sha256: String, command: String) -> Provenance {
    Provenance {
        ablate: env!("CARGO_PKG_VERSION").into(),
        commit: env!("ABLATE_COMMIT").into(),
        os: os(),
        cpu: cpu(),
        study_sha256: String::new(),
        data_sha256,
        command,
    }
}

/// `Linux 6.1.0`, or the name of the system alone.
fn os() -> String {
    let [kind, release] = ["ostype", "osrelease"].map(|name| fs::read_to_string(format!("/proc/sys/kernel/{name}")));
    match (kind, release) {
        (Ok(kind), Ok(release)) => format!("{} {}", kind.trim(), release.trim()),
        _ => OS.into(),
    }
}

/// The model of the first processor, or the architecture alone.
fn cpu() -> String {
    let all = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = all.lines().find_map(|line| line.strip_prefix("model name")?.trim_start().strip_prefix(':'));
    match model.map(str::trim) {
        Some(model) if !model.is_empty() => format!("{model} ({ARCH})"),
        _ => ARCH.into(),
    }
}
