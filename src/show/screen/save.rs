//! Writes the files of the export key, under names that do not exist yet.

use crate::error::{Error, Result};
use crate::file;
use crate::printable;
use crate::record::board::Board;
use crate::show::export::{self, Format};
use crate::show::figure::Figure;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file that is to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The name of the file without its ending.
    pub name: String,
    pub ending: &'static str,
    pub text: String,
}

impl Document {
    /// The table of the whole board.
    pub fn table(board: &Board) -> Result<Document> {
        let text = export::render(Format::Md, board)?;
        Ok(Document { name: export::file_name(&board.plan.study), ending: "md", text })
    }

    /// A figure as SVG, named after the study and the picture.
    pub fn picture(board: &Board, name: &str, figure: &Figure) -> Document {
        let name = export::file_name(&format!("{}-{name}", board.plan.study));
        Document { name, ending: "svg", text: export::svg(&figure.clone().with_data(board)) }
    }
}

/// Writes all documents. Returns a message with their paths for the footer.
pub fn save(documents: &[Document], folder: &Path) -> Result<String> {
    let paths = documents.iter().map(|document| write_new(document, folder));
    let paths: Vec<String> = paths.map(|path| Ok(printable::path(&path?))).collect::<Result<_>>()?;
    Ok(format!("wrote {}", paths.join(" and ")))
}

/// Writes to `name.md`, or if that exists to `name-2.md`, …
fn write_new(document: &Document, folder: &Path) -> Result<PathBuf> {
    file::create_folder(folder).map_err(Error::io("create", folder))?;
    let Document { name, ending, text } = document;
    let mut copy = 1_u32;
    loop {
        let file = if copy == 1 { format!("{name}.{ending}") } else { format!("{name}-{copy}.{ending}") };
        let path = folder.join(file);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes()).map_err(|problem| {
                    // Half of it must not be taken for all of it.
                    let _ = fs::remove_file(&path);
                    Error::io("write", &path)(problem)
                })?;
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && copy < 10_000 => copy += 1,
            Err(error) => return Err(Error::io("create", &path)(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let document = |text: &str| Document { name: "a".into(), ending: "svg", text: text.into() };
        let said = save(&[document("one"), document("two")], &folder.path().join("new")).unwrap();
        assert!(said.ends_with("a-2.svg"), "{said}");
        let text = |name: &str| fs::read_to_string(folder.path().join("new").join(name)).unwrap();
        assert_eq!((text("a.svg").as_str(), text("a-2.svg").as_str()), ("one", "two"));
    }
}
