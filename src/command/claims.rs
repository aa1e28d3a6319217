use super::{Exit, damage, print};
use crate::cli::{Claims, MdOrJson, Unwanted};
use crate::error::{Error, Result};
use crate::judge::claim::Verdict;
use crate::judge::report::Table;
use crate::printable;
use crate::record::results;
use crate::show::export;
use std::path::{Path, PathBuf};

/// Prints the claims of results with their verdicts. If no result is named: of all that have claims and were not set aside
/// for a newer one. A result that cannot be read is reported, and the others are still shown.
pub fn claims(args: &Claims, out: &Path) -> Result<Exit> {
    let mut tables = Vec::new();
    let mut status = Exit::Done;
    for table in match args.results.is_empty() {
        true => of_all(out)?,
        false => args.results.iter().map(|result| of(result, out)).collect(),
    } {
        match table {
            Ok(table) => tables.push(table),
            Err(error) => {
                print::error(&error);
                status = Exit::Mistake;
            }
        }
    }
    let none = tables.iter().all(|table| table.claims.is_empty());
    if none && status == Exit::Done {
        return Err(Error::Usage(
            "there are no claims in these results\n  a study makes them below [[claim]], as ablations/overfit.toml does".into(),
        ));
    }
    if !none {
        print::result(&match args.format {
            MdOrJson::Md => export::claims(&tables),
            MdOrJson::Json => export::claims_as_json(&tables)?,
        })?;
    }
    Ok(status.max(checked(args, &tables)))
}

/// Tells on stderr each claim that came out as `--check` does not want it.
fn checked(args: &Claims, tables: &[Table]) -> Exit {
    let mut status = Exit::Done;
    for table in tables {
        for judged in &table.claims {
            let verdict = judged.finding.verdict;
            let found = match verdict {
                Verdict::Supported => continue,
                Verdict::Refuted => Unwanted::Refuted,
                Verdict::Inconclusive | Verdict::DescriptiveOnly | Verdict::Unfinished => Unwanted::Undecided,
            };
            if args.check.contains(&found) {
                let unwanted = format!("{}: {}: {}", table.study, verdict.name(), judged.claim.says);
                print::note(&printable::line(&unwanted));
                status = Exit::Failed;
            }
        }
    }
    status
}

fn of_all(out: &Path) -> Result<Vec<Result<Table>>> {
    let folders = results::all(out)?.into_iter().filter(|folder| !results::was_set_aside(folder));
    Ok(folders.filter_map(|folder: PathBuf| table(&folder).transpose()).collect())
}

/// The table of a folder; `None` if nothing was ever trained there.
fn table(folder: &Path) -> Result<Option<Table>> {
    let contents = results::read(folder)?;
    if contents.board.is_none() && contents.damage.is_empty() {
        return Ok(None);
    }
    if contents.board.is_some() {
        damage::tell(&contents, folder);
    }
    contents.board_now(folder).map(|board| Some(Table::new(&board)))
}

fn of(result: &Path, out: &Path) -> Result<Table> {
    Ok(Table::new(&damage::read_now(&results::find(result, out)?)?))
}
