//! Which seeds are judged, in which order, by which inference and at which level. All judges of a study ask here.

use super::stats::{Inference, PAIRS_FOR_A_VERDICT};
use crate::plan::Cell;
use crate::record::board::Board;
use std::collections::HashSet;

/// The level at which a plan with a fixed number of seeds is decided. The rest of the 5 % is kept for seeds that may be added later.
pub const FIXED_LEVEL: f64 = 0.04;
/// The level at which evidence decides where seeds were added after a fixed plan had been judged. By simulation, both verdicts together
/// are wrong in at most 5 % of studies, at any number of looks: 4.7 % after 5 seeds, 4.4 % after 10 or 20 (20,000 studies each; see
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
        let open: HashSet<u64> = board.missing().into_iter().map(|trial| board.plan.trials[trial].seed).collect();
        let mut seeds: Vec<u64> = history.seeds.iter().copied().take_while(|seed| !open.contains(seed)).collect();
        // Seeds at the end that the study no longer has, and that were never trained, are none of its seeds.
        let is_unknown = |seed: u64| board.plan.cells.iter().all(|cell| board.result(cell, seed).is_none());
        while seeds.last().is_some_and(|&last| !board.plan.seeds.contains(&last) && is_unknown(last)) {
            seeds.pop();
        }
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

    /// The seeds of the fixed plan that was judged before others were added. `None` if there was none, and while some of its results are
    /// not here, as after `--fresh`: the verdict would not be the one that was given.
    pub fn earlier(board: &Board) -> Option<Sequence> {
        let history = board.history();
        let plan = history.fixed.as_ref().filter(|_| history.anytime)?;
        let cells = history.claims.iter().take(plan.claims).flat_map(|statement| &statement.cells);
        let is_here = |cell: &Cell| plan.seeds.iter().all(|&seed| board.result(cell, seed).is_some());
        cells.into_iter().all(is_here).then(|| Sequence::fixed(plan.seeds.clone()))
    }

    /// Of a study whose seeds were not fixed, the first seed that is not in the newest plan and has no result in a cell, if the cell has
    /// results with later seeds: none of these counts there. `None` for other cells.
    pub fn stops_at(&self, board: &Board, cell: &Cell) -> Option<u64> {
        if self.inference == Inference::Fixed || self.seeds.iter().all(|seed| board.plan.seeds.contains(seed)) {
            return None;
        }
        let has_result = |seed: &u64| board.result(cell, *seed).is_some();
        let place = self.seeds.iter().position(|seed| !board.plan.seeds.contains(seed) && !has_result(seed))?;
        self.seeds[place..].iter().any(has_result).then(|| self.seeds[place])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::claim::{Judgement, Verdict, judge};
    use crate::judge::report::Table;
    use crate::plan::metric::Metric;
    use crate::plan::{At, Claim, Expect, Measure, Plan, Side, Stopping, Trial, Versus, trial_id};
    use crate::record::board::samples::{cell, completed, plan, point};
    use crate::record::event::{Curve, Event, Outcome};
    use serde_json::json;

    /// A claim that a cell has a higher test accuracy than the first.
    fn claim(arm: usize) -> Claim {
        let side = |cell: usize| Side { cells: vec![cell], at: At::Last, metric: None };
        Claim {
            says: format!("{arm} is ahead"),
            note: None,
            measure: Measure::Metric(Metric::TEST_ACCURACY),
            spread_over: None,
            best_over: None,
            on_all: None,
            arm: side(arm),
            versus: Versus::Side(side(0)),
            expect: Expect::Higher,
            diverged_as: None,
        }
    }

    /// Three cells with these seeds, in this order, and claims about the cells with these numbers.
    fn planned(seeds: &[u64], claims: &[usize]) -> Plan {
        let cells: Vec<_> = [0.0, 0.1, 0.2].map(|dropout| cell(None, json!({ "dropout": dropout }))).into();
        let mut planned = plan("sequence", &["dropout"], cells, 1);
        planned.seeds = seeds.to_vec();
        planned.claims = claims.iter().map(|&arm| claim(arm)).collect();
        let trial = |cell: usize, seed: u64| Trial::new(trial_id(&planned.cells[cell].config, seed), cell, seed);
        planned.trials =
            (0..3).flat_map(|cell| seeds.iter().map(move |&seed| (cell, seed))).map(|(c, s)| trial(c, s)).collect();
        planned
    }

    fn until_decided(plan: Plan) -> Plan {
        Plan { stopping: Some(Stopping { until_decided: true, most_seeds: 40 }), ..plan }
    }

    /// Number of test images that a trial classifies correctly: about 100 more in the second cell, about as many in the third.
    fn correct(cell: usize, seed: u64) -> u32 {
        let noise = (seed * seed * 31 + seed * 17 + cell as u64 * 13) % 97;
        7000 + noise as u32 + if cell == 1 { 100 } else { 0 }
    }

    /// Gives results to the trials without one that `wanted` chooses by cell and seed.
    fn train(board: &mut Board, wanted: impl Fn(usize, u64) -> bool) {
        for index in board.missing() {
            let Trial { id, cell, seed, .. } = board.plan.trials[index];
            if wanted(cell, seed) {
                let mut curve = Curve::default();
                curve.push(point(200, correct(cell, seed)));
                board.apply(&Event::Evaluated { trial: id, curve });
                let outcome = completed(seed);
                board.apply(&Event::TrialFinished { trial: id, outcome, seconds: 1.0, counts: None });
            }
        }
    }

    fn trained(plans: Vec<Plan>) -> Board {
        let mut plans = plans.into_iter();
        let mut board = Board::new(plans.next().unwrap());
        train(&mut board, |_, _| true);
        for plan in plans {
            board.apply(&Event::StudyStarted(plan));
            train(&mut board, |_, _| true);
        }
        board
    }

    /// p of the first claim, before and after its correction.
    fn p(board: &Board) -> (Option<f64>, Option<f64>) {
        let finding = judge(board).remove(0).finding;
        (finding.p, finding.p_holm)
    }

    fn is_anytime(board: &Board) -> bool {
        Sequence::of(board).unwrap().inference == Inference::Anytime
    }

    const TEN: [u64; 10] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

    #[test]
    fn seeds_that_change_after_trials_were_trained_are_no_fixed_number() {
        assert!(!is_anytime(&trained(vec![planned(&TEN, &[1])])));
        // Other claims, or the same seeds in another order, change nothing.
        let reversed: Vec<u64> = TEN.into_iter().rev().collect();
        assert!(!is_anytime(&trained(vec![planned(&TEN, &[1]), planned(&TEN, &[1, 2]), planned(&reversed, &[1])])));
        // Added, cut short, removed, picked by hand, and back again.
        for seeds in [&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10][..], &TEN[..7], &TEN[2..], &[3, 5, 8, 20, 31]] {
            assert!(is_anytime(&trained(vec![planned(&TEN, &[1]), planned(seeds, &[1])])), "{seeds:?}");
            assert!(is_anytime(&trained(vec![planned(&TEN, &[1]), planned(seeds, &[1]), planned(&TEN, &[1])])));
        }
        // Before anything was trained, any number may be chosen.
        let mut board = Board::new(planned(&TEN, &[1]));
        board.apply(&Event::StudyStarted(planned(&TEN[..5], &[1])));
        train(&mut board, |_, _| true);
        assert!(!is_anytime(&board));
        assert_eq!(Sequence::of(&board).unwrap().seeds, TEN[..5]);
    }

    #[test]
    fn evidence_is_counted_in_the_order_first_planned() {
        let as_planned = trained(vec![until_decided(planned(&TEN, &[1]))]);
        // The order of another plan, the order in which trials ended, and seeds that are listed no more make no difference.
        let orders: [&[u64]; 3] = [&[9, 3, 7, 1, 5, 0, 2, 8, 4, 6], &[5, 6, 7, 8, 9], &[1, 4, 9]];
        for order in orders {
            let board = trained(vec![until_decided(planned(&TEN, &[1])), planned(order, &[1])]);
            assert_eq!(Sequence::of(&board).unwrap().seeds, TEN);
            assert_eq!(p(&board), p(&as_planned), "{order:?}");
        }
        let mut board = Board::new(until_decided(planned(&TEN, &[1])));
        (0..10).rev().for_each(|last| train(&mut board, |_, seed| seed == last));
        assert_eq!(p(&board), p(&as_planned));
    }

    #[test]
    fn a_trial_without_a_result_ends_the_evidence() {
        let six = trained(vec![until_decided(planned(&TEN[..6], &[1]))]);
        // Later seeds do not count before the seventh is whole, whichever cell is missing, and whether it failed or never began.
        for missing in [0, 1, 2] {
            let mut board = Board::new(until_decided(planned(&TEN, &[1])));
            train(&mut board, |cell, seed| (cell, seed) != (missing, 6));
            assert_eq!((Sequence::of(&board).unwrap().seeds.len(), p(&board)), (6, p(&six)));
            let trial = board.plan.trials[board.missing()[0]].id;
            let outcome = Outcome::Failed { message: "a bug".into() };
            board.apply(&Event::TrialFinished { trial, outcome, seconds: 1.0, counts: None });
            assert_eq!(p(&board), p(&six));
        }
        // A cell that is dropped keeps what it had.
        let mut dropped = until_decided(planned(&TEN, &[1]));
        dropped.trials.retain(|trial| trial.cell != 1 || trial.seed < 6);
        let board = trained(vec![dropped]);
        assert_eq!((Sequence::of(&board).unwrap().seeds.len(), p(&board)), (10, p(&six)));
    }

    #[test]
    fn claims_that_were_deleted_still_count() {
        let holm = |board: &Board| {
            let (p, p_holm) = p(board);
            p_holm.unwrap() / p.unwrap()
        };
        assert_eq!(holm(&trained(vec![planned(&TEN, &[1])])).round(), 1.0);
        let deleted = trained(vec![planned(&TEN, &[1, 2]), planned(&TEN, &[1])]);
        assert_eq!((holm(&deleted).round(), judge(&deleted)[0].family), (2.0, 2));
        // The same question in other words is one claim.
        let mut reworded = planned(&TEN, &[1]);
        reworded.claims[0].says = "Quite another text".into();
        let reworded = trained(vec![planned(&TEN, &[1]), reworded]);
        assert_eq!(judge(&reworded)[0].family, 1);
        // So does what was set aside: its history goes along.
        let mut again = planned(&TEN, &[1]);
        again.history = Some(Box::new(deleted.history_with(&again)));
        let again = trained(vec![again]);
        assert_eq!((judge(&again)[0].family, is_anytime(&again)), (2, false));
        let mut more = planned(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], &[1]);
        more.history = Some(Box::new(deleted.history_with(&more)));
        assert!(is_anytime(&trained(vec![more])), "more seeds, once all was seen");
    }

    #[test]
    fn a_fixed_verdict_stays_beside_the_new_one() {
        let fixed = trained(vec![planned(&TEN[..6], &[1])]);
        let before = judge(&fixed).remove(0).finding;
        let extended = trained(vec![planned(&TEN[..6], &[1]), planned(&TEN, &[1, 2])]);
        let judged = judge(&extended);
        assert_eq!(judged[0].earlier.as_ref().map(|earlier| (&earlier.finding, earlier.seeds)), Some((&before, 6)));
        assert_eq!(judged[1].earlier, None, "the second was not there");
        assert_eq!(Sequence::of(&extended).unwrap().level, AFTER_FIXED_LEVEL);
        // A plan that was cut short, and one that was too small for a verdict, had none.
        let mut short = Board::new(planned(&TEN, &[1]));
        train(&mut short, |_, seed| seed < 7);
        short.apply(&Event::StudyStarted(planned(&TEN[..7], &[1])));
        for board in [short, trained(vec![planned(&TEN[..3], &[1]), planned(&TEN, &[1])])] {
            assert_eq!(Sequence::of(&board).unwrap().level, ANYTIME_LEVEL);
            assert!(judge(&board)[0].earlier.as_ref().is_none_or(|earlier| !earlier.finding.verdict.is_decided()));
        }
    }

    #[test]
    fn a_fixed_verdict_is_not_forgotten_on_the_way() {
        // Another plan with the same seeds, interrupted, comes between the judged one and the one with more seeds.
        let mut board = trained(vec![planned(&TEN[..6], &[1])]);
        let before = judge(&board).remove(0).finding;
        let mut other = planned(&TEN[..6], &[1]);
        other.cells[2].config.dropout = serde_json::from_value(json!(0.3)).unwrap();
        other.trials.iter_mut().filter(|trial| trial.cell == 2).for_each(|trial| {
            trial.id = trial_id(&other.cells[2].config, trial.seed);
        });
        board.apply(&Event::StudyStarted(other));
        board.apply(&Event::StudyStarted(planned(&TEN, &[1])));
        train(&mut board, |_, _| true);
        assert_eq!(Sequence::of(&board).unwrap().level, AFTER_FIXED_LEVEL);
        assert_eq!(judge(&board)[0].earlier.as_ref().map(|earlier| &earlier.finding), Some(&before));
        // After everything is trained anew, it is told again once all that it was based on is there again.
        let mut again = until_decided(planned(&TEN[..4], &[1]));
        again.history = Some(Box::new(trained(vec![planned(&TEN[..6], &[1])]).history_with(&again)));
        let mut board = trained(vec![again]);
        assert_eq!((judge(&board)[0].earlier.as_ref(), is_anytime(&board)), (None, true));
        assert_eq!(Sequence::of(&board).unwrap().level, AFTER_FIXED_LEVEL);
        board.apply(&Event::StudyStarted(until_decided(planned(&TEN[..6], &[1]))));
        train(&mut board, |_, _| true);
        assert_eq!(judge(&board)[0].earlier.as_ref().map(|earlier| &earlier.finding), Some(&before));
    }

    #[test]
    fn cells_without_the_seeds_that_count_first_are_shown_and_not_judged() {
        let mut later = planned(&[20, 21, 22, 23, 24, 25], &[1]);
        later.history = Some(Box::new(trained(vec![planned(&TEN, &[1])]).history_with(&later)));
        let board = trained(vec![later]);
        let table = Table::new(&board);
        let summary = table.rows[1].summary(Metric::TEST_ACCURACY).unwrap();
        assert_eq!((table.rows[1].stops_at, summary.n, summary.ci95), (Some(0), 6, None));
        assert_eq!((table.rows[1].verdict, judge(&board)[0].finding.verdict), (None, Verdict::DescriptiveOnly));
        // With the seeds that came first, all of them count.
        let mut whole = board.clone();
        whole.apply(&Event::StudyStarted(planned(&[20, 21, 22, 23, 24, 25, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9], &[1])));
        train(&mut whole, |_, _| true);
        assert_eq!((Table::new(&whole).rows[1].stops_at, judge(&whole)[0].pairs), (None, 16));
    }

    #[test]
    fn seeds_that_were_never_trained_are_none_at_the_end() {
        let mut board = trained(vec![planned(&TEN[..6], &[1])]);
        board.apply(&Event::StudyStarted(planned(&TEN, &[1])));
        board.apply(&Event::StudyStarted(planned(&TEN[..6], &[1])));
        assert_eq!((Sequence::of(&board).unwrap().seeds, Table::new(&board).seeds), (TEN[..6].to_vec(), 6));
    }

    #[test]
    fn a_claim_tells_whether_it_was_stated_before_its_trials_were_trained() {
        let stated = |judged: Vec<Judgement>| judged.iter().map(|judged| judged.stated_before).collect::<Vec<_>>();
        let board = trained(vec![planned(&TEN, &[1]), planned(&TEN, &[1, 2])]);
        assert_eq!(stated(judge(&board)), [Some(true), Some(false)]);
        // Also if it is deleted and made again, and before any trial of it has ended.
        let board = trained(vec![planned(&TEN, &[1]), planned(&TEN, &[2]), planned(&TEN, &[2, 1])]);
        assert_eq!(stated(judge(&board)), [Some(false), Some(true)]);
        let mut board = Board::new(planned(&TEN, &[1]));
        train(&mut board, |cell, _| cell == 1);
        board.apply(&Event::StudyStarted(planned(&TEN, &[2, 1])));
        assert_eq!(stated(judge(&board)), [Some(true), Some(true)], "nothing of the other cells was trained");
        assert_eq!(judge(&board)[0].finding.verdict, Verdict::Unfinished);
    }
}
