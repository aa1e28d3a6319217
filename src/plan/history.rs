//! What a study has asked for over time, which decides what its results can prove.
//!
//! A number of seeds that was fixed before the first trial allows the usual tests. Seeds that are added, removed or picked once
//! results are known do not: whoever trains until a test agrees will find that it does. So each change of the plan is remembered, in
//! the order in which it was made; the journal holds all plans, and `--fresh` takes the history along.

use super::{Cell, Claim, Identity, Plan, TrialId, trial_id};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The history of a study's plans, the newest included.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// All seeds of any plan, in the order in which they were first planned.
    pub seeds: Vec<u64>,
    /// All claims of any plan, in the order in which they were first made; claims that ask the same in other words are one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Statement>,
    /// Number of cells that earlier plans had and the newest does not.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub dropped_cells: usize,
    /// Whether what was seen may have had a say in the number of seeds.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub anytime: bool,
    /// The last plan with a fixed number of seeds that was trained to its end, and so judged, before another plan; `None` if there was
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<FixedPlan>,
    /// Whether some trial had a result when the newest plan was made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trained: bool,
}

/// A claim of some plan, with the cells that it looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// The claim; its cells are indices into `cells`.
    pub claim: Claim,
    /// The cells of both sides.
    pub cells: Vec<Cell>,
    /// Whether it stood in a plan before any of its trials had a result.
    pub before_data: bool,
}

/// A plan with a fixed number of seeds, all of whose trials had a result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FixedPlan {
    /// Its seeds.
    pub seeds: Vec<u64>,
    /// How many of [`History::claims`] there were by then.
    pub claims: usize,
    /// Its cells, each by the id of the trial with seed 0.
    pub cells: Vec<TrialId>,
}

impl FixedPlan {
    /// Such a plan, with the number of claims that there were.
    fn new(plan: &Plan, claims: usize) -> FixedPlan {
        let cells = plan.cells.iter().map(|cell| trial_id(&cell.config, 0)).collect();
        FixedPlan { seeds: plan.seeds.clone(), claims, cells }
    }
}

/// What was known of the trials when a plan was made.
pub struct Known<'a> {
    /// Whether any trial of the study had a result.
    pub any: bool,
    /// Whether all trials of the plan before had one.
    pub all: bool,
    /// Whether the trial of a cell and a seed had one.
    pub has_result: &'a dyn Fn(&Cell, u64) -> bool,
}

impl Statement {
    /// The claim of a plan, apart from the plan.
    fn new(claim: &Claim, cells: &[Cell], before_data: bool) -> Statement {
        let mut own: Vec<usize> = Vec::new();
        let mut claim = claim.clone();
        for cell in claim.cells_mut() {
            let place = own.iter().position(|place| place == cell).unwrap_or_else(|| {
                own.push(*cell);
                own.len() - 1
            });
            *cell = place;
        }
        Statement { claim, cells: own.into_iter().map(|cell| cells[cell].clone()).collect(), before_data }
    }

    /// What it asks, apart from the words it is put in and the names of its cells: equal for claims that the same trials decide in the
    /// same way, and only for those.
    pub fn asks(&self) -> Asked {
        Asked::new(&self.claim, &self.cells)
    }
}

/// What a claim asks, see [`Statement::asks`].
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Without its words and its cells.
    claim: Claim,
    /// The id of each cell's trial with seed 0, which follows from the configuration.
    cells: Vec<TrialId>,
}

impl Asked {
    /// What a claim of a plan with these cells asks.
    pub fn new(claim: &Claim, cells: &[Cell]) -> Asked {
        let ids = claim.cells().map(|cell| trial_id(&cells[cell].config, 0)).collect();
        let mut claim = Claim { says: String::new(), note: None, ..claim.clone() };
        claim.cells_mut().for_each(|cell| *cell = 0);
        Asked { claim, cells: ids }
    }
}

impl History {
    /// Checks that its parts fit together and to the plan that it is the history of.
    pub(super) fn check(&self, plan: &Plan) -> Result<(), String> {
        let seeds: HashSet<u64> = self.seeds.iter().copied().collect();
        if seeds.len() < self.seeds.len() || plan.seeds.iter().any(|seed| !seeds.contains(seed)) {
            return Err("the seeds of its history are not distinct, or not all of the plan's are among them".into());
        }
        if self.dropped_cells > MOST_CELLS {
            return Err(format!("its history has dropped more than {MOST_CELLS} cells"));
        }
        for Statement { claim, cells, .. } in &self.claims {
            if claim.cells().any(|cell| cell >= cells.len()) {
                return Err("a claim of its history names a cell that is not there".into());
            }
            for cell in cells {
                cell.config.check().map_err(|wrong| format!("{}, in a claim of its history", wrong.message))?;
            }
        }
        Ok(())
    }

    /// This history, where the plans that are known tell no more of it than `replayed`: what was seen once is not forgotten.
    pub fn and(self, replayed: History) -> History {
        let fixed = self.fixed.or(replayed.fixed);
        History { anytime: self.anytime || replayed.anytime, trained: self.trained || replayed.trained, fixed, ..self }
    }

    /// The history once `plan` follows `before`, the newest plan so far, if there was one.
    pub fn followed_by(mut self, before: Option<&Plan>, plan: &Plan, known: &Known) -> History {
        self.trained |= known.any;
        let mut changed = false;
        match before.filter(|_| self.trained) {
            Some(before) => {
                changed = !is_same_set(&before.seeds, &plan.seeds);
                // It was judged, whether or not the seeds change already now.
                if !self.anytime && known.all {
                    self.fixed = Some(FixedPlan::new(before, self.claims.len()));
                }
                self.dropped_cells += dropped(&before.cells, &plan.cells);
            }
            // Before there is anything to see, any number of seeds can be chosen.
            None => self.seeds.clear(),
        }
        self.anytime |= changed || plan.stopping.is_some();
        let known_seeds: HashSet<u64> = self.seeds.iter().copied().collect();
        self.seeds.extend(plan.seeds.iter().copied().filter(|seed| !known_seeds.contains(seed)));
        let mut asked: Vec<Asked> = self.claims.iter().map(Statement::asks).collect();
        for claim in &plan.claims {
            let asks = Asked::new(claim, &plan.cells);
            if !asked.contains(&asks) {
                let trained = |cell: usize| self.seeds.iter().any(|&seed| (known.has_result)(&plan.cells[cell], seed));
                let before_data = !claim.cells().any(trained);
                self.claims.push(Statement::new(claim, &plan.cells, before_data));
                asked.push(asks);
            }
        }
        self
    }
}

/// More cells than this were never planned.
const MOST_CELLS: usize = 1_000_000;

/// How many of the cells before train like none of those now.
fn dropped(before: &[Cell], now: &[Cell]) -> usize {
    if before.len() == now.len() && before.iter().zip(now).all(|(before, now)| before.config == now.config) {
        return 0;
    }
    let identity = Identity::default();
    let kept: HashSet<String> = now.iter().map(|cell| identity.canonical(&cell.config)).collect();
    before.iter().filter(|cell| !kept.contains(&identity.canonical(&cell.config))).count()
}

fn is_same_set(before: &[u64], now: &[u64]) -> bool {
    let now: HashSet<u64> = now.iter().copied().collect();
    before.len() == now.len() && before.iter().all(|seed| now.contains(seed))
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}
