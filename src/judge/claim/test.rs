//! Paired differences → a finding: the test of one claim, and the correction for several.

use super::pairs::Pairs;
use super::values::Range;
use super::{Bound, Finding, Verdict};
use crate::judge::stats::{
    Difference, Direction, Evidence, Inference, Margin, PAIRS_FOR_A_VERDICT, evidence_of_signs, holm, sign_test_p,
};
use crate::plan::config::DataSource;
use crate::plan::{Cell, Claim, Expect};

/// The rounding error of the difference of two values in single precision, relative to the larger one.
pub(in crate::judge) const SINGLE_PRECISION: f64 = 1e-6;

/// What the differences of one claim say, before the correction for the others.
#[derive(Clone)]
pub(super) struct Test {
    /// Without the correction.
    pub(super) finding: Finding,
    /// Whether a small p says what the claim expects.
    pub(super) is_as_expected: bool,
}

impl Test {
    /// The test of the first `n` pairs.
    pub(super) fn of(expect: Expect, pairs: &Pairs, n: usize, inference: Inference) -> Test {
        let differences = &pairs.differences[..n];
        let known = differences.iter().map(|range| range.known()).collect::<Option<Vec<f64>>>();
        match known {
            Some(known) if pairs.by_order => {
                let Test { mut finding, is_as_expected } = Test::of_order(expect, differences, inference);
                (finding.difference, finding.bound) = (Difference::of(&known, inference), None);
                Test { finding, is_as_expected }
            }
            Some(known) => Test::of_numbers(expect, &known, inference),
            None => Test::of_order(expect, differences, inference),
        }
    }

    fn of_numbers(expect: Expect, differences: &[f64], inference: Inference) -> Test {
        let difference = Difference::of(differences, inference);
        let (p, p_signs, is_as_expected) = match expect {
            Expect::Lower | Expect::Higher => {
                let side = difference.map_or(Direction::Neither, |difference| difference.side);
                let p = difference.and_then(|difference| difference.p);
                (p, difference.and_then(|difference| difference.p_signs), side == expected_side(expect))
            }
            Expect::Same { within } => match Margin::of(differences, within, inference) {
                Some(margin) => (margin.p, margin.p_signs, margin.is_within),
                None => (None, None, false),
            },
        };
        let enough = differences.len() >= PAIRS_FOR_A_VERDICT;
        Test::new(difference, None, p.filter(|_| enough), p_signs, is_as_expected)
    }

    /// Where some numbers are only known to be beyond a bound, a test that uses nothing but order.
    fn of_order(expect: Expect, differences: &[Range], inference: Inference) -> Test {
        let against = |number: f64, if_unknown: Direction| {
            let side = move |range: &Range| match range.side_of(number) {
                Direction::Neither if range.known().is_none() => if_unknown,
                side => side,
            };
            let signs = || differences.iter().map(side);
            match inference {
                Inference::Fixed => {
                    let up = signs().filter(|&sign| sign == Direction::Up).count() as f64;
                    let down = signs().filter(|&sign| sign == Direction::Down).count() as f64;
                    Evidence { p: sign_test_p(signs()), side: Direction::of(up - down) }
                }
                Inference::Anytime => evidence_of_signs(signs()),
            }
        };
        let (p, is_as_expected) = match expect {
            Expect::Lower | Expect::Higher => {
                let Evidence { p, side } = against(0.0, Direction::Neither);
                (p, side == expected_side(expect))
            }
            Expect::Same { within } => {
                // What is not known to lie within may lie beyond.
                let (low, high) = (against(-within, Direction::Down), against(within, Direction::Up));
                if low.side == Direction::Up && high.side == Direction::Down {
                    (low.p.max(high.p), true)
                } else {
                    let (low, high) = (against(-within, Direction::Neither), against(within, Direction::Neither));
                    (if low.side == high.side { low.p.max(high.p) } else { 1.0 }, false)
                }
            }
        };
        let known: Vec<f64> = differences.iter().filter_map(|range| range.bound()).collect();
        let mean = Difference::of(&known, inference).map(|difference| Difference { ci95: None, p: None, ..difference });
        // Where neither side of most pairs got there, those that did are no fair sample.
        let mostly_unknown = 2 * (differences.len() - known.len()) > differences.len();
        let enough = differences.len() >= PAIRS_FOR_A_VERDICT;
        let tested = Some(p).filter(|_| enough && !mostly_unknown);
        let mut test = Test::new(mean, Some(bound(differences)), tested, Some(p), is_as_expected);
        if enough && mostly_unknown {
            test.finding.verdict = Verdict::Inconclusive;
        }
        test
    }

    fn new(
        difference: Option<Difference>,
        bound: Option<Bound>,
        p: Option<f64>,
        p_signs: Option<f64>,
        is_as_expected: bool,
    ) -> Test {
        let verdict = Verdict::DescriptiveOnly;
        let finding = Finding { verdict, difference, bound, p, p_holm: None, p_signs, exact: false };
        Test { finding, is_as_expected }
    }

    /// The differences that are left after pairs were lost to divergence are described and not tested. The claim is inconclusive however
    /// few they are, if enough pairs were `planned` for a verdict.
    pub(super) fn untestable(mut self, planned: usize) -> Test {
        self.finding.p = None;
        if planned >= PAIRS_FOR_A_VERDICT {
            self.finding.verdict = Verdict::Inconclusive;
        }
        self
    }

    /// The same difference for all seeds decides by itself, without a test.
    pub(super) fn exact(mut self, expect: Expect) -> Test {
        let holds = self.finding.difference.is_some_and(|difference| as_expected(expect, difference.mean));
        let verdict = if holds { Verdict::Supported } else { Verdict::Refuted };
        self.finding = Finding { verdict, p: None, p_signs: None, exact: true, ..self.finding };
        self.is_as_expected = holds;
        self
    }
}

/// A claim is decided if its p is below `level` after Holm's correction over all tests; the side that the evidence is on says which way.
/// Claims that are not tested count in the correction with p = 1, which errs on the cautious side.
pub(super) fn decide(tests: Vec<Test>, level: f64) -> Vec<Finding> {
    let adjusted = holm(&tests.iter().map(|test| test.finding.p.unwrap_or(1.0)).collect::<Vec<_>>());
    let finding = |(Test { mut finding, is_as_expected }, adjusted): (Test, f64)| {
        if finding.p.is_some() {
            finding.p_holm = Some(adjusted);
            finding.verdict = match (adjusted < level, is_as_expected) {
                (false, _) => Verdict::Inconclusive,
                (true, true) => Verdict::Supported,
                (true, false) => Verdict::Refuted,
            };
        }
        finding
    };
    tests.into_iter().zip(adjusted).map(finding).collect()
}

/// What paired differences, arm minus versus, say about each claim of a study with no others in its family.
pub fn findings(claims: &[(Expect, &[f64])], inference: Inference, level: f64) -> Vec<Finding> {
    let tests = claims.iter().map(|(expect, differences)| Test::of_numbers(*expect, differences, inference));
    decide(tests.collect(), level)
}

/// What is known of the mean of differences of which some are only known to be beyond a bound.
fn bound(differences: &[Range]) -> Bound {
    let has = |is: fn(&Range) -> bool| differences.iter().filter(|range| range.known().is_none()).any(is);
    match (has(|range| range.high.is_infinite()), has(|range| range.low.is_infinite())) {
        (true, false) => Bound::AtLeast,
        (false, true) => Bound::AtMost,
        _ => Bound::Unknown,
    }
}

/// Whether the seeds are no independent samples because all have the same difference. On a surface, a seed changes the start
/// alone, and what does not depend on the start differs by the single precision of metrics at most.
pub(super) fn is_exact(claim: &Claim, cells: &[Cell], pairs: &Pairs) -> bool {
    let on_surface = |cell: usize| cells[cell].config.data == DataSource::Surface;
    let Some(differences) = pairs.known().filter(|_| claim.cells().all(on_surface)) else { return false };
    let Some(&first) = differences.first() else { return false };
    let rounding = SINGLE_PRECISION * pairs.largest;
    let same = |difference: &f64| (difference - first).abs() <= rounding;
    // A difference as small as the rounding error has no sign.
    let has_direction = matches!(claim.expect, Expect::Same { .. }) || first.abs() > rounding;
    differences.len() >= PAIRS_FOR_A_VERDICT && has_direction && differences.iter().all(same)
}

fn expected_side(expect: Expect) -> Direction {
    match expect {
        Expect::Lower => Direction::Down,
        Expect::Higher => Direction::Up,
        Expect::Same { .. } => Direction::Neither,
    }
}

fn as_expected(expect: Expect, mean: f64) -> bool {
    match expect {
        Expect::Same { within } => mean.abs() < within,
        Expect::Lower | Expect::Higher => Direction::of(mean) == expected_side(expect),
    }
}
