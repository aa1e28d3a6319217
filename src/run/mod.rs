//! Runs the trials of a plan in parallel and reports them as events.

pub mod images;
mod job;
mod pool;

pub use job::Job;
pub use pool::{THREAD_NAME, start};

use self::images::Folders;
use crate::error::Result;
use crate::learn::train::Control;
use crate::plan::config::Config;
use crate::record::event::{Event, Observation};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

/// Reads the data of these configurations, then trains lists of jobs that have no others, on `threads` threads (≥ 1), and returns at
/// once. The channel is that of [`start`].
pub fn train(
    configs: Vec<Config>,
    lists: Receiver<Vec<Job>>,
    threads: usize,
    control: Arc<Control>,
    data: Folders,
) -> Receiver<Result<Event>> {
    pool::start(lists, threads, control, move || {
        let sets = images::load(&configs, &data)?;
        Ok(move |job: &Job, control: &Control, emit: &mut dyn FnMut(Observation)| job.train(&sets, control, emit))
    })
}
