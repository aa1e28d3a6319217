//! What a trial does, and which metrics that has.

use super::Plan;
use super::config::{Config, DataSource};
use super::metric::{Metric, Scope};

/// A kind of problem. Whoever shows or judges results asks it for its metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A network that is trained on images.
    Network,
    /// An optimizer that goes down on a function of two variables.
    Surface,
}

impl Problem {
    /// What is measured of every trial at every evaluation, in the order of the columns.
    pub fn always(self) -> &'static [Metric] {
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
        }
    }

    /// What its trials are about: these metrics are always shown.
    pub fn essential(self) -> &'static [Metric] {
        match self {
            Problem::Network => &[Metric::TRAIN_ACCURACY, Metric::TEST_ACCURACY, Metric::GAP],
            Problem::Surface => &[Metric::HEIGHT],
        }
    }

    /// What a trial may have beside what is [always](Problem::always) measured, in the order of the columns: what a
    /// configuration asks for, and what there is on some surfaces alone.
    pub fn sometimes(self) -> impl Iterator<Item = Metric> {
        let on_surface = self == Problem::Surface;
        let all = Metric::ALL.iter().copied().filter(move |metric| !self.always().contains(metric));
        all.filter(move |metric| match metric.scope() {
            Scope::Surface => on_surface,
            Scope::Layer => false,
            Scope::Trial | Scope::End | Scope::TrialAndLayer => !on_surface,
        })
    }

    /// What each layer of its networks may have.
    pub fn by_layer(self) -> impl Iterator<Item = Metric> {
        let of_layers = Metric::ALL.iter().copied().filter(|metric| metric.is_by_layer());
        of_layers.filter(move |_| self == Problem::Network)
    }

    /// Whether its trials may have this metric.
    pub fn has(self, metric: Metric) -> bool {
        self.always().contains(&metric)
            || self.sometimes().any(|other| other == metric)
            || self.by_layer().any(|other| other == metric)
    }

    /// The metric as this problem declares it: on a surface, `train_loss` is the height f.
    pub fn declared(self, metric: Metric) -> Metric {
        self.always().iter().copied().find(|&other| other == metric).unwrap_or(metric)
    }
}

impl Config {
    /// What a trial of it does.
    pub fn problem(&self) -> Problem {
        match self.data {
            DataSource::Surface => Problem::Surface,
            DataSource::Set(_) => Problem::Network,
        }
    }
}

impl Plan {
    /// That of all its cells; networks are what a plan of both is shown as.
    pub fn problem(&self) -> Problem {
        match self.cells.iter().all(|cell| cell.config.problem() == Problem::Surface) {
            true => Problem::Surface,
            false => Problem::Network,
        }
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
