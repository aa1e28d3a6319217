//! The state of a study: a fold of its events, the same live as in a replay.

mod diverged;
#[cfg(test)]
pub(crate) mod samples;
mod tally;
mod trial;
mod unplanned;

pub use diverged::Diverged;
pub use tally::Tally;
pub use trial::{Status, TrialState};
pub use unplanned::Unplanned;

use crate::plan::{Cell, History, Identity, Known, Plan, Trial, TrialId, trial_id};
use crate::record::event::Event;
use std::collections::HashMap;
use std::collections::HashSet;
use std::iter;

/// All that a screen, a table or an export can show of a study.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    /// The newest plan.
    pub plan: Plan,
    /// In the order of `plan.trials`. Trials that share an id are the same training and always have equal states.
    pub trials: Vec<TrialState>,
    /// Indices of the planned trials with this id, one at least, ascending.
    index: HashMap<TrialId, Vec<usize>>,
    /// What is known of trials that the newest plan does not ask for: a later plan may again.
    unplanned: Unplanned,
    /// The plans that asked for those.
    earlier: Vec<Plan>,
    /// What all plans have asked for, from the first on.
    history: History,
}

impl Board {
    /// The board of a plan of which nothing has been trained.
    pub fn new(plan: Plan) -> Board {
        Board::with(plan, Unplanned::default())
    }

    /// The board of a plan, of which some trials may have been trained for a plan that was lost.
    pub fn with(mut plan: Plan, mut unplanned: Unplanned) -> Board {
        let given = plan.history.take().map(|history| *history);
        let has_result = |cell: &Cell, seed: u64| {
            let state = unplanned.0.get(&trial_id(&cell.config, seed));
            state.is_some_and(|state| state.status.has_result())
        };
        let known = Known { any: unplanned.results() > 0, all: false, has_result: &has_result };
        let mut history = given.unwrap_or_else(|| History::default().followed_by(None, &plan, &known));
        let mut board = Board::of(plan, History::default());
        board.adopt(&mut unplanned);
        // The plan that was lost asked for other trials than this one.
        history.anytime |= unplanned.results() > 0;
        Board { unplanned, history, ..board }
    }

    /// Gives planned trials the results that are known of them.
    fn adopt(&mut self, unplanned: &mut Unplanned) {
        for (&id, places) in &self.index {
            let problem = self.plan.problem_of(&self.plan.cells[self.plan.trials[places[0]].cell]);
            if let Some(result) = unplanned.take(id, &problem) {
                places.iter().for_each(|&place| self.trials[place].clone_from(&result));
            }
        }
    }

    /// A board of which nothing has been trained, with the history of its plan.
    fn of(plan: Plan, history: History) -> Board {
        let mut index: HashMap<TrialId, Vec<usize>> = HashMap::with_capacity(plan.trials.len());
        plan.trials.iter().enumerate().for_each(|(place, trial)| index.entry(trial.id).or_default().push(place));
        let trials = plan.trials.iter().map(|_| TrialState::new(Status::Waiting)).collect();
        Board { plan, trials, index, unplanned: Unplanned::default(), earlier: Vec::new(), history }
    }

    /// Folds one event into the state. Events of trials that already have a result are ignored.
    pub fn apply(&mut self, event: &Event) {
        match (event, event.trial()) {
            (Event::StudyStarted(plan), _) => self.replan(plan.clone()),
            (_, Some(trial)) if self.index.contains_key(&trial) => {
                let Board { plan, trials, index, .. } = self;
                for &place in index.get(&trial).into_iter().flatten() {
                    let problem = plan.problem_of(&plan.cells[plan.trials[place].cell]);
                    trials[place].apply(event);
                    if matches!(event, Event::Evaluated { .. }) {
                        // Journals before format 2.1 have zeros for the metrics that surfaces do not have.
                        trials[place].curve.keep(|metric| problem.has(metric));
                    }
                }
            }
            (_, Some(_)) => self.unplanned.apply(event),
            (_, None) => {
                self.cut_off_running();
                self.unplanned.apply(event);
            }
        }
    }

    /// Events that lead to an equal board: all that is known, also the results that the newest plan does not ask for.
    pub fn events(&self) -> impl Iterator<Item = Event> {
        let mut seen = HashSet::new();
        let of_plans: HashSet<TrialId> =
            self.earlier.iter().flat_map(|plan| &plan.trials).map(|trial| trial.id).collect();
        let mut of_none: Vec<_> =
            self.unplanned.0.iter().filter(|(id, state)| !of_plans.contains(id) && state.status.has_result()).collect();
        of_none.sort_unstable_by_key(|(id, _)| **id);
        let of_none = of_none.into_iter().flat_map(|(&id, state)| state.events(id));
        let earlier = self.earlier.iter().flat_map(move |plan| {
            let unplanned = |id: TrialId| Some((id, self.unplanned.0.get(&id)?));
            let ids = plan.trials.iter().map(|trial| trial.id).filter(|&id| seen.insert(id)).collect::<Vec<_>>();
            let results = ids.into_iter().filter_map(unplanned);
            iter::once(Event::StudyStarted(plan.clone())).chain(results.flat_map(|(id, state)| state.events(id)))
        });
        let trials = move |running: bool| {
            let wanted = self.trainings().filter(move |&at| (self.trials[at].status == Status::Running) == running);
            wanted.flat_map(|at| self.trials[at].events(self.plan.trials[at].id))
        };
        let cut_off = self.trials.iter().any(|state| state.status == Status::CutOff);
        earlier
            .chain([Event::StudyStarted(Plan { history: Some(Box::new(self.history.clone())), ..self.plan.clone() })])
            .chain(trials(false))
            .chain(cut_off.then_some(Event::StudyFinished))
            .chain(trials(true))
            .chain(of_none)
    }

    /// Marks running trials as cut off: to be called when no program trains them any more.
    pub fn cut_off_running(&mut self) {
        self.trials.iter_mut().for_each(TrialState::cut_off);
    }

    /// All trials that have a result, each with its plan. A result that the newest plan does not ask for comes with each
    /// earlier plan that is kept and asked for it, so it may come several times.
    pub fn results(&self) -> impl Iterator<Item = (&Plan, &Trial)> {
        let planned = self.plan.trials.iter().zip(&self.trials).filter(|(_, state)| state.status.has_result());
        let earlier = self.earlier.iter().flat_map(|plan| plan.trials.iter().map(move |trial| (plan, trial)));
        let unplanned = earlier.filter(|(_, trial)| self.unplanned.0.contains_key(&trial.id));
        planned.map(|(trial, _)| (&self.plan, trial)).chain(unplanned)
    }

    /// Number of results that neither the newest plan nor an earlier one asks for: their plan was lost.
    pub fn results_without_plan(&self) -> usize {
        let planned: HashSet<TrialId> =
            self.earlier.iter().flat_map(|plan| &plan.trials).map(|trial| trial.id).collect();
        let results = self.unplanned.0.iter().filter(|(_, state)| state.status.has_result());
        results.filter(|(id, _)| !planned.contains(id)).count()
    }

    /// What all plans have asked for, from the first on.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The trial of a cell with a seed, of any plan, if it has a result.
    pub fn result(&self, cell: &Cell, seed: u64) -> Option<&TrialState> {
        let identity = Identity::default();
        let ids = [Identity::trial(&identity.canonical(&cell.config), seed), identity.former(&cell.config, seed)];
        let of = |id: &TrialId| {
            let planned = self.find(id).first().map(|&index| &self.trials[index]);
            planned.or_else(|| self.unplanned.0.get(id)).filter(|state| state.status.has_result())
        };
        ids.iter().find_map(of)
    }

    /// Indices, into `trials` and `plan.trials`, of the trials with this id; none if it is not planned.
    pub fn find(&self, id: &TrialId) -> &[usize] {
        self.index.get(id).map_or(&[], Vec::as_slice)
    }

    /// Index of one trial for each training, in the order of the plan: of those that share an id, the first.
    pub fn trainings(&self) -> impl Iterator<Item = usize> {
        (0..self.trials.len()).filter(|&trial| self.find(&self.plan.trials[trial].id).first() == Some(&trial))
    }

    /// The cell of the trial with this index. Panics unless `trial < trials.len()`.
    pub fn cell(&self, trial: usize) -> &Cell {
        &self.plan.cells[self.plan.trials[trial].cell]
    }

    /// Whether every trial has a result: completed or diverged.
    pub fn complete(&self) -> bool {
        self.trials.iter().all(|state| state.status.has_result())
    }

    /// Indices of what has to be trained, or trained again: one trial for each training that has no result.
    pub fn missing(&self) -> Vec<usize> {
        self.trainings().filter(|&trial| !self.trials[trial].status.has_result()).collect()
    }

    /// Replaces the plan. No result is lost: those that the new plan does not ask for are kept for later plans.
    fn replan(&mut self, mut plan: Plan) {
        let given = plan.history.take();
        let replayed = self.history_with(&plan);
        let history = given.map_or(replayed.clone(), |history| history.and(replayed));
        let old = std::mem::replace(self, Board::of(plan, history));
        let planned = old.plan.trials.iter().map(|trial| trial.id).zip(old.trials);
        let mut unplanned = old.unplanned;
        unplanned.0.extend(planned.filter(|(_, state)| state.status.has_result()));
        unplanned.0.retain(|_, state| state.status.has_result());
        self.adopt(&mut unplanned);
        self.unplanned = unplanned;
        self.earlier = old.earlier;
        self.earlier.push(old.plan);
        let mut wanted: HashSet<TrialId> = self.unplanned.0.keys().copied().collect();
        // For each result, only the newest plan that asked for it is kept.
        self.earlier.reverse();
        self.earlier.retain(|plan| plan.trials.iter().filter(|trial| wanted.remove(&trial.id)).count() > 0);
        self.earlier.reverse();
    }

    /// The history if this plan follows the newest one.
    pub fn history_with(&self, plan: &Plan) -> History {
        let any = self.unplanned.results() > 0 || self.trials.iter().any(|state| state.status.has_result());
        let has_result = |cell: &Cell, seed: u64| self.result(cell, seed).is_some();
        let known = Known { any, all: self.complete(), has_result: &has_result };
        self.history.clone().followed_by(Some(&self.plan), plan, &known)
    }
}

#[cfg(test)]
mod tests {
    use super::samples::{completed, overfit, overfit_plan, point};
    use super::*;
    use crate::record::event::{Counts, Curve, Layers, Outcome, Point};
    use proptest::prelude::*;

    /// Any event about one of the six trials that [`small_plan`] holds, or about two that it does not.
    fn event() -> impl Strategy<Value = Event> {
        let trial = || (1u64..=8).prop_map(TrialId);
        let outcome = prop_oneof![
            any::<u64>().prop_map(completed),
            any::<u32>().prop_map(|step| Outcome::Diverged { step }),
            Just(Outcome::Failed { message: "a bug".into() }),
            Just(Outcome::Cancelled),
        ];
        prop_oneof![
            2 => trial().prop_map(|trial| Event::TrialStarted { trial }),
            2 => (trial(), 0u32..300).prop_map(|(trial, correct)| {
                let mut curve = Curve::default();
                curve.push(point(correct, correct));
                Event::Evaluated { trial, curve }
            }),
            4 => (trial(), outcome, prop::option::of(0usize..3)).prop_map(|(trial, outcome, evaluations)| {
                let counts = evaluations.map(|evaluations| Counts { evaluations, ..Counts::default() });
                Event::TrialFinished { trial, outcome, seconds: 1.0, counts }
            }),
            1 => Just(Event::StudyFinished),
            1 => (0usize..=6).prop_map(|first| Event::StudyStarted(small_plan(first))),
        ]
    }

    /// Six trials, of which the first `first` are moved to the end.
    fn small_plan(first: usize) -> Plan {
        let mut plan = overfit_plan();
        plan.trials.truncate(6);
        plan.trials.rotate_left(first);
        plan
    }

    /// The first so many trials of a plan.
    fn part_of_plan(trials: usize) -> Plan {
        let mut plan = overfit_plan();
        plan.trials.truncate(trials);
        plan
    }

    fn results(board: &Board) -> HashMap<TrialId, TrialState> {
        let trials = board.plan.trials.iter().zip(&board.trials);
        trials.filter(|(_, state)| state.status.has_result()).map(|(trial, state)| (trial.id, state.clone())).collect()
    }

    proptest! {
        #[test]
        fn a_first_result_is_never_replaced(events in prop::collection::vec(event(), 0..60)) {
            let mut board = Board::new(small_plan(0));
            for event in &events {
                let before = results(&board);
                board.apply(event);
                let after = results(&board);
                for (id, result) in before {
                    prop_assert_eq!(after.get(&id), Some(&result));
                }
                prop_assert_eq!(board.missing().len(), 6 - after.len());
                prop_assert_eq!(board.complete(), after.len() == 6);
            }
        }
    }

    proptest! {
        #[test]
        fn the_events_of_a_board_lead_to_an_equal_board(
            events in prop::collection::vec(
                prop_oneof![8 => event(), 1 => (0usize..=9).prop_map(|trials| Event::StudyStarted(part_of_plan(trials)))],
                0..60,
            )
        ) {
            let mut board = Board::new(small_plan(0));
            events.iter().for_each(|event| board.apply(event));
            // What has no result and no plan is of no use to anybody.
            board.unplanned.0.retain(|_, state| state.status.has_result());
            let mut events = board.events();
            let Some(Event::StudyStarted(first)) = events.next() else { panic!("no plan") };
            let mut again = Board::new(first);
            events.for_each(|event| again.apply(&event));
            prop_assert_eq!(&again, &board);
        }
    }

    #[test]
    fn a_new_plan_keeps_the_results_it_asks_for() {
        let mut board = overfit();
        let mut plan = overfit_plan();
        plan.trials.retain(|trial| trial.seed != 0);
        plan.trials.push(Trial::new(TrialId(99), 0, 99));
        let kept = board.trials[1].clone();
        board.apply(&Event::StudyStarted(plan));
        assert_eq!(board.trials.len(), 17);
        assert_eq!(board.trials[0], kept);
        assert_eq!(board.missing(), [16], "only the new trial has to be trained");
        assert_eq!(board.trials[16].status, Status::Waiting);
    }

    #[test]
    fn a_trial_that_starts_again_begins_a_new_curve() {
        let trial = TrialId(1);
        let mut curve = Curve::default();
        curve.push(point(30, 1000));
        let mut board = Board::new(overfit_plan());
        for _ in 0..2 {
            board.apply(&Event::TrialStarted { trial });
            board.apply(&Event::Evaluated { trial, curve: curve.clone() });
            board.apply(&Event::StudyFinished);
            assert_eq!(board.trials[0].status, Status::CutOff);
            assert_eq!(board.trials[0].curve, curve);
        }
        assert!(!board.complete());
    }

    #[test]
    fn a_finished_trial_with_missing_events_has_no_result() {
        let trial = TrialId(1);
        let mut curve = Curve::default();
        (0..3).for_each(|step| curve.push(Point { step, ..point(step, step) }));
        let layers = Event::LayersProbed { trial, layers: Layers::default() };
        let finished = |evaluations, layers| {
            let counts = Some(Counts { evaluations, layers, ..Counts::default() });
            Event::TrialFinished { trial, outcome: completed(1), seconds: 1.0, counts }
        };
        for (counted, whole) in [((3, 1), true), ((4, 1), false), ((2, 1), false), ((3, 2), false), ((3, 0), false)] {
            let mut board = Board::new(overfit_plan());
            board.apply(&Event::TrialStarted { trial });
            board.apply(&Event::Evaluated { trial, curve: curve.clone() });
            board.apply(&layers);
            board.apply(&finished(counted.0, counted.1));
            assert_eq!(board.trials[0].status.has_result(), whole, "{counted:?}");
            assert_eq!(board.missing().contains(&0), !whole);
        }
    }

    #[test]
    fn trials_that_are_one_training_are_known_alike_and_trained_once() {
        let mut plan = overfit_plan();
        let shared = plan.trials[0].id;
        plan.trials[7].id = shared;
        let mut board = Board::new(plan);
        assert_eq!(board.missing().len(), 19);
        assert!(board.missing().contains(&0) && !board.missing().contains(&7));
        super::samples::trial(&mut board, 1, point(30, 1000), completed(1));
        assert!(board.trials[0].status.has_result());
        assert_eq!((board.find(&shared), &board.trials[0]), (&[0, 7][..], &board.trials[7]));
        assert_eq!((board.missing().len(), board.tally().with_result()), (18, 2));
        let finished = |event: &Event| matches!(event, Event::TrialFinished { .. });
        assert_eq!(board.events().filter(finished).count(), 1, "the journal has it once");
        // A new plan in which another cell has it as well.
        let mut plan = overfit_plan();
        plan.trials[12].id = shared;
        board.apply(&Event::StudyStarted(plan));
        assert_eq!((&board.trials[0], board.trials[7].status.has_result()), (&board.trials[12], false));
    }

    #[test]
    fn results_that_no_plan_asks_for_wait_for_one_that_does() {
        let finished =
            |trial| Event::TrialFinished { trial: TrialId(trial), outcome: completed(1), seconds: 1.0, counts: None };
        let mut board = Board::new(overfit_plan());
        board.apply(&finished(1000));
        assert_eq!(board.trials, Board::new(overfit_plan()).trials);
        let mut plan = overfit_plan();
        plan.trials[3].id = TrialId(1000);
        board.apply(&Event::StudyStarted(plan.clone()));
        assert!(board.trials[3].status.has_result());
        // The same where the plan was lost that they were trained for.
        let mut unplanned = Unplanned::default();
        unplanned.apply(&finished(1000));
        let board = Board::with(plan.clone(), unplanned.clone());
        assert!(board.trials[3].status.has_result() && !board.history().anytime && board.history().trained);
        // Which trials it asked for besides is not known: the number of seeds may have been another.
        unplanned.apply(&finished(1001));
        assert!(Board::with(plan, unplanned).history().anytime);
    }

    #[test]
    fn a_result_outlives_a_plan_that_does_not_ask_for_it() {
        let mut board = overfit();
        let before = board.clone();
        let mut plan = overfit_plan();
        plan.trials.truncate(1);
        board.apply(&Event::StudyStarted(plan));
        assert_eq!(board.trials.len(), 1);
        board.apply(&Event::StudyStarted(overfit_plan()));
        assert_eq!(results(&board), results(&before));
    }
}
