use super::{Status, print};
use crate::cli::Export;
use crate::error::Result;
use crate::export::{self, Format};
use crate::results;
use std::path::Path;

/// Writes a result in one of the formats.
pub fn export(args: &Export, out: &Path) -> Result<Status> {
    let format = match (args.format, &args.output) {
        (Some(format), _) => format,
        (None, Some(path)) => Format::from_path(path)?,
        (None, None) => Format::Md,
    };
    let board = results::read_now(&results::find(&args.result, out)?)?;
    let text = export::render(format, &board)?;
    match &args.output {
        Some(path) => export::write(path, text.as_bytes())?,
        None => print::result(&text)?,
    }
    Ok(Status::Done)
}
