//! One trial from start to finish.

use crate::config::Config;
use crate::data::Dataset;
use crate::event::{Outcome, Point};
use std::sync::atomic::AtomicBool;

/// What others may tell a trial while it runs. All relaxed: nothing else hangs on the order.
#[derive(Debug, Default)]
pub struct Control {
    /// Stop at the next step.
    pub cancel: AtomicBool,
    /// Cores are idle: evaluations may be split over them (on the rayon pool the trial runs on). Changes no bit.
    pub spare_cores: AtomicBool,
}

/// Trains one network. `emit` gets an evaluation of the untrained network, one every `evaluate_every` epochs and one
/// after the last step. The result depends on `config`, `seed` and `data` alone.
pub fn train(
    _config: &Config,
    _seed: u64,
    _data: &Dataset,
    _control: &Control,
    _emit: &mut dyn FnMut(Point),
) -> Outcome {
    unimplemented!()
}
