use super::{Exit, print};
use crate::cli::{Cli, Completions};
use crate::error::Result;
use clap::CommandFactory;

/// Prints the script.
pub fn completions(args: &Completions) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "ablate", &mut script);
    print::result(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
