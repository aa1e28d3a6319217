use super::{Exit, damage, print};
use crate::cli::Export;
use crate::error::{Error, Result};
use crate::file;
use crate::printable;
use crate::record::board::Board;
use crate::record::results;
use crate::show::export::{self, Format, Moment, Rows};
use std::path::Path;

/// Writes a result in one of the formats.
pub fn export(args: &Export, out: &Path) -> Result<Exit> {
    let all = args.picture.as_deref() == Some("all");
    let wants_picture = args.picture.is_some() || args.frame != Moment::Last || args.bare;
    let format = match (args.format, &args.output) {
        (Some(format), _) => format,
        (None, Some(path)) if !all => Format::from_path(path)?,
        _ if wants_picture => Format::Svg,
        _ => Format::Md,
    };
    if wants_picture && format != Format::Svg {
        return Err(Error::Usage(
            "only an SVG holds a picture\n  to mend it: leave out --picture, --frame and --bare, or give --format svg"
                .into(),
        ));
    }
    if !args.metrics.is_empty() && format != Format::Tex {
        return Err(Error::Usage(
            "only of a LaTeX table metrics are chosen\n  to mend it: leave out --metrics, or give --format tex".into(),
        ));
    }
    if args.rows != Rows::Cells && format != Format::Csv {
        return Err(Error::Usage(
            "only a CSV has other rows than cells\n  to mend it: leave out --rows, or give --format csv".into(),
        ));
    }
    let board = damage::read_now(&results::find(&args.result, out)?)?;
    if all {
        return export_all(&board, args);
    }
    let text = match format {
        Format::Svg => export::picture(&board, args.picture.as_deref(), args.frame, draw(args))?,
        Format::Tex if !args.metrics.is_empty() => export::tex(&board, &args.metrics)?,
        Format::Csv if args.rows == Rows::Classes => export::classes_as_csv(&board)?,
        format => export::render(format, &board)?,
    };
    match &args.output {
        Some(path) => export::write(path, text.as_bytes())?,
        None => print::result(&text)?,
    }
    Ok(Exit::Done)
}

fn draw(args: &Export) -> export::Draw {
    if args.bare { export::bare_svg } else { export::svg }
}

/// Writes a file for each picture.
fn export_all(board: &Board, args: &Export) -> Result<Exit> {
    let Some(folder) = &args.output else {
        return Err(Error::Usage(
            "all pictures do not fit on stdout\n  to mend it: name a folder for them, as in -o pictures/".into(),
        ));
    };
    if folder.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("svg")) {
        return Err(Error::Usage(format!(
            "{} is the name of one picture\n  to mend it: name a folder for all of them, as in -o pictures/, or one picture \
             with --picture NAME",
            printable::path(folder)
        )));
    }
    let pictures = export::all_pictures(board, args.frame, draw(args))?;
    file::create_folder(folder).map_err(Error::io("create", folder))?;
    for (name, svg) in pictures {
        export::write(&folder.join(format!("{name}.svg")), svg.as_bytes())?;
    }
    Ok(Exit::Done)
}
