//! A run without a fixed number of seeds: which block of seeds comes next, and when there are enough. A block is every cell that is
//! still needed with one more seed; the first has as many seeds as a decision takes at least.

use super::speed::Speed;
use crate::cli::Rule;
use crate::error::{Error, Result};
use crate::judge::open::open_cells;
use crate::judge::sequence::ANYTIME_LEVEL;
use crate::judge::stats::critical_t;
use crate::plan::{Plan, Provenance, Stopping};
use crate::record::board::Board;
use crate::record::event::Event;
use crate::show::words::count;
use crate::study::Study;
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// The largest number of seeds where none is given.
const MOST_SEEDS: usize = 40;

/// The blocks of one study.
#[derive(Clone, Debug)]
pub struct Blocks {
    study: Study,
    provenance: Provenance,
    stopping: Stopping,
    /// When no other block has to end, and how long the longest has taken so far.
    budget: Option<(Instant, Duration)>,
    began: Instant,
}

impl Blocks {
    /// The blocks of a study by this rule; `None` for a fixed number of seeds. Errors: there is nothing to decide, or not one block fits
    /// into the budget.
    pub fn new(rule: Rule, study: &Study, provenance: Provenance, cores: usize) -> Result<Option<Blocks>> {
        let Rule { until_decided, most_seeds, budget } = rule;
        if !until_decided && budget.is_none() {
            return match most_seeds {
                None => Ok(None),
                Some(most) => Err(Error::Usage(format!(
                    "--max-seeds {most}: it goes with --until-decided or --budget\n  for a fixed number of seeds, write --seeds {most}"
                ))),
            };
        }
        if until_decided && study.claims.is_empty() && study.baseline.is_none() {
            return Err(Error::Usage(format!(
                "--until-decided: the study {} has neither claims nor a baseline, so there is nothing to decide\n  add a [[claim]] or \
                 a baseline to it, or leave the option out",
                study.name
            )));
        }
        let own = if until_decided { MOST_SEEDS } else { study.seeds.len() };
        let now = Instant::now();
        let budget = match budget {
            None => None,
            Some(budget) => {
                let one = Study { seeds: study.seeds[..1].to_vec(), ..study.clone() };
                let seconds = Speed::measure(&one).study_seconds(&one, cores);
                if seconds > budget.as_secs_f64() {
                    let cells = count(study.cells.len(), "cell");
                    return Err(Error::Usage(format!(
                        "--budget {}: one seed of all {cells} takes about {} here, and nothing less can be compared\n  give more time, \
                         or a smaller study",
                        humantime::format_duration(budget),
                        humantime::format_duration(Duration::from_secs(seconds.ceil() as u64)),
                    )));
                }
                Some((now + budget, Duration::ZERO))
            }
        };
        let stopping = Stopping { until_decided, most_seeds: most_seeds.unwrap_or(own) };
        Ok(Some(Blocks { study: study.clone(), provenance, stopping, budget, began: now }))
    }

    /// Keeps the rule by which a result takes seeds until it is decided, unless this run has one of its own.
    pub fn go_on_with(&mut self, board: &Board, most_seeds: Option<usize>) {
        if let Some(stopping) =
            board.plan.stopping.filter(|stopping| stopping.until_decided && !self.stopping.until_decided)
        {
            self.stopping = Stopping { most_seeds: most_seeds.unwrap_or(stopping.most_seeds), ..stopping };
        }
    }

    /// Whether a result with a fixed number of seeds, all trained, would get no more of them by this rule: then it stays what it is.
    pub fn adds_nothing_to(&mut self, board: &Board) -> bool {
        if board.history().anytime || !board.complete() {
            return false;
        }
        let mut then = board.clone();
        then.apply(&Event::StudyStarted(self.first(Some(board))));
        then.complete() && self.next(&then).is_none()
    }

    /// What is going to happen, in words.
    pub fn told(&self) -> String {
        let (name, most) = (&self.study.name, count(self.stopping.most_seeds, "seed"));
        let what = if self.study.claims.is_empty() { "row" } else { "claim" };
        let time = if self.budget.is_some() { ", in blocks that fit into the time" } else { "" };
        match self.stopping.until_decided {
            true => format!(
                "{name}: until every {what} is decided, at most {most}{time}; verdicts hold at any number of seeds"
            ),
            false => format!("{name}: at most {most}{time}; verdicts hold at any number of seeds"),
        }
    }

    /// The plan to begin with: what was planned and begun before, at least the first block.
    pub fn first(&self, board: Option<&Board>) -> Plan {
        let first = if self.budget.is_some() { 1 } else { self.fewest_seeds() };
        let first = first.min(self.stopping.most_seeds);
        let Some(board) = board else { return self.plan(&self.order(None, first)[..first], |_| first) };
        let order = self.order(Some(board), first);
        let has_result = |seed: u64| {
            let trials = board.plan.trials.iter().zip(&board.trials);
            trials.filter(|(trial, _)| trial.seed == seed).any(|(_, state)| state.status.has_result())
        };
        let begun = order.iter().rposition(|&seed| has_result(seed)).map_or(0, |last| last + 1);
        let seeds = begun.max(first);
        self.plan(&order[..seeds], |cell| match board.plan.stopping {
            Some(_) => taken(board, &self.study, cell).unwrap_or(seeds).clamp(first, seeds),
            None => seeds,
        })
    }

    /// The plan with one more block; `None` once there are enough seeds or no other block fits into the time.
    pub fn next(&mut self, board: &Board) -> Option<Plan> {
        let seeds = board.plan.seeds.len();
        let next = (seeds + 1).min(self.stopping.most_seeds.max(seeds));
        if !board.complete() {
            return None;
        }
        let open = self.stopping.until_decided.then(|| open_cells(board));
        let taken = |cell: usize| taken(board, &self.study, cell).unwrap_or(seeds);
        // A claim that had little chance may have one again, once there are fewer others: its cells then catch up.
        let goes_on = match &open {
            Some(open) => open.iter().any(|&cell| taken(cell) < next),
            None => seeds < next,
        };
        if !goes_on {
            return None;
        }
        let now = Instant::now();
        if let Some((end, longest)) = &mut self.budget {
            *longest = now.duration_since(self.began).max(*longest);
            if now + *longest > *end {
                return None;
            }
        }
        self.began = now;
        let order = self.order(Some(board), next);
        let plan = self.plan(&order[..next], |cell| match &open {
            Some(open) if !open.contains(&cell) => taken(cell),
            _ => next,
        });
        Some(plan)
    }

    /// With fewer seeds, nothing can be decided.
    fn fewest_seeds(&self) -> usize {
        let family = match self.study.claims.len() {
            0 => 2 * self.study.cells.len().saturating_sub(1),
            claims => claims,
        };
        let level = ANYTIME_LEVEL / family.max(1) as f64;
        (2..).find(|&n| critical_t(level, n).is_some()).unwrap_or(2)
    }

    /// At least so many of the seeds that may be trained, in the order in which they are: those planned before in their order, then those
    /// of the study, then the numbers that are none of these.
    fn order(&self, board: Option<&Board>, seeds: usize) -> Vec<u64> {
        let mut order: Vec<u64> = board.map_or(Vec::new(), |board| board.history().seeds.clone());
        let known: HashSet<u64> = order.iter().copied().collect();
        order.extend(self.study.seeds.iter().copied().filter(|seed| !known.contains(seed)));
        let known: HashSet<u64> = order.iter().copied().collect();
        let missing = seeds.saturating_sub(order.len());
        order.extend((0..).filter(|seed| !known.contains(seed)).take(missing));
        order
    }

    /// The plan of these seeds, of which each cell has so many.
    fn plan(&self, seeds: &[u64], of_cell: impl Fn(usize) -> usize) -> Plan {
        let study = Study { seeds: seeds.to_vec(), ..self.study.clone() };
        let mut plan = study.plan(&self.provenance);
        let place = |seed: u64| seeds.iter().position(|&other| other == seed).unwrap_or(seeds.len());
        plan.trials.retain(|trial| place(trial.seed) < of_cell(trial.cell));
        plan.stopping = Some(self.stopping);
        plan
    }
}

/// The number of seeds that a cell of the study has in the newest plan; `None` if that does not have the cell.
fn taken(board: &Board, study: &Study, cell: usize) -> Option<usize> {
    let config = &study.cells[cell].config;
    let planned = board.plan.cells.iter().position(|planned| planned.config == *config)?;
    Some(board.plan.trials.iter().filter(|trial| trial.cell == planned).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::report::Table;
    use crate::record::event::{Curve, Measured, Outcome, Point};
    use crate::study::Changes;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, StandardNormal};
    use std::path::Path;

    const STUDY: &str = "seeds = 3\nbaseline = { dropout = 0.0 }\n[base]\nhidden = [5]\n[grid]\ndropout = [0.0, 0.1, 0.2]\n\
        [[claim]]\nsays = 'more'\nmetric = 'test_accuracy'\narm = { dropout = 0.1 }\nexpect = 'higher'\n\
        [[claim]]\nsays = 'less'\nmetric = 'test_accuracy'\narm = { dropout = 0.2 }\nexpect = 'lower'\n";

    fn blocks(rule: Rule) -> Blocks {
        let study = Study::parse(STUDY, Path::new("a.toml"), &Changes::default()).unwrap();
        Blocks::new(rule, &study, Provenance::default(), 1).unwrap().unwrap()
    }

    /// Gives every missing trial a result: the second cell is ahead by about as much in every seed, the third not.
    fn train(board: &mut Board) {
        for index in board.missing() {
            let trial = board.plan.trials[index].clone();
            let noise = (trial.seed * 7 + trial.cell as u64 * 3) % 11;
            let ahead = if trial.cell == 1 { 400 } else { 0 };
            let mut curve = Curve::default();
            let measured = Measured::of_network((1.0, 100), (1.0, 7000 + ahead + noise as u32), 1.0);
            curve.push(Point { step: 9, measured });
            board.apply(&Event::Evaluated { trial: trial.id, curve });
            let outcome = Outcome::Completed { weights_digest: String::new() };
            board.apply(&Event::TrialFinished { trial: trial.id, outcome, seconds: 1.0, counts: None });
        }
    }

    fn until_decided(most_seeds: usize) -> Blocks {
        blocks(Rule { until_decided: true, most_seeds: Some(most_seeds), budget: None })
    }

    #[test]
    fn cells_that_no_open_claim_needs_get_no_more_seeds() {
        let mut blocks = until_decided(30);
        let mut board = Board::new(blocks.first(None));
        // Two claims: six seeds at least.
        assert_eq!((board.plan.seeds.len(), board.plan.trials.len()), (6, 18));
        train(&mut board);
        while let Some(plan) = blocks.next(&board) {
            board.apply(&Event::StudyStarted(plan));
            train(&mut board);
        }
        let of_cell = |cell: usize| board.plan.trials.iter().filter(|trial| trial.cell == cell).count();
        assert!(of_cell(1) < of_cell(2) && of_cell(0) == of_cell(2), "{:?}", [0, 1, 2].map(of_cell));
        let judged = crate::judge::claim::judge(&board);
        assert_eq!(judged[0].progress.unwrap().decided_after, Some(of_cell(1)));
        assert!(judged[1].progress.unwrap().is_hopeless || of_cell(2) == 30);
        assert!(board.history().anytime && board.complete());
    }

    /// The share of studies without any effect in which something is decided, by the loop that a run goes through: cells that no open
    /// claim, or row, needs are dropped on the way.
    fn wrongly_decided(text: &str, studies: u64, says_something: impl Fn(&Board) -> bool) -> f64 {
        let study = Study::parse(text, Path::new("a.toml"), &Changes::default()).unwrap();
        let rule = Rule { until_decided: true, most_seeds: Some(15), budget: None };
        let wrong = (0..studies).filter(|&number| {
            let mut rng = ChaCha8Rng::seed_from_u64(number);
            let mut blocks = Blocks::new(rule, &study, Provenance::default(), 1).unwrap().unwrap();
            let mut board = Board::new(blocks.first(None));
            loop {
                for index in board.missing() {
                    let id = board.plan.trials[index].id;
                    let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
                    let (train, test) = (80.0 + 5.0 * normal(), 7000.0 + 100.0 * normal());
                    let mut curve = Curve::default();
                    let measured = Measured::of_network((1.0, train as u32), (1.0, test as u32), 1.0);
                    curve.push(Point { step: 9, measured });
                    board.apply(&Event::Evaluated { trial: id, curve });
                    let outcome = Outcome::Completed { weights_digest: String::new() };
                    board.apply(&Event::TrialFinished { trial: id, outcome, seconds: 1.0, counts: None });
                }
                match blocks.next(&board) {
                    Some(plan) => board.apply(&Event::StudyStarted(plan)),
                    None => return says_something(&board),
                }
            }
        });
        wrong.count() as f64 / studies as f64
    }

    /// With 800 studies, three standard errors of a share of 5 % are 2.3 %.
    #[test]
    fn runs_without_an_effect_decide_in_5_of_100_at_most() {
        let claims = wrongly_decided(STUDY, 800, |board| {
            crate::judge::claim::judge(board).iter().any(|judged| judged.finding.verdict.is_decided())
        });
        assert!(claims <= 0.05 + 0.023, "claims: {claims}");
        let (rows_alone, _) = STUDY.split_once("[[claim]]").unwrap();
        let rows = wrongly_decided(rows_alone, 800, |board| {
            let rows = Table::new(board).rows;
            let verdicts: Vec<String> = rows.iter().filter_map(|row| Some(row.verdict?.to_string())).collect();
            assert_eq!(verdicts.len(), 2);
            verdicts.iter().any(|verdict| verdict != "no detectable effect")
        });
        assert!(rows <= 0.05 + 0.023, "rows: {rows}");
    }

    #[test]
    fn a_run_goes_on_where_it_was() {
        let mut blocks = until_decided(30);
        let mut board = Board::new(blocks.first(None));
        train(&mut board);
        let plan = blocks.next(&board).unwrap();
        board.apply(&Event::StudyStarted(plan));
        // It was stopped within the seventh block.
        let next = until_decided(30).first(Some(&board));
        assert_eq!(next.seeds, (0..6).collect::<Vec<_>>());
        train(&mut board);
        assert_eq!(until_decided(30).first(Some(&board)).trials, board.plan.trials);
    }

    #[test]
    fn a_fixed_study_that_goes_on_keeps_its_seeds_and_its_verdict() {
        let study = Study::parse(
            &STUDY.replace("seeds = 3", "seeds = [9, 8, 7, 6, 5]"),
            Path::new("a.toml"),
            &Changes::default(),
        );
        let mut board = Board::new(study.unwrap().plan(&Provenance::default()));
        train(&mut board);
        let first = until_decided(30).first(Some(&board));
        assert_eq!(first.seeds, [9, 8, 7, 6, 5, 0]);
        board.apply(&Event::StudyStarted(first));
        train(&mut board);
        let judged = crate::judge::claim::judge(&board);
        assert_eq!(judged[0].earlier.as_ref().map(|earlier| earlier.seeds), Some(5));
        assert!(judged[0].earlier.as_ref().unwrap().finding.verdict.is_decided());
    }
}
