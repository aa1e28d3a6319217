//! Which seeds are judged, in which order, by which inference and at which level. All judges of a study ask here.

use super::stats::{Inference, PAIRS_FOR_A_VERDICT};
use crate::record::board::Board;

/// The level at which a plan with a fixed number of seeds is decided. The rest of the 5 % is kept for seeds that may be added later.
pub const FIXED_LEVEL: f64 = 0.04;
/// The level at which evidence decides where seeds were added after a fixed plan had been judged. By simulation, both verdicts together
/// are wrong in at most 5 % of studies, at any number of looks: 4.9 % after 5 seeds, 4.5 % after 10 or 20 (20,000 studies each; see
/// tests/statistics.rs).
pub const AFTER_FIXED_LEVEL: f64 = 0.025;
/// The level at which evidence decides where no fixed plan had been judged.
pub const ANYTIME_LEVEL: f64 = 0.05;

/// The seeds that a verdict rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// In the order in which they are counted. Where the number of seeds was not fixed, that is the order in which they were first
    /// planned, whatever finished first or the study lists now, up to the first seed of which a planned trial has no result.
    pub seeds: Vec<u64>,
    /// Which tests and intervals hold.
    pub inference: Inference,
    /// A p below this decides, after correction.
    pub level: f64,
}

impl Sequence {
    /// The seeds that can be judged now. `None` while there are none: a fixed number of seeds is judged once all trials have a result.
    pub fn of(board: &Board) -> Option<Sequence> {
        let history = board.history();
        if !history.anytime {
            return board.complete().then(|| Sequence::fixed(board.plan.seeds.clone()));
        }
        let was_judged = history.fixed.as_ref().is_some_and(|plan| plan.seeds.len() >= PAIRS_FOR_A_VERDICT);
        let level = if was_judged { AFTER_FIXED_LEVEL } else { ANYTIME_LEVEL };
        let open: Vec<u64> = board.missing().into_iter().map(|trial| board.plan.trials[trial].seed).collect();
        let seeds: Vec<u64> = history.seeds.iter().copied().take_while(|seed| !open.contains(seed)).collect();
        (!seeds.is_empty()).then_some(Sequence { seeds, inference: Inference::Anytime, level })
    }

    /// Which intervals hold for the results of a board.
    pub fn inference(board: &Board) -> Inference {
        if board.history().anytime { Inference::Anytime } else { Inference::Fixed }
    }

    /// These seeds as a number fixed beforehand.
    pub fn fixed(seeds: Vec<u64>) -> Sequence {
        Sequence { seeds, inference: Inference::Fixed, level: FIXED_LEVEL }
    }

    /// The seeds of the fixed plan that was judged before others were added; `None` if there was none.
    pub fn earlier(board: &Board) -> Option<Sequence> {
        board.history().fixed.as_ref().map(|plan| Sequence::fixed(plan.seeds.clone()))
    }
}
