use super::*;
use crate::judge::report::{ClaimColumn, Entry};
use crate::plan::metric::Metric;
use crate::plan::{At, Expect, Measure, Side, TrialId, Versus};
use crate::record::board::Status;
use crate::record::board::samples::{cell, completed, diverged, overfit, plan, point, unfinished};
use crate::record::event::{Curve, Event, Layers, Measurement, Outcome, Point};
use crate::show::words::claims::remarks;
use serde_json::json;

fn claim(measure: Measure, arm: &[usize], at: At, versus: Versus, expect: Expect) -> Claim {
    let arm = Side { cells: arm.to_vec(), at, metric: None };
    Claim {
        says: "it does".into(),
        note: None,
        measure,
        spread_over: None,
        best_over: None,
        on_all: None,
        arm,
        versus,
        expect,
        diverged_as: None,
    }
}

fn last(cells: &[usize]) -> Versus {
    Versus::Side(Side { cells: cells.to_vec(), at: At::Last, metric: None })
}

fn with_claims(mut board: Board, claims: Vec<Claim>) -> Board {
    board.plan.claims = claims;
    board
}

/// (step, number of test images classified correctly) of each evaluation; a last `None` means that the trial diverged.
type Trained<'a> = &'a [Option<(u32, u32)>];

/// A board of cells with the same number of trials each. A whole training has 603 steps.
fn board(cells: &[&[Trained]]) -> Board {
    let planned = (0..cells.len()).map(|n| cell(None, json!({ "dropout": n as f64 / 10.0 }))).collect();
    let mut board = Board::new(plan("by hand", &["dropout"], planned, cells[0].len() as u64));
    for (points, id) in cells.iter().flat_map(|cell| cell.iter()).zip(1..) {
        let mut curve = Curve::default();
        points.iter().flatten().for_each(|&(step, test)| curve.push(Point { step, ..point(150, test) }));
        let diverged = points.last().is_some_and(Option::is_none);
        let outcome = if diverged { Outcome::Diverged { step: 7 } } else { completed(id) };
        board.apply(&Event::Evaluated { trial: TrialId(id), curve });
        board.apply(&Event::TrialFinished { trial: TrialId(id), outcome, seconds: 1.0, counts: None });
    }
    board
}

fn judge_one(board: Board, claim: Claim) -> Judgement {
    judge(&with_claims(board, vec![claim])).remove(0)
}

#[test]
fn the_pair_of_a_diverged_trial_is_left_out_and_counted() {
    let gap = claim(Measure::Metric(Metric::GAP), &[3], At::Last, last(&[0]), Expect::Lower);
    let judged = judge_one(overfit(), gap);
    assert_eq!((judged.left_out, judged.pairs), (LeftOut { diverged: 1, unmeasured: 0 }, 5));
    let difference = judged.finding.difference.unwrap();
    // The first four seeds of samples::OVERFIT: train .1, .10333, .1, .11 less test .1135, .1135, .1135, .098, and the
    // baseline's 1, 1, .99667, 1 less .7512, .7604, .7455, .7580.
    assert_eq!(difference.n, 4);
    assert!((difference.mean - -0.25168333).abs() < 1e-8, "{}", difference.mean);
    assert_eq!(judged.finding.verdict, Verdict::Inconclusive);
    assert_eq!((judged.finding.p_holm, judged.finding.p_signs), (None, Some(0.125)));
    let remark =
        " 1 of 5 pairs left out: diverged. Diverged: dropout = 0.2, weight_decay = 0.1 (1 of 5 diverged, at step 7).";
    assert!(remarks(&judged).ends_with(remark), "{}", remarks(&judged));
}

#[test]
fn a_claim_that_lost_pairs_to_divergence_is_inconclusive() {
    // The arm of the first claim lost 12 of 20 pairs; with the sides exchanged, the other side did.
    let mut board = diverged();
    let mut exchanged = board.plan.claims[0].clone();
    (exchanged.arm, exchanged.versus) = (Side { cells: vec![0], at: At::Last, metric: None }, last(&[1]));
    board.plan.claims.push(exchanged);
    let judged = judge(&board);
    let verdicts: Vec<Entry> = judged.iter().map(|judged| judged.entry(ClaimColumn::Verdict)).collect();
    let lost = Entry::ClaimVerdict(Verdict::Inconclusive, Diverged::new(&[7; 12], 20));
    assert_eq!(verdicts, [lost.clone(), Entry::ClaimVerdict(Verdict::Supported, None), lost]);
    for judged in [&judged[0], &judged[2]] {
        assert_eq!((judged.finding.p, judged.finding.p_holm, judged.more_seeds), (None, None, None));
        assert!(judged.finding.difference.unwrap().mean.abs() > 0.09, "the pairs that are left are described");
        assert!(
            remarks(judged).ends_with(" Diverged: dropout = 0.5 (12 of 20 diverged, at step 7)."),
            "{}",
            remarks(judged)
        );
    }
    assert_eq!(
        judged[1].finding.p_holm,
        judged[1].finding.p.map(|p| 3.0 * p),
        "claims that are not tested count in the correction"
    );
    // The study's author may say which value stands for trials that diverged.
    board.plan.claims[0].diverged_as = Some(0.1);
    let judged = judge(&board);
    assert_eq!((judged[0].finding.verdict, judged[0].counted_diverged()), (Verdict::Refuted, 12));
}

#[test]
fn a_cell_in_which_trials_diverged_is_never_the_best() {
    let mut board = diverged();
    let tuned = claim(Measure::Metric(Metric::TEST_ACCURACY), &[0, 1], At::Last, last(&[2]), Expect::Lower);
    let tuned = Claim { best_over: Some("dropout".into()), diverged_as: Some(0.1), ..tuned };
    let judged = judge_one(board.clone(), tuned.clone());
    assert_eq!(judged.chosen.as_deref(), Some("dropout = 0.0 against 0.1"));
    assert_eq!((judged.finding.verdict, judged.counted_diverged()), (Verdict::Supported, 0));
    let remark = " Never chosen, since trials diverged: dropout = 0.5 (12 of 20 diverged, at step 7).";
    assert!(remarks(&judged).ends_with(remark), "{}", remarks(&judged));
    board.trials[0].status = Status::Finished(Outcome::Diverged { step: 7 });
    let judged = judge_one(board, tuned);
    assert_eq!((judged.chosen.as_deref(), judged.finding.verdict), (None, Verdict::Inconclusive));
    assert_eq!((judged.left_out, judged.pairs), (LeftOut { diverged: 19, unmeasured: 0 }, 19));
}

#[test]
fn a_diverged_trial_counts_as_what_the_claim_says() {
    let accuracy = claim(Measure::Metric(Metric::TEST_ACCURACY), &[3], At::Last, last(&[0]), Expect::Lower);
    let judged = judge_one(overfit(), Claim { diverged_as: Some(0.1), ..accuracy });
    assert_eq!((judged.left_out.count(), judged.counted_diverged()), (0, 1));
    // samples::OVERFIT: test .1135, .1135, .1135, .098 and .1 for the fifth, less .7512, .7604, .7455, .7580, .7533.
    let difference = judged.finding.difference.unwrap();
    assert_eq!(difference.n, 5);
    assert!((difference.mean - -0.64598).abs() < 1e-8, "{}", difference.mean);
    assert_eq!(judged.finding.verdict, Verdict::Supported);
    assert!(remarks(&judged).ends_with(" 1 trial diverged and counts as 0.1."), "{}", remarks(&judged));
}

#[test]
fn the_best_along_an_axis_is_chosen_on_validation_and_judged_on_test() {
    // Cells 0 and 1 are one side, 2 and 3 the other. Validation prefers 1 and 2, where test would prefer 0 and 3.
    let (validation, test) = ([0.5, 0.6, 0.9, 0.8], [900, 800, 700, 1000]);
    let params = |n| json!({ "dropout": (n / 2) as f64 / 10.0, "weight_decay": n % 2, "validation_samples": 100 });
    let planned = (0..4).map(|n| cell(None, params(n))).collect();
    let mut board = Board::new(plan("by hand", &["dropout", "weight_decay"], planned, 5));
    for id in 1..=20 {
        let cell = (id - 1) as usize / 5;
        let mut evaluation = Point { step: 9, ..point(150, test[cell] + id as u32 % 5) };
        evaluation.measured.set(Metric::VALIDATION_ACCURACY, validation[cell]);
        let mut curve = Curve::default();
        curve.push(evaluation);
        board.apply(&Event::Evaluated { trial: TrialId(id), curve });
        board.apply(&Event::TrialFinished { trial: TrialId(id), outcome: completed(id), seconds: 1.0, counts: None });
    }
    let both = Versus::Side(Side { cells: vec![2, 3], at: At::Last, metric: None });
    let tuned = claim(Measure::Metric(Metric::TEST_ACCURACY), &[0, 1], At::Last, both, Expect::Higher);
    let judged = judge_one(board, Claim { best_over: Some("weight_decay".into()), ..tuned });
    assert_eq!(judged.chosen.as_deref(), Some("weight_decay = 1 against 0"));
    let difference = judged.finding.difference.unwrap();
    // The first seed only helps to choose.
    assert_eq!(difference.n, 4);
    // 800 less 700 of 10,000 test images.
    assert!((difference.mean - 0.01).abs() < 1e-12, "{}", difference.mean);
}

#[test]
fn pairs_without_a_measurement_are_left_out_and_counted() {
    let updates = claim(Measure::Metric(Metric::UPDATE_NORM), &[3], At::Last, last(&[0]), Expect::Lower);
    let judged = judge_one(overfit(), updates);
    assert_eq!((judged.left_out, judged.finding.difference), (LeftOut { diverged: 1, unmeasured: 4 }, None));
    assert!(remarks(&judged).contains(" 5 of 5 pairs left out: 1 diverged, 4 not measured."), "{}", remarks(&judged));
}

#[test]
fn nothing_is_judged_before_all_trials_have_a_result() {
    let gap = claim(Measure::Metric(Metric::GAP), &[1], At::Last, last(&[0]), Expect::Lower);
    let judged = judge_one(unfinished(), gap);
    assert_eq!((judged.finding.verdict, judged.finding.difference), (Verdict::Unfinished, None));
}

#[test]
fn a_cell_is_not_judged_on_the_seeds_that_chose_it() {
    // Each cell is best in validation and test at a seed of its own: what is chosen on the seeds before is not what is best at a seed.
    let params = |n| json!({ "dropout": f64::from(n) / 10.0, "validation_samples": 100 });
    let mut board = Board::new(plan("lucky", &["dropout"], (0..6).map(|n| cell(None, params(n))).collect(), 6));
    for id in 1..=36 {
        let (cell, seed) = ((id - 1) / 6, (id - 1) % 6);
        let lucky = cell == seed;
        let mut evaluation = Point { step: 9, ..point(150, if lucky { 8000 } else { 7000 }) };
        evaluation.measured.set(Metric::VALIDATION_ACCURACY, if lucky { 0.8 } else { 0.7 });
        let mut curve = Curve::default();
        curve.push(evaluation);
        board.apply(&Event::Evaluated { trial: TrialId(id), curve });
        board.apply(&Event::TrialFinished { trial: TrialId(id), outcome: completed(id), seconds: 1.0, counts: None });
    }
    let tuned = claim(Measure::Metric(Metric::TEST_ACCURACY), &[0, 1, 2, 3, 4], At::Last, last(&[5]), Expect::Higher);
    let judged = judge_one(board, Claim { best_over: Some("dropout".into()), ..tuned });
    // The first cell, lucky at the first seed, has the highest mean over the seeds before any other, or ties as the first of equals.
    assert_eq!(judged.chosen.as_deref(), Some("dropout = 0.0 against 0.5"));
    // 7000 less 7000 at the seeds 1 to 4, less 8000 at the last: no cell wins by its own luck.
    let difference = judged.finding.difference.unwrap();
    assert!(difference.n == 5 && (difference.mean - -0.02).abs() < 1e-12, "{difference:?}");
}

#[test]
fn steps_are_compared_up_to_where_both_sides_had_time() {
    let board = board(&[
        &[&[Some((0, 1000)), Some((300, 9000)), Some((603, 8000))], &[Some((0, 1000)), Some((603, 8999))]],
        &[&[Some((0, 1000)), Some((3, 9500)), Some((603, 9500))], &[Some((0, 1000)), Some((603, 1000))]],
    ]);
    let steps = Measure::StepsTo { metric: Metric::TEST_ACCURACY, level: 0.9 };
    let judged = judge_one(board, claim(steps, &[0], At::Last, last(&[1]), Expect::Higher));
    // 300 − 3; of the other pair nothing is known.
    assert_eq!(judged.finding.difference.map(|difference| (difference.n, difference.mean)), Some((1, 297.0)));
    assert_eq!((judged.never, judged.left_out.count()), (Some(Never { arm: 1, versus: 1, horizon: 603 }), 0));
    let remark = "1 trial of the arm and 1 trial of the other side did not get there within the 603 steps";
    assert!(remarks(&judged).contains(remark), "{}", remarks(&judged));
}

#[test]
fn the_same_training_for_longer_reaches_no_level_later() {
    // Both sides are the same training, of which one went on four times as long; half of the trials get there in the time that both had.
    let curve = |seed: u32, last: u32| -> Vec<Option<(u32, u32)>> {
        let reach = 100 * (seed + 1);
        [(0, 1000), (reach, 9000), (last, 9500)].into_iter().filter(|point| point.0 <= last).map(Some).collect()
    };
    let (short, long): (Vec<_>, Vec<_>) = (0..10).map(|seed| (curve(seed, 603), curve(seed, 2412))).unzip();
    let short: Vec<_> = short.iter().map(Vec::as_slice).collect();
    let long: Vec<_> = long.iter().map(Vec::as_slice).collect();
    let mut board = board(&[&short, &long]);
    board.plan.cells[1].config.epochs = Some(serde_json::from_value(json!(804)).unwrap());
    assert_eq!(board.plan.cells.iter().map(|cell| cell.config.total_steps()).collect::<Vec<_>>(), [603, 2412]);
    let steps = Measure::StepsTo { metric: Metric::TEST_ACCURACY, level: 0.9 };
    for expect in [Expect::Lower, Expect::Higher, Expect::Same { within: 20.0 }] {
        let judged = judge_one(board.clone(), claim(steps, &[0], At::Last, last(&[1]), expect));
        assert!(!judged.finding.verdict.is_decided(), "{:?}", judged.finding);
    }
}

#[test]
fn what_did_not_arrive_is_a_bound_and_tested_by_order_alone() {
    let fast: &[_] = &[Some((0, 1000)), Some((3, 9500)), Some((603, 9500))];
    let slow: &[_] = &[Some((0, 1000)), Some((300, 9500)), Some((603, 9500))];
    let never: &[_] = &[Some((0, 1000)), Some((603, 1000))];
    let steps = Measure::StepsTo { metric: Metric::TEST_ACCURACY, level: 0.9 };
    let late = board(&[&[fast; 10], &[slow, never, never, never, slow, never, never, never, never, never]]);
    let judged = judge_one(late.clone(), claim(steps, &[1], At::Last, last(&[0]), Expect::Higher));
    // scipy 1.17.1: binomtest(10, 10).pvalue; 297 twice and at least 600 eight times.
    assert_eq!((judged.finding.p, judged.finding.bound), (Some(2.0 / 1024.0), Some(Bound::AtLeast)));
    assert_eq!(judged.finding.verdict, Verdict::Supported);
    let effect = judged.finding.difference.unwrap();
    assert!((effect.mean - 539.4).abs() < 1e-9 && effect.ci95.is_none(), "{effect:?}");
    assert!(matches!(judged.entry(ClaimColumn::Effect), Entry::Bounded(Bound::AtLeast, _)));
    let sides = claim(steps, &[0], At::Last, last(&[1]), Expect::Lower);
    assert_eq!(judge_one(late.clone(), sides).finding.bound, Some(Bound::AtMost));
    // A margin that all known bounds lie beyond is refuted; one that they do not reach is not.
    let same = |within| judge_one(late.clone(), claim(steps, &[1], At::Last, last(&[0]), Expect::Same { within }));
    assert_eq!((same(100.0).finding.verdict, same(700.0).finding.verdict), (Verdict::Refuted, Verdict::Inconclusive));
    // Where most pairs got nowhere on either side, nothing is concluded from the few that did.
    let nowhere = board(&[&[never, never, never, never, never, never, never, never, fast, fast], &[never; 10]]);
    let judged = judge_one(nowhere, claim(steps, &[0], At::Last, last(&[1]), Expect::Lower));
    assert_eq!((judged.finding.verdict, judged.finding.p), (Verdict::Inconclusive, None));
}

#[test]
fn steps_of_diverged_trials_are_not_compared() {
    let reached: &[_] = &[Some((0, 1000)), Some((300, 9000)), Some((603, 9000))];
    // One diverged before it reached the level, one after.
    let diverged: [&[_]; 5] =
        [&[Some((0, 1000)), None], &[Some((0, 1000)), Some((3, 9500)), None], reached, reached, reached];
    let board = board(&[&[reached; 5], &diverged]);
    let steps = Measure::StepsTo { metric: Metric::TEST_ACCURACY, level: 0.9 };
    let claimed = claim(steps, &[1], At::Last, last(&[0]), Expect::Lower);
    let judged = judge_one(board.clone(), claimed.clone());
    assert_eq!((judged.finding.verdict, judged.finding.p), (Verdict::Inconclusive, None));
    assert_eq!((judged.left_out.diverged, judged.never.map(|never| never.arm)), (2, Some(0)));
    // The claim may name a number of steps that stands for trials that diverged.
    let judged = judge_one(board, Claim { diverged_as: Some(603.0), ..claimed });
    assert_eq!(judged.finding.difference.map(|difference| (difference.n, difference.mean)), Some((5, 606.0 / 5.0)));
}

#[test]
fn where_no_trial_reaches_the_level_there_are_no_steps_to_compare() {
    let below: &[_] = &[Some((0, 1000)), Some((603, 8000))];
    let steps = Measure::StepsTo { metric: Metric::TEST_ACCURACY, level: 0.9 };
    for expect in [Expect::Lower, Expect::Same { within: 10.0 }] {
        let board = board(&[&[below; 5], &[below; 5]]);
        let judged = judge_one(board, claim(steps, &[0], At::Last, last(&[1]), expect));
        assert_eq!((judged.finding.verdict, judged.finding.p), (Verdict::Inconclusive, None));
        let remark = "Neither side reached the level within 603 steps: there are no steps to compare.";
        assert!(remarks(&judged).ends_with(remark), "{}", remarks(&judged));
        let texts = [ClaimColumn::Effect, ClaimColumn::P, ClaimColumn::Signs].map(|column| judged.entry(column));
        assert_eq!(texts, [Entry::NeverThere, Entry::Nothing, Entry::Nothing]);
    }
}

#[test]
fn a_loss_reaches_its_level_from_above() {
    // samples::point: the test loss is (10,000 − number classified correctly) / 2,500.
    let board = board(&[&[&[Some((0, 1000)), Some((300, 9000)), Some((603, 8000))]]]);
    let steps = Measure::StepsTo { metric: Metric::TEST_LOSS, level: 0.41 };
    let judged = judge_one(board, claim(steps, &[0], At::Last, Versus::Bound(100.0), Expect::Higher));
    assert_eq!(judged.finding.difference.map(|difference| difference.mean), Some(200.0));
}

#[test]
fn each_time_reads_its_own_evaluation() {
    let curve: &[_] = &[Some((0, 1000)), Some((3, 5000)), Some((9, 7000)), Some((300, 6000))];
    let mut board = board(&[&[curve]]);
    // The validation accuracy is highest at epoch 1, and the same at epoch 3.
    let validation = [0.1, 0.8, 0.8, 0.7];
    for (index, accuracy) in validation.into_iter().enumerate() {
        board.trials[0].curve.set(index, Metric::VALIDATION_ACCURACY, Measurement::Single(accuracy));
    }
    let read = |at| {
        let test = claim(Measure::Metric(Metric::TEST_ACCURACY), &[0], at, Versus::Bound(0.0), Expect::Higher);
        judge_one(board.clone(), test).finding.difference.map(|difference| difference.mean)
    };
    let times = [At::Start, At::Epoch(0.0), At::Epoch(1.0), At::Epoch(2.9), At::Epoch(3.0), At::Best, At::Last];
    assert_eq!(times.map(read), [0.1, 0.1, 0.5, 0.5, 0.7, 0.5, 0.6].map(Some));
}

#[test]
fn a_spread_is_the_largest_minus_the_smallest() {
    let point = |test| [Some((603, test))];
    let (a, b, c, d) = (point(5000), point(9000), point(8000), point(8100));
    let board = board(&[&[&a], &[&b], &[&c], &[&d]]);
    let test = claim(Measure::Metric(Metric::TEST_ACCURACY), &[3, 2], At::Last, last(&[0, 1]), Expect::Lower);
    let judged = judge_one(board, Claim { spread_over: Some("init".into()), ..test });
    let mean = judged.finding.difference.unwrap().mean;
    assert!((mean - (0.01 - 0.4)).abs() < 1e-12, "{mean}");
}

const CLEAR: [f64; 5] = [0.02, 0.03, 0.025, 0.028, 0.022];

/// At the level .05, for which the numbers of other programs are given.
fn findings_at_5(claims: &[(Expect, &[f64])]) -> Vec<Finding> {
    findings(claims, Inference::Fixed, 0.05)
}

fn verdicts(claims: &[(Expect, &[f64])]) -> Vec<Verdict> {
    findings_at_5(claims).iter().map(|finding| finding.verdict).collect()
}

#[test]
fn the_direction_decides_between_supported_and_refuted() {
    use Verdict::*;
    let within = |within| Expect::Same { within };
    let expectations = [Expect::Higher, Expect::Lower, within(0.05), within(0.01), within(0.025)];
    let verdict = expectations.map(|expect| verdicts(&[(expect, &CLEAR)])[0]);
    assert_eq!(verdict, [Supported, Refuted, Supported, Refuted, Inconclusive]);
    assert_eq!(verdicts(&[(Expect::Higher, &CLEAR[..4]), (Expect::Higher, &[])]), [DescriptiveOnly; 2]);
}

#[test]
fn holm_corrects_over_all_claims() {
    // scipy 1.17.1: ttest_1samp(d, 0).pvalue = 0.0446058.
    let weak = [0.01, -0.001, 0.012, 0.009, 0.004];
    let alone = findings_at_5(&[(Expect::Higher, &weak)]).remove(0);
    assert!((alone.p_holm.unwrap() - 0.0446058).abs() < 1e-7, "{alone:?}");
    assert_eq!(alone.verdict, Verdict::Supported);
    let family = findings_at_5(&[(Expect::Higher, &weak), (Expect::Lower, &[0.01, -0.02])]);
    assert_eq!(family[0].verdict, Verdict::Inconclusive, "the second cannot be tested and still counts");
    assert!((family[0].p_holm.unwrap() - 2.0 * 0.0446058).abs() < 2e-7);
    let clear = findings_at_5(&[(Expect::Higher, &weak), (Expect::Higher, &CLEAR)]);
    assert!(
        clear.iter().all(|finding| finding.verdict == Verdict::Supported),
        "the smaller p leaves the other uncorrected"
    );
}

#[test]
fn more_seeds_are_advised_where_they_could_decide() {
    let unclear = [0.01, -0.008, 0.012, 0.009, -0.004];
    // By the shifted t distribution of scipy 1.17.1: the first n at which t.sf(tc(n) - sqrt(n) * mean / sd, n - 1) >= .8, tc(n) being the
    // t at which e is 1/.05: 102 pairs, of which 5 are there.
    assert_eq!(more_seeds(Expect::Higher, &unclear, 0.05), Some(97));
    assert!(more_seeds(Expect::Higher, &unclear, 0.0125) > Some(97), "Holm asks for more");
    assert_eq!(more_seeds(Expect::Higher, &[0.01, -0.01, 0.02, -0.02, 0.0], 0.05), None, "no effect, however many");

    // The test loss of samples::overfit in cell 1 less 1.147, which is its mean.
    let bound = Versus::Bound(1.147);
    let loss = |within| {
        judge_one(
            overfit(),
            claim(Measure::Metric(Metric::TEST_LOSS), &[1], At::Last, bound.clone(), Expect::Same { within }),
        )
    };
    let unclear = loss(0.02);
    assert_eq!(unclear.finding.verdict, Verdict::Inconclusive);
    let advice = format!(" About {} more seeds would decide it.", unclear.more_seeds.unwrap());
    assert!(remarks(&unclear).ends_with(&advice), "{}", remarks(&unclear));
    let clear = loss(0.1);
    assert_eq!((clear.finding.verdict, clear.more_seeds), (Verdict::Supported, None));
}

/// Two cells with six hidden layers. The standard deviation of the activations falls by 0.1 per layer, from 0.9 in the first
/// cell and from 0.7 in the second.
fn with_layers() -> Board {
    let mut board = board(&[&[&[Some((603, 100))]], &[&[Some((603, 100))]]]);
    for (state, first) in board.trials.iter_mut().zip([0.9f32, 0.7]) {
        let sd = |layer: u8| first - f32::from(layer) / 10.0;
        state.layers = vec![Layers { step: 603, sd: (0..6).map(sd).collect(), ..Layers::default() }];
    }
    board
}

#[test]
fn a_layer_is_the_given_one_or_the_last_hidden_one() {
    let difference = |measure, versus| {
        judge_one(with_layers(), claim(measure, &[0], At::Last, versus, Expect::Higher)).finding.difference
    };
    let near = |found: Option<Difference>, expected: f64| (found.unwrap().mean - expected).abs() < 1e-6;
    let sd = |layer| Measure::Layer { metric: Metric::ACTIVATION_SD, layer };
    assert!(near(difference(sd(2), last(&[1])), 0.2));
    assert!(near(difference(sd(2), Versus::Bound(0.0)), 0.8));
    assert!(near(difference(Measure::Metric(Metric::ACTIVATION_SD), Versus::Bound(0.0)), 0.4), "the sixth");
    assert_eq!(difference(Measure::Layer { metric: Metric::DEAD, layer: 2 }, last(&[1])), None, "not measured");
    // The standard deviation falls to its level; in the last hidden layer it is below at the first evaluation.
    let steps = Measure::StepsTo { metric: Metric::ACTIVATION_SD, level: 0.45 };
    assert!(near(difference(steps, Versus::Bound(0.0)), 603.0));
}

/// A board of three values of an axis, with two cells each, and what the second cell of a value has more than its first, in test
/// images of 10,000, seed by seed.
fn on_three(more: [[i32; 6]; 3]) -> Board {
    let params = |n: usize| json!({ "dropout": (n / 2) as f64 / 10.0, "weight_decay": (n % 2) as f64 });
    let cells = (0..6).map(|n| cell(None, params(n))).collect();
    let mut board = Board::new(plan("by hand", &["dropout", "weight_decay"], cells, 6));
    for id in 1..=36 {
        let (cell, seed) = ((id - 1) / 6, (id - 1) % 6);
        let mut curve = Curve::default();
        let correct = 7000 + 10 * seed as i32 + (cell % 2) as i32 * more[cell / 2][seed];
        curve.push(Point { step: 603, ..point(150, correct as u32) });
        board.apply(&Event::Evaluated { trial: TrialId(id as u64), curve });
        let outcome = completed(id as u64);
        board.apply(&Event::TrialFinished { trial: TrialId(id as u64), outcome, seconds: 1.0, counts: None });
    }
    board
}

/// That weight decay raises test accuracy, on all of the three values, or on one of them.
fn raised(on_all: bool, cells: [&[usize]; 2]) -> Claim {
    let raised = claim(Measure::Metric(Metric::TEST_ACCURACY), cells[1], At::Last, last(cells[0]), Expect::Higher);
    Claim { on_all: on_all.then(|| "dropout".into()), ..raised }
}

const EVENS: [&[usize]; 2] = [&[0, 2, 4], &[1, 3, 5]];

/// The p of the claim on each of the three values by itself, uncorrected.
fn alone(board: &Board) -> Vec<f64> {
    let of = |n: usize| judge_one(board.clone(), raised(false, [&[2 * n], &[2 * n + 1]])).finding.p.unwrap();
    (0..3).map(of).collect()
}

const STRONG: [i32; 6] = [100, 110, 90, 105, 95, 100];
const WEAK: [i32; 6] = [60, 20, 50, 10, 40, 30];

#[test]
fn a_claim_on_all_values_is_supported_if_each_supports_it() {
    let board = on_three([STRONG, WEAK, STRONG]);
    let judged = judge_one(board.clone(), raised(true, EVENS));
    let finding = &judged.finding;
    assert_eq!((finding.verdict, finding.p), (Verdict::Supported, Some(alone(&board)[1])));
    // The smallest effect, (60 + 20 + 50 + 10 + 40 + 30)/6 of 10,000.
    let effect = finding.difference.unwrap();
    assert!((effect.mean - 0.0035).abs() < 1e-12 && effect.n == 6, "{effect:?}");
    assert_eq!((judged.pairs, judged.family), (18, 1));
    let parts: Vec<_> = judged.parts.iter().map(|(value, part)| (value.as_str(), part.finding.p_holm)).collect();
    let ps = alone(&board);
    assert_eq!(parts, [("0.0", Some(ps[0])), ("0.1", Some(ps[1])), ("0.2", Some(ps[2]))]);
    assert!(judged.parts.iter().all(|(_, part)| part.finding.verdict == Verdict::Supported));
    let told = remarks(&judged);
    assert!(
        told.contains("(weight_decay = 1.0) higher than that of (weight_decay = 0.0), on all values of dropout."),
        "{told}"
    );
    assert!(
        told.contains(" On each, 0.0: +0.0100 ± 0.0007 (p <0.001); 0.1: +0.0035 ± 0.0020 (p 0.006); 0.2: "),
        "{told}"
    );
}

#[test]
fn a_claim_on_all_values_is_refuted_by_one_of_them() {
    let less = WEAK.map(|more| -more);
    let board = on_three([STRONG, less, STRONG]);
    let judged = judge_one(board.clone(), raised(true, EVENS));
    assert_eq!((judged.finding.verdict, judged.finding.p), (Verdict::Refuted, Some(3.0 * alone(&board)[1])));
    assert!((judged.finding.difference.unwrap().mean + 0.0035).abs() < 1e-12);
    let verdicts: Vec<Verdict> = judged.parts.iter().map(|(_, part)| part.finding.verdict).collect();
    assert_eq!(verdicts, [Verdict::Supported, Verdict::Refuted, Verdict::Supported]);
    // Each of two claims counts once in Holm's correction, however many values it has.
    let both = judge(&with_claims(board.clone(), vec![raised(true, EVENS), raised(false, [&[0], &[1]])]));
    assert_eq!((both[0].family, both[0].finding.p_holm), (2, judged.finding.p));
}

#[test]
fn a_claim_on_all_values_is_open_where_one_does_not_tell() {
    let unclear = [30, -20, 10, -40, 25, 5];
    let board = on_three([STRONG, unclear, STRONG]);
    let judged = judge_one(board.clone(), raised(true, EVENS));
    assert_eq!((judged.finding.verdict, judged.finding.p), (Verdict::Inconclusive, Some(alone(&board)[1])));
    assert!(judged.more_seeds.is_some_and(|more| more > 100), "{:?}", judged.more_seeds);
    // Equal in all seeds supports nothing, and a value that lost a trial leaves the whole undecided.
    let equal = judge_one(on_three([STRONG, [0; 6], STRONG]), raised(true, EVENS));
    assert_eq!((equal.finding.verdict, equal.finding.p), (Verdict::Inconclusive, Some(1.0)));
    let mut lost = on_three([STRONG; 3]);
    lost.trials[7].status = Status::Finished(Outcome::Diverged { step: 7 });
    let judged = judge_one(lost, raised(true, EVENS));
    assert_eq!((judged.finding.verdict, judged.finding.p), (Verdict::Inconclusive, None));
    assert_eq!((judged.left_out.diverged, judged.parts[0].1.left_out.diverged), (1, 1));
}

#[test]
fn same_on_all_values_is_judged_by_the_largest_difference() {
    let board = on_three([[1, -2, 3, -1, 0, 2], [9, 12, 11, 8, 10, 13], [-3, 1, 2, -2, 1, 0]]);
    let same = |within: f64| Claim { expect: Expect::Same { within }, ..raised(true, EVENS) };
    let judged = judge_one(board.clone(), same(0.01));
    assert_eq!(judged.finding.verdict, Verdict::Supported);
    assert!((judged.finding.difference.unwrap().mean - 0.00105).abs() < 1e-12);
    assert_eq!(judge_one(board, same(0.0005)).finding.verdict, Verdict::Refuted);
}

#[test]
fn a_claim_on_all_values_takes_seeds_until_every_value_tells() {
    let until_decided = |more| {
        let mut board = on_three(more);
        board.plan.stopping = Some(crate::plan::Stopping { until_decided: true, most_seeds: 40 });
        let plan = with_claims(board.clone(), vec![raised(true, EVENS)]).plan;
        board.apply(&Event::StudyStarted(plan));
        judge(&board).remove(0).progress.unwrap()
    };
    assert!(until_decided([STRONG; 3]).decided_after.is_some_and(|seeds| seeds <= 6));
    assert!(until_decided([STRONG, WEAK, STRONG]).is_open());
}
