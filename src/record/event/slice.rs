//! The loss of networks around trained ones, by column.

use serde::{Deserialize, Serialize};

/// Losses are the mean cross-entropy in nats; where one is not finite, there is `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slice {
    Line(Line),
    Plane(Plane),
}

/// Networks on the straight line through two, (1 − t)·first + t·second, on all images that are trained on and on all
/// test images (Goodfellow et al. 2015). All columns have the same length.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub between: Between,
    /// 0 is the first network, 1 the second.
    pub t: Vec<f32>,
    pub train_loss: Vec<Option<f32>>,
    pub train_correct: Vec<u32>,
    pub test_loss: Vec<Option<f32>>,
    pub test_correct: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Between {
    /// The trained network, and its twin, trained from the next seed.
    Twins,
    /// The untrained network and the trained one.
    Training,
}

/// Networks on a plane through the trained one, which is at (0, 0), on the first images that are trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plane {
    pub spanned_by: Spanned,
    /// Evenly spaced, two or more, from low to high.
    pub x: Vec<f32>,
    pub y: Vec<f32>,
    /// Row by row from the lowest y, in each from the lowest x.
    pub train_loss: Vec<Option<f32>>,
    /// The training, if the plane is spanned by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Path>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spanned {
    /// Two random directions, each unit's weights as long as the network's own (Li et al. 2018, section 4).
    Random,
    /// The two main directions of the training.
    Path,
}

/// Where the training stood on a plane that its two main directions span; all three columns have the same length.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// Updates so far.
    pub step: Vec<u32>,
    pub x: Vec<f32>,
    pub y: Vec<f32>,
    /// How much of the squared distances to the trained network lies along x and along y.
    pub shares: [f32; 2],
}

impl Slice {
    pub fn line(&self, between: Between) -> Option<&Line> {
        match self {
            Slice::Line(line) if line.between == between => Some(line),
            _ => None,
        }
    }

    pub fn plane(&self, spanned_by: Spanned) -> Option<&Plane> {
        match self {
            Slice::Plane(plane) if plane.spanned_by == spanned_by => Some(plane),
            _ => None,
        }
    }

    pub(super) fn check(&self) -> Result<(), &'static str> {
        match self {
            Slice::Line(line) => line.check(),
            Slice::Plane(plane) => plane.check(),
        }
    }
}

impl Line {
    fn check(&self) -> Result<(), &'static str> {
        let losses = [&self.train_loss, &self.test_loss].map(Vec::len);
        let counts = [&self.train_correct, &self.test_correct].map(Vec::len);
        match losses.into_iter().chain(counts).all(|length| length == self.t.len()) {
            true => Ok(()),
            false => Err("its columns are not of one length"),
        }
    }

    /// The highest train loss from one network to the other, minus the mean of theirs (Frankle et al. 2020, section 2);
    /// `None` if a loss between them is not finite.
    pub fn barrier(&self) -> Option<f64> {
        let loss_at = |end: f32| self.train_loss[self.t.iter().position(|&t| t == end)?].map(f64::from);
        let ends = (loss_at(0.0)? + loss_at(1.0)?) / 2.0;
        let between = self.t.iter().zip(&self.train_loss).filter(|(t, _)| (0.0..=1.0).contains(*t));
        let highest =
            between.map(|(_, loss)| loss.map(f64::from)).try_fold(0.0, |high: f64, loss| Some(high.max(loss?)));
        Some(highest? - ends)
    }
}

impl Plane {
    fn check(&self) -> Result<(), &'static str> {
        let rises = |ends: &[f32]| ends.len() >= 2 && ends.windows(2).all(|pair| pair[0] < pair[1]);
        if self.train_loss.len() != self.x.len() * self.y.len() {
            return Err("it has not one loss for each x and y");
        }
        if !rises(&self.x) || !rises(&self.y) {
            return Err("the places of a plane do not rise");
        }
        match &self.path {
            Some(path) if path.x.len() != path.step.len() || path.y.len() != path.step.len() => {
                Err("its columns are not of one length")
            }
            Some(path) if !path.shares.iter().all(|share| (0.0..=1.0).contains(share)) => {
                Err("the shares of its directions are not between 0 and 1")
            }
            _ => Ok(()),
        }
    }

    /// The mean train loss of the places that are at most `radius` from the trained network, minus its own; `None` if one
    /// of them is not finite.
    pub fn rise(&self, radius: f32) -> Option<f64> {
        let places = self.y.iter().flat_map(|&y| self.x.iter().map(move |&x| x * x + y * y));
        let (mut own, mut sum, mut count) = (None, 0.0, 0.0);
        for (distance, loss) in places.zip(&self.train_loss).filter(|(squared, _)| *squared <= radius * radius) {
            let loss = f64::from((*loss)?);
            (sum, count) = (sum + loss, count + 1.0);
            own = if distance == 0.0 { Some(loss) } else { own };
        }
        Some(sum / count - own?)
    }
}
