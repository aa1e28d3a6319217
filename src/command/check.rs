use super::estimate::{bytes, seconds};
use super::{Status, estimate, print};
use crate::cli::Check;
use crate::config::Probe;
use crate::error::Result;
use crate::study::{Changes, Study};
use std::path::Path;
use std::thread;

/// Validates studies and says what they would train. All mistakes are told, not only those of the first file.
pub fn check(args: &Check) -> Result<Status> {
    let changes = Changes::from(&args.changes);
    let mut status = Status::Done;
    for path in &args.studies {
        match Study::load(path, &changes) {
            Ok(study) => print::result(&report(path, &study))?,
            Err(error) => {
                print::error(&error);
                status = Status::Mistake;
            }
        }
    }
    Ok(status)
}

fn report(path: &Path, study: &Study) -> String {
    let (cells, seeds) = (study.cells.len(), study.seeds.len());
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut text = format!("{}: {}\n", path.display(), study.name);
    if let Some(question) = &study.question {
        text += &format!("  {question}\n");
    }
    if study.axes.is_empty() && study.cells.iter().all(|cell| cell.arm.is_none()) {
        text += "  1 cell: the base alone, without [grid] or [[arm]]\n";
    }
    text += &format!("  {} × {} = {}\n", count(cells, "cell"), count(seeds, "seed"), count(cells * seeds, "trial"));
    let (time, memory) = (duration(seconds(study, cores)), estimate::size(bytes(study, cores)));
    text += &format!("  estimates on {}: {time}, {memory} of memory\n", count(cores, "core"));
    let probes = estimate::share_of_probes(study);
    if probes >= 0.005 {
        text += &format!("    {:.0} % of the time for probes{}\n", probes * 100.0, twins(study));
    }
    for claim in &study.claims {
        text += &format!("  claim: {}\n    {}\n", claim.says, claim.in_words(&study.cells));
    }
    text.extend(study.remarks.iter().map(|remark| format!("  {remark}\n")));
    text
}

/// What a line costs beside the looking.
fn twins(study: &Study) -> &'static str {
    match study.cells.iter().any(|cell| cell.config.probes.contains(&Probe::Line)) {
        true => ": `line` trains a twin of each trial, from the next seed",
        false => "",
    }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// In two units at most.
fn duration(seconds: f64) -> String {
    let whole = seconds.ceil().max(1.0) as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_study_without_grid_and_arms_is_the_base_alone() {
        let told = |text: &str| {
            let path = Path::new("study.toml");
            report(path, &Study::parse(text, path, &Changes::default()).unwrap())
        };
        let empty = told("");
        assert!(empty.contains("1 cell: the base alone") && empty.contains("1 cell × 10 seeds"), "{empty}");
        assert!(!told("[grid]\ndropout = [0.0]").contains("alone"));
        assert!(!told("[[arm]]\nname = \"one\"\nset = {}").contains("alone"));
    }

    #[test]
    fn durations_are_told_in_two_units_at_most() {
        assert_eq!([0.2, 59.1, 3599.5, 90_000.0].map(duration), ["1 s", "1 min 0 s", "1 h 0 min", "25 h 0 min"]);
    }
}
