use super::Exit;
use super::memory::trace_fits_into_memory;
use crate::cli;
use crate::command::interrupt;
use crate::error::{Error, Result};
use crate::learn::trace::Trace;
use crate::plan::config::Config;
use crate::run::images::Folders;
use crate::show::export;
use crate::study::{Changes, Study};
use std::iter;
use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;

/// Trains the first steps of one trial and writes them to a file, for other frameworks to replay.
pub fn trace(args: &cli::Trace, data: Option<&Path>) -> Result<Exit> {
    let changes = Changes { set: args.set.clone(), seeds: None, data: data.map(Path::to_owned) };
    let study = Study::load(&args.study, &changes)?;
    let config = &study.choose_cell(args.arm.as_deref())?.config;
    if config.data.set().is_none() {
        return Err(Error::Usage(format!(
            "{}: there is no network on a surface, so nothing to trace\n  the way itself is in the result of `ablate run`",
            study.name
        )));
    }
    let steps = args.steps.get();
    check_step_count(config, steps)?;
    trace_fits_into_memory(config, steps)?;
    let interrupted = interrupt::listen(false)?;
    let folders = Folders::find(iter::once(config), &study.path, data)?;
    let data = folders.load(config.data, config.train_samples_needed(), config.test_samples())?;
    let mut trace = Trace::new(config, args.seed, &data);
    while trace.steps() < steps {
        if interrupted.load(Relaxed) {
            return Ok(Exit::Interrupted);
        }
        if !trace.step().is_finite() {
            return Err(Error::Usage(diverged(trace.steps(), steps)));
        }
    }
    export::write(&args.output, &trace.to_safetensors()?)?;
    Ok(Exit::Done)
}

fn check_step_count(config: &Config, steps: usize) -> Result<()> {
    let total = config.total_steps();
    if steps <= total {
        return Ok(());
    }
    let epoch = config.steps_per_epoch();
    Err(Error::Usage(format!(
        "--steps {steps}: this trial has {total} steps, {epoch} in an epoch\n  \
         give {total} or fewer, or lengthen the training with --set steps={steps}"
    )))
}

fn diverged(done: usize, steps: usize) -> String {
    let mend = match done {
        0 => "no step of it can be traced".to_owned(),
        _ => format!("give --steps {done} or fewer"),
    };
    format!("--steps {steps}: this trial diverges; after {done} steps its loss is no longer finite\n  {mend}")
}
