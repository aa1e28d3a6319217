//! Whether the numbers of a claim lie on the scale of what it measures: a share is not given in percent.

use super::mistake::{Mistake, Span};
use crate::plan::config::of_percent;
use crate::plan::metric::{Kind, Metric};
use crate::plan::{Cell, Claim, Expect, Measure, Problem, Versus};
use std::ops::RangeInclusive;

/// Where the numbers of a claim stand, if they are given.
pub(super) struct Places {
    pub(super) within: Option<Span>,
    pub(super) versus: Option<Span>,
    pub(super) diverged_as: Option<Span>,
}

/// Checks the margin, a number to compare with, and what a diverged trial counts as.
pub(super) fn check(claim: &Claim, cells: &[Cell], places: Places) -> Result<(), Mistake> {
    let metric = claim.measure.metric();
    let is_steps = matches!(claim.measure, Measure::StepsTo { .. });
    let of_trials = if is_steps { 0.0..=f64::INFINITY } else { range(metric, claim, cells) };
    let compared = match &claim.spread_over {
        // The largest of these values minus the smallest.
        Some(_) => 0.0..=of_trials.end() - of_trials.start(),
        None => of_trials.clone(),
    };
    let is_share = !is_steps && metric.kind() != Kind::Quantity;
    if let (Expect::Same { within }, Some(span)) = (claim.expect, places.within)
        && is_share
        && within >= 1.0
    {
        let message = format!("{within} is out of range: expected a number above 0 and below 1");
        return Err(Mistake::at(span, message).help(mend(metric, within)));
    }
    if let (Versus::Bound(bound), Some(span)) = (&claim.versus, places.versus) {
        let what = if claim.spread_over.is_some() { "spread" } else { "value" };
        // A whole number above 1 may be the value that the other cell is to have.
        let is_value = claim.spread_over.is_none() && *bound > 1.0 && bound.fract() == 0.0;
        let cell = format!("a cell is given by its values: versus = {{ batch_size = {bound} }}");
        let also = |mistake: Mistake| if is_value { mistake.also(&cell) } else { mistake };
        lies_in(&compared, *bound, what, claim).map_err(|mistake| also(mistake).within(span))?;
    }
    match (claim.diverged_as, places.diverged_as) {
        (Some(value), Some(span)) if !is_steps => {
            lies_in(&of_trials, value, "value", claim).map_err(|mistake| mistake.within(span))
        }
        _ => Ok(()),
    }
}

/// The values that the metric can take in the claim's cells.
fn range(metric: Metric, claim: &Claim, cells: &[Cell]) -> RangeInclusive<f64> {
    let is_signed = |cell: usize| Problem::of(cells[cell].config.data, &[]).declared(metric).is_signed();
    match metric.kind() {
        Kind::Accuracy | Kind::Share => 0.0..=1.0,
        Kind::AccuracyDifference => -1.0..=1.0,
        Kind::Quantity if claim.cells().any(is_signed) => f64::NEG_INFINITY..=f64::INFINITY,
        Kind::Quantity => 0.0..=f64::INFINITY,
    }
}

fn lies_in(range: &RangeInclusive<f64>, value: f64, what: &str, claim: &Claim) -> Result<(), Mistake> {
    if range.contains(&value) {
        return Ok(());
    }
    let expected = match (*range.start(), *range.end()) {
        (low, f64::INFINITY) => format!("a number not below {low}"),
        (low, high) => format!("a number in [{low}, {high}]"),
    };
    let (measure, metric) = match claim.measure {
        Measure::StepsTo { .. } => ("steps".to_owned(), None),
        measure => (measure.metric().name().to_owned(), Some(measure.metric())),
    };
    let mistake = Mistake::anywhere(format!("{value} is no {what} of {measure}: expected {expected}"));
    Err(match metric.filter(|metric| metric.kind() != Kind::Quantity) {
        Some(metric) => mistake.help(mend(metric, value)),
        None => mistake,
    })
}

/// What to write instead of a number that is not on the metric's scale.
pub(super) fn mend(metric: Metric, value: f64) -> String {
    let name = metric.name();
    match (metric.kind(), of_percent(value)) {
        (Kind::Quantity, _) => format!("{name} is not below 0"),
        (_, Some(meant)) => format!("{name} is a share: {meant}"),
        (Kind::AccuracyDifference, None) => format!("{name} is a difference of two shares, in [-1, 1]"),
        (Kind::Accuracy | Kind::Share, None) => format!("{name} is a share, in [0, 1]"),
    }
}
