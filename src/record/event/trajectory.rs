//! Where an optimizer went on a surface, step by step.

use serde::{Deserialize, Serialize};

/// A place on the path of an optimizer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Updates so far.
    pub step: u32,
    /// (x, y).
    pub at: [f64; 2],
    /// The surface's height f(x, y).
    pub f: f64,
    /// What led here: the velocity of Momentum and Nesterov, for all others the difference to the place before. (0, 0) at the
    /// start.
    pub velocity: [f64; 2],
}

/// Places by column; all columns have the same length. No number is NaN or infinite: a trial ends when it diverges.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trajectory {
    /// Updates so far.
    pub step: Vec<u32>,
    /// First coordinate.
    pub x: Vec<f64>,
    /// Second coordinate.
    pub y: Vec<f64>,
    /// The surface's height f(x, y).
    pub f: Vec<f64>,
    /// First coordinate of [`Place::velocity`].
    pub velocity_x: Vec<f64>,
    /// Second coordinate of [`Place::velocity`].
    pub velocity_y: Vec<f64>,
}

impl Trajectory {
    /// Number of places.
    pub fn len(&self) -> usize {
        self.step.len()
    }

    /// Whether there is no place.
    pub fn is_empty(&self) -> bool {
        self.step.is_empty()
    }

    pub(super) fn check(&self) -> Result<(), &'static str> {
        let columns = [&self.x, &self.y, &self.f, &self.velocity_x, &self.velocity_y];
        match columns.iter().all(|column| column.len() == self.len()) {
            true => Ok(()),
            false => Err("its columns are not of one length"),
        }
    }

    /// Appends a place.
    pub fn push(&mut self, place: Place) {
        self.step.push(place.step);
        self.x.push(place.at[0]);
        self.y.push(place.at[1]);
        self.f.push(place.f);
        self.velocity_x.push(place.velocity[0]);
        self.velocity_y.push(place.velocity[1]);
    }

    /// Appends the places of another trajectory.
    pub fn extend(&mut self, other: &Trajectory) {
        self.step.extend_from_slice(&other.step);
        self.x.extend_from_slice(&other.x);
        self.y.extend_from_slice(&other.y);
        self.f.extend_from_slice(&other.f);
        self.velocity_x.extend_from_slice(&other.velocity_x);
        self.velocity_y.extend_from_slice(&other.velocity_y);
    }

    /// Gives back the memory that was set aside for more places.
    pub fn shrink(&mut self) {
        let Trajectory { step, x, y, f, velocity_x, velocity_y } = self;
        step.shrink_to_fit();
        [x, y, f, velocity_x, velocity_y].into_iter().for_each(Vec::shrink_to_fit);
    }

    /// The place with this index. Panics unless `index < len()`.
    pub fn place(&self, index: usize) -> Place {
        Place {
            step: self.step[index],
            at: [self.x[index], self.y[index]],
            f: self.f[index],
            velocity: [self.velocity_x[index], self.velocity_y[index]],
        }
    }

    /// All places, in the order of their steps.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        (0..self.len()).map(|index| self.place(index))
    }

    /// Updates until f is first at or below a level, at one of the places; `None` if it never is.
    pub fn steps_to(&self, level: f64) -> Option<u32> {
        self.f.iter().position(|&f| f <= level).map(|index| self.step[index])
    }
}
