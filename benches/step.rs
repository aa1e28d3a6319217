//! Times training steps the way `benches/peers/step_*.py` do and prints the same line of JSON:
//! `cargo bench --bench step -- --steps 4000 --activation tanh`

use ablate::data;
use ablate::learn::train::Training;
use ablate::plan::config::Config;
use ablate::plan::metric::Metric;
use clap::Parser;
use serde_json::json;
use std::error::Error;
use std::time::Instant;

/// Steps that are timed together; the seconds they take are milliseconds a step.
const ROUND: usize = 1000;

#[derive(Parser)]
struct Args {
    /// Timed steps, in rounds of 1000; a round to warm up comes before them
    #[arg(long, default_value_t = 3 * ROUND)]
    steps: usize,

    /// As in a study: relu, sigmoid or tanh
    #[arg(long, default_value = "relu")]
    activation: String,

    /// What `cargo bench` adds
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    // 784-100-100-100-100-10, all of MNIST.
    let config: Config = serde_json::from_value(json!({
        "activation": args.activation, "optimizer": "adam", "batch_size": 128, "sampling": "replacement",
    }))?;
    let data = data::load(config.data, None, usize::MAX, usize::MAX)?;
    let mut training = Training::new(&config, 1, &data);
    time_round(&mut training);
    let mut times: Vec<f64> = (0..args.steps.div_ceil(ROUND).max(1)).map(|_| time_round(&mut training)).collect();
    times.sort_by(f64::total_cmp);
    let (last, _) = training.evaluate(false).ok_or("the training diverged")?;
    let test = last.value(Metric::TEST_ACCURACY, &config);
    let result = json!({
        "peer": concat!("ablate ", env!("CARGO_PKG_VERSION")), "work": "step",
        "time": times[times.len() / 2], "unit": "ms", "best": times[0], "check": { "test": test },
    });
    println!("{result}");
    Ok(())
}

/// Milliseconds a step.
fn time_round(training: &mut Training) -> f64 {
    let start = Instant::now();
    for _ in 0..ROUND {
        training.step();
    }
    start.elapsed().as_secs_f64()
}
