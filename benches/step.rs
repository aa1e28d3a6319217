//! Times training steps the way `benches/peers/step_*.py` do and prints the same line of JSON:
//! `cargo bench --bench step -- --hidden 512,512,512 --activation tanh --steps 100`

use ablate::data;
use ablate::learn::train::Training;
use ablate::plan::config::Config;
use ablate::plan::metric::Metric;
use clap::Parser;
use serde_json::json;
use std::error::Error;
use std::time::Instant;

/// As many rounds are timed, after one to warm up.
const ROUNDS: usize = 3;

#[derive(Parser)]
struct Args {
    /// Steps of a round; a round to warm up comes before three that are timed
    #[arg(long, default_value_t = 1000)]
    steps: usize,

    /// Units of each hidden layer
    #[arg(long, value_delimiter = ',', default_value = "100,100,100,100")]
    hidden: Vec<usize>,

    /// As in a study: relu, sigmoid or tanh
    #[arg(long, default_value = "relu")]
    activation: String,

    /// As in a study
    #[arg(long, default_value = "adam")]
    optimizer: String,

    /// Images of a batch
    #[arg(long, default_value_t = 128)]
    batch: usize,

    /// The share of units dropped
    #[arg(long, default_value_t = 0.0)]
    dropout: f64,

    /// Normalises before each activation
    #[arg(long)]
    batch_norm: bool,

    /// What `cargo bench` adds
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let config: Config = serde_json::from_value(json!({
        "hidden": args.hidden, "activation": args.activation, "optimizer": args.optimizer, "batch_size": args.batch,
        "dropout": args.dropout, "batch_norm": args.batch_norm, "sampling": "replacement",
    }))?;
    let data = data::load(config.data, None, usize::MAX, usize::MAX)?;
    let mut training = Training::new(&config, 1, &data);
    time_round(&mut training, args.steps);
    let mut times: Vec<f64> = (0..ROUNDS).map(|_| time_round(&mut training, args.steps)).collect();
    times.sort_by(f64::total_cmp);
    let (last, _) = training.evaluate(false).ok_or("the training diverged")?;
    let test = last.value(Metric::TEST_ACCURACY, &config);
    let result = json!({
        "peer": concat!("ablate ", env!("CARGO_PKG_VERSION")), "work": "step",
        "time": times[ROUNDS / 2], "unit": "ms", "best": times[0], "check": { "test": test },
    });
    println!("{result}");
    Ok(())
}

/// Milliseconds a step.
fn time_round(training: &mut Training, steps: usize) -> f64 {
    let start = Instant::now();
    for _ in 0..steps {
        training.step();
    }
    start.elapsed().as_secs_f64() * 1000.0 / steps as f64
}
