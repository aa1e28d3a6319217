use super::{Status, print};
use crate::cli::Claims;
use crate::error::{Error, Result};
use crate::judge::report::Table;
use crate::record::results;
use crate::show::export;
use std::path::Path;

/// The claims of results with their verdicts; if none is named, of all results that have claims and were not
/// set aside for a newer one.
pub fn claims(args: &Claims, out: &Path) -> Result<Status> {
    let mut tables = Vec::new();
    if args.results.is_empty() {
        for folder in results::all(out)?.into_iter().filter(|folder| !results::was_set_aside(folder)) {
            tables.extend(results::read(&folder)?.map(|board| Table::new(&board)));
        }
    } else {
        for result in &args.results {
            tables.push(Table::new(&results::read_now(&results::find(result, out)?)?));
        }
    }
    if tables.iter().all(|table| table.claims.is_empty()) {
        return Err(Error::Usage(
            "there are no claims in these results\n  a study makes them below [[claim]], as ablations/overfit.toml does".into(),
        ));
    }
    print::result(&export::claims(&tables))?;
    Ok(Status::Done)
}
