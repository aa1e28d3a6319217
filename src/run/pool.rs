//! Trains trials in parallel, each on one core, block after block: every cell with the first seed before any with the second, and
//! within a block the longest first. So comparisons are paired from early on, and a run that is stopped has whole blocks. Can be
//! cancelled.
//!
//! Events are sent through a channel, so that training does not wait for a disk or a screen, unless these are [`WAITING`] events
//! behind. Their order across trials depends on timing; the events of each trial do not.

use super::Job;
use crate::error::{Error, Result};
use crate::learn::train::Control;
use crate::record::event::{Counts, Event, Observation, Outcome};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::Instant;

/// The name of threads that train, before their number. Panics of these threads become outcomes and must not be printed.
pub const THREAD_NAME: &str = "trial-";

/// So many events wait in the channel at most: as many as no disk is behind in a moment, and few enough to take some megabytes.
const WAITING: usize = 4096;

/// Starts training on `threads` new threads (≥ 1) and returns at once. The channel delivers the events of all trials, with
/// [`Event::StudyFinished`] after those of each list of jobs, or a single error if `prepare` fails. It closes when training has ended:
/// once no more lists can be sent, and all that were sent are trained.
///
/// `prepare` runs once on a new thread, where it may load data, and returns the function that trains one job.
pub fn start<P, T>(
    lists: Receiver<Vec<Job>>,
    threads: usize,
    control: Arc<Control>,
    prepare: P,
) -> Receiver<Result<Event>>
where
    P: FnOnce() -> Result<T> + Send + 'static,
    T: Fn(&Job, &Control, &mut dyn FnMut(Observation)) -> Outcome + Sync,
{
    let (sender, receiver) = mpsc::sync_channel(WAITING);
    let failed = sender.clone();
    let lead = move || {
        let broke = |panic: Box<dyn Any + Send>| Error::Usage(format!("cannot read the data: {}", message(&*panic)));
        let prepare = || panic::catch_unwind(AssertUnwindSafe(prepare)).unwrap_or_else(|panic| Err(broke(panic)));
        let prepared = pool(threads).and_then(|pool| Ok((pool, prepare()?)));
        // Sending fails only if the receiver is gone, because the program is about to end.
        match prepared {
            Ok((pool, train)) => {
                for mut jobs in lists {
                    in_blocks(&mut jobs);
                    control.spare_cores.store(false, Relaxed);
                    train_all(&jobs, &pool, &control, &train, &sender);
                    let _ = sender.send(Ok(Event::StudyFinished));
                }
            }
            Err(error) => drop(sender.send(Err(error))),
        }
    };
    if let Err(problem) = thread::Builder::new().name("trials".into()).spawn(lead) {
        let _ = failed.send(Err(Error::Usage(format!("cannot start a thread: {problem}"))));
    }
    receiver
}

/// Jobs of one block come one after the other, the most expensive first, so that no long trial is left at the end. Equal ones keep the
/// order of the plan.
fn in_blocks(jobs: &mut [Job]) {
    jobs.sort_by(|a, b| a.block.cmp(&b.block).then(b.config.cost().total_cmp(&a.config.cost())));
}

fn pool(threads: usize) -> Result<ThreadPool> {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|index| format!("{THREAD_NAME}{index}"))
        .build()
        .map_err(|problem| Error::Usage(format!("cannot start {threads} threads: {problem}\n  give a smaller --jobs")))
}

/// Each thread of the pool takes job after job. A broadcast, because tasks on the pool's queues could be stolen by a
/// trial that waits for its own evaluation, and that trial would then wait for a whole other one.
fn train_all<T>(jobs: &[Job], pool: &ThreadPool, control: &Control, train: &T, sender: &SyncSender<Result<Event>>)
where
    T: Fn(&Job, &Control, &mut dyn FnMut(Observation)) -> Outcome + Sync,
{
    let next = AtomicUsize::new(0);
    pool.broadcast(|_| {
        while !control.cancel.load(Relaxed)
            && let Some(job) = jobs.get(next.fetch_add(1, Relaxed))
        {
            train_one(job, control, train, sender);
        }
        control.spare_cores.store(true, Relaxed);
    });
}

fn train_one<T>(job: &Job, control: &Control, train: &T, sender: &SyncSender<Result<Event>>)
where
    T: Fn(&Job, &Control, &mut dyn FnMut(Observation)) -> Outcome,
{
    let trial = job.trial;
    // Sending fails only if the program is about to end, as above.
    let tell = |event| drop(sender.send(Ok(event)));
    let started = Instant::now();
    tell(Event::TrialStarted { trial });
    let mut counts = Counts::default();
    let mut emit = |observation| {
        counts.add(&observation);
        tell(Event::seen(trial, observation));
    };
    let trained = panic::catch_unwind(AssertUnwindSafe(|| train(job, control, &mut emit)));
    let outcome = trained.unwrap_or_else(|panic| Outcome::Failed { message: message(&*panic) });
    let seconds = started.elapsed().as_secs_f64();
    tell(Event::TrialFinished { trial, outcome, seconds, counts: Some(counts) });
}

/// The message of a panic.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::TrialId;
    use crate::record::event::{Curve, Measured, Point};
    use std::collections::BTreeMap;
    use std::sync::Barrier;
    use std::time::Duration;

    /// Jobs with ids 0, 1, 2, … that last so many steps.
    fn jobs(steps: &[usize]) -> Vec<Job> {
        let job = |(id, steps): (usize, &usize)| Job {
            trial: TrialId(id as u64),
            seed: id as u64,
            block: 0,
            config: toml::from_str(&format!("steps = {steps}")).unwrap(),
        };
        steps.iter().enumerate().map(job).collect()
    }

    fn point(step: u32) -> Point {
        Point { step, measured: Measured::of_network((1.0, 0), (1.0, 0), 1.0) }
    }

    fn done() -> Outcome {
        Outcome::Completed { weights_digest: "00".into() }
    }

    /// One list of jobs, after which no more come.
    fn list(jobs: Vec<Job>) -> Receiver<Vec<Job>> {
        let (sender, receiver) = mpsc::channel();
        sender.send(jobs).unwrap();
        receiver
    }

    fn outcomes(events: &[Event]) -> BTreeMap<u64, Outcome> {
        let finished = |event: &Event| match event {
            Event::TrialFinished { trial, outcome, .. } => Some((trial.0, outcome.clone())),
            _ => None,
        };
        events.iter().filter_map(finished).collect()
    }

    fn events(receiver: Receiver<Result<Event>>) -> Vec<Event> {
        receiver.into_iter().map(|event| event.unwrap()).collect()
    }

    /// The ids of trials in the order in which they were started.
    fn started(events: &[Event]) -> Vec<u64> {
        let started = events.iter().filter_map(|event| match event {
            Event::TrialStarted { trial } => Some(trial.0),
            _ => None,
        });
        started.collect()
    }

    #[test]
    fn blocks_come_one_after_the_other_the_longest_trial_of_each_first() {
        let train = |_: &Job, _: &Control, _: &mut dyn FnMut(Observation)| done();
        let mut in_one = jobs(&[10, 30, 10, 20]);
        let trained = events(start(list(in_one.clone()), 1, Arc::default(), move || Ok(train)));
        assert_eq!(started(&trained), [1, 3, 0, 2]);
        assert_eq!(trained.last(), Some(&Event::StudyFinished));
        in_one.iter_mut().zip([0, 1, 0, 1]).for_each(|(job, block)| job.block = block);
        assert_eq!(started(&events(start(list(in_one), 1, Arc::default(), move || Ok(train)))), [0, 2, 1, 3]);
    }

    #[test]
    fn lists_of_jobs_are_trained_as_they_come() {
        let train = |_: &Job, _: &Control, _: &mut dyn FnMut(Observation)| done();
        let (sender, lists) = mpsc::channel();
        let received = start(lists, 2, Arc::default(), move || Ok(train));
        for job in jobs(&[10, 30]) {
            sender.send(vec![job.clone()]).unwrap();
            let of_list: Vec<Event> = received
                .iter()
                .map(|event| event.unwrap())
                .take_while(|event| *event != Event::StudyFinished)
                .collect();
            assert_eq!(started(&of_list), [job.trial.0]);
        }
        drop(sender);
        assert!(received.recv().is_err(), "the channel is closed");
    }

    #[test]
    fn no_evaluation_is_lost_or_out_of_order_on_the_way() {
        let train = |_: &Job, _: &Control, emit: &mut dyn FnMut(Observation)| {
            (0..1000).for_each(|step| emit(Observation::Evaluated(point(step))));
            done()
        };
        let mut curves: BTreeMap<u64, Curve> = BTreeMap::new();
        for event in events(start(list(jobs(&[1, 1, 1])), 2, Arc::default(), move || Ok(train))) {
            if let Event::Evaluated { trial, curve } = event {
                curves.entry(trial.0).or_default().extend(&curve);
            }
        }
        assert_eq!(curves.len(), 3);
        assert!(curves.values().all(|curve| curve.step.iter().copied().eq(0..1000)));
    }

    #[test]
    fn a_panic_is_an_outcome_keeps_its_curve_and_stops_no_other_trial() {
        let train = |job: &Job, _: &Control, emit: &mut dyn FnMut(Observation)| {
            emit(Observation::Evaluated(point(0)));
            emit(Observation::Evaluated(point(1)));
            assert!(job.seed != 1, "trial {} is broken", job.seed);
            done()
        };
        let events = events(start(list(jobs(&[1, 1, 1])), 2, Arc::default(), move || Ok(train)));
        let failed = Outcome::Failed { message: "trial 1 is broken".into() };
        assert_eq!(outcomes(&events), BTreeMap::from([(0, done()), (1, failed), (2, done())]));
        let evaluations = events.iter().map(|event| match event {
            Event::Evaluated { curve, .. } => curve.len(),
            _ => 0,
        });
        assert_eq!(evaluations.sum::<usize>(), 6);
    }

    #[test]
    fn cancelling_ends_the_running_trials_and_starts_no_other() {
        let control = Arc::new(Control::default());
        let both_run = Barrier::new(2);
        let train = move |_: &Job, control: &Control, _: &mut dyn FnMut(Observation)| {
            both_run.wait();
            control.cancel.store(true, Relaxed);
            Outcome::Cancelled
        };
        let events = events(start(list(jobs(&[1; 5])), 2, control, move || Ok(train)));
        assert_eq!(outcomes(&events), BTreeMap::from([(0, Outcome::Cancelled), (1, Outcome::Cancelled)]));
        assert_eq!(events.last(), Some(&Event::StudyFinished));
    }

    /// With two threads and one long trial, the thread that finds nothing to do says so to the one that trains.
    #[test]
    fn a_running_trial_learns_that_cores_are_idle() {
        let train = |_: &Job, control: &Control, _: &mut dyn FnMut(Observation)| {
            let patience = Instant::now();
            while !control.spare_cores.load(Relaxed) && patience.elapsed() < Duration::from_secs(10) {
                thread::yield_now();
            }
            match control.spare_cores.load(Relaxed) {
                true => done(),
                false => Outcome::Cancelled,
            }
        };
        let events = events(start(list(jobs(&[1])), 2, Arc::default(), move || Ok(train)));
        assert_eq!(outcomes(&events), BTreeMap::from([(0, done())]));
    }

    #[test]
    fn data_that_cannot_be_loaded_is_an_error_and_nothing_is_trained() {
        type Train = fn(&Job, &Control, &mut dyn FnMut(Observation)) -> Outcome;
        let prepare = || -> Result<Train> { Err(Error::Usage("no data".into())) };
        let received: Vec<_> = start(list(jobs(&[1])), 1, Arc::default(), prepare).into_iter().collect();
        assert!(matches!(&received[..], [Err(Error::Usage(message))] if message == "no data"), "{received:?}");
    }
}
