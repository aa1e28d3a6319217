//! How the entries of tables are written: with the same words and digits in Markdown, LaTeX and on the screen.

use super::number::{Number, accuracy_decimals, difference, quantity, quantity_decimals, share};
use super::progress;
use crate::judge::claim::Bound;
use crate::judge::report::{Entry, Estimate};
use crate::plan::metric::Kind;
use crate::plan::param_text;
use crate::record::board::Diverged;
use serde_json::Value;

/// A part of a written entry. Numbers are apart because each format sets them in its own way.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Text to be escaped.
    Words(String),
    /// Digits, possibly with a power of ten.
    Number(Number),
}

/// An entry as plain text.
pub fn text(entry: &Entry) -> String {
    let text = |piece| match piece {
        Piece::Words(words) => words,
        Piece::Number(number) => number.to_string(),
    };
    pieces(entry).into_iter().map(text).collect()
}

/// An entry without the interval of a mean, for narrow columns: a mean then has at most seven characters.
pub fn brief(entry: &Entry) -> String {
    match entry {
        Entry::Mean(Estimate { mean, kind, .. }) => match kind {
            Kind::Accuracy => share(*mean),
            Kind::AccuracyDifference => difference(*mean),
            Kind::Share | Kind::Quantity => quantity(*mean),
        },
        other => text(other),
    }
}

/// The parts of a written entry, from left to right.
pub fn pieces(entry: &Entry) -> Vec<Piece> {
    match entry {
        Entry::Nothing => words("–"),
        Entry::Words(text) => words(text),
        Entry::Param(Value::Number(number)) => vec![Piece::Number(Number::exact(number))],
        Entry::Param(value) => words(&param_text(value)),
        Entry::Count(count) => words(&count.to_string()),
        Entry::Mean(estimate) => mean(estimate),
        Entry::Change(estimate) => change(estimate),
        Entry::Bounded(bound, estimate) => match bound {
            Bound::AtLeast => [words("≥ "), change(estimate)].concat(),
            Bound::AtMost => [words("≤ "), change(estimate)].concat(),
            Bound::Unknown => words("–"),
        },
        Entry::Epoch(estimate) => plus_minus(estimate, Some(1)),
        Entry::Share(share) => words(&format!("{:.1} %", 100.0 * share)),
        Entry::P(p) => words(&p_text(*p)),
        Entry::Exact => words("exact"),
        &Entry::Outcomes { planned, completed, diverged, ended_higher, failed } => {
            words(&outcomes(planned, completed, diverged, ended_higher, failed))
        }
        Entry::StepsToGoal { reached: None, .. } => words("never"),
        Entry::StepsToGoal { reached: Some(reached), never: 0 } => mean(reached),
        Entry::StepsToGoal { reached: Some(reached), never } => {
            [mean(reached), words(&format!(", {never} never"))].concat()
        }
        Entry::NeverThere => words("never there"),
        Entry::Baseline(None) => words("baseline"),
        Entry::Baseline(Some(diverged)) => words(&format!("baseline, {diverged}")),
        Entry::RowVerdict(verdict) => words(&verdict.to_string()),
        Entry::ClaimVerdict(verdict, None) => words(verdict.name()),
        Entry::ClaimVerdict(verdict, Some(lost)) => words(&format!("{}: {lost}", verdict.name())),
        Entry::Open(progress) => words(&format!("open {}", progress::bar(*progress))),
        Entry::OfEach(entries) => entries.iter().map(pieces).collect::<Vec<_>>().join(&Piece::Words(" / ".into())),
    }
}

fn words(text: &str) -> Vec<Piece> {
    vec![Piece::Words(text.into())]
}

/// A mean ± the half-width of its interval, if it has one, in as many digits as the interval supports.
fn mean(estimate: &Estimate) -> Vec<Piece> {
    let decimals = match estimate.kind {
        Kind::Accuracy | Kind::AccuracyDifference => Some(accuracy_decimals(estimate.half_width)),
        Kind::Share | Kind::Quantity => quantity_decimals(estimate.mean, estimate.half_width),
    };
    plus_minus(estimate, decimals)
}

/// The same with a sign also if the mean is positive.
fn change(estimate: &Estimate) -> Vec<Piece> {
    let mut pieces = mean(estimate);
    if let (Some(Piece::Number(number)), true) = (pieces.first_mut(), estimate.mean > 0.0) {
        number.digits.insert(0, '+');
    }
    pieces
}

fn plus_minus(estimate: &Estimate, decimals: Option<usize>) -> Vec<Piece> {
    let number = |x: f64| Piece::Number(Number::new(x, decimals));
    let mean = number(estimate.mean);
    if let Some((low, high)) = estimate.ends {
        let words = |text: &str| Piece::Words(text.into());
        return vec![mean, words(" ["), number(low), words(", "), number(high), words("]")];
    }
    match estimate.half_width {
        Some(half_width) => vec![mean, Piece::Words(" ± ".into()), number(half_width)],
        None => vec![mean],
    }
}

/// A p-value with three decimals; smaller ones are `<0.001`, as their further digits mean nothing.
fn p_text(p: f64) -> String {
    if p < 0.001 { "<0.001".into() } else { format!("{p:.3}") }
}

/// The outcomes of a cell's trials, e.g. `7 of 10 done, 1 failed`; empty if all trials completed and lowered their loss.
fn outcomes(
    planned: usize,
    completed: usize,
    diverged: Option<Diverged>,
    ended_higher: usize,
    failed: usize,
) -> String {
    let mut parts = Vec::new();
    let number_diverged = diverged.map_or(0, |diverged| diverged.trials);
    if completed + number_diverged + failed < planned {
        parts.push(format!("{} of {planned} done", completed + number_diverged));
    }
    parts.extend(diverged.map(|diverged| diverged.to_string()));
    if ended_higher > 0 {
        parts.push(format!("{ended_higher} of {planned} ended above the first loss"));
    }
    if failed > 0 {
        parts.push(format!("{failed} failed"));
    }
    parts.join(", ")
}
