use super::speed::Speed;
use super::{Exit, memory, print};
use crate::cli::Check;
use crate::error::Result;
use crate::plan::config::Probe;
use crate::printable;
use crate::show::words::count;
use crate::study::{Changes, Study};
use std::collections::BTreeSet;
use std::path::Path;
use std::thread;

/// Validates studies and says what they would train. Reports the mistakes of all files, not only of the first one with some.
pub fn check(args: &Check) -> Result<Exit> {
    let changes = Changes::from(&args.changes);
    let mut status = Exit::Done;
    for path in &args.studies {
        match Study::load(path, &changes) {
            Ok(study) => print::result(&report(path, &study))?,
            Err(error) => {
                print::error(&error);
                status = Exit::Mistake;
            }
        }
    }
    Ok(status)
}

fn report(path: &Path, study: &Study) -> String {
    let (cells, seeds) = (study.cells.len(), study.seeds.len());
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let line = printable::line;
    let mut text = format!("{}: {}\n", printable::path(path), study.name);
    if let Some(question) = &study.question {
        text += &format!("  {}\n", line(question));
    }
    if study.axes.is_empty() && study.cells.iter().all(|cell| cell.arm.is_none()) {
        text += "  1 cell: the base alone, without [grid] or [[arm]]\n";
    }
    text += &format!("  {} × {} = {}\n", count(cells, "cell"), count(seeds, "seed"), count(cells * seeds, "trial"));
    let speed = Speed::measure(study);
    let time = duration(speed.study_seconds(study, cores));
    let memory = memory::size(memory::bytes(study, cores));
    text += &format!("  estimates on {}: {time}, {memory} of memory\n", count(cores, "core"));
    text += &format!("    the time is estimated from {}\n", line(&speed.basis));
    text.extend(probes(study));
    for claim in &study.claims {
        text += &format!("  claim: {}\n    {}\n", line(&claim.says), line(&claim.in_words(&study.cells)));
    }
    text.extend(study.remarks.iter().map(|remark| format!("  {}\n", line(remark))));
    text
}

/// A line on what is probed, and how much longer that takes; `None` if nothing is probed.
fn probes(study: &Study) -> Option<String> {
    let configs = || study.cells.iter().map(|cell| &cell.config);
    let probes: BTreeSet<Probe> = configs().flat_map(|config| config.probes.iter().copied()).collect();
    let (all, probing) =
        configs().fold((0.0, 0.0), |(all, probing), config| (all + config.cost(), probing + config.probe_cost()));
    let names: Vec<_> = probes.into_iter().map(Probe::name).collect();
    let share = match 100.0 * probing / (all - probing) {
        share if share < 0.5 => "less than 1 %".to_owned(),
        share if share < 300.0 => format!("about {share:.0} %"),
        share => format!("about {:.0} times as much", share / 100.0),
    };
    (!names.is_empty())
        .then(|| format!("  probes: {}; they add {share} to the time{}\n", names.join(", "), twins(study)))
}

/// What the probe `line` costs beside measuring.
fn twins(study: &Study) -> &'static str {
    match study.cells.iter().any(|cell| cell.config.probes.contains(&Probe::Line)) {
        true => ": `line` trains a twin of each trial, from the next seed",
        false => "",
    }
}

/// A duration in at most two units.
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
        // What the estimate rests on is told.
        assert!(empty.contains("evaluated images in the cell of the base, tried just now on one core"), "{empty}");
        assert!(!told("[grid]\ndropout = [0.0]").contains("alone"));
        assert!(!told("[[arm]]\nname = \"one\"\nset = {}").contains("alone"));
    }

    #[test]
    fn probes_are_told_with_what_they_cost() {
        let told = |text: &str| probes(&Study::parse(text, Path::new("study.toml"), &Changes::default()).unwrap());
        assert_eq!(told(""), None);
        let cheap = told("[base]\noptimizer = \"adam\"\nprobes = [\"velocity\", \"updates\"]").unwrap();
        assert_eq!(cheap, "  probes: updates, velocity; they add less than 1 % to the time\n");
        // 200 updates of 100 images, three times as dear, and 22 evaluations of 11,000, beside 22 × 1,000 probed.
        let claimed = "[base]\ntrain_samples = 1000\n[[claim]]\nsays = \"It spreads\"\nmetric = \"saturated\"\n\
                       arm = {}\nversus = 0.5\nexpect = \"lower\"";
        assert_eq!(told(claimed).unwrap(), "  probes: activations; they add about 7 % to the time\n");
    }

    #[test]
    fn durations_are_told_in_two_units_at_most() {
        assert_eq!([0.2, 59.1, 3599.5, 90_000.0].map(duration), ["1 s", "1 min 0 s", "1 h 0 min", "25 h 0 min"]);
    }
}
