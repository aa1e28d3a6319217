//! Which trials the list shows, in which order, and which of them is selected.

use super::input::Input;
use super::labels::Labels;
use super::progress::State;
use crate::plan::Problem;
use crate::plan::metric::Metric;
use crate::record::board::Board;
use crate::show::figure::Timeline;

/// A column of the list of trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrialColumn {
    State,
    /// All parameters together, if there is no room for a column each.
    Cell,
    Arm,
    Axis(usize),
    Seed,
    /// How far a running trial is, as a bar.
    Bar,
    Progress,
    /// A metric over the course of training, as bars.
    Curve(Metric),
    /// The last value of a metric.
    Metric(Metric),
}

impl TrialColumn {
    /// The columns that trials can be sorted by, from left to right.
    pub fn sortable(labels: &Labels, problem: Problem) -> Vec<TrialColumn> {
        use TrialColumn::*;
        let arm = labels.arms.as_ref().map(|_| Arm);
        let axes = (0..labels.axes.len()).map(Axis);
        let curve = Curve(problem.followed());
        let metrics = problem.essential().iter().copied().map(Metric);
        [State].into_iter().chain(arm).chain(axes).chain([Seed, Progress, curve]).chain(metrics).collect()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The trials that are shown, in order; kept until something that it depends on changes.
    rows: Vec<usize>,
    stale: bool,
    /// `None` until a key moves the selection. Until then the top row is selected, so that a running trial is in view.
    selected: Option<usize>,
    column: TrialColumn,
    reversed: bool,
    filter: Input,
    cell: Option<usize>,
}

impl Default for Order {
    fn default() -> Order {
        Order {
            rows: Vec::new(),
            stale: true,
            selected: None,
            column: TrialColumn::State,
            reversed: false,
            filter: Input::default(),
            cell: None,
        }
    }
}

impl Order {
    /// The board has changed: the rows depend on the states of trials, and on measurements only if sorted by one.
    pub fn invalidate(&mut self, states_changed: bool) {
        use TrialColumn::{Curve, Metric, Progress};
        let by_measure = matches!(self.column, Progress | Curve(_) | Metric(_));
        self.stale |= states_changed || by_measure;
    }

    /// Trials that are shown, by index, in order.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Sorts and filters again if necessary. If the selected trial is no longer shown, the top row is selected.
    pub fn refresh(&mut self, board: &Board, labels: &Labels) {
        if !std::mem::take(&mut self.stale) {
            return;
        }
        let words = self.filter.words();
        let shown = (0..board.trials.len()).filter(|&trial| self.shows(trial, &words, board, labels));
        let mut keyed: Vec<(f64, usize)> = shown.map(|trial| (self.key(trial, board, labels), trial)).collect();
        // Trials without a key come last in both directions. Equal keys keep the order of the plan.
        keyed.sort_by(|(a, _), (b, _)| match self.reversed && !a.is_nan() && !b.is_nan() {
            true => b.total_cmp(a),
            false => a.total_cmp(b),
        });
        self.rows = keyed.into_iter().map(|(_, trial)| trial).collect();
        self.selected = self.selected.filter(|selected| self.rows.contains(selected));
    }

    fn shows(&self, trial: usize, words: &[String], board: &Board, labels: &Labels) -> bool {
        let cell = board.plan.trials[trial].cell;
        if self.cell.is_some_and(|only| only != cell) {
            return false;
        }
        if words.is_empty() {
            return true;
        }
        let state = State::of(&board.trials[trial].status).word();
        let text = format!("{} seed={} {state}", labels.cells[cell], labels.seeds[trial]).to_lowercase();
        words.iter().all(|word| text.contains(word))
    }

    /// The key that a trial is sorted by; NaN if it has no value.
    fn key(&self, trial: usize, board: &Board, labels: &Labels) -> f64 {
        let (planned, state) = (&board.plan.trials[trial], &board.trials[trial]);
        let config = &board.plan.cells[planned.cell].config;
        let last = |metric: Metric| state.curve.last_value(metric, config);
        let timeline = Timeline::of(config);
        let measured = match self.column {
            TrialColumn::State => match State::of(&state.status) {
                State::Running => Some(0.0),
                State::Waiting => Some(2.0),
                _ => Some(1.0),
            },
            TrialColumn::Arm | TrialColumn::Cell => Some(planned.cell as f64),
            TrialColumn::Axis(axis) => Some(labels.ranks[planned.cell][axis]),
            TrialColumn::Seed => Some(planned.seed as f64),
            TrialColumn::Progress | TrialColumn::Bar => {
                state.curve.step.last().map(|&step| timeline.at(step) / timeline.length)
            }
            TrialColumn::Curve(metric) | TrialColumn::Metric(metric) => last(metric),
        };
        measured.map_or(f64::NAN, |key| if key.is_nan() { f64::NAN } else { key })
    }

    /// The selected trial; `None` if none is shown.
    pub fn selected(&self) -> Option<usize> {
        self.selected.or_else(|| self.rows.first().copied())
    }

    /// The index of the selected row.
    pub fn position(&self) -> usize {
        self.selected.and_then(|selected| self.rows.iter().position(|&trial| trial == selected)).unwrap_or(0)
    }

    /// Moves the selection so many rows down, within the rows there are.
    pub fn move_by(&mut self, rows: isize) {
        self.select(self.position().saturating_add_signed(rows));
    }

    /// Selects a row, at most the last.
    pub fn select(&mut self, row: usize) {
        self.selected = self.rows.get(row.min(self.rows.len().saturating_sub(1))).copied();
    }

    /// Selects the next row, or the previous one, and starts over at the ends.
    pub fn cycle(&mut self, forward: bool) {
        let count = self.rows.len().max(1);
        self.select((self.position() + if forward { 1 } else { count - 1 }) % count);
    }

    pub fn sort_by_next(&mut self, board: &Board, labels: &Labels) {
        let columns = TrialColumn::sortable(labels, board.plan.problem());
        let now = columns.iter().position(|&column| column == self.column).unwrap_or(0);
        self.column = columns[(now + 1) % columns.len()];
        self.reversed = false;
        self.stale = true;
    }

    pub fn reverse(&mut self) {
        self.reversed = !self.reversed;
        self.stale = true;
    }

    /// The sign in the title of the column that is sorted by; the default order has none.
    pub fn arrow(&self, column: TrialColumn) -> &'static str {
        match (column == self.column, self.reversed) {
            (true, true) => "▼",
            (true, false) if column != TrialColumn::State => "▲",
            _ => "",
        }
    }

    /// The filter: trials are shown that have all its words in their parameters, seed or state.
    pub fn filter(&self) -> &Input {
        &self.filter
    }

    pub fn edit_filter(&mut self) -> &mut Input {
        self.stale = true;
        &mut self.filter
    }

    /// The only cell whose trials are shown; `None` for all cells.
    pub fn cell(&self) -> Option<usize> {
        self.cell
    }

    /// Shows all trials of one cell, or of all.
    pub fn show_cell(&mut self, cell: Option<usize>) {
        self.cell = cell;
        self.edit_filter().clear();
    }

    /// Adapts to a new plan. `place` maps the old index of a trial to the new one.
    pub fn replan(&mut self, place: impl Fn(usize) -> Option<usize>) {
        self.selected = self.selected.and_then(place);
        self.column = TrialColumn::State;
        self.cell = None;
        self.stale = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::screen::example;

    fn order(events: &[crate::record::event::Event], change: impl Fn(&mut Order)) -> Vec<usize> {
        let board = example::board(events);
        let mut order = Order::default();
        change(&mut order);
        order.refresh(&board, &Labels::new(&board.plan));
        order.rows
    }

    #[test]
    fn running_trials_come_first_and_waiting_ones_last() {
        let rows = order(&example::running(), |_| ());
        assert_eq!((&rows[..4], &rows[14..17]), (&[13, 14, 0, 1][..], &[12, 15, 16][..]));
    }

    #[test]
    fn what_has_no_value_stays_last_in_both_directions() {
        for reversed in [false, true] {
            let rows = order(&example::running(), |order| {
                order.column = TrialColumn::Metric(Metric::TEST_ACCURACY);
                order.reversed = reversed;
            });
            assert_eq!(rows[15..], (15..40).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_filter_wants_every_word() {
        let rows = order(&example::running(), |order| order.edit_filter().paste("Dropout=0 seed=5 diverged"));
        assert_eq!(rows, [5]);
        assert_eq!(order(&[], |order| order.show_cell(Some(3))), (30..40).collect::<Vec<_>>());
        assert_eq!(order(&[], |order| order.edit_filter().paste("nothing")), [0; 0]);
    }
}
