use super::memory::{self, Memory};
use super::speed::Speed;
use super::{Exit, cores, free_memory, print};
use crate::cli::{Check, Form};
use crate::error::Result;
use crate::plan::Params;
use crate::plan::config::{Config, Probe, Sampling, Subset};
use crate::printable;
use crate::run::images::Folders;
use crate::show::export::json_text;
use crate::show::words::count;
use crate::study::{Changes, Study};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;

/// Validates studies and says what they would train. Reports the mistakes of all files, not only of the first one with some.
pub fn check(args: &Check, data: Option<&Path>) -> Result<Exit> {
    let changes = Changes { data: data.map(Path::to_owned), ..Changes::from(&args.changes) };
    let mut status = Exit::Done;
    let mut studies = Vec::new();
    for path in &args.studies {
        match load(path, &changes) {
            Ok(study) if args.format == Form::Text => print::result(&Checked::new(&study).text(&study))?,
            Ok(study) => studies.push(study),
            Err(error) => {
                print::error(&error);
                status = Exit::Mistake;
            }
        }
    }
    if args.format == Form::Json {
        let studies = studies.iter().map(Checked::new).collect();
        print::result(&json_text(&AllChecked { studies })?)?;
    }
    Ok(status)
}

/// A study whose data are there and as they should be.
fn load(path: &Path, changes: &Changes) -> Result<Study> {
    let study = Study::load(path, changes)?;
    Folders::find(study.cells.iter().map(|cell| &cell.config), &study.path, changes.data.as_deref())?.examine()?;
    Ok(study)
}

#[derive(Serialize)]
struct AllChecked<'a> {
    studies: Vec<Checked<'a>>,
}

/// What a study would train, as `--format json` has it.
#[derive(Serialize)]
struct Checked<'a> {
    path: String,
    study: &'a str,
    question: Option<&'a str>,
    cells: Vec<Cell<'a>>,
    seeds: &'a [u64],
    /// Every cell with every seed.
    trials: usize,
    /// Cells that train alike share their trials.
    trials_trained: usize,
    estimate: Estimate,
    claims: Vec<Claim<'a>>,
    remarks: &'a [String],
}

#[derive(Serialize)]
struct Cell<'a> {
    arm: Option<&'a str>,
    params: &'a Params,
}

#[derive(Serialize)]
struct Estimate {
    cores: usize,
    seconds: f64,
    memory_bytes: f64,
    /// What is free here, and by what it is limited; `None` if that is not known.
    memory_free_bytes: Option<f64>,
    memory_limit: Option<&'static str>,
    /// Why it cannot be trained here, and what to do; `None` if there is enough memory, or that is not known.
    too_much: Option<String>,
    /// What the time is estimated from.
    basis: String,
}

#[derive(Serialize)]
struct Claim<'a> {
    says: &'a str,
    note: Option<&'a str>,
    /// How it is tested.
    test: String,
}

impl<'a> Checked<'a> {
    fn new(study: &'a Study) -> Checked<'a> {
        let seeds = study.seeds.len();
        let cores = cores();
        let memory = Memory::of_study(study, cores);
        let free = free_memory::free(cores);
        let speed = Speed::measure(study);
        let claim = |claim: &'a crate::plan::Claim| Claim {
            says: &claim.says,
            note: claim.note.as_deref(),
            test: claim.in_words(&study.cells),
        };
        Checked {
            path: study.path.to_string_lossy().into_owned(),
            study: &study.name,
            question: study.question.as_deref(),
            cells: study.cells.iter().map(|cell| Cell { arm: cell.arm.as_deref(), params: &cell.params }).collect(),
            seeds: &study.seeds,
            trials: study.cells.len() * seeds,
            trials_trained: study.trained_cells().len() * seeds,
            estimate: Estimate {
                cores,
                seconds: speed.study_seconds(study, cores),
                memory_bytes: memory.bytes(),
                memory_free_bytes: free.as_ref().map(|free| free.bytes),
                memory_limit: free.as_ref().map(|free| free.limit.name()),
                too_much: memory.fits(cores).err().map(|free| memory.refused(free)),
                basis: speed.basis,
            },
            claims: study.claims.iter().map(claim).collect(),
            remarks: &study.remarks,
        }
    }

    fn text(&self, study: &Study) -> String {
        let line = printable::line;
        let mut text = format!("{}: {}\n", line(&self.path), self.study);
        if let Some(question) = self.question {
            text += &format!("  {}\n", line(question));
        }
        if study.axes.is_empty() && study.cells.iter().all(|cell| cell.arm.is_none()) {
            text += "  1 cell: the base alone, without [grid] or [[arm]]\n";
        }
        let (cells, seeds) = (count(self.cells.len(), "cell"), count(self.seeds.len(), "seed"));
        let trained = match self.trials_trained {
            trained if trained == self.trials => String::new(),
            trained => format!(", of which {trained} are trained: some cells train alike"),
        };
        text += &format!("  {cells} × {seeds} = {}{trained}\n", count(self.trials, "trial"));
        text += &images(study);
        let Estimate { cores, seconds, memory_bytes, basis, too_much, .. } = &self.estimate;
        let (time, memory) = (duration(*seconds), memory::size(*memory_bytes));
        let may_stop = study.cells.iter().any(|cell| cell.config.patience.get() > 0);
        let most = if may_stop { "at most " } else { "" };
        text += &format!("  estimates on {}: {most}{time}, {memory} of memory\n", count(*cores, "core"));
        if may_stop {
            text += "    trials with patience may stop before their last step, and take less\n";
        }
        text += &format!("    the time is estimated from {}\n", line(basis));
        text.extend(too_much.iter().map(|refused| format!("  it cannot be trained here: {refused}\n")));
        text.extend(probes(study));
        for claim in &self.claims {
            text += &format!("  claim: {}\n    {}\n", line(claim.says), line(&claim.test));
        }
        text.extend(self.remarks.iter().map(|remark| format!("  {}\n", line(remark))));
        text
    }
}

/// How many ways to choose images are told at most.
const TOLD: usize = 4;

/// A line for each way in which cells choose their images: which those are, and how many an epoch leaves out.
fn images(study: &Study) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in study.cells.iter().filter_map(|cell| images_of(&cell.config)) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    let more = lines.len().saturating_sub(TOLD);
    lines.truncate(TOLD);
    if more > 0 {
        lines.push(format!("  and {more} other ways in other cells\n"));
    }
    lines.concat()
}

/// `None` without images.
fn images_of(config: &Config) -> Option<String> {
    let set = config.data.set()?;
    let (samples, trained_on, all) = (set.samples, config.trained_on().len(), set.train);
    let chosen = match config.subset_in_use() {
        None => format!("all {all} training {samples}"),
        Some(Subset::First) => format!("the first {trained_on} of {all} training {samples}, the same for every seed"),
        Some(Subset::Drawn) => format!("{trained_on} of {all} training {samples}, drawn by each seed"),
        Some(Subset::Balanced) => {
            format!(
                "{trained_on} of {all} training {samples}, drawn by each seed, as many of each class as of any other"
            )
        }
    };
    let held_out = match config.held_out().len() {
        0 => String::new(),
        held_out => format!("; {held_out} others are held out"),
    };
    let noise = match config.label_noise.get() {
        0.0 => String::new(),
        share => format!("; the labels of about {:.3} % of them are drawn at random", 100.0 * share),
    };
    let left_out = match (config.sampling, config.left_out_of_an_epoch()) {
        (Sampling::Replacement, _) => "batches are drawn from all of them, with replacement".into(),
        (Sampling::Shuffle | Sampling::InOrder, 0) => "an epoch leaves none out".into(),
        (Sampling::Shuffle, left_out) => {
            let batch = config.batch_size.get();
            format!("an epoch leaves {left_out} out, others each time: too few for another batch of {batch}")
        }
        (Sampling::InOrder, left_out) => {
            let batch = config.batch_size.get();
            format!(
                "the last {left_out} of them are never used: in order, they are too few for another batch of {batch}"
            )
        }
    };
    Some(format!("  trained on {chosen}{noise}{held_out}; {left_out}\n"))
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
            let study = Study::parse(text, path, &Changes::default()).unwrap();
            Checked::new(&study).text(&study)
        };
        let empty = told("");
        assert!(empty.contains("1 cell: the base alone") && empty.contains("1 cell × 10 seeds"), "{empty}");
        // What the estimate rests on is told.
        assert!(empty.contains("evaluated images in the cell of the base, tried just now on one core"), "{empty}");
        assert!(!told("[grid]\ndropout = [0.0]").contains("alone"));
        let alike = told("[grid]\nbatch_norm_momentum = [0.9, 0.99]");
        let expected = "2 cells × 10 seeds = 20 trials, of which 10 are trained: some cells train alike\n";
        assert!(alike.contains(expected) && alike.contains("`batch_norm_momentum` changes nothing"), "{alike}");
        assert!(!told("[[arm]]\nname = \"one\"\nset = {}").contains("alone"));
    }

    #[test]
    fn how_images_are_chosen_and_left_out_is_told() {
        let told = |text: &str| images(&Study::parse(text, Path::new("study.toml"), &Changes::default()).unwrap());
        assert_eq!(told(""), "  trained on all 60000 training images; an epoch leaves none out\n");
        assert_eq!(
            told("[base]\ntrain_samples = 350\nvalidation_samples = 30\n[grid]\ndropout = [0.0, 0.5]"),
            "  trained on 320 of 60000 training images, drawn by each seed; 30 others are held out; an epoch leaves 20 out, \
             others each time: too few for another batch of 100\n"
        );
        let ordered = told("[base]\ntrain_samples = 350\nsampling = \"in_order\"");
        assert!(
            ordered
                .ends_with("the last 50 of them are never used: in order, they are too few for another batch of 100\n")
        );
        let ways = told("[base]\nsubset = \"first\"\nsampling = \"replacement\"\n[grid]\ntrain_samples = [300, 60000]");
        assert_eq!(
            ways,
            "  trained on the first 300 of 60000 training images, the same for every seed; batches are drawn from all of \
             them, with replacement\n  trained on all 60000 training images; batches are drawn from all of them, with \
             replacement\n"
        );
        let many = told("[base]\nsubset = \"balanced\"\n[grid]\ntrain_samples = [100, 200, 300, 400, 500, 600]");
        assert!(many.lines().count() == 5 && many.ends_with("  and 2 other ways in other cells\n"), "{many}");
        assert_eq!(told("[base]\ndata = \"surface\"\nsteps = 5"), "");
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
