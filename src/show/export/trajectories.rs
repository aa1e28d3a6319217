//! CSV of a study on surfaces: a line for each step of each trial, in the order of the study, in full precision. The table
//! of the cells is in the other formats.

use super::csv::{text_field, unwritable, value};
use crate::error::Result;
use crate::record::board::Board;

pub fn render(board: &Board) -> Result<String> {
    let axes = &board.plan.axes;
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let columns = ["seed", "step", "x", "y", "f", "velocity_x", "velocity_y"].into_iter();
    let header = std::iter::once("arm".to_owned())
        .chain(axes.iter().map(|axis| text_field(axis)))
        .chain(columns.map(String::from));
    writer.write_record(header).map_err(unwritable)?;
    for (place, (trial, state)) in board.plan.trials.iter().zip(&board.trials).enumerate() {
        let cell = board.cell(place);
        let mut named = vec![text_field(cell.arm.as_deref().unwrap_or_default())];
        named.extend(axes.iter().map(|axis| cell.params.get(axis).map_or_else(String::new, value)));
        named.push(trial.seed.to_string());
        for place in state.trajectory.places() {
            // The shortest digits that read back to the same number.
            let numbers = [place.at[0], place.at[1], place.f, place.velocity[0], place.velocity[1]];
            let numbers = numbers.map(|number| format!("{number:?}"));
            let step = place.step.to_string();
            let record = named.iter().chain(std::iter::once(&step)).chain(&numbers);
            writer.write_record(record).map_err(unwritable)?;
        }
    }
    let bytes = writer.into_inner().map_err(|failed| unwritable(failed.into_error()))?;
    String::from_utf8(bytes).map_err(unwritable)
}
