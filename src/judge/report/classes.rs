//! What the trained networks of a cell make of each class: its accuracy, and which classes are taken for it.

use crate::judge::sequence::Sequence;
use crate::judge::stats::{Summary, wilson_95};
use crate::plan::config::DataSource;
use crate::record::board::Board;
use crate::record::event::Confusion;

/// The classes of a cell's test samples, over its completed trials. All of them are tested with the same samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Classes {
    /// Number of trials.
    pub trials: usize,
    /// In the order of the labels.
    pub of_each: Vec<OfClass>,
    /// Number of samples over all trials, by true class and predicted class.
    pub counts: Vec<Vec<u64>>,
}

/// One class.
#[derive(Clone, Debug, PartialEq)]
pub struct OfClass {
    /// As the data set has it.
    pub name: &'static str,
    /// Test samples of this class, of one trial.
    pub samples: u64,
    /// The share of these that is classified correctly (recall), over the trials; `None` without samples. Its interval says how far
    /// networks differ on these samples.
    pub accuracy: Option<Summary>,
    /// The 95 % interval of the mean accuracy as a share of so many samples (Wilson 1927): what other samples of the class might have
    /// shown. `None` without samples.
    pub wilson: Option<(f64, f64)>,
}

/// Samples of one class that are taken for another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confused {
    /// The true class, by its place.
    pub class: usize,
    /// The predicted class.
    pub predicted: usize,
    /// Number of samples over all trials.
    pub count: u64,
    /// Of all samples of the true class.
    pub share: f64,
}

impl Classes {
    /// Those of a cell; `None` if no completed trial of it has measured them.
    pub fn new(board: &Board, cell: usize) -> Option<Classes> {
        let DataSource::Set(set) = board.plan.cells[cell].config.data else { return None };
        let classes = set.classes.len();
        let trials = board.plan.trials.iter().zip(&board.trials).filter(|(trial, _)| trial.cell == cell);
        let completed = trials.filter(|(_, state)| state.status.has_completed());
        let found: Vec<&Confusion> = completed
            .filter_map(|(_, state)| state.confusions.first())
            .filter(|confusion| confusion.classes() == classes)
            .collect();
        let mut counts = vec![vec![0; classes]; classes];
        for (class, predicted, count) in found.iter().flat_map(|confusion| confusion.counts()) {
            counts[class][predicted] += u64::from(count);
        }
        let accuracies: Vec<Vec<Option<f64>>> = found.iter().map(|confusion| confusion.accuracies()).collect();
        let trials = found.len();
        let of_class = |class: usize| {
            let values: Vec<f64> = accuracies.iter().filter_map(|of_each| of_each[class]).collect();
            let samples = counts[class].iter().sum::<u64>() / trials.max(1) as u64;
            let accuracy = Summary::of(&values, Sequence::inference(board));
            let wilson = accuracy.filter(|_| samples > 0).map(|accuracy| wilson_95(accuracy.mean, samples as f64));
            OfClass { name: set.classes[class], samples, accuracy, wilson }
        };
        let of_each = (0..classes).map(of_class).collect();
        (trials > 0).then_some(Classes { trials, of_each, counts })
    }

    /// The share of a class's samples that is taken for another, or for itself; `None` if the class has no sample.
    pub fn share(&self, class: usize, predicted: usize) -> Option<f64> {
        let of_class: u64 = self.counts[class].iter().sum();
        (of_class > 0).then(|| self.counts[class][predicted] as f64 / of_class as f64)
    }

    /// All pairs of classes of which one is taken for the other, most samples first; of equals, the first of the matrix.
    pub fn confused(&self) -> Vec<Confused> {
        let of_class = |class: usize| {
            let others = (0..self.counts.len()).filter(move |&predicted| predicted != class);
            others.filter_map(move |predicted| {
                let (count, share) = (self.counts[class][predicted], self.share(class, predicted)?);
                (count > 0).then_some(Confused { class, predicted, count, share })
            })
        };
        let mut confused: Vec<Confused> = (0..self.counts.len()).flat_map(of_class).collect();
        // This sort keeps the order of equals.
        confused.sort_by_key(|confused| std::cmp::Reverse(confused.count));
        confused
    }

    /// The classes by their places, the least accurate first; those without samples are left out.
    pub fn worst_first(&self) -> Vec<usize> {
        let accuracy = |&class: &usize| self.of_each[class].accuracy.map(|accuracy| accuracy.mean);
        let mut classes: Vec<usize> = (0..self.of_each.len()).filter(|class| accuracy(class).is_some()).collect();
        classes.sort_by(|a, b| accuracy(a).unwrap_or(0.0).total_cmp(&accuracy(b).unwrap_or(0.0)));
        classes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::TrialId;
    use crate::record::board::samples::{cell, completed, plan};
    use crate::record::event::Event;
    use serde_json::json;

    #[test]
    fn classes_are_counted_over_the_trials_of_a_cell() {
        let mut board = Board::new(plan("classes", &[], vec![cell(None, json!({}))], 2));
        assert_eq!(Classes::new(&board, 0), None);
        // Ten samples of the class 3, of which 8 and 6 are right, 1 and 4 taken for 5, one for 8; two of the class 5, all right.
        let samples = |right: usize| {
            let wrong = (0..9 - right).map(|_| (3, 5)).chain([(3, 8)]);
            (0..right).map(|_| (3, 3)).chain(wrong).chain([(5, 5), (5, 5)]).collect::<Vec<(u8, u8)>>()
        };
        for (trial, right) in [(TrialId(1), 8), (TrialId(2), 6)] {
            board.apply(&Event::TrialStarted { trial });
            let confusion = Confusion::of(10, samples(right).into_iter());
            board.apply(&Event::Classified { trial, confusion });
            let outcome = completed(trial.0);
            board.apply(&Event::TrialFinished { trial, outcome, seconds: 1.0, counts: None });
        }
        let classes = Classes::new(&board, 0).unwrap();
        assert_eq!((classes.trials, classes.of_each[3].samples, classes.of_each[5].samples), (2, 10, 2));
        let three = classes.of_each[3].accuracy.unwrap();
        assert!((three.mean - 0.7).abs() < 1e-12 && three.n == 2, "{three:?}");
        // By hand: (.7 + z²/20 ± z √(.7·.3/10 + z²/400))/(1 + z²/10) with z = 1.95996.
        let (low, high) = classes.of_each[3].wilson.unwrap();
        assert!((low - 0.3968).abs() < 1e-4 && (high - 0.8922).abs() < 1e-4, "{low} {high}");
        assert_eq!(classes.of_each[0].accuracy, None);
        let confused: Vec<_> = classes.confused().iter().map(|of| (of.class, of.predicted, of.count)).collect();
        assert_eq!(confused, [(3, 5, 4), (3, 8, 2)]);
        assert_eq!((classes.share(3, 5), classes.share(0, 5)), (Some(0.2), None));
        assert_eq!(classes.worst_first(), [3, 5]);
    }
}
