//! The loss of networks on a line or a plane in weight space, by column.

use serde::{Deserialize, Serialize};

/// The loss on a part of weight space. Losses are the mean cross-entropy in nats; `None` stands for one that is not finite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slice {
    /// On a straight line through two networks.
    Line(Line),
    /// On a plane through the trained network.
    Plane(Plane),
}

/// Networks with the weights (1 − t)·first + t·second, evaluated on all training images and on all test images (Goodfellow
/// et al. 2015). All columns have the same length.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Which two networks.
    pub between: Between,
    /// 0 is the first network, 1 the second.
    pub t: Vec<f32>,
    /// Mean cross-entropy in nats on the training images.
    pub train_loss: Vec<Option<f32>>,
    /// Number of training images that are classified correctly.
    pub train_correct: Vec<u32>,
    /// Mean cross-entropy in nats on the test images.
    pub test_loss: Vec<Option<f32>>,
    /// Number of test images that are classified correctly.
    pub test_correct: Vec<u32>,
}

/// The first and the second network of a [`Line`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Between {
    /// The trained network, and one with the same configuration trained from the next seed.
    Twins,
    /// The untrained network and the trained one.
    Training,
}

/// Networks on a plane through the trained one, which is at (0, 0), evaluated on the first of the training images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plane {
    /// Which two directions.
    pub spanned_by: Spanned,
    /// Coordinates along the first direction: two or more, evenly spaced, ascending.
    pub x: Vec<f32>,
    /// Coordinates along the second direction, likewise.
    pub y: Vec<f32>,
    /// Mean cross-entropy in nats on the training images, `y.len()` rows of `x.len()`, both from the lowest coordinate.
    pub train_loss: Vec<Option<f32>>,
    /// The training on this plane; `None` on a plane of random directions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Path>,
}

/// The two directions of a [`Plane`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spanned {
    /// Two random directions, in which each unit's weights have the norm of the trained unit's (Li et al. 2018, section 4).
    /// Coordinates are in [−1, 1], in multiples of these directions.
    Random,
    /// The first two principal directions of the training, about the trained network in place of the mean (Li et al. 2018,
    /// section 7). They have length 1, so coordinates are distances between weights, ‖ΔW‖₂.
    Path,
}

/// The weights during training, projected onto a plane. All three columns have the same length.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// Updates so far.
    pub step: Vec<u32>,
    /// Coordinate along the plane's first direction.
    pub x: Vec<f32>,
    /// Coordinate along the plane's second direction.
    pub y: Vec<f32>,
    /// Shares, in [0, 1], of the squared distances to the trained network that lie along x and along y.
    pub shares: [f32; 2],
}

impl Slice {
    /// The line, if it is one between these networks.
    pub fn line(&self, between: Between) -> Option<&Line> {
        match self {
            Slice::Line(line) if line.between == between => Some(line),
            _ => None,
        }
    }

    /// The plane, if it is one with these directions.
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

    /// The barrier: the highest train loss for t in [0, 1], minus the mean of those at 0 and 1, in nats (Frankle et al. 2020,
    /// section 2). `None` if one of these losses is not finite, or 0 or 1 is missing.
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
            return Err("the coordinates of a plane do not ascend");
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

    /// The mean train loss of the points at most `radius` from the trained network, minus its own, in nats. `None` if one of
    /// these losses is not finite, or (0, 0) is not a point of the plane.
    pub fn rise(&self, radius: f32) -> Option<f64> {
        let squared_distances = self.y.iter().flat_map(|&y| self.x.iter().map(move |&x| x * x + y * y));
        let (mut own, mut sum, mut count) = (None, 0.0, 0.0);
        for (squared, loss) in
            squared_distances.zip(&self.train_loss).filter(|(squared, _)| *squared <= radius * radius)
        {
            let loss = f64::from((*loss)?);
            (sum, count) = (sum + loss, count + 1.0);
            own = if squared == 0.0 { Some(loss) } else { own };
        }
        Some(sum / count - own?)
    }
}
