//! Tells what of a result is damaged, and what is lost by that.

use super::print;
use crate::error::Result;
use crate::plan::TrialId;
use crate::printable;
use crate::record::board::{Board, Status};
use crate::record::journal::{Damage, Recorded};
use crate::record::results::{self, Contents};
use crate::show::screen::cell_name;
use crate::show::words::count;
use std::collections::BTreeSet;
use std::path::Path;

/// So many damaged lines, and trials that lost their results, are named.
const MOST_NAMED: usize = 5;

/// A result, and how far it can be trusted.
pub struct Examined {
    /// The result as it is now.
    pub board: Board,
    /// The trials whose results damage could have touched, see [`Contents::suspects`].
    pub suspects: BTreeSet<TrialId>,
    /// Whether any line of the journal is damaged.
    pub is_damaged: bool,
}

/// Reads a result folder. What is damaged is told on stderr.
///
/// Errors: those of [`results::read_now`].
pub fn examine(folder: &Path) -> Result<Examined> {
    let contents = results::read(folder)?;
    // Without a board, the error tells it.
    if contents.board.is_some() {
        tell(&contents, folder);
    }
    let (suspects, is_damaged) = (contents.suspects(), !contents.damage.is_empty());
    Ok(Examined { board: contents.board_now(folder)?, suspects, is_damaged })
}

/// The board of [`examine`].
pub fn read_now(folder: &Path) -> Result<Board> {
    examine(folder).map(|examined| examined.board)
}

/// Tells on stderr each damaged line of a result, what is lost by that and what to do.
pub fn tell(contents: &Contents, folder: &Path) {
    told(contents, folder).iter().for_each(|line| print::note(line));
}

fn told(contents: &Contents, folder: &Path) -> Vec<String> {
    let Contents { unplanned, board, .. } = contents;
    let damage: Vec<&Damage> = contents.damage.iter().chain(&contents.broken_off).collect();
    let without_plan = board.as_ref().map_or(0, Board::results_without_plan);
    let lost = board.as_ref().map(|board| lost(contents, board)).unwrap_or_default();
    if damage.is_empty() && lost.is_empty() && without_plan == 0 {
        return Vec::new();
    }
    let mut told: Vec<String> = damage.iter().take(MOST_NAMED).map(|damage| damage.to_string()).collect();
    if damage.len() > MOST_NAMED {
        told.push(format!(
            "and {} in {}",
            count(damage.len() - MOST_NAMED, "more damaged line"),
            printable::path(folder)
        ));
    }
    let lost_header = damage.iter().any(|damage| damage.recorded == Recorded::Header);
    told.push(match board {
        None => format!(
            "  no plan is left; of {}, all is kept that the study asks for again",
            count(unplanned.results(), "finished trial")
        ),
        Some(board) if !lost.is_empty() => {
            let names = lost.iter().take(MOST_NAMED).map(|&place| name(board, place)).collect::<Vec<_>>().join("; ");
            let more = if lost.len() > MOST_NAMED { "; …" } else { "" };
            let without = if lost.len() == 1 { "has no result any more" } else { "have no results any more" };
            format!(
                "  {} of {} trials {without}: {names}{more}\n  all others are kept; running the \
                 study again trains only what is missing",
                lost.len(),
                board.trials.len()
            )
        }
        Some(board) if without_plan > 0 => format!(
            "  of {}, the plan is lost: {} are kept, and count once the study is run again",
            board.plan.study,
            count(without_plan, "finished trial")
        ),
        Some(_) if lost_header => "  nothing is lost by that".into(),
        Some(_) => "  nothing is lost by that: delete what is damaged, and it is told no more".into(),
    });
    told
}

/// The planned trials that have no result because something of them is missing.
fn lost(contents: &Contents, board: &Board) -> BTreeSet<usize> {
    let named = contents.damage.iter().chain(&contents.broken_off).filter_map(|damage| damage.recorded.trial());
    let trials: BTreeSet<_> = named.chain(contents.incomplete.iter().copied()).collect();
    let places = trials.iter().flat_map(|trial| board.find(trial).iter().copied());
    // What cannot be made out may have been the end of any trial that has none.
    let is_unknown = contents.damage.iter().any(|damage| damage.recorded == Recorded::Unknown);
    let begun = |&place: &usize| is_unknown && board.trials[place].status != Status::Waiting;
    let places = places.chain((0..board.trials.len()).filter(begun));
    places.filter(|&place| !board.trials[place].status.has_result()).collect()
}

fn name(board: &Board, place: usize) -> String {
    format!("{}, seed {}", cell_name(&board.plan.axes, board.cell(place)), board.plan.trials[place].seed)
}
