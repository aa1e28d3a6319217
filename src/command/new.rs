use super::{Exit, print};
use crate::cli::New;
use crate::error::{Error, Result};
use crate::printable;
use crate::study::{Changes, SHIPPED, Study};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Writes a study to begin with, out of one in the program.
pub fn new(args: &New) -> Result<Exit> {
    let New { file, from } = args;
    let shown = printable::path(file);
    if file.extension().is_none_or(|ending| ending != "toml") {
        let named = printable::path(file.with_added_extension("toml"));
        return Err(Error::Usage(format!(
            "{shown}: the file of a study ends in .toml\n  to mend it: `ablate new {named}`"
        )));
    }
    let Some(shipped) = SHIPPED.iter().find(|shipped| shipped.name == from) else {
        let names: Vec<_> = SHIPPED.iter().map(|shipped| shipped.name).collect();
        return Err(Error::Usage(format!(
            "--from {from}: there is no such study in the program\n  there are: {}",
            names.join(", ")
        )));
    };
    let text = commented(file, shipped.text);
    // A name that cannot be a study's is told before there is a file.
    Study::parse(&text, file, &Changes::default())?;
    let written =
        File::create_new(file).and_then(|mut new| new.write_all(text.as_bytes()).and_then(|()| new.sync_all()));
    written.map_err(|problem| match problem.kind() {
        ErrorKind::AlreadyExists => Error::Usage(format!(
            "{shown}: there is one already, which stays as it is\n  to mend it: take another name"
        )),
        _ => Error::io("write", file)(problem),
    })?;
    print::note(&format!(
        "{shown}: written, as the study {from} has it\n  `ablate check {shown}` tells what it would train, `ablate run {shown}` trains it"
    ));
    Ok(Exit::Done)
}

/// The text of a study under a few lines on how to go on.
fn commented(file: &Path, text: &str) -> String {
    let name = printable::path(file);
    format!(
        "\
# ablate check {name}    what this would train, and how long it takes
# ablate run {name}      train it, and watch
#
# [base] has what all networks have in common. Each list under [grid] is an axis: every value is tried with every value of
# the other axes. [[arm]] adds one network with values of its own. Each network is trained with `seeds` seeds. The others are
# compared with `baseline`, and a [[claim]] says what is to come out: it gets a verdict.
# The keys there are, with their meaning: `ablate schema`, and docs/keys.md.

{text}"
    )
}
