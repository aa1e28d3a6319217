//! Reads the values that a claim compares from the trials.

use super::Never;
use crate::judge::stats::{Summary, without_rounding};
use crate::plan::config::Config;
use crate::plan::metric::Metric;
use crate::plan::{At, Cell, Claim, Measure, Side, Versus, assignments, param_text};
use crate::record::board::{Board, Diverged, Tally, TrialState};
use std::collections::HashMap;

/// The value of a trial, or of one side of a claim at one seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SideValue {
    /// In the unit of the claim's measure.
    Number(f64),
    /// There is no value because a trial diverged.
    Diverged,
    /// There is no value because a trial did not measure it.
    Unmeasured,
}

/// Looks up the values of a board's claims.
pub struct Sides<'a> {
    board: &'a Board,
    /// Index of the trial of a cell with a seed.
    trials: HashMap<(usize, u64), usize>,
    /// By cell.
    tallies: Vec<Tally>,
}

/// When a trial first reaches a level.
enum StepsToLevel {
    /// After so many updates.
    Reached(usize),
    Never,
    Unmeasured,
}

impl Sides<'_> {
    pub fn new(board: &Board) -> Sides<'_> {
        let trials = board.plan.trials.iter().enumerate().map(|(index, trial)| ((trial.cell, trial.seed), index));
        Sides { board, trials: trials.collect(), tallies: board.tally_by_cell() }
    }

    /// Arm minus versus, and the larger magnitude of the two values; 0 without both.
    pub fn difference(&self, claim: &Claim, seed: u64) -> (SideValue, f64) {
        let versus = match &claim.versus {
            Versus::Side(side) => self.side(claim, side, seed),
            Versus::Bound(bound) => SideValue::Number(*bound),
        };
        match (self.side(claim, &claim.arm, seed), versus) {
            (SideValue::Number(arm), SideValue::Number(versus)) => {
                (SideValue::Number(without_rounding(arm - versus)), arm.abs().max(versus.abs()))
            }
            (SideValue::Diverged, _) | (_, SideValue::Diverged) => (SideValue::Diverged, 0.0),
            _ => (SideValue::Unmeasured, 0.0),
        }
    }

    /// The value of a side's cell, or the spread (largest minus smallest value) over its cells.
    fn side(&self, claim: &Claim, side: &Side, seed: u64) -> SideValue {
        let longest = self.longest_training(claim);
        let (mut smallest, mut largest) = (f64::INFINITY, f64::NEG_INFINITY);
        let cells = self.cells(claim, side);
        // No cell was chosen, and trials diverged in one or more of those there were to choose from.
        let nothing_to_choose = cells.is_empty() && side.cells.iter().any(|&cell| self.tallies[cell].diverged > 0);
        let mut missing = nothing_to_choose.then_some(SideValue::Diverged);
        let measure = side.metric.map_or(claim.measure, |metric| claim.measure.with(metric));
        for cell in cells {
            let value = match (self.value(measure, cell, seed, side.at, longest), claim.diverged_as) {
                (SideValue::Diverged, Some(value)) => SideValue::Number(value),
                (value, _) => value,
            };
            match value {
                SideValue::Number(value) => (smallest, largest) = (smallest.min(value), largest.max(value)),
                SideValue::Diverged => missing = Some(SideValue::Diverged),
                SideValue::Unmeasured => missing = missing.or(Some(SideValue::Unmeasured)),
            }
        }
        match missing {
            Some(missing) => missing,
            None if largest < smallest => SideValue::Unmeasured,
            None if claim.spread_over.is_some() => SideValue::Number(largest - smallest),
            None => SideValue::Number(largest),
        }
    }

    /// The cells that a side's value comes from.
    fn cells(&self, claim: &Claim, side: &Side) -> Vec<usize> {
        match claim.best_over {
            Some(_) => self.best(side).into_iter().collect(),
            None => side.cells.clone(),
        }
    }

    /// Of a side's cells in which no trial diverged, the first with the highest mean validation accuracy.
    fn best(&self, side: &Side) -> Option<usize> {
        let validation = |&cell: &usize| {
            let seeds = self.board.plan.seeds.iter();
            let measure = Measure::Metric(Metric::VALIDATION_ACCURACY);
            let values: Vec<f64> = seeds
                .filter_map(|&seed| match self.value(measure, cell, seed, side.at, 0) {
                    SideValue::Number(value) => Some(value),
                    SideValue::Diverged | SideValue::Unmeasured => None,
                })
                .collect();
            Some((cell, Summary::of(&values)?.mean))
        };
        let cells = side.cells.iter().filter(|&&cell| self.tallies[cell].diverged == 0);
        let best = cells.filter_map(validation).reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map(|(cell, _)| cell)
    }

    /// Which value was chosen for each side of a claim that takes the best along an axis: `learning_rate = 0.1 against
    /// 0.003`.
    pub fn chosen(&self, claim: &Claim) -> Option<String> {
        let axis = claim.best_over.as_ref()?;
        let value = |side: &Side| {
            let cell = &self.board.plan.cells[self.best(side)?];
            Some(param_text(cell.params.get(axis)?))
        };
        let arm = value(&claim.arm)?;
        let versus = match &claim.versus {
            Versus::Side(side) => format!(" against {}", value(side)?),
            Versus::Bound(_) => String::new(),
        };
        Some(format!("{axis} = {arm}{versus}"))
    }

    /// The measure of one trial; `longest` stands for a number of steps if it never reaches the level.
    fn value(&self, measure: Measure, cell: usize, seed: u64, at: At, longest: usize) -> SideValue {
        let Some((state, config)) = self.trial(cell, seed) else { return SideValue::Unmeasured };
        match measure {
            _ if state.status.has_diverged() => SideValue::Diverged,
            Measure::Metric(metric) => {
                let value = evaluation(state, config, at).and_then(|index| measured(state, config, index, metric));
                value.map_or(SideValue::Unmeasured, SideValue::Number)
            }
            Measure::Layer { metric, layer } => {
                let step = evaluation(state, config, at).map(|index| state.curve.step[index]);
                let value = step.and_then(|step| of_layer(state, step, metric, layer));
                value.map_or(SideValue::Unmeasured, SideValue::Number)
            }
            Measure::StepsTo { metric, level } => match steps_to(state, config, metric, level) {
                StepsToLevel::Reached(step) => SideValue::Number(step as f64),
                StepsToLevel::Never => SideValue::Number(longest as f64),
                StepsToLevel::Unmeasured => SideValue::Unmeasured,
            },
        }
    }

    /// Updates of the longest training among a claim's cells.
    fn longest_training(&self, claim: &Claim) -> usize {
        let cells = claim.cells().filter_map(|cell| self.board.plan.cells.get(cell));
        cells.map(|cell| cell.config.total_steps()).max().unwrap_or(0)
    }

    /// How many trials never reached the level of a claim about steps; `None` for other claims.
    pub fn never(&self, claim: &Claim) -> Option<Never> {
        let Measure::StepsTo { metric, level } = claim.measure else { return None };
        let never = |side: &Side| {
            let seeds = &self.board.plan.seeds;
            let trials =
                side.cells.iter().flat_map(|&cell| seeds.iter().filter_map(move |&seed| self.trial(cell, seed)));
            let never = trials
                .clone()
                .filter(|(state, _)| !state.status.has_diverged())
                .filter(|(state, config)| matches!(steps_to(state, config, metric, level), StepsToLevel::Never));
            (never.count(), trials.count())
        };
        let arm = never(&claim.arm);
        let versus = match &claim.versus {
            Versus::Side(side) => Some(never(side)),
            Versus::Bound(_) => None,
        };
        let all = versus.is_some_and(|versus| [arm, versus].iter().all(|(never, trials)| never == trials));
        let versus = versus.map_or(0, |(never, _)| never);
        Some(Never { arm: arm.0, versus, counts_as: self.longest_training(claim), all })
    }

    /// The cells in which trials diverged, of those that a claim looks at: each once, by name.
    pub fn diverged(&self, claim: &Claim) -> Vec<(String, Diverged)> {
        let name = |cell: &Cell| match &cell.arm {
            Some(arm) => arm.clone(),
            None if cell.params.is_empty() => "the base".into(),
            None => assignments(&cell.params),
        };
        let mut cells: Vec<usize> = Vec::new();
        for cell in claim.cells() {
            if !cells.contains(&cell) {
                cells.push(cell);
            }
        }
        let diverged = |cell: usize| Some((name(&self.board.plan.cells[cell]), self.tallies[cell].divergence()?));
        cells.into_iter().filter_map(diverged).collect()
    }

    fn trial(&self, cell: usize, seed: u64) -> Option<(&TrialState, &Config)> {
        let index = *self.trials.get(&(cell, seed))?;
        Some((&self.board.trials[index], &self.board.plan.cells[cell].config))
    }
}

/// Index of the evaluation of a trial that `at` names; `None` if there is no such evaluation.
fn evaluation(state: &TrialState, config: &Config, at: At) -> Option<usize> {
    let curve = &state.curve;
    match at {
        At::Start => curve.step.iter().position(|&step| step == 0),
        At::Last => curve.len().checked_sub(1),
        At::Epoch(epoch) => curve.step.partition_point(|&step| config.epoch(step) <= epoch).checked_sub(1),
        At::Best => curve.best(),
    }
}

/// A metric at the evaluation with this index; a metric that only layers have is that of the last hidden layer.
fn measured(state: &TrialState, config: &Config, index: usize, metric: Metric) -> Option<f64> {
    let curve = &state.curve;
    curve.value(index, metric, config).or_else(|| of_layer(state, curve.step[index], metric, config.hidden.len()))
}

/// A metric of one layer, counted from 1, at the evaluation after `step` updates.
fn of_layer(state: &TrialState, step: u32, metric: Metric, layer: usize) -> Option<f64> {
    state.layers.iter().find(|layers| layers.step == step)?.of(metric, layer)
}

/// When a trial that did not diverge first reaches a level at an evaluation.
fn steps_to(state: &TrialState, config: &Config, metric: Metric, level: f64) -> StepsToLevel {
    let curve = &state.curve;
    let mut is_measured = false;
    for index in 0..curve.len() {
        let Some(value) = measured(state, config, index, metric) else { continue };
        is_measured = true;
        if if metric.rises() { value >= level } else { value <= level } {
            return StepsToLevel::Reached(curve.step[index] as usize);
        }
    }
    if is_measured { StepsToLevel::Never } else { StepsToLevel::Unmeasured }
}
