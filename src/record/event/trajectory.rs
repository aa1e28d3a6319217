//! Where an optimizer went on a surface, step by step.

use serde::{Deserialize, Serialize};

/// A place on the way of an optimizer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Updates so far.
    pub step: u32,
    pub at: [f64; 2],
    /// f at the place.
    pub f: f64,
    /// What carried it here: V of Momentum and Nesterov, of all others the step just made. 0 at the start.
    pub velocity: [f64; 2],
}

/// Places by column, in double precision; all columns have the same length. Never NaN or infinite: a trial that diverges
/// ends before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trajectory {
    pub step: Vec<u32>,
    pub x: Vec<f64>,
    pub y: Vec<f64>,
    pub f: Vec<f64>,
    pub velocity_x: Vec<f64>,
    pub velocity_y: Vec<f64>,
}

impl Trajectory {
    pub fn len(&self) -> usize {
        self.step.len()
    }

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

    pub fn push(&mut self, place: Place) {
        self.step.push(place.step);
        self.x.push(place.at[0]);
        self.y.push(place.at[1]);
        self.f.push(place.f);
        self.velocity_x.push(place.velocity[0]);
        self.velocity_y.push(place.velocity[1]);
    }

    pub fn extend(&mut self, other: &Trajectory) {
        self.step.extend_from_slice(&other.step);
        self.x.extend_from_slice(&other.x);
        self.y.extend_from_slice(&other.y);
        self.f.extend_from_slice(&other.f);
        self.velocity_x.extend_from_slice(&other.velocity_x);
        self.velocity_y.extend_from_slice(&other.velocity_y);
    }

    /// Panics unless `index < len()`.
    pub fn place(&self, index: usize) -> Place {
        Place {
            step: self.step[index],
            at: [self.x[index], self.y[index]],
            f: self.f[index],
            velocity: [self.velocity_x[index], self.velocity_y[index]],
        }
    }

    pub fn places(&self) -> impl Iterator<Item = Place> {
        (0..self.len()).map(|index| self.place(index))
    }

    /// Updates until f is first down at a level; `None` if it never was.
    pub fn steps_to(&self, level: f64) -> Option<u32> {
        self.f.iter().position(|&f| f <= level).map(|index| self.step[index])
    }
}
