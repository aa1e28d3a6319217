//! The command line: argv → [`Command`]. The docs of commands and arguments are their help texts.

#![allow(rustdoc::broken_intra_doc_links, reason = "doc comments are also the help, in which brackets are TOML")]

use crate::plan::MOST_SEEDS;
use crate::printable;
use crate::show::export::{Format, Moment, Rows};
use crate::study::Changes;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

/// Shows what each training technique of a neural network really does
#[derive(Debug, Parser)]
#[command(bin_name = "ablate", version, propagate_version = true, arg_required_else_help = true, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// The folder that holds mnist/ [default: data/ here, else beside the study file, else the program has MNIST in it]
    #[arg(long, global = true, env = "ABLATE_DATA", hide_env_values = true, value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// The folder that holds a folder for each result
    #[arg(long, global = true, value_name = "DIR", default_value = "results")]
    pub out: PathBuf,
}

/// The message for words, the first of them the program's, that are no command line. It quotes them, so it is made again from
/// words without control characters.
pub fn mistake(mistake: clap::Error, words: impl Iterator<Item = OsString>) -> String {
    let words = words.map(|word| printable::line(&word.to_string_lossy()).into_owned());
    let mistake = Cli::try_parse_from(words).err().unwrap_or(mistake);
    printable::message(mistake.render().to_string().trim_end()).into_owned()
}

const EXAMPLES: &str = "\
Examples:
  ablate run overfit                                train what is missing of a study, and watch
  ablate new mine.toml                              write a study of your own
  ablate run mine.toml --seeds 3 > table.md
  ablate show                                       the newest result again
  ablate export overfit -o overfit.csv
  ablate export overfit -o overfit.svg              its main picture
  ablate diff overfit.old-1 overfit                 what changed since the last run

Exit status: 0 done and stored; 1 a trial failed or was not the same again, or what was trained could not be stored; 2 a mistake in the command, a study or the data; 130 interrupted.";

/// A command with its arguments.
#[derive(Debug, Subcommand)]
#[allow(missing_docs, reason = "a command's help is that of its arguments, and would be replaced")]
pub enum Command {
    Run(Run),
    New(New),
    Show(Show),
    Export(Export),
    Check(Check),
    Claims(Claims),
    Diff(Diff),
    List(List),
    Verify(Verify),
    Trace(Trace),
    /// Print a JSON Schema of study files, by which editors complete and check them
    ///
    /// `ablate schema > study.schema.json`, and `#:schema ./study.schema.json` as the first line of a study: Taplo, and
    /// Even Better TOML in Visual Studio Code, go by that.
    Schema,
    Completions(Completions),
}

/// Train the trials of a study that have no result yet
///
/// On a terminal this opens a screen. Off a terminal, or with --plain, progress goes to stderr and the table, as
/// Markdown, to stdout.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ablate run ablations/overfit.toml
  ablate run ablations/*.toml --plain
  ablate run ablations/overfit.toml --seeds 3 --set epochs=50
  ablate run ablations/overfit.toml --until-decided --max-seeds 40 --budget 20m
  ablate run ablations/overfit.toml --set 'dropout=[0.0, 0.5]'")]
pub struct Run {
    /// Study files, or names of studies as `ablate list` shows them; several are trained one after the other
    #[arg(required = true, value_name = "STUDY")]
    pub studies: Vec<PathBuf>,

    /// What to change in them.
    #[command(flatten)]
    pub changes: ChangeArgs,

    /// Trials at a time; never changes a result [default: one for each core]
    #[arg(short, long, value_name = "N", value_parser = at_least_one, allow_negative_numbers = true)]
    pub jobs: Option<NonZeroUsize>,

    /// No screen: progress as lines on stderr
    #[arg(long)]
    pub plain: bool,

    /// No screen and no progress: the table alone
    #[arg(short, long)]
    pub quiet: bool,

    /// Take seeds, block by block, until every claim is decided or hopeless; without claims, every row. Verdicts then hold at any
    /// number of seeds
    #[arg(long)]
    pub until_decided: bool,

    /// The largest number of seeds [default: 40 with --until-decided, else the study's]
    #[arg(long, value_name = "N", value_parser = seeds, allow_negative_numbers = true)]
    pub max_seeds: Option<NonZeroUsize>,

    /// Train whole blocks, every cell with one more seed, as long as they fit into this time
    #[arg(long, value_name = "TIME", value_parser = duration, allow_hyphen_values = true)]
    pub budget: Option<Duration>,

    /// Train everything again; the old result is kept as NAME.old-1, NAME.old-2, …
    #[arg(long)]
    pub fresh: bool,
}

/// What the command line says on when to stop.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rule {
    /// Whether to stop once every claim is decided or hopeless; without claims, every row.
    pub until_decided: bool,
    /// The largest number of seeds.
    pub most_seeds: Option<usize>,
    /// The time that the run may take.
    pub budget: Option<Duration>,
}

impl Run {
    /// When to stop where the number of seeds is not fixed.
    pub fn rule(&self) -> Rule {
        let Run { until_decided, max_seeds, budget, .. } = *self;
        Rule { until_decided, most_seeds: max_seeds.map(NonZeroUsize::get), budget }
    }
}

fn seeds(text: &str) -> std::result::Result<NonZeroUsize, String> {
    let expected = || format!("expected a whole number from 1 to {MOST_SEEDS}");
    at_least_one(text).ok().filter(|seeds| seeds.get() <= MOST_SEEDS).ok_or_else(expected)
}

fn duration(text: &str) -> std::result::Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| "expected a time such as 20m, 90s or 1h30m".into())
}

/// What to change in a study without touching its file.
#[derive(Debug, Args)]
pub struct ChangeArgs {
    /// Replace a value of [base], or make or replace an axis if the value is a list; may be given several times. hidden
    /// is a list by itself: hidden=[20,30] sets two layers, hidden=[[20],[20,30]] compares two networks. optimizer.beta_1=0.8
    /// changes one constant
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,

    /// Seeds for each cell, instead of the study's
    #[arg(long, value_name = "N", value_parser = number_of_seeds, allow_negative_numbers = true)]
    pub seeds: Option<NonZeroUsize>,
}

/// A number of seeds, not a list of them.
fn number_of_seeds(text: &str) -> std::result::Result<NonZeroUsize, String> {
    let which = "which ones is said in the study file, as in seeds = [3, 5]";
    at_least_one(text).map_err(|expected| match text.contains([',', '[', '-']) && !text.starts_with('-') {
        true => format!("{expected}: how many seeds there are; {which}"),
        false => expected,
    })
}

fn seed(text: &str) -> std::result::Result<u64, String> {
    text.parse().map_err(|_| "expected a whole number, 0 or above".into())
}

fn at_least_one(text: &str) -> std::result::Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "expected a whole number, 1 or above".into())
}

impl From<&ChangeArgs> for Changes {
    fn from(args: &ChangeArgs) -> Changes {
        Changes { set: args.set.clone(), seeds: args.seeds.map(NonZeroUsize::get), data: None }
    }
}

/// Write a study to begin with, as one in the program has it
///
/// A file that is there stays as it is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ablate new mine.toml
  ablate new mine.toml --from dropout")]
pub struct New {
    /// The file to write
    #[arg(value_name = "FILE.toml")]
    pub file: PathBuf,

    /// Which study of the program, as `ablate list` shows them
    #[arg(long, value_name = "NAME", default_value = "overfit")]
    pub from: String,
}

/// Open a result, running or finished
///
/// On a terminal this opens the screen; off a terminal it prints the table as Markdown.
#[derive(Debug, Args)]
pub struct Show {
    /// A result's name or its folder [default: the newest]
    pub result: Option<PathBuf>,
}

/// Write a result's table, or one of its pictures, running or finished
///
/// Of a study on surfaces, CSV is the paths instead: a line for each step, with arm, axes, seed, step, x, y, f and the
/// velocity, in double precision; after step 4,096 not each step has a line, but every 2nd up to 8,192, every 4th up to 16,384
/// and so on, and the last. JSON has both, the paths as a `trajectory` of each trial.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ablate export overfit                      Markdown to stdout
  ablate export overfit --format json | jq .claims
  ablate export results/overfit -o overfit.tex
  ablate export overfit -o overfit.svg       the main picture
  ablate export overfit --picture curves/train_loss --bare > loss.svg
  ablate export overfit --picture all -o pictures/")]
pub struct Export {
    /// A result's name or its folder
    pub result: PathBuf,

    /// [default: as the file's ending says, else md]
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// As SVG: the picture of this name (beta_1 also finds β₁), or all, each as a file of the folder given with -o
    /// [default: what only the study's probes or surface can show, else the metric of the first claim or test accuracy]
    #[arg(long, value_name = "NAME")]
    pub picture: Option<String>,

    /// Of a picture that moves, the frame of this number from 1 on, or last
    #[arg(long, value_name = "N", value_parser = moment, allow_negative_numbers = true, default_value = "last")]
    pub frame: Moment,

    /// Columns of a LaTeX table, as in train_loss,weight_norm, or all [default: accuracies and gap, or f, and what claims
    /// are about]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub metrics: Vec<String>,

    /// Of CSV, what a line is about
    #[arg(long, value_enum, default_value_t)]
    pub rows: Rows,

    /// Of an SVG, the plot alone, without title and caption: for a paper, where the caption stands below
    #[arg(long)]
    pub bare: bool,

    /// Write to this file, whole or not at all, instead of to stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

fn moment(text: &str) -> std::result::Result<Moment, String> {
    match text {
        "last" => Ok(Moment::Last),
        _ => at_least_one(text)
            .map(|frame| Moment::Frame(frame.get()))
            .map_err(|expected| format!("{expected}, or last")),
    }
}

/// The studies in ablations/ and in the program with their questions, and the results there are
#[derive(Debug, Args)]
pub struct List {
    /// Text to read, or JSON for scripts
    #[arg(long, value_enum, default_value_t = Form::Text)]
    pub format: Form,
}

/// In which form a command says what it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Text to read
    Text,
    /// JSON, for scripts
    Json,
}

/// Validate studies and say what they would train and how long it would take; train nothing
#[derive(Debug, Args)]
pub struct Check {
    /// Study files, or names of studies as `ablate list` shows them
    #[arg(required = true, value_name = "STUDY")]
    pub studies: Vec<PathBuf>,

    /// What to change in them.
    #[command(flatten)]
    pub changes: ChangeArgs,

    /// Text to read, or JSON for scripts
    #[arg(long, value_enum, default_value_t = Form::Text)]
    pub format: Form,
}

/// Train finished trials again and compare them bit for bit
///
/// Final weights, outcome and every evaluation have to be what the journal says. Prints a line for each trial.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ablate verify overfit
  ablate verify results/overfit --trials all

Exit status: 0 all are the same; 1 one differs, or the journal is damaged; 2 a mistake; 130 interrupted.")]
pub struct Verify {
    /// A result's name or its folder
    pub result: PathBuf,

    /// How many, spread evenly over the study, or all [default: 4, and each whose result stands in a file that is damaged or has no
    /// checksums]
    #[arg(long, value_name = "K", value_parser = trials, allow_negative_numbers = true)]
    pub trials: Option<Trials>,
}

/// How many of the finished trials are trained again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trials {
    /// All finished trials.
    All,
    /// So many, or all if there are fewer.
    Some(NonZeroUsize),
}

fn trials(text: &str) -> std::result::Result<Trials, String> {
    match text {
        "all" => Ok(Trials::All),
        _ => text.parse().map(Trials::Some).map_err(|_| "expected a whole number, 1 or above, or all".into()),
    }
}

/// Write down the first steps of a trial, so that another framework can replay them
///
/// The file holds the parameters before and after, the batches, the dropout masks, the losses and the whole
/// configuration, in the safetensors format. Of a study with several cells, name one with --set or --arm.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  ablate trace ablations/overfit.toml --set dropout=0.2 --set weight_decay=0.0 --seed 0 --steps 100 -o overfit.safetensors")]
pub struct Trace {
    /// The study of the trial: its file, or its name as `ablate list` shows it
    #[arg(value_name = "STUDY")]
    pub study: PathBuf,

    /// Replace a value of [base] or an axis; may be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,

    /// Trace the arm of this name
    #[arg(long, value_name = "NAME")]
    pub arm: Option<String>,

    /// The trial's seed
    #[arg(long, value_name = "S", value_parser = seed, allow_negative_numbers = true)]
    pub seed: u64,

    /// How many steps, from the first one on
    #[arg(long, value_name = "N", value_parser = at_least_one, allow_negative_numbers = true)]
    pub steps: NonZeroUsize,

    /// Write to this file, whole or not at all
    #[arg(short, long, value_name = "FILE.safetensors")]
    pub output: PathBuf,
}

/// The claims of results with their verdicts, and what they come to together
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ablate claims                              all results, as one Markdown table
  ablate claims overfit --check              exit 1 unless every claim is supported
  ablate claims overfit --check=refuted      exit 1 if a claim is refuted
  ablate claims --format json | jq '.claims[] | {says, verdict}'")]
pub struct Claims {
    /// Results' names or folders [default: all that have claims, but for NAME.old-1, …]
    pub results: Vec<PathBuf>,

    /// Exit with 1 if a claim came out otherwise: refuted, or undecided, which is all that is neither supported nor refuted [default:
    /// both]
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',', num_args = 0.., require_equals = true,
          default_missing_values = ["refuted", "undecided"])]
    pub check: Vec<Unwanted>,

    /// How to write them
    #[arg(long, value_enum, default_value_t = MdOrJson::Md)]
    pub format: MdOrJson,
}

/// What `claims --check` looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Unwanted {
    /// A claim that is refuted.
    Refuted,
    /// A claim that is neither supported nor refuted.
    Undecided,
}

/// How `claims` and `diff` write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MdOrJson {
    /// Markdown, to read
    Md,
    /// One JSON object, for scripts
    Json,
}

/// Compare two results, or two runs of one study, cell by cell: B minus A
///
/// Cells belong together by their configuration, else by the arm's name, else by the values of the axes. They are compared seed by seed
/// where both have five seeds or more in common, with the care of a table's verdicts: diverged trials, the number of cells and of seeds
/// are accounted for. Trials that should be the same are compared bit by bit.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ablate diff overfit.old-1 overfit          what --fresh changed
  ablate diff overfit wide -o wider.md
  ablate diff overfit wide --format json | jq '.cells[] | {b, changed, verdict}'

Exit status: 0 compared; 1 trials of one id have other bits; 2 a mistake, or results that cannot be compared.")]
pub struct Diff {
    /// A result's name or its folder
    pub a: PathBuf,

    /// The one that it is compared with
    pub b: PathBuf,

    /// [default: as the file's ending says, else md]
    #[arg(long, value_enum)]
    pub format: Option<MdOrJson>,

    /// Write to this file, whole or not at all, instead of to stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Print a script that completes ablate's commands in a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  ablate completions bash > ~/.local/share/bash-completion/completions/ablate")]
pub struct Completions {
    /// The shell that is to read the script
    pub shell: Shell,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn set_takes_one_value_so_that_studies_may_follow_it() {
        let cli = Cli::try_parse_from(["ablate", "run", "--set", "dropout=[0.0, 0.5]", "a.toml", "--set", "epochs=1"]);
        let Command::Run(run) = cli.unwrap().command else { panic!("not a run") };
        assert_eq!(run.changes.set, ["dropout=[0.0, 0.5]", "epochs=1"]);
        assert_eq!(run.studies, [PathBuf::from("a.toml")]);
    }

    #[test]
    fn a_number_out_of_range_is_told_what_it_should_be() {
        let told = |words: &str| {
            let words = || ["ablate"].into_iter().chain(words.split(' ')).map(OsString::from);
            mistake(Cli::try_parse_from(words()).unwrap_err(), words()).lines().next().unwrap_or_default().to_owned()
        };
        insta::assert_snapshot!(told("check a.toml --seeds -1"), @"error: invalid value '-1' for '--seeds <N>': expected a whole number, 1 or above");
        insta::assert_snapshot!(told("check a.toml --seeds 1,2,3"), @"error: invalid value '1,2,3' for '--seeds <N>': expected a whole number, 1 or above: how many seeds there are; which ones is said in the study file, as in seeds = [3, 5]");
        insta::assert_snapshot!(told("run a.toml --jobs -2"), @"error: invalid value '-2' for '--jobs <N>': expected a whole number, 1 or above");
        insta::assert_snapshot!(told("run a.toml --max-seeds -2"), @"error: invalid value '-2' for '--max-seeds <N>': expected a whole number from 1 to 100000");
        insta::assert_snapshot!(told("run a.toml --budget -20m"), @"error: invalid value '-20m' for '--budget <TIME>': expected a time such as 20m, 90s or 1h30m");
        insta::assert_snapshot!(told("verify a --trials -1"), @"error: invalid value '-1' for '--trials <K>': expected a whole number, 1 or above, or all");
        insta::assert_snapshot!(told("trace a.toml --seed -1 --steps 3 -o a"), @"error: invalid value '-1' for '--seed <S>': expected a whole number, 0 or above");
        insta::assert_snapshot!(told("export a --frame -1"), @"error: invalid value '-1' for '--frame <N>': expected a whole number, 1 or above, or last");
    }
}
