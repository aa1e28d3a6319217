//! The kinds of problem that trials solve, and the metrics of each.

use super::config::DataSource;
use super::metric::{Metric, Scope};
use super::{Cell, Plan};

/// How many of another program's metrics, the first ones, are essential.
const MOST_ESSENTIAL: usize = 3;

/// A kind of problem. Whoever shows or judges results asks it for its metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A network that is trained on images.
    Network,
    /// An optimizer that minimises a function of two variables.
    Surface,
    /// Trials of another program, with the metrics that the plan declares. This program only shows and judges them.
    Program(Vec<Metric>),
}

impl Problem {
    /// The problem of a data source, in a plan that declares these metrics.
    pub fn of(data: DataSource, declared: &[Metric]) -> Problem {
        match data {
            DataSource::Set(_) => Problem::Network,
            DataSource::Surface => Problem::Surface,
            DataSource::Program => Problem::Program(declared.to_vec()),
        }
    }

    /// What is measured of every trial at every evaluation, in the order of the columns.
    pub fn always(&self) -> &[Metric] {
        match self {
            Problem::Network => &[
                Metric::TRAIN_ACCURACY,
                Metric::TEST_ACCURACY,
                Metric::GAP,
                Metric::TRAIN_LOSS,
                Metric::TEST_LOSS,
                Metric::WEIGHT_NORM,
            ],
            Problem::Surface => &[Metric::HEIGHT],
            Problem::Program(metrics) => metrics,
        }
    }

    /// The metrics that are always shown.
    pub fn essential(&self) -> &[Metric] {
        match self {
            Problem::Network => &[Metric::TRAIN_ACCURACY, Metric::TEST_ACCURACY, Metric::GAP],
            Problem::Surface => self.always(),
            Problem::Program(metrics) => &metrics[..metrics.len().min(MOST_ESSENTIAL)],
        }
    }

    /// The metric that sums up a finished trial in one number.
    pub fn main(&self) -> Metric {
        match self {
            Problem::Network => Metric::TEST_ACCURACY,
            Problem::Surface => Metric::HEIGHT,
            Problem::Program(metrics) => metrics.first().copied().unwrap_or(Metric::TEST_ACCURACY),
        }
    }

    /// The metric that shows how the training of a trial goes.
    pub fn followed(&self) -> Metric {
        match self {
            Problem::Network => Metric::TRAIN_LOSS,
            Problem::Surface | Problem::Program(_) => self.main(),
        }
    }

    /// The metrics in which cells are compared with the baseline.
    pub fn compared(&self) -> &[Metric] {
        match self {
            Problem::Network => &[Metric::TRAIN_ACCURACY, Metric::TEST_ACCURACY, Metric::GAP, Metric::TEST_LOSS],
            Problem::Surface => &[],
            Problem::Program(metrics) => metrics,
        }
    }

    /// Metrics that a trial may have besides those [always](Problem::always) measured, in the order of the columns:
    /// those that a configuration asks for, and those that only some surfaces have.
    pub fn sometimes(&self) -> impl Iterator<Item = Metric> {
        let others = Metric::ALL.iter().copied().filter(move |metric| !self.always().contains(metric));
        others.filter(move |metric| match (self, metric.scope()) {
            (Problem::Network, Scope::Trial | Scope::End | Scope::TrialAndLayer) => true,
            (Problem::Surface, Scope::Surface) => true,
            (Problem::Network | Problem::Surface | Problem::Program(_), _) => false,
        })
    }

    /// Metrics that each layer of its networks may have.
    pub fn by_layer(&self) -> impl Iterator<Item = Metric> {
        let of_layers = Metric::ALL.iter().copied().filter(|metric| metric.is_by_layer());
        of_layers.filter(move |_| *self == Problem::Network)
    }

    /// All metrics that its trials may have as a whole, in the order of the columns.
    pub fn metrics(&self) -> impl Iterator<Item = Metric> {
        self.always().iter().copied().chain(self.sometimes())
    }

    /// Whether its trials may have this metric, as a whole or by layer.
    pub fn has(&self, metric: Metric) -> bool {
        self.metrics().chain(self.by_layer()).any(|other| other == metric)
    }

    /// The metric as this problem declares it: on a surface, `train_loss` is the height f.
    pub fn declared(&self, metric: Metric) -> Metric {
        self.always().iter().copied().find(|&other| other == metric).unwrap_or(metric)
    }
}

impl Plan {
    /// The problem of all its cells; a plan of both networks and surfaces is shown as networks.
    pub fn problem(&self) -> Problem {
        let all = |data: DataSource| self.cells.iter().all(|cell| cell.config.data == data);
        match () {
            () if all(DataSource::Surface) => Problem::Surface,
            () if all(DataSource::Program) => Problem::Program(self.metrics.clone()),
            () => Problem::Network,
        }
    }

    /// The problem of one of its cells.
    pub fn problem_of(&self, cell: &Cell) -> Problem {
        Problem::of(cell.config.data, &self.metrics)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_belongs_to_a_problem() {
        for &metric in Metric::ALL {
            assert!(Problem::Network.has(metric) || Problem::Surface.has(metric), "{metric:?}");
        }
        assert!(!Problem::Surface.has(Metric::TEST_ACCURACY) && !Problem::Network.has(Metric::PATH_LENGTH));
    }

    #[test]
    fn the_train_loss_of_a_surface_is_its_height() {
        let label = |problem: Problem| problem.declared(Metric::TRAIN_LOSS).label();
        assert_eq!((label(Problem::Network), label(Problem::Surface)), ("train loss", "f"));
    }
}
