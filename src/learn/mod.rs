//! Training one network, reproducibly: nothing here knows of journals, terminals or channels.

pub mod curvature;
pub mod data;
pub mod evaluate;
pub mod kernel;
pub mod model;
pub mod nn;
pub mod optim;
pub mod probe;
pub mod slice;
pub mod trace;
pub mod train;
