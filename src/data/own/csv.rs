//! Tables of text: a line a sample, a column a number, and one column with the class.

use super::{Contents, Part, Values, Wrong, check_classes, split};
use crate::data::packed::{self, Problem};
use crate::error::nearest;
use crate::plan::config::data::{Column, Files, MOST_CLASSES, MOST_INPUTS};
use csv::{ErrorKind, ReaderBuilder, StringRecord, Trim};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::Path;

/// A larger file is no table of samples for small networks.
const MOST_BYTES: usize = 1 << 30;

/// What people write where there is no value.
const MISSING: [&str; 6] = ["", "na", "n/a", "nan", "null", "?"];

/// A file as text: the names of its columns, and its lines.
struct Sheet<'p> {
    path: &'p Path,
    columns: Vec<String>,
    has_header: bool,
    /// Without that of the names.
    lines: Vec<StringRecord>,
    sha256: [u8; 32],
    /// Bytes of memory that reading it takes.
    bytes: usize,
}

/// What each column of a table is for.
enum Use {
    Label,
    Split,
    LeftOut,
    Number,
    /// The texts that there are, in order.
    OneHot(Vec<String>),
}

pub(super) fn read(files: &Files, path: &Path, folder: &Path) -> Result<Contents, Wrong> {
    let sheet = Sheet::read(files, path)?;
    let tested_path = files.test.as_ref().map(|test| folder.join(test));
    let tested = tested_path.as_ref().map(|path| Sheet::read(files, path)).transpose()?;
    if let Some(tested) = tested.as_ref().filter(|tested| tested.columns != sheet.columns) {
        let columns = |sheet: &Sheet| sheet.columns.iter().take(20).cloned().collect::<Vec<_>>().join(", ");
        let expected = format!("the columns of the other file: {}", columns(&sheet));
        return Err(Wrong::new(
            tested.path,
            format!("the columns {}", columns(tested)),
            expected,
            "give both the same columns",
        ));
    }
    let sheets: Vec<&Sheet> = std::iter::once(&sheet).chain(&tested).collect();
    let uses = sheet.uses(files, &sheets)?;
    let label = uses.iter().position(|used| matches!(used, Use::Label)).unwrap_or(0);
    let classes = classes(&sheets, label)?;
    check_classes(path, classes.len())?;
    let inputs: usize = uses.iter().map(Use::width).sum();
    if inputs == 0 || inputs > MOST_INPUTS {
        let found = format!("{inputs} columns to learn from");
        return Err(Wrong::new(
            path,
            found,
            format!("1 to {MOST_INPUTS}"),
            "leave_out fewer columns, or one_hot fewer",
        ));
    }
    let mut parts = Vec::new();
    for sheet in &sheets {
        parts.push(sheet.part(&uses, label, &classes)?);
    }
    let whole = parts.remove(0);
    let (train, test) = match parts.pop() {
        Some(test) => (whole, test),
        None => {
            let column = uses.iter().position(|used| matches!(used, Use::Split));
            let tested = match column {
                Some(column) => sheet.tested(column)?,
                None => {
                    let share = files.test_share.map_or(split::TEST_SHARE, |share| share.get());
                    split::drawn(&whole.labels, classes.len(), share, files.test_seed.unwrap_or(0))
                }
            };
            split::divide(whole, &tested, inputs)
        }
    };
    for (part, what) in [(&train, "train on"), (&test, "test with")] {
        if part.labels.is_empty() {
            let found = format!("there is no sample to {what}");
            return Err(Wrong::new(path, found, "samples of both kinds", "give the table more lines"));
        }
    }
    let sha256 = sheets.iter().map(|sheet| sheet.sha256).collect();
    let bytes = sheets.iter().map(|sheet| sheet.bytes).sum();
    Ok(Contents { train, test, shape: vec![inputs], classes, sha256, bytes })
}

impl Use {
    /// Numbers that it becomes.
    fn width(&self) -> usize {
        match self {
            Use::Label | Use::Split | Use::LeftOut => 0,
            Use::Number => 1,
            Use::OneHot(texts) => texts.len(),
        }
    }
}

impl<'p> Sheet<'p> {
    fn read(files: &Files, path: &'p Path) -> Result<Sheet<'p>, Wrong> {
        let expected = "a table of text, a line a sample";
        let bytes = packed::read(path, 0, |_, most| Ok((MOST_BYTES as u64).min(most) as usize));
        let bytes = bytes.map_err(|problem| match problem {
            Problem::Io(error) => Wrong::new(
                path,
                format!("cannot be read: {error}"),
                expected,
                "make it readable, or correct its name in the study",
            ),
            Problem::NotPacked(found) => Wrong::new(path, found, expected, "take .gz off its name"),
            Problem::Content(found) => Wrong::new(path, found, expected, "take the file again"),
        })?;
        if bytes.len() > MOST_BYTES {
            return Err(Wrong::new(path, "it is larger than 1 GiB", expected, "take fewer lines of it"));
        }
        let sha256 = Sha256::digest(&bytes).into();
        let separator = files.separator.unwrap_or(',');
        let Ok(delimiter) = u8::try_from(separator) else {
            let found = format!("the separator {separator:?}");
            return Err(Wrong::new(
                path,
                found,
                "a separator of one byte, as \",\"",
                "save the table with another one",
            ));
        };
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .trim(Trim::All)
            .from_reader(text);
        let mut lines = Vec::new();
        for line in reader.into_records() {
            let line = line.map_err(|error| {
                let number = error.position().map_or(0, csv::Position::line);
                match error.kind() {
                    ErrorKind::Utf8 { .. } => {
                        let found = format!("line {number} is no text in UTF-8");
                        Wrong::new(path, found, expected, "save it as UTF-8, or unpack it first")
                    }
                    _ => Wrong::new(path, format!("no table: {error}"), expected, "mend this line"),
                }
            })?;
            // A line of blanks alone has one empty column.
            if line.len() > 1 || !line[0].is_empty() {
                lines.push(line);
            }
        }
        let Some(first) = lines.first().cloned() else {
            return Err(Wrong::new(path, "there are no lines", expected, "name another file"));
        };
        if first.len() == 1
            && let Some(other) =
                [';', '\t', ',', '|', ' '].into_iter().find(|&other| other != separator && first[0].contains(other))
        {
            let mend = format!("write separator = {:?} in the study", other.to_string());
            return Err(Wrong::new(
                path,
                format!("one column alone, if columns are separated by {separator:?}"),
                expected,
                mend,
            ));
        }
        let has_header = files.header.unwrap_or(true);
        if has_header && first.iter().all(|field| field.parse::<f64>().is_ok()) {
            let found = format!("line {} has numbers alone, and no names of columns", line(&first));
            return Err(Wrong::new(
                path,
                found,
                "the names of the columns",
                "write header = false in the study; columns then have numbers, from 1 on",
            ));
        }
        let columns: Vec<String> = match has_header {
            true => lines.remove(0).iter().map(str::to_owned).collect(),
            false => (1..=first.len()).map(|column| column.to_string()).collect(),
        };
        if let Some(odd) = lines.iter().find(|fields| fields.len() != columns.len()) {
            let found = format!("line {} has {} columns", line(odd), odd.len());
            let expected = format!("{}, as line {}", columns.len(), line(&first));
            return Err(Wrong::new(
                path,
                found,
                expected,
                "mend this line; a value that has the separator in it stands in quotes",
            ));
        }
        if lines.is_empty() {
            return Err(Wrong::new(
                path,
                "there are no samples below the names of the columns",
                expected,
                "name another file",
            ));
        }
        // Each line has its text, where its columns end, and its place.
        let kept: usize = lines.iter().map(|line| 150 + line.as_slice().len() + size_of::<usize>() * line.len()).sum();
        Ok(Sheet { path, columns, has_header, sha256, bytes: bytes.len() + kept, lines })
    }

    /// The place of a column that the study's `key` names.
    fn column(&self, key: &str, column: &Column) -> Result<usize, Wrong> {
        let by_number = |number: usize| (1..=self.columns.len()).contains(&number).then(|| number - 1);
        let found = match column {
            Column::Number(number) => by_number(*number as usize),
            Column::Name(name) => {
                let mut named = self.columns.iter().enumerate().filter(|(_, column)| *column == name);
                let first = named.next().map(|(place, _)| place);
                if named.next().is_some() {
                    let found = format!("there are two columns of the name {name:?}");
                    let mend = format!("give one of them another name, or write {key} as a number, counted from 1");
                    return Err(Wrong::new(self.path, found, "one", mend));
                }
                first.or_else(|| if self.has_header { None } else { name.parse().ok().and_then(by_number) })
            }
        };
        found.ok_or_else(|| {
            let (name, shown) = match column {
                Column::Number(number) => (number.to_string(), format!("number {number}")),
                Column::Name(name) => (name.clone(), format!("{name:?}")),
            };
            let columns: Vec<&str> = self.columns.iter().map(String::as_str).collect();
            let mend = match nearest(&name, &columns) {
                Some(near) => format!("did you mean {key} = {near:?}?"),
                None => format!("write one of them as {key} in the study"),
            };
            let there_are = columns.iter().take(20).map(|column| format!("{column:?}")).collect::<Vec<_>>().join(", ");
            let more = if columns.len() > 20 { ", …" } else { "" };
            Wrong::new(
                self.path,
                format!("there is no column {shown} for `{key}`"),
                format!("one of {there_are}{more}"),
                mend,
            )
        })
    }

    fn uses(&self, files: &Files, sheets: &[&Sheet]) -> Result<Vec<Use>, Wrong> {
        let mut uses: Vec<Option<Use>> = self.columns.iter().map(|_| None).collect();
        let named = files.label.iter().map(|column| ("label", column));
        let named = named.chain(files.split.iter().map(|column| ("split", column)));
        let named = named.chain(files.leave_out.iter().map(|column| ("leave_out", column)));
        let named = named.chain(files.one_hot.iter().map(|column| ("one_hot", column)));
        for (key, column) in named {
            let place = self.column(key, column)?;
            if uses[place].is_some() {
                let found =
                    format!("`{key}` names the column {:?}, which another key names already", self.columns[place]);
                return Err(Wrong::new(self.path, found, "one use of a column", format!("take it out of {key}")));
            }
            uses[place] = Some(match key {
                "label" => Use::Label,
                "split" => Use::Split,
                "leave_out" => Use::LeftOut,
                _ => Use::OneHot(self.texts(place, sheets)?),
            });
        }
        Ok(uses.into_iter().map(|used| used.unwrap_or(Use::Number)).collect())
    }

    /// The texts of a column, each once, in order.
    fn texts(&self, column: usize, sheets: &[&Sheet]) -> Result<Vec<String>, Wrong> {
        let mut texts = BTreeSet::new();
        for sheet in sheets {
            for fields in &sheet.lines {
                sheet.check_present(fields, column)?;
                texts.insert(fields[column].to_owned());
            }
        }
        if texts.len() > MOST_CLASSES {
            let found = format!("the column {:?} has {} different texts", self.columns[column], texts.len());
            return Err(Wrong::new(self.path, found, format!("{MOST_CLASSES} at most"), "leave_out this column"));
        }
        Ok(texts.into_iter().collect())
    }

    fn check_present(&self, fields: &StringRecord, column: usize) -> Result<(), Wrong> {
        let (line, field) = (line(fields), &fields[column]);
        if !MISSING.contains(&field.to_lowercase().as_str()) {
            return Ok(());
        }
        let found = match field {
            "" => format!("line {line}, column {:?}: there is no value", self.columns[column]),
            _ => format!("line {line}, column {:?}: {field:?} stands for no value", self.columns[column]),
        };
        Err(Wrong::new(
            self.path,
            found,
            "a value for each sample",
            "fill it in, take the line out, or leave_out the column",
        ))
    }

    fn number(&self, fields: &StringRecord, column: usize) -> Result<f64, Wrong> {
        let (line, field) = (line(fields), &fields[column]);
        if let Ok(number) = field.parse::<f64>()
            && number.is_finite()
        {
            return Ok(number);
        }
        self.check_present(fields, column)?;
        let name = &self.columns[column];
        let shown: String = field.chars().take(60).collect();
        let mend = match field.replace(',', ".").parse::<f64>() {
            Ok(_) => "write decimals with a point".into(),
            Err(_) if field.parse::<f64>().is_ok() => "there has to be a finite number".into(),
            Err(_) => format!("write one_hot = [{name:?}] in the study, or leave_out = [{name:?}]"),
        };
        let found = format!("line {line}, column {name:?}: {shown:?} is no finite number");
        Err(Wrong::new(self.path, found, "numbers in every column but the label's", mend))
    }

    fn part(&self, uses: &[Use], label: usize, classes: &[String]) -> Result<Part, Wrong> {
        let width: usize = uses.iter().map(Use::width).sum();
        let (mut numbers, mut labels) = (Vec::with_capacity(width * self.lines.len()), Vec::new());
        for fields in &self.lines {
            for (column, (used, field)) in uses.iter().zip(fields).enumerate() {
                match used {
                    Use::Label | Use::Split | Use::LeftOut => {}
                    Use::Number => numbers.push(self.number(fields, column)?),
                    Use::OneHot(texts) => numbers.extend(texts.iter().map(|text| f64::from(u8::from(text == field)))),
                }
            }
            // All classes were found in these lines.
            labels.push(classes.iter().position(|class| *class == fields[label]).unwrap_or(0) as u8);
        }
        Ok(Part { values: Values::Numbers(numbers), labels })
    }

    /// Whether each line is one to test with, by the column that says so.
    fn tested(&self, column: usize) -> Result<Vec<bool>, Wrong> {
        let tested = |fields: &StringRecord| match fields[column].to_lowercase().as_str() {
            "train" => Ok(false),
            "test" => Ok(true),
            other => {
                let found = format!("line {}, column {:?}: {other:?}", line(fields), self.columns[column]);
                Err(Wrong::new(self.path, found, "train or test", "name the column that says so as `split`"))
            }
        };
        self.lines.iter().map(tested).collect()
    }
}

/// The number of a line in its file, counted from 1.
fn line(fields: &StringRecord) -> u64 {
    fields.position().map_or(0, csv::Position::line)
}

/// What stands in the column of labels, each once: in the order of the numbers if they are numbers, else of the alphabet.
fn classes(sheets: &[&Sheet], label: usize) -> Result<Vec<String>, Wrong> {
    let mut classes = BTreeSet::new();
    for sheet in sheets {
        for fields in &sheet.lines {
            sheet.check_present(fields, label)?;
            classes.insert(fields[label].to_owned());
            if classes.len() > MOST_CLASSES {
                return check_classes(sheet.path, classes.len()).map(|()| Vec::new());
            }
        }
    }
    let mut classes: Vec<String> = classes.into_iter().collect();
    if classes.iter().all(|class| class.parse::<f64>().is_ok()) {
        let number = |class: &String| class.parse::<f64>().unwrap_or(0.0);
        classes.sort_by(|a, b| number(a).total_cmp(&number(b)).then_with(|| a.cmp(b)));
    }
    Ok(classes)
}
