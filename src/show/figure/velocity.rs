//! What the velocity of momentum does: how long steps are along a valley and across it, relative to those of SGD.

use super::paths::{by_surface, names, trial};
use super::{Axis, Figure, Hue, Lines, Plot, Series};
use crate::plan::config::{ALL_RECORDED, Config, Optimizer, Ramp, Surface};
use crate::record::board::{Board, Status};
use crate::record::event::{Outcome, Trajectory};
use crate::surface;

/// Steps are compared in groups of so many, since a single one may start where the slope happens to be 0.
const STEPS: usize = 20;

/// The direction in which steps are measured, relative to the valley.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Along,
    Across,
}

/// The name, the cells and the direction of each picture: two for each straight valley that an optimizer with a velocity
/// descends at a constant rate and with a constant momentum.
pub fn pictures(board: &Board) -> Vec<(String, Vec<usize>, Direction)> {
    let of_velocity = |&cell: &usize| {
        let config = &board.plan.cells[cell].config;
        let is_constant = config.has_constant_rate() && !config.optimizer.ramp().is_some_and(Ramp::is_there);
        is_constant && config.optimizer.momentum().is_some()
    };
    let valleys: Vec<(Surface, Vec<usize>)> = by_surface(board)
        .into_iter()
        .filter(|(surface, _)| is_along_an_axis(*surface))
        .map(|(surface, cells)| (surface, cells.into_iter().filter(of_velocity).collect::<Vec<_>>()))
        .filter(|(_, cells)| !cells.is_empty())
        .collect();
    let several = valleys.len() > 1;
    let both = [("along", Direction::Along), ("across", Direction::Across)];
    let pictures = valleys.into_iter().flat_map(|(surface, cells)| {
        let valley = if several { format!("/{}", surface::name(surface)) } else { String::new() };
        both.map(|(name, direction)| (format!("velocity{valley}/{name}"), cells.clone(), direction))
    });
    pictures.collect()
}

pub fn figure(board: &Board, cells: &[usize], direction: Direction) -> Figure {
    let config = |cell: usize| &board.plan.cells[cell].config;
    let steps = cells.iter().map(|&cell| config(cell).total_steps()).max().unwrap_or(1) as f64;
    let curve = |(nth, (name, &cell)): (usize, (String, &usize))| {
        let points = trial(board, cell).map_or(Vec::new(), |state| gains(config(cell), &state.trajectory, direction));
        Series { name, hue: Hue::nth(nth), dotted: nth % 2 == 1, points, band: Vec::new() }
    };
    let mut series: Vec<Series> = names(board, cells).into_iter().zip(cells).enumerate().map(curve).collect();
    // The axis ends at 1.5 times the limit, so that a path that diverges does not press the others to the floor.
    let alpha = cells.iter().find_map(|&cell| config(cell).optimizer.momentum()).unwrap_or(0.0);
    let (long, short) = (1.0 / (1.0 - alpha), 1.0 / (1.0 + alpha));
    let (value, text) = match direction {
        Direction::Along => (long, format!("1/(1−α) = {}", rounded(long))),
        Direction::Across => (short, format!("1/(1+α) = {}", rounded(short))),
    };
    let highest = series.iter().flat_map(|series| &series.points).map(|point| point.1).fold(value, f64::max);
    let axis = Axis::from_zero("step, in SGD's", [highest.min(1.5 * long)]);
    series.iter_mut().flat_map(|series| &mut series.points).for_each(|point| {
        point.1 = if point.1 > axis.high { f64::NAN } else { point.1 };
    });
    // The limits are drawn only if all cells have the same momentum.
    let shared = cells.iter().filter_map(|&cell| config(cell).optimizer.momentum()).all(|other| other == alpha);
    let limit = shared.then_some((text, value));
    for (name, height) in limit.into_iter().chain([("SGD = 1".into(), 1.0)]) {
        let points = vec![(0.0, height), (steps, height)];
        series.push(Series { name, hue: Hue::Grey, dotted: true, points, band: Vec::new() });
    }
    let whole =
        |cell: &usize| trial(board, *cell).is_none_or(|state| every_step(&state.trajectory) == state.trajectory.len());
    let ends = match cells.iter().all(whole) {
        true => String::new(),
        false => format!(" It ends after {ALL_RECORDED} steps: of those after them, not each is recorded."),
    };
    let has_nesterov = cells.iter().any(|&cell| matches!(config(cell).optimizer, Optimizer::Nesterov(_)));
    let nesterov = match has_nesterov {
        true => {
            " Nesterov takes the gradient where V is about to carry it: it sees the far wall before it is there and brakes, \
             so its swings die out sooner, as the paths show."
        }
        false => "",
    };
    let (title, caption) = match direction {
        Direction::Along => (
            "Velocity along the valley",
            format!(
                "How long the last {STEPS} steps (at first as many as there are) along the valley are together, in SGD's from the same places. The slope \
                 keeps its direction there, so every step adds to those before: V is the sum of all past gradients, each \
                 weighing α times the next, and grows toward 1 + α + α² + … = 1/(1−α) = {} gradients; \
                 beyond, where the slope falls on the way and the older, larger gradients still weigh.",
                rounded(long)
            ),
        ),
        Direction::Across => (
            "Velocity across the valley",
            format!(
                "How long the last {STEPS} steps across the valley are together, in SGD's from the same places. Where the \
                 slope turns round at each step, gradients cancel in V, down to 1 − α + α² − … = 1/(1+α) = {} of one; \
                 where it turns round more slowly, they add up first and cancel later.{nesterov}",
                rounded(short)
            ),
        ),
    };
    let lines = Lines { x: Axis::linear("step", 0.0, steps), y: axis, series };
    let caption = format!("{caption}{ends}{}", of_trials(board, cells));
    Figure { title: title.into(), moment: None, plot: Plot::Lines(lines), caption }
}

/// A sentence on which trials are drawn, and which of them diverge.
fn of_trials(board: &Board, cells: &[usize]) -> String {
    let seed = board.plan.seeds.first().map_or(0, |&seed| seed);
    let diverged =
        names(board, cells).into_iter().zip(cells).filter_map(|(name, &cell)| match trial(board, cell)?.status {
            Status::Finished(Outcome::Diverged { step }) => {
                Some(format!(" {name} diverges and ends after {step} steps."))
            }
            _ => None,
        });
    format!(" Seed {seed} of {}.{}", board.plan.seeds.len(), diverged.collect::<String>())
}

/// Rounded to three decimals.
fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

/// (step, Σ|Δ| / Σ learning_rate·|∂f| of the last steps in one direction). A gap where SGD would not move.
fn gains(config: &Config, trajectory: &Trajectory, direction: Direction) -> Vec<(f64, f64)> {
    let axis = usize::from(is_steep_along_x(config.surface) == (direction == Direction::Along));
    let places: Vec<[f64; 2]> = trajectory.places().take(every_step(trajectory)).map(|place| place.at).collect();
    let steps: Vec<(f64, f64)> = places
        .windows(2)
        .map(|pair| {
            let slope = surface::gradient(config.surface, pair[0])[axis];
            ((pair[1][axis] - pair[0][axis]).abs(), config.learning_rate() * slope.abs())
        })
        .collect();
    let gain = |last: usize| {
        let together = &steps[(last + 1).saturating_sub(STEPS)..=last];
        let sum = together.iter().fold((0.0, 0.0), |sum, step| (sum.0 + step.0, sum.1 + step.1));
        (f64::from(trajectory.step[last + 1]), sum.0 / sum.1)
    };
    (0..steps.len()).map(gain).collect()
}

/// The number of places from the start on of which none was left out.
fn every_step(trajectory: &Trajectory) -> usize {
    trajectory.step.iter().zip(0..).take_while(|(step, place)| *step == place).count()
}

/// Whether a surface is a valley along the x or the y axis.
fn is_along_an_axis(surface: Surface) -> bool {
    match surface {
        Surface::Bowl {} => true,
        Surface::Quadratic { angle, .. } => angle.get() == 0.0,
        _ => false,
    }
}

/// Whether the surface is steeper along x, so that the valley runs along y.
fn is_steep_along_x(surface: Surface) -> bool {
    matches!(surface, Surface::Quadratic { condition, .. } if condition.get() < 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::event::Place;
    use serde_json::json;

    #[test]
    fn steps_are_told_in_those_of_sgd_from_the_same_places() {
        let config = json!({ "data": "surface", "optimizer": "momentum", "learning_rate": 0.1, "steps": 2 });
        let config: Config = serde_json::from_value(config).unwrap();
        let mut trajectory = Trajectory::default();
        // On the bowl, by hand: V = (.07, −.4), then .9 V − .1·(−.693, 3.2) = (.1323, −.68).
        for (step, at) in [[-7.0, 2.0], [-6.93, 1.6], [-6.7977, 0.92]].into_iter().enumerate() {
            trajectory.push(Place { step: step as u32, at, f: 0.0, velocity: [0.0; 2] });
        }
        let near = |found: Vec<(f64, f64)>, by_hand: [f64; 2]| {
            assert_eq!(found.len(), 2);
            assert!(found.iter().zip(by_hand).all(|(found, by_hand)| (found.1 - by_hand).abs() < 1e-12), "{found:?}");
        };
        near(gains(&config, &trajectory, Direction::Along), [1.0, (0.07 + 0.1323) / (0.07 + 0.0693)]);
        near(gains(&config, &trajectory, Direction::Across), [1.0, (0.4 + 0.68) / (0.4 + 0.32)]);
    }
}
