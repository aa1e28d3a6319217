use super::{Exit, print};
use crate::error::Result;
use crate::study;

/// Prints the schema of study files.
pub fn schema() -> Result<Exit> {
    print::result(&format!("{:#}\n", study::schema()))?;
    Ok(Exit::Done)
}
