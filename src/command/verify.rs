use super::damage::{self, Examined};
use super::memory::verification_fits_into_memory;
use super::{Exit, interrupt, print};
use crate::cli::{Trials, Verify};
use crate::error::{Error, Result};
use crate::learn::train::Control;
use crate::plan::config::{Config, DataSource, is_recorded};
use crate::plan::metric::Metric;
use crate::plan::{Identity, Problem, Trial, sources};
use crate::printable;
use crate::record::board::{Board, Status, TrialState};
use crate::record::event::{Curve, Event, Layers, Outcome, Trajectory};
use crate::record::results;
use crate::run::images::{self, Folders};
use crate::run::{self, Job};
use crate::show::screen::cell_name;
use crate::show::words::data;
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// How often signals are looked for while no trial ends.
const TURN: Duration = Duration::from_millis(20);

/// How many trials are trained again if nothing else is asked for and nothing is damaged.
const USUAL: NonZeroUsize = NonZeroUsize::new(4).unwrap();

/// Trains finished trials again and compares weights, outcome and curve with the journal, bit for bit.
pub fn verify(args: &Verify, data: Option<&Path>, out: &Path) -> Result<Exit> {
    let folder = results::find(&args.result, out)?;
    let Examined { board, suspects, is_damaged } = damage::examine(&folder)?;
    let finished: Vec<usize> = board.trainings().filter(|&place| board.trials[place].status.has_result()).collect();
    if finished.is_empty() {
        return Err(Error::Usage(format!("{}: no trial has finished yet: run the study", printable::path(&folder))));
    }
    let chosen = match args.trials {
        Some(count) => spread(&finished, count),
        None => {
            let is_suspect = |&place: &usize| suspects.contains(&board.plan.trials[place].id);
            let some: BTreeSet<usize> = spread(&finished, Trials::Some(USUAL)).into_iter().collect();
            finished.iter().copied().filter(|place| some.contains(place) || is_suspect(place)).collect()
        }
    };
    can_be_repeated(&board, &chosen, &folder)?;
    let jobs = Job::of_plan(&board.plan, &chosen);
    let folders = Folders::find(jobs.iter().map(|job| &job.config), &folder, data)?;
    let interrupted = interrupt::listen(false)?;
    let control = Arc::new(Control::default());
    let configs: Vec<Config> = jobs.iter().map(|job| job.config.clone()).collect();
    verification_fits_into_memory(&board.plan, &configs, super::cores())?;
    let (sender, lists) = mpsc::channel();
    // Nothing is received only if the data cannot be read, of which the events tell.
    let _ = sender.send(jobs);
    drop(sender);
    let events = run::train(configs, lists, super::cores(), Arc::clone(&control), folders);
    let mut verification = Verification::new(&board, &chosen);
    loop {
        match events.recv_timeout(TURN) {
            Ok(event) => verification.apply(&event?)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if interrupted.load(Relaxed) {
            control.cancel.store(true, Relaxed);
        }
    }
    let Verification { reported, differing, .. } = verification;
    let sources: Vec<DataSource> = sources(&board.plan.cells).into_iter().collect();
    if let Some(data) = data::sentence(&sources, &board.plan.provenance.data_sha256) {
        print::note(&printable::line(&data));
    }
    print::note(&format!(
        "{reported} of {} finished trials trained again: {}",
        finished.len(),
        verdict(reported, differing)
    ));
    Ok(match differing {
        _ if control.cancel.load(Relaxed) => Exit::Interrupted,
        0 if !is_damaged => Exit::Done,
        _ => Exit::Failed,
    })
}

fn verdict(reported: usize, differing: usize) -> String {
    match differing {
        0 if reported == 0 => "nothing to say".into(),
        0 => "the same to the last bit".into(),
        _ if differing == reported => "all differ".into(),
        _ => format!("{differing} differ"),
    }
}

/// `count` of the finished trials, spread evenly: the middle one of each of `count` equal parts.
fn spread(finished: &[usize], count: Trials) -> Vec<usize> {
    let total = finished.len();
    let count = match count {
        Trials::All => total,
        Trials::Some(count) => count.get().min(total),
    };
    (0..count).map(|part| finished[(2 * part + 1) * total / (2 * count)]).collect()
}

/// Errors: the trials were trained by another program, on other data or by a version with other numerics, so that they cannot
/// be reproduced.
fn can_be_repeated(board: &Board, trials: &[usize], folder: &Path) -> Result<()> {
    let (plan, shown) = (&board.plan, printable::path(folder));
    if let Problem::Program(_) = plan.problem() {
        return Err(Error::Usage(format!(
            "{shown}: its trials are another program's, which alone can train them again\n  `ablate show` and `ablate \
             export` have what its journal tells"
        )));
    }
    let (then, now) = (&plan.provenance.data_sha256, images::sha256(&plan.cells));
    if *then != now {
        return Err(Error::Usage(format!(
            "{shown}: trained on other images than this version has\n  then: {}\n  now:  {now}\n  \
             verify it with ablate {}, by which it was written",
            printable::line(then),
            printable::line(&plan.provenance.ablate)
        )));
    }
    let identity = Identity::default();
    let is_named_so = |trial: &Trial| identity.names(trial.id, &trial.config(&plan.cells), trial.seed);
    match trials.iter().all(|&place| is_named_so(&plan.trials[place])) {
        false => Err(Error::Usage(format!(
            "{shown}: its trials are not named as this version would name them, so its numerics are others or the \
             journal was edited\n  verify it with ablate {}, by which it was written",
            printable::line(&plan.provenance.ablate)
        ))),
        true => Ok(()),
    }
}

/// The trials that are trained again, reported in the order of the plan.
struct Verification<'a> {
    then: &'a Board,
    /// The same plan with the results of the new training.
    now: Board,
    /// The indices of the trials in the plan.
    chosen: &'a [usize],
    reported: usize,
    differing: usize,
}

impl<'a> Verification<'a> {
    fn new(then: &'a Board, chosen: &'a [usize]) -> Verification<'a> {
        Verification { then, now: Board::new(then.plan.clone()), chosen, reported: 0, differing: 0 }
    }

    fn apply(&mut self, event: &Event) -> Result<()> {
        self.now.apply(event);
        while let Some(&place) = self.chosen.get(self.reported)
            && let Status::Finished(outcome) = &self.now.trials[place].status
            && *outcome != Outcome::Cancelled
        {
            self.report(place)?;
        }
        Ok(())
    }

    fn report(&mut self, place: usize) -> Result<()> {
        let (seed, cell) = (self.then.plan.trials[place].seed, self.then.cell(place));
        let difference = difference(&self.then.trials[place], &self.now.trials[place], &cell.config);
        self.reported += 1;
        self.differing += usize::from(difference.is_some());
        let found = difference.map_or_else(|| "ok".to_owned(), |difference| format!("DIFFERS: {difference}"));
        let cell = cell_name(&self.then.plan.axes, cell);
        print::result(&format!("{}\n", printable::line(&format!("{cell} seed {seed}: {found}"))))
    }
}

/// The first difference to the journal.
fn difference(then: &TrialState, now: &TrialState, config: &Config) -> Option<String> {
    let of_slices = || (then.slices != now.slices).then(|| "another loss around the network".to_owned());
    let of_classes =
        || (then.confusions != now.confusions).then(|| "the classes are confused in another way".to_owned());
    let of_curve = || {
        differing_curves(&then.curve, &now.curve, config)
            .or_else(|| differing_layers(&then.layers, &now.layers))
            .or_else(of_slices)
            .or_else(of_classes)
            .or_else(|| differing_trajectories(&then.trajectory, &now.trajectory))
    };
    match (&then.status, &now.status) {
        (Status::Finished(old), Status::Finished(new)) if old == new => of_curve(),
        (Status::Finished(old), Status::Finished(new)) => {
            let outcomes = format!("{old} in the journal, {new} now");
            Some(of_curve().map_or_else(|| outcomes.clone(), |curves| format!("{outcomes}; {curves}")))
        }
        _ => None,
    }
}

/// The first evaluation and metric in which two curves differ. Metrics that the journal lacks are ignored: the version that
/// wrote it did not measure them.
fn differing_curves(then: &Curve, now: &Curve, config: &Config) -> Option<String> {
    let comparable: Vec<usize> = (0..then.len()).filter(|&index| is_comparable(&then.step, index, config)).collect();
    for (then, now) in
        comparable.iter().zip(0..now.len()).map(|(&then_index, index)| (then.point(then_index), now.point(index)))
    {
        if then.step != now.step {
            return Some(format!("evaluated after {} steps in the journal, after {} now", then.step, now.step));
        }
        for &metric in Metric::ALL {
            let (old, new) = (then.value(metric, config), now.value(metric, config));
            if old.is_some() && old.map(f64::to_bits) != new.map(f64::to_bits) {
                let text = |value: Option<f64>| value.map_or_else(|| "nothing".to_owned(), |value| value.to_string());
                let (old, new, metric) = (text(old), text(new), metric.name());
                return Some(format!("{metric} after {} steps: {old} in the journal, {new} now", then.step));
            }
        }
    }
    let (old, new) = (comparable.len(), now.len());
    (old != new).then(|| format!("{old} evaluations in the journal, {new} now"))
}

/// The first evaluation of the journal in which the measurements of layers differ.
fn differing_layers(then: &[Layers], now: &[Layers]) -> Option<String> {
    let differs = then.iter().enumerate().find(|&(place, layers)| now.get(place) != Some(layers));
    differs.map(|(_, layers)| format!("the layers after {} steps are others now", layers.step))
}

/// Whether this version records the step with this index too: the last one, and of a long path on a surface not every one before it,
/// of which journals of earlier versions hold all.
fn is_comparable(steps: &[u32], index: usize, config: &Config) -> bool {
    config.data != DataSource::Surface || index + 1 == steps.len() || config.is_evaluated_after(steps[index] as usize)
}

/// The first place in which two trajectories differ, among those that this version records. Old journals hold no trajectories.
fn differing_trajectories(then: &Trajectory, now: &Trajectory) -> Option<String> {
    let is_comparable = |index: &usize| index + 1 == then.len() || is_recorded(then.step[*index] as usize);
    let comparable: Vec<usize> = (0..then.len()).filter(is_comparable).collect();
    let parts = comparable.iter().map(|&index| then.place(index)).zip(now.places()).find(|(then, now)| then != now);
    match parts {
        Some((then, now)) => {
            Some(format!("after {} steps at {:?} in the journal, at {:?} now", then.step, then.at, now.at))
        }
        None if then.is_empty() || comparable.len() == now.len() => None,
        None => Some(format!("{} places in the journal, {} now", comparable.len(), now.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::event::{Measured, Place, Point};

    /// The path of a trial with this configuration, of which these steps are recorded, moved at one of them.
    fn path(steps: impl Iterator<Item = u32>, moved: Option<u32>) -> (Curve, Trajectory) {
        let (mut curve, mut trajectory) = (Curve::default(), Trajectory::default());
        for step in steps {
            let f = f64::from(step) + if moved == Some(step) { 0.5 } else { 0.0 };
            trajectory.push(Place { step, at: [f, 1.0], f, velocity: [0.0; 2] });
            let mut measured = Measured::default();
            measured.set(Metric::HEIGHT, f as f32);
            curve.push(Point { step, measured });
        }
        (curve, trajectory)
    }

    #[test]
    fn journals_that_hold_every_step_of_a_long_path_are_compared_where_this_version_records_it() {
        let config: Config = toml::from_str("data = \"surface\"\nsteps = 9003").unwrap();
        let now = |moved| path((0..=9003).filter(|&step| config.is_evaluated_after(step as usize)), moved);
        let every_step = |moved| path(0..=9003, moved);
        let differs = |then: &(Curve, Trajectory), now: &(Curve, Trajectory)| {
            let curves = differing_curves(&then.0, &now.0, &config);
            let trajectories = differing_trajectories(&then.1, &now.1);
            assert_eq!(curves.is_some(), trajectories.is_some(), "{curves:?}, {trajectories:?}");
            trajectories
        };
        assert_eq!(differs(&every_step(None), &now(None)), None);
        assert_eq!(differs(&now(None), &now(None)), None);
        for step in [0, 4000, 9000, 9003] {
            let told = differs(&every_step(Some(step)), &now(None)).unwrap();
            assert!(told.contains(&format!("after {step} steps")), "{told}");
        }
        // What is not recorded any more cannot be compared.
        assert_eq!(differs(&every_step(Some(9001)), &now(None)), None);
        // A place too few, or too many.
        let one_less = path((0..=9003).filter(|&step| config.is_evaluated_after(step as usize) && step != 5000), None);
        assert!(differs(&one_less, &now(None)).is_some() && differs(&now(None), &one_less).is_some());
    }
}
