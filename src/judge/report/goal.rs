//! After how many updates an optimizer on a surface reaches a study's goal.

use crate::judge::stats::{Inference, Summary};
use crate::record::board::Board;

/// When one cell's completed trials first had an f at or below the goal.
#[derive(Clone, Debug, PartialEq)]
pub struct StepsToGoal {
    /// Updates until then, over the trials that got there; `None` if none did.
    pub reached: Option<Summary>,
    /// Number of trials that never got there; they are not part of the mean.
    pub never: usize,
}

impl StepsToGoal {
    /// Of the cell with this index; `None` without a goal, and if no completed trial has a trajectory.
    pub fn new(board: &Board, cell: usize, inference: Inference) -> Option<StepsToGoal> {
        let goal = board.plan.cells[cell].config.goal?.get();
        let trials = board.plan.trials.iter().zip(&board.trials).filter(|(trial, _)| trial.cell == cell);
        let steps: Vec<Option<u32>> = trials
            .filter(|(_, state)| state.status.has_completed())
            .filter(|(_, state)| !state.trajectory.is_empty())
            .map(|(_, state)| state.trajectory.steps_to(goal))
            .collect();
        let reached: Vec<f64> = steps.iter().flatten().map(|&step| f64::from(step)).collect();
        let never = steps.len() - reached.len();
        (!steps.is_empty()).then(|| StepsToGoal { reached: Summary::of(&reached, inference), never })
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::report::Table;
    use crate::plan::config::Finite;
    use crate::record::board::Board;
    use crate::record::board::samples::on_surface;

    #[test]
    fn trials_that_never_reach_the_goal_are_counted_and_not_averaged() {
        let mut board = on_surface();
        let steps = |board: &Board| {
            let of = |steps: super::StepsToGoal| (steps.reached.map(|reached| reached.mean), steps.never);
            Table::new(board).rows.into_iter().map(|row| row.steps_to_goal.map(of)).collect::<Vec<_>>()
        };
        let goal = |goal: f64| Some(Finite::try_from(goal).unwrap());
        assert_eq!(steps(&board), [None, None], "there is no goal");
        board.plan.cells.iter_mut().for_each(|cell| cell.config.goal = goal(5.0));
        assert_eq!(steps(&board), [Some((Some(1.0), 0)), None], "the other has diverged");
        board.plan.cells[0].config.goal = goal(0.1);
        assert_eq!(steps(&board)[0], Some((None, 1)));
        // A second seed of the cell reaches the goal.
        board.plan.trials[1].cell = 0;
        board.trials[1] = board.trials[0].clone();
        board.trials[1].trajectory.f[2] = 0.05;
        assert_eq!(steps(&board)[0], Some((Some(2.0), 1)));
    }
}
