//! Reads the values that a claim compares from the trials.

use super::Never;
use crate::judge::sequence::Sequence;
use crate::judge::stats::{Direction, Inference, Summary, without_rounding};
use crate::plan::config::{Config, DataSource};
use crate::plan::metric::Metric;
use crate::plan::{At, Cell, Claim, Measure, Side, Versus, assignments, param_text};
use crate::record::board::{Board, Diverged, TrialState};
use std::collections::HashMap;

/// The value of a trial, or of one side of a claim at one seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SideValue {
    /// In the unit of the claim's measure.
    Number(Range),
    /// There is no value because a trial diverged.
    Diverged,
    /// There is no value because a trial did not measure it.
    Unmeasured,
    /// A trial was not planned, has not ended or has failed.
    Unfinished,
}

/// A number that is known, or of which only a bound is: a level that was not reached within so many steps is reached after more of
/// them, or never. Bounds that are finite are not reached themselves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// −∞ if there is no bound.
    pub low: f64,
    /// ∞ if there is no bound.
    pub high: f64,
}

impl Range {
    /// A number that is known.
    fn exactly(number: f64) -> Range {
        Range { low: number, high: number }
    }

    /// The number, if it is known.
    pub fn known(self) -> Option<f64> {
        (self.low == self.high).then_some(self.low)
    }

    /// The number, or the one bound that there is.
    pub fn bound(self) -> Option<f64> {
        [self.low, self.high].into_iter().find(|end| end.is_finite())
    }

    /// On which side of `number` it is, as far as that is known.
    pub fn side_of(self, number: f64) -> Direction {
        match self.known() {
            Some(known) => Direction::of(without_rounding(known - number)),
            None if self.low >= number => Direction::Up,
            None if self.high <= number => Direction::Down,
            None => Direction::Neither,
        }
    }

    fn minus(self, other: Range) -> Range {
        Range { low: without_rounding(self.low - other.high), high: without_rounding(self.high - other.low) }
    }
}

/// Looks up the values of claims about the same cells.
pub struct Sides<'a> {
    cells: &'a [Cell],
    /// The seeds that are judged, in their order.
    seeds: &'a [u64],
    inference: Inference,
    /// The trials of the cells with these seeds that have a result.
    trials: HashMap<(usize, u64), &'a TrialState>,
}

/// When a trial first reaches a level.
enum StepsToLevel {
    /// After so many updates.
    Reached(usize),
    Never,
    Unmeasured,
}

impl<'a> Sides<'a> {
    /// The sides of claims about the plan's cells, over these seeds.
    pub fn of_plan(board: &'a Board, sequence: &'a Sequence) -> Sides<'a> {
        let seeds = &sequence.seeds[..];
        let planned = board.plan.trials.iter().zip(&board.trials);
        let with_result = planned.filter(|(_, state)| state.status.has_result());
        let mut trials: HashMap<_, _> = with_result.map(|(trial, state)| ((trial.cell, trial.seed), state)).collect();
        let unplanned: Vec<u64> = seeds.iter().copied().filter(|seed| !board.plan.seeds.contains(seed)).collect();
        for (place, cell) in board.plan.cells.iter().enumerate().filter(|_| !unplanned.is_empty()) {
            trials.extend(unplanned.iter().filter_map(|&seed| Some(((place, seed), board.result(cell, seed)?))));
        }
        Sides { cells: &board.plan.cells, seeds, inference: sequence.inference, trials }
    }

    /// The sides of a claim of an earlier plan about these cells.
    pub fn of_cells(board: &'a Board, cells: &'a [Cell], sequence: &'a Sequence) -> Sides<'a> {
        let seeds = &sequence.seeds[..];
        let mut trials = HashMap::new();
        for (place, cell) in cells.iter().enumerate() {
            trials.extend(seeds.iter().filter_map(|&seed| Some(((place, seed), board.result(cell, seed)?))));
        }
        Sides { cells, seeds, inference: sequence.inference, trials }
    }

    /// Arm minus versus at the seed with this place, and the larger magnitude of the two values; 0 without both.
    pub fn difference(&self, claim: &Claim, place: usize) -> (SideValue, f64) {
        let versus = match &claim.versus {
            Versus::Side(side) => self.side(claim, side, place),
            Versus::Bound(bound) => SideValue::Number(Range::exactly(*bound)),
        };
        match (self.side(claim, &claim.arm, place), versus) {
            (SideValue::Number(arm), SideValue::Number(versus)) => {
                let size = |range: Range| range.bound().unwrap_or(0.0).abs();
                (SideValue::Number(arm.minus(versus)), size(arm).max(size(versus)))
            }
            (SideValue::Unfinished, _) | (_, SideValue::Unfinished) => (SideValue::Unfinished, 0.0),
            (SideValue::Diverged, _) | (_, SideValue::Diverged) => (SideValue::Diverged, 0.0),
            _ => (SideValue::Unmeasured, 0.0),
        }
    }

    /// The value of a side's cell, or the spread (largest minus smallest value) over its cells.
    fn side(&self, claim: &Claim, side: &Side, place: usize) -> SideValue {
        let horizon = self.horizon(claim);
        let seed = self.seeds[place];
        if side.cells.iter().any(|&cell| !self.trials.contains_key(&(cell, seed))) {
            return SideValue::Unfinished;
        }
        let (mut smallest, mut largest) = (Range::exactly(f64::INFINITY), Range::exactly(f64::NEG_INFINITY));
        let cells = match claim.best_over {
            Some(_) => self.best(side, place).into_iter().collect(),
            None => side.cells.clone(),
        };
        // No cell was chosen, and trials diverged in all of those there were to choose from.
        let nothing_to_choose = cells.is_empty() && place > 0;
        let mut missing = nothing_to_choose.then_some(SideValue::Diverged);
        let measure = side.metric.map_or(claim.measure, |metric| claim.measure.with(metric));
        for cell in cells {
            let value = match (self.value(measure, cell, seed, side.at, horizon), claim.diverged_as) {
                (SideValue::Diverged, Some(value)) => SideValue::Number(Range::exactly(value)),
                (value, _) => value,
            };
            match value {
                SideValue::Number(Range { low, high }) => {
                    smallest = Range { low: smallest.low.min(low), high: smallest.high.min(high) };
                    largest = Range { low: largest.low.max(low), high: largest.high.max(high) };
                }
                SideValue::Diverged => missing = Some(SideValue::Diverged),
                SideValue::Unmeasured | SideValue::Unfinished => missing = missing.or(Some(SideValue::Unmeasured)),
            }
        }
        match missing {
            Some(missing) => missing,
            None if largest.low < smallest.low => SideValue::Unmeasured,
            None if claim.spread_over.is_some() => {
                // A spread is never below 0.
                let spread = largest.minus(smallest);
                SideValue::Number(Range { low: spread.low.max(0.0), ..spread })
            }
            None => SideValue::Number(largest),
        }
    }

    /// Of a side's cells in which no trial diverged, the first with the highest mean validation accuracy over the seeds before this one. A
    /// cell is never judged on seeds that helped to choose it, so the first seed only helps to choose.
    fn best(&self, side: &Side, place: usize) -> Option<usize> {
        let before = &self.seeds[..place];
        let validation = |&cell: &usize| {
            let measure = Measure::Metric(Metric::VALIDATION_ACCURACY);
            let values: Vec<f64> = before
                .iter()
                .filter_map(|&seed| match self.value(measure, cell, seed, side.at, 0) {
                    SideValue::Number(value) => value.known(),
                    SideValue::Diverged | SideValue::Unmeasured | SideValue::Unfinished => None,
                })
                .collect();
            Some((cell, Summary::of(&values, Inference::Fixed)?.mean))
        };
        // Where the number of seeds is not fixed, what is chosen must not depend on what comes later.
        let known = match self.inference {
            Inference::Fixed => self.seeds,
            Inference::Anytime => before,
        };
        let diverged = |cell: usize| {
            let mut states = known.iter().filter_map(|&seed| self.trials.get(&(cell, seed)));
            states.any(|state| state.status.has_diverged())
        };
        let cells = side.cells.iter().filter(|&&cell| !diverged(cell));
        let best = cells.filter_map(validation).reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map(|(cell, _)| cell)
    }

    /// Which values were chosen for each side of a claim that takes the best along an axis, most often first: `learning_rate = 0.1
    /// against 0.003`, over so many seeds, or `learning_rate = 0.1 (7 seeds), 0.3 (2 seeds) against 0.003`.
    pub fn chosen(&self, claim: &Claim, seeds: usize) -> Option<String> {
        let axis = claim.best_over.as_ref()?;
        let values = |side: &Side| {
            let mut chosen: Vec<(String, usize)> = Vec::new();
            for place in 1..seeds {
                let Some(cell) = self.best(side, place) else { continue };
                let value = param_text(self.cells[cell].params.get(axis)?);
                match chosen.iter_mut().find(|(other, _)| *other == value) {
                    Some((_, seeds)) => *seeds += 1,
                    None => chosen.push((value, 1)),
                }
            }
            chosen.sort_by_key(|&(_, seeds)| std::cmp::Reverse(seeds));
            match &chosen[..] {
                [] => None,
                [(value, _)] => Some(value.clone()),
                several => {
                    let each = several.iter().map(|(value, times)| format!("{value} ({times} of {})", seeds - 1));
                    Some(each.collect::<Vec<_>>().join(", "))
                }
            }
        };
        let arm = values(&claim.arm)?;
        let versus = match &claim.versus {
            Versus::Side(side) => format!(" against {}", values(side)?),
            Versus::Bound(_) => String::new(),
        };
        Some(format!("{axis} = {arm}{versus}"))
    }

    /// The measure of one trial; a number of steps counts up to `horizon`.
    fn value(&self, measure: Measure, cell: usize, seed: u64, at: At, horizon: usize) -> SideValue {
        let Some(state) = self.trials.get(&(cell, seed)) else { return SideValue::Unfinished };
        let config = &self.cells[cell].config;
        let number = |value: f64| SideValue::Number(Range::exactly(value));
        match measure {
            _ if state.status.has_diverged() => SideValue::Diverged,
            Measure::Metric(metric) => {
                let value = evaluation(state, config, at).and_then(|index| measured(state, config, index, metric));
                value.map_or(SideValue::Unmeasured, number)
            }
            Measure::Layer { metric, layer } => {
                let step = evaluation(state, config, at).map(|index| state.curve.step[index]);
                let value = step.and_then(|step| of_layer(state, step, metric, layer));
                value.map_or(SideValue::Unmeasured, number)
            }
            Measure::StepsTo { metric, level } => match steps_to(state, config, metric, level) {
                StepsToLevel::Reached(step) if step <= horizon => number(step as f64),
                StepsToLevel::Reached(_) | StepsToLevel::Never => {
                    SideValue::Number(Range { low: horizon as f64, high: f64::INFINITY })
                }
                StepsToLevel::Unmeasured => SideValue::Unmeasured,
            },
        }
    }

    /// Updates of the shortest training among a claim's cells: what comes later, not all of them had the time to do.
    fn horizon(&self, claim: &Claim) -> usize {
        let steps = |cell: usize| match self.cells[cell].config.data {
            // Only the trials tell how long they were.
            DataSource::Program => {
                let states = self.seeds.iter().filter_map(move |&seed| self.trials.get(&(cell, seed)));
                let lasts =
                    states.filter(|state| !state.status.has_diverged()).filter_map(|state| state.curve.step.last());
                lasts.min().map_or(0, |&step| step as usize)
            }
            DataSource::Set(_) | DataSource::Surface => self.cells[cell].config.total_steps(),
        };
        claim.cells().map(steps).min().unwrap_or(0)
    }

    /// How many trials did not reach the level of a claim about steps in time; `None` for other claims.
    pub fn never(&self, claim: &Claim) -> Option<Never> {
        let Measure::StepsTo { metric, level } = claim.measure else { return None };
        let horizon = self.horizon(claim);
        let never = |side: &Side| {
            let seeds = self.seeds.iter();
            let trials = side.cells.iter().flat_map(|&cell| seeds.clone().map(move |&seed| (cell, seed)));
            let never = trials.filter(|&(cell, seed)| {
                let trial = self.trials.get(&(cell, seed)).filter(|state| !state.status.has_diverged());
                trial.is_some_and(|state| match steps_to(state, &self.cells[cell].config, metric, level) {
                    StepsToLevel::Reached(step) => step > horizon,
                    StepsToLevel::Never => true,
                    StepsToLevel::Unmeasured => false,
                })
            });
            never.count()
        };
        let versus = match &claim.versus {
            Versus::Side(side) => never(side),
            Versus::Bound(_) => 0,
        };
        Some(Never { arm: never(&claim.arm), versus, horizon })
    }

    /// The cells in which trials diverged with the first so many seeds, of those that a claim looks at: each once, by name.
    pub fn diverged(&self, claim: &Claim, seeds: usize) -> Vec<(String, Diverged)> {
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
        let diverged = |cell: usize| {
            let states = self.seeds[..seeds].iter().filter_map(|&seed| self.trials.get(&(cell, seed)));
            let steps: Vec<u32> = states.filter_map(|state| state.status.diverged_at()).collect();
            Some((name(&self.cells[cell]), Diverged::new(&steps, seeds)?))
        };
        cells.into_iter().filter_map(diverged).collect()
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
