//! TOML → study → cells and trials. The whole study is checked before any of it is returned.

mod alike;
mod check;
mod choose;
mod claims;
mod design;
mod draft;
mod elsewhere;
mod expand;
mod idle;
mod look_alike;
mod mistake;
mod outline;
mod own_data;
mod range;
mod read;
mod scale;
mod schema;
mod select;
mod set;
mod shipped;
mod syntax;
mod time;
mod value;

pub use schema::schema;
pub use shipped::{FOLDER, SHIPPED, Shipped};

use crate::error::{Error, Result};
use crate::file;
use crate::plan::{Cell, Claim, Design, Identity, Plan, Provenance, Trial};
use crate::printable;
use mistake::{Mistake, Mistakes, Texts};
use outline::Outline;
use sha2::{Digest, Sha256};
use shipped::Found;
use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use syntax::Syntax;
use toml::Spanned;
use toml::de::DeTable;

/// More trials than this are taken for a mistake.
pub const MAX_TRIALS: u64 = 100_000;

/// A larger file is not taken for a study: one with the most trials, each an arm of its own, has room in it.
pub const MOST_BYTES: usize = 16 << 20;

/// What the command line changes in a study.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Each `--set KEY=VALUE`, as typed; a later one wins.
    pub set: Vec<String>,
    /// `--seeds N`: seeds 0 to N − 1.
    pub seeds: Option<usize>,
    /// `--data FOLDER`: where the paths of one's own data begin.
    pub data: Option<PathBuf>,
}

/// A study whose every cell is valid and differs from every other in some key.
#[derive(Clone, Debug, PartialEq)]
pub struct Study {
    /// Fit to be the name of a folder.
    pub name: String,
    /// The question that the study is to answer.
    pub question: Option<String>,
    /// Distinct; at least one.
    pub seeds: Vec<u64>,
    /// Keys of the grid, in the order of the columns.
    pub axes: Vec<String>,
    /// How the cells follow from the grid.
    pub design: Design,
    /// Index into `cells`.
    pub baseline: Option<usize>,
    /// Points of the grid (with a factorial design, the last axis fastest), then the arms.
    pub cells: Vec<Cell>,
    /// What is tested once all trials have ended.
    pub claims: Vec<Claim>,
    /// Where its file lies; its bare name, if it is in the program.
    pub path: PathBuf,
    /// The text of the file, as it is.
    pub source: String,
    /// What the command line changed.
    pub changes: Changes,
    /// Remarks for the user that are not mistakes, a line each.
    pub remarks: Vec<String>,
}

impl Study {
    /// Reads a study file. Where there is no such file and `path` is a bare name, as `overfit`, the study is the one of this name in
    /// [`FOLDER`], else the one in the program ([`SHIPPED`]).
    ///
    /// Fails with [`Error::Study`] on a mistake in it or in `changes`, and if it is no regular file or larger than [`MOST_BYTES`].
    pub fn load(path: &Path, changes: &Changes) -> Result<Study> {
        let path = match shipped::find(path) {
            Found::File(path) => &path.into_owned(),
            Found::InProgram(shipped) => return Study::parse(shipped.text, path, changes),
        };
        let not_a_study = |why: &str| Error::Usage(format!("{}: not a study: {why}", printable::path(path)));
        let bytes = file::read(path, MOST_BYTES).map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                let mend = missing(path);
                Error::Usage(format!("{}: there is no such study file\n  to mend it: {mend}", printable::path(path)))
            }
            _ if path.is_dir() => Error::Usage(format!(
                "{}: this is a folder, not a study\n  to mend it: name the studies in it, as in {}",
                printable::path(path),
                printable::path(path.join("*.toml"))
            )),
            ErrorKind::FileTooLarge => not_a_study(&error.to_string()),
            _ => Error::io("read", path)(error),
        })?;
        let source = String::from_utf8(bytes).map_err(|_| not_a_study("it is no text in UTF-8"))?;
        Study::parse(&source, path, changes)
    }

    /// Understands the text of a study. `path` is only named in messages, and gives the study its default name. Fails with
    /// [`Error::Study`] on a mistake in the text or in `changes`.
    ///
    /// ```
    /// use ablate::study::{Changes, Study};
    /// use std::path::{Path, PathBuf};
    ///
    /// let text = "seeds = 3\n[base]\ndata = \"synthetic\"\n[grid]\ndropout = [0.0, 0.5]";
    /// let study = Study::parse(text, Path::new("dropout.toml"), &Changes::default())?;
    /// assert_eq!((study.cells.len(), study.trials().len()), (2, 6));
    ///
    /// // --set makes one value of an axis, which leaves one cell.
    /// let changes = Changes { set: vec!["dropout=0.2".into()], seeds: None, ..Changes::default() };
    /// assert_eq!(Study::parse(text, Path::new("dropout.toml"), &changes)?.trials().len(), 3);
    ///
    /// let mistake = Study::parse("[grid]\ndropuot = [0.0]", Path::new("dropout.toml"), &changes).unwrap_err();
    /// assert!(mistake.to_string().contains("did you mean `dropout`?"));
    /// # Ok::<(), ablate::error::Error>(())
    /// ```
    pub fn parse(source: &str, path: &Path, changes: &Changes) -> Result<Study> {
        let texts = Texts::new(printable::path(path), source, &changes.set);
        build(source, path, &texts, changes).map_err(|mistakes| mistakes.render(&texts))
    }

    /// Every cell with every seed: cells in order, seeds within a cell. Cells that train alike share their trials.
    pub fn trials(&self) -> Vec<Trial> {
        let identity = Identity::default();
        let mut trials = Vec::with_capacity(self.cells.len() * self.seeds.len());
        for (place, cell) in self.cells.iter().enumerate() {
            let canonical = identity.canonical(&cell.config);
            let trial = |&seed| Trial::new(Identity::trial(&canonical, seed), place, seed);
            trials.extend(self.seeds.iter().map(trial));
        }
        trials
    }

    /// The cells that are trained: of those that train alike, the first.
    pub fn trained_cells(&self) -> Vec<&Cell> {
        let (identity, mut seen) = (Identity::default(), HashSet::new());
        self.cells.iter().filter(|cell| seen.insert(identity.canonical(&cell.config))).collect()
    }

    /// The plan of a run of this study. `provenance` tells all but the study's own hash.
    pub fn plan(&self, provenance: &Provenance) -> Plan {
        Plan {
            study: self.name.clone(),
            question: self.question.clone(),
            axes: self.axes.clone(),
            design: self.design,
            baseline: self.baseline,
            cells: self.cells.clone(),
            metrics: Vec::new(),
            claims: self.claims.clone(),
            seeds: self.seeds.clone(),
            stopping: None,
            history: None,
            trials: self.trials(),
            provenance: Provenance { study_sha256: self.sha256(), ..provenance.clone() },
        }
    }

    /// SHA-256 of the file's text and of the changes from the command line, if there are any.
    fn sha256(&self) -> String {
        let mut sha256 = Sha256::new().chain_update(&self.source);
        for set in &self.changes.set {
            sha256.update(format!("\n--set {set}"));
        }
        if let Some(seeds) = self.changes.seeds {
            sha256.update(format!("\n--seeds {seeds}"));
        }
        hex::encode(sha256.finalize())
    }
}

fn build<'a>(
    source: &'a str,
    path: &Path,
    texts: &Texts<'a>,
    changes: &Changes,
) -> std::result::Result<Study, Mistakes> {
    let mut mistakes = Mistakes::default();
    let (document, errors) = DeTable::parse_recoverable(source);
    let syntax = Syntax::of(source, &errors);
    if !syntax.is_local {
        mistakes.add(syntax.mistakes());
        return Err(mistakes);
    }
    let mut outline = Outline::read(document.into_inner(), &mut mistakes);
    let name = mistakes.keep(name(outline.name.as_ref(), path)).unwrap_or_default();
    let given_twice = outline.given_twice();
    if let Some(count) = changes.seeds {
        let seeds = outline::first_seeds(count as u64);
        let seeds = seeds.map_err(|problem| Mistake::anywhere(format!("--seeds: {problem}")));
        outline.seeds = mistakes.keep(seeds).unwrap_or_default();
    }
    set::apply(&mut outline, texts, &mut mistakes);
    own_data::look(&mut outline, changes.data.as_deref(), path, &mut mistakes);
    check::values(&outline, &mut mistakes);
    mistakes.forget(|span| syntax.spoils(span));
    mistakes.add(syntax.mistakes());
    mistakes.or(())?;
    let cells = expand::cells(&outline)?;
    let set: Vec<&str> =
        changes.set.iter().filter_map(|typed| typed.split_once('=')).map(|(key, _)| key.trim()).collect();
    let (baseline, no_baseline) = select::baseline(&outline, &cells, &set)?;
    let (claims, left_out) = claims::claims(&outline, &cells, baseline, !set.is_empty())?;
    let idle = idle::remarks(&outline, &cells, !set.is_empty())?;
    let alike = alike::remarks(&outline, &cells);
    let axes: Vec<String> = outline.grid.iter().map(|axis| axis.key.get_ref().to_string()).collect();
    let beside_arms = if outline.arms.is_empty() { "" } else { ", and in arms that of [base]" };
    let given_twice: Vec<String> = given_twice.into_iter().filter(|key| axes.contains(key)).collect();
    let given_twice = given_twice
        .into_iter()
        .map(|key| format!("`{key}` stands under [base] and [grid]: the values of [grid] count{beside_arms}"));
    let remarks = given_twice.chain(no_baseline).chain(left_out).chain(idle).chain(alike);
    Ok(Study {
        name,
        design: outline.design(),
        question: outline.question,
        seeds: outline.seeds,
        axes,
        baseline,
        cells,
        claims,
        path: path.to_owned(),
        source: source.into(),
        changes: changes.clone(),
        remarks: remarks.map(|remark| printable::line(&remark).into_owned()).collect(),
    })
}

/// What to do where there is no study of this path.
fn missing(path: &Path) -> String {
    match (look_alike::first(&path.to_string_lossy()), shipped::called(path)) {
        (Some((0, c)), _) if look_alike::plain(&c.to_string()) == "-" => {
            format!("it begins with {}: options begin with two hyphens, --", look_alike::described(c))
        }
        (_, Some(Shipped { name, .. })) => {
            format!(
                "the program has a study {name}: name it so, or write it as a file by `ablate new {name}.toml --from {name}`"
            )
        }
        _ => "`ablate list` shows the studies there are, and `ablate new` writes one to begin with".into(),
    }
}

/// The name given, or that of the file without its ending.
fn name(given: Option<&Spanned<String>>, path: &Path) -> std::result::Result<String, Mistake> {
    let allowed = "letters, digits, - _ and . are allowed, up to 100, with no . at either end";
    if let Some(given) = given {
        let mistake = || Mistake::at(given.span(), "this name cannot be that of a folder").help(allowed);
        return names_a_folder(given.get_ref()).then(|| given.get_ref().clone()).ok_or_else(mistake);
    }
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let mistake = || {
        Mistake::anywhere(format!("the file's name \"{stem}\" cannot be that of a result folder"))
            .help(format!("give the study a name of its own, as in name = \"overfit\": {allowed}"))
    };
    if names_a_folder(&stem) { Ok(stem) } else { Err(mistake()) }
}

/// Whether every file system takes this as the name of one folder.
fn names_a_folder(name: &str) -> bool {
    let letters = name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.'));
    let dots = name.starts_with('.') || name.ends_with('.');
    letters && !dots && (1..=100).contains(&name.len()) && !is_device(name)
}

/// Names that Windows reserves, whatever the ending.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    let numbered = |port| stem.strip_prefix(port).is_some_and(|rest| rest.len() == 1 && rest.parse::<u8>().is_ok());
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}
