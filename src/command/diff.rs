use super::{Exit, damage, print};
use crate::cli::{Diff as Args, MdOrJson};
use crate::error::{Error, Result};
use crate::judge::diff::Diff;
use crate::printable;
use crate::record::results;
use crate::show::export;
use std::path::{Path, PathBuf};

/// Compares two results cell by cell. It fails if trials of one id have other bits.
pub fn diff(args: &Args, out: &Path) -> Result<Exit> {
    let format = match (args.format, &args.output) {
        (Some(format), _) => format,
        (None, Some(path)) => of_ending(path)?,
        (None, None) => MdOrJson::Md,
    };
    let folders = [results::find(&args.a, out)?, results::find(&args.b, out)?];
    let (a, b) = (damage::read_now(&folders[0])?, damage::read_now(&folders[1])?);
    let names = names(&folders);
    let diff = Diff::new([(&names[0], &a), (&names[1], &b)]).map_err(|why| {
        let why = format!("{} and {} cannot be compared: {why}", names[0], names[1]);
        Error::Usage(printable::line(&why).into_owned())
    })?;
    let text = match format {
        MdOrJson::Md => export::diff(&diff),
        MdOrJson::Json => export::diff_as_json(&diff)?,
    };
    match &args.output {
        Some(path) => export::write(path, text.as_bytes())?,
        None => print::result(&text)?,
    }
    if diff.broken().next().is_none() {
        return Ok(Exit::Done);
    }
    print::note("trials of one id have other bits: `ablate verify` tells which of the results is not what it says");
    Ok(Exit::Failed)
}

fn of_ending(path: &Path) -> Result<MdOrJson> {
    match path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("md") => Ok(MdOrJson::Md),
        Some("json") => Ok(MdOrJson::Json),
        _ => Err(Error::Usage(format!(
            "{}: which format? End the name in .md or .json, or give --format",
            printable::path(path)
        ))),
    }
}

/// What the two are called: by the names of their folders, or by the whole paths where those are equal.
fn names(folders: &[PathBuf; 2]) -> [String; 2] {
    let short = folders.each_ref().map(|folder| folder.file_name().unwrap_or_default().to_string_lossy().into_owned());
    match short[0] == short[1] || short.iter().any(String::is_empty) {
        true => folders.each_ref().map(printable::path),
        false => short,
    }
}
