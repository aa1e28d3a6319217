//! Which classes a trained network takes for which.

use crate::plan::config::data::MOST_CLASSES;
use serde::{Deserialize, Serialize};

/// How a network classifies the test samples after its last step: a matrix [classes, classes] of numbers of samples, true class ×
/// predicted class, of which only what is not zero is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// The diagonal: of each class, in the order of the labels, how many of its samples are classified correctly.
    correct: Vec<u32>,
    /// (true class, predicted class, number of samples) of all that is above 0 beside the diagonal, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    confused: Vec<(u8, u8, u32)>,
}

impl Confusion {
    /// Counts samples of `classes` classes, at most 256, each given by its true class and the predicted one.
    pub fn of(classes: usize, samples: impl Iterator<Item = (u8, u8)>) -> Confusion {
        let mut counts = vec![vec![0; classes]; classes];
        samples.for_each(|(class, predicted)| counts[usize::from(class)][usize::from(predicted)] += 1);
        let of_class = |(class, counts): (u8, &Vec<u32>)| {
            let others =
                (0..=u8::MAX).zip(counts.clone()).filter(move |&(predicted, count)| predicted != class && count > 0);
            others.map(move |(predicted, count)| (class, predicted, count)).collect::<Vec<_>>()
        };
        Confusion {
            correct: counts.iter().enumerate().map(|(class, counts)| counts[class]).collect(),
            confused: (0..=u8::MAX).zip(&counts).flat_map(of_class).collect(),
        }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.correct.len()
    }

    /// (true class, predicted class, number of samples) of all that is above 0.
    pub fn counts(&self) -> impl Iterator<Item = (usize, usize, u32)> {
        let correct = self.correct.iter().enumerate().map(|(class, &count)| (class, class, count));
        let confused = self.confused.iter().map(|&(class, predicted, count)| (class.into(), predicted.into(), count));
        correct.chain(confused).filter(|&(.., count)| count > 0)
    }

    /// Of each class, the share of its samples that are classified correctly, its recall; `None` if it has no sample.
    pub fn accuracies(&self) -> Vec<Option<f64>> {
        let mut samples = self.correct.clone();
        self.confused.iter().for_each(|&(class, _, count)| samples[usize::from(class)] += count);
        let share = |(&correct, &samples): (&u32, &u32)| (samples > 0).then(|| f64::from(correct) / f64::from(samples));
        self.correct.iter().zip(&samples).map(share).collect()
    }

    pub(super) fn check(&self) -> Result<(), &'static str> {
        let classes = self.classes();
        let fits = |&(class, predicted, count): &(u8, u8, u32)| {
            class != predicted && usize::from(class.max(predicted)) < classes && count > 0
        };
        let in_order = self.confused.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1));
        let samples = self.counts().try_fold(0u32, |samples, (.., count)| samples.checked_add(count));
        match (1..=MOST_CLASSES).contains(&classes) && self.confused.iter().all(fits) && in_order && samples.is_some() {
            true => Ok(()),
            false => Err("its classes are none, out of range or out of order, or have no count"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::TrialId;
    use crate::record::event::Event;

    /// Of class 0 two right and one taken for 2; of class 1 none at all; of class 2 one taken for 0 and one for 1.
    fn three_classes() -> Confusion {
        Confusion::of(3, [(0, 0), (2, 1), (0, 2), (0, 0), (2, 0)].into_iter())
    }

    #[test]
    fn a_confusion_survives_its_journal_and_is_checked() {
        let event = Event::Classified { trial: TrialId(1), confusion: three_classes() };
        let line = serde_json::to_string(&event).unwrap();
        let written = r#""confusion":{"correct":[2,0,0],"confused":[[0,2,1],[2,0,1],[2,1,1]]}"#;
        assert!(line.contains(written), "{line}");
        assert_eq!(serde_json::from_str::<Event>(&line).unwrap().checked(), Ok(event));
        for (whole, broken) in [
            ("[0,2,1]", "[0,3,1]"),
            ("[0,2,1]", "[0,0,1]"),
            ("[0,2,1]", "[0,2,0]"),
            ("[0,2,1],[2,0,1]", "[2,0,1],[0,2,1]"),
            ("[2,0,0]", "[]"),
            ("[2,0,0]", "[4294967295,0,0]"),
            ("[0,2,1]", "[0,2,-1]"),
        ] {
            let edited = serde_json::from_str::<Event>(&line.replace(whole, broken));
            assert!(edited.is_err() || edited.unwrap().checked().is_err(), "{broken}");
        }
    }

    #[test]
    fn each_class_has_the_accuracy_of_its_own_samples() {
        assert_eq!(three_classes().accuracies(), [Some(2.0 / 3.0), None, Some(0.0)]);
        assert_eq!(three_classes().counts().map(|(.., count)| count).sum::<u32>(), 5);
        let all = Confusion::of(256, (0..=255).map(|class| (class, 255 - class)));
        assert_eq!((all.counts().count(), all.check()), (256, Ok(())));
    }
}
