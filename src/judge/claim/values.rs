//! What a claim reads off the trials.

use super::Never;
use crate::judge::stats::{Summary, without_rounding};
use crate::plan::config::Config;
use crate::plan::metric::Metric;
use crate::plan::{At, Cell, Claim, Measure, Side, Versus, assignments, param_text};
use crate::record::board::{Board, Diverged, Tally, TrialState};
use std::collections::HashMap;

/// What a trial, or all trials of a side with one seed, come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SideValue {
    Number(f64),
    /// No value, as a trial diverged.
    Diverged,
    /// No value, as a trial did not measure it.
    Unmeasured,
}

pub struct Sides<'a> {
    board: &'a Board,
    /// Index of the trial of a cell with a seed.
    trials: HashMap<(usize, u64), usize>,
    /// By cell.
    tallies: Vec<Tally>,
}

/// A trial's way to a level.
enum Way {
    /// After so many updates.
    Reached(usize),
    Never,
    Unmeasured,
}

impl Sides<'_> {
    pub fn new(board: &Board) -> Sides<'_> {
        let trials = board.plan.trials.iter().enumerate().map(|(place, trial)| ((trial.cell, trial.seed), place));
        Sides { board, trials: trials.collect(), tallies: board.tally_by_cell() }
    }

    /// Arm minus versus, and the larger magnitude of the two.
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

    /// The value of a side's cell, or the spread of those of its cells.
    fn side(&self, claim: &Claim, side: &Side, seed: u64) -> SideValue {
        let horizon = self.horizon(claim);
        let (mut smallest, mut largest) = (f64::INFINITY, f64::NEG_INFINITY);
        let cells = self.cells(claim, side);
        // Trials diverged in every cell that there is to choose from.
        let nothing_to_choose = cells.is_empty() && side.cells.iter().any(|&cell| self.tallies[cell].diverged > 0);
        let mut gap = nothing_to_choose.then_some(SideValue::Diverged);
        let measure = side.metric.map_or(claim.measure, |metric| claim.measure.with(metric));
        for cell in cells {
            let value = match (self.value(measure, cell, seed, side.at, horizon), claim.diverged_as) {
                (SideValue::Diverged, Some(value)) => SideValue::Number(value),
                (value, _) => value,
            };
            match value {
                SideValue::Number(value) => (smallest, largest) = (smallest.min(value), largest.max(value)),
                SideValue::Diverged => gap = Some(SideValue::Diverged),
                SideValue::Unmeasured => gap = gap.or(Some(SideValue::Unmeasured)),
            }
        }
        match gap {
            Some(gap) => gap,
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

    /// The first of a side's cells with the highest mean validation accuracy, of those in which no trial diverged.
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

    /// What was chosen for each side of a claim that takes the best along an axis: `learning_rate = 0.1 against 0.003`.
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

    fn value(&self, measure: Measure, cell: usize, seed: u64, at: At, horizon: usize) -> SideValue {
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
            Measure::StepsTo { metric, level } => match way(state, config, metric, level) {
                Way::Reached(step) => SideValue::Number(step as f64),
                Way::Never => SideValue::Number(horizon as f64),
                Way::Unmeasured => SideValue::Unmeasured,
            },
        }
    }

    /// Updates of the longest training among a claim's cells.
    fn horizon(&self, claim: &Claim) -> usize {
        let cells = claim.cells().filter_map(|cell| self.board.plan.cells.get(cell));
        cells.map(|cell| cell.config.total_steps()).max().unwrap_or(0)
    }

    /// How many trials never reached the level of a claim about steps.
    pub fn never(&self, claim: &Claim) -> Option<Never> {
        let Measure::StepsTo { metric, level } = claim.measure else { return None };
        let never = |side: &Side| {
            let seeds = &self.board.plan.seeds;
            let trials =
                side.cells.iter().flat_map(|&cell| seeds.iter().filter_map(move |&seed| self.trial(cell, seed)));
            let never = trials
                .clone()
                .filter(|(state, _)| !state.status.has_diverged())
                .filter(|(state, config)| matches!(way(state, config, metric, level), Way::Never));
            (never.count(), trials.count())
        };
        let arm = never(&claim.arm);
        let versus = match &claim.versus {
            Versus::Side(side) => Some(never(side)),
            Versus::Bound(_) => None,
        };
        let all = versus.is_some_and(|versus| [arm, versus].iter().all(|(never, trials)| never == trials));
        let versus = versus.map_or(0, |(never, _)| never);
        Some(Never { arm: arm.0, versus, counts_as: self.horizon(claim), all })
    }

    /// The cells that a claim looks at in which trials diverged, each once, by name.
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
        let place = *self.trials.get(&(cell, seed))?;
        Some((&self.board.trials[place], &self.board.plan.cells[cell].config))
    }
}

/// Which of its evaluations that of a trial at a time is.
fn evaluation(state: &TrialState, config: &Config, at: At) -> Option<usize> {
    let curve = &state.curve;
    match at {
        At::Start => curve.step.iter().position(|&step| step == 0),
        At::Last => curve.len().checked_sub(1),
        At::Epoch(epoch) => curve.step.partition_point(|&step| config.epoch(step) <= epoch).checked_sub(1),
        At::Best => curve.best(),
    }
}

/// A metric at an evaluation, by index; of the last hidden layer, where only layers have it.
fn measured(state: &TrialState, config: &Config, index: usize, metric: Metric) -> Option<f64> {
    let curve = &state.curve;
    curve.value(index, metric, config).or_else(|| of_layer(state, curve.step[index], metric, config.hidden.len()))
}

fn of_layer(state: &TrialState, step: u32, metric: Metric, layer: usize) -> Option<f64> {
    state.layers.iter().find(|layers| layers.step == step)?.of(metric, layer)
}

/// Of a trial that did not diverge.
fn way(state: &TrialState, config: &Config, metric: Metric, level: f64) -> Way {
    let curve = &state.curve;
    let mut found = false;
    for index in 0..curve.len() {
        let Some(value) = measured(state, config, index, metric) else { continue };
        found = true;
        if if metric.rises() { value >= level } else { value <= level } {
            return Way::Reached(curve.step[index] as usize);
        }
    }
    if found { Way::Never } else { Way::Unmeasured }
}
