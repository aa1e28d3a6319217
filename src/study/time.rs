//! When a claim looks, and whether what it looks at is measured then.

use super::draft::Draft;
use super::mistake::{Mistake, Span};
use crate::plan::config::Config;
use crate::plan::metric::{Metric, Scope};
use crate::plan::{At, Cell, Claim, Measure, Side, Versus};

/// How far from a whole number of updates an epoch may be, as a share of them: `at = 0.333333` is a third.
const ROUNDING: f64 = 1e-6;

/// The time with the epoch that is really used, which has to be evaluated in all of these cells.
pub(super) fn evaluated(at: At, cells: &[usize], all: &[Cell], span: Span) -> Result<At, Mistake> {
    let At::Epoch(epoch) = at else { return Ok(at) };
    let exact = cells.iter().map(|&cell| evaluated_epoch(epoch, &all[cell].config)).collect::<Result<Vec<_>, _>>();
    let exact = exact.map_err(|mistake| mistake.within(span))?;
    // The same number in all cells, but for its last digits.
    Ok(At::Epoch(exact.into_iter().fold(0.0, f64::max)))
}

fn evaluated_epoch(epoch: f64, config: &Config) -> Result<f64, Mistake> {
    let (total, steps) = (config.total_steps(), config.steps_per_epoch() as f64);
    let epoch_of = |step: usize| step as f64 / steps;
    let (asked, rounding) = (epoch * steps, ROUNDING * (epoch * steps).max(1.0));
    if asked > total as f64 + rounding {
        let message = format!("there is no epoch {epoch}: training ends after {}", epoch_of(total));
        return Err(Mistake::anywhere(message).help("the last evaluation is at = \"last\""));
    }
    let nearest = asked.round() as usize;
    if (asked - nearest as f64).abs() <= rounding && config.is_evaluated_after(nearest) {
        return Ok(epoch_of(nearest));
    }
    let before = (0..=asked as usize).rev().find(|&step| config.is_evaluated_after(step)).unwrap_or(0);
    let after = (before + 1..total).find(|&step| config.is_evaluated_after(step)).unwrap_or(total);
    let (found, mend) = match before {
        0 => ("at the start".to_owned(), "\"start\"".to_owned()),
        before => (format!("at {}", epoch_of(before)), epoch_of(before).to_string()),
    };
    let after = epoch_of(after);
    let message =
        format!("nothing is measured at epoch {epoch}: the evaluations next to it are {found} and at {after}");
    Err(Mistake::anywhere(message).help(format!("write {mend} or {after}, or change evaluate_every")))
}

/// What both sides look at has a value then, in each of their cells.
pub(super) fn check(draft: &Draft, claim: &Claim, cells: &[Cell]) -> Result<(), Mistake> {
    let span_of = |given: Option<&toml::Spanned<At>>| given.map_or(draft.measure.span(), toml::Spanned::span);
    let own = claim.measure.metric();
    check_side(claim, &claim.arm, own, draft.measure.span(), span_of(draft.at.as_ref()), cells)?;
    match &claim.versus {
        Versus::Side(versus) => {
            let span = draft.versus_metric.as_ref().map_or(draft.measure.span(), toml::Spanned::span);
            let at = span_of(draft.versus_at.as_ref().or(draft.at.as_ref()));
            check_side(claim, versus, versus.metric.unwrap_or(own), span, at, cells)
        }
        Versus::Bound(_) => Ok(()),
    }
}

fn check_side(claim: &Claim, side: &Side, metric: Metric, span: Span, at: Span, all: &[Cell]) -> Result<(), Mistake> {
    let name = metric.name();
    for cell in side.cells.iter().map(|&cell| &all[cell]) {
        let first = metric.first_value(&cell.config).map_err(|needs| {
            Mistake::at(span.clone(), format!("the cell {} has no {name}", cell.title()))
                .help(format!("it needs {needs}"))
        })?;
        if matches!(claim.measure, Measure::StepsTo { .. }) {
            continue;
        }
        let step = step_at(side.at, &cell.config);
        if metric.scope() == Scope::End && step != Some(first) {
            let mistake = Mistake::at(at, format!("{name} is measured only after the last step"));
            return Err(mistake.help("look at = \"last\", which is the default"));
        }
        if step.is_some_and(|step| step < first) {
            let updates = if first == 1 { "the first update".to_owned() } else { format!("update number {first}") };
            let mistake = Mistake::at(at, format!("{name} has no value yet: it is measured from {updates} on"));
            let between = cell.config.evaluation_steps();
            let evaluated = (first.div_ceil(between) * between).min(cell.config.total_steps());
            return Err(mistake.help(format!("its first evaluation is at = {}", cell.config.epoch(evaluated as u32))));
        }
    }
    Ok(())
}

/// Updates before the evaluation, where that is known before training.
pub(super) fn step_at(at: At, config: &Config) -> Option<usize> {
    match at {
        At::Start => Some(0),
        At::Last => Some(config.total_steps()),
        At::Best => None,
        At::Epoch(epoch) => Some((epoch * config.steps_per_epoch() as f64).round() as usize),
    }
}
