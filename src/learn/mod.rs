//! Training one network, reproducibly: nothing here uses journals, terminals or channels.
//!
//! ```
//! use ablate::data;
//! use ablate::learn::train::{Control, train};
//! use ablate::plan::config::Config;
//! use ablate::record::event::Outcome;
//!
//! let config: Config = toml::from_str("data = 'synthetic'\ntrain_samples = 100\nhidden = [20]\nbatch_size = 10\nsteps = 20")?;
//! let data = data::load(config.data, None, config.train_samples(), config.test_samples())?;
//! let trained = |seed| {
//!     let mut evaluations = 0;
//!     let outcome = train(&config, seed, &data, &Control::default(), &mut |_| evaluations += 1);
//!     assert_eq!(evaluations, 3, "untrained, and after each of two epochs of ten updates");
//!     outcome
//! };
//! assert!(matches!(trained(0), Outcome::Completed { .. }));
//! // The same seed gives the same weights to the last bit, another seed others.
//! assert_eq!(trained(0), trained(0));
//! assert_ne!(trained(0), trained(1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod average;
pub mod curvature;
mod early_stopping;
pub mod evaluate;
pub mod input;
pub mod model;
pub mod nn;
pub mod optim;
pub mod probe;
pub mod slice;
pub mod trace;
pub mod train;
